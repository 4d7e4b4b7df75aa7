"""A finished run → what is learnt from it: gauge, each decision with the better reply and why, what was never asked."""

from __future__ import annotations

from dataclasses import dataclass

from trainkit.case import NARRATOR
from trainkit.play import Step, afterwards, mood, never_asked
from trainkit.scoring import Score, fits, score
from trainkit.session import Session
from trainkit.view.screen import option_words, said_text
from trainkit.view.words import signed, typeset, words

NEAR = 20  # points of Position from the target that still count as "where the case asks"


@dataclass(frozen=True)
class Gauge:
    """Position on the scale, −100 … +100, with everything drawn beside it."""

    position: float
    low: float
    high: float
    from_: float
    to: float
    target: float
    placed: int
    description: str


@dataclass(frozen=True)
class Move:
    """A scored decision: what was said, what would have been more fitting, and why."""

    number: int
    title: str
    mine: str
    why: str
    better: str
    better_why: str
    fit: int | None
    best_fit: int | None
    position: float | None
    target: float
    open: tuple[float, ...]
    strip_description: str
    also: tuple[str, ...]
    own: str
    reason: str
    disagreed: str | None


@dataclass(frozen=True)
class Titled:
    """A text and what stands over it: who says it, what was never asked, which side of the dispute it is."""

    title: str
    text: str


@dataclass(frozen=True)
class Debrief:
    """Everything in the debrief of one run."""

    step: int
    ending: str
    later: tuple[Titled, ...]
    mood: str
    verdict: str
    gauge: Gauge | None
    unmeasured: str
    target_why: str
    moves: tuple[Move, ...]
    never_asked: tuple[Titled, ...]
    sides: tuple[Titled, ...]
    questions: tuple[str, ...]
    tomorrow: str
    again: str
    notice: str
    numbers: tuple[tuple[str, str, str], ...]


def debrief(session: Session, lang: str) -> Debrief:
    """The debrief of a session in a language."""
    case, attempt = session.case, session.attempt
    found = score(attempt)

    def text(key: str) -> str:
        return typeset(case.text(key, lang), lang)

    return Debrief(
        step=session.step,
        ending=text(f"endings.{attempt.ending}.title") if attempt.finished else "",
        later=tuple(
            Titled("" if said.speaker == NARRATOR else text(f"speakers.{said.speaker}"), said_text(case, said, lang))
            for said in afterwards(attempt)
        ),
        mood=text(mood(attempt)) if attempt.finished else "",
        verdict=verdict(found, lang),
        gauge=_gauge(found, lang),
        unmeasured=reason(found.why_not.get("position", ""), lang),
        target_why=text("context.why"),
        moves=tuple(_move(session, step, lang) for step in attempt.decisions),
        never_asked=tuple(
            Titled(text(f"facts.{fact}.label"), text(f"facts.{fact}.values.{attempt.facts[fact]}"))
            for fact in never_asked(attempt)
        ),
        sides=tuple(
            Titled(text(f"debrief.{side}.title"), text(f"debrief.{side}.text")) for side in ("argument", "counter")
        ),
        questions=tuple(text(f"debrief.questions.{n}") for n in range(1, len(case.debrief.questions) + 1)),
        tomorrow=text("debrief.tomorrow"),
        again=text("debrief.again"),
        notice=text("notice") if case.notice else "",
        numbers=_numbers(found, lang),
    )


def verdict(found: Score, lang: str) -> str:
    """One sentence on where the choices lie, before any picture."""
    _ = words(lang).gettext
    if found.position is None:
        return {
            "off_axis": _("More than half of your replies were about something other than the client"),
            "few": _("Too few decisions to place you on the scale"),
        }.get(found.why_not["position"], _("There was nothing to decide"))
    distance = found.position - found.target
    if abs(distance) <= NEAR:
        return _("You stood where this case asks you to stand")
    if distance < 0:
        return _("You took the request as it was more often than this case asks")
    return _("You looked behind the request more often than this case asks")


def reason(code: str, lang: str) -> str:
    """Why something is not measured."""
    _ = words(lang).gettext
    return {
        "few": _("Not measured: it takes at least three decisions with a place on the scale."),
        "off_axis": _("Not measured: more than half of the replies lie off the axis, serving neither wish nor task."),
        "no_range": _("Not measured: the options left nothing to choose between."),
        "auto": _("Not measured: this case needs exact play for it."),
        "none": _("Not measured: there was no decision."),
    }.get(code, "")


def _gauge(found: Score, lang: str) -> Gauge | None:
    if found.position is None:
        return None
    (low, high), (from_, to) = found.offered, found.interval
    values = {
        "low": signed(low),
        "high": signed(high),
        "you": signed(found.position),
        "from_": signed(from_),
        "to": signed(to),
        "target": signed(found.target),
    }
    description = words(lang).gettext(
        "A scale from −100, orientation, to +100, centricity. You were offered {low} to {high}. You are at {you}, which "
        "this few decisions tell to between {from_} and {to}. The case asks {target}."
    )
    placed = found.decisions - round(found.decisions * (found.off_axis or 0))
    return Gauge(found.position, low, high, from_, to, found.target, placed, description.format(**values))


def _move(session: Session, step: Step, lang: str) -> Move:
    case, attempt = session.case, session.attempt
    number = attempt.steps.index(step)
    knew = dict(step.knew).__getitem__
    fit = fits(step)
    position = {name: k for name, k, _ in step.open}
    measured = all(q is not None for q in fit.values())
    best = max(fit, key=lambda name: (fit[name] or 0, name == step.option)) if measured else step.option
    improves = measured and fit[best] > fit[step.option] + 1e-9
    gettext = words(lang).gettext
    mine = position[step.option]
    description = gettext("Your reply {you} on the scale, the case asks {target}.").format(
        you=gettext("off the axis") if mine is None else signed(100 * mine), target=signed(100 * step.target)
    )
    return Move(
        number=number,
        title=typeset(case.text(f"scenes.{step.scene}.title", lang), lang),
        mine=option_words(case, step.scene, step.option, "text", knew, lang),
        why=typeset(case.text(step.because, lang), lang),
        better=option_words(case, step.scene, best, "text", knew, lang) if improves else "",
        better_why=option_words(case, step.scene, best, "because", knew, lang) if improves else "",
        fit=round(100 * fit[step.option]) if measured else None,
        best_fit=round(100 * fit[best]) if measured else None,
        position=mine,
        target=step.target,
        open=tuple(sorted({k for k in position.values() if k is not None})),
        strip_description=description,
        also=tuple(
            option_words(case, later.scene, later.option, "text", dict(later.knew).__getitem__, lang)
            for later in attempt.steps[number + 1 :]
            if later.scene == step.scene
        ),
        own=session.own_words().get(number, ""),
        reason=session.reasons().get(number, ""),
        disagreed=session.disagreements().get((step.scene, step.option)),
    )


def _numbers(found: Score, lang: str) -> tuple[tuple[str, str, str], ...]:
    """Name, value and reading of every figure; the small print of the debrief."""
    _ = words(lang).gettext

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
        (_("Off the axis"), "–" if off is None else f"{round(100 * off)} %", _("share of replies that served neither")),
        (_("Key uncertainty"), _("unknown"), _("one author’s key; resampling experts needs several keys")),
    )
