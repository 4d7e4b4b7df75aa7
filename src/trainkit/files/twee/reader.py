"""A Twine story in Twee 3 → a case, or every mistake with its line."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from trainkit.case.model import Case, Option
from trainkit.errors import CaseError, KeyPath, Problem, shown, suggest
from trainkit.files import text_tree, yaml_reader
from trainkit.files.case_errors import case_from_data
from trainkit.files.reading import read_text, shown_path
from trainkit.files.translation import is_translation
from trainkit.files.twee import syntax
from trainkit.files.twee.markup import CASE_DATA, decoded, each, said_words
from trainkit.files.yaml_reader import Lines
from trainkit.files.yaml_writer import short_line

MAX_BYTES = 4_000_000
_SAID = re.compile(r"([a-z0-9][a-z0-9_]*)\s*:(.*)")
_ELSEWHERE = {
    "lines": "in the passage itself, as `speaker: text`",
    "options": "in the passage itself, as links `[[words->passage]]`",
    "text": "in the open, above the comment",
    "goto": "in the link, `[[words->passage]]`",
    "kind": "in the passage's header, as the tag `inquiry`",
    "title": "in the passage StoryTitle",
    "start": "in the passage StoryData",
    "scenes": "in passages of their own",
    "endings": "in passages of their own",
}


@dataclass
class _Draft(syntax.Mistakes):
    """What has been read so far: the line of each part of case.yml, and the translations, as (id, text, line)."""

    lines: Lines = field(default_factory=dict)
    texts: dict[str, list[tuple[str, object, int]]] = field(default_factory=dict)


def read_twee(file: Path) -> Case:
    """Read a Twee file, UTF-8 of at most 4 MB, as a case; see :func:`load_twee`."""
    name = shown_path(Path(file))
    return load_twee(read_text(Path(file), name, "a Twee file", MAX_BYTES), name)


def load_twee(text: str, name: str = "story.twee") -> Case:
    """Read Twee 3, as :func:`export` wrote it or as somebody has gone on with it, as a case with its translations.

    Raises
    ------
    CaseError
        If it is not Twee, not a case, or breaks a rule of the format; names places with their lines.
    """
    draft = _Draft(name)
    passages = {passage.name: passage for passage in syntax.read_passages(draft, text)}
    story = {key: passages.pop(key, None) for key in ("StoryTitle", "StoryData", CASE_DATA)}
    passages = {key: passage for key, passage in passages.items() if not passage.tags & {"script", "stylesheet"}}
    if story[CASE_DATA] is None and not draft.problems:
        raise CaseError([Problem(f"{name}:1", "", _plain_story(passages.values()))])
    data: dict[str, Any] = {}
    order: object = []
    if given := story[CASE_DATA]:
        draft.where = f'passage "{CASE_DATA}"'
        draft.lines[()] = given.line
        data = _keys(draft, syntax.Comment(given.line + 1, "\n".join(given.rows)), ())
        order = data.pop("order", [])
        if not isinstance(order, list):
            draft.wrong(draft.lines["order",], "`order` is a list of passages", order)
        _elsewhere(draft, data, (), "title", "start", "scenes", "endings")
        _translations(draft, data, ())
    data |= _story(draft, story["StoryTitle"], story["StoryData"])
    data |= {"scenes": {}, "endings": {}}
    rank = {str(key): number for number, key in enumerate(order if isinstance(order, list) else [])}
    for key in sorted(passages, key=lambda key: rank.get(key, len(rank))):
        kind = "endings" if "ending" in passages[key].tags else "scenes"
        draft.where = f"passage {shown(key)}"
        data[kind][key] = _part(draft, passages[key], (kind, key), passages)
    draft.stop_if_wrong()
    case = case_from_data(data, name, draft.lines)
    return case.with_translations(_checked(draft, case))


def _plain_story(passages: Iterable[syntax.Passage]) -> str:
    wanted, keys = (
        [key for key, part in kind.model_fields.items() if part.is_required() and key not in _ELSEWHERE]
        for kind in (Case, Option)
    )
    links = sum(row.count("[[") for passage in passages for row in passage.rows)
    return (
        f"this is a story, not yet a case: the passage {CASE_DATA} is missing (with {', '.join(wanted)}), below each link "
        f"(there are {links}) a comment with the option's id and its {' and '.join(keys)}, and the tag `ending` with title, "
        "mood and value where it ends. Export a case to Twee to see the form."
        + suggest(CASE_DATA, [passage.name for passage in passages])
    )


def _story(draft: _Draft, title: syntax.Passage | None, story: syntax.Passage | None) -> dict[str, Any]:
    """Title and start."""
    data: dict[str, Any] = {}
    draft.where = ""
    words = said_words("\n".join(title.rows)) if title else ""
    if not words:
        draft.wrong(title.line if title else 1, "the passage StoryTitle with the case's title is missing")
    else:
        data["title"], draft.lines["title",] = words, title.line + 1
    if story is None:
        draft.wrong(1, 'the passage StoryData with the first scene, {"start": "…"}, is missing')
        return data
    draft.where = 'passage "StoryData"'
    before = len(draft.problems)
    start = syntax.read_json(draft, story.line + 1, "\n".join(story.rows), "this passage").get("start")
    line = story.line + next((number for number, row in enumerate(story.rows, 1) if '"start"' in row), 0)
    if isinstance(start, str):
        data["start"], draft.lines["start",] = start, line
    elif len(draft.problems) == before:
        draft.wrong(line, 'must name the first scene, "start": "…"', start)
    return data


def _part(draft: _Draft, passage: syntax.Passage, base: KeyPath, places: Iterable[str]) -> dict[str, Any]:
    """A scene or an ending, as in case.yml."""
    head, *items = syntax.read_items(draft, passage)
    draft.lines[base] = passage.line
    part = _keys(draft, head.comment, base)
    _elsewhere(draft, part, base, "lines", "options", "goto", "kind")
    _translations(draft, part, base)
    if "inquiry" in passage.tags:
        part["kind"] = "inquiry"
        draft.lines[(*base, "kind")] = passage.line
    if not re.fullmatch(r"[a-z0-9][a-z0-9_]*", passage.name):
        draft.wrong(passage.line, "a passage has the id of its scene or ending for a name: a–z, 0–9 and _")
    for item in items:
        if item.words.startswith("[["):
            _link(draft, part, base, item, places)
        else:
            _line(draft, part, (*base, "lines"), item)
    if base[0] == "scenes" and not part.get("options") and "goto" not in part and not draft.problems:
        draft.wrong(passage.line, "leads nowhere: it needs a link, or, if the case ends here, the tag `ending`")
    return part


def _line(draft: _Draft, part: dict, path: KeyPath, item: syntax.Item) -> None:
    """Something said or told, ``speaker: words``."""
    said = _SAID.fullmatch(item.words)
    if not said:
        draft.wrong(item.line, "a line is `speaker: text`, e.g. `narrator: …`", item.words)
        return
    if "[[" in item.words:
        draft.wrong(item.line, "a link stands on a line of its own, `[[words->passage]]`")
        return
    speaker, words = said[1], said_words(said[2])
    lines = part.setdefault("lines", [])
    path = (*path, len(lines))
    keys = _keys(draft, item.comment, path, speaker)
    _translations(draft, keys, path)
    _only(draft, keys, path, "when", "text_if")
    _put(draft, keys, path, "text", words, item.line, speaker)
    lines.append(short_line({"speaker": speaker, **keys}))
    draft.lines[path] = item.line


def _link(draft: _Draft, part: dict, base: KeyPath, item: syntax.Item, places: Iterable[str]) -> None:
    """A link: an option, or where the scene goes on to."""
    link = syntax.read_link(draft, item.line, item.words)
    if link is None:
        return
    words, place = link
    if place not in places:
        draft.wrong(item.line, "a link must lead to a passage that exists", place, places)
    if words is not None:
        _option(draft, part, (*base, "options"), item, words, place)
        return
    if "goto" in part:
        draft.wrong(item.line, "a scene that goes on by itself has one link without words; this is the second")
    keys = _keys(draft, item.comment, base)
    _only(draft, keys, base, "goto_if")
    _put(draft, keys, base, "goto", place, item.line)
    part |= keys


def _option(draft: _Draft, part: dict, path: KeyPath, item: syntax.Item, words: str, place: str) -> None:
    """A link with words: an option, whose id and keys stand in the comment below it."""
    options = part.setdefault("options", {})
    keys = _keys(draft, item.comment, path)
    name = next(iter(keys), None)
    if not item.comment or len(keys) != 1 or not isinstance(option := keys[name], dict):
        got = ", ".join(keys) if keys else None
        draft.wrong(item.line, "below a link stands a comment with the option's id and, indented, its keys", got)
        return
    if name in options:
        draft.wrong(item.line, f"this scene has an option {shown(name)} already")
    options[name] = option
    path = (*path, name)
    _translations(draft, option, path)
    _put(draft, option, path, "text", said_words(words), item.line)
    _put(draft, option, path, "goto", place, item.line)
    draft.lines[path] = item.line


def _keys(draft: _Draft, comment: syntax.Comment | None, path: KeyPath, said: str = "text") -> dict[str, Any]:
    """The YAML of a comment, as the keys of the part at ``path``; ``said`` is the key that case.yml has the words under."""
    if comment is None:
        return {}
    before = comment.line - 1
    try:
        data, lines = yaml_reader.parse(comment.text, draft.name)
    except CaseError as error:
        for problem in error.problems:
            name, _, line = problem.place.rpartition(":")
            draft.problems.append(replace(problem, place=f"{name}:{int(line) + before}", where=draft.where))
        return {}
    if not isinstance(data, dict):
        draft.wrong(comment.line, "keys stand here, `key: value`", data)
        return {}
    for sub, line in list(lines.items())[1:]:
        names = ({"text_if": said, "goto_if": "goto"}.get(part, part) for part in sub)
        draft.lines[(*path, *names)] = line + before
    return each(data, decoded)


def _elsewhere(draft: _Draft, keys: dict[str, Any], path: KeyPath, *names: str) -> None:
    for name in names:
        if name in keys:
            del keys[name]
            draft.wrong(draft.lines.get((*path, name), 1), f"`{name}` stands {_ELSEWHERE[name]}, not here")


def _only(draft: _Draft, keys: dict[str, Any], path: KeyPath, *names: str) -> None:
    for key in [key for key in keys if key not in names]:
        del keys[key]
        only = " and ".join(f"`{name}`" for name in names)
        draft.wrong(draft.lines.get((*path, key), 1), f"here may stand only {only}", key, names)


def _put(
    draft: _Draft, keys: dict[str, Any], path: KeyPath, name: str, default: str, line: int, said: str | None = None
) -> None:
    """Text or goto: what stands in the open, after the rules from the comment."""
    _elsewhere(draft, keys, path, name)
    at = (*path, said or name)
    rules = keys.pop(f"{name}_if", None)
    if rules is not None and not (isinstance(rules, list) and rules):
        draft.wrong(draft.lines.get(at, line), f"`{name}_if` is a list of `when` and `value`", rules)
        rules = None
    keys[name] = [*rules, {"value": default}] if rules else default
    draft.lines[at] = line


def _translations(draft: _Draft, keys: dict[str, Any], path: KeyPath) -> None:
    """Move the translations out of the keys of a part."""
    for key in [key for key in keys if key.startswith("text.")]:
        lang, tree = key.removeprefix("text."), keys.pop(key)
        line = draft.lines.get((*path, key), 1)
        if not is_translation(lang):
            draft.wrong(line, "a translation is called text.<language>, e.g. text.en", key)
            continue
        texts = draft.texts.setdefault(lang, [])
        for sub, value in text_tree.leaves(tree):
            texts.append((text_tree.dotted((*path, *sub)), value, draft.lines.get((*path, key, *sub), line)))


def _checked(draft: _Draft, case: Case) -> dict[str, dict[str, str]]:
    """The translations, if each is a text and of a text that the case has."""
    translations: dict[str, dict[str, str]] = {lang: {} for lang in draft.texts}
    for lang, texts in draft.texts.items():
        draft.where = f"text.{lang}"
        for key, value, line in texts:
            if key in translations[lang]:
                draft.wrong(line, f"{key} is translated twice")
            elif key not in case.texts:
                draft.wrong(line, "there is no such Russian text", key, case.texts)
            elif not isinstance(value, str) or not value.strip():
                draft.wrong(line, f"the translation of {key} must be text", value)
            else:
                translations[lang][key] = value
    draft.stop_if_wrong()
    return translations
