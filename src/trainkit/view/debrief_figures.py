"""The figures of a debrief, for the page: the verdict, the gauge, Play and Inquiry, the table of all numbers."""

from collections import namedtuple
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from trainkit.i18n import catalog, percent, quoted, signed
from trainkit.scoring.attempt import Score
from trainkit.scoring.tomorrow import leaning
from trainkit.session.session import Session
from trainkit.value.regret import NOTHING, Review, Unasked
from trainkit.view.screen import case_text, reply_words

ENCOURAGES = 10  # points above random replies from which it is worth saying what those give
DEAR = 60  # Play under which standing in the right place is no praise


# A score in large: name, value of 100, what it means; as a bar, in percent of its width, what is ``left`` and the ``pieces``
# that went, (points, where, from, width).
Figure = namedtuple("Figure", "name value text left pieces", defaults=["", ()])


def verdict(score: Score, lang: str) -> str:
    """One sentence on where the choices lie, before any picture."""
    _ = catalog(lang).gettext
    if score.position is None:
        reasons = {
            "off_axis": _("More than half of your replies were about something other than the client"),
            "few": _("Too few decisions to place you on the scale"),
        }
        return reasons.get(score.why_not["position"], _("There was nothing to decide"))
    lean = leaning(score.position, score.target)
    if not lean:
        if score.play is not None and score.play < DEAR:
            return _("You stood on the side this case asks for, but your replies were not the best ones there")
        return _("You stood where this case asks you to stand")
    if lean < 0:
        return _("You took the request as it was more often than this case asks you to")
    return _("You looked behind the request more often than this case asks you to")


# Position on the scale, −100 … +100, with everything drawn beside it. Places on the scale are in percent of the width: the
# band of what was offered (``low``, ``width``), the interval (``from_``, ``to``), ``target`` and ``you``; the sides are to
# which words go there; ``left``, ``right``, ``middle``: whether there is room for the scale's own number. ``legend`` has
# number and words for you, interval, target, band. ``plain`` describes the scale without its numbers, ``before``: whether
# the words of the target stand left of it there.
Gauge = namedtuple(
    "Gauge",
    "description plain before low width from_ to target target_said target_side you you_said you_side left right middle "
    "legend",
)


def gauge_of(score: Score, lang: str) -> Gauge | None:
    """The gauge of a score; None where Position is not measured."""
    if score.position is None:
        return None
    gettext, ngettext = catalog(lang).gettext, catalog(lang).ngettext
    (low, high), (from_, to) = score.offered, score.interval
    you, target = signed(score.position), signed(score.target)
    offered = {"low": signed(low), "high": signed(high)}
    told = {"from_": signed(from_), "to": signed(to)}
    description = gettext(
        "A scale from −100 (orientation) to +100 (centricity). The replies on offer ranged from {low} to {high}. You "
        "are at {you}; with so few decisions that is only a rough figure, and your place is probably between {from_} "
        "and {to}. The case asks for {target}."
    )
    plain = gettext("From taking the request as it is to first understanding what it is for: {where}.").format(
        where={
            -1: gettext("the case asks for more of the second than you gave"),
            0: gettext("you are about where the case asks"),
            1: gettext("the case asks for more of the first than you gave"),
        }[leaning(score.position, score.target)]
    )
    span = gettext("{low} to {high}")
    n = score.decisions - round(score.decisions * (score.off_axis or 0))
    mean = gettext(
        "Every reply has a place on the scale: minus is doing as they ask, plus is finding out first. This is your "
        "average over the scenes; in each, your first reply counts."
    )
    sure = ngettext(
        "{n} decision is not much to go by: your real place is probably somewhere in this range. Nobody is judged by "
        "one conversation.",
        "{n} decisions are not much to go by: your real place is probably somewhere in this range. Nobody is judged by "
        "one conversation.",
        n,
    )
    asked = gettext(
        "Where you would be if you stood, in every scene, where it asks you to. Another case will ask for something "
        "else."
    )
    band = gettext(
        "You could not have stood further left or right: no such replies were on offer in this conversation."
    )
    return Gauge(
        description=description.format(you=you, target=target, **offered, **told),
        plain=plain,
        before=score.target > 50 or (score.target > -50 and score.position > score.target),
        low=percent(low),
        width=f"{94 * (high - low) / 200:.1f}%",
        from_=percent(from_),
        to=percent(to),
        target=percent(score.target),
        target_said=gettext("the case asks for {n}").format(n=target),
        target_side=_side(1.25 * score.target),
        you=percent(score.position),
        you_said=gettext("you {n}").format(n=you),
        you_side=_side(1.1 * score.position),
        left=score.position > -70,
        right=score.position < 70,
        middle=abs(score.target) > 25,
        legend=(
            (gettext("you {n}").format(n=you), mean),
            (span.format(low=told["from_"], high=told["to"]), sure.format(n=n)),
            (gettext("the case asks for {n}").format(n=target), asked),
            (span.format(**offered), band),
        ),
    )


def _side(value: float) -> str:
    """Where words at a place begin, so that they stay on the page."""
    return "start" if value < -80 else "end" if value > 80 else "middle"


def why_not_measured(code: str, lang: str) -> str:
    """Why something is not measured."""
    _ = catalog(lang).gettext
    return {
        "few": _("Not measured: it takes at least three decisions with a place on the scale."),
        "off_axis": _(
            "Not measured: more than half of the replies lie off the axis: they served neither the wish nor the task."
        ),
        "no_range": _("Not measured: the options left nothing to choose between."),
        "auto": _("Not measured: in this case it takes an exact calculation of best play."),
        "none": _("Not measured: there was no decision."),
        "no_stake": _("Not measured: whatever was said, it came to the same thing."),
        "outside": _("Not measured: there was no decision about a client’s request."),
        "too_large": _("Not measured: this case is too large for an exact calculation."),
        "circle": _("Not measured: this case goes round in a circle."),
        "dead_end": _("Not measured: this case has a place where nothing can be said."),
    }.get(code, "")


def main_figures(session: Session, played: Review, never: Sequence[Unasked], lang: str) -> tuple[Figure, ...]:
    """Play, and Inquiry where the case has questions worth asking."""
    gettext = catalog(lang).gettext
    figures = []
    if (points := played.prices) is not None:
        figures.append(_play(session, played, points, lang))
    if played.inquiry is not None:
        meaning = gettext("A hundred means asking everything the decision hung on, and nothing in vain.")
        text = " ".join([meaning, *_inquiry(session, played, never, lang)])
        figures.append(Figure(gettext("Inquiry"), round(played.inquiry), text))
    return tuple(figures)


def _play(session: Session, played: Review, points: Sequence[int], lang: str) -> Figure:
    """Play with what went where; that of random replies only where it encourages."""
    gettext, ngettext = catalog(lang).gettext, catalog(lang).ngettext
    value, random, free = max(0, round(played.play_unclipped)), max(0, round(played.play_random)), points.count(0)
    text = [gettext("A hundred is the best that could be done, knowing what you knew.")]
    lossless = ngettext("{n} reply out of {all} lost nothing.", "{n} replies out of {all} lost nothing.", free)
    text.append(lossless.format(n=free, all=len(points)))
    if value >= random + ENCOURAGES:
        text.append(gettext("Random replies give {n}.").format(n=random))
    text.append(gettext("Whether the ending was lucky doesn’t count."))
    scenes = [case_text(session.case, f"scenes.{step.scene}.title", lang) for step in session.attempt.steps]
    pieces, at, whole = [], float(value), value + sum(points)  # more than 100 where more was lost than there was
    for price, scene in zip(points, scenes, strict=True):
        if price:
            pieces.append((f"−{price}", scene, f"{100 * at / whole + 0.3:.1f}", f"{100 * price / whole - 0.3:.1f}"))
            at += price
    left = f"{100 * value / whole:.1f}" if pieces else ""
    return Figure(gettext("Play"), value, " ".join(text), left, tuple(pieces))


def _inquiry(session: Session, played: Review, never: Sequence[Unasked], lang: str) -> list[str]:
    """What was learnt, what was left, what was asked in vain."""
    gettext, ngettext = catalog(lang).gettext, catalog(lang).ngettext
    case, attempt = session.case, session.attempt
    people = tuple(case.text(f"speakers.{name}", lang)[:3] for name in case.speakers)

    def listed(names: Iterable[str]) -> str:
        """Headings as parts of a sentence; names and abbreviations keep their capital."""
        kept = (n if n.startswith(people) or n[1:2].isupper() else n[:1].lower() + n[1:] for n in names)
        return "; ".join(dict.fromkeys(kept))

    def about(fact: str) -> str:
        return case_text(case, f"facts.{fact}.label", lang)

    asked = [step for step in attempt.steps if case.scenes[step.scene].kind == "inquiry"]
    learnt = [fact for step in asked for fact in case.scenes[step.scene].options[step.option].reveals]
    vain = [
        reply_words(case, step.scene, step.option, "text", step.knew, lang)
        for step, cost in zip(attempt.steps, played.costs, strict=True)
        if cost.idle
    ]
    lines = [gettext("You learnt: {facts}.").format(facts=listed(map(about, learnt)))] if learnt else []
    if not learnt and not vain:
        lines.append(gettext("You asked nothing."))
    if any(cost.premature for cost in played.costs):
        left = [about(one.fact) for one in never if max(one.gain, one.ahead) > NOTHING]
        lines.append(gettext("You moved on without asking a question that was worth asking."))
        if left:
            lines.append(
                gettext("You never found out, though it could have mattered: {facts}.").format(facts=listed(left))
            )
    if vain:
        said = " ".join(quoted(text, lang) for text in vain)
        text = ngettext(
            "{n} question could no longer change anything: {questions}",
            "{n} questions could no longer change anything: {questions}",
            len(vain),
        )
        lines.append(text.format(n=len(vain), questions=said))
    return lines


def all_numbers(score: Score, played: Review, lang: str) -> tuple[tuple[str, str, str], ...]:
    """Name, value and reading of every figure; the small print of the debrief."""
    _ = catalog(lang).gettext

    def shown(value: float | None, interval: tuple[float, float] | None = None, write: Callable = signed) -> str:
        if value is None:
            return _("not measured")
        return write(value) + (f" [{write(interval[0])}; {write(interval[1])}]" if interval else "")

    unsigned = partial(shown, write=lambda value: str(round(value)).replace("-", "\N{MINUS SIGN}"))
    share = partial(shown, write=lambda value: f"{round(100 * value)} %")
    position, fit = shown(score.position, score.interval), unsigned(score.fit, score.interval_fit)
    off_axis = "–" if score.off_axis is None else share(score.off_axis)
    play = _("0: the worst possible, 100: the best possible with what you knew, worked out exactly")
    if score.play is None:
        play = why_not_measured(score.why_not.get("play", ""), lang)
    inquiry = _("100 minus what was lost by not asking, or by asking in vain")
    chance = _("what random replies give here")
    figures = (
        (
            _("Position"),
            position,
            _("−100 is orientation, +100 centricity; in brackets, where you probably are (90 % interval)"),
        ),
        (
            _("Relative position"),
            shown(score.relative, score.interval_relative),
            _("the same, within the range of the replies on offer"),
        ),
        (_("Fit"), fit, _("0: the least fitting replies on offer, 100: the most fitting")),
        (_("Fit of random replies"), unsigned(score.fit_random), chance),
        (_("Fit above chance"), shown(score.fit_corrected), _("0 is what random replies give, 100 the best possible")),
        (_("Play"), unsigned(played.play_unclipped), play),
        (_("Play of random replies"), unsigned(played.play_random), chance) if played.play_random is not None else None,
        (_("Inquiry"), unsigned(played.inquiry_unclipped), inquiry) if score.inquiry is not None else None,
        (_("Off the axis"), off_axis, _("share of replies that served neither the wish nor the task")),
        (
            _("Key uncertainty"),
            _("unknown"),
            _("the key is one author’s; how far experts disagree can only be told from several keys"),
        ),
    )
    return tuple(figure for figure in figures if figure is not None)
