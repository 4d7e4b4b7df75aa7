"""Which people is an instrument judged by? Kinds that follow the choice model, many of each, and a grid of them for sums.

The model and its source stand in :mod:`trainkit.simulation.personas`. All figures describe these assumed people as much as
the cases.
"""

import zlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from trainkit.simulation.personas import CHOOSERS, Persona, chooser

MANY = 120_000  # of each kind: alpha and AUC then have a standard error of about .002
NODES = 5  # of the grid, for lean and for skill

Numbers = NDArray[np.float64]

ALIKE = chooser("alike", (0.2, 0.25), (4, 1), (1.5, 0))  # ordinary people, more like one another than not
LESS_SKILLED = chooser("less-skilled", (0.2, 0.25), (2.5, 1), (1.5, 0))
LEAN_ONLY = chooser("lean-only", (0, 1), (0, 0), (3, 0))  # leans evenly over −1 … 1
PREACHER = CHOOSERS["preacher"]
ADAPTER = CHOOSERS["adapter"]
SKILLED_PREACHER = CHOOSERS["skilled-preacher"]
SKILLED_ORDERER = CHOOSERS["skilled-order-taker"]
EQUAL_PREACHER = chooser("equal-preacher", (0.6, 0.08), (5, 0.7), (3, 0))  # as skilled as the adapter
EQUAL_ORDERER = chooser("equal-order-taker", (-0.6, 0.08), (5, 0.7), (3, 0))

AGAINST = {  # figure → whom the adapter must be told from, by Fit
    "auc_skilled_preacher": SKILLED_PREACHER,
    "auc_skilled_orderer": SKILLED_ORDERER,
    "auc_equal_preacher": EQUAL_PREACHER,
    "auc_equal_orderer": EQUAL_ORDERER,
}
EVERYBODY: Sequence[Persona] = (ALIKE, LEAN_ONLY, PREACHER, ADAPTER, *AGAINST.values())


class People(NamedTuple):
    """Many people: an array of each of their parameters."""

    kind: Persona
    lean: Numbers
    skill: Numbers
    pull: Numbers

    @property
    def seed(self) -> int:
        """Of what they do: the same for the same kind."""
        return zlib.crc32(self.kind.name.encode())


def draw(kind: Persona, n: int, seed: int = 0) -> People:
    """People of a kind; their parameters are quantiles of its distribution in random order, so that means hardly vary."""
    dice = np.random.default_rng([seed, zlib.crc32(kind.name.encode())])

    def normal(mean: float, spread: float, low: float, high: float) -> Numbers:
        if not spread:
            return np.full(n, float(mean))
        return np.clip(mean + spread * ndtri((dice.permutation(n) + 0.5) / n), low, high)

    even = kind is LEAN_ONLY
    lean = np.linspace(-1, 1, n) if even else normal(kind.lean, kind.spread, -1, 1)
    return People(
        kind, lean, normal(kind.skill, kind.skill_spread, 0, np.inf), normal(kind.pull, kind.pull_spread, 0, np.inf)
    )


def grid(kind: Persona = ALIKE) -> tuple[Numbers, People]:
    """Weights and people of a grid over lean and skill (Gauss–Hermite), for sums over all people of a kind."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    weights = weights / weights.sum()
    lean = np.clip(kind.lean + kind.spread * np.repeat(nodes, NODES), -1, 1)
    skill = np.maximum(0, kind.skill + kind.skill_spread * np.tile(nodes, NODES))
    return np.outer(weights, weights).ravel(), People(kind, lean, skill, np.full(NODES**2, kind.pull))
