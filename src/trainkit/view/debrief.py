"""A finished run → what is learnt from it: gauge, Play and Inquiry, what each decision cost, what was never asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

from trainkit.case.conditions import UNKNOWN
from trainkit.case.model import NARRATOR
from trainkit.engine.attempt import Attempt, Step, afterwards, askable, mood
from trainkit.i18n import catalog, percent, signed, typeset
from trainkit.scoring.attempt import Score, score
from trainkit.scoring.decisions import fits
from trainkit.session.session import Session
from trainkit.value.regret import NOTHING, Review, Unasked, review, unasked
from trainkit.view.profile import AdaptingView, ScaleMark, over_cases, over_scenes, scale_mark
from trainkit.view.screen import option_words, said_text

_QUOTES = {"ru": "«»"}
MATTERED = 5  # points of Play from which a fact never asked about stands out
DEAR = 60  # Play under which standing in the right place is no praise
NEAR = 20  # points of Position from the target that still count as "where the case asks"


class Gauge(NamedTuple):
    """Position on the scale, −100 … +100, with everything drawn beside it, as a page needs it.

    Places on the scale are in percent of the width: the band of what was offered (``low``, ``width``), the interval
    (``from_``, ``to``), ``target`` and ``you``; the sides are to which words go there; ``left``, ``right``, ``middle``:
    whether there is room for the scale's own number. ``legend`` has number and words for you, interval, target, band.
    """

    description: str
    low: str
    width: str
    from_: str
    to: str
    target: str
    target_said: str
    target_side: str
    you: str
    you_said: str
    you_side: str
    left: bool
    right: bool
    middle: bool
    legend: tuple[tuple[str, str], ...]


class ReplyView(NamedTuple):
    """Something the trainee said: its price in points of Play (None: not measured), what was better there, and why."""

    mine: str
    points: int | None
    unit: str
    better: str
    better_why: str


class Move(NamedTuple):
    """A scored decision: the first reply in its scene, with what these words did, and what was said there after it."""

    number: int
    title: str
    reply: ReplyView
    why: str
    strip: ScaleMark
    then: tuple[ReplyView, ...]
    also: tuple[str, ...]
    own: str
    reason: str
    disagreed: str | None


class Figure(NamedTuple):
    """A score in large: name, value of 100, what it means, and the sum that leads to it."""

    name: str
    value: int
    text: str
    sum: str = ""


class Card(NamedTuple):
    """A fact nobody asked about: the answer, and how knowing it would have changed the best reply."""

    title: str
    text: str
    reply: str
    lines: tuple[str, ...]
    mattered: bool


class Titled(NamedTuple):
    """A text and what stands over it: who says it, or which side of the dispute it is."""

    title: str
    text: str


class Top(NamedTuple):
    """The first page: how it ended, where one stood, how one played; ``unmeasured``: why there is no gauge."""

    ending: str
    later: tuple[Titled, ...]
    mood: str
    verdict: str
    gauge: Gauge | None
    unmeasured: str
    target_why: str
    figures: tuple[Figure, ...]


class Rest(NamedTuple):
    """The last page: what was never asked, the dispute, and all figures as (name, value, what it is)."""

    never_asked: tuple[Card, ...]
    sides: tuple[Titled, ...]
    questions: tuple[str, ...]
    tomorrow: str
    numbers: tuple[tuple[str, str, str], ...]


class DebriefView:
    """Everything in the debrief of one run, worked out when it is shown: a phone turns its pages one at a time.

    Figures are kept for the next page, texts are not: a room of thousands turns them.
    """

    def __init__(self, session: Session, lang: str, newest: Sequence[Attempt] = ()):
        self._session, self._lang, self._newest = session, lang, newest
        self.step = session.step

    def _text(self, key: str) -> str:
        return typeset(self._session.case.text(key, self._lang), self._lang)

    @cached_property
    def played(self) -> Review:
        """The run held against exact play."""
        return review(self._session.attempt)

    @cached_property
    def score(self) -> Score:
        """What the run shows."""
        return score(self._session.attempt, self.played)

    @cached_property
    def _points(self) -> tuple[int, ...] | None:
        return _points(self._session, self.played)

    @cached_property
    def _never(self) -> tuple[Unasked, ...]:
        return unasked(self._session.attempt)

    @property
    def top(self) -> Top:
        """The first page."""
        attempt, lang, found = self._session.attempt, self._lang, self.score
        adapting = self.adapting
        own = adapting is None or adapting.over_cases
        return Top(
            ending=self._text(f"endings.{attempt.ending}.title") if attempt.finished else "",
            later=tuple(
                Titled(
                    "" if said.speaker == NARRATOR else self._text(f"speakers.{said.speaker}"),
                    said_text(attempt.case, said, lang),
                )
                for said in afterwards(attempt)
            ),
            mood=self._text(mood(attempt)) if attempt.finished else "",
            verdict=verdict(found, lang) if own else adapting.verdict,
            gauge=_gauge(found, lang),
            unmeasured=why_not_measured(found.why_not.get("position", ""), lang),
            target_why=self._text("context.why"),
            figures=_figures(self._session, self.played, self._points, self._never, lang),
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
        return tuple([_move(self._session, step, self.played, self._points, self._lang) for step in decided])

    @property
    def rest(self) -> Rest:
        """The last page."""
        return Rest(
            never_asked=_never_asked(self._session, self.played, self._never, self._lang),
            sides=tuple(
                Titled(self._text(f"debrief.{side}.title"), self._text(f"debrief.{side}.text"))
                for side in ("argument", "counter")
            ),
            questions=tuple(
                self._text(f"debrief.questions.{n}") for n, _ in enumerate(self._session.case.debrief.questions, 1)
            ),
            tomorrow=self._text("debrief.tomorrow"),
            numbers=_numbers(self.score, self.played, self._lang),
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


def verdict(found: Score, lang: str) -> str:
    """One sentence on where the choices lie, before any picture."""
    _ = catalog(lang).gettext
    if found.position is None:
        return {
            "off_axis": _("More than half of your replies were about something other than the client"),
            "few": _("Too few decisions to place you on the scale"),
        }.get(found.why_not["position"], _("There was nothing to decide"))
    distance = found.position - found.target
    if abs(distance) <= NEAR and found.play is not None and found.play < DEAR:
        return _("You stood on the side this case asks for, but your replies were not the best on it")
    if abs(distance) <= NEAR:
        return _("You stood where this case asks you to stand")
    if distance < 0:
        return _("You took the request as it was more often than this case asks")
    return _("You looked behind the request more often than this case asks")


def why_not_measured(code: str, lang: str) -> str:
    """Why something is not measured."""
    _ = catalog(lang).gettext
    return {
        "few": _("Not measured: it takes at least three decisions with a place on the scale."),
        "off_axis": _("Not measured: more than half of the replies lie off the axis, serving neither wish nor task."),
        "no_range": _("Not measured: the options left nothing to choose between."),
        "auto": _("Not measured: this case needs exact play for it."),
        "none": _("Not measured: there was no decision."),
        "no_stake": _("Not measured: whatever was said, it came to the same."),
        "too_large": _("Not measured: this case is too large for exact play."),
    }.get(code, "")


def _gauge(found: Score, lang: str) -> Gauge | None:
    if found.position is None:
        return None
    gettext, ngettext = catalog(lang).gettext, catalog(lang).ngettext
    (low, high), (from_, to) = found.offered, found.interval
    you, target = signed(found.position), signed(found.target)
    offered = {"low": signed(low), "high": signed(high)}
    told = {"from_": signed(from_), "to": signed(to)}
    description = gettext(
        "A scale from −100, orientation, to +100, centricity. You were offered {low} to {high}. You are at {you}, which "
        "this few decisions tell to between {from_} and {to}. The case asks {target}."
    )
    span = gettext("{low} to {high}")
    n = found.decisions - round(found.decisions * (found.off_axis or 0))
    mean = ngettext("you, the mean of {n} decision", "you, the mean of {n} decisions", n)
    sure = ngettext("how exactly {n} decision can tell it (90 %)", "how exactly {n} decisions can tell it (90 %)", n)
    return Gauge(
        description=description.format(you=you, target=target, **offered, **told),
        low=percent(low),
        width=f"{94 * (high - low) / 200:.1f}%",
        from_=percent(from_),
        to=percent(to),
        target=percent(found.target),
        target_said=gettext("the case asks {n}").format(n=target),
        target_side=_side(1.25 * found.target),
        you=percent(found.position),
        you_said=gettext("you {n}").format(n=you),
        you_side=_side(1.1 * found.position),
        left=found.position > -70,
        right=found.position < 70,
        middle=abs(found.target) > 25,
        legend=(
            (you, mean.format(n=n)),
            (span.format(low=told["from_"], high=told["to"]), sure.format(n=n)),
            (target, gettext("what this case asks for")),
            (span.format(**offered), gettext("what the replies offered you")),
        ),
    )


def _side(value: float) -> str:
    """Where words at a place begin, so that they stay on the page."""
    return "start" if value < -80 else "end" if value > 80 else "middle"


# ---- what the replies cost ------------------------------------------------------------------------------------


def _points(session: Session, played: Review) -> tuple[int, ...] | None:
    """Price of each step in whole points of Play, so that 100 less all of them is Play as it is shown."""
    if played.play_unclipped is None:
        return None
    exact = [played.points(cost.regret) if cost.counts else 0.0 for cost in played.costs]
    whole = [int(price) for price in exact]
    missing = 100 - round(played.play_unclipped) - sum(whole)
    for number in sorted(range(len(exact)), key=lambda n: whole[n] - exact[n])[:missing]:
        whole[number] += 1
    return tuple(whole)


def _figures(
    session: Session, played: Review, points: tuple[int, ...] | None, never: Sequence[Unasked], lang: str
) -> tuple[Figure, ...]:
    """Play, and Inquiry where the case has questions worth asking."""
    gettext = catalog(lang).gettext
    found = []
    if played.play is not None and points is not None:
        text = gettext(
            "How close you came to the best that could be done, knowing what you knew. Replies at random give {n}. "
            "Whether the ending was lucky doesn’t count."
        ).format(n=max(0, round(played.play_random)))
        prices = "".join(f" − {price}" for price in points if price)
        value = round(played.play_unclipped)
        total = f"100{prices} = {signed(value) if value < 0 else value}"
        found.append(Figure(gettext("Play"), max(0, value), text, total if prices else ""))
    if played.inquiry is not None:
        found.append(
            Figure(gettext("Inquiry"), round(played.inquiry), " ".join(_inquiry(session, played, never, lang)))
        )
    return tuple(found)


def _inquiry(session: Session, played: Review, never: Sequence[Unasked], lang: str) -> list[str]:
    """What was learnt, what was left, what was asked in vain."""
    gettext, ngettext = catalog(lang).gettext, catalog(lang).ngettext
    case, attempt = session.case, session.attempt

    people = tuple(case.text(f"speakers.{name}", lang)[:3] for name in case.speakers)

    def listed(names: Iterable[str]) -> str:
        """Headings as parts of a sentence; names and abbreviations keep their capital."""
        kept = [
            name if name.startswith(people) or name[1:2].isupper() else name[:1].lower() + name[1:] for name in names
        ]
        return "; ".join(dict.fromkeys(kept))

    def about(fact: str) -> str:
        return typeset(case.text(f"facts.{fact}.label", lang), lang)

    asked = [step for step in attempt.steps if case.scenes[step.scene].kind == "inquiry"]
    learnt = [fact for step in asked for fact in case.scenes[step.scene].options[step.option].reveals]
    vain = [
        option_words(case, step.scene, step.option, "text", dict(step.knew).__getitem__, lang)
        for step, cost in zip(attempt.steps, played.costs, strict=True)
        if cost.idle
    ]
    lines = [gettext("You learnt: {facts}.").format(facts=listed(map(about, learnt)))] if learnt else []
    if not learnt and not vain:
        lines.append(gettext("You asked nothing."))
    if any(cost.premature for cost in played.costs):
        left = [about(one.fact) for one in never if max(one.gain, one.ahead) > NOTHING]
        lines.append(gettext("You went on before a question that was worth asking."))
        if left:
            lines.append(gettext("Left unlearnt, though it could matter: {facts}.").format(facts=listed(left)))
    if vain:
        said = " ".join(f"{_QUOTES.get(lang, '“”')[0]}{text}{_QUOTES.get(lang, '“”')[1]}" for text in vain)
        lines.append(
            ngettext(
                "{n} question could not have changed anything any more: {questions}",
                "{n} questions could not have changed anything any more: {questions}",
                len(vain),
            ).format(n=len(vain), questions=said)
        )
    return lines


def _reply(session: Session, number: int, played: Review, points: tuple[int, ...] | None, lang: str) -> ReplyView:
    """A step with its price, and the better reply: by exact play where it cost something, else by the key."""
    case, step = session.case, session.attempt.steps[number]
    knew = dict(step.knew).__getitem__
    price = None if points is None or step.repeats_decision else points[number]
    fit = fits(case, step)
    better = step.option
    if price:
        better = played.costs[number].best
    elif all(q is not None for q in fit.values()):
        fitting = max(fit, key=lambda name: (fit[name], name == step.option))
        better = fitting if fit[fitting] > fit[step.option] + 0.1 else step.option
    improves = better != step.option
    return ReplyView(
        mine=option_words(case, step.scene, step.option, "text", knew, lang),
        points=price,
        unit=catalog(lang).ngettext("point of Play", "points of Play", price) if price else "",
        better=option_words(case, step.scene, better, "text", knew, lang) if improves else "",
        better_why=option_words(case, step.scene, better, "because", knew, lang) if improves else "",
    )


def _move(session: Session, step: Step, played: Review, points: tuple[int, ...] | None, lang: str) -> Move:
    case, attempt = session.case, session.attempt
    number = attempt.steps.index(step)
    position = {name: k for name, k, _ in step.open}
    gettext = catalog(lang).gettext
    mine = position[step.option]
    description = gettext("Your reply {you} on the scale, the case asks {target}.").format(
        you=gettext("off the axis") if mine is None else signed(100 * mine), target=signed(100 * step.target)
    )
    later = [n for n in range(number + 1, len(attempt.steps)) if attempt.steps[n].scene == step.scene]
    replies = [_reply(session, n, played, points, lang) for n in later]
    return Move(
        number=number,
        title=typeset(case.text(f"scenes.{step.scene}.title", lang), lang),
        reply=_reply(session, number, played, points, lang),
        why=typeset(case.text(step.because, lang), lang),
        strip=scale_mark(mine, step.target, sorted({k for k in position.values() if k is not None}), description),
        then=tuple(reply for reply in replies if reply.points),
        also=tuple(reply.mine for reply in replies if not reply.points),
        own=session.own_words().get(number, ""),
        reason=session.reasons().get(number, ""),
        disagreed=session.disagreements().get((step.scene, step.option)),
    )


# ---- what was never asked -------------------------------------------------------------------------------------


def _never_asked(session: Session, played: Review, never: Sequence[Unasked], lang: str) -> tuple[Card, ...]:
    case, attempt = session.case, session.attempt

    def card(fact: str, reply: str = "", lines: tuple[str, ...] = (), mattered: bool = False) -> Card:
        said = typeset(case.text(f"facts.{fact}.values.{attempt.facts[fact]}", lang), lang)
        return Card(typeset(case.text(f"facts.{fact}.label", lang), lang), said, reply, lines, mattered)

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
        reply = option_words(session.case, step.scene, one.knowing, "text", dict(step.knew).__getitem__, lang)
        lines = [gettext("It was worth {points}.").format(points=points(one.gain))]
        return reply, tuple(lines), played.points(one.gain) >= MATTERED
    lines = [gettext("The best reply would not have changed.")]
    if one.ahead > NOTHING:
        lines.append(
            gettext("But that could not be known in advance; asking was worth it, {points} on average.").format(
                points=points(one.ahead)
            )
        )
    return "", tuple(lines), False


def _numbers(found: Score, played: Review, lang: str) -> tuple[tuple[str, str, str], ...]:
    """Name, value and reading of every figure; the small print of the debrief."""
    _ = catalog(lang).gettext

    def shown(value: float | None, interval: tuple[float, float] | None = None, plus: bool = True) -> str:
        if value is None:
            return _("not measured")
        write = signed if plus else (lambda v: str(round(v)))
        return write(value) + (f" [{write(interval[0])}; {write(interval[1])}]" if interval else "")

    off = found.off_axis
    return (
        (
            _("Position"),
            shown(found.position, found.interval),
            _("−100 orientation … +100 centricity, with 90 % interval"),
        ),
        (_("Relative position"), shown(found.relative, found.interval_relative), _("the same within what was offered")),
        (
            _("Fit"),
            shown(found.fit, found.interval_fit, False),
            _("0 the least, 100 the most fitting replies on offer"),
        ),
        (_("Fit of random replies"), shown(found.fit_random, None, False), _("what chance alone gives here")),
        (_("Fit above chance"), shown(found.fit_corrected), _("0 as random, 100 the best")),
        *_play_numbers(found, played, lang),
        (_("Off the axis"), "–" if off is None else f"{round(100 * off)} %", _("share of replies that served neither")),
        (_("Key uncertainty"), _("unknown"), _("one author’s key; resampling experts needs several keys")),
    )


def _play_numbers(found: Score, played: Review, lang: str) -> list[tuple[str, str, str]]:
    _ = catalog(lang).gettext

    def shown(value: float | None) -> str:
        return _("not measured") if value is None else str(round(value)).replace("-", "−")

    why = (
        _("0 the worst, 100 exact best play with what you knew")
        if found.play is not None
        else why_not_measured(found.why_not.get("play", ""), lang)
    )
    rows = [(_("Play"), shown(played.play_unclipped), why)]
    if played.play_random is not None:
        rows.append((_("Play of random replies"), shown(played.play_random), _("what chance alone gives here")))
    if found.inquiry is not None:
        rows.append(
            (_("Inquiry"), shown(played.inquiry_unclipped), _("100 less what not asking, or asking in vain, cost"))
        )
    if found.coverage is not None:
        share = f"{round(100 * found.coverage)} %"
        rows.append(
            (
                _("Coverage"),
                share,
                _(
                    "share of what all the questions together could tell that you had when you went on, patience left aside"
                ),
            )
        )
    return rows
