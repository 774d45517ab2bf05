"""Subshells (JEP 91): lines for shell requests that do not wait for the main one."""

import pytest
from conftest import kinds


@pytest.fixture
def subshell(shared):
    content = shared.control("create_subshell_request")["content"]
    assert content["status"] == "ok"
    yield content["subshell_id"]
    shared.control("delete_subshell_request", {"subshell_id": content["subshell_id"]})


def send(session, kind, content, subshell):
    message = session.client.session.msg(kind, content)
    message["header"]["subshell_id"] = subshell
    session.client.shell_channel.send(message)
    return message["header"]["msg_id"]


def test_they_are_announced(shared):
    content = shared.reply(shared.client.kernel_info())["content"]
    assert content["supported_features"] == ["kernel subshells"]


def test_they_are_made_listed_and_deleted(shared):
    def identifiers():
        return shared.control("list_subshell_request")["content"]["subshell_id"]

    before = identifiers()
    new = [shared.control("create_subshell_request")["content"]["subshell_id"] for _ in range(2)]
    assert identifiers() == before + new
    for subshell in new:
        reply = shared.control("delete_subshell_request", {"subshell_id": subshell})
        assert reply["content"] == {"status": "ok"}
    assert identifiers() == before
    again = shared.control("delete_subshell_request", {"subshell_id": new[0]})["content"]
    assert again["status"] == "error" and again["ename"] == "UnknownSubshell"


def test_questions_are_answered_while_a_cell_runs(shared, subshell):
    running = shared.client.execute("while true { }")
    shared.until(running, "execute_input")
    request = send(shared, "complete_request", {"code": "FashionM", "cursor_pos": 8}, subshell)
    reply = shared.reply(request)
    assert reply["content"]["matches"] == ["FashionMNIST"]
    assert reply["parent_header"]["subshell_id"] == subshell
    assert kinds(shared.published(request)) == ["busy", "idle"]
    shared.control("interrupt_request")
    assert shared.reply(running)["content"]["ename"] == "Interrupted"


def test_cells_share_the_workspace_and_run_in_order(shared, subshell):
    first = shared.client.execute("var shared = 1")
    second = send(shared, "execute_request", {"code": "shared += 41"}, subshell)
    third = shared.client.execute("shared")
    replies = [shared.reply(request)["content"] for request in (first, second, third)]
    assert [reply["status"] for reply in replies] == ["ok"] * 3
    counts = [reply["execution_count"] for reply in replies]
    assert counts == [counts[0], counts[0] + 1, counts[0] + 2]
    assert shared.until(third, "execute_result")["content"]["data"]["text/plain"] == "42"


def test_an_error_drops_only_the_cells_of_its_subshell(shared, subshell):
    running = shared.client.execute("while true { }", stop_on_error=False)
    shared.until(running, "execute_input")
    requests = [
        send(shared, "execute_request", {"code": "noSuchName"}, subshell),
        send(shared, "execute_request", {"code": "1"}, subshell),
        shared.client.execute("1"),
    ]
    shared.control("interrupt_request")
    statuses = {}
    for _ in range(4):
        reply = shared.client.get_shell_msg(timeout=30)
        statuses[reply["parent_header"]["msg_id"]] = reply["content"]["status"]
    assert [statuses[request] for request in requests] == ["error", "aborted", "ok"]


def test_an_unknown_subshell_is_an_error(shared):
    for kind, content in (("execute_request", {"code": "1"}), ("complete_request", {"code": ""})):
        request = send(shared, kind, content, "nowhere")
        reply = shared.reply(request)
        assert reply["content"]["status"] == "error"
        assert reply["content"]["ename"] == "UnknownSubshell"
        assert kinds(shared.published(request)) == ["busy", "idle"]


def test_comms_of_a_subshell_are_served_while_a_cell_runs(shared, subshell):
    """As JupyterLab does it when a kernel announces subshells: a subshell for each comm target."""
    running = shared.client.execute("while true { }")
    shared.until(running, "execute_input")
    request = send(shared, "comm_open", {"comm_id": "s", "target_name": "orbit.echo"}, subshell)
    assert kinds(shared.published(request)) == ["busy", "idle"]
    request = send(shared, "comm_msg", {"comm_id": "s", "data": {"n": 1}}, subshell)
    published = shared.published(request)
    assert kinds(published) == ["busy", "comm_msg", "idle"]
    assert published[1]["parent_header"]["subshell_id"] == subshell
    request = send(shared, "comm_close", {"comm_id": "s", "data": {}}, subshell)
    assert kinds(shared.published(request)) == ["busy", "idle"]
    shared.control("interrupt_request")
    assert shared.reply(running)["content"]["ename"] == "Interrupted"
