"""Writes optimizers.json: ten steps of PyTorch's optimizers in float64 for each set of options, and clip_grad_norm_ before the steps.

Usage: python optimizers.py > optimizers.json    (made with PyTorch 2.15.0)
"""

import json

import torch

torch.set_default_dtype(torch.float64)
STEPS = 10
START = {"a": torch.linspace(-1, 1.2, 6).reshape(2, 3), "b": torch.tensor([0.3, -0.7])}


def gradient(name, t):
    """The gradient at step t, which both sides compute from this formula's committed values."""
    w = START[name]
    i = torch.arange(w.numel(), dtype=w.dtype).reshape(w.shape)
    return torch.sin(1.7 * t + 0.9 * i + len(name)) * (1 + 0.1 * t) + 0.2


def run(kind, options, schedule=None, max_norm=None, weights_only=False, ema=None):
    params = {k: torch.nn.Parameter(v.clone()) for k, v in START.items()}
    groups = [{"params": [params["a"]]}, {"params": [params["b"]]}]
    if weights_only:
        groups[1]["weight_decay"] = 0
    optimizer = getattr(torch.optim, kind)(groups, **options)
    scheduler = schedule(optimizer) if schedule else None
    history = []
    if ema is not None:
        model = torch.nn.ParameterDict(params)
        averaged = torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(ema))
    for t in range(STEPS):
        for k, p in params.items():
            p.grad = gradient(k, t)
        if max_norm is not None:
            torch.nn.utils.clip_grad_norm_(params.values(), max_norm)
        optimizer.step()
        if scheduler:
            scheduler.step()
        if ema is not None:
            averaged.update_parameters(model)
        kept = params if ema is None else dict(averaged.module.items())
        history.append({k: p.detach().flatten().tolist() for k, p in kept.items()})
    return history


scheduler = torch.optim.lr_scheduler


def cosine(o):
    return scheduler.CosineAnnealingLR(o, 10, eta_min=0.001)


cases = {
    "SGD": {
        "plain": run("SGD", {"lr": 0.1}),
        "defaults": run("SGD", {}),
        "weight decay": run("SGD", {"lr": 0.1, "weight_decay": 0.02}),
        "weights only": run("SGD", {"lr": 0.1, "momentum": 0.5, "weight_decay": 0.02}, weights_only=True),
        "momentum": run("SGD", {"lr": 0.1, "momentum": 0.9}),
        "momentum and weight decay": run("SGD", {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.02}),
        "nesterov": run("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
        "nesterov and weight decay": run("SGD", {"lr": 0.1, "momentum": 0.8, "nesterov": True, "weight_decay": 0.02}),
        "step decay": run("SGD", {"lr": 0.1, "momentum": 0.9}, lambda o: scheduler.StepLR(o, 3, gamma=0.5)),
        "cosine decay": run("SGD", {"lr": 0.1, "momentum": 0.9}, cosine),
        "clipped": run("SGD", {"lr": 0.1}, max_norm=1.0),
        "clipped now and then": run("SGD", {"lr": 0.1, "momentum": 0.9}, max_norm=2.2),
    },
    "Adam": {
        "defaults": run("Adam", {}),
        "betas and eps": run("Adam", {"lr": 0.1, "betas": (0.5, 0.8), "eps": 0.01}),
        "weight decay": run("Adam", {"lr": 0.1, "weight_decay": 0.3}),
        "weights only": run("Adam", {"lr": 0.1, "weight_decay": 0.3}, weights_only=True),
        "cosine decay": run("Adam", {"lr": 0.1}, cosine),
    },
    "AdamW": {
        "defaults": run("AdamW", {}),
        "betas and eps": run("AdamW", {"lr": 0.1, "betas": (0.5, 0.8), "eps": 0.01}),
        "weight decay": run("AdamW", {"lr": 0.1, "weight_decay": 0.3}),
        "weights only": run("AdamW", {"lr": 0.1, "weight_decay": 0.3}, weights_only=True),
        "cosine decay": run("AdamW", {"lr": 0.1}, cosine),
    },
    "RMSProp": {
        "defaults": run("RMSprop", {}),
        "alpha and eps": run("RMSprop", {"lr": 0.1, "alpha": 0.8, "eps": 0.01}),
        "momentum": run("RMSprop", {"lr": 0.1, "momentum": 0.7}),
        "centered": run("RMSprop", {"lr": 0.1, "alpha": 0.9, "centered": True}),
        "everything": run("RMSprop", {"lr": 0.1, "alpha": 0.9, "centered": True, "momentum": 0.7, "weight_decay": 0.3}, cosine, weights_only=True),
    },
    "EMA": {
        "defaults": run("SGD", {"lr": 0.1}, ema=0.999),
        "decay": run("AdamW", {"lr": 0.1}, ema=0.7),
    },
    "Adagrad": {
        "defaults": run("Adagrad", {}),
        "initial and eps": run("Adagrad", {"lr": 0.1, "initial_accumulator_value": 0.5, "eps": 0.01}),
        "everything": run("Adagrad", {"lr": 0.1, "lr_decay": 0.2, "weight_decay": 0.3}, cosine, weights_only=True),
    },
}
print("{")
for key, value in {
    "start": {k: v.flatten().tolist() for k, v in START.items()},
    "shapes": {k: list(v.shape) for k, v in START.items()},
    "gradients": [{k: gradient(k, t).flatten().tolist() for k in START} for t in range(STEPS)],
}.items():
    print(f'"{key}": {json.dumps(value)},')
print('"cases": {')
print(",\n".join(
    f'"{kind}": {{\n' + ",\n".join(f'"{name}": {json.dumps(c)}' for name, c in some.items()) + "}" for kind, some in cases.items()
))
print("}}")
