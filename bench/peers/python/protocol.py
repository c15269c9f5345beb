"""What the programs of all systems share: their arguments, the images, the clock, and the lines they print.

A program is run as

    python jax_system.py --images FILE --seconds 0.5 --count 3 NAME...

and prints, for each of the named benchmarks that it has, COUNT lines of the kind that Go's benchmarks print. A line is the mean over
at least SECONDS. With --version alone it prints what it runs on.
"""

import argparse
import time

import numpy as np

WIDTHS = [784, 512, 256, 128, 64, 32, 64, 128, 256, 512, 784]
CODE = 32  # numbers in a code
SIDE = 1024  # a matrix of SIDE by SIDE is the million elements
XOR_X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
XOR_Y = np.array([[0], [1], [1], [0]], np.float32)


class Run:
    """One run of a program: what was asked of it."""

    def __init__(self, version):
        parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
        parser.add_argument("--version", action="version", version=version)
        parser.add_argument("--images", help="file with the 60000 training images of MNIST, a byte a pixel")
        parser.add_argument("--codes", help="file with 70000 codes of 32 float64 and their labels, a byte each")
        parser.add_argument("--seconds", type=float, default=0.5)
        parser.add_argument("--count", type=int, default=3)
        parser.add_argument("--threads", type=int, default=2)
        parser.add_argument("--skip", default="", help="forms that are not to be tried, by name, with commas between")
        parser.add_argument("names", nargs="*")
        arguments = parser.parse_args()
        self.names, self.seconds, self.count = arguments.names, arguments.seconds, arguments.count
        self.threads, self._images, self._codes, self._skip = arguments.threads, arguments.images, arguments.codes, arguments.skip.split(",")

    def images(self):
        """The images as float32 in [0, 1], of shape (60000, 784)."""
        return np.fromfile(self._images, np.uint8).reshape(-1, WIDTHS[0]).astype(np.float32) / 255

    def samples(self, rest):
        """What "5000x32" stands for: as many of the training codes, or of the images as numbers up to 255, and their labels."""
        n, d = map(int, rest.split("x"))
        labels = np.fromfile(self._codes, np.uint8, n, offset=70000 * CODE * 8)
        if d == CODE:
            return np.fromfile(self._codes, "<f8", n * CODE).reshape(n, CODE), labels
        return np.fromfile(self._images, np.uint8, n * d).reshape(n, d).astype(np.float64), labels

    def tests(self):
        """The codes of the 10000 test images."""
        return np.fromfile(self._codes, "<f8", 10000 * CODE, offset=60000 * CODE * 8).reshape(-1, CODE)

    def count_of_fits(self, x):
        """How often to measure a fit: once if it takes many seconds."""
        return 1 if x.size > 10000 * CODE else None

    def print_predictions(self, name, classes):
        """Print classes below 10, a digit each."""
        print(f"Predicted {name} {''.join(map(str, classes))}", flush=True)

    def measure(self, name, run, steps=1, form=None, warm=None, count=None):
        """Print what a step costs, where run() does that many steps and waits for their result; warm() is run before."""
        full = name if form is None else f"{name}/form={form}"
        if full in self._skip:
            return
        print(f"Trying {full}", flush=True)
        (warm or run)()
        for _ in range(count or self.count):
            done, start = 0, time.perf_counter()
            while True:
                run()
                done += steps
                elapsed = time.perf_counter() - start
                if elapsed >= self.seconds:
                    break
            print(f"Benchmark{full} {done} {elapsed / done * 1e9:.0f} ns/op", flush=True)

    def print_peak_memory(self, name):
        """Print the most memory that this process had in use so far."""
        with open("/proc/self/status") as status:
            kilobytes = next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
        print(f"Benchmark{name} 1 {1024 * kilobytes} peak-B", flush=True)

    def each(self, benchmarks):
        """Run the functions of the benchmarks that were asked for, each with its name and the part after the slash."""
        for name in self.names:
            family, _, rest = name.partition("/")
            if family in benchmarks:
                benchmarks[family](self, name, rest)


def glorot():
    """Weights and biases of the autoencoder, as Glorot and Bengio initialize them."""
    rng = np.random.default_rng(0)
    for n, m in zip(WIDTHS, WIDTHS[1:]):
        limit = np.sqrt(6 / (n + m))
        yield rng.uniform(-limit, limit, (n, m)).astype(np.float32), np.zeros(m, np.float32)


def xor_weights():
    """Weights and biases of the network that learns XOR."""
    rng = np.random.default_rng(0)
    return [rng.uniform(-1, 1, shape).astype(np.float32) for shape in ((2, 4), (4,), (4, 1), (1,))]


def batches(rows, size):
    """Endless shuffled batches of indices, as many as there are whole ones in each pass."""
    rng = np.random.default_rng(1)
    while True:
        order = rng.permutation(rows)
        for start in range(0, rows - size + 1, size):
            yield order[start : start + size]


def batch_size(rest):
    """The number in "batch=32"."""
    return int(rest.partition("=")[2])


def operands(family, rest):
    """The matrices of a product such as MatMulTN and 784x32x512: two arrays, and whether each is to be transposed."""
    m, k, n = map(int, rest.split("x"))
    first, second = family == "MatMulTN", family == "MatMulNT"
    rng = np.random.default_rng(1)
    a = rng.uniform(-1, 1, (k, m) if first else (m, k)).astype(np.float32)
    b = rng.uniform(-1, 1, (n, k) if second else (k, n)).astype(np.float32)
    return a, b, first, second


def million():
    """A matrix of normal numbers."""
    return np.random.default_rng(1).standard_normal((SIDE, SIDE)).astype(np.float32)
