"""A case as a player sees it, by number, without ids, keys or feedback: for blind readers, step by step."""

import textwrap
from collections.abc import Sequence
from typing import Any

from trainkit.case.model import Case
from trainkit.errors import TrainkitError, shown
from trainkit.log.records import AttemptLog, Settings
from trainkit.session.resume import begin
from trainkit.session.session import Session
from trainkit.view.screen import Bubble, Screen, screen

ORIGIN = "blind"  # in the log: never to be mixed with what people answered who learnt from it
SEED = 0  # where none is named: the same story at every step
SETTINGS = Settings(feedback="none", back=False)
WIDTH = 88


def play_blind(
    log: AttemptLog,
    case: Case,
    participant: str,
    answers: Sequence[str],
    lang: str,
    seed: int | None = None,
    fixed: dict[str, str] | None = None,
) -> Session:
    """Play a case by the numbers on the screen.

    Raises
    ------
    TrainkitError
        If an answer is no number, or none of those that are shown and open.
    """
    start = {"seed": SEED if seed is None else seed, "fixed": fixed, "settings": SETTINGS, "origin": ORIGIN}
    session = begin(log, case, participant, **start)
    for place, answer in enumerate(answers, 1):
        session.play([_chosen(screen(session, lang), place, answer)], lang)
    return session


def _chosen(view: Screen, place: int, answer: str) -> str:
    """The id of the option with a number."""
    buttons = view.choice.buttons
    if not buttons:
        raise TrainkitError(f"--answers: the case is over before answer {place} (got {shown(answer)})")
    if not (answer.isascii() and answer.isdecimal()):
        raise TrainkitError(f"--answers with --blind are numbers as shown (answer {place} is {shown(answer)})")
    number = int(answer[:9])
    if not 0 < number <= len(buttons):
        raise TrainkitError(f"--answers: answer {place} is a number from 1 to {len(buttons)} (got {shown(answer)})")
    if not buttons[number - 1].open:
        raise TrainkitError(f"--answers: answer {place}, number {number}, has been asked already")
    return buttons[number - 1].id


def blind_json(session: Session, lang: str) -> dict[str, Any]:
    """What is on the screen, as data."""
    view = screen(session, lang)
    patience = view.head.patience
    return {
        "title": view.head.title,
        "role": view.head.role,
        "notice": view.head.notice or None,
        "heard": [{"who": _who(bubble), "text": bubble.text} for bubble in view.bubbles],
        "patience": patience and patience._asdict(),
        "prompt": None if session.attempt.finished else view.choice.prompt,
        "options": [
            {"number": number, "text": button.text, "cost": button.cost or None, "open": button.open}
            for number, button in enumerate(view.choice.buttons, 1)
        ],
        "finished": session.attempt.finished,
    }


def blind_text(session: Session, lang: str) -> str:
    """The same as text."""
    view = screen(session, lang)
    lines = [view.head.title, "=" * len(view.head.title)]
    lines += [_wrapped(text) for text in (view.head.role, view.head.notice) if text]
    for bubble in view.bubbles:
        who = _who(bubble)
        lines += ["", _wrapped(f"{who}: {bubble.text}" if who else bubble.text)]
    if patience := view.head.patience:
        lines += ["", f"[{patience.label}: {patience.left}/{patience.budget}] {patience.warning}".rstrip()]
    if view.choice.buttons:
        lines += ["", _wrapped(view.choice.prompt)]
    for number, button in enumerate(view.choice.buttons, 1):
        cost = f"  ({button.cost})" if button.cost else ""
        text = f"{number if button.open else '–'}  {button.text}{cost}"
        lines.append(textwrap.indent(textwrap.fill(text, WIDTH, subsequent_indent="   "), "  "))
    return "\n".join(lines)


def _who(bubble: Bubble) -> str:
    return "" if bubble.kind == "tell" else bubble.who


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH)
