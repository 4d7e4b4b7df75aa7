"""What comes when? Cases and breaks in order, how each is held, and how the plan is changed while it runs."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from trainkit.errors import N_, Refused, TrainkitError, UnknownName, shown
from trainkit.typed import typed

PACES = ("free", "case", "scene")
STORIES = ("one", "half", "own")
MOST_ITEMS = 40
MOST_MINUTES = 600  # of an item
MOST_CLOCK = 60  # minutes of a scene
MAX_NAME = 40  # characters
TALK = 2  # a case and the talk about it take about so many times the minutes of playing it


@dataclass(frozen=True)
class Item:
    """A case, or a break with a name; ``minutes`` and ``clock`` 0 where nothing was said.

    How a case comes: "free", as soon as one has finished what was before; "case", when the trainer opens it; "scene", as
    before, and so does each of its scenes. Empty: as the room has it; ``story`` likewise. ``clock``: minutes of each scene.
    """

    key: str
    case_id: str = ""
    name: str = ""
    minutes: int = 0
    pace: str = ""
    story: str = ""
    clock: int = 0

    @property
    def is_break(self) -> bool:
        """Whether nothing is played."""
        return not self.case_id

    def held(self, pace: str) -> str:
        """How it comes in a room with this pace."""
        return self.pace or pace


Agenda = tuple[Item, ...]


def case_item(case_id: str, **how: Any) -> Item:
    """A case on the agenda."""
    return checked(Item(case_id, case_id, **how))


def break_item(agenda: Iterable[Item], name: str, minutes: int) -> Item:
    """A break with a key that no other has."""
    taken = [int(item.key[1:]) for item in agenda if item.is_break]
    return checked(Item(f"-{max(taken, default=0) + 1}", name=" ".join(typed(name).split()), minutes=minutes))


def checked(item: Item) -> Item:
    """The item; TrainkitError if something in it is out of range."""
    if item.is_break and not 0 < len(item.name) <= MAX_NAME:
        raise TrainkitError(
            N_("a break has a name of 1 to {most} characters (got {got})"), most=MAX_NAME, got=len(item.name)
        )
    for what, most in (("minutes", MOST_MINUTES), ("clock", MOST_CLOCK)):
        got = getattr(item, what)
        if not isinstance(got, int) or isinstance(got, bool) or not 0 <= got <= most:
            raise TrainkitError(N_("{what} is 0 to {most} (got {got})"), what=what, most=most, got=got)
    if item.is_break and not item.minutes:
        raise TrainkitError(N_("a break has minutes"))
    for what, known in (("pace", PACES), ("story", STORIES)):
        if (got := getattr(item, what)) and got not in known:
            raise UnknownName(what, got, known)
    return item


def to_json(agenda: Agenda) -> str:
    """An agenda as it is logged."""
    items = [{name: value for name, value in asdict(item).items() if value} for item in agenda]
    return json.dumps(items, ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> Agenda:
    """An agenda from the log."""
    return tuple(Item(**item) for item in json.loads(text))


# ---- how far ----------------------------------------------------------------------------------------------------


def onward(agenda: Agenda, opened: int, pace: str) -> int:
    """How many items are open once the trainer goes on; 0 if nothing is left.

    A break is open alone. A case opens with those behind it that come as soon as one has finished.
    """
    if opened >= len(agenda):
        return 0
    end = opened + 1
    while (
        not agenda[opened].is_break
        and end < len(agenda)
        and not agenda[end].is_break
        and agenda[end].held(pace) == "free"
    ):
        end += 1
    return end


def expected(agenda: Agenda, took: Mapping[str, int]) -> list[int]:
    """Minutes that each item is thought to take: what was said, or what its case takes with the talk about it."""
    return [item.minutes or TALK * took.get(item.case_id, 0) for item in agenda]


# ---- changed while it runs --------------------------------------------------------------------------------------


def position(agenda: Agenda, key: str, opened: int) -> int:
    """Where an item that may still be changed stands; UnknownName or Refused if it may not."""
    keys = [item.key for item in agenda]
    if key not in keys:
        raise UnknownName("item of the agenda", key, keys)
    if keys.index(key) < opened:
        raise Refused(N_("what has begun stays where it is"))
    return keys.index(key)


def moved_up(agenda: Agenda, key: str, opened: int) -> Agenda:
    """An agenda in which an item comes one earlier; before what has begun it can't come."""
    at = position(agenda, key, opened)
    if at == opened:
        return agenda
    return (*agenda[: at - 1], agenda[at], agenda[at - 1], *agenda[at + 1 :])


def without(agenda: Agenda, key: str, opened: int) -> Agenda:
    """An agenda without an item."""
    at = position(agenda, key, opened)
    left = (*agenda[:at], *agenda[at + 1 :])
    if all(item.is_break for item in left):
        raise Refused(N_("an agenda has a case"))
    return left


def added(agenda: Agenda, item: Item) -> Agenda:
    """An agenda with an item at its end; Refused if the case is on it, or it is full."""
    if any(item.key == other.key for other in agenda):
        raise Refused(N_("{name} is on the agenda already"), name=shown(item.key))
    if len(agenda) >= MOST_ITEMS:
        raise Refused(N_("an agenda has at most {most} items"), most=MOST_ITEMS)
    return (*agenda, item)


def changed(agenda: Agenda, key: str, **how: Any) -> Agenda:
    """An agenda with an item that is held otherwise."""
    keys = [item.key for item in agenda]
    if key not in keys:
        raise UnknownName("item of the agenda", key, keys)
    return tuple(checked(replace(item, **how)) if item.key == key else item for item in agenda)


# ---- scene by scene ---------------------------------------------------------------------------------------------


def rounds_open(items: Sequence[Item], case_id: str, opened: int | None, pace: str, rounds: Mapping[str, int]) -> float:
    """How many decisions may be made in a case: all, unless the trainer opens its scenes and it is the newest case open."""
    number = next((n for n, item in enumerate(items) if item.case_id == case_id), None)
    if number is None or items[number].held(pace) != "scene":
        return math.inf
    if opened is not None and any(not item.is_break for item in items[number + 1 : opened]):
        return math.inf  # the room is further: whoever comes late to it goes their own way
    return rounds.get(case_id, 1)
