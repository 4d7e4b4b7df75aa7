"""What is the log made of? Its tables, what the database itself refuses, and how an older log becomes a newer one.

The same on SQLite and PostgreSQL. ``data/codebook.csv`` describes every column.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from trainkit.errors import TrainkitError

MAX_PARTICIPANT = 80
HEAD = "0002"  # the newest file in migrations/versions

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


def has_log(engine: sa.Engine) -> bool:
    """Whether there is a log, of whatever version."""
    return sa.inspect(engine).has_table("attempts")


def prepare(engine: sa.Engine) -> None:
    """Make what is missing, and bring an older log up to date; several programs may do so at the same time.

    Raises
    ------
    TrainkitError
        If a newer version of this program made the log; nothing was changed.
    """
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            found = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
            if "alembic_version" in found and _version(connection) == HEAD:
                return
            if "attempts" in found:
                import alembic.command  # noqa: F401  it takes a while, in which nobody need wait for the lock
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # one program at a time, and all of it or nothing
        else:
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")  # a long log takes its time
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7482331)")
        names = set(sa.inspect(connection).get_table_names())
        version = _version(connection) if "alembic_version" in names else "0001" if "attempts" in names else None
        if version == HEAD:
            return
        if version is not None and version > HEAD:
            raise TrainkitError(
                f"the log was made by a newer trainkit (log {version}, known here {HEAD}): update trainkit"
            )
        if version is None:
            metadata.create_all(connection)
            connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
            connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{HEAD}')")
        else:
            _upgrade(connection, "alembic_version" not in names)
        for statement in _APPEND_ONLY[engine.dialect.name]():
            connection.exec_driver_sql(statement)


def _version(connection: sa.Connection) -> str | None:
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


def _upgrade(connection: sa.Connection, unmarked: bool) -> None:
    from alembic import command  # costs a fifth of a second, which only an older log has to pay
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    if unmarked:  # a log from before versions were written down
        command.stamp(config, "0001")
    command.upgrade(config, "head")


# ---- what the database itself refuses ---------------------------------------------------------------------------


def _sqlite_rules() -> list[str]:
    """Triggers that refuse changing a row or putting another in its place, and a gap between events.

    Deleting is left open: a participant may be erased.
    """
    found = []
    for table in metadata.sorted_tables:
        same = " AND ".join(f"{key.name} = NEW.{key.name}" for key in table.primary_key)
        refuse = "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
        found.append(f"CREATE TRIGGER IF NOT EXISTS {table}_no_update BEFORE UPDATE ON {table} {refuse}")
        found.append(
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {refuse}"
        )
    found.append(
        "CREATE TRIGGER IF NOT EXISTS events_no_gap BEFORE INSERT ON events "
        "WHEN NEW.step > 0 AND NOT EXISTS (SELECT 1 FROM events WHERE attempt = NEW.attempt AND step = NEW.step - 1) "
        "BEGIN SELECT RAISE(ABORT, 'a step is missing before this one'); END"
    )
    return found


def _postgresql_rules() -> list[str]:
    """The same for PostgreSQL, where replacing a row is an update."""
    found = [
        "CREATE OR REPLACE FUNCTION trainkit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'the log is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        "CREATE OR REPLACE FUNCTION trainkit_no_gap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF NEW.step > 0 AND NOT EXISTS (SELECT 1 FROM events WHERE attempt = NEW.attempt AND step = NEW.step - 1) "
        "THEN RAISE EXCEPTION 'a step is missing before this one' USING ERRCODE = 'integrity_constraint_violation'; "
        "END IF; RETURN NEW; END $$",
    ]
    for table in metadata.sorted_tables:
        found.append(f"DROP TRIGGER IF EXISTS {table}_no_update ON {table}")
        found.append(
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION trainkit_append_only()"
        )
    found.append("DROP TRIGGER IF EXISTS events_no_gap ON events")
    found.append("CREATE TRIGGER events_no_gap BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION trainkit_no_gap()")
    return found


_APPEND_ONLY = {"sqlite": _sqlite_rules, "postgresql": _postgresql_rules}
KINDS_OF_DATABASE = tuple(_APPEND_ONLY)


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
