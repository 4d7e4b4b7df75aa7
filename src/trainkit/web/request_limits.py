"""How long may a request take to arrive? uvicorn's protocol with limits for slow and half-open connections."""

import asyncio

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

MAX_HEAD = 16_384
SLOW = 10.0  # seconds for a whole request to arrive


class _Flow(FlowControl):
    """uvicorn's flow control; what one would wait for is made when somebody is too slow to take their page.

    An event holds 700 bytes, and nearly every phone takes its page at once.
    """

    __slots__ = ("_is_writable_event", "_transport", "read_paused", "write_paused")

    def __init__(self, transport: asyncio.Transport):
        self._transport = transport
        self.read_paused = self.write_paused = False
        self._is_writable_event: asyncio.Event | None = None

    async def drain(self) -> None:
        if self._is_writable_event is not None:
            await self._is_writable_event.wait()

    def pause_writing(self) -> None:
        if self._is_writable_event is None:
            self._is_writable_event = asyncio.Event()
            self._is_writable_event.set()
        super().pause_writing()


class _Pipeline(list):
    """Requests that came before the one ahead of them was answered: hardly ever one, and an empty deque holds 600 bytes."""

    __slots__ = ()

    def appendleft(self, one: object) -> None:
        self.insert(0, one)


class Protocol(HttpToolsProtocol):
    """HTTP that doesn't wait for ever: a request arrives whole within SLOW seconds, its head within MAX_HEAD bytes.

    uvicorn's own time limit begins after the first answer; a connection that never says a word, or one letter a second,
    would be held open.
    """

    # In slots, since an object with over 30 attributes takes 1.3 kB more, and a class has a connection for each phone.
    __slots__ = ("_deadline", "_head", "_running")
    _deadline: asyncio.TimerHandle | None
    _head: int

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Give the first request its time."""
        self._head, self._deadline, self._running = 0, None, None
        super().connection_made(transport)
        self.flow, self.pipeline = _Flow(transport), _Pipeline()
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock; let whoever makes an answer know that nobody waits for it."""
        self._arrived()
        self.pipeline.clear()
        running, self._running = self._running, None
        super().connection_lost(exc)
        if running is not None and not running.response_complete:  # uvicorn tells only the request that came last
            running.disconnected = True
            running.message_event.set()

    def data_received(self, data: bytes) -> None:
        """Count what comes before the head is complete."""
        if self._head >= 0:
            self._head += len(data)
            self._expect()
        super().data_received(data)
        if self._head > MAX_HEAD and not self.transport.is_closing():
            self.send_400_response("Too many headers.")

    def on_headers_complete(self) -> None:
        """From here on the body counts, which the form reader limits."""
        self._head = -1
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is here."""
        self._arrived()
        self._head = 0
        super().on_message_complete()
        self._let_go()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        """The answer is sent."""
        super().on_response_complete()
        self._let_go()

    def shutdown(self) -> None:
        """The class ends: what is still arriving will be sent again."""
        if self._deadline is not None:
            self.transport.abort()
        else:
            super().shutdown()

    def _let_go(self) -> None:
        """Forget what was answered: thousands of phones keep their connections, and each should keep little."""
        nothing_arrives = self._head >= 0
        if nothing_arrives and self.cycle is not None and self.cycle.response_complete:
            self.cycle = self.scope = self.headers = None

    def _expect(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(SLOW, self._too_slow)

    def _arrived(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            self.transport.abort()
