"""Who is next when more ask than can be answered? Each address in turn; of one address, who has asked least."""

import asyncio
import heapq
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count


@dataclass(order=True)
class _Waiting:
    asked: int
    number: int
    turn: "asyncio.Future[bool]" = field(compare=False)
    there: Callable[[], bool] = field(compare=False)


class Line:
    """``per_second`` get their turn, up to ``burst`` at once after a quiet time; the others wait, ``most`` in all.

    Nobody is sent away for what others do: who asks a thousand times a second holds up those who do the same at the same
    address. Where too many wait, the address from which the most do loses one that has asked most.
    """

    def __init__(self, burst: float, per_second: float, most: int):
        self.burst, self.per_second, self.most = burst, per_second, most
        self._left, self._at = burst, time.monotonic()
        self._waiting: OrderedDict[str, list[_Waiting]] = OrderedDict()  # by address, whose turn it is first
        self._total, self._numbers = 0, count()
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        """How many wait."""
        return self._total

    def _refill(self) -> None:
        now = time.monotonic()
        self._left = min(self.burst, self._left + (now - self._at) * self.per_second)
        self._at = now

    @property
    def free(self) -> bool:
        """Whether somebody who came now would have their turn at once."""
        self._refill()
        return not self._total and self._left >= 1

    def take(self) -> bool:
        """Take a turn without waiting, if that is possible."""
        if self.free:
            self._left -= 1
            return True
        return False

    def give_back(self) -> None:
        """A turn that turned out to cost nothing: the next one has it."""
        self._left = min(self.burst, self._left + 1)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._wake()

    def charge(self, turns: float) -> None:
        """What somebody had was worth so many turns more: the next one waits for them."""
        self._refill()
        self._left -= turns

    async def turn(self, who: str, asked: int = 0, there: Callable[[], bool] = lambda: True) -> bool:
        """Wait for a turn; False if it never comes: too many wait, or nobody is there any more.

        Parameters
        ----------
        who : str
            The address, or whatever else takes its turn as one.
        asked : int
            How often this one has asked: less comes first.
        there : callable
            Whether whoever asked is still there when the turn comes.
        """
        if self.take():
            return True
        waiting = _Waiting(asked, next(self._numbers), asyncio.get_running_loop().create_future(), there)
        heapq.heappush(self._waiting.setdefault(who, []), waiting)
        self._total += 1
        if self._total > self.most:
            self._send_away()
        self._wake()
        return await waiting.turn

    def _send_away(self) -> None:
        """One that has asked most, of those whose address has the most in line."""
        who = max(self._waiting, key=lambda one: len(self._waiting[one]))
        line = self._waiting[who]
        worst = max(line)
        line.remove(worst)
        heapq.heapify(line)
        self._settle(who, worst, False)

    def _settle(self, who: str, one: _Waiting, turn: bool) -> None:
        self._total -= 1
        if not self._waiting[who]:
            del self._waiting[who]
        if not one.turn.done():
            one.turn.set_result(turn)

    def _wake(self) -> None:
        if self._timer is None and self._total:
            wait = max(0.0, (1 - self._left) / self.per_second)
            self._timer = asyncio.get_running_loop().call_later(wait, self._next)

    def _next(self) -> None:
        self._timer = None
        self._refill()
        while self._total and self._left >= 1:
            who = next(iter(self._waiting))
            self._waiting.move_to_end(who)
            one = heapq.heappop(self._waiting[who])
            here = not one.turn.done() and one.there()
            self._settle(who, one, here)
            self._left -= here
        self._wake()
