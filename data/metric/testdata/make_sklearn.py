"""Writes sklearn.json: scores of scikit-learn for labels and for numbers.

    pip install numpy==2.4.6 scikit-learn==1.9.0
    python make_sklearn.py

"labels": truth, predictions, the labels that occur, the confusion matrix, the
accuracy, precision, recall and F1 of each class, and their averages. "numbers":
truth, predictions, mean squared and absolute error and R².
"""

import json
import os

import numpy as np
from sklearn import metrics

rng = np.random.default_rng(20261128)

labels = []
for k, n in [(2, 1), (2, 9), (2, 40), (3, 12), (5, 30), (5, 200), (12, 25), (12, 300)]:
    truth = rng.choice(k, n) * 3 - 4
    predicted = np.where(rng.random(n) < 0.6, truth, rng.choice(max(1, k - 1), n) * 3 - 4)
    of = np.unique(np.r_[truth, predicted])

    def scores(average):
        return [None if v is None else v.tolist() for v in metrics.precision_recall_fscore_support(
            truth, predicted, labels=of, average=average, zero_division=0)[:3] for v in [np.asarray(v)]]

    labels.append({
        "truth": truth.tolist(), "predicted": predicted.tolist(), "labels": of.tolist(),
        "counts": metrics.confusion_matrix(truth, predicted, labels=of).tolist(),
        "accuracy": metrics.accuracy_score(truth, predicted), "each": scores(None),
        **{average: scores(average) for average in ["macro", "micro", "weighted"]},
    })

numbers = []
for truth, predicted in [
    (t, t + scale * rng.normal(size=len(t)))
    for t, scale in [(rng.normal(size=2), 1), (1e6 + rng.normal(size=30), 0.1), (rng.normal(size=50), 3), (np.full(4, 0.1), 1), (np.full(4, 0.1), 0)]
]:
    numbers.append({
        "truth": truth.tolist(), "predicted": predicted.tolist(),
        "squared": metrics.mean_squared_error(truth, predicted), "absolute": metrics.mean_absolute_error(truth, predicted),
        "r2": metrics.r2_score(truth, predicted),
    })

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "sklearn.json"), "w") as f:
    f.write(json.dumps({"labels": labels, "numbers": numbers}, separators=(",", ":")).replace('{"', '\n{"') + "\n")
