"""What if the log is lost under a running program? It is noticed, nothing more is accepted, what was confirmed is saved."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from trainkit.log.identity import Identity
from trainkit.log.journal import Journal, Row
from trainkit.log.lost import CUT, DROPPED, REPLACED, Lost, why_nowhere
from trainkit.log.rescue import rescue

_COUNTED = ("attempts", "events")
ELSEWHERE = "trainkit"  # what the file is called that saves what a database server had


class Guard:
    """Watches a log; ``lost`` says what happened, ``journal`` has what was confirmed here, if that is kept.

    ``then`` is called once, when the rescue file is written, or couldn't be.
    """

    def __init__(self, file: str | None, then: Callable[[Lost], None]):
        self.file, self._then = file, then
        self.journal: Journal | None = None
        self.lost: Lost | None = None
        self._identity = Identity(file) if file else None
        self._lock = threading.Lock()
        self._closed = False
        self._known: tuple[int, int] | None = None  # attempts and events, and the newest of each when they were counted
        self._newest = (0, 0)
        self._since = [0, 0]  # what was confirmed here after that

    def look(self, closely: bool = False) -> Lost | None:
        """Look whether the log is as it was; what was confirmed is safe once this has returned that it isn't."""
        if self.lost is None and self._identity is not None:
            with self._lock:
                if self.lost is None and not self._closed:
                    if how := self._identity.trouble(closely):
                        self._lose(how, self._identity.moved_to())
                    elif closely:
                        self._count()
        return self.lost

    def confirmed(self, rows: Iterable[Row]) -> None:
        """These rows were committed, and the log is still there."""
        for table, _ in rows:
            if table in _COUNTED:
                self._since[_COUNTED.index(table)] += 1

    def dropped(self) -> Lost:
        """A database server says that the database is gone, or it is another."""
        with self._lock:
            if self.lost is None:
                self._lose(DROPPED)
        return self.lost

    def _count(self) -> None:
        """How much stands in the log, so that one can say what is missing."""
        with suppress(sqlite3.Error):
            self._since = [0, 0]
            newest = self._identity.rows()
            if self._known is None:
                count = "SELECT (SELECT count(*) FROM attempts), (SELECT count(*) FROM events)"
                self._known, self._newest = self._identity.connection.execute(count).fetchone(), newest
            else:
                added = [new - old for new, old in zip(newest, self._newest, strict=True)]
                self._known = self._known[0] + max(0, added[0]), self._known[1] + max(0, added[1])
                self._newest = newest

    def _lose(self, how: str, now_at: str = "") -> None:
        self.lost = lost = Lost(how, self.file or "", now_at)  # from here on nothing is accepted
        source = self._identity.connection if self._identity is not None else None
        other = how == REPLACED and self._identity is not None and not self._identity.is_another_file()
        rows = self.journal if self.journal is not None else ()
        try:
            saved = rescue(
                Path(self.file or Path.cwd() / f"{ELSEWHERE}.sqlite3"), None if other else source, how != CUT, rows
            )
        except OSError as error:
            lost = replace(lost, reason=why_nowhere(error))
        else:
            known = self._known or (0, 0)
            missing = (0, 0)
            if not saved.whole:  # what was committed just when the rows were counted is counted twice
                missing = (
                    max(0, known[0] + self._since[0] - saved.runs),
                    max(0, known[1] + self._since[1] - saved.answers),
                )
            lost = replace(lost, rescue=str(saved.file), runs=saved.runs, answers=saved.answers, missing=missing)
        self.lost = lost
        self._then(lost)

    def close(self) -> None:
        """Let go of the log."""
        with self._lock:
            self._closed = True
            if self._identity is not None:
                self._identity.close()
            if self.journal is not None:
                self.journal.close()
