"""The comparison's training in PyTorch."""

import math

import torch

from compare import DECAY, FINAL, LAST_OF_ENCODER, Task

task = Task()
torch.set_num_threads(task.threads)


# Begin of what a user writes.
def network(weights):
    layers = []
    for w, b in weights:
        layer = torch.nn.Linear(*w.shape)
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(w.T))
            layer.bias.copy_(torch.from_numpy(b))
        layers += [layer, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1], torch.nn.Sigmoid())


def optimizer_of(net):
    if task.recipe != "best":
        return torch.optim.SGD(net.parameters(), 0.05, momentum=0.9 if task.recipe == "momentum" else 0, fused=True), None
    weights = [p for p in net.parameters() if p.dim() > 1]
    biases = [p for p in net.parameters() if p.dim() == 1]
    groups = [{"params": weights, "weight_decay": DECAY}, {"params": biases, "weight_decay": 0}]
    optimizer = torch.optim.AdamW(groups, 1e-3, fused=True)
    warm = lambda t: min(1, (t + 1) / task.warmup)
    cosine = lambda t: FINAL + (1 - FINAL) * (1 + math.cos(math.pi * t / task.updates)) / 2
    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: warm(t) * cosine(t))


net, mse = network(task.weights), torch.nn.MSELoss()
optimizer, schedule = optimizer_of(net)
train, test = torch.from_numpy(task.train), torch.from_numpy(task.test)


def step(x):
    optimizer.zero_grad()
    loss = mse(net(x), x)
    loss.backward()
    optimizer.step()
    if schedule:
        schedule.step()
    return loss.item()


for order in task.order:
    total = 0.0
    for rows in torch.from_numpy(order).split(task.batch):
        total += task.traced(lambda: step(train[rows])) * len(rows)
        task.stepped()
    with torch.no_grad():
        task.epoch(total / len(train), mse(net(test), test).item())
with torch.no_grad():
    encoder = net[: 2 * LAST_OF_ENCODER + 2]
    task.finish(encoder(train), encoder(test), net(test))
# End of what a user writes.
