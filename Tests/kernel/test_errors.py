"""Wrong cells get one clear error and leave the kernel as it was.

Every test runs in the same kernel: data, a trained model and a few values are set up once, and after
every wrong cell they must still be what they were, in the same process, with the next cell working.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
from conftest import Execution, Kernel, plain

FASHION = Path("/usr/share/datasets/fashion-mnist")

SETUP = """
let fashion = FashionMNIST()
let small = fashion.train.first(256)
let few = fashion.test.first(64)
let warp = Projective(scale: 0.8...1.2, jitter: 3, fill: .reflect)
let aet = AET(for: fashion, transformation: warp, encoder: NIN(widths: [4, 8]), seed: 1)
let run = train(aet, on: small, epochs: 1, batch: 64, seed: 1)
var answer = 42
let words = ["one", "two"]
let greeting = "hello"
func twice(_ n: Int) -> Int { return 2 * n }
save(aet, to: "aet.safetensors")
"""

FINGERPRINT = """
print(answer, words, greeting, twice(21))
print(run.loss, run.status)
print(small)
print(aet)
print(knn(aet, train: small, test: few, k: 5).accuracy)
"""


@pytest.fixture(scope="module")
def prepared(shared_kernel: Kernel) -> tuple[Kernel, str]:
    shared_kernel.run(SETUP, timeout=300)
    before = shared_kernel.run(FINGERPRINT).stdout
    assert before.startswith("42 "), before
    return shared_kernel, before


@pytest.fixture
def kernel(prepared: tuple[Kernel, str]) -> Iterator[Kernel]:
    """The prepared kernel; after the test, everything in it is as it was."""
    kernel, before = prepared
    process = kernel.manager.provisioner.pid
    yield kernel
    assert kernel.manager.provisioner.pid == process and kernel.manager.is_alive()
    assert kernel.run(FINGERPRINT).stdout == before


def refuse(kernel: Kernel, cell: str, *patterns: str, timeout: float = 60) -> str:
    """Runs a wrong cell; gives its error as a person reads it."""
    return check_refused(kernel.execute(cell, timeout), cell, *patterns)


def check_refused(execution: Execution, cell: str, *patterns: str) -> str:
    assert execution.status == "error", f"the cell was accepted:\n{cell[:300]}"
    assert len(execution.errors) == 1, execution.errors
    error, reply = execution.errors[0], execution.reply["content"]
    for key in ("ename", "evalue", "traceback"):
        assert error[key] and error[key] == reply[key], key
    text = execution.error_text
    assert len(text) < 20_000, f"{len(text)} characters are no message for a person"
    assert "\ufffd" not in error["ename"]
    # A sentence for a person, not the debug print of some value.
    assert not re.search(r"Optional\(|Swift\.|0x[0-9a-f]{6,}|Fatal error", text), text
    for pattern in patterns:
        assert re.search(pattern, text, re.IGNORECASE), f"'{pattern}' is not in:\n{text}"
    return text


def check_caret(text: str, token: str) -> None:
    """The marks (`^~~~`) begin under the token, or run under it from the expression it stands in."""
    lines = text.splitlines()
    for above, below in zip(lines, lines[1:]):
        marks = re.search(r"\^~*", below)
        if marks and token in above:
            start = above.index(token)
            assert marks.start() < start + len(token) and start < marks.end(), f"{above}\n{below}"
            return
    pytest.fail(f"no caret under '{token}' in:\n{text}")


# What a person mistypes.


def test_unknown_word(kernel: Kernel) -> None:
    text = refuse(kernel, "shwo(small.first(4))", r"'?shwo'?", r"\bshow\b")
    check_caret(text, "shwo")


def test_unknown_name_suggests_a_value_of_the_workspace(kernel: Kernel) -> None:
    text = refuse(kernel, "let a = 1\nlet b = anwser + a", r"\banswer\b")
    check_caret(text, "anwser")
    # The cell stopped at its second line; what the first one did is kept, as in every notebook.
    assert kernel.run("print(a)").stdout == "1\n"


def test_unknown_member(kernel: Kernel) -> None:
    text = refuse(kernel, "run.los", r"\bloss\b")
    check_caret(text, "los")


def test_unknown_implicit_member(kernel: Kernel) -> None:
    refuse(kernel, "Projective(fill: .reflct)", r"\breflect\b")


def test_wrong_label(kernel: Kernel) -> None:
    text = refuse(kernel, "train(aet, on: small, epoch: 3)", r"\bepoch\b", r"\bepochs\b")
    check_caret(text, "epoch")


def test_missing_argument(kernel: Kernel) -> None:
    refuse(kernel, "train(aet)", r"\bon\b")


def test_unfinished_cell(kernel: Kernel) -> None:
    refuse(kernel, "let c = [1, 2", r"\]")


# Values that do not fit.


def test_wrong_type(kernel: Kernel) -> None:
    refuse(kernel, 'train(aet, on: small, epochs: "three")', r"\bepochs\b", r"Int|whole number|integer",
           r"String|text|three")


def test_wrong_type_of_a_model(kernel: Kernel) -> None:
    refuse(kernel, "train(small, on: aet)", r"model|AET", r"images|set")


def test_operator_between_types(kernel: Kernel) -> None:
    text = refuse(kernel, 'answer + "one"', r"Int", r"String")
    check_caret(text, "+")


def test_negative_epochs(kernel: Kernel) -> None:
    refuse(kernel, "train(aet, on: small, epochs: -1)", r"\bepochs\b", r"-1", r"\b1\b|or more|at least")


def test_range_out_of_bounds(kernel: Kernel) -> None:
    refuse(kernel, "small[200..<300]", r"200", r"300", r"256")


def test_more_images_than_there_are(kernel: Kernel) -> None:
    refuse(kernel, "fashion.train.first(70_000)", r"70,?_?000", r"60,?_?000")


def test_index_of_an_array_out_of_bounds(kernel: Kernel) -> None:
    refuse(kernel, "words[2]", r"\b2\b", r"0\.\.<2|0\.\.\.1|2 elements|0 to 1|count")


def test_shape_that_does_not_fit(kernel: Kernel) -> None:
    kernel.run("let wide = AET(for: fashion, transformation: warp, encoder: NIN(widths: [6, 8]), seed: 1)")
    before = kernel.run("print(knn(wide, train: small, test: few, k: 5).accuracy)").stdout
    # The first tensor that does not fit, by its path, with both shapes: 4 channels in the file, 6 here.
    refuse(kernel, 'load(wide, from: "aet.safetensors")', r"encoder\.\S+", r"\[4\b", r"\[6\b",
           r"aet\.safetensors")
    # Nothing was loaded by half.
    assert kernel.run("print(knn(wide, train: small, test: few, k: 5).accuracy)").stdout == before


# Files.


def test_missing_file(kernel: Kernel) -> None:
    refuse(kernel, 'load(aet, from: "nowhere.safetensors")', r"nowhere\.safetensors",
           r"no such|does not exist|not found|there is no")


def test_missing_folder_of_images(kernel: Kernel) -> None:
    refuse(kernel, 'FashionMNIST(at: "nowhere")', r"nowhere", r"train-images-idx3-ubyte",
           r"dataset-fashion-mnist")


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    for file in FASHION.iterdir():
        shutil.copy(file, tmp_path)
    return tmp_path


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut off": lambda data: data[: len(data) // 2],
    "one bit turned": lambda data: data[:9000] + bytes([data[9000] ^ 16]) + data[9001:],
    "not gzip at all": lambda data: b"<html>404</html>" * 100,
    "empty": lambda data: b"",
    # Valid gzip, valid IDX, another content.
    "other pixels": lambda data: gzip.compress(
        gzip.decompress(data)[:-1] + bytes([gzip.decompress(data)[-1] ^ 1]), compresslevel=1
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_gzip(kernel: Kernel, copies: Path, damage: str) -> None:
    file = copies / "t10k-images-idx3-ubyte.gz"
    file.write_bytes(DAMAGES[damage](file.read_bytes()))
    refuse(kernel, f'FashionMNIST(at: "{copies}")', r"t10k-images-idx3-ubyte", r"dataset-fashion-mnist")


def test_damaged_model(kernel: Kernel) -> None:
    file = kernel.folder / "aet.safetensors"
    (kernel.folder / "half.safetensors").write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    refuse(kernel, 'load(aet, from: "half.safetensors")', r"half\.safetensors")


# Computations that have no end or no value.


def test_division_by_zero(kernel: Kernel) -> None:
    text = refuse(kernel, "answer / 0", r"divi", r"zero|\b0\b")
    check_caret(text, "/")


def test_overflow(kernel: Kernel) -> None:
    refuse(kernel, "9_223_372_036_854_775_807 + 1", r"overflow|too large|Int")


def test_endless_recursion(kernel: Kernel) -> None:
    refuse(kernel, "func down(_ n: Int) -> Int { return down(n + 1) }\ndown(0)", r"down|recurs|call",
           r"\d", timeout=120)


def test_brackets_without_end(kernel: Kernel) -> None:
    refuse(kernel, "(" * 10_000_000, r"nest|deep|bracket|long|large|limit", timeout=120)


def test_brackets_that_close(kernel: Kernel) -> None:
    refuse(kernel, "[" * 5_000_000 + "]" * 5_000_000, r"nest|deep|bracket|long|large|limit", timeout=120)


# Text that is no text.


def send_raw(kernel: Kernel, cell: str) -> Execution:
    """Executes a cell whose lone surrogates travel as \\u escapes, as browsers send them."""
    session = kernel.client.session
    usual = session.pack
    session.pack = lambda value: json.dumps(value, default=str).encode("ascii")
    try:
        return kernel.collect(kernel.client.execute(cell, allow_stdin=False))
    finally:
        session.pack = usual


def test_escape_of_a_surrogate(kernel: Kernel) -> None:
    refuse(kernel, r'let broken = "a\u{D800}b"', r"D800", r"surrogate|scalar|Unicode")


def test_surrogate_outside_of_strings(kernel: Kernel) -> None:
    """It arrives as U+FFFD, which no name may hold."""
    check_refused(send_raw(kernel, "let \ud800 = 1"), "let \\ud800 = 1")


def test_surrogate_inside_a_string(kernel: Kernel) -> None:
    """It arrives as U+FFFD, the replacement character, and is answered like any text."""
    execution = send_raw(kernel, 'print("a\ud800b")')
    assert execution.status == "ok", execution.error_text
    assert execution.stdout == "a\ufffdb\n"


# Training that runs away.


def test_learning_rate_that_makes_the_loss_nan(kernel: Kernel) -> None:
    kernel.run("let hot = AET(for: fashion, transformation: warp, encoder: NIN(widths: [4, 8]), seed: 1)")
    text = refuse(kernel, "train(hot, on: small, epochs: 50, batch: 64, learningRate: 1e30, seed: 1)",
                  r"\bnan\b|not finite|infinit", r"step \d+|step", r"learning ?rate|learningRate",
                  timeout=120)
    assert re.search(r"\d", plain(text))
    # The model is as the last whole step left it: it can be asked, and measuring it says what it is.
    assert kernel.run("print(hot.steps)").status == "ok"
    refuse(kernel, "knn(hot, train: small, test: few, k: 5)", r"diverged", r"anew|load")


# What comes after an error.


def test_cells_that_wait_behind_an_error_are_not_run(kernel: Kernel) -> None:
    # The loop gives the second cell time to arrive.
    busy = "for i in 0..<300_000 { answer = answer + 0 }\nshwo(1)"
    first = kernel.client.execute(busy, allow_stdin=False)
    second = kernel.client.execute("answer = 0", allow_stdin=False)
    check_refused(kernel.collect(first), busy)
    assert kernel.collect(second).status in ("aborted", "error")


def test_errors_are_numbered_as_cells(kernel: Kernel) -> None:
    failed = kernel.execute("shwo(1)").reply["content"]["execution_count"]
    assert kernel.run("1 + 1").reply["content"]["execution_count"] == failed + 1


def test_the_process_does_not_grow(kernel: Kernel) -> None:
    """Many errors leave nothing behind: resident memory stays within a few megabytes."""
    def resident() -> int:
        status = Path(f"/proc/{kernel.manager.provisioner.pid}/statm").read_text()
        return int(status.split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def fail_often() -> None:
        for _ in range(200):
            kernel.execute("shwo(small.first(4))")

    fail_often()
    before = resident()
    fail_often()
    assert resident() - before < 16 << 20
