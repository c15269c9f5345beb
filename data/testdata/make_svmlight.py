"""Writes svmlight.json: svmlight files, as scikit-learn writes and reads them.

    pip install numpy==2.4.6 scikit-learn==1.9.0 scipy==1.17.1
    python make_svmlight.py

"read": files of dump_svmlight_file and files by hand, with the matrix (shape, indptr,
indices, data) and labels that load_svmlight_file makes of each; base 0, 1 and 2 are
zero_based False, True and "auto". "written": matrices and the files that
write_svmlight.go wrote of them, which load_svmlight_file read as the very same.
"""

import io
import json
import os
import subprocess

import numpy as np
import scipy.sparse
from sklearn.datasets import dump_svmlight_file, load_svmlight_file

here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(20261128)
zero_based = [False, True, "auto"]


def contents(x, y):
    return {
        "shape": x.shape,
        "indptr": x.indptr.tolist(),
        "indices": x.indices.tolist(),
        "data": x.data.astype(float).tolist(),
        "y": y.tolist(),
    }


def load(text, base, features=None, dtype="float64"):
    return load_svmlight_file(
        io.BytesIO(text.encode()), zero_based=zero_based[base], n_features=features, dtype=np.dtype(dtype)
    )


read = []


def case(name, text, base=0, features=None, dtype="float64"):
    x, y = load(text, base, features, dtype)
    read.append(
        {"name": name, "file": text, "base": base, "features": features or 0, "dtype": dtype, **contents(x, y)}
    )


def dumped(x, y, **settings):
    out = io.BytesIO()
    dump_svmlight_file(x, y, out, **settings)
    return out.getvalue().decode()


x = scipy.sparse.csr_matrix(np.where(rng.random((6, 9)) < 0.4, rng.normal(size=(6, 9)), 0))
whole, real = rng.integers(-2, 3, size=6), rng.normal(size=6)
case("dumped, classes", dumped(x, whole, zero_based=False))
case("dumped, regression", dumped(x, real, zero_based=False))
case("dumped, from zero", dumped(x, whole, zero_based=True), base=1)
case("dumped, detected from zero", dumped(x, whole, zero_based=True), base=2)
case("dumped, detected from one", dumped(x, whole, zero_based=False), base=2)
case("dumped, more features", dumped(x, whole, zero_based=False), features=20)
case("dumped, more features, detected", dumped(x, whole, zero_based=False), base=2, features=20)
case("dumped, comment", dumped(x, whole, zero_based=False, comment="one line\nand another"))
case("dumped, query", dumped(x, whole, zero_based=False, query_id=np.arange(6)))
case("dumped, float32", dumped(x.astype(np.float32), whole, zero_based=False), dtype="float32")
case("dumped, dense", dumped(np.round(x.toarray(), 2), whole, zero_based=False))
case("space and comments", "# a file\n\n  +1   1:0.5\t3:-.25 # a comment 4:4\r\n-1 2:1e-3\n\n# the end")
case("empty row", "1 1:1 2:2\n0\n-1 2:5\n")
case("stored zero", "1 1:0 3:1\n2 2:0.0\n")
case("large index", "1 7:1 1000000:2\n2 1:1\n")
case("extremes", "1e10 1:1.7976931348623157e308 2:5e-324 3:1e-400\n-1e-10 1:123456789012345678901234567890\n")

written = []
for base, (x, y) in enumerate(
    [
        (x, whole.astype(float)),
        (scipy.sparse.csr_matrix(np.array([[0.1, 1 / 3, 5e-324, 1.7976931348623157e308], [1e21, 1e-7, 123456.789, -2.0]])), real[:2]),
        (scipy.sparse.csr_matrix(rng.normal(size=(5, 3)) * [1e-9, 1, 1e9]), real[:5]),
    ]
):
    problem = {"base": base % 2, **contents(x, y)}
    run = subprocess.run(
        ["go", "run", "write_svmlight.go"], cwd=here, input=json.dumps(problem), capture_output=True, text=True, check=True
    )
    again, labels = load(run.stdout, base % 2)
    assert contents(again, labels) == contents(x, y), (run.stdout, contents(again, labels), contents(x, y))
    written.append({**problem, "file": run.stdout})

with open(os.path.join(here, "svmlight.json"), "w") as f:
    lines = [f'"{key}": [\n' + ",\n".join(map(json.dumps, cases)) + "\n]" for key, cases in (("read", read), ("written", written))]
    f.write("{\n" + ",\n".join(lines) + "\n}\n")
