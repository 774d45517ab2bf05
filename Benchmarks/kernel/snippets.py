"""What every kernel is told to do, in its own language.

A snippet that is `None` has no counterpart in that language; what needs it is left out, and the page says so.
"""

from __future__ import annotations

from dataclasses import dataclass

# How many different outputs a flood goes through, so that their order shows.
CYCLE = 10


@dataclass(frozen=True)
class Language:
    """The cells of a language. Those with `{…}` are filled in by `str.format`."""

    # What stands for a running computation, said on the page.
    computation: str
    prepare: str
    trivial: str
    # Runs until it is interrupted.
    spin: str
    training: str
    # A training whose steps last about a second; what it needs, whose value is the seconds of a step that is not the
    # first; and how many steps were taken.
    long_training: str | None
    long_preparation: str | None
    long_steps: str | None
    # Runs for `{seconds}`, or until it is interrupted where a cell cannot tell the time.
    timed_training: str
    timed_prints: str
    ends_by_itself: bool
    # A run of training of about a second.
    fixed_training: str | None
    # How many seconds the steps of the training that ran last took, all else left out.
    trained_seconds: str | None
    question: str
    # Works for about 0.3 s, then fails.
    failing: str
    store: str
    recall: str
    recalled: str
    # What is typed when Tab or Shift-Tab is pressed.
    completed: str
    inspected: str
    prints: str
    # `{payload}` is one of `payloads`.
    displays: str
    payloads: dict[str, str]
    # A figure that changes for `{seconds}`, or until it is interrupted.
    live: str


ORBIT = Language(
    computation="training of AET on images of 16×16 pixels, with its panel",
    # The small outputs are the tables of an empty workspace; nothing shorter can be shown.
    prepare="""\
let small = [models(), runs()]
let shapes = Shapes(count: 400, size: 16, seed: 1)
let model = AET(for: shapes, encoder: NIN(widths: [16, 32]), seed: 1)
let pictured = Shapes(count: 160, size: 64, seed: 1)
let middle = (1...10).map { k in knn(model, train: shapes.train, test: shapes.test, k: k) }
let large = (0..<10).map { k in pictured.train.first(100 - k) }""",
    trivial="1+1",
    spin="while true { }",
    training="train(model, on: shapes.train, epochs: 100_000, batch: 40, seed: 1)",
    long_training="train(slow, on: many.train.first(2_400), epochs: 100, batch: 2_400, seed: 1)",
    long_preparation="""\
let many = Shapes(count: 4_000, size: 32, seed: 1)
let slow = AET(for: many, encoder: NIN(widths: [32, 64]), seed: 1)
train(slow, on: many.train.first(2_400), epochs: 1, batch: 2_400, seed: 1)
train(slow, on: many.train.first(2_400), epochs: 1, batch: 2_400, seed: 1)
slow.runs.last!.seconds""",
    long_steps="slow.steps",
    timed_training="train(model, on: shapes.train, epochs: 100_000, batch: 40, seed: 1)",
    timed_prints="var line = 0\nwhile true { print(line); line += 1 }",
    ends_by_itself=False,
    fixed_training="train(model, on: shapes.train, epochs: 30, batch: 40, seed: 1)",
    trained_seconds="model.runs.last!.seconds",
    question='input("? ")',
    failing="var turns = 0\nwhile turns < 350_000 { turns += 1 }\nnoSuchName",
    store="let kept = 17",
    recall="kept",
    recalled="17",
    completed="sh",
    inspected="train",
    prints="for i in 0..<{count} {{ print(i) }}",
    displays="for i in 0..<{count} {{ show({payload}[i % {payload}.count]) }}",
    payloads={"small": "small", "middle": "middle", "large": "large"},
    live="train(model, on: shapes.train, epochs: 100_000, batch: 40, seed: 1)",
)

PYTHON = Language(
    computation="SHA-256 over 4 MB again and again, which lets go of Python's lock as PyTorch does",
    prepare="""\
import base64, hashlib, os, time
from IPython.display import display, publish_display_data
block = bytes(1 << 22)
small = [{"text/plain": str(k) + "x" * 799} for k in range(10)]
middle = [{"text/plain": str(k) + "x" * 2999} for k in range(10)]
large = [{"image/png": base64.b64encode(os.urandom(67_000)).decode(), "text/plain": str(k)} for k in range(10)]""",
    trivial="1+1",
    spin="while True: pass",
    training="while True: hashlib.sha256(block).digest()",
    long_training=None,
    long_preparation=None,
    long_steps=None,
    timed_training=(
        "end = time.monotonic() + {seconds}\n"
        "while time.monotonic() < end: hashlib.sha256(block).digest()"
    ),
    timed_prints="end = time.monotonic() + {seconds}\nline = 0\nwhile time.monotonic() < end: print(line); line += 1",
    ends_by_itself=True,
    fixed_training=None,
    trained_seconds=None,
    question='input("? ")',
    failing="time.sleep(0.3)\nno_such_name",
    store="kept = 17",
    recall="kept",
    recalled="17",
    completed="pri",
    inspected="print",
    prints="for i in range({count}): print(i)",
    displays="for i in range({count}): publish_display_data({payload}[i % len({payload})])",
    payloads={"small": "small", "middle": "middle", "large": "large"},
    live=(
        "figure = display({{'text/plain': ''}}, raw=True, display_id=True)\n"
        "for i in range(10 * {seconds}):\n"
        "    figure.update(large[i % 10], raw=True)\n"
        "    time.sleep(0.1)"
    ),
)


@dataclass(frozen=True)
class Kernel:
    """A kernel that is measured."""

    name: str
    specification: str
    language: Language
    # The package it comes in, where that is one of Python.
    package: str | None


KERNELS = {
    kernel.name: kernel
    for kernel in [
        Kernel("orbit", "orbit", ORBIT, None),
        Kernel("ipykernel", "python3", PYTHON, "ipykernel"),
        Kernel("xeus-python", "xpython", PYTHON, "xeus-python"),
    ]
}
