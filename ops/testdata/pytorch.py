"""Writes pytorch.json: PyTorch's values and gradients of reductions, softmax and losses, at ordinary and at special values.

Run it in this folder: python pytorch.py (last run with PyTorch 2.15.0). Each case is a function with its arguments, the operands,
the result, and the gradient of the first operand for the cotangent 1, 2, 3, … in the order of the result's elements. All
arithmetic is in float64, on operands that are exact in float32.
"""

import json

import torch
from torch.nn import functional as F

torch.manual_seed(1)
inf, nan = float("inf"), float("nan")


def draw(*shape, scale=1.0):
    return (torch.randn(shape) * scale).double()


def text(x):
    return " ".join(repr(v) for v in x.detach().flatten().tolist())


def logsumexp(x, axes):
    """torch.logsumexp, whose own gradient exp(x - y) loses as many digits as y has before the point."""
    largest = x.detach().amax(axes, keepdim=True)
    return (x - largest).exp().sum(axes).log() + largest.amax(axes)


cases = []


def case(name, f, *operands):
    x = operands[0].clone().requires_grad_()
    y = f(x, *operands[1:])
    cotangent = torch.arange(1, y.numel() + 1, dtype=torch.float64).reshape(y.shape)
    (gradient,) = torch.autograd.grad(y, x, cotangent)
    cases.append(
        {
            "f": name,
            "operands": [{"shape": list(o.shape), "values": text(o)} for o in operands],
            "result": {"shape": list(y.shape), "values": text(y)},
            "gradients": [text(gradient)],
        }
    )


TIES = torch.tensor([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0], [-1.0, -2.0, -1.0]]).double()
LARGE = torch.tensor([[1e4, 1e4 - 1, 0.0], [-1e4, -1e4 - 2, -2e4], [88.0, 710.0, -710.0]]).double()
MASKED = torch.tensor([[0.5, -inf, 1.0], [-inf, 2.0, -inf], [0.0, 0.0, 0.0]]).double()

for x in (draw(3, 4), draw(2, 3, 4), draw(2, 3, 2, 2), draw(5, scale=30.0).reshape(5, 1), TIES, LARGE):
    for axes in ([0], [-1], [0, 1], [-1, 0], list(range(x.dim()))):
        suffix = "".join(f" {a}" for a in axes)
        case("sum" + suffix, lambda x: x.sum(axes), x)
        case("mean" + suffix, lambda x: x.mean(axes), x)
        case("max" + suffix, lambda x: x.amax(axes), x)
        case("logsumexp" + suffix, lambda x: logsumexp(x, axes), x)
for x in (draw(5), draw(3, 4), draw(2, 3, 4), draw(4, 1), TIES, LARGE, MASKED):
    for axis in range(-1, x.dim() - 1):
        case(f"softmax {axis}", lambda x: x.softmax(axis), x)
        case(f"logsoftmax {axis}", lambda x: x.log_softmax(axis), x)
case("logsumexp -1", lambda x: logsumexp(x, -1), MASKED)

for shape in ((), (7,), (4, 3), (2, 3, 2)):
    case("mse", F.mse_loss, draw(*shape), draw(*shape))
    case("bce", F.binary_cross_entropy_with_logits, draw(*shape, scale=3.0), torch.rand(shape).double())
    case("bce", F.binary_cross_entropy_with_logits, draw(*shape, scale=3.0), (torch.rand(shape) < 0.5).double())
extreme = torch.tensor([0.0, 0.0, 20.0, -20.0, 1e4, -1e4, 1e4, -1e4]).double()
case("bce", F.binary_cross_entropy_with_logits, extreme, torch.tensor([0, 1, 1, 0, 1, 0, 0, 1]).double())

for n, k in ((1, 1), (1, 5), (6, 2), (5, 10)):
    labels = torch.randint(k, (n,))
    case("crossentropy", lambda x, c: F.cross_entropy(x, c.long()), draw(n, k, scale=2.0), labels.double())
for x in (TIES, LARGE, MASKED):
    case("crossentropy", lambda x, c: F.cross_entropy(x, c.long()), x, torch.tensor([2, 1, 0]).double())

with open("pytorch.json", "w", encoding="utf-8") as file:
    file.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
