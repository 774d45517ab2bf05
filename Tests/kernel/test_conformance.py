"""Jupyter's own conformance suite, with every optional attribute set."""

import os

import jupyter_kernel_test

KERNEL = os.environ.get("ORBIT_KERNEL_NAME", "orbit")


class OrbitKernelTests(jupyter_kernel_test.KernelTests):
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


class OrbitWelcomeTests(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = KERNEL
    support_iopub_welcome = True


# The two bases are test cases themselves; only the classes above are meant to run.
del jupyter_kernel_test
