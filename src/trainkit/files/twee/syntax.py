"""Twee text → passages, and the lines, links and comments within them; what they mean is not asked here."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from trainkit.errors import CaseError, Problem, nearest, shown, suggest
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

    def wrong(self, line: int, rule: str, got: object = None, known: Iterable[str] = ()) -> None:
        """Note a problem, with what was got and the nearest right name."""
        if len(self.problems) < MAX_PROBLEMS:
            said = "" if got is None else f" (got {shown(got)}).{suggest(got, known)}"
            self.problems.append(Problem(f"{self.name}:{line}", self.where, rule + said.removesuffix(".")))

    def stop_if_wrong(self) -> None:
        """Raise all problems, by line, if there are any."""
        if self.problems:
            raise CaseError(sorted(set(self.problems), key=lambda problem: int(problem.place.rpartition(":")[2])))


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
            html = " This is a published story; in Twine choose Build, Export As Twee." if "<" in row else ""
            mistakes.wrong(number, f"Twee begins with a passage, `:: Name`.{html}", row.strip())
            break
    lines: dict[str, int] = {}
    for head, end in zip(heads, [*heads, len(rows)][1:], strict=True):
        header = _read_header(mistakes, head + 1, rows[head][2:].strip())
        if header is None:
            continue
        name, tags = header
        if name in lines:
            mistakes.wrong(head + 1, f"there is a passage {shown(name)} already, on line {lines[name]}")
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
            mistakes.wrong(line, "the tags of a passage end with `]`", row)
            return None
        rest = rest[1:].strip()
    if not name or (rest and not rest.startswith("{")):
        mistakes.wrong(line, 'a header is `:: Name [tags] {"position":"100,200"}`', f":: {row}")
        return None
    metadata = read_json(mistakes, line, rest or "{}", "the metadata in {…} of a header")
    for key in ("position", "size"):
        value = metadata.get(key, "0,0")
        if not isinstance(value, str) or not _PAIR.fullmatch(value.strip()):
            rule = f"{key} in a header is Twine's, for its map; an option's {key} stands in the comment below its link"
            mistakes.wrong(line, f'{rule}; must be like "100,200"', value)
    for tag in tags:
        if tag not in TAGS and nearest(tag, TAGS):
            mistakes.wrong(line, "a tag of one's own must not look like one of ours", tag, TAGS)
    return name, frozenset(tags)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def read_json(mistakes: Mistakes, line: int, text: str, what: str) -> dict[str, Any]:
    """JSON in braces; nothing if it is none, which is a problem."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        said = "nested too deep" if isinstance(error, RecursionError) else getattr(error, "msg", str(error))
        mistakes.wrong(line + getattr(error, "lineno", 1) - 1, f"{what} must be JSON: {said}", text.strip())
        return {}
    if not isinstance(data, dict):
        mistakes.wrong(line, f"{what} must be JSON in braces", text.strip())
        return {}
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
                mistakes.wrong(line, "this comment has no end, `-->`")
                return items
        last, _, after = row.partition("-->")
        if after.strip():
            mistakes.wrong(line + len(inside), "after `-->` a new line begins", after.strip())
        if items[-1].comment:
            mistakes.wrong(line, "a line or link has one comment below it; this is the second")
        items[-1].comment = Comment(line, "\n".join([*inside, last]))
    return items


def read_link(mistakes: Mistakes, line: int, row: str) -> tuple[str | None, str] | None:
    """Words (none where a scene goes on by itself) and place of a link in any of Twine's forms; None if it is none."""
    brackets = re.fullmatch(r"\[\[([^\[\]]*)\]\]", row)
    if not brackets:
        rule = "a link stands alone on its line, without other brackets" if "]]" in row else "a link ends with `]]`"
        mistakes.wrong(line, f"{rule}: `[[words->passage]]`", row)
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
