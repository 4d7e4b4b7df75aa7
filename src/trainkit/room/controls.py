"""What has the trainer set? Each thing done is a row of ``controls``; the state of the room is what they come to."""

from dataclasses import replace

import sqlalchemy as sa

from trainkit.errors import OutOfDate, UnknownName
from trainkit.log.records import now
from trainkit.log.schema import controls
from trainkit.log.store import Log
from trainkit.room.records import SWITCHES, Ballot, Stage, Workshop
from trainkit.room.secrets import hashed, new_secret
from trainkit.room.workshops import lock_workshop

_ZERO, _ONE = sa.literal_column("0"), sa.literal_column("1")
_THIS, _KIND = sa.bindparam("workshop"), sa.bindparam("kind")
_COUNT = sa.select(sa.func.count()).select_from(controls).where(controls.c.workshop == _THIS)
_SAME = controls.alias()
_LATEST = sa.select(sa.func.max(_SAME.c.number)).where(_SAME.c.workshop == _THIS, _SAME.c.kind == _KIND)
_LAST = sa.select(
    sa.select(sa.func.coalesce(sa.func.max(controls.c.number) + _ONE, _ZERO))
    .where(controls.c.workshop == _THIS)
    .scalar_subquery(),
    sa.select(controls.c.setting)
    .where(controls.c.workshop == _THIS, controls.c.number == _LATEST.scalar_subquery())
    .scalar_subquery(),
)
_RECORD = sa.insert(controls)
KINDS = (*SWITCHES, "scene", "ballot", "opened", "pace", "story", "open", "name", "remove", "places")


def record_control(log: Log, workshop: Workshop, kind: str, value: str = "") -> None:
    """Log something the trainer did; what is so already is not logged again.

    Raises UnknownName if there is no such kind; OutOfDate if it opens a vote while another is open; NotSaved if it
    could not be committed.
    """
    if kind not in (*KINDS, "trainer"):
        raise UnknownName("control", kind, KINDS)
    row = {"workshop": workshop.workshop, "kind": kind}
    with log.writing() as connection:
        lock_workshop(log, connection, workshop)
        number, last = log.execute(connection, _LAST, row).fetchone()
        if value == last:
            return
        if kind == "ballot" and value and last:
            raise OutOfDate("another vote is open")
        log.execute(connection, _RECORD, row | {"setting": value, "number": number, "at": now()})


def trainer_link(log: Log, workshop: Workshop) -> str:
    """Make a secret for the trainer's link; links made earlier go on to work."""
    link = new_secret()
    record_control(log, workshop, "trainer", hashed(link))
    return link


def load_stage(log: Log, workshop: Workshop) -> tuple[Stage, frozenset[str], int]:
    """The stage, the hashes of trainer links, and the number of controls read."""
    query = sa.select(controls).where(controls.c.workshop == workshop.workshop).order_by(controls.c.number)
    with log.reading() as connection:
        rows = connection.execute(query).mappings().all()
    stage, links, ballots = Stage(), set(), 0
    for row in rows:
        kind, value = row["kind"], row["setting"]
        if kind == "trainer":
            links.add(value)
        elif kind == "ballot":
            ballots += bool(value)
            case_id, _, scene = value.partition("/")
            stage = replace(stage, ballot=Ballot(ballots, case_id, scene) if value else None)
        elif kind == "name":
            member, _, name = value.partition(" ")
            stage = replace(stage, renamed={**stage.renamed, member: name})
        elif kind == "remove":
            stage = replace(stage, removed=stage.removed | {value})
        elif kind in ("scene", "pace", "story"):
            stage = replace(stage, **{kind: value})
        elif kind in ("opened", "places"):
            stage = replace(stage, **{kind: int(value)})
        elif kind in (*SWITCHES, "open"):
            stage = replace(stage, **{kind: value == "1"})
    return stage, frozenset(links), len(rows)


def count_controls(log: Log, workshop: Workshop) -> int:
    """How many things the trainer has done."""
    return log.fetch_one(_COUNT, {"workshop": workshop.workshop})[0]
