"""Writes arrange.json: PyTorch's values and gradients of operations that move elements: by shape, by parts, by order and by index.

Run it in this folder: python arrange.py (last run with PyTorch 2.15.0 and NumPy 2.4.6, which must have the same values). Each case is
a function with its arguments, the operands, the result, and the gradients of the operands for the cotangent 1, 2, 3, … in the order
of the result's elements. Operands are whole numbers, so that all is exact.
"""

import itertools
import json

import numpy as np
import torch
from torch.nn import functional as F

torch.manual_seed(5)
cases = []


def draw(*shape):
    return torch.randint(-99, 100, shape).double()


def text(x):
    return " ".join(f"{v:g}" for v in x.detach().flatten().tolist())


def written(x):
    return {"shape": list(x.shape), "values": text(x)}


def case(name, arguments, f, in_numpy, *operands):
    xs = [x.clone().requires_grad_() for x in operands]
    y = f(*xs)
    want = in_numpy(*(x.numpy() for x in operands))
    assert want.shape == tuple(y.shape) and np.array_equal(want, y.detach().numpy()), (name, arguments)
    cotangent = torch.arange(1, y.numel() + 1, dtype=torch.float64).reshape(y.shape)
    gradients = torch.autograd.grad(y, xs, cotangent)
    cases.append(
        {
            "f": " ".join([name, *map(str, arguments)]),
            "operands": [written(x) for x in operands],
            "result": written(y),
            "gradients": [text(g) for g in gradients],
        }
    )


SHAPES = ((3,), (2, 3), (4, 1), (3, 0), (2, 3, 2), (1, 2, 1, 3))

case("squeeze", (), torch.squeeze, np.squeeze, draw(1, 2, 1))
case("squeeze", (2, 0), lambda x: x.squeeze((2, 0)), lambda x: x.squeeze((2, 0)), draw(1, 2, 1, 3))
for shape in SHAPES:
    rank = len(shape)
    for axis in range(-rank - 1, rank + 1):
        case("unsqueeze", (axis,), lambda x: x.unsqueeze(axis), lambda x: np.expand_dims(x, axis), draw(*shape))
        case("stack", (axis,), lambda *x: torch.stack(x, axis), lambda *x: np.stack(x, axis), draw(*shape), draw(*shape))
    widths = [[(i + rank) % 3, i % 2] for i in range(rank)]
    case(
        "pad",
        (7, *itertools.chain(*widths)),
        lambda x: F.pad(x, tuple(itertools.chain(*reversed(widths))), value=7.0),
        lambda x: np.pad(x, widths, constant_values=7.0),
        draw(*shape),
    )
    case("flip", (), lambda x: x.flip(tuple(range(rank))), np.flip, draw(*shape))
    for repeats in ((), (2,), (0,), (2, 3), (3, 1, 2), (1, 2, 1, 2)):
        case("tile", repeats, lambda x: x.tile(repeats), lambda x: np.tile(x, repeats), draw(*shape))
    for axis, n in enumerate(shape):
        sizes = (n // 2, n - n // 2)
        for part in (0, 1):
            case(
                "split",
                (part, axis, *sizes),
                lambda x: x.split(sizes, axis)[part],
                lambda x: np.split(x, [sizes[0]], axis)[part],
                draw(*shape),
            )
        case("flip", (axis,), lambda x: x.flip(axis), lambda x: np.flip(x, axis), draw(*shape))
        for shift in (0, 1, -1, 5):
            case("roll", (axis, shift), lambda x: x.roll(shift, axis), lambda x: np.roll(x, shift, axis), draw(*shape))
        if n == 0:
            continue
        indices = torch.randint(n, (n + 1,))
        case(
            "take",
            (axis, *indices.tolist()),
            lambda x: x.index_select(axis, indices),
            lambda x: np.take(x, indices.numpy(), axis),
            draw(*shape),
        )
        indices = torch.randint(n, (n,))

        def added(x):
            y = np.zeros([*shape[:axis], n + 1, *shape[axis + 1 :]])
            np.add.at(y, (slice(None),) * axis + (indices.numpy(),), x)
            return y

        case(
            "scatteradd",
            (axis, n + 1, *indices.tolist()),
            lambda x: torch.zeros([*shape[:axis], n + 1, *shape[axis + 1 :]]).double().index_add(axis, indices, x),
            added,
            draw(*shape),
        )
        indices = torch.randint(n, (*shape[:axis], 2, *shape[axis + 1 :]))
        if indices.numel():
            case(
                "takealong",
                (axis, *indices.flatten().tolist()),
                lambda x: x.gather(axis, indices),
                lambda x: np.take_along_axis(x, indices.numpy(), axis),
                draw(*shape),
            )
case("flip", (0, -1), lambda x: x.flip((0, -1)), lambda x: np.flip(x, (0, -1)), draw(2, 3, 2))
for shape in ((3, 3), (2, 4), (4, 2), (2, 2, 3), (0, 2), (2, 1, 3, 2)):
    for k in (0, 1, -1, 4, -4):
        case("triu", (k,), lambda x: x.triu(k), lambda x: np.triu(x, k), draw(*shape))
        case("tril", (k,), lambda x: x.tril(k), lambda x: np.tril(x, k), draw(*shape))
for shape in ((1,), (3,), (3, 3), (2, 4), (4, 2)):
    for k in (0, 1, -1, 2, -2):
        if len(shape) == 1 or -shape[0] <= k <= shape[1]:
            case("diag", (k,), lambda x: x.diag(k), lambda x: np.diag(x, k), draw(*shape))

with open("arrange.json", "w", encoding="utf-8") as file:
    file.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
