"""Who may add runs from elsewhere? Whoever has a secret that opens nothing else."""

import sqlalchemy as sa

from trainkit.log.schema import controls
from trainkit.log.store import Log
from trainkit.room.controls import record_control
from trainkit.room.records import Workshop
from trainkit.room.secrets import hashed, new_secret


def open_inbox(log: Log, workshop: Workshop) -> str:
    """Make a secret by which runs can be added while this workshop's server runs; earlier ones go on to work."""
    secret = new_secret()
    record_control(log, workshop, "inbox", hashed(secret))
    return secret


def may_add(log: Log, workshop: Workshop, some_secret: str) -> bool:
    """Whether this is such a secret."""
    c = controls.c
    known = sa.select(c.number).where(
        c.workshop == workshop.workshop, c.kind == "inbox", c.setting == hashed(some_secret)
    )
    with log.reading() as connection:
        return connection.execute(known).first() is not None
