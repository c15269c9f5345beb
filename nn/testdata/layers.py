"""Writes layers.json: four epochs of training small nets of many kinds of layers in float64 with PyTorch.

Usage: python layers.py > layers.json    (made with PyTorch 2.15.0)

The form is that of steps.json, but the parameters are kept after the first and the last step only, and the gradients of the first
batch are there. Parameters include running statistics, whose gradients are empty.
"""

import json

import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(21)
EPOCHS, N, BATCH = 4, 10, 4
X = torch.randn(N, 3)
TARGETS = {
    "numbers": torch.rand(N, 2),
    "labels": torch.tensor([0, 2, 1, 1, 0, 2, 2, 0, 1, 2]),
}
CLASS_WEIGHTS = torch.tensor([0.5, 2.0, 1.0])
SAMPLE_WEIGHTS = torch.tensor([1, 1, 3, 0.25, 0, 2, 2, 2, 1, 0.5])


class Branches(nn.Module):
    """Gives each branch its columns of the input, puts the outputs side by side, and adds what a layer makes of them."""

    def __init__(self):
        super().__init__()
        self.first, self.second, self.inner = nn.Linear(1, 2), nn.Linear(2, 2), nn.Linear(4, 4)

    def forward(self, x):
        h = torch.cat([torch.tanh(self.first(x[:, :1])), F.silu(self.second(x[:, 1:]))], 1)
        return h + torch.tanh(self.inner(h))


class Total(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, x):
        return sum(layer(x) for layer in self.layers)


def state(net):
    """All parameters and running statistics, layer by layer, weights as (in, out)."""
    for m in net.modules():
        for p in list(m.parameters(recurse=False)) + [b for b in m.buffers(recurse=False) if b.dim() > 0]:
            yield p


def flat(x):
    return (x.T if x.dim() == 2 else x).flatten().tolist()


def written(net):
    return [flat(p.detach()) for p in state(net)]


def run(net, loss, target, penalty=lambda net: 0.0, weights=None, **options):
    for p in net.parameters():
        if p.dim() == 1:
            p.data += 0.1 * torch.randn_like(p)  # gains are 1 and biases of norms 0 at first
    start = written(net)
    shapes = [list(reversed(p.shape)) for p in state(net)]
    optimizer = torch.optim.SGD(net.parameters(), **options)
    y = TARGETS[target]

    def objective(x, t, w):
        each = loss(net(x), t)
        each = each if each.dim() == 1 else each.mean(1)
        return (each * w).mean() + penalty(net)

    w = torch.ones(N) if weights is None else weights
    steps, losses, gradients = [], [], None
    net.train()
    for _ in range(EPOCHS):
        total = 0.0
        for rows in torch.arange(N).split(BATCH):
            optimizer.zero_grad()
            value = objective(X[rows], y[rows], w[rows])
            value.backward()
            if gradients is None:
                gradients = [[] if p.grad is None else flat(p.grad) for p in state(net)]
            optimizer.step()
            steps.append(written(net))
            total += value.item() * len(rows)
        losses.append(total / N)
    net.eval()
    with torch.no_grad():
        return {
            "target": target, "shapes": shapes, "start": start, "gradients": gradients,
            "steps": [s if i in (0, len(steps) - 1) else None for i, s in enumerate(steps)], "losses": losses,
            "final": objective(X, y, torch.ones(N)).item(), "predictions": net(X).flatten().tolist(),
        }


def squared(pred, target):
    return F.mse_loss(pred, target, reduction="none")


def crossed(pred, target):
    return F.cross_entropy(pred, target, reduction="none")


cases = {
    "ELU and SiLU": run(
        nn.Sequential(nn.Linear(3, 3), nn.ELU(), nn.Linear(3, 3), nn.ELU(0.4), nn.Linear(3, 3), nn.SiLU(), nn.Linear(3, 2)),
        squared, "numbers", lr=0.5),
    "GELU": run(
        nn.Sequential(nn.Linear(3, 4), nn.GELU(), nn.Linear(4, 3), nn.GELU(approximate="tanh"), nn.Linear(3, 2)),
        squared, "numbers", lr=0.5),
    "LogSigmoid, Softplus and LogSoftmax": run(
        nn.Sequential(nn.Linear(3, 3), nn.LogSigmoid(), nn.Linear(3, 3), nn.Softplus(), nn.Linear(3, 2), nn.LogSoftmax(-1)),
        squared, "numbers", lr=0.2),
    "LayerNorm": run(
        nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4), nn.Tanh(), nn.Linear(4, 3), nn.LayerNorm(3, eps=1e-2), nn.Linear(3, 2)),
        squared, "numbers", lr=0.3),
    "BatchNorm": run(
        nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 3), nn.BatchNorm1d(3, eps=1e-2, momentum=0.3)),
        crossed, "labels", lr=0.3, momentum=0.9),
    "branches": run(
        nn.Sequential(Branches(), Total(nn.Linear(4, 2), nn.Linear(4, 2, bias=False))), squared, "numbers", lr=0.3),
    "L1 and L2": run(
        nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)), squared, "numbers", lr=0.3,
        penalty=lambda net: 0.01 * net[0].weight.abs().sum() + 0.02 * net[0].weight.square().sum()
        + 0.03 * net[2].weight.square().sum()),
    "class weights": run(
        nn.Sequential(nn.Linear(3, 3)), crossed, "labels", weights=CLASS_WEIGHTS[TARGETS["labels"]], lr=0.5),
    "sample weights": run(
        nn.Sequential(nn.Linear(3, 2)), squared, "numbers", weights=SAMPLE_WEIGHTS, lr=0.5),
    "class and sample weights": run(
        nn.Sequential(nn.Linear(3, 3)), crossed, "labels", weights=CLASS_WEIGHTS[TARGETS["labels"]] * SAMPLE_WEIGHTS, lr=0.5),
}
print(json.dumps({
    "x": X.flatten().tolist(),
    "targets": {k: v.flatten().tolist() for k, v in TARGETS.items()},
    "cases": cases,
}, separators=(",", ":")))
