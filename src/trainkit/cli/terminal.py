"""Play a case in the terminal by hand, or print what a row of answers led to."""

import textwrap
from collections.abc import Callable
from typing import Any

from trainkit.case.model import NARRATOR, PLAYER, Case
from trainkit.engine.attempt import Attempt
from trainkit.errors import TrainkitError
from trainkit.i18n import catalog, signed
from trainkit.log.history import attempts_beside
from trainkit.scoring.attempt import score
from trainkit.scoring.decisions import fits
from trainkit.session.forms import act
from trainkit.session.session import Session
from trainkit.value.regret import review
from trainkit.view.debrief import debrief
from trainkit.view.screen import Screen, screen

_SCORES = ("position", "offered", "relative", "fit", "play", "inquiry", "off_axis", "interval")


def as_json(attempt: Attempt) -> dict[str, Any]:
    """A run as ``trainkit play --json`` prints it; null where something is not measured."""
    played = review(attempt)
    scores = score(attempt, played)
    costs = played.costs or (None,) * len(attempt.steps)

    def rounded(value: float | tuple[float, float] | None) -> float | list[float] | None:
        if isinstance(value, tuple):
            return [rounded(end) for end in value]
        return None if value is None else round(value, 4) + 0.0

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
                "fit": rounded(fits(attempt.case, step)[step.option]),
                "regret": rounded(cost and cost.regret),
            }
            for step, cost in zip(attempt.steps, costs, strict=True)
        ],
        "ending": attempt.ending,
        "finished": attempt.finished,
        "score": {name: rounded(getattr(scores, name)) for name in _SCORES},
    }


def play_by_hand(session: Session, lang: str) -> None:
    """Play in the terminal until the end or until the person stops; what is answered is in the log."""
    gettext = catalog(lang).gettext
    heard = 0
    head = screen(session, lang).head
    print(f"\n{head.title}\n{'=' * len(head.title)}")
    for text in filter(None, (head.role, head.notice)):
        print(_wrapped(text))
    if head.changed:
        edited = gettext("This case has been edited since you began; you carry on with the version you began with.")
        print(_wrapped(f"! {edited} (--new)"))
    while True:
        view = screen(session, lang)
        for bubble in view.bubbles[heard:]:
            mark = "  (" + gettext("What these words did") + ")" if bubble.kind == "why" else bubble.who
            _say(mark, bubble.text)
        heard = len(view.bubbles)
        if view.choice.phase == "over":
            print_debrief(session, lang)
            return
        if not view.choice.buttons:
            raise TrainkitError(view.choice.prompt)
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
    if patience := view.head.patience:
        print(f"\n  [{patience.label}: {patience.left}/{patience.budget}] {patience.warning}")
    print(f"\n{view.choice.prompt}")
    buttons = view.choice.buttons
    for number, button in enumerate(buttons, 1):
        cost = f"  ({button.cost})" if button.cost else ""
        print(textwrap.indent(_wrapped(f"{number if button.open else '–'}  {button.text}{cost}", hang=3), "  "))
    hint = "1–{n}, b = {back}, q = {quit}".format(
        n=len(buttons), back=gettext("Go back one step"), quit=gettext("stop; it goes on from here next time")
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
    if typed.isascii() and typed.isdecimal() and 0 < int(typed) <= len(buttons):
        return {"option": buttons[int(typed) - 1].id}
    return {}


def print_run(session: Session, lang: str) -> None:
    """Print a whole run: what was said, then the debrief or what is open."""
    attempt = session.attempt
    for said in attempt.said:
        if said.speaker != "back":
            _say(_speaker(attempt.case, said.speaker, lang), attempt.case.text(said.text, lang))
    if attempt.finished:
        print_debrief(session, lang)
    else:
        print(f"\n({', '.join(attempt.open)})")


def print_debrief(session: Session, lang: str) -> None:
    """Print where it ended, where the choices lie, what they cost and what was never asked."""
    _ = catalog(lang).gettext  # never inside an f-string: Babel finds no words there before Python 3.12
    newest = attempts_beside(session.log, session.record) if session.attempt.finished else ()
    shown = debrief(session, lang, newest)
    one, scores = shown.one, shown.score
    print("\n--- " + _("Debrief") + f": {one.ending}")
    for line in one.later:
        _say(line.title, line.text)
    print(_wrapped(one.mood))
    print("\n" + _wrapped(one.verdict + "."))
    print(_wrapped(one.target_why))
    print("\n" + _wrapped(one.heading))
    for slip in one.slips:
        print(
            "\n"
            + _wrapped(f"{slip.scene}. " + (_("You said first") if slip.first else _("You said")) + f": {slip.mine}")
        )
        print(_wrapped(slip.did))
        if slip.better:
            print(_wrapped(_("Better to have said") + f": {slip.better}"))
    if one.never:
        if one.never.title:
            print("\n" + _wrapped(_("What you never asked:") + f" {one.never.title}. {one.never.said}"))
        print(_wrapped(f"{one.never.told} {one.never.reply}".strip()))
    print("\n" + _wrapped(_("Say it tomorrow, to one client") + f": {one.tomorrow}"))
    print("\n--- " + _("More: decisions, scale, figures"))
    if scores.position is None:
        print(_wrapped(one.unmeasured))
    else:
        low, high = scores.interval
        print(
            _("Position")
            + f" {signed(scores.position)} [{signed(low)}; {signed(high)}], "
            + _("what the replies offered you")
            + f": {signed(scores.offered[0])} … {signed(scores.offered[1])}, "
            + _("what this case asks for")
            + f": {signed(scores.target)}"
        )
    for figure in shown.figures:
        print("\n" + _wrapped(f"{figure.name} {figure.value} " + _("of 100") + f". {figure.text}"))
    if shown.adapting:
        print("\n" + _wrapped(" ".join(shown.adapting.lines)))
    print()
    for place, move in enumerate(shown.moves, 1):
        cost = {None: _("not measured"), "": _("nothing lost")}.get(move.cost, move.cost)
        print(_wrapped(f"{place}. {move.title} [{cost}] {move.reply.mine}", hang=3))
        if move.reply.better:
            print(textwrap.indent(_wrapped(_("Better to have said") + f": {move.reply.better}"), "   "))
    if shown.rest.never_asked:
        print("\n" + _("Everything you never asked"))
        for card in shown.rest.never_asked:
            other = " " + _("The best reply would have been another:") + f" {card.reply}" if card.reply else ""
            print(_wrapped(f"– {card.title}: {card.text}{other} {' '.join(card.lines)}", hang=2))


def _speaker(case: Case, name: str, lang: str) -> str:
    if name == NARRATOR:
        return ""
    return catalog(lang).gettext("You") if name == PLAYER else case.text(f"speakers.{name}", lang)


def _say(who: str, text: str) -> None:
    print("\n" + _wrapped(f"{who}: {text}" if who else text))


def _wrapped(text: str, hang: int = 0) -> str:
    return textwrap.fill(text, 88, subsequent_indent=" " * hang)
