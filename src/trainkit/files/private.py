"""Who may read what people said? Files and folders for their owner alone, whatever the system would give others.

Windows has no such bits; there a file is as private as its folder.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE, FOLDER, OTHERS = 0o600, 0o700, 0o077


@contextmanager
def private_files() -> Iterator[None]:
    """Have every file that this program makes meanwhile, by whichever library, for its owner alone; for commands.

    It holds for all threads, so a notebook's kernel, which is somebody's own, does without.
    """
    before = os.umask(0)
    os.umask(before | OTHERS)
    try:
        yield
    finally:
        os.umask(before)


def make_private(file: Path) -> None:
    """Make an empty file for its owner alone; one that is there is taken from the others.

    Raises
    ------
    OSError
        If it can't be made, or is another's.
    """
    made = os.open(file, os.O_CREAT | os.O_WRONLY | getattr(os, "O_CLOEXEC", 0), FILE)
    os.close(made)
    if is_open_to_others(file):
        file.chmod(FILE)


def is_open_to_others(file: Path) -> bool:
    """Whether others on this machine may read or write a file."""
    return os.name == "posix" and bool(file.stat().st_mode & OTHERS)
