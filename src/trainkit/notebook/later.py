"""When is done what nobody waits for? In a thread of its own; in a browser, which has none, when the kernel is idle."""

import asyncio
import sys
import threading
from collections.abc import Callable
from typing import Any, Protocol


class Cancellable(Protocol):
    """What was put off, and can still be called off."""

    def cancel(self) -> object:
        """Don't do it, if it isn't done yet."""


def later(seconds: float, call: Callable[..., object], *arguments: Any) -> Cancellable:
    """Do something after so many seconds, unless it is called off or the program has ended by then."""
    if sys.platform == "emscripten":
        return asyncio.get_event_loop().call_later(seconds, call, *arguments)
    timer = threading.Timer(seconds, call, arguments)
    timer.daemon = True
    timer.start()
    return timer
