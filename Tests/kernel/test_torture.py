"""Kernels that are killed at random moments: while cells run, while a model trains, while a checkpoint is written.

After each kill the workspace has to open, every cell that was answered has to be there, and a training that
broke off has to end with the same bits as one that nobody disturbed. `ORBIT_TEST_KILLS` says how many kills
each method suffers, `ORBIT_TEST_SEED` which; 100 show what is to be shown (`make torture`), a few are enough
for every day. With `-s` it is told where the kills fell.
"""

from __future__ import annotations

import collections
import hashlib
import json
import os
import random
import re
import signal
import struct
import threading
import time
from pathlib import Path

import pytest
from conftest import KERNEL_NAME, Kernel
from jupyter_client import KernelManager

KILLS = int(os.environ.get("ORBIT_TEST_KILLS", "3"))
SEED = int(os.environ.get("ORBIT_TEST_SEED", "1"))

# Every day a shorter training has to do.
SHARE = 4 if KILLS < 10 else 2
# Long enough that checkpoints fall within it, which may take a fiftieth of the time: a second and more for EquiVAE's.
METHODS = {
    "AET": ("AET(for: shapes, encoder: NIN(widths: [8, 16]), seed: 3)", 96),
    "AVT": ("AVT(for: shapes, encoder: NIN(widths: [8, 16]), seed: 3)", 72),
    "VQVAE": ("VQVAE(for: shapes, codes: 32, dimension: 8, hidden: 16, residual: 8, seed: 3)", 192),
    "EquiVAE": ("EquiVAE(for: shapes, invariant: 4, equivariant: 4, seed: 3)", 288),
}
TRAINING = "train(model, on: small, epochs: {epochs}, batch: 32, average: 0.99, seed: 5)"


class Mortal(Kernel):
    """A kernel that dies when it is told to, and a client that knows which cells it answered before."""

    def kill(self) -> None:
        os.kill(self.manager.provisioner.pid, signal.SIGKILL)

    def answered(self, code: str) -> str | None:
        """The status of a cell; `None` when the kernel died before it answered."""
        request = self.client.execute(code, allow_stdin=False)
        while True:
            try:
                reply = self.client.get_shell_msg(timeout=0.1)
            except Exception:
                if not self.manager.is_alive():
                    return None
                continue
            if reply["parent_header"].get("msg_id") == request:
                return reply["content"]["status"]

    def die(self) -> None:
        self.kill()
        while self.manager.is_alive():
            time.sleep(0.005)
        self.bury()

    def bury(self) -> None:
        self.client.stop_channels()
        self.manager.cleanup_resources(restart=False)


def tensors(path: Path) -> str:
    """A digest of the tensors of a safetensors file, without what is told beside them."""
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    header.pop("__metadata__", None)
    return hashlib.sha256(json.dumps(header, sort_keys=True).encode() + content[8 + length :]).hexdigest()


def outcome(kernel: Kernel, folder: Path) -> tuple[str, str, str]:
    """The bits that a training leaves: weights, their moving average, losses."""
    kernel.run('save(model, to: "model.safetensors")')
    kernel.run('save(model.runs.last!.averaged, to: "averaged.safetensors")')
    losses = kernel.run("model.runs.last!.losses").result
    return tensors(folder / "model.safetensors"), tensors(folder / "averaged.safetensors"), losses


def script(method: str) -> list[tuple[str, str]]:
    """The cells, each with the name that it declares or changes."""
    constructor, epochs = METHODS[method]
    epochs //= SHARE
    return [
        ("shapes", "let shapes = Shapes(count: 512, size: 16, seed: 1)"),
        ("small", "let small = shapes.train.first(256)"),
        ("numbers", "var numbers = [1, 2.5, -3]"),
        ("model", f"let model = {constructor}"),
        ("count", "var count = 1"),
        ("run", f"let run = {TRAINING.format(epochs=epochs)}"),
        ("count", "count = 2"),
        ("words", 'let words = ["one": 1, "two": 2]'),
    ]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[tuple[str, str, str], float]]:
    """What each method's training leaves when nobody disturbs it, and the seconds that the script takes."""
    results = {}
    for method in METHODS:
        folder = tmp_path_factory.mktemp(f"undisturbed-{method}")
        kernel = Kernel(folder)
        start = time.monotonic()
        for _, code in script(method):
            kernel.run(code)
        seconds = time.monotonic() - start
        results[method] = (outcome(kernel, folder), seconds)
        kernel.stop()
    return results


def stillborn(folder: Path, generator: random.Random) -> None:
    """A kernel that is killed while it starts, opens the workspace or brings back what is there."""
    manager = KernelManager(kernel_name=KERNEL_NAME)
    manager.start_kernel(cwd=str(folder))
    client = manager.client()
    client.start_channels()
    client.execute("restore()\nmodel.steps", allow_stdin=False)
    time.sleep(generator.uniform(0, 0.12))
    os.kill(manager.provisioner.pid, signal.SIGKILL)
    client.stop_channels()
    while manager.is_alive():
        time.sleep(0.005)
    manager.cleanup_resources(restart=False)


def restored(folder: Path, answered: list[tuple[str, str]], fell: collections.Counter[str]) -> Mortal:
    """Opens the workspace again, and holds it against the cells that were answered."""
    kernel = Mortal(folder)
    told = kernel.run("restore()")
    names = set(re.findall(r"^(\w+) ", told.result or "", re.MULTILINE))
    missing = {name for name, _ in answered} - names
    assert not missing, f"{missing} were answered and are not there:\n{told.result}\n{told.stdout}"
    if ("count", "count = 2") in answered:
        assert kernel.run("count").result == "2"
    if "numbers" in names:
        assert kernel.run("numbers").result == "[1, 2.5, -3]"
    if "words" in names:
        assert kernel.run("words").result == '["one": 1, "two": 2]'
    broke = re.search(r"broke off; it is as step ([\d,]+)", told.result or "")
    fell[f"step {broke[1]}" if broke else "no training under way"] += 1
    return kernel


def live(kernel: Mortal, method: str, answered: list[tuple[str, str]]) -> bool:
    """Carries on with the script where it broke off; false when the kernel died."""
    done = [code for _, code in answered]
    for name, code in script(method):
        if code in done:
            continue
        if name == "run":
            # A training that broke off goes on; one that had not begun begins.
            status = kernel.answered("let run = model.runs.count == 0 ? " + code[len("let run = ") :] + " : model.runs.last!")
            if status == "ok":
                status = kernel.answered("if run.steps < run.epochs * 8 { resume(run) }")
        else:
            status = kernel.answered(code)
        if status is None:
            return False
        assert status == "ok", f"{code}: {status}"
        answered.append((name, code))
    return True


@pytest.mark.parametrize("method", METHODS)
def test_a_kernel_killed_at_any_moment_loses_nothing(method: str, undisturbed, tmp_path: Path) -> None:
    expected, seconds = undisturbed[method]
    generator = random.Random(f"{method} {SEED}")
    fell: collections.Counter[str] = collections.Counter()
    kills = early = life = 0
    while kills < KILLS:
        folder = tmp_path / f"life-{life}"
        folder.mkdir()
        life += 1
        answered: list[tuple[str, str]] = []
        kernel = Mortal(folder)
        # Up to three deaths of one workspace, the later ones while it recovers.
        for _ in range(min(generator.randint(1, 3), KILLS - kills)):
            timer = threading.Timer(generator.uniform(0, seconds), kernel.kill)
            timer.start()
            survived = live(kernel, method, answered)
            timer.join()
            deadline = time.monotonic() + 10
            while kernel.manager.is_alive():
                assert time.monotonic() < deadline, "a process survived SIGKILL"
                time.sleep(0.005)
            kernel.bury()
            kills += 1
            if generator.random() < 0.5:
                stillborn(folder, generator)
                early += 1
            kernel = restored(folder, answered, fell)
            if survived:
                break
        assert live(kernel, method, answered)
        assert outcome(kernel, folder) == expected, f"other bits after kill {kills} in {folder}"
        kernel.stop()
    middle = sum(count for where, count in fell.items() if re.search("step [1-9]", where))
    # Otherwise nothing was shown of what is between two checkpoints.
    assert KILLS < 50 or middle >= 10, f"few kills fell between two checkpoints: {dict(fell)}"
    print(f"\n{method}: {kills} kills of {life} workspaces and {early} more while they were opened, after the last: "
          f"{dict(fell)}")
