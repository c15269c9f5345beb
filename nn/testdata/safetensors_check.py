"""Exchanges saved models with Python (safetensors 0.8.0, PyTorch 2.15.0).

    python safetensors_check.py write    # writes python.safetensors, which the tests load
    python safetensors_check.py check    # reads go.safetensors, which the tests save, and compares its predictions

Run it in this folder. Linear's weights are (in, out) in Go and (out, in) in PyTorch.
"""

import json
import sys

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file


def net():
    return torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.Tanh(), torch.nn.Linear(5, 2), torch.nn.Sigmoid()).double()


def transposed(state):
    return {name: w.T.contiguous() if name.endswith("weight") else w for name, w in state.items()}


def write():
    torch.manual_seed(1)
    model = net()
    x = torch.randn(4, 3, dtype=torch.float64)
    with torch.no_grad():
        y = model(x)
    save_file(transposed(model.state_dict()), "python.safetensors")
    with open("python.json", "w") as f:
        json.dump({"X": x.flatten().tolist(), "Y": y.flatten().tolist()}, f)


def check():
    tensors = load_file("go.safetensors")
    with safe_open("go.safetensors", "pt") as f:
        metadata = f.metadata()
    assert metadata["tapegrad.version"] == "1" and metadata["tapegrad.example"] == "[3]", metadata
    assert metadata["tapegrad.optimizer"] == "optim.SGD", metadata
    params = {name: w for name, w in tensors.items() if not name.startswith("optimizer/")}
    for name, w in params.items():
        assert tensors[f"optimizer/{name}.momentum"].shape == w.shape, name
        assert tensors[f"optimizer/{name}.updates"].item() == 6, name
    model = net()
    model.load_state_dict(transposed(params))
    with open("go.json") as f:
        want = json.load(f)
    with torch.no_grad():
        y = model(torch.tensor(want["X"], dtype=torch.float64).reshape(4, 3))
    gap = (y.flatten() - torch.tensor(want["Y"], dtype=torch.float64)).abs().max().item()
    assert gap < 1e-14, gap
    print("go.safetensors predicts the same in PyTorch: largest gap", gap)


{"write": write, "check": check}[sys.argv[1]]()
