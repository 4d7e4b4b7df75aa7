"""What of one run does a room's tally need? Where it is, what was chosen, asked and missed in it."""

from dataclasses import dataclass, field

from trainkit.case.cache import Cache, PerCase, intern
from trainkit.case.condition_walk import conditions
from trainkit.case.model import Case
from trainkit.engine.attempt import Attempt, askable
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
    """A scored decision: ``knew`` as far as anything in the scene reads it, ``best`` the best reply there."""

    scene: str
    option: str
    open: tuple[str, ...]
    knew: Knew
    best: str | None


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
    step: int
    place: str
    finished: bool
    choices: tuple[Choice, ...]
    position: float | None
    target: float | None
    passed: bool
    askable: tuple[str, ...]
    asked: frozenset[str]
    missed: tuple[MissedQuestion, ...]
    coverage: float | None
    disagreed: tuple[tuple[str, str, Knew, str], ...]
    revotes: dict[tuple[str, int], str]
    voted_at: dict[tuple[str, int], str] = field(default_factory=dict)  # when: of a team's votes the newest counts


_CHOICES: PerCase[Cache[Step, Choice]] = PerCase(lambda case: Cache(50_000))
_NAMES_READ: PerCase[Cache[str, frozenset[str]]] = PerCase(lambda case: Cache(1_000))  # by scene
NO_VOTES: dict[tuple[str, int], str] = {}


def summarise_run(session: Session) -> RunSummary:
    """A run as a tally needs it."""
    attempt, step = session.attempt, session.step
    case, place = attempt.case, attempt.state.place
    placed, _ = measure(decisions(attempt), ("position", "target"))
    asking = [step for step in attempt.steps if case.scenes[step.scene].kind == "inquiry"]
    gone_on = any(not case.scenes[step.scene].options[step.option].ask for step in asking)
    inquiring = not attempt.finished and case.scenes[place].kind == "inquiry"
    asked = frozenset(fact for step in attempt.steps for fact in case.scenes[step.scene].options[step.option].reveals)
    knew = {(step.scene, step.option): step for step in reversed(attempt.steps)}
    disagreed = session.disagreements().items()
    played = review(attempt) if attempt.finished else None
    return RunSummary(
        record=session.record,
        case=case,
        step=step,
        place=place,
        finished=attempt.finished,
        choices=tuple([_choice(case, step) for step in attempt.decisions]),
        position=placed["position"],
        target=placed["target"],
        passed=bool(asking) and (attempt.finished or gone_on) and not inquiring,
        askable=askable(attempt),
        asked=intern(case, asked),
        missed=_missed(attempt, asked, played) if played else (),
        coverage=played.coverage if played and asking else None,
        disagreed=tuple([(*reply, read_here(case, knew[reply]), text) for reply, text in disagreed if reply in knew]),
        revotes=session.revotes() or NO_VOTES,
        voted_at={(e.scene, int(e.text or 0)): e.at for e in session.events if e.kind == "revote"} or NO_VOTES,
    )


def _choice(case: Case, step: Step) -> Choice:
    """The same for everyone who chose this in this state."""
    kept = _CHOICES.of(case)
    choice = kept.get(step)
    if choice is None:
        best = best_reply(case, step)
        offered = tuple(name for name, _, _ in step.open)
        choice = intern(case, Choice(step.scene, step.option, offered, read_here(case, step), best))
        kept.keep(step, choice)
    return choice


def read_here(case: Case, step: Step) -> Knew:
    """What was known, as far as a condition in this scene reads it: who saw the same words is counted alike."""
    names = _NAMES_READ.of(case).get(step.scene)
    if names is None:
        shown = [one for one in conditions(case) if one.place == step.scene and one.known and one.decides != "reply"]
        names = _NAMES_READ.of(case).keep(step.scene, frozenset(name for one in shown for name in one.when))
    return intern(case, tuple([(name, value) for name, value in step.knew if name in names]))


def _missed(attempt: Attempt, asked: frozenset[str], played: Review) -> tuple[MissedQuestion, ...]:
    case, missed = attempt.case, []
    for one in unasked(attempt):
        if one.fact not in asked:
            step = attempt.steps[one.step]
            reply = (step.scene, one.knowing, read_here(case, step))
            missed.append(intern(case, MissedQuestion(one.fact, played.points(one.gain), one.gain > NOTHING, reply)))
    return tuple(missed)
