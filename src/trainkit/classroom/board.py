"""What does the trainer see, and what do his buttons do? The room's tally, made anew when the log has changed."""

from __future__ import annotations

import asyncio
import functools
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

from trainkit import workshops
from trainkit.classroom.journal import Journal
from trainkit.classroom.seats import Seats
from trainkit.entries import Record
from trainkit.errors import OutOfDate, Refused, TrainkitError, UnknownName
from trainkit.play import start
from trainkit.policy import policy
from trainkit.room import Room, tally
from trainkit.seen import seen
from trainkit.session import Session, Unplayable, opened
from trainkit.store import Store
from trainkit.view import pages
from trainkit.view.board import board_html, order
from trainkit.view.pack import debrief_pack
from trainkit.view.words import words
from trainkit.workshops import SWITCHES, Workshop

SHARE = 25  # a board that takes long to make is made more rarely: no more than this part of the time goes into it

WORK, REST = 0.001, 0.004  # seconds that the board's thread works, and rests


class Board:
    """The room of one workshop as one server process sees it."""

    def __init__(self, store: Store, workshop: Workshop, seats: Seats):
        self.store, self.workshop, self.seats = store, workshop, seats
        self._sessions: dict[str, Session] = {}  # opened here, for the board alone
        self._past: dict[str, Session] = {}  # somebody's, seen in step with the log: read, never changed
        self._records: dict[str, Record] = {}
        self._rooms: tuple[object, Mapping[str, Room]] | None = None
        self._lock = threading.Lock()
        self._took = 0.0
        self._stopping = asyncio.Event()

    def warm(self) -> None:
        """Solve the cases before the first debrief needs it."""
        for part in self.workshop.parts:
            policy(part.case).worth(start(part.case, 0, part.fixed).state)

    def stop(self) -> None:
        """End the live connections."""
        self._stopping.set()

    # ---- reading --------------------------------------------------------------------------------------------------

    def rooms(self) -> Mapping[str, Room]:
        """Case → what the room did in it, as the log has it now."""
        with self._lock:
            version = self.store.changed()
            if self._rooms is None or self._rooms[0] != version:
                sessions = self._current()
                _read_politely(sessions)
                cases = [part.case for part in self.workshop.parts]
                self._rooms = version, {case.id: tally(sessions, case) for case in cases}
            return self._rooms[1]

    def _current(self) -> list[Session]:
        """Everyone's runs; what is open here is only looked at, what isn't is opened and kept."""
        counts = workshops.events_of(self.store, self.workshop)
        new = workshops.records_of(self.store, self.workshop, self._records) if counts.keys() - self._records else []
        self._records.update((record.attempt, record) for record in new)
        found = []
        for attempt, count in counts.items():
            record = self._records[attempt]
            session = self.seats.live(record) or self._past.get(attempt)
            if session is not None and session.step >= count:  # it may have gone on since the counting
                self._past[attempt] = session  # also when its player goes on to another run; it is only looked at
            else:
                try:
                    session = self._reopened(record, count)
                except (Unplayable, UnknownName):
                    continue
            found.append(session)
        return found

    def _reopened(self, record: Record, count: int) -> Session:
        session = self._sessions.get(record.attempt)
        if session is None:
            session = opened(self.store, record, self.workshop.part(record.case_id).case)
            self._sessions[record.attempt] = session
        elif session.step != count:
            session.catch_up()
        return session

    async def _aside(self, function: Callable, *arguments: object, **named: object):
        """Off the event loop: trainees don't wait for the board."""
        return await asyncio.get_running_loop().run_in_executor(None, functools.partial(function, *arguments, **named))

    async def html(self, lang: str, address: str, qr: str) -> str:
        """What changes on the board."""
        began = time.monotonic()
        html = await self._aside(self._html, lang, address, qr)
        self._took = time.monotonic() - began
        return html

    def _html(self, lang: str, address: str, qr: str) -> str:
        return board_html(
            self.rooms(),
            workshops.members_of(self.store, self.workshop),
            self.seats.stage,
            lang,
            address=address.split("://", 1)[-1],
            code=self.workshop.code,
            qr_svg=qr,
        )

    def page(self, html: str, lang: str) -> str:
        """The board as a whole page."""
        return pages.board(html, words(lang).gettext("Trainer's board"), lang, pages.spoken(self.workshop))

    async def pack(self, lang: str, names: bool = False) -> str:
        """The debrief pack."""
        return await self._aside(self._pack, lang, names)

    def _pack(self, lang: str, names: bool) -> str:
        return debrief_pack(self.workshop, self.rooms(), lang, names)

    async def changes(self, gone: Callable[[], Awaitable[bool]]) -> AsyncIterator[str]:
        """An event for each change, at most one a second, and a sign of life every fifteen."""
        last, quiet = None, 0
        while not self._stopping.is_set() and not await gone():
            try:
                now = await self._aside(self.store.changed)
            except TrainkitError:
                now = last  # the log can't be reached just now; the board goes on when it can
            if now != last:
                yield f"data: {now}\n\n"
                last, quiet = now, 0
            elif quiet >= 15:
                yield ": still here\n\n"
                quiet = 0
            pause = min(max(1.0, SHARE * self._took), 30.0)
            quiet += pause
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)

    # ---- doing ----------------------------------------------------------------------------------------------------

    async def steer(self, fields: Mapping[str, str], journal: Journal) -> None:
        """Do what a button of the board says; nothing of it is trusted.

        Raises
        ------
        Refused, UnknownName
            If it can't be done; nothing was logged.
        """
        stage, do = self.seats.stage, fields.get("do", "")

        async def say(kind: str, value: str) -> None:
            await journal.call(workshops.say, self.store, self.workshop, kind, value)

        pressed = [name for name in SWITCHES if name in fields]
        if pressed:  # the button says what it leads to, so that a double click doesn't undo itself
            name, wanted = pressed[0], fields[pressed[0]]
            if wanted not in ("0", "1"):
                raise Refused("a switch is 0 or 1")
            if wanted != str(int(getattr(stage, name))):
                await say(name, wanted)
        elif do in ("show", "next", "auto"):
            scene = (
                "" if do == "auto" else fields.get("scene", "") if do == "show" else await self._aside(self._following)
            )
            if scene:
                self._scene(scene)
            await say("scene", scene)
            if stage.key:
                await say("key", "0")  # another scene begins without its key
        elif do == "ballot":
            scene = fields.get("scene", "") or stage.scene
            self._scene(scene)
            if stage.ballot is None:
                if stage.scene != scene:  # what is voted on stays on the wall afterwards, to be compared
                    await say("scene", scene)
                await say("ballot", scene)
            elif f"{stage.ballot.case_id}/{stage.ballot.scene}" != scene:
                raise OutOfDate("another vote is open")
        elif do == "ballot_end":
            if stage.ballot is not None:
                await say("ballot", "")
        else:
            raise UnknownName("button", do, (*SWITCHES, "show", "next", "auto", "ballot", "ballot_end"))

    def _scene(self, value: str) -> None:
        case_id, _, scene = value.partition("/")
        scenes = self.workshop.part(case_id).case.scenes
        if scene not in scenes:
            raise UnknownName("scene", scene, scenes)

    def _following(self) -> str:
        """The scene after the one on the wall, most divisive first."""
        scenes = order(self.rooms())
        if not scenes:
            return ""
        shown = self.seats.stage.scene
        return scenes[(scenes.index(shown) + 1) % len(scenes)] if shown in scenes else scenes[min(1, len(scenes) - 1)]


def _read_politely(sessions: Sequence[Session]) -> None:
    """Read what the tally needs, a millisecond at a time.

    Only one thread runs at once, and whoever answers trainees gives way at each call to the network: without these rests
    a room of thousands would stand still while its board is made.
    """
    began = time.monotonic()
    for session in sessions:
        seen(session)
        if time.monotonic() - began > WORK:
            time.sleep(REST)
            began = time.monotonic()
