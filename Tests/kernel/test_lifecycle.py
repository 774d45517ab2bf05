"""How a kernel ends: in order and in time, with its parent, and what remains of one that crashed.

`ORBIT_ORPHAN_TRIALS` says how many parents are killed; a handful unless given.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import KERNEL, TIMEOUT, Kernel, Session
from jupyter_client import BlockingKernelClient
from jupyter_client.connect import write_connection_file
from jupyter_client.kernelspec import KernelSpecManager

pytestmark = pytest.mark.alone

# A cell that runs until it is interrupted.
ENDLESS = "while true { }"
# Launchers lose patience after 2.5 s.
IN_TIME = 2.0
ORPHAN_TRIALS = int(os.environ.get("ORBIT_ORPHAN_TRIALS", "5"))
# Trains until it is interrupted.
TRAINING = (
    "let shapes = Shapes(count: 200, size: 16, seed: 1)\n"
    "let model = AED(for: shapes, encoder: NIN(widths: [4, 8]), seed: 1)\n"
    "train(model, on: shapes.train, epochs: 100_000, batch: 20, seed: 1)"
)


def await_published(kernel: Kernel, request: str, kind: str, count: int = 1) -> list[dict[str, Any]]:
    """The first messages of a type that are published for a request."""
    found = []
    while len(found) < count:
        message = kernel.client.get_iopub_msg(timeout=TIMEOUT)
        if message["parent_header"].get("msg_id") == request and message["msg_type"] == kind:
            found.append(message)
    return found


def seconds_until_end(process: subprocess.Popen[bytes], since: float) -> float:
    process.wait(timeout=TIMEOUT)
    return time.monotonic() - since


# The end in order


def test_an_idle_kernel_shuts_down_in_time(fresh: Session) -> None:
    process = fresh.manager.provisioner.process
    begun = time.monotonic()
    fresh.control("shutdown_request", {"restart": False})
    assert seconds_until_end(process, begun) < IN_TIME
    assert process.returncode == 0


@pytest.mark.parametrize("cell", [ENDLESS, TRAINING], ids=["loop", "training"])
def test_a_busy_kernel_shuts_down_in_time(tmp_path: Path, cell: str) -> None:
    kernel = Kernel(tmp_path)
    process = kernel.manager.provisioner.process
    running = kernel.client.execute(cell)
    await_published(kernel, running, "execute_input" if cell == ENDLESS else "update_display_data")
    begun = time.monotonic()
    kernel.client.control_channel.send(
        kernel.client.session.msg("shutdown_request", {"restart": False})
    )
    assert seconds_until_end(process, begun) < IN_TIME
    assert process.returncode == 0
    kernel.stop()
    # It said goodbye: the next one has nothing to tell.
    assert records(tmp_path) == []


def test_the_end_signal_is_obeyed_in_time(fresh: Session) -> None:
    process = fresh.manager.provisioner.process
    running = fresh.client.execute(ENDLESS)
    fresh.until(running, "execute_input")
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert seconds_until_end(process, begun) < IN_TIME
    assert process.returncode == 0


# The parent

# A parent of its own for a kernel: it starts one, has it run a cell, prints its number, and waits to be killed.
PARENT = """
import sys, time
from jupyter_client import KernelManager
manager = KernelManager(kernel_name=sys.argv[1])
manager.start_kernel(cwd=sys.argv[2])
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=30)
client.execute(sys.argv[3])
time.sleep(float(sys.argv[4]))
print(manager.provisioner.pid, flush=True)
time.sleep(600)
"""


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def seconds_until_gone(process: int, since: float) -> float:
    while is_running(process):
        if time.monotonic() - since > TIMEOUT:
            os.kill(process, signal.SIGKILL)
            pytest.fail(f"process {process} is still there after {TIMEOUT} s")
        time.sleep(0.01)
    return time.monotonic() - since


@pytest.mark.parametrize("trial", range(ORPHAN_TRIALS))
def test_the_kernel_ends_with_its_parent(tmp_path: Path, trial: int) -> None:
    cell = [ENDLESS, TRAINING, "1 + 1"][trial % 3]
    # Killed at another moment each time.
    arguments = [KERNEL, str(tmp_path), cell, str(trial * 0.037 % 0.5)]
    with subprocess.Popen([sys.executable, "-c", PARENT, *arguments], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        kernel = int(parent.stdout.readline())
        begun = time.monotonic()
        parent.kill()
        parent.wait()
    assert seconds_until_gone(kernel, begun) < IN_TIME


def start_by_hand(folder: Path, environment: dict[str, str]) -> tuple[int, BlockingKernelClient]:
    """A kernel that no manager watches, and whose direct parent ends at once; its number and a client."""
    file, _ = write_connection_file(str(folder / "connection.json"))
    program = KernelSpecManager().get_kernel_spec(KERNEL).argv[0]
    clean = {name: value for name, value in os.environ.items() if name != "JPY_PARENT_PID"}
    started = subprocess.run(
        ["sh", "-c", '"$0" kernel -f "$1" >/dev/null 2>&1 & echo $!', program, file],
        cwd=folder, env={**clean, **environment}, stdout=subprocess.PIPE, text=True, check=True,
    )
    client = BlockingKernelClient(connection_file=file)
    client.load_connection_file()
    client.start_channels()
    return int(started.stdout), client


def test_a_parent_with_number_one_is_not_waited_for(tmp_path: Path) -> None:
    """In a container the launcher may be process 1, whose end nobody outlives."""
    process, client = start_by_hand(tmp_path, {"JPY_PARENT_PID": "1"})
    try:
        client.wait_for_ready(timeout=TIMEOUT)
        time.sleep(2.5)
        assert is_running(process)
        client.kernel_info()
        assert client.get_shell_msg(timeout=TIMEOUT)["content"]["status"] == "ok"
        begun = time.monotonic()
        client.control_channel.send(client.session.msg("shutdown_request", {"restart": False}))
        assert seconds_until_gone(process, begun) < IN_TIME
    finally:
        client.stop_channels()
        if is_running(process):
            os.kill(process, signal.SIGKILL)


def test_a_launcher_behind_a_script_is_watched(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "600"]) as launcher:
        process, client = start_by_hand(tmp_path, {"JPY_PARENT_PID": str(launcher.pid)})
        try:
            client.wait_for_ready(timeout=TIMEOUT)
            begun = time.monotonic()
            # Nobody asks for its status yet: it is a zombie, and has ended all the same.
            launcher.kill()
            assert seconds_until_gone(process, begun) < IN_TIME
        finally:
            client.stop_channels()


# The end that was not in order


def records(folder: Path) -> list[str]:
    return [path.name for path in (folder / ".orbit" / "default").glob("running-*")]


def warnings(execution: Any) -> str:
    return "".join(
        message["content"]["text"]
        for message in execution.of_type("stream")
        if message["content"]["name"] == "stderr"
    )


def banner(kernel: Kernel) -> str:
    kernel.client.kernel_info()
    return kernel.client.get_shell_msg(timeout=TIMEOUT)["content"]["banner"]


def kill_while_training(folder: Path, kind: signal.Signals) -> tuple[int, str]:
    """Kills a kernel whose second cell trains; gives its status and what its standard error holds."""
    with (folder / "stderr.txt").open("w") as stderr:
        kernel = Kernel(folder, stderr=stderr)
        kernel.run("let kept = 1")
        running = kernel.client.execute(TRAINING)
        await_published(kernel, running, "update_display_data", count=2)
        process = kernel.manager.provisioner.process
        process.send_signal(kind)
        status = process.wait(timeout=TIMEOUT)
        kernel.stop()
    return status, (folder / "stderr.txt").read_text(errors="replace")


@pytest.mark.parametrize("kind", [signal.SIGSEGV, signal.SIGABRT, signal.SIGILL])
def test_a_crash_is_told_once(tmp_path: Path, kind: signal.Signals) -> None:
    status, said = kill_while_training(tmp_path, kind)
    assert status == -kind
    last = [line for line in said.splitlines() if line.strip()][-1]
    assert re.fullmatch(
        rf"Orbit's kernel crashed with {kind.name} while cell 2 ran, after training step \d+\.", last
    )
    assert len(records(tmp_path)) == 1

    second = Kernel(tmp_path)
    sentence = re.compile(
        rf"An earlier kernel of this workspace crashed with {kind.name}, [a-z ]+ while cell 2 ran, "
        r"after training step \d+ \(\d+ MB in memory, Orbit \S+, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\)\."
    )
    assert len(sentence.findall(banner(second))) == 1
    first = warnings(second.run("1"))
    assert len(sentence.findall(first)) == 1 and first.count("\n") == 1
    assert warnings(second.run("2")) == ""
    assert records(tmp_path) != []
    second.client.history(hist_access_type="range", session=-1, raw=True, output=True)
    entries = second.client.get_shell_msg(timeout=TIMEOUT)["content"]["history"]
    # The second cell's request of the first session, with what became of it.
    assert [line for _, line, _ in entries][-1] == 2
    assert sentence.search(entries[-1][2][1])
    second.stop()

    third = Kernel(tmp_path)
    assert "crashed" not in banner(third)
    assert warnings(third.run("1")) == ""
    third.stop()
    assert records(tmp_path) == []


def test_an_end_without_goodbye_is_told(tmp_path: Path) -> None:
    """A process that is killed cannot say anything, as where memory runs out."""
    status, _ = kill_while_training(tmp_path, signal.SIGKILL)
    assert status == -signal.SIGKILL
    second = Kernel(tmp_path)
    told = "ended without saying goodbye while cell 2 ran, after training step "
    assert told in banner(second)
    first = warnings(second.run("1"))
    assert told in first and "memory runs out" in first
    second.stop()


def test_a_kernel_that_is_killed_while_nothing_runs_leaves_nothing_to_tell(tmp_path: Path) -> None:
    kernel = Kernel(tmp_path)
    kernel.run("1")
    kernel.manager.provisioner.process.kill()
    kernel.manager.provisioner.process.wait(timeout=TIMEOUT)
    kernel.stop()
    second = Kernel(tmp_path)
    assert "earlier kernel" not in banner(second)
    assert warnings(second.run("1")) == ""
    second.stop()


def test_a_kernel_that_lives_is_not_taken_for_dead(tmp_path: Path) -> None:
    first = Kernel(tmp_path)
    running = first.client.execute(ENDLESS)
    await_published(first, running, "execute_input")
    second = Kernel(tmp_path)
    assert "earlier kernel" not in banner(second)
    # It is told that another one writes, and of no crash.
    assert warnings(second.run("1")).startswith("Another kernel is writing into the workspace")
    second.stop()
    assert len(records(tmp_path)) == 1
    first.stop()


def test_a_crash_while_a_workspace_folder_was_given(tmp_path: Path) -> None:
    """`kernel --workspace DIR` keeps everything in that folder."""
    file, _ = write_connection_file(str(tmp_path / "connection.json"))
    program = KernelSpecManager().get_kernel_spec(KERNEL).argv[0]
    place = tmp_path / "my place" / "w"
    with subprocess.Popen(
        [program, "kernel", "-f", file, "--workspace", str(place)], cwd=tmp_path, stderr=subprocess.PIPE
    ) as process:
        client = BlockingKernelClient(connection_file=file)
        client.load_connection_file()
        client.start_channels()
        client.wait_for_ready(timeout=TIMEOUT)
        client.execute("6 * 7", reply=True, timeout=TIMEOUT)
        client.execute(ENDLESS)
        while not any(path.stat().st_size for path in place.glob("running-*")):
            time.sleep(0.01)
        process.kill()
        process.wait()
        client.stop_channels()
    assert (place / "workspace.sqlite").exists()
    assert not (tmp_path / ".orbit").exists()
    record = next(place.glob("running-*")).read_text()
    assert "cell 2\n" in record and "signal 0\n" in record


# Native libraries

# Threads that wait for a file; one of them then writes, and then all of them crash if the file's name says so.
NATIVE = r"""
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static int *volatile nowhere;
static volatile int has_written;
static void *body(void *writes) {
  const char *trigger = getenv("NATIVE_TRIGGER");
  while (access(trigger, F_OK) != 0) usleep(1000);
  const char *out = "out of C \xe2\x82\xac\n", *err = "err of C\n";
  if (writes && (write(1, out, strlen(out)) < 0 || write(2, err, strlen(err)) < 0)) _exit(3);
  if (writes) has_written = 1;
  while (!has_written) {}
  if (strstr(trigger, "crash")) *nowhere = 1;
  return NULL;
}
__attribute__((constructor)) static void start(void) {
  for (int index = 0; index < 4; index++) {
    pthread_t thread;
    pthread_create(&thread, NULL, body, index == 0 ? "writes" : NULL);
  }
}
"""


def compiler() -> str | None:
    return next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)


def with_library(folder: Path, trigger: Path, **start: Any) -> Kernel:
    """A kernel with threads of a C library in it."""
    command = [compiler(), "-shared", "-fPIC", "-pthread", "-o", "native.so", "native.c"]
    (folder / "native.c").write_text(NATIVE)
    subprocess.run(command, cwd=folder, check=True)
    environment = {"LD_PRELOAD": str(folder / "native.so"), "NATIVE_TRIGGER": str(trigger)}
    return Kernel(folder, env={**os.environ, **environment}, **start)


@pytest.mark.skipif(compiler() is None, reason="there is no C compiler")
def test_threads_that_crash_together_leave_one_record(tmp_path: Path) -> None:
    """A real fault, in several threads at once as in training, of a library that said something before."""
    trigger = tmp_path / "crash"
    with (tmp_path / "stderr.txt").open("w") as stderr:
        kernel = with_library(tmp_path, trigger, stderr=stderr)
        running = kernel.client.execute('print("begun")\n' + ENDLESS)
        await_published(kernel, running, "stream")
        trigger.touch()
        assert kernel.manager.provisioner.process.wait(timeout=TIMEOUT) == -signal.SIGSEGV
        kernel.stop()
    said = (tmp_path / "stderr.txt").read_text()
    assert "err of C\n" in said
    assert said.endswith("\nOrbit's kernel crashed with SIGSEGV while cell 1 ran.\n")
    second = Kernel(tmp_path)
    assert "crashed with SIGSEGV" in warnings(second.run("1"))
    second.stop()


@pytest.mark.skipif(compiler() is None, reason="there is no C compiler")
def test_what_a_library_writes_reaches_the_cell(tmp_path: Path) -> None:
    trigger = tmp_path / "go"
    kernel = with_library(tmp_path, trigger)
    kernel.run("1")
    running = kernel.client.execute(ENDLESS)
    await_published(kernel, running, "execute_input")
    trigger.touch()
    texts: dict[str, str] = {"stdout": "", "stderr": ""}
    while not all(text.endswith("\n") for text in texts.values()):
        (message,) = await_published(kernel, running, "stream")
        texts[message["content"]["name"]] += message["content"]["text"]
    assert texts == {"stdout": "out of C €\n", "stderr": "err of C\n"}
    kernel.manager.interrupt_kernel()
    assert kernel.client.get_shell_msg(timeout=TIMEOUT)["content"]["ename"] == "Interrupted"
    kernel.stop()
