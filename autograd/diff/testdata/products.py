"""Derivatives of functions by torch.func, in float64: python products.py > products.json

The functions are those of the table in pytorch_test.go, by name."""

import json
import sys

import torch
from torch.func import hessian, jacrev, jvp, vjp

torch.set_default_dtype(torch.float64)
torch.manual_seed(4)


def mlp(x, w, b, u):
    return torch.tanh(x @ w + b) @ u


FUNCTIONS = {
    "tanh of a product": (lambda a, b: torch.tanh(a @ b), [(2, 3), (3, 2)]),
    "softmax": (lambda x: torch.softmax(x, -1), [(2, 4)]),
    "network": (mlp, [(2, 3), (3, 4), (4,), (4, 1)]),
    "broadcast": (lambda a, b: torch.exp(a) * torch.sin(b) / (1 + b * b), [(3, 1), (2,)]),
    "reduction": (lambda x: torch.logsumexp(x, 0) - (x * x).mean(0), [(3, 2)]),
    "scalar": (lambda x: torch.tanh(x) ** 3, [()]),
    "transposed": (lambda x: torch.sigmoid(x).T @ x, [(3, 2)]),
}


def flat(t):
    return t.reshape(-1).tolist()


def case(f, shapes):
    x = [torch.randn(s) for s in shapes]
    v = [torch.randn(s) for s in shapes]
    every = tuple(range(len(x)))
    value, tangent = jvp(f, tuple(x), tuple(v))
    g = torch.randn_like(value)
    weights = torch.randn_like(value)  # of the scalar function of the Hessian

    def scalar(*x):
        return (f(*x) * weights).sum()

    h = hessian(scalar, argnums=every)(*x)
    products = [sum((h[i][j].reshape(x[i].numel(), -1) @ v[j].reshape(-1) for j in every)) for i in every]
    return {
        "shapes": [list(s) for s in shapes],
        "x": [flat(t) for t in x],
        "v": [flat(t) for t in v],
        "value": flat(value),
        "value_shape": list(value.shape),
        "tangent": flat(tangent),
        "cotangent": flat(g),
        "vjp": [flat(t) for t in vjp(f, *x)[1](g)],
        "jacobian": [flat(t) for t in jacrev(f, argnums=every)(*x)],
        "jacobian_shapes": [list(t.shape) for t in jacrev(f, argnums=every)(*x)],
        "weights": flat(weights),
        "hessian": [[flat(t) for t in row] for row in h],
        "hessian_shapes": [[list(t.shape) for t in row] for row in h],
        "hvp": [flat(t) for t in products],
    }


json.dump({name: case(*f) for name, f in FUNCTIONS.items()}, sys.stdout, separators=(",", ":"))
print()
