"""Session → what is on the screen now: one frozen view model for widget, web page and terminal."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from trainkit.case.cache import STATES, Cache, PerCase, intern
from trainkit.case.conditions import text_id
from trainkit.case.model import NARRATOR, PLAYER, Case
from trainkit.engine.attempt import Attempt
from trainkit.engine.lines import Said, spoken
from trainkit.engine.rules import State, knowledge, open_options
from trainkit.i18n import catalog, typeset
from trainkit.scoring.decisions import usual_decisions
from trainkit.session.option_codes import code_of
from trainkit.session.session import Session
from trainkit.view.letters import on_the_screen


class Bubble(NamedTuple):
    """Something on the left, on the right, or told.

    ``kind`` is ``tell`` (narrator), ``them``, ``you``, ``own`` (one's own words), ``why`` (feedback) or ``back``;
    ``number`` is the number of the choice that ``you`` and ``why`` belong to, ``wall`` says where ``you`` is on the
    wall.
    """

    kind: str
    who: str
    text: str
    number: int | None = None
    disagreed: str | None = None
    wall: str = ""


class Button(NamedTuple):
    """An option on offer; ``cost`` in words, ``last`` if it uses up the patience, not ``open`` once asked."""

    id: str
    text: str
    cost: str
    last: bool = False
    open: bool = True

    @property
    def code(self) -> str:
        """By what its form names it."""
        return code_of(self.id)


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


class ChoiceView(NamedTuple):
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
    choice: ChoiceView


def screen(session: Session, lang: str, pair: bool = False, turns: int | None = None, room: str = "") -> Screen:
    """What is on the screen of a session; with ``turns`` only so many of one's own replies, and what was said after them.

    ``room`` is the language of the room in which it is played: there, one's replies have their letters.
    """
    phase = session.phase
    here = _here(session.case, session.attempt.state, lang)
    bubbles = tuple(_bubbles(session, lang, phase, turns, room))
    return Screen(session.step, _head(session, lang, phase, here), bubbles, _choice(session, lang, phase, pair, here))


class _Here(NamedTuple):
    """What is the same for everyone in this state."""

    prompt: str
    patience: Meter | None
    buttons: tuple[Button, ...]


_HERE: PerCase[Cache[tuple, _Here]] = PerCase(lambda case: Cache(STATES))


def _here(case: Case, state: State, lang: str) -> _Here:
    kept, key = _HERE.of(case), (state, case.translations_hash, lang)
    here = kept.get(key)
    if here is None:
        scene = case.scenes.get(state.place)
        prompt = case_text(case, f"scenes.{state.place}.prompt", lang) if scene and scene.prompt else ""
        names = open_options(case, state)
        buttons = tuple([_button(case, state, name, names, lang) for name in _offered(case, state, names)])
        here = kept.keep(key, intern(case, _Here(prompt, meter(case, state, lang), intern(case, buttons))))
    return here


_CASE: PerCase[Cache[tuple[str, str], dict[str, Any]]] = PerCase(lambda case: Cache(100))


def _case(case: Case, lang: str) -> dict[str, Any]:
    """What of the head is the same all through a case."""
    kept, key = _CASE.of(case), (case.translations_hash, lang)
    return kept.get(key) or kept.keep(
        key,
        {
            "languages": case.languages,
            "title": case_text(case, "title", lang),
            "role": case_text(case, "role", lang),
            "notice": case_text(case, "notice", lang) if case.notice else "",
            "minutes": case.minutes,
            "usual": usual_decisions(case),
        },
    )


def _head(session: Session, lang: str, phase: str, here: _Here) -> Head:
    attempt = session.attempt
    waiting = phase == "why"  # what follows the choice is kept back until the reason is given
    deciding = not waiting and attempt.deciding
    return Head(
        lang=lang,
        begun=session.step > 0,
        phase=phase,
        decision=len(attempt.decisions) + deciding,
        patience=None if waiting or attempt.finished else here.patience,
        changed=session.changed,
        **_case(session.case, lang),
    )


def _choice(session: Session, lang: str, phase: str, pair: bool, here: _Here) -> ChoiceView:
    gettext = catalog(lang).gettext
    if phase == "choose" and not session.attempt.open:
        place = session.attempt.state.place
        prompt = gettext('The case has a dead end in scene "{scene}"; `trainkit check` tells more.').format(scene=place)
    elif pair and not here.prompt:
        prompt = gettext("Decide together: what do you say?")
    else:
        prompt = here.prompt or gettext("What do you say?")
    return ChoiceView(
        phase=phase,
        prompt=prompt,
        buttons=here.buttons if phase == "choose" else (),
        can_go_back=session.settings.back and phase in ("choose", "words") and session.attempt.can_go_back,
    )


def meter(case: Case, state: State, lang: str) -> Meter | None:
    """The client's patience, with a warning where only one unit is left and something costs it."""
    if case.patience is None:
        return None
    options = case.scenes[state.place].options if state.place in case.scenes else {}
    costs = [options[name].costs for name in open_options(case, state)]
    last = state.patience > 0 and any(cost >= state.patience for cost in costs if cost)
    label, warning = (case_text(case, f"patience.{key}", lang) for key in ("label", "last"))
    return Meter(label, state.patience, case.patience.budget, warning if last and state.patience == 1 else "")


def since(attempt: Attempt, turns: int | None) -> int:
    """Number of the line from which one's own last ``turns`` replies, and what came after them, are told; 0 for all."""
    steps = len(attempt.steps)
    if turns is None or steps <= turns:
        return 0
    return next(n for n, said in enumerate(attempt.said) if said.step == steps - turns)


def _bubbles(session: Session, lang: str, phase: str, turns: int | None, room: str) -> list[Bubble]:
    case, attempt = session.case, session.attempt
    last = len(attempt.steps) - 1
    told = session.settings.feedback == "now"
    disagreed = session.disagreements() if told else {}
    own = session.own_words() if session.settings.own_words else {}
    own_said = catalog(lang).gettext("You, in your own words") if own else ""
    bubbles: list[Bubble] = []
    for said in attempt.said[since(attempt, turns) :]:
        number = said.step
        if number in own:
            bubbles.append(Bubble("own", own_said, own[number], number))
        step = attempt.steps[number] if room and number is not None else None
        bubbles.append(_bubble(case, said, lang, room, (step.scene, step.option) if step else None))
        if phase == "why" and number == last:
            return bubbles
        if told and number is not None:
            step = attempt.steps[number]
            because = case_text(case, step.because, lang)
            bubbles.append(Bubble("why", "", because, number, disagreed.get((step.scene, step.option))))
    if last + 1 in own:
        bubbles.append(Bubble("own", own_said, own[last + 1], last + 1))
    return bubbles


_BUBBLES: PerCase[Cache[tuple, Bubble]] = PerCase(lambda case: Cache(STATES))


def _bubble(case: Case, said: Said, lang: str, room: str, reply: tuple[str, str] | None) -> Bubble:
    """A line, the same for everyone who hears it; a ``reply`` in a room says where it is on the wall."""
    kept, key = _BUBBLES.of(case), (said, case.translations_hash, lang, room, reply)
    bubble = kept.get(key)
    if bubble is None:
        kind = {"back": "back", NARRATOR: "tell", PLAYER: "you"}.get(said.speaker, "them")
        wall = on_the_screen(case, reply, room, lang) if reply else ""
        bubble = kept.keep(key, Bubble(kind, *spoken(case, said, lang), said.step, wall=wall))
    return bubble


def _offered(case: Case, state: State, names: tuple[str, ...]) -> list[str]:
    """Options that are open, and questions that were asked, in the order of the case."""
    options = case.scenes[state.place].options if state.place in case.scenes else ()
    return [name for name in options if name in names or (state.place, name) in state.asked]


def _button(case: Case, state: State, name: str, names: tuple[str, ...], lang: str) -> Button:
    option, gettext = case.scenes[state.place].options[name], catalog(lang).gettext
    last = bool(option.costs) and option.costs >= state.patience
    if name not in names:
        cost = gettext("already asked")
    elif option.costs:  # in the words of the meter at the top
        words = gettext("{label}: −{n}, and none is left") if last else gettext("{label}: −{n}")
        cost = words.format(label=case_text(case, "patience.label", lang), n=min(option.costs, state.patience))
    else:
        cost = ""
    text = option_words(case, state.place, name, "text", knowledge(case, state), lang)
    return Button(name, text, cost, last and name in names, name in names)


def option_words(case: Case, scene: str, name: str, part: str, value_of: Callable[[str], str], lang: str) -> str:
    """``text`` or ``because`` of an option, as it is where ``value_of`` says what is known."""
    rules = getattr(case.scenes[scene].options[name], part)
    return case_text(case, text_id(f"scenes.{scene}.options.{name}.{part}", rules, value_of), lang)


def reply_words(case: Case, scene: str, name: str, part: str, knew: Iterable[tuple[str, str]], lang: str) -> str:
    """The same for someone who knew this."""
    return option_words(case, scene, name, part, dict(knew).get, lang)


def case_text(case: Case, key: str, lang: str) -> str:
    """A text of a case, typeset."""
    return typeset(case.text(key, lang), lang)
