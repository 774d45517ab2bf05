"""Writes PyTorch's own files for `Tests/WorkspaceTests`: the twin of a small AET with all its state moved
away from where it starts, and what it makes of some images.

Run with the environment of `make torch-environment`; the tests read the files only.
"""

from pathlib import Path

import torch
from backbones import AET, NIN
from safetensors.torch import save_file

FOLDER = Path(__file__).parents[1] / "WorkspaceTests" / "Fixtures"

torch.manual_seed(21)
torch.set_num_threads(1)
twin = AET(1, NIN.small(1, 3, 5), 5, 8)
with torch.no_grad():
    twin.whitening.mean.fill_(0.3)
    twin.whitening.deviation.fill_(0.4)
    for name, value in twin.named_parameters():
        if "normalisation" in name:
            value.add_(0.3 * torch.randn_like(value))
    twin.train()
    for _ in range(5):
        twin(torch.rand(4, 1, 28, 28))
    twin.eval()
    images = torch.rand(2, 1, 28, 28)
    outputs = twin(images)
save_file(twin.state_dict(), FOLDER / "aet.safetensors")
save_file(
    {"images": images.permute(0, 2, 3, 1).contiguous(), **outputs},
    FOLDER / "aet.outputs.safetensors",
)
save_file(
    {f"module.{name}": value for name, value in twin.state_dict().items()},
    FOLDER / "aet-parallel.safetensors",
)
torch.save(torch.nn.Linear(1, 1).state_dict(), FOLDER / "linear.pt")
