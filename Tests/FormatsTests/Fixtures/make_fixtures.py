"""Makes the golden files of the Formats tests with the reference implementations.

Run with Python 3 and the packages numpy and safetensors:

    python make_fixtures.py

numpy.npy and reference.safetensors hold the same arrays that the tests build in Swift.
"""

from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

folder = Path(__file__).parent

weight = (np.arange(6, dtype=np.float32).reshape(2, 3) - 2) / 4
arrays = {
    "encoder.0.weight": weight,
    "encoder.0.bias": np.array([0.1, -np.inf, 3e-40], dtype=np.float32),
    "encoder.1.num_batches_tracked": np.array(-(2**40), dtype=np.int64),
    "größe \"q\"": np.array(7.5, dtype=np.float32),
    "none": np.zeros((0, 4), dtype=np.float32),
}
save_file(arrays, folder / "reference.safetensors", metadata={"format": "pt – \"π\"\n"})
save_file({"half": np.zeros(3, dtype=np.float16)}, folder / "half.safetensors")

np.save(folder / "numpy.npy", weight)
np.save(folder / "scalar.npy", np.float32(2.5))
np.save(folder / "fortran.npy", np.asfortranarray(weight))
np.save(folder / "double.npy", weight.astype(np.float64))
