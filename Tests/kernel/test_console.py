"""`jupyter console` on a pseudo terminal: what a person sees who types.

One console serves the tests of this file. Nearly everything is shown by its effect, a printed line or a
result, since what a terminal paints while a person types depends on its width and its colours.
"""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path
from typing import Callable, Iterator

import pexpect
import psutil
import pytest
from conftest import KERNEL, Kernel

TERMINAL = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07]*\x07|[()][A-Z0-9]|[=>])")
# What the console says when an answer came too late, or is none.
COMPLAINTS = ("did not respond", "invalid is_complete_reply", "No lexer found", "Traceback (most")


class Console:
    """A console with its own kernel in a folder, and everything that it has shown."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        environment = os.environ | {
            "TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1", "PAGER": "cat",
            "IPYTHONDIR": str(folder / "ipython"), "JUPYTER_CONFIG_DIR": str(folder / "config"),
        }
        self.process = pexpect.spawn(
            sys.executable, ["-m", "jupyter_console", *(arguments or ("--kernel", KERNEL))], cwd=str(folder),
            env=environment, encoding="utf-8", dimensions=(50, 160), timeout=30,
        )
        self.shown = ""
        self.place = 0
        self.number = 0

    def sees(self, pattern: str, seconds: float = 30) -> re.Match[str]:
        """Waits for a pattern in what is shown after the last one that was seen."""
        end = time.monotonic() + seconds
        while True:
            if match := re.compile(pattern).search(self.shown, self.place):
                self.place = match.end()
                return match
            if not self.read(0.05) or time.monotonic() > end:
                pytest.fail(f"the console does not show '{pattern}' but:\n{self.shown[self.place:]}")

    def read(self, seconds: float) -> bool:
        """Takes what is shown within some time; whether there may be more."""
        try:
            raw = self.process.read_nonblocking(65_536, seconds)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.shown += TERMINAL.sub("", raw).replace("\r", "")
        return True

    def types(self, text: str) -> None:
        self.process.send(text)

    def enters(self, line: str) -> None:
        """Types a line and, once it is painted, presses return."""
        self.types(line)
        self.sees(re.escape(line[-1]))
        self.types("\r")

    def prompts(self) -> None:
        """Waits for the next cell's prompt: on return, the one before is painted once more, with its line."""
        before = self.number
        while self.number <= before:
            self.number = int(self.sees(r"In \[(\d+)\]: ")[1])

    def close(self) -> None:
        self.process.close(force=True)


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    folder = tmp_path_factory.mktemp("console")
    # What an earlier session ran in this folder is what the arrow keys bring back.
    earlier = Kernel(folder)
    earlier.run("20000 + 345")
    earlier.stop()
    console = Console(folder)
    console.prompts()
    yield console
    console.close()


def test_the_banner_and_the_first_prompt(console: Console) -> None:
    assert re.search(r"Orbit: learn, teach and research(.|\n)*In \[1\]: ", console.shown)


def test_history_of_earlier_sessions(console: Console) -> None:
    console.types("\x1b[A")
    console.sees(r"20000 \+ 345")
    console.types("\r")
    console.sees(r"Out\[1\]: 20345\n")
    console.prompts()


def test_a_complete_cell_runs_at_once(console: Console) -> None:
    console.enters("6 * 7000")
    console.sees(r"Out\[\d+\]: 42000\n")
    console.prompts()


def test_an_incomplete_cell_goes_on(console: Console) -> None:
    console.enters("for i in 1...3 {")
    console.sees(r"\.\.\.: ")
    console.enters('print("row \\(i * 1111)")')
    console.sees(r"\.\.\.: ")
    assert "row 1111" not in console.shown
    console.enters("}")
    console.sees(r"row 1111\nrow 2222\nrow 3333\n")
    console.prompts()


def test_tab_completes(console: Console) -> None:
    console.enters("let longNameOfAValue = 900")
    console.prompts()
    console.types("longNameO\t")
    console.sees(r"fAValue")
    console.enters(" + 9")
    console.sees(r"Out\[\d+\]: 909\n")
    console.prompts()


def test_an_error_is_shown_and_the_next_cell_works(console: Console) -> None:
    console.enters("trian(1)")
    console.sees(r"\^~")
    console.sees(r"UnknownName: .*'trian'")
    console.sees(r"train")
    console.prompts()
    console.enters("40 + 4004")
    console.sees(r"Out\[\d+\]: 4044\n")
    console.prompts()


def test_the_pager_shows_help(console: Console) -> None:
    console.enters("help(clearOutput, pager: true)")
    console.sees(r"Removes what the cell has shown so far")
    console.prompts()


def test_a_question_is_asked_and_answered(console: Console) -> None:
    console.enters('print("hello", input("your name? "))')
    console.sees(r"\nyour name\? ")
    console.types("Emmy\r")
    console.sees(r"hello Emmy\n")
    console.prompts()


def test_control_c_stops_a_cell(console: Console) -> None:
    console.enters('print("begun"); while true { }')
    console.sees(r"begun\n")
    console.process.sendintr()
    console.sees(r"[Ii]nterrupted", seconds=10)
    console.prompts()
    console.enters("longNameOfAValue")
    console.sees(r"Out\[\d+\]: 900\n")
    console.prompts()


def test_leaving_ends_the_kernel(console: Console) -> None:
    kernels = psutil.Process(console.process.pid).children(recursive=True)
    assert kernels
    console.types("\x04")
    console.sees(r"Do you really want to exit")
    console.types("y\r")
    console.sees(r"Shutting down kernel")
    while console.read(1):
        pass
    console.process.wait()
    assert console.process.exitstatus == 0
    assert psutil.wait_procs(kernels, timeout=5)[1] == []
    # Of the whole session: no answer was late, and the language is known to the highlighter.
    assert [complaint for complaint in COMPLAINTS if complaint in console.shown] == []


@pytest.mark.parametrize("word", ["exit", "quit()"])
def test_words_that_leave_end_the_kernel_without_a_question(tmp_path: Path, word: str) -> None:
    console = Console(tmp_path)
    console.prompts()
    kernels = psutil.Process(console.process.pid).children(recursive=True)
    assert kernels
    console.enters(word)
    console.sees(r"Shutting down kernel")
    while console.read(1):
        pass
    console.process.wait()
    assert console.process.exitstatus == 0 and "really want" not in console.shown
    assert psutil.wait_procs(kernels, timeout=5)[1] == []


@pytest.mark.parametrize("keep", [True, False])
def test_a_kernel_that_was_there_before_can_be_kept(
    tmp_path: Path, orbit: Callable[[], Kernel], keep: bool
) -> None:
    kernel = orbit()
    kernel.run("let kept = 7")
    console = Console(tmp_path, "--existing", kernel.manager.connection_file)
    console.prompts()
    console.enters(f"exit(keepKernel: {str(keep).lower()})")
    console.sees("keeping kernel alive" if keep else "Shutting down kernel")
    while console.read(1):
        pass
    if keep:
        assert kernel.run("kept").result == "7"
    else:
        end = time.monotonic() + 5
        while kernel.manager.is_alive():
            assert time.monotonic() < end
            time.sleep(0.05)


# The console gives up asking for good when one answer takes longer than a second.

CELLS = {
    "6 * 7": "complete",
    "let a = [1, 2, 3]\nfor x in a { print(x) }": "complete",
    "for i in 0..<3 {": "incomplete",
    'let s = """\nabc': "incomplete",
    "let a = [1,": "incomplete",
    "let = 3": "invalid",
    "let total = [\n" + "  1,\n" * 5_000 + "]": "complete",
    "let total = [\n" + "  1,\n" * 5_000: "incomplete",
}


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: f"{len(cell)} {CELLS[cell]}")
def test_is_complete_within_a_second(shared_kernel: Kernel, cell: str) -> None:
    client = shared_kernel.client
    request = client.is_complete(cell)
    reply = client.get_shell_msg(timeout=1)
    assert reply["parent_header"]["msg_id"] == request
    assert reply["content"]["status"] == CELLS[cell]
    assert isinstance(reply["content"].get("indent", ""), str)
