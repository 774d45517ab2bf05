"""Writes statistics.json: the running statistics of PyTorch's batch normalisations after some batches.

Two units and a pooling see three batches, of which the last is smaller, in training mode; once for each
momentum, `null` being PyTorch's `momentum=None`, the cumulative average.

Run in an environment with torch; the tests read the file only.
"""

import copy
import json
import pathlib

import torch
from torch import nn

torch.manual_seed(11)
torch.set_num_threads(1)


class Unit(nn.Module):
    """Convolution without bias, normalisation, ReLU."""

    def __init__(self, inputs, outputs, window):
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, window, padding=window // 2, bias=False)
        self.normalisation = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return torch.relu(self.normalisation(self.convolution(x)))


def plain(tensor):
    return {
        "shape": list(tensor.shape),
        "values": [float(f"{v:.9g}") for v in tensor.detach().flatten().tolist()],
    }


network = nn.Sequential(Unit(2, 3, 3), Unit(3, 4, 1), nn.MaxPool2d(3, 2, 1))
state = {k: plain(v) for k, v in network.state_dict().items() if "num_batches" not in k}
batches = [torch.rand(n, 2, 7, 6) * 2 + offset for n, offset in [(4, 0.0), (4, -1.0), (2, 3.0)]]
after = []
for momentum in [0.1, 0.001, 0.25, 1.0, None]:
    twin = copy.deepcopy(network).train()
    for module in twin.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = momentum
    for batch in batches:
        twin(batch)
    running = {k: plain(v) for k, v in twin.state_dict().items() if "running" in k}
    after.append({"momentum": momentum, "running": running})
golden = {
    "state": state,
    "batches": [plain(batch.permute(0, 2, 3, 1).contiguous()) for batch in batches],
    "after": after,
}
path = pathlib.Path(__file__).parent / "statistics.json"
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
