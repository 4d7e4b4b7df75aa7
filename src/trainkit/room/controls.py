"""What has the trainer set? Each thing done is a row of ``controls``; the state of the room is what they come to."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from trainkit.errors import NotSaved, OutOfDate, UnknownName
from trainkit.log.records import now
from trainkit.log.schema import controls, insert_sql, workshops
from trainkit.log.store import Log, database_reason
from trainkit.room.records import SWITCHES, Ballot, Stage, Workshop
from trainkit.room.secrets import hashed, new_secret


def record_control(store: Log, workshop: Workshop, kind: str, value: str = "") -> None:
    """Log something the trainer did; what is so already is not logged again.

    Raises
    ------
    UnknownName
        If there is no such kind.
    OutOfDate
        If it opens a vote while another is open.
    NotSaved
        If it could not be committed.
    """
    if kind not in (*SWITCHES, "scene", "ballot", "trainer"):
        raise UnknownName("control", kind, (*SWITCHES, "scene", "ballot"))
    row = {"workshop": workshop.workshop, "kind": kind, "setting": value}
    try:
        with store.writing() as connection:
            lock_workshop(store, connection, workshop)
            number, last = store.execute_raw(connection, _LAST, row).fetchone()
            if value == last:
                return
            if kind == "ballot" and value and last:
                raise OutOfDate("another vote is open")
            store.execute_raw(connection, _SAY, row | {"number": number, "at": now()})
    except sa.exc.IntegrityError as error:
        raise NotSaved(database_reason(error)) from error


_SAY = insert_sql(controls)


_LAST = (
    "SELECT (SELECT coalesce(max(number), -1) + 1 FROM controls WHERE workshop = :workshop), (SELECT setting "
    "FROM controls WHERE workshop = :workshop AND kind = :kind ORDER BY number DESC LIMIT 1)"
)


def lock_workshop(store: Log, connection: sa.Connection, workshop: Workshop) -> None:
    """Let others who write to this workshop wait until this transaction is over; what they wrote before is seen."""
    if store.is_sqlite:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        this = sa.select(workshops.c.code).where(workshops.c.workshop == workshop.workshop)
        connection.execute(this.with_for_update(key_share=True))


def trainer_link(store: Log, workshop: Workshop) -> str:
    """Make a secret for the trainer's link; links made earlier go on to work."""
    made = new_secret()
    record_control(store, workshop, "trainer", hashed(made))
    return made


def load_stage(store: Log, workshop: Workshop) -> tuple[Stage, frozenset[str], int]:
    """The stage, the hashes of trainer links, and the number of controls read."""
    query = sa.select(controls).where(controls.c.workshop == workshop.workshop).order_by(controls.c.number)
    with store.reading() as connection:
        rows = connection.execute(query).mappings().all()
    stage, links, ballots = Stage(), set(), 0
    for row in rows:
        kind, value = row["kind"], row["setting"]
        if kind in SWITCHES:
            stage = replace(stage, **{kind: value == "1"})
        elif kind == "scene":
            stage = replace(stage, scene=value)
        elif kind == "trainer":
            links.add(value)
        elif kind == "ballot" and value:
            ballots += 1
            case_id, _, scene = value.partition("/")
            stage = replace(stage, ballot=Ballot(ballots, case_id, scene))
        elif kind == "ballot":
            stage = replace(stage, ballot=None)
    return stage, frozenset(links), len(rows)


def count_controls(store: Log, workshop: Workshop) -> int:
    """How many things the trainer has done."""
    return store.fetch_one("SELECT count(*) FROM controls WHERE workshop = :w", {"w": workshop.workshop})[0]
