"""The pictures of an audit, as shapes for a template: where the best reply lies, who scores how, what each scene decides."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from trainkit.audit.figures import CaseStudy
from trainkit.audit.offers import Offer
from trainkit.audit.people import ADAPTER, EQUAL_ORDERER, EQUAL_PREACHER, Numbers
from trainkit.simulation.personas import Persona

WIDTH = 0.2  # of a column, in positions
SHOWN = 8  # scenes of a picture; the rest is one bar


class Column(NamedTuple):
    """Replies between two positions, or off the axis (no ``low``): heights 0 … 100."""

    low: float | None
    best: float  # share of decisions whose best reply lies here, in per cent
    offered: float  # share of replies, in per cent
    best_height: float
    offered_height: float


class Spread(NamedTuple):
    """Where the Fit of simulated people lies, all 0 … 100."""

    kind: Persona
    low: float  # 5 %
    lower: float  # a quarter
    middle: float
    upper: float  # three quarters
    high: float  # 95 %


class Bar(NamedTuple):
    """How much of Play a scene decides, in per cent; without a scene the rest."""

    scene: str | None
    share: float


def columns(on_offer: Sequence[Offer]) -> list[Column]:
    """Where the best reply lies, beside where all replies lie: ten columns from −1 to +1, and one off the axis."""
    best, offered = np.zeros(11), np.zeros(11)
    for offer in on_offer:
        for n, k in enumerate(offer.positions):
            place = 10 if k is None else min(9, int((k + 1) / WIDTH + 1e-9))
            offered[place] += offer.weight / len(offer.positions)
            best[place] += offer.weight / len(offer.best) if n in offer.best else 0.0
    whole = sum(offer.weight for offer in on_offer) or 1.0
    best, offered = 100 * best / whole, 100 * offered / whole
    top = max(best.max(), offered.max()) or 1.0
    lows = [*(round(-1 + WIDTH * n, 1) for n in range(10)), None]
    return [
        Column(low, *(round(float(one), 1) for one in (b, o, 100 * b / top, 100 * o / top)))
        for low, b, o in zip(lows, best, offered, strict=True)
    ]


def spreads(one: CaseStudy) -> list[Spread]:
    """The adapter beside an equally skilled preacher and order-taker; empty where fit isn't measured."""
    made = [_spread(kind, one.played(kind).fit) for kind in (ADAPTER, EQUAL_PREACHER, EQUAL_ORDERER)]
    return [spread for spread in made if spread is not None]


def _spread(kind: Persona, fit: Numbers) -> Spread | None:
    fit = fit[~np.isnan(fit)]
    if not len(fit):
        return None
    return Spread(kind, *(round(float(value), 1) for value in np.percentile(fit, (5, 25, 50, 75, 95))))


def bars(shares: dict[str, float]) -> list[Bar]:
    """What each scene decides, the biggest first."""
    order = sorted(shares.items(), key=lambda pair: -pair[1])
    made = [Bar(scene, round(100 * share, 1)) for scene, share in order[:SHOWN]]
    rest = 100 * sum(share for _, share in order[SHOWN:])
    return [*made, Bar(None, round(rest, 1))] if rest >= 0.5 else made
