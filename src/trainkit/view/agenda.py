"""How does the plan of a room look? Its items with the times at which they began or may begin, and what can be changed."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from trainkit.i18n import catalog
from trainkit.log.records import local_time
from trainkit.room.agenda import Item, expected
from trainkit.room.records import Stage
from trainkit.room.room_summary import RoomSummary
from trainkit.view.screen import case_text


class Planned(NamedTuple):
    """An item: ``at`` when it began or may begin, in the time of this machine; ``state`` is "done", "here" or "ahead"."""

    item: Item
    name: str
    at: str
    told: str
    state: str
    first: bool  # of those ahead: it can't come earlier


class Plan(NamedTuple):
    """The plan: its items, when it may be over, and the cases that could be taken in (id and title)."""

    items: tuple[Planned, ...]
    ends: str
    cases: tuple[tuple[str, str], ...]


def item_name(item: Item, rooms: Mapping[str, RoomSummary], lang: str) -> str:
    """What an item of the agenda is called."""
    return item.name if item.is_break else case_text(rooms[item.case_id].case, "title", lang)


def plan(
    rooms: Mapping[str, RoomSummary],
    stage: Stage,
    cases: Sequence[tuple[str, str]],
    lang: str,
    now: datetime | None = None,
) -> Plan:
    """The plan at a moment (now, unless one is given)."""
    at = (now or datetime.now(UTC)).astimezone()
    opened = len(stage.agenda) if stage.opened is None else stage.opened
    minutes = expected(stage.agenda, {case_id: room.case.minutes for case_id, room in rooms.items()})
    current = stage.current
    items, free = [], at  # when the next item may begin
    for number, (item, takes) in enumerate(zip(stage.agenda, minutes, strict=True)):
        began = stage.began.get(item.key)
        begins = local_time(began) if began else free
        if number >= opened:
            begins = max(free, at)
        free = begins + timedelta(minutes=takes)
        here = (
            current is not None
            and number < opened
            and (item == current or (began is not None and began == stage.began.get(current.key)))
        )
        state = "here" if here else "done" if number < opened else "ahead"
        shown = f"{begins:%H:%M}" if began or number >= opened else ""
        told = _told(item, takes, rooms, stage, lang)
        items.append(Planned(item, item_name(item, rooms, lang), shown, told, state, number == opened))
    planned = {item.case_id for item in stage.agenda}
    return Plan(tuple(items), f"{max(free, at):%H:%M}", tuple(one for one in cases if one[0] not in planned))


def _told(item: Item, minutes: int, rooms: Mapping[str, RoomSummary], stage: Stage, lang: str) -> str:
    """In a line: how long, and how it is held."""
    gettext, ngettext = catalog(lang).gettext, catalog(lang).ngettext
    long = ngettext("{n} minute", "{n} minutes", minutes).format(n=minutes)
    if item.is_break:
        return long
    pace = {
        "free": gettext("at their own pace"),
        "case": gettext("you open it"),
        "scene": gettext("scene by scene"),
    }[item.held(stage.pace)]
    story = {
        "one": gettext("one story for all"),
        "half": gettext("two stories, half and half"),
        "own": gettext("everybody their own story"),
    }[item.story or stage.story]
    parts = [long, pace, story]
    if item.clock:
        parts.append(ngettext("{n} minute a scene", "{n} minutes a scene", item.clock).format(n=item.clock))
    return ", ".join(parts)
