"""The surfaces a case is played on, each as people use it: what does a walk leave behind there?

Each gives a function that plays walks one after the other and gives their runs: events from its own log, figures off its
own debrief. All are given the seed or the facts: a command and a notebook take a seed, a class takes facts (``--set``). A
browser draws them itself; there the four random bytes that the seed is made of are ours (:data:`DICE`), everything else is
as it is.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cache, partial
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Page

from support import jupyter_lab
from support.class_server import debrief_pages, environment, held
from support.firefox import Page as FirefoxPage
from support.firefox import firefox
from support.places import ROOT, case_folders
from support.sites import READY, answers, debrief_of, enter, made, press, served, site_of, visitors
from support.walks import BACK, LANG, Run, Shown, Walk, run_of, shown_in_terminal, shown_on_pages
from trainkit.case.model import Case
from trainkit.exchange.incoming import import_runs
from trainkit.log.memory import MemoryLog
from trainkit.log.store import Log
from trainkit.session.option_codes import code_of
from trainkit.session.resume import begin, reopen
from trainkit.site.folder import Parts
from trainkit.site.single import single_page
from trainkit.site.visit import Plan
from trainkit.view.screen import screen

Plays = Callable[[Sequence[Walk]], list[Run]]
NAME = "Чиж"
PATIENCE = 120.0  # seconds for one walk in a terminal
BOOTS = 90_000  # milliseconds for Python to begin in a browser


def by_session(walks: Sequence[Walk]) -> list[Run]:
    """In Python: what all others are held against."""
    runs = []
    for walk in walks:
        session = begin(MemoryLog(), walk.case, NAME, seed=walk.seed)
        session.play(walk.answers, LANG)
        runs.append(run_of(session))
    return runs


def _logged(log: Log, shown: Sequence[Shown]) -> list[Run]:
    """The newest runs of a log, one for each debrief that was seen."""
    records = sorted(log.attempts(), key=lambda record: record.started_at)[-len(shown) :]
    return [run_of(reopen(log, record), seen) for record, seen in zip(records, shown, strict=True)]


# ---- the terminal ---------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def terminal(folder: Path, _: object = None) -> Iterator[Plays]:
    """``trainkit play`` in a terminal of its own for each walk; numbers are typed, as its hint says."""
    database = folder / "terminal.sqlite3"

    def plays(walks: Sequence[Walk]) -> list[Run]:
        shown = []
        for walk in walks:
            line = ("play", walk.folder, "--seed", walk.seed, "--lang", LANG, "--new", "--database", database)
            screen_text = _in_a_terminal([*map(str, line)], _typed(walk))
            shown.append(shown_in_terminal(walk.case, screen_text))
        with contextlib.closing(Log(database)) as log:
            return _logged(log, shown)

    yield plays


def _typed(walk: Walk) -> str:
    """What is typed to say these replies: their numbers on the screen."""
    session, keys = begin(MemoryLog(), walk.case, NAME, seed=walk.seed), []
    for answer in walk.answers:
        shown = [button.id for button in screen(session, LANG).choice.buttons]
        keys.append("b" if answer == BACK else str(shown.index(answer) + 1))
        session.play([answer], LANG)
    return "\n".join([*keys, "q", ""])  # should it not have ended by then, it stops


def _in_a_terminal(line: Sequence[str], keys: str) -> str:
    """Everything a program prints on a terminal of its own (where there are none, into a pipe) while this is typed."""
    command = [sys.executable, "-m", "trainkit", *line]
    how = {"cwd": ROOT, "env": environment() | {"PYTHONUTF8": "1", "PYTHONPATH": str(ROOT / "src")}}
    if sys.platform == "win32":
        done = subprocess.run(
            command, input=keys, capture_output=True, text=True, encoding="utf-8", timeout=PATIENCE, **how
        )
        return done.stdout + done.stderr
    import pty

    ours, its = pty.openpty()
    with (
        subprocess.Popen(command, stdin=its, stdout=its, stderr=its, **how) as process,
        os.fdopen(ours, "rb", 0) as here,
    ):
        os.close(its)
        too_long = threading.Timer(PATIENCE, process.kill)
        too_long.daemon = True
        too_long.start()
        os.write(ours, keys.encode())
        printed = bytearray()
        with contextlib.suppress(OSError):  # the terminal is gone when the program is
            while part := here.read(65_536):
                printed += part
        too_long.cancel()
    return printed.decode()


# ---- phones ---------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def phones(folder: Path, _: object = None) -> Iterator[Plays]:
    """Phone pages of ``trainkit class``, without JavaScript: a class for each set of facts, a member for each walk."""
    numbers = iter(range(1, 1_000_000))

    def plays(walks: Sequence[Walk]) -> list[Run]:
        runs: dict[Walk, Run] = {}
        for (case, facts), same in groupby(sorted(walks, key=_held), key=_held):
            place = folder / f"class-{next(numbers)}"
            place.mkdir(parents=True)
            set_ = [word for fact in facts for word in ("--set", "=".join(fact))]
            members = list(same)
            with held(place, "--lang", LANG, *set_, cases=[case]) as server:
                shown = []
                for number, walk in enumerate(members, 1):
                    phone = server.playing(f"{NAME} {number}")
                    for answer in walk.answers:
                        phone.press("back") if answer == BACK else phone.press("option", answer)
                        assert phone.page.status == 200 and not phone.page.alert, (walk, answer, phone.page.words)
                    shown.append(shown_on_pages(walk.case, [phone.page.text, *(p.text for p in debrief_pages(phone))]))
                with contextlib.closing(Log(server.database)) as log:
                    runs |= dict(zip(members, _logged(log, shown), strict=True))
        return [runs[walk] for walk in walks]

    yield plays


def _held(walk: Walk) -> tuple[str, tuple[tuple[str, str], ...]]:
    """How a class has to be held for a walk."""
    return str(walk.folder), tuple(walk.facts.items())


# ---- JupyterLab -----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def notebook(folder: Path, chromium: Browser) -> Iterator[Plays]:
    """The widget in JupyterLab in Chromium: a cell that is written and run anew for each walk."""
    with jupyter_lab.lab(folder / "lab") as running:
        (running.root / "walks.ipynb").write_text(json.dumps(EMPTY), "utf-8")
        window = chromium.new_context(viewport={"width": 1280, "height": 900})
        with contextlib.closing(window), jupyter_lab.watched_page(window) as page:
            jupyter_lab.open_notebook(page, running, "walks.ipynb")

            def plays(walks: Sequence[Walk]) -> list[Run]:
                shown = [_in_a_notebook(page, walk) for walk in walks]
                with contextlib.closing(Log(running.database)) as log:
                    return _logged(log, shown)

            yield plays


EMPTY = {
    "cells": [
        {"cell_type": "code", "execution_count": None, "id": "walk", "metadata": {}, "outputs": [], "source": []}
    ],
    "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


def _in_a_notebook(page: Page, walk: Walk) -> Shown:
    jupyter_lab.command(page, "notebook:clear-all-cell-outputs")
    page.wait_for_selector(".tk.exercise", state="detached")
    call = f"import trainkit\ntrainkit.exercise({str(walk.folder)!r}, {LANG!r}, participant={walk.name!r}, seed={walk.seed})"
    jupyter_lab.write_cell(page, call)
    jupyter_lab.run_all(page)
    for answer in walk.answers:
        jupyter_lab.press(page, "[name=back]" if answer == BACK else f'.opt[value="{code_of(answer)}"]:enabled')
    page.wait_for_selector(".tk.exercise .debrief")
    return shown_on_pages(walk.case, [page.inner_html(".tk.exercise")])


# ---- browsers alone -------------------------------------------------------------------------------------------------


# Before the worker's own text: a message names what the next seed is made of.
DICE = """
{
  let loaded = 0;
  addEventListener("message", (event) => {
    if (event.data.dice === undefined) return;
    loaded = event.data.dice;
    event.stopImmediatePropagation();
  });
  const own = crypto.getRandomValues.bind(crypto);
  crypto.getRandomValues = (place) => {
    if (place.byteLength !== 4) return own(place);
    new DataView(place.buffer, place.byteOffset, 4).setUint32(0, loaded);
    return place;
  };
}
"""
# In the page, before anything of it runs.
LOADED = f"""
globalThis.Blob = class extends Blob {{
  constructor(parts, how) {{
    super(how?.type === "text/javascript" ? [{json.dumps(DICE)}, ...parts] : parts, how);
  }}
}};
"""


@contextlib.contextmanager
def site(folder: Path, chromium: Browser) -> Iterator[Plays]:
    """A site on a server, in Chromium."""
    with _served(folder) as address, visitors(chromium, address) as opened:
        yield partial(_by_a_visitor, opened, folder)


@contextlib.contextmanager
def single_file(folder: Path, chromium: Browser) -> Iterator[Plays]:
    """The one file, opened from the disk in Chromium."""
    with visitors(chromium, _on_a_stick(folder)) as opened:
        yield partial(_by_a_visitor, opened, folder)


def _by_a_visitor(opened: Callable[..., Page], folder: Path, walks: Sequence[Walk]) -> list[Run]:
    page = opened(before=lambda context: context.add_init_script(LOADED))
    runs = walked_alone(page, walks, folder)
    page.context.close()
    return runs


@contextlib.contextmanager
def site_in_firefox(folder: Path, program: Path) -> Iterator[Plays]:
    """A site on a server, in Firefox."""
    with _served(folder) as address:
        yield partial(_by_a_firefox, program, address, folder)


@contextlib.contextmanager
def single_file_in_firefox(folder: Path, program: Path) -> Iterator[Plays]:
    """The one file, opened from the disk in Firefox."""
    yield partial(_by_a_firefox, program, _on_a_stick(folder), folder)


def _by_a_firefox(program: Path, address: str, folder: Path, walks: Sequence[Walk]) -> list[Run]:
    with firefox(program, address, before=LOADED) as browser:
        page = browser.open(address)
        page.wait_for_selector(READY, timeout=BOOTS)
        return walked_alone(page, walks, folder)


@contextlib.contextmanager
def _served(folder: Path) -> Iterator[str]:
    with served(site_of(*every_case(), folder / "site")) as address:
        yield address


def _on_a_stick(folder: Path) -> str:
    file = folder / "trainkit.html"
    file.write_text(single_page(*every_case()), "utf-8")
    return file.as_uri()


@cache
def every_case() -> tuple[Plan, list[Case], Parts]:
    """A site of all cases, held as each is by default."""
    return made(*map(str, case_folders()))


def walked_alone(page: Page | FirefoxPage, walks: Sequence[Walk], folder: Path) -> list[Run]:
    """Play walks on a page of a site; the runs come from the file of answers as it is saved there."""
    shown = []
    for walk in walks:
        page.evaluate(f"worker.postMessage({{ dice: {walk.seed} }})")
        enter(page, walk.case.id, NAME)
        for answer in walk.answers:
            press(page, ".choice [name=back]" if answer == BACK else f".choice .opt[value='{code_of(answer)}']:enabled")
        shown.append(shown_on_pages(walk.case, debrief_of(page)))
        page.evaluate("location.hash = '/'")
        page.wait_for_selector(".shelf")
    file = answers(page, folder)
    with contextlib.closing(Log("sqlite://")) as log:
        log.prepare()
        done = import_runs(log, file)
        assert done.added == len(walks) and not done.refused and not done.conflicts, done
        return _logged(log, shown)


class Surface(NamedTuple):
    """How it is opened: in a folder of its own, by a browser that runs (chromium) or its program (firefox), or by none.

    Without a browser it is quick, and every walk of a case is played there.
    """

    opens: Callable[[Path, Any], AbstractContextManager[Plays]]
    browser: str = ""


SURFACES: Mapping[str, Surface] = {
    "terminal": Surface(terminal),
    "phones": Surface(phones),
    "notebook": Surface(notebook, "chromium"),
    "site": Surface(site, "chromium"),
    "single file": Surface(single_file, "chromium"),
    "site in Firefox": Surface(site_in_firefox, "firefox"),
    "single file in Firefox": Surface(single_file_in_firefox, "firefox"),
}
