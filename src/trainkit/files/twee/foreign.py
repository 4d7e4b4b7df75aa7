"""What can be taken from a story that somebody wrote elsewhere? Scenes, words, replies, where they lead; and what is left.

Any Twee 3 story, or an older one (``<x,y>`` for a place on the map), in SugarCube, Harlowe, Chapbook, Snowman or plain links.
What its story format would work out in play (conditions, variables, loops, scripts, pictures, sound) isn't worked out here:
all branches are kept as they stand, and told.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from trainkit.errors import N_, Told
from trainkit.files.outline import BLANK, Outline, Place, Reply, ids, language_of
from trainkit.files.twee.markup import said_words
from trainkit.files.twee.passage_words import Left, Words, passage_words

MOST_INCLUDED = 20  # passages that are put into each other
_HEADER = re.compile(
    r"::\s*(?P<name>(?:\\.|[^\\\[\]{}<])*?)\s*(?:\[(?P<tags>[^\]\n]*)\])?\s*(?P<at><[^>\n]*>)?\s*(?P<data>\{.*)?\s*$"
)
_SPECIAL = re.compile(
    r"(?i)^(story(title|data|settings|init|caption|menu|author|banner|subtitle|interface|displaytitle|share|includes|"
    r" ?(?:stylesheet|script|javascript))|passage(header|footer|ready|done)|user[ _]?script|user[ _]?stylesheet|start?up)$"
)
_SPECIAL_TAGS = {"script", "stylesheet", "annotation", "widget", "twine.private", "init", "header", "footer", "startup"}
_SPEAKER = re.compile(r"([A-ZА-ЯЁ][\w.'’-]*(?: [A-ZА-ЯЁ][\w.'’-]*){0,2}):\s+(\S.*)", re.S)


@dataclass
class ForeignPassage:
    """A passage of any story, and its rows as they stand in the file."""

    name: str
    tags: frozenset[str]
    body: str
    source: str

    @property
    def special(self) -> bool:
        """Whether it is for the story format and no part of the story."""
        return bool(_SPECIAL.match(self.name)) or bool({tag.lower() for tag in self.tags} & _SPECIAL_TAGS)


@dataclass
class Taken:
    """A story as an outline, and what was left out of it, as sentences."""

    outline: Outline
    told: list[Told] = field(default_factory=list)


def is_special(name: str, tags: frozenset[str] = frozenset()) -> bool:
    """Whether a passage of this name, with these tags, is for the story format and no part of a story."""
    return ForeignPassage(name, tags, "", "").special


def foreign_passages(text: str) -> dict[str, ForeignPassage]:
    """The passages of a Twee text by their names; whatever stands in a header and can't be read is dropped."""
    found: dict[str, ForeignPassage] = {}
    rows = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    heads = [number for number, row in enumerate(rows) if row.startswith("::")]
    for head, end in zip(heads, [*heads[1:], len(rows)], strict=False):
        header = _HEADER.match(rows[head])
        name = (header["name"] if header else rows[head][2:]).strip()
        name = re.sub(r"\\(.)", r"\1", name)
        tags = frozenset((header["tags"] or "").split()) if header else frozenset[str]()
        body = "\n".join(row[1:] if row.startswith("\\:") else row for row in rows[head + 1 : end]).strip("\n")
        if name and name not in found:
            found[name] = ForeignPassage(name, tags, body, "\n".join(rows[head:end]).rstrip() + "\n")
    return found


def take(text: str, name: str) -> Taken | None:
    """A foreign story as an outline; None where the text has no passage that could be a scene."""
    passages = foreign_passages(text)
    story = _story_data(passages)
    kind = _format(story, passages)
    left = Left()
    words = {one.name: passage_words(one.body, kind, passages, left) for one in passages.values() if not one.special}
    if not words:
        return None
    put_in: set[str] = set()
    links = {key: _whole(key, words, left, put_in) for key in words}
    start = next((key for key in (story.get("start"), "Start", "start", *words) if key in words), "")
    reached = _reached(start, links)
    missing = dict.fromkeys(link.to for key in reached for link in links[key].links if link.to not in links)
    for to in missing:
        left.note("links", to)
    titles = ids([*reached, *missing], ("the_end",))
    speakers = _speakers(links[key] for key in reached)
    places: dict[str, Place] = {}
    for key in reached:
        replies = [Reply(link.words or link.to, titles[link.to], link.notes) for link in links[key].links]
        lines = [_line(paragraph, speakers) for paragraph in links[key].paragraphs]
        places[titles[key]] = Place(key, lines, replies)
    places |= {titles[to]: Place(to) for to in missing}
    if not places[titles[start]].replies:
        places[titles[start]].replies = [Reply(BLANK, "the_end")]
        places["the_end"] = Place(BLANK)
    unreached = [
        one for key, one in passages.items() if key not in titles and key not in put_in and not _SPECIAL_DATA.match(key)
    ]
    title = said_words(passages["StoryTitle"].body) if "StoryTitle" in passages else ""
    texts = [paragraph for key in reached for paragraph in links[key].paragraphs]
    outline = Outline(
        " ".join(title.split())[:200] or name,
        places,
        {one: said for said, one in speakers.items()},
        language_of([*texts, *(link.words for key in reached for link in links[key].links)]),
        "\n".join(one.source for one in unreached),
    )
    return Taken(
        outline, [*_taken(outline), *_left_out(left, [one for one in unreached if not one.special], unreached)]
    )


_SPECIAL_DATA = re.compile(r"(?i)^story(title|data|settings)$")


def _story_data(passages: Mapping[str, ForeignPassage]) -> dict[str, str]:
    """What of StoryData can be read; the first scene also where the rest can't."""
    body = passages["StoryData"].body if "StoryData" in passages else ""
    try:
        data = json.loads(body or "{}")
    except (ValueError, RecursionError):
        data = dict(re.findall(r'"(start|format)"\s*:\s*"([^"\n]*)"', body))
    return {key: value for key, value in data.items() if isinstance(value, str)} if isinstance(data, dict) else {}


def _format(story: Mapping[str, str], passages: Mapping[str, ForeignPassage]) -> str:
    """The story format: as it says, else by what its passages look like."""
    named = story.get("format", "").lower()
    for kind in ("sugarcube", "harlowe", "chapbook", "snowman"):
        if named.startswith(kind):
            return kind
    text = "\n".join(one.body for one in passages.values())
    looks = {
        "sugarcube": len(re.findall(r"<<\w|\[\[[^\]]+\]\[", text)),
        "harlowe": len(re.findall(r"\((?:set|if|else|link|goto|display|print|put|live|text-style)[\w-]*:", text)),
        "chapbook": len(
            re.findall(r"^\[(?:if|else|continue|unless|after|append)\b[^\]]*\]$|\{embed |^--$", text, re.M)
        ),
        "snowman": len(re.findall(r"<%", text)),
    }
    best = max(looks, key=looks.__getitem__)
    return best if looks[best] else "plain"


def _whole(name: str, words: Mapping[str, Words], left: Left, put_in: set[str], within: tuple[str, ...] = ()) -> Words:
    """The words and links of a passage, with those it includes in their place; their names are added to ``put_in``."""
    here = words[name]
    if not here.included:
        return here
    paragraphs: list[str] = []
    links = list(here.links)
    for paragraph in here.paragraphs:
        other = here.included.get(paragraph)
        if other is None:
            paragraphs.append(paragraph)
        elif other in words and other not in (*within, name) and len(within) < MOST_INCLUDED:
            put_in.add(other)
            inner = _whole(other, words, left, put_in, (*within, name))
            paragraphs += inner.paragraphs
            links += inner.links
        else:
            left.note("included", other)
    return Words(paragraphs, links)


def _reached(start: str, links: Mapping[str, Words]) -> list[str]:
    """Passages within reach of the first, in the order of the story."""
    found, waiting = {start}, [start]
    for name in waiting:
        for link in links[name].links:
            if link.to in links and link.to not in found:
                found.add(link.to)
                waiting.append(link.to)
    return [start, *(name for name in links if name in found and name != start)]


def _speakers(words: Iterator[Words]) -> dict[str, str]:
    """Who says more than one paragraph, `Name: words`: name → id."""
    said = Counter(found[1] for one in words for part in one.paragraphs if (found := _SPEAKER.fullmatch(part)))
    return ids([name for name, count in said.items() if count > 1], ("narrator", "you"))


def _line(paragraph: str, speakers: Mapping[str, str]) -> tuple[str, str]:
    found = _SPEAKER.fullmatch(paragraph)
    if found and found[1] in speakers:
        return speakers[found[1]], found[2]
    return "narrator", paragraph


def _taken(outline: Outline) -> Iterator[Told]:
    scenes = [place for place in outline.places.values() if place.replies]
    replies = sum(len(place.replies) for place in scenes)
    endings = len(outline.places) - len(scenes)
    said = N_("taken: scenes {scenes}, endings {endings}, replies {replies}")
    yield Told(said, scenes=len(scenes), endings=endings, replies=replies)


_KINDS = {
    "conditions": N_("left out, conditions: {n} (all branches stand one after the other): {some}"),
    "variables": N_("left out, variables and what sets them: {n}: {some}"),
    "loops": N_("left out, loops: {n} (once each): {some}"),
    "pictures": N_("left out, pictures, sound and video: {n}: {some}"),
    "scripts": N_("left out, scripts and styles: {n}: {some}"),
    "macros": N_("left out, other macros: {n}: {some}"),
    "jumps": N_("left out, places that are only known in play: {n}: {some}"),
    "links": N_("lead to what isn't in the story, so to an ending without words: {n}: {some}"),
    "included": N_("left out, passages that would be put in: {n}: {some}"),
}


def _left_out(left: Left, unreached: list[ForeignPassage], aside: list[ForeignPassage]) -> Iterator[Told]:
    for kind, rule in _KINDS.items():
        if some := left.found[kind]:
            yield Told(rule, n=sum(some.values()), some=_some(some))
    if unreached:
        names = Counter({one.name: 1 for one in unreached})
        yield Told(N_("no link leads to: {n} passages: {some}"), n=len(unreached), some=_some(names))
    if aside:
        yield Told(N_("kept beside the case, in notes.twee: {n} passages"), n=len(aside))


def _some(found: Mapping[str, int]) -> str:
    """The first few of what was found, shortened."""
    names = [name if len(name) <= 40 else f"{name[:39]}…" for name in found]
    return ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
