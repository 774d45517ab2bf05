"""The rules of VS Code's Jupyter extension, as its sources have them.

It asks for completions and for help on the plain shell, never on a subshell, also while a cell runs, gives
up on them after two and five seconds, takes rich completions only if each of them has a text, waits ten
seconds for an interrupted cell, and shows the last line of standard error of a kernel that died.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Iterator

import pytest
from conftest import KERNEL, KERNEL_NAME, Kernel, plain
from jupyter_client.kernelspec import KernelSpecManager

COMPLETION_SECONDS, INSPECTION_SECONDS, INTERRUPT_SECONDS = 2, 5, 10

SETUP = """
let shapes = Shapes(count: 64, size: 16, seed: 1)
let model = AED(for: shapes, encoder: NIN(widths: [4, 8]), seed: 1)
var kept = 17
"""
TRAINING = "train(model, on: shapes.train, epochs: 100_000, batch: 16, seed: 1)"

# What a person types, and one completion that has to be offered.
TYPED = {
    "": "train", "tr": "train", "FashionM": "FashionMNIST", "model.": "steps", "shapes.tr": "train",
    "train(model, ": "on:", "train(model, optimiser: ": ".adam", "ke": "kept", "let x = sq": "sqrt",
    'let s = "😀é"; FashionM': "FashionMNIST", "for i in 0..<3 {\n  pri": "print",
}


def start_training(kernel: Kernel) -> str:
    """Starts a run that takes minutes; gives its request once steps are being made."""
    request = kernel.client.execute(TRAINING)
    await_published(kernel, request, "update_display_data")
    return request


def await_published(kernel: Kernel, request: str, kind: str) -> dict[str, Any]:
    while True:
        message = kernel.client.get_iopub_msg(timeout=30)
        if message["parent_header"].get("msg_id") == request and message["msg_type"] == kind:
            return message


def answer(kernel: Kernel, request: str, seconds: float) -> tuple[dict[str, Any], float]:
    """The reply to a request that has to be the next on shell, and the seconds it took."""
    start = time.monotonic()
    reply = kernel.client.get_shell_msg(timeout=seconds)
    assert reply["parent_header"]["msg_id"] == request
    return reply, time.monotonic() - start


@pytest.fixture(scope="module")
def prepared(shared_kernel: Kernel) -> Kernel:
    shared_kernel.run(SETUP)
    return shared_kernel


@pytest.fixture
def training(prepared: Kernel) -> Iterator[Kernel]:
    """A kernel that trains all through the test."""
    request = start_training(prepared)
    yield prepared
    prepared.manager.interrupt_kernel()
    execution = prepared.collect(request, INTERRUPT_SECONDS)
    assert execution.errors[0]["ename"] == "Interrupted"


@pytest.mark.parametrize("text", TYPED, ids=repr)
def test_completions_while_a_cell_trains(training: Kernel, text: str) -> None:
    request = training.client.complete(text, len(text))
    reply, seconds = answer(training, request, COMPLETION_SECONDS)
    content = reply["content"]
    assert content["status"] == "ok" and TYPED[text] in content["matches"]
    assert 0 <= content["cursor_start"] <= content["cursor_end"] <= len(text)
    # Rich completions are taken only if each has a text and there are enough of them; the label is the
    # match of the same place.
    entries = content["metadata"]["_jupyter_types_experimental"]
    assert len(entries) >= len(content["matches"]) > 0
    assert all(isinstance(entry["text"], str) and entry["text"] for entry in entries)
    assert [entry["text"] for entry in entries][: len(content["matches"])] == content["matches"]
    assert all(isinstance(entry.get("type"), str) for entry in entries)
    for place in ("start", "end"):
        assert all(isinstance(entry.get(place, 0), int) for entry in entries)


def test_many_completions_and_inspections_in_a_row(training: Kernel) -> None:
    """As a person types, and as the list of completions is walked through."""
    slowest = {"complete": 0.0, "inspect": 0.0}
    for word in ("train", "FashionMNIST", "AED", "knn", "model", "kept", "shapes"):
        for length in range(1, len(word) + 1):
            request = training.client.complete(word[:length], length)
            reply, seconds = answer(training, request, COMPLETION_SECONDS)
            assert word in reply["content"]["matches"]
            slowest["complete"] = max(slowest["complete"], seconds)
        request = training.client.inspect(word, len(word))
        reply, seconds = answer(training, request, INSPECTION_SECONDS)
        assert reply["content"]["found"] is True and reply["content"]["data"]["text/plain"].strip()
        slowest["inspect"] = max(slowest["inspect"], seconds)
    print({kind: f"{seconds * 1000:.1f} ms" for kind, seconds in slowest.items()})


def test_no_subshells_are_needed(training: Kernel) -> None:
    """Requests whose header and content name no subshell are answered before the running cell's reply."""
    client = training.client
    message = client.session.msg("complete_request", {"code": "tr", "cursor_pos": 2})
    assert "subshell_id" not in message["header"]
    client.shell_channel.send(message)
    reply, _ = answer(training, message["header"]["msg_id"], COMPLETION_SECONDS)
    assert reply["msg_type"] == "complete_reply"
    assert reply["parent_header"].get("subshell_id") is None


# Interrupts.


def test_vscode_interrupts_by_message() -> None:
    assert KernelSpecManager().get_kernel_spec(KERNEL).interrupt_mode == "message"


@pytest.mark.parametrize(
    ("cell", "begun"),
    [
        (TRAINING, "update_display_data"),
        ('print("begun")\nwhile true { }', "stream"),
        ("func f(_ n: Int) -> Int { return n < 2 ? n : f(n - 1) + f(n - 2) }\nprint(f(1))\nf(90)", "stream"),
        ("for i in 0..<1_000_000_000 { print(i) }", "stream"),
        ("for i in 0..<1_000_000_000 { help(clearOutput) }", "display_data"),
    ],
    ids=["training", "loop", "recursion", "prints", "displays"],
)
def test_an_interrupt_ends_the_cell_in_time(prepared: Kernel, cell: str, begun: str) -> None:
    request = prepared.client.execute(cell)
    await_published(prepared, request, begun)
    start = time.monotonic()
    prepared.manager.interrupt_kernel()
    execution = prepared.collect(request, INTERRUPT_SECONDS)
    print(f"{time.monotonic() - start:.3f} s")
    assert execution.status == "error" and execution.reply["content"]["ename"] == "Interrupted"
    assert prepared.run("kept").result == "17"


def test_an_interrupt_ends_a_question(prepared: Kernel) -> None:
    request = prepared.client.execute('input("who? ")', allow_stdin=True)
    assert prepared.client.get_stdin_msg(timeout=10)["msg_type"] == "input_request"
    prepared.manager.interrupt_kernel()
    assert prepared.collect(request, INTERRUPT_SECONDS).errors[0]["ename"] == "Interrupted"
    assert prepared.run("kept").result == "17"


def test_what_waits_behind_an_interrupted_cell_is_not_run(prepared: Kernel) -> None:
    """Run All, then Stop: the extension takes the cells behind as not run."""
    running = prepared.client.execute('print("begun")\nwhile true { }')
    waiting = prepared.client.execute("kept = 0")
    await_published(prepared, running, "stream")
    prepared.manager.interrupt_kernel()
    prepared.collect(running, INTERRUPT_SECONDS)
    assert prepared.collect(waiting, INTERRUPT_SECONDS).status == "aborted"
    assert prepared.run("kept").result == "17"


# A kernel that dies.


def last_line(text: str) -> str:
    lines = [line for line in plain(text).splitlines() if line.strip()]
    assert lines, "standard error is empty"
    return lines[-1]


def is_clear(line: str) -> bool:
    """A sentence of a length to be shown in a box, without addresses or frames of a stack."""
    return 20 <= len(line) <= 300 and not re.search(r"0x[0-9a-f]{4,}|^\s*(#|at )|Fatal error", line)


@pytest.mark.parametrize(
    ("text", "said"),
    [(None, "No such file"), ("{", "JSON"), ("{}", "ip is missing"), ('{"ip": "127.0.0.1"}', "shell_port")],
    ids=["no file", "no JSON", "no address", "no port"],
)
def test_the_last_line_when_it_cannot_start(tmp_path: Path, text: str | None, said: str) -> None:
    file = tmp_path / "connection.json"
    if text is not None:
        file.touch(mode=0o600)
        file.write_text(text)
    check_start_fails(file, str(file), said)


def test_the_last_line_when_a_port_is_taken(tmp_path: Path, shared_kernel: Kernel) -> None:
    taken = json.loads(Path(shared_kernel.manager.connection_file).read_text())
    file = tmp_path / "connection.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(taken))
    line = check_start_fails(file, "in use")
    ports = [str(value) for field, value in taken.items() if field.endswith("_port")]
    assert any(port in line for port in ports), line


def check_start_fails(file: Path, *said: str) -> str:
    orbit = KernelSpecManager().get_kernel_spec(KERNEL_NAME).argv[0]
    done = subprocess.run(
        [orbit, "kernel", "--connection-file", str(file)], capture_output=True, text=True, timeout=20
    )
    assert done.returncode != 0
    line = last_line(done.stderr)
    assert is_clear(line), line
    assert all(words in line for words in said), line
    return line


def killed(folder: Path, kind: signal.Signals) -> tuple[int, str]:
    """Kills a kernel that runs a cell; gives its status and what its standard error holds."""
    with (folder / "stderr.txt").open("w") as stderr:
        kernel = Kernel(folder, stderr=stderr)
        process = kernel.manager.provisioner.process
        request = kernel.client.execute('print("begun")\nwhile true { }')
        await_published(kernel, request, "stream")
        process.send_signal(kind)
        status = process.wait(timeout=10)
        kernel.stop()
    return status, (folder / "stderr.txt").read_text(errors="replace")


def test_a_fault_ends_the_process_as_a_fault(tmp_path: Path) -> None:
    """What waits for the process learns of the signal, so that front ends say that it crashed."""
    assert killed(tmp_path, signal.SIGSEGV)[0] == -signal.SIGSEGV
