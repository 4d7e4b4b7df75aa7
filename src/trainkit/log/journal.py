"""What has been confirmed here, kept apart from the log? Rows as they were committed, for the case that the log is lost.

They stand compressed in a file without a name, in the folder for temporary files: what takes the log's folder away doesn't
reach it, no other program can open it, and it ends with this one. So a room of a day costs no memory.
"""

from __future__ import annotations

import json
import tempfile
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any

Row = tuple[str, Mapping[str, Any]]  # table, column → value
TOGETHER = 256  # rows in a piece
MOST = 2**28  # bytes in the file: some million rows
MOST_IN_MEMORY = 2**25  # bytes, where there is no room for a file


class Journal:
    """Rows in the order in which they came; ``left_out`` is how many didn't fit."""

    def __init__(self, most: int = MOST, most_in_memory: int = MOST_IN_MEMORY):
        self._most, self._most_in_memory = most, most_in_memory
        self.left_out = 0
        self._waiting: list[Row] = []
        self._kept: list[bytes] = []  # pieces that found no room in the file
        self._file: IO[bytes] | None = None
        self._end = self._held = 0  # bytes in the file, and in memory
        self._lock = threading.Lock()

    def add(self, rows: Iterable[Row]) -> None:
        """Keep rows that were committed; they are not to be changed any more."""
        with self._lock:
            self._waiting += rows
            while len(self._waiting) >= TOGETHER:
                piece, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
                self._put(piece)

    def _put(self, rows: list[Row]) -> None:
        said = zlib.compress(json.dumps([(table, dict(row)) for table, row in rows], ensure_ascii=False).encode(), 1)
        said = len(said).to_bytes(4, "big") + said
        if not self._kept and self._end + len(said) <= self._most:
            try:
                if self._file is None:
                    self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  it is closed by close()
                self._file.seek(self._end)
                if self._file.write(said) == len(said):
                    self._end += len(said)
                    return
            except OSError:  # no room for temporary files: what was written of this piece isn't read
                pass
        if self._held + len(said) > self._most_in_memory:
            self.left_out += len(rows)
            return
        self._kept.append(said)
        self._held += len(said)

    def __iter__(self) -> Iterator[Row]:
        """All rows, the oldest first."""
        with self._lock:
            waiting = [*self._waiting]
            pieces = [*self._kept]
            end = self._end
        at = 0
        while at < end:
            size = int.from_bytes(self._read(at, 4), "big")
            yield from _rows(self._read(at + 4, size))
            at += 4 + size
        for piece in pieces:
            yield from _rows(piece[4:])
        yield from waiting

    def _read(self, at: int, size: int) -> bytes:
        with self._lock:
            if self._file is None:
                return b""
            self._file.seek(at)
            return self._file.read(size)

    def close(self) -> None:
        """Let go of everything."""
        with self._lock:
            if self._file is not None:
                self._file.close()
            self._file, self._waiting, self._kept, self._end = None, [], [], 0


def _rows(piece: bytes) -> Iterator[Row]:
    yield from map(tuple, json.loads(zlib.decompress(piece)))
