"""What in a run from elsewhere is nothing that a log could have been given? Looked at before anything is written."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from trainkit.case.model import LANGUAGE, Case
from trainkit.engine.attempt import Attempt
from trainkit.errors import N_, Told, TrainkitError, shown, suggest
from trainkit.exchange.answers_reader import ORIGINS
from trainkit.exchange.run_source import Run
from trainkit.log import schema as tables
from trainkit.log.foreign import LONGEST, YEARS
from trainkit.log.records import DRAW_VERSION, KINDS, MAX_TEXT, pseudonym
from trainkit.room.agenda import STORIES

_WITH_TEXT = ("words", "why", "disagree", "revote")
_TIMES = ("started_at", "at", "joined_at")
_ONE_OF: Mapping[str, Sequence[Any]] = {
    "drawn": STORIES,
    "draw_version": range(1, DRAW_VERSION + 1),
    "origin": ORIGINS,
}
_UNSEEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")  # control characters, and halves of a character
_is_language = lru_cache(maxsize=1000)(re.compile(LANGUAGE).fullmatch)


class Refused(TrainkitError):
    """One run can't be taken; the others can."""


def refuse_misfit(run: Run) -> None:
    """Raise Refused if a value of a run is of another kind, longer or bigger than a log has it."""
    for table, row in ((tables.attempts, run.attempt), (tables.imported_people, run.person)):
        if why := misfit(table, row):
            raise Refused(N_("{why}: it was changed"), why=why)
    for event in run.events:
        kind, text, lang = event["kind"], event["text"], event["lang"]
        wrong = None
        if text is not None:
            if kind not in _WITH_TEXT:
                wrong = Told(N_('a "{kind}" has no text'), kind=kind)
            else:
                wrong = _why_no_text("text", text, MAX_TEXT)
        elif kind in _WITH_TEXT:
            wrong = Told(N_('a "{kind}" has a text'), kind=kind)
        if not isinstance(lang, str) or len(lang) > 8 or not _is_language(lang):
            wrong = Told(N_("{column} is no language (got {got})"), column="lang", got=shown(lang))
        elif not is_time(event["at"]):
            wrong = Told(N_("{column} is no time (got {got})"), column="at", got=shown(event["at"]))
        if wrong:
            raise Refused(N_("step {step}, {why}: it was changed"), step=event["step"], why=wrong)


def misfit(table: sa.Table, row: Mapping[str, Any]) -> Told | None:
    """Why a row is none of this table of a log; columns that it doesn't have are passed over."""
    for column in table.c:
        if column.name in row and (why := _why_not(column, row[column.name])):
            return why
    return None


def _why_not(column: sa.Column, value: Any) -> Told | None:
    name, kind = column.name, column.type
    if value is None:
        return None if column.nullable else Told(N_("{column} is empty"), column=name)
    if name in _TIMES:
        return None if is_time(value) else Told(N_("{column} is no time (got {got})"), column=name, got=shown(value))
    if name in _ONE_OF and value not in _ONE_OF[name]:
        return Told(N_("{column} is {got}, which this program doesn't know"), column=name, got=shown(value))
    if isinstance(kind, sa.Boolean):
        right = isinstance(value, int) and value in (0, 1)
        return None if right else Told(N_("{column} is neither true nor false"), column=name)
    if isinstance(kind, sa.Integer):
        low, most = (-(2**63), 2**63) if isinstance(kind, sa.BigInteger) else (0, 2**31)
        right = isinstance(value, int) and not isinstance(value, bool) and low <= value < most
        return None if right else Told(N_("{column} is no whole number that a log has"), column=name)
    return _why_no_text(name, value, getattr(kind, "length", None) or LONGEST)


def _why_no_text(name: str, value: Any, most: int) -> Told | None:
    if not isinstance(value, str):
        return Told(N_("{column} is no text"), column=name)
    if len(value) > most:
        return Told(N_("{column} is longer than {longest} characters"), column=name, longest=most)
    if _UNSEEN.search(value):
        return Told(N_("{column} has characters that no text has"), column=name)
    return None


def is_time(value: Any) -> bool:
    """Whether this is a time with its zone, or the text of one."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return False
    return isinstance(value, datetime) and value.tzinfo is not None and value.year in YEARS


def fixed_facts(text: str, case: Case) -> dict[str, str]:
    """The facts that were fixed in a run of this case; Refused if they are none that it has."""
    fixed = json.loads(text)
    if not isinstance(fixed, dict):
        raise Refused(N_("its fixed facts are no table of names and values: it was changed"))
    for name, value in fixed.items():
        if name not in case.facts:
            raise Refused(Told(N_("it fixes an unknown fact, {got}."), got=shown(name)) + suggest(name, case.facts))
        if not isinstance(value, str) or value not in case.facts[name].values:
            raise Refused(N_('it fixes "{fact}" to a value that it doesn\'t have, {got}'), fact=name, got=shown(value))
    return fixed


def refuse_gaps(events: Sequence[Mapping[str, Any]]) -> None:
    """Raise Refused if a step is missing, or of a kind that there isn't."""
    for number, event in enumerate(events):
        if event["step"] != number:
            raise Refused(N_("step {step} is missing"), step=number)
        if event["kind"] not in KINDS:
            said = Told(N_("step {step} is of an unknown kind, {got}."), step=number, got=shown(event["kind"]))
            raise Refused(said + suggest(event["kind"], KINDS))


def refuse_misplaced(case: Case, attempt: Attempt, event: Mapping[str, Any]) -> None:
    """Raise Refused if an event names a scene or an option that it can't be of."""
    scene, option = event["scene"], event["option"]
    if scene not in case.scenes:
        said = N_('step {step} is in an unknown scene of "{case}", {got}.')
        raise Refused(Told(said, step=event["step"], case=case.id, got=shown(scene)) + suggest(scene, case.scenes))
    if event["kind"] == "choose" and scene != attempt.state.place:
        said = N_('step {step} is in "{scene}", but the run was in "{place}": it was changed')
        raise Refused(said, step=event["step"], scene=scene, place=attempt.state.place)
    if option is not None and option not in case.scenes[scene].options:
        said = Told(
            N_('step {step} has an unknown option of "{scene}", {got}.'),
            step=event["step"],
            scene=scene,
            got=shown(option),
        )
        raise Refused(said + suggest(option, case.scenes[scene].options))


def refuse_miscoded(code: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> None:
    """Raise Refused if a code is none that this log could have been given."""
    step, number = code["step"], code["number"]
    if not isinstance(step, int) or not 0 <= step < len(events) or events[step]["kind"] != "words":
        raise Refused(N_("a code is of step {step}, where nothing was said in own words"), step=step)
    if not isinstance(number, int) or not 0 <= number < 2**31 or not code["scheme"] or not is_time(code["at"]):
        raise Refused(N_("a code of step {step} has no number, no scheme or no time: it was changed"), step=step)
    if code["coder"] != pseudonym(code["coder"]):
        raise Refused(N_("a code of step {step} is of nobody who could have given it: it was changed"), step=step)
    for name in ("scheme", "code"):
        longest = tables.codes.c[name].type.length
        if code[name] is not None and len(code[name]) > longest:
            raise Refused(
                N_("{name} of step {step} is longer than {longest} characters"), name=name, step=step, longest=longest
            )
        if code[name] is not None and (why := _why_no_text(name, code[name], longest)):
            raise Refused(N_("step {step}, {why}: it was changed"), step=step, why=why)
