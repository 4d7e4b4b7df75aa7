"""What was read of a passage: paragraphs, links, what is to be looked at in each, and how a link's words stay in a sentence.

While a passage is read, the words of a link stand in the text between two marks, and what is noted of a paragraph in two
others. A row of nothing but links is a list of replies; in any other row the words belong to the sentence.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from trainkit.files.twee.macros import PARAGRAPH, PLACEHOLDER, plain

KINDS = (
    "conditions", "variables", "loops", "pictures", "scripts", "macros", "reveals", "jumps", "goes", "links", "addresses",
    "included", "colours",
)  # fmt: skip
GAP = "…"
_LINKED = "\ue005([^\ue005\ue006]*)\ue006"
_ONLY_LINKS = re.compile(r"(?:[\W\d_]|\b(?:or|and|или|и|либо)\b)*", re.I)
_BETWEEN = re.compile(r"[\s|•·,;/–—.-]*")  # links of a list
_SENTENCE = re.compile(r"[.!?…:][»”\"')\]*_/]*(?=\s*\Z)")  # that is over before a list begins
_NOTE = re.compile("\ue007([0-9]+)\ue008")


@dataclass
class Left:
    """What has been left out, by kind: how often each thing was met; the author's comments, and all that sets variables."""

    found: dict[str, Counter[str]] = field(default_factory=lambda: {kind: Counter() for kind in KINDS})
    comments: list[str] = field(default_factory=list)
    sets: list[str] = field(default_factory=list)

    def note(self, kind: str, what: str) -> None:
        """Count one thing."""
        self.found[kind][" ".join(what.split())] += 1


@dataclass
class Link:
    """Words that can be clicked, where they lead, and under what condition they are there."""

    words: str
    to: str
    notes: list[str] = field(default_factory=list)


class Paragraph(NamedTuple):
    """What is said, and what its author has to look at there: a condition, a variable."""

    words: str
    notes: tuple[str, ...] = ()


@dataclass
class Words:
    """What a passage says and where it leads; a paragraph that stands for another passage is in ``included``.

    ``on`` is where it goes on to by itself, if it has no links.
    """

    paragraphs: list[Paragraph] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    included: dict[str, str] = field(default_factory=dict)
    on: str = ""


def linked(words: str) -> str:
    """The words of a link as they stand in the text that is being read."""
    return f"\ue005{words}\ue006"


def noted(number: int) -> str:
    """A mark in the paragraph that a note belongs to."""
    return f"\ue007{number}\ue008"


def paragraphs(text: str, notes: Sequence[str]) -> list[Paragraph]:
    """The paragraphs of a passage that was read; ``notes`` are what its marks number."""
    found = []
    for part in re.split(PARAGRAPH, text):
        said = tuple(dict.fromkeys(notes[int(number)] for number in _NOTE.findall(part)))
        words = plain("\n".join(map(_in_sentence, part.split("\n"))))
        if re.search(r"\w", words) or (said and GAP in words):
            found.append(Paragraph(words, said))
    return found


def _in_sentence(row: str) -> str:
    """A row with the words of its links where they belong to a sentence, without those that are a list of replies."""
    with_note, row = bool(_NOTE.search(row)), _NOTE.sub("", row)
    rest = re.sub(_LINKED, " ", row)
    if PLACEHOLDER not in row and _ONLY_LINKS.fullmatch(rest) and not (with_note and GAP in rest):
        return ""
    return re.sub(_LINKED, r"\1", _without_list(row))


def _without_list(row: str) -> str:
    """A row up to the end of the sentence behind which there is nothing but links: a list of replies."""
    links, kept, end = [*re.finditer(_LINKED, row)], row, len(row)
    for number in range(len(links) - 1, -1, -1):
        if not _BETWEEN.fullmatch(row, links[number].end(), end):
            break
        begin, end = links[number - 1].end() if number else 0, links[number].start()
        if over := _SENTENCE.search(row[begin:end]):
            kept = row[: begin + over.end()]
    return kept
