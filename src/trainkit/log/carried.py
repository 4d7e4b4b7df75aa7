"""How is a log kept where SQLite can't work? In a working copy, brought there whole after every commit.

In JupyterLite the kernel's folder ``/drive`` is what JupyterLab's file browser shows, kept by the browser (IndexedDB). A file
there is read when it is opened and written when it is closed, so SQLite, which holds it open, would have nothing kept.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from pathlib import Path

DRIVE = Path("/drive")  # where JupyterLite's kernel finds the files of the page
LOG = DRIVE / "data" / "log.sqlite3"


def in_browser() -> bool:
    """Whether Python itself runs in a browser."""
    return sys.platform == "emscripten"


class Carried:
    """A working copy of the log at ``kept``, to which other programs may bring theirs.

    Each log object has one of its own: what was brought by another is taken before anything is read or written.
    """

    def __init__(self, kept: Path):
        self.kept = kept
        self._folder = tempfile.TemporaryDirectory(prefix="trainkit-log-")
        self.working = Path(self._folder.name, kept.name)
        self._seen: tuple[int, int] | None = None  # what the kept file was when both were the same
        self._put = b""  # hash of what was brought there last

    @classmethod
    def of(cls, file: str | None) -> Carried | None:
        """For a file that lies where SQLite can't work; None for any other."""
        return cls(Path(file)) if in_browser() and file and Path(file).is_relative_to(DRIVE) else None

    def fetch(self) -> bool:
        """Take what others have brought; gives whether the working copy is another file now.

        One that somebody has deleted comes back with the next commit.
        """
        now = self._state()
        if now is None or now == self._seen:
            return False
        new = self.working.with_name("new")
        new.write_bytes(self.kept.read_bytes())
        new.replace(self.working)
        self._seen = now
        return True

    def put(self) -> None:
        """Bring the working copy to where it is kept.

        Raises
        ------
        OSError
            If it isn't there afterwards; then what was there before is the log.
        """
        try:
            content = self.working.read_bytes()
            brought = hashlib.sha256(content).digest()
            if self._seen is not None and brought == self._put and self._state() == self._seen:
                return
            self.kept.parent.mkdir(parents=True, exist_ok=True)
            # written over, not emptied first: whoever closes the page in between has the old one or the new one
            if (there := self._state()) and there[1] > len(content):
                self.kept.unlink()
                there = None
            with self.kept.open("r+b" if there else "wb") as file:
                file.write(content)
            self._seen = self._state()
            if self._seen is None or self._seen[1] != len(content):
                raise OSError(f"{self.kept} was not kept")
            self._put = brought
        except OSError:
            self._seen, self._put = (0, 0), b""
            self.working.unlink(missing_ok=True)
            raise

    def _state(self) -> tuple[int, int] | None:
        """What changes with the kept file: its time and size; None if there is none.

        The folder is asked first: a browser answers never when asked about a file that another page has deleted.
        """
        try:
            if self.kept.name not in os.listdir(self.kept.parent):
                return None
            stat = self.kept.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_size
