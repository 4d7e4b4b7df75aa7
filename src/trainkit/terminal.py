"""The terminal's front end: play by hand, or print what a row of answers led to."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

from trainkit.case import NARRATOR, PLAYER, Case
from trainkit.errors import TrainkitError
from trainkit.play import Attempt, afterwards, mood
from trainkit.scoring import fits, score
from trainkit.session import Session
from trainkit.view.debrief import reason, verdict
from trainkit.view.forms import act
from trainkit.view.screen import Screen, screen
from trainkit.view.words import signed, words


def as_json(attempt: Attempt) -> dict[str, Any]:
    """A run as ``trainkit play --json`` prints it; null where something is not measured."""
    found = score(attempt)

    def rounded(value: float | None) -> float | None:
        return None if value is None else round(value, 4) + 0.0

    def pair(values: tuple[float, float] | None) -> list[float] | None:
        return None if values is None else [rounded(values[0]), rounded(values[1])]

    return {
        "case": attempt.case.id,
        "hash": attempt.case.hash,
        "seed": attempt.seed,
        "facts": attempt.facts,
        "path": [
            {
                "scene": step.scene,
                "option": step.option,
                "position": next(k for name, k, _ in step.open if name == step.option),
                "fit": rounded(fits(step)[step.option]),
            }
            for step in attempt.steps
        ],
        "ending": attempt.ending,
        "finished": attempt.finished,
        "score": {
            "position": rounded(found.position),
            "offered": pair(found.offered),
            "relative": rounded(found.relative),
            "fit": rounded(found.fit),
            "off_axis": rounded(found.off_axis),
            "interval": pair(found.interval),
        },
    }


def play_by_hand(session: Session, lang: str) -> None:
    """Play in the terminal until the end or until the person stops; what is answered is in the log."""
    gettext = words(lang).gettext
    heard = 0
    view = screen(session, lang)
    print(f"\n{view.title}\n{'=' * len(view.title)}")
    for text in filter(None, (view.role, view.notice)):
        print(_wrapped(text))
    if view.changed:
        edited = "This case has been edited since you began; you go on with the version you began with."
        print(_wrapped(f"! {gettext(edited)} (--new)"))
    while True:
        view = screen(session, lang)
        for bubble in view.bubbles[heard:]:
            mark = f"  ({gettext('What these words did')})" if bubble.kind == "why" else bubble.who
            _say(mark, bubble.text)
        heard = len(view.bubbles)
        if view.phase == "over":
            print_debrief(session.attempt, lang)
            return
        if not view.buttons:
            raise TrainkitError(view.prompt)
        form = _ask(view, gettext)
        if form is None:
            return
        reply = act(session, {**form, "step": view.step}, lang) if form else None
        if reply is None:
            print(gettext("Nothing was chosen."))
        elif reply.error:
            print(f"! {reply.error}")


def _ask(view: Screen, gettext: Callable[[str], str]) -> dict[str, str] | None:
    """Show the options and read a choice: a form, an empty one if it was none, None to stop."""
    if view.patience:
        print(f"\n  [{view.patience.label}: {view.patience.left}/{view.patience.budget}] {view.patience.warning}")
    print(f"\n{view.prompt}")
    for number, button in enumerate(view.buttons, 1):
        cost = f"  ({button.cost})" if button.cost else ""
        print(textwrap.indent(_wrapped(f"{number if button.open else '–'}  {button.text}{cost}", hang=3), "  "))
    hint = "1–{n}, b = {back}, q = {quit}".format(
        n=len(view.buttons), back=gettext("Go back one step"), quit=gettext("stop; it goes on from here next time")
    )
    try:
        typed = input(f"\n{hint}\n> ").strip().lower()
    except EOFError:
        print()
        return None
    if typed in ("q", "quit", "й"):
        return None
    if typed in ("b", "back", "и"):
        return {"back": "1"}
    if typed.isascii() and typed.isdecimal() and 0 < int(typed) <= len(view.buttons):
        return {"option": view.buttons[int(typed) - 1].id}
    return {}


def print_run(attempt: Attempt, lang: str) -> None:
    """Print a whole run: what was said, then the debrief or what is open."""
    for said in attempt.said:
        if said.speaker != "back":
            _say(_speaker(attempt.case, said.speaker, lang), attempt.case.text(said.text, lang))
    if attempt.finished:
        print_debrief(attempt, lang)
    else:
        print(f"\n({', '.join(attempt.open)})")


def print_debrief(attempt: Attempt, lang: str) -> None:
    """Print where it ended and where the choices lie."""
    case = attempt.case

    gettext = words(lang).gettext
    print(f"\n--- {gettext('Debrief')}: {case.text(f'endings.{attempt.ending}.title', lang)}")
    for said in afterwards(attempt):
        _say(_speaker(case, said.speaker, lang), case.text(said.text, lang))
    print(_wrapped(case.text(mood(attempt), lang)))
    found = score(attempt)
    print(_wrapped("\n" + verdict(found, lang) + "."))
    if found.position is None:
        print(_wrapped(reason(found.why_not["position"], lang)))
    else:
        low, high = found.interval
        print(
            f"{gettext('Position')} {signed(found.position)} [{signed(low)}; {signed(high)}], "
            f"{gettext('what the replies offered you')}: {signed(found.offered[0])} … {signed(found.offered[1])}, "
            f"{gettext('what this case asks for')}: {signed(found.target)}"
        )


def _speaker(case: Case, name: str, lang: str) -> str:

    if name == NARRATOR:
        return ""
    return words(lang).gettext("You") if name == PLAYER else case.text(f"speakers.{name}", lang)


def _say(who: str, text: str) -> None:
    print("\n" + _wrapped(f"{who}: {text}" if who else text))


def _wrapped(text: str, hang: int = 0) -> str:
    return textwrap.fill(text, 88, subsequent_indent=" " * hang)
