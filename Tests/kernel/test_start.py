"""What a start loads, and what only the first need of it does; how long a start takes is measured by
`make bench-kernel`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Callable

from conftest import Kernel

# What computes, draws and reads archives, and the largest of what these bring along.
LATER = ("openblas", "dnnl", "cairo", "matio", "zip", "hdf5", "curl", "gnutls", "X11", "OpenCL")
# Those of the C library, of Swift, of ZeroMQ with its own, SQLite, libsodium, libpng and zlib.
AT_MOST = 28


def libraries(kernel: Kernel) -> set[str]:
    """The shared libraries in the kernel's process."""
    lines = Path(f"/proc/{kernel.manager.provisioner.pid}/maps").read_text().splitlines()
    names = {Path(line.split(maxsplit=5)[5]).name for line in lines if line.count("/")}
    return {name for name in names if ".so" in name}


def loaded(kernel: Kernel) -> set[str]:
    """What of `LATER` is in the kernel's process."""
    return {later for later in LATER if any(name.startswith(f"lib{later}") for name in libraries(kernel))}


def test_a_start_loads_what_answering_takes(kernel: Kernel) -> None:
    kernel.run("1 + 1")
    assert loaded(kernel) == set()
    found = libraries(kernel)
    # A front end tries the ports some ten milliseconds after the launch, and again 100 ms later; each
    # library delays them.
    assert any(name.startswith("libzmq") for name in found) and len(found) <= AT_MOST, sorted(found)


def test_the_first_need_loads_the_rest(kernel: Kernel) -> None:
    kernel.run("let shapes = Shapes(count: 200, size: 16, seed: 1)")
    assert "dnnl" not in loaded(kernel)
    kernel.run("let model = AED(for: shapes, encoder: NIN(widths: [4, 8]), seed: 1)")
    kernel.run("let run = train(model, on: shapes.train, epochs: 1, batch: 20, seed: 1)")
    assert "dnnl" in loaded(kernel)
    shown = kernel.run("plot(run)").outputs
    assert any("image/png" in output["content"].get("data", {}) for output in shown)
    assert "cairo" in loaded(kernel)
    assert "matio" not in loaded(kernel)


def test_a_library_that_is_missing_fails_the_cell_alone(
    orbit: Callable[..., Kernel], tmp_path: Path
) -> None:
    # The loader looks here first, and does not look further when it finds a file that is no library.
    (tmp_path / "libcairo.so.2").write_text("no library")
    kernel = orbit(env={**os.environ, "LD_LIBRARY_PATH": str(tmp_path)})
    failed = kernel.execute("show(Shapes(count: 20, size: 16, seed: 1).train.first(2))")
    assert failed.status == "error"
    assert "Cairo" in failed.error_text and "orbit doctor" in failed.error_text
    assert kernel.run("1 + 1").result == "2"
