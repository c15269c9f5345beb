"""Writes reduction.json: PyTorch's values and gradients of reductions, products, losses and normalizations.

Run it in this folder: python reduction.py (last run with PyTorch 2.15.0). Each case is a function with its arguments,
the operands, the result, the gradients of the first operands for the cotangent 1, 2, 3, … in the order of the result's elements, and
where they are not 0 the gradients of the sum of all those gradients. All arithmetic is in float64, on operands that are exact in
float32.
"""

import json

import torch
from torch.nn import functional as F

torch.manual_seed(2)
inf, nan = float("inf"), float("nan")
cases = []


def draw(*shape, scale=1.0):
    return (torch.randn(shape) * scale).double()


def tensor(values):
    return torch.tensor(values).double()


def text(x):
    return " ".join(repr(v) for v in x.numpy(force=True).flatten().tolist())


def written(x):
    return {"shape": list(x.shape), "values": text(x)}


def case(name, f, *operands, leaves=None, second=True):
    leaves = len(operands) if leaves is None else leaves
    xs = [o.clone().requires_grad_(i < leaves) for i, o in enumerate(operands)]
    y = f(*xs)
    cotangent = torch.arange(1, y.numel() + 1, dtype=torch.float64).reshape(y.shape)
    gradients = torch.autograd.grad(y, xs[:leaves], cotangent, create_graph=second)
    c = {
        "f": name,
        "operands": [written(o) for o in operands],
        "result": written(y.detach()),
        "gradients": [text(g.detach()) for g in gradients],
    }
    if second:
        total = sum(g.sum() for g in gradients)
        seconds = [None] * leaves
        if total.requires_grad:
            seconds = torch.autograd.grad(total, xs[:leaves], allow_unused=True)
        if any(s is not None and s.count_nonzero() for s in seconds):
            c["second"] = [text(torch.zeros_like(x) if s is None else s) for x, s in zip(xs, seconds, strict=False)]
    cases.append(c)


def flattened(x, axes):
    """x with the axes that are reduced as one last axis."""
    axes = [a % x.dim() for a in axes]
    rest = [a for a in range(x.dim()) if a not in axes]
    return x.permute(rest + axes).flatten(len(rest)) if axes else x.unsqueeze(-1)


TIES = tensor([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0], [-1.0, -2.0, -1.0]])
ZEROS = tensor([[0.0, 2.0, 3.0], [0.0, 0.0, 5.0], [0.0, 0.0, 0.0], [1.0, -2.0, 0.5]])
SPECIAL = tensor([[nan, 1.0, 2.0], [inf, 1.0, 2.0], [-inf, 1.0, 0.0], [inf, -inf, 1.0], [inf, inf, 1.0]])

REDUCTIONS = {
    "min": lambda x, axes: x.amin(axes),
    "prod": lambda x, axes: flattened(x, axes).prod(-1),
    "var": lambda x, axes: x.var(axes, correction=0),
    "std": lambda x, axes: x.std(axes, correction=0),
    "norm": lambda x, axes: torch.linalg.vector_norm(x, dim=axes),
}
for name, f in REDUCTIONS.items():
    for x in (draw(3, 4), draw(2, 3, 2)):
        for axes in ([0], [-1], list(range(x.dim()))):
            case(name + "".join(f" {a}" for a in axes), lambda x: f(x, axes), x)
    case(name + " -1", lambda x: f(x, [-1]), TIES, second=name != "std")
    case(name + " 1", lambda x: f(x, [1]), ZEROS, second=name in ("prod", "var"))
    if name != "var":  # whose derivatives PyTorch has infinite where ours are NaN
        case(name + " 1", lambda x: f(x, [1]), SPECIAL[1:], second=False)  # NaN has no gradient by amin

for shape in ((4,), (3, 4), (2, 3, 2)):
    k = shape[-1]
    for eps in (1e-5, 0.1):
        for scale, shift in ((1.0, 0.0), (2.0, 1000.0)):
            x = (draw(*shape, scale=scale) + shift).float().double()
            # A shift changes nothing but the digits that PyTorch loses, and so it is taken back first, which is exact.
            case(f"layernorm {eps}", lambda x, w, b: F.layer_norm(x - shift, (k,), w, b, eps), x, draw(k), draw(k))
            if len(shape) > 1:

                def batch(x, w, b):
                    return F.batch_norm((x - shift).movedim(-1, 1), None, None, w, b, True, 0.1, eps).movedim(1, -1)

                case(f"batchnorm {eps}", batch, x, draw(k), draw(k))
case("layernorm 1e-05", lambda x, w, b: F.layer_norm(x, (3,), w, b, 1e-5), TIES, draw(3), draw(3))
case("layernorm 1e-05", lambda x: F.layer_norm(x, (3,), None, None, 1e-5), SPECIAL, second=False)
EQUAL = tensor([[1.0, 7.0], [1.0, -2.0], [1.0, 0.5]])
case("batchnorm 1e-05", lambda x, w, b: F.batch_norm(x, None, None, w, b, True, 0.1, 1e-5), EQUAL, draw(2), draw(2))

for shape in ((), (7,), (4, 3), (2, 3, 2)):
    case("mae", F.l1_loss, draw(*shape), draw(*shape))
    for delta in (0.5, 1.0, 1e3):
        case(f"huber {delta}", lambda x, y: F.huber_loss(x, y, delta=delta), draw(*shape, scale=2.0), draw(*shape))
    p, q = draw(*shape).sigmoid().float().double(), torch.rand(shape).double()
    case("bce", F.binary_cross_entropy, p, q, second=False)  # its second derivatives have an epsilon in them
    case("bce", lambda x, y: -(y * x.log() + (1 - y) * (-x).log1p()).mean(), p, q)
case("mae", F.l1_loss, TIES, TIES.flip(0))
case("mae", F.l1_loss, tensor([inf, -inf, 1.0]), tensor([0.0, 1.0, -inf]), second=False)
case("huber 1", F.huber_loss, tensor([0.0, 1.0, -1.0, 2.0, inf, nan]), tensor([0.0, 0.0, 0.0, 0.0, 0.0, 0.0]), second=False)
for shape in ((1, 1), (4, 3), (3, 5)):
    p, q = draw(*shape).log_softmax(1).float().double(), draw(*shape).softmax(1).float().double()
    case("kl", lambda x, y: F.kl_div(x, y, reduction="batchmean"), p, q)
p, q = draw(3, 3).log_softmax(1).float().double(), tensor([[0.0, 1.0, 0.0], [0.5, 0.0, 0.5], [0.25, 0.25, 0.5]])
case("kl", lambda x, y: F.kl_div(x, y, reduction="batchmean"), p, q, leaves=1)

for x in (draw(5), draw(3, 4), draw(2, 3, 2)):
    for axis in range(-1, x.dim() - 1):
        case(f"cumsum {axis}", lambda x: x.cumsum(axis), x)
case("cumsum 1", lambda x: x.cumsum(1), SPECIAL)
case("dot", torch.dot, draw(5), draw(5))
case("dot", torch.dot, tensor([inf, 1.0]), tensor([1.0, -1.0]))
case("outer", torch.outer, draw(3), draw(4))
case("outer", torch.outer, tensor([inf, 0.0]), tensor([1.0, nan, 2.0]))


with open("reduction.json", "w", encoding="utf-8") as file:
    file.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
