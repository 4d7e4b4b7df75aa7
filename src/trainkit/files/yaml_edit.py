"""An author's YAML with only what has changed rewritten: comments, order and all other lines stay as they are.

The file is read once, as nodes with their places in the text. Where a part says another thing than before it is written
anew, as small as can be: a word in a folded text, a value, an entry, an item of a list. Entries that have moved or have
another name take their lines along, with the comments above them. What has changed is told by plain data, so however an
author wrote what has not, it is not touched.
"""

import difflib
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import yaml

from trainkit.files.gaps import without_filled
from trainkit.files.refolding import refolded
from trainkit.files.yaml_dump import as_yaml, in_braces, is_plain, item_as_yaml


class _Anew(Exception):
    """A part can't be edited in its place; whatever holds it writes it anew."""


def edited(text: str, before: Any, after: Any) -> str | None:
    """The text of a file that held ``before``, holding ``after``; None where it must be written anew."""
    return Edits(text, before).text(after)


class Edits:
    """A file's text and what it holds: asked again and again for the text with something else in it."""

    def __init__(self, text: str, before: Any):
        self._crlf = "\r\n" in text
        self._text = text.replace("\r\n", "\n") if self._crlf else text
        self._before = before
        self._root: yaml.Node | None = None
        with suppress(yaml.YAMLError, RecursionError):
            self._root = yaml.compose(self._text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))

    def text(self, after: Any) -> str | None:
        """The text that holds ``after``; None where it must be written anew."""
        root = self._root
        if root is None or not isinstance(root, yaml.MappingNode) or root.flow_style:
            return None
        writer = _Writer(self._text)
        try:
            new = writer.value(root, self._before, after, depth=0, in_flow=False)
        except _Anew:
            return None
        start, end = writer.span(root)
        whole = self._text[:start] + new + self._text[end:]
        whole = without_filled(whole, self._before, after)
        return whole.replace("\n", "\r\n") if self._crlf else whole


def same(one: Any, other: Any) -> bool:
    """Whether plain data say the same; ``1`` and ``true`` don't."""
    if one is other:
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and type(one) is type(other) and one == other


class _Block(NamedTuple):
    """An entry of a mapping or an item of a list: the comments and blank lines above it, and its own lines."""

    lead: str  # whole lines
    start: int  # of the key, or of the dash
    end: int  # of its last line
    node: yaml.Node  # the value


class _Writer:
    def __init__(self, text: str):
        self.all = text

    # ---- places ----------------------------------------------------------------------------------------------

    def span(self, node: yaml.Node) -> tuple[int, int]:
        """Where a part begins and ends; a block with the comment behind its last line, without what comes after."""
        if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            return node.start_mark.index, self._last(node)
        start, end = node.start_mark.index, node.end_mark.index
        return start, start + len(self.all[start:end].rstrip())

    def _last(self, node: yaml.Node) -> int:
        """The end of the last line of a part."""
        while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            last = node.value[-1]
            node = last[1] if isinstance(last, tuple) else last
        return self._line_end(self.span(node)[1])

    def _line_end(self, index: int) -> int:
        end = self.all.find("\n", index)
        return len(self.all) if end < 0 else end

    def _line(self, index: int) -> int:
        return self.all.rfind("\n", 0, index) + 1

    # ---- what stands at a place --------------------------------------------------------------------------------

    def value(self, node: yaml.Node, before: Any, after: Any, depth: int, in_flow: bool) -> str:
        """The text of a part that held ``before``, holding ``after``."""
        start, end = self.span(node)
        if same(before, after):
            return self.all[start:end]
        if isinstance(before, dict) and isinstance(after, dict) and isinstance(node, yaml.MappingNode):
            if node.flow_style or in_flow:
                return self._in_flow(node, before, after)
            if before and after:
                return self._mapping(node, before, after, depth)
        if isinstance(before, list) and isinstance(after, list) and isinstance(node, yaml.SequenceNode):
            if node.flow_style or in_flow:
                return self._in_flow(node, before, after)
            if before and after:
                return self._list(node, before, after)
        if isinstance(node, yaml.ScalarNode) and not isinstance(after, dict | list):
            return self._scalar(node, before, after, in_flow)
        if (in_flow or getattr(node, "flow_style", False)) and in_braces(after) is not None:
            return in_braces(after)
        raise _Anew

    def _mapping(self, node: yaml.MappingNode, before: dict, after: dict, depth: int) -> str:
        column, blocks, previous = node.start_mark.column, {}, None
        for key, value in node.value:
            if key.value not in before or (
                previous is not None and self.all[self._line(key.start_mark.index) : key.start_mark.index].strip()
            ):
                raise _Anew  # a key as nobody writes it
            lead = "" if previous is None else self.all[previous + 1 : self._line(key.start_mark.index)]
            previous = self._last_line(key, value)
            blocks[key.value] = _Block(lead, key.start_mark.index, previous, value)
        if list(blocks) != list(before):
            raise _Anew
        was = _renamed(before, after)
        spaced = _spaced(list(blocks.values()), depth)
        parts: list[tuple[str, str]] = []
        laid_aside = self._gone(blocks, set(was.values()))
        for name, value in after.items():
            old = was.get(name)
            if old is None:
                parts.append((spaced, as_yaml({name: value}, column).rstrip("\n").lstrip(" ")))
                continue
            block = blocks[old]
            parts.append(
                (laid_aside.get(old, "") + block.lead, self._entry(block, old, name, before[old], value, column))
            )
        tail = laid_aside.get(None, "")
        return _joined(parts, column) + (f"\n{tail.rstrip(chr(10))}" if tail else "")

    def _last_line(self, key: yaml.Node, value: yaml.Node) -> int:
        """The end of the last line of an entry."""
        empty = value.start_mark.index == value.end_mark.index
        return self._line_end(key.end_mark.index) if empty else self._last(value)

    def _entry(self, block: _Block, old: str, name: str, before: Any, after: Any, column: int) -> str:
        """The lines of an entry, under its old name or another, without the first indentation."""
        start, end = self.span(block.node)
        head = self.all[block.start : start]
        if name != old:
            key_end = head.rfind(old) + len(old) if old in head else -1
            quoted = head[:1] in "\"'"
            if key_end < 0 or head[key_end:].strip(" \n\"'")[:1] != ":":
                return as_yaml({name: after}, column).rstrip("\n").lstrip(" ")
            colon = head.index(":", key_end)
            head = (
                json.dumps(name) if quoted or not re.fullmatch("[a-z_][a-z0-9_]*", name) or not is_plain(name) else name
            ) + head[colon:]
        try:
            if start == end and not same(before, after):  # nothing stands there: `key:`
                raise _Anew
            new = self.value(block.node, before, after, 1 if old in ("scenes", "endings") else 2, in_flow=False)
        except _Anew:
            return as_yaml({name: after}, column).rstrip("\n").lstrip(" ")
        return head + new + self.all[end : block.end]

    def _list(self, node: yaml.SequenceNode, before: list, after: list) -> str:
        column, blocks, previous = node.start_mark.column, [], None
        for item in node.value:
            start = node.start_mark.index if previous is None else self._dash(previous + 1, item, column)
            lead = "" if previous is None else self.all[previous + 1 : self._line(start)]
            previous = self._last(item)
            if item.start_mark.index == item.end_mark.index:
                raise _Anew  # a dash with nothing behind it
            blocks.append(_Block(lead, start, previous, item))
        was = _moved(before, after)
        laid_aside = self._gone(dict(enumerate(blocks)), set(was) - {None})
        parts = []
        for number, old in enumerate(was):
            if old is None:
                parts.append(("", item_as_yaml(after[number], column).rstrip("\n").lstrip(" ")))
                continue
            block = blocks[old]
            start, end = self.span(block.node)
            try:
                new = self.value(block.node, before[old], after[number], 2, in_flow=False)
                new = self.all[block.start : start] + new + self.all[end : block.end]
            except _Anew:
                new = item_as_yaml(after[number], column).rstrip("\n").lstrip(" ")
            parts.append((laid_aside.get(old, "") + block.lead, new))
        tail = laid_aside.get(None, "")
        return _joined(parts, column) + (f"\n{tail.rstrip(chr(10))}" if tail else "")

    def _dash(self, begin: int, item: yaml.Node, column: int) -> int:
        """Where the dash of an item stands: at the column of its list, on the last line above its first that has one."""
        lines = self.all[begin : item.start_mark.index]
        found = list(re.finditer(rf"(?m)^ {{{column}}}-(?=[ \n]|$)", lines))
        if not found:
            raise _Anew
        return begin + found[0].end() - 1

    def _gone(self, blocks: dict[Any, _Block], kept: set) -> dict[Any, str]:
        """Comments above entries that are gone, by the entry that follows; under None those that nothing follows."""
        waiting, aside = "", {}
        for name, block in blocks.items():
            if name in kept:
                if waiting:
                    aside[name] = waiting
                waiting = ""
            elif block.lead.strip():
                waiting += block.lead
        if waiting:
            aside[None] = waiting
        return aside

    # ---- values --------------------------------------------------------------------------------------------

    def _in_flow(self, node: yaml.CollectionNode, before: Any, after: Any) -> str:
        """In braces or brackets: its values where it has the same shape, else written anew on one line."""
        start, end = self.span(node)
        values = [value for _, value in node.value] if isinstance(node, yaml.MappingNode) else node.value
        names = list(before) if isinstance(before, dict) else range(len(before))
        shape = list(after) if isinstance(after, dict) else range(len(after))
        if list(names) == list(shape) and len(values) == len(names):
            text, at = "", start
            for name, value in zip(names, values, strict=True):
                here, there = self.span(value)
                text += self.all[at:here] + self.value(value, before[name], after[name], 2, in_flow=True)
                at = there
            return text + self.all[at:end]
        new = in_braces(after)
        if new is None:
            raise _Anew
        return new

    def _scalar(self, node: yaml.ScalarNode, before: Any, after: Any, in_flow: bool) -> str:
        start, end = self.span(node)
        old = self.all[start:end]
        if isinstance(before, str) and isinstance(after, str) and "\n" in old:
            new = refolded(old, before, after, node.style)
            if new is not None:
                return new
        if node.style in (">", "|"):
            raise _Anew
        if isinstance(after, str) and in_flow and re.fullmatch("[a-z_][a-z0-9_]*", after) and is_plain(after):
            return after
        if not isinstance(after, str):
            return json.dumps(after)
        if not node.style and not in_flow and is_plain(after):
            return after
        return yaml.dump(after, default_style='"', allow_unicode=True, width=float("inf")).rstrip("\n")


def _joined(parts: Sequence[tuple[str, str]], column: int) -> str:
    """Entries or items one below the other, each with what stands above it; the first begins where the old first did."""
    text = ""
    for number, (lead, own) in enumerate(parts):
        if number == 0:
            above = lead.lstrip("\n").lstrip(" ")
            text = f"{above}{' ' * column if above.strip() else ''}{own}" if above.strip() else own
        else:
            text += f"\n{lead}{' ' * column}{own}"
    return text


def _spaced(blocks: Sequence[_Block], depth: int) -> str:
    """What stands above a new entry: a blank line where the others have one, and between scenes or endings."""
    leads = [block.lead for block in blocks[1:]]
    blank = sum(lead.startswith("\n") for lead in leads) * 2 > len(leads) if leads else depth == 1
    return "\n" if blank else ""


def _renamed(before: dict, after: dict) -> dict[str, str]:
    """New name → old name, of entries that stay; one that only has another name stays, too."""
    was = {name: name for name in after if name in before}
    fresh, gone = [name for name in after if name not in before], [name for name in before if name not in after]
    for name in list(fresh):
        old = next((one for one in gone if same(before[one], after[name])), None)
        if old is not None:
            was[name] = old
            fresh.remove(name)
            gone.remove(old)
    # in the same place between the same neighbours, in the same number
    for here, there in zip(_gaps(after, fresh), _gaps(before, gone), strict=False):
        if len(here) == len(there):
            was |= dict(zip(here, there, strict=True))
    return was


def _gaps(entries: dict, some: Sequence[str]) -> Iterator[list[str]]:
    """Runs of these names between the other entries, empty ones among them."""
    run: list[str] = []
    for name in entries:
        if name in some:
            run.append(name)
        else:
            yield run
            run = []
    yield run


def _moved(before: list, after: list) -> list[int | None]:
    """For each item the number it had before; None of a new one."""
    keys = [[json.dumps(item, ensure_ascii=False) for item in items] for items in (before, after)]
    was: list[int | None] = [None] * len(after)
    gone: list[int] = []
    fresh: list[int] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        if kind == "equal" or (kind == "replace" and b - a == d - c):
            was[c:d] = range(a, b)
        elif kind == "replace":
            pairs = _alike(keys[0][a:b], keys[1][c:d])
            for new in range(c, d):
                was[new] = a + pairs[new - c] if new - c in pairs else None
            fresh += [new for new in range(c, d) if was[new] is None]
            gone += [old for old in range(a, b) if old - a not in pairs.values()]
        elif kind == "insert":
            fresh += range(c, d)
        else:
            gone += range(a, b)
    for new in fresh:
        old = next((one for one in gone if keys[0][one] == keys[1][new]), None)
        if old is not None:
            was[new] = old
            gone.remove(old)
    return was


def _alike(before: Sequence[str], after: Sequence[str]) -> dict[int, int]:
    """Pairs of items (new → old), in order, that have much in common."""
    pairs: dict[int, int] = {}
    at = 0
    for new, text in enumerate(after):
        for old in range(at, len(before)):
            if difflib.SequenceMatcher(None, before[old], text).quick_ratio() > 0.8:
                pairs[new], at = old, old + 1
                break
    return pairs
