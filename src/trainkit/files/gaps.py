"""What has an author still to fill in? Lines of case.yml that are marked ``# ???``, and texts that are but ``…``."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from trainkit.errors import CaseError, KeyPath
from trainkit.files import yaml_reader
from trainkit.files.reading import read_text, shown_path, writing

MARK = "# ???"
BLANK = "…"  # a text that is still to be written
_MARKED = re.compile(r"\s*#\s*\?\?\?([^\r]*)(?=\r?$)")
_NOTHING = object()


class Gap(NamedTuple):
    """A line that is marked or blank, and the part of the case that begins on it."""

    line: int
    path: KeyPath
    note: str


def blank(value: Any) -> bool:
    """Whether a text says nothing yet."""
    return isinstance(value, str) and value.strip() in (BLANK, "...", "")


def blanks(data: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Where in a case, or a part of it, texts say nothing yet."""
    if isinstance(data, dict | list):
        for key, part in data.items() if isinstance(data, dict) else enumerate(data):
            yield from blanks(part, (*path, key))
    elif blank(data):
        yield path


def gaps(text: str, lines: Mapping[KeyPath, int], data: Any = None) -> Iterator[Gap]:
    """The gaps of a file that holds ``data``, and whose parts begin on these lines, in its order."""
    at: dict[int, KeyPath] = {}
    for path, line in lines.items():
        if len(path) > len(at.get(line, ())):
            at[line] = path
    unsaid = {lines[path]: path for path in blanks(data) if path in lines}
    for number, row in enumerate(text.splitlines(), 1):
        if found := _MARKED.search(row):
            yield Gap(number, at.get(number, ()), found[1].strip())
        elif number in unsaid:
            yield Gap(number, unsaid[number], "")


def marked(text: str, lines: Mapping[KeyPath, int], notes: Iterable[tuple[KeyPath, str]]) -> str:
    """A file with its gaps marked: on the lines of these parts, each with a note that may be empty; marks there stay."""
    rows = text.split("\n")
    said: dict[int, list[str]] = {}
    for path, note in notes:
        said.setdefault(lines[path] - 1, []).append(" ".join(note.split()))
    for number, words in said.items():
        if not _MARKED.search(rows[number]):
            mark = "; ".join(dict.fromkeys(word for word in words if word))
            rows[number] = " ".join([rows[number], MARK, mark]).rstrip()
    return "\n".join(rows)


def unmarked(text: str, lines: Mapping[KeyPath, int], keep: Iterable[KeyPath] = ()) -> str:
    """A file without its marks, but for those of the parts to ``keep``."""
    kept = set(keep)
    rows = text.split("\n")
    for gap in gaps(text, lines):
        if gap.path not in kept:
            rows[gap.line - 1] = _MARKED.sub("", rows[gap.line - 1])
    return "\n".join(rows)


def without_filled(text: str, before: Any, after: Any) -> str:
    """A file that held ``before`` and holds ``after``, without the marks of what has been filled in."""
    if MARK not in text:
        return text
    try:
        _, lines = yaml_reader.parse(text, "")
    except CaseError:
        return text
    paths = [gap.path for gap in gaps(text, lines)]
    return unmarked(text, lines, keep=[path for path in paths if part_of(before, path) == part_of(after, path)])


def gaps_of(file: Path) -> list[Gap]:
    """The gaps that a file marks, without those that are only blank."""
    text = read_text(file, shown_path(file), "a file of a case", yaml_reader.MAX_BYTES)
    return [*gaps(text, yaml_reader.parse(text, shown_path(file))[1])]


def mark_file(file: Path, notes: Sequence[tuple[KeyPath, str]]) -> None:
    """Let a file mark these gaps and no others."""
    text = read_text(file, shown_path(file), "a file of a case", yaml_reader.MAX_BYTES)
    _, lines = yaml_reader.parse(text, shown_path(file))
    there = [(path, note) for path, note in notes if path in lines]
    new = marked(unmarked(text, lines, keep=[path for path, _ in there]), lines, there)
    if new != text:
        with writing(shown_path(file)):
            file.write_text(new, "utf-8", newline="\n")


def part_of(data: Any, path: KeyPath) -> Any:
    """What stands at a path; something that equals nothing where there is nothing."""
    for key in path:
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            return _NOTHING
    return data
