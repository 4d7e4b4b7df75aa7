"""Which connections does each thread keep, and which does the log's watcher? Getting one takes longer than a query."""

import threading
import weakref
from collections.abc import Callable
from types import SimpleNamespace

import sqlalchemy as sa

from trainkit.log.connections import close


class KeptConnections:
    """Of one log: two of each thread (one that commits each statement, one for transactions) and one of the watcher.

    Parameters
    ----------
    connect
        Gives a new connection to where the log is read now.
    """

    def __init__(self, connect: Callable[[], sa.Connection]):
        self._connect = connect
        self._mine = threading.local()
        self._watchers = SimpleNamespace()
        self._all: weakref.WeakSet[sa.Connection] = weakref.WeakSet()
        self._place = 0  # how often reading has moved on to another file

    def moved_on(self) -> None:
        """The log is read elsewhere from now on: by each thread once it asks again."""
        self._place += 1

    def writer(self) -> sa.Connection:
        """The thread's connection for transactions."""
        if getattr(self._mine, "writer", None) is None:
            self._mine.writer = self._new()
        return self._mine.writer

    def own(self, watchers: bool = False) -> sa.Connection:
        """The thread's connection without transactions, or the watcher's, which threads share by turns."""
        keeper = self._watchers if watchers else self._mine
        if getattr(keeper, "place", 0) != self._place:
            self.discard_own(watchers)
        keeper.place = self._place
        if getattr(keeper, "own", None) is None:
            keeper.own = self._new().execution_options(isolation_level="AUTOCOMMIT")
        return keeper.own

    def discard_writer(self) -> None:
        """Close this thread's connection for transactions: one that failed may be in any state."""
        self._discard(self._mine, "writer")

    def discard_own(self, watchers: bool = False) -> None:
        """Close this thread's connection without transactions, or the watcher's."""
        self._discard(self._watchers if watchers else self._mine, "own")

    def close(self) -> None:
        """Close all, in all threads."""
        for connection in [*self._all]:
            close(connection)
        self._mine, self._watchers = threading.local(), SimpleNamespace()

    def _new(self) -> sa.Connection:
        connection = self._connect()
        self._all.add(connection)
        return connection

    @staticmethod
    def _discard(keeper: object, name: str) -> None:
        kept = getattr(keeper, name, None)
        setattr(keeper, name, None)
        if kept is not None:
            close(kept)
