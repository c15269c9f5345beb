"""The comparison's training in JAX: a compiled step for each batch."""

from functools import partial

import jax
import jax.numpy as jnp

from compare import DECAY, FINAL, LAST_OF_ENCODER, Task

task = Task()


# Begin of what a user writes.
def encode(params, x, layers):
    for i, (w, b) in enumerate(params[:layers]):
        x = x @ w + b
        x = jax.nn.relu(x) if i < len(params) - 1 else jax.nn.sigmoid(x)
    return x


@jax.jit
def loss_of(params, x):
    return jnp.mean((encode(params, x, len(params)) - x) ** 2)


def rate(t):
    warm = jnp.minimum(1, (t + 1) / task.warmup)
    return 1e-3 * warm * (FINAL + (1 - FINAL) * (1 + jnp.cos(jnp.pi * t / task.updates)) / 2)


def update(params, grads, state):
    t, first, second = state
    if task.recipe == "report":
        return jax.tree.map(lambda p, g: p - 0.05 * g, params, grads), state
    if task.recipe == "momentum":
        first = jax.tree.map(lambda v, g: 0.9 * v + g, first, grads)
        return jax.tree.map(lambda p, v: p - 0.05 * v, params, first), (t, first, second)
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, grads)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, grads)
    lr, n = rate(t), t + 1

    def move(p, m, v):
        p = p * (1 - lr * DECAY) if p.ndim > 1 else p
        return p - lr * (m / (1 - 0.9**n)) / (jnp.sqrt(v / (1 - 0.999**n)) + 1e-8)

    return jax.tree.map(move, params, first, second), (n, first, second)


@partial(jax.jit, donate_argnums=(0, 1))
def step(params, state, x):
    loss, grads = jax.value_and_grad(loss_of)(params, x)
    params, state = update(params, grads, state)
    return params, state, loss


params = [(jnp.array(w), jnp.array(b)) for w, b in task.weights]
state = (jnp.float32(0), jax.tree.map(jnp.zeros_like, params), jax.tree.map(jnp.zeros_like, params))
for order in task.order:
    losses, sizes = [], []
    for start in range(0, len(order), task.batch):
        rows = order[start : start + task.batch]
        params, state, loss = task.traced(lambda: step(params, state, task.train[rows]))
        losses.append(loss)
        sizes.append(len(rows))
        if len(losses) == 1:
            loss.block_until_ready()
            task.stepped()
    total = sum(float(loss) * n for loss, n in zip(losses, sizes))
    task.epoch(total / len(task.train), loss_of(params, task.test))
encoder = partial(encode, params, layers=LAST_OF_ENCODER + 1)
task.finish(encoder(task.train), encoder(task.test), encode(params, task.test, len(params)))
# End of what a user writes.
