"""What does a learning record store get to hear of a run? xAPI 1.0.3 statements, the same wherever they are made."""

import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from trainkit.case.conditions import text_id
from trainkit.case.model import Case
from trainkit.errors import TrainkitError, shown
from trainkit.scoring.decisions import Decision
from trainkit.scoring.formulas import measure

HOME = "https://trainkit.example"  # an address that nobody has (RFC 2606), where none is named
_ADL = "http://adlnet.gov/expapi"
_VERBS = {  # of ADL's vocabulary
    "initialized": {"en": "initialized", "ru": "начал"},
    "answered": {"en": "answered", "ru": "ответил"},
    "interacted": {"en": "interacted", "ru": "вернулся на шаг"},
    "commented": {"en": "commented", "ru": "сказал своими словами"},
    "responded": {"en": "responded", "ru": "проголосовал снова"},
    "completed": {"en": "completed", "ru": "завершил"},
}
_SAID = {"choose": "answered", "back": "interacted", "revote": "responded"}  # the rest is commented
_SAME_ID = uuid.UUID("7b0d7c43-6f0f-5e0a-9a55-2f6a1a3f0c11")  # under which all ids of statements are made


def home_address(text: str) -> str:
    """An address under which an organisation's statements are known: http(s), without the last slash.

    Raises TrainkitError if it is none.
    """
    address = text.strip().rstrip("/")
    if not re.fullmatch(r"https?://[^\s/?#\"<>\\^`{|}]+(/[^\s?#\"<>\\^`{|}]*)?", address):
        raise TrainkitError(f"an xAPI home is an address like https://academy.example.org (got {shown(text)})")
    return address


class Told(NamedTuple):
    """A run as an export tells of it: its rows, what is scored of it, and how who played is called where that is told."""

    attempt: Mapping[str, Any]
    events: Sequence[Mapping[str, Any]]
    decisions: Sequence[Decision]
    name: str | None
    exact: bool  # False in an anonymous room, whose times are to the minute


class Statements:
    """Statements of one run after the other; ``case_of`` gives the case of a version by both its hashes.

    Ids are made of attempt and step (UUID version 5), so that whoever says it again says the same, and a store that has heard
    a statement already takes it as such. Who played is an account: the export's ``person`` at ``home``, with the pseudonym
    as its name where names are told. ``result.score.scaled`` is fit (0 … 1: how well it suits this client, by one author's
    key), as stores take a score for how well somebody did; the position, of which neither end is right, is an extension. What
    a scene is and offers stands in the first statement about it.
    """

    def __init__(self, home: str, case_of: Callable[[str, str], Case]):
        self.home, self._case_of = home_address(home), case_of
        self._described: set[tuple[str, str]] = set()
        self._cases: dict[tuple[str, str], Case | None] = {}

    def of(self, run: Told) -> Iterator[dict[str, Any]]:
        """The statements of a run, in order."""
        attempt, events = run.attempt, run.events
        case = self._case(attempt)
        whole = self._about(attempt, case, None)
        yield self._statement(run, "begin", "initialized", whole, attempt["started_at"], attempt, {})
        scored = iter(run.decisions)
        waiting = next(scored, None)
        for event in events:
            result: dict[str, Any] = {}
            extensions: dict[str, Any] = {"kind": event["kind"]}
            if event["kind"] == "choose":
                result["response"] = event["option"]
                if waiting and (waiting.scene, waiting.option) == (event["scene"], event["option"]):
                    result |= _score(waiting.fit)
                    extensions |= {"position": waiting.position, "target": waiting.target}
                    waiting = next(scored, None)
            elif event["kind"] == "revote":
                result["response"] = event["option"]
                extensions["vote"] = event["text"]
            elif event["kind"] != "back":
                if not event["text"]:
                    continue  # asked for words, and had none
                result["response"] = event["text"]
                extensions["option"] = event["option"]
            result["extensions"] = self._extensions(extensions)
            verb = _SAID.get(event["kind"], "commented")
            place = self._about(attempt, case, event["scene"], event["kind"] if verb == "commented" else "")
            yield self._statement(run, str(event["step"]), verb, place, event["at"], event, result)
        if last := next((event for event in events if event["ending"]), None):
            figures, _ = measure(run.decisions, ("fit", "position"))
            fit = figures["fit"]
            told = {"ending": last["ending"], "position": figures["position"], "decisions": len(run.decisions)}
            result = {"completion": True, **_score(None if fit is None else fit / 100)}
            if run.exact and run.decisions:
                seconds = max(0.0, (last["at"] - attempt["started_at"]).total_seconds())
                result["duration"] = f"PT{seconds:.2f}S"
            result["extensions"] = self._extensions(told)
            whole = self._about(attempt, case, None)
            yield self._statement(run, "end", "completed", whole, last["at"], last, result)

    def _statement(
        self, run: Told, step: str, verb: str, about: dict[str, Any], at: datetime, event: Mapping[str, Any],
        result: dict[str, Any],
    ) -> dict[str, Any]:  # fmt: skip
        attempt = run.attempt
        actor: dict[str, Any] = {"objectType": "Agent", **({"name": run.name} if run.name else {})}
        actor["account"] = {"homePage": self.home, "name": attempt["person"]}
        around: dict[str, Any] = {}
        if about["id"] != self._case_id(attempt):
            around["parent"] = [{"objectType": "Activity", "id": self._case_id(attempt)}]
        if attempt["workshop"]:
            around["grouping"] = [{"objectType": "Activity", "id": f"{self.home}/workshops/{attempt['workshop']}"}]
        design = {"origin": attempt["origin"], "condition": attempt["condition"], "feedback": attempt["feedback"]}
        context: dict[str, Any] = {
            "registration": str(uuid.uuid5(_SAME_ID, attempt["attempt"])),
            "revision": attempt["case_hash"],
            "platform": "trainkit",
            **({"contextActivities": around} if around else {}),
            **({"language": event["lang"]} if event.get("lang") else {}),
            "extensions": self._extensions(design),
        }
        said: dict[str, Any] = {
            "id": str(uuid.uuid5(_SAME_ID, f"{attempt['attempt']}/{step}")),
            "actor": actor,
            "verb": {"id": f"{_ADL}/verbs/{verb}", "display": _VERBS[verb]},
            "object": about,
            **({"result": result} if result else {}),
            "context": context,
        }
        return said | {"timestamp": _iso(at)}

    # ---- what it is about -------------------------------------------------------------------------------------

    def _case(self, attempt: Mapping[str, Any]) -> Case | None:
        key = attempt["case_hash"], attempt["translations_hash"]
        if key not in self._cases:
            try:
                self._cases[key] = self._case_of(*key)
            except TrainkitError:  # told with the runs that can't be replayed
                self._cases[key] = None
        return self._cases[key]

    def _case_id(self, attempt: Mapping[str, Any]) -> str:
        return f"{self.home}/cases/{attempt['case_id']}"

    def _about(
        self, attempt: Mapping[str, Any], case: Case | None, scene: str | None, kind: str = ""
    ) -> dict[str, Any]:
        """The case, a scene of it, or what is written in a scene; described where nothing was said of it in this file."""
        place = self._case_id(attempt) + (f"/scenes/{scene}" if scene else "") + (f"/{kind}" if kind else "")
        about: dict[str, Any] = {"objectType": "Activity", "id": place}
        if case is not None and (place, attempt["case_hash"]) not in self._described:
            self._described.add((place, attempt["case_hash"]))
            if scene is None:
                about["definition"] = {
                    "name": {lang: case.text("title", lang) for lang in case.languages},
                    "type": f"{_ADL}/activities/simulation",
                }
            elif scene in case.scenes:
                about["definition"] = _described_scene(case, scene, kind)
        return about

    def _extensions(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {f"{self.home}/extensions/{name}": value for name, value in values.items() if value is not None}


def _described_scene(case: Case, scene: str, kind: str) -> dict[str, Any]:
    """A scene as an interaction: its title and replies, as they are while nothing is known; or words written there."""

    def texts(name: str) -> dict[str, str]:
        return {lang: case.text(name, lang) for lang in case.languages}

    base, part = f"scenes.{scene}", case.scenes[scene]
    described: dict[str, Any] = {"name": texts(f"{base}.title" if part.title else "title")}
    described["type"] = f"{_ADL}/activities/cmi.interaction"
    if kind:
        return described | {"interactionType": "long-fill-in"}
    described["interactionType"] = "choice"
    if part.options:
        described["choices"] = [
            {
                "id": name,
                "description": texts(text_id(f"{base}.options.{name}.text", option.text, lambda _: "unknown")),
            }
            for name, option in part.options.items()
        ]
    return described


def _score(fit: float | None) -> dict[str, Any]:
    return {} if fit is None else {"score": {"scaled": round(min(1.0, max(-1.0, fit)), 6)}}


def _iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06d}Z"
