"""Comms: lines between a front end and a target in the kernel, here `orbit.echo`."""

import pytest
from conftest import kinds

ECHO = "orbit.echo"


def send(session, kind, content, buffers=None, metadata=None):
    """Sends a comm message and returns what was published for it."""
    client = session.client
    message = client.session.msg(kind, content, metadata=metadata)
    client.session.send(client.shell_channel.socket, message, buffers=buffers)
    return session.published(message["header"]["msg_id"])


@pytest.fixture
def comm(shared):
    assert kinds(send(shared, "comm_open", {"comm_id": "c", "target_name": ECHO})) == ["busy", "idle"]
    yield "c"
    send(shared, "comm_close", {"comm_id": "c", "data": {}})


def info(session, **content):
    return session.reply(session.client.comm_info(**content))["content"]


def test_the_echo_returns_data_metadata_and_buffers(shared, comm):
    buffers = [b"\x00\xff<IDS|MSG>", b"", bytes(range(256)) * 4000]
    published = send(
        shared, "comm_msg", {"comm_id": comm, "data": {"a": [1, 2.5, None, "é"]}}, buffers, {"m": 1}
    )
    assert kinds(published) == ["busy", "comm_msg", "idle"]
    answer = published[1]
    assert answer["content"] == {"comm_id": comm, "data": {"a": [1, 2.5, None, "é"]}}
    assert answer["metadata"] == {"m": 1}
    assert [bytes(buffer) for buffer in answer["buffers"]] == buffers


def test_open_comms_are_listed_by_target(shared, comm):
    assert info(shared) == {"status": "ok", "comms": {comm: {"target_name": ECHO}}}
    assert info(shared, target_name=ECHO)["comms"].keys() == {comm}
    assert info(shared, target_name="others")["comms"] == {}
    send(shared, "comm_close", {"comm_id": comm, "data": {}})
    assert info(shared)["comms"] == {}


def test_what_does_not_exist_is_closed(shared):
    for kind in ("comm_open", "comm_msg"):
        published = send(shared, kind, {"comm_id": "x", "target_name": "no.such", "data": {}})
        assert kinds(published) == ["busy", "comm_close", "idle"]
        assert published[1]["content"]["comm_id"] == "x"
    published = send(shared, "comm_close", {"comm_id": "x", "data": {}})
    assert kinds(published) == ["busy", "idle"]


def test_comms_work_while_a_cell_runs(shared, comm):
    running = shared.client.execute("while true { }")
    shared.until(running, "execute_input")
    for number in range(20):
        published = send(shared, "comm_msg", {"comm_id": comm, "data": {"n": number}})
        assert kinds(published) == ["busy", "comm_msg", "idle"]
        assert published[1]["content"]["data"] == {"n": number}
    shared.control("interrupt_request")
    assert shared.reply(running)["content"]["ename"] == "Interrupted"
