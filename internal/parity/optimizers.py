"""Random draws of every optimizer: random settings, parameters and gradients, and the parameters after each of some steps.

The operands of a case are the parameters and then the gradients, step by step; its results are the parameters, or their averages, after
each step. Settings that are not named are PyTorch's own.
"""

import torch

from operations import DRAWS, normal, shape
from vectors import generator, keep

STEPS = 6
CLASSES = {"SGD": "SGD", "Adam": "Adam", "AdamW": "AdamW", "RMSProp": "RMSprop", "Adagrad": "Adagrad"}


def settings(rng, kind):
    """Settings by PyTorch's names, about half of them as they are by themselves."""
    all = {"lr": [0.1, 0.02, 0.3], "weight_decay": [0.02, 0.3]}
    if kind == "SGD":
        all |= {"momentum": [0.5, 0.9], "nesterov": [True]}
    if kind in ("Adam", "AdamW"):
        all |= {"beta1": [0.5, 0.8], "beta2": [0.8, 0.99], "eps": [1e-2, 1e-6]}
    if kind == "RMSProp":
        all |= {"alpha": [0.8, 0.9], "eps": [1e-2, 1e-6], "momentum": [0.7], "centered": [True]}
    if kind == "Adagrad":
        all |= {"lr_decay": [0.2], "initial_accumulator_value": [0.5], "eps": [1e-2]}
    chosen = {name: rng.choice(values).item() for name, values in all.items() if rng.random() < 0.5}
    if "momentum" not in chosen:
        chosen.pop("nesterov", None)
    return chosen


def run(rng, kind, **more):
    kind_of_steps = str(rng.choice(["SGD", "AdamW"])) if kind == "EMA" else kind
    options = settings(rng, kind_of_steps)
    params = [normal(1)(rng, shape(rng, 1, 3, empty=False)) for _ in range(2)]
    gradients = [[normal(1)(rng, list(p.shape)) for p in params] for _ in range(STEPS)]
    weights_only, schedule = bool(rng.random() < 0.3), bool(rng.random() < 0.3)

    leaves = [torch.nn.Parameter(p.clone()) for p in params]
    groups = [{"params": [p]} for p in leaves]
    for group, p in zip(groups, leaves):
        if weights_only and p.dim() < 2:
            group["weight_decay"] = 0
    given = {name: value for name, value in options.items() if name not in ("beta1", "beta2")}
    if "beta1" in options or "beta2" in options:
        given["betas"] = (options.get("beta1", 0.9), options.get("beta2", 0.999))
    optimizer = getattr(torch.optim, CLASSES[kind_of_steps])(groups, **given)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10, eta_min=0.01 * optimizer.param_groups[0]["lr"]) if schedule else None
    model, every = torch.nn.ParameterList(leaves), more.get("every", 1)
    if kind == "EMA":
        average = torch.optim.swa_utils.get_ema_multi_avg_fn(more["decay"])
        averaged = torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=average)
    results = []
    for t in range(STEPS):
        for p, g in zip(leaves, gradients[t]):
            p.grad = g / every if p.grad is None else p.grad + g / every
        if "max_norm" in more:
            torch.nn.utils.clip_grad_norm_(leaves, more["max_norm"])
        if "max_value" in more:
            torch.nn.utils.clip_grad_value_(leaves, more["max_value"])
        if (t + 1) % every == 0:
            optimizer.step()
            optimizer.zero_grad()
            if scheduler:
                scheduler.step()
            if kind == "EMA":
                averaged.update_parameters(model)
        results += [p.detach().clone() for p in (averaged.module if kind == "EMA" else leaves)]
    options |= more | {"weights_only": weights_only, "schedule": schedule, "of": kind_of_steps}
    operands = params + [g for step in gradients for g in step]
    description = {"optimizer": kind, "options": options, "x": [list(x.shape) for x in operands], "y": [list(y.shape) for y in results]}
    keep(description, operands, results)


def add():
    for kind in [*CLASSES, "EMA"]:
        rng = generator("optimizer " + kind)
        for _ in range(DRAWS):
            run(rng, kind, **({"decay": float(rng.choice([0.999, 0.7]))} if kind == "EMA" else {}))
    rng = generator("what treats gradients")
    for _ in range(DRAWS):
        run(rng, "SGD", max_norm=float(rng.choice([1, 3])))
        run(rng, "SGD", max_value=float(rng.choice([0.5, 1.5])))
        run(rng, "Adam", every=int(rng.choice([2, 3])))
