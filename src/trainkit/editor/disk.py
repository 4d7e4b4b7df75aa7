"""How does a file get onto the disk whole or not at all, and whose folder is it just now?"""

import json
import os
import shutil
import socket
import sys
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from trainkit.errors import N_, NotSaved
from trainkit.files.reading import shown_path

LOCK = ".case.lock"
UNWRITABLE = N_("{file} can’t be written: {reason}")


def write_whole(file: Path, data: bytes, sync: bool = True) -> None:
    """Write a file so that at any moment it is either as before or as it shall be.

    Raises
    ------
    NotSaved
        If it can't be written: the disk is full, the folder may not be written to. The file is as before then.
    """
    target = file.resolve()  # a link stays a link
    beside = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        try:
            with beside.open("wb") as stream:
                stream.write(data)
                stream.flush()
                if sync:
                    os.fsync(stream.fileno())
            if target.exists():
                shutil.copymode(target, beside)
            os.replace(beside, target)
        finally:
            with suppress(OSError):
                beside.unlink()
    except OSError as error:
        raise NotSaved(UNWRITABLE, file=shown_path(file), reason=error.strerror or str(error)) from error


def remove(file: Path) -> None:
    """Take a file away that this program has made; harmless where there is none.

    Raises
    ------
    NotSaved
        If it can't be taken away.
    """
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise NotSaved(UNWRITABLE, file=shown_path(file), reason=error.strerror or str(error)) from error


class Holder(NamedTuple):
    """Who has a case open: a process of this computer or of another, and since when (Unix time)."""

    owner: str
    pid: int
    host: str
    since: float

    @property
    def gone(self) -> bool:
        """Whether it was a process of this computer that has ended."""
        return self.host == socket.gethostname() and not _runs(self.pid)


def _runs(pid: int) -> bool:
    """Whether there is a process of this computer with this number."""
    if sys.platform == "win32":  # there, signal 0 is Ctrl+C
        import ctypes

        kernel, code = ctypes.windll.kernel32, ctypes.c_ulong()
        handle = kernel.OpenProcess(0x1000, False, pid)  # PROCESS_QUERY_LIMITED_INFORMATION
        known = bool(handle) and bool(kernel.GetExitCodeProcess(handle, ctypes.byref(code)))
        if handle:
            kernel.CloseHandle(handle)
        return known and code.value == 259  # STILL_ACTIVE
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        return True
    return True


class Lock:
    """The right to write into a folder, held by one editor at a time and told to the others."""

    def __init__(self, folder: Path):
        self.file = folder / LOCK
        self.me = Holder(uuid.uuid4().hex, os.getpid(), socket.gethostname(), time.time())

    def holder(self) -> Holder | None:
        """Who has the folder; None if nobody has."""
        try:
            found = json.loads(self.file.read_text("utf-8"))
            return Holder(str(found["owner"]), int(found["pid"]), str(found["host"]), float(found["since"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def take(self, over: bool = False) -> Holder | None:
        """Take the folder, from somebody else only if they are gone or with ``over``; whoever has it is given back.

        Raises
        ------
        NotSaved
            If the folder can't be written to.
        """
        data = json.dumps(self.me._asdict()).encode()
        try:
            with self.file.open("xb") as stream:
                stream.write(data)
            return None
        except FileExistsError:
            pass
        except OSError as error:
            raise NotSaved(UNWRITABLE, file=shown_path(self.file), reason=error.strerror or str(error)) from error
        other = self.holder()
        # an earlier one of this process
        here = other is not None and (other.pid, other.host) == (self.me.pid, self.me.host)
        if other is not None and not here and not other.gone and not over:
            return other
        write_whole(self.file, data, sync=False)
        return None

    @property
    def mine(self) -> bool:
        """Whether nobody else has taken it since."""
        other = self.holder()
        return other is not None and other.owner == self.me.owner

    def leave(self) -> None:
        """Give the folder up."""
        if self.mine:
            with suppress(OSError):
                self.file.unlink()
