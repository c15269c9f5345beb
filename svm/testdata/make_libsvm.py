"""Writes libsvm.json: models of LIBSVM and of this package, read by one another.

    pip install libsvm-official==3.37.0
    python make_libsvm.py

LIBSVM fits each problem and writes "model", with which it decides and predicts
the samples "test": "decision" and "predictions". write_models.go fits the same
problems and writes "ours"; LIBSVM reads that file, and decides and predicts with
it: "ours_decision" and "ours_predictions". LIBSVM orders classes as the training
samples do, and its decision values by pairs of them.
"""

import json
import os
import random
import subprocess
import tempfile

from libsvm.svmutil import svm_load_model, svm_predict, svm_problem, svm_parameter, svm_save_model, svm_train

here = os.path.dirname(os.path.abspath(__file__))
rng = random.Random(20261122)


def samples(n, d, labels, zeros):
    """Noisy clusters; a share of the values is zero, as in most files of LIBSVM."""
    centers = {c: [rng.gauss(0, 1.5) for _ in range(d)] for c in labels}
    y = [labels[i % len(labels)] for i in range(n)]
    x = [[0.0 if rng.random() < zeros else round(m + rng.gauss(0, 1), 3) for m in centers[c]] for c in y]
    return x, y


def sparse(rows):
    return [{j + 1: v for j, v in enumerate(row) if v} for row in rows]


def judge(text, test):
    """The decision values and predictions of a model file."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model")
        with open(path, "w") as f:
            f.write(text)
        model = svm_load_model(path)
    predictions, _, decision = svm_predict([], sparse(test), model, "-q")
    return [[float(v) for v in row] for row in decision], [int(p) for p in predictions]


cases = []
for name, kernel, n, d, labels, zeros, C, gamma, extra in [
    ("two classes, rbf", "rbf", 40, 4, [1, -1], 0.3, 1, 0.25, ""),
    ("two classes, linear", "linear", 40, 4, [-1, 1], 0.3, 0.5, 0, ""),
    ("three classes in no order, rbf", "rbf", 45, 3, [5, -2, 3], 0.2, 10, 0.1, ""),
    ("three classes in no order, linear", "linear", 45, 3, [5, -2, 3], 0.2, 2, 0, ""),
    ("six classes, rbf", "rbf", 60, 5, [0, 1, 2, 3, 4, 5], 0.5, 3, 0.5, ""),
    ("six classes, linear", "linear", 60, 5, [9, 8, 7, 6, 5, 4], 0.5, 1, 0, ""),
    ("with probabilities", "rbf", 40, 3, [0, 1, 2], 0.2, 1, 0.3, "-b 1"),
]:
    x, y = samples(n, d, labels, zeros)
    test, _ = samples(24, d, labels, zeros)
    options = f"-q -s 0 -t {2 if kernel == 'rbf' else 0} -c {C} {f'-g {gamma}' if gamma else ''} {extra}"
    model = svm_train(svm_problem(y, sparse(x)), svm_parameter(options))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model")
        svm_save_model(path, model)
        text = open(path).read()
    # The file has eight digits of each value: what is read decides otherwise.
    decision, predictions = judge(text, test)
    cases.append({
        "name": name, "kernel": kernel, "C": C, "gamma": gamma, "x": x, "y": y, "test": test,
        "model": text, "decision": decision, "predictions": predictions,
    })

ours = subprocess.run(
    ["go", "run", "write_models.go"], cwd=here, input=json.dumps(cases).encode(), capture_output=True, check=True,
).stdout
for case, text in zip(cases, json.loads(ours)):
    case["ours"] = text
    case["ours_decision"], case["ours_predictions"] = judge(text, case["test"])
    # Equal votes go to the class that a model has first: LIBSVM's order is another.
    same = sum(a == b for a, b in zip(case["ours_predictions"], case["predictions"]))
    print(f"{case['name']}: {same} of {len(case['test'])} predictions are the same")

with open(os.path.join(here, "libsvm.json"), "w") as f:
    f.write(json.dumps(cases, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n")
print(len(cases), "cases")
