"""JupyterLab and Notebook in a real browser, as a person uses them: keys, buttons, and what is to be seen.

Both draw the same notebook with the same code around it, so every test runs in both. The pictures that are
taken on the way are in build/screenshots, for people to look at.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any, Iterator

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "build" / "screenshots"
sys.path.insert(0, str(ROOT / ".ci"))

import screenshot  # noqa: E402

CHROMIUM = os.environ.get("ORBIT_CHROMIUM") or shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")

MILLISECONDS = 60_000
CLIENTS = {"lab": "lab/tree/", "notebook": "notebooks/"}
INDICATOR = ".jp-Notebook-ExecutionIndicator"

CELLS = {
    "models": "let shapes = Shapes(count: 256, size: 16, seed: 1)\n"
    "let model = AED(for: shapes, encoder: NIN(widths: [8, 16]), seed: 1)",
    "figure": "show(shapes.train.first(24))",
    "training": "train(model, on: shapes.train, epochs: 60, batch: 32, seed: 1)",
    "endless": "train(model, on: shapes.train, epochs: 100_000, batch: 32, seed: 1)",
    "steps": "model.steps",
    "completion": "tr",
    "help": "train",
    "error": "let few = shapes.train.first(4)\nshwo(few)",
    "input": 'let name = input("Who are you? ")\nprint("Hello, \\(name)!")',
}

# The indicator says idle as well as long as there is no kernel.
READY = """indicator => document.querySelector('.jp-Toolbar-kernelName')?.innerText.trim() === 'Orbit'
  && document.querySelector(indicator)?.dataset.status === 'idle'"""

# Notes every status that the indicator shows, and a cell's pictures and their heights as they are drawn.
WATCH = """selector => {
  const seen = window.seen = {statuses: [], pictures: [], heights: []};
  window.watcher?.disconnect();
  window.watcher = new MutationObserver(() => {
    const status = document.querySelector(selector.indicator)?.dataset.status;
    if (status && seen.statuses.at(-1) !== status) seen.statuses.push(status);
  });
  window.watcher.observe(document.body, {subtree: true, childList: true, attributes: true});
  const cell = document.querySelectorAll('.jp-Notebook .jp-Cell')[selector.cell];
  cell.addEventListener('load', event => {
    seen.pictures.push(event.target.src);
    seen.heights.push(event.target.getBoundingClientRect().height);
  }, true);
}"""


class Notebook:
    """An open notebook, and what a person does with it."""

    def __init__(self, page: Page, name: str) -> None:
        self.page = page
        self.name = name

    def cell(self, name: str) -> Locator:
        return self.page.locator(".jp-Notebook .jp-Cell").nth(list(CELLS).index(name))

    def output(self, name: str) -> Locator:
        return self.cell(name).locator(".jp-OutputArea-output")

    def start(self, name: str) -> None:
        """Puts the cursor at the end of a cell's text and presses Shift and Enter."""
        self.edit(name)
        self.page.keyboard.press("Shift+Enter")

    def edit(self, name: str) -> None:
        self.cell(name).locator(".cm-content").click()
        self.page.keyboard.press("Control+End")

    def run(self, name: str) -> None:
        self.start(name)
        self.await_end(name)

    def await_end(self, name: str) -> None:
        expect(self.cell(name).locator(".jp-InputPrompt")).to_have_text(re.compile(r"\[\d+\]:"))
        self.await_status("idle")

    def await_status(self, status: str) -> None:
        expect(self.page.locator(INDICATOR)).to_have_attribute("data-status", status)

    def press(self, command: str) -> None:
        """Presses a button of the toolbar."""
        self.page.locator(f"[data-command='notebook:{command}']:visible").first.click()

    def watch(self, name: str) -> None:
        self.page.evaluate(WATCH, {"indicator": INDICATOR, "cell": list(CELLS).index(name)})

    @property
    def seen(self) -> dict[str, list[Any]]:
        return self.page.evaluate("window.seen")

    def photograph(self, name: str) -> None:
        self.page.screenshot(path=SCREENSHOTS / f"{self.name}-{name}.png")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("notebooks")
    cells = [nbformat.v4.new_code_cell(source, id=name) for name, source in CELLS.items()]
    kernelspec = {"name": "orbit", "display_name": "Orbit", "language": "swift"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernelspec})
    for client in CLIENTS:
        nbformat.write(notebook, folder / f"{client}.ipynb")
    settings = tmp_path_factory.mktemp("settings")
    screenshot.prepare(settings, dark=False)
    with screenshot.jupyterlab(folder, settings) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        # It opens nothing but the server of these tests, and has no sandbox in most containers.
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module", params=CLIENTS)
def notebook(server: str, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """The notebook in one of the clients, its kernel started and its models made."""
    expect.set_options(timeout=MILLISECONDS)
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(MILLISECONDS)
    page.goto(server.format(f"{CLIENTS[request.param]}{request.param}.ipynb"))
    notebook = Notebook(page, request.param)
    page.wait_for_function(READY, arg=INDICATOR)
    notebook.run("models")
    yield notebook
    page.close()


def test_a_figure_has_its_natural_size(notebook: Notebook) -> None:
    notebook.run("figure")
    picture = notebook.output("figure").locator("img")
    expect(picture).to_be_visible()
    size = picture.evaluate(
        "e => ({natural: [e.naturalWidth, e.naturalHeight], shown: [e.width, e.height], alt: e.alt,"
        " room: e.closest('.jp-OutputArea-output').clientWidth})"
    )
    # Twice as many pixels as it is wide, for screens that have them.
    assert size["natural"] == [2 * side for side in size["shown"]]
    assert 100 < size["shown"][0] <= size["room"]
    notebook.photograph("figure")


def test_a_panel_lives_while_a_cell_trains(notebook: Notebook) -> None:
    notebook.watch("training")
    notebook.run("training")
    seen = notebook.seen
    assert seen["statuses"] in (["busy", "idle"], ["idle", "busy", "idle"])
    # Several pictures, one after the other in one place: nothing below them jumps.
    assert len(set(seen["pictures"])) >= 3 and len(set(seen["heights"])) == 1
    expect(notebook.output("training")).to_have_count(1)
    notebook.photograph("training")


def test_the_interrupt_button_stops_a_training_cell(notebook: Notebook) -> None:
    notebook.start("endless")
    notebook.await_status("busy")
    expect(notebook.output("endless").locator("img")).to_be_visible()
    notebook.press("interrupt-kernel")
    notebook.await_end("endless")
    expect(notebook.output("endless").last).to_contain_text(
        re.compile(
            r"Interrupted: training stopped after step [\d,]+ of [\d,]+; the model is as that step left it\n"
            r"carry on with resume\(model\.runs\.last\)"
        )
    )
    notebook.photograph("interrupt")
    notebook.run("steps")
    expect(notebook.output("steps")).to_have_text(re.compile(r"^[1-9]\d*$"))


def test_tab_completes_and_explains_while_a_cell_trains(notebook: Notebook) -> None:
    notebook.watch("endless")
    notebook.start("endless")
    notebook.await_status("busy")
    expect(notebook.output("endless").locator("img")).to_be_visible()
    notebook.edit("completion")
    notebook.page.keyboard.press("Tab")
    proposals = notebook.page.locator(".jp-Completer")
    expect(proposals.locator(".jp-Completer-item").first).to_be_visible()
    expect(proposals).to_contain_text("train")
    notebook.photograph("completion")
    notebook.page.keyboard.press("Escape")
    notebook.edit("help")
    notebook.page.keyboard.press("Shift+Tab")
    tooltip = notebook.page.locator(".jp-Tooltip")
    expect(tooltip).to_be_visible()
    expect(tooltip).to_contain_text("epochs")
    notebook.photograph("help")
    notebook.page.keyboard.press("Escape")
    notebook.press("interrupt-kernel")
    notebook.await_end("endless")
    # Idle was not to be seen before the end, whatever was asked.
    assert notebook.seen["statuses"] in (["busy", "idle"], ["idle", "busy", "idle"])


def test_an_error_is_readable(notebook: Notebook) -> None:
    notebook.run("error")
    error = notebook.output("error")
    expect(error).to_have_count(1)
    text = error.inner_text()
    assert "shwo" in text and "show" in text and "\x1b" not in text and "[0m" not in text
    # The mark stands under the name, in letters of one width.
    line, mark = next((a, b) for a, b in zip(text.splitlines(), text.splitlines()[1:]) if "^" in b)
    assert line.index("shwo") == mark.index("^")
    assert "mono" in error.locator("pre").evaluate("e => getComputedStyle(e).fontFamily")
    notebook.photograph("error")


def test_input_is_asked_and_answered(notebook: Notebook) -> None:
    notebook.start("input")
    field = notebook.cell("input").locator("input.jp-Stdin-input")
    expect(field).to_be_visible()
    expect(notebook.cell("input")).to_contain_text("Who are you?")
    notebook.photograph("input")
    field.fill("Ada 😀")
    field.press("Enter")
    notebook.await_end("input")
    expect(notebook.output("input").last).to_contain_text("Hello, Ada 😀!")


def test_the_restart_button_starts_anew(notebook: Notebook) -> None:
    notebook.press("restart-kernel")
    notebook.page.locator(".jp-Dialog .jp-mod-accept").click()
    expect(notebook.page.locator(".jp-Dialog")).to_have_count(0)
    notebook.await_status("idle")
    notebook.run("models")
    expect(notebook.cell("models").locator(".jp-InputPrompt")).to_have_text("[1]:")
    notebook.run("steps")
    expect(notebook.output("steps")).to_have_text("0")
    notebook.photograph("restart")
