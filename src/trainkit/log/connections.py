"""How is a connection set up, what is called what is behind it, and what did it say?"""

import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

from trainkit.errors import shown

ESCAPE = "a URL is postgresql+psycopg://user:password@host/name, with %40 for @, %3A for : and %2F for / in a password"


def weakly(method: Callable[..., Any]) -> Callable[..., Any]:
    """The same method for who must not keep its owner from being let go; once that is gone, it does nothing."""
    kept = weakref.WeakMethod(method)

    def call(*arguments: Any) -> Any:
        known = kept()
        return known(*arguments) if known is not None else None

    return call


def close(connection: sa.Connection) -> None:
    """Close a connection whatever state it is in."""
    with suppress(sa.exc.SQLAlchemyError):
        connection.invalidate()
        connection.close()


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


def configure_carried(connection: Any, _record: Any) -> None:
    """Set up a connection to a working copy: after a commit all of it stands in the one file."""
    for pragma in ("foreign_keys=ON", "page_size=1024", "journal_mode=DELETE"):
        connection.execute(f"PRAGMA {pragma}")


def is_dropped(url: sa.URL, error: BaseException) -> bool:
    """Whether a server of PostgreSQL that refuses a connection has no such database any more.

    The refusal has no code, and speaks the server's language: so another of its databases is asked.
    """
    if not url.database or f'"{url.database}"' not in str(error):
        return False
    engine = sa.create_engine(url.set(database="postgres"), poolclass=sa.NullPool)
    with suppress(sa.exc.SQLAlchemyError), engine.connect() as connection:
        query = sa.text("SELECT count(*) FROM pg_database WHERE datname = :name")
        return connection.scalar(query, {"name": url.database}) == 0
    return False


def without_password(url: sa.URL) -> str:
    """The same database as PostgreSQL's own programs name it."""
    return url._replace(drivername="postgresql", password=None).render_as_string()


def place_of(text: str) -> str:
    """Where the log is, without what may be a password."""
    kind, separator, _ = text.partition("://")
    return shown(text if not separator or text.startswith(("sqlite:///", "sqlite+pysqlite:///")) else f"{kind}://…")


def reason(error: BaseException) -> str:
    """What the database said, in its first line: the next ones may tell values."""
    cause = getattr(error, "orig", None) or error
    return str(cause).splitlines()[0] if str(cause) else type(cause).__name__
