"""How does a scene play while it is being written? From where its author is, with the facts that they choose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from trainkit.case.conditions import first
from trainkit.case.model import NARRATOR, Case
from trainkit.editor.text_ids import text_places
from trainkit.editor.tree import at, put
from trainkit.engine.attempt import Attempt
from trainkit.engine.facts import draw_facts
from trainkit.engine.lines import arrived
from trainkit.engine.rules import begin_state, truth_of
from trainkit.errors import TrainkitError
from trainkit.files.case_errors import examined

GAP = "not_written_yet"  # the ending that stands for what isn't there
DOTS = "…"


class Trial(NamedTuple):
    """A run from a scene on; ``whole`` is False where gaps were filled, ``attempt`` None where it can't be played at all."""

    attempt: Attempt | None
    whole: bool
    answers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Setting:
    """Where a trial begins, what is true there and what of that is known, and what has been said since."""

    scene: str
    fixed: Mapping[str, str] = field(default_factory=dict)
    known: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()


def trial(data: Any, case: Case | None, setting: Setting, gap: str = DOTS) -> Trial:
    """Play a draft; answers that can't be given any more are left out with those after them. ``gap`` is heard at gaps."""
    whole = case is not None
    if case is None:
        case, _ = examined(filled(data, gap))
    if case is None or setting.scene not in case.scenes:
        return Trial(None, whole)
    try:
        attempt = _begun(case, setting)
        said: list[str] = []
        for answer in setting.answers:
            if answer not in attempt.open:
                break
            attempt = attempt.choose(answer)
            said.append(answer)
    except (TrainkitError, StopIteration, KeyError):
        return Trial(None, whole)
    return Trial(attempt, whole, tuple(said))


def _begun(case: Case, setting: Setting) -> Attempt:
    fixed = {
        name: value for name, value in setting.fixed.items() if name in case.facts and value in case.facts[name].values
    }
    truth = draw_facts(case, 0, fixed)
    state = begin_state(case, dict(case.design_of(truth)))
    worlds = state.worlds
    for name, value in zip(case.facts, truth, strict=True):
        if name in setting.known:
            worlds &= case.masks[name, value]
    path = [setting.scene]
    while path[-1] in case.scenes and case.scenes[path[-1]].goto is not None and len(path) <= len(case.scenes):
        path.append(
            first(case.scenes[path[-1]].goto, truth_of(case, state.memory, truth))
        )  # a passage goes on by itself
    state = state._replace(place=path[-1], worlds=worlds)
    said, seen = arrived(case, path, state, truth, (), frozenset())
    return Attempt(case, 0, tuple(sorted(fixed.items())), truth, state, said=said, seen=seen)


def filled(data: Any, gap: str) -> Any:
    """The draft with something in its gaps, so that the rest of it can be played."""
    if not isinstance(data, Mapping) or not isinstance(data.get("scenes"), Mapping):
        return data
    for path in text_places(data).values():
        if at(data, path, None) in ("", None):
            data = put(data, path, DOTS)
    endings = data.get("endings") if isinstance(data.get("endings"), Mapping) else {}
    ending = {"title": gap, "lines": [{NARRATOR: gap}], "mood": DOTS, "value": 0.5}
    data = {**data, "endings": {**endings, GAP: ending}}
    places = {*data["scenes"], *data["endings"]}
    scenes = {name: _scene(scene, places, data) for name, scene in data["scenes"].items()}
    return {**data, "scenes": scenes}


def _scene(scene: Any, places: set[str], data: Mapping[str, Any]) -> Any:
    if not isinstance(scene, Mapping):
        return scene
    scene = {"lines": [{NARRATOR: DOTS}], **scene}
    if not scene["lines"]:
        scene["lines"] = [{NARRATOR: DOTS}]
    options = scene.get("options")
    if not options or not isinstance(options, Mapping):
        passage = {key: value for key, value in scene.items() if key != "options"}
        return {**passage, "goto": _goto(scene.get("goto"), places)}
    scene = {"title": DOTS, **scene}
    return {**scene, "options": {name: _option(option, places, data) for name, option in options.items()}}


def _option(option: Any, places: set[str], data: Mapping[str, Any]) -> Any:
    if not isinstance(option, Mapping):
        return option
    facts = data.get("facts") if isinstance(data.get("facts"), Mapping) else {}
    new = {"text": DOTS, "because": DOTS, "position": None, **option}
    if isinstance(new.get("reveals"), Sequence):
        new["reveals"] = [name for name in new["reveals"] if name in facts]
    return {**new, "goto": _goto(option.get("goto"), places)}


def _goto(goto: Any, places: set[str]) -> Any:
    if isinstance(goto, list):
        return [{**rule, "value": _goto(rule.get("value"), places)} for rule in goto if isinstance(rule, Mapping)]
    return goto if goto in places else GAP
