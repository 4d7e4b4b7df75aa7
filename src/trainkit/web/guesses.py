"""How is a code guessed at slowly, while whoever has the right one comes in? It is looked at first; who guesses waits.

Six digits are a million. What is judged in the whole room is at most a hundred, then one and a half a second: after three
hours one guesser in sixty would have found it, however many addresses they have.
"""

from collections import OrderedDict

from trainkit.web.line import Line
from trainkit.web.security import Rate

KEPT = 10_000  # addresses and browsers remembered
TRUST = 3  # wrong codes that are forgiven an address for each right one


class Guesses:
    """Wrong codes: from each address and in the room. Right ones cost nothing, and speak for the address they came from."""

    def __init__(self) -> None:
        self.own = Rate(burst=10, per_second=1 / 3)
        self.room = Line(burst=100, per_second=0.5, most=0)  # nobody waits here
        self.line = Line(burst=1, per_second=1, most=60)  # here they do
        self._right: OrderedDict[str, int] = OrderedDict()
        self._wrong: OrderedDict[str, int] = OrderedDict()

    async def may_be_judged(self, address: str, browser: str) -> bool:
        """Wait until a code may be looked at; False if too many wait already."""
        if self.trusted(address) or (self.room.free and not self.own.empty(address)):
            return True
        return await self.line.turn(address, self._wrong.get(browser, 0))

    def trusted(self, address: str) -> bool:
        """Whether so many right codes came from an address that its wrong ones are slips; or none has come from it yet."""
        return self._wrong.get(address, 0) <= TRUST * self._right.get(address, 0)

    def right(self, address: str) -> None:
        """A right code came from this address."""
        _one_more(self._right, address)
        self.line.give_back()

    def wrong(self, address: str, browser: str) -> bool:
        """Count a wrong code; whether it was one too many."""
        _one_more(self._wrong, address)
        _one_more(self._wrong, browser)
        self.room.take()
        return not self.own.take(address)


def _one_more(counts: OrderedDict[str, int], key: str) -> None:
    counts[key] = counts.pop(key, 0) + 1
    if len(counts) > KEPT:
        counts.popitem(last=False)
