"""Writes colour.json: what Pillow's ImageEnhance makes of small images, and the same in double precision.

    python make_colour_fixtures.py

Pillow computes with bytes and rounds after every blend; the exact values are computed here from the
definition, and stay within the rounding of Pillow's.
"""

import json
import pathlib

import numpy
import PIL
from PIL import Image, ImageEnhance, ImageFilter

WINDOW = numpy.array([[1, 1, 1], [1, 5, 1], [1, 1, 1]]) / 13
assert ImageFilter.SMOOTH.filterargs == ((3, 3), 13, 0, (1, 1, 1, 1, 5, 1, 1, 1, 1))

ENHANCERS = {
    "saturation": ImageEnhance.Color,
    "contrast": ImageEnhance.Contrast,
    "brightness": ImageEnhance.Brightness,
    "sharpness": ImageEnhance.Sharpness,
}


def grey(image):
    """The grey image [H, W, 1] of [H, W, C]."""
    if image.shape[2] == 1:
        return image
    return (image @ numpy.array([0.299, 0.587, 0.114]))[..., None]


def smoothed(image):
    result = image.copy()
    height, width, _ = image.shape
    result[1:-1, 1:-1] = sum(
        WINDOW[1 + dy, 1 + dx] * image[1 + dy:height - 1 + dy, 1 + dx:width - 1 + dx]
        for dy in (-1, 0, 1) for dx in (-1, 0, 1))
    return result


DEGENERATE = {
    "saturation": grey,
    "contrast": lambda image: grey(image).mean(),
    "brightness": lambda image: 0.0,
    "sharpness": smoothed,
}


def blended(image, name, factor):
    degenerate = DEGENERATE[name](image)
    return numpy.clip(degenerate + factor * (image - degenerate), 0, 1)


def pillow(values, name, factor):
    mode = values[..., 0] if values.shape[2] == 1 else values
    result = ENHANCERS[name](Image.fromarray(mode)).enhance(factor)
    return numpy.asarray(result).reshape(values.shape)


def main():
    random = numpy.random.default_rng(17)
    cases = []
    for shape in [(7, 9, 3), (6, 5, 1), (3, 3, 1)]:
        values = random.integers(0, 256, shape, dtype=numpy.uint8)
        for name in ENHANCERS:
            if name == "saturation" and shape[2] == 1:
                continue
            for factor in (0.2, 0.65, 1.3, 1.8):
                bytes_ = pillow(values, name, factor)
                exact = blended(values / 255, name, factor)
                # A degenerate image rounded by half a level and a result cut to a whole level.
                limit = 1 + 0.5 * abs(1 - factor) + 0.01
                assert numpy.abs(exact * 255 - bytes_).max() <= limit, (name, factor)
                cases.append({
                    "blend": name, "factor": factor, "shape": shape,
                    "image": values.ravel().tolist(), "pillow": bytes_.ravel().tolist(),
                    "exact": numpy.round(exact, 7).ravel().tolist(),
                })
    chains = []
    for shape in [(8, 8, 3), (8, 8, 1)]:
        values = random.integers(0, 256, shape, dtype=numpy.uint8)
        for _ in range(3):
            factors = dict(zip(ENHANCERS, numpy.round(random.uniform(0.2, 1.8, 4), 3).tolist()))
            image = values / 255
            for name, factor in factors.items():
                if name != "saturation" or shape[2] == 3:
                    image = blended(image, name, factor)
            chains.append({
                "factors": factors, "shape": shape, "image": values.ravel().tolist(),
                "exact": numpy.round(image, 7).ravel().tolist(),
            })
    target = pathlib.Path(__file__).with_name("colour.json")
    document = {"pillow": PIL.__version__, "cases": cases, "chains": chains}
    target.write_text(json.dumps(document, separators=(",", ":")) + "\n")
    print(f"{len(cases)} blends and {len(chains)} chains, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
