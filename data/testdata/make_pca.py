"""Writes pca.json: principal components by scikit-learn.

    pip install numpy==2.4.6 scikit-learn==1.9.0
    python make_pca.py

"x" (n, d), the number of components or the share of the variance asked for, and what
PCA makes of it: mean, components, variances and their shares; what it makes of
"test" and back. Components without variance are left out: they are any.
"""

import json
import os

import numpy as np
from sklearn.decomposition import PCA

rng = np.random.default_rng(20261128)


def rounded(x):
    return np.round(x, 4)


cases = []
for name, x, keep, whiten in [
    ("all", rounded(rng.normal(size=(20, 4)) @ np.diag([3, 2, 1, 0.5])), None, False),
    ("two of five", rounded(rng.normal(size=(30, 5)) @ rng.normal(size=(5, 5))), 2, False),
    ("two of five, whitened", rounded(rng.normal(size=(30, 5)) @ rng.normal(size=(5, 5))), 2, True),
    ("share of 0.8", rounded(rng.normal(size=(25, 6)) @ np.diag([5, 4, 3, 2, 1, 0.5])), 0.8, False),
    ("share of 0.999, whitened", rounded(rng.normal(size=(25, 6)) @ np.diag([5, 4, 3, 2, 1, 0.5])), 0.999, True),
    ("wide", rounded(rng.normal(size=(6, 15))), 5, False),
    ("wide, whitened", rounded(rng.normal(size=(6, 15))), 3, True),
    ("two examples", rounded(rng.normal(size=(2, 3))), 1, False),
    ("constant columns", np.c_[rounded(rng.normal(size=(9, 2))), np.full(9, 2.5), np.zeros(9)], 2, False),
    ("far from zero", 1e5 + rounded(rng.normal(size=(12, 3)) * [3, 2, 1]), None, False),
    ("tiny", 1e-120 * rounded(rng.normal(size=(12, 3)) * [3, 2, 1]), None, False),
    ("one column", rounded(rng.normal(size=(7, 1))), None, False),
]:
    test = np.r_[x[:2], x[:1] * 2 - x[1]]
    # scikit-learn's squares underflow; the components of a multiple are the same.
    scale = 1e120 if name == "tiny" else 1
    pca = PCA(keep, whiten=whiten, svd_solver="full").fit(x * scale)
    z = pca.transform(test * scale)
    cases.append({
        "name": name, "x": x.tolist(), "test": test.tolist(), "whiten": whiten,
        "keep": keep if isinstance(keep, int) else 0, "share": keep if isinstance(keep, float) else 0,
        "mean": (pca.mean_ / scale).tolist(), "components": pca.components_.tolist(),
        "variance": (pca.explained_variance_ / scale / scale).tolist(), "shares": pca.explained_variance_ratio_.tolist(),
        "z": (z / scale).tolist(), "back": (pca.inverse_transform(z) / scale).tolist(),
    })

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "pca.json"), "w") as f:
    f.write(json.dumps(cases, separators=(",", ":")).replace('{"', '\n{"') + "\n")
