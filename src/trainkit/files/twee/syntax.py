"""Twee text → passages, and the lines, links and comments within them; what they mean is not asked here."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from trainkit.errors import N_, CaseError, Problem, Told, nearest, shown, suggest
from trainkit.files.twee.markup import TAGS

MAX_PROBLEMS = 50

_NAME = re.compile(r"(?:\\.|[^\\\[\]{}])*")
_PAIR = re.compile(r"[-+.\deE]+\s*,\s*[-+.\deE]+")


@dataclass
class Mistakes:
    """What is wrong with a Twee text: problems with their lines, in the passage that is read just now."""

    name: str
    problems: list[Problem] = field(default_factory=list)
    where: str = ""
    warnings: list[Problem] = field(default_factory=list)  # what was dropped: decoration, as Twee 3 has it

    def wrong(self, line: int, rule: Told, got: object = None, known: Iterable[str] = ()) -> None:
        """Note a problem, with what was got and the nearest right name."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(f"{self.name}:{line}", self.where, _with_got(rule, got, known)))

    def dropped(self, line: int, rule: Told, got: object = None) -> None:
        """Note that something was left out which isn't the story's."""
        if len(self.warnings) < MAX_PROBLEMS:
            self.warnings.append(Problem(f"{self.name}:{line}", self.where, _with_got(rule, got)))

    def stop_if_wrong(self) -> None:
        """Raise all problems, by line, if there are any."""
        if self.problems:
            raise CaseError(sorted(set(self.problems), key=lambda problem: int(problem.place.rpartition(":")[2])))


def _with_got(rule: Told, got: object, known: Iterable[str] = ()) -> Told:
    if got is None:
        return rule
    near = suggest(got, known)
    return rule + Told(N_(" (got {got})"), got=shown(got)) + (Told() + "." + near if near else Told())


@dataclass(frozen=True)
class Passage:
    """A passage: its name, the line of its header, its tags and the rows below it."""

    name: str
    line: int
    tags: frozenset[str]
    rows: Sequence[str]


@dataclass(frozen=True)
class Comment:
    """What stands between ``<!--`` and ``-->``, from a line on."""

    line: int
    text: str


@dataclass
class Item:
    """A line or a link, and the comment below it; the head of a passage is an item without words."""

    line: int
    words: str
    comment: Comment | None = None


def read_passages(mistakes: Mistakes, text: str) -> Iterator[Passage]:
    """The passages of a Twee text; a bad header, a second passage of one name and text before the first are problems."""
    rows = text.removeprefix("\ufeff").split("\n")
    heads = [number for number, row in enumerate(rows) if row.startswith("::")]
    for number, row in enumerate(rows[: heads[0] if heads else len(rows)], 1):
        if row.strip():
            html = Told(N_(" This is a published story; in Twine choose Build, Export As Twee.") if "<" in row else "")
            mistakes.wrong(number, Told(N_("Twee begins with a passage, `:: Name`.")) + html, row.strip())
            break
    lines: dict[str, int] = {}
    for head, end in zip(heads, [*heads, len(rows)][1:], strict=True):
        header = _read_header(mistakes, head + 1, rows[head][2:].strip())
        if header is None:
            continue
        name, tags = header
        if name in lines:
            rule = N_("there is a passage {name} already, on line {line}")
            mistakes.wrong(head + 1, Told(rule, name=shown(name), line=lines[name]))
            continue
        lines[name] = head + 1
        body = [row[1:] if row.startswith("\\:") else row for row in rows[head + 1 : end]]
        yield Passage(name, head + 1, tags, body)


def _read_header(mistakes: Mistakes, line: int, row: str) -> tuple[str, frozenset[str]] | None:
    """Name and tags; Twine's own metadata are looked at, and left."""
    escaped = _NAME.match(row)[0]
    name, rest, tags = _unescaped(escaped.strip()), row[len(escaped) :], []
    if rest.startswith("["):
        inside = _NAME.match(rest, 1)[0]
        tags, rest = [_unescaped(tag) for tag in inside.split()], rest[1 + len(inside) :]
        if not rest.startswith("]"):
            mistakes.wrong(line, Told(N_("the tags of a passage end with `]`")), row)
            return None
        rest = rest[1:].strip()
    if not name or (rest and not rest.startswith("{")):
        mistakes.wrong(line, Told(N_('a header is `:: Name [tags] {"position":"100,200"}`')), f":: {row}")
        return None
    try:
        metadata = parsed_json(rest or "{}")
    except ValueError as error:
        rule = N_("what stands in {{…}} of this header is no JSON and is left out: {said}")
        mistakes.dropped(line, Told(rule, said=error), rest)
        metadata = {}
    for key in ("position", "size"):
        value = metadata.get(key, "0,0")
        if not isinstance(value, str) or not _PAIR.fullmatch(value.strip()):
            rule = N_(
                "{key} in a header is Twine's, for its map, and is left out: it isn't like \"100,200\". An option's {key} "
                "stands in the comment below its link"
            )
            mistakes.dropped(line, Told(rule, key=key), value)
    for tag in tags:
        if tag not in TAGS and nearest(tag, TAGS):
            mistakes.wrong(line, Told(N_("a tag of one's own must not look like one of ours")), tag, TAGS)
    return name, frozenset(tags)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def parsed_json(text: str) -> dict[str, Any]:
    """JSON in braces. ValueError, with a word of why, if it is none."""
    try:
        data = json.loads(text)
    except RecursionError:
        raise ValueError("nested too deep") from None
    except ValueError as error:
        raise ValueError(getattr(error, "msg", str(error))) from None
    if not isinstance(data, dict):
        raise ValueError("no braces")
    return data


def read_items(mistakes: Mistakes, passage: Passage) -> list[Item]:
    """The head of a passage and its lines and links, each with the comment below it."""
    items = [Item(passage.line, "")]
    rows = enumerate(passage.rows, passage.line + 1)
    for line, row in rows:
        row = row.strip()
        if not row:
            continue
        if not row.startswith("<!--"):
            items.append(Item(line, row))
            continue
        row = row[4:].lstrip()
        inside: list[str] = []
        while "-->" not in row:
            inside.append(row)
            _, row = next(rows, (0, None))
            if row is None:
                mistakes.wrong(line, Told(N_("this comment has no end, `-->`")))
                return items
        last, _, after = row.partition("-->")
        if after.strip():
            mistakes.wrong(line + len(inside), Told(N_("after `-->` a new line begins")), after.strip())
        if items[-1].comment:
            mistakes.wrong(line, Told(N_("a line or link has one comment below it; this is the second")))
        items[-1].comment = Comment(line, "\n".join([*inside, last]))
    return items


def read_link(mistakes: Mistakes, line: int, row: str) -> tuple[str | None, str] | None:
    """Words (none where a scene goes on by itself) and place of a link in any of Twine's forms; None if it is none."""
    brackets = re.fullmatch(r"\[\[([^\[\]]*)\]\]", row)
    if not brackets:
        alone = N_("a link stands alone on its line, without other brackets: `[[words->passage]]`")
        mistakes.wrong(line, Told(alone if "]]" in row else N_("a link ends with `]]`: `[[words->passage]]`")), row)
        return None
    inside = brackets[1]
    arrow = next((arrow for arrow in ("->", "<-", "|") if arrow in inside), None)
    if arrow is None:
        return None, inside.strip()
    if arrow == "<-":
        place, _, words = inside.partition(arrow)
    else:
        words, _, place = inside.rpartition(arrow)
    return words, place.strip()
