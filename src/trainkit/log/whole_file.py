"""When is the one file the whole log? SQLite keeps what was committed last beside it, where a copy of the file lacks it."""

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from trainkit.errors import NotSaved, TrainkitError, shown
from trainkit.files.private import make_private
from trainkit.log.guard import Guard
from trainkit.log.read_only import opened_to_read

LOOK = 0.5  # seconds between two looks at the file
QUIET = 1.0  # seconds without a commit, after which what was committed is taken into the file
PAGES = 2_000  # of 4 kB, in one step of a backup; between two steps others may write


class WholeFile:
    """Takes what was committed into the file: in quiet moments, and when the program ends or lets go of the log.

    Besides, it has the log's ``guard`` look at it now and then: what was exchanged mustn't be written into.
    """

    def __init__(self, file: str, guard: Guard):
        self.file = file
        self._last, self._guard, ended = 0.0, guard, threading.Event()
        self._ends = weakref.finalize(self, _end, file, guard, ended)  # at the latest when the interpreter ends
        about = weakref.ref(self), ended
        threading.Thread(target=_now_and_then, args=about, daemon=True, name="log checkpoints").start()

    def written(self) -> None:
        """Something was committed just now."""
        self._last = time.monotonic()

    def close(self) -> None:
        """Take in what is left; nobody here has the log open any more."""
        self._ends()

    def _look(self) -> None:
        if self._guard.look(closely=True):
            return
        last = self._last
        if last and time.monotonic() - last >= QUIET:
            take_in(self.file, block=False)
            if self._last == last:
                self._last = 0.0


def _end(file: str, guard: Guard, ended: threading.Event) -> None:
    ended.set()
    lost = guard.look(closely=True)
    guard.close()
    if not lost:
        take_in(file)


def _now_and_then(kept: weakref.ref[WholeFile], ended: threading.Event) -> None:
    while not ended.wait(LOOK) and (whole := kept()) is not None:
        whole._look()
        del whole  # who waits must not keep the log from being let go


def take_in(file: str, block: bool = True) -> bool:
    """Take what was committed into the file itself; gives whether all of it is there.

    With ``block`` others wait for it and the second file is emptied; else it gives way to whoever reads or writes. A log that
    is gone, locked or read-only is left as it is.
    """
    if not os.path.exists(file):
        return False
    uri = f"{Path(file).absolute().as_uri()}?mode=rw"  # never a new one, were it gone by now
    with suppress(sqlite3.Error), closing(sqlite3.connect(uri, uri=True, timeout=1)) as connection:
        busy, pages, taken = connection.execute(
            f"PRAGMA wal_checkpoint({'TRUNCATE' if block else 'PASSIVE'})"
        ).fetchone()
        return not busy and pages == taken
    return False


@contextmanager
def _readable(file: str) -> Iterator[sqlite3.Connection]:
    try:
        with opened_to_read(Path(file)) as source:
            yield source
    except (sqlite3.Error, UnicodeDecodeError) as error:  # what SQLite says may have a broken name in it
        raise TrainkitError(f"the log can't be read: {error}") from error


def copy_whole(file: str, target: Path, progress: Callable[[int, int], None] = lambda done, pages: None) -> None:
    """Copy a log to another file, whole, while others go on writing (SQLite's backup API).

    The target appears when the copy is whole. ``progress`` is told pages done and pages in all. TrainkitError if there is no
    log to copy; NotSaved if the target can't be written.
    """
    if not os.path.exists(file):
        raise TrainkitError(f"there is no log at {shown(file)}")
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.unfinished")
    with _readable(file) as source:
        try:
            # one transaction of reading: what is written meanwhile doesn't begin the copy again
            source.execute("BEGIN")
            if source.execute("SELECT 1 FROM sqlite_master WHERE name = 'attempts'").fetchone() is None:
                raise TrainkitError(f"there is no log at {shown(file)}")
        except sqlite3.Error as error:
            raise TrainkitError(f"the log can't be read: {error}") from error
        try:
            make_private(unfinished)
            with closing(sqlite3.connect(unfinished)) as copy:
                source.backup(copy, pages=PAGES, progress=lambda _status, left, pages: progress(pages - left, pages))
                copy.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
            unfinished.replace(target)
        except (sqlite3.Error, OSError) as error:
            why = getattr(error, "strerror", None) or error
            raise NotSaved(f"{shown(str(target))} can't be written: {why}") from error
        finally:
            unfinished.unlink(missing_ok=True)
