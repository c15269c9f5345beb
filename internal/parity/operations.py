"""Random draws of every operation, and draws at special values.

Where tapegrad and PyTorch 2.15 differ, who is right was decided with mpmath at 50 digits, or by the rules of C (which NumPy has too) for
powers, and the draws leave the place out or write PyTorch's function so that it keeps its digits:

- GELU far to the left: F.gelu adds 1 to the error function and is -1.43325785934e-06 at -5, where mpmath and tapegrad have
  -1.43325785940e-06. Its derivative, and that of the form by tanh, lose their digits in the same way.
- The slope of Expm1 far to the left: y + 1 is 9.359e-14 at -30, where exp(-30) is 9.358e-14.
- The gradient of LogSumExp, exp(x - y), loses as many digits as y has before the point.
- Powers of ±0.5 are roots in PyTorch: NaN at -∞, where C and NumPy have ∞ and 0, and with the sign of a zero, which C drops.
- The slope of Abs at NaN is 0 in PyTorch, and NaN here.
- The slope of BCE at 0 and 1 is bounded by a divisor of 1e-12, which PyTorch rounds to float32 also where it computes in float64.
- Sinh and Cosh of 710 are in range; PyTorch's vectors overflow to ∞.
- The second derivatives of BCE have a bound in them in PyTorch, and so the formula is differentiated instead.
- Std and Norm at 0, and Var of infinite numbers: what is no derivative at all is ∞ there in places, and 0 or NaN here.
"""

import itertools
import math

import numpy as np
import torch
from torch.nn import functional as F

from vectors import case, generator, single

inf, nan = math.inf, math.nan
DRAWS = 24


def randomly(name, draw, n=DRAWS):
    """n cases of a function; draw(rng) returns the arguments, PyTorch's function, the operands, and what else case is told."""
    rng = generator(name)
    for _ in range(n):
        arguments, f, operands, *rest = draw(rng)
        given(name, arguments, f, *operands, **(rest[0] if rest else {}))


def given(name, arguments, f, *operands, relative=False, **more):
    """A case. Where it is relative, not even small numbers among large ones may lose digits."""
    description = {"f": name, "relative": True} if relative else {"f": name}
    if arguments:
        description["a"] = [a if isinstance(a, str) else float(a) for a in arguments]
    case(description, f, operands, **more)


# Shapes and numbers.


def shape(rng, least=0, most=4, empty=True):
    """Axes of all lengths, now and then 0."""
    while True:
        lengths = rng.choice([0, 1, 2, 3, 4], rng.integers(least, most + 1), p=[0.05, 0.2, 0.3, 0.25, 0.2])
        if lengths.prod() <= 30 and (empty or lengths.prod() > 0):
            return [int(n) for n in lengths]


def partners(rng, n=2):
    """n shapes that broadcast: of a common one each loses leading axes and stretches others."""
    whole, all = shape(rng), []
    for _ in range(n):
        s = [1 if rng.random() < 0.25 else k for k in whole]
        all.append(s[rng.integers(0, len(s) + 1) :] if rng.random() < 0.3 else s)
    return all


def axis_of(rng, s):
    """An axis, counted from either end."""
    return int(rng.integers(-len(s), len(s)))


def axes_of(rng, s):
    """Some axes, none of them or all."""
    return [int(a) - len(s) * int(rng.integers(2)) for a in rng.permutation(len(s))[: rng.integers(0, len(s) + 1)]]


def all_or(axes, x):
    """How PyTorch says what no axes mean here."""
    return tuple(axes) if axes else tuple(range(x.dim()))


def normal(scale=1.5):
    return lambda rng, s: single(rng.normal(0, scale, s))


def uniform(lo, hi):
    return lambda rng, s: single(rng.uniform(lo, hi, s))


def whole(rng, s):
    return single(rng.integers(-9, 10, s))


def ties(rng, s):
    """Few different numbers, so that some are equal."""
    return single(rng.integers(-1, 2, s))


def mixed(*domains):
    return lambda rng, s: domains[rng.integers(len(domains))](rng, s)


positive, broad = uniform(0.05, 6), mixed(normal(), normal(0.1), normal(8))

# Elementwise functions of one tensor.

TINY, ORDINARY = [2.0**-149, -(2.0**-140)], [0.001, 0.1, 0.5, 1.0, 1.75, 3.0, 4.5]
FAR = [12.5, 37.0, 100.0, 710.0, 1000.0, 2.0**70]
SPECIAL = [nan, inf, -inf, 0.0, -0.0, *TINY]


def signed(values):
    return values + [-v for v in values]


EVERYWHERE = SPECIAL + signed(ORDINARY + FAR)
NEAR = signed([x for x in ORDINARY if x <= 3])


def gelu(x):
    """F.gelu, which loses the digits of its left tail by adding 1 to the error function."""
    return x * (torch.erfc(-x / math.sqrt(2)) / 2)


def gelutanh(x):
    """F.gelu(x, approximate="tanh"), which loses the digits of its left tail in the same way."""
    return x * torch.sigmoid(2 * math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))


# By name: PyTorch's function, where random numbers come from, and special values with second gradients and without.
UNARY = {
    "Abs": (torch.abs, broad, EVERYWHERE[1:], []),  # the slope at NaN is NaN here and 0 there
    "Neg": (torch.neg, broad, EVERYWHERE, []),
    "Square": (torch.square, broad, [x for x in EVERYWHERE if abs(x) != 2.0**70], []),
    "Sqrt": (torch.sqrt, positive, ORDINARY + FAR, SPECIAL + [-1.0]),
    "Rsqrt": (torch.rsqrt, positive, SPECIAL + ORDINARY + FAR + [-1.0], []),
    "Reciprocal": (torch.reciprocal, mixed(positive, uniform(-6, -0.05)), EVERYWHERE, []),
    "Exp": (torch.exp, broad, EVERYWHERE, []),
    "Expm1": (torch.expm1, uniform(-3, 4), SPECIAL + signed(ORDINARY) + FAR, []),
    "Log": (torch.log, positive, ORDINARY + FAR + [2.0**-70], SPECIAL + [-1.0]),
    "Log1p": (torch.log1p, uniform(-0.9, 6), SPECIAL + ORDINARY + FAR + [-0.001, -0.1, -0.5, -0.999, -1.0, -2.0], []),
    "Sin": (torch.sin, broad, SPECIAL + signed(ORDINARY + [1.5707963, 3.1415927, 100.0, 65536.0]), []),
    "Cos": (torch.cos, broad, SPECIAL + signed(ORDINARY + [1.5707963, 3.1415927, 100.0, 65536.0]), []),
    "Tan": (torch.tan, normal(), SPECIAL + signed(ORDINARY + [1.57, 100.0, 65536.0]), []),
    "Asin": (torch.asin, uniform(-0.98, 0.98), SPECIAL + signed([0.001, 0.1, 0.5, 0.7, 0.75, 0.96875, 1 - 2.0**-10, 1.0, 1.5]), [1 - 2.0**-24]),
    "Acos": (torch.acos, uniform(-0.98, 0.98), SPECIAL + signed([0.001, 0.1, 0.5, 0.7, 0.75, 0.96875, 1 - 2.0**-10, 1.0, 1.5]), [1 - 2.0**-24]),
    "Atan": (torch.atan, broad, signed(ORDINARY + FAR), SPECIAL),  # 0·∞ at the infinities
    "Sinh": (torch.sinh, normal(3), [x for x in EVERYWHERE if abs(x) != 710], []),  # where PyTorch overflows too early
    "Cosh": (torch.cosh, normal(3), [x for x in EVERYWHERE if abs(x) != 710], []),
    "Tanh": (torch.tanh, normal(), SPECIAL + NEAR, signed([x for x in ORDINARY + FAR if x > 3])),
    "Sigmoid": (torch.sigmoid, normal(), SPECIAL + NEAR, signed([4.5, 12.5])),
    "Erf": (torch.erf, normal(), signed(ORDINARY), SPECIAL + signed(FAR)),  # 0·∞ at the infinities
    "ReLU": (torch.relu, mixed(broad, ties), EVERYWHERE, []),
    "SiLU": (F.silu, normal(1), NEAR, SPECIAL + FAR + [-100.0, -1000.0, -(2.0**70), 4.5, 12.5, -4.5, -12.5]),
    "GELU": (gelu, normal(1), NEAR, signed([4.5, 12.5])),
    "GELUTanh": (gelutanh, normal(1), NEAR, signed([4.5, 12.5])),
    "LogSigmoid": (F.logsigmoid, normal(1), NEAR, EVERYWHERE),
    "Softplus": (lambda x: F.softplus(x, threshold=math.inf), normal(1), NEAR, signed([4.5, 12.5])),
}


def elementwise():
    for name, (f, domain, second, first) in UNARY.items():
        randomly(name, lambda rng: ([], f, [domain(rng, shape(rng))]))
        relative = name not in ("Tanh", "Sigmoid")  # whose derivatives are differences, 1 - y² and y - y²
        if second:
            given(name, [], f, single(second), relative=relative)
        if first:
            given(name, [], f, single(first), relative=relative, second=False)
    far = SPECIAL + FAR + [-100.0, -1000.0, -(2.0**70)]
    given("GELU", [], F.gelu, single(far), relative=True, second=False)
    given("GELUTanh", [], lambda x: F.gelu(x, approximate="tanh"), single(far), relative=True, second=False)


def with_numbers():
    """Elementwise functions of one tensor and of numbers."""

    def elu(rng):
        alpha = float(rng.choice([1, 0.25, 2]))
        return [alpha], lambda x: F.elu(x, alpha), [broad(rng, shape(rng))]

    def leaky(rng):
        slope = float(rng.choice([0.01, 0.2, 0, 1.5]))
        return [slope], lambda x: F.leaky_relu(x, slope), [broad(rng, shape(rng))]

    def scale(rng):
        c = float(np.float32(rng.normal(0, 3)))
        return [c], lambda x: x * c, [broad(rng, shape(rng))]

    def clamp(rng):
        lo, hi = sorted(float(v) for v in rng.choice([-inf, -1, -0.5, 0, 1, 2, inf], 2))
        return [str(lo), str(hi)], lambda x: x.clamp(lo, hi), [mixed(normal(), ties)(rng, shape(rng))]

    def power(rng):
        p = float(rng.choice([0, 1, 2, 3, 5, -1, -2, 0.5, 2.5, -2.5]))
        return [p], lambda x: x**p, [uniform(0.2, 3)(rng, shape(rng)) * (int(rng.choice([-1, 1])) if p == round(p) else 1)]

    for name, draw in {"ELU": elu, "LeakyReLU": leaky, "Scale": scale, "Clamp": clamp, "PowScalar": power}.items():
        randomly(name, draw)
    for alpha in (1.0, 0.25):
        given("ELU", [alpha], lambda x: F.elu(x, alpha), single(EVERYWHERE), relative=True)
    given("LeakyReLU", [0.01], F.leaky_relu, single(EVERYWHERE), relative=True)
    given("Clamp", ["-1.5", "2.0"], lambda x: x.clamp(-1.5, 2), single(EVERYWHERE + [-1.5, 2.0]))
    for p in (0.0, 1.0, 2.0, 3.0, -1.0, 0.5, -0.5):
        special = [nan, inf, 0.0, *signed([0.5, 1.0, 3.0])]
        if p == round(p):  # PyTorch takes roots, which are NaN at -∞ and keep the sign of a zero, against the rules of powers in C and NumPy
            special += [-inf, -0.0]
        given("PowScalar", [p], lambda x: x**p, single(special), relative=True, second=False)


BINARY = {
    "Add": (torch.add, broad, broad),
    "Sub": (torch.sub, broad, broad),
    "Mul": (torch.mul, broad, broad),
    "Div": (torch.div, broad, mixed(positive, uniform(-6, -0.05))),
    "Maximum": (torch.maximum, mixed(normal(), ties), ties),
    "Minimum": (torch.minimum, mixed(normal(), ties), ties),
    "Pow": (torch.pow, uniform(0.2, 3), normal()),
    "Atan2": (torch.atan2, broad, normal()),
    "Hypot": (torch.hypot, normal(), normal()),
}
COMPARISONS = {
    "Equal": torch.eq,
    "NotEqual": torch.ne,
    "Less": torch.lt,
    "LessEqual": torch.le,
    "Greater": torch.gt,
    "GreaterEqual": torch.ge,
}


def grid(a, b):
    return [single(v) for v in zip(*itertools.product(a, b))]


def of_two():
    """Elementwise functions of two tensors and of three, which broadcast."""
    for name, (f, left, right) in BINARY.items():

        def draw(rng):
            a, b = partners(rng)
            return [], f, [left(rng, a), right(rng, b)]

        randomly(name, draw)
    for name, f in COMPARISONS.items():

        def draw(rng):
            a, b = partners(rng)
            return [], lambda x, y: f(x, y).double(), [ties(rng, a), ties(rng, b)], {"fixed": (0, 1)}

        randomly(name, draw)
        given(name, [], lambda x, y: f(x, y).double(), *grid([nan, inf, -inf, 0.0, -0.0, 1.0], [nan, inf, -inf, 0.0, -0.0, 1.0]), fixed=(0, 1))
    ends = [nan, inf, -inf, 0.0, -0.0, 1.0, -2.5, 2.0**-140, 2.0**120]
    for name in ("Add", "Sub", "Mul", "Div"):
        given(name, [], BINARY[name][0], *grid(ends, ends), relative=True, second=name != "Div")
    special = [nan, inf, -inf, 0.0, 1.0, -2.5]
    for name in ("Maximum", "Minimum"):
        given(name, [], BINARY[name][0], *grid(special[1:], special[1:]))
    bases = [nan, inf, -inf, 0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0]
    exponents = grid([0.001, 0.5, 1.0, 2.25, 37.0], signed([0.3, 1.0, 2.0, 3.5]))
    for name in ("Pow", "Atan2"):
        given(name, [], BINARY[name][0], *grid(bases, bases), relative=True, second=False)
    given("Pow", [], torch.pow, *exponents, relative=True)
    given("Atan2", [], torch.atan2, *(torch.cat([v, -v]) for v in exponents), relative=True)
    given("Pow", [], torch.pow, single([[-0.5], [-3.0]]), single([2.0, 3.0, -1.0, 0.0]), second=False)
    given("Atan2", [], torch.atan2, single([[2.0], [-3.0]]), single([2.0, -1.0, 0.0]))

    def where(rng):
        c, a, b = partners(rng, 3)
        return [], lambda c, a, b: torch.where(c != 0, a, b), [ties(rng, c), normal()(rng, a), normal()(rng, b)], {"fixed": (0,)}

    randomly("Where", where)
    given("Where", [], lambda c, a, b: torch.where(c != 0, a, b), single([nan, 0.0, -0.0, inf]), single([1.0, nan, 2.0, inf]), single([nan, 1.0, -inf, 0.0]), fixed=(0,))


def logsumexp(x, axes):
    """torch.logsumexp, whose own gradient exp(x - y) loses as many digits as y has before the point."""
    largest = x.detach().amax(axes, keepdim=True)
    return (x - largest).exp().sum(axes).log() + largest.amax(axes)


def flattened(x, axes):
    """x with the axes that are reduced as one last axis."""
    axes = [a % x.dim() for a in axes]
    rest = [a for a in range(x.dim()) if a not in axes]
    return x.permute(rest + axes).flatten(len(rest)) if axes else x.unsqueeze(-1)


# By name: PyTorch's function, random numbers, and whether there may be nothing to reduce.
REDUCTIONS = {
    "Sum": (lambda x, axes: x.sum(axes), normal(), True),
    "Mean": (lambda x, axes: x.mean(axes), normal(), False),
    "Max": (lambda x, axes: x.amax(axes), mixed(normal(), ties), False),
    "Min": (lambda x, axes: x.amin(axes), mixed(normal(), ties), False),
    "LogSumExp": (logsumexp, normal(), False),
    "Prod": (lambda x, axes: flattened(x, axes).prod(-1), mixed(normal(), ties), True),
    "Var": (lambda x, axes: x.var(axes, correction=0), normal(), False),
    "Std": (lambda x, axes: x.std(axes, correction=0), normal(), False),
    "Norm": (lambda x, axes: torch.linalg.vector_norm(x, dim=axes), normal(), True),
}
TIES = [[1.0, 3.0, 3.0], [2.0, 2.0, 2.0], [-1.0, -2.0, -1.0]]
ZEROS = [[0.0, 2.0, 3.0], [0.0, 0.0, 5.0], [0.0, 0.0, 0.0], [1.0, -2.0, 0.5]]
INFINITE = [[inf, 1.0, 2.0], [-inf, 1.0, 0.0], [inf, -inf, 1.0], [inf, inf, 1.0]]
LARGE = [[1e4, 1e4 - 1, 0.0], [-1e4, -1e4 - 2, -2e4], [88.0, 710.0, -710.0]]
MASKED = [[0.5, -inf, 1.0], [-inf, 2.0, -inf], [0.0, 0.0, 0.0]]


def reductions():
    for name, (f, domain, empty) in REDUCTIONS.items():

        def draw(rng, keep=False):
            s = shape(rng, 1 if name == "Std" else 0, empty=empty)
            axes = axes_of(rng, s)
            while name == "Std" and math.prod(s[a] for a in axes or range(len(s))) < 2:  # the slope of a root at 0
                s = shape(rng, 1, empty=False)
                axes = axes_of(rng, s)
            return axes, lambda x: f(x, all_or(axes, x)), [domain(rng, s)]

        randomly(name, draw)
        given(name, [-1], lambda x: f(x, (-1,)), single(TIES), second=name != "Std")
        given(name, [1], lambda x: f(x, (1,)), single(ZEROS), second=name not in ("Std", "Norm"))
        if name not in ("Var", "LogSumExp", "Mean", "Sum"):  # whose derivatives PyTorch has infinite where ours are NaN
            given(name, [1], lambda x: f(x, (1,)), single(INFINITE), second=False)
        if name not in ("Prod", "Std"):
            given(name, [-1], lambda x: f(x, (-1,)), single(LARGE))
    given("LogSumExp", [-1], lambda x: logsumexp(x, (-1,)), single(MASKED), second=False)

    def keep(rng):
        name = str(rng.choice(["Sum", "Mean", "Max", "LogSumExp", "Var", "Norm"]))
        s = shape(rng, empty=False)
        axes = axes_of(rng, s)

        def f(x):
            kept = [1 if a in {b % len(s) for b in all_or(axes, x)} else n for a, n in enumerate(s)]
            return REDUCTIONS[name][0](x, all_or(axes, x)).reshape(kept)

        return [name, *axes], f, [normal()(rng, s)]

    randomly("KeepDims", keep)

    def choice(f, in_numpy):
        def draw(rng):
            s = shape(rng, 1, empty=False)
            axis, x = axis_of(rng, s), mixed(normal(), ties)(rng, s)
            if (f(x, axis).numpy() != in_numpy(x.numpy(), axis)).any():  # PyTorch does not promise the first of equal ones
                return draw(rng)
            return [axis], lambda x: f(x, axis).double(), [x], {"fixed": (0,)}

        return draw

    randomly("ArgMax", choice(torch.argmax, np.argmax))
    randomly("ArgMin", choice(torch.argmin, np.argmin))

    for name, f in {"Softmax": torch.softmax, "LogSoftmax": torch.log_softmax, "CumSum": torch.cumsum}.items():

        def draw(rng):
            s = shape(rng, 1)
            axis = axis_of(rng, s)
            return [axis], lambda x: f(x, axis), [mixed(normal(), normal(0.1), normal(6))(rng, s)]

        randomly(name, draw)
        for values in (TIES, LARGE, MASKED):
            given(name, [-1], lambda x: f(x, -1), single(values), second=values is TIES)
    given("CumSum", [1], lambda x: x.cumsum(1), single([[nan, 1.0, 2.0], *INFINITE]), second=False)


def products():
    def matmul(rng):
        n, k, m = (int(v) for v in rng.integers(0 if rng.random() < 0.1 else 1, 5, 3))
        a, b = ([s + t for s, t in zip(partners(rng), ([n, k], [k, m]))] if rng.random() < 0.6 else ([n, k], [k, m]))
        if math.prod(a) > 60 or math.prod(b) > 60 or math.prod(a) * m > 200:
            return matmul(rng)
        if rng.random() < 0.3:  # vectors
            a, b = (a, [k]) if rng.random() < 0.5 else ([k], b)
        return [], torch.matmul, [normal()(rng, a), normal()(rng, b)]

    def linear(rng):
        n, k, m = (int(v) for v in rng.integers(1, 6, 3))
        leading = shape(rng, 1, 2) if rng.random() < 0.3 else [n]
        if rng.random() < 0.3:
            return [], torch.matmul, [normal()(rng, [*leading, k]), normal()(rng, [k, m])]
        return [], lambda x, w, b: x @ w + b, [normal()(rng, [*leading, k]), normal()(rng, [k, m]), normal()(rng, [m])]

    def dot(rng):
        n = int(rng.integers(0, 8))
        return [], torch.dot, [normal()(rng, [n]), normal()(rng, [n])]

    def outer(rng):
        n, m = (int(v) for v in rng.integers(0, 6, 2))
        return [], torch.outer, [normal()(rng, [n]), normal()(rng, [m])]

    for name, draw in {"MatMul": matmul, "Linear": linear, "Dot": dot, "Outer": outer}.items():
        randomly(name, draw)
    given("Dot", [], torch.dot, single([inf, 1.0]), single([1.0, -1.0]))
    given("Outer", [], torch.outer, single([inf, 0.0]), single([1.0, nan, 2.0]))
    given("MatMul", [], torch.matmul, single([[2.0**60, 1.0, -(2.0**60)]]), single([[1.0], [2.0], [1.0]]))

    def einsum(rng):
        """A random spec with fitting shapes: repeated letters, dots, axes of length 1 that stretch."""
        lengths = {l: int(rng.choice([1, 2, 2, 3])) for l in "abcDE"}
        dotted = [int(n) for n in rng.integers(1, 4, rng.integers(0, 3))]
        words, sizes = [], []
        for _ in range(rng.integers(1, 4)):
            letters = [str(l) for l in rng.choice(list("abcDE"), rng.integers(0, 4))]
            s = [1 if len(set(letters)) == len(letters) and rng.random() < 0.1 else lengths[l] for l in letters]
            if dotted and rng.random() < 0.6:
                at = rng.integers(0, len(letters) + 1)
                letters.insert(at, "...")
                s[at:at] = dotted[rng.integers(0, len(dotted) + 1) :]
            words.append("".join(letters))
            sizes.append(s)
        spec = ",".join(words)
        if rng.random() < 0.6:
            used = sorted(set(spec) & set(lengths))
            kept = [str(l) for l in rng.permutation(used)[: rng.integers(0, len(used) + 1)]] if used else []
            if "..." in spec:
                kept.insert(rng.integers(0, len(kept) + 1), "...")
            spec += "->" + "".join(kept)
        operands = [normal()(rng, s) for s in sizes]
        try:
            y = torch.einsum(spec, *operands)
        except RuntimeError:  # PyTorch takes less than NumPy
            return einsum(rng)
        if y.numel() > 60:
            return einsum(rng)
        return [spec], lambda *x: torch.einsum(spec, *x), operands

    randomly("Einsum", einsum, 40)


def normalizations():
    def draw(batch):
        def norm(rng):
            s = shape(rng, 2 if batch else 1, 3, empty=False)
            if math.prod(s[:-1]) < 3 if batch else s[-1] < 3:  # two elements become ±1 whatever they are
                return norm(rng)
            k, eps = s[-1], float(rng.choice([1e-5, 1e-3, 0.1]))
            scale, shift = (1.0, 0.0) if rng.random() < 0.7 else (2.0, 1000.0)
            x = single(rng.normal(shift, scale, s))
            if x.std(list(range(len(s) - 1)) if batch else -1, correction=0).min() < 0.3:
                return norm(rng)  # second derivatives are differences of numbers that are as large as 1/σ³

            # A shift changes nothing but the digits that PyTorch loses, and so it is taken back first, which is exact.
            def f(x, w=None, b=None):
                if not batch:
                    return F.layer_norm(x - shift, (k,), w, b, eps)
                return F.batch_norm((x - shift).movedim(-1, 1), None, None, w, b, True, 0.1, eps).movedim(1, -1)

            return [eps], f, [x] if rng.random() < 0.2 else [x, normal()(rng, [k]), normal()(rng, [k])]

        return norm

    randomly("LayerNorm", draw(False))
    randomly("BatchNorm", draw(True))
    given("LayerNorm", [1e-5], lambda x, w, b: F.layer_norm(x, (3,), w, b, 1e-5), single(TIES), single([1.0, -2.0, 0.5]), single([0.5, 1.0, 2.0]))
    given("LayerNorm", [1e-5], lambda x: F.layer_norm(x, (3,), None, None, 1e-5), single([[nan, 1.0, 2.0], *INFINITE]), second=False)
    equal = single([[1.0, 7.0], [1.0, -2.0], [1.0, 0.5]])
    given("BatchNorm", [1e-5], lambda x, w, b: F.batch_norm(x, None, None, w, b, True, 0.1, 1e-5), equal, single([1.0, -2.0]), single([0.5, 1.0]))


def losses():
    def pair(f, pred, target, arguments=lambda rng: []):
        def draw(rng):
            s, a = shape(rng, empty=False), arguments(rng)
            return a, lambda x, y: f(x, y, *a), [pred(rng, s), target(rng, s)]

        return draw

    def bce(p, y):
        """F.binary_cross_entropy, whose second derivatives have an epsilon in them."""
        return -(y * p.log() + (1 - y) * (-p).log1p()).mean()

    def kl(rng):
        s = shape(rng, 1, 3, empty=False)
        p, q = normal()(rng, s).log_softmax(-1), normal()(rng, s).softmax(-1)
        return [], lambda x, y: F.kl_div(x, y, reduction="batchmean"), [single(p), single(q)]

    def cross(rng):
        n, k = int(rng.integers(1, 7)), int(rng.integers(1, 7))
        labels = single(rng.integers(0, k, n))
        return [], lambda x, c: F.cross_entropy(x, c.long()), [normal(2)(rng, [n, k]), labels], {"fixed": (1,)}

    unit = uniform(0.02, 0.98)
    for name, draw in {
        "MSE": pair(F.mse_loss, broad, broad),
        "MAE": pair(F.l1_loss, mixed(normal(), ties), ties),
        "Huber": pair(lambda x, y, delta: F.huber_loss(x, y, delta=delta), normal(2), normal(), lambda rng: [float(rng.choice([0.5, 1, 1e3]))]),
        "BCE": pair(bce, unit, unit),
        "BCEWithLogits": pair(F.binary_cross_entropy_with_logits, normal(2), mixed(unit, lambda rng, s: single(rng.integers(0, 2, s)))),
        "KL": kl,
        "CrossEntropy": cross,
    }.items():
        randomly(name, draw)
    given("MAE", [], F.l1_loss, single(TIES), single(TIES).flip(0))
    given("MAE", [], F.l1_loss, single([inf, -inf, 1.0]), single([0.0, 1.0, -inf]), second=False)
    given("Huber", [1], F.huber_loss, single([0.0, 1.0, -1.0, 2.0, inf, nan]), single([0.0] * 6), second=False)
    # Not at 0 and 1: the bound of the slope's divisor is 1e-12 here, and there 1e-12 rounded to float32, even in float64.
    given("BCE", [], F.binary_cross_entropy, single([0.5, 0.25, 0.875]), single([0.0, 1.0, 0.5]), second=False)
    extreme, certain = single([0.0, 0.0, 20.0, -20.0, 1e4, -1e4, 1e4, -1e4]), single([0, 1, 1, 0, 1, 0, 0, 1])
    given("BCEWithLogits", [], F.binary_cross_entropy_with_logits, extreme, certain, second=False)
    half = single([[0.0, 1.0, 0.0], [0.5, 0.0, 0.5], [0.25, 0.25, 0.5]])
    given("KL", [], lambda x, y: F.kl_div(x, y, reduction="batchmean"), single(single(TIES).log_softmax(1)), half, fixed=(1,))
    for values in (TIES, LARGE, MASKED):
        given("CrossEntropy", [], lambda x, c: F.cross_entropy(x, c.long()), single(values), single([2.0, 1.0, 0.0]), fixed=(1,), second=values is TIES)


def arranging():
    """What moves elements. Numbers are whole, so that all is exact."""

    def one(f, least=0, empty=True):
        """A draw of a function of one tensor; f(rng, shape) returns the arguments and PyTorch's function."""

        def draw(rng):
            s = shape(rng, least, empty=empty)
            return *f(rng, s), [whole(rng, s)]

        return draw

    def stretch(rng, s):
        new = [int(rng.integers(1, 4)) if n == 1 and rng.random() < 0.6 else n for n in s]
        new = [int(n) for n in rng.integers(1, 3, rng.integers(0, 2))] + new
        return new, lambda x: x.expand(new)

    def sum_to(rng, s):
        to = [1 if rng.random() < 0.4 else n for n in s][int(rng.integers(0, len(s) + 1)) if rng.random() < 0.5 else 0 :]
        return to, lambda x: x.sum_to_size(to)

    def reshape(rng, s):
        n = math.prod(s)
        a = next(d for d in (int(v) for v in rng.permutation([1, 2, 3, 4, 5, 6])) if n % d == 0)
        new = [[n], [a, n // a], [n // a, 1, a], [a, -1] if n else [0]][rng.integers(4)]
        return new, lambda x: x.reshape(new)

    def transpose(rng, s):
        perm = [int(p) for p in rng.permutation(len(s))]
        return ([], lambda x: x.permute(tuple(reversed(range(len(s)))))) if rng.random() < 0.3 else (perm, lambda x: x.permute(perm))

    def squeeze(rng, s):
        axes = [a for a in range(-len(s), 0) if s[a] == 1 and rng.random() < 0.5]
        return axes, (lambda x: x.squeeze(tuple(axes))) if axes else torch.squeeze

    def unsqueeze(rng, s):
        axis = int(rng.integers(-len(s) - 1, len(s) + 1))
        return [axis], lambda x: x.unsqueeze(axis)

    def flatten(rng, s):
        return [], lambda x: x.reshape(s[0], math.prod(s[1:]))

    def cut(rng, s):
        axis = axis_of(rng, s)
        start, stop = sorted(int(v) for v in rng.integers(0, s[axis] + 1, 2))
        return [axis, start, stop], lambda x: x.narrow(axis, start, stop - start)

    def split(rng, s):
        axis = axis_of(rng, s)
        first = int(rng.integers(0, s[axis] + 1))
        sizes, part = [first, s[axis] - first], int(rng.integers(2))
        return [part, axis, *sizes], lambda x: x.split(sizes, axis)[part]

    def pad(rng, s):
        widths = rng.integers(0, 3, (len(s), 2))
        order = [int(w) for pair in reversed(widths) for w in pair]
        return [7, *widths.flatten()], lambda x: F.pad(x, order, value=7.0) if order else x + 0

    def flip(rng, s):
        axes = axes_of(rng, s)
        return axes, lambda x: x.flip(all_or(axes, x))

    def roll(rng, s):
        axis, shift = axis_of(rng, s), int(rng.integers(-7, 8))
        return [axis, shift], lambda x: x.roll(shift, axis)

    def tile(rng, s):
        repeats = [int(n) for n in rng.integers(0 if rng.random() < 0.1 else 1, 3, rng.integers(0, len(s) + 2))]
        return repeats, lambda x: x.tile(repeats)

    def band(f):
        def draw(rng, s):
            k = int(rng.integers(-4, 5))
            return [k], lambda x: f(x, k)

        return draw

    def diag(rng, s):
        k = int(rng.integers(-2, 3)) if len(s) == 1 else int(rng.integers(-s[0], s[1] + 1))
        return [k], lambda x: x.diag(k)

    def take(rng, s):
        axis = axis_of(rng, s)
        indices = torch.as_tensor(rng.integers(0, s[axis], rng.integers(0, 5)))
        return [axis, *indices.tolist()], lambda x: x.index_select(axis, indices)

    def take_along(rng, s):
        axis = axis_of(rng, s) % len(s)
        indices = torch.as_tensor(rng.integers(0, s[axis], [*s[:axis], int(rng.integers(1, 4)), *s[axis + 1 :]]))
        return [axis, *indices.flatten().tolist()], lambda x: x.gather(axis, indices)

    def scatter_add(rng, s):
        axis = axis_of(rng, s)
        n = int(rng.integers(1, 5))
        indices = torch.as_tensor(rng.integers(0, n, s[axis]))
        size = list(s)
        size[axis] = n
        return [axis, n, *indices.tolist()], lambda x: torch.zeros(size).index_add(axis, indices, x)

    def stack(rng):
        s, n = shape(rng, 0, 3), int(rng.integers(1, 4))
        axis = int(rng.integers(-len(s) - 1, len(s) + 1))
        return [axis], lambda *x: torch.stack(x, axis), [whole(rng, s) for _ in range(n)]

    def concat(rng):
        s = shape(rng, 1, 3)
        axis = axis_of(rng, s)
        parts = []
        for _ in range(rng.integers(1, 4)):
            s[axis] = int(rng.integers(0, 4))
            parts.append(whole(rng, s))
        return [axis], lambda *x: torch.cat(x, axis), parts

    for name, draw in {
        "BroadcastTo": one(stretch),
        "SumTo": one(sum_to),
        "Reshape": one(reshape),
        "Transpose": one(transpose),
        "Squeeze": one(squeeze),
        "Unsqueeze": one(unsqueeze),
        "Flatten": one(flatten, 1),
        "Slice": one(cut, 1),
        "Split": one(split, 1),
        "Pad": one(pad),
        "Flip": one(flip),
        "Roll": one(roll, 1),
        "Tile": one(tile),
        "Triu": one(band(torch.triu), 2),
        "Tril": one(band(torch.tril), 2),
        "Take": one(take, 1, False),
        "TakeAlong": one(take_along, 1, False),
        "ScatterAdd": one(scatter_add, 1),
        "Stack": stack,
        "Concat": concat,
    }.items():
        randomly(name, draw, 30)

    def square(rng):
        s = shape(rng, 1, 2, empty=False)
        return *diag(rng, s), [whole(rng, s)]

    randomly("Diag", square, 60)


def dropped(rng):
    """PyTorch's own dropout. Which elements it kept is the second operand, and what Go's source of random numbers says."""
    s, p = shape(rng, 1), float(rng.choice([0.0, 0.25, 0.5, 0.8, 1.0]))
    x = normal()(rng, s)
    torch.manual_seed(int(rng.integers(1 << 30)))
    kept = (F.dropout(torch.ones(s), p) != 0).double()
    return [p], lambda x, kept: x * kept / (1 - p if p < 1 else 1), [x, kept], {"fixed": (1,)}


def add():
    elementwise()
    with_numbers()
    of_two()
    reductions()
    products()
    normalizations()
    losses()
    arranging()
    randomly("Dropout", dropped)
