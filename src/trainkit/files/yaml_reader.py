"""YAML text → plain data, with the line of every part.

A strict subset, so that a case reads the same everywhere: YAML 1.2 scalars (``yes`` and ``no`` are words), no anchors,
no tags, no duplicate keys, at most 1 MB and 40 levels deep. What breaks this gives a ``CaseError`` with the line.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import takewhile
from pathlib import Path

import yaml

from trainkit.errors import CaseError, KeyPath, Problem, shown
from trainkit.files.reading import read_text

MAX_BYTES = 1_000_000
MAX_DEPTH = 40

Lines = dict[KeyPath, int]

_Parser = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_INT = re.compile(r"[-+]?[0-9]{1,15}$")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}


def read(file: Path, name: str | None = None) -> tuple[object, Lines]:
    """Read a UTF-8 file of at most 1 MB, called ``name`` in errors: its data, and the line, from 1, of each part.

    Raises
    ------
    CaseError
        If the file can't be read or is not in the subset.
    """
    name = name or str(file)
    return parse(read_text(file, name, "a file of a case", MAX_BYTES), name)


def parse(text: str, name: str) -> tuple[object, Lines]:
    """Parse YAML text; see :func:`read`."""
    document = _Document(name, yaml.parse(text, Loader=_Parser))
    try:
        return document.read(), document.lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join(part for part in (error.context, error.problem) if part)
        hint = ' A text with ": " or a quote in it goes into double quotes.' if "mapping values" in what else ""
        raise document.error(mark.line + 1 if mark else 1, f"is not YAML: {what}.{hint}") from None
    except yaml.YAMLError as error:
        at = getattr(error, "position", None)
        line = text.count("\n", 0, at) + 1 if isinstance(at, int) else 1
        raise document.error(line, f"is not YAML: {str(error).splitlines()[0]}") from None


class _Document:
    """Data and lines, from the events of the parser."""

    def __init__(self, name: str, events: Iterator[yaml.Event]):
        self.name = name
        self.events = events
        self.lines: Lines = {(): 1}

    def error(self, line: int, rule: str) -> CaseError:
        return CaseError([Problem(f"{self.name}:{line}", "", rule)])

    def read(self) -> object:
        """The data of the one document; refuses what is not in the subset."""
        data, documents = None, 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    line = event.start_mark.line + 1
                    raise self.error(line, "one file holds one case; there is a second document (`---`) here")
            elif isinstance(event, yaml.NodeEvent):
                data = self._value(event, ())
        return data

    def _value(self, event: yaml.NodeEvent, path: KeyPath) -> object:
        """The value that begins with an event."""
        line = self._line(event)
        self.lines.setdefault(path, line)
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        if len(path) >= MAX_DEPTH:
            raise self.error(line, f"nested more than {MAX_DEPTH} levels deep")
        inside = takewhile(lambda event: not isinstance(event, yaml.CollectionEndEvent), self.events)
        if isinstance(event, yaml.SequenceStartEvent):
            return [self._value(item, (*path, number)) for number, item in enumerate(inside)]
        parts: dict[str, object] = {}
        for item in inside:
            key = self._key(item, parts)
            self.lines[(*path, key)] = item.start_mark.line + 1
            parts[key] = self._value(next(self.events), (*path, key))
        return parts

    def _line(self, event: yaml.NodeEvent) -> int:
        """The line that a key or value begins on, if it may stand there."""
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise self.error(line, "anchors (&) and aliases (*) are not allowed; quote a text that begins with & or *")
        if event.tag and event.tag != "!":
            raise self.error(line, f"tags are not allowed (got {shown(event.tag)})")
        return line

    def _key(self, event: yaml.NodeEvent, parts: Mapping[str, object]) -> str:
        line = self._line(event)
        if not isinstance(event, yaml.ScalarEvent):
            raise self.error(line, "a key must be a word")
        if event.value in parts:
            raise self.error(line, f"the key {shown(event.value)} stands here twice")
        if len(event.value) > 200:
            raise self.error(line, "a key has at most 200 characters")
        return event.value


def _scalar(event: yaml.ScalarEvent) -> str | int | float | bool | None:
    """YAML 1.2's core types for plain scalars; anything quoted is text."""
    value = event.value
    if not event.implicit[0]:
        return value
    if value in _WORDS:
        return _WORDS[value]
    if _INT.match(value):
        return int(value)
    return float(value) if len(value) < 40 and _FLOAT.match(value) else value
