"""YAML text → plain data, with the line of every part.

A strict subset, so that a case reads the same everywhere: YAML 1.2 scalars (``yes`` and ``no`` are words), no anchors,
no tags, no duplicate keys, at most 1 MB and 40 levels deep. What breaks this is a problem with its line; where it can be done
honestly, reading goes on after it (:mod:`trainkit.files.yaml_mending`), so that one run tells them all.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path

import yaml

from trainkit.errors import N_, CaseError, KeyPath, Problem, Told, shown
from trainkit.files.reading import read_text
from trainkit.files.yaml_mending import ANCHOR, Mending

MAX_BYTES = 1_000_000
MAX_DEPTH = 40
MAX_PROBLEMS = 20  # of the YAML itself; whoever has more mends these first

Lines = dict[KeyPath, int]

_Parser = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_INT = re.compile(r"[-+]?[0-9]{1,15}$")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass
class Reading:
    """What a text says as far as it can be read, and what is wrong with it."""

    data: object = None
    lines: Lines = field(default_factory=lambda: {(): 1})
    problems: list[Problem] = field(default_factory=list)
    doubtful: set[KeyPath] = field(
        default_factory=set
    )  # parts of which the text doesn't tell what they were meant to be
    whole: bool = True  # False where a part may be missing, or nothing could be read

    def in_doubt(self, path: KeyPath) -> bool:
        """Whether a part is doubtful, or stands in one that is."""
        return any(path[: len(part)] == part for part in self.doubtful)


def read(file: Path, name: str | None = None) -> tuple[object, Lines]:
    """Read a UTF-8 file of at most 1 MB, called ``name`` in errors: its data, and the line, from 1, of each part.

    Raises
    ------
    CaseError
        If the file can't be read or is not in the subset.
    """
    name = name or str(file)
    return parse(read_text(file, name, N_("a file of a case"), MAX_BYTES), name)


def parse(text: str, name: str) -> tuple[object, Lines]:
    """Parse YAML text; see :func:`read`."""
    reading = read_on(text, name)
    if reading.problems:
        raise CaseError(reading.problems)
    return reading.data, reading.lines


def read_on(text: str, name: str) -> Reading:
    """Parse YAML text as far as it goes: problems don't end the reading."""
    mending = Mending(text)
    problems = [Problem(f"{name}:{slip.line}", "", slip.rule) for slip in mending.slips]
    while True:
        document = _Document(name, yaml.parse(mending.text, Loader=_Parser), mending.doubtful)
        read = document.read
        try:
            read.data = document.whole()
            break
        except _TooDeep:
            read.whole = False
            break
        except yaml.MarkedYAMLError as error:
            slip = mending.mend(error)
        if slip is not None:
            problems.append(Problem(f"{name}:{slip.line}", "", slip.rule))
        if not mending.goes_on or len(problems) >= MAX_PROBLEMS:
            read.whole = False
            read.data = None
            break
    read.whole = read.whole and not mending.dropped
    read.problems = sorted({*problems, *read.problems}, key=lambda problem: int(problem.place.rpartition(":")[2]))
    return read


class _TooDeep(Exception):
    """What is nested so deep is no case; nobody reads on."""


class _Document:
    """Data and lines, from the events of the parser."""

    def __init__(self, name: str, events: Iterator[yaml.Event], doubtful: set[int]):
        self.name = name
        self.events = events
        self.doubtful = doubtful  # lines
        self.read = Reading()

    def wrong(self, line: int, rule: str, path: KeyPath | None = None) -> None:
        """Note a problem; the part at ``path`` is in doubt then."""
        self.read.problems.append(Problem(f"{self.name}:{line}", "", rule))
        if path is not None:
            self.read.doubtful.add(path)

    def whole(self) -> object:
        """The data of the one document."""
        data, documents = None, 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    line = event.start_mark.line + 1
                    self.wrong(line, Told(N_("one file holds one case; there is a second document (`---`) here")))
                    break
            elif isinstance(event, yaml.NodeEvent):
                data = self._value(event, ())
        return data

    def _value(self, event: yaml.NodeEvent, path: KeyPath) -> object:
        """The value that begins with an event."""
        line = event.start_mark.line + 1
        self.read.lines.setdefault(path, line)
        if line in self.doubtful and not isinstance(event, yaml.CollectionStartEvent):
            self.read.doubtful.add(path)
        self._in_the_subset(event, path)
        if isinstance(event, yaml.AliasEvent):
            return None
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        if len(path) >= MAX_DEPTH:
            self.wrong(line, Told(N_("nested more than {most} levels deep"), most=MAX_DEPTH), path)
            raise _TooDeep
        inside = takewhile(lambda event: not isinstance(event, yaml.CollectionEndEvent), self.events)
        if isinstance(event, yaml.SequenceStartEvent):
            return [self._value(item, (*path, number)) for number, item in enumerate(inside)]
        parts: dict[str, object] = {}
        for item in inside:
            key = self._key(item, path)
            if key is None or key in parts:
                if key in parts:
                    self.wrong(item.start_mark.line + 1, Told(N_("the key {key} stands here twice"), key=shown(key)))
                    self.read.doubtful.add((*path, key))
                self._value(next(self.events), (*path, None))
                continue
            self.read.lines[(*path, key)] = item.start_mark.line + 1
            parts[key] = self._value(next(self.events), (*path, key))
        return parts

    def _skip(self) -> None:
        """Read on to the end of a list or mapping."""
        depth = 1
        while depth:
            event = next(self.events)
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)

    def _in_the_subset(self, event: yaml.NodeEvent, path: KeyPath) -> None:
        """Note an anchor, an alias or a tag."""
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            self.wrong(line, Told(ANCHOR), path)
        elif event.tag and event.tag != "!":
            self.wrong(line, Told(N_("tags are not allowed (got {got})"), got=shown(event.tag)), path)

    def _key(self, event: yaml.NodeEvent, path: KeyPath) -> str | None:
        """A key, None where it is none."""
        line = event.start_mark.line + 1
        if not isinstance(event, yaml.ScalarEvent):
            if not isinstance(event, yaml.AliasEvent):
                self._skip()
            self.wrong(line, Told(N_("a key must be a word")), path)
            return None
        self._in_the_subset(event, path)
        if len(event.value) > 200:
            self.wrong(line, Told(N_("a key has at most {most} characters"), most=200), path)
            return None
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
