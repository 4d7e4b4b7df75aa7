"""How a case looks as files: case → YAML that a person would have written.

The order of keys is that of ``casebook/README.md``; loading what is written gives the same hash and translations.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from trainkit.case.model import Case
from trainkit.errors import TrainkitError, shown
from trainkit.files import text_tree
from trainkit.files.reading import shown_path

_LIKE_README = (
    "text", "because", "ask", "costs", "reveals", "position", "fit", "facets", "remember", "effect", "when", "reply", "goto",
)  # fmt: skip


def write_case(case: Case, folder: Path, replace: bool = False) -> None:
    """Write a case as ``case.yml`` and ``text.<lang>.yml``; loading the folder gives the same hash and translations.

    Parameters
    ----------
    case : Case
    folder : Path
        Its name must be the case's id; made if need be. ``walks.yml`` and ``translated.json`` in it are left alone.
    replace : bool
        Whether the files of a case that is there already may be overwritten.

    Raises
    ------
    TrainkitError
        If the folder has another name or a case already, or can't be written.
    """
    folder = Path(folder)
    place = shown_path(folder)
    if folder.resolve().name != case.id:
        raise TrainkitError(
            f"a case's folder has the case's id for a name (got {shown(folder.name)}, case {shown(case.id)})"
        )
    files = {f"text.{lang}.yml": _spaced(translated(case, lang)) for lang in case.translations}
    files["case.yml"] = _spaced(source(case))
    here = {file.name for pattern in ("case.yml", "text.*.yml") for file in folder.glob(pattern)}
    if here and not replace:
        raise TrainkitError(f"{place} holds a case already; name another folder, or let it be replaced (`--replace`)")
    if stray := sorted(here - set(files)):
        raise TrainkitError(f"{place}/{stray[0]} is no translation of this case; remove it first")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, "utf-8", newline="\n")
    except OSError as error:
        raise TrainkitError(f"{place} can't be written: {error.strerror}") from None


def source(case: Case) -> dict[str, Any]:
    """What an author would write in ``case.yml``, in the order of casebook/README.md."""
    data = _authored(json.loads(case.source_json))
    if "memory" in data:
        data["memory"] = _Block(data["memory"])
    for scene in data["scenes"].values():
        for option in scene.get("options", {}).values():
            for key in _LIKE_README:
                if key in option:
                    option[key] = option.pop(key)
    return data


def _authored(data: Any) -> Any:
    """Lines as ``speaker: text``, a list with the default rule only as its value, a list with one name as that name."""
    if isinstance(data, dict):
        return {
            key: _condition(value) if _is_condition(key, value) else _authored(value) for key, value in data.items()
        }
    if not (isinstance(data, list) and data and isinstance(data[0], dict)):
        return data
    items = [_authored(item) for item in data]
    if "speaker" in items[0]:
        return [short_line(item) for item in items]
    return items[0]["value"] if len(items) == 1 else items


def _is_condition(key: str, value: Any) -> bool:
    """Whether it is a ``when``: a scene or an option may be called so, too."""
    if key != "when" or not isinstance(value, dict):
        return False
    return all(isinstance(names, list) and isinstance(names[0], str) for names in value.values())


def _condition(when: Mapping[str, list[str]]) -> dict[str, Any]:
    return {name: values[0] if len(values) == 1 else values for name, values in when.items()}


def short_line(line: dict[str, Any]) -> dict[str, Any]:
    """A line as an author writes it: `speaker: text`, and `when` beside it."""
    if line["speaker"] == "when":  # as a key it would be read as a condition
        return line
    return {**({"when": line["when"]} if "when" in line else {}), line["speaker"]: line["text"]}


def translated(case: Case, lang: str) -> dict[str, Any]:
    """A translation in the shape of ``text.<lang>.yml``."""
    known = case.translations[lang]
    return text_tree.listed(text_tree.tree({key: known[key] for key in case.texts if key in known}))


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


def _write_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    if len(text) > 90 and _FOLDABLE.fullmatch(text):
        style = ">"
    else:
        style = None if _PLAIN.fullmatch(text) and text.lower() not in _OTHER_THAN_TEXT else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


def _on_one_line(data: Any) -> bool:
    """Names and numbers stand on one line, ``{when: {item: watch}, value: 0.1}``; texts and lists of rules don't."""
    if isinstance(data, dict):
        return set(data) != {"value"} and len(repr(data)) <= 90 and all(map(_on_one_line, data.values()))
    if isinstance(data, list):
        return all(isinstance(item, str) and _on_one_line(item) for item in data)
    return not isinstance(data, str) or bool(re.fullmatch(r"[a-z0-9_+-]+", data))


class _Block(dict):
    """A mapping whose keys stand on lines of their own, however short it is."""


_Writer.add_representer(str, _write_text)
_Writer.add_representer(
    _Block, lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), False)
)
_Writer.add_representer(
    dict, lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), _on_one_line(data))
)
_Writer.add_representer(
    list, lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, _on_one_line(data))
)


def as_yaml(data: Any) -> str:
    """YAML in the house's style: block mappings, short lists and rules on one line, long texts folded."""
    return yaml.dump(_Block(data), Dumper=_Writer, sort_keys=False, allow_unicode=True, width=100)


def _spaced(data: Mapping[str, Any]) -> str:
    """A file's YAML with a blank line before each block, scene and ending."""
    blocks: list[str] = []
    for key, value in data.items():
        if key in ("scenes", "endings"):
            parts = (re.sub("^(?=.)", "  ", as_yaml({name: part}), flags=re.M) for name, part in value.items())
            block = f"{key}:\n" + "\n".join(parts)
        else:
            block = as_yaml({key: value})
        blocks.append(("\n" if blocks and isinstance(value, dict) else "") + block)
    return "".join(blocks) or "{}\n"
