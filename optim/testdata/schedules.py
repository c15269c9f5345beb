"""Writes schedules.json: the factors of the learning rate that PyTorch's schedulers give at updates 0, 1, …

Usage: python schedules.py > schedules.json    (made with PyTorch 2.15.0)
"""

import json
import warnings

import torch

warnings.simplefilter("ignore")  # steps without an optimizer's, and a deprecated argument
scheduler = torch.optim.lr_scheduler
LR = 0.5
LOSSES = [1.0, 0.8, 0.79995, 0.9, 0.7, 0.7, 0.71, 0.70001, 0.6, 0.5999, 0.7, 0.7, 0.8, 0.7, 0.9, 0.9, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6]
NEGATED = [x / 2 - 1 for x in LOSSES]


def factors(make, steps):
    optimizer = torch.optim.SGD([torch.zeros(1, dtype=torch.float64)], lr=LR)
    s, rates = make(optimizer), []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"] / LR)
        s.step()
    return rates


def plateau(losses=LOSSES, **options):
    """The factor after each loss. eps, which ignores small changes of the rate, is 0."""
    optimizer = torch.optim.SGD([torch.zeros(1, dtype=torch.float64)], lr=LR)
    s, rates = scheduler.ReduceLROnPlateau(optimizer, eps=0, **options), []
    for loss in losses:
        s.step(loss)
        rates.append(optimizer.param_groups[0]["lr"] / LR)
    return rates


def cycle(steps, **options):
    optimizer = torch.optim.SGD([torch.zeros(1, dtype=torch.float64)], lr=LR, momentum=0.9)
    s = scheduler.OneCycleLR(optimizer, LR, total_steps=steps, cycle_momentum=False, **options)
    rates = [optimizer.param_groups[0]["lr"] / LR]
    for _ in range(steps - 1):
        s.step()
        rates.append(optimizer.param_groups[0]["lr"] / LR)
    return rates


def warmup(o):
    return scheduler.ChainedScheduler([
        scheduler.LinearLR(o, start_factor=1 / 8, total_iters=7), scheduler.CosineAnnealingLR(o, 30, eta_min=0),
    ])


print(json.dumps({
    "losses": LOSSES,
    "negated": NEGATED,
    "factors": {
        "linear": factors(lambda o: scheduler.LinearLR(o, start_factor=1, end_factor=0.1, total_iters=9), 15),
        "exponential": factors(lambda o: scheduler.ExponentialLR(o, 0.9), 12),
        "cosine": factors(lambda o: scheduler.CosineAnnealingLR(o, 20, eta_min=0.02 * LR), 21),
        "warmup": factors(lambda o: scheduler.LinearLR(o, start_factor=1 / 8, total_iters=7), 12),
        "warmup and cosine": factors(warmup, 30),
        "one cycle": cycle(40),
        "one cycle with options": cycle(31, pct_start=0.45, div_factor=10, final_div_factor=50),
        "one cycle of three phases": cycle(40, three_phase=True),
        "one cycle that falls at once": cycle(7, pct_start=0.1),
        "plateau": plateau(),
        "plateau with options": plateau(factor=0.5, patience=2, threshold=0.01, cooldown=3, min_lr=0.2 * LR),
        "impatient plateau": plateau(factor=0.5, patience=0),
        "plateau of what rises": plateau([-x for x in NEGATED], mode="max", factor=0.5, patience=1),
    },
}))
