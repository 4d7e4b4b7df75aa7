"""A site with notebooks for tests: made by the command itself, opened in real Chromium."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from support.sites import runtime, served
from trainkit.cli.main import main
from trainkit.errors import TrainkitError
from trainkit.site.packages import fetched
from trainkit.site.runtime import kept_folder

MINUTES = 10  # for Python to begin: on a busy machine it takes several
READY = ".tk.exercise .opt, .tk.exercise .shelf, .tk.exercise .debrief"
STEP = ".tk.exercise .now [name=step]"
# what each code cell gave: kind, the error, and its words
GIVEN = r"""
() => [...jupyterapp.shell.currentWidget.content.widgets].filter((cell) => cell.model.type === "code").map((cell) => ({
  ran: cell.model.executionCount !== null,
  errors: cell.model.outputs.toJSON().filter((one) => one.output_type === "error").map((one) => [one.ename, one.evalue]),
  text: cell.outputArea.node.innerText,
}))
"""
THERE = """
(path) => {
  const panel = window.jupyterapp?.shell.currentWidget;
  return panel?.context?.path === path && panel.content?.widgets?.length && panel.sessionContext?.session?.kernel;
}
"""
RUN = """
async () => {
  await jupyterapp.shell.currentWidget.sessionContext.ready;
  await jupyterapp.commands.execute("notebook:run-all-cells");
}
"""


def made(folder: Path, *arguments: str) -> Path:
    """A site with notebooks in a folder, whose JupyterLab can be steered by a test."""
    if importlib.util.find_spec("jupyterlite_core") is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("no jupyterlite-core: pip install '.[test]'")
    runtime()  # or the test is skipped; and so it is without what pip fetches
    try:
        [*fetched(kept_folder() / "wheels")]
    except TrainkitError as error:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(str(error))
    assert main(["site", *arguments, "-o", str(folder), "--lab"]) == 0
    file = folder / "lab" / "jupyter-lite.json"
    told = json.loads(file.read_text("utf-8"))
    told["jupyter-config-data"]["exposeAppInBrowser"] = True
    file.write_text(json.dumps(told), "utf-8")
    return folder


class Lite:
    """A browser of somebody's own at a site with notebooks."""

    def __init__(self, address: str, context):
        self.address, self.context = address, context
        self.asked_elsewhere: list[str] = []
        context.on("request", self._look)

    def _look(self, request) -> None:
        if not request.url.startswith((self.address, "blob:", "data:")):
            self.asked_elsewhere.append(request.url)

    def notebook(self, name: str, page: Page | None = None) -> Page:
        """Open a notebook (``en/03_racket_refund``), and wait until its kernel is being started."""
        page = page or self.context.new_page()
        page.goto(f"{self.address}lab/lab/index.html?path=notebooks/{name}.ipynb")
        page.wait_for_function(THERE, arg=f"notebooks/{name}.ipynb", timeout=60_000 * MINUTES)
        return page

    def playing(self, name: str, page: Page | None = None) -> Page:
        """Open a notebook that begins by itself, and wait until it has."""
        page = self.notebook(name, page)
        page.wait_for_selector(READY, timeout=60_000 * MINUTES)
        return page

    def run(self, name: str) -> tuple[Page, Sequence[dict]]:
        """Open a notebook and run all of it; gives what each code cell gave."""
        page = self.notebook(name)
        page.set_default_timeout(60_000 * MINUTES)
        page.evaluate(RUN)
        return page, page.evaluate(GIVEN)


@contextlib.contextmanager
def lite(chromium: Browser, site: Path) -> Iterator[Lite]:
    """A new browser; nothing may be asked of another place."""
    with served(site) as address:
        context = chromium.new_context(viewport={"width": 1400, "height": 1000})
        there = Lite(address, context)
        yield there
        context.close()
    assert not there.asked_elsewhere


def choose(page: Page, nth: int = 0) -> None:
    """Press a reply, and wait for the scene after it."""
    before = page.eval_on_selector(STEP, "field => field.value")
    page.wait_for_selector(".page > .now:not(.fresh)")
    page.click(f".tk.exercise .opt:enabled >> nth={nth}")
    page.wait_for_function(
        "([place, before]) => document.querySelector('.tk.exercise .debrief') || "
        "document.querySelector(place)?.value !== before",
        arg=[STEP, before],
        timeout=120_000,
    )


def step(page: Page) -> int:
    """Which screen it is."""
    return int(page.eval_on_selector(STEP, "field => field.value"))


def download(page: Page, path: str, folder: Path) -> Path:
    """Save a file of the file browser on this computer, as its menu does."""
    page.evaluate("() => { jupyterapp.commands.execute('filebrowser:open-path', { path: 'data' }) }")
    name = path.rpartition("/")[2]
    page.click(f".jp-DirListing-item >> text={name}", button="right")
    with page.expect_download() as saved:
        page.click(".lm-Menu-item[data-command='filebrowser:download']")
    file = folder / saved.value.suggested_filename
    saved.value.save_as(file)
    return file
