"""What of one run does a room's tally need? Read once for each state of the log, since a room is tallied after every answer.

Threads may look at a run while another goes on with it: what is read is never older than the number it is kept under.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from trainkit.case import Case
from trainkit.play import Attempt, Step, askable
from trainkit.regret import NOTHING, review, unasked
from trainkit.scoring import decisions, figures, fits
from trainkit.session import Session

KEPT = 20_000  # runs remembered between two tallies, a few kB each

Knew = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A scored decision: ``knew`` as far as anything in the scene reads it, ``best`` the most fitting option by the key."""

    scene: str
    option: str
    open: tuple[str, ...]
    knew: Knew
    best: str | None


@dataclass(frozen=True, slots=True)
class Missed:
    """A fact never asked about: points of Play it would have gained, whether another reply had been best, and which."""

    fact: str
    points: float
    changed: bool
    reply: tuple[str, str, Knew]


@dataclass(frozen=True, slots=True)
class Seen:
    """A run: where it is, what was chosen, asked and missed in it; None where not measured."""

    place: str
    finished: bool
    choices: tuple[Choice, ...]
    position: float | None
    target: float | None
    passed: bool
    askable: tuple[str, ...]
    asked: frozenset[str]
    missed: tuple[Missed, ...]
    coverage: float | None
    disagreed: tuple[tuple[str, str, Knew, str], ...]
    revotes: dict[tuple[str, int], str]


_KEPT: OrderedDict[str, tuple[int, Seen]] = OrderedDict()
_LOCK = threading.Lock()


def seen(session: Session) -> Seen:
    """A run as a tally needs it; the log only grows, so attempt and number of events name what was read."""
    name, step = session.record.attempt, session.step  # read before the rest: another thread may add an event meanwhile
    with _LOCK:
        kept = _KEPT.get(name)
        if kept is not None and kept[0] == step:
            _KEPT.move_to_end(name)
            return kept[1]
    found = _read(session)
    with _LOCK:
        _KEPT[name] = step, found
        _KEPT.move_to_end(name)
        while len(_KEPT) > KEPT:
            _KEPT.popitem(last=False)
    return found


def _read(session: Session) -> Seen:
    attempt = session.attempt
    case, place = attempt.case, attempt.state.place
    placed, _ = figures(decisions(attempt))
    asking = [step for step in attempt.steps if case.scenes[step.scene].kind == "inquiry"]
    gone_on = any(not case.scenes[step.scene].options[step.option].ask for step in asking)
    inquiring = not attempt.finished and case.scenes[place].kind == "inquiry"
    asked = frozenset(fact for step in attempt.steps for fact in case.scenes[step.scene].options[step.option].reveals)
    knew = {(step.scene, step.option): step for step in reversed(attempt.steps)}
    return Seen(
        place=place,
        finished=attempt.finished,
        choices=tuple(_choice(case, step) for step in attempt.decisions),
        position=placed["position"],
        target=placed["target"],
        passed=bool(asking) and (attempt.finished or gone_on) and not inquiring,
        askable=askable(attempt),
        asked=asked,
        missed=_missed(attempt, asked) if attempt.finished else (),
        coverage=review(attempt).coverage if attempt.finished and asking else None,
        disagreed=tuple(
            (scene, option, read_here(case, knew[scene, option]), text)
            for (scene, option), text in session.disagreements().items()
            if (scene, option) in knew
        ),
        revotes=session.revotes(),
    )


def _choice(case: Case, step: Step) -> Choice:
    """The same for everyone who chose this in this state."""
    key = ("choice made", step.state, step.option)
    if key not in case.memo:
        fit = fits(case, step)
        best = None if None in fit.values() else max(fit, key=fit.__getitem__)
        offered = tuple(name for name, _, _ in step.open)
        case.memo[key] = Choice(step.scene, step.option, offered, read_here(case, step), best)
    return case.memo[key]


def read_here(case: Case, step: Step) -> Knew:
    """What was known, as far as a condition in this scene reads it: who saw the same words is counted alike."""
    key = ("read here", step.scene)
    if key not in case.memo:
        scene = case.scenes[step.scene]
        ruled = [scene.target or (), *(line.text for line in scene.lines)]
        ruled += [r for o in scene.options.values() for r in (o.text, o.because, o.position, o.fit)]
        whens = [rule.when for rules in ruled for rule in rules]
        whens += [part.when for part in (*scene.lines, *scene.options.values())]
        case.memo[key] = frozenset(name for when in whens for name in when or ())
    return tuple((name, value) for name, value in step.knew if name in case.memo[key])


def _missed(attempt: Attempt, asked: frozenset[str]) -> tuple[Missed, ...]:
    played, found = review(attempt), []
    for one in unasked(attempt):
        if one.fact not in asked:
            step = attempt.steps[one.step]
            reply = (step.scene, one.knowing, read_here(attempt.case, step))
            found.append(Missed(one.fact, played.points(one.gain), one.gain > NOTHING, reply))
    return tuple(found)
