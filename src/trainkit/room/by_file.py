"""Who is in a room, and which runs are its, with those that came by file: played elsewhere, and taken in by the trainer.

A run that was imported is nobody's who joined. The trainer takes the people of a file into a room (a control, ``file``); from
then on their runs of the room's cases, in the room's versions, count there as those of who joined, also runs that come
later. Whoever came by file takes no place and waits for nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import sqlalchemy as sa

from trainkit.errors import N_, TrainkitError
from trainkit.log.queries import in_parts
from trainkit.log.records import Record
from trainkit.log.schema import attempts, controls, events, imported, imported_people
from trainkit.log.store import Log
from trainkit.room.controls import load_stage, record_control
from trainkit.room.members import MAX_NAME, as_others_see_them, event_counts, members_of, runs_of
from trainkit.room.records import Member, Workshop, people_of_file

MOST = 5_000  # people by file in one room
_FILES = (
    sa.select(controls.c.setting)
    .where(controls.c.workshop == sa.bindparam("workshop"), controls.c.kind == sa.literal_column("'file'"))
    .order_by(controls.c.number)
)


class TakenIn(NamedTuple):
    """What became of imported runs in a room."""

    people: int  # who are in it by file now, of those whose runs these are
    runs: int  # that count in it
    other_cases: int  # runs of cases that it doesn't play
    other_versions: int  # runs of another version of its cases


def take_in(log: Log, workshop: Workshop, names: Sequence[str]) -> TakenIn:
    """Let these attempts count in a room, as far as they were imported; twice is as once.

    Raises
    ------
    TrainkitError
        If nobody may see there who said what: who has the file could take its answers off the room's figures. If there
        would be too many people; if it could not be written.
    """
    stage, _, _ = load_stage(log, workshop)
    if not stage.open:
        said = N_(
            "room {code} is anonymous: who has a file could take its answers off the figures, and see what the others said"
        )
        raise TrainkitError(said, code=workshop.code)
    versions = {part.case.id: part.case.hash for part in workshop.parts}
    a, i = attempts.c, imported.c
    people: dict[str, None] = {}
    runs = other_cases = other_versions = 0
    with log.reading() as connection:
        for some in in_parts(names):
            query = sa.select(i.person, a.case_id, a.case_hash).join(attempts, a.attempt == i.attempt)
            for person, case_id, version in connection.execute(query.where(i.attempt.in_(some)).order_by(a.number)):
                if case_id not in versions:
                    other_cases += 1
                elif version != versions[case_id]:
                    other_versions += 1
                else:
                    runs += 1
                    people[person] = None
    new = [person for person in people if person not in stage.by_file]
    if len(stage.by_file) + len(new) > MOST:
        raise TrainkitError(N_("a room takes {most} people by file, and these would be more"), most=MOST)
    if new:
        record_control(log, workshop, "file", " ".join(new))
    return TakenIn(len(people), runs, other_cases, other_versions)


def everybody(log: Log, workshop: Workshop) -> list[Member]:
    """Who joined, in that order, then who came by file, under the names by which others see them."""
    return as_others_see_them([*members_of(log, workshop), *_people(log, workshop)])


def every_run(log: Log, workshop: Workshop, only: Sequence[str] | None = None) -> list[Record]:
    """The runs of everybody, in the order of who joined or came, and of their runs; ``only`` of these attempts, if given.

    Of who came by file a run's member is the person, its number that among their runs of the room's cases.
    """
    here = _by_person(log, workshop)
    came = {attempt: (member, number) for member, mine in here.items() for number, attempt in enumerate(mine)}
    if not came:
        return runs_of(log, workshop, only)
    records = {}
    for some in in_parts([*came] if only is None else [one for one in only if one in came]):
        query = sa.select(attempts).where(attempts.c.attempt.in_(some))
        records |= {record.attempt: record for record in log.select_records(query)}
    joined = runs_of(log, workshop, None if only is None else [one for one in only if one not in came])
    return joined + [
        replace(records[one], member=member, run=number) for one, (member, number) in came.items() if one in records
    ]


def every_count(log: Log, workshop: Workshop) -> Iterator[tuple[str, int]]:
    """Each run of everybody and how many events it has, in their order."""
    came = [attempt for mine in _by_person(log, workshop).values() for attempt in mine]
    yield from event_counts(log, workshop)
    for some in in_parts(came):
        with log.reading() as connection:
            query = sa.select(events.c.attempt, sa.func.count()).where(events.c.attempt.in_(some))
            found = dict(connection.execute(query.group_by(events.c.attempt)).all())
        yield from ((attempt, found.get(attempt, 0)) for attempt in some)


def taken(log: Log, workshop: Workshop) -> tuple[str, ...]:
    """People of files that were taken in, in that order."""
    return people_of_file(" ".join(row[0] for row in log.fetch_all(_FILES, {"workshop": workshop.workshop})))


def _by_person(log: Log, workshop: Workshop) -> dict[str, list[str]]:
    """Person → their attempts that count here, in the order in which they came."""
    people, versions = taken(log, workshop), [part.case.hash for part in workshop.parts]
    found: dict[str, list[str]] = {person: [] for person in people}
    query = (
        sa.select(imported.c.person, attempts.c.attempt)
        .join(attempts, attempts.c.attempt == imported.c.attempt)
        .where(attempts.c.case_hash.in_(versions))
        .order_by(attempts.c.number, attempts.c.attempt)
    )
    if people:
        with log.reading() as connection:
            for some in in_parts(people):
                for person, attempt in connection.execute(query.where(imported.c.person.in_(some))):
                    found[person].append(attempt)
    return {person: mine for person, mine in found.items() if mine}


def _people(log: Log, workshop: Workshop) -> list[Member]:
    """Who came by file and has a run here: whoever was erased since has none."""
    here, p = _by_person(log, workshop), imported_people.c
    found: dict[str, Member] = {}
    if here:
        with log.reading() as connection:
            for some in in_parts([*here]):
                chosen = sa.select(p.person, p.participant, p.pair, p.lang, p.joined_at).where(p.person.in_(some))
                for person, name, pair, lang, at in connection.execute(chosen):
                    called = (name or person[:8])[:MAX_NAME].strip()
                    found[person] = Member(person, called, bool(pair), lang or workshop.lang, at, by_file=True)
    return [found[person] for person in here if person in found]
