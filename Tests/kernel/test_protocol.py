"""What Jupyter's conformance suite leaves out: silence, history, errors, input, interrupts, the end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from conftest import KERNEL, TIMEOUT, Session, kinds, state
from jupyter_client import KernelManager

# A cell that runs until it is interrupted.
ENDLESS = "while true { }"


def test_a_cell_publishes_in_order(shared):
    content, published = shared.run('print("a")\n6 * 7')
    assert content["status"] == "ok"
    assert content["user_expressions"] == {}
    assert kinds(published) == ["busy", "execute_input", "stream", "execute_result", "idle"]
    assert published[3]["content"]["data"]["text/plain"] == "42"
    assert published[3]["content"]["execution_count"] == content["execution_count"]


def test_silent_cells_leave_no_trace(shared):
    before, _ = shared.run("1")
    content, published = shared.run("2", silent=True)
    assert kinds(published) == ["busy", "idle"]
    assert content["execution_count"] == before["execution_count"]
    after, _ = shared.run("3")
    assert after["execution_count"] == before["execution_count"] + 1


def test_cells_that_are_not_stored_are_not_remembered(shared):
    before, _ = shared.run("1001")
    content, published = shared.run("1002", store_history=False)
    assert content["execution_count"] == before["execution_count"]
    assert kinds(published) == ["busy", "execute_input", "execute_result", "idle"]
    request = shared.client.history(hist_access_type="tail", n=1)
    history = shared.reply(request)["content"]["history"]
    assert [entry[2] for entry in history] == ["1001"]


def test_user_expressions_fail_one_by_one(shared):
    content, _ = shared.run("let five = 5", user_expressions={"good": "five + 1", "bad": "nothing"})
    values = content["user_expressions"]
    assert values["good"]["status"] == "ok"
    assert values["good"]["data"]["text/plain"] == "6"
    assert values["bad"]["status"] == "error"
    assert values["bad"]["ename"] and values["bad"]["traceback"]


def test_an_error_is_published_once(shared):
    content, published = shared.run("noSuchName")
    assert content["status"] == "error"
    assert kinds(published) == ["busy", "execute_input", "error", "idle"]
    for field in ("ename", "evalue", "traceback"):
        assert published[2]["content"][field] == content[field]


def test_an_error_aborts_the_cells_that_wait_and_no_others(shared):
    client = shared.client
    failing = client.execute("var i = 0\nwhile i < 200_000 { i += 1 }\nnoSuchName")
    shared.until(failing, "execute_input")
    waiting = [client.execute(f"print({number})") for number in range(20)]
    assert shared.reply(failing)["content"]["status"] == "error"
    for request in waiting:
        content = shared.reply(request)["content"]
        assert content["status"] == "aborted"
        assert isinstance(content["execution_count"], int)
        assert kinds(shared.published(request)) == ["busy", "idle"]
    assert shared.run("1 + 1")[0]["status"] == "ok"


def test_an_error_need_not_stop_the_cells_that_wait(shared):
    client = shared.client
    failing = client.execute(
        "var i = 0\nwhile i < 100_000 { i += 1 }\nnoSuchName", stop_on_error=False
    )
    waiting = client.execute("1 + 1")
    assert shared.reply(failing)["content"]["status"] == "error"
    assert shared.reply(waiting)["content"]["status"] == "ok"


def test_input_is_asked_and_answered(shared):
    client = shared.client
    request = client.execute('let name = input("who? ")\nprint("hello \\(name)")', allow_stdin=True)
    question = client.get_stdin_msg(timeout=TIMEOUT)
    assert question["msg_type"] == "input_request"
    assert question["content"] == {"prompt": "who? ", "password": False}
    assert question["parent_header"]["msg_id"] == request
    client.input("Ada")
    assert shared.reply(request)["content"]["status"] == "ok"
    texts = [m["content"]["text"] for m in shared.published(request) if m["msg_type"] == "stream"]
    assert "".join(texts) == "hello Ada\n"


def test_without_stdin_input_is_an_error(shared):
    content, _ = shared.run('input("who? ")', allow_stdin=False)
    assert content["status"] == "error"
    assert "input" in content["evalue"]


def test_an_interrupt_ends_the_cell_and_keeps_the_values(shared):
    client = shared.client
    shared.run("let kept = 17")
    for _ in range(5):
        request = client.execute(ENDLESS)
        shared.until(request, "execute_input")
        assert shared.control("interrupt_request")["content"]["status"] == "ok"
        content = shared.reply(request)["content"]
        assert content["status"] == "error"
        assert content["ename"] == "Interrupted"
    _, published = shared.run("kept")
    assert published[2]["content"]["data"]["text/plain"] == "17"


def test_the_signal_interrupts_too(shared):
    request = shared.client.execute(ENDLESS)
    shared.until(request, "execute_input")
    os.kill(shared.manager.provisioner.pid, signal.SIGINT)
    assert shared.reply(request)["content"]["ename"] == "Interrupted"
    # While nothing runs, the signal does nothing.
    os.kill(shared.manager.provisioner.pid, signal.SIGINT)
    assert shared.run("1 + 1")[0]["status"] == "ok"


def test_questions_are_answered_while_a_cell_runs(shared):
    client = shared.client
    running = client.execute(ENDLESS)
    shared.until(running, "execute_input")
    questions = [
        lambda: client.complete("FashionM", 8),
        lambda: client.inspect("train", 3),
        lambda: client.is_complete("1 + 1"),
        lambda: client.history(hist_access_type="tail", n=1),
        client.kernel_info,
        client.comm_info,
    ]
    for ask in questions:
        question = ask()
        assert shared.reply(question)["content"]["status"] in ("ok", "complete")
        # A front end shows the last status that it saw: that must be the cell's.
        states = []
        while len(states) < 3:
            message = client.get_iopub_msg(timeout=TIMEOUT)
            states.append((state(message), message["parent_header"]["msg_id"]))
        assert states == [("busy", question), ("idle", question), ("busy", running)]
    shared.control("interrupt_request")
    assert shared.reply(running)["content"]["ename"] == "Interrupted"


def test_control_answers_while_a_cell_runs(shared):
    running = shared.client.execute(ENDLESS)
    shared.until(running, "execute_input")
    information = shared.control("kernel_info_request")["content"]
    assert information["protocol_version"] == "5.6"
    assert information["language_info"]["mimetype"] == "text/x-swift"
    usage = shared.control("usage_request")["content"]
    assert usage["kernel_memory"] > 0 and usage["pid"] == shared.manager.provisioner.pid
    told = {line.split()[0]: int(line.split()[1]) << 10 for line in Path("/proc/meminfo").open()}
    memory = usage["host_virtual_memory"]
    assert memory["total"] == told["MemTotal:"]
    assert abs(memory["available"] - told["MemAvailable:"]) < 0.1 * told["MemTotal:"]
    shared.control("interrupt_request")
    shared.reply(running)


def test_completions_have_types(shared):
    content = shared.reply(shared.client.complete("FashionM", 8))["content"]
    types = content["metadata"]["_jupyter_types_experimental"]
    assert [entry["text"] for entry in types] == content["matches"] == ["FashionMNIST"]
    assert (content["cursor_start"], content["cursor_end"]) == (0, 8)


def test_offsets_count_code_points(shared):
    text = 'let s = "😀é"; FashionM'
    content = shared.reply(shared.client.complete(text, len(text)))["content"]
    assert content["matches"] == ["FashionMNIST"]
    assert text[content["cursor_start"] : content["cursor_end"]] == "FashionM"


def test_displays_are_updated_in_place(shared):
    content, published = shared.run(
        "let warp = Affine(rotation: 30)\n"
        "let small = FashionMNIST().train.first(64)\n"
        "let method = AET(for: FashionMNIST(), transformation: warp,"
        " encoder: NIN(widths: [8, 8]), seed: 1)\n"
        "let run = train(method, on: small, epochs: 1, batch: 32, seed: 1)"
    )
    assert content["status"] == "ok"
    shown = [m for m in published if m["msg_type"] == "display_data"]
    names = [m["content"]["transient"].get("display_id") for m in shown]
    updates = [m for m in published if m["msg_type"] == "update_display_data"]
    assert updates
    for update in updates:
        assert update["content"]["transient"]["display_id"] in names
        assert "text/plain" in update["content"]["data"]


def test_comms_to_unknown_targets_are_closed(shared):
    message = shared.client.session.msg(
        "comm_open", {"comm_id": "c", "target_name": "nobody", "data": {}}
    )
    shared.client.shell_channel.send(message)
    published = shared.published(message["header"]["msg_id"])
    assert kinds(published) == ["busy", "comm_close", "idle"]
    assert shared.reply(shared.client.comm_info())["content"]["comms"] == {}


def test_shutdown_is_answered_and_quick(fresh):
    process = fresh.manager.provisioner.process
    answer = fresh.control("shutdown_request", {"restart": False})
    assert answer["content"] == {"status": "ok", "restart": False}
    assert process.wait(timeout=TIMEOUT) == 0


def test_shutdown_ends_a_running_cell(fresh):
    process = fresh.manager.provisioner.process
    running = fresh.client.execute(ENDLESS)
    fresh.until(running, "execute_input")
    fresh.control("shutdown_request", {"restart": True})
    assert process.wait(timeout=TIMEOUT) == 0


def test_a_restarted_kernel_starts_empty(fresh):
    fresh.run("let mine = 1")
    fresh.manager.restart_kernel()
    fresh.client.wait_for_ready(timeout=TIMEOUT)
    content, _ = fresh.run("mine")
    assert content["status"] == "error"
    assert content["execution_count"] == 1


def test_unix_sockets_work_as_well(tmp_path):
    manager = KernelManager(kernel_name=KERNEL, transport="ipc", ip=str(tmp_path / "k"))
    manager.start_kernel(cwd=str(tmp_path))
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=TIMEOUT)
        content, published = Session(manager, client).run("6 * 7")
        assert content["status"] == "ok"
        assert kinds(published) == ["busy", "execute_input", "execute_result", "idle"]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_the_kernel_ends_with_its_parent():
    # A parent of its own for the kernel: it starts one, prints its number, and is killed.
    program = (
        "from jupyter_client import KernelManager; import sys, time\n"
        f"m = KernelManager(kernel_name={KERNEL!r})\n"
        "m.start_kernel(); c = m.client(); c.start_channels(); c.wait_for_ready(timeout=30)\n"
        f"c.execute({ENDLESS!r})\n"
        "print(m.provisioner.pid, flush=True); time.sleep(600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    kernel = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline and is_running(kernel):
        time.sleep(0.05)
    assert not is_running(kernel)


def is_running(process):
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
