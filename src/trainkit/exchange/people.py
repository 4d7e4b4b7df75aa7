"""Who played? People as an export tells of them: without names where nobody may see who said what."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from trainkit.exchange.played import person_id
from trainkit.log import schema as tables
from trainkit.log.records import Record
from trainkit.log.store import Log
from trainkit.room.controls import load_stage
from trainkit.room.members import members_told_apart
from trainkit.room.records import Stage
from trainkit.room.workshops import all_workshops

TOLD = ("person", "participant", "workshop", "team", "pair", "lang", "joined_at", "removed", "anonymous")


class Begun(NamedTuple):
    """An attempt with what the log knows of who played."""

    record: Record
    row: Mapping[str, Any]  # as the log has it
    workshop: str | None
    pair: bool | None
    joined_lang: str | None
    joined_at: str | None
    first: str | None  # of whoever plays alone: the first attempt under this pseudonym
    elsewhere: dict[str, Any] | None  # who it is, if the run came from another log


def with_who_played(attempts: sa.Select) -> sa.Select:
    """A query of attempts, joined with their members, that tells of who played as well."""
    a, m, i, p = tables.attempts, tables.members, tables.imported, tables.imported_people
    alone = a.alias()
    first = (  # whoever plays alone is known by the pseudonym: the first attempt under it stands for the person
        sa.select(alone.c.attempt)
        .where(alone.c.participant == a.c.participant, alone.c.member.is_(None))
        .where(~sa.exists().where(i.c.attempt == alone.c.attempt))
        .order_by(alone.c.number, alone.c.attempt)
        .limit(1)
        .scalar_subquery()
    )
    return (
        attempts.outerjoin(i, i.c.attempt == a.c.attempt)
        .outerjoin(p, p.c.person == i.c.person)
        .add_columns(
            m.c.workshop,
            m.c.pair,
            m.c.lang.label("joined_lang"),
            m.c.joined_at,
            sa.case((a.c.member.is_(None) & p.c.person.is_(None), first)).label("first"),
            *(p.c[name].label(f"elsewhere_{name}") for name in TOLD),
        )
    )


def read_begun(names: Sequence[str], row: Sequence[Any]) -> Begun:
    """An attempt from a row of that query, whose columns have these names."""
    named = dict(zip(names, row, strict=True))
    about = {name: named[name] for name in ("workshop", "pair", "joined_lang", "joined_at", "first")}
    elsewhere = None
    if named["elsewhere_person"] is not None:
        elsewhere = {name: named[f"elsewhere_{name}"] for name in TOLD}
        elsewhere |= {name: bool(elsewhere[name]) for name in ("pair", "removed", "anonymous")}
        about["workshop"] = elsewhere["workshop"]
    return Begun(Record.from_row(named), named, **about, elsewhere=elsewhere)


class _Room(NamedTuple):
    stage: Stage
    names: dict[str, str]  # member → as the room sees them


class People:
    """The people of a log, as its trainers have set their rooms; ``names`` says whether pseudonyms are told."""

    def __init__(self, log: Log, names: bool):
        self._names = names
        self._rooms: dict[str, _Room] = {}
        self._told: set[str] = set()  # of workshops and other logs: who plays alone is new in the first attempt
        for workshop in all_workshops(log):
            stage = load_stage(log, workshop)[0]
            shown = {one.member: one.name for one in members_told_apart(log, workshop)}
            self._rooms[workshop.workshop] = _Room(stage, shown | dict(stage.renamed))

    def _stage(self, one: Begun) -> Stage | None:
        room = self._rooms.get(one.workshop or "")
        return room and room.stage

    def anonymous(self, one: Begun) -> bool:
        """Whether nobody may see who said what: then there is no name, and no time finer than a minute."""
        if one.elsewhere:
            return one.elsewhere["anonymous"]
        stage = self._stage(one)
        return one.workshop is not None and (stage is None or not stage.open)

    def removed(self, one: Begun) -> bool:
        """Whether the trainer removed this person from the room."""
        if one.elsewhere:
            return one.elsewhere["removed"]
        stage = self._stage(one)
        return bool(stage and one.record.member and not stage.counts(one.record.member))

    def person(self, one: Begun) -> str:
        """Who played, as 32 hexadecimal digits: two phones that were joined are one person."""
        if one.elsewhere:
            return one.elsewhere["person"]
        member, stage = one.record.member, self._stage(one)
        if member is None:
            return person_id(one.first or one.record.attempt)
        return person_id(stage.person(member) if stage else member)

    def new(self, begun: Iterable[Begun]) -> list[dict[str, Any]]:
        """A row for each person of whom nothing has been told yet."""
        return [self._row(one) for one in begun if self._is_new(one)]

    def _is_new(self, one: Begun) -> bool:
        if one.record.member is None and one.elsewhere is None:
            return one.first in (None, one.record.attempt)
        person = self.person(one)
        new = person not in self._told
        self._told.add(person)
        return new

    def _row(self, one: Begun) -> dict[str, Any]:
        if one.elsewhere:
            row = dict(one.elsewhere)
        else:
            row = {"person": self.person(one), "workshop": one.workshop, "removed": self.removed(one)}
            row |= self._alone(one) if one.record.member is None else self._member(one)
        hidden = self.anonymous(one)
        return row | {"anonymous": hidden, "participant": row["participant"] if self._names and not hidden else None}

    def _alone(self, one: Begun) -> dict[str, Any]:
        told = {"participant": one.record.participant, "joined_at": one.record.started_at}
        return told | {"team": None, "pair": False, "lang": None}

    def _member(self, one: Begun) -> dict[str, Any]:
        room, member = self._rooms.get(one.workshop or ""), str(one.record.member)
        stage = room.stage if room else None
        who = stage.person(member) if stage else member
        team = stage.team.get(who) if stage else None
        return {
            "participant": room.names.get(who) if room else None,
            "team": stage.teams[team] if stage and team is not None and team < len(stage.teams) else None,
            "pair": bool(one.pair),
            "lang": one.joined_lang,
            "joined_at": one.joined_at,
        }
