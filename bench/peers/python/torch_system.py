"""The benchmarks in PyTorch: as it is usually run, but with its fused optimizers, which are faster; and the autoencoder's step at batch 32
also through torch.compile, which needs a C++ compiler and half a minute the first time."""

import torch

from protocol import Run, XOR_X, XOR_Y, batch_size, batches, glorot, million, operands, xor_weights

OPTIMIZERS = {
    "AutoencoderStep": lambda params: torch.optim.SGD(params, 0.05, fused=True),
    "AutoencoderMomentum": lambda params: torch.optim.SGD(params, 0.05, momentum=0.9, fused=True),
    "AutoencoderAdam": lambda params: torch.optim.Adam(params, fused=True),
}


def linear(w, b):
    layer = torch.nn.Linear(*w.shape)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(w.T))
        layer.bias.copy_(torch.from_numpy(b))
    return layer


def network():
    layers = []
    for w, b in glorot():
        layers += [linear(w, b), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1], torch.nn.Sigmoid())


def training_step(net, optimizer):
    mse = torch.nn.MSELoss()

    def step(x):
        optimizer.zero_grad()
        value = mse(net(x), x)
        value.backward()
        optimizer.step()
        return value

    return step


def autoencoder(run, name, rest):
    size, images = batch_size(rest), torch.from_numpy(run.images())
    order, steps = batches(len(images), size), max(4, 800 // size)
    net = network()
    step = training_step(net, OPTIMIZERS[name.partition("/")[0]](net.parameters()))

    def several(step):
        for _ in range(steps):
            step(images[torch.from_numpy(next(order))])

    run.measure(name, lambda: several(step), steps)
    if size == 32:
        compiled = torch.compile(step)
        run.measure(name, lambda: several(compiled), steps, form="compiled")


def training_memory(run, name, rest):
    images, size = torch.from_numpy(run.images()), 32
    order, net = batches(len(images), size), network()
    step = training_step(net, torch.optim.SGD(net.parameters(), 0.05, fused=True))
    for _ in range(len(images) // size):
        step(images[torch.from_numpy(next(order))])
    run.print_peak_memory(name)


def xor(run, name, rest):
    x, y = torch.from_numpy(XOR_X), torch.from_numpy(XOR_Y)
    w1, b1, w2, b2 = xor_weights()

    def train():
        net = torch.nn.Sequential(linear(w1, b1), torch.nn.Tanh(), linear(w2, b2), torch.nn.Sigmoid())
        optimizer, mse = torch.optim.SGD(net.parameters(), 0.9, fused=True), torch.nn.MSELoss()
        for _ in range(200):
            optimizer.zero_grad()
            mse(net(x), y).backward()
            optimizer.step()

    run.measure(name, train)


def tape_tanh(run, name, rest):
    x = torch.linspace(-0.8, 0.7, 16, dtype=torch.float64).reshape(4, 4).requires_grad_()
    ones = torch.ones(4, 4, dtype=torch.float64)

    def chain():
        y = x
        for _ in range(100):
            y = torch.tanh(y)
        torch.autograd.grad(y, x, ones)

    run.measure(name, chain)


def product(run, name, rest):
    a, b, first, second = operands(name.partition("/")[0], rest)
    a, b = torch.from_numpy(a), torch.from_numpy(b)
    a, b = a.T if first else a, b.T if second else b
    run.measure(name, lambda: a @ b)


MILLION = {
    "copy": torch.clone,
    "exp": torch.exp,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "gelu": torch.nn.functional.gelu,
    "softmax": lambda x: torch.softmax(x, -1),
    "layernorm": lambda x: torch.nn.functional.layer_norm(x, x.shape[-1:], eps=1e-5),
    "sum": torch.sum,
}


def elementwise(run, name, rest):
    x, operation = torch.from_numpy(million()), MILLION[rest]
    with torch.no_grad():
        run.measure(name, lambda: operation(x))


program = Run(f"torch {torch.__version__}")
torch.set_num_threads(program.threads)
program.each(
    {
        **dict.fromkeys(OPTIMIZERS, autoencoder),
        **dict.fromkeys(["MatMul", "MatMulNT", "MatMulTN"], product),
        "TrainingMemory": training_memory,
        "XOR200": xor,
        "TapeTanh": tape_tanh,
        "Million": elementwise,
    }
)
