"""The score of one attempt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from html import escape

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

    def _repr_html_(self) -> str:
        """Show the score in a notebook as a table: each figure with its range, or why it is not measured."""
        cells = "".join(
            f'<tr><th scope="row" style="text-align:left">{escape(label)}</th>'
            f'<td style="text-align:right">{escape(figure)}</td><td style="text-align:left">{escape(words)}</td></tr>'
            for label, figure, words in self._figures()
        )
        state = "finished" if self.finished else "not finished"
        went_back = ", with a step back" if self.went_back else ""
        caption = f"Score of {self.decisions} decision{'' if self.decisions == 1 else 's'}; {state}{went_back}"
        return f'<table><caption style="text-align:left">{escape(caption)}</caption><tbody>{cells}</tbody></table>'

    def _figures(self) -> Iterator[tuple[str, str, str]]:
        """Label, figure and what it says, in plain words, of each row of the table."""

        def words(about: str, *more: tuple[str, float | tuple[float, float] | None]) -> str:
            return "; ".join([about, *(f"{name} {_figure(value)}" for name, value in more if value is not None)])

        about = {
            "position": words(
                "−100 orientation … +100 centricity",
                ("on offer", self.offered),
                ("asked for", self.target),
                ("90 % interval", self.interval),
            ),
            "relative": words("within what was on offer, −100 … +100", ("90 % interval", self.interval_relative)),
            "fit": words(
                "of 100: replies that fit the case",
                ("at random", self.fit_random),
                ("90 % interval", self.interval_fit),
            ),
            "play": words("of 100: as close to best play as one could know", ("at random", self.play_random)),
            "inquiry": words("of 100: what asking was worth and was had"),
            "off_axis": words("share of decisions that lie on neither side, 0 … 1"),
        }
        labels = {"relative": "Relative position", "off_axis": "Off the axis"}
        for name, meaning in about.items():
            value, why = getattr(self, name), self.why_not.get(name, "")
            label = labels.get(name, name.capitalize())
            if value is None:
                yield label, "—", f"not measured: {REASONS.get(why, why)}"
            else:
                yield label, f"{value:.2f}" if name == "off_axis" else _figure(value), meaning


REASONS: Mapping[str, str] = {
    "few": "fewer than three decisions with a position",
    "off_axis": "more than half of the replies lie on neither side",
    "no_range": "there was nothing to choose between",
    "auto": "the key is left to exact play, and the case is too large for it",
    "none": "no decision has been made yet",
    "unfinished": "the run is not finished",
    "no_stake": "nothing was at stake in this run",
    "no_questions": "asking is worth next to nothing in this case",
    "too_large": "the case is too large for exact play",
}


def _figure(value: float | tuple[float, float]) -> str:
    """A figure, or two as a range, in whole points with a true minus sign."""
    if isinstance(value, tuple):
        return " … ".join(map(_figure, value))
    return f"{round(value) or 0:d}".replace("-", "−")


def score_decisions(rows: Iterable[Decision], finished: bool = True, went_back: bool = False) -> Score:
    """Score rows of decisions; see :class:`Score`."""
    rows = list(rows)
    figures, sums = measure(rows)
    position, low, high = figures["position"], figures["offered_low"], figures["offered_high"]
    bounds = intervals(position, low, high, figures["relative"], figures["fit"], *(figures[f"n_{x}"] for x in MEASURES))
    return Score(
        position=position,
        offered=None if position is None else (low, high),
        relative=figures["relative"],
        target=figures["target"],
        fit=figures["fit"],
        fit_random=figures["fit_random"],
        fit_corrected=figures["fit_corrected"],
        off_axis=figures["off_axis"],
        interval=bounds[0],
        interval_relative=bounds[1],
        interval_fit=bounds[2],
        decisions=len(rows),
        finished=finished,
        went_back=went_back,
        why_not=_why_not(sums, figures),
    )


def score(attempt: Attempt, played: Review | None = None) -> Score:
    """Score an attempt: by its keys, and against exact play; an unfinished one by the decisions visited only.

    In a notebook the result shows itself as a table.

    ``played`` is :func:`trainkit.value.regret.review` of it, where that is known already.
    """
    by_keys = score_decisions(decisions(attempt), attempt.finished, attempt.went_back)
    played = played or review(attempt)
    return replace(
        by_keys,
        play=played.play,
        play_random=played.play_random,
        inquiry=played.inquiry,
        coverage=played.coverage,
        why_not={**by_keys.why_not, **dict(played.why_not)},
    )


def _why_not(s: Sums, figures: Mapping[str, float | None]) -> dict[str, str]:
    why: dict[str, str] = {}
    if figures["position"] is None:
        reason = "none" if not s.n else "off_axis" if s.n - s.placed > MAX_OFF_AXIS * s.n else "few"
        why = dict.fromkeys(("position", "offered", "target", "interval"), reason)
    if figures["relative"] is None:
        why["relative"] = why["interval_relative"] = why.get("position", "no_range")
    if figures["fit"] is None:
        reason = "none" if not s.n else "auto" if s.keyed < s.n else "no_range"
        why |= dict.fromkeys(("fit", "fit_random", "fit_corrected", "interval_fit"), reason)
    elif figures["fit_corrected"] is None:
        why["fit_corrected"] = "no_range"
    if figures["off_axis"] is None:
        why["off_axis"] = "none"
    return why
