"""Writes golden.json: values and gradients by PyTorch that the tests of Tensors compare with.

Run it with PyTorch 2.13 (CPU) and NumPy: python make_fixtures.py
Images are turned from PyTorch's [N, C, H, W] into [N, H, W, C]; weights stay [O, I, H, W].
"""

import json
import pathlib

import torch
import torch.nn.functional as F

torch.manual_seed(20)
torch.set_num_threads(1)


def written(tensor):
    return {"shape": list(tensor.shape), "values": [float(f"{v:.9g}") for v in tensor.detach().flatten().tolist()]}


def images(tensor):
    return written(tensor.permute(0, 2, 3, 1))


def backward(output, *inputs):
    """Gradients of <weights, output> with fixed random weights."""
    weights = torch.randn(output.shape)
    return weights, torch.autograd.grad((output * weights).sum(), inputs)


def convolution(size, weight, **options):
    x = torch.randn(size, requires_grad=True)
    w = (0.3 * torch.randn(weight)).requires_grad_()
    b = torch.randn(weight[0], requires_grad=True)
    y = F.conv2d(x, w, b, **options)
    g, (dx, dw, db) = backward(y, x, w, b)
    return {
        "options": options, "x": images(x), "weight": written(w), "bias": written(b), "y": images(y),
        "upstream": images(g), "dx": images(dx), "dweight": written(dw), "dbias": written(db),
    }


def normalisation(size, training, rectify):
    x = (1 + 2 * torch.randn(size)).requires_grad_()
    scale = torch.rand(size[1]).add(0.5).requires_grad_()
    shift = torch.randn(size[1], requires_grad=True)
    mean = x.detach().mean((0, 2, 3)) if training else torch.randn(size[1])
    variance = x.detach().var((0, 2, 3), unbiased=False) if training else torch.rand(size[1]) + 0.5
    y = F.batch_norm(x, mean.clone(), variance.clone(), scale, shift, training=training, eps=1e-5)
    y = F.relu(y) if rectify else y
    g, (dx, dscale, dshift) = backward(y, x, scale, shift)
    return {
        "training": training, "rectify": rectify, "x": images(x), "scale": written(scale),
        "shift": written(shift), "mean": written(mean), "variance": written(variance), "y": images(y),
        "upstream": images(g), "dx": images(dx), "dscale": written(dscale), "dshift": written(dshift),
    }


def pooling(size, kind, window, stride, padding):
    x = torch.randn(size, requires_grad=True)
    if kind == "maximum":
        y = F.max_pool2d(x, window, stride, padding)
    else:
        y = F.avg_pool2d(x, window, stride, padding, count_include_pad=kind == "average")
    g, (dx,) = backward(y, x)
    return {
        "kind": kind, "window": window, "stride": stride, "padding": padding, "x": images(x),
        "y": images(y), "upstream": images(g), "dx": images(dx),
    }


def cross_entropy():
    x = torch.randn(4, 7, requires_grad=True)
    labels = [3, 0, 6, 3]
    y = F.cross_entropy(x, torch.tensor(labels))
    (dx,) = torch.autograd.grad(y, x)
    return {"x": written(x), "labels": labels, "y": written(y), "dx": written(dx)}


golden = {
    "convolution": [
        convolution((2, 3, 6, 5), (4, 3, 3, 3), stride=1, padding=1, dilation=1, groups=1),
        convolution((1, 2, 7, 7), (3, 2, 5, 5), stride=2, padding=2, dilation=1, groups=1),
        convolution((2, 4, 6, 6), (6, 2, 3, 3), stride=1, padding=2, dilation=2, groups=2),
        convolution((2, 5, 3, 4), (7, 5, 1, 1), stride=1, padding=0, dilation=1, groups=1),
    ],
    "normalisation": [
        normalisation((3, 5, 4, 3), training, rectify) for training in (True, False) for rectify in (False, True)
    ],
    "pooling": [
        pooling((1, 3, 7, 6), kind, 3, 2, 1) for kind in ("maximum", "average", "averageInside")
    ],
    "crossEntropy": cross_entropy(),
}
path = pathlib.Path(__file__).with_name("golden.json")
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
