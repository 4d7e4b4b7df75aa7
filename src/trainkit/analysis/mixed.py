"""Do groups change differently? A mixed model: people differ by themselves, cases are harder or easier for everybody."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from trainkit.analysis.tables import FEWEST, TooFew, require
from trainkit.errors import N_, Told, TrainkitError, UnknownName

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_NOTHING = 1e-6  # of the variance of chance: none at all
_AT_THE_EDGE = 0.999  # a correlation that a fit ends at only where it can't go on
_METHODS = ("lbfgs", "bfgs", "powell")  # tried in this order until one converges


class Mixed(NamedTuple):
    """A fitted mixed model, or why there is none.

    ``effects`` has a row a term: ``term``, ``value``, ``error``, ``df``, ``t``, ``p``, ``low``, ``high``; no rows where the
    model did not converge. ``notes`` say in sentences what could not be told apart, or that people hardly differ.
    """

    effects: pd.DataFrame
    converged: bool
    notes: tuple[Told, ...]
    person: float | None  # variance between people (with own slopes: at time 0)
    residual: float | None  # variance within them
    log_likelihood: float | None  # restricted (REML)
    people: int
    rows: int
    level: float
    slope: float | None = None  # variance of people's own slopes a unit of time; None: there are none in the model
    correlation: float | None = None  # of where people are at time 0 and their slopes

    @property
    def icc(self) -> float | None:
        """Share of the variance, beside what the terms say, that lies between people (with own slopes: at time 0): 0 … 1."""
        total = (self.person or 0.0) + (self.residual or 0.0)
        return None if self.person is None or total <= 0 else self.person / total

    def effect(self, term: str) -> pd.Series:
        """The row of a term; UnknownName, with the terms that there are, if there is no such."""
        found = self.effects[self.effects["term"] == term]
        if found.empty:
            raise UnknownName("term", term, self.effects["term"].tolist())
        return found.iloc[0]


class _Term(NamedTuple):
    name: str
    of: str  # what it is about, for notes: group, case, time, or time × group
    column: np.ndarray


def mixed(
    frame: Any,
    value: str = "fit",
    time: str | None = "time",
    group: str | None = "group",
    case: str | None = "case_id",
    person: str = "person",
    level: float = 0.95,
    slopes: bool = False,
) -> Mixed:
    """Fit ``value ~ time × group + case + (1 | person)`` by restricted maximum likelihood; or ``(time | person)``.

    ``y_ij = x_ij β + b_i + e_ij``, b_i ~ N(0, σ²_person), e_ij ~ N(0, σ²). The term *time × group* is what a training is
    judged by: how much more one group has changed than the other. With ``slopes`` each person changes in their own way:
    ``y_ij = x_ij β + b_i + c_i t_ij + e_ij``, where b_i and c_i are normal and may correlate.

    Parameters
    ----------
    frame : pandas.DataFrame
        A row a decision or an attempt; rows with an empty cell are left out.
    time, group, case : str or None
        Columns; None leaves the term out. Numbers are a slope a unit; anything else is compared with its first value: of a
        Categorical in its order, else by the alphabet (so give before and after as 0 and 1, or as a Categorical).
    level : float
        Of the intervals, 0 … 1.
    slopes : bool
        Whether people have slopes of their own: right where they differ in how much they change and have several rows at a
        time; without, intervals of a change are too narrow then. Time has to be a number, or have two values.

    Returns
    -------
    Mixed
        What can't be told apart (no case was played both before and after) is left out and told, as is a model that doesn't
        converge: neither is an exception. Where people differ no more than chance has it (σ²_person = 0) this is plain
        regression, as in lme4's singular fits. Where own slopes can't be told from chance (nobody has more rows than a line
        of their own takes), or don't differ, the model is the one without them, and that is told.

    Raises
    ------
    TooFew, TrainkitError
        Under three people, or in a group; nobody with two rows; a value that is the same throughout.

    Notes
    -----
    Degrees of freedom are nlme's: a term that changes within a person has those of the rows, another one those of the people
    (Pinheiro & Bates 2000, section 2.4.2). They are right for balanced data and a little liberal for small, lopsided ones.
    With own slopes, terms of time have those of the people (each has one slope), as Satterthwaite's are for balanced data.

    References
    ----------
    Laird & Ware 1982, *Biometrics* 38; Lindstrom & Bates 1988, *JASA* 83 (statsmodels' MixedLM, which does the fitting).
    """
    import numpy as np

    used = [name for name in (time, group, case) if name is not None]
    require(frame, (value, person, *used))
    rows = frame[[value, person, *used]].dropna()
    y = rows[value].to_numpy(dtype=float)
    if not np.isfinite(y).all():
        raise TrainkitError(f"{value} has an infinite value")
    who = rows[person].astype(str).to_numpy()
    people = len(set(who))
    if people < FEWEST:
        raise TooFew("people", people, FEWEST)
    if people == len(rows):
        raise TrainkitError(f"everybody has one row: what is people and what is chance can't be told apart in {value}")
    if np.ptp(y) == 0:
        raise TrainkitError(f"{value} is the same in all rows: there is nothing to explain")
    if group is not None:
        counts = rows.groupby(group, observed=True)[person].nunique()
        if counts.min() < FEWEST:
            raise TooFew(f"people in the group {counts.idxmin()}", int(counts.min()), FEWEST)
    every = _terms(rows, time, group, case)
    terms, notes = _estimable(every, time, case)
    x = np.column_stack([term.column for term in terms])
    if people - sum(not _within(term.column, who) for term in terms) < 1:
        raise TooFew("people", people, len(terms) + 1)
    own, why_not = _own_slopes(every, time, who) if slopes else (None, ())
    notes = (*notes, *why_not)
    fitted = _fit(y, x, who, own)
    if isinstance(fitted, _Fit) and own is not None and fitted.slope <= _NOTHING * fitted.residual / np.var(own):
        own, notes = (
            None,
            (
                *notes,
                Told(N_("people change alike as far as chance lets one see: the model is without slopes of their own")),
            ),
        )
        fitted = _fit(y, x, who)
    if isinstance(fitted, Told):
        return Mixed(_table([], level), False, (*notes, fitted), None, None, None, people, len(rows), level)
    if fitted.person == 0:
        rule = N_("people differ no more than chance has it: their variance is 0, and this is plain regression")
        notes = (*notes, Told(rule))
    if own is not None and abs(fitted.correlation) > _AT_THE_EDGE:
        rule = N_("own slopes follow from where people are at time 0 (a correlation of ±1): rows are too few for both")
        notes = (*notes, Told(rule))
    freedom = _freedom(terms, who, time if own is not None else None)
    found = [
        (term.name, b, error, df) for term, b, error, df in zip(terms, fitted.beta, fitted.errors, freedom, strict=True)
    ]
    more = () if own is None else (fitted.slope, fitted.correlation)
    variances = fitted.person, fitted.residual, fitted.likelihood
    return Mixed(_table(found, level), True, notes, *variances, people, len(rows), level, *more)


def _freedom(terms: Sequence[_Term], who: np.ndarray, slope: str | None) -> list[int]:
    """Degrees of freedom of each term; ``slope``: of what people have slopes of their own."""
    people = len(set(who))
    sloped = [slope is not None and (term.of == slope or term.of.startswith(f"{slope} × ")) for term in terms]
    inner = [_within(term.column, who) and not own for term, own in zip(terms, sloped, strict=True)]
    outer = len(terms) - sum(inner) - sum(sloped)
    within = len(who) - people * (1 if slope is None else 2) - sum(inner)
    return [
        people - sum(sloped) if own else within if changes else people - outer
        for own, changes in zip(sloped, inner, strict=True)
    ]


def _table(found: Sequence[tuple[str, float, float, int]], level: float) -> pd.DataFrame:
    import pandas as pd
    from scipy import stats

    table = pd.DataFrame(found, columns=["term", "value", "error", "df"])
    table["df"] = table["df"].clip(lower=1) if len(table) else table["df"]
    table["t"] = table["value"] / table["error"]
    table["p"] = 2 * stats.t.sf(table["t"].abs().astype(float), table["df"].astype(float))
    half = stats.t.ppf((1 + level) / 2, table["df"].astype(float)) * table["error"]
    return table.assign(low=table["value"] - half, high=table["value"] + half)


# ---- the design ---------------------------------------------------------------------------------------------------


def _terms(rows: pd.DataFrame, time: str | None, group: str | None, case: str | None) -> list[_Term]:
    """The columns of the design; what comes first keeps what it shares with what comes later."""
    import numpy as np

    columns = {name: _columns(rows[name], name) for name in (time, group, case) if name is not None}
    terms = [_Term("intercept", "intercept", np.ones(len(rows)))]
    for name in (case, time, group):
        if name is not None:
            terms += [_Term(label, name, column) for label, column in columns[name]]
    if time is not None and group is not None:
        for late, one in columns[time]:
            for other, two in columns[group]:
                terms.append(_Term(f"{late} × {other}", f"{time} × {group}", one * two))
    return terms


def _columns(values: pd.Series, name: str) -> list[tuple[str, np.ndarray]]:
    import pandas as pd

    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        return [(name, values.to_numpy(dtype=float))]
    ordered = values.cat.remove_unused_categories().cat.categories if values.dtype == "category" else None
    kinds = list(ordered) if ordered is not None else sorted(values.unique(), key=str)
    return [(f"{name} {kind}", (values == kind).to_numpy(dtype=float)) for kind in kinds[1:]]


def _estimable(terms: list[_Term], time: str | None, case: str | None) -> tuple[list[_Term], tuple[Told, ...]]:
    """The terms that say something beside those before them, and a sentence on each that doesn't."""
    import numpy as np

    kept: list[_Term] = []
    lost: dict[str, list[str]] = {}
    for term in terms:
        x = np.column_stack([one.column / (np.abs(one.column).max() or 1.0) for one in (*kept, term)])
        if np.linalg.matrix_rank(x) > len(kept):
            kept.append(term)
        else:
            lost.setdefault(term.of, []).append(term.name)
    left_out = N_("{terms} can’t be told apart from the other terms and is left out")
    why = N_(
        "{terms} can’t be told apart from the other terms and is left out: no {case} comes up at two values of {of}"
    )
    return kept, tuple(
        Told(why if case and of == time else left_out, terms=", ".join(names), case=case, of=of)
        for of, names in lost.items()
    )


def _within(column: np.ndarray, who: np.ndarray) -> bool:
    """Whether this changes within a person."""
    import pandas as pd

    return bool((pd.Series(column).groupby(who).nunique() > 1).any())


# ---- the fit ------------------------------------------------------------------------------------------------------


class _Fit(NamedTuple):
    beta: np.ndarray
    errors: np.ndarray
    person: float
    residual: float
    likelihood: float
    slope: float = 0.0
    correlation: float = 0.0


def _own_slopes(
    terms: Sequence[_Term], time: str | None, who: np.ndarray
) -> tuple[np.ndarray | None, tuple[Told, ...]]:
    """What people have slopes of; or why they can't have any."""
    import numpy as np

    columns = [term.column for term in terms if time is not None and term.of == time]
    if len(columns) != 1:
        raise TrainkitError(
            "own slopes want a time that is a number, or has two values"
            + ("" if time is None else f" (got {len(columns) + 1} values of {time})")
        )
    (column,) = columns
    mine = [column[who == one] for one in sorted(set(who))]
    lines = [min(2, len(np.unique(values))) for values in mine]
    if lines.count(2) < FEWEST:
        rule = N_("own slopes need {few} people or more with several values of {time}: the model is without them")
        return None, (Told(rule, few=FEWEST, time=time),)
    if len(column) == sum(lines):
        rule = N_(
            "nobody has more than a row at each of two values of {time}: own slopes can’t be told from chance, and the model "
            "is without them"
        )
        return None, (Told(rule, time=time),)
    return column, ()


def _fit(y: np.ndarray, x: np.ndarray, who: np.ndarray, own: np.ndarray | None = None) -> _Fit | Told:
    """The fit, or a sentence on why there is none; ``own``: of what people have slopes of their own."""
    import numpy as np
    from statsmodels.regression.linear_model import OLS
    from statsmodels.regression.mixed_linear_model import MixedLM

    if len(y) <= x.shape[1]:
        rule = N_("the model did not converge: {rows} rows are too few for {terms} terms")
        return Told(rule, rows=len(y), terms=x.shape[1])
    plain = OLS(y, x).fit()
    if plain.scale <= 1e-12 * np.var(y):
        return Told(N_("the model did not converge: the terms say everything, nothing is left to people or chance"))
    scale = x.std(axis=0)
    scale[scale == 0] = 1.0
    shift = float(np.log(scale).sum())  # a restricted likelihood depends on the units of the terms
    z, back = np.ones((len(y), 1)), np.eye(1)
    if own is not None:  # in the middle and in its own units the search is round; back takes a covariance to time 0
        middle, unit = own.mean(), own.std()
        z = np.column_stack([np.ones(len(y)), (own - middle) / unit])
        back = np.array([[1.0, -middle / unit], [0.0, 1 / unit]])
    last: str = Told(N_("no optimiser found a maximum"))
    for method in _METHODS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # told in sentences instead
            try:
                done = MixedLM(y, x / scale, who, exog_re=z).fit(reml=True, method=method)
            except (np.linalg.LinAlgError, ValueError) as error:
                last = str(error)
                continue
        cov, residual = np.asarray(done.cov_re, dtype=float), float(done.scale)
        errors = np.asarray(done.bse_fe, dtype=float)
        if own is None and cov[0, 0] <= _NOTHING * residual:
            return _Fit(plain.params, plain.bse, 0.0, float(plain.scale), float(done.llf) - shift)
        if done.converged and np.isfinite(errors).all():
            cov = back @ cov @ back.T
            found = np.asarray(done.fe_params) / scale, errors / scale, float(cov[0, 0]), residual
            if own is None:
                return _Fit(*found, float(done.llf) - shift)
            together = float(np.sqrt(max(cov[0, 0], 0.0) * max(cov[1, 1], 0.0)))
            r = float(cov[0, 1]) / together if together > 0 else 0.0
            return _Fit(*found, float(done.llf) - shift, float(cov[1, 1]), float(np.clip(r, -1, 1)))
    if own is not None:
        return Told(N_("the model did not converge: {why}; without slopes of people’s own it may"), why=last)
    return Told(N_("the model did not converge: {why}"), why=last)
