"""A running Orbit kernel for each test, reached as front ends reach it."""

import os

import pytest
from jupyter_client import KernelManager

KERNEL = os.environ.get("ORBIT_KERNEL_NAME", "orbit")
TIMEOUT = 30


class Session:
    """A kernel and a client, with the few things that the tests do over and over."""

    def __init__(self, manager, client):
        self.manager = manager
        self.client = client

    def reply(self, request):
        """The answer on shell to a request."""
        while True:
            message = self.client.get_shell_msg(timeout=TIMEOUT)
            if message["parent_header"].get("msg_id") == request:
                return message

    def published(self, request):
        """Everything published for a request, up to and with its idle."""
        messages = []
        while True:
            message = self.client.get_iopub_msg(timeout=TIMEOUT)
            if message["parent_header"].get("msg_id") != request:
                continue
            messages.append(message)
            if state(message) == "idle":
                return messages

    def until(self, request, kind):
        """Waits for a published message of a type."""
        while True:
            message = self.client.get_iopub_msg(timeout=TIMEOUT)
            if message["parent_header"].get("msg_id") == request and message["msg_type"] == kind:
                return message

    def run(self, code, **options):
        """The content of the reply to a cell, and what it published."""
        request = self.client.execute(code, **options)
        reply = self.reply(request)
        return reply["content"], self.published(request)

    def control(self, kind, content=None):
        """Sends a request on control and returns the answer."""
        message = self.client.session.msg(kind, content or {})
        self.client.control_channel.send(message)
        while True:
            reply = self.client.get_control_msg(timeout=TIMEOUT)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return reply


def state(message):
    return message["content"].get("execution_state")


def kinds(messages):
    """The types of messages, with the state in place of 'status'."""
    return [state(message) or message["msg_type"] for message in messages]


@pytest.fixture(scope="module")
def long_lived():
    """One kernel for all tests of a file that leave it as it was."""
    manager = KernelManager(kernel_name=KERNEL)
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=TIMEOUT)
    yield Session(manager, client)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.fixture
def shared(long_lived):
    """The file's kernel; a test that fails halfway leaves no cell running for the next one."""
    yield long_lived
    long_lived.control("interrupt_request")
    long_lived.run("1")


@pytest.fixture
def fresh():
    """A kernel of its own for a test that ends it."""
    manager = KernelManager(kernel_name=KERNEL)
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=TIMEOUT)
    yield Session(manager, client)
    client.stop_channels()
    if manager.has_kernel:
        manager.shutdown_kernel(now=True)
