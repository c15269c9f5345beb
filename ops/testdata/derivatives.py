"""Writes derivatives.json: PyTorch's values and first and second derivatives of elementwise functions.

Run it in this folder: python derivatives.py (last run with PyTorch 2.15.0). Each case is a function with its arguments, the operands,
the result, the gradients of the operands for the cotangent 1, 2, 3, …, and for most the gradients of the sum of these gradients. All
arithmetic is in float64, on operands that are exact in float32.
"""

import itertools
import json
import math

import torch
from torch.nn import functional as F

inf, nan = float("inf"), float("nan")
SPECIAL = [nan, inf, -inf, 0.0, -0.0, 2.0**-149, -(2.0**-140)]
ORDINARY = [0.001, 0.1, 0.5, 1.0, 1.75, 3.0, 4.5]
FAR = [12.5, 37.0, 100.0, 710.0, 1000.0, 2.0**70]


def signed(values):
    return values + [-v for v in values]


def gelu(x):
    """F.gelu, which loses the digits of its left tail by adding 1 to the error function."""
    return x * (torch.erfc(-x / math.sqrt(2)) / 2)


def gelutanh(x):
    """F.gelu(x, approximate="tanh"), which loses the digits of its left tail in the same way."""
    return x * torch.sigmoid(2 * math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))


cases = []


def text(x):
    return " ".join(repr(v).removesuffix(".0") for v in x.detach().flatten().tolist())


def operand(x):
    return {"shape": list(x.shape), "values": text(x)}


def case(name, f, *operands, second=True):
    xs = [torch.tensor(o).float().double().requires_grad_() for o in operands]
    y = f(*xs)
    cotangent = torch.arange(1, y.numel() + 1, dtype=torch.float64).reshape(y.shape)
    gradients = torch.autograd.grad(y, xs, cotangent, create_graph=second)
    c = {
        "f": name,
        "operands": [operand(x) for x in xs],
        "result": operand(y),
        "gradients": [text(g) for g in gradients],
    }
    if second:
        c["second"] = [text(g) for g in torch.autograd.grad(sum(g.sum() for g in gradients), xs)]
    cases.append(c)


EVERYWHERE = SPECIAL + signed(ORDINARY + FAR)
case("expm1", torch.expm1, SPECIAL + signed(ORDINARY) + FAR)  # PyTorch's gradient y + 1 loses the digits of the left tail
case("log1p", torch.log1p, SPECIAL + ORDINARY + FAR + [-0.001, -0.1, -0.5, -0.999, -1.0, -2.0])
for name, f in (("sinh", torch.sinh), ("cosh", torch.cosh)):
    case(name, f, [x for x in EVERYWHERE if abs(x) != 710])  # where PyTorch overflows too early
case("erf", torch.erf, signed(ORDINARY))
case("erf", torch.erf, SPECIAL + signed(FAR), second=False)  # 0·∞ at the infinities
case("tan", torch.tan, SPECIAL + signed(ORDINARY + [1.57, 100.0, 65536.0]))
for name, f in (("asin", torch.asin), ("acos", torch.acos)):
    case(name, f, SPECIAL + signed([0.001, 0.1, 0.5, 0.7, 0.75, 0.96875, 1 - 2.0**-10, 1.0, 1.5]))
    case(name, f, [1 - 2.0**-24], second=False)
case("atan", torch.atan, signed(ORDINARY + FAR))
case("atan", torch.atan, SPECIAL, second=False)  # 0·∞ at the infinities
case("rsqrt", torch.rsqrt, SPECIAL + ORDINARY + FAR + [-1.0])
case("reciprocal", torch.reciprocal, EVERYWHERE)
for alpha in (1.0, 0.25):
    case(f"elu {alpha}", lambda x: F.elu(x, alpha), EVERYWHERE)

# Second derivatives of what tends to 0 or 1 are differences, of which PyTorch leaves few digits far from 0.
NEAR = [x for x in ORDINARY if x <= 3]
case("logsigmoid", F.logsigmoid, signed(NEAR))
case("logsigmoid", F.logsigmoid, EVERYWHERE, second=False)
for name, plain, f in (
    ("gelu", F.gelu, gelu),
    ("gelutanh", lambda x: F.gelu(x, approximate="tanh"), gelutanh),
    ("silu", F.silu, F.silu),
):
    case(name, f, signed(NEAR))
    case(name, f, signed([4.5, 12.5]), second=False)
    case(name, plain, SPECIAL + FAR + [-100.0, -1000.0, -(2.0**70)], second=False)

BASES = [nan, inf, -inf, 0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0]
grid = [list(v) for v in zip(*itertools.product(BASES, BASES))]
case("pow", torch.pow, *grid, second=False)
case("atan2", torch.atan2, *grid, second=False)
grid = [list(v) for v in zip(*itertools.product([0.001, 0.5, 1.0, 2.25, 37.0], signed([0.3, 1.0, 2.0, 3.5])))]
case("pow", torch.pow, *grid)
case("atan2", torch.atan2, *(signed(v) for v in grid))
case("pow", torch.pow, [[-0.5], [-3.0]], [2.0, 3.0, -1.0, 0.0], second=False)
case("atan2", torch.atan2, [[2.0], [-3.0]], [2.0, -1.0, 0.0])

with open("derivatives.json", "w", encoding="utf-8") as file:
    file.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
