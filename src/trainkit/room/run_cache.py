"""Which runs of a workshop have gone on? Each is read again only then: a room is tallied after every few answers."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from trainkit.errors import UnknownName
from trainkit.log.records import Record
from trainkit.log.replay import Unplayable
from trainkit.log.store import Log
from trainkit.room.by_file import every_count, every_run, everybody, taken
from trainkit.room.controls import load_stage
from trainkit.room.members import logged_order, places_taken
from trainkit.room.records import FEW, Member, Stage, Workshop
from trainkit.room.room_summary import RoomSummary
from trainkit.room.run_summary import RunSummary, summarise_run
from trainkit.room.stories import conditions, what_begins
from trainkit.room.tally import tally, tally_halves
from trainkit.room.team_figures import TeamFigures, team_figures
from trainkit.room.unasked import still_askable
from trainkit.session.resume import reopen
from trainkit.session.session import Session


class RunCache:
    """The runs of one workshop as far as they were read; :meth:`up_to_date`, or step by step for who must not stop."""

    def __init__(self, log: Log, workshop: Workshop):
        self.log, self.workshop = log, workshop
        self._summaries: dict[str, RunSummary] = {}
        self._same: dict[str, dict[Any, Any]] = {}  # case version → what is equal in its runs, once
        self._order: list[str] = []
        self._logged: dict[str, Sequence[Any]] = {}  # attempt → of each event, what the log sorts by
        self._numbers: dict[str, int | None] = {}  # attempt → its place in the order of beginning
        self._names: dict[str, str] = {}  # member → name by which the room knows them
        self._known = (-1, -1)  # when these were read: how many had joined, how many had come by file

    def outdated(self) -> list[tuple[Record, int]]:
        """Runs that the log has more of than was read, and how many events it has of each."""
        known = places_taken(self.log, self.workshop), len(taken(self.log, self.workshop))
        if self._known != known:
            self._names = {one.member: one.name for one in everybody(self.log, self.workshop)}
            self._known = known
        behind, order = [], []
        for attempt, count in every_count(self.log, self.workshop):
            run = self._summaries.get(attempt)
            order.append(run.record.attempt if run else attempt)  # one name, however often it is read
            if run is None or run.step < count:
                behind.append((order[-1], count))
        self._order = order
        new = [attempt for attempt, _ in behind if attempt not in self._summaries]
        records = {record.attempt: record for record in every_run(self.log, self.workshop, new)} if new else {}
        self._numbers |= {attempt: record.number for attempt, record in records.items()}
        records |= {name: self._summaries[name].record for name, _ in behind if name in self._summaries}
        return [(records[attempt], count) for attempt, count in behind if attempt in records]

    def opened(self, record: Record) -> Session | None:
        """A run as the log has it; None if it can't be read, which must not keep the others from the trainer."""
        with suppress(Unplayable, UnknownName):
            return reopen(self.log, record, self.workshop.part(record.case_id).case)
        return None

    def read_order(self) -> None:
        """Learn in which order the runs' events were logged, which an anonymous room's figures hang on."""
        behind = [name for name, run in self._summaries.items() if len(self._logged.get(name, ())) < run.step]
        self._logged.update(logged_order(self.log, behind))

    def add(self, session: Session) -> None:
        """Read a run; somebody may be playing it: it is only looked at."""
        same = self._same.setdefault(session.case.hash, {})
        self._summaries[session.record.attempt] = summarise_run(session, lambda value: same.setdefault(value, value))

    def all(self) -> list[RunSummary]:
        """What was read, each person's in the order in which they began."""
        return [self._summaries[attempt] for attempt in self._order if attempt in self._summaries]

    def up_to_date(self) -> list[RunSummary]:
        """All runs as the log has them now."""
        for record, _ in self.outdated():
            if (session := self.opened(record)) is not None:
                self.add(session)
        return self.all()

    def rooms(self, stage: Stage, few: int = FEW) -> dict[str, RoomSummary]:
        """Case → what the room did in it, in the order of the workshop, as far as it was read; without who was removed.

        A figure of fewer than ``few`` people is withheld; those of an anonymous room need :meth:`read_order`.
        """
        runs = self.counting(stage)
        names, rooms = {**self._names, **stage.renamed}, {}
        here = self._names.keys() - stage.removed - stage.merged.keys() - stage.by_file.keys()
        order = {item.case_id: number for number, item in enumerate(stage.agenda)}
        for part in sorted(self.workshop.parts, key=lambda part: order.get(part.case.id, len(order))):
            hidden = frozenset() if stage.over else still_askable(part.case, here, runs)
            how = {"names": names, "few": few, "lang": self.workshop.lang, "hidden": hidden}
            how["order"] = None if stage.open else self._logged
            how["counting"], how["stage"] = stage.counting(part.case.id), stage
            if all(run.record.case_id != part.case.id for run in runs):  # else who is in it tells what they read
                how["begins"] = what_begins(self.workshop.workshop, part, stage.story_of(part.case.id))
            room = tally(runs, part.case, **how)
            halved = stage.story_of(part.case.id) == "half" and len(conditions(part)) > 1
            rooms[part.case.id] = tally_halves(room, runs, **how) if halved else room
        return rooms

    def teams(
        self, stage: Stage, rooms: Mapping[str, RoomSummary], seated: Sequence[Member], few: int
    ) -> dict[str, tuple[TeamFigures, ...]]:
        """Case → what each team did in it; empty where there are none."""
        order = None if stage.open else self._logged
        return team_figures(self.counting(stage), rooms, stage, seated, few, order) if stage.teams else {}

    def counting(self, stage: Stage) -> list[RunSummary]:
        """The runs that count: of who was removed none does, but in an anonymous room; see :meth:`Stage.figured`."""
        runs = [run for run in self.all() if stage.figured(run.record.member or "")]
        if not stage.merged:
            return runs
        two = stage.merged.keys() | stage.merged.values()  # their runs stand in the order of beginning
        return [self._in_order(run) if run.record.member in two else run for run in runs]

    def _in_order(self, run: RunSummary) -> RunSummary:
        return replace(run, record=replace(run.record, number=self._numbers.get(run.record.attempt)))


def teams_of(runs: RunCache, rooms: Mapping[str, RoomSummary]) -> dict[str, tuple[TeamFigures, ...]]:
    """Case → what each team did in it, of runs that were read; see :func:`rooms_of`."""
    stage = load_stage(runs.log, runs.workshop)[0]
    return runs.teams(stage, rooms, stage.seated(everybody(runs.log, runs.workshop)), stage.few)


def rooms_of(runs: RunCache) -> dict[str, RoomSummary]:
    """Case → what the room did in it, in the order of the workshop, as the log has it now."""
    runs.up_to_date()
    stage = load_stage(runs.log, runs.workshop)[0]
    if not stage.open:
        runs.read_order()
    return runs.rooms(stage, stage.few)
