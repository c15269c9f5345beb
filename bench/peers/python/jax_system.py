"""The benchmarks in JAX, in its two best forms: a compiled step for each batch, and one compiled scan over many batches that lie on
the device."""

from functools import partial

import jax
import jax.numpy as jnp

from protocol import Run, XOR_X, XOR_Y, batch_size, batches, glorot, million, operands, xor_weights


def forward(params, x):
    for i, (w, b) in enumerate(params):
        x = x @ w + b
        x = jax.nn.relu(x) if i < len(params) - 1 else jax.nn.sigmoid(x)
    return x


def loss(params, x):
    return jnp.mean((forward(params, x) - x) ** 2)


# An optimizer is a function that makes its state, and one that updates parameters and state by gradients.


def sgd_update(params, state, grads):
    return jax.tree.map(lambda p, g: p - 0.05 * g, params, grads), state


def momentum_update(params, v, grads):
    v = jax.tree.map(lambda v, g: 0.9 * v + g, v, grads)
    return jax.tree.map(lambda p, v: p - 0.05 * v, params, v), v


def adam_update(params, state, grads):
    m, v, t = state
    t = t + 1
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, grads)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, grads)
    move = lambda p, m, v: p - 1e-3 * (m / (1 - 0.9**t)) / (jnp.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return jax.tree.map(move, params, m, v), (m, v, t)


def zeros(params):
    return jax.tree.map(jnp.zeros_like, params)


OPTIMIZERS = {
    "AutoencoderStep": (lambda params: (), sgd_update),
    "AutoencoderMomentum": (zeros, momentum_update),
    "AutoencoderAdam": (lambda params: (zeros(params), zeros(params), jnp.float32(0)), adam_update),
}


def training_step(update, carry, x):
    params, state = carry
    value, grads = jax.value_and_grad(loss)(params, x)
    return update(params, state, grads), value


def new_carry(init):
    params = [(jnp.array(w), jnp.array(b)) for w, b in glorot()]
    return params, init(params)


def autoencoder(run, name, rest):
    size, (init, update) = batch_size(rest), OPTIMIZERS[name.partition("/")[0]]
    images, steps = run.images(), max(4, 1600 // size)
    order = batches(len(images), size)

    step = jax.jit(partial(training_step, update), donate_argnums=0)
    carry = new_carry(init)

    def stepping():
        nonlocal carry
        for _ in range(steps):
            carry, value = step(carry, images[next(order)])
        value.block_until_ready()

    run.measure(name, stepping, steps)

    on_device = jnp.array(images)

    @partial(jax.jit, donate_argnums=0)
    def many(carry, indices, images):
        return jax.lax.scan(lambda carry, i: training_step(update, carry, images[i]), carry, indices)

    carry = new_carry(init)
    indices = jnp.array([next(order) for _ in range(steps)])

    def scanning():
        nonlocal carry
        carry, values = many(carry, indices, on_device)
        values.block_until_ready()

    run.measure(name, scanning, steps, form="scan")


def training_memory(run, name, rest):
    images, size = run.images(), 32
    order = batches(len(images), size)
    step = jax.jit(partial(training_step, sgd_update), donate_argnums=0)
    carry = new_carry(lambda params: ())
    for _ in range(len(images) // size):
        carry, value = step(carry, images[next(order)])
    value.block_until_ready()
    run.print_peak_memory(name)


def xor(run, name, rest):
    def xor_loss(p):
        y = jax.nn.sigmoid(jnp.tanh(XOR_X @ p[0] + p[1]) @ p[2] + p[3])
        return jnp.mean((y - XOR_Y) ** 2)

    def step(p):
        return jax.tree.map(lambda p, g: p - 0.9 * g, p, jax.grad(xor_loss)(p))

    compiled = jax.jit(step)
    scanned = jax.jit(lambda p: jax.lax.scan(lambda p, _: (step(p), None), p, length=200)[0])
    start = [jnp.array(w) for w in xor_weights()]

    def stepping():
        p = start
        for _ in range(200):
            p = compiled(p)
        jax.block_until_ready(p)

    run.measure(name, stepping)
    run.measure(name, lambda: jax.block_until_ready(scanned(start)), form="scan")


def tape_tanh(run, name, rest):
    jax.config.update("jax_enable_x64", True)

    def chain(x):
        for _ in range(100):
            x = jnp.tanh(x)
        return jnp.sum(x)

    gradient = jax.jit(jax.value_and_grad(chain))
    x = jnp.linspace(-0.8, 0.7, 16, dtype=jnp.float64).reshape(4, 4)
    run.measure(name, lambda: jax.block_until_ready(gradient(x)))


def product(run, name, rest):
    a, b, first, second = operands(name.partition("/")[0], rest)
    a, b = jnp.array(a), jnp.array(b)
    multiply = jax.jit(lambda a, b: (a.T if first else a) @ (b.T if second else b))
    run.measure(name, lambda: multiply(a, b).block_until_ready())


def layer_norm(x):
    centred = x - jnp.mean(x, -1, keepdims=True)
    return centred * jax.lax.rsqrt(jnp.mean(centred**2, -1, keepdims=True) + 1e-5)


MILLION = {
    "copy": jnp.copy,
    "exp": jnp.exp,
    "tanh": jnp.tanh,
    "sigmoid": jax.nn.sigmoid,
    "gelu": lambda x: jax.nn.gelu(x, approximate=False),
    "softmax": jax.nn.softmax,
    "layernorm": layer_norm,
    "sum": jnp.sum,
}


def elementwise(run, name, rest):
    x, compiled = jnp.array(million()), jax.jit(MILLION[rest])
    run.measure(name, lambda: compiled(x).block_until_ready())


Run(f"jax {jax.__version__}").each(
    {
        **dict.fromkeys(OPTIMIZERS, autoencoder),
        **dict.fromkeys(["MatMul", "MatMulNT", "MatMulTN"], product),
        "TrainingMemory": training_memory,
        "XOR200": xor,
        "TapeTanh": tape_tanh,
        "Million": elementwise,
    }
)
