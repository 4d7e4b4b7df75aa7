"""How much of what differs is people, how much cases and scenes, and how many cases would do?

A person's fit in a scene of a case (scenes belong to cases, everybody meets the same): variance components of person ×
(scene in case), and from them the dependability of a mean over so many cases.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from trainkit.analysis.tables import TooFew
from trainkit.errors import TrainkitError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

COMPONENTS = ("person", "case", "scene", "person_case", "residual")


class Components(NamedTuple):
    """Variances: of people, of cases, of scenes in cases, of people in cases, and the rest. None is below 0."""

    person: float
    case: float
    scene: float
    person_case: float
    residual: float
    intervals: dict[str, tuple[float, float]]
    level: float
    people: int
    cases: int
    scenes: float  # a case, on average

    def shares(self) -> dict[str, float]:
        """Each as a share of their sum."""
        total = sum(getattr(self, name) for name in COMPONENTS)
        return {name: getattr(self, name) / total if total else 0.0 for name in COMPONENTS}

    def dependability(self, cases: int | None = None, scenes: float | None = None, relative: bool = True) -> float:
        """Of a person's mean over so many cases with so many scenes each (as observed, if left out), 0 … 1.

        ``relative`` compares people who met the same cases (Eρ²); otherwise what cases and scenes make easy or hard counts
        as error, too (Φ: Brennan 2001).
        """
        cases, scenes = cases or self.cases, scenes or self.scenes
        error = self.person_case / cases + self.residual / (cases * scenes)
        if not relative:
            error += self.case / cases + self.scene / (cases * scenes)
        return self.person / (self.person + error) if self.person + error > 0 else 0.0

    def cases_for(self, wanted: float = 0.7, most: int = 1000) -> int | None:
        """How many cases, with as many scenes as here, give a person's mean this dependability; None: not ``most`` either."""
        return next((n for n in range(1, most + 1) if self.dependability(n) >= wanted), None)

    def dependability_interval(self, cases: int | None = None) -> tuple[float, float]:
        """Of the dependability (Eρ²) over so many cases with as many scenes as here; not below 0.

        Feldt's (1965) for the cases that were met, 1 − error/person being a ratio of mean squares, carried on by
        Spearman–Brown; exact where cases have equally many scenes. Of absolute dependability there is none: too few cases.
        """
        from scipy.stats import f

        now, tail = self.dependability(), (1 - self.level) / 2
        freedom = self.people - 1, (self.people - 1) * (self.cases - 1)
        ends = (1 - (1 - now) * float(f.ppf(p, *freedom)) for p in (1 - tail, tail))
        times = (cases or self.cases) / self.cases
        low, high = (max(0.0, times * end / (1 + (times - 1) * end)) if end > 0 else 0.0 for end in ends)
        return low, high

    def cases_range(self, wanted: float = 0.7, most: int = 1000) -> tuple[int, int | None]:
        """The fewest and the most cases that :meth:`cases_for` may be, by that interval; None: no number may do."""
        fewest = next((n for n in range(1, most + 1) if self.dependability_interval(n)[1] >= wanted), most)
        return fewest, next((n for n in range(1, most + 1) if self.dependability_interval(n)[0] >= wanted), None)

    def at_most(self, name: str) -> Components:
        """The same with one component as large as its interval allows."""
        return self._replace(**{name: self.intervals[name][1]})

    def d_study(self, most: int = 10) -> pd.DataFrame:
        """How dependable a mean over 1 … ``most`` cases is.

        Returns
        -------
        pandas.DataFrame
            ``cases``, ``dependability`` (Eρ²) with ``number_low`` and ``number_high``; ``standard`` (Φ), and ``worst``: the
            same if cases are as unlike each other as the interval allows.
        """
        import pandas as pd

        worst = self.at_most("case")
        rows = [
            (
                n,
                self.dependability(n),
                *self.dependability_interval(n),
                *(one.dependability(n, relative=False) for one in (self, worst)),
            )
            for n in range(1, most + 1)
        ]
        return pd.DataFrame(rows, columns=["cases", "dependability", "number_low", "number_high", "standard", "worst"])


def components(frame: pd.DataFrame, value: str = "fit", level: float = 0.9) -> Components:
    """Variance components by expected mean squares; everybody has met the same scenes of the same cases.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows of ``decisions`` with ``person``, ``case_id``, ``scene`` and the value. Cases may have unequal numbers of scenes.
    level : float
        Of the intervals (modified large-sample, Ting et al. 1990). Few cases make those of ``case`` and ``person_case`` huge,
        and rightly so.

    Raises
    ------
    TooFew
        Under three people, two cases or two scenes in a case.
    TrainkitError
        If somebody hasn't met a scene: leave such people or scenes out.

    References
    ----------
    Brennan 2001, *Generalizability Theory*: the p × (i:h) design; Ting, Burdick, Graybill, Jeyaratnam & Lu 1990.
    """
    import numpy as np

    first = frame.drop_duplicates(["person", "case_id", "scene"])
    table = first.pivot(index="person", columns=["case_id", "scene"], values=value).sort_index(axis=1)
    if table.isna().to_numpy().any():
        holes = int(table.isna().any(axis=1).sum())
        raise TrainkitError(f"{holes} of {len(table)} people haven't met every scene: leave them or those scenes out")
    cases = list(table.columns.get_level_values(0))
    sizes = [cases.count(one) for one in dict.fromkeys(cases)]
    for what, n, wanted in (
        ("people", len(table), 3),
        ("cases", len(sizes), 2),
        ("scenes in a case", min(sizes, default=0), 2),
    ):
        if n < wanted:
            raise TooFew(what, n, wanted)
    squares = _mean_squares(table.to_numpy(dtype=float), np.array(sizes))
    found, intervals = {}, {}
    for name, parts in _combinations(len(table), np.array(sizes)).items():
        terms = [(weight, *squares[source]) for source, weight in parts.items()]
        found[name] = max(0.0, float(sum(weight * square for weight, square, _ in terms)))
        low, high = _large_sample(terms, (1 - level) / 2)
        intervals[name] = (max(0.0, low), max(0.0, high))
    return Components(
        **found, intervals=intervals, level=level, people=len(table), cases=len(sizes), scenes=float(np.mean(sizes))
    )


def _mean_squares(values: np.ndarray, sizes: np.ndarray) -> dict[str, tuple[float, int]]:
    """Mean square and degrees of freedom of each source; columns are scenes, case by case."""
    import numpy as np

    people, scenes, cases = len(values), values.shape[1], len(sizes)
    edges = np.cumsum([0, *sizes])[:-1]
    grand = people * scenes * values.mean() ** 2
    by_person, by_scene = scenes * (values.mean(axis=1) ** 2).sum(), people * (values.mean(axis=0) ** 2).sum()
    in_case = np.add.reduceat(values, edges, axis=1) / sizes
    by_case, by_both = people * (sizes * in_case.mean(axis=0) ** 2).sum(), (sizes * in_case**2).sum()
    sums = {
        "p": (by_person - grand, people - 1),
        "h": (by_case - grand, cases - 1),
        "i": (by_scene - by_case, scenes - cases),
        "ph": (by_both - by_person - by_case + grand, (people - 1) * (cases - 1)),
        "pi": ((values**2).sum() - by_both - by_scene + by_case, (people - 1) * (scenes - cases)),
    }
    return {name: (max(0.0, float(total)) / df, df) for name, (total, df) in sums.items()}


def _combinations(people: int, sizes: np.ndarray) -> dict[str, dict[str, float]]:
    """Each component as weights of mean squares: what their expectations (Brennan 2001, unbalanced in i:h) are solved for."""
    scenes, cases = int(sizes.sum()), len(sizes)
    mean = float((sizes**2).sum() / scenes)
    r = (scenes - mean) / (cases - 1)
    return {
        "person": {"p": 1 / scenes, "ph": -mean / r / scenes, "pi": (mean / r - 1) / scenes},
        "case": {"h": 1 / (people * r), "i": -1 / (people * r), "ph": -1 / (people * r), "pi": 1 / (people * r)},
        "scene": {"i": 1 / people, "pi": -1 / people},
        "person_case": {"ph": 1 / r, "pi": -1 / r},
        "residual": {"pi": 1.0},
    }


def _large_sample(terms: Sequence[tuple[float, float, int]], tail: float) -> tuple[float, float]:
    """Modified large-sample interval of Σ weight · mean square, some weights negative (Ting et al. 1990)."""
    from scipy.stats import chi2, f

    terms = [term for term in terms if abs(term[0]) > 1e-12]
    value = sum(weight * square for weight, square, _ in terms)
    plus = [(weight * square, df) for weight, square, df in terms if weight > 0]
    minus = [(-weight * square, df) for weight, square, df in terms if weight < 0]

    def shrink(df: int) -> float:
        return float(1 - df / chi2.ppf(1 - tail, df))

    def grow(df: int) -> float:
        return float(df / chi2.ppf(tail, df) - 1)

    below = sum((shrink(df) * part) ** 2 for part, df in plus) + sum((grow(df) * part) ** 2 for part, df in minus)
    above = sum((grow(df) * part) ** 2 for part, df in plus) + sum((shrink(df) * part) ** 2 for part, df in minus)
    for a, one in plus:
        for b, other in minus:
            up, down = float(f.ppf(1 - tail, one, other)), float(f.ppf(tail, one, other))
            below += a * b * ((up - 1) ** 2 - (shrink(one) * up) ** 2 - grow(other) ** 2) / up
            above += a * b * ((1 - down) ** 2 - (grow(one) * down) ** 2 - shrink(other) ** 2) / down
    return value - max(0.0, below) ** 0.5, value + max(0.0, above) ** 0.5
