"""What do wall and remote show? A tally, made anew when the log has changed."""

import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from trainkit.engine.attempt import start
from trainkit.errors import N_, TrainkitError
from trainkit.files.casebook import case_ids, load_case
from trainkit.log.store import Log
from trainkit.room.answers import answers_of
from trainkit.room.by_file import everybody
from trainkit.room.controls import count_controls
from trainkit.room.members import places_taken
from trainkit.room.questions import all_questions, question_counts
from trainkit.room.records import Member, Question, Workshop, WorkshopCase
from trainkit.room.room_summary import RoomSummary, withheld
from trainkit.room.run_cache import RunCache
from trainkit.room.secrets import hashed
from trainkit.room.team_figures import TeamFigures
from trainkit.value.solver import exact_play
from trainkit.view.answers_table import answers_csv
from trainkit.view.log_lost import lost_on_wall, lost_words
from trainkit.view.no_one_yet import NoOneYet, no_one_yet
from trainkit.view.remote import Around, Asked, remote_html
from trainkit.view.screen import case_text
from trainkit.view.wall import Door, wall_html
from trainkit.view.way_in import about_the_way_in
from trainkit.web.arrivals import Arrivals
from trainkit.web.seats import Seats

SHARE = 50  # a room that takes long to tally is tallied more rarely: no more than this part of the time goes into it
ALIVE = 1.0  # seconds between two signs of life
MOST_LISTENING, MOST_OF_ONE = 60, 6  # walls that listen, in all and from one address
# seconds: so long the runs of a large room are read, then it rests so long, unless others took less than that
WORK, REST, IDLE = 0.001, 0.009, 0.0003
AT_ONCE = 2.0  # seconds: where the room may be tallied anew so soon, it is always as the log is now


class LiveRoom:
    """The room of one workshop as one server process sees it."""

    def __init__(self, log: Log, workshop: Workshop, seats: Seats, options: str = "", arrivals: Arrivals | None = None):
        self.log, self.seats = log, seats
        self.arrivals = arrivals or Arrivals()
        self.runs = RunCache(log, workshop)
        seats.leaving = self.runs.add
        self._members: list[Member] = []
        self._known = (-1, -1)  # when these were read: how many had joined, how many came by file
        self._rooms: Mapping[str, RoomSummary] | None = None  # as the wall shows it
        self._near: Mapping[str, RoomSummary] = {}  # as the remote does
        self._teams: Mapping[str, Sequence[TeamFigures]] = {}  # case → each team, as the wall shows it
        self._near_teams: Mapping[str, Sequence[TeamFigures]] = {}  # as the remote does
        self._version: object = None
        self._made = self._worked = self._last = 0.0
        self._lock = asyncio.Lock()
        self.listening: Counter[str] = Counter()  # secrets of trainers whose remote is open
        self._walls: Counter[str] = Counter()  # addresses at which a wall is open
        self._told_lost = False
        self._options = options  # how the address of the class was named on the command line
        self.lonely = False  # whether a while has gone by and nobody has come

    @property
    def workshop(self) -> Workshop:
        """The workshop, with the cases that came while it is held."""
        return self.seats.workshop

    def warm(self) -> None:
        """Solve the cases before the first debrief needs it."""
        for part in self.workshop.parts:
            solve(part)

    def stop(self) -> None:
        """Let go of those who only listen, so that the server can end."""
        self.seats.bell.end()

    def forget(self) -> None:
        """Tally anew: the log is read from another file from now on."""
        self._version, self._told_lost = None, True

    # ---- reading --------------------------------------------------------------------------------------------------

    @property
    def pause(self) -> float:
        """Seconds between two tallies, so that trainees hardly notice them: the more there was to read, the longer."""
        return min(max(1.0, SHARE * self._worked), 30.0)

    async def rooms(self, now: bool = False) -> Mapping[str, RoomSummary]:
        """Case → what the room did in it: as the log has it now, or in a large room as it had it a while ago."""
        if not now and self._can_reuse():
            return self._rooms
        async with self._lock:
            version = await self.seats.read(self.log.change_token)
            if self._rooms is None or self._version != version:
                self._rooms = await self._tallied()
                self._version, self._made = version, time.monotonic()
            return self._rooms

    def _can_reuse(self) -> bool:
        recent = self._lock.locked() or time.monotonic() - self._made < self.pause
        return self._rooms is not None and recent and self.pause > AT_ONCE

    async def _tallied(self) -> Mapping[str, RoomSummary]:
        """Read what is new, a little at a time between the answers of the trainees, who don't wait for it."""
        worked, began, spent = 0.0, time.perf_counter(), time.thread_time()
        self.runs.workshop = self.workshop
        for record, count in await self.seats.read(self.runs.outdated):
            session = self.seats.live(record)
            if session is None or session.step < count:
                session = await self.seats.read(self.runs.opened, record)
            if session is not None:
                self.runs.add(session)
            if time.perf_counter() - began > WORK:
                worked += time.thread_time() - spent
                yielded = time.perf_counter()
                await asyncio.sleep(0)
                if time.perf_counter() - yielded > IDLE:  # where many trainees want their turn, a good while
                    await asyncio.sleep(REST)
                began, spent = time.perf_counter(), time.thread_time()
        stage = self.seats.stage
        if not stage.open:
            await self.seats.read(self.runs.read_order)
        near = self.runs.rooms(stage, stage.few_for_trainer)
        known = await self.seats.read(places_taken, self.log, self.workshop), len(stage.by_file)
        if self._known != known:
            joined = await self.seats.read(everybody, self.log, self.workshop)
            self._known = known
            self._members = [self.seats.same(member) for member in joined]
        seated = stage.seated(self._members)
        teams = self.runs.teams(stage, near, seated, stage.few_for_trainer)
        self._near, self._near_teams, rooms, self._teams = near, teams, near, teams
        if stage.open:  # the wall withholds what is of fewer
            rooms = {case_id: withheld(room, stage.few) for case_id, room in near.items()}
            self._teams = {
                case_id: tuple([replace(one, room=withheld(one.room, stage.few)) for one in each])
                for case_id, each in teams.items()
            }
        worked += time.thread_time() - spent
        self._worked, self._last = min(worked, self._last), worked  # a moment's stall of the machine is no large room
        return rooms

    async def members(self) -> list[Member]:
        """Who is in the room, as they are called now, in the order in which they came."""
        await self.rooms()
        return self.seats.stage.seated(self._members)

    async def wall(self, lang: str, address: str) -> str:
        """What is on the wall; phones get in by ``address``."""
        rooms = await self.rooms()
        here = sum(not one.by_file for one in self.seats.stage.seated(self._members))
        said = self._why_nobody(here, lang, address)
        on_wall = self.seats.stage.on_wall
        question = next((one for one in await self.questions() if one.number == on_wall), None) if on_wall else None
        return wall_html(
            rooms,
            here,
            self.seats.stage,
            lang,
            Door.of(self.workshop, self.seats.stage, address),
            said,
            question,
            self._teams,
            lost=lost_on_wall(lang) if self.log.lost is not None else "",
        )

    async def questions(self) -> list[Question]:
        """What was asked without a name, as the log has it now."""
        return await self.seats.read(all_questions, self.log, self.workshop, self.seats.stage)

    def _why_nobody(self, here: int, lang: str, address: str) -> NoOneYet | None:
        if here or not self.lonely:
            return None
        return no_one_yet(address, self.workshop.parts[0].case.id, lang)

    async def remote(self, asked: Asked, lang: str, address: str, others: Sequence[str] = ()) -> str:
        """What changes on the remote; ``asked`` says which part of it is looked at, ``others`` are more ways in."""
        rooms, stage = await self.rooms(), self.seats.stage
        places = stage.places or self.workshop.places
        members = stage.seated(self._members)
        cases = await asyncio.to_thread(_titles, self.workshop.lang, lang) if asked.tab == "agenda" else ()
        said = self._why_nobody(sum(not one.by_file for one in members), lang, address)
        away = [one for one in self._members if one.member in stage.removed or one.member in stage.merged]
        around = Around(
            stage,
            Door.of(self.workshop, self.seats.stage, address),
            len(self.listening),
            places,
            nobody=said,
            cases=cases,
            questions=await self.questions(),
            lang=self.workshop.lang,
            way_in=about_the_way_in(address, others, lang),
            lost=lost_words(self.log.lost, self.workshop.code, lang, self._options)
            if self.log.lost is not None
            else None,
            joined=[replace(one, name=stage.renamed.get(one.member, one.name)) for one in away],
            crowds=self.arrivals.crowds({member.member for member in members}, stage.removed),
        )
        return remote_html(rooms, members, around, asked, lang, self._near, self._near_teams)

    async def pack(self, lang: str, names: bool = False) -> str:
        """The debrief pack."""
        from trainkit.paper.debrief_pack import debrief_pack  # rarely wanted, and a while to load

        await self.rooms(now=True)
        stage = self.seats.stage
        rooms = self.runs.rooms(stage, stage.few)  # paper goes from hand to hand: what the wall may show
        teams = self.runs.teams(stage, rooms, await self.members(), stage.few)
        asked = await self.questions()
        return await asyncio.to_thread(debrief_pack, self.workshop, rooms, lang, names, asked, teams)

    async def answers(self, lang: str) -> str:
        """What everybody answered, as a table."""

        def read() -> str:
            return answers_csv(answers_of(self.log, self.workshop, stage), self.workshop, stage, lang)

        stage = self.seats.stage
        return await asyncio.to_thread(read)

    async def backup(self) -> Path:
        """A whole copy of the log in a folder of its own, to be thrown away.

        Raises TrainkitError if the log isn't a file, or if nobody may know who said what here: the log does.
        """
        if not self.seats.stage.open:
            raise TrainkitError(
                N_("This room is anonymous, and the log tells who said what. On the laptop: trainkit backup FILE")
            )
        file = Path(tempfile.mkdtemp()) / "log.sqlite3"
        try:
            await asyncio.to_thread(self.log.copy_to, file)
        except TrainkitError:
            file.parent.rmdir()
            raise
        return file

    async def tables(self) -> Path:
        """The tables of ``trainkit export`` as a zip in a folder of its own, to be thrown away.

        A program of its own makes them: the class is not kept waiting, and has its memory for itself. Raises
        TrainkitError if it says that something is wrong, or if nobody may know who said what here: tables from before and
        after somebody came, answered or was removed tell it.
        """
        if not self.seats.stage.open:
            raise TrainkitError(
                N_(
                    "This room is anonymous, and tables have a row a person and answer. On the laptop: "
                    "trainkit export --workshop {code} -o FOLDER"
                ),
                code=self.workshop.code,
            )
        folder = Path(tempfile.mkdtemp())
        out = folder / f"trainkit-{self.workshop.code}"
        command = (sys.executable, "-m", "trainkit", "export", "--workshop", self.workshop.code, "-o", str(out))
        try:
            program = await asyncio.create_subprocess_exec(
                *command,
                env={**os.environ, "TRAINKIT_DATABASE": self.log.url},  # not in the command, which others may read
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
            )
            _, said = await program.communicate()
            if program.returncode:
                raise TrainkitError(
                    said.decode("utf-8", "replace").strip().removeprefix("trainkit: ") or "export failed"
                )
            made = await asyncio.to_thread(shutil.make_archive, str(out), "zip", folder, out.name)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        shutil.rmtree(out, ignore_errors=True)
        return Path(made)

    def full(self, address: str) -> bool:
        """Whether so many walls listen that this address is let no other: they are public, and each costs a little."""
        return self._walls.total() >= MOST_LISTENING or self._walls[address] >= MOST_OF_ONE

    async def changes(
        self, gone: Callable[[], Awaitable[bool]], address: str = "", who: str = ""
    ) -> AsyncIterator[str]:
        """An event whenever the room shown now would be another, at most one a second; each second a sign of life.

        ``who`` is the secret of a trainer who listens; without it, it is a wall at this address.
        """
        listeners, key = (self.listening, who) if who else (self._walls, address)
        listeners[key] += 1
        try:
            async for event in self._changes(gone, who):
                yield event
        finally:
            listeners[key] -= 1
            if not listeners[key]:
                del listeners[key]

    async def _changes(self, gone: Callable[[], Awaitable[bool]], who: str) -> AsyncIterator[str]:
        last, pause = "", 0.0
        while not self.seats.bell.ended and not await gone():
            if who and hashed(who) not in self.seats.trainers:
                break  # the link was taken back
            if pause <= 0:
                pause = min(self.pause, AT_ONCE)
                try:
                    controls = await self.seats.read(count_controls, self.log, self.workshop)
                    if self._can_reuse():
                        asked = await self.seats.read(question_counts, self.log, self.workshop)  # they don't wait
                        now = f"{controls}, {asked}, made {self._made} of {self._version}"
                    else:
                        now = f"{controls}, to be made of {await self.seats.read(self.log.change_token)}, {self.lonely}"
                    yield "event: alive\ndata:\n\n"
                except TrainkitError:
                    now = last  # the log can't be reached just now; the room goes on when it can
                now = f"{now}, {self.arrivals.changed}" if who else now
                now = f"lost, {now}" if self._told_lost and not now.startswith("lost") else now
                if now != last:
                    yield f"data: {now}\n\n"
                    last = now
            else:
                yield "event: alive\ndata:\n\n"
            pause -= ALIVE
            pressed = self.seats.controls
            await self.seats.bell.wait(ALIVE, screen=True)
            if self.seats.controls != pressed:  # what the trainer does shows at once
                pause = 0


def solve(part: WorkshopCase) -> None:
    """Work out best play of a case, as far as that can be done."""
    with suppress(TrainkitError):  # a case too large to be solved
        exact_play(part.case).worth(start(part.case, 0, part.fixed).state)


@lru_cache(maxsize=10)
def _titles(spoken: str, lang: str) -> tuple[tuple[str, str], ...]:
    """Id and title of every case of the casebook that can be played in a language."""
    cases = []
    for case_id in case_ids():
        with suppress(TrainkitError):  # one that can't be read must not keep the others away
            case = load_case(case_id)
            if spoken in case.languages:
                cases.append((case_id, case_text(case, "title", lang if lang in case.languages else spoken)))
    return tuple(cases)
