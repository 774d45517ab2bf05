"""Takes pictures of an executed notebook in JupyterLab, as a person sees it, from top to bottom.

    make test-environment
    .venv/bin/python .ci/screenshot.py [build/NOTEBOOK.ipynb] [--dark] [--into build/screenshots]

For developers; the tests in a browser (`Tests/kernel/test_browser.py`) use its server. It listens on localhost
only, on a free port with a random token, and ends with the script.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from playwright.sync_api import Page, sync_playwright

WIDTH, HEIGHT = 1280, 1600
SCROLLER = ".jp-NotebookPanel .jp-WindowedPanel-outer"


@contextmanager
def jupyterlab(folder: Path, settings: Path) -> Iterator[str]:
    """A server of JupyterLab and Notebook over `folder`; gives its address, `{}` where the path goes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1"]
    command += [f"--ServerApp.port={port}", f"--IdentityProvider.token={token}"]
    command += [f"--ServerApp.root_dir={folder}", "--LabApp.news_url="]
    command += ["--allow-root"] if os.geteuid() == 0 else []
    environment = os.environ | {
        "JUPYTERLAB_SETTINGS_DIR": str(settings / "user"),
        "JUPYTERLAB_WORKSPACES_DIR": str(settings / "workspaces"),
    }
    log = (settings / "jupyterlab.log").open("w")
    server = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    base = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{base}/api?token={token}", timeout=1).close()
                break
            except OSError:
                if server.poll() is not None:
                    raise SystemExit(f"JupyterLab ended; see {log.name}")
                time.sleep(0.2)
        yield f"{base}/{{}}?reset&token={token}"
    finally:
        server.terminate()
        server.wait(timeout=20)
        log.close()


def prepare(settings: Path, dark: bool) -> None:
    """Settings of the session: no news, no side bar, every cell rendered, the wanted theme."""
    shutil.rmtree(settings, ignore_errors=True)
    values = {
        "apputils-extension/notification.jupyterlab-settings":
            '{"fetchNews": "false", "checkForUpdates": false, "doNotDisturbMode": true}',
        "apputils-extension/themes.jupyterlab-settings":
            '{"theme": "JupyterLab %s"}' % ("Dark" if dark else "Light"),
        "notebook-extension/tracker.jupyterlab-settings": '{"windowingMode": "none"}',
    }
    for name, text in values.items():
        path = settings / "user" / "@jupyterlab" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def photograph(page: Page, address: str, into: Path) -> list[Path]:
    page.goto(address)
    page.wait_for_selector(f"{SCROLLER} .jp-Cell", timeout=60_000)
    page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=60_000)
    page.keyboard.press("Control+b")
    page.wait_for_timeout(4_000)  # formulas are set and pictures laid out
    scroller = page.locator(SCROLLER).first
    taken: list[Path] = []
    top, step = -1, scroller.evaluate("e => e.clientHeight - 60")
    while True:
        reached = scroller.evaluate(f"e => (e.scrollTop = {len(taken) * step}, e.scrollTop)")
        if taken and reached <= top:
            return taken
        top = reached
        page.wait_for_timeout(400)
        taken.append(into / f"{len(taken) + 1:02}.png")
        page.screenshot(path=taken[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebook", nargs="?", type=Path,
                        default=Path("build/01-autoencoding-transformations.ipynb"))
    parser.add_argument("--into", type=Path, default=Path("build/screenshots"))
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--chromium", default=shutil.which("chromium") or "/usr/bin/chromium")
    arguments = parser.parse_args()

    shutil.rmtree(arguments.into, ignore_errors=True)
    arguments.into.mkdir(parents=True)
    settings = Path("build/screenshot-settings").resolve()
    prepare(settings, arguments.dark)
    with jupyterlab(arguments.notebook.resolve().parent, settings) as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=arguments.chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        for path in photograph(page, address.format(f"lab/tree/{arguments.notebook.name}"), arguments.into):
            print(path)
        browser.close()


if __name__ == "__main__":
    main()
