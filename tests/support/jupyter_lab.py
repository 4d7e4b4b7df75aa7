"""Real JupyterLab and real Chromium, for tests and benchmarks."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import BrowserContext, Page, TimeoutError, sync_playwright

from support import accessibility
from support.places import module_of
from support.ports import free_port
from trainkit.files import casebook
from trainkit.log.store import Log
from trainkit.session.resume import resume

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "tests" / "browser" / "shots"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
TOKEN = "test"
FRAMES = "async (n) => { while (n--) await new Promise(requestAnimationFrame) }"
SOURCES = (
    "[...jupyterapp.shell.currentWidget.content.model.cells].map((cell) => cell.type + cell.sharedModel.getSource())"
)
INSIDE = "Boolean(document.activeElement.closest('.tk.exercise'))"
Front = Literal["trainkit lab", "jupyterlab", "notebook"]
# The exercise of the notebook on the screen stands at the top of its page and has the keyboard, for half a second: JupyterLab
# moves both when it is done with drawing, with running, with a dialog.
ARRIVED = """
() => {
  const exercise = window.jupyterapp?.shell.currentWidget?.node.querySelector(".tk.exercise .log")?.closest(".tk");
  const page = exercise?.closest(".jp-WindowedPanel-outer, .jp-Notebook"), top = (e) => e.getBoundingClientRect().top;
  const there = page && exercise.contains(document.activeElement) && Math.abs(top(exercise) - top(page) - 9) <= 10;
  window.framesThere = there ? (window.framesThere ?? 0) + 1 : 0;
  return window.framesThere > 30;
}
"""

# What of the exercise is wider than its place: of what is open, and but for the lines inside a drawing.
TOO_WIDE = """
() => {
  const root = document.querySelector(".tk.exercise"), { left, right } = root.getBoundingClientRect();
  const parts = [root, ...root.querySelectorAll(":not(.hide, svg *)")].filter((part) => part.checkVisibility());
  const out = (box) => box.left < left - 1 || box.right > right + 1;
  const wide = (part) => part.clientWidth && part.scrollWidth > part.clientWidth;
  return parts.filter((part) => wide(part) || out(part.getBoundingClientRect())).map((part) => part.outerHTML.slice(0, 120));
}
"""


@dataclass
class Lab:
    """A running JupyterLab over a copy of the notebooks."""

    url: str
    root: Path
    database: Path
    process: subprocess.Popen

    def kernels(self) -> list[int]:
        """Process ids of the kernels: children of the server."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError, IndexError):
                parent = int(stat.read_text().rsplit(")", 1)[1].split()[1])
                command = (stat.parent / "cmdline").read_bytes()
                if b"ipykernel" in command and parent in self._family():
                    found.append(int(stat.parent.name))
        return found

    def ask(self, address: str, method: str = "GET", data: object = None) -> Any:
        """What the server's API says."""
        body = None if data is None else json.dumps(data).encode()
        headers = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}
        with urllib.request.urlopen(
            urllib.request.Request(f"{self.url}{address}", body, headers, method=method), timeout=30
        ) as answer:
            said = answer.read()
            return json.loads(said) if said else None

    def set(self, plugin: str, **settings: object) -> None:
        """Change a plugin's settings for pages that are opened from now on; those not named are again as they came."""
        self.ask(f"/lab/api/settings/{plugin}", "PUT", {"raw": json.dumps(settings)})

    def end_kernels(self) -> None:
        """Shut every kernel down, as a new day finds it."""
        for session in self.ask("/api/sessions"):
            self.ask(f"/api/sessions/{session['id']}", "DELETE")

    def _family(self) -> set[int]:
        """The command and the server it started."""
        children = set()
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError, IndexError):
                if int(stat.read_text().rsplit(")", 1)[1].split()[1]) == self.process.pid:
                    children.add(int(stat.parent.name))
        return {self.process.pid, *children}


@contextlib.contextmanager
def lab(
    folder: Path,
    checkout: Path = ROOT,
    python: str = sys.executable,
    front: Front = "trainkit lab",
    disabled: bool = False,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Lab]:
    """A front end in a folder with copies of a checkout's notebooks and casebook, and with the checkout's own extension.

    ``disabled``: as after ``jupyter labextension disable trainkit:autorun``.
    """
    root = folder / "room"
    root.mkdir(parents=True)
    for name in ("notebooks", "casebook"):
        shutil.copytree(checkout / name, root / name)
    (root / "data").mkdir()
    config = folder / "config"
    config.mkdir()
    (config / "jupyter_lab_config.py").write_text("c.LabApp.expose_app_in_browser = True\n")
    (config / "jupyter_notebook_config.py").write_text("c.JupyterNotebookApp.expose_app_in_browser = True\n")
    if disabled:
        (config / "labconfig").mkdir()
        (config / "labconfig" / "page_config.json").write_text('{"disabledExtensions": {"trainkit:autorun": true}}')
    extension = checkout / "src" / "trainkit" / "notebook" / "labextension"
    if extension.exists():  # an installed one may be of another day
        shutil.copytree(extension, folder / "share" / "labextensions" / "trainkit")
    database = folder / "log.sqlite3"
    port = free_port()
    variables = os.environ | {
        "TRAINKIT_DATABASE": str(database),
        "JUPYTER_CONFIG_DIR": str(config),
        "JUPYTER_DATA_DIR": str(folder / "share"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTER_TOKEN": TOKEN,
        "JUPYTER_PREFER_ENV_PATH": "0",
        "PYTHONPATH": str(checkout / "src"),
        **(environment or {}),
    }
    arguments = [module_of(checkout), "lab"] if front == "trainkit lab" else [front, "--allow-root"]
    command = [python, "-m", *arguments, "--no-browser", "--port", str(port)]
    with (folder / "lab.log").open("w") as log:
        process = subprocess.Popen(command, cwd=root, env=variables, stdout=log, stderr=log, start_new_session=True)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            with contextlib.suppress(OSError):
                with urllib.request.urlopen(f"{url}/api?token={TOKEN}", timeout=2) as answer:
                    json.load(answer)
                break
            if process.poll() is not None:
                raise RuntimeError((folder / "lab.log").read_text()[-2000:])
            time.sleep(0.25)
        yield Lab(url, root, database, process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


@contextlib.contextmanager
def browser(executable: str) -> Iterator:
    """Headless Chromium."""
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield started
        started.close()


@contextlib.contextmanager
def watched_page(window: BrowserContext) -> Iterator[Page]:
    """A page in which no script may fail."""
    opened, problems = window.new_page(), []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    yield opened
    opened.close()
    assert not problems


def visit(page: Page, running: Lab, path: str, front: str = "lab/tree") -> None:
    """Go to a notebook's address and wait for nothing."""
    page.goto(f"{running.url}/{front}/{path}?token={TOKEN}&reset", wait_until="commit")


def arrived(page: Page) -> None:
    """Touch nothing until the exercise is there by itself, at the top of the page and with the keyboard."""
    try:
        page.wait_for_function(ARRIVED, timeout=60_000)
    except TimeoutError:
        shot(page, "not-arrived")
        raise
    page.wait_for_function("document.querySelector('.page > .now:not(.fresh)')")


def open_notebook(page: Page, running: Lab, path: str, dark: bool = False) -> None:
    """Open a notebook alone on the screen."""
    page.goto(f"{running.url}/lab/tree/{path}?token={TOKEN}&reset")
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=90_000)
    page.wait_for_function("window.jupyterapp !== undefined")
    command(page, "application:set-mode", mode="single-document")
    page.evaluate("window.jupyterapp.shell.collapseLeft()")
    if dark:
        command(page, "apputils:change-theme", theme="JupyterLab Dark")
        page.wait_for_selector('body[data-jp-theme-light="false"]', state="attached")
    idle(page)


def idle(page: Page) -> None:
    """Wait until a kernel is there and has nothing to do."""
    page.wait_for_function("document.querySelector('#jp-main-statusbar')?.innerText.includes('Idle')", timeout=90_000)


def command(page: Page, name: str, **arguments: object) -> None:
    """Run a command of JupyterLab, as its menu would."""
    # not awaited: some commands' promises settle only when a dialog is closed
    page.evaluate("([name, args]) => { window.jupyterapp.commands.execute(name, args) }", [name, arguments])


def run_all(page: Page) -> None:
    """Run All, and wait for an exercise."""
    command(page, "notebook:run-all-cells")
    begun(page)


def begun(page: Page) -> None:
    """Wait for an exercise."""
    page.wait_for_selector(".tk.exercise .opt, .tk.exercise .debrief", timeout=60_000)


def write_cell(page: Page, source: str) -> None:
    """Write this into the notebook's first cell."""
    page.evaluate(
        "(source) => window.jupyterapp.shell.currentWidget.content.model.cells.get(0).sharedModel.setSource(source)",
        source,
    )


def press(page: Page, selector: str) -> None:
    """Press a button of the exercise and wait until it is confirmed."""
    lines = page.locator(".tk .talk > li").count()
    page.click(f".tk.exercise {selector}")
    page.wait_for_function("n => document.querySelectorAll('.tk .talk > li').length > n", arg=lines)
    page.wait_for_selector(".tk.exercise:not([aria-busy])")


def accessible(page: Page) -> None:
    """axe-core finds nothing in the exercise."""
    accessibility.accessible(page, place=".tk.exercise")


def fits_sideways(page: Page) -> None:
    """Nothing in the exercise is wider than it, or has to be scrolled sideways."""
    wide = page.evaluate(TOO_WIDE)
    assert not wide, wide


def letters_do_nothing(page: Page) -> None:
    """What would delete, cut, copy, paste and add cells, or make text of them, in the notebook's command mode."""
    before = page.evaluate(SOURCES)
    for key in (*"ddxmbacvy19", "Shift+M", "ArrowDown"):
        page.keyboard.press(key)
    page.evaluate(FRAMES, 10)
    assert page.evaluate(SOURCES) == before and page.locator(".tk.exercise .log").count() == 1
    assert page.evaluate(INSIDE)


def play(running: Lab, case_id: str, turns: int = 99) -> None:
    """Give the trainee's replies, always the last one, before a notebook is opened."""
    with contextlib.closing(Log(running.database)) as log:
        session = resume(log, casebook.load_case(case_id), "trainee", seed=7)
        while session.phase != "over" and session.step < turns:
            session.play(session.attempt.open[-1:], "ru")


def step(page: Page) -> int:
    """Number of the screen."""
    return int(page.eval_on_selector(".tk.exercise .now [name=step]", "e => e.value"))


def shot(page: Page, name: str) -> None:
    """A picture to be looked at."""
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")
