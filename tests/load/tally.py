"""What is a room to do, and what was seen of it? Plan and tally of one measurement."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

SCREENS = ("wall", "remote")  # pages that aren't a trainee's


@dataclass(frozen=True)
class Plan:
    """How many trainees come, how fast, and for how long all of them stay; times in seconds.

    With ``hold`` each plays again and again until that time is over; without it each plays once. After so many ``runs``
    somebody else sits down in his place. With ``door`` one thinks before joining and beginning, too, and with ``read`` the
    pages of the debrief are turned, at the same pace. With ``script`` browsers run class.js, as nearly all do, and get the
    next page as the answer to a click; without it they are sent there. Who ``listen``s waits for the trainer beside it.
    """

    trainees: int
    think: tuple[float, float] = (2.0, 6.0)
    ramp: float = 0.0
    hold: float = 0.0
    runs: int = 3
    door: bool = True
    read: bool = True
    script: bool = True
    listen: bool = True
    seed: int = 1


@dataclass
class Tally:
    """What was seen. Times are pairs (when it was sent, how long it took until the last byte), in seconds.

    ``loads`` has them by kind of page (``scene`` and the first ``debrief`` page are the submits), ``sizes`` the bytes of each
    page, ``sent`` those that went over the wire.
    """

    began: float = 0.0
    full: tuple[float, float] = (0.0, 0.0)
    submits: list[tuple[float, float]] = field(default_factory=list)
    loads: dict[str, list[tuple[float, float]]] = field(default_factory=partial(defaultdict, list))
    sizes: dict[str, list[int]] = field(default_factory=partial(defaultdict, list))
    sent: dict[str, list[int]] = field(default_factory=partial(defaultdict, list))
    errors: Counter = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    lag: list[float] = field(default_factory=list)
    played: int = 0
    reconnected: int = 0
    cpu: float = 0.0
    seconds: float = 0.0

    def wrong(self, kind: str, example: str) -> None:
        """Count a deviation and keep its first example."""
        self.errors[kind] += 1
        self.examples.setdefault(kind, example)

    def steady(self) -> list[float]:
        """Seconds of the submits sent while everybody was there; of all of them where each played once."""
        start, end = self.full
        return [took for sent, took in self.submits if start == end or start <= sent < end]

    def rate(self) -> float:
        """Submits a second while everybody was there; over the whole run where each played once."""
        return self._rate(self.submits)

    def pages(self) -> float:
        """Trainees' pages a second, those after a submit and all others."""
        return sum(self._rate(seen) for kind, seen in self.loads.items() if kind not in SCREENS)

    def _rate(self, seen: list[tuple[float, float]]) -> float:
        start, end = self.full
        if start == end:
            return len(seen) / self.seconds
        return sum(start <= sent < end for sent, _ in seen) / (end - start)


def together(tallies: Iterable[Tally], into: Tally) -> None:
    """Add up what several client processes saw of one room; everybody was there while all of theirs were."""
    parts = list(tallies)
    into.began = min(part.began for part in parts)
    into.full = max(part.full[0] for part in parts), min(part.full[1] for part in parts)
    into.seconds = max(part.began + part.seconds for part in parts) - into.began
    for part in parts:
        into.submits += part.submits
        for mine, theirs in ((into.loads, part.loads), (into.sizes, part.sizes), (into.sent, part.sent)):
            for kind, seen in theirs.items():
                mine[kind] += seen
        into.errors.update(part.errors)
        into.examples = part.examples | into.examples
        into.lag += part.lag
        into.played += part.played
        into.reconnected += part.reconnected
        into.cpu += part.cpu


def quantile(values: list[float], share: float) -> float:
    """The nearest-rank quantile; NaN of nothing."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan
