"""What has an author still to fill in? Lines of case.yml that are marked ``# ???``, and what is noted there."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from trainkit.errors import KeyPath

MARK = "# ???"
_MARKED = re.compile(r"#\s*\?\?\?(.*)$")


class Gap(NamedTuple):
    """A line that is marked, and the part of the case that begins on it."""

    line: int
    path: KeyPath
    note: str


def gaps(text: str, lines: Mapping[KeyPath, int]) -> Iterator[Gap]:
    """The gaps of a file whose parts begin on these lines, in its order."""
    at: dict[int, KeyPath] = {}
    for path, line in lines.items():
        if len(path) > len(at.get(line, ())):
            at[line] = path
    for number, row in enumerate(text.splitlines(), 1):
        if found := _MARKED.search(row):
            yield Gap(number, at.get(number, ()), found[1].strip())


def marked(text: str, lines: Mapping[KeyPath, int], notes: Iterable[tuple[KeyPath, str]]) -> str:
    """A file with its gaps marked: on the lines of these parts, each with a note that may be empty."""
    rows = text.split("\n")
    said: dict[int, list[str]] = {}
    for path, note in notes:
        said.setdefault(lines[path] - 1, []).append(" ".join(note.split()))
    for number, words in said.items():
        rows[number] = " ".join([rows[number], MARK, "; ".join(dict.fromkeys(word for word in words if word))]).rstrip()
    return "\n".join(rows)
