"""An author's YAML with only what has changed rewritten: comments, order and all other lines stay as they are.

The text is edited where a part begins and ends; parts are compared as plain data, so however an author wrote what has not
changed, it is not touched. What has another shape than before is written anew, by the entry of the mapping it stands in.
"""

import json
from collections.abc import Iterator
from typing import Any

import yaml

from trainkit.errors import KeyPath
from trainkit.files.yaml_dump import as_yaml, is_plain

MAX_CHANGES = 300  # with more, a file is written anew
_MISSING = object()


def edited(text: str, before: Any, after: Any) -> str | None:
    """The text of a file that held ``before``, holding ``after``; None where it must be written anew."""
    written: list[KeyPath] = []
    try:
        for path in _changes(before, after):
            if any(path[: len(part)] == part for part in written):
                continue
            change = _Edit(text, after, path)
            written.append(change.path)
            if not change.path or len(written) == MAX_CHANGES:
                return None
            text = change.text
    except yaml.YAMLError:  # an odd form of YAML, which an edit broke
        return None
    return text


def _changes(before: Any, after: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Paths of the parts that differ, as deep as they can be told apart."""
    if isinstance(before, dict) and isinstance(after, dict):
        if [key for key in before if key in after] != [key for key in after if key in before]:
            yield path
            return
        for key in [*before, *(key for key in after if key not in before)]:
            yield from _changes(before.get(key, _MISSING), after.get(key, _MISSING), (*path, key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _changes(old, new, (*path, number))
    elif before != after:
        yield path


def _part(data: Any, path: KeyPath) -> Any:
    for key in path:
        if isinstance(data, dict) and key not in data:
            return _MISSING
        data = data[key]
    return data


class _Edit:
    """One change: the text with it made, and the path of the part that was written; an empty one if none could be."""

    def __init__(self, text: str, after: Any, path: KeyPath):
        self.text, self.path, self._after = text, path, after
        self._root = yaml.compose(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
        node, in_flow = self._node(path)
        new = _part(after, path)
        block = node is None or getattr(node, "style", None) in (">", "|") or getattr(node, "flow_style", True) is False
        if not block and new is not _MISSING and not isinstance(new, dict | list):
            self._replace(node.start_mark.index, self._end(node), _scalar(node, new, in_flow))
            return
        while self.path and not self._write_entry():
            self.path = self.path[:-1]

    def _node(self, path: KeyPath) -> tuple[yaml.Node | None, bool]:
        """What stands at a path in the file, and whether it stands in braces or brackets."""
        node, in_flow = self._root, False
        for key in path:
            in_flow = in_flow or bool(getattr(node, "flow_style", False))
            if isinstance(node, yaml.MappingNode):
                node = next((value for name, value in node.value if name.value == str(key)), None)
            elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
                node = node.value[key]
            else:
                return None, in_flow
        return node, in_flow

    def _write_entry(self) -> bool:
        """Write the part anew as an entry of a mapping with a key a line; False if it stands in none."""
        *above, key = self.path
        parent, in_flow = self._node(tuple(above))
        if not isinstance(parent, yaml.MappingNode) or parent.flow_style or in_flow:
            return False
        entries = {name.value: (name.start_mark, self._end(value)) for name, value in parent.value}
        if any(self.text[self._line(mark.index) : mark.index].strip() for mark, _ in entries.values()):
            return False  # the first key stands after a dash
        new = _part(self._after, self.path)
        first = next(iter(entries.values()))[0]
        mark, end = entries.get(key, (first, first.index))
        start = self._line(mark.index)
        if new is _MISSING:
            if key not in entries or len(entries) == 1:
                return False
            self._replace(start, self._line_end(end) + 1, "")
            return True
        written = as_yaml({key: new}, first.column).rstrip("\n")
        if key in entries:
            self._replace(start, end, written)
            return True
        names = list(_part(self._after, tuple(above)))
        if before := [name for name in names[: names.index(key)] if name in entries]:
            blank = "\n" if len(self.path) == 2 and above[0] in ("scenes", "endings") else ""
            end = self._line_end(entries[before[-1]][1])
            self._replace(end, end, f"\n{blank}{written}")
        else:
            self._replace(start, start, written + "\n")
        return True

    def _replace(self, start: int, end: int, new: str) -> None:
        self.text = self.text[:start] + new + self.text[end:]

    def _line(self, index: int) -> int:
        return self.text.rfind("\n", 0, index) + 1

    def _line_end(self, index: int) -> int:
        end = self.text.find("\n", index)
        return len(self.text) if end < 0 else end

    def _end(self, node: yaml.Node) -> int:
        """Where a part ends, without the space and comments before the next."""
        if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            last = node.value[-1]
            return self._end(last[1] if isinstance(last, tuple) else last)
        start, end = node.start_mark.index, node.end_mark.index
        return start + len(self.text[start:end].rstrip())


def _scalar(node: yaml.Node, new: Any, in_flow: bool) -> str:
    """A value on one line, in the place of another; plain where that was and this can be."""
    if not isinstance(new, str):
        return json.dumps(new)
    if not getattr(node, "style", None) and not in_flow and is_plain(new):
        return new
    return yaml.dump(new, default_style='"', allow_unicode=True, width=float("inf")).rstrip("\n")
