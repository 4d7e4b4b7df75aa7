"""Which words does somebody take along from this run? The case offers some; one that fits is chosen."""

from collections.abc import Callable, Collection, Iterable, Sequence

from trainkit.case.conditions import holds
from trainkit.case.model import Case, TomorrowLine

NEAR = 20  # points of Position from the target that still count as "where the case asks"


def leaning(position: float | None, target: float | None) -> int:
    """−1 nearer to the request than the case asks, +1 nearer to the task behind it, 0 where it asks or not measured."""
    if position is None or target is None or abs(position - target) <= NEAR:
        return 0
    return 1 if position > target else -1


def learnt(case: Case, choices: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Facts that somebody asked for, by their choices, (scene, option); what the story tells unasked is not among them."""
    return frozenset(fact for scene, option in choices for fact in case.scenes[scene].options[option].reveals)


def fits_run(line: TomorrowLine, lean: int, asked: Collection[str], value_of: Callable[[str], str]) -> bool:
    """Whether words are for a run: they ask for nothing that was asked, and don't move one further to where one stood."""
    contradicts = line.toward is not None and line.toward == {-1: "request", 1: "task"}.get(lean)
    return line.asks not in asked and not contradicts and holds(line.when, value_of)


def choose_tomorrow(
    case: Case, lean: int, asked: Collection[str], value_of: Callable[[str], str], mattered: Sequence[str] = ()
) -> int:
    """Number of the words that fit best, from 0; the last ones where none fit.

    ``asked`` are the facts of :func:`learnt`; ``value_of`` says what is known at the end, of facts and memories.
    Those that ask about a fact that mattered come first, in the order of ``mattered``; then those that speak to the side on
    which one stood too far; then the rest, each in the order of the case.
    """
    lines = case.debrief.lines
    fitting = [number for number, line in enumerate(lines) if fits_run(line, lean, asked, value_of)]

    def rank(number: int) -> tuple[int, bool, int]:
        line = lines[number]
        fact = mattered.index(line.asks) if line.asks in mattered else len(mattered)
        return fact, not (lean and line.toward), number

    return min(fitting, key=rank, default=len(lines) - 1)


def tomorrow_id(case: Case, number: int) -> str:
    """The id of the text of these words."""
    return "debrief.tomorrow" if len(case.debrief.lines) == 1 else f"debrief.tomorrow.{number + 1}"


def tomorrow_texts(case: Case, text: Callable[[str], str]) -> list[str]:
    """All words that a case offers, where ``text`` gives the text of an id; for paper, which doesn't know the run."""
    return [text(tomorrow_id(case, number)) for number in range(len(case.debrief.lines))]
