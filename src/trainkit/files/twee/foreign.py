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
from trainkit.files.gaps import BLANK
from trainkit.files.outline import NOTES, Outline, Place, Reply, ids, language_of
from trainkit.files.twee.inclusion import Inclusion, passed_through
from trainkit.files.twee.markup import said_words
from trainkit.files.twee.passage_words import passage_words
from trainkit.files.twee.taken_words import Left, Words

_NAME, _TAGS, _AT = re.compile(r"(?:\\.|[^\\\[\]{}<])*"), re.compile(r"\[([^\]]*)\]"), re.compile(r"<[^>]*>")
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
    at: str = ""  # its place on the map
    broken: bool = False  # what its header has besides can't be read

    @property
    def special(self) -> bool:
        """Whether it is for the story format and no part of the story."""
        return bool(_SPECIAL.match(self.name)) or bool({tag.lower() for tag in self.tags} & _SPECIAL_TAGS)


@dataclass
class Taken:
    """A story as an outline, and what was left out of it, and what was wrong with it, as sentences."""

    outline: Outline
    told: list[Told] = field(default_factory=list)
    warnings: list[Told] = field(default_factory=list)


def is_special(name: str, tags: frozenset[str] = frozenset()) -> bool:
    """Whether a passage of this name, with these tags, is for the story format and no part of a story."""
    return ForeignPassage(name, tags, "", "").special


def foreign_passages(text: str) -> dict[str, ForeignPassage]:
    """The passages of a Twee text by their names, of several of one name the first."""
    found: dict[str, ForeignPassage] = {}
    for one in _all_passages(text):
        found.setdefault(one.name, one)
    return found


def _all_passages(text: str) -> list[ForeignPassage]:
    """The passages of a Twee text; whatever stands in a header and can't be read is dropped."""
    found: list[ForeignPassage] = []
    rows = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    heads = [number for number, row in enumerate(rows) if row.startswith("::")]
    for head, end in zip(heads, [*heads[1:], len(rows)], strict=False):
        name, tags, at, data = _header(rows[head][2:].strip())
        body = "\n".join(row[1:] if row.startswith("\\:") else row for row in rows[head + 1 : end]).strip("\n")
        at = str((data or {}).get("position") or at).strip("<>")
        if name:
            source = "\n".join(rows[head:end]).rstrip() + "\n"
            found.append(ForeignPassage(name, tags, body, source, at, data is None))
    return found


def _header(row: str) -> tuple[str, frozenset[str], str, dict | None]:
    """Name, tags, place on the map and metadata of a passage; a row that is no header is all name, without metadata."""
    found = _NAME.match(row)
    name, rest = found[0].strip(), row[found.end() :]
    tags, at = _TAGS.match(rest), None
    rest = rest[tags.end() :].lstrip() if tags else rest
    if at := _AT.match(rest):
        rest = rest[at.end() :].lstrip()
    plain = rest and not rest.startswith("{")
    name = re.sub(r"\\(.)", r"\1", row if plain else name)
    if plain:
        return name, frozenset(), "", None
    return name, frozenset(tags[1].split() if tags else ()), at[0] if at else "", _metadata(rest or "{}")


def _metadata(text: str) -> dict | None:
    """What stands behind the name in a header; None if it can't be read."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def take(text: str, name: str) -> Taken | None:
    """A foreign story as an outline; None where the text has no passage that could be a scene."""
    every = _all_passages(text)
    passages = {one.name: one for one in reversed(every)}
    passages = {one.name: passages[one.name] for one in every}
    story = _story_data(passages)
    kind = _format(story, passages)
    left = Left()
    words: dict[str, Words] = {}
    said_of: dict[str, list[str]] = {}
    set_in: dict[str, list[str]] = {}
    for one in passages.values():
        if not one.special:
            before, sets = len(left.comments), len(left.sets)
            words[one.name] = passage_words(one.body, kind, passages, left)
            said_of[one.name], set_in[one.name] = left.comments[before:], left.sets[sets:]
    if not words:
        return None
    put_in: set[str] = set()
    begin = next(key for key in (story.get("start"), "Start", "start", *words) if key in words)
    inclusion = Inclusion(words, left, put_in)
    links, start = passed_through({key: inclusion.whole(key) for key in words}, put_in, begin)
    reached = _reached(start, links)
    missing = dict.fromkeys(to for key in reached for to in _leads(links[key]) if to not in links)
    for to in missing:
        left.note("links", to)
    titles = ids([*reached, *missing], ("the_end",))
    speakers = _speakers(links[key] for key in reached)
    places = {titles[key]: _place(key, links[key], titles, speakers) for key in reached}
    places |= {titles[to]: Place(to) for to in missing}
    first = places[titles[start]]
    if first.on:  # a case begins with something to say
        first.replies, first.on = [Reply(BLANK, first.on, [f"goto {links[start].on}"])], ""
    if not first.replies:
        first.replies = [Reply(BLANK, "the_end")]
        places["the_end"] = Place(BLANK)
    unreached = [
        one
        for one in every
        if not (one is passages[one.name] and (one.name in titles or one.name in put_in))
        and not _SPECIAL_DATA.match(one.name)
    ]
    title = said_words(passages["StoryTitle"].body) if "StoryTitle" in passages else ""
    texts = [paragraph.words for key in reached for paragraph in links[key].paragraphs]
    kept = _kept(story, [passages[key] for key in words if key in titles or key in put_in], said_of, set_in)
    outline = Outline(
        " ".join(title.split())[:200] or name,
        places,
        {one: said for said, one in speakers.items()},
        language_of([*texts, *(link.words for key in reached for link in links[key].links)]),
        "\n".join([*(one.source for one in unreached), *([_annotation(kept)] if kept else [])]),
        () if title.strip() else ("title",),
    )
    left.found["colours"].update(_tag_colours(passages))
    left_out = _left_out(left, [one for one in unreached if not one.special], unreached)
    return Taken(outline, [*_taken(outline), *left_out, *_told_of(kept)], [*_warnings(every, passages, story)])


_SPECIAL_DATA = re.compile(r"(?i)^story(title|data|settings)$")


def _place(name: str, words: Words, titles: Mapping[str, str], speakers: Mapping[str, str]) -> Place:
    """A passage as a scene or an ending."""
    place = Place(name, [_line(paragraph.words, speakers) for paragraph in words.paragraphs])
    place.replies = [Reply(link.words, titles[link.to], link.notes) for link in words.links]
    place.notes = {number: list(one.notes) for number, one in enumerate(words.paragraphs) if one.notes}
    place.on = titles[words.on] if words.on and not words.links else ""
    return place


def _story_data(passages: Mapping[str, ForeignPassage]) -> dict[str, str]:
    """What of StoryData can be read; the first scene also where the rest can't, and then ``broken``."""
    body = passages["StoryData"].body if "StoryData" in passages else ""
    data = _metadata(body or "{}")
    if data is None:
        return dict(re.findall(r'"(start|format|ifid)"\s*:\s*"([^"\n]*)"', body)) | {"broken": "yes"}
    return {key: value for key, value in data.items() if isinstance(value, str)}


def _tag_colours(passages: Mapping[str, ForeignPassage]) -> list[str]:
    """Tags to which Twine gave colours."""
    body = passages["StoryData"].body if "StoryData" in passages else ""
    colours = (_metadata(body or "{}") or {}).get("tag-colors")
    return [str(tag) for tag in colours] if isinstance(colours, dict) else []


def _kept(
    story: Mapping[str, str],
    passages: list[ForeignPassage],
    said_of: Mapping[str, list[str]],
    set_in: Mapping[str, list[str]],
) -> dict[str, dict[str, list[str]]]:
    """What has no place in a case, by kind and passage: tags, places on the map, comments; what the story says of itself."""
    of = {
        "tags": {one.name: sorted(one.tags) for one in passages if one.tags},
        "positions": {one.name: [one.at] for one in passages if one.at},
        "comments": {one.name: said for one in passages if (said := said_of.get(one.name))},
        "variables": {one.name: sets for one in passages if (sets := set_in.get(one.name))},
        "story": {key: [story[key]] for key in ("ifid", "format", "format-version") if story.get(key)},
    }
    return {kind: found for kind, found in of.items() if found}


def _annotation(kept: Mapping[str, Mapping[str, list[str]]]) -> str:
    """A passage for nobody but the author, with what has no place in a case."""
    rows = [
        f"{'story, ' + name if kind == 'story' else name + ', ' + kind}: {' / '.join(said)}"
        for kind, found in kept.items()
        for name, said in found.items()
    ]
    return "\n".join([":: left_out [annotation]", *(" ".join(row.split()).lstrip(":\\") for row in rows)]) + "\n"


_KEPT = {
    "tags": N_("kept as a note in {file}, passages’ tags: {n}: {some}"),
    "positions": N_("kept as a note in {file}, places on the map: {n}"),
    "comments": N_("kept as a note in {file}, the author’s comments: {n}: {some}"),
    "variables": N_("kept as a note in {file}, all that sets variables: {n}: {some}"),
    "story": N_("kept as a note in {file}, what the story says of itself: {some}"),
}


def _told_of(kept: Mapping[str, Mapping[str, list[str]]]) -> Iterator[Told]:
    for kind, rule in _KEPT.items():
        if found := kept.get(kind):
            said = Counter(one for parts in found.values() for one in parts)
            some = {name.upper() if name == "ifid" else name: 1 for name in found} if kind == "story" else said
            yield Told(rule, file=NOTES, n=sum(said.values()), some=_some(some))


def _warnings(
    every: list[ForeignPassage], passages: Mapping[str, ForeignPassage], story: Mapping[str, str]
) -> Iterator[Told]:
    """What a story has that can't be read, and is dropped."""
    if broken := Counter(one.name for one in every if one.broken):
        rule = N_("metadata behind a passage’s name can’t be read and is dropped: {n}: {some}")
        yield Told(rule, n=sum(broken.values()), some=_some(broken))
    if "broken" in story:
        yield Told(N_("the passage StoryData is no JSON; only the first scene and the story format are taken from it"))
    if twice := Counter(one.name for one in every if one is not passages[one.name]):
        rule = N_("several passages have one name; the first is taken, the others are in {file}: {n}: {some}")
        yield Told(rule, file=NOTES, n=sum(twice.values()), some=_some(twice))


def _format(story: Mapping[str, str], passages: Mapping[str, ForeignPassage]) -> str:
    """The story format: as it says, else by what its passages look like."""
    named = story.get("format", "").lower()
    for kind in ("sugarcube", "harlowe", "chapbook", "snowman"):
        if named.startswith(kind):
            return kind
    text = "\n".join(one.body for one in passages.values())
    looks = {
        "sugarcube": len(re.findall(r"<<\w|\[\[[^\[\]]+\]\[", text)),
        "harlowe": len(re.findall(r"\((?:set|if|else|link|goto|display|print|put|live|text-style)[\w-]*:", text)),
        "chapbook": len(
            re.findall(r"^\[(?:if|else|continue|unless|after|append)\b[^\]\n]*\]$|\{embed |^--$", text, re.M)
        ),
        "snowman": len(re.findall(r"<%", text)),
    }
    best = max(looks, key=looks.__getitem__)
    return best if looks[best] else "plain"


def _leads(words: Words) -> list[str]:
    """Where a passage leads."""
    return [link.to for link in words.links] or ([words.on] if words.on else [])


def _reached(start: str, links: Mapping[str, Words]) -> list[str]:
    """Passages within reach of the first, in the order of the story."""
    found, waiting = {start}, [start]
    for name in waiting:
        for to in _leads(links[name]):
            if to in links and to not in found:
                found.add(to)
                waiting.append(to)
    return [start, *(name for name in links if name in found and name != start)]


def _speakers(words: Iterator[Words]) -> dict[str, str]:
    """Who says more than one paragraph, `Name: words`: name → id."""
    said = Counter(found[1] for one in words for part in one.paragraphs if (found := _SPEAKER.fullmatch(part.words)))
    return ids([name for name, count in said.items() if count > 1], ("narrator", "you"))


def _line(paragraph: str, speakers: Mapping[str, str]) -> tuple[str, str]:
    found = _SPEAKER.fullmatch(paragraph)
    if found and found[1] in speakers:
        return speakers[found[1]], found[2]
    return "narrator", paragraph


def _taken(outline: Outline) -> Iterator[Told]:
    scenes = [place for place in outline.places.values() if place.replies or place.on]
    replies = sum(len(place.replies) for place in scenes)
    endings = len(outline.places) - len(scenes)
    said = N_("taken: scenes {scenes}, endings {endings}, replies {replies}")
    yield Told(said, scenes=len(scenes), endings=endings, replies=replies)
    if alone := sum(bool(place.on) for place in scenes):
        yield Told(N_("of these scenes go on by themselves: {n}"), n=alone)


_KINDS = {
    "conditions": N_("left out, conditions: {n} (all branches stand one after the other, marked as gaps): {some}"),
    "variables": N_("left out, variables and what sets them: {n}: {some}"),
    "loops": N_("left out, loops: {n} (once each): {some}"),
    "pictures": N_("left out, pictures, sound and video: {n}: {some}"),
    "scripts": N_("left out, scripts and styles: {n}: {some}"),
    "macros": N_("left out, other macros: {n}: {some}"),
    "reveals": N_("left out, links that lead nowhere but open or change something: {n}: {some}"),
    "goes": N_("going on by itself, beside links or under a condition, is a reply without words: {n}: {some}"),
    "jumps": N_("left out, places that are only known in play: {n}: {some}"),
    "addresses": N_("left out, links to pages outside the story: {n}: {some}"),
    "links": N_("lead to what isn't in the story, so to an ending without words: {n}: {some}"),
    "colours": N_("left out, colours of tags in Twine: {n}: {some}"),
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
