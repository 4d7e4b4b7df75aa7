"""How is a log read where nothing may be written beside it? As it lies while nobody writes it, else by a copy elsewhere."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from trainkit.errors import TrainkitError, shown


class ReadOnly:
    """A file that SQLite can't open as usual, since the write-ahead log wants files beside it."""

    def __init__(self, file: Path):
        self.file = file
        self._opened_as: tuple | None = None  # what the file was when it was opened as it lies
        self._copy: tempfile.TemporaryDirectory | None = None

    @property
    def copied(self) -> bool:
        """Whether a copy is read."""
        return self._copy is not None

    def connect(self, **how: Any) -> sqlite3.Connection:
        """A connection that reads. ``immutable`` looks at no locks, so it is for a file that nobody writes.

        Whoever writes has a write-ahead log beside it. If one was left there and can't be used, both are copied.
        """
        if self._copy is None and _written_beside(self.file):
            self.copy()
        if self._copy is not None:
            return sqlite3.connect(str(Path(self._copy.name) / self.file.name), **how)
        self._opened_as = _state(self.file)
        return sqlite3.connect(f"{self.file.resolve().as_uri()}?immutable=1", uri=True, **how)

    @property
    def outdated(self) -> bool:
        """Whether the file was written since it was opened as it lies: what a connection has read of it may not fit."""
        return self._opened_as is not None and self._opened_as != _state(self.file)

    def copy(self) -> None:
        """Read a copy from now on: it can be brought up to date where it is of an older version."""
        self._copy = tempfile.TemporaryDirectory(prefix="trainkit-log-")
        try:
            for name in (self.file.name, f"{self.file.name}-wal"):
                with suppress(FileNotFoundError):
                    shutil.copyfile(self.file.with_name(name), Path(self._copy.name) / name)
        except OSError as error:
            self.close()
            where = shown(str(self.file.parent))
            raise TrainkitError(
                f"the log can't be read: {where} may not be written to, and a copy failed ({error.strerror or error})"
            ) from error

    def close(self) -> None:
        """Remove the copy."""
        if self._copy is not None:
            self._copy.cleanup()
            self._copy = None


@contextmanager
def opened_to_read(file: Path, timeout: float = 5) -> Iterator[sqlite3.Connection]:
    """A connection to a log for reading, wherever it lies."""
    connection = sqlite3.connect(file, timeout=timeout)
    elsewhere = None
    try:
        try:
            connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
        except sqlite3.OperationalError as error:
            if not cannot_be_opened(error):
                raise
            connection.close()
            elsewhere = ReadOnly(file)
            connection = elsewhere.connect(timeout=timeout)
        yield connection
    finally:
        connection.close()
        if elsewhere is not None:
            elsewhere.close()


def cannot_be_opened(error: Exception) -> bool:
    """Whether SQLite says that it may not make files beside the log."""
    return isinstance(error, sqlite3.OperationalError) and "unable to open database file" in str(error)


def refuses_writing(error: Exception) -> bool:
    """Whether SQLite says that this log is only to be read."""
    return "readonly database" in str(error)


def _written_beside(file: Path) -> bool:
    with suppress(OSError):
        return file.with_name(f"{file.name}-wal").stat().st_size > 0
    return False


def _state(file: Path) -> tuple:
    try:
        found = file.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns, _written_beside(file)
