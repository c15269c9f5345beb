"""Writes platt.json: sigmoids and probabilities by LIBSVM's formulas.

    pip install numpy==2.4.6 libsvm-official==3.37.0
    python make_platt.py

"sigmoids": decision values, which of them are of the first class, and the A and B
that sigmoid_train of LIBSVM's svm.cpp makes of them, which is written out below.
"couplings": probabilities of the pairs (0, 1), (0, 2), ..., and what
multiclass_probability there makes of them, also written out. "models": A and B of
the pairs of a model of LIBSVM itself, its decision values for some samples, and the
probabilities that it predicts for them. The formulas below must agree with those.
"""

import json
import os

import numpy as np
from libsvm.svmutil import svm_parameter, svm_predict, svm_problem, svm_train

rng = np.random.default_rng(20261128)


def sigmoid_train(dec, positive):
    prior1, prior0 = float(positive.sum()), float((~positive).sum())
    t = np.where(positive, (prior1 + 1) / (prior1 + 2), 1 / (prior0 + 2))
    A, B = 0.0, np.log((prior0 + 1) / (prior1 + 1))

    def value(A, B):
        z = dec * A + B
        return np.where(z >= 0, t * z, (t - 1) * z).sum() + np.log1p(np.exp(-abs(z))).sum()

    f = value(A, B)
    for _ in range(100):
        z = dec * A + B
        e = np.exp(-abs(z))
        p = np.where(z >= 0, e, 1) / (1 + e)
        q = np.where(z >= 0, 1, e) / (1 + e)
        h11, h22, h21 = 1e-12 + (dec * dec * p * q).sum(), 1e-12 + (p * q).sum(), (dec * p * q).sum()
        g1, g2 = (dec * (t - p)).sum(), (t - p).sum()
        if abs(g1) < 1e-5 and abs(g2) < 1e-5:
            break
        det = h11 * h22 - h21 * h21
        dA, dB = -(h22 * g1 - h21 * g2) / det, -(-h21 * g1 + h11 * g2) / det
        gd = g1 * dA + g2 * dB
        step = 1.0
        while step >= 1e-10:
            new = value(A + step * dA, B + step * dB)
            if new < f + 1e-4 * step * gd:
                A, B, f = A + step * dA, B + step * dB, new
                break
            step /= 2
        if step < 1e-10:
            break
    return float(A), float(B)


def multiclass_probability(pairs, k):
    r = np.zeros((k, k))
    r[np.triu_indices(k, 1)] = np.clip(pairs, 1e-7, 1 - 1e-7)
    r += np.tril(1 - r.T, -1)
    if k == 2:
        return [r[0, 1], r[1, 0]]
    Q = -r * r.T
    np.fill_diagonal(Q, (r ** 2).sum(0))
    p = np.full(k, 1 / k)
    for _ in range(max(100, k)):
        Qp = Q @ p
        pQp = p @ Qp
        if abs(Qp - pQp).max() < 0.005 / k:
            break
        for t in range(k):
            diff = (pQp - Qp[t]) / Q[t, t]
            p[t] += diff
            pQp = (pQp + diff * (diff * Q[t, t] + 2 * Qp[t])) / (1 + diff) / (1 + diff)
            Qp = (Qp + diff * Q[t]) / (1 + diff)
            p /= 1 + diff
    return p.tolist()


def rounded(x, digits=6):
    return np.round(x, digits).tolist()


sigmoids = []
for n, share, gap, scale in [(2, 0.5, 1, 1), (12, 0.5, 2, 1), (30, 0.1, 1, 1), (40, 0.5, 10, 1), (40, 0.5, 0, 1), (25, 0.9, 1, 1e-3), (25, 0.4, 1, 50), (9, 1, 1, 1), (9, 0, 1, 1)]:
    positive = np.arange(n) < round(n * share)
    dec = np.array(rounded(scale * (np.where(positive, gap / 2, -gap / 2) + rng.normal(size=n))))
    A, B = sigmoid_train(dec, positive)
    sigmoids.append({"values": dec.tolist(), "first": positive.tolist(), "a": A, "b": B})

couplings = []
for k in [2, 3, 3, 4, 5, 10, 10]:
    pairs = np.array(rounded(rng.random(k * (k - 1) // 2)))
    pairs[0] = rng.choice([pairs[0], 0, 1])
    couplings.append({"k": k, "pairs": pairs.tolist(), "probabilities": multiclass_probability(pairs, k)})

models = []
for k in [2, 3, 5]:
    centers = rng.normal(size=(k, 3)) * 1.2
    y = np.arange(30 * k) % k
    x = rounded(centers[y] + rng.normal(size=(30 * k, 3)), 3)
    model = svm_train(svm_problem(y.tolist(), x), svm_parameter("-q -s 0 -t 2 -c 1 -g 0.3 -b 1"))
    test = rounded(rng.normal(size=(12, 3)) * 2, 3)
    _, _, decisions = svm_predict([], test, model, "-q")
    _, _, probabilities = svm_predict([], test, model, "-q -b 1")
    pairs = k * (k - 1) // 2
    A, B = [model.probA[i] for i in range(pairs)], [model.probB[i] for i in range(pairs)]
    for d, p in zip(decisions, probabilities):
        want = multiclass_probability(1 / (1 + np.exp(np.array(A) * d + B)), k)
        assert np.allclose(want, p, rtol=0, atol=1e-12), (want, p)
    models.append({"k": k, "a": A, "b": B, "decisions": [list(d) for d in decisions], "probabilities": [list(p) for p in probabilities]})

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "platt.json"), "w") as f:
    f.write(json.dumps({"sigmoids": sigmoids, "couplings": couplings, "models": models}, separators=(",", ":")).replace('{"', '\n{"') + "\n")
