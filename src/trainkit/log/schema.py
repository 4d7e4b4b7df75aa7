"""What is the log made of? Its tables, what the database itself refuses, and how an older log becomes a newer one.

The same on SQLite and PostgreSQL. ``data/codebook.csv`` describes every column.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import sqlalchemy as sa

from trainkit.log.records import MAX_PARTICIPANT

metadata = sa.MetaData()
cases = sa.Table(
    "cases",
    metadata,
    sa.Column("case_hash", sa.String(64), primary_key=True),
    sa.Column("case_id", sa.String(60), nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("added_at", sa.String(32), nullable=False),
)
translations = sa.Table(
    "translations",
    metadata,
    sa.Column("translations_hash", sa.String(64), primary_key=True),
    sa.Column("texts", sa.Text, nullable=False),
    sa.Column("added_at", sa.String(32), nullable=False),
)
workshops = sa.Table(
    "workshops",
    metadata,
    sa.Column("workshop", sa.String(32), primary_key=True),
    sa.Column("code", sa.String(6), nullable=False, unique=True),
    sa.Column("cases", sa.Text, nullable=False),
    sa.Column("lang", sa.String(8), nullable=False),
    sa.Column("feedback", sa.String(8), nullable=False),
    sa.Column("back_allowed", sa.Boolean, nullable=False),
    sa.Column("own_words", sa.Boolean, nullable=False),
    sa.Column("ask_why", sa.Boolean, nullable=False),
    sa.Column("consent", sa.Text),
    sa.Column("places", sa.Integer, nullable=False),
    sa.Column("started_at", sa.String(32), nullable=False),
)
controls = sa.Table(
    "controls",
    metadata,
    sa.Column("workshop", sa.String(32), sa.ForeignKey("workshops.workshop"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("setting", sa.String(200), nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
)
members = sa.Table(
    "members",
    metadata,
    sa.Column("member", sa.String(32), primary_key=True),
    sa.Column("workshop", sa.String(32), sa.ForeignKey("workshops.workshop"), nullable=False),
    sa.Column("name", sa.String(MAX_PARTICIPANT), nullable=False),
    sa.Column("pair", sa.Boolean, nullable=False),
    sa.Column("lang", sa.String(8), nullable=False),
    sa.Column("secret_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("link_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("joined_at", sa.String(32), nullable=False),
    sa.Index("members_by_workshop", "workshop"),
)
attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("attempt", sa.String(32), primary_key=True),
    sa.Column("participant", sa.String(MAX_PARTICIPANT), nullable=False),
    sa.Column("case_id", sa.String(60), nullable=False),
    sa.Column("case_hash", sa.String(64), sa.ForeignKey("cases.case_hash"), nullable=False),
    sa.Column("translations_hash", sa.String(64), sa.ForeignKey("translations.translations_hash"), nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("fixed", sa.Text, nullable=False),
    sa.Column("feedback", sa.String(8), nullable=False),
    sa.Column("back_allowed", sa.Boolean, nullable=False),
    sa.Column("own_words", sa.Boolean, nullable=False),
    sa.Column("ask_why", sa.Boolean, nullable=False),
    sa.Column("origin", sa.String(16), nullable=False),
    sa.Column("started_at", sa.String(32), nullable=False),
    sa.Column("member", sa.String(32), sa.ForeignKey("members.member")),
    sa.Column("run", sa.Integer),
    sa.Index("attempts_by_participant", "participant", "case_id", "started_at"),
    sa.Index("attempts_by_member", "member", "run", unique=True),
)
events = sa.Table(
    "events",
    metadata,
    sa.Column("attempt", sa.String(32), sa.ForeignKey("attempts.attempt"), primary_key=True),
    sa.Column("step", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("scene", sa.String(60), nullable=False),
    sa.Column("option", sa.String(60)),
    sa.Column("text", sa.Text),
    sa.Column("ending", sa.String(60)),
    sa.Column("lang", sa.String(8), nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
)


# ---- what the database itself refuses ---------------------------------------------------------------------------


def insert_sql(table: sa.Table) -> str:
    """A new row of a table, in SQL with ``:names``."""
    names = [column.name for column in table.columns]
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)})"


def configure_sqlite(connection: Any, _record: Any) -> None:
    """Set up a new SQLite connection: write-ahead log, and an fsync for every commit."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.execute("PRAGMA cache_size=-512")  # kB: the system keeps the file in memory anyway, once for all connections
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        with suppress(Exception):  # on a read-only disk the first writing says what is wrong
            cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def configure_postgres(connection: Any, _record: Any) -> None:
    """Set up a new connection to PostgreSQL: nobody waits for what another holds longer than on SQLite.

    One that hangs (suspended, or cut off in the middle) would else hold up all the answers of a room.
    """
    connection.execute("SET lock_timeout = '5s'")
    connection.commit()


LOCKED = "55P03"  # what PostgreSQL says then
