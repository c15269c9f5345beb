"""Makes scalars.tfevents with TensorBoard's own writer, and reads event files with TensorBoard's own reader.

    python events.py make          # writes scalars.tfevents, which the Go test compares with byte for byte
    python events.py read FOLDER   # prints the scalars of all runs below a folder, as TensorBoard understands them

Made with tensorboard 2.21.0 (pip install tensorboard; TensorFlow is not needed).
"""

import os
import sys

from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

HERE = os.path.dirname(os.path.abspath(__file__))

# The same in tfevents_test.go.
EVENTS = [
    Event(wall_time=1.5, file_version="brain.Event:2"),
    Event(wall_time=2.25, step=1, summary=Summary(value=[Summary.Value(tag="epoch_loss", simple_value=0.5)])),
    Event(
        wall_time=1750000000.125,
        step=300,
        summary=Summary(
            value=[
                Summary.Value(tag="epoch_loss", simple_value=0.1),
                Summary.Value(tag="mean of größe", simple_value=-2e30),
                Summary.Value(tag="long " * 40, simple_value=float("inf")),
            ]
        ),
    ),
    Event(wall_time=3, step=1 << 40, summary=Summary(value=[Summary.Value(tag="zero", simple_value=0.0)])),
]


def make():
    with open(os.path.join(HERE, "scalars.tfevents"), "wb") as file:
        writer = RecordWriter(file)
        for event in EVENTS:
            writer.write(event.SerializeToString(deterministic=True))


def read(folder):
    runs = EventMultiplexer(size_guidance={"scalars": 0, "tensors": 0}).AddRunsFromDirectory(folder).Reload()
    for run in sorted(runs.Runs()):
        events = runs.GetAccumulator(run)
        for tag in sorted(events.Tags()["scalars"]):
            for e in events.Scalars(tag):
                print(f"{run}\t{tag}\t{e.step}\t{e.value:.6g}")


if __name__ == "__main__":
    if sys.argv[1:] == ["make"]:
        make()
    elif sys.argv[1:2] == ["read"] and len(sys.argv) == 3:
        read(sys.argv[2])
    else:
        sys.exit(__doc__)
