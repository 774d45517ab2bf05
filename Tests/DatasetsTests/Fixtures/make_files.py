"""Writes the small files in foreign formats that the tests read (NumPy, SciPy and Pillow make them).

Pixel p of image i is (7 i + 31 p + 13 channel) mod 256, so that every place can be checked.
"""

import pathlib

import numpy
import scipy.io
from PIL import Image

here = pathlib.Path(__file__).parent


def images(count, height, width, channels, salt=0):
    i, p, c = numpy.ogrid[:count, : height * width, :channels]
    values = (7 * i + 31 * p + 13 * c + salt) % 256
    return values.reshape(count, height, width, channels).astype(numpy.uint8)


for name, count in [("train", 5), ("test", 3)]:
    # SVHN: MATLAB's order, labels 1 to 10.
    scipy.io.savemat(
        here / f"{name}_32x32.mat",
        {
            "X": images(count, 32, 32, 3).transpose(1, 2, 3, 0),
            "y": (numpy.arange(count) * 3 % 10 + 1).astype(numpy.uint8)[:, None],
        },
        do_compression=True,
    )

numpy.savez_compressed(
    here / "keras.npz",
    x_train=images(6, 4, 5, 1)[..., 0],
    y_train=numpy.arange(6) % 3,
    x_test=images(3, 4, 5, 1, salt=100)[..., 0],
    y_test=numpy.arange(3, dtype=numpy.uint8),
)
numpy.savez(
    here / "plain.npz",
    images=images(10, 2, 2, 3) / 255,
    labels=(numpy.arange(10) % 2).astype(numpy.int32)[:, None],
)
numpy.savez(here / "pickled.npz", images=numpy.array([{}]), labels=numpy.arange(1))

folder = here / "pictures"
for label, kind in enumerate(["cat", "dog"]):
    (folder / kind).mkdir(parents=True, exist_ok=True)
    for image in range(5):
        pixels = images(1, 6, 6, 1, salt=50 * label + image)[0, ..., 0]
        Image.fromarray(pixels).save(folder / kind / f"{image}.png")
large = numpy.add.outer(numpy.arange(12), numpy.arange(18)).astype(numpy.uint8) * 4
Image.fromarray(large).save(here / "large.png")
Image.fromarray(images(1, 3, 2, 4)[0], "RGBA").save(here / "transparent.png")
