"""A Twine story in Twee 3 → a case, or every mistake with its line."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from trainkit.case.model import Case, Option
from trainkit.errors import N_, CaseError, KeyPath, Problem, Told, nearest, shown, suggest
from trainkit.files import text_tree, yaml_reader
from trainkit.files.case_errors import case_from_data
from trainkit.files.gaps import MARK, gaps
from trainkit.files.reading import read_text, shown_path
from trainkit.files.translation import is_language
from trainkit.files.twee import syntax
from trainkit.files.twee.foreign import foreign_passages, is_special
from trainkit.files.twee.markup import CASE_DATA, TAGS, decoded, each, said_words
from trainkit.files.yaml_reader import Lines
from trainkit.files.yaml_writer import short_line

MAX_BYTES = 4_000_000
_SAID = re.compile(r"([a-z0-9][a-z0-9_]*)\s*:(.*)")
_ELSEWHERE = {
    "lines": N_("`lines` stands in the passage itself, as `speaker: text`, not here"),
    "options": N_("`options` stands in the passage itself, as links `[[words->passage]]`, not here"),
    "text": N_("`text` stands in the open, above the comment, not here"),
    "goto": N_("`goto` stands in the link, `[[words->passage]]`, not here"),
    "kind": N_("`kind` stands in the passage's header, as the tag `inquiry`, not here"),
    "title": N_("`title` stands in the passage StoryTitle, not here"),
    "start": N_("`start` stands in the passage StoryData, not here"),
    "scenes": N_("`scenes` stands in passages of their own, not here"),
    "endings": N_("`endings` stands in passages of their own, not here"),
}


@dataclass
class _Draft(syntax.Mistakes):
    """What has been read so far: the line of each part of case.yml, and the translations, as (id, text, line)."""

    lines: Lines = field(default_factory=dict)
    texts: dict[str, list[tuple[str, object, int]]] = field(default_factory=dict)
    gaps: list[tuple[KeyPath, str]] = field(default_factory=list)


class Story(NamedTuple):
    """A case that was read from Twee, the passages that are no part of it as they stand there, what was dropped, the gaps."""

    case: Case
    aside: str
    warnings: tuple[Problem, ...]
    gaps: tuple[tuple[KeyPath, str], ...] = ()


def twee_text(place: Path) -> str:
    """The text of a Twee file, UTF-8 of at most 4 MB, or of all such files in a folder, one after the other."""
    files = sorted(file for kind in ("tw", "twee") for file in place.rglob(f"*.{kind}")) if place.is_dir() else [place]
    if not files:
        raise CaseError([Problem(shown_path(place), "", Told(N_("there is no Twee file in this folder")))])
    read = (read_text(file, shown_path(file), N_("a Twee file"), MAX_BYTES) for file in files)
    return "\n\n".join(text.replace("\r\n", "\n").replace("\r", "\n") for text in read)


def is_ours(text: str) -> bool:
    """Whether a Twee text is a case: it has the passage CaseData, or one that was meant to be it."""
    heads = (line[2:].split("[")[0].split("{")[0].strip() for line in text.splitlines() if line.startswith("::"))
    return any(nearest(head, [CASE_DATA]) for head in heads)


def read_twee(file: Path) -> Case:
    """Read a Twee file, UTF-8 of at most 4 MB, as a case; see :func:`load_twee`."""
    return load_twee(twee_text(Path(file)), shown_path(Path(file)))


def load_twee(text: str, name: str = "story.twee") -> Case:
    """Read Twee 3, as :func:`export` wrote it or as somebody has gone on with it, as a case with its translations.

    Raises
    ------
    CaseError
        If it is not Twee, not a case, or breaks a rule of the format; names places with their lines.
    """
    return load_story(text, name).case


def load_story(text: str, name: str = "story.twee") -> Story:
    """The same with what is no part of the case: notes, annotations, scripts, passages for the story format."""
    draft = _Draft(name)
    passages = {passage.name: passage for passage in syntax.read_passages(draft, text)}
    if not is_ours(text) and passages:
        raise CaseError([Problem(f"{name}:1", "", _plain_story(passages.values()))])
    story = {key: passages.pop(key, None) for key in ("StoryTitle", "StoryData", CASE_DATA)}
    if story[CASE_DATA] is None and not draft.problems:
        raise CaseError([Problem(f"{name}:1", "", _plain_story(passages.values()))])
    data: dict[str, Any] = {}
    order: object = []
    if given := story[CASE_DATA]:
        draft.where = Told(N_('passage "{name}"'), name=CASE_DATA)
        draft.lines[()] = given.line
        data = _keys(draft, syntax.Comment(given.line + 1, "\n".join(given.rows)), ())
        order = data.pop("order", [])
        if not isinstance(order, list):
            draft.wrong(draft.lines["order",], Told(N_("`order` is a list of passages")), order)
        _elsewhere(draft, data, (), "title", "start", "scenes", "endings")
        _translations(draft, data, ())
    data |= _story(draft, story["StoryTitle"], story["StoryData"])
    data |= {"scenes": {}, "endings": {}}
    aside = _aside(passages, order if isinstance(order, list) else [])
    passages = {key: passage for key, passage in passages.items() if key not in aside}
    rank = {str(key): number for number, key in enumerate(order if isinstance(order, list) else [])}
    for key in sorted(passages, key=lambda key: rank.get(key, len(rank))):
        kind = "endings" if "ending" in passages[key].tags else "scenes"
        draft.where = Told(N_('passage "{name}"'), name=shown(key).strip('"'))
        data[kind][key] = _part(draft, passages[key], (kind, key), passages)
    draft.stop_if_wrong()
    case = case_from_data(data, name, draft.lines)
    sources = foreign_passages(text) if aside else {}
    kept = "\n".join(sources[key].source for key in aside if key in sources)
    return Story(case.with_translations(_checked(draft, case)), kept, tuple(draft.warnings), tuple(draft.gaps))


def _aside(passages: Mapping[str, syntax.Passage], order: list) -> list[str]:
    """Passages that are no part of the case: for the story format, or notes that nothing leads to and nobody can play."""
    scenes = [
        key
        for key, one in passages.items()
        if not is_special(key, one.tags)
        and (key in order or one.tags & set(TAGS) or any("<!--" in row for row in one.rows))
    ]
    for key in scenes:
        for inside in re.findall(r"\[\[([^\[\]]*)\]\]", "\n".join(passages[key].rows)):
            to = re.split(r"->|\|", inside)[-1] if "<-" not in inside else inside.partition("<-")[0]
            if to.strip() in passages and to.strip() not in scenes and not is_special(to.strip()):
                scenes.append(to.strip())
    return [key for key in passages if key not in scenes]


def _plain_story(passages: Iterable[syntax.Passage]) -> Told:
    passages = list(passages)
    wanted, keys = (
        [key for key, part in kind.model_fields.items() if part.is_required() and key not in _ELSEWHERE]
        for kind in (Case, Option)
    )
    rule = N_(
        "this is a story, not yet a case: the passage {passage} is missing (with {wanted}), below each link (there are "
        "{links}) a comment with the option's id and its {keys}, and the tag `ending` with title, mood and value where it "
        "ends. `trainkit from-twee` makes a case of it, with these as gaps."
    )
    links = sum(row.count("[[") for passage in passages for row in passage.rows)
    said = Told(rule, passage=CASE_DATA, wanted=", ".join(wanted), links=links, keys=", ".join(keys))
    return said + suggest(CASE_DATA, [passage.name for passage in passages])


def _story(draft: _Draft, title: syntax.Passage | None, story: syntax.Passage | None) -> dict[str, Any]:
    """Title and start."""
    data: dict[str, Any] = {}
    draft.where = ""
    words = said_words("\n".join(title.rows)) if title else ""
    if not words:
        draft.wrong(title.line if title else 1, Told(N_("the passage StoryTitle with the case's title is missing")))
    else:
        data["title"], draft.lines["title",] = words, title.line + 1
    if story is None:
        draft.wrong(1, Told(N_('the passage StoryData with the first scene, {"start": "…"}, is missing')))
        return data
    draft.where = Told(N_('passage "{name}"'), name="StoryData")
    body = "\n".join(story.rows)
    try:
        told = syntax.parsed_json(body)
        start, colours = told.get("start"), told.get("tag-colors")
        if isinstance(colours, dict) and (own := [tag for tag in colours if tag not in TAGS]):
            row = next((number for number, row in enumerate(story.rows, 1) if '"tag-colors"' in row), 1)
            rule = N_("colours of your own tags are Twine's, for its map, and are left out: {tags}")
            draft.dropped(story.line + row, Told(rule, tags=", ".join(own)))
    except ValueError as error:
        found = re.search(r'"start"\s*:\s*"([^"\n]*)"', body)
        start = found[1] if found else None
        rule = Told(N_("this passage is no JSON and is left out, but for the first scene: {said}"), said=error)
        draft.dropped(story.line + 1, rule)
    line = story.line + next((number for number, row in enumerate(story.rows, 1) if '"start"' in row), 0)
    if isinstance(start, str):
        data["start"], draft.lines["start",] = start, line
    else:
        draft.wrong(line, Told(N_('must name the first scene, "start": "…"')), start)
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
        draft.wrong(passage.line, Told(N_("a passage has the id of its scene or ending for a name: a–z, 0–9 and _")))
    for item in items:
        if item.words.startswith("[["):
            _link(draft, part, base, item, places)
        else:
            _line(draft, part, (*base, "lines"), item)
    if base[0] == "scenes" and not part.get("options") and "goto" not in part and not draft.problems:
        draft.wrong(
            passage.line, Told(N_("leads nowhere: it needs a link, or, if the case ends here, the tag `ending`"))
        )
    return part


def _line(draft: _Draft, part: dict, path: KeyPath, item: syntax.Item) -> None:
    """Something said or told, ``speaker: words``."""
    said = _SAID.fullmatch(item.words)
    if not said:
        draft.wrong(item.line, Told(N_("a line is `speaker: text`, e.g. `narrator: …`")), item.words)
        return
    if "[[" in item.words:
        draft.wrong(item.line, Told(N_("a link stands on a line of its own, `[[words->passage]]`")))
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
        draft.wrong(item.line, Told(N_("a link must lead to a passage that exists")), place, places)
    if words is not None:
        _option(draft, part, (*base, "options"), item, words, place)
        return
    if "goto" in part:
        draft.wrong(
            item.line, Told(N_("a scene that goes on by itself has one link without words; this is the second"))
        )
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
        draft.wrong(
            item.line, Told(N_("below a link stands a comment with the option's id and, indented, its keys")), got
        )
        return
    if name in options:
        draft.wrong(item.line, Told(N_("this scene has an option {name} already"), name=shown(name)))
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
    _marks(draft, comment.text, lines, path, said)
    if data is None and MARK in comment.text:
        return {}
    if not isinstance(data, dict):
        draft.wrong(comment.line, Told(N_("keys stand here, `key: value`")), data)
        return {}
    for sub, line in list(lines.items())[1:]:
        names = ({"text_if": said, "goto_if": "goto"}.get(part, part) for part in sub)
        draft.lines[(*path, *names)] = line + before
    return each(data, decoded)


def _marks(draft: _Draft, text: str, lines: Lines, path: KeyPath, said: str) -> None:
    """Note what is marked as a gap; a mark beside no key is of what stands above the comment, or names a part of the case."""
    for gap in gaps(text, lines):
        names = [{"text_if": said, "goto_if": "goto"}.get(str(part), part) for part in gap.path]
        at = (*path, *(names or [said] * bool(path)))
        if path[-1:] == ("options",) and len(names) == 1:
            at = (*at, "text")
        if not at:
            at, gap = (gap.note,), gap._replace(note="")
        draft.gaps.append((at, decoded(gap.note)))


def _elsewhere(draft: _Draft, keys: dict[str, Any], path: KeyPath, *names: str) -> None:
    for name in names:
        if name in keys:
            del keys[name]
            draft.wrong(draft.lines.get((*path, name), 1), Told(_ELSEWHERE[name]))


def _only(draft: _Draft, keys: dict[str, Any], path: KeyPath, *names: str) -> None:
    for key in [key for key in keys if key not in names]:
        del keys[key]
        only = ", ".join(f"`{name}`" for name in names)
        draft.wrong(draft.lines.get((*path, key), 1), Told(N_("here may stand only {only}"), only=only), key, names)


def _put(
    draft: _Draft, keys: dict[str, Any], path: KeyPath, name: str, default: str, line: int, said: str | None = None
) -> None:
    """Text or goto: what stands in the open, after the rules from the comment."""
    _elsewhere(draft, keys, path, name)
    at = (*path, said or name)
    rules = keys.pop(f"{name}_if", None)
    if rules is not None and not (isinstance(rules, list) and rules):
        draft.wrong(
            draft.lines.get(at, line), Told(N_("`{key}` is a list of `when` and `value`"), key=f"{name}_if"), rules
        )
        rules = None
    keys[name] = [*rules, {"value": default}] if rules else default
    draft.lines[at] = line


def _translations(draft: _Draft, keys: dict[str, Any], path: KeyPath) -> None:
    """Move the translations out of the keys of a part."""
    for key in [key for key in keys if key.startswith("text.")]:
        lang, tree = key.removeprefix("text."), keys.pop(key)
        line = draft.lines.get((*path, key), 1)
        if not is_language(lang):
            draft.wrong(line, Told(N_("a translation is called text.<language>, e.g. text.en")), key)
            continue
        texts = draft.texts.setdefault(lang, [])
        for sub, value in text_tree.leaves(tree):
            texts.append((text_tree.dotted((*path, *sub)), value, draft.lines.get((*path, key, *sub), line)))


def _checked(draft: _Draft, case: Case) -> dict[str, dict[str, str]]:
    """The translations, if each is a text and of a text that the case has."""
    translations: dict[str, dict[str, str]] = {lang: {} for lang in draft.texts}
    for lang, texts in draft.texts.items():
        draft.where = f"text.{lang}"
        if lang == case.lang and texts:
            draft.wrong(
                texts[0][2],
                Told(N_("a translation is into another language than the case's own, {language}"), language=lang),
            )
        for key, value, line in texts:
            if key in translations[lang]:
                draft.wrong(line, Told(N_("{text} is translated twice"), text=key))
            elif key not in case.texts:
                draft.wrong(line, Told(N_("the case has no such text")), key, case.texts)
            elif not isinstance(value, str) or not value.strip():
                draft.wrong(line, Told(N_("the translation of {text} must be text"), text=key), value)
            else:
                translations[lang][key] = value
    draft.stop_if_wrong()
    return translations
