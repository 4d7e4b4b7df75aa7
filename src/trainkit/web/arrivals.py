"""Does one address take all places? A class behind one router comes in; a program that goes on is slowed, and told of.

Addresses are in this process's memory alone, and go with it.
"""

import time
from collections import OrderedDict, deque
from collections.abc import Container
from dataclasses import dataclass, field

from trainkit.view.remote import Crowd

FREE = 45  # people who come from one address within WINDOW as fast as they like, or half of the places, if that is more
A_MINUTE = 10  # from then on
WINDOW = 600.0  # seconds
TELL = 45  # people within a minute that the trainer hears of
KEPT = 2_000  # addresses remembered
HERE = ("127.0.0.1", "::1")  # this machine: a proxy on it that doesn't say for whom it asks


@dataclass(eq=False)
class Arrival:
    """Somebody on their way in; ``member`` once they are."""

    at: float
    member: str = ""


@dataclass
class _Address:
    came: deque[Arrival] = field(default_factory=deque)
    number: int = 0  # from 1, once it is told of
    told: list[Arrival] = field(default_factory=list)  # who came since then, and in the WINDOW before
    sent_away: bool = False  # a trainer has removed them: whoever comes now comes slowly


class Arrivals:
    """Who has come in from which address."""

    def __init__(self) -> None:
        self._of: OrderedDict[str, _Address] = OrderedDict()
        self._numbers = 0
        self.changed = 0  # goes up with what the trainer is told of

    def begin(self, address: str, places: int) -> Arrival | None:
        """Somebody from there wants in; None if they have to wait. One who doesn't come in is forgotten (:meth:`forget`)."""
        now = time.monotonic()
        one = self._of.setdefault(address, _Address())
        self._of.move_to_end(address)
        if len(self._of) > KEPT:
            self._of.popitem(last=False)
        while one.came and one.came[0].at < now - WINDOW:
            one.came.popleft()
        within_a_minute = sum(arrival.at > now - 60 for arrival in one.came)
        many = one.sent_away or len(one.came) >= max(FREE, places // 2)
        if many and within_a_minute >= A_MINUTE and address not in HERE:
            self._tell(one)
            return None
        arrival = Arrival(now)
        one.came.append(arrival)
        if one.number:
            one.told.append(arrival)
            self.changed += 1
        elif within_a_minute + 1 >= TELL and address not in HERE:
            self._tell(one)
        return arrival

    def forget(self, address: str, arrival: Arrival) -> None:
        """Somebody didn't come in after all."""
        one = self._of.get(address)
        if one is not None and arrival in one.came:
            one.came.remove(arrival)
            if arrival in one.told:
                one.told.remove(arrival)

    def full(self, places: int) -> None:
        """Somebody was turned away since the room is full: who has filled it is told of, however slowly they came."""
        for address, one in self._of.items():
            if address not in HERE and 2 * len(one.came) >= places:
                self._tell(one)

    def _tell(self, one: _Address) -> None:
        if not one.number:
            self._numbers += 1
            one.number, one.told = self._numbers, list(one.came)
            self.changed += 1

    def crowd(self, number: int) -> list[str]:
        """The members of a series."""
        for one in self._of.values():
            if one.number == number:
                return list(dict.fromkeys(arrival.member for arrival in one.told if arrival.member))
        return []

    def send_away(self, number: int, away: bool = True) -> None:
        """A trainer has removed a series, or let it in again: once removed, who goes on comes slowly."""
        for one in self._of.values():
            if one.number == number:
                one.sent_away = away
        self.changed += 1

    def crowds(self, here: Container[str], removed: Container[str]) -> list[Crowd]:
        """Series that the trainer is told of, as far as anybody of them is still there or was removed."""
        told = [(one.number, self.crowd(one.number)) for one in self._of.values() if one.number]
        found = [
            Crowd(number, tuple(m for m in people if m in here), sum(m in removed for m in people))
            for number, people in sorted(told)
        ]
        return [one for one in found if one.here or one.removed]
