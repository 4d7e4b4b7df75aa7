"""How is something taken out of the log so that no byte of it stays? Alone with it, and what is left is written anew.

SQLite leaves what was deleted in unused parts of its pages and in the write-ahead log, PostgreSQL in its tables and in its
statistics. What the disk itself, a snapshot or PostgreSQL's own write-ahead log still hold is out of reach from here.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import sqlalchemy as sa

from trainkit.errors import N_, Held, TrainkitError
from trainkit.log.schema import metadata
from trainkit.log.upgrade import APPEND_ONLY, deleting_rules_off

PROGRAM = "trainkit"  # what this kit's connections are called in PostgreSQL
_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity "
    f"WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = '{PROGRAM}'"
)
_LOOKS = 10
_OPEN = N_(
    "another program has this log open (a class server, a notebook, another command): "
    "stop it, and erase then. Nothing was changed"
)
_RIGHTS = N_("this account of the database may not delete: erase as the owner of its tables. Nothing was changed")
_NOTHING = N_("nothing could be erased: {why}")
_HALF = N_(
    "the rows are erased, but what is left could not be written anew, so their bytes may still be there ({why}): "
    "erase once more"
)
_IN_USE, _NO_RIGHTS = ("55P03", "40P01"), ("42501",)


@contextmanager
def taking_out(url: sa.URL) -> Iterator[sa.Connection]:
    """A transaction that may delete, while nobody else has the log open; afterwards what is left is written anew.

    The rules that refuse deleting are off within this transaction alone. Raises Held if another program has the log open,
    TrainkitError if this account has no right to; then nothing was changed.
    """
    engine, committed = sa.create_engine(url, poolclass=sa.NullPool), False
    try:
        with engine.connect() as connection:
            alone, put_together = _SQLITE if engine.dialect.name == "sqlite" else _POSTGRESQL
            connection.execution_options(isolation_level="AUTOCOMMIT")
            try:
                alone(connection)
                for statement in deleting_rules_off(engine.dialect.name):
                    connection.exec_driver_sql(statement)
                yield connection
                for statement in APPEND_ONLY[engine.dialect.name]():
                    connection.exec_driver_sql(statement)
                connection.exec_driver_sql("COMMIT")
                committed = True
            except BaseException:
                with suppress(sa.exc.SQLAlchemyError):
                    connection.exec_driver_sql("ROLLBACK")
                raise
            put_together(connection)
    except sa.exc.SQLAlchemyError as error:
        state = getattr(getattr(error, "orig", None), "sqlstate", None)
        if state in _IN_USE or "locked" in str(error):
            raise Held(_OPEN) from error
        if state in _NO_RIGHTS:
            raise TrainkitError(_RIGHTS) from error
        said = str(getattr(error, "orig", error)).splitlines()[0]
        raise TrainkitError(_HALF if committed else _NOTHING, why=said) from error
    finally:
        engine.dispose()


def _alone_sqlite(connection: sa.Connection) -> None:
    """Begin a transaction with the file to oneself, and without a write-ahead log."""
    for pragma in ("foreign_keys=ON", "secure_delete=ON", "busy_timeout=1000", "locking_mode=EXCLUSIVE"):
        connection.exec_driver_sql(f"PRAGMA {pragma}")
    # a log that others have open can't leave the write-ahead log: SQLite says so, or says nothing and stays
    if connection.exec_driver_sql("PRAGMA journal_mode=DELETE").scalar() not in ("delete", "memory"):
        raise Held(_OPEN)
    connection.exec_driver_sql("BEGIN EXCLUSIVE")


def _together_sqlite(connection: sa.Connection) -> None:
    connection.exec_driver_sql("VACUUM")


def _alone_postgresql(connection: sa.Connection) -> None:
    connection.exec_driver_sql("SET lock_timeout = '5s'")
    connection.exec_driver_sql("BEGIN")
    tables = ", ".join(table.name for table in metadata.sorted_tables)
    connection.exec_driver_sql(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE")
    for _ in range(_LOOKS):  # one that has just ended is there for a moment yet
        if not connection.exec_driver_sql(_OTHERS).scalar():
            return
        time.sleep(0.2)
        connection.exec_driver_sql("SELECT pg_stat_clear_snapshot()")
    raise Held(_OPEN)


def _together_postgresql(connection: sa.Connection) -> None:
    """Write the tables anew, and their statistics: these hold frequent values, and the bounds of others, as they are."""
    for table in metadata.sorted_tables:
        connection.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {table.name}")
    connection.exec_driver_sql("VACUUM (FULL) pg_catalog.pg_statistic")  # where this account may; else a warning


_SQLITE = _alone_sqlite, _together_sqlite
_POSTGRESQL = _alone_postgresql, _together_postgresql
