"""Which event loop does a class run on? uvloop; on Windows, which has none, asyncio's, made to go on listening."""

import asyncio
import sys

if sys.platform == "win32":
    # What Windows says of a phone that has left: unexpected, name gone, aborted, reset, not connected.
    HAS_LEFT = (59, 64, 10053, 10054, 10057)

    class _Proactor(asyncio.IocpProactor):
        """Wait for connections as usual, but pass over who leaves while being let in.

        asyncio closes the listening socket then, for everybody (CPython's issue 93821).
        """

        def accept(self, listener):
            return asyncio.ensure_future(self._accept(listener))

        async def _accept(self, listener):
            while True:
                try:
                    return await super().accept(listener)
                except OSError:
                    if listener.fileno() == -1:
                        raise
                    await asyncio.sleep(0.01)  # were it to fail again and again, the class would still be served

    def new_event_loop() -> asyncio.AbstractEventLoop:
        """Give an event loop that has not begun."""
        loop = asyncio.ProactorEventLoop(_Proactor())
        loop.set_exception_handler(_report)
        return loop

    def _report(loop: asyncio.AbstractEventLoop, context: dict) -> None:
        """Report what nobody caught, unless it is that a phone has left; uvloop doesn't mention that, either."""
        if getattr(context.get("exception"), "winerror", None) not in HAS_LEFT:
            loop.default_exception_handler(context)

else:
    from uvloop import new_event_loop

__all__ = ["new_event_loop"]
