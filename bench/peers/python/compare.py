"""What the programs of the comparison share: one training of the autoencoder, and what is kept of it.

A program is run as

    python compare_torch.py --recipe report --batch 32 --arrays arrays.npz --threads 2 --out folder

where arrays.npz has the images "train" and "test" (n, 784) as bytes, the weights "w0", … (in, out) and biases "b0", … to begin with, and
"order" (epochs, n): the rows of train in the order in which they are trained on. It writes folder/arrays.npz with "codes_train",
"codes_test" and "made", the reconstructions of the test images, and folder/said.json with what it measured.
"""

import argparse
import json
import os
import sys
import time

import numpy as np

LAST_OF_ENCODER = 4  # layer
FINAL, WARMUP, DECAY = 0.01, 500, 0.01  # of the recipe "best"


class Task:
    def __init__(self):
        parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
        parser.add_argument("--recipe", choices=["report", "momentum", "best"])
        parser.add_argument("--batch", type=int)
        parser.add_argument("--arrays")
        parser.add_argument("--threads", type=int, default=2)
        parser.add_argument("--out")
        parser.add_argument("--count-lines", action="store_true", help="count the lines of Python that one training step goes through")
        arguments = parser.parse_args()
        self.recipe, self.batch, self.threads = arguments.recipe, arguments.batch, arguments.threads
        self._out, self._count = arguments.out, arguments.count_lines
        arrays = np.load(arguments.arrays)
        self.train, self.test = (np.divide(arrays[name], 255, dtype=np.float32) for name in ("train", "test"))
        self.order = arrays["order"]
        if self._count:
            self.order = self.order[:1, : self.batch]
        layers = sum(name.startswith("w") for name in arrays.files)
        self.weights = [(arrays[f"w{i}"], arrays[f"b{i}"]) for i in range(layers)]
        self.updates = len(self.order) * -(-len(self.train) // self.batch)
        self.warmup = max(1, min(WARMUP, self.updates // 10))
        self._first, self._epochs, self._lines, self._began = None, [], set(), time.perf_counter()

    def stepped(self):
        """Is called after every step whose result is there, at least after the first."""
        if self._first is None:
            self._first = time.time()

    def epoch(self, loss, validation):
        """Keep the losses of an epoch, and the most memory that training needed."""
        now = time.perf_counter()
        self._epochs.append({"Loss": float(loss), "Validation": float(validation), "Seconds": now - self._began})
        self._began = now
        with open("/proc/self/status") as status:
            self._peak = 1024 * next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))

    def traced(self, step):
        """Run a step, the only one if the different lines of Python that it goes through are to be counted."""
        if not self._count:
            return step()

        def trace(frame, event, argument):
            if event == "line":
                self._lines.add((frame.f_code.co_filename, frame.f_lineno))
            return trace

        sys.settrace(trace)
        try:
            return step()
        finally:
            sys.settrace(None)

    def finish(self, codes_train, codes_test, made):
        arrays = {"codes_train": codes_train, "codes_test": codes_test, "made": made}
        np.savez(os.path.join(self._out, "arrays.npz"), **{name: np.asarray(x, np.float32) for name, x in arrays.items()})
        with open(os.path.join(self._out, "said.json"), "w") as file:
            json.dump({"First": self._first, "Epochs": self._epochs, "Peak": self._peak, "Stepped": len(self._lines)}, file)
