"""What of one run does a room's tally need? Where it is, what was chosen, asked and missed in it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from trainkit.case.cache import STATES, Cache, PerCase, kept_per_case
from trainkit.case.condition_walk import conditions
from trainkit.case.conditions import UNKNOWN
from trainkit.case.model import Case
from trainkit.engine.attempt import Attempt, askable, still_askable
from trainkit.engine.rules import State, knowledge
from trainkit.engine.turn import Step
from trainkit.log.records import Record
from trainkit.room.records import Knew
from trainkit.scoring.best_reply import best_reply
from trainkit.scoring.decisions import decisions
from trainkit.scoring.formulas import measure
from trainkit.session.session import Session
from trainkit.value.regret import NOTHING, Review, review, unasked


@dataclass(frozen=True, slots=True)
class Choice:
    """A scored decision: ``knew`` as far as anything in the scene reads it, ``best`` the best reply there.

    ``learnt`` are the facts that were known from questions.
    """

    scene: str
    option: str
    open: tuple[str, ...]
    knew: Knew
    best: str | None
    learnt: frozenset[str]


@dataclass(frozen=True, slots=True)
class MissedQuestion:
    """A fact never asked about: points of Play it would have gained, whether another reply had been best, and which."""

    fact: str
    points: float
    changed: bool
    reply: tuple[str, str, Knew]


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run after ``step`` events: where it is, what was chosen, asked and missed in it; None where not measured.

    A room of thousands has thousands of them, so what is equal in many is kept once.
    """

    record: Record
    case: Case
    condition: tuple[tuple[str, str], ...]  # design facts and their values
    step: int
    place: str
    finished: bool
    choices: tuple[Choice, ...]
    given: tuple[int, ...]  # number of the event of each choice
    ended: int  # number of the event that ended it; −1: it goes on
    position: float | None
    target: float | None
    passed: bool
    askable: tuple[str, ...]
    can_ask: frozenset[str]  # what a question ahead would reveal
    asked: frozenset[str]
    missed: tuple[MissedQuestion, ...]
    disagreed: tuple[tuple[int, str, str, Knew, str], ...]  # number of the event, reply, what was known, words
    revotes: dict[tuple[str, int], str]
    voted: dict[
        tuple[str, int], tuple[int, str]
    ]  # number and time of their events: of a team's votes the newest counts
    knows: Knew = ()  # where a reply is still to be chosen: what is known, as far as anything there reads it


_CHOICES: PerCase[Cache[Step, Choice]] = PerCase(lambda case: Cache(STATES))
_NAMES_READ: PerCase[Cache[str, frozenset[str]]] = PerCase(lambda case: Cache(1_000))  # by scene
NO_VOTES: dict[tuple[str, int], Any] = {}


Once = Callable[[Any], Any]  # gives for what is equal one object


def summarise_run(session: Session, once: Once = lambda value: value) -> RunSummary:
    """A run as a tally needs it; who keeps many says by ``once`` that what is equal in them is kept once."""
    attempt, step = session.attempt, session.step
    case, place = attempt.case, attempt.state.place
    placed, _ = measure(decisions(attempt), ("position", "target"))
    asking = [step for step in attempt.steps if case.scenes[step.scene].kind == "inquiry"]
    gone_on = any(not case.scenes[step.scene].options[step.option].ask for step in asking)
    inquiring = not attempt.finished and case.scenes[place].kind == "inquiry"
    asked = frozenset(fact for step in attempt.steps for fact in case.scenes[step.scene].options[step.option].reveals)
    knew = {(step.scene, step.option): step for step in reversed(attempt.steps)}
    played = review(attempt) if attempt.finished else None
    return RunSummary(
        record=session.record,
        case=case,
        condition=once(case.design_of(attempt.truth)),
        step=step,
        place=place,
        finished=attempt.finished,
        choices=tuple([_choice(case, step, once) for step in attempt.decisions]),
        given=once(tuple(session.decided())),
        ended=max(n for n, event in enumerate(session.events) if event.kind == "choose") if attempt.finished else -1,
        position=once(placed["position"]),
        target=once(placed["target"]),
        passed=bool(asking) and (attempt.finished or gone_on) and not inquiring,
        askable=once(askable(attempt)),
        can_ask=once(frozenset(still_askable(attempt))),
        asked=once(asked),
        missed=_missed(attempt, asked, played, once) if played else (),
        disagreed=tuple(
            [
                (number, event.scene, event.option, read_here(case, knew[event.scene, event.option]), event.text)
                for number, event in enumerate(session.events)
                if event.kind == "disagree" and (event.scene, event.option) in knew
            ]
        ),
        revotes=session.revotes() or NO_VOTES,
        knows=() if attempt.finished else _knows(case, attempt.state),
        voted={vote: (number, session.events[number].at) for vote, number in session.voted().items()} or NO_VOTES,
    )


@kept_per_case(STATES)
def _knows(case: Case, state: State) -> Knew:
    value_of = knowledge(case, state)
    return _read(case, state.place, tuple([(name, value_of(name)) for name in (*case.memory, *case.facts)]))


def _choice(case: Case, step: Step, once: Once) -> Choice:
    """The same for everyone who chose this in this state."""
    kept = _CHOICES.of(case)
    choice = kept.get(step)
    if choice is None:
        best = best_reply(case, step)
        offered = once(tuple(name for name, _, _ in step.open))
        learnt = once(frozenset(name for name, value in step.knew if value != UNKNOWN and _is_asked_about(case, name)))
        choice = Choice(step.scene, step.option, offered, once(read_here(case, step)), best, learnt)
        kept.keep(step, choice)
    return once(choice)


def _is_asked_about(case: Case, name: str) -> bool:
    return name in case.facts and not case.facts[name].design


def read_here(case: Case, step: Step) -> Knew:
    """What was known, as far as a condition in this scene reads it: who saw the same words is counted alike."""
    return _read(case, step.scene, step.knew)


def _read(case: Case, scene: str, knew: Knew) -> Knew:
    names = _NAMES_READ.of(case).get(scene)
    if names is None:
        shown = [one for one in conditions(case) if one.place == scene and one.known and one.decides != "reply"]
        names = _NAMES_READ.of(case).keep(scene, frozenset(name for one in shown for name in one.when))
    return tuple([(name, value) for name, value in knew if name in names])


def _missed(attempt: Attempt, asked: frozenset[str], played: Review, once: Once) -> tuple[MissedQuestion, ...]:
    case, missed = attempt.case, []
    for one in unasked(attempt):
        if one.fact not in asked:
            step = attempt.steps[one.step]
            reply = once((step.scene, one.knowing, once(read_here(case, step))))
            missed.append(once(MissedQuestion(one.fact, played.points(one.gain), one.gain > NOTHING, reply)))
    return once(tuple(missed))
