"""The figures of a debrief in words: the verdict, Play and Inquiry, the table of all numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from trainkit.i18n import catalog, quoted, signed, typeset
from trainkit.scoring.attempt import Score
from trainkit.session.session import Session
from trainkit.value.regret import NOTHING, Review, Unasked
from trainkit.view.screen import option_words

DEAR = 60  # Play under which standing in the right place is no praise


NEAR = 20  # points of Position from the target that still count as "where the case asks"


class Figure(NamedTuple):
    """A score in large: name, value of 100, what it means, and the sum that leads to it."""

    name: str
    value: int
    text: str
    sum: str = ""


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


def main_figures(
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
        said = " ".join(quoted(text, lang) for text in vain)
        lines.append(
            ngettext(
                "{n} question could not have changed anything any more: {questions}",
                "{n} questions could not have changed anything any more: {questions}",
                len(vain),
            ).format(n=len(vain), questions=said)
        )
    return lines


def all_numbers(found: Score, played: Review, lang: str) -> tuple[tuple[str, str, str], ...]:
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
