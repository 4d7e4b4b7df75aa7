"""One run through a case: a pure state machine without screen, clock, disk or chance.

An :class:`Attempt` is frozen; every move returns a new one. The same case hash, seed and answers give the same run
everywhere: facts are drawn from SHA-256 of the seed and the fact's name, which no Python version changes.

The loop of every front end is *show, list options, choose*::

    attempt = start(case, seed=7)
    while not attempt.finished:
        attempt = choose(attempt, attempt.open[0])
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from trainkit.case.cache import intern
from trainkit.case.conditions import UNKNOWN, first, text_id
from trainkit.case.model import PLAYER, Case, Option
from trainkit.engine.facts import draw_facts, revealable
from trainkit.engine.lines import Said, SpokenLine, arrived, heard, option_texts, spoken
from trainkit.engine.rules import State, begin_state, known_facts, open_options, remembered, truth_of
from trainkit.engine.turn import Step, turn
from trainkit.errors import N_, Refused, TrainkitError, UnknownName, shown
from trainkit.i18n import typeset

MAX_SEED = 2**53 - 1  # what JavaScript and JSON readers keep exactly


@dataclass(frozen=True, slots=True)
class Attempt:
    """A run so far. Make one with :func:`start`, move it with :func:`choose` and :func:`back`.

    Examples
    --------
    >>> import trainkit as tk
    >>> run = tk.start(tk.load_case("racket_refund"), seed=7)
    >>> tuple(run.options("en")) == run.open
    True
    >>> later = run.choose(run.open[0])
    >>> len(run.steps), len(later.steps)
    (0, 1)
    >>> "You" in {line.speaker for line in later.lines("en")}
    True
    """

    case: Case
    seed: int
    fixed: tuple[tuple[str, str], ...]
    truth: tuple[str, ...]
    state: State
    steps: tuple[Step, ...] = ()
    said: tuple[Said, ...] = ()
    trail: tuple[tuple[str, tuple[str, ...]], ...] = ()
    seen: frozenset[str] = frozenset()
    undone: frozenset[str] = frozenset()  # scenes that were gone back over and not been left again
    went_back: bool = False  # there was a step back on the way

    @property
    def finished(self) -> bool:
        """Whether an ending was reached."""
        return self.state.place in self.case.endings

    @property
    def ending(self) -> str | None:
        """The ending reached, if any."""
        return self.state.place if self.finished else None

    @property
    def facts(self) -> dict[str, str]:
        """The drawn truth, hidden facts included."""
        return dict(zip(self.case.facts, self.truth, strict=True))

    @property
    def known(self) -> dict[str, str]:
        """What the trainee can know: fact → value or ``unknown``."""
        return known_facts(self.case, self.state)

    @property
    def open(self) -> tuple[str, ...]:
        """Options open now; questions already asked are not."""
        return open_options(self.case, self.state)

    @property
    def can_go_back(self) -> bool:
        """Whether there is a scene to go back to; never from an ending."""
        return not self.finished and any(place != self.state.place for place, _ in self.trail)

    def choose(self, option: str) -> Attempt:
        """Say one of the options that are :attr:`open`: the attempt after this choice; this one stays as it is.

        Raises
        ------
        Refused
            If the attempt is over or the option is not open in this state.
        UnknownName
            If the scene has no such option.
        """
        return choose(self, option)

    def lines(self, lang: str = "ru") -> tuple[SpokenLine, ...]:
        """What has been said so far: ``speaker`` and ``text`` of each line; what is not translated as it was written."""
        return tuple([spoken(self.case, said, lang) for said in self.said])

    def options(self, lang: str = "ru") -> dict[str, str]:
        """What can be said now: open option → its text, the source where it is not translated; empty after an ending."""
        names = self.open
        texts = option_texts(self.case, self.state, names, lang) if names else ()
        return {name: typeset(text, lang) for name, text in zip(names, texts, strict=True)}

    @property
    def deciding(self) -> bool:
        """Whether the next choice is scored: the first in this scene, among at least two."""
        return len(self.open) > 1 and all(step.scene != self.state.place for step in self.steps)

    @property
    def decisions(self) -> tuple[Step, ...]:
        """The steps that are scored: each scene's first choice among at least two."""
        return tuple(step for step in self.steps if step.first and step.decision)


def start(case: Case, seed: int = 0, fixed: Mapping[str, str] | None = None) -> Attempt:
    """Begin an attempt: facts that are not ``fixed`` beforehand are drawn by the seed, 0 … 2⁵³ − 1.

    Raises
    ------
    UnknownName
        If a fact or a value does not exist.
    TrainkitError
        If the seed is out of range or the fixed values can't occur together.
    """
    fixed = _checked(case, seed, fixed)
    return begin(case, seed, fixed, draw_facts(case, seed, fixed))


def begin(case: Case, seed: int, fixed: Mapping[str, str], truth: tuple[str, ...]) -> Attempt:
    """The attempt before anything is said, where this is true of the client."""
    state = begin_state(case, dict(case.design_of(truth)))
    said, seen = arrived(case, [case.start], state, truth, (), frozenset())
    return Attempt(case, seed, tuple(sorted(fixed.items())), truth, state, said=said, seen=seen)


def _checked(case: Case, seed: int, fixed: Mapping[str, str] | None) -> dict[str, str]:
    if fixed is not None and not isinstance(fixed, Mapping):
        raise TrainkitError(
            f"fixed maps facts to values, e.g. {{'{next(iter(case.facts), 'fact')}': …}} (got {shown(fixed)})"
        )
    fixed = dict(fixed or {})
    for fact, value in fixed.items():
        if not isinstance(fact, str) or fact not in case.facts:
            raise UnknownName("fact", fact, case.facts)
        if not isinstance(value, str) or value not in case.facts[fact].values:
            raise UnknownName(f'value of "{fact}"', value, case.facts[fact].values)
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed <= MAX_SEED:
        raise TrainkitError(N_("a seed is a whole number from 0 to {most} (got {got})"), most=MAX_SEED, got=repr(seed))
    return fixed


def choose(attempt: Attempt, option: str) -> Attempt:
    """Say something: the attempt after this choice; see :meth:`Attempt.choose`."""
    case, state = attempt.case, attempt.state
    if attempt.finished:
        raise Refused(N_("this conversation is over"))
    options, names = case.scenes[state.place].options, attempt.open
    if not isinstance(option, str) or option not in options:
        raise UnknownName("option", option, names)
    if option not in names:
        asked = N_('"{option}" has been asked already. Open are: {names}.')
        closed = N_('"{option}" is not open now. Open are: {names}.')
        why = asked if (state.place, option) in state.asked else closed
        raise Refused(why, option=option, names=", ".join(names))
    chosen = options[option]
    saying = turn(case, state, option)
    first_here = all(earlier.scene != state.place for earlier in attempt.steps)
    step = saying.step(first_here, _repeats_decision(attempt, chosen.ask), _effect(attempt, chosen))
    path, after, reply = saying.way(case.world_numbers[attempt.truth])
    mine = intern(case, Said(PLAYER, saying.text, len(attempt.steps)))
    said, seen = arrived(case, path, after, attempt.truth, (*attempt.said, mine, *reply), attempt.seen)
    steps, trail = (*attempt.steps, step), (*attempt.trail, intern(case, (state.place, state.memory)))
    undone = attempt.undone if chosen.ask else attempt.undone - {state.place}
    begun = case, attempt.seed, attempt.fixed, attempt.truth
    return Attempt(*begun, after, steps, said, trail, seen, undone, attempt.went_back)


def _effect(attempt: Attempt, chosen: Option) -> float:
    if len(chosen.effect) == 1:
        return chosen.effect[0].value
    memory = remembered(attempt.case, attempt.state.memory, chosen)
    return first(chosen.effect, truth_of(attempt.case, memory, attempt.truth))


def _repeats_decision(attempt: Attempt, asks: bool) -> bool:
    """Whether this choice stands where one was made before a step back over it: the same question time, or going on."""
    state = attempt.state
    if state.place not in attempt.undone:
        return False
    options = attempt.case.scenes[state.place].options
    before = [step for step in attempt.steps if step.scene == state.place]
    if asks:
        return any((step.state.worlds, step.state.asked) == (state.worlds, state.asked) for step in before)
    return any(not options[step.option].ask for step in before)


def back(attempt: Attempt) -> Attempt:
    """Go back to the scene before this one; Refused if the attempt is over or there is none.

    The scene and what was remembered before it return; knowledge, patience and asked questions stay. The scene's first
    choice goes on to count.
    """
    if not attempt.can_go_back:
        raise Refused(N_("there is no way back from an ending") if attempt.finished else N_("this is where it began"))
    trail, undone = attempt.trail, attempt.undone
    while trail[-1][0] == attempt.state.place:
        trail, undone = trail[:-1], undone | {attempt.state.place}  # what was asked here is gone back over, too
    place, memory = trail[-1]
    state, undone = attempt.state._replace(place=place, memory=memory), undone | {place}
    said = (*attempt.said, Said("back", "back"))
    said, seen = arrived(attempt.case, [place], state, attempt.truth, said, attempt.seen - {place})
    return replace(attempt, state=state, trail=trail[:-1], undone=undone, went_back=True, said=said, seen=seen)


def replay(case: Case, seed: int, fixed: Mapping[str, str], answers: Iterable[str | None]) -> Attempt:
    """The attempt after a row of answers; None stands for a step back."""
    attempt = start(case, seed, fixed)
    for answer in answers:
        attempt = back(attempt) if answer is None else choose(attempt, answer)
    return attempt


def _truth(attempt: Attempt) -> Callable[[str], str]:
    return truth_of(attempt.case, attempt.state.memory, attempt.truth)


def afterwards(attempt: Attempt) -> tuple[Said, ...]:
    """What happened later, after the ending reached; empty where nothing is told."""
    if not attempt.finished:
        return ()
    return heard(f"endings.{attempt.ending}.after", attempt.case.endings[attempt.ending].after, _truth(attempt))


def askable(attempt: Attempt) -> tuple[str, ...]:
    """Facts that some way through this case, under its design, would reveal."""
    return revealable(attempt.case, attempt.case.design_of(attempt.truth))


def still_askable(attempt: Attempt) -> tuple[str, ...]:
    """Facts that some way on from here would reveal; what is known already isn't among them."""
    if attempt.finished:
        return ()
    known = attempt.known
    ahead = revealable(attempt.case, attempt.case.design_of(attempt.truth), attempt.state.place)
    return tuple([fact for fact in ahead if known[fact] == UNKNOWN])


def mood(attempt: Attempt) -> str | None:
    """Text id of the client's mood at the ending reached."""
    if not attempt.finished:
        return None
    return text_id(f"endings.{attempt.ending}.mood", attempt.case.endings[attempt.ending].mood, _truth(attempt))


def value(attempt: Attempt) -> float | None:
    """Value of a finished run, 0 … 1 before cost: ending value + effects − price·patience spent (SCORING section 3)."""
    if not attempt.finished:
        return None
    price = attempt.case.patience.price if attempt.case.patience else 0
    served = first(attempt.case.endings[attempt.ending].value, _truth(attempt))
    return served + sum(step.effect - price * step.cost for step in attempt.steps)
