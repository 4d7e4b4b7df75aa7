"""The score of one attempt."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from html import escape

from trainkit.engine.attempt import Attempt
from trainkit.scoring.decisions import Decision, decisions
from trainkit.scoring.formulas import MAX_OFF_AXIS, Sums, measure
from trainkit.scoring.intervals import intervals
from trainkit.value.regret import Review, review


@dataclass(frozen=True)
class Score:
    """What an attempt shows about its choices; None where it is not measured.

    ``why_not`` has the reasons, by field: ``few`` (under 3 decisions with a position), ``off_axis`` (more than half
    off-axis), ``no_range`` (nothing to choose between), ``auto`` (needs exact play), ``none`` (no decision), and those of
    :class:`trainkit.value.regret.Review`. All intervals are of 90 %, and conservative.
    """

    position: float | None  # weighted mean of chosen positions, −100 orientation … +100 centricity
    offered: tuple[float, float] | None  # the lowest and highest that the options of the same decisions allowed
    relative: float | None  # where in the offered range the position lies, −100 … +100
    target: float | None  # the position the case asks for, as far as the options of these decisions allowed it
    fit: float | None  # share of the attainable fit, 0 … 100
    fit_random: float | None  # ... that random choices give
    fit_corrected: float | None  # fit above chance: 0 as random, 100 best; may be negative
    off_axis: float | None  # share of decisions whose choice lies on neither side, 0 … 1
    interval: tuple[float, float] | None  # of position
    interval_relative: tuple[float, float] | None
    interval_fit: tuple[float, float] | None
    decisions: int  # how many were scored
    finished: bool
    went_back: bool
    why_not: Mapping[str, str]
    play: float | None = None  # how close the choices came to exact best play, knowing what one knew, 0 … 100
    play_random: float | None = None  # ... what random choices can expect
    inquiry: float | None = None  # how much of what asking was worth was had, 0 … 100

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
        for name, (label, about, more) in FIGURES.items():
            value, why = getattr(self, name), self.why_not.get(name, "")
            if value is None:
                yield label, "—", f"not measured: {REASONS.get(why, why)}"
                continue
            beside = [(word, getattr(self, field)) for word, field in more.items()]
            words = [about, *(f"{word} {_figure(value)}" for word, value in beside if value is not None)]
            yield label, f"{value:.2f}" if name == "off_axis" else _figure(value), "; ".join(words)


FIGURES: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
    # field: its label, what it says, and what stands beside it
    "position": (
        "Position",
        "−100 orientation … +100 centricity",
        {"on offer": "offered", "asked for": "target", "90 % interval": "interval"},
    ),
    "relative": ("Relative position", "within what was on offer, −100 … +100", {"90 % interval": "interval_relative"}),
    "fit": ("Fit", "of 100: replies that fit the case", {"at random": "fit_random", "90 % interval": "interval_fit"}),
    "play": ("Play", "of 100: as close to best play as one could know", {"at random": "play_random"}),
    "inquiry": ("Inquiry", "of 100: what asking was worth and was had", {}),
    "off_axis": ("Off the axis", "share of decisions that lie on neither side, 0 … 1", {}),
}

REASONS: Mapping[str, str] = {
    "few": "fewer than three decisions with a position",
    "off_axis": "more than half of the replies lie on neither side",
    "no_range": "there was nothing to choose between",
    "auto": "the key is left to exact play, and the case is too large for it",
    "none": "no decision has been made yet",
    "unfinished": "the run is not finished",
    "no_stake": "nothing was at stake in this run",
    "no_questions": "asking is worth next to nothing in this case",
    "outside": "no decision was on the axis",
    "too_large": "the case is too large for exact play",
    "circle": "the case goes in a circle without a question or a cost",
    "dead_end": "the case has a place where nothing can be said",
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
    of_position, of_relative, of_fit = intervals(figures)
    same = ("position", "relative", "target", "fit", "fit_random", "fit_corrected", "off_axis")
    return Score(
        **{name: figures[name] for name in same},
        offered=None if figures["position"] is None else (figures["offered_low"], figures["offered_high"]),
        interval=of_position,
        interval_relative=of_relative,
        interval_fit=of_fit,
        decisions=len(rows),
        finished=finished,
        went_back=went_back,
        why_not=_why_not(sums, figures),
    )


def score(attempt: Attempt, played: Review | None = None) -> Score:
    """Score an attempt: by its keys, and against exact play; an unfinished one by the decisions visited only.

    In a notebook the result shows itself as a table. ``played`` is its review, where that is known already.
    """
    by_keys = score_decisions(decisions(attempt), attempt.finished, attempt.went_back)
    played = played or review(attempt)
    of_play = {name: getattr(played, name) for name in ("play", "play_random", "inquiry")}
    return replace(by_keys, why_not=by_keys.why_not | dict(played.why_not), **of_play)


def _unplaced(s: Sums) -> str:
    """Why there is no position."""
    if not s.axis:
        return "outside" if s.n else "none"
    return "off_axis" if s.axis - s.placed > MAX_OFF_AXIS * s.axis else "few"


def _why_not(s: Sums, figures: Mapping[str, float | None]) -> dict[str, str]:
    why: dict[str, str] = {}
    if figures["position"] is None:
        why = dict.fromkeys(("position", "offered", "target", "interval"), _unplaced(s))
    if figures["relative"] is None:
        why["relative"] = why["interval_relative"] = why.get("position", "no_range")
    if figures["fit"] is None:
        reason = "none" if not s.n else "auto" if s.keyed < s.n else "no_range"
        why |= dict.fromkeys(("fit", "fit_random", "fit_corrected", "interval_fit"), reason)
    elif figures["fit_corrected"] is None:
        why["fit_corrected"] = "no_range"
    if figures["off_axis"] is None:
        why["off_axis"] = _unplaced(s)
    return why
