"""The benchmarks in Keras on TensorFlow, trained by Model.fit as its users do."""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # before TensorFlow is imported

import keras
import tensorflow as tf

from protocol import WIDTHS, Run, XOR_X, XOR_Y, batch_size

OPTIMIZERS = {
    "AutoencoderStep": lambda: keras.optimizers.SGD(0.05),
    "AutoencoderMomentum": lambda: keras.optimizers.SGD(0.05, momentum=0.9),
    "AutoencoderAdam": lambda: keras.optimizers.Adam(),
}


def network(optimizer):
    layers = [keras.layers.Dense(width, "relu") for width in WIDTHS[1:-1]]
    net = keras.Sequential([keras.Input((WIDTHS[0],)), *layers, keras.layers.Dense(WIDTHS[-1], "sigmoid")])
    net.compile(optimizer, "mse")
    return net


def autoencoder(run, name, rest):
    size, images = batch_size(rest), run.images()
    steps = min(len(images) // size, 200)
    x = images[: steps * size]
    net = network(OPTIMIZERS[name.partition("/")[0]]())
    run.measure(name, lambda: net.fit(x, x, batch_size=size, epochs=1, verbose=0), steps)


def training_memory(run, name, rest):
    images = run.images()
    network(keras.optimizers.SGD(0.05)).fit(images, images, batch_size=32, epochs=1, verbose=0)
    run.print_peak_memory(name)


def xor(run, name, rest):
    net = keras.Sequential([keras.Input((2,)), keras.layers.Dense(4, "tanh"), keras.layers.Dense(1, "sigmoid")])
    net.compile(keras.optimizers.SGD(0.9), "mse")
    train = lambda epochs: net.fit(XOR_X, XOR_Y, batch_size=4, epochs=epochs, verbose=0)
    run.measure(name, lambda: train(200), warm=lambda: train(1), count=1)  # it takes many seconds


program = Run(f"keras {keras.__version__} with tensorflow {tf.__version__}")
tf.config.threading.set_intra_op_parallelism_threads(program.threads)
tf.config.threading.set_inter_op_parallelism_threads(program.threads)
program.each({**dict.fromkeys(OPTIMIZERS, autoencoder), "TrainingMemory": training_memory, "XOR200": xor})
