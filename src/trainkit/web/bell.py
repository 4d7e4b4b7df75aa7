"""Who waits for the trainer's next press? Walls, remotes and phones of this process; all hear it at once."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress

AT_ONCE, APART = (
    20,
    0.012,
)  # phones that hear it together, and seconds between them: screens come first, and are drawn meanwhile

Waiters = set["asyncio.Future[None]"]


class Bell:
    """Rings when something was set in the room."""

    def __init__(self) -> None:
        self._screens: Waiters = set()
        self._phones: Waiters = set()
        self.ended = False  # nobody is to wait any more
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._screens) + len(self._phones)

    def ring(self) -> None:
        """Let everybody go who waits; also from a signal."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._let_go)

    def end(self) -> None:
        """Let everybody go for good; also from a signal."""
        self.ended = True
        self.ring()

    def _let_go(self) -> None:
        _release(self._screens)
        phones = list(self._phones)
        for n in range(0, len(phones), AT_ONCE):
            self._loop.call_later(APART * (1 + n / AT_ONCE), _release, phones[n : n + AT_ONCE])

    async def wait(self, seconds: float, screen: bool = False) -> None:
        """Wait until it rings, at most so long; a ``screen`` for the room, or a remote, hears it first."""
        self._loop = asyncio.get_running_loop()
        rings, waiters = self._loop.create_future(), self._screens if screen else self._phones
        waiters.add(rings)
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(rings, seconds)
        finally:
            waiters.discard(rings)


def _release(waiters: Iterable["asyncio.Future[None]"]) -> None:
    for rings in list(waiters):
        if not rings.done():
            rings.set_result(None)
