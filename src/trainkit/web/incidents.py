"""What is told of those who ask too much? Counts, in one line a minute; and what they took of memory is given back."""

import asyncio
import ctypes
import gc
import logging
import sys
from collections import Counter
from contextlib import suppress

TELL = 60.0  # seconds that are told in one line
QUIET = 5.0  # seconds after which what an attack has left behind is looked for

logger = logging.getLogger("trainkit.class")


class Incidents:
    """How often what was refused, cut or let wait, since it was told last."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._seen = self._tidied = 0  # incidents in all, and how many of them are tidied up after

    def count(self, what: str, times: int = 1) -> None:
        """Count something that is told within a minute; ``what`` is said after its number."""
        self._counts[what] += times
        self._seen += times

    def told(self) -> str:
        """What has been counted, the most frequent first, and nothing any more; empty if there is nothing to tell."""
        counts, self._counts = self._counts, Counter()
        return "; ".join(f"{times:,} {what}" for what, times in counts.most_common())

    async def watch(self) -> None:
        """Tell, and tidy up, for as long as the class is held."""
        waited = 0.0
        while True:
            await asyncio.sleep(QUIET)
            waited += QUIET
            if self._seen != self._tidied:
                self._tidied = self._seen
                await give_memory_back()
            if waited >= TELL:
                waited = 0.0
                self.tell()

    def tell(self) -> None:
        """Write the line, if there is anything to tell."""
        if told := self.told():
            logger.warning("in the last minute: %s", told)


async def give_memory_back() -> None:
    """Collect what nobody needs any more, and give free pages back to the system, where that can be asked for (glibc)."""
    gc.collect()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library
            trim = ctypes.CDLL(None).malloc_trim
            await asyncio.to_thread(trim, 0)


class OneALine(logging.Filter):
    """Counts what uvicorn says of each request that is none, in its own words, instead of saying it a thousand times."""

    def __init__(self, incidents: Incidents):
        super().__init__()
        self.incidents = incidents

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is to be written."""
        said = record.getMessage()
        if "nvalid HTTP request" in said:
            return False  # counted where the connection is refused
        if "pgrade request" in said or "WebSocket library" in said:
            if "pgrade request" in said:
                self.incidents.count("requests for another protocol")
            return False
        return True
