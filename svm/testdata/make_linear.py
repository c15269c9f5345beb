"""Writes linear.json: linear machines of scikit-learn, which has LIBLINEAR in it.

    pip install numpy==2.4.6 scikit-learn==1.9.0
    python make_linear.py

Each case has samples "x" (n, d) with labels "y", the settings of a LinearSVC
with the dual solver, its coef_ and intercept_ ("weights" (k, d), of one row for two
classes, which has the opposite sign here) and the decision_function of "test".
A case with "targets" instead of labels is of a LinearSVR.
"""

import json
import os

import numpy as np
from sklearn.svm import LinearSVC, LinearSVR

here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(20261128)


def samples(n, d, k, zeros, spread=1.0):
    centers = rng.normal(size=(k, d))
    y = np.arange(n) % k
    x = spread * np.where(rng.random((n, d)) < zeros, 0, centers[y] + rng.normal(size=(n, d)))
    return np.round(x, 3), y


cases = []


def case(name, x, y, test, loss="squared_hinge", C=1.0, bias=1.0, class_weight=None, sample_weight=None):
    model = LinearSVC(
        loss=loss, C=C, dual=True, fit_intercept=bias > 0, intercept_scaling=bias or 1.0,
        class_weight=class_weight, tol=1e-9, max_iter=2_000_000, random_state=1,
    )
    model.fit(x, y, sample_weight=sample_weight)
    assert model.n_iter_ < 2_000_000
    decision = model.decision_function(test).reshape(len(test), -1)
    sign = -1 if len(model.classes_) == 2 else 1  # LIBLINEAR's own: the first class is the positive one
    cases.append({
        "name": name, "loss": loss, "C": C, "bias": bias,
        "class_weights": class_weight or {}, "sample_weights": None if sample_weight is None else sample_weight.tolist(),
        "x": x.tolist(), "y": y.tolist(), "test": test.tolist(),
        "weights": (sign * model.coef_).tolist(),
        "intercepts": (sign * np.broadcast_to(model.intercept_, len(model.coef_))).tolist(),
        "decision": (sign * decision).tolist(),
    })


for loss in ("squared_hinge", "hinge"):
    for k in (2, 3, 5):
        for n, d, zeros, C in ((30, 4, 0.0, 1.0), (40, 12, 0.6, 0.1), (12, 25, 0.5, 10.0)):
            x, y = samples(n, d, k, zeros, 0.5)
            case(f"{loss}, {k} classes, {n} x {d}", x, y, samples(5, d, 1, zeros, 0.5)[0], loss, C)
    x, y = samples(30, 5, 3, 0.3, 0.5)
    test = samples(5, 5, 1, 0.3, 0.5)[0]
    case(f"{loss}, bias 10", x, y, test, loss, bias=10.0)
    case(f"{loss}, no bias", x, y, test, loss, bias=0.0)
    case(f"{loss}, labels", x, np.array([-7, 4, 40])[y], test, loss)
    case(f"{loss}, class weights", x, y, test, loss, class_weight={0: 0.5, 2: 3.0})
    case(f"{loss}, class weights of two", x, y // 2, test, loss, class_weight={0: 0.5, 1: 3.0})
    case(f"{loss}, sample weights", x, y, test, loss, sample_weight=rng.integers(1, 4, size=30) / 2)
    case(f"{loss}, both weights", x, y // 2, test, loss, class_weight={1: 3.0}, sample_weight=rng.random(30))

for loss in ("epsilon_insensitive", "squared_epsilon_insensitive"):
    for name, n, d, epsilon, C, bias, weighted in (
        ("plain", 30, 4, 0.0, 1.0, 1.0, False),
        ("insensitive", 30, 4, 0.3, 1.0, 1.0, False),
        ("small C", 20, 3, 0.1, 0.01, 1.0, False),
        ("more features than samples", 10, 15, 0.1, 5.0, 1.0, False),
        ("bias 10", 20, 3, 0.1, 1.0, 10.0, False),
        ("no bias", 20, 3, 0.1, 1.0, 0.0, False),
        ("weights", 20, 3, 0.1, 1.0, 1.0, True),
        ("all within", 10, 3, 100.0, 1.0, 1.0, False),
    ):
        x, test = samples(n, d, 2, 0.3)[0], samples(5, d, 1, 0.3)[0]
        y = np.round(x @ rng.normal(size=d) + 2 + rng.normal(size=n) / 2, 3)
        weights = rng.random(n) if weighted else None
        model = LinearSVR(
            epsilon=epsilon, C=C, loss=loss, dual=True, fit_intercept=bias > 0, intercept_scaling=bias or 1.0,
            tol=1e-10, max_iter=2_000_000, random_state=1,
        )
        model.fit(x, y, sample_weight=weights)
        assert model.n_iter_ < 2_000_000
        cases.append({
            "name": f"{loss}, {name}", "loss": loss, "C": C, "bias": bias, "epsilon": epsilon,
            "sample_weights": None if weights is None else weights.tolist(),
            "x": x.tolist(), "targets": y.tolist(), "test": test.tolist(),
            "weights": [model.coef_.tolist()], "intercepts": np.atleast_1d(model.intercept_).tolist(),
            "decision": model.predict(test).reshape(-1, 1).tolist(),
        })

with open(os.path.join(here, "linear.json"), "w") as f:
    f.write("[\n" + ",\n".join(map(json.dumps, cases)) + "\n]\n")
print(len(cases), "cases")
