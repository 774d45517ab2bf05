"""What papermill writes for parameters that only Python writes that way.

Its own translator writes the cells; one notebook runs with all of them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Kernel, plain
from papermill.translators import papermill_translators
from test_papermill import last_text, papermill

# A parameter's value, a cell that looks at it, and what that prints.
VALUES: list[tuple[Any, str, str]] = [
    (True, "if NAME { print(NAME) }", "true"),
    (False, "if !NAME { print(NAME) }", "false"),
    (None, "print(NAME == nil)", "true"),
    ([True, None], "print(NAME.count, NAME[0])", "2 true"),
    (float("nan"), "print(NAME == NAME)", "false"),
    (float("inf"), "print(NAME > 1e308)", "true"),
    (float("-inf"), "print(NAME < -1e308)", "true"),
    ([0.5, float("inf")], "print(NAME[0])", "0.5"),
    ({"rate": 0.1, "epochs": 4}, 'print(NAME["rate"] ?? 0, NAME.count)', "0.1 2"),
    ({"a": {"b": [True]}}, "print(NAME.count)", "1"),
    ({"it's": "a \"quoted\" word"}, 'print(NAME["it\'s"] ?? "")', 'a "quoted" word'),
    ("grüße", "print(NAME)", "grüße"),
    ("5 €", "print(NAME)", "5 €"),
    ("a 😀", "print(NAME)", "a 😀"),
    ("bell \x07", "print(NAME.count)", "6"),
    (("a", 1), "print(NAME)", "('a', 1)"),
]


def written(**parameters: Any) -> str:
    """The cell that papermill puts in."""
    return papermill_translators.find_translator("orbit", "python").codify(parameters)


@pytest.mark.parametrize("number", range(len(VALUES)), ids=lambda number: repr(VALUES[number][0]))
def test_a_value_as_python_writes_it(shared_kernel: Kernel, number: int) -> None:
    value, look, printed = VALUES[number]
    name = f"value{number}"
    shared_kernel.run(written(**{name: value}))
    assert shared_kernel.run(look.replace("NAME", name)).stdout == printed + "\n"


def test_an_empty_dictionary_is_one(shared_kernel: Kernel) -> None:
    shared_kernel.run(written(nothing={}))
    assert shared_kernel.run("print(typeName(nothing))").stdout == "Dictionary\n"


def test_a_large_whole_number(shared_kernel: Kernel) -> None:
    """Python's have no end; the error has to show which parameter it is."""
    execution = shared_kernel.execute(written(small=1, large=12345678901234567890))
    assert execution.status == "error"
    assert "too large for a whole number" in execution.error_text
    assert "large = 12345678901234567890" in plain(execution.error_text)


def test_a_whole_notebook(tmp_path: Path) -> None:
    parameters = {
        "flag": True, "nothing": None, "bound": float("inf"), "rates": {"encoder": 0.1}, "title": "α 😀",
    }
    # YAML reads JSON, but for its own spelling of infinity.
    text = json.dumps(parameters, ensure_ascii=False).replace("Infinity", ".inf")
    done, notebook = papermill(
        tmp_path, ['print(flag, nothing == nil, bound > 1, rates["encoder"] ?? 0, title)'], "-y", text,
        defaults='var flag = false\nvar bound = 1.0\nvar title = "none"',
    )
    assert last_text(done, notebook) == "true true true 0.1 α 😀\n"
