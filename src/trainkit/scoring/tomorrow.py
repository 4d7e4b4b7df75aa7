"""Which words does somebody take along from this run? The case offers some; one that fits is chosen."""

from collections.abc import Mapping, Sequence

from trainkit.case.conditions import UNKNOWN
from trainkit.case.model import Case, TomorrowLine
from trainkit.scoring.attempt import Score

NEAR = 20  # points of Position from the target that still count as "where the case asks"


def leaning(score: Score) -> int:
    """−1 nearer to the request than the case asks, +1 nearer to the task behind it, 0 where it asks or not measured."""
    if score.position is None or abs(score.position - score.target) <= NEAR:
        return 0
    return 1 if score.position > score.target else -1


def tomorrow_lines(case: Case) -> tuple[TomorrowLine, ...]:
    """The words that a case offers, in its order."""
    lines = case.debrief.tomorrow
    return (TomorrowLine(text=lines),) if isinstance(lines, str) else lines


def misfit(line: TomorrowLine, lean: int, known: Mapping[str, str]) -> str:
    """Why words don't fit a run: ``asked`` (for what was learnt), ``toward`` (to where one stood too far); "" if they do."""
    if line.asks and known[line.asks] != UNKNOWN:
        return "asked"
    return "toward" if line.toward == {-1: "request", 1: "task"}.get(lean) else ""


def choose_tomorrow(case: Case, lean: int, known: Mapping[str, str], mattered: Sequence[str] = ()) -> int:
    """Number of the words that fit best, from 0; the last ones where none fit.

    Those that ask about a fact that mattered come first, in the order of ``mattered``; then those that speak to the side on
    which one stood too far; then the rest, each in the order of the case.
    """
    lines = tomorrow_lines(case)
    fitting = [number for number, line in enumerate(lines) if not misfit(line, lean, known)]

    def rank(number: int) -> tuple[int, int, int]:
        line = lines[number]
        fact = mattered.index(line.asks) if line.asks in mattered else len(mattered)
        return fact, not (lean and line.toward), number

    return min(fitting, key=rank, default=len(lines) - 1)


def tomorrow_id(case: Case, number: int) -> str:
    """The id of the text of these words."""
    return "debrief.tomorrow" if len(tomorrow_lines(case)) == 1 else f"debrief.tomorrow.{number + 1}"
