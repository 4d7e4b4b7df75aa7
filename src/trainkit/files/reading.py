"""Files of people's text, read whole and written: of a bounded size, every trouble with its place.

What is edited where it lies (a case, its translations, Twee) must be UTF-8, and who has it otherwise is told so
(:func:`read_text`). What is only read may be as somebody's editor or spreadsheet wrote it (:func:`read_any_text`).
"""

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from trainkit.errors import N_, CaseError, Problem, Told, TrainkitError

MOST_IN_A_CELL = 131_072
"""Characters that a cell of a CSV may hold."""


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


class AnyText(NamedTuple):
    """A text with line breaks of one kind, and in what it was written where that isn't UTF-8."""

    text: str
    guessed: str = ""


def read_any_text(file: Path, max_bytes: int) -> AnyText:
    """Read a text file in UTF-8 (with a byte order mark or without), UTF-16 with its mark, or Windows-1251.

    Raises TrainkitError if the file can't be read, is too large or no text of these.
    """
    name = shown_path(file)
    try:
        with file.open("rb") as stream:
            raw = stream.read(max_bytes + 1)
    except OSError as error:
        raise TrainkitError(N_("{place} can't be read: {why}"), place=name, why=error.strerror or error) from error
    if len(raw) > max_bytes:
        raise TrainkitError(N_("{place} has more than {most:,} bytes"), place=name, most=max_bytes)
    return any_text(raw, name)


def any_text(raw: bytes, name: str) -> AnyText:
    """The text that these bytes of a file called ``name`` are; see :func:`read_any_text`."""
    called = "UTF-16" if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else ""
    try:
        text = raw.decode("utf-16" if called else "utf-8-sig")
    except UnicodeDecodeError:
        if called or not _looks_like_1251(raw):
            raise TrainkitError(_NO_TEXT, file=name) from None
        called, text = "Windows-1251", raw.decode("cp1251", "replace")
    if "\0" in text or "\ufffd" in text:
        raise TrainkitError(_NO_TEXT, file=name)
    return AnyText(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"), called)


def csv_rows(text: str, mark: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV called ``name`` whose cells are parted by ``mark``, each with the line on which it ends.

    Raises TrainkitError where a cell is endless, as behind a quote that was left open.
    """
    rows = csv.reader(io.StringIO(text), delimiter=mark)
    begins = 1
    try:
        for row in rows:
            # csv has a limit of its own, but one for the whole process, and libraries raise it (frictionless, SciPy)
            if any(len(cell) > MOST_IN_A_CELL for cell in row):
                raise csv.Error
            yield rows.line_num, row
            begins = rows.line_num + 1
    except csv.Error:
        said = N_(
            "{file}: in the row that begins on line {line} a cell has more than {most:,} characters: is a quote open?"
        )
        raise TrainkitError(said, file=name, line=begins, most=MOST_IN_A_CELL) from None


_NO_TEXT = N_("{file} is no text in UTF-8, UTF-16 or Windows-1251: save it as UTF-8 (in Notepad: Save As, Encoding)")
_UTF8 = N_("the file must be saved as UTF-8 (in Notepad: Save As, Encoding).")


def _looks_like_1251(raw: bytes) -> bool:
    """Whether most of what is no ASCII would be Russian letters."""
    high = [byte for byte in raw if byte > 0x7F]
    return 2 * sum(byte >= 0xC0 or byte in (0xA8, 0xB8) for byte in high) > len(high)


@contextmanager
def writing(place: str) -> Iterator[None]:
    """Have it said in a sentence where a file, called ``place`` in it, can't be written."""
    try:
        yield
    except OSError as error:
        raise TrainkitError(N_("{place} can't be written: {why}"), place=place, why=error.strerror or error) from error
