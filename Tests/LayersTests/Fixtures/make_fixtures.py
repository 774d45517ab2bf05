"""Writes golden.json: a small NIN in PyTorch, its outputs, gradients and running statistics.

Run in an environment with torch; the tests read the file only.
"""

import json
import pathlib

import torch
from torch import nn

torch.manual_seed(5)
torch.set_num_threads(1)


class Unit(nn.Module):
    """Convolution without bias, normalisation, ReLU: the unit of a NIN."""

    def __init__(self, inputs, outputs, window):
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, window, padding=window // 2, bias=False)
        self.normalisation = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return torch.relu(self.normalisation(self.convolution(x)))


class NIN(nn.Module):
    """The small layout: four blocks, two poolings, a global average."""

    def __init__(self, channels, first, second):
        super().__init__()
        self.blocks = nn.ModuleList(
            [
                nn.Sequential(
                    Unit(channels, first, 5), Unit(first, first, 1), nn.MaxPool2d(3, 2, 1)
                ),
                nn.Sequential(
                    Unit(first, second, 3), Unit(second, second, 1), nn.AvgPool2d(3, 2, 1)
                ),
                nn.Sequential(Unit(second, second, 3), Unit(second, second, 1)),
                nn.Sequential(Unit(second, second, 3), Unit(second, second, 1)),
            ]
        )

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x.mean((2, 3))


def plain(tensor):
    return {
        "shape": list(tensor.shape),
        "values": [float(f"{v:.9g}") for v in tensor.detach().flatten().tolist()],
    }


network = NIN(2, 3, 4)
with torch.no_grad():
    for name, parameter in network.named_parameters():
        if "normalisation" in name:
            parameter.uniform_(0.5, 1.5)
images = torch.rand(5, 2, 11, 11)
upstream = torch.randn(5, 4)
before = {name: plain(value) for name, value in network.state_dict().items()}
output = network(images)
(output * upstream).sum().backward()
golden = {
    "images": plain(images.permute(0, 2, 3, 1).contiguous()),
    "upstream": plain(upstream),
    "state": {k: v for k, v in before.items() if not k.endswith("num_batches_tracked")},
    "training": plain(output),
    "gradients": {name: plain(p.grad) for name, p in network.named_parameters()},
    "after": {
        name: plain(value)
        for name, value in network.state_dict().items()
        if "running" in name
    },
}
network.eval()
golden["evaluation"] = plain(network(images))
path = pathlib.Path(__file__).parent / "golden.json"
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
