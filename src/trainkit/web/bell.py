"""Who waits for the trainer's next press? Walls, remotes and phones of this process; all hear it at once."""

import asyncio
from contextlib import suppress


class Bell:
    """Rings when something was set in the room."""

    def __init__(self) -> None:
        self._next = asyncio.Event()
        self.waiting = 0

    def ring(self) -> None:
        """Let everybody go who waits."""
        self._next.set()
        self._next = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        """Wait until it rings, at most so long."""
        self.waiting += 1
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._next.wait(), seconds)
        finally:
            self.waiting -= 1
