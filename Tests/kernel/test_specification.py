"""The messaging specification, message type by message type, with everything a client may get wrong in them.

Each case is one request and all that comes of it: the reply, what is published, and in which order. What the
messages look like is not asked here: every one of them is held against its schema (`schemas.py`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator

import pytest
import zmq
from conftest import TIMEOUT, Kernel, kinds, state

ECHO = "orbit.echo"
ENDLESS = "while true { }"
BUSY_IDLE = ["busy", "idle"]


@dataclass
class Answer:
    """What came of one request."""

    reply: dict[str, Any] | None
    published: list[dict[str, Any]]

    @property
    def content(self) -> dict[str, Any]:
        assert self.reply is not None, "there was no reply"
        return self.reply["content"]

    @property
    def kinds(self) -> list[str]:
        return kinds(self.published)


class Line:
    """A kernel, and requests to it made by hand."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.client = kernel.client
        self.channels = {"shell": self.client.shell_channel, "control": self.client.control_channel}

    def send(
        self, kind: str, content: Any, channel: str = "shell", metadata: Any = None,
        buffers: list[bytes] | None = None, **header: Any,
    ) -> dict[str, Any]:
        """Sends a request, its content as it is when that is bytes; gives the header."""
        message = self.client.session.msg(kind, content, metadata=metadata)
        message["header"] |= header
        self.client.session.send(self.channels[channel].socket, message, buffers=buffers)
        return message["header"]

    def ask(self, kind: str, content: Any, channel: str = "shell", answered: bool = True, **extra: Any) -> Answer:
        """Sends a request and waits for its reply and its idle; both must name it, and nothing else may come."""
        header = self.send(kind, content, channel, **extra)
        published = self.published(header["msg_id"])
        reply = self.reply(channel) if answered else None
        self.check_silence(channel)
        answers = published + ([reply] if reply else [])
        assert all(json_of(answer["parent_header"]) == json_of(header) for answer in answers)
        assert all(answer["header"]["session"] != header["session"] for answer in answers)
        assert reply is None or reply["msg_type"] == kind.replace("_request", "_reply")
        assert len({answer["header"]["msg_id"] for answer in answers}) == len(answers)
        return Answer(reply, published)

    def run(self, code: str, **options: Any) -> Answer:
        return self.ask("execute_request", {"code": code, "allow_stdin": False} | options)

    def published(self, request: str) -> list[dict[str, Any]]:
        """What is published for a request, up to and with its idle."""
        messages: list[dict[str, Any]] = []
        while not messages or state(messages[-1]) != "idle":
            message = self.client.get_iopub_msg(timeout=TIMEOUT)
            if message["parent_header"].get("msg_id") == request:
                messages.append(message)
        return messages

    def reply(self, channel: str = "shell") -> dict[str, Any]:
        return self.channels[channel].get_msg(timeout=TIMEOUT)

    def check_silence(self, channel: str) -> None:
        """Whatever the kernel had to say before is here: what it answers next is the next question."""
        request = self.send("kernel_info_request", {}, channel)["msg_id"]
        assert self.reply(channel)["parent_header"]["msg_id"] == request
        assert kinds(self.published(request)) == BUSY_IDLE

    def rejected(self) -> int:
        """How many messages the kernel dropped so far."""
        return self.ask("usage_request", {}, "control").content["rejected_messages"]


def json_of(value: Any) -> str:
    return json.dumps(value, default=lambda date: date.isoformat().replace("+00:00", "Z"), sort_keys=True)


@pytest.fixture(scope="module")
def line(shared_kernel: Kernel) -> Line:
    return Line(shared_kernel)


@pytest.fixture
def subshell(line: Line) -> Iterator[str]:
    identifier = line.ask("create_subshell_request", {}, "control").content["subshell_id"]
    yield identifier
    line.ask("delete_subshell_request", {"subshell_id": identifier}, "control")


@pytest.fixture
def running(line: Line) -> Iterator[str]:
    """A cell that runs all through the test."""
    request = line.send("execute_request", {"code": ENDLESS})["msg_id"]
    while line.client.get_iopub_msg(timeout=TIMEOUT)["msg_type"] != "execute_input":
        pass
    yield request
    line.send("interrupt_request", {}, "control")
    assert line.reply("control")["content"]["status"] == "ok"
    assert line.reply()["content"]["ename"] == "Interrupted"
    line.published(request)


# Every request, with the least that it must have and with all that it can.

QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("kernel_info_request", {}),
    ("connect_request", {}),
    ("usage_request", {}),
    ("interrupt_request", {}),
    ("comm_info_request", {}),
    ("comm_info_request", {"target_name": ECHO}),
    ("comm_info_request", {"target_name": None}),
    ("complete_request", {"code": "tr"}),
    ("complete_request", {"code": "tr", "cursor_pos": 2}),
    ("complete_request", {"code": "", "cursor_pos": 0}),
    ("inspect_request", {"code": "train"}),
    ("inspect_request", {"code": "train", "cursor_pos": 3, "detail_level": 1}),
    ("inspect_request", {"code": "train", "cursor_pos": 3, "detail_level": 7, "omit_sections": ["x"]}),
    ("is_complete_request", {"code": "1 + 1"}),
    ("history_request", {"hist_access_type": "tail"}),
    ("history_request", {"hist_access_type": "tail", "n": 2, "output": True, "raw": True}),
    ("history_request", {"hist_access_type": "range", "session": 0, "start": 1, "stop": 2}),
    ("history_request", {"hist_access_type": "search", "pattern": "*", "n": 1, "unique": True}),
]


def named(question: tuple[str, dict[str, Any]]) -> str:
    kind, content = question
    return " ".join([kind.removesuffix("_request"), *map(str, content.values())])


@pytest.mark.parametrize("channel", ["shell", "control"])
@pytest.mark.parametrize("question", QUESTIONS, ids=named)
def test_questions_are_answered(line: Line, question: tuple[str, dict[str, Any]], channel: str) -> None:
    kind, content = question
    answer = line.ask(kind, content | {"a field of tomorrow": [1, None]}, channel)
    assert answer.content["status"] in ("ok", "complete")
    assert answer.kinds == BUSY_IDLE


@pytest.mark.parametrize("question", QUESTIONS, ids=named)
def test_questions_are_answered_on_a_subshell(
    line: Line, subshell: str, question: tuple[str, dict[str, Any]]
) -> None:
    answer = line.ask(*question, subshell_id=subshell)
    assert answer.content["status"] in ("ok", "complete")
    assert answer.kinds == BUSY_IDLE


@pytest.mark.parametrize("question", QUESTIONS[:2] + QUESTIONS[4:], ids=named)
def test_questions_are_answered_while_a_cell_runs(
    line: Line, running: str, question: tuple[str, dict[str, Any]]
) -> None:
    answer = line.ask(*question)
    assert answer.content["status"] in ("ok", "complete")
    assert answer.kinds == BUSY_IDLE


# What a client can get wrong: the type of the request, its content, and the field that the answer must name.

MALFORMED: list[tuple[str, Any, str]] = [
    ("execute_request", {}, "code"),
    ("execute_request", {"code": None}, "code"),
    ("execute_request", {"code": 5}, "code"),
    ("execute_request", {"code": ["1"]}, "code"),
    ("execute_request", {"code": "1", "silent": "no"}, "silent"),
    ("execute_request", {"code": "1", "store_history": 1}, "store_history"),
    ("execute_request", {"code": "1", "allow_stdin": {}}, "allow_stdin"),
    ("execute_request", {"code": "1", "stop_on_error": []}, "stop_on_error"),
    ("execute_request", {"code": "1", "user_expressions": ["1"]}, "user_expressions"),
    ("execute_request", {"code": "1", "user_expressions": {"a": 1}}, "user_expressions.a"),
    ("complete_request", {}, "code"),
    ("complete_request", {"code": {}}, "code"),
    ("complete_request", {"code": "a", "cursor_pos": "1"}, "cursor_pos"),
    ("complete_request", {"code": "a", "cursor_pos": 0.5}, "cursor_pos"),
    ("complete_request", {"code": "a", "cursor_pos": True}, "cursor_pos"),
    ("inspect_request", {"cursor_pos": 0}, "code"),
    ("inspect_request", {"code": "a", "cursor_pos": [0]}, "cursor_pos"),
    ("inspect_request", {"code": "a", "cursor_pos": 0, "detail_level": "all"}, "detail_level"),
    ("is_complete_request", {}, "code"),
    ("is_complete_request", {"code": 1.5}, "code"),
    ("history_request", {}, "hist_access_type"),
    ("history_request", {"hist_access_type": "all"}, "hist_access_type"),
    ("history_request", {"hist_access_type": 1}, "hist_access_type"),
    ("history_request", {"hist_access_type": "tail", "n": "3"}, "n"),
    ("history_request", {"hist_access_type": "tail", "output": "yes"}, "output"),
    ("history_request", {"hist_access_type": "range", "session": "last"}, "session"),
    ("history_request", {"hist_access_type": "range", "start": []}, "start"),
    ("history_request", {"hist_access_type": "search", "pattern": 1}, "pattern"),
    ("history_request", {"hist_access_type": "search", "unique": 1}, "unique"),
    ("comm_info_request", {"target_name": 1}, "target_name"),
    ("delete_subshell_request", {}, "subshell_id"),
    ("delete_subshell_request", {"subshell_id": 1}, "subshell_id"),
    ("shutdown_request", {"restart": "maybe"}, "restart"),
    # No object at all, no JSON at all, no text at all.
    ("execute_request", b"[]", "content"),
    ("execute_request", b'"code"', "content"),
    ("execute_request", b"null", "content"),
    ("execute_request", b'{"code": "1"', "content"),
    ("execute_request", b'{"code": NaN}', "content"),
    ("complete_request", b"", "content"),
    ("shutdown_request", b"7", "content"),
]


@pytest.mark.parametrize(("kind", "content", "field"), MALFORMED)
def test_malformed_requests_are_answered_with_what_is_wrong(
    line: Line, kind: str, content: Any, field: str
) -> None:
    channel = "control" if kind.startswith(("delete", "shutdown")) else "shell"
    count = line.run("0").content["execution_count"]
    answer = line.ask(kind, content, channel)
    assert answer.content["status"] == "error" and answer.content["ename"] == "MalformedRequest"
    assert kind in answer.content["evalue"] and f"'{field}'" in answer.content["evalue"]
    assert answer.kinds == BUSY_IDLE
    if kind == "execute_request":
        # It was no cell and takes no number: the reply carries the one that the last cell had.
        assert answer.content["execution_count"] == count > 0
        assert line.run("0").content["execution_count"] == count + 1


@pytest.mark.parametrize("channel", ["shell", "control"])
@pytest.mark.parametrize("content", [{"comm_id": 1}, {"comm_id": "c", "data": []}, {}, b"[]"], ids=str)
@pytest.mark.parametrize("kind", ["comm_open", "comm_msg", "comm_close"])
def test_malformed_comm_messages_have_no_answer(line: Line, kind: str, content: Any, channel: str) -> None:
    before = line.rejected()
    assert line.ask(kind, content, channel, answered=False).kinds == BUSY_IDLE
    assert line.rejected() == before + 1


@pytest.mark.parametrize("channel", ["shell", "control"])
@pytest.mark.parametrize(
    "kind", ["nonsense_request", "debug_request", "status", "execute_reply", "", "x" * 70_000, "é\n\x00"],
    ids=lambda kind: repr(kind[:20]),
)
def test_unknown_types_are_busy_and_idle(line: Line, kind: str, channel: str) -> None:
    if kind == "":
        # A message without a type is none: nothing is said of it but how many there were.
        before = line.rejected()
        line.send(kind, {}, channel)
        line.check_silence(channel)
        assert line.rejected() == before + 1
    else:
        assert line.ask(kind, {"a": 1}, channel, answered=False).kinds == BUSY_IDLE


@pytest.mark.parametrize(
    ("kind", "content", "channel", "right"),
    [
        ("execute_request", {"code": "1"}, "control", "shell"),
        ("execute_request", {}, "control", "shell"),
        ("create_subshell_request", {}, "shell", "control"),
        ("delete_subshell_request", {"subshell_id": "x"}, "shell", "control"),
        ("delete_subshell_request", {}, "shell", "control"),
        ("list_subshell_request", {}, "shell", "control"),
    ],
)
def test_requests_on_the_wrong_channel_are_refused(
    line: Line, kind: str, content: dict[str, Any], channel: str, right: str
) -> None:
    """Whatever else is wrong with them: what is in a content is asked only where it can be meant."""
    answer = line.ask(kind, content, channel)
    assert answer.content["status"] == "error" and answer.content["ename"] == "WrongChannel"
    assert answer.content["evalue"] == f"The {kind} came on the {channel} channel; send it on {right}."
    assert answer.kinds == BUSY_IDLE


def test_a_subshell_is_not_deleted_from_the_shell(line: Line, subshell: str) -> None:
    answer = line.ask("delete_subshell_request", {"subshell_id": subshell}, "shell")
    assert answer.content["ename"] == "WrongChannel"
    assert line.ask("list_subshell_request", {}, "control").content["subshell_id"] == [subshell]


@pytest.mark.parametrize("channel", ["shell", "control"])
def test_an_answer_that_nobody_asked_for_is_dropped(line: Line, channel: str) -> None:
    assert line.ask("input_reply", {"value": "x"}, channel, answered=False).kinds == BUSY_IDLE
    line.client.input("nobody asked")
    assert line.run("1 + 1").content["status"] == "ok"


# Headers

LEAN = [
    {"session": None}, {"username": None}, {"date": None}, {"version": None},
    {"session": 1, "username": [], "date": {}, "version": 5}, {"date": "yesterday"}, {"version": "4.0"},
    {"a field of tomorrow": {"deep": [[]]}}, {"username": "😀\u2028\x00"},
]


@pytest.mark.parametrize("header", LEAN, ids=str)
def test_headers_may_be_lean_and_strange(line: Line, header: dict[str, Any]) -> None:
    """Type and identifier are all that a kernel needs; the rest comes back as it was sent."""
    assert line.ask("execute_request", {"code": "1"}, **header).content["status"] == "ok"


@pytest.mark.parametrize(
    "header", [{"msg_id": None}, {"msg_id": 1}, {"msg_type": None}, {"msg_type": 1}, {"msg_type": ["x"]}], ids=str
)
def test_messages_without_identifier_or_type_are_counted(line: Line, header: dict[str, Any]) -> None:
    before = line.rejected()
    line.send("execute_request", {"code": "print(1)"}, **header)
    line.check_silence("shell")
    assert line.rejected() == before + 1


def test_a_message_that_comes_twice_is_taken_once(line: Line) -> None:
    line.run("var count = 0")
    session = line.client.session
    before = line.rejected()
    frames = session.serialize(session.msg("execute_request", {"code": "count += 1"}))
    for _ in range(3):
        line.client.shell_channel.socket.send_multipart(frames)
    assert line.reply()["content"]["status"] == "ok"
    line.check_silence("shell")
    assert line.rejected() == before + 2
    assert line.run("count").published[2]["content"]["data"]["text/plain"] == "1"


# Subshells


def test_a_subshell_is_named_in_the_header_or_in_the_content(line: Line, subshell: str) -> None:
    assert line.ask("is_complete_request", {"code": "1", "subshell_id": subshell}).content["status"] == "complete"
    assert line.ask("is_complete_request", {"code": "1"}, subshell_id=None).content["status"] == "complete"
    assert line.ask("list_subshell_request", {}, "control").content["subshell_id"] == [subshell]


def test_a_cell_of_a_subshell_is_a_cell(line: Line, subshell: str) -> None:
    before = line.run("1").content["execution_count"]
    answer = line.ask("execute_request", {"code": 'print("a")\n2'}, subshell_id=subshell)
    assert answer.kinds == ["busy", "execute_input", "stream", "execute_result", "idle"]
    assert answer.content["execution_count"] == before + 1


@pytest.mark.parametrize("question", QUESTIONS[7:] + [("execute_request", {"code": "1"})], ids=named)
@pytest.mark.parametrize("place", ["header", "content"])
def test_an_unknown_subshell_is_an_error(
    line: Line, question: tuple[str, dict[str, Any]], place: str
) -> None:
    kind, content = question
    where = {"subshell_id": "nowhere"}
    count = line.run("0").content["execution_count"]
    answer = line.ask(kind, content, **where) if place == "header" else line.ask(kind, content | where)
    assert answer.content["status"] == "error" and answer.content["ename"] == "UnknownSubshell"
    assert answer.kinds == BUSY_IDLE
    if kind == "execute_request":
        assert answer.content["execution_count"] == count


def test_a_subshell_that_was_deleted_is_unknown(line: Line) -> None:
    identifier = line.ask("create_subshell_request", {}, "control").content["subshell_id"]
    for status in ("ok", "error"):
        answer = line.ask("delete_subshell_request", {"subshell_id": identifier}, "control")
        assert answer.content["status"] == status
    assert line.ask("list_subshell_request", {}, "control").content["subshell_id"] == []
    assert line.ask("complete_request", {"code": ""}, subshell_id=identifier).content["status"] == "error"


# Cells


@pytest.mark.parametrize("store_history", [True, False, None])
@pytest.mark.parametrize("silent", [True, False, None])
def test_what_a_cell_leaves_behind(line: Line, silent: bool | None, store_history: bool | None) -> None:
    """A silent cell leaves nothing, and one that is not stored neither a number nor a line of the history."""
    before = line.run("0").content["execution_count"]
    code = f'print("seen")\n"{silent} {store_history}"'
    answer = line.run(code, silent=silent, store_history=store_history)
    stored = not silent and store_history is not False
    assert answer.content["execution_count"] == before + stored
    shown = ["stream"] if silent else ["execute_input", "stream", "execute_result"]
    assert answer.kinds == ["busy", *shown, "idle"]
    last = line.ask("history_request", {"hist_access_type": "tail", "n": 1}).content["history"][0][2]
    assert last == (code if stored else "0")


@pytest.mark.parametrize("silent", [True, False])
def test_an_error_of_a_cell(line: Line, silent: bool) -> None:
    answer = line.run('print("before")\nnoSuchName\nprint("after")', silent=silent)
    assert answer.content["status"] == "error"
    assert answer.kinds == ["busy", *([] if silent else ["execute_input"]), "stream", "error", "idle"]
    (stream, error) = [m["content"] for m in answer.published if m["msg_type"] in ("stream", "error")]
    assert stream["text"] == "before\n"
    assert error == {name: answer.content[name] for name in ("ename", "evalue", "traceback")}
    assert answer.content["user_expressions"] == {} and answer.content["payload"] == []


@pytest.mark.parametrize("code", ["", " \n\t\n", "// nothing but a comment", "let nothing = 0"])
def test_cells_without_output(line: Line, code: str) -> None:
    answer = line.run(code)
    assert answer.content["status"] == "ok"
    assert answer.kinds == ["busy", "execute_input", "idle"]


@pytest.mark.parametrize(
    ("expression", "status", "text"),
    [("a + 1", "ok", "3"), ("noSuchName", "error", "noSuchName"), ("1 +", "error", ""), ('"😀"', "ok", "😀"),
     ("nil", "ok", "nil"), ("", "error", "no expression"), (" // nothing", "error", "no expression"),
     ("let untold = 3", "error", "only an expression"), ("untold = 3", "error", "only an expression"),
     ("1; 2", "error", "only an expression"), ("func untold() -> Int { 3 }", "error", "only an expression")],
)
@pytest.mark.parametrize("silent", [True, False])
def test_user_expressions(line: Line, expression: str, status: str, text: str, silent: bool) -> None:
    answer = line.run("let a = 2", user_expressions={"é": expression, "good": "a"}, silent=silent)
    assert answer.content["status"] == "ok"
    value, good = (answer.content["user_expressions"][name] for name in ("é", "good"))
    assert value["status"] == status and good["data"]["text/plain"] == "2"
    assert text in (value["data"]["text/plain"] if status == "ok" else value["evalue"])
    assert answer.kinds == ["busy", *([] if silent else ["execute_input"]), "idle"]
    # What asks leaves nothing behind.
    assert line.run("untold").content["status"] == "error"


@pytest.mark.parametrize("word", ["exit", "quit"])
def test_words_that_leave_ask_the_console_to(line: Line, word: str) -> None:
    def asked(code: str) -> Any:
        answer = line.run(code)
        assert answer.kinds == ["busy", "execute_input", "idle"]
        return answer.content["payload"]

    leave = [{"source": "ask_exit", "keepkernel": False}]
    assert asked(word) == asked(f" {word}\n") == asked(f"{word}()") == leave
    assert asked(f"{word}(keepKernel: true)") == [{"source": "ask_exit", "keepkernel": True}]
    # The kernel goes on until the console ends it, and a name of the user's is the user's.
    line.run(f"let {word} = 0")
    assert line.run(word).content["payload"] == []


def test_user_expressions_of_a_cell_that_failed_are_not_computed(line: Line) -> None:
    assert line.run("noSuchName", user_expressions={"a": "1"}).content["user_expressions"] == {}


@pytest.mark.parametrize("stop_on_error", [True, False, None])
def test_what_waits_behind_an_error(line: Line, stop_on_error: bool | None) -> None:
    """Cells that wait are dropped unless the failing one says otherwise; questions are answered either way."""
    code = {"code": 'input("go?")\nnoSuchName', "allow_stdin": True, "stop_on_error": stop_on_error}
    failing = line.send("execute_request", code)["msg_id"]
    line.client.get_stdin_msg(timeout=TIMEOUT)
    waiting = [line.send("execute_request", {"code": f"{number}"})["msg_id"] for number in range(3)]
    question = line.send("complete_request", {"code": "tr"})["msg_id"]
    assert line.reply()["parent_header"]["msg_id"] == question
    line.client.input("go")
    replies = [line.reply() for _ in range(4)]
    assert [reply["parent_header"]["msg_id"] for reply in replies] == [failing, *waiting]
    dropped = "ok" if stop_on_error is False else "aborted"
    assert [reply["content"]["status"] for reply in replies] == ["error"] + [dropped] * 3
    for request in waiting:
        shown = ["execute_input", "execute_result"] if dropped == "ok" else []
        assert kinds(line.published(request)) == ["busy", *shown, "idle"]
    assert line.run("1").content["status"] == "ok"


# What cells show


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ('print("a")\nprint("b")', ["stream"]),
        ('print("a")\nprint("b", to: .standardError)\nprint("c")', ["stream"] * 3),
        ("clearOutput()", ["clear_output"]),
        ('print("a")\nclearOutput(wait: true)\nprint("b")', ["stream", "clear_output", "stream"]),
        ("show(shapes.train.first(2))", ["display_data"]),
        ("show(shapes.train.first(2))\n1", ["display_data", "execute_result"]),
    ],
)
def test_what_cells_show_comes_in_order(line: Line, code: str, shown: list[str]) -> None:
    line.run("let shapes = Shapes(count: 40, size: 16, seed: 1)")
    answer = line.run(code)
    assert answer.content["status"] == "ok"
    assert answer.kinds == ["busy", "execute_input", *shown, "idle"]


def test_displays_are_updated_under_their_name(line: Line) -> None:
    answer = line.run(
        "let few = Shapes(count: 40, size: 16, seed: 1)\n"
        "train(AED(for: few, encoder: NIN(widths: [4, 8]), seed: 1), on: few.train, epochs: 2, batch: 20, seed: 1)"
    )
    names = [
        (message["msg_type"], message["content"]["transient"]["display_id"])
        for message in answer.published
        if message["msg_type"].endswith("display_data")
    ]
    assert names[0][0] == "display_data" and {kind for kind, _ in names[1:]} == {"update_display_data"}
    assert len({name for _, name in names}) == 1


def test_long_help_goes_to_the_pager(line: Line) -> None:
    (page,) = line.run("help(train, pager: true)").content["payload"]
    assert page["source"] == "page" and "train" in page["data"]["text/plain"]


@pytest.mark.parametrize("password", [True, False])
@pytest.mark.parametrize("answer", ["Ada", "", "😀\u2028e\u0301", "x" * 100_000])
def test_input_is_asked_of_the_one_who_runs_the_cell(line: Line, answer: str, password: bool) -> None:
    code = {"code": f'input("who? ", password: {str(password).lower()})', "allow_stdin": True}
    header = line.send("execute_request", code)
    question = line.client.get_stdin_msg(timeout=TIMEOUT)
    assert question["content"] == {"prompt": "who? ", "password": password}
    assert question["parent_header"]["msg_id"] == header["msg_id"]
    line.client.input(answer)
    assert line.reply()["content"]["status"] == "ok"
    published = line.published(header["msg_id"])
    assert kinds(published) == ["busy", "execute_input", "execute_result", "idle"]
    shown = published[2]["content"]["data"]["text/plain"]
    assert shown == f'"{answer}"' if len(answer) < 1000 else shown.startswith('"xxx')


@pytest.mark.parametrize("allow_stdin", [True, False, None])
def test_input_is_asked_where_it_is_allowed(line: Line, allow_stdin: bool | None) -> None:
    header = line.send("execute_request", {"code": 'input("?")', "allow_stdin": allow_stdin})
    if allow_stdin is not False:
        line.client.get_stdin_msg(timeout=TIMEOUT)
        line.send("interrupt_request", {}, "control")
        assert line.reply("control")["content"]["status"] == "ok"
    assert line.reply()["content"]["ename"] == ("Interrupted" if allow_stdin is not False else "InputError")
    published = kinds(line.published(header["msg_id"]))
    # That the cell is still busy is said again behind the interrupt.
    assert [kind for kind in published if kind != "busy"] == ["execute_input", "error", "idle"]


# Completion, inspection, completeness

BEFORE = {
    "nothing": "", "astral": 'let s = "😀𝔘"; ', "combining": 'let s = "e\u0301a\u0308"; ',
    "joined": 'let s = "👨\u200d👩\u200d👧🇩🇪"; ', "lines": 'let s = "é"\r\n\tlet b = 1\n',
    "separators": '/* \u2028\x85 */ ',
}


@pytest.mark.parametrize("behind", ["", ' + "😀"', "\n😀"], ids=ascii)
@pytest.mark.parametrize("before", BEFORE)
def test_offsets_count_code_points(line: Line, before: str, behind: str) -> None:
    typed = BEFORE[before] + "FashionM"
    code = {"code": typed + behind, "cursor_pos": len(typed)}
    content = line.ask("complete_request", code).content
    assert content["matches"] == ["FashionMNIST"]
    assert typed[content["cursor_start"] : content["cursor_end"]] == "FashionM"
    (rich,) = content["metadata"]["_jupyter_types_experimental"]
    assert (rich["start"], rich["end"]) == (content["cursor_start"], content["cursor_end"])
    code = {"code": BEFORE[before] + "FashionMNIST" + behind, "cursor_pos": len(typed)}
    found = line.ask("inspect_request", code).content
    assert found["found"] and "FashionMNIST" in found["data"]["text/plain"]


@pytest.mark.parametrize("cursor", [-5, 0, 2, 3, 10**9, 2**63, -(2**63) - 1, 10**30, None])
@pytest.mark.parametrize("kind", ["complete_request", "inspect_request"])
def test_offsets_beyond_the_code_are_moved_into_it(line: Line, kind: str, cursor: int | None) -> None:
    content = line.ask(kind, {"code": "😀 tr", "cursor_pos": cursor}).content
    assert content["status"] == "ok"
    if kind == "complete_request":
        assert 0 <= content["cursor_start"] <= content["cursor_end"] <= 4


@pytest.mark.parametrize("code", ["zzz", "", "😀", '"tr', "// tr", "1.", "((((", "\x00", "let let"], ids=ascii)
def test_nothing_is_proposed_or_found_without_an_error(line: Line, code: str) -> None:
    assert line.ask("complete_request", {"code": code}).content["status"] == "ok"
    assert line.ask("inspect_request", {"code": code}).content["status"] == "ok"


def test_inspection_has_two_levels(line: Line) -> None:
    short, long = (
        line.ask("inspect_request", {"code": "train(", "cursor_pos": 6, "detail_level": level}).content["data"]
        for level in (0, 1)
    )
    assert len(long["text/plain"]) > len(short["text/plain"]) > 100
    assert not line.ask("inspect_request", {"code": "noSuchName"}).content["found"]


COMPLETENESS = [
    ("", "complete", None), ("1 + 1", "complete", None), ("for i in 0..<3 { print(i) }", "complete", None),
    ("let a = [1,\n2]", "complete", None), ("// a comment", "complete", None), ('"😀"', "complete", None),
    ("1 +", "incomplete", ""), ("print(", "incomplete", "  "), ("for i in 0..<3 {", "incomplete", "  "),
    ("if true {\n  if true {", "incomplete", "    "), ('"""\nabc', "incomplete", ""),
    ("/* abc", "incomplete", ""), ("}", "invalid", None), ("let = 3", "invalid", None),
    ('"abc', "invalid", None), ("1 + ) 2", "invalid", None),
]


@pytest.mark.parametrize(("code", "status", "indent"), COMPLETENESS)
def test_whether_code_is_complete(line: Line, code: str, status: str, indent: str | None) -> None:
    content = line.ask("is_complete_request", {"code": code}).content
    assert content["status"] == status and content.get("indent") == indent


# History

FIRST = ["let a = 1", "a + 1"]
SECOND = ["let b = 2", "b + 1", "b + 1", 'print("out")', "b + 2", "let s = \"😀\""]
ALL = [(1, 1, FIRST[0]), (1, 2, FIRST[1])] + [(2, n + 1, code) for n, code in enumerate(SECOND)]


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """A kernel in its second session in a folder; the lines of both are known."""
    folder = tmp_path_factory.mktemp("history")
    for session in (FIRST, SECOND):
        kernel = Kernel(folder)
        try:
            for code in session:
                kernel.run(code)
            if session is SECOND:
                yield Line(kernel)
        finally:
            kernel.stop()


HISTORIES: list[tuple[dict[str, Any], list[tuple[int, int, str]]]] = [
    ({"hist_access_type": "tail", "n": 0}, []),
    ({"hist_access_type": "tail", "n": 1}, ALL[-1:]),
    ({"hist_access_type": "tail", "n": 7}, ALL[1:]),
    ({"hist_access_type": "tail", "n": 1000, "raw": False}, ALL),
    ({"hist_access_type": "tail", "n": 10**30}, ALL),
    ({"hist_access_type": "tail", "n": -1}, []),
    ({"hist_access_type": "tail"}, ALL),
    ({"hist_access_type": "range", "session": 0}, ALL[2:]),
    ({"hist_access_type": "range", "session": 2}, ALL[2:]),
    ({"hist_access_type": "range", "session": 1}, ALL[:2]),
    ({"hist_access_type": "range", "session": -1}, ALL[:2]),
    ({"hist_access_type": "range", "session": -7}, []),
    ({"hist_access_type": "range", "session": 99}, []),
    ({"hist_access_type": "range", "session": 0, "start": 2, "stop": 4}, ALL[3:5]),
    ({"hist_access_type": "range", "session": 0, "start": 4, "stop": 2}, []),
    ({"hist_access_type": "range", "session": 0, "start": 5}, ALL[6:]),
    ({"hist_access_type": "range", "session": 0, "start": 0, "stop": 2}, ALL[2:3]),
    ({"hist_access_type": "search", "pattern": "a*"}, [ALL[1]]),
    ({"hist_access_type": "search", "pattern": "let ?"}, []),
    ({"hist_access_type": "search", "pattern": "let ? = [12]"}, [ALL[0], ALL[2]]),
    ({"hist_access_type": "search", "pattern": "*😀*"}, [ALL[7]]),
    ({"hist_access_type": "search", "pattern": "b + 1"}, ALL[3:5]),
    ({"hist_access_type": "search", "pattern": "b + 1", "unique": True}, [ALL[4]]),
    ({"hist_access_type": "search", "pattern": "*", "n": 2}, ALL[-2:]),
    ({"hist_access_type": "search", "pattern": "%' OR 1 --"}, []),
    ({"hist_access_type": "search"}, ALL),
]


@pytest.mark.parametrize(("options", "expected"), HISTORIES, ids=str)
def test_history(past: Line, options: dict[str, Any], expected: list[tuple[int, int, str]]) -> None:
    history = past.ask("history_request", options).content["history"]
    assert [tuple(entry) for entry in history] == expected


@pytest.mark.parametrize("access", [{"hist_access_type": "tail"}, {"hist_access_type": "search"}], ids=str)
def test_history_with_results(past: Line, access: dict[str, Any]) -> None:
    history = past.ask("history_request", access | {"output": True}).content["history"]
    assert [(session, number, code) for session, number, (code, _) in history] == ALL
    outputs = [output for _, _, (_, output) in history]
    assert [outputs[index] for index in (1, 3, 4, 6)] == ["2", "3", "3", "4"]
    assert outputs[0] is None and outputs[2] is None


# Comms


def test_a_comm_lives_from_its_opening_to_its_close(line: Line) -> None:
    def talk(kind: str, **content: Any) -> list[str]:
        return line.ask(kind, {"comm_id": "ü", "data": {}} | content, answered=False).kinds

    def listed() -> dict[str, Any]:
        return line.ask("comm_info_request", {}).content["comms"]

    assert talk("comm_open", target_name=ECHO) == BUSY_IDLE
    assert talk("comm_open", target_name=ECHO) == BUSY_IDLE
    assert listed() == {"ü": {"target_name": ECHO}}
    assert talk("comm_msg", data={"n": 1}) == ["busy", "comm_msg", "idle"]
    assert talk("comm_close") == BUSY_IDLE
    assert listed() == {}
    assert talk("comm_msg") == ["busy", "comm_close", "idle"]
    assert talk("comm_close") == BUSY_IDLE


@pytest.mark.parametrize("target", ["nobody", "", None, "orbit.echo "])
def test_a_comm_to_nobody_is_closed(line: Line, target: str | None) -> None:
    answer = line.ask("comm_open", {"comm_id": "c", "target_name": target, "data": {}}, answered=False)
    assert answer.kinds == ["busy", "comm_close", "idle"]
    assert answer.published[1]["content"]["comm_id"] == "c"


@pytest.mark.parametrize("buffers", [[], [b""], [b"\x00\xff", b"<IDS|MSG>"], [bytes(1 << 20)]], ids=len)
def test_comms_carry_data_metadata_and_buffers(line: Line, buffers: list[bytes]) -> None:
    data = {"deep": [[{"é": [None, True, -0.5, 2**53, "\x00😀"]}]]}
    line.ask("comm_open", {"comm_id": "b", "target_name": ECHO}, answered=False)
    answer = line.ask(
        "comm_msg", {"comm_id": "b", "data": data}, answered=False, metadata={"m": [1]}, buffers=buffers
    )
    echo = answer.published[1]
    assert echo["content"] == {"comm_id": "b", "data": data} and echo["metadata"] == {"m": [1]}
    assert [bytes(buffer) for buffer in echo["buffers"]] == buffers
    line.ask("comm_close", {"comm_id": "b"}, answered=False)


# The beginning and the end


@pytest.mark.parametrize("topics", [["kernel."], ["stream.stdout", "status"], ["é"]], ids=str)
def test_every_subscriber_is_welcomed_to_what_it_subscribed(line: Line, topics: list[str]) -> None:
    """With the kernel's session, by which JupyterLab knows a kernel, and whoever was welcomed before."""
    session = line.ask("kernel_info_request", {}).reply["header"]["session"]
    for _ in range(2):
        with line.client.connect_iopub() as socket:
            session_of_its_own = line.client.session.clone()
            # The client subscribes to everything first.
            for subscription in ["", *topics]:
                if subscription:
                    socket.setsockopt_string(zmq.SUBSCRIBE, subscription)
                assert socket.poll(TIMEOUT * 1000)
                _, welcome = session_of_its_own.recv(socket)
                assert welcome["msg_type"] == "iopub_welcome"
                assert welcome["content"] == {"subscription": subscription}
                assert welcome["header"]["session"] == session


@pytest.mark.parametrize("channel", ["shell", "control"])
@pytest.mark.parametrize("content", [{"restart": True}, {"restart": False}, {}], ids=str)
def test_shutdown_is_answered_to_all(tmp_path: Path, content: dict[str, Any], channel: str) -> None:
    """On control, and on shell as protocols before 5.4 had it."""
    shut_down(tmp_path, "1", content, channel)


@pytest.mark.parametrize("code", [ENDLESS, 'input("?")'])
def test_shutdown_waits_for_no_cell(tmp_path: Path, code: str) -> None:
    shut_down(tmp_path, code, {"restart": False}, "control")


def shut_down(folder: Path, code: str, content: dict[str, Any], channel: str) -> None:
    kernel = Kernel(folder)
    line, process = Line(kernel), kernel.manager.provisioner.process
    try:
        line.send("execute_request", {"code": code, "allow_stdin": True})
        while line.client.get_iopub_msg(timeout=TIMEOUT)["msg_type"] != "execute_input":
            pass
        request = line.send("shutdown_request", content, channel)["msg_id"]
        for receive in (line.client.get_iopub_msg, line.channels[channel].get_msg):
            while (reply := receive(timeout=TIMEOUT))["msg_type"] != "shutdown_reply":
                pass
            assert reply["parent_header"]["msg_id"] == request
            assert reply["content"] == {"status": "ok", "restart": content.get("restart", False)}
        assert process.wait(timeout=2) == 0
    finally:
        kernel.client.stop_channels()
        kernel.manager.shutdown_kernel(now=True)
