"""Weights that Orbit saved are PyTorch's own: strict loading, and the same outputs.

The Swift tests write a backbone's weights to `build/pytorch/NAME.safetensors`, and beside them images and
outputs in `NAME.outputs.safetensors`.
"""

from pathlib import Path

import pytest
import torch
from backbones import BACKBONES
from safetensors.torch import load_file

FOLDER = Path(__file__).parents[2] / "build" / "pytorch"
SUFFIX = ".outputs.safetensors"


def nchw(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.permute(0, 3, 1, 2).contiguous() if tensor.dim() == 4 else tensor


def test_every_backbone_has_a_twin():
    written = {path.name.removesuffix(SUFFIX) for path in FOLDER.glob(f"*{SUFFIX}")}
    assert written == set(BACKBONES), "run `make test-swift` first; it writes build/pytorch"


@pytest.mark.parametrize("name", BACKBONES)
def test_weights_load_strictly_and_give_the_same_outputs(name: str):
    twin = BACKBONES[name]()
    twin.load_state_dict(load_file(FOLDER / f"{name}.safetensors"), strict=True)
    twin.eval()
    wanted = load_file(FOLDER / f"{name}{SUFFIX}")
    with torch.no_grad():
        outputs = twin(nchw(wanted.pop("images")))
    if isinstance(outputs, torch.Tensor):
        outputs = {"output": outputs}
    assert set(outputs) == set(wanted)
    for key, want in wanted.items():
        got = outputs[key]
        want = nchw(want)
        assert got.shape == want.shape, key
        error = (got - want).abs().max() / want.abs().max()
        assert want.abs().max() > 1e-3 and want.std() > 1e-4, f"{key} says nothing"
        assert error <= 1e-5, f"{key} is off by {error:.2e}"


def test_the_counters_are_those_of_the_batches_seen():
    # Three training passes of two branches.
    state = load_file(FOLDER / "nin-small.safetensors")
    counters = {name: value for name, value in state.items() if name.endswith("num_batches_tracked")}
    assert len(counters) == 8
    for value in counters.values():
        assert value.dtype == torch.int64 and value.shape == () and value == 6
