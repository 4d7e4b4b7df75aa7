"""Files of people's text, read whole and written: UTF-8, of a bounded size, every trouble with its place."""

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trainkit.errors import N_, CaseError, Problem, Told, TrainkitError


def shown_path(file: Path) -> str:
    """A file's name in errors: from the current folder if it is below it."""
    try:
        return str(file.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(file)


def read_text(file: Path, name: str, kind: str, max_bytes: int) -> str:
    """Read a UTF-8 file, called ``name`` in errors; ``kind`` is what has the limit, e.g. ``a Twee file``.

    Raises
    ------
    CaseError
        If the file can't be read, is too large or not UTF-8.
    """
    return decoded(file, name, kind, max_bytes).removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")


def decoded(file: Path, name: str, kind: str, max_bytes: int) -> str:
    """Read a UTF-8 file as :func:`read_text` does, with the mark that some programs put at its beginning."""
    try:
        with file.open("rb") as stream:
            raw = stream.read(max_bytes + 1)
    except OSError as error:
        raise CaseError([Problem(name, "", Told(N_("can't be read: {why}"), why=error.strerror or error))]) from None
    if len(raw) > max_bytes:
        too_long = Told(N_("{kind} has at most {most:,} bytes"), kind=Told(kind), most=max_bytes)
        raise CaseError([Problem(name, "", too_long)])
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise CaseError([Problem(f"{name}:1", "", Told(_UTF8) + Told(N_(" It is in UTF-16 now.")))])
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        old = Told(N_(" It looks like Windows-1251 now.")) if _looks_like_1251(raw) else Told()
        raise CaseError([Problem(f"{name}:{line}", "", Told(_UTF8) + old)]) from None


_UTF8 = N_("the file must be saved as UTF-8 (in Notepad: Save As, Encoding).")


def _looks_like_1251(raw: bytes) -> bool:
    """Whether most of what is no ASCII would be small Russian letters."""
    high = [byte for byte in raw if byte > 0x7F]
    return 2 * sum(byte >= 0xE0 or byte == 0xB8 for byte in high) > len(high)


@contextmanager
def writing(place: str) -> Iterator[None]:
    """Have it said in a sentence where a file, called ``place`` in it, can't be written."""
    try:
        yield
    except OSError as error:
        raise TrainkitError(N_("{place} can't be written: {why}"), place=place, why=error.strerror or error) from error
