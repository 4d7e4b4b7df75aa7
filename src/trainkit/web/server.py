"""How does a class begin and end? Which workshop goes on, on which address, and what is printed about it."""

import asyncio
import contextlib
import errno
import gc
import os
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from types import FrameType

import uvicorn

from trainkit.errors import TrainkitError
from trainkit.i18n import catalog
from trainkit.log.records import Settings
from trainkit.log.store import Log
from trainkit.room.agenda import Agenda, to_json
from trainkit.room.controls import load_stage, record_control
from trainkit.room.members import places_taken
from trainkit.room.records import Workshop, WorkshopCase
from trainkit.room.team_log import make_teams
from trainkit.room.workshops import all_workshops, by_code, create
from trainkit.web.app import NOTHING_HEARD, ClassApp, Heard
from trainkit.web.connections import capacity
from trainkit.web.event_loop import new_event_loop
from trainkit.web.public_address import PublicAddress
from trainkit.web.request_limits import Protocol

STILL_TODAY = timedelta(hours=12)
LAST_WORDS = 1.0  # seconds for answers that are on their way when the class ends


def room(
    log: Log,
    parts: Sequence[WorkshopCase],
    *,
    code: str | None = None,
    new: bool = False,
    lang: str = "ru",
    settings: Settings | None = None,
    consent: str | None = None,
    places: int = 200,
    lobby: bool = False,
    pace: str = "free",
    story: str = "own",
    open_room: bool = False,
    agenda: Agenda = (),
    teams: Sequence[str] = (),
) -> tuple[Workshop, bool]:
    """The workshop to hold: the one with this code, the same one as a while ago, or a new one; and whether it goes on.

    The same command started again within twelve hours (a crash, a closed laptop) goes on with the room it made, unless
    that was closed or ``new`` is said. With ``lobby`` everybody waits for the trainer's start, which opens all cases, or one
    after the other where the ``pace`` is "case", and each of their scenes where it is "scene". An ``agenda`` says so of each,
    and has breaks; without one the cases come in their order. In an ``open_room`` the trainer sees who said what. ``story``
    is "one" for all, one in each "half", or each their "own". People are dealt out to ``teams`` of these names.
    """
    log.prepare()
    if code is not None:
        return by_code(log, code), True
    settings = settings or Settings()
    consent = consent.strip() if consent is not None else None
    wanted = ([(p.case.hash, dict(p.fixed)) for p in parts], lang, settings, consent, places)
    with log.advisory_lock():  # servers that are started together hold one room
        for old in [] if new else reversed(all_workshops(log)):
            young = datetime.now(UTC) - datetime.fromisoformat(old.started_at) < STILL_TODAY
            stage = load_stage(log, old)[0]
            began = [(p.case.hash, dict(p.fixed)) for p in old.parts[: len(old.parts) - len(stage.added)]]
            same = (began, old.lang, old.settings, old.consent, old.places) == wanted
            if same and young and not stage.over:
                return old, True
        made = create(log, parts, lang=lang, settings=settings, consent=consent, places=places)
        if agenda:
            record_control(log, made, "agenda", to_json(agenda))
        if lobby or pace != "free":
            record_control(log, made, "pace", pace)
        if lobby:
            record_control(log, made, "opened", "0")
        if open_room:
            record_control(log, made, "open", "1")
        if story != "own":
            record_control(log, made, "story", story)
        if teams:
            make_teams(log, made, teams)
        return made, False


def earlier(log: Log, workshop: Workshop, closed: bool) -> Workshop | None:
    """The newest earlier room with the same cases that people are in, of those that were ``closed`` today, or never."""
    cases = [part.case.hash for part in workshop.parts]
    for old in reversed(all_workshops(log)):
        same = old.workshop != workshop.workshop and [part.case.hash for part in old.parts] == cases
        if same and places_taken(log, old) and load_stage(log, old)[0].over == closed:
            young = datetime.now(UTC) - datetime.fromisoformat(old.started_at) < STILL_TODAY
            return old if young or not closed else None
    return None


def listening(host: str, port: int, lang: str = "en") -> socket.socket:
    """A socket that listens; a TrainkitError says that the port is taken or the host is none of this machine's."""
    gettext = catalog(lang).gettext
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    if sys.platform != "win32":  # Windows frees a port at once, and would let another program take it, too
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((host, port))
        opened.listen(4096)
    except (OSError, OverflowError) as error:
        opened.close()
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            said = gettext(
                "port {port} is taken, perhaps by a class that is still running: end it, or choose another, --port {other}"
            )
            raise TrainkitError(said.format(port=port, other=port + 1)) from error
        why = getattr(error, "strerror", None) or error
        said = gettext("{place} can’t be listened on: {reason}")
        raise TrainkitError(said.format(place=f"{host}:{port}", reason=why)) from error
    return opened


def serve(
    log: Log,
    workshop: Workshop,
    sock: socket.socket,
    heard: Heard = NOTHING_HEARD,
    public: PublicAddress | None = None,
    found: Callable[[], Sequence[str]] = tuple,
    until: int | None = None,
) -> None:
    """Hold the class until Ctrl+C or SIGTERM; what waits is written before it ends.

    Windows has Ctrl+C and Ctrl+Break; a closed window and the task manager end it at once, as SIGKILL does: whoever was
    told that an answer is kept finds it there. What its pages can't show is ``heard``. Phones find it at its ``public``
    address, if one was named, else by one of those that ``found`` gives now. Ends also when nothing more can be read
    ``until`` a file descriptor's end: the other end of that pipe is held by whoever began the class.
    """
    classroom = ClassApp(log, workshop, heard, public, found)
    classroom.most_connections, backlog = capacity(workshop.places)
    config = uvicorn.Config(
        classroom.app,
        http=Protocol,
        backlog=backlog,
        ws="none",
        loop="auto",
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=False,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=5,
        proxy_headers=False,
    )
    server = _Server(config)
    server.leaving = classroom.room.stop
    if until is not None:
        threading.Thread(target=_end_with, args=(until, server), daemon=True, name="who began the class").start()
    # The writer's thread waits for its turn after each call to the disk: 5 ms by default, and people feel it.
    sys.setswitchinterval(0.0005)
    gc.freeze()  # what was loaded stays; looking through it again and again is what holds everybody up
    gc.set_threshold(2_000, 250, 100)  # of what is new little at a time; of what has stayed, rarely
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(server.serve(sockets=[sock]))


def _end_with(file: int, server: "_Server") -> None:
    # not by a Python file: a thread that reads one would hold its lock when the interpreter ends
    with contextlib.suppress(OSError):
        while os.read(file, 4096):
            pass
    server.leaving()
    server.should_exit = True


class _Server(uvicorn.Server):
    """Ends at once though walls and remotes listen, or somebody doesn't take their page: uvicorn would wait for them."""

    leaving: Callable[[], None]

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let who is being answered have the answer, for a moment."""
        asyncio.get_running_loop().call_later(LAST_WORDS, self._hang_up)
        await super().shutdown(sockets)

    def _hang_up(self) -> None:
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Say good-bye to walls and remotes first."""
        self.leaving()
        super().handle_exit(sig, frame)
