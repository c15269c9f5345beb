"""The benchmarks in NumPy: products and element-wise functions, in memory that is there already where NumPy can write to it."""

import numpy as np

from protocol import Run, million, operands


def product(run, name, rest):
    a, b, first, second = operands(name.partition("/")[0], rest)
    a, b = a.T if first else a, b.T if second else b
    out = np.empty((a.shape[0], b.shape[1]), np.float32)
    run.measure(name, lambda: np.matmul(a, b, out=out))


def sigmoid(x, out):
    np.negative(x, out=out)
    np.exp(out, out=out)
    out += 1
    np.reciprocal(out, out=out)


def softmax(x, out):
    np.subtract(x, x.max(-1, keepdims=True), out=out)
    np.exp(out, out=out)
    out /= out.sum(-1, keepdims=True)


def layer_norm(x, out):
    np.subtract(x, x.mean(-1, keepdims=True), out=out)
    out /= np.sqrt(np.square(out).mean(-1, keepdims=True) + np.float32(1e-5))


MILLION = {
    "copy": lambda x, out: np.copyto(out, x),
    "exp": np.exp,
    "tanh": np.tanh,
    "sigmoid": sigmoid,
    "softmax": softmax,
    "layernorm": layer_norm,
    "sum": lambda x, out: x.sum(),
}


def elementwise(run, name, rest):
    x = million()
    out, operation = np.empty_like(x), MILLION.get(rest)
    if operation is not None:  # NumPy has no error function
        run.measure(name, lambda: operation(x, out))


Run(f"numpy {np.__version__}").each({**dict.fromkeys(["MatMul", "MatMulNT", "MatMulTN"], product), "Million": elementwise})
