"""The check of the check: whatever is changed about a message that a kernel sent, its schema notices.

One session in which a kernel says everything it can, and each of its messages with one thing wrong in it.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any, Iterator

import pytest
import schemas
from conftest import RECORDER, TIMEOUT, Kernel
from frames import PARTS, Frame, fault

CELLS = [
    'print("out")', "6 * 7", "noSuchName", "clearOutput(wait: true)", "help(train, pager: true)",
    "let shapes = Shapes(count: 40, size: 16, seed: 1)\n"
    "train(AED(for: shapes, encoder: NIN(widths: [4, 8]), seed: 1), on: shapes.train, epochs: 2, batch: 20, seed: 1)",
]
REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    ("shell", "kernel_info_request", {}),
    ("shell", "connect_request", {}),
    ("shell", "complete_request", {"code": "tr"}),
    ("shell", "inspect_request", {"code": "train"}),
    ("shell", "is_complete_request", {"code": "print("}),
    ("shell", "history_request", {"hist_access_type": "tail", "output": True}),
    ("shell", "comm_open", {"comm_id": "c", "target_name": "orbit.echo", "data": {}}),
    ("shell", "comm_info_request", {}),
    ("shell", "comm_msg", {"comm_id": "c", "data": {"a": 1}}),
    ("shell", "comm_open", {"comm_id": "d", "target_name": "nobody", "data": {}}),
    ("control", "usage_request", {}),
    ("control", "interrupt_request", {}),
    ("control", "create_subshell_request", {}),
    ("control", "list_subshell_request", {}),
    ("control", "delete_subshell_request", {"subshell_id": "1"}),
    ("control", "shutdown_request", {"restart": False}),
]
# The kernel opens no comm of its own accord, though the schemas say how it would.
NEVER_SENT = {"iopub.comm_open"}
KINDS = sorted({*schemas.ANSWERED, *(f"iopub.{kind}" for kind in schemas.PUBLISHED)} - NEVER_SENT)


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Frame]:
    """A message of every type, as it came."""
    RECORDER.examples.clear()
    kernel = Kernel(tmp_path_factory.mktemp("everything"))
    client = kernel.client
    for cell in CELLS:
        kernel.execute(cell)
    asking = client.execute('input("?")', allow_stdin=True)
    client.get_stdin_msg(timeout=TIMEOUT)
    client.input("x")
    kernel.collect(asking)
    for channel, kind, content in REQUESTS:
        request = client.session.msg(kind, content)
        getattr(client, f"{channel}_channel").send(request)
        if kind.endswith("_request"):
            getattr(client, f"get_{channel}_msg")(timeout=TIMEOUT)
    while client.get_iopub_msg(timeout=TIMEOUT)["msg_type"] != "shutdown_reply":
        pass
    kernel.stop()
    return dict(RECORDER.examples)


def test_a_session_can_hold_every_type(examples: dict[str, Frame]) -> None:
    assert sorted(examples) == KINDS
    assert [fault(frame) for frame in examples.values()] == [None] * len(KINDS)


def rebuilt(frame: Frame, message: dict[str, Any]) -> Frame:
    parts = tuple(json.dumps(message[name]).encode() for name in PARTS)
    return dataclasses.replace(frame, parts=parts)


def wrong_values(kind: str, key: str, value: Any) -> list[Any]:
    """What can never stand in place of a value: something of every other type."""
    wrong: list[Any] = [None, [[1]], "true" if isinstance(value, bool) else True]
    wrong += [] if isinstance(value, float) else [0.5]
    # Through comms goes whatever its two ends agree on.
    wrong += [] if kind.startswith("comm_") and key == "data" else [{"a": [1]}]
    return wrong


def mutations(frame: Frame) -> Iterator[tuple[str, Frame]]:
    """The message with one thing wrong, over and over."""
    message = frame.message
    for name in PARTS:
        for wrong in (None, [], 1, "x"):
            yield f"{name} is {wrong!r}", rebuilt(frame, message | {name: wrong})
    for part in ("header", "content"):
        yield f"{part} has one field more", rebuilt(frame, message | {part: message[part] | {"unheard": 1}})
        for key, value in message[part].items():
            rest = {other: message[part][other] for other in message[part] if other != key}
            yield f"{part}.{key} is missing", rebuilt(frame, message | {part: rest})
            for wrong in wrong_values(message["header"]["msg_type"], key, value):
                broken = message | {part: rest | {key: wrong}}
                yield f"{part}.{key} is {wrong!r}", rebuilt(frame, broken)
    for wrong in ("5.3", "5.5", ""):
        header = message["header"] | {"version": wrong}
        yield f"the version is {wrong!r}", rebuilt(frame, message | {"header": header})
    for wrong in ("2026-11-22", "2026-11-22T00:00:00", "2026-11-22T00:00:00.000000"):
        header = message["header"] | {"date": wrong}
        yield f"the date is {wrong!r}", rebuilt(frame, message | {"header": header})
    parent = message["parent_header"]
    yield "the parent has no identifier", rebuilt(frame, message | {"parent_header": {"msg_type": "x"}})
    if parent:
        yield "there is no parent", rebuilt(frame, message | {"parent_header": {}})
    else:
        yield "there is a parent", rebuilt(frame, message | {"parent_header": message["header"]})
    if message["header"]["msg_type"] not in ("status", "comm_msg", "comm_close", "iopub_welcome"):
        other = parent | {"msg_type": "nonsense_request"}
        yield "the parent is another request", rebuilt(frame, message | {"parent_header": other})
    yield "the signature is short", dataclasses.replace(frame, signature=frame.signature[:-1])
    yield "the signature is in capitals", dataclasses.replace(frame, signature=b"A" * 64)
    if message["header"]["msg_type"] not in ("shutdown_reply",):
        prefix = () if frame.prefix else (b"kernel.x.status",)
        yield "the channel is another", dataclasses.replace(frame, prefix=prefix)
    if frame.prefix:
        yield "the topic is another", dataclasses.replace(frame, prefix=(b"x",))
    if not message["header"]["msg_type"].startswith("comm_"):
        yield "there is a buffer", dataclasses.replace(frame, buffers=1)
    content = frame.parts[3]
    for wrong in (b"", content[:-1], content + b"}", content.replace(b"{", b'{"a": NaN, ', 1), b'{"a":"\xff"}',
                  b'{"a": 1, "a": 1}', b'{"a": "\\ud800"}'):
        yield f"the content is {wrong[:40]!r}", dataclasses.replace(frame, parts=(*frame.parts[:3], wrong))


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_wrong_with_a_message_is_noticed(examples: dict[str, Frame], kind: str) -> None:
    frame = examples[kind]
    # Written anew without a change it is right, so that it is the change that is refused.
    assert fault(rebuilt(frame, frame.message)) is None
    broken = dict(mutations(frame))
    assert len(broken) > 60
    assert [what for what, frame in broken.items() if fault(frame) is None] == []


INNER: list[tuple[str, tuple[str | int, ...], Any]] = [
    ("execute_reply", ("metadata", "started"), "now"),
    ("kernel_info_reply", ("content", "language_info", "mimetype"), "text/plain"),
    ("kernel_info_reply", ("content", "language_info", "pygment_lexer"), "swift"),
    ("kernel_info_reply", ("content", "help_links"), [{"text": "Help"}]),
    ("complete_reply", ("content", "metadata", "_jupyter_types_experimental", 0, "text"), None),
    ("complete_reply", ("content", "cursor_start"), -1),
    ("history_reply", ("content", "history", 0, 1), "1"),
    ("history_reply", ("content", "history", 0, 2), ["code"]),
    ("usage_reply", ("content", "host_virtual_memory", "percent"), 101),
    ("iopub.status", ("content", "execution_state"), "dead"),
    ("iopub.stream", ("content", "name"), "stdlog"),
    ("iopub.error", ("content", "traceback", 0), 1),
    ("iopub.execute_result", ("content", "data", "text/plain"), ""),
    ("iopub.update_display_data", ("content", "transient"), {}),
    ("iopub.update_display_data", ("content", "data", "image/png"), "iVBORw0KGgoAAAAN\nSUhEUg=="),
    ("iopub.update_display_data", ("content", "data", "image/png"), "R0lGODlhAQABAAAAACw="),
    ("iopub.update_display_data", ("content", "metadata"), {}),
]


@pytest.mark.parametrize(("kind", "path", "wrong"), INNER)
def test_what_is_wrong_deep_inside_is_noticed(
    examples: dict[str, Frame], kind: str, path: tuple[str | int, ...], wrong: Any
) -> None:
    message = json.loads(json.dumps(examples[kind].message))
    place = message
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = wrong
    assert fault(rebuilt(examples[kind], message)) is not None


@pytest.mark.parametrize("name", ["UnknownName", "MalformedRequest", "UnknownSubshell", "WrongChannel"])
def test_a_reply_to_a_cell_that_failed_or_was_refused_has_a_number(examples: dict[str, Frame], name: str) -> None:
    frame = examples["execute_reply"]
    error = {"status": "error", "ename": name, "evalue": "why", "traceback": ["why"]}
    rest = {"payload": [], "user_expressions": {}}
    for content, is_right in (
        (error | rest | {"execution_count": 0}, True), (error | rest, False), (error, False),
        (error | {"execution_count": 0}, False),
    ):
        assert (fault(rebuilt(frame, frame.message | {"content": content})) is None) == is_right


def test_a_type_that_no_kernel_sends_is_noticed(examples: dict[str, Frame]) -> None:
    message = examples["complete_reply"].message
    header = message["header"] | {"msg_type": "complete_reply2"}
    assert "nothing that a kernel sends" in fault(rebuilt(examples["complete_reply"], message | {"header": header}))


def test_a_client_that_receives_it_makes_its_test_fail(examples: dict[str, Frame]) -> None:
    """The way from the socket to the recorder: a real session, and a message that is signed and still wrong."""
    from jupyter_client.session import Session

    session = Session(key=b"k")
    message = session.msg("status", {"execution_state": "sleepy"}, header=None)
    before = len(RECORDER.faults)
    prefix, rest = session.feed_identities(session.serialize(message, ident=[b"kernel.x.status"]))
    session.deserialize(rest)
    noticed = RECORDER.faults[before:]
    del RECORDER.faults[before:]
    assert len(noticed) == 1 and noticed[0].startswith("status: ")
