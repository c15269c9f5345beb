"""The comparison's training in Keras on TensorFlow, by Model.fit: an epoch at a time, so that the order of the images is the common one."""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # before TensorFlow is imported

import keras
import numpy as np
import tensorflow as tf

from compare import DECAY, FINAL, LAST_OF_ENCODER, Task

task = Task()
tf.config.threading.set_intra_op_parallelism_threads(task.threads)
tf.config.threading.set_inter_op_parallelism_threads(task.threads)


# Begin of what a user writes.
class Schedule(keras.optimizers.schedules.LearningRateSchedule):
    def __call__(self, t):
        t = keras.ops.cast(t, "float32")
        warm = keras.ops.minimum(1.0, (t + 1) / task.warmup)
        return 1e-3 * warm * (FINAL + (1 - FINAL) * (1 + keras.ops.cos(np.pi * t / task.updates)) / 2)


def optimizer_of():
    if task.recipe != "best":
        return keras.optimizers.SGD(0.05, momentum=0.9 if task.recipe == "momentum" else 0.0)
    optimizer = keras.optimizers.AdamW(Schedule(), weight_decay=DECAY, epsilon=1e-8)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return optimizer


layers = [keras.layers.Dense(w.shape[1], "relu") for w, b in task.weights[:-1]]
last = keras.layers.Dense(task.weights[-1][0].shape[1], "sigmoid")
net = keras.Sequential([keras.Input((784,)), *layers, last])
net.set_weights([x for pair in task.weights for x in pair])
net.compile(optimizer_of(), "mse")


class Stepped(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        task.stepped()


for order in task.order:
    x = task.train[order]
    history = task.traced(lambda: net.fit(x, x, batch_size=task.batch, shuffle=False, verbose=0, callbacks=[Stepped()]))
    validation = net.evaluate(task.test, task.test, batch_size=1000, verbose=0)
    task.epoch(history.history["loss"][0], validation)
encoder = keras.Model(net.inputs, net.layers[LAST_OF_ENCODER].output)
predict = lambda model, x: model.predict(x, batch_size=1000, verbose=0)
task.finish(predict(encoder, task.train), predict(encoder, task.test), predict(net, task.test))
# End of what a user writes.
