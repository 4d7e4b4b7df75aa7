"""A workshop from a notebook: start and stop the server, show how to join, and watch the room in live pictures."""

import asyncio
import atexit
import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import ipywidgets as widgets
from markupsafe import Markup

from trainkit.errors import TrainkitError
from trainkit.files.private import make_private
from trainkit.i18n import catalog
from trainkit.log.carried import in_browser
from trainkit.log.store import Log, default_database
from trainkit.notebook.secret_link import SecretLink
from trainkit.room.members import places_taken
from trainkit.room.run_cache import RunCache, rooms_of, teams_of
from trainkit.room.secrets import format_code
from trainkit.room.workshops import by_code
from trainkit.view.qr_code import qr_svg
from trainkit.view.render import template
from trainkit.view.way_in import about_the_way_in

EVERY = 2.0  # seconds between two looks at the log


class WorkshopWidget(widgets.VBox):
    """A class server in a process of its own, and the room as its log has it.

    The server outlives the cell and ends with the kernel, however that ends; started again, it goes on with the same room.

    Attributes
    ----------
    address, code, wall, remote : str
        How trainees join, and the trainer's secret link, which no output of a cell has unless you print it; empty while no
        server runs.
    """

    def __init__(self, arguments: Sequence[str], database: str | None, lang: str):
        self.lang, self.address, self.code, self.wall, self.remote = lang, "", "", "", ""
        self._database = str(database or default_database())
        self._arguments, self._log = list(arguments), Log(self._database)
        self._server: subprocess.Popen | None = None
        self._alone = False  # whether it was said that nobody has come
        self._task: asyncio.Task | None = None
        self._seen: object = None
        self._runs: RunCache | None = None
        gettext = catalog(lang).gettext
        self._start = widgets.Button(description=gettext("Start the class"), button_style="primary")
        self._stop = widgets.Button(description=gettext("Stop the server"), disabled=True)
        self._start.on_click(lambda _: self.start())
        self._stop.on_click(lambda _: self.stop())
        self._door, self._said = widgets.HTML(), widgets.HTML()
        self._remote = SecretLink(gettext("Open the remote"))
        self._pictures = widgets.VBox()
        super().__init__(
            [widgets.HBox([self._start, self._stop]), self._said, self._door, self._remote, self._pictures]
        )
        if in_browser():
            self._start.disabled = True
            self._tell(gettext("A class needs a server, and a browser has none. On a computer: trainkit class"))

    # ---- the server -------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the server; what keeps it from starting is said in a sentence."""
        if self.running:
            return
        command = [sys.executable, "-u", "-m", "trainkit", "class", "--json", "--with-stdin", *self._arguments]
        hidden = {"TRAINKIT_DATABASE": self._database}  # not for `ps` to see
        self._server = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,  # closed by the system when this kernel ends, however it ends: then the server does
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            start_new_session=True,  # Ctrl+C in the notebook's terminal is not for the class; for Windows:
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            env=os.environ | {"PYTHONIOENCODING": "utf-8"} | hidden,
        )
        printed = ""
        for line in self._server.stdout:
            printed += line
            if line.startswith("{"):
                break
        else:
            self._server.wait()
            self._server.stdin.close()
            self._server = None
            why = printed.strip().removeprefix("trainkit: ")
            self._tell(why or catalog(self.lang).gettext("The server did not start."))
            return
        atexit.register(self._end)
        # what it says later must not fill the pipe and stop it
        threading.Thread(target=self._read_on, args=(self._server.stdout,), daemon=True).start()
        joining = json.loads(line)
        self.address, self.wall, self.remote = joining["address"], joining["wall"], joining["remote"]
        self.code = format_code(joining["code"])
        self._tell("")
        qr = Markup(qr_svg(joining["entrance"], scale=5))
        said = about_the_way_in(self.address, joining["others"], self.lang)
        words = {"address": self.address, "code": self.code, "wall": self.wall, "way_in": said}
        self._door.value = _html("workshop_door.html", self.lang, qr=qr, **words)
        self._remote.lead(self.remote)
        self._buttons()
        with contextlib.suppress(RuntimeError):  # outside a notebook there is no loop; refresh() does the same by hand
            self._task = asyncio.get_running_loop().create_task(self._live())
        self.refresh()

    def _read_on(self, lines: Iterable[str]) -> None:
        """What the server says while it runs: that nobody has come, and why that usually is."""
        for line in lines:
            if line.startswith('{"nobody_has_come"'):
                said = json.loads(line)["nobody_has_come"]
                self._tell(" ".join([said["heading"], *said["causes"]]))
                self._alone = True
            elif line.startswith('{"log_lost"'):
                said = json.loads(line)["log_lost"]
                self._tell(" ".join([f"{said['heading']}.", *said["told"], said["to_do"], said["command"]]))

    def stop(self) -> None:
        """Stop the server; what waits is written first. Starting again goes on with the same room."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._end()
        gettext = catalog(self.lang).gettext
        self._tell(gettext("The server is stopped. Nothing is lost; “Start the class” carries on with the same class."))
        self._door.value = ""
        self._remote.lead("")
        self._buttons()

    def _end(self) -> None:
        if self._server is not None:
            try:  # on Windows terminate() would be a kill; where no console is, Ctrl+Break can't be sent
                self._server.send_signal(getattr(signal, "CTRL_BREAK_EVENT", signal.SIGTERM))
            except (OSError, SystemError):
                self._server.terminate()
            try:
                self._server.wait(20)
            except subprocess.TimeoutExpired:
                self._server.kill()  # what was acknowledged is on the disk
                self._server.wait()
            self._server.stdin.close()
            self._server = None

    @property
    def running(self) -> bool:
        """Whether the server runs."""
        return self._server is not None and self._server.poll() is None

    def _buttons(self) -> None:
        self._start.disabled, self._stop.disabled = self.running, not self.running

    def _tell(self, text: str) -> None:
        self._said.value = _html("workshop_words.html", self.lang, text=text, bold=False) if text else ""

    # ---- the room ---------------------------------------------------------------------------------------------

    async def _live(self) -> None:
        while self.running:
            with contextlib.suppress(TrainkitError):
                self.refresh()
            await asyncio.sleep(EVERY)
        self._buttons()

    def refresh(self) -> None:
        """Look at the log, and draw the room anew if it has changed."""
        changed = self._log.change_token()
        if changed == self._seen or not self.code:
            return
        from trainkit.figures.room_plots import room_figures

        self._seen = changed
        runs, pictures = self._read(), []
        for room in rooms_of(runs).values():
            pictures += [_picture(figure, text, self.lang) for figure, text in room_figures(room, self.lang)]
        joined = places_taken(self._log, runs.workshop)
        if joined and self._alone:
            self._alone = False
            self._tell("")
        line = catalog(self.lang).ngettext("{n} in the room", "{n} in the room", joined).format(n=joined)
        head = _html("workshop_words.html", self.lang, text=line, bold=True)
        self._pictures.children = [widgets.HTML(head), *pictures]

    def _read(self) -> RunCache:
        workshop = by_code(self._log, self.code)
        if self._runs is None or self._runs.workshop.workshop != workshop.workshop:
            self._runs = RunCache(self._log, workshop)
        self._runs.workshop = workshop  # with the cases that came while it is held
        return self._runs

    def debrief(self, file: str = "debrief.html", names: bool = False) -> widgets.HTML:
        """Write the debrief of the room, to be printed; shows a link to it, or why there is none.

        ``names`` adds who was there, for the trainer alone.
        """
        if not self.code:
            missing = catalog(self.lang).gettext("There is no class yet: start it above.")
            return widgets.HTML(_html("workshop_words.html", self.lang, text=missing, bold=False))
        from trainkit.paper.debrief_pack import debrief_pack
        from trainkit.room.questions import all_questions

        runs = self._read()
        rooms, asked = rooms_of(runs), all_questions(runs.log, runs.workshop)
        page = debrief_pack(runs.workshop, rooms, self.lang, names, asked, teams_of(runs, rooms))
        make_private(Path(file))
        Path(file).write_text(page, encoding="utf-8")
        return widgets.HTML(_html("workshop_debrief.html", self.lang, file=file))


def _html(name: str, lang: str, **values: Any) -> str:
    return template(name, lang, package=__package__, **values)


def _picture(figure, text: str, lang: str) -> widgets.Widget:
    out = io.BytesIO()
    figure.savefig(out, format="svg")
    svg = out.getvalue().decode().partition("<svg")[2]
    return widgets.HTML(_html("workshop_picture.html", lang, svg=Markup(svg), text=text))


def workshop(
    cases: Sequence[str] = ("racket_refund",),
    lang: str = "ru",
    *,
    host: str = "0.0.0.0",
    port: int = 8000,
    address: str = "",
    proxies: Sequence[str] = (),
    feedback: str = "now",
    back: bool = True,
    fixed: dict[str, str] | None = None,
    places: int = 200,
    lobby: bool = True,
    pace: str = "free",
    story: str = "one",
    open_room: bool = True,
    agenda: str | None = None,
    teams: str = "",
    database: str | None = None,
) -> WorkshopWidget:
    """Hold a class from a notebook; the last line of a cell shows its buttons.

    Parameters
    ----------
    cases : sequence of str
        Case ids or folders, in the order they are played.
    lang : str
        The language the room begins in.
    host, port : str, int
        Where to listen; the default lets in everyone in this network.
    address : str, optional
        Where people find the class, ``https://host/path`` behind a proxy; else by this machine's own addresses.
    proxies : sequence of str, optional
        Machines or networks whose X-Forwarded-For is believed besides this one's, where an address is named.
    feedback : {"now", "end", "none"}
        When trainees learn what their words did.
    back : bool
        Whether one may go back a step.
    fixed : mapping of fact to value, optional
        Facts to fix.
    places : int
        How many may join.
    lobby : bool
        Whether everybody waits for your start, "Next" on the remote.
    pace : {"free", "case", "scene"}
        Whether the start opens all cases, or you open one after the other, or each of their scenes.
    story : {"one", "half", "own"}
        What is true of the client: the same for all, so that wall and phones tell one tale; in each half another condition of
        the case; or each their own.
    open_room : bool
        Whether you see who said what (the consent text says it); else nobody does, and figures begin at five answers.
    agenda : str, optional
        A file with cases and breaks in order, instead of ``cases`` and ``fixed``; ``trainkit class --agenda-example``
        prints one.
    teams : str, optional
        Names of teams with commas between them, or how many there are.
    database : str, optional
        The log: a file or a database URL.
    """
    arguments = ["--agenda", agenda] if agenda else [*cases]
    arguments += ["--lang", lang, "--host", host, "--port", str(port), "--feedback", feedback]
    arguments += ["--teams", teams] if teams else []
    arguments += ["--address", address] if address else []
    arguments += [part for proxy in proxies for part in ("--proxy", proxy)]
    arguments += ["--back" if back else "--no-back", "--places", str(places)]
    arguments += ["--lobby" if lobby else "--no-lobby", "--pace", pace, "--story", story]
    arguments += ["--open" if open_room else "--anonymous"]
    for fact, value in (fixed or {}).items():
        arguments += ["--set", f"{fact}={value}"]
    return WorkshopWidget(arguments, database, lang)
