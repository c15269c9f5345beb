"""Random draws of every layer, with random parameters, in training and in inference.

A layer is described by a dictionary, from which Go makes it too. Examples have their features along the last axis, and weights are of
shape (in, out). The operands of a case are the input and then the parameters, of which running statistics are fixed.
"""

import torch
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from operations import DRAWS, normal
from vectors import case, generator, single

FUNCTIONS = {
    "ReLU": lambda rng: ({}, F.relu),
    "Sigmoid": lambda rng: ({}, torch.sigmoid),
    "Tanh": lambda rng: ({}, torch.tanh),
    "SiLU": lambda rng: ({}, F.silu),
    "LogSigmoid": lambda rng: ({}, F.logsigmoid),
    "Softplus": lambda rng: ({}, F.softplus),
    "Softmax": lambda rng: ({}, lambda x: x.softmax(-1)),
    "LogSoftmax": lambda rng: ({}, lambda x: x.log_softmax(-1)),
    "Lambda": lambda rng: ({}, torch.square),
    "Flatten": lambda rng: ({}, lambda x: x.flatten(1)),
    "LeakyReLU": lambda rng: option(rng, "slope", [0.01, 0.2], lambda slope: lambda x: F.leaky_relu(x, slope)),
    "ELU": lambda rng: option(rng, "alpha", [1.0, 0.4], lambda alpha: lambda x: F.elu(x, alpha)),
    "GELU": lambda rng: option(rng, "approximate", [0.0, 1.0], lambda tanh: lambda x: F.gelu(x, approximate="tanh" if tanh else "none")),
}


def option(rng, name, values, f):
    value = float(rng.choice(values))
    return {name: value}, f(value)


class Drawn:
    """A layer: what it is, its parameters, which of them are fixed, the shape of its outputs, and what it does."""

    def __init__(self, description, shape, forward, params=(), fixed=()):
        self.description, self.shape, self.forward = description, shape, forward
        self.params, self.fixed = list(params), list(fixed) or [False] * len(params)


def draw(rng, kind, shape):
    """A layer of a kind for examples of a shape. forward takes the input, the parameters and whether it is trained."""
    k = shape[-1]
    if kind in FUNCTIONS:
        options, f = FUNCTIONS[kind](rng)
        out = [int(torch.empty(shape).numel())] if kind == "Flatten" else shape
        return Drawn({"kind": kind, **options}, out, lambda x, p, train: f(x))
    if kind == "Linear":
        out, biased = int(rng.integers(1, 5)), bool(rng.random() < 0.7)
        params = [normal(0.8)(rng, [k, out])] + ([normal(0.5)(rng, [out])] if biased else [])
        return Drawn(
            {"kind": kind, "out": out, "biased": biased},
            [*shape[:-1], out],
            lambda x, p, train: F.linear(x, p[0].T, p[1] if biased else None),
            params,
        )
    if kind == "LayerNorm":
        eps = float(rng.choice([1e-5, 1e-2]))
        return Drawn({"kind": kind, "eps": eps}, shape, lambda x, p, train: F.layer_norm(x, (k,), *p, eps), [normal()(rng, [k]) for _ in "gb"])
    if kind == "BatchNorm":
        eps, momentum = float(rng.choice([1e-5, 1e-2])), float(rng.choice([0.1, 0.3]))

        def forward(x, p, train):
            gain, bias, mean, variance = p[0], p[1], p[2].clone(), p[3].clone()
            y = F.batch_norm(x.movedim(-1, 1), mean, variance, gain, bias, train, momentum, eps).movedim(1, -1)
            return [y, mean, variance]

        params = [normal()(rng, [k]), normal()(rng, [k]), normal()(rng, [k]), single(rng.uniform(0.3, 2, k))]
        return Drawn({"kind": kind, "eps": eps, "momentum": momentum}, shape, forward, params, [False, False, True, True])
    if kind == "Features":
        start = int(rng.integers(0, k))
        stop = int(rng.integers(start + 1, k + 1))
        return Drawn({"kind": kind, "from": start, "to": stop}, [*shape[:-1], stop - start], lambda x, p, train: x[..., start:stop])
    return container(rng, kind, shape)


def container(rng, kind, shape):
    simple = ["Linear", "Tanh", "Sigmoid", "ELU", "GELU", "LayerNorm"] if shape[-1] > 2 else ["Linear", "Tanh", "Sigmoid", "ELU", "GELU"]
    if kind in ("Residual", "Checkpoint"):
        inner = draw(rng, "Sequential", shape)
        while kind == "Residual" and inner.shape != shape:
            inner = draw(rng, "Sequential", shape)
        layers = [inner]
    elif kind == "Sequential":
        layers = []
        for _ in range(rng.integers(1, 4)):
            layers.append(draw(rng, str(rng.choice(simple)), layers[-1].shape if layers else shape))
            simple = ["Linear", "Tanh", "Sigmoid", "ELU"]
    else:
        layers = [draw(rng, str(rng.choice(["Linear", "Tanh", "Sequential"])), shape) for _ in range(rng.integers(1, 4))]
        if kind == "Sum":
            layers = [one for one in layers if one.shape == layers[0].shape]

    def parts(p):
        for layer in layers:
            yield layer, p[: len(layer.params)]
            p = p[len(layer.params) :]

    def forward(x, p, train):
        if kind == "Sequential":
            for layer, own in parts(p):
                x = layer.forward(x, own, train)
            return x
        if kind == "Checkpoint":
            return checkpoint(lambda x, *p: layers[0].forward(x, p, train), x, *p, use_reentrant=False)
        outs = [layer.forward(x, own, train) for layer, own in parts(p)]
        if kind == "Concat":
            return torch.cat(outs, -1)
        return sum(outs, x if kind == "Residual" else 0)

    out = layers[-1].shape
    if kind == "Concat":
        out = [*shape[:-1], sum(layer.shape[-1] for layer in layers)]
    description = {"kind": kind, "layers": [layer.description for layer in layers]}
    return Drawn(description, out, forward, [p for layer in layers for p in layer.params])


KINDS = [*FUNCTIONS, "Linear", "LayerNorm", "BatchNorm", "Features", "Residual", "Checkpoint", "Sequential", "Concat", "Sum"]


def add():
    for kind in KINDS:
        rng = generator("layer " + kind)
        for i in range(DRAWS):
            least = 3 if kind in ("LayerNorm", "BatchNorm") else 1
            flat = kind in ("Linear", "Residual", "Checkpoint", "Sequential", "Concat", "Sum")  # linear layers want one axis
            shape = [int(n) for n in rng.integers(least, 5, 1 if flat else rng.integers(1, 3))]
            batch, train = int(rng.integers(least, 5)), bool(i % 2)
            layer = draw(rng, kind, shape)
            operands = [normal(1.2)(rng, [batch, *shape]), *layer.params]
            fixed = [i + 1 for i, f in enumerate(layer.fixed) if f]
            case({"layer": layer.description, "train": train}, lambda x, *p: layer.forward(x, p, train), operands, fixed)
    rng = generator("layer Dropout")
    for i in range(DRAWS):
        shape, p, train = [int(n) for n in rng.integers(1, 5, 2)], float(rng.choice([0, 0.25, 0.5, 0.8])), i % 4 > 0
        torch.manual_seed(i)
        kept = (F.dropout(torch.ones(3, *shape), p, train) != 0).double()
        x = normal()(rng, [3, *shape])
        case({"layer": {"kind": "Dropout", "p": p}, "train": train}, lambda x, kept: x * kept / (1 - p if train else 1), [x, kept], [1])
