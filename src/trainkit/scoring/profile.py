"""Does one adapt to what is asked, or always do the same? Profiles over several cases, or scenes with targets of their own.

The comparison of two profiles by elevation, scatter and shape is standard (Cronbach & Gleser 1953, *Psychological Bulletin*
50; used for situational judgement tests by Legree et al. 2010, *Journal of Applied Psychology* 95). Comparing a person's
positions with the positions that cases ask for is this kit's own, and so is pooling the scenes of several cases: a case asks
for both poles in its scenes, so the means of cases lie too close together to tell who adapts.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from trainkit.scoring.decisions import Decision
from trainkit.scoring.intervals import LEVEL, intervals

FEWEST = 4  # cases or scenes
MIDDLE = 0.25  # what lies further out than this is orientated or centric
OPPOSITE = 0.5  # target from which a scene asks for one pole
DIFFERING = 20.0  # SD of the targets, in points of Position, under which there is nothing to adapt to


@dataclass(frozen=True)
class Profile:
    """Positions against the positions asked for."""

    n: int  # cases or scenes compared, from 4
    elevation: float  # signed mean of position − target, −200 … +200: which side one leans to everywhere
    scatter: float  # SD of the positions over SD of the targets, from 0: 1 is moving as far as the cases ask
    shape: float | None  # correlation of both, −1 … +1: adapting to the case; None where all positions are the same
    distance: float  # D²/n, the mean squared difference: elevation² + (difference of SDs)² + 2·SD·SD·(1 − shape)
    elevation_interval: tuple[float, float]  # 90 %: that of Position by as many decisions, less what was asked
    shape_interval: tuple[float, float] | None  # 90 % by Fisher's z (1921); wide, as scenes are few

    @property
    def slope(self) -> float:
        """Points one moves for each point that is asked: shape × scatter; 1 is adapting fully, 0 not at all."""
        return (self.shape or 0.0) * self.scatter


def profile(positions: Sequence[float], targets: Sequence[float]) -> Profile | None:
    """Compare positions with targets, both −100 … +100; None with under 4 pairs or targets that hardly differ.

    SDs are those of the pairs themselves (divided by n), so that the parts of ``distance`` add up exactly.
    """
    if len(positions) < FEWEST:
        return None
    sd, sd_aim = statistics.pstdev(positions), statistics.pstdev(targets)
    if sd_aim < DIFFERING:
        return None
    apart = [position - target for position, target in zip(positions, targets, strict=True)]
    n, mean, aim = len(positions), statistics.fmean(positions), statistics.fmean(targets)
    shape = max(-1.0, min(1.0, statistics.correlation(positions, targets))) if sd > 1e-9 else None
    around = intervals({"position": mean, "n_position": n, "relative": None, "fit": None})[0]
    assert around is not None
    return Profile(
        n=n,
        elevation=statistics.fmean(apart),
        scatter=sd / sd_aim,
        shape=shape,
        distance=statistics.fmean(difference**2 for difference in apart),
        elevation_interval=(around[0] - aim, around[1] - aim),
        shape_interval=None if shape is None else correlation_interval(shape, n),
    )


def correlation_interval(r: float, n: int) -> tuple[float, float]:
    """The 90 % interval of a correlation of n pairs, from 4, by Fisher's z: atanh r ± z / √(n − 3)."""
    if abs(r) > 1 - 1e-12:
        return r, r
    half = NormalDist().inv_cdf((1 + LEVEL) / 2) / math.sqrt(n - 3)
    return math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)


def third(position: float) -> str:
    """Which third of the axis a position (−1 … +1) lies in: ``orientated``, ``middle`` or ``centric``."""
    return "centric" if position > MIDDLE else "orientated" if position < -MIDDLE else "middle"


def of_decisions(rows: Sequence[Decision]) -> Profile | None:
    """The profile over the decisions of one attempt whose choice has a position, against each one's attainable target.

    None where the case doesn't ask for opposite positions in its scenes: it is then about one position, not adapting.
    """
    placed = [row for row in rows if row.position is not None]
    if not placed or min(row.target for row in placed) > -OPPOSITE or max(row.target for row in placed) < OPPOSITE:
        return None
    return profile([100 * row.position for row in placed], [100 * row.aim for row in placed])
