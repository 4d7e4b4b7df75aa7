"""Plain data → YAML as a person would have written it: the style of the casebook."""

import json
import re
from typing import Any

import yaml


class _Writer(yaml.SafeDumper):
    """The casebook's YAML: lists indented, no line broken except in a folded text."""

    def ignore_aliases(self, data):
        return True

    def increase_indent(self, flow=False, indentless=False):
        super().increase_indent(flow, False)

    def write_plain(self, text, split=True):
        super().write_plain(text, False)

    def write_double_quoted(self, text, split=True):
        super().write_double_quoted(text, False)


_FOLDABLE = re.compile(r"[^\s\x7f-\x9f\ufeff]+( [^\s\x7f-\x9f\ufeff]+)*")
_PLAIN = re.compile(r"[^\W\d_«]([\w ,.!?…—–«»“”’()+-]*[\w.!?…»”’)+-])?")
_OTHER_THAN_TEXT = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def is_plain(text: str) -> bool:
    """Whether a text is read as itself without quotes, outside of braces and brackets."""
    return bool(_PLAIN.fullmatch(text)) and text.lower() not in _OTHER_THAN_TEXT


def _write_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    folded = len(text) > 90 and _FOLDABLE.fullmatch(text)
    style = ">" if folded else None if is_plain(text) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


def _on_one_line(data: Any) -> bool:
    """Names and numbers stand on one line, ``{when: {item: watch}, value: 0.1}``; texts and lists of rules don't."""
    if isinstance(data, dict):
        return set(data) != {"value"} and len(repr(data)) <= 90 and all(map(_on_one_line, data.values()))
    if isinstance(data, list):
        return all(isinstance(item, str) and _on_one_line(item) for item in data)
    return not isinstance(data, str) or bool(re.fullmatch(r"[a-z0-9_+-]+", data))


class _Rows(list):
    """A list whose items stand on lines of their own, however short it is."""


class Block(dict):
    """A mapping whose keys stand on lines of their own, however short it is."""


def _write_mapping(dumper: yaml.SafeDumper, data: dict) -> yaml.Node:
    in_braces = not isinstance(data, Block) and _on_one_line(data)
    return dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), in_braces)


def _write_list(dumper: yaml.SafeDumper, data: list) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, not isinstance(data, _Rows) and _on_one_line(data))


_KINDS = (
    (str, _write_text),
    (dict, _write_mapping),
    (Block, _write_mapping),
    (list, _write_list),
    (_Rows, _write_list),
)
for kind, write in _KINDS:
    _Writer.add_representer(kind, write)


def as_yaml(data: Any, indent: int = 0) -> str:
    """YAML in the house's style, 100 wide: block mappings, short lists and rules on one line, long texts folded."""
    text = yaml.dump(Block(data), Dumper=_Writer, sort_keys=False, allow_unicode=True, width=100 - indent)
    return re.sub("^(?=.)", " " * indent, text, flags=re.M)


def item_as_yaml(item: Any, indent: int = 0) -> str:
    """An item of a list, ``- …``, in the house's style."""
    text = yaml.dump(_Rows([item]), Dumper=_Writer, sort_keys=False, allow_unicode=True, width=100 - indent)
    return re.sub("^(?=.)", " " * indent, text, flags=re.M)


def in_braces(data: Any) -> str | None:
    """Plain data on one line, as it stands in braces or brackets; None where a long text would stand in it."""
    if len(json.dumps(data, ensure_ascii=False)) > 160:
        return None
    return _flow(data)


def _flow(data: Any) -> str:
    if isinstance(data, dict):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(value)}" for key, value in data.items()) + "}"
    if isinstance(data, list):
        return "[" + ", ".join(map(_flow, data)) + "]"
    if isinstance(data, str) and re.fullmatch("[a-z_][a-z0-9_]*[+-]?", data) and is_plain(data):
        return data
    if isinstance(data, str):
        return yaml.dump(data, default_style='"', allow_unicode=True, width=float("inf")).rstrip("\n")
    return json.dumps(data)
