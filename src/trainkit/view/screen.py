"""Session → what is on the screen now: one frozen view model for widget, web page and terminal."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import NamedTuple

from trainkit.case import NARRATOR, PLAYER, Case, text_id
from trainkit.play import Attempt, Said, choose, start
from trainkit.rules import State, knowledge
from trainkit.scoring import fits
from trainkit.session import Session
from trainkit.view.words import typeset, words


class Bubble(NamedTuple):
    """Something on the left, on the right, or told.

    ``kind`` is ``tell`` (narrator), ``them``, ``you``, ``own`` (one's own words), ``why`` (feedback) or ``back``;
    ``number`` is the number of the choice that ``you`` and ``why`` belong to.
    """

    kind: str
    who: str
    text: str
    number: int | None = None
    disagreed: str | None = None


class Button(NamedTuple):
    """An option on offer; ``cost`` in words, ``last`` if it uses up the patience, not ``open`` once asked."""

    id: str
    text: str
    cost: str
    last: bool = False
    open: bool = True


class Meter(NamedTuple):
    """The client's patience."""

    label: str
    left: int
    budget: int
    warning: str


class Head(NamedTuple):
    """Over the conversation: which case it is, and how far one is in it."""

    lang: str
    languages: tuple[str, ...]
    title: str
    role: str
    notice: str
    minutes: int
    begun: bool
    phase: str
    decision: int
    usual: int
    patience: Meter | None
    changed: bool


class Choice(NamedTuple):
    """Under the conversation: what can be done now."""

    phase: str
    prompt: str
    buttons: tuple[Button, ...]
    can_go_back: bool


class Screen(NamedTuple):
    """Everything on the screen of a running exercise; ``step`` is its number."""

    step: int
    head: Head
    bubbles: tuple[Bubble, ...]
    choice: Choice


def screen(session: Session, lang: str, pair: bool = False, turns: int | None = None) -> Screen:
    """What is on the screen of a session in a language.

    Parameters
    ----------
    session : Session
    lang : str
    pair : bool
        Whether two people decide together.
    turns : int, optional
        Only so many of one's own replies, with what was said after them; all if left out.
    """
    phase = session.phase
    return Screen(
        session.step,
        _head(session, lang, phase),
        tuple(_bubbles(session, lang, turns)),
        _choice(session, lang, phase, pair),
    )


def _head(session: Session, lang: str, phase: str) -> Head:
    case, attempt = session.case, session.attempt
    place = attempt.state.place
    deciding = place in case.scenes and len(attempt.open) > 1 and all(step.scene != place for step in attempt.steps)
    waiting = phase == "why"  # what follows the choice is kept back until the reason is given
    return Head(
        lang=lang,
        languages=case.languages,
        title=typeset(case.text("title", lang), lang),
        role=typeset(case.text("role", lang), lang),
        notice=typeset(case.text("notice", lang), lang) if case.notice else "",
        minutes=case.minutes,
        begun=session.step > 0,
        phase=phase,
        decision=len(attempt.decisions) + (deciding and not waiting),
        usual=usual_decisions(case),
        patience=None if waiting or attempt.finished else meter(session, lang),
        changed=session.changed,
    )


def _choice(session: Session, lang: str, phase: str, pair: bool) -> Choice:
    return Choice(
        phase=phase,
        prompt=_prompt(session, phase, lang, pair),
        buttons=_buttons(session.case, session.attempt.state, session.attempt.open, lang) if phase == "choose" else (),
        can_go_back=session.settings.back and phase in ("choose", "words") and session.attempt.can_go_back,
    )


def _prompt(session: Session, phase: str, lang: str, pair: bool) -> str:
    gettext = words(lang).gettext
    place = session.attempt.state.place
    if phase == "choose" and not session.attempt.open:
        return gettext('The case has a dead end in scene "{scene}"; `trainkit check` tells more.').format(scene=place)
    scene = session.case.scenes.get(place)
    prompt = session.case.text(f"scenes.{place}.prompt", lang) if scene and scene.prompt else ""
    if pair and not prompt:
        return gettext("Decide together: what do you say?")
    return typeset(prompt, lang) or gettext("What do you say?")


def meter(session: Session, lang: str) -> Meter | None:
    """The client's patience, with a warning where only one unit is left and something costs it."""
    case, state = session.case, session.attempt.state
    if case.patience is None:
        return None
    options = case.scenes[state.place].options if state.place in case.scenes else {}
    costs = [options[name].costs for name in session.attempt.open]
    last = state.patience > 0 and any(cost >= state.patience for cost in costs if cost)
    label, warning = (typeset(case.text(f"patience.{key}", lang), lang) for key in ("label", "last"))
    return Meter(label, state.patience, case.patience.budget, warning if last and state.patience == 1 else "")


def said_text(case: Case, said: Said, lang: str) -> str:
    """The words of a line."""
    return typeset(case.text(said.text, lang), lang)


def since(attempt: Attempt, turns: int | None) -> int:
    """Number of the line from which one's own last ``turns`` replies, and what came after them, are told; 0 for all."""
    steps = len(attempt.steps)
    if turns is None or steps <= turns:
        return 0
    return next(n for n, said in enumerate(attempt.said) if said.step == steps - turns)


def _bubbles(session: Session, lang: str, turns: int | None) -> list[Bubble]:
    case, attempt = session.case, session.attempt
    gettext = words(lang).gettext
    disagreed = session.disagreements()
    own = session.own_words()
    found: list[Bubble] = []
    for said in attempt.said[since(attempt, turns) :]:
        if said.speaker == "back":
            found.append(Bubble("back", "", gettext("You went back one step. What you have learnt stays.")))
        elif said.speaker == NARRATOR:
            found.append(Bubble("tell", "", said_text(case, said, lang)))
        elif said.speaker == PLAYER:
            if said.step in own:
                found.append(Bubble("own", gettext("You, in your own words"), own[said.step], said.step))
            found.append(Bubble("you", gettext("You"), said_text(case, said, lang), said.step))
            if said.step is not None:
                if session.phase == "why" and said.step == len(attempt.steps) - 1:
                    return found
                if session.settings.feedback == "now":
                    step = attempt.steps[said.step]
                    because = typeset(case.text(step.because, lang), lang)
                    reason = disagreed.get((step.scene, step.option))
                    found.append(Bubble("why", "", because, said.step, reason))
        else:
            speaker = typeset(case.text(f"speakers.{said.speaker}", lang), lang)
            found.append(Bubble("them", speaker, said_text(case, said, lang)))
    if len(attempt.steps) in own:
        found.append(Bubble("own", gettext("You, in your own words"), own[len(attempt.steps)], len(attempt.steps)))
    return found


def _buttons(case: Case, state: State, names: tuple[str, ...], lang: str) -> tuple[Button, ...]:
    """The same for everyone in this state."""
    key = ("buttons", state, case.translations_hash, lang)
    if key not in case.memo:
        found = tuple(_button(case, state, name, names, lang) for name in _offered(case, state, names))
        case.memo[key] = case.memo.setdefault(("equal", found), found)
    return case.memo[key]


def _offered(case: Case, state: State, names: tuple[str, ...]) -> list[str]:
    """Options that are open, and questions that were asked, in the order of the case."""
    return [name for name in case.scenes[state.place].options if name in names or (state.place, name) in state.asked]


def _button(case: Case, state: State, name: str, names: tuple[str, ...], lang: str) -> Button:
    option, gettext = case.scenes[state.place].options[name], words(lang).gettext
    last = bool(option.costs) and option.costs >= state.patience
    if name not in names:
        cost = gettext("already asked")
    elif last:
        cost = gettext("the last question") if option.ask else gettext("uses up the patience")
    else:
        cost = gettext("−{n} patience").format(n=option.costs) if option.costs else ""
    text = option_words(case, state.place, name, "text", knowledge(case, state), lang)
    return Button(name, text, cost, last and name in names, name in names)


def option_words(case: Case, scene: str, name: str, part: str, value_of: Callable[[str], str], lang: str) -> str:
    """``text`` or ``because`` of an option, as it is where ``value_of`` says what is known."""
    rules = getattr(case.scenes[scene].options[name], part)
    return typeset(case.text(text_id(f"scenes.{scene}.options.{name}.{part}", rules, value_of), lang), lang)


_USUAL: dict[str, int] = {}


def usual_decisions(case: Case) -> int:
    """How many decisions a careful run usually has: the median of 15 draws, played by the keys, the same every time."""
    if case.hash not in _USUAL:
        _USUAL[case.hash] = int(statistics.median(_careful_run(case, seed) for seed in range(15)))
    return _USUAL[case.hash]


def _careful_run(case: Case, seed: int) -> int:
    attempt = start(case, seed)
    for _ in range(100):  # a case that hasn't been checked may go round in circles or end nowhere
        if attempt.finished or not attempt.open:
            break
        fitting = fits(attempt.case, choose(attempt, attempt.open[0]).steps[-1])
        attempt = choose(attempt, max(attempt.open, key=lambda name: fitting[name] or 0))
    return len(attempt.decisions)
