"""How does an older log become a newer one, and nothing a new one?"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from trainkit.errors import TrainkitError
from trainkit.log.schema import metadata
from trainkit.log.triggers import APPEND_ONLY

HEAD = "0002"  # the newest file in migrations/versions


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
