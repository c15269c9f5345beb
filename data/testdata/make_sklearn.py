"""Writes sklearn.json: scalers, stratified splits and folds of scikit-learn.

    pip install numpy==2.4.6 scikit-learn==1.9.1
    python make_sklearn.py

"scalers": "x" (n, d), the means and scales of StandardScaler and MinMaxScaler, and
what both make of "test". "splits": labels, a number of examples to hold out, and
how many of each class train_test_split holds out; problems where it draws lots
between equal remainders, or leaves a class without examples to train on, are left
out. "folds": labels, a number of folds, and the fold in which KFold and
StratifiedKFold test each example.
"""

import json
import os
import warnings

import numpy as np
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split
from sklearn.preprocessing import MinMaxScaler, StandardScaler

rng = np.random.default_rng(20261122)

scalers = []
for name, x in [
    ("plain", rng.normal(size=(7, 3))),
    ("one row", rng.normal(size=(1, 2))),
    ("constant column", np.c_[rng.normal(size=5), np.full(5, 3.25), np.zeros(5)]),
    ("far from zero", 1e6 + rng.normal(size=(9, 2))),
    ("many scales", rng.normal(size=(6, 4)) * [1e-9, 1e-3, 1e3, 1e9]),
    ("whole numbers", rng.integers(-5, 5, size=(20, 2)).astype(float)),
]:
    test = np.r_[x[:2], x[:1] * 2 + 1]
    standard, least = StandardScaler().fit(x), MinMaxScaler().fit(x)
    scalers.append({
        "name": name, "x": x.tolist(), "test": test.tolist(),
        "mean": standard.mean_.tolist(), "scale": standard.scale_.tolist(), "standard": standard.transform(test).tolist(),
        "least": least.data_min_.tolist(), "range": np.where(least.data_range_ == 0, 1, least.data_range_).tolist(),
        "minmax": least.transform(test).tolist(),
    })

splits = []
while len(splits) < 40:
    counts = rng.integers(1, 40, size=rng.integers(2, 7))
    n, k = int(counts.sum()), len(counts)
    held = int(rng.integers(k, max(k + 1, n - k)))
    if counts.min() < 2 or n - held < k:
        continue
    remainders = sorted(held * int(c) % n for c in counts)
    if len(set(remainders)) < k:
        continue
    y = rng.permutation(np.repeat(np.arange(k), counts))
    _, test = train_test_split(y, test_size=held, stratify=y, random_state=0)
    shares = np.bincount(test, minlength=k)
    if (shares == counts).any():
        continue
    splits.append({"y": y.tolist(), "held": held, "shares": shares.tolist()})

folds = []
while len(folds) < 30:
    k = int(rng.integers(2, 7))
    y = rng.integers(0, 4, size=rng.integers(k, 40)) ** 2
    if np.bincount(y).max() < k:
        continue
    parts = []
    for kind in [KFold(k), StratifiedKFold(k)]:
        parts.append(np.zeros(len(y), int))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a class with fewer examples than folds
            for i, (_, test) in enumerate(kind.split(y, y)):
                parts[-1][test] = i
    folds.append({"y": y.tolist(), "k": k, "plain": parts[0].tolist(), "stratified": parts[1].tolist()})

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "sklearn.json"), "w") as f:
    f.write(json.dumps({"scalers": scalers, "splits": splits, "folds": folds}, separators=(",", ":")).replace('{"', '\n{"') + "\n")
