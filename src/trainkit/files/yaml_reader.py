"""YAML text → plain data, with the line of every part.

A strict subset, so that a case reads the same everywhere: YAML 1.2 scalars (``yes`` and ``no`` are words), no anchors,
no tags, no duplicate keys, at most 1 MB and 40 levels deep. What breaks this gives a ``CaseError`` with the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import yaml

from trainkit.errors import CaseError, KeyPath, Problem, shown

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
    try:
        with file.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise CaseError([Problem(name, "", f"can't be read: {error.strerror or error}")]) from None
    if len(raw) > MAX_BYTES:
        raise CaseError([Problem(name, "", f"a file of a case has at most {MAX_BYTES:,} bytes")])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise CaseError([Problem(f"{name}:{line}", "", "the file must be saved as UTF-8")]) from None
    return parse(text, name)


def parse(text: str, name: str) -> tuple[object, Lines]:
    """Parse YAML text; see :func:`read`."""

    def fail(line: int, rule: str) -> CaseError:
        return CaseError([Problem(f"{name}:{line}", "", rule)])

    lines: Lines = {(): 1}
    root: list[object] = []
    # One frame an open container: (container, its path, the key that waits for a value).
    stack: list[list] = [[root, (), None]]
    documents = 0
    try:
        for event in _events(text):
            line = event.start_mark.line + 1
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise fail(line, "one file holds one case; there is a second document (`---`) here")
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise fail(line, "anchors (&) and aliases (*) are not allowed; quote a text that begins with & or *")
            if isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
                stack.pop()
                continue
            if not isinstance(event, yaml.ScalarEvent | yaml.SequenceStartEvent | yaml.MappingStartEvent):
                continue
            if event.tag and event.tag != "!":
                raise fail(line, f"tags are not allowed (got {shown(event.tag)})")
            container, path, key = stack[-1]
            if isinstance(container, dict) and key is None:
                stack[-1][2] = _key(event, container, line, fail)
                lines[(*path, stack[-1][2])] = line
                continue
            here = (*path, len(container)) if isinstance(container, list) else (*path, key)
            if container is root:
                here = ()
            lines.setdefault(here, line)
            value: object
            if isinstance(event, yaml.ScalarEvent):
                value = _scalar(event)
            else:
                if len(stack) > MAX_DEPTH:
                    raise fail(line, f"nested more than {MAX_DEPTH} levels deep")
                value = [] if isinstance(event, yaml.SequenceStartEvent) else {}
            if isinstance(container, list):
                container.append(value)
            else:
                container[key] = value
                stack[-1][2] = None
            if not isinstance(event, yaml.ScalarEvent):
                stack.append([value, here, None])
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join(part for part in (error.context, error.problem) if part)
        hint = ' A text with ": " or a quote in it goes into double quotes.' if "mapping values" in what else ""
        raise fail(mark.line + 1 if mark else 1, f"is not YAML: {what}.{hint}") from None
    except yaml.YAMLError as error:
        at = getattr(error, "position", None)
        line = text.count("\n", 0, at) + 1 if isinstance(at, int) else 1
        raise fail(line, f"is not YAML: {str(error).splitlines()[0]}") from None
    return (root[0] if root else None), lines


def _events(text: str) -> Iterable[yaml.Event]:
    return yaml.parse(text, Loader=_Parser)


def _key(event: yaml.Event, container: dict, line: int, fail) -> str:
    if not isinstance(event, yaml.ScalarEvent):
        raise fail(line, "a key must be a word")
    if event.value in container:
        raise fail(line, f"the key {shown(event.value)} stands here twice")
    if len(event.value) > 200:
        raise fail(line, "a key has at most 200 characters")
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
