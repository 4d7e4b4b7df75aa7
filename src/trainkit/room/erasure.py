"""How is one person erased? Who they are in every room and outside, what of them goes, and what shows that it has gone."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from trainkit.errors import N_, TrainkitError, UnknownName, shown
from trainkit.log import schema as tables
from trainkit.log.erased import Marks, Place
from trainkit.log.queries import in_parts
from trainkit.log.records import known_as, pseudonym
from trainkit.log.store import Log
from trainkit.room.by_file import everybody
from trainkit.room.controls import load_stage
from trainkit.room.records import Stage, Workshop
from trainkit.room.workshops import all_workshops
from trainkit.typed import spellings, typed

NOBODY = "anonymous"  # what the log calls who gave no name
_OF_MEMBERS = ("name", "remove", "restore", "knock", "merge", "team")  # controls whose setting begins with a member
_ERASED = "erased"  # the kind of a control that says nothing any more; its number stays, as the room counts them
_BLOCK = 4_000_000  # bytes of a file looked at a time


@dataclass(frozen=True)
class Found:
    """One person in one place: a room, alone, or among the runs from another log."""

    names: tuple[str, ...]  # as others saw them, the newest last
    workshop: Workshop | None = None
    other_log: str | None = None  # the person's id there
    other_room: str | None = None  # the workshop's id there
    members: tuple[str, ...] = ()
    attempts: tuple[str, ...] = ()
    answers: int = 0
    texts: int = 0  # of their own: words, reasons, disputes
    codes: int = 0  # that coders gave these texts
    since: str = ""  # when the first run began

    def places(self) -> Iterator[Place]:
        """By what marks they are known afterwards."""
        for name in self.names:
            yield Place(name, self.workshop.workshop if self.workshop else self.other_room)


@dataclass(frozen=True)
class Traces:
    """What of a person is still there; all zeros and no bytes where they were erased."""

    found: Sequence[Found]  # where they are
    rows: dict[str, int]  # table → rows that are theirs
    bytes_left: int | None  # how often the name lies in parts of the file that no row owns; None: can't be looked at
    of_others: dict[str, int]  # ``table.column`` → texts of others in which the name stands
    day: str  # on which they were erased; "" if they weren't

    @property
    def gone(self) -> bool:
        """Whether nothing of theirs is left."""
        return not any(self.rows.values()) and not self.bytes_left


def find(log: Log, participant: str, workshop: Workshop | None = None) -> list[Found]:
    """Everybody by this name: in one room if it is named, else in all, outside of them, and among what was imported.

    A name is looked for as others saw it (``Wren (2)``), as it was given and as the trainer changed it. Raises TrainkitError
    for the name of nobody in particular.
    """
    name = _asked(participant)
    if not log.exists:
        raise TrainkitError(N_("there is no log at {place}"), place=shown(str(log.file)))
    found = [one for room in ([workshop] if workshop else all_workshops(log)) for one in _in_room(log, room, name)]
    if workshop is None:
        there = {one.other_log for one in found}
        found += _alone(log, name) + [one for one in _imported(log, name) if one.other_log not in there]
    return [_counted(log, one) for one in found]


def names_there(log: Log, workshop: Workshop | None = None) -> list[str]:
    """Names that could be meant, for whoever mistyped one."""
    rooms = [workshop] if workshop else all_workshops(log)
    names = {name for room in rooms for _, name in _names_in(log, room, load_stage(log, room)[0])}
    if workshop is None:
        for column in (tables.attempts.c.participant, tables.imported_people.c.participant):
            with log.reading() as connection:
                names |= set(connection.scalars(sa.select(column).distinct()))
    return sorted(name for name in names if name and name != NOBODY)


def erase(log: Log, participant: str, found: Sequence[Found], everywhere: bool = True) -> None:
    """Erase these people; nothing of them stays but salted marks, by which an import leaves their old runs out.

    With ``everywhere`` runs that somebody of this name played alone elsewhere stay out as well. A person who was erased
    before is only swept up after once more. Raises what :func:`trainkit.log.taking_out.taking_out` does.
    """
    name = _asked(participant)
    attempts = [attempt for one in found for attempt in one.attempts]
    members = [member for one in found for member in one.members]
    others = [one.other_log for one in found if one.other_log]
    with log.taking_out() as connection:
        places = [place for one in found for place in one.places()]
        if everywhere:
            places.append(Place(name))
            _unname_coder(connection, name)
        Marks(connection).add(connection, places, attempts, members)
        for table, column, values in (
            (tables.codes, tables.codes.c.attempt, attempts),
            (tables.events, tables.events.c.attempt, attempts),
            (tables.imported, tables.imported.c.attempt, attempts),
            (tables.attempts, tables.attempts.c.attempt, attempts),
            (tables.imported_people, tables.imported_people.c.person, others),
            (tables.members, tables.members.c.member, members),
        ):
            for some in in_parts(values):
                connection.execute(sa.delete(table).where(column.in_(some)))
        _silence_controls(connection, {*members, *others})


def traces(log: Log, participant: str, workshop: Workshop | None = None) -> Traces:
    """What of somebody is still in the log: rows, bytes that no row owns, and their name in texts of others."""
    name = _asked(participant)
    found = find(log, participant, workshop)
    rows = {
        "members": sum(len(one.members) for one in found),
        "attempts": sum(len(one.attempts) for one in found),
        "events": sum(one.answers + one.texts for one in found),
        "codes": sum(one.codes for one in found) + (_coded(log, name) if workshop is None else 0),
        "imported_people": sum(one.other_log is not None for one in found),
    }
    with log.reading() as connection:
        marks = Marks(connection)
    day = marks.of_name(Place(name, workshop.workshop if workshop else None))
    left = None if any(rows.values()) else _bytes_left(log, name)
    return Traces(found, rows, left, _in_texts(log, name), day)


def _asked(participant: str) -> str:
    name = pseudonym(participant)
    if name == NOBODY:
        raise TrainkitError(N_("name whom to erase: of those who gave no name, nobody can be told apart"))
    return name


# ---- who it is ------------------------------------------------------------------------------------------------------


def _names_in(log: Log, workshop: Workshop, stage: Stage) -> list[tuple[str, str]]:
    """Member and name, for each name that somebody has or had in a room."""
    shown_names = [(one.member, one.name) for one in everybody(log, workshop)]
    return [*shown_names, *stage.renamed.items()]


def _in_room(log: Log, workshop: Workshop, name: str) -> list[Found]:
    stage = load_stage(log, workshop)[0]
    named = _names_in(log, workshop, stage)
    people = dict.fromkeys(stage.person(member) for member, called in named if typed(pseudonym(called)) == name)
    found = []
    for person in people:
        devices = tuple(dict.fromkeys(member for member, _ in named if stage.person(member) == person))
        called = tuple(dict.fromkeys(one for member, one in named if member in devices and one))
        joined = tuple(one for one in devices if one not in stage.by_file)
        if joined:
            found.append(Found(called, workshop, members=joined, attempts=_runs(log, joined)))
        came = [one for one in devices if one in stage.by_file]
        found += _of_another_log(log, tables.imported_people.c.person.in_(came), called) if came else []
    return found


def _alone(log: Log, name: str) -> list[Found]:
    a, i = tables.attempts, tables.imported
    query = (
        sa.select(a.c.attempt)
        .where(a.c.participant.in_(known_as(name)), a.c.member.is_(None))
        .where(~sa.exists().where(i.c.attempt == a.c.attempt))
    )
    with log.reading() as connection:
        attempts = tuple(connection.scalars(query))
    return [Found((name,), attempts=attempts)] if attempts else []


def _imported(log: Log, name: str) -> list[Found]:
    return _of_another_log(log, tables.imported_people.c.participant.in_(spellings(name)), (name,))


def _of_another_log(log: Log, which: sa.ColumnElement[bool], names: tuple[str, ...]) -> list[Found]:
    p, i = tables.imported_people, tables.imported
    with log.reading() as connection:
        people = connection.execute(sa.select(p.c.person, p.c.workshop).where(which)).all()
        return [
            Found(
                names, other_log=person, other_room=room,
                attempts=tuple(connection.scalars(sa.select(i.c.attempt).where(i.c.person == person))),
            )
            for person, room in people
        ]  # fmt: skip


def _runs(log: Log, members: Sequence[str]) -> tuple[str, ...]:
    a = tables.attempts
    with log.reading() as connection:
        return tuple(connection.scalars(sa.select(a.c.attempt).where(a.c.member.in_(members))))


def _counted(log: Log, one: Found) -> Found:
    """The same with what there is of them."""
    e, c, a = tables.events, tables.codes, tables.attempts
    own = e.c.text.is_not(None) & (e.c.text != "") & (e.c.kind != "revote")
    answers = texts = codes = 0
    since: list[str] = []
    with log.reading() as connection:
        for some in in_parts(one.attempts):
            every, with_text = connection.execute(
                sa.select(sa.func.count(), sa.func.count().filter(own)).where(e.c.attempt.in_(some))
            ).one()
            answers, texts = answers + every - with_text, texts + with_text
            codes += connection.scalar(sa.select(sa.func.count()).where(c.c.attempt.in_(some)))
            since += connection.scalars(sa.select(sa.func.min(a.c.started_at)).where(a.c.attempt.in_(some)))
    return replace(one, answers=answers, texts=texts, codes=codes, since=min(since, default=""))


def _coded(log: Log, name: str) -> int:
    with log.reading() as connection:
        query = sa.select(sa.func.count()).select_from(tables.codes).where(tables.codes.c.coder.in_(known_as(name)))
        return connection.scalar(query) or 0


# ---- what isn't deleted but said anew -------------------------------------------------------------------------------


def _unname_coder(connection: sa.Connection, name: str) -> None:
    """What they coded of others' texts stays, of a coder without a name."""
    c, nobody = tables.codes, f"erased {uuid.uuid4().hex[:12]}"
    mine = c.c.coder.in_(known_as(name))
    rows = connection.execute(sa.select(c).where(mine)).mappings().all()
    connection.execute(sa.delete(c).where(mine))
    if rows:
        connection.execute(sa.insert(c), [{**row, "coder": nobody} for row in rows])


def _silence_controls(connection: sa.Connection, members: set[str]) -> None:
    """What a trainer did to these people says nothing any more: a row of the same number stands in its place."""
    c = tables.controls
    rows = connection.execute(sa.select(c).where(c.c.kind.in_((*_OF_MEMBERS, "file")))).mappings().all()
    about = [row for row in rows if members & set(row["setting"].split(" "))]
    for row in about:
        this = (c.c.workshop == row["workshop"]) & (c.c.number == row["number"])
        connection.execute(sa.delete(c).where(this))
        left = {"kind": _ERASED, "setting": ""}
        if row["kind"] == "file":  # others came by the same one
            left = {"setting": " ".join(one for one in row["setting"].split(" ") if one not in members)}
        connection.execute(sa.insert(c).values(**{**row, **left}))


# ---- what shows that it has gone ------------------------------------------------------------------------------------


def _in_texts(log: Log, name: str) -> dict[str, int]:
    """Texts that aren't theirs and have the name in them: somebody may have been called by it, or a client of a case is."""
    found: dict[str, int] = {}
    e, a = tables.events, tables.attempts
    whose = {e.c.text: e, tables.questions.c.text: tables.questions, tables.controls.c.setting: tables.controls}
    whose |= {tables.workshops.c.consent: tables.workshops, tables.imports.c.source: tables.imports}
    with log.reading() as connection:
        for column, table in whose.items():
            like = sa.or_(*(column.contains(one, autoescape=True) for one in spellings(name)))
            query = sa.select(sa.func.count()).select_from(table).where(like)
            if table is e:
                query = query.select_from(e.join(a, a.c.attempt == e.c.attempt)).where(
                    a.c.participant.not_in(known_as(name))
                )
            found[f"{table.name}.{column.name}"] = connection.scalar(query) or 0
    return {place: count for place, count in found.items() if count}


def _bytes_left(log: Log, name: str) -> int | None:
    """How much oftener the name lies in the file and beside it than in a copy that has nothing but its rows."""
    if log.file is None:
        return None
    beside = [Path(f"{log.file}{end}") for end in ("", "-wal", "-journal")]
    there = _occurrences(beside, name)
    if not there:
        return 0
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "rows.sqlite3"
        with log.reading() as connection:
            connection.exec_driver_sql("VACUUM INTO ?", (str(copy),))
        return max(0, there - _occurrences([copy], name))


def _occurrences(files: Iterable[Path], name: str) -> int:
    said = [one.encode() for one in spellings(name)]
    return sum(_count_in(file, one) for file in files if file.exists() for one in said)


def _count_in(file: Path, what: bytes) -> int:
    """How often bytes stand in a file, however large."""
    count, tail = 0, b""
    with file.open("rb") as content:
        while block := content.read(_BLOCK):
            count += (tail + block).count(what)
            tail = (tail + block)[-len(what) + 1 :] if len(what) > 1 else b""
    return count


def unknown(log: Log, participant: str, workshop: Workshop | None = None) -> UnknownName:
    """What is said to who names nobody."""
    return UnknownName("participant", participant, names_there(log, workshop))
