"""The first 200 steps of training an autoencoder of MNIST's images by the three recipes of examples/mnist.

Weights and the order of the images come from splitmix64, which Go computes too; weights are rounded to float32, so that a training in
float32 starts from the same. The results of a case are the losses, and the losses of a training whose first weights were each changed
by one half unit in the last place of float32, up or down: what a rounding does.
"""

import gzip
import math

import numpy as np
import torch
from torch.nn import functional as F

from vectors import keep

STEPS, TRAINED_WITH, EPOCHS = 200, 60000, 40
RECIPES = ["report", "momentum", "best"]
WIDTHS = {
    "narrow": [784, 32, 24, 16, 12, 8, 12, 16, 24, 32, 784],  # for go test
    "full": [784, 512, 256, 128, 64, 32, 64, 128, 256, 512, 784],  # for go test -full
}


def splitmix(stream, n):
    """The first n numbers of 64 bits in a stream of its own: what Steele, Lea and Flood's generator makes of stream·2⁴⁰, stream·2⁴⁰ + 1, …"""
    z = (np.uint64(stream << 40) + np.arange(n, dtype=np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def weights(widths, latent_bias):
    """Weights (in, out), uniform as Glorot and Bengio have them, and biases: 0, but for those of the code."""
    for i, (n, m) in enumerate(zip(widths, widths[1:])):
        uniform = (splitmix(i + 1, n * m) >> np.uint64(11)) * 2.0**-53
        w = ((2 * uniform - 1) * np.sqrt(6 / (n + m))).astype(np.float32).astype(np.float64).reshape(n, m)
        yield torch.from_numpy(w)
        yield torch.full((m,), latent_bias if i == 4 else 0.0)


def images():
    with gzip.open("../../data/mnist/train-images-idx3-ubyte.gz") as file:
        pixels = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 784)
    return torch.from_numpy(pixels.astype(np.float32) / np.float32(255)).double()


def train(recipe, widths, pixels, changed):
    batch = 64 if recipe == "best" else 32
    params = list(weights(widths, 1.0 if recipe == "best" else 0.0))
    if changed:
        for i, p in enumerate(params):
            up = torch.from_numpy((splitmix(100 + i, p.numel()) >> np.uint64(63)).astype(np.float64)).reshape(p.shape)
            p *= 1 + (2 * up - 1) * 2.0**-24
    for p in params:
        p.requires_grad_()
    if recipe == "best":
        groups = [{"params": [p], "weight_decay": 0.01 if p.dim() == 2 else 0.0} for p in params]
        optimizer = torch.optim.AdamW(groups, lr=1e-3)
        updates = EPOCHS * -(-TRAINED_WITH // batch)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda t: min(1, (t + 1) / 500) * (0.01 + 0.99 * (1 + math.cos(math.pi * t / updates)) / 2)
        )
    else:
        optimizer, schedule = torch.optim.SGD(params, lr=0.05, momentum=0.9 if recipe == "momentum" else 0.0), None
    order = torch.from_numpy((splitmix(0, STEPS * batch) % np.uint64(TRAINED_WITH)).astype(np.int64))
    losses = []
    for rows in order.split(batch):
        x = h = pixels[rows]
        for i in range(0, len(params), 2):
            h = h @ params[i] + params[i + 1]
            h = torch.sigmoid(h) if i + 2 == len(params) else torch.relu(h)
        loss = F.mse_loss(h, x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if schedule:
            schedule.step()
        losses.append(loss.item())
    return torch.tensor(losses)


def add():
    pixels = images()
    for name, widths in WIDTHS.items():
        for recipe in RECIPES:
            results = [train(recipe, widths, pixels, changed) for changed in (False, True)]
            keep({"training": recipe, "network": name, "widths": widths, "y": [[STEPS], [STEPS]]}, results)
