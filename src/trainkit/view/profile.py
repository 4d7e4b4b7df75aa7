"""Whether one adapts to what is asked: over the scenes of a case that asks for both poles, or over the cases one played."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from trainkit.engine.attempt import Attempt
from trainkit.i18n import catalog, decimal, percent, signed, typeset
from trainkit.scoring.attempt import score
from trainkit.scoring.decisions import decisions
from trainkit.scoring.profile import Profile, of_decisions, profile
from trainkit.session.session import Session


class ScaleMark(NamedTuple):
    """A choice on the scale, as a page draws it: places in percent of the width; ``mine`` is empty for one off the axis."""

    description: str
    open: tuple[str, ...]
    target: str
    mine: str
    hit: bool


def scale_mark(position: float | None, target: float, open_: Iterable[float], description: str) -> ScaleMark:
    """Where a choice is, what was asked and what was on offer, all −1 … +1."""
    hit = position is not None and abs(position - target) < 0.05
    mine = "" if position is None else percent(100 * position)
    return ScaleMark(description, tuple([percent(100 * k) for k in open_]), percent(100 * target), mine, hit)


class ProfileRow(NamedTuple):
    """A scene or a case in a profile: where one stood, where it asks one to stand, what was on offer."""

    title: str
    strip: ScaleMark


@dataclass(frozen=True)
class AdaptingView:
    """Whether one adapts to what is asked: over the scenes of this case, or over the cases played."""

    verdict: str
    lines: tuple[str, ...]
    rows: tuple[ProfileRow, ...]
    over_cases: bool


def over_scenes(session: Session, lang: str) -> AdaptingView | None:
    """Over the scenes of this case, where their targets differ."""
    case, rows = session.case, [row for row in decisions(session.attempt) if row.position is not None]
    measured = of_decisions(rows)
    if measured is None:
        return None
    steps = {step.scene: step for step in session.attempt.decisions}
    shown = [
        _row(
            typeset(case.text(f"scenes.{row.scene}.title", lang), lang),
            row.position,
            row.aim,
            tuple(sorted({k for _, k, _ in steps[row.scene].open if k is not None})),
            lang,
        )
        for row in rows
    ]
    return AdaptingView(_verdict(measured, lang), _lines(measured, lang), tuple(shown), False)


def over_cases(newest: Sequence[Attempt], lang: str) -> AdaptingView | None:
    """Over the cases that a person has finished: the newest attempt of each."""
    scored = [(attempt.case, score(attempt)) for attempt in newest]
    placed = [(case, one) for case, one in scored if one.position is not None]
    measured = profile([one.position for _, one in placed], [one.target for _, one in placed])
    if measured is None:
        return None
    shown = [
        _row(
            typeset(case.text("title", lang), lang),
            one.position / 100,
            one.target / 100,
            (one.offered[0] / 100, one.offered[1] / 100),
            lang,
        )
        for case, one in placed
    ]
    return AdaptingView(_verdict(measured, lang), _lines(measured, lang), tuple(shown), True)


def _row(title: str, position: float, target: float, open_: tuple[float, ...], lang: str) -> ProfileRow:
    description = catalog(lang).gettext("You {you} on the scale, asked for {target}.")
    told = description.format(you=signed(100 * position), target=signed(100 * target))
    return ProfileRow(title, scale_mark(position, target, open_, told))


def _verdict(measured: Profile, lang: str) -> str:
    _ = catalog(lang).gettext
    if measured.slope >= 0.6:
        return _("You adapted to whoever stood before you")
    if measured.shape is not None and measured.shape < 0.3 and measured.scatter > 0.6:
        return _("You changed from one to the next, but not as they asked")
    if measured.slope >= 0.4:
        return _("You adapted to some of them and not to others")
    return _("You kept to your own course, whoever stood before you")


def _lines(measured: Profile, lang: str) -> tuple[str, ...]:
    """Shape, elevation and scatter in words, each with its figure."""
    _ = catalog(lang).gettext
    if measured.shape is None:
        lines = [_("Shape: not measured, your position was the same everywhere.")]
    else:
        lines = [
            _("Shape {value}: how far your position followed the one asked for; 1 everywhere, 0 not at all.").format(
                value=decimal(measured.shape, lang)
            )
        ]
    lines.append(
        _("Elevation {value}: the side you lean to everywhere; minus is the request, plus the task behind it.").format(
            value=signed(measured.elevation)
        )
    )
    lines.append(
        _("Scatter {value}: 1 is moving as far as they ask, under 1 keeping to the middle.").format(
            value=decimal(measured.scatter, lang)
        )
    )
    return tuple(lines)
