"""YAML text → plain data, with the line of every part.

A strict subset, so that a case reads the same everywhere: YAML 1.2 scalars (``yes`` and ``no`` are words), no anchors,
no tags, no duplicate keys, at most 1 MB and 40 levels deep. What breaks this gives a ``CaseError`` with the line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
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
    """Read a file.

    Parameters
    ----------
    file : Path
        A UTF-8 file of at most 1 MB.
    name : str, optional
        What to call it in errors; the path itself if left out.

    Returns
    -------
    data : object
        Mappings as dicts (in order), sequences as lists, scalars as str, int, float, bool or None.
    lines : dict of tuple to int
        Path of keys and indexes → line, from 1.

    Raises
    ------
    CaseError
        If the file can't be read or is not in the subset.
    """
    name = name or str(file)
    return parse(read_text(file, name, "a file of a case", MAX_BYTES), name)


def parse(text: str, name: str) -> tuple[object, Lines]:
    """Parse YAML text; see :func:`read`."""
    document = _Document(name)
    try:
        for event in yaml.parse(text, Loader=_Parser):
            document.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join(part for part in (error.context, error.problem) if part)
        hint = ' A text with ": " or a quote in it goes into double quotes.' if "mapping values" in what else ""
        raise document.error(mark.line + 1 if mark else 1, f"is not YAML: {what}.{hint}") from None
    except yaml.YAMLError as error:
        at = getattr(error, "position", None)
        line = text.count("\n", 0, at) + 1 if isinstance(at, int) else 1
        raise document.error(line, f"is not YAML: {str(error).splitlines()[0]}") from None
    return document.data, document.lines


@dataclass(slots=True)
class _Open:
    """A mapping or sequence that has not ended; ``key`` is the one that waits for its value."""

    parts: dict | list
    path: KeyPath
    key: str | None = None


class _Document:
    """Data and lines, as the events of the parser build them."""

    def __init__(self, name: str):
        self.name = name
        self.data: object = None
        self.lines: Lines = {(): 1}
        self._open: list[_Open] = []
        self._documents = 0

    def error(self, line: int, rule: str) -> CaseError:
        return CaseError([Problem(f"{self.name}:{line}", "", rule)])

    def take(self, event: yaml.Event) -> None:
        """Take the next event; refuse what is not in the subset."""
        line = event.start_mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise self.error(line, "one file holds one case; there is a second document (`---`) here")
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
        elif isinstance(event, yaml.NodeEvent):
            self._node(event, line)

    def _node(self, event: yaml.NodeEvent, line: int) -> None:
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise self.error(line, "anchors (&) and aliases (*) are not allowed; quote a text that begins with & or *")
        if event.tag and event.tag != "!":
            raise self.error(line, f"tags are not allowed (got {shown(event.tag)})")
        inside = self._open[-1] if self._open else None
        if inside and isinstance(inside.parts, dict) and inside.key is None:
            inside.key = self._key(event, inside.parts, line)
            self.lines[(*inside.path, inside.key)] = line
            return
        path = self._path(inside)
        self.lines.setdefault(path, line)
        if isinstance(event, yaml.ScalarEvent):
            self._put(inside, _scalar(event))
            return
        if len(self._open) >= MAX_DEPTH:
            raise self.error(line, f"nested more than {MAX_DEPTH} levels deep")
        parts: dict | list = [] if isinstance(event, yaml.SequenceStartEvent) else {}
        self._put(inside, parts)
        self._open.append(_Open(parts, path))

    def _key(self, event: yaml.NodeEvent, parts: dict, line: int) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            raise self.error(line, "a key must be a word")
        if event.value in parts:
            raise self.error(line, f"the key {shown(event.value)} stands here twice")
        if len(event.value) > 200:
            raise self.error(line, "a key has at most 200 characters")
        return event.value

    @staticmethod
    def _path(inside: _Open | None) -> KeyPath:
        """Where the next value stands."""
        if inside is None:
            return ()
        return (*inside.path, len(inside.parts) if isinstance(inside.parts, list) else inside.key)

    def _put(self, inside: _Open | None, value: object) -> None:
        if inside is None:
            self.data = value
        elif isinstance(inside.parts, list):
            inside.parts.append(value)
        else:
            inside.parts[inside.key] = value
            inside.key = None


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
