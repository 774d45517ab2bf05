"""Writes `vqvae.json`: a small VQ-VAE in PyTorch, with its loss, its gradients, and its codebook a step later.

Every parameter is drawn here under the name that it has in Orbit. Run with any PyTorch; the tests read the file.
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F

torch.manual_seed(3)
torch.set_num_threads(1)
MEAN, DEVIATION, BETA, DECAY = 0.3, 0.2, 0.25, 0.99
HIDDEN, RESIDUAL, DIMENSION, CODES = 4, 2, 3, 5


def draw(*shape, scale):
    return (scale * torch.randn(*shape)).requires_grad_()


def convolution(parameters, name, outputs, inputs, window, transposed=False):
    shape = (inputs, outputs) if transposed else (outputs, inputs)
    scale = (1 / (inputs * window)) ** 0.5
    parameters[f"{name}.weight"] = draw(*shape, window, window, scale=scale)
    parameters[f"{name}.bias"] = draw(outputs, scale=0.1)


parameters = {}
convolution(parameters, "encoder.0", HIDDEN // 2, 1, 4)
convolution(parameters, "encoder.2", HIDDEN, HIDDEN // 2, 4)
convolution(parameters, "encoder.4", HIDDEN, HIDDEN, 3)
convolution(parameters, "encoder.5.wide", RESIDUAL, HIDDEN, 3)
convolution(parameters, "encoder.5.narrow", HIDDEN, RESIDUAL, 1)
convolution(parameters, "encoder.7", DIMENSION, HIDDEN, 1)
convolution(parameters, "decoder.0", HIDDEN, DIMENSION, 3)
convolution(parameters, "decoder.1.wide", RESIDUAL, HIDDEN, 3)
convolution(parameters, "decoder.1.narrow", HIDDEN, RESIDUAL, 1)
convolution(parameters, "decoder.3", HIDDEN // 2, HIDDEN, 4, transposed=True)
convolution(parameters, "decoder.5", 1, HIDDEN // 2, 4, transposed=True)
codebook = draw(CODES, DIMENSION, scale=0.4)
images = torch.rand(3, 1, 8, 8)


def layer(x, name, **options):
    return F.conv2d(x, parameters[f"{name}.weight"], parameters[f"{name}.bias"], **options)


def enlarged(x, name):
    return F.conv_transpose2d(
        x, parameters[f"{name}.weight"], parameters[f"{name}.bias"], stride=2, padding=1
    )


def residual(x, name):
    return x + layer(F.relu(layer(F.relu(x), f"{name}.wide", padding=1)), f"{name}.narrow")


x = (images - MEAN) / DEVIATION
x = F.relu(layer(x, "encoder.0", stride=2, padding=1))
x = F.relu(layer(x, "encoder.2", stride=2, padding=1))
x = residual(layer(x, "encoder.4", padding=1), "encoder.5")
encoded = layer(F.relu(x), "encoder.7").permute(0, 2, 3, 1)
rows = encoded.reshape(-1, DIMENSION)
codes = torch.cdist(rows, codebook).argmin(1)
chosen = codebook[codes].view_as(encoded)
passed = encoded + (chosen - encoded).detach()
x = residual(layer(passed.permute(0, 3, 1, 2), "decoder.0", padding=1), "decoder.1")
decoded = enlarged(F.relu(enlarged(F.relu(x), "decoder.3")), "decoder.5")
terms = {
    "reconstruction": F.mse_loss(decoded, images) / DEVIATION**2,
    "commitment": BETA * F.mse_loss(encoded, chosen.detach()),
    "codebook": F.mse_loss(chosen, encoded.detach()),
}
sum(terms.values()).backward()
assert len(set(codes.tolist())) > 2, "the images should use several codes"

# The moving averages of one step, from N = 1 and m = e.
with torch.no_grad():
    assigned = F.one_hot(codes, CODES).float()
    size = DECAY + (1 - DECAY) * assigned.sum(0)
    total = DECAY * codebook + (1 - DECAY) * assigned.T @ rows
    smoothed = (size + 1e-5) / (size.sum() + CODES * 1e-5) * size.sum()
    moved = total / smoothed[:, None]


def values(tensor):
    return {"shape": list(tensor.shape), "values": tensor.detach().flatten().tolist()}


parameters["quantizer.weight"] = codebook
record = {
    "images": values(images.permute(0, 2, 3, 1).contiguous()),
    "codes": codes.tolist(),
    "decoded": values(decoded.permute(0, 2, 3, 1).contiguous()),
    "terms": {name: term.item() for name, term in terms.items()},
    "parameters": {name: values(tensor) for name, tensor in parameters.items()},
    "gradients": {name: values(tensor.grad) for name, tensor in parameters.items()},
    "size": values(size),
    "sum": values(total),
    "moved": values(moved),
}
Path(__file__).with_name("vqvae.json").write_text(json.dumps(record) + "\n")
