"""How often may one ask? A token bucket for whoever asks."""

from __future__ import annotations

import time
from collections import OrderedDict


class Rate:
    """A token bucket for each key: ``burst`` at once, then ``per_second``.

    Forgets who has asked so long ago that it makes no difference; of more than ``keys``, those who asked longest ago.
    """

    def __init__(self, burst: float, per_second: float, keys: int = 10_000):
        self.burst, self.per_second, self.keys = burst, per_second, keys
        self._full = burst / per_second  # seconds after which the emptiest bucket is full
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> bool:
        """Whether this one may; counted if so. By the monotonic clock: setting the clock changes nothing."""
        now = time.monotonic()
        left, at = self._left.pop(key, (self.burst, now))
        left = min(self.burst, left + (now - at) * self.per_second)
        allowed = left >= 1
        self._left[key] = (left - allowed, now)
        while len(self._left) > self.keys or next(iter(self._left.values()))[1] < now - self._full:
            self._left.popitem(last=False)
        return allowed

    def empty(self, key: str) -> bool:
        """Whether the next one would be refused; counts nothing."""
        left, at = self._left.get(key, (self.burst, 0.0))
        return left + (time.monotonic() - at) * self.per_second < 1
