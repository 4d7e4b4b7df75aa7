"""A finished run → what is learnt from it: gauge, Play and Inquiry, what each decision cost, what was never asked."""

from collections import namedtuple
from collections.abc import Sequence
from functools import cached_property

from trainkit.case.conditions import UNKNOWN
from trainkit.engine.attempt import Attempt, afterwards, askable, mood
from trainkit.engine.lines import spoken
from trainkit.i18n import catalog
from trainkit.scoring.attempt import Score, score
from trainkit.session.session import Session
from trainkit.value.regret import NOTHING, Review, Unasked, review, unasked
from trainkit.view.debrief_figures import all_numbers, gauge_of, main_figures, verdict, why_not_measured
from trainkit.view.moves import Move, move_view
from trainkit.view.profile import AdaptingView, over_cases, over_scenes
from trainkit.view.screen import case_text, reply_words

MATTERED = 5  # points of Play from which a fact never asked about stands out


# What the templates of the debrief are filled with. ``Card``: a fact nobody asked about, and how knowing it would have
# changed the best reply. ``Titled``: a text and what stands over it. ``Top``: the first page; ``unmeasured`` says why there
# is no gauge. ``Rest``: the last page; ``numbers`` has (name, value, what it is) of all figures.
Card = namedtuple("Card", "title text reply lines mattered")
Titled = namedtuple("Titled", "title text")
Top = namedtuple("Top", "ending later mood verdict gauge unmeasured target_why figures")
Rest = namedtuple("Rest", "never_asked sides questions tomorrow numbers")


class DebriefView:
    """Everything in the debrief of one run, worked out when it is shown: a phone turns its pages one at a time.

    Figures are kept for the next page, texts are not: a room of thousands turns them.
    """

    def __init__(self, session: Session, lang: str, newest: Sequence[Attempt] = ()):
        self._session, self._lang, self._newest = session, lang, newest
        self.step = session.step

    def _text(self, key: str) -> str:
        return case_text(self._session.case, key, self._lang)

    @cached_property
    def played(self) -> Review:
        """The run held against exact play."""
        return review(self._session.attempt)

    @cached_property
    def score(self) -> Score:
        """What the run shows."""
        return score(self._session.attempt, self.played)

    @cached_property
    def _prices(self) -> tuple[int, ...] | None:
        return self.played.prices

    @cached_property
    def _never(self) -> tuple[Unasked, ...]:
        return unasked(self._session.attempt)

    @property
    def top(self) -> Top:
        """The first page."""
        attempt, lang, adapting = self._session.attempt, self._lang, self.adapting
        own = adapting is None or adapting.over_cases
        return Top(
            ending=self._text(f"endings.{attempt.ending}.title") if attempt.finished else "",
            later=tuple([Titled(*spoken(attempt.case, said, lang)) for said in afterwards(attempt)]),
            mood=self._text(mood(attempt)) if attempt.finished else "",
            verdict=verdict(self.score, lang) if own else adapting.verdict,
            gauge=gauge_of(self.score, lang),
            unmeasured=why_not_measured(self.score.why_not.get("position", ""), lang),
            target_why=self._text("context.why"),
            figures=main_figures(self._session, self.played, self._never, lang),
        )

    @cached_property
    def adapting(self) -> AdaptingView | None:
        """Whether one adapts to what is asked."""
        return over_scenes(self._session, self._lang) or over_cases(self._newest, self._lang)

    @property
    def decisions(self) -> int:
        """How many scored decisions there were."""
        return len(self._session.attempt.decisions)

    @property
    def moves(self) -> tuple[Move, ...]:
        """The scored decisions."""
        return self.some_moves(0)

    def some_moves(self, first: int, most: int | None = None) -> tuple[Move, ...]:
        """So many of the scored decisions, from a place on."""
        decided = self._session.attempt.decisions[first : None if most is None else first + most]
        return tuple([move_view(self._session, step, self.played, self._prices, self._lang) for step in decided])

    @property
    def rest(self) -> Rest:
        """The last page."""
        sides = ("argument", "counter")
        asked = range(1, len(self._session.case.debrief.questions) + 1)
        return Rest(
            never_asked=_never_asked(self._session, self.played, self._never, self._lang),
            sides=tuple([Titled(self._text(f"debrief.{s}.title"), self._text(f"debrief.{s}.text")) for s in sides]),
            questions=tuple([self._text(f"debrief.questions.{n}") for n in asked]),
            tomorrow=self._text("debrief.tomorrow"),
            numbers=all_numbers(self.score, self.played, self._lang),
        )

    @property
    def again(self) -> str:
        """An invitation to play again."""
        return self._text("debrief.again")

    @property
    def notice(self) -> str:
        """What the case is not."""
        return self._text("notice") if self._session.case.notice else ""


def debrief(session: Session, lang: str, newest: Sequence[Attempt] = ()) -> DebriefView:
    """The debrief of a session in a language; ``newest``: this person's newest finished attempt of each case."""
    return DebriefView(session, lang, newest)


# ---- what was never asked -------------------------------------------------------------------------------------


def _never_asked(session: Session, played: Review, never: Sequence[Unasked], lang: str) -> tuple[Card, ...]:
    case, attempt = session.case, session.attempt

    def card(fact: str, reply: str = "", lines: tuple[str, ...] = (), mattered: bool = False) -> Card:
        said = case_text(case, f"facts.{fact}.values.{attempt.facts[fact]}", lang)
        return Card(case_text(case, f"facts.{fact}.label", lang), said, reply, lines, mattered)

    if not played.costs:  # too large for exact play: the facts alone
        return tuple(card(fact) for fact in askable(attempt) if attempt.known[fact] == UNKNOWN)
    return tuple(card(one.fact, *_difference(session, one, played, lang)) for one in never)


def _difference(session: Session, one: Unasked, played: Review, lang: str) -> tuple[str, tuple[str, ...], bool]:
    """How knowing a fact would have changed the best reply: that reply, sentences, whether it mattered."""
    gettext, ngettext = catalog(lang).gettext, catalog(lang).ngettext

    def points(cost: float) -> str:
        n = max(1, round(played.points(cost)))
        return ngettext("{n} point of Play", "{n} points of Play", n).format(n=n)

    if one.gain > NOTHING:
        step = session.attempt.steps[one.step]
        if step.option == one.knowing:
            return "", (gettext("Your reply was the best one all the same: luck, not knowledge."),), False
        reply = reply_words(session.case, step.scene, one.knowing, "text", step.knew, lang)
        line = gettext("It was worth {points}.").format(points=points(one.gain))
        return reply, (line,), played.points(one.gain) >= MATTERED
    unchanged = gettext("The best reply would not have changed.")
    if one.ahead <= NOTHING:
        return "", (unchanged,), False
    but = gettext("But that could not be known in advance; asking was worth it, {points} on average.")
    return "", (unchanged, but.format(points=points(one.ahead))), False
