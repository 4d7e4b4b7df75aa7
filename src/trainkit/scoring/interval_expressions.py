"""How sure are the figures of many attempts? The 90 % intervals of ``intervals.py`` as lazy expressions, in any library.

A quantile of the Beta distribution is no expression that every library has. A table of the (value, n) that occur, joined,
would be exact, but needs the figures before it can be made, so it isn't lazy, and in long attempts nearly every one has a
pair of its own. These polynomials are arithmetic on an attempt's row: nothing is looked up, joined or kept. They are off
by less than ``ERROR`` (``tests/scoring/test_interval_expressions.py`` holds them to the exact quantiles), which is a
10,000th of a point.

With a = ½ + ny and b = ½ + n(1 − y), r = √(1/a + 1/b) − 0.8, p = 1/(ab): ::

    logit of the bounds = log(a/b) + (1/a − 1/b)·S(r, p) ∓ D(r, p)

√(1/a + 1/b) is the first term of the logit's standard deviation, and less 0.8, its middle, so that powers don't cancel.
S and D stay the same when a and b change places, so one evaluation gives both bounds.
"""

from collections.abc import Sequence
from typing import Any

ERROR = 4e-7  # of a bound, as a share of the scale: 0.00008 points of position, from n = 1 to 10⁶
SCALES = {"position": (-100.0, 100.0), "relative": (-100.0, 100.0), "fit": (0.0, 100.0)}

# fmt: off
# coefficients of r⁰, r¹, … in a row; rows for p⁰, p¹, …; made by tests/scoring/interval_coefficients.py
_D = (
    (1.51042340848, 2.4000152747, 0.998110962328, 0.439376431345, -0.0726278798572, -0.161221095037, -0.218308269501,
     0.470977682919, 1.38901079187, -1.88454899372, -4.57442707832, 4.55322724594, 8.74539626684, -5.62388285251,
     -9.08400304002, 2.74864026164, 3.94584461529),
    (-0.851889675036, 0.983505598686, -1.04547221624, 1.44451135802, -2.19994651601, 3.92684841146, -4.71803593047,
     -2.64353005289, 13.3722364632, 1.62282932873, -43.9443040107, 56.2277612359, -22.7993597479),
    (-0.212022832885, 0.774188112301, -1.93741280468, 4.35190610305, -7.34328242525, 6.43236781285, 0.714739039331,
     -5.7348016589, 2.99634280459),
    (-0.0669247345595, 0.30141740198, -0.53068710202, 0.422984074774, -0.129912879529),
    (0.000976395366113,),
)
_S = (
    (-0.885356312274, -0.239340842271, -0.100860387724, 0.0873462857577, 0.0423593386232, -0.031622164788,
     -0.0547046187689, 0.00563761801831, 0.135491326743, 0.0407530062789, -0.305577584437, -0.0994349139251,
     0.378820811117, 0.0799904621557, -0.182415722164),
    (-0.0442599389431, 0.0308617406486, -0.100350714843, 0.233108185372, -0.291911960677, 0.47964057193,
     -0.967217606294, 1.07391351708, -0.263219668188, -0.380254733977, 0.185686234317),
    (-0.0324336560182, 0.111407920146, -0.226231054834, 0.299427532074, -0.208400028923, 0.00805282997328,
     0.0561799967822),
    (-0.0143937528597, 0.0337840049299, -0.0211378416809),
)
# fmt: on


def with_intervals(scores: Any) -> Any:
    """Add the bounds of 90 % intervals: ``position_low``, ``position_high``, and so of ``relative`` and ``fit``.

    Parameters
    ----------
    scores : narwhals frame, lazy or not
        With the columns of :data:`trainkit.scoring.formulas.FORMULAS`.

    Returns
    -------
    the same kind of frame
        Null where the figure isn't measured; a bound contains the figure.
    """
    import narwhals as nw

    helpers = [f"_{name}" for name in "ynabrpdmsv"]
    y, n, a, b, r, p, d, m, s, v = map(nw.col, helpers)
    one = nw.lit(1.0)
    for figure, (low, high) in SCALES.items():
        share = (nw.col(figure) - low) / (high - low)
        stages: Sequence[dict[str, Any]] = (
            {"_y": share.clip(0.0, 1.0), "_n": nw.col(f"n_{figure}")},
            {"_a": n * y + 0.5, "_b": n * (one - y) + 0.5},
            {"_r": (one / a + one / b).sqrt() - 0.8, "_p": one / (a * b), "_d": one / a - one / b, "_m": (a / b).log()},
            {"_s": m + d * _polynomial(_S, r, p), "_v": _polynomial(_D, r, p)},
            {"_a": one / ((v - s).exp() + 1.0), "_b": one / ((-v - s).exp() + 1.0)},
            {
                f"{figure}_low": nw.min_horizontal(a, y) * (high - low) + low,
                f"{figure}_high": nw.max_horizontal(b, y) * (high - low) + low,
            },
        )
        for stage in stages:
            scores = scores.with_columns(**stage)
    return scores.drop(helpers)


def _polynomial(rows: Sequence[Sequence[float]], r: Any, p: Any) -> Any:
    """Horner's rule in both."""
    found: Any = None
    for row in reversed(rows):
        inner: Any = None
        for value in reversed(row):
            inner = value if inner is None else r * inner + value
        found = inner if found is None else p * found + inner
    return found
