"""Writes elementwise.json: NumPy's results of the elementwise operations at special and at ordinary values.

Run it in this folder: python elementwise.py (last run with NumPy 2.4.6). Each case is a function, a dtype, the operands and the
results. Numbers are hexadecimal, so that no bit is lost.
"""

import json

import numpy as np

np.seterr(all="ignore")

inf, nan = float("inf"), float("nan")
SPECIAL = [nan, inf, -inf, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.5, 3.0, -4.0]
ANGLES = [1e-8, 1e-3, 0.7, 1.5707963, 3.1415927, -6.2831855, 100.0, -1000.25, 65536.0]


def values(dtype):
    """Special values, the ends of the dtype's range, and logarithmically spread ordinary ones."""
    f = np.finfo(dtype)
    ends = [f.tiny, -f.tiny, f.max, -f.max, f.eps, 1 + f.eps, 1 - f.epsneg]
    spread = np.concatenate([s * np.logspace(-6, 6, 9) for s in (1, -1)])
    return np.concatenate([SPECIAL, ends, spread]).astype(dtype)


def exponents(dtype):
    """Arguments of exp whose results are finite and normal, or far outside."""
    high = 700 if dtype == np.float64 else 87
    return np.concatenate([SPECIAL, np.linspace(-high, high, 21), [1e4, -1e4]]).astype(dtype)


def powers(p):
    return lambda x: np.power(x.astype(np.float64), p).astype(x.dtype)


UNARY = {
    "neg": (np.negative, values),
    "scale -2.5": (lambda x: x * x.dtype.type(-2.5), values),
    "abs": (np.abs, values),
    "square": (np.square, values),
    "sqrt": (np.sqrt, values),
    "exp": (np.exp, exponents),
    "log": (np.log, values),
    "sin": (np.sin, lambda dtype: np.array(SPECIAL + ANGLES, dtype)),
    "cos": (np.cos, lambda dtype: np.array(SPECIAL + ANGLES, dtype)),
    "clamp -1.5 2": (lambda x: np.clip(x, -1.5, 2.0), values),
}
for exponent in (0.0, 1.0, 2.0, 3.0, 4.0, 0.5, 1.5, -1.0, -2.0, -0.5, 7.0):
    UNARY[f"pow {exponent:g}"] = (powers(exponent), values)

BINARY = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "where": lambda a, b: np.where(a, b, -b),
}

COMPARISONS = {
    "equal": np.equal,
    "notequal": np.not_equal,
    "less": np.less,
    "lessequal": np.less_equal,
    "greater": np.greater,
    "greaterequal": np.greater_equal,
}


def pairs(dtype, name):
    x = np.array([nan, inf, -inf, 0.0, -0.0, 1.0, -2.5, 1e-3, 1234.5, np.finfo(dtype).max], dtype)
    if name in COMPARISONS:
        x = x[:7]
    a, b = np.repeat(x, len(x)), np.tile(x, len(x))
    if name in ("maximum", "minimum"):  # which zero they choose is not defined
        keep = ~((a == 0) & (b == 0))
        a, b = a[keep], b[keep]
    return a, b


def hexadecimal(x):
    texts = []
    for v in x:
        mantissa, p, exponent = float(v).hex().partition("p")
        texts.append(mantissa.rstrip("0").rstrip(".") + p + exponent if p and "." in mantissa else mantissa + p + exponent)
    return " ".join(texts)


def case(name, dtype, operands, result):
    return {
        "f": name,
        "dtype": np.dtype(dtype).name,
        "operands": [hexadecimal(x) for x in operands],
        "result": hexadecimal(result),
    }


cases = []
for dtype in (np.float32, np.float64):
    for name, (f, domain) in UNARY.items():
        x = domain(dtype)
        cases.append(case(name, dtype, [x], f(x)))
    for name, f in (BINARY | COMPARISONS).items():
        a, b = pairs(dtype, name)
        cases.append(case(name, dtype, [a, b], f(a, b)))

with open("elementwise.json", "w", encoding="utf-8") as file:
    file.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
