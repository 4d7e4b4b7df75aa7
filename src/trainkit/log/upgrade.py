"""How is a log made or brought up to date, and what does the database itself refuse? Changed and deleted rows, and gaps."""

from pathlib import Path

import sqlalchemy as sa

from trainkit.errors import TrainkitError
from trainkit.log.schema import metadata

HEAD = "0008"  # the newest file in migrations/versions


def prepare(engine: sa.Engine) -> None:
    """Make what is missing, and bring an older log up to date; several programs may do so at the same time.

    Raises TrainkitError if a newer version of this program made the log; nothing was changed.
    """
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
            if "alembic_version" in tables and _version(connection) == HEAD:
                return
            if "attempts" in tables:
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
        for statement in APPEND_ONLY[engine.dialect.name]():
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


# ---- what the database refuses ------------------------------------------------------------------------------------


_APPEND_ONLY, _NO_GAP = "the log is append-only", "a step is missing before this one"
_GAP = "NEW.step > 0 AND NOT EXISTS (SELECT 1 FROM events WHERE attempt = NEW.attempt AND step = NEW.step - 1)"


def _sqlite_rules() -> list[str]:
    """Triggers that refuse changing a row, putting another in its place, deleting it, and a gap between events.

    Erasing a person is the one exception: see :mod:`trainkit.log.taking_out`.
    """
    refuse, triggers = f"BEGIN SELECT RAISE(ABORT, '{_APPEND_ONLY}'); END", {}
    for table in metadata.sorted_tables:
        same = " AND ".join(f"{key.name} = NEW.{key.name}" for key in table.primary_key)
        there = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"
        triggers[f"{table}_no_update"] = f"UPDATE ON {table} {refuse}"
        triggers[f"{table}_no_delete"] = f"DELETE ON {table} {refuse}"
        triggers[f"{table}_no_replace"] = f"INSERT ON {table} WHEN {there} {refuse}"
    triggers["events_no_gap"] = f"INSERT ON events WHEN {_GAP} BEGIN SELECT RAISE(ABORT, '{_NO_GAP}'); END"
    return [f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {what}" for name, what in triggers.items()]


def _postgresql_rules() -> list[str]:
    """The same for PostgreSQL, where replacing a row is an update."""
    function = "CREATE OR REPLACE FUNCTION trainkit_{}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {} END $$"
    refuse = "RAISE EXCEPTION '{}' USING ERRCODE = 'integrity_constraint_violation';"
    gap = f"IF {_GAP} THEN {refuse.format(_NO_GAP)} END IF; RETURN NEW;"
    statements = [function.format("append_only", refuse.format(_APPEND_ONLY)), function.format("no_gap", gap)]
    rules = [
        (table, f"no_{what.lower()}", what, "append_only")
        for table in metadata.sorted_tables
        for what in ("UPDATE", "DELETE")
    ]
    for table, rule, when, called in [*rules, ("events", "no_gap", "INSERT", "no_gap")]:
        what = f"BEFORE {when} ON {table} FOR EACH ROW EXECUTE FUNCTION trainkit_{called}()"
        statements += [f"DROP TRIGGER IF EXISTS {table}_{rule} ON {table}", f"CREATE TRIGGER {table}_{rule} {what}"]
    return statements


def deleting_rules_off(dialect: str) -> list[str]:
    """Statements that let rows be deleted, until the rules are made anew."""
    on = "" if dialect == "sqlite" else " ON {}"
    return [f"DROP TRIGGER IF EXISTS {table}_no_delete{on.format(table)}" for table in metadata.sorted_tables]


APPEND_ONLY = {"sqlite": _sqlite_rules, "postgresql": _postgresql_rules}
