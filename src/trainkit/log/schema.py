"""What is the log made of? Tables, the same on SQLite and PostgreSQL; ``data/codebook.csv`` describes every column."""

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
    sa.Column("number", sa.BigInteger, nullable=False, server_default="0"),
    sa.Index("workshops_by_number", "number"),
)
controls = sa.Table(
    "controls",
    metadata,
    sa.Column("workshop", sa.String(32), sa.ForeignKey("workshops.workshop"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("setting", sa.Text, nullable=False),
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
    sa.Column("number", sa.BigInteger, nullable=False, server_default="0"),
    sa.Index("members_by_workshop", "workshop"),
    sa.Index("members_by_number", "number"),
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
    sa.Column("number", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("drawn", sa.String(8), nullable=False, server_default="own"),
    sa.Column("draw_version", sa.Integer, nullable=False, server_default="1"),
    sa.Index("attempts_by_participant", "participant", "case_id", "started_at"),
    sa.Index("attempts_by_member", "member", "run", unique=True),
    sa.Index("attempts_by_number", "number"),
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
questions = sa.Table(  # of nobody: neither who asked nor when to the second
    "questions",
    metadata,
    sa.Column("question", sa.String(32), primary_key=True),
    sa.Column("workshop", sa.String(32), sa.ForeignKey("workshops.workshop"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("lang", sa.String(8), nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Index("questions_by_workshop", "workshop", "number", unique=True),
)
upvotes = sa.Table(
    "upvotes",
    metadata,
    sa.Column("question", sa.String(32), sa.ForeignKey("questions.question"), primary_key=True),
    sa.Column("voter", sa.String(64), primary_key=True),
    sa.Index("upvotes_by_voter", "voter"),
)
imports = sa.Table(  # from other logs
    "imports",
    metadata,
    sa.Column("import_id", sa.String(32), primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
)
imported_people = sa.Table(
    "imported_people",
    metadata,
    sa.Column("person", sa.String(32), primary_key=True),
    sa.Column("participant", sa.String(MAX_PARTICIPANT)),
    sa.Column("workshop", sa.String(32)),
    sa.Column("team", sa.Text),
    sa.Column("pair", sa.Boolean, nullable=False),
    sa.Column("lang", sa.String(8)),
    sa.Column("joined_at", sa.String(32), nullable=False),
    sa.Column("removed", sa.Boolean, nullable=False),
    sa.Column("anonymous", sa.Boolean, nullable=False),
)
imported = sa.Table(
    "imported",
    metadata,
    sa.Column("attempt", sa.String(32), sa.ForeignKey("attempts.attempt"), primary_key=True),
    sa.Column("import_id", sa.String(32), sa.ForeignKey("imports.import_id"), nullable=False),
    sa.Column("person", sa.String(32), sa.ForeignKey("imported_people.person"), nullable=False),
    sa.Index("imported_by_person", "person"),
)
codes = sa.Table(  # of what was typed in own words; the newest of a coder counts
    "codes",
    metadata,
    sa.Column("attempt", sa.String(32), primary_key=True),
    sa.Column("step", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("scheme", sa.String(40), primary_key=True),
    sa.Column("coder", sa.String(MAX_PARTICIPANT), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("code", sa.String(40)),
    sa.Column("at", sa.String(32), nullable=False),
    sa.ForeignKeyConstraint(["attempt", "step"], ["events.attempt", "events.step"]),
)

erased = sa.Table(  # marks of who and what isn't here any more: trainkit.log.erased
    "erased",
    metadata,
    sa.Column("mark", sa.String(64), primary_key=True),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("day", sa.String(10), nullable=False),
)


def numbered(table: sa.Table) -> sa.Insert:
    """Insert rows that are numbered in the order in which they come: a clock may be set back, or be wrong.

    Two programs that insert at the same instant may give one number twice; then there is no order to keep.
    """
    values: dict[str, Any] = {column.name: sa.bindparam(column.name) for column in table.c if column.name != "number"}
    highest = sa.select(
        sa.func.coalesce(sa.func.max(table.alias().c.number), sa.literal_column("0")) + sa.literal_column("1")
    )
    return sa.insert(table).values(**values, number=highest.scalar_subquery())
