"""Writes spatial.json: values and gradients by PyTorch of the operations that move pixels about.

Run it with PyTorch 2.13 (CPU): python make_spatial.py
Images are turned from PyTorch's [N, C, H, W] into [N, H, W, C]; weights stay [I, O, H, W].
Every case draws its own numbers from a seed, so that adding one changes no other.
"""

import json
import pathlib

import torch
import torch.nn.functional as F

torch.set_num_threads(1)


def written(tensor):
    return {
        "shape": list(tensor.shape),
        "values": [float(f"{v:.9g}") for v in tensor.detach().flatten().tolist()],
    }


def images(tensor):
    return written(tensor.permute(0, 2, 3, 1))


def backward(output, *inputs):
    """Gradients of <weights, output> with fixed random weights."""
    weights = torch.randn(output.shape)
    return weights, torch.autograd.grad((output * weights).sum(), inputs)


def transposed_convolution(size, weight, **options):
    torch.manual_seed(31)
    x = torch.randn(size, requires_grad=True)
    w = (0.3 * torch.randn(weight)).requires_grad_()
    b = torch.randn(weight[1] * options["groups"], requires_grad=True)
    y = F.conv_transpose2d(x, w, b, **options)
    g, (dx, dw, db) = backward(y, x, w, b)
    options["outputPadding"] = options.pop("output_padding")
    return {
        "options": options, "x": images(x), "weight": written(w), "bias": written(b),
        "y": images(y), "upstream": images(g), "dx": images(dx), "dweight": written(dw),
        "dbias": written(db),
    }


def convolutions():
    names = ("stride", "padding", "output_padding", "dilation", "groups")
    return [
        transposed_convolution(size, weight, **dict(zip(names, options)))
        for size, weight, options in [
            ((2, 3, 4, 5), (3, 4, 4, 4), (2, 1, 0, 1, 1)),
            ((1, 4, 3, 3), (4, 2, 3, 3), (2, 1, 1, 1, 2)),
            ((2, 2, 5, 4), (2, 3, 3, 3), (1, 2, 0, 2, 1)),
        ]
    ]


spatial = {
    "transposedConvolution": convolutions(),
}
path = pathlib.Path(__file__).with_name("spatial.json")
path.write_text(json.dumps(spatial, separators=(",", ":")) + "\n")
