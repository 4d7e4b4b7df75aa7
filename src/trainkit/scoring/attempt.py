"""The score of one attempt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from trainkit.engine.attempt import Attempt
from trainkit.scoring.decisions import Decision, decisions
from trainkit.scoring.formulas import MAX_OFF_AXIS, Sums, measure
from trainkit.scoring.intervals import MEASURES, intervals
from trainkit.value.regret import Review, review


@dataclass(frozen=True)
class Score:
    """What an attempt shows about its choices; None where it is not measured, ``why_not`` says why.

    Attributes
    ----------
    position : float
        Weighted mean of chosen positions, −100 orientation … +100 centricity.
    offered : (float, float)
        The lowest and highest position that the options of the same decisions allowed.
    relative : float
        Where in the offered range the position lies, −100 … +100.
    target : float
        The position the case asks for, as far as the options of these decisions allowed it.
    fit : float
        Share of the attainable fit, 0 … 100; random choices give ``fit_random``.
    fit_corrected : float
        Fit above chance: 0 as random, 100 best; may be negative.
    off_axis : float
        Share of decisions whose choice lies on neither side, 0 … 1.
    interval, interval_relative, interval_fit : (float, float)
        90 % intervals (conservative) of position, relative position and fit.
    play : float
        0 … 100: how close the choices came to exact best play, knowing what the trainee knew (:mod:`trainkit.value.regret`);
        ``play_random`` is what random choices can expect.
    inquiry : float
        0 … 100: how much of what asking was worth was had; ``coverage`` the share, 0 … 1, left out no matter the price.
    decisions : int
        Decisions scored.
    finished, went_back : bool
        Whether an ending was reached; whether the trainee went back on the way.
    why_not : dict
        Field → reason code, for what is not measured: ``few`` (under 3 decisions with a position), ``off_axis`` (more than
        half off-axis), ``no_range`` (nothing to choose between), ``auto`` (needs exact play), ``none`` (no decision),
        and those of :class:`trainkit.value.regret.Review`.
    """

    position: float | None
    offered: tuple[float, float] | None
    relative: float | None
    target: float | None
    fit: float | None
    fit_random: float | None
    fit_corrected: float | None
    off_axis: float | None
    interval: tuple[float, float] | None
    interval_relative: tuple[float, float] | None
    interval_fit: tuple[float, float] | None
    decisions: int
    finished: bool
    went_back: bool
    why_not: Mapping[str, str]
    play: float | None = None
    play_random: float | None = None
    inquiry: float | None = None
    coverage: float | None = None


def score_decisions(rows: Iterable[Decision], finished: bool = True, went_back: bool = False) -> Score:
    """Score rows of decisions; see :class:`Score`."""
    rows = list(rows)
    found, sums = measure(rows)
    position, low, high = found["position"], found["offered_low"], found["offered_high"]
    bounds = intervals(position, low, high, found["relative"], found["fit"], *(found[f"n_{x}"] for x in MEASURES))
    return Score(
        position=position,
        offered=None if position is None else (low, high),
        relative=found["relative"],
        target=found["target"],
        fit=found["fit"],
        fit_random=found["fit_random"],
        fit_corrected=found["fit_corrected"],
        off_axis=found["off_axis"],
        interval=bounds[0],
        interval_relative=bounds[1],
        interval_fit=bounds[2],
        decisions=len(rows),
        finished=finished,
        went_back=went_back,
        why_not=_why_not(sums, found),
    )


def score(attempt: Attempt, played: Review | None = None) -> Score:
    """Score an attempt: by its keys, and against exact play; an unfinished one by the decisions visited only.

    ``played`` is :func:`trainkit.value.regret.review` of it, where that is known already.
    """
    found = score_decisions(decisions(attempt), attempt.finished, attempt.went_back)
    played = played or review(attempt)
    return replace(
        found,
        play=played.play,
        play_random=played.play_random,
        inquiry=played.inquiry,
        coverage=played.coverage,
        why_not={**found.why_not, **dict(played.why_not)},
    )


def _why_not(s: Sums, found: Mapping[str, float | None]) -> dict[str, str]:
    why: dict[str, str] = {}
    if found["position"] is None:
        reason = "none" if not s.n else "off_axis" if s.n - s.placed > MAX_OFF_AXIS * s.n else "few"
        why = dict.fromkeys(("position", "offered", "target", "interval"), reason)
    if found["relative"] is None:
        why["relative"] = why["interval_relative"] = why.get("position", "no_range")
    if found["fit"] is None:
        reason = "none" if not s.n else "auto" if s.keyed < s.n else "no_range"
        why |= dict.fromkeys(("fit", "fit_random", "fit_corrected", "interval_fit"), reason)
    elif found["fit_corrected"] is None:
        why["fit_corrected"] = "no_range"
    if found["off_axis"] is None:
        why["off_axis"] = "none"
    return why
