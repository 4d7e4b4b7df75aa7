"""How is a log read that somebody else made? Its tables are looked at first; then under limits that no honest log meets.

SQLite runs what stands in a file's schema: a view by the name of a table of ours is a program, and so are generated columns
and triggers. Sizes: the longest value a log of ours may have is a case version's source; what reading costs grows with the
file, whatever is in it.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from trainkit.errors import N_, TrainkitError, shown
from trainkit.log.schema import metadata

LONGEST = 20_000_000  # bytes of one value
YEARS = range(1970, 3000)  # a laptop's clock may be wrong, but not by so much that a time can't be written
STEPS, STEPS_A_BYTE = 100_000_000, 200  # of SQLite's machine; an import of an honest log takes a tenth at most
_LOOK = 100_000  # steps between two looks
_KEYS = {table.name: {key.name for key in table.primary_key} for table in metadata.sorted_tables}
_OURS = {*_KEYS, "alembic_version"}


def look_over(file: Path, called: str) -> Callable[[sqlite3.Connection], None]:
    """Look a log from elsewhere over, a copy that may be changed; gives what sets limits to each connection that reads it.

    Raises
    ------
    TrainkitError
        If a table is none, a value is too long, the file is broken, or reading it takes longer than it could.
    """
    limit = _limits(file)
    try:
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            limit(connection)
            _refuse_programs(connection, called)
            if (found := connection.execute("PRAGMA quick_check(1)").fetchone()) != ("ok",):
                raise TrainkitError(N_("{file} can't be read: {why}"), file=shown(called), why=found[0])
            _refuse_long(connection)
    except sqlite3.Error as error:
        raise _as_told(error, called) from error
    return limit


def _limits(file: Path) -> Callable[[sqlite3.Connection], None]:
    left = STEPS + STEPS_A_BYTE * file.stat().st_size

    def taken() -> bool:
        nonlocal left
        left -= _LOOK
        return left < 0

    def limit(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
        connection.set_progress_handler(taken, _LOOK)

    return limit


def _refuse_programs(connection: sqlite3.Connection, called: str) -> None:
    schema = connection.execute("SELECT name, type, rootpage FROM sqlite_master").fetchall()
    for name, kind, _ in schema:
        if kind == "trigger":
            connection.execute(f"DROP TRIGGER {_quoted(name)}")
    for name, kind, page in schema:
        if kind not in ("table", "view") or name.casefold() not in _OURS:
            continue
        columns = connection.execute(f"PRAGMA table_xinfo({_quoted(name)})").fetchall() if page else []
        if kind != "table" or not page or any(hidden for *_, hidden in columns):
            said = N_('{file} is no log of this kit: its "{table}" is no plain table but worked out, and is never run')
            raise TrainkitError(said, file=shown(called), table=name)
        if (keys := _KEYS.get(name.casefold())) and {row[1] for row in columns if row[5]} != keys:
            said = N_('{file} is no log of this kit: rows of its "{table}" may be there several times')
            raise TrainkitError(said, file=shown(called), table=name)


def _refuse_long(connection: sqlite3.Connection) -> None:
    """Have SQLite come upon each value of each table: one that is too long is an error."""
    for table in metadata.sorted_tables:
        columns = [name for _, name, *_ in connection.execute(f"PRAGMA table_xinfo({_quoted(table.name)})")]
        if columns:
            lengths = ", ".join(f"max(length({_quoted(name)}))" for name in columns)
            connection.execute(f"SELECT {lengths} FROM {_quoted(table.name)}").fetchone()


def _quoted(name: str) -> str:
    return '"' + str(name).replace('"', '""') + '"'


def _as_told(error: sqlite3.Error, called: str) -> TrainkitError:
    if "too big" in str(error):
        said = N_("{file} is no log of this kit: it has a value of more than {most} bytes")
        return TrainkitError(said, file=shown(called), most=f"{LONGEST:,}")
    if "interrupted" in str(error):
        return TrainkitError(
            N_("{file} takes longer to read than a log of its size can: it was changed"), file=shown(called)
        )
    return TrainkitError(N_("{file} can't be read: {why}"), file=shown(called), why=error)
