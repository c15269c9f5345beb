"""Writes classification.json: predictions, targets, and what scikit-learn measures of them.

Usage: python classification.py > classification.json    (made with scikit-learn 1.9.1)

No two scores of an example are equal: which comes first then differs.
"""

import json
import warnings

import numpy as np
from sklearn import metrics

warnings.filterwarnings("ignore")
rng = np.random.default_rng(7)


def common(target, predicted, average):
    options = {"average": average, "zero_division": 0}
    return {
        "accuracy": metrics.accuracy_score(target, predicted),
        "precision": metrics.precision_score(target, predicted, **options),
        "recall": metrics.recall_score(target, predicted, **options),
        "F1": metrics.f1_score(target, predicted, **options),
    }


def binary(scores, target):
    return {"k": 1, "pred": scores.tolist(), "target": target.tolist(),
            "want": common(target, (scores > 0.5).astype(int), "binary")}


def several(scores, target):
    n, k = scores.shape
    want = common(target, scores.argmax(1), "macro")
    for top in range(1, k):
        want[f"top{top}"] = metrics.top_k_accuracy_score(target, scores, k=top, labels=range(k)) if k > 2 else want["accuracy"]
    return {"k": k, "pred": scores.flatten().tolist(), "target": target.tolist(), "want": want}


def drawn(n, k, classes):
    target = rng.integers(0, classes, n)
    scores = rng.normal(size=(n, k)).round(3) + 1.2 * np.eye(k)[target]
    return several(scores, target)


cases = {
    "binary": binary(rng.random(23).round(3), rng.integers(0, 2, 23)),
    "binary, none predicted": binary(np.array([0.1, 0.2, 0.3]), np.array([0, 1, 1])),
    "binary, none wanted": binary(np.array([0.1, 0.8, 0.3]), np.array([0, 0, 0])),
    "binary, nothing at all": binary(np.array([0.1, 0.2]), np.array([0, 0])),
    "two classes": drawn(20, 2, 2),
    "five classes": drawn(37, 5, 5),
    "two of six classes": drawn(11, 6, 2),
}
regression = {"pred": rng.normal(size=30).round(3).tolist(), "target": rng.normal(size=30).round(3).tolist()}
regression["want"] = metrics.mean_absolute_error(regression["target"], regression["pred"])
print(json.dumps({"cases": cases, "regression": regression}, separators=(",", ":")))
