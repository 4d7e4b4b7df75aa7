"""How does a course remember where somebody is? In few characters: what was drawn and said, of which the rest follows.

SCORM 1.2 keeps 4,096 characters, SCORM 2004 64,000. If all runs don't fit, words of one's own go first, then runs that have
ended, from the oldest on: they stay in the browser's log.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from trainkit.case.model import Case
from trainkit.errors import TrainkitError
from trainkit.log.browser import BrowserLog
from trainkit.log.records import Event, Record, Settings
from trainkit.log.replay import advance, begun

VERSION = 1
_SHORT = {"back": "<", "words": "w", "why": "y", "disagree": "d"}
_LONG = {short: kind for kind, short in _SHORT.items()}


def write_place(log: BrowserLog, most: int) -> str:
    """All runs of a log in at most so many characters, the newest one by itself if need be; "" if nothing fits."""
    records = log.attempts()
    for words, first in [(True, 0), *((False, first) for first in range(len(records)))]:
        text = _json([VERSION, *(_run(log, record, words) for record in records[first:])])
        if len(text) <= most:
            return text
    return ""


def _run(log: BrowserLog, record: Record, words: bool) -> list[Any]:
    said: list[Any] = []
    for event in log.events(record.attempt):
        if event.kind == "choose":
            said.append(event.option)
        elif event.kind == "disagree":
            said += [["d", event.scene, event.option, event.text]] if words else []
        elif event.kind in _SHORT:
            said.append([_SHORT[event.kind], *([event.text] if words and event.text else [])])
    lang = next((event.lang for event in reversed(log.events(record.attempt))), "ru")
    about = [record.attempt, record.case_id, record.case_hash[:12], record.seed, record.participant, record.started_at]
    return [*about, lang, said]


def read_place(
    place: str, known: Sequence[str], case_of: Callable[[str], Case], settings: Settings
) -> Iterator[tuple[Record, list[Event]]]:
    """The runs of a place that can be gone on with: of a case that is still the same, and open as it was.

    A place that is cut, or was written by another version, has none.
    """
    try:
        version, *runs = json.loads(place)
    except (ValueError, TypeError):
        return
    for run in runs if version == VERSION else ():
        try:
            attempt, case_id, case_hash, seed, participant, started_at, lang, said = run
            case = case_of(case_id) if case_id in known else None
            if case is None or not case.hash.startswith(case_hash):
                continue
            about = {"attempt": attempt, "participant": participant, "seed": seed, "started_at": started_at}
            versions = {"case_id": case.id, "case_hash": case.hash, "translations_hash": case.translations_hash}
            record = Record(**about, **versions, fixed={}, settings=settings, origin="person")
            yield record, _events(case, record, said, lang)
        except (ValueError, TypeError, TrainkitError):
            continue


def _events(case: Case, record: Record, said: Sequence[Any], lang: str) -> list[Event]:
    """What was said, as the log has it; a TrainkitError if it can't have been."""
    attempt, events = begun(case, record), []
    for one in said:
        kind = "choose" if isinstance(one, str) else _LONG[one[0]]
        scene, about = attempt.state.place, _about(kind, one)
        if kind == "why":
            about = {"scene": attempt.steps[-1].scene, "option": attempt.steps[-1].option, **about}
        event = Event(**{"kind": kind, "scene": scene, "lang": lang, "at": record.started_at, **about})
        attempt = advance(attempt, event)
        ending = attempt.ending if kind == "choose" else None
        events.append(Event(**{**_plain(event), "ending": ending}))
    return events


def _about(kind: str, said: Any) -> Mapping[str, Any]:
    if kind == "choose":
        return {"option": said}
    if kind == "disagree":
        return {"scene": said[1], "option": said[2], "text": said[3]}
    return {} if kind == "back" else {"text": said[1] if len(said) > 1 else ""}


def _plain(event: Event) -> dict[str, Any]:
    return {name: getattr(event, name) for name in ("kind", "scene", "option", "text", "ending", "lang", "at")}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
