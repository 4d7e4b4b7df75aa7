"""Files of people's text, read whole and written: UTF-8, of a bounded size, every trouble with its place."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trainkit.errors import CaseError, Problem, TrainkitError


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
        raise CaseError([Problem(name, "", f"can't be read: {error.strerror or error}")]) from None
    if len(raw) > max_bytes:
        raise CaseError([Problem(name, "", f"{kind} has at most {max_bytes:,} bytes")])
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise CaseError([Problem(f"{name}:{line}", "", "the file must be saved as UTF-8")]) from None


@contextmanager
def writing(place: str) -> Iterator[None]:
    """Have it said in a sentence where a file, called ``place`` in it, can't be written."""
    try:
        yield
    except OSError as error:
        raise TrainkitError(f"{place} can't be written: {error.strerror or error}") from error
