"""Case → numbered book: how each kind of reply is answered when a person with a pencil is the engine.

Scenes and endings get numbers, replies a number with a letter. Facts and what the story remembers get capital letters, their
values numbers: «А2» is true, «А2✓» is true and the trainee has learnt it, «А2?» has not. So a condition is as short as a
person can read in passing, and a pencil keeps the state.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from babel import Locale, UnknownLocaleError
from babel.numbers import format_decimal

from trainkit.case.condition_walk import conditions
from trainkit.case.conditions import UNKNOWN, Rule
from trainkit.case.graph import steps_from
from trainkit.case.model import NARRATOR, PLAYER, Case, Line, Option
from trainkit.i18n import catalog, typeset

_LETTERS = {"ru": "АБВГДЕЖЗИКЛМНПРСТУФЦШЭЮЯ"}  # without those that look like a figure or like another letter
_LATIN = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_ON_SHEET = ("lines", "options", "text", "reply", "goto", "mood", "after")  # their conditions are on the client's sheet

When = Mapping[str, Sequence[str]]
Known = (
    frozenset[tuple[str, str]] | None
)  # (fact, value) that is learnt just now, if true; None where the truth is read
UNTOLD: Known = frozenset()  # nothing is learnt just now
Keyed = tuple[tuple[str, str], ...]  # (condition, figure or words) of each rule


class SheetLine(NamedTuple):
    """Words on paper: the condition, who says them (nobody: told), variants, of which the first that holds counts."""

    code: str
    who: str
    texts: Keyed
    client: bool = False


class Direction(NamedTuple):
    """Where to go on: the condition, the number, and what the trainee has learnt by then."""

    code: str
    to: int
    told: tuple[str, ...]


class Cue(NamedTuple):
    """A kind of reply: words like these, the reaction, what to write down, where to go on; and its key."""

    name: tuple[str, str]
    id: str
    code: str
    texts: Keyed
    ask: bool
    heard: tuple[SheetLine, ...]
    notes: tuple[str, ...]
    costs: int
    ways: tuple[Direction, ...]
    position: Keyed
    fit: Keyed
    because: Keyed


class SheetScene(NamedTuple):
    """A numbered scene or ending; ``worth`` is the ending's greatest value."""

    number: int
    title: str
    lines: tuple[SheetLine, ...]
    ending: bool = False
    inquiry: bool = False
    prompt: str = ""
    cues: tuple[Cue, ...] = ()
    ways: tuple[Direction, ...] = ()
    target: Keyed = ()
    mood: Keyed = ()
    after: tuple[SheetLine, ...] = ()
    value: Keyed = ()
    worth: float = 0.0


@dataclass(frozen=True)
class Book:
    """A case on paper: ``fixed`` facts are set, and what can't happen then is left out.

    ``letters`` are of facts and memories, ``numbers`` of scenes and endings, from 1; conditions read what is in ``read``,
    and whether the trainee knows what is in ``knowing``.
    """

    case: Case
    lang: str
    fixed: Mapping[str, str]
    letters: Mapping[str, str]
    numbers: Mapping[str, int]
    read: frozenset[str] = frozenset()
    knowing: frozenset[str] = frozenset()
    within: Mapping[str, int] = field(default_factory=dict)  # place → the worlds in which one can be there, as bits

    def text(self, key: str) -> str:
        """A text of the case, typeset."""
        return typeset(self.case.text(key, self.lang), self.lang)

    def figure(self, value: float, plus: bool = False) -> str:
        """A figure as the language writes it, to two places."""
        value = round(value, 2)
        sign = "\N{MINUS SIGN}" if value < 0 else "+" if plus and value > 0 else ""
        return sign + format_decimal(abs(value), format="0.##", locale=known_locale(self.lang))


def known_locale(lang: str) -> str:
    """The language as Babel, which writes numbers and dates, knows it; English where it doesn't."""
    try:
        return str(Locale.parse(lang, sep="-"))
    except (UnknownLocaleError, ValueError):
        return "en"


def book(case: Case, lang: str, fixed: Mapping[str, str]) -> Book:
    """Give every part of a case its letter or number."""
    alphabet = _LETTERS.get(lang, _LATIN)
    names = [*case.facts, *case.memory]
    letters = {name: alphabet[n % len(alphabet)] * (1 + n // len(alphabet)) for n, name in enumerate(names)}
    b = Book(case, lang, fixed, letters, {})
    places = _reached(b)
    on_sheet = [one for one in conditions(case) if one.place in places and one.decides in _ON_SHEET]
    return replace(
        b,
        numbers={name: number for number, name in enumerate(places, 1)},
        read=frozenset(name for one in on_sheet for name in one.when),
        knowing=frozenset(name for one in on_sheet if one.known for name in one.when if name in case.facts),
        within=_within(b),
    )


def _within(b: Book) -> dict[str, int]:
    """Place → the worlds in which one can be there: a condition of the design, or what sent one there, leaves some out."""
    case = b.case
    # what the trainer has set is no knowledge of the trainee's
    within, waiting = {case.start: _worlds(case, {})}, [case.start]
    while waiting:
        place = waiting.pop()
        scene = case.scenes.get(place)
        ways: list[tuple[int, Sequence[Rule]]] = [(within[place], scene.goto)] if scene and scene.goto else []
        for option in scene.options.values() if scene else ():
            told = {name: values for name, values in (option.when or {}).items() if UNKNOWN not in values}
            worlds = within[place] & _worlds(case, told)
            ways.append((worlds, option.goto))
            if case.patience and option.costs:
                ways.append((worlds, (Rule(value=case.patience.leaves),)))
        for worlds, rules in ways:
            for rule, part in zip(rules, _parts(case, rules), strict=True):
                more = within.get(rule.value, 0) | worlds & part
                if more != within.get(rule.value):
                    within[rule.value] = more
                    waiting.append(rule.value)
    return within


def _reached(b: Book) -> list[str]:
    """Scenes, then endings, that can be reached; the first scene first, else in the order of the file."""
    case = b.case

    def ways(place: str) -> Iterator[str]:
        if place in case.endings:
            return
        options = [o for o in case.scenes[place].options.values() if code(b, o.when, UNTOLD) is not None]
        if case.patience and any(option.costs for option in options):
            yield case.patience.leaves
        for rules in [*(option.goto for option in options), case.scenes[place].goto or ()]:
            yield from (to for _, _, to in holding(b, rules, None))

    reached = steps_from(case.start, ways)
    return [case.start, *(name for name in (*case.scenes, *case.endings) if name in reached and name != case.start)]


# ---- conditions -----------------------------------------------------------------------------------------------


def code(b: Book, when: When | None, told: Known) -> str | None:
    """A condition in codes: empty if it always holds, None if it never can."""
    parts = []
    for name, values in (when or {}).items():
        letter, fact = b.letters[name], b.case.facts.get(name)
        order = list(fact.values if fact else b.case.memory[name])
        possible = [b.fixed[name]] if name in b.fixed else order
        plain = fact is None or told is None or fact.design
        now = [value for value in possible if plain or (name, value) in told]  # known without a tick
        later = [value for value in possible if value not in now]
        marks = []
        unlearnt = later if UNKNOWN in values else ()
        for sign, among, wanted in (("", now, values), ("✓", later, values), ("?", later, unlearnt)):
            if true := [value for value in among if value in wanted]:
                figures = "" if len(true) == len(possible) else "/".join(str(order.index(v) + 1) for v in true)
                marks.append((true, letter + figures + sign))
        if not marks:
            return None
        if sum(len(true) for true, _ in marks) == len(now) + 2 * len(later):
            continue  # whatever is true, and known or not
        either = catalog(b.lang).gettext("or")
        parts.append(f" {either} ".join(mark for _, mark in marks))
    return " ".join(parts)


def holding(b: Book, rules: Sequence[Rule], told: Known) -> Iterator[tuple[str, int, object]]:
    """(condition in codes, number of the rule from 0, value) of each rule that can hold."""
    earlier = False
    for number, rule in enumerate(rules):
        under = code(b, rule.when, told)
        if under is None:
            continue
        yield under or (catalog(b.lang).gettext("else") if earlier else ""), number, rule.value
        if not under:
            return
        earlier = True


def _texts(b: Book, base: str, rules: Sequence[Rule], told: Known) -> Keyed:
    numbered = len(rules) > 1
    return tuple((under, b.text(f"{base}.{n + 1}" if numbered else base)) for under, n, _ in holding(b, rules, told))


def _lines(b: Book, base: str, lines: Sequence[Line], told: Known) -> tuple[SheetLine, ...]:
    shown = []
    for number, line in enumerate(lines, 1):
        if (under := code(b, line.when, told)) is not None:
            texts = _texts(b, f"{base}.{number}", line.text, told)
            shown.append(SheetLine(under, speaker(b, line.speaker), texts, line.speaker == b.case.client))
    return tuple(shown)


def speaker(b: Book, name: str) -> str:
    """Who says it; nobody where it is told."""
    if name == NARRATOR:
        return ""
    return catalog(b.lang).gettext("Trainee") if name == PLAYER else b.text(f"speakers.{name}")


def keyed(b: Book, rules: Sequence[Rule], told: Known, nothing: str = "", plus: bool = False) -> Keyed:
    """A key by condition; ``nothing`` is the word for None."""
    said = {None: nothing, "auto": catalog(b.lang).gettext("by exact play")}
    return tuple(
        (under, said[value] if value in said else b.figure(value, plus)) for under, _, value in holding(b, rules, told)
    )


# ---- places ---------------------------------------------------------------------------------------------------


def sheet_scene(b: Book, name: str) -> SheetScene:
    """A numbered scene or ending."""
    number = b.numbers[name]
    if ending := b.case.endings.get(name):
        base = f"endings.{name}"
        return SheetScene(
            number,
            b.text(f"{base}.title"),
            _lines(b, f"{base}.lines", ending.lines, None),
            ending=True,
            mood=_texts(b, f"{base}.mood", ending.mood, None),
            after=_lines(b, f"{base}.after", ending.after, None),
            value=keyed(b, ending.value, None),
            worth=max(value for _, _, value in holding(b, ending.value, None)),
        )
    scene, base = b.case.scenes[name], f"scenes.{name}"
    return SheetScene(
        number,
        b.text(f"{base}.title") if scene.title else "",
        _lines(b, f"{base}.lines", scene.lines, UNTOLD),
        inquiry=scene.kind == "inquiry",
        prompt=b.text(f"{base}.prompt") if scene.prompt else "",
        cues=tuple(_cues(b, name)),
        ways=_ways(b, name, scene.goto or ()),
        target=keyed(b, scene.target or (), UNTOLD, plus=True),
    )


def _cues(b: Book, scene: str) -> Iterator[Cue]:
    alphabet, gettext = _LETTERS.get(b.lang, _LATIN).lower(), catalog(b.lang).gettext
    for n, (name, option) in enumerate(b.case.scenes[scene].options.items()):
        under = code(b, option.when, UNTOLD)
        if under is None:
            continue
        base = f"scenes.{scene}.options.{name}"
        written = [
            b.letters[memory] + str(b.case.memory[memory].index(value) + 1)
            for memory, value in option.remember.items()
            if memory in b.read
        ]
        notes = (*written, *_told(b, option.reveals))
        yield Cue(
            name=(scene, name),
            id=f"{b.numbers[scene]}{alphabet[n % len(alphabet)]}",
            code=under,
            texts=_texts(b, f"{base}.text", option.text, UNTOLD),
            ask=option.ask,
            heard=_lines(b, f"{base}.reply", option.reply, _now(b, scene, option)),
            notes=notes,
            costs=option.costs,
            ways=_ways(b, scene, option.goto, notes),
            position=keyed(b, option.position, UNTOLD, gettext("off the axis"), plus=True)
            if b.case.scenes[scene].axis
            else (),
            fit=keyed(b, option.fit, UNTOLD, gettext("by distance")),
            because=_texts(b, f"{base}.because", option.because, UNTOLD),
        )


def _ways(b: Book, scene: str, rules: Sequence[Rule], noted: Sequence[str] = ()) -> tuple[Direction, ...]:
    """Where a choice leads; a way that only one value of a fact opens tells that value."""
    parts, ways = _parts(b.case, rules), []
    for under, number, to in holding(b, rules, None):
        learnt = () if to in b.case.endings else _sure(b, parts[number] & b.within.get(scene, 0))
        ways.append(Direction(under, b.numbers[to], tuple(tick for tick in learnt if tick not in noted)))
    return tuple(ways)


def _parts(case: Case, rules: Sequence[Rule]) -> list[int]:
    """The worlds in which each rule, or another with the same destination, may be the first that holds, as bits."""
    worlds, parts = _worlds(case, {}), {}
    for rule in rules:
        part = worlds & _worlds(case, rule.when or {})
        parts[rule.value] = parts.get(rule.value, 0) | part
        if not set(rule.when or {}) & set(case.memory):
            worlds &= ~part
    return [parts[rule.value] for rule in rules]


def _worlds(case: Case, when: When) -> int:
    """The worlds in which a condition may hold, as bits."""
    worlds = (1 << len(case.worlds)) - 1
    for name, values in when.items():
        if name in case.facts:
            worlds &= sum(case.masks.get((name, value), 0) for value in values)
    return worlds


def _now(b: Book, scene: str, option: Option) -> frozenset[tuple[str, str]]:
    """What is learnt by this very reply: what it reveals, and what its outcome gives away."""
    parts, masks = [part & b.within.get(scene, 0) for part in _parts(b.case, option.goto)], b.case.masks
    return frozenset(
        (name, value)
        for (name, value), mask in masks.items()
        if name in option.reveals or all(part & mask == part for part in parts if part & mask)
    )


def _sure(b: Book, worlds: int, but: str = "") -> tuple[str, ...]:
    """Ticks for facts that have one value in these worlds and not in all."""
    whole = _worlds(b.case, {})
    sure = {fact for (fact, _), mask in b.case.masks.items() if worlds and worlds & mask == worlds and mask != whole}
    return tuple(
        f"{b.letters[name]}✓"
        for name, fact in b.case.facts.items()
        if name in sure and name in b.knowing and name != but and not fact.design
    )


def _told(b: Book, reveals: Sequence[str]) -> Iterator[str]:
    """Ticks after a telling answer, also for what follows from it."""
    for name in reveals:
        if name in b.knowing and not b.case.facts[name].design:
            yield f"{b.letters[name]}✓"
        for number, value in enumerate(b.case.facts[name].values, 1):
            for tick in _sure(b, b.case.masks.get((name, value), 0), name):
                yield f"{tick} ({b.letters[name]}{number})"
