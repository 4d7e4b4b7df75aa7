"""Is the log still the file that was opened? Asked at each commit and twice a second; a look costs microseconds.

SQLite doesn't ask: it goes on writing into a file that has been deleted, and answers that are in no folder any more are
confirmed. Files are told apart by device and inode; one that is smaller than it was is read through, and one whose content
has been exchanged in its place is known by its oldest row. Nothing here opens the file but SQLite itself: closing it would
take away this process's locks (https://www.sqlite.org/howtocorrupt.html, 2.2).
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

from trainkit.log.lost import CUT, GONE, PARTED, REPLACED

_OLDEST = "SELECT added_at FROM cases ORDER BY rowid LIMIT 1"  # a case version is never deleted, and its time is exact
_BESIDE = ("-wal", "-shm")


class Identity:
    """Which file it was, and a connection that holds it open whatever becomes of its name."""

    def __init__(self, file: str):
        self.file = file
        self.connection = sqlite3.connect(
            f"{Path(file).absolute().as_uri()}?mode=rw",
            uri=True,
            check_same_thread=False,
            isolation_level=None,
            timeout=1,
        )
        self.connection.execute("PRAGMA cache_size=-64")
        self.rows()  # opens what stands beside it, too
        self._seen = {end: _stat(file + end) for end in ("", *_BESIDE)}
        self._changed_at = 0
        self._oldest = ""

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    def rows(self) -> tuple[int, int]:
        """Numbers of the newest attempt and event, by which one knows how many have been added."""
        query = "SELECT (SELECT max(rowid) FROM attempts), (SELECT max(rowid) FROM events)"
        return tuple(n or 0 for n in self.connection.execute(query).fetchone())

    def trouble(self, closely: bool = False) -> str:
        """What has become of the file, one of :mod:`trainkit.log.lost`'s words; empty while it is as it was.

        ``closely``: look at all that a look now and then can see.
        """
        ends = ("", *_BESIDE) if closely else ("", "-wal")
        for end in ends:
            was, now = self._seen[end], _stat(self.file + end)
            if was is None:  # a log without a file beside it
                continue
            if now is None:
                return PARTED if end else GONE
            if (now.st_dev, now.st_ino) != (was.st_dev, was.st_ino):
                return PARTED if end else REPLACED
            if end != "-shm" and now.st_size < was.st_size and ((not now.st_size and not end) or not self._whole()):
                return CUT
            self._seen[end] = now
        main = self._seen[""]
        if closely and main is not None and main.st_mtime_ns != self._changed_at:
            self._changed_at = main.st_mtime_ns
            return self._other_content()
        return ""

    def _whole(self) -> bool:
        """Whether a file that has become smaller is whole all the same: it was packed, or emptied into the log."""
        with suppress(sqlite3.Error):
            self.connection.execute("PRAGMA shrink_memory")  # what is in memory would hide it
            return self.connection.execute("PRAGMA quick_check(1)").fetchall() == [("ok",)]
        return False

    def _other_content(self) -> str:
        """Whether something else was written into the same file, or it is no log any more."""
        for _ in range(5):  # another may be writing just now
            oldest = self._read_oldest()
            if oldest is not None and (not self._oldest or oldest == self._oldest):
                self._oldest = oldest
                return ""
            time.sleep(0.05)
        return REPLACED if oldest else CUT

    def _read_oldest(self) -> str | None:
        """Time of the oldest row, from the file itself; empty if it stands beside it still, None if there is none to read."""
        uri = f"{Path(self.file).absolute().as_uri()}?mode=ro&immutable=1"
        with suppress(sqlite3.Error), closing(sqlite3.connect(uri, uri=True)) as connection:
            connection.execute("PRAGMA schema_version")
            try:
                return (connection.execute(_OLDEST).fetchone() or ("",))[0]
            except sqlite3.OperationalError:
                return None if self._oldest else ""
        return None

    def is_another_file(self) -> bool:
        """Whether another file stands in its place, and not another content in the same."""
        was, now = self._seen[""], _stat(self.file)
        return bool(was and now and (now.st_dev, now.st_ino) != (was.st_dev, was.st_ino))

    def moved_to(self) -> str:
        """Where the file is now, if it was moved within its folder."""
        was = self._seen[""]
        with suppress(OSError):
            for entry in os.scandir(os.path.dirname(os.path.abspath(self.file))):
                now = _stat(entry.path)
                if was and now and (now.st_dev, now.st_ino) == (was.st_dev, was.st_ino):
                    return "" if entry.name == os.path.basename(self.file) else entry.path
        return ""


def _stat(file: str) -> os.stat_result | None:
    try:
        return os.stat(file)
    except OSError:
        return None
