"""Warps of a batch by `grid_sample` and by Pillow on one core: the twin of Engine/WarpOperations.swift.

Prints a JSON object of images a second: {"name": {"grid_sample": …, "pillow": …}}, where Pillow
knows the fill. Both start from the homographies, like Orbit: `grid_sample` is timed with its grid,
Pillow with a call for each image (8-bit images, made beforehand). `grid_sample` gets the batch whole
and in smaller parts, which stay in the cache, and in both memory layouts; the best one counts.
"""

import json
import statistics
import time

import numpy
import torch
import torch.nn.functional as F
from PIL import Image

BATCH = 512
ROUNDS = 9
PARTS = [512, 64, 16]
PADDING = {"constant": "zeros", "clamp": "border", "reflect": "reflection"}


def homographies(kind, generator):
    """Eight numbers an image, output to input in normalised coordinates."""
    h = torch.zeros(BATCH, 8)
    h[:, 0] = h[:, 4] = 1
    noise = torch.rand(BATCH, 8, generator=generator) - 0.5
    size = torch.tensor([0.4, 0.4, 0.3, 0.4, 0.4, 0.3, 0.2, 0.2])
    if kind == "affine":
        size[6:] = 0
    return h + noise * size


def grid_sample(images, h, padding):
    batch, _, height, width = images.shape
    x = ((torch.arange(width) * 2 + 1) / width - 1).view(1, 1, -1)
    y = ((torch.arange(height) * 2 + 1) / height - 1).view(1, -1, 1)
    h = h.view(batch, 8, 1, 1)
    inverse = 1 / (h[:, 6] * x + h[:, 7] * y + 1)
    u = (h[:, 0] * x + h[:, 1] * y + h[:, 2]) * inverse
    v = (h[:, 3] * x + h[:, 4] * y + h[:, 5]) * inverse
    return F.grid_sample(
        images, torch.stack([u, v], -1), padding_mode=padding, align_corners=False
    )


def affine_grid_sample(images, h, padding):
    grid = F.affine_grid(h[:, :6].reshape(-1, 2, 3), images.shape, align_corners=False)
    return F.grid_sample(images, grid, padding_mode=padding, align_corners=False)


def pillow(pictures, coefficients):
    for picture, h in zip(pictures, coefficients):
        picture.transform(picture.size, Image.PERSPECTIVE, h, Image.BILINEAR)


def rate(body):
    """Images a second: the median of the rounds."""
    times = []
    for _ in range(ROUNDS + 2):
        start = time.perf_counter()
        body()
        times.append(time.perf_counter() - start)
    return BATCH / statistics.median(times[2:])


def best_rate(sample, images, h, padding):
    rates = []
    for layout in [torch.contiguous_format, torch.channels_last]:
        laid_out = images.contiguous(memory_format=layout)
        for size in PARTS:
            parts = list(zip(laid_out.split(size), h.split(size)))
            rates.append(rate(lambda: [sample(*part, padding) for part in parts]))
    return max(rates)


def in_pixels(h, height, width):
    """The same homographies between pixel positions, as Pillow takes them."""
    from_pixels = numpy.array([[2 / width, 0, -1], [0, 2 / height, -1], [0, 0, 1]])
    to_pixels = numpy.linalg.inv(from_pixels)
    matrices = numpy.concatenate([h.double().numpy(), numpy.ones((len(h), 1))], 1)
    matrices = to_pixels @ matrices.reshape(-1, 3, 3) @ from_pixels
    return [tuple((m / m[2, 2]).flatten()[:8]) for m in matrices]


def main():
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    generator = torch.Generator().manual_seed(1)
    results = {}
    for picture, channels, side in [("grey", 1, 28), ("colour", 3, 32)]:
        images = torch.rand(BATCH, channels, side, side, generator=generator)
        bytes_ = (images * 255).byte().permute(0, 2, 3, 1).numpy()
        pictures = [Image.fromarray(p[:, :, 0] if channels == 1 else p) for p in bytes_]
        for kind, sample in [("projective", grid_sample), ("affine", affine_grid_sample)]:
            h = homographies(kind, generator)
            coefficients = in_pixels(h, side, side)
            for fill, padding in PADDING.items():
                name = f"{picture} {side}×{side} {kind} {fill}"
                results[name] = {"grid_sample": best_rate(sample, images, h, padding)}
                if fill == "constant":
                    results[name]["pillow"] = rate(lambda: pillow(pictures, coefficients))
    print(json.dumps(results, ensure_ascii=False))


if __name__ == "__main__":
    main()
