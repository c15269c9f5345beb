"""Writes einsum.json: NumPy's values of einsum, on specs of every kind and on random ones, and their gradients.

Run it in this folder: python einsum.py (last run with NumPy 2.4.6). Each case is the spec, the operands, the result, and the
gradients of the operands for the cotangent 1, 2, 3, … in the order of the result's elements. They are exact: einsum is linear in each
operand, and so the derivative by an element is what becomes of a 1 in its place.
"""

import json
import random

import numpy as np

random.seed(3)
rng = np.random.default_rng(4)
cases = []


def text(x):
    return " ".join(f"{v:g}" for v in x.flatten())


def written(x):
    return {"shape": list(x.shape), "values": text(x)}


def einsum(spec, *shapes):
    """Operands are whole numbers, so that no sum is rounded."""
    operands = [rng.integers(-9, 10, shape).astype(float) for shape in shapes]
    y = np.asarray(np.einsum(spec, *operands))
    cotangent = np.arange(1.0, y.size + 1).reshape(y.shape)
    gradients = []
    for i, o in enumerate(operands):
        gradient = np.zeros(o.shape)
        for index in np.ndindex(o.shape):
            one = np.zeros(o.shape)
            one[index] = 1
            gradient[index] = (cotangent * np.einsum(spec, *operands[:i], one, *operands[i + 1 :])).sum()
        gradients.append(text(gradient))
    cases.append({"f": f"einsum {spec}", "operands": [written(o) for o in operands], "result": written(y), "gradients": gradients})


for spec, *shapes in (
    ("", ()),
    ("i", (3,)),
    ("->", ()),
    ("ba", (2, 3)),
    ("aB", (2, 3)),
    ("ij->", (2, 3)),
    ("ii", (3, 3)),
    ("ii->i", (3, 3)),
    ("iji", (2, 3, 2)),
    ("i...i->...", (2, 3, 2)),
    ("...", (2, 3)),
    ("...->...", (2, 3)),
    ("...j", (2, 3)),
    ("j...", (2, 3)),
    (" i j , j k -> i k ", (2, 3), (3, 2)),
    ("ij,jk", (2, 3), (3, 4)),
    ("ij,kj", (2, 3), (4, 3)),
    ("ji,jk", (3, 2), (3, 4)),
    ("ij,jk->ki", (2, 3), (3, 4)),
    ("i,i", (3,), (3,)),
    ("i,j", (2,), (3,)),
    ("i,j->", (2,), (3,)),
    ("ij,ij->ij", (2, 3), (2, 3)),
    ("ij,ji", (2, 3), (3, 2)),
    ("...ij,...jk", (2, 2, 3), (2, 3, 2)),
    ("...ij,...jk->...ik", (2, 1, 2, 3), (3, 3, 2)),
    ("...i,...i", (2, 3), (3,)),
    ("i...,i...->...", (2, 3), (2, 1)),
    ("...,...", (2, 3), ()),
    (",ij->j", (), (2, 3)),
    ("ij,jk", (2, 1), (3, 4)),
    ("ij,jk->k", (2, 1), (3, 4)),
    ("ij,ij->i", (1, 3), (2, 3)),
    ("ij,jk", (2, 0), (0, 3)),
    ("ij,jk", (2, 1), (0, 3)),
    ("i->", (0,)),
    ("ij,jk,kl", (2, 3), (3, 2), (2, 3)),
    ("i,ij,j", (2,), (2, 3), (3,)),
    ("i,i,i,i->i", (3,), (3,), (3,), (3,)),
    ("ij,ik,il->jkl", (2, 2), (2, 3), (2, 2)),
    ("bhqd,bhkd->bhqk", (2, 2, 3, 2), (2, 2, 2, 2)),
):
    einsum(spec, *shapes)


def anything():
    """A random spec with fitting shapes: repeated letters, dots, axes of length 1 that stretch, and of length 0."""
    lengths = {l: random.choice((1, 2, 2, 3, 3)) for l in "abcDE"}
    if random.random() < 0.1:
        lengths["c"] = 0
    dotted = [random.randint(1, 3) for _ in range(random.randint(0, 2))]
    words, shapes = [], []
    for _ in range(random.randint(1, 3)):
        letters = random.choices("abcDE", k=random.randint(0, 3))
        shape = []
        for l in letters:
            stretched = len(set(letters)) == len(letters) and random.random() < 0.15
            shape.append(1 if stretched else lengths[l])
        if dotted and random.random() < 0.6:
            at = random.randint(0, len(letters))
            hidden = dotted[random.randint(0, len(dotted)) :]
            letters.insert(at, "...")
            shape[at:at] = [1 if random.random() < 0.2 else d for d in hidden]
        words.append("".join(letters))
        shapes.append(tuple(shape))
    spec = ",".join(words)
    if random.random() < 0.7:
        used = sorted(set(spec) & set(lengths))
        result = random.sample(used, random.randint(0, len(used)))
        if "..." in spec:
            result.insert(random.randint(0, len(result)), "...")
        spec += "->" + "".join(result)
    return spec, shapes


for _ in range(60):
    spec, shapes = anything()
    einsum(spec, *shapes)

with open("einsum.json", "w", encoding="utf-8") as file:
    file.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
