"""What do the buttons do that lead the room on? Start, next case, next scene, breaks, the clock, and changing the plan."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from trainkit.case.model import Case
from trainkit.errors import N_, Refused, TrainkitError, UnknownName, shown
from trainkit.files.casebook import case_ids, load_case
from trainkit.room import agenda as plans
from trainkit.room.agenda import PACES, Agenda, Item
from trainkit.room.controls import decide_control
from trainkit.room.records import Stage, WorkshopCase
from trainkit.room.workshops import add_case
from trainkit.web.live_room import solve
from trainkit.web.seats import Seats

Fields = Mapping[str, str]
Controls = Sequence[tuple[str, str]]  # kind and setting of each


class AgendaSteering:
    """Buttons by name in ``does``; each decides by what is set when its turn has come, so that two trainers can't collide."""

    def __init__(self, seats: Seats):
        self.seats = seats
        self.does: Mapping[str, Callable[[Fields], Awaitable[None]]] = {
            **{
                name: partial(self._decided, decide)
                for name, decide in {
                    "open": _open,
                    "round": _round,
                    "pace": _pace,
                    "clock": _clock,
                    "clock_end": _end_clock,
                    "back": _end_break,
                    "up": _up,
                    "drop": _drop,
                    "now": _now,
                    "break": _break,
                    "item": _item,
                }.items()
            },
            "add": self._add,
        }

    async def _decided(self, decide: Callable[[Stage, Fields], Controls], fields: Fields) -> None:
        try:
            await self.seats.writer.call(
                decide_control, self.seats.log, self.seats.workshop, lambda stage: decide(stage, fields)
            )
        except (Refused, UnknownName):
            raise
        except TrainkitError as error:
            if type(error) is TrainkitError:  # something in a field is out of range
                raise Refused(error.text, **error.values) from None
            raise

    async def _add(self, fields: Fields) -> None:
        """Take another case of the casebook in."""
        case_id, known = fields.get("case", ""), case_ids()
        if case_id not in known:
            raise UnknownName("case", case_id, known)
        version = ""  # of a case that the workshop has already
        if case_id not in {part.case.id for part in self.seats.workshop.parts}:
            case = await asyncio.to_thread(_loaded, case_id)
            if self.seats.workshop.lang not in case.languages:
                raise Refused(N_("{name} is not in the language of the room"), name=shown(case_id))
            version = await self.seats.writer.call(add_case, self.seats.log, case)

        def decide(stage: Stage, _fields: Fields) -> Controls:
            changed = ("agenda", plans.to_json(plans.added(stage.agenda, plans.case_item(case_id))))
            return [("case", version), changed] if version and version not in stage.added else [changed]

        await self._decided(decide, fields)


def _loaded(case_id: str) -> Case:
    """A case, solved before the first debrief needs it."""
    case = load_case(case_id)
    solve(WorkshopCase(case, {}))
    return case


# ---- going on ---------------------------------------------------------------------------------------------------


def _open(stage: Stage, fields: Fields) -> Controls:
    """Open the next items; the button says how many are open then, so that a double click opens one."""
    asked = _number(fields, "opened", len(stage.agenda), N_("there is no such case"))
    return _opening(stage, asked) if stage.opened is not None and asked > stage.opened else []


def _opening(stage: Stage, opened: int) -> Controls:
    newest = stage.agenda[opened - 1]
    return [*_cleared(stage, newest), ("opened", str(opened))]  # what was pressed comes last


def _cleared(stage: Stage, item: Item) -> Controls:
    """What a new scene begins with: no pause, nothing picked for the screen, no question, no key, its clock."""
    timed = item.clock if item.held(stage.pace) == "scene" else 0
    return [
        *([("paused", "0")] if stage.paused else []),
        *([("scene", "")] if stage.scene else []),
        *([("key", "0")] if stage.key else []),
        *([("question", f"{stage.on_wall} shown")] if stage.on_wall else []),
        *([_started(stage, timed)] if timed else [("clock", "0")] if stage.clock else []),
    ]


def _round(stage: Stage, fields: Fields) -> Controls:
    """Open the next scene of the case that is played; the button says which, so that a double click opens one."""
    case_id, _, number = fields.get("round", "").partition("/")
    item = stage.led("scene")
    if item is None or item.case_id != case_id or number != str(stage.round_of(case_id) + 1):
        return []
    return [*_cleared(stage, item), ("round", f"{case_id}/{number}")]


def _pace(stage: Stage, fields: Fields) -> Controls:
    """How cases come from now on; whoever waited goes on where that is over."""
    pace = fields.get("pace", "")
    if pace not in PACES:
        raise UnknownName("pace", pace, PACES)
    controls = [("pace", pace)] if pace != stage.pace else []
    if stage.opened and not stage.on_break:
        behind = plans.onward(stage.agenda, stage.opened - 1, pace)
        controls += [("opened", str(behind))] if behind > stage.opened else []
    return controls


def _started(stage: Stage, minutes: int) -> tuple[str, str]:
    return "clock", f"{minutes} {stage.clocks + 1}"


def _clock(stage: Stage, fields: Fields) -> Controls:
    minutes = _number(fields, "minutes", plans.MOST_CLOCK, N_("a clock has 1 to {most} minutes"))
    return [_started(stage, minutes)]


def _end_clock(stage: Stage, fields: Fields) -> Controls:
    return [("clock", "0")] if stage.clock else []


def _end_break(stage: Stage, fields: Fields) -> Controls:
    """The room is back before anything else is opened."""
    key = fields.get("key_of", "")
    return [("back", key)] if stage.on_break and stage.on_break.key == key else []


# ---- changing the plan ------------------------------------------------------------------------------------------


def _changed(stage: Stage, agenda: Agenda) -> Controls:
    return [("agenda", plans.to_json(agenda))] if agenda != stage.agenda else []


def _up(stage: Stage, fields: Fields) -> Controls:
    return _changed(stage, plans.moved_up(stage.agenda, fields.get("item", ""), stage.opened or 0))


def _drop(stage: Stage, fields: Fields) -> Controls:
    return _changed(stage, plans.without(stage.agenda, fields.get("item", ""), stage.opened or 0))


def _now(stage: Stage, fields: Fields) -> Controls:
    """Begin an item before those that stand before it; in a room where everything is open it comes last."""
    at = plans.position(stage.agenda, fields.get("item", ""), stage.opened or 0)
    return _beginning(stage, stage.agenda[at], (*stage.agenda[:at], *stage.agenda[at + 1 :]))


def _beginning(stage: Stage, item: Item, rest: Agenda) -> Controls:
    place = len(rest) if stage.opened is None else stage.opened
    agenda = (*rest[:place], item, *rest[place:])
    return [*_changed(stage, agenda), *_opening(replace(stage, agenda=agenda), place + 1)]


def _break(stage: Stage, fields: Fields) -> Controls:
    """Plan a break, at once if that is asked for."""
    minutes = _number(fields, "minutes", plans.MOST_MINUTES, N_("a break has 1 to {most} minutes"))
    item = plans.break_item(stage.agenda, fields.get("name", ""), minutes)
    planned = plans.added(stage.agenda, item)
    return _beginning(stage, item, stage.agenda) if "at_once" in fields else _changed(stage, planned)


def _item(stage: Stage, fields: Fields) -> Controls:
    """Hold an item otherwise; of what has begun only its pace and its clock."""
    key = fields.get("item", "")
    how: dict[str, str | int] = {name: fields[name] for name in ("pace", "story") if name in fields}
    for name, most in (("minutes", plans.MOST_MINUTES), ("clock", plans.MOST_CLOCK)):
        if fields.get(name, "") in ("", "0"):
            how |= {name: 0} if name in fields else {}
        else:
            how[name] = _number(fields, name, most, N_("minutes are a number up to {most}"))
    begun = [item.key for item in stage.agenda[: stage.opened or 0]]
    if key in begun:
        how = {name: value for name, value in how.items() if name in ("pace", "clock")}
    return _changed(stage, plans.changed(stage.agenda, key, **how))


def _number(fields: Fields, name: str, most: int, rule: str) -> int:
    asked = fields.get(name, "").strip()
    if not (asked.isascii() and asked.isdecimal()) or not 1 <= int(asked[:6]) <= most:
        raise Refused(rule, most=most)
    return int(asked)
