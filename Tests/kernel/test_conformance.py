"""Jupyter's own conformance suite, with every optional attribute set.

All of it runs four times: over tcp and over ipc, in the clear and encrypted.
"""

import os
import shutil
import tempfile

import jupyter_kernel_test
import pytest
import zmq
from jupyter_client import KernelManager

KERNEL = os.environ.get("ORBIT_KERNEL_NAME", "orbit")
encrypted = pytest.mark.skipif(not zmq.has("curve"), reason="this pyzmq has no CURVE")


class Transport:
    """Starts the suites' kernels, which they do themselves only over tcp."""

    transport = "tcp"
    encryption = "disabled"

    @classmethod
    def start(cls):
        # The path of a Unix socket has to be short.
        cls.folder = tempfile.mkdtemp(dir="/tmp")
        address = {"ip": f"{cls.folder}/k"} if cls.transport == "ipc" else {}
        cls.km = KernelManager(
            kernel_name=cls.kernel_name, transport=cls.transport, transport_encryption=cls.encryption,
            **address,
        )
        cls.km.start_kernel(cwd=cls.folder)
        cls.kc = cls.km.client()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        shutil.rmtree(cls.folder, ignore_errors=True)

    def test_the_transport_is_the_one_that_was_asked_for(self):
        information = self.km.get_connection_info()
        assert information["transport"] == self.transport
        assert bool(information.get("curve_publickey")) == (self.encryption == "required")


class OrbitKernelTests(Transport, jupyter_kernel_test.KernelTests):
    @classmethod
    def setUpClass(cls):
        cls.start()
        cls.kc.start_channels()
        cls.kc.wait_for_ready(timeout=60)

    kernel_name = KERNEL
    language_name = "swift"
    file_extension = ".swift"

    code_hello_world = 'print("hello, world")'
    code_stderr = 'print("x", to: .standardError)'

    completion_samples = [
        {"text": "FashionM", "matches": ["FashionMNIST"]},
        {"text": "let data = FashionM", "matches": ["FashionMNIST"]},
        {"text": "zzz", "matches": []},
    ]

    complete_code_samples = [
        "1 + 1",
        "let a = [1, 2, 3]",
        "for i in 0..<3 { print(i) }",
        "func twice(x: Int) -> Int { return 2 * x }",
        "",
    ]
    incomplete_code_samples = [
        "for i in 0..<3 {",
        "let a = [1, 2,",
        "print(",
        'let s = """\nabc',
    ]
    invalid_code_samples = ["let = 3", "1 + ) 2", "}"]

    code_page_something = "help(train, pager: true)"
    code_generate_error = "noSuchName"
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": "[1, 2, 3].count", "result": "3"},
        {"code": "7 * 6", "result": "42"},
    ]
    code_display_data = [
        {"code": "show(FashionMNIST().train.first(4))", "mime": "image/png"},
        {"code": "show(FashionMNIST().train.first(4))", "mime": "text/plain"},
    ]

    code_history_pattern = "7 * ?"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "train"
    code_clear_output = "clearOutput()"


class OrbitWelcomeTests(Transport, jupyter_kernel_test.IopubWelcomeTests):
    @classmethod
    def setUpClass(cls):
        cls.start()

    kernel_name = KERNEL
    support_iopub_welcome = True


class OrbitKernelOverIPCTests(OrbitKernelTests):
    transport = "ipc"


class OrbitWelcomeOverIPCTests(OrbitWelcomeTests):
    transport = "ipc"


@encrypted
class OrbitKernelEncryptedTests(OrbitKernelTests):
    encryption = "required"


@encrypted
class OrbitWelcomeEncryptedTests(OrbitWelcomeTests):
    encryption = "required"


@encrypted
class OrbitKernelOverIPCEncryptedTests(OrbitKernelOverIPCTests):
    encryption = "required"


@encrypted
class OrbitWelcomeOverIPCEncryptedTests(OrbitWelcomeOverIPCTests):
    encryption = "required"


# The two bases are test cases themselves; only the classes above are meant to run.
del jupyter_kernel_test
