"""A finished run → what is learnt from it: gauge, Play and Inquiry, what each decision cost, what was never asked."""

from collections import namedtuple
from collections.abc import Sequence
from functools import cached_property

from trainkit.case.conditions import UNKNOWN
from trainkit.engine.attempt import Attempt, afterwards, askable, mood
from trainkit.engine.lines import spoken
from trainkit.engine.rules import knowledge
from trainkit.i18n import catalog, quoted
from trainkit.scoring.attempt import Score, score
from trainkit.scoring.tomorrow import choose_tomorrow, leaning, learnt, tomorrow_id
from trainkit.session.session import Session
from trainkit.value.regret import NOTHING, Review, Unasked, review, unasked
from trainkit.view.debrief_figures import (
    Figure,
    Gauge,
    all_numbers,
    gauge_of,
    main_figures,
    verdict,
    why_not_measured,
)
from trainkit.view.moves import Move, move_view, reply_view, step_costs
from trainkit.view.profile import AdaptingView, over_cases, over_scenes
from trainkit.view.screen import case_text, reply_words

MATTERED = 5  # points of Play from which a fact never asked about stands out
SLIPS = 3  # replies on the one screen
SMALL = 3  # points of Play under which a reply is no slip, unless it is the dearest


# What the templates of the debrief are filled with. ``Card``: a fact nobody asked about, and how knowing it would have
# changed the best reply. ``Titled``: a text and what stands over it. ``One``: the one screen; ``unmeasured`` says why there
# is no gauge. ``Slip``: one of the replies that cost most, what it did, better words. ``Never``: what was never asked and
# mattered. ``Rest``: what is talked about, and (name, value, what it is) of all figures.
Card = namedtuple("Card", "title text reply lines mattered")
Titled = namedtuple("Titled", "title text")
One = namedtuple("One", "ending later mood verdict gauge unmeasured target_why heading slips never tomorrow")
Slip = namedtuple("Slip", "scene first mine did better dearest")
Never = namedtuple("Never", "title said told reply")
Rest = namedtuple("Rest", "never_asked sides questions numbers")


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
    def one(self) -> One:
        """The one screen: what happened, where one stood, what to say instead, what was never asked, what to do tomorrow."""
        attempt, lang, adapting = self._session.attempt, self._lang, self.adapting
        own = adapting is None or adapting.over_cases
        slips = self._slips()
        return One(
            ending=self._text(f"endings.{attempt.ending}.title") if attempt.finished else "",
            later=tuple([Titled(*spoken(attempt.case, said, lang)) for said in afterwards(attempt)]),
            mood=self._text(mood(attempt)) if attempt.finished else "",
            verdict=verdict(self.score, lang) if own else adapting.verdict,
            gauge=self.gauge,
            unmeasured=why_not_measured(self.score.why_not.get("position", ""), lang),
            target_why=self._text("context.why"),
            heading=_slips_heading(len(slips), lang),
            slips=tuple(
                [self._slip(number, number == slips[0] and self._stands_out(slips)) for number in sorted(slips)]
            ),
            never=self._never_that_mattered(),
            tomorrow=self.tomorrow,
        )

    def _slips(self) -> list[int]:
        """Numbers of the steps that cost most, the dearest first; one of each scene, so that each has one best reply."""
        costs = step_costs(self._session, self.played)
        dearest = max(costs, default=0)
        by_scene: dict[str, int] = {}
        for number in sorted(range(len(costs)), key=lambda n: -costs[n]):
            if costs[number] > 0 and (costs[number] >= SMALL or costs[number] == dearest):
                by_scene.setdefault(self._session.attempt.steps[number].scene, number)
        return list(by_scene.values())[:SLIPS]

    def _stands_out(self, slips: Sequence[int]) -> bool:
        """Whether the dearest reply cost more than the next, in the whole points that are shown."""
        costs = step_costs(self._session, self.played)
        first, second = ([round(self.played.points(costs[number])) for number in slips] + [0, 0])[:2]
        return len(slips) > 1 and first > second

    def _slip(self, number: int, dearest: bool) -> Slip:
        step = self._session.attempt.steps[number]
        reply = reply_view(self._session, number, self.played, self._prices, self._lang)
        did = case_text(self._session.case, step.because, self._lang)
        return Slip(
            scene=self._text(f"scenes.{step.scene}.title"),
            first=self._answered_again(step.scene),
            mine=reply.mine,
            did=did,
            better=reply.better,
            dearest=dearest,
        )

    def _answered_again(self, scene: str) -> bool:
        """Whether another reply was given here after going back: the first one counts, and is called that."""
        given = [event.option for event in self._session.events if event.kind == "choose" and event.scene == scene]
        return self._session.attempt.went_back and len(set(given)) > 1

    def _never_that_mattered(self) -> Never | None:
        """The fact that would have changed a reply most, if any; what reply, unless that scene has a best one already."""
        session, lang = self._session, self._lang
        for one in self._never:
            step = session.attempt.steps[one.step]
            if step.option == one.knowing or self.played.points(one.gain) < MATTERED:
                continue
            title = self._text(f"facts.{one.fact}.label")
            said = self._text(f"facts.{one.fact}.values.{session.attempt.facts[one.fact]}")
            scene, gettext = self._text(f"scenes.{step.scene}.title"), catalog(lang).gettext
            reply = _reply_if_known(session, one, self.played, lang)
            told = gettext("Had you known, this would have been better in “{scene}”:")
            if not reply:
                told = gettext(
                    "It would change the best reply in “{scene}”, too; which one that is, only somebody who asked can tell."
                )
            return Never(title, said, told.format(scene=scene), reply and quoted(reply, lang))
        if not askable(session.attempt) or any(cost.premature for cost in self.played.costs):
            return None  # nothing to ask; or not asking was itself what cost something
        return Never("", "", catalog(lang).gettext("What you didn’t ask would have changed nothing this time."), "")

    @property
    def tomorrow(self) -> str:
        """Words to take along that fit this run."""
        case, attempt = self._session.case, self._session.attempt
        mattered = [one.fact for one in self._never if self.played.points(one.gain) >= MATTERED]
        lean, knows = leaning(self.score.position, self.score.target), knowledge(case, attempt.state)
        asked = learnt(case, [(step.scene, step.option) for step in attempt.steps])
        return self._text(tomorrow_id(case, choose_tomorrow(case, lean, asked, knows, mattered)))

    @cached_property
    def gauge(self) -> Gauge | None:
        """The whole scale."""
        return gauge_of(self.score, self._lang)

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Play and Inquiry."""
        return main_figures(self._session, self.played, self._never, self._lang)

    @cached_property
    def adapting(self) -> AdaptingView | None:
        """Whether one adapts to what is asked: over one's cases, as soon as there are enough of them."""
        return over_cases(self._newest, self._lang) or over_scenes(self._session, self._lang)

    @property
    def replies(self) -> int:
        """How many replies were given."""
        return len(self._session.attempt.steps)

    @property
    def moves(self) -> tuple[Move, ...]:
        """Every reply, with what it did and cost."""
        return self.some_moves(0)

    def some_moves(self, first: int, most: int | None = None) -> tuple[Move, ...]:
        """So many of the replies, from a place on."""
        numbers = range(self.replies)[first : None if most is None else first + most]
        return tuple([move_view(self._session, number, self.played, self._prices, self._lang) for number in numbers])

    @property
    def rest(self) -> Rest:
        """The last page."""
        sides = ("argument", "counter")
        asked = range(1, len(self._session.case.debrief.questions) + 1)
        return Rest(
            never_asked=_never_asked(self._session, self.played, self._never, self._lang),
            sides=tuple([Titled(self._text(f"debrief.{s}.title"), self._text(f"debrief.{s}.text")) for s in sides]),
            questions=tuple([self._text(f"debrief.questions.{n}") for n in asked]),
            numbers=all_numbers(self.score, self.played, self._lang),
        )

    @property
    def notice(self) -> str:
        """What the case is not."""
        return self._text("notice") if self._session.case.notice else ""


def debrief(session: Session, lang: str, newest: Sequence[Attempt] = ()) -> DebriefView:
    """The debrief of a session in a language; ``newest``: this person's newest finished attempt of each case."""
    return DebriefView(session, lang, newest)


def _slips_heading(count: int, lang: str) -> str:
    gettext = catalog(lang).gettext
    if not count:
        return gettext("No reply cost you anything: nothing better could have been said here")
    return {
        1: gettext("The reply that cost most"),
        2: gettext("The two replies that cost most"),
    }.get(count) or gettext("The three replies that cost most")


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
        line = gettext("Asking would have been worth {points}.").format(points=points(one.gain))
        reply = _reply_if_known(session, one, played, lang)
        lines = (line,) if reply else (gettext("A different reply would have been best."), line)
        return reply, lines, played.points(one.gain) >= MATTERED
    unchanged = gettext("The best reply would have been the same.")
    if one.ahead <= NOTHING:
        return "", (unchanged,), False
    but = gettext("But nobody could have known that in advance; on average, asking was worth {points}.")
    return "", (unchanged, but.format(points=points(one.ahead))), False


def _reply_if_known(session: Session, one: Unasked, played: Review, lang: str) -> str:
    """The best reply, had one known a fact; "" where its scene has a best one already, by what was known."""
    if played.costs[one.step].regret > NOTHING:
        return ""
    step = session.attempt.steps[one.step]
    return reply_words(session.case, step.scene, one.knowing, "text", step.knew, lang)
