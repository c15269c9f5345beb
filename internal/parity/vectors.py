"""The cases of vectors.npz, which Go reads: what the scripts beside this one share.

The file has two arrays. "index" is JSON, as bytes: a list of cases, each with the shapes of its arrays. "values" is the elements of all these
arrays in float64, one after the other in the order of the index: for each case the operands, the results, the gradients of the
operands that are not fixed, and second gradients, of these operands and of the cotangent, if there are any.

Gradients are for the cotangent 1, 2, 3, … of the first result, element by element. Second gradients are those of the sum of all gradients,
their elements weighted by -1.5, 0.5, 2.5, -0.5, 1.5 over and over: that of the cotangent is the product of the Jacobian with the weights.
Operands are exact in float32, so that Go can compute in both
types with the same numbers; PyTorch computes in float64.
"""

import json
import zlib

import numpy as np
import torch

torch.set_default_dtype(torch.float64)

cases, values = [], []


def generator(name):
    """Random numbers that are those of this name alone: a case more somewhere leaves the others as they are."""
    return np.random.default_rng(zlib.crc32(name.encode()))


def single(x):
    """A tensor of float64 whose elements are rounded to float32."""
    return torch.as_tensor(np.asarray(x, np.float32).astype(np.float64))


def cotangent(y):
    return torch.arange(1.0, y.numel() + 1).reshape(y.shape)


def weights(g):
    return ((torch.arange(g.numel()) * 7) % 5 - 1.5).reshape(g.shape)


def shapes(tensors):
    return [list(x.shape) for x in tensors]


def keep(description, *groups):
    """Add a case of groups of tensors."""
    cases.append(description)
    for tensors in groups:
        values.extend(x.double().numpy(force=True).flatten() for x in tensors)


def case(description, f, operands, fixed=(), second=True):
    """Add what f makes of operands: a tensor, or a list of tensors of which the first is differentiated."""
    xs = [x.clone().requires_grad_(i not in fixed) for i, x in enumerate(operands)]
    leaves = [x for x in xs if x.requires_grad]
    y = f(*xs)
    ys = y if isinstance(y, list) else [y]
    description |= {"x": shapes(xs), "y": shapes(ys)}
    if fixed:
        description["fixed"] = list(fixed)
    if not leaves:
        keep(description, xs, ys)
        return
    c = cotangent(ys[0]).requires_grad_()
    gradients = torch.autograd.grad(ys[0], leaves, c, create_graph=True, allow_unused=True, materialize_grads=True)
    if not second:
        keep(description, xs, ys, gradients)
        return
    total = sum((g * weights(g)).sum() for g in gradients)
    seconds = [torch.zeros_like(x) for x in [*leaves, c]]
    if total.requires_grad:
        seconds = torch.autograd.grad(total, [*leaves, c], allow_unused=True, materialize_grads=True)
    keep(description | {"second": True}, xs, ys, gradients, seconds)


def write(path):
    index = np.frombuffer(json.dumps(cases, separators=(",", ":")).encode(), np.uint8)
    np.savez_compressed(path, index=index, values=np.concatenate(values))
    print(f"{len(cases)} cases, {sum(map(len, values))} values")
