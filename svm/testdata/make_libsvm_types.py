"""Writes libsvm_types.json: models of all types and kernels that LIBSVM has, of
LIBSVM and of this package, read by one another.

    pip install libsvm-official==3.37.0
    python make_libsvm_types.py

LIBSVM fits "x" with "y" and writes "model"; "decision", "predictions" and, where it
has them, "probabilities" are what that file says of "test". write_types.go fits the
same problems and writes "ours", of which LIBSVM says "ours_decision" and so on.
Where the kernel is precomputed, x and test hold kernel values.
"""

import json
import os
import random
import subprocess
import tempfile

from libsvm.svmutil import svm_load_model, svm_parameter, svm_predict, svm_problem, svm_save_model, svm_train

here = os.path.dirname(os.path.abspath(__file__))
rng = random.Random(20261128)
types = ["c_svc", "nu_svc", "one_class", "epsilon_svr", "nu_svr"]
kernels = ["linear", "polynomial", "rbf", "sigmoid", "precomputed"]


def rows(x, table):
    if table:
        return [{0: i + 1, **{j + 1: v for j, v in enumerate(row)}} for i, row in enumerate(x)]
    return [{j + 1: v for j, v in enumerate(row) if v} for row in x]


def judge(text, case):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model")
        with open(path, "w") as f:
            # LIBSVM decides by nu_svc and c_svc alike, but its Python side has room for the
            # decision value of one pair only where it is nu_svc.
            f.write(text.replace("svm_type nu_svc", "svm_type c_svc"))
        model = svm_load_model(path)
    test = rows(case["test"], case["kernel"] == "precomputed")
    predictions, _, decision = svm_predict([], test, model, "-q")
    judged = {"decision": [[float(v) for v in row] for row in decision], "predictions": [float(p) for p in predictions]}
    if case["probability"]:
        judged["probabilities"] = [[float(v) for v in row] for row in svm_predict([], test, model, "-q -b 1")[2]]
    return judged


cases = []
for s, name in enumerate(types):
    for t, kernel in enumerate(kernels):
        probability = s < 2 and t in (0, 2)
        k, n, d = 3, 30, 3
        centers = [[3.0 * (c == j) for j in range(d)] for c in range(k)]
        labels = [i % k for i in range(n)]
        draw = lambda c: [0.0 if rng.random() < 0.2 else round(m + rng.gauss(0, 0.7), 2) for m in centers[c]]
        x, test = [draw(c) for c in labels], [draw(i % k) for i in range(6)]
        y = [float([4, -1, 7][c]) for c in labels] if s < 2 else [round(sum(row) + rng.gauss(0, 0.2), 2) for row in x]
        if kernel == "precomputed":
            product = lambda a, b: round(sum(u * v for u, v in zip(a, b)), 4)
            x, test = [[product(a, b) for b in x] for a in x], [[product(a, b) for b in x] for a in test]
        case = {"type": name, "kernel": kernel, "probability": probability, "x": x, "y": y, "test": test}
        options = f"-q -s {s} -t {t} -d 2 -g 0.3 -r 0.5 -n {0.6 if s == 1 else 0.4} -p 0.1 -e 1e-5 {'-b 1' if probability else ''}"
        model = svm_train(svm_problem(y, rows(x, kernel == "precomputed"), isKernel=kernel == "precomputed"), svm_parameter(options))
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model")
            svm_save_model(path, model)
            case["model"] = open(path).read()
        case.update(judge(case["model"], case))
        cases.append(case)

ours = subprocess.run(
    ["go", "run", "write_types.go"], cwd=here, input=json.dumps(cases).encode(), stdout=subprocess.PIPE, check=True,
).stdout
for case, text in zip(cases, json.loads(ours)):
    case["ours"] = text
    case.update({f"ours_{key}": value for key, value in judge(text, case).items()})

with open(os.path.join(here, "libsvm_types.json"), "w") as f:
    f.write(json.dumps(cases, separators=(",", ":")).replace('{"type"', '\n{"type"') + "\n")
print(len(cases), "cases")
