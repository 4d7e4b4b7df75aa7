"""Where is everyone, as the log has it? Sessions are kept in memory only to save time: every look asks the log first."""

import asyncio
import functools
import random
import secrets
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from trainkit.engine.attempt import Attempt
from trainkit.engine.facts import draw_facts
from trainkit.errors import N_, NotSaved, OutOfDate, Refused, TrainkitError
from trainkit.log.history import newest_attempts
from trainkit.log.records import Event, Record, new_record
from trainkit.log.store import Log
from trainkit.room.controls import count_controls, load_stage, record_control
from trainkit.room.members import NamesToldApart, member_by_id, member_by_secret, pulse
from trainkit.room.records import Ballot, Member, Pulse, Stage, Workshop, WorkshopCase, first_stage
from trainkit.room.secrets import hashed
from trainkit.room.stories import stories, story
from trainkit.room.team_log import TeamVote, deal, names_of, team_votes
from trainkit.room.teams import mates, sizes
from trainkit.room.workshops import with_added
from trainkit.session.forms import event_of_form
from trainkit.session.option_codes import option_of
from trainkit.session.resume import reopen
from trainkit.session.session import Session
from trainkit.web.bell import Bell
from trainkit.web.writer import LogWriter

_LOOKING_BACK = frozenset(("disagree", "why"))  # what a form asks for that leads nobody on
MOST = 6000  # members who are known without asking the log
REST = 120.0  # seconds: whoever hasn't asked for anything so long has their run in the log alone
MOST_RUNS = 200  # of one person in a room
Design = tuple[tuple[str, str], ...]  # conditions: fact, value


class Seat:
    """A member at the table: runs so far, the newest one opened. ``lock`` puts two clicks one after the other.

    ``shown`` is the member under the name that tells them from others of the same name.
    """

    def __init__(self, member: Member, name: str):
        self.member = member
        self.shown = member if name == member.name else replace(member, name=name)
        self.records: list[Record] = []
        self.session: Session | None = None
        self.newest: tuple[str, list[Attempt]] = ("", [])  # what was read for a debrief, and of which run's
        self.lock = asyncio.Lock()
        self.seen = time.monotonic()
        self.waiting = 0  # pages of theirs that wait for the trainer
        self.devices: list[str] = []  # other members who are this person
        self.voted: list[TeamVote] = []  # what the team has voted, while a vote of teams is open

    @property
    def next_run(self) -> int:
        """The number of the run that would be begun now; more than any of this member has, also once two were joined."""
        return max([len(self.records), *(1 + (record.run or 0) for record in self.records)])

    def called(self, stage: Stage) -> None:
        """Take the name that the trainer has given, if any."""
        if name := stage.renamed.get(self.member.member):
            self.member = self.shown = replace(self.member, name=name)


class Seats:
    """Everyone in one workshop, for one server process."""

    def __init__(self, log: Log, workshop: Workshop, writer: LogWriter):
        self.log, self.workshop, self.writer = log, workshop, writer
        self.stage, self.controls = first_stage(workshop), 0  # what the trainer has set, as of the last look
        self.bell = Bell()
        self.trainers: frozenset[str] = frozenset()  # hashes of their links
        # is given a run that is over before it is let go, since its player begins another
        self.leaving: Callable[[Session], None] = lambda session: None
        self._owners: OrderedDict[str, str] = OrderedDict()  # hash of a secret → member
        self._seats: OrderedDict[str, Seat] = OrderedDict()  # who asked last stands last
        self._names = NamesToldApart(log, workshop)
        self._assigned: Counter[tuple[str, Design]] = Counter()
        self._stories: dict[str, dict[Design, int]] = {}
        self._sizes: list[int] = []
        self._rosters: tuple[int, dict[int, list[str]]] = (0, {})  # names in each team, as of so many controls

    async def read(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Ask the log: at once where that takes microseconds, else in a thread."""
        if self.log.is_sqlite:
            return function(*arguments)
        return await asyncio.get_running_loop().run_in_executor(None, functools.partial(function, *arguments))

    # ---- looking ------------------------------------------------------------------------------------------------

    async def seat(self, some_secret: str) -> Seat | None:
        """Whose browser this is; :meth:`look` tells where they are."""
        key = hashed(some_secret)
        seat = self._seats.get(self.stage.person(self._owners.get(key, "")))
        if seat is None:
            member = await self.read(member_by_secret, self.log, self.workshop, some_secret)
            if member is None:
                return None
            self._owners[key] = member.member
            if (person := self.stage.person(member.member)) != member.member:
                member = await self.read(member_by_id, self.log, self.workshop, person) or member
            name = await self.read(self._names.of, member)
            seat = self._seats.setdefault(member.member, Seat(member, name))  # one, whichever of their devices asks
            seat.called(self.stage)
            if len(self._owners) > MOST:
                self._seats.pop(self.stage.person(self._owners.popitem(last=False)[1]), None)
        self._owners.move_to_end(key)
        self._seats[seat.member.member] = seat
        self._seats.move_to_end(seat.member.member)
        seat.seen = time.monotonic()
        self._let_rest(seat.seen - REST)
        return seat

    def _let_rest(self, since: float) -> None:
        """Let go of seats that nobody has asked for since then: a closed phone costs no memory, and comes back by the log."""
        while (seat := next(iter(self._seats.values()))).seen < since and not seat.lock.locked():
            self._seats.popitem(last=False)

    def known(self, some_secret: str) -> str:
        """Whose browser this is, member or trainer, as far as it was here before; asks no log."""
        key = hashed(some_secret)
        return self._owners.get(key) or (key if key in self.trainers else "")

    async def come(self, some_secret: str) -> Seat | None:
        """Whose browser this is, brought up to what the log has; None for nobody's."""
        for _ in range(3):  # once more where looking tells that two were joined
            seat = await self.seat(some_secret)
            there = seat is not None and await self.look(seat)
            if seat is None or self.sits(some_secret, seat):
                return seat if there else None
        return None

    def sits(self, some_secret: str, seat: Seat) -> bool:
        """Whether a seat is this browser's still: the trainer may have joined two, or parted them."""
        person = seat.member.member
        return self.stage.person(self._owners.get(hashed(some_secret), person)) == person

    async def look(self, seat: Seat) -> bool:
        """Bring a seat and the stage up to what the log has; False if the member is there no more."""
        member = seat.member.member
        now = await self._pulse(seat)
        if now.controls != self.controls:
            await self.refresh()
        if member in self.stage.merged:  # another's second phone: who has it sits elsewhere
            return False
        if not now.here or member in self.stage.removed:  # erased, or asked to leave
            self._seats.pop(member, None)
            self._owners = OrderedDict(one for one in self._owners.items() if one[1] != member)
            return False
        devices = self.stage.devices(member) if self.stage.merged or seat.devices else seat.devices
        joined, seat.devices = devices != seat.devices, devices
        if joined:
            now = await self._pulse(seat)
        if joined or now.runs != len(seat.records):
            seat.records = await self.read(self._records, seat)
            seat.session = None
        if seat.records and seat.session is None:
            seat.session = await self.read(self._opened, seat.records[-1])
        elif seat.session is not None and seat.session.step != now.events:
            await self._catch_up(seat.session)
        await self._team_up(seat)
        return True

    async def _pulse(self, seat: Seat) -> Pulse:
        attempt = seat.records[-1].attempt if seat.records else ""
        return await self.read(pulse, self.log, self.workshop, seat.member.member, attempt, seat.devices)

    def _records(self, seat: Seat) -> list[Record]:
        """Runs in the order in which they began, whichever of somebody's phones they were begun on."""
        records = [run for member in (seat.member.member, *seat.devices) for run in self.log.attempts(member=member)]
        return sorted(records, key=lambda record: record.number or 0) if seat.devices else records

    async def _team_up(self, seat: Seat) -> None:
        """Put who has none into a team; while teams vote, read what this one has voted."""
        member = seat.member.member
        if self.stage.teams and member not in self.stage.team:
            known = self.stage, self.trainers, self.controls
            with suppress(NotSaved):  # the next look tries again
                await self.writer.call(deal, self.log, self.workshop, member, known)
                await self.refresh()
        ballot = self.stage.ballot
        voting = ballot is not None and ballot.team and member in self.stage.team
        seat.voted = await self.read(team_votes, self.log, ballot, mates(self.stage, member)) if voting else []

    async def _catch_up(self, session: Session) -> None:
        """Take what another server logged: on the event loop, so that two windows don't take it twice."""
        session.catch_up(await self.read(self.log.events, session.record.attempt))

    def _opened(self, record: Record) -> Session:
        return reopen(self.log, record, self.workshop.part(record.case_id).case)

    async def opened(self, seat: Seat, record: Record) -> Session:
        """A run of this person, the newest or an earlier one; only to be looked at."""
        if seat.session is not None and seat.session.record.attempt == record.attempt:
            return seat.session
        return await self.read(self._opened, record)

    def same(self, member: Member) -> Member:
        """The member as they sit here, so that a room of thousands isn't kept twice."""
        seat = self._seats.get(member.member)
        return seat.member if seat is not None and seat.member == member else member

    def live(self, record: Record) -> Session | None:
        """The session somebody has open here, to be read only."""
        seat = self._seats.get(self.stage.person(record.member or ""))
        return seat.session if seat and seat.session and seat.session.record.attempt == record.attempt else None

    def next_part(self, seat: Seat) -> WorkshopCase | None:
        """The case that comes next for this person; None after the last."""
        return self.workshop.next_part({record.case_id for record in seat.records}, self.stage.agenda)

    def held_back(self, session: Session) -> bool:
        """Whether this conversation waits until the trainer opens its next scene."""
        attempt = session.attempt
        if session.phase not in ("choose", "words") or not attempt.deciding:
            return False
        return len(attempt.decisions) >= self.stage.rounds_open(attempt.case.id)

    async def newest_attempts(self, seat: Seat) -> list[Attempt]:
        """The newest finished attempt of each case by this person, for the debrief of the run that is over."""
        if seat.session is None or seat.session.phase != "over":
            return []
        run = seat.session.record.attempt
        if seat.newest[0] != run:
            seat.newest = run, await self.read(newest_attempts, self.log, seat.records)
        return seat.newest[1]

    def state(self, seat: Seat) -> str:
        """What this person's page was true of: what was pressed, the run and its step, and what their team does."""
        step = seat.session.step if seat.session else -1
        # what others of the team do changes this page; who comes into the room or another team doesn't
        voted, team = f".{len(seat.voted)}" if seat.voted else "", self.stage.team.get(seat.member.member)
        if team is not None and not seat.records:
            voted = f".{team}.{self.sizes()[team]}"
        seen = self.stage.presses - self.stage.handled  # what becomes of questions isn't on it
        lost = ".lost" if self.log.lost is not None else ""  # told at once, and no more once the class goes on
        return f"{seen}.{len(seat.records)}.{step}{voted}{lost}"

    async def refresh(self) -> None:
        """Read what the trainer has set."""
        if await self.read(count_controls, self.log, self.workshop) != self.controls:
            known = self.stage, self.trainers, self.controls
            stage, trainers, controls = await self.read(load_stage, self.log, self.workshop, known)
            if controls > self.controls:  # another request may have read later and been faster
                if len(stage.added) > len(self.stage.added):
                    self.workshop = await self.read(with_added, self.log, self.workshop, stage.added)
                renamed = stage.renamed is not self.stage.renamed
                self.stage, self.trainers, self.controls = stage, trainers, controls
                for seat in self._seats.values() if renamed else ():
                    seat.called(stage)
                self.bell.ring()

    # ---- doing --------------------------------------------------------------------------------------------------

    async def act(self, seat: Seat, form: Mapping[str, str], lang: str, key: str = "") -> None:
        """Do what a form asks, of which nothing is trusted; TrainkitError if it was not taken: then nothing was logged.

        ``key`` is the secret of the browser it came from.
        """
        async with seat.lock:
            if not await self.look(seat):
                raise Refused(N_("you are no longer in this room"))
            if key and not self.sits(key, seat):
                raise OutOfDate
            if "team" in form:
                await self._change_team(seat, form["team"])
            elif "begin" in form:
                await self._begin(seat, form["begin"], form.get("run", ""))
            elif "again" in form:  # the value is the run that is over
                runs = [record.attempt for record in seat.records]
                if form["again"] not in runs:
                    raise OutOfDate
                run = runs.index(form["again"])
                newest = run == len(runs) - 1
                await self._begin(seat, seat.records[run].case_id, str(seat.next_run if newest else 0))
            elif self.stage.over and "disagree" not in form:
                raise Closed("the room is closed")
            elif seat.session is None:
                raise OutOfDate
            elif "vote" in form:
                await self._vote(seat, form, lang)
            elif form.get("attempt") != seat.session.record.attempt:
                raise OutOfDate  # a page of an earlier run, in another tab
            elif self.stage.waits and not form.keys() & _LOOKING_BACK:
                raise Paused("the room is waiting")
            elif self.held_back(seat.session) and not form.keys() & {*_LOOKING_BACK, "back"}:
                raise Paused("the trainer opens the next scene")
            else:
                await self._log(seat.session, event_of_form(seat.session, form, lang))

    async def _log(self, session: Session, event: Event | None) -> None:
        """Do what :meth:`trainkit.session.session.Session.commit` does, without keeping others waiting."""
        if event is None:
            return
        for step, last in session.steps_for(event):
            try:
                await self.writer.append(session.record.attempt, step, event)
            except OutOfDate:
                await self._catch_up(session)
                if last:
                    raise
            else:
                session.confirm(step, event)
                return

    async def _change_team(self, seat: Seat, asked: str) -> None:
        """Before one has begun anything; later it is the trainer who moves people."""
        teams = len(self.stage.teams)
        if seat.records or self.stage.over or not (asked.isdecimal() and len(asked) < 4 and int(asked) < teams):
            raise Refused(N_("teams are changed before the first conversation"))
        if self.stage.team.get(seat.member.member) != int(asked):
            value = f"{seat.member.member} {int(asked)}"
            await self.writer.call(record_control, self.log, self.workshop, "team", value)
            await self.refresh()

    def sizes(self) -> list[int]:
        """How many are in each team; counted once for all."""
        if self._rosters[0] != self.controls:
            self._rosters, self._sizes = (self.controls, {}), sizes(self.stage)
        return self._sizes

    async def mates(self, seat: Seat) -> list[str]:
        """Names of the people in this one's team, as they are called now; read once for all of them."""
        self.sizes()
        team = self.stage.team.get(seat.member.member, -1)
        if team not in self._rosters[1]:
            in_it = mates(self.stage, seat.member.member)
            self._rosters[1][team] = await self.read(names_of, self.log, self.stage, in_it)
        return self._rosters[1][team]

    async def _vote(self, seat: Seat, form: Mapping[str, str], lang: str) -> None:
        ballot = self.stage.ballot
        if ballot is None or form["vote"] != str(ballot.number):
            raise OutOfDate
        session = await self.voter(seat, ballot)
        if session is None:
            raise Refused(N_("only those who have answered this scene may vote on it again"))
        option, anew = option_of(session.case, form.get("option")), False
        if ballot.team:  # the newest counts: twice the same by one person is a double click, else it is another vote
            if seat.member.member not in self.stage.team:
                raise Refused(N_("you are in no team"))
            anew = bool(seat.voted) and seat.voted[-1] != (seat.member.member, option)
        await self._log(session, session.vote(ballot.scene, ballot.number, option, lang, anew))

    async def voter(self, seat: Seat, ballot: Ballot) -> Session | None:
        """The run in which this person answered the scene that is voted on again: the first of its case."""
        record = next((record for record in seat.records if record.case_id == ballot.case_id), None)
        if record is None or seat.session is None:
            return None
        mine = record.attempt == seat.session.record.attempt
        session = seat.session if mine else await self.read(self._opened, record)
        return session if session.first(ballot.scene) else None

    # ---- beginning a run ------------------------------------------------------------------------------------------

    async def _begin(self, seat: Seat, case_id: str, run: str) -> None:
        """Begin a case: the first, the next, or one again. ``run`` is the new run's number, so that a retry is harmless."""
        if run.isdecimal() and len(run) < 6 and int(run) < seat.next_run:
            return  # begun already
        if run != str(seat.next_run) or (seat.session is not None and seat.session.phase != "over"):
            raise OutOfDate
        if self.stage.over:
            raise Closed("the room is closed")
        if self.stage.waits:
            raise Paused("the room is waiting")
        part = self.workshop.part(case_id)
        if len(seat.records) >= MOST_RUNS:
            raise Refused(N_("you have played very often here: let it rest for today."))
        if case_id not in {record.case_id for record in seat.records} and part is not self.next_part(seat):
            raise Refused(N_("the cases come in the order of the room"))
        if not self.stage.may_begin(case_id):
            raise Paused("the trainer opens it")
        seed, drawn = self._drawn(seat, part)
        condition = case_id, part.case.design_of(_truth(part, seed))
        self._assigned[condition] += 1  # at once: a whole room begins at the same moment
        theirs = {"member": seat.member.member, "run": seat.next_run, "drawn": drawn}
        settings = self.workshop.settings
        if self.stage.item(case_id).held(self.stage.pace) == "scene":
            settings = replace(settings, back=False)  # who steps back would fall out of the scene that all are in
        record = new_record(part.case, seat.member.name, seed, part.fixed, settings, **theirs)
        left = seat.session
        try:
            await self.writer.begin(record, part.case)
        except (OutOfDate, NotSaved) as error:
            self._assigned[condition] -= 1
            if isinstance(error, NotSaved):
                raise
            await self.look(seat)  # another server was faster; what it began shows
            return
        if record.attempt not in {known.attempt for known in seat.records}:  # else another window saw it in the log
            seat.records = [*seat.records, record]
            seat.session = Session(self.log, record, part.case, [])
        elif seat.session is None:
            await self.look(seat)
        if left is not None:
            self.leaving(left)

    def _drawn(self, seat: Seat, part: WorkshopCase) -> tuple[int, str]:
        """The seed of what is true of this client, and how it was drawn; whoever plays again has a story of their own."""
        again = any(record.case_id == part.case.id for record in seat.records)
        told_to = self.stage.story_of(part.case.id)
        if again or told_to == "own":
            return self._fair_seed(seat, part), "own"
        told = self._stories.get(part.case.id) or stories(self.workshop.workshop, part)
        self._stories[part.case.id] = told  # drawn once
        if told_to == "one" or len(told) < 2:
            return story(self.workshop.workshop, part), "one"
        least = min(told, key=lambda condition: self._assigned[part.case.id, condition])
        return told[least], "half"

    def _fair_seed(self, seat: Seat, part: WorkshopCase) -> int:
        """A seed for the condition that was assigned least in this room, and for facts unlike one's last run."""
        last = [_truth(part, record.seed) for record in seat.records if record.case_id == part.case.id]
        if not last and not any(fact.design for fact in part.case.facts.values()):
            return secrets.randbelow(2**31)
        drawn: dict[int, tuple[str, ...]] = {}
        dice = random.Random(secrets.randbits(128))  # asked once: the system's own makes this thread wait for others
        while len(drawn) < 8 or (len(drawn) < 50 and all(truth in last[-1:] for truth in drawn.values())):
            seed = dice.randrange(2**31)
            drawn[seed] = _truth(part, seed)
        other = [seed for seed, truth in drawn.items() if truth not in last[-1:]] or list(drawn)
        return min(other, key=lambda seed: self._assigned[part.case.id, part.case.design_of(drawn[seed])])

    def assigned(self, records: Iterable[Record]) -> None:
        """Count the conditions of runs that were begun before this server was."""
        for record in records:
            part = self.workshop.part(record.case_id)
            self._assigned[record.case_id, part.case.design_of(_truth(part, record.seed))] += 1


def _truth(part: WorkshopCase, seed: int) -> tuple[str, ...]:
    return draw_facts(part.case, seed, part.fixed)


class Paused(TrainkitError):
    """The trainer has asked everyone to wait."""


class Closed(TrainkitError):
    """The trainer has closed the room."""
