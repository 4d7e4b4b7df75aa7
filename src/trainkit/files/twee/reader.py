"""A Twine story as Twee 3 → a case, or every mistake with its line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from trainkit.case.model import SOURCE_LANGUAGE, Case, Option
from trainkit.errors import CaseError, KeyPath, Problem, nearest, shown, suggest
from trainkit.files import explain
from trainkit.files import yaml_reader as yamlfile
from trainkit.files.twee.markup import decoded, each, said_words
from trainkit.files.twee.writer import CASE_DATA, TAGS
from trainkit.files.yaml_reader import Lines
from trainkit.files.yaml_writer import short_line

MAX_BYTES = 4_000_000
MAX_PROBLEMS = 50

_LANGUAGE = re.compile(r"text\.([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})?)")
_NAME = re.compile(r"(?:\\.|[^\\\[\]{}])*")
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


@dataclass(frozen=True)
class _Passage:
    name: str
    line: int
    tags: frozenset[str]
    rows: Sequence[str]

    @property
    def text(self) -> str:
        return "\n".join(self.rows).strip()


@dataclass(frozen=True)
class _Comment:
    line: int
    text: str


@dataclass
class _Draft:
    """What has been read so far: the data of case.yml with the line of each part, translations, problems."""

    name: str
    lines: Lines = field(default_factory=dict)
    texts: dict[str, list[tuple[str, object, int]]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    where: str = ""

    def wrong(self, line: int, rule: str, got: str | None = None, known: Iterable[str] = ()) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            said = "" if got is None else f" (got {shown(got)}).{suggest(got, known)}"
            self.problems.append(Problem(f"{self.name}:{line}", self.where, rule + said.removesuffix(".")))

    def stop_if_wrong(self) -> None:
        if self.problems:
            raise CaseError(sorted(set(self.problems), key=lambda problem: int(problem.place.rpartition(":")[2])))


def read_twee(file: Path) -> Case:
    """Read a Twee file as a case; see :func:`load_twee`.

    Raises
    ------
    CaseError
        Also if the file can't be read, is not UTF-8 or has over 4 MB.
    """
    name = explain.shown_path(Path(file))
    try:
        with Path(file).open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise CaseError([Problem(name, "", f"can't be read: {error.strerror or error}")]) from None
    if len(raw) > MAX_BYTES:
        raise CaseError([Problem(name, "", f"a Twee file has at most {MAX_BYTES:,} bytes")])
    try:
        return load_twee(raw.decode("utf-8-sig"), name)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise CaseError([Problem(f"{name}:{line}", "", "the file must be saved as UTF-8")]) from None


def load_twee(text: str, name: str = "story.twee") -> Case:
    """Read Twee 3 as a case, with its translations.

    Parameters
    ----------
    text : str
        What :func:`export` wrote, as it is or as somebody has gone on with it in Twine, Tweego or an editor.
    name : str
        What to call it in errors.

    Raises
    ------
    CaseError
        If it is not Twee, not a case, or breaks a rule of the format; names places with their lines.
    """
    draft = _Draft(name)
    passages = {passage.name: passage for passage in _passages(draft, text)}
    story = {key: passages.pop(key, None) for key in ("StoryTitle", "StoryData", CASE_DATA)}
    passages = {key: passage for key, passage in passages.items() if not passage.tags & {"script", "stylesheet"}}
    if story[CASE_DATA] is None and not draft.problems:
        raise CaseError([Problem(f"{name}:1", "", _plain_story(passages.values()))])
    data: dict[str, Any] = {}
    order: object = []
    if given := story[CASE_DATA]:
        draft.where = f'passage "{CASE_DATA}"'
        draft.lines[()] = given.line
        data = _keys(draft, _Comment(given.line + 1, "\n".join(given.rows)), ())
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
    case = explain.case_from_data(data, name, draft.lines)
    return case.with_translations(_checked(draft, case))


def _plain_story(passages: Iterable[_Passage]) -> str:
    wanted = [key for key, part in Case.model_fields.items() if part.is_required() and key not in _ELSEWHERE]
    links = sum(row.count("[[") for passage in passages for row in passage.rows)
    keys = [key for key, part in Option.model_fields.items() if part.is_required() and key not in _ELSEWHERE]
    return (
        f"this is a story, not yet a case: the passage {CASE_DATA} is missing (with {', '.join(wanted)}), below each link "
        f"(there are {links}) a comment with the option's id and its {' and '.join(keys)}, and the tag `ending` with title, "
        "mood and value where it ends. Export a case to Twee to see the form."
        + suggest(CASE_DATA, [passage.name for passage in passages])
    )


def _passages(draft: _Draft, text: str) -> Iterator[_Passage]:
    """The passages of a Twee text; a bad header, a second passage of one name and text before the first are problems."""
    rows = text.removeprefix("\ufeff").split("\n")
    heads = [number for number, row in enumerate(rows) if row.startswith("::")]
    for number, row in enumerate(rows[: heads[0] if heads else len(rows)], 1):
        if row.strip():
            html = " This is a published story; in Twine choose Build, Export As Twee." if "<" in row else ""
            draft.wrong(number, f"Twee begins with a passage, `:: Name`.{html}", row.strip())
            break
    seen: dict[str, int] = {}
    for head, end in zip(heads, [*heads, len(rows)][1:], strict=True):
        read = _read_header(draft, head + 1, rows[head][2:].strip())
        if read is None:
            continue
        name, tags = read
        if name in seen:
            draft.wrong(head + 1, f"there is a passage {shown(name)} already, on line {seen[name]}")
            continue
        seen[name] = head + 1
        body = [row[1:] if row.startswith("\\:") else row for row in rows[head + 1 : end]]
        yield _Passage(name, head + 1, tags, body)


def _read_header(draft: _Draft, line: int, row: str) -> tuple[str, frozenset[str]] | None:
    """Name and tags; Twine's own metadata are looked at, and left."""
    found = _NAME.match(row)[0]
    name, rest, tags = re.sub(r"\\(.)", r"\1", found.strip()), row[len(found) :], []
    if rest.startswith("["):
        found = _NAME.match(rest, 1)[0]
        tags, rest = [re.sub(r"\\(.)", r"\1", tag) for tag in found.split()], rest[1 + len(found) :]
        if not rest.startswith("]"):
            draft.wrong(line, "the tags of a passage end with `]`", row)
            return None
        rest = rest[1:].strip()
    if not name or (rest and not rest.startswith("{")):
        draft.wrong(line, 'a header is `:: Name [tags] {"position":"100,200"}`', f":: {row}")
        return None
    metadata = _json(draft, line, rest or "{}", "the metadata in {…} of a header")
    for key in ("position", "size"):
        value = metadata.get(key, "0,0")
        if not isinstance(value, str) or not re.fullmatch(r"[-+.\deE]+\s*,\s*[-+.\deE]+", value.strip()):
            rule = f"{key} in a header is Twine's, for its map; an option's {key} stands in the comment below its link"
            draft.wrong(line, f'{rule}; must be like "100,200"', value)
    for tag in tags:
        if tag not in TAGS and nearest(tag, TAGS):
            draft.wrong(line, "a tag of one's own must not look like one of ours", tag, TAGS)
    return name, frozenset(tags)


def _json(draft: _Draft, line: int, text: str, what: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        said = "nested too deep" if isinstance(error, RecursionError) else getattr(error, "msg", str(error))
        draft.wrong(line + getattr(error, "lineno", 1) - 1, f"{what} must be JSON: {said}", text.strip())
        return {}
    if not isinstance(found, dict):
        draft.wrong(line, f"{what} must be JSON in braces", text.strip())
    return found if isinstance(found, dict) else {}


def _story(draft: _Draft, title: _Passage | None, story: _Passage | None) -> dict[str, Any]:
    """Title and start."""
    data: dict[str, Any] = {}
    draft.where = ""
    if title is None or not title.text:
        draft.wrong(title.line if title else 1, "the passage StoryTitle with the case's title is missing")
    else:
        data["title"] = said_words(title.text)
        draft.lines["title",] = title.line + 1
    if story is None:
        draft.wrong(1, 'the passage StoryData with the first scene, {"start": "…"}, is missing')
        return data
    draft.where = 'passage "StoryData"'
    before = len(draft.problems)
    start = _json(draft, story.line + 1, "\n".join(story.rows), "this passage").get("start")
    line = story.line + next((number for number, row in enumerate(story.rows, 1) if '"start"' in row), 0)
    if isinstance(start, str):
        data["start"], draft.lines["start",] = start, line
    elif len(draft.problems) == before:
        draft.wrong(line, 'must name the first scene, "start": "…"', start)
    return data


def _part(draft: _Draft, passage: _Passage, base: KeyPath, places: Iterable[str]) -> dict[str, Any]:
    """A scene or an ending, as in case.yml."""
    head, *items = _items(draft, passage)
    draft.lines[base] = passage.line
    part = _keys(draft, head[2], base)
    _elsewhere(draft, part, base, "lines", "options", "goto", "kind")
    _translations(draft, part, base)
    if "inquiry" in passage.tags:
        part["kind"] = "inquiry"
        draft.lines[(*base, "kind")] = passage.line
    if not re.fullmatch(r"[a-z0-9][a-z0-9_]*", passage.name):
        draft.wrong(passage.line, "a passage has the id of its scene or ending for a name: a–z, 0–9 and _")
    for line, row, comment in items:
        if row.startswith("[["):
            _option(draft, part, base, line, row, comment, places)
        elif (said := _SAID.fullmatch(row)) and "[[" not in row:
            path = (*base, "lines", len(part.setdefault("lines", [])))
            keys = _keys(draft, comment, path, said[1])
            _translations(draft, keys, path)
            _only(draft, keys, path, "when", "text_if")
            _put(draft, keys, path, "text", said_words(said[2]), line, said[1])
            part["lines"].append(short_line({"speaker": said[1], **keys}))
            draft.lines[path] = line
        elif said:
            draft.wrong(line, "a link stands on a line of its own, `[[words->passage]]`")
        else:
            draft.wrong(line, "a line is `speaker: text`, e.g. `narrator: …`", row)
    if base[0] == "scenes" and not part.get("options") and "goto" not in part and not draft.problems:
        draft.wrong(passage.line, "leads nowhere: it needs a link, or, if the case ends here, the tag `ending`")
    return part


def _items(draft: _Draft, passage: _Passage) -> list[tuple[int, str, _Comment | None]]:
    """The head of a passage and its lines and links, each with the comment below it."""
    items: list[tuple[int, str, _Comment | None]] = [(passage.line, "", None)]
    rows = enumerate(passage.rows, passage.line + 1)
    for line, row in rows:
        if not row.strip():
            continue
        if not row.strip().startswith("<!--"):
            items.append((line, row.strip(), None))
            continue
        row = row.strip()[4:].lstrip()
        inside = []
        while "-->" not in row:
            inside.append(row)
            _, row = next(rows, (0, None))
            if row is None:
                draft.wrong(line, "this comment has no end, `-->`")
                return items
        last, _, after = row.partition("-->")
        if after.strip():
            draft.wrong(line + len(inside), "after `-->` a new line begins", after.strip())
        if items[-1][2]:
            draft.wrong(line, "a line or link has one comment below it; this is the second")
        items[-1] = (*items[-1][:2], _Comment(line, "\n".join([*inside, last])))
    return items


def _option(draft: _Draft, part: dict, base: KeyPath, line: int, row: str, comment: _Comment | None, places) -> None:
    """A link: an option, or where the scene goes on to."""
    found = re.fullmatch(r"\[\[([^\[\]]*)\]\]", row)
    if not found:
        rule = "a link stands alone on its line, without other brackets" if "]]" in row else "a link ends with `]]`"
        draft.wrong(line, f"{rule}: `[[words->passage]]`", row)
        return
    words, place = None, found[1]
    if "->" in place:
        words, _, place = place.rpartition("->")
    elif "<-" in place:
        place, _, words = place.partition("<-")
    elif "|" in place:
        words, _, place = place.rpartition("|")
    if (place := place.strip()) not in places:
        draft.wrong(line, "a link must lead to a passage that exists", place, places)
    if words is None:
        if "goto" in part:
            draft.wrong(line, "a scene that goes on by itself has one link without words; this is the second")
        keys = _keys(draft, comment, base)
        _only(draft, keys, base, "goto_if")
        _put(draft, keys, base, "goto", place, line)
        part |= keys
        return
    path = (*base, "options")
    options = part.setdefault("options", {})
    found = _keys(draft, comment, path)
    if comment and len(found) == 1 and isinstance(option := next(iter(found.values())), dict):
        name = next(iter(found))
        if name in options:
            draft.wrong(line, f"this scene has an option {shown(name)} already")
        options[name] = option
        _translations(draft, option, (*path, name))
        _put(draft, option, (*path, name), "text", said_words(words), line)
        _put(draft, option, (*path, name), "goto", place, line)
        draft.lines[(*path, name)] = line
    else:
        got = ", ".join(found) if found else None
        draft.wrong(line, "below a link stands a comment with the option's id and, indented, its keys", got)


def _keys(draft: _Draft, comment: _Comment | None, path: KeyPath, said: str = "text") -> dict[str, Any]:
    """The YAML of a comment, as the keys of the part at ``path``; ``said`` is the key that case.yml has the words under."""
    if comment is None:
        return {}
    before = comment.line - 1
    try:
        found, lines = yamlfile.parse(comment.text, draft.name)
    except CaseError as error:
        for problem in error.problems:
            name, _, line = problem.place.rpartition(":")
            moved = f"{name}:{int(line) + before}"
            draft.problems.append(replace(problem, place=moved, where=draft.where))
        return {}
    if not isinstance(found, dict):
        draft.wrong(comment.line, "keys stand here, `key: value`", found)
        return {}
    for sub, line in list(lines.items())[1:]:
        names = ({"text_if": said, "goto_if": "goto"}.get(part, part) for part in sub)
        draft.lines[(*path, *names)] = line + before
    return each(found, decoded)


def _elsewhere(draft: _Draft, keys: dict[str, Any], path: KeyPath, *names: str) -> None:
    for name in names:
        if name in keys:
            del keys[name]
            draft.wrong(draft.lines.get((*path, name), 1), f"`{name}` stands {_ELSEWHERE[name]}, not here")


def _only(draft: _Draft, keys: dict[str, Any], path: KeyPath, *names: str) -> None:
    for key in [key for key in keys if key not in names]:
        del keys[key]
        rule = f"here may stand only {' and '.join(f'`{name}`' for name in names)}"
        draft.wrong(draft.lines.get((*path, key), 1), rule, key, names)


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
        found = _LANGUAGE.fullmatch(key)
        line = draft.lines.get((*path, key), 1)
        if not found or found[1] == SOURCE_LANGUAGE:
            draft.wrong(line, "a translation is called text.<language>, e.g. text.en", key)
        else:
            into = draft.texts.setdefault(found[1], [])
            into += [
                (".".join(str(n + 1) if isinstance(n, int) else n for n in (*path, *sub)), value,
                 draft.lines.get((*path, key, *sub), line))
                for sub, value in _leaves(keys[key])
            ]  # fmt: skip
        del keys[key]


def _leaves(data: object) -> Iterator[tuple[KeyPath, object]]:
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from (((key, *sub), leaf) for sub, leaf in _leaves(value))
    else:
        yield (), data


def _checked(draft: _Draft, case: Case) -> dict[str, dict[str, str]]:
    """The translations, if each is a text and of a text that the case has."""
    translations: dict[str, dict[str, str]] = {lang: {} for lang in draft.texts}
    for lang, found in draft.texts.items():
        draft.where = f"text.{lang}"
        for key, value, line in found:
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
