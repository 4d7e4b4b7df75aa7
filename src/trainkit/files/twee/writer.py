"""A case → a Twine story in Twee 3."""

import json
import uuid
from collections.abc import Iterable, Mapping
from functools import partial, reduce
from typing import Any

from trainkit.case.graph import gotos, steps_from
from trainkit.case.model import Case
from trainkit.errors import KeyPath
from trainkit.files import text_tree, yaml_reader
from trainkit.files.gaps import MARK, marked
from trainkit.files.twee.markup import CASE_DATA, IN_COMMENT, IN_THE_OPEN, TAGS, TITLE, each, entity
from trainkit.files.yaml_dump import as_yaml
from trainkit.files.yaml_writer import source, translated


def export(case: Case, gaps: Iterable[tuple[KeyPath, str]] = ()) -> str:
    """The case with its translations as Twee 3, for Twine 2, Tweego or a text editor; :func:`load_twee` reads it.

    ``gaps`` are parts that are still to be filled in, each with a note that may be empty: they are marked as in case.yml.
    """
    marks = dict(gaps)
    safe = partial(each, change=partial(IN_COMMENT.sub, entity))
    data = safe(source(case))
    trees = {f"text.{lang}": safe(translated(case, lang)) for lang in case.translations}
    scenes, endings, title, start = (data.pop(key) for key in ("scenes", "endings", "title", "start"))
    places = _layout(case)
    story = {
        "ifid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"trainkit:{case.id}")).upper(),
        "format": "SugarCube", "format-version": "2.36.1",  # in Twine 2 and Tweego; leaves Cyrillic and comments alone
        "start": start, "tag-colors": TAGS, "zoom": 0.6,
    }  # fmt: skip
    if "patience" in data:
        data["patience"]["leaves"] = f"[[{data['patience']['leaves']}]]"
    data["order"] = [*scenes, *endings]
    own = {key: _without(tree, "scenes", "endings") for key, tree in trees.items()}
    passages = [
        ":: StoryTitle\n" + TITLE.sub(entity, title),
        ":: StoryData\n" + json.dumps(story, indent=2, ensure_ascii=False),
        _header(CASE_DATA, (25, 25)) + _case_data({**data, **own}, marks),
    ]
    for kind, parts in (("scenes", scenes), ("endings", endings)):
        for name, part in parts.items():
            tag = "ending" if kind == "endings" else part.pop("kind", "")
            passages.append(
                _header(name, places[name], tag) + _body(part, _below(trees, kind, name), _within(marks, kind, name))
            )
    return "\n\n".join(passages) + "\n"


def _without(tree: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: part for name, part in tree.items() if name not in names}


def _header(name: str, at: tuple[int, int], tag: str = "") -> str:
    tagged = f" [{tag}]" if tag else ""
    return f':: {name}{tagged} {{"position":"{at[0]},{at[1]}","size":"100,100"}}\n'


def _layout(case: Case) -> dict[str, tuple[int, int]]:
    """Where each passage stands on Twine's map: rows by the number of choices from the start, endings below."""
    row = steps_from(case.start, partial(gotos, case))
    last = max(row.values()) + 1
    row |= {name: last for name in (*case.scenes, *case.endings) if name in case.endings or name not in row}
    names: dict[int, list[str]] = {}
    for name, number in row.items():
        names.setdefault(number, []).append(name)
    width = max(map(len, names.values()))
    return {
        name: (150 * column + 75 * (width - len(names[number])) + 25, 150 * number + 175)
        for number in names
        for column, name in enumerate(names[number])
    }


def _below(texts: Mapping[str, Any], *path: str) -> dict[str, Any]:
    """The translations (``text.xx``) of a part of what they were the translations of."""
    below = {lang: reduce(text_tree.part_of, path, tree) for lang, tree in texts.items()}
    return {lang: tree for lang, tree in below.items() if tree}


Marks = Mapping[KeyPath, str]  # where something is still to be filled in, and what is noted there


def _within(marks: Marks, *path: str | int) -> Marks:
    """The marks of a part, by their paths in it."""
    return {at[len(path) :]: note for at, note in marks.items() if at[: len(path)] == path}


def _case_data(data: dict[str, Any], marks: Marks) -> str:
    """What is no scene and no ending; a mark of what stands elsewhere in the open is a line of its own, with the path."""
    text = _marked(as_yaml(data), marks)
    outside = "".join(f"{MARK} {'.'.join(map(str, at))}\n" for at in marks if len(at) == 1 and at[0] not in data)
    return outside + text.rstrip("\n")


def _marked(text: str, marks: Marks) -> str:
    _, lines = yaml_reader.parse(text, "") if marks else (None, {})
    safe = {at: IN_COMMENT.sub(entity, note).replace("--", "—") for at, note in marks.items() if at in lines}
    return marked(text, lines, safe.items())


def _body(part: dict[str, Any], texts: dict[str, Any], marks: Marks) -> str:
    """The passage of a scene or an ending."""
    lines, options, goto = part.pop("lines"), part.pop("options", {}), part.pop("goto", None)
    heads = {key: _without(tree, "lines", "options") for key, tree in texts.items()}
    items = [_comment({**part, **{key: tree for key, tree in heads.items() if tree}}, marks).lstrip("\n")]
    for number, line in enumerate(lines, 1):
        said, text = (line.pop("speaker"), line.pop("text")) if {"speaker", "text"} <= set(line) else line.popitem()
        words, other_words = _default("text", text)
        keys = {**line, **other_words, **_below(texts, "lines", str(number))}
        here = {
            () if at[0] in (said, "text") else at: note
            for at, note in _within(marks, "lines", number - 1).items()
            if at
        }
        items.append(f"{said}: {IN_THE_OPEN.sub(entity, words)}" + _comment(keys, here))
    for name, option in options.items():
        words, other_words = _default("text", option.pop("text"))
        place, other_places = _default("goto", option.pop("goto"))
        keys = {**other_words, **option, **other_places, **_below(texts, "options", name)}
        inner = _within(marks, "options", name).items()
        here = {(name, *(at if at[:1] != ("text",) else ())): note for at, note in inner}
        items.append(f"[[{IN_THE_OPEN.sub(entity, words)}->{place}]]" + _comment({name: keys}, here))
    if goto is not None:
        place, other_places = _default("goto", goto)
        items.append(f"[[{place}]]" + _comment(other_places, {}))
    return "\n\n".join(item for item in items if item)


def _default(key: str, value: Any) -> tuple[str, dict[str, Any]]:
    """What stands in the open, and the rules that go before it as ``key_if``."""
    if isinstance(value, str):
        return value, {}
    *rules, last = value
    if key == "goto":
        rules = [{**rule, "value": f"[[{rule['value']}]]"} for rule in rules]
    return last["value"], {f"{key}_if": rules}


def _comment(keys: Mapping[str, Any], marks: Marks) -> str:
    """Keys as a comment below what they belong to; a mark of the path () is of what stands above."""
    own = f"{MARK} {IN_COMMENT.sub(entity, marks[()]).replace('--', '—')}".rstrip() + "\n" if () in marks else ""
    text = own + (_marked(as_yaml(keys), {at: note for at, note in marks.items() if at}) if keys else "")
    if not text:
        return ""
    return f"\n<!-- {text.strip()} -->" if text.count("\n") == 1 else f"\n<!--\n{text}-->"
