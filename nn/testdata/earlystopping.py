"""Makes earlystopping.json: when Keras's EarlyStopping ends trainings of which only the monitored values are known.

    python earlystopping.py > earlystopping.json

Made with Keras 3.15.1 on TensorFlow 2.21.0.
"""

import json
import random

import keras


class Weights:
    """Stands for a model: its weights are the number of the epoch."""

    stop_training = False

    def get_weights(self):
        return self.epoch

    def set_weights(self, epoch):
        self.restored = epoch


def case(rng):
    highest, patience, delta = rng.random() < 0.5, rng.randint(1, 4), rng.choice([0, 0, 0.5])
    values = [round(rng.gauss(0, 1) * 4) / 4 for _ in range(12)]
    stopping = keras.callbacks.EarlyStopping(
        monitor="m", mode="max" if highest else "min", patience=patience, min_delta=delta, restore_best_weights=True
    )
    model = Weights()
    stopping._model = model
    stopping.on_train_begin()
    for epoch, value in enumerate(values):
        model.epoch = epoch + 1
        stopping.on_epoch_end(epoch, {"m": value})
        if model.stop_training:
            break
    stopping.on_train_end()
    return {
        "Highest": highest,
        "Patience": patience,
        "MinDelta": delta,
        "Values": values,
        "Epochs": model.epoch,
        "Best": stopping.best_epoch + 1,
        "Restored": getattr(model, "restored", model.epoch),
    }


rng = random.Random(1)
print("[\n" + ",\n".join(json.dumps(case(rng)) for _ in range(40)) + "\n]")
