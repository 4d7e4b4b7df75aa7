"""Whether one adapts to what is asked: over the scenes of a case that asks for both poles, or of all cases one played."""

from collections import namedtuple
from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import Any, NamedTuple

from trainkit.engine.attempt import Attempt
from trainkit.i18n import catalog, decimal, percent, signed
from trainkit.scoring.decisions import decisions
from trainkit.scoring.profile import FEWEST, Profile, of_decisions, third
from trainkit.session.session import Session
from trainkit.view.screen import case_text

# A choice on the scale, as a page draws it: places in percent of the width; ``mine`` is empty for one off the axis.
ScaleMark = namedtuple("ScaleMark", "description open target mine hit")


def scale_mark(position: float | None, target: float, open_: Iterable[float], description: str) -> ScaleMark:
    """Where a choice is, what was asked and what was on offer, all −1 … +1."""
    hit = position is not None and abs(position - target) < 0.05
    mine = "" if position is None else percent(100 * position)
    return ScaleMark(description, tuple([percent(100 * k) for k in open_]), percent(100 * target), mine, hit)


class AdaptingView(NamedTuple):
    """Whether one adapts to what is asked: over the scenes of this case, or of all cases played."""

    verdict: str
    lines: tuple[str, ...]
    rows: list[dict[str, Any]]  # scenes, or those of all cases that ask for the same: title and mark on the scale
    over_cases: bool


def over_scenes(session: Session, lang: str) -> AdaptingView | None:
    """Over the scenes of this case, where their targets differ."""
    case, rows = session.case, [row for row in decisions(session.attempt) if row.position is not None]
    measured = of_decisions(rows)
    if measured is None:
        return None
    steps = {step.scene: step for step in session.attempt.decisions}
    shown = []
    for row in rows:
        open_ = sorted({k for _, k, _ in steps[row.scene].open if k is not None})
        shown.append(_row(case_text(case, f"scenes.{row.scene}.title", lang), row.position, row.aim, open_, lang))
    return AdaptingView(_verdict(measured, lang), _lines(measured, lang), shown, False)


def over_cases(newest: Sequence[Attempt], lang: str) -> AdaptingView | None:
    """Over all scenes of the cases that a person has finished, from the fourth case on: the newest attempt of each.

    Each row is of the scenes that ask for the same: a case asks for both poles, so its own mean says little of adapting.
    """
    by_case = [[row for row in decisions(attempt) if row.position is not None] for attempt in newest]
    rows = [row for placed in by_case for row in placed]
    if sum(map(bool, by_case)) < FEWEST or (measured := of_decisions(rows)) is None:
        return None
    _ = catalog(lang).gettext
    titles = {
        "orientated": _("Where the request was to be served as it was"),
        "middle": _("Where both were wanted"),
        "centric": _("Where the task behind it was to be found first"),
    }
    shown = []
    for asked, title in titles.items():
        if same := [row for row in rows if third(row.target) == asked]:
            mine, aim = fmean(row.position for row in same), fmean(row.aim for row in same)
            ends = fmean(row.position_min for row in same), fmean(row.position_max for row in same)
            shown.append(_row(f"{title} · {len(same)}", mine, aim, ends, lang))
    return AdaptingView(_verdict(measured, lang), _lines(measured, lang), shown, True)


def _row(title: str, position: float, target: float, open_: Sequence[float], lang: str) -> dict[str, Any]:
    description = catalog(lang).gettext("Your place on the scale: {you}; asked for: {target}.")
    told = description.format(you=signed(100 * position), target=signed(100 * target))
    return {"title": title, "strip": scale_mark(position, target, open_, told)}


def _verdict(measured: Profile, lang: str) -> str:
    _ = catalog(lang).gettext
    if measured.slope >= 0.6:
        return _("You adapted to what was asked each time")
    if measured.shape is not None and measured.shape < 0.3 and measured.scatter > 0.6:
        return _("You changed from one to the next, but not as was asked")
    if measured.slope >= 0.4:
        return _("You adapted here and there, not everywhere")
    return _("You kept to your own course, whatever was asked")


def _lines(measured: Profile, lang: str) -> tuple[str, ...]:
    """Shape, elevation and scatter in words, each with its figure and, where there is one, its interval."""
    _ = catalog(lang).gettext
    shape = _("Shape: not measured, as your place on the scale was the same everywhere.")
    low, high = measured.shape_interval or (0.0, 0.0)
    if measured.shape is not None:
        shape = _(
            "Shape {value} ({low} to {high}): how closely your place on the scale followed the one asked for; 1 is "
            "throughout, 0 not at all."
        )
    elevation = _(
        "Elevation {value} ({low} to {high}): which way you lean in general; minus is towards the request, plus towards "
        "the task behind it."
    )
    scatter = _(
        "Scatter {value}: 1 means that you move as far as you are asked to, less than 1 that you keep to the middle."
    )
    leans = measured.elevation_interval
    return (
        shape.format(value=decimal(measured.shape or 0.0, lang), low=decimal(low, lang), high=decimal(high, lang)),
        elevation.format(value=signed(measured.elevation), low=signed(leans[0]), high=signed(leans[1])),
        scatter.format(value=decimal(measured.scatter, lang)),
        _("In brackets: 90 % intervals, by {n} choices.").format(n=measured.n),
    )
