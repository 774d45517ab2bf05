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
            ((2, 3, 3, 4), (3, 2, 4, 4), (2, 1, 0, 1, 1)),
            ((1, 4, 3, 3), (4, 2, 3, 3), (2, 1, 1, 1, 2)),
            ((2, 2, 4, 3), (2, 3, 3, 3), (1, 2, 0, 2, 1)),
        ]
    ]


def normalisation(size, groups):
    """Group normalisation of images; layer normalisation over the last dimension without groups."""
    torch.manual_seed(32)
    x = (1 + 2 * torch.randn(size)).requires_grad_()
    channels = size[1] if groups else size[-1]
    scale = torch.rand(channels).add(0.5).requires_grad_()
    shift = torch.randn(channels, requires_grad=True)
    if groups:
        y = F.group_norm(x, groups, scale, shift)
    else:
        y = F.layer_norm(x, [channels], scale, shift)
    g, (dx, dscale, dshift) = backward(y, x, scale, shift)
    form = images if groups else written
    return {
        "groups": groups, "x": form(x), "scale": written(scale), "shift": written(shift),
        "y": form(y), "upstream": form(g), "dx": form(dx), "dscale": written(dscale),
        "dshift": written(dshift),
    }


def padding(size, sides, mode):
    """Sides are top, left, bottom, right."""
    torch.manual_seed(33)
    x = torch.randn(size, requires_grad=True)
    top, left, bottom, right = sides
    value = {"value": 0.75} if mode == "constant" else {}
    y = F.pad(x, (left, right, top, bottom), mode, **value)
    g, (dx,) = backward(y, x)
    return {
        "mode": mode, "sides": sides, "x": images(x), "y": images(y), "upstream": images(g),
        "dx": images(dx),
    }


def upsampling(size, factor):
    torch.manual_seed(34)
    x = torch.randn(size, requires_grad=True)
    y = F.interpolate(x, scale_factor=factor, mode="nearest")
    g, (dx,) = backward(y, x)
    return {
        "factor": factor, "x": images(x), "y": images(y), "upstream": images(g), "dx": images(dx)
    }


def grid_sampling(size, height, width, mode):
    torch.manual_seed(35)
    x = torch.randn(size, requires_grad=True)
    grid = (torch.rand(size[0], height, width, 2) * 3.6 - 1.8).requires_grad_()
    y = F.grid_sample(x, grid, padding_mode=mode, align_corners=False)
    g, (dx, dgrid) = backward(y, x, grid)
    return {
        "mode": mode, "x": images(x), "grid": written(grid), "y": images(y), "upstream": images(g),
        "dx": images(dx), "dgrid": written(dgrid),
    }


def affine_grid(count, height, width):
    """PyTorch has grids of affine maps only: two rows of a homography."""
    torch.manual_seed(36)
    rows = torch.eye(2, 3).repeat(count, 1, 1).add(0.3 * torch.randn(count, 2, 3)).requires_grad_()
    grid = F.affine_grid(rows, (count, 1, height, width), align_corners=False)
    g, (drows,) = backward(grid, rows)
    last = torch.tensor([[[0.0, 0.0, 1.0]]]).repeat(count, 1, 1)
    return {
        "matrices": written(torch.cat([rows, last], 1)), "grid": written(grid),
        "upstream": written(g), "drows": written(drows),
    }


spatial = {
    "transposedConvolution": convolutions(),
    "normalisation": [
        normalisation(size, groups)
        for size, groups in [
            ((2, 6, 3, 2), 3), ((2, 16, 3, 2), 2), ((2, 4, 3, 3), 1), ((5, 7), 0), ((2, 3, 32), 0)
        ]
    ],
    "padding": [
        padding((1, 2, 4, 5), sides, mode)
        for mode in ("constant", "reflect", "replicate")
        for sides in ([1, 2, 3, 4], [0, 1, 2, 0])
    ],
    "upsampling": [upsampling((2, 2, 3, 2), 2), upsampling((1, 3, 2, 1), 3)],
    "gridSampling": [
        grid_sampling(size, height, width, mode)
        for mode in ("zeros", "border", "reflection")
        for size, height, width in [((2, 2, 5, 4), 3, 5), ((1, 1, 7, 9), 5, 5)]
    ],
    "affineGrid": affine_grid(2, 4, 5),
}
path = pathlib.Path(__file__).with_name("spatial.json")
path.write_text(json.dumps(spatial, separators=(",", ":")) + "\n")
