"""Exchanges files with the Python package safetensors (0.8.0, with NumPy 2.4.6 and PyTorch 2.15.0).

    python fixtures.py write    # writes python.safetensors, which the tests read
    python fixtures.py check    # reads go.safetensors, which the tests write, and complains if it does not hold what it should

Run it in this folder.
"""

import sys

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

NUMBERS = {
    "u8": torch.uint8, "i8": torch.int8, "u16": torch.uint16, "i16": torch.int16, "u32": torch.uint32, "i32": torch.int32,
    "u64": torch.uint64, "i64": torch.int64, "f32": torch.float32, "f64": torch.float64,
}
METADATA = {"format": "pt", "note": "Grüße, 世界 <&>"}


def tensors():
    """What both files hold."""
    made = {name: torch.tensor([[0, 1, 2], [3, 4, 5]]).to(dtype) for name, dtype in NUMBERS.items()}
    made["bool"] = torch.tensor([True, False, True])
    made["scalar"] = torch.tensor(-2.5, dtype=torch.float64)
    made["empty"] = torch.zeros((2, 0, 3))
    made['odd "name"\\ \n\u2028/日本'] = torch.tensor([float("inf"), -0.0, 1e-45])
    return made


def write():
    halves = {
        "f16": torch.tensor([1, -2.5, 65504, 6e-8, 6.1035e-05, float("inf"), float("nan")], dtype=torch.float16),
        "bf16": torch.tensor([1, -2.5, 3.3895e38, 1e-40, float("-inf"), float("nan")], dtype=torch.bfloat16),
    }
    save_file(tensors() | halves, "python.safetensors", METADATA)


def check():
    got, want = load_file("go.safetensors"), tensors()
    assert got.keys() == want.keys(), (got.keys(), want.keys())
    for name, w in want.items():
        g = got[name]
        assert g.dtype == w.dtype and g.shape == w.shape, (name, g, w)
        assert g.numpy().tobytes() == w.numpy().tobytes(), (name, g, w)
    with safe_open("go.safetensors", "np") as f:
        assert f.metadata() == METADATA, f.metadata()
    print("go.safetensors holds what it should:", len(want), "tensors")


{"write": write, "check": check}[sys.argv[1]]()
