"""How much may one connection ask for, and for how long? uvicorn's protocol with bounds to what is kept, and to patience."""

import asyncio

from httptools import HttpRequestParser
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from trainkit.web.connections import Connections

MAX_HEAD = 16_384
SLOW = 10.0  # seconds for a whole request to arrive
UNREAD = 30.0  # seconds for 48 kB of an answer to be taken, or for the rest of it
QUEUED, ALL_QUEUED = 32, 2_000  # requests kept for later on one connection, and on all: each takes 5 kB
MAX_QUEUED_BODY = 16_384  # of a request that isn't being answered yet
CONNECTION = "connection"  # its name in the state of a request


class _TooMuch(Exception):
    """Ends the reading of what has come: the parser tells it on as its own error."""


class _Flow(FlowControl):
    """uvicorn's flow control; what one would wait for is made when somebody is too slow to take their page.

    An event holds 700 bytes, and nearly every phone takes its page at once.
    """

    __slots__ = ("_connection", "_is_writable_event", "_patience", "_transport", "read_paused", "write_paused")

    def __init__(self, transport: asyncio.Transport, connection: "Protocol"):
        self._transport, self._connection = transport, connection
        self.read_paused = self.write_paused = False
        self._is_writable_event: asyncio.Event | None = None
        self._patience: asyncio.TimerHandle | None = None

    async def drain(self) -> None:
        if self._is_writable_event is not None:
            await self._is_writable_event.wait()

    def resume_reading(self) -> None:
        """Read on, unless requests wait already."""
        if not self._connection.pipeline:
            super().resume_reading()

    def pause_writing(self) -> None:
        if self._is_writable_event is None:
            self._is_writable_event = asyncio.Event()
            self._is_writable_event.set()
        super().pause_writing()
        if self._patience is None:
            self._patience = self._connection.loop.call_later(UNREAD, self._connection.unread)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


class _Pipeline(list):
    """Requests that came before the one ahead of them was answered: hardly ever one, and an empty deque holds 600 bytes."""

    __slots__ = ()

    def appendleft(self, one: object) -> None:
        self.insert(0, one)


class Protocol(HttpToolsProtocol):
    """HTTP that doesn't wait or keep for ever.

    A request arrives whole within SLOW seconds, its head within MAX_HEAD bytes, as many without a byte of its body in
    between; what comes after the body (trailers) is nobody's. QUEUED requests wait for the one ahead of them, no more. Who
    doesn't take an answer within UNREAD seconds has gone. uvicorn has no bounds for these: its time limit begins after the
    first answer, and where its limit of requests is reached everybody gets 503.
    """

    # In slots, since an object with over 30 attributes takes 1.3 kB more, and a class has a connection for each phone.
    __slots__ = ("_deadline", "_head", "_in_body", "_kept", "_loose", "_running", "address", "asked")
    _deadline: asyncio.TimerHandle | None
    _running: RequestResponseCycle | None
    _kept: Connections
    parser: HttpRequestParser | None

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Give the first request its time."""
        self._head = self._loose = self.asked = 0
        self._in_body, self._deadline, self._running = False, None, None
        super().connection_made(transport)
        self.flow, self.pipeline = _Flow(transport, self), _Pipeline()
        self.address = self.client[0] if self.client else ""
        self._expect()
        self._kept = self.app_state["connections"]
        self._kept.come(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clocks; let whoever makes an answer know that nobody waits for it."""
        self._arrived()
        self._unset_keepalive_if_required()
        self._kept.gone(self)
        self._kept.queued -= len(self.pipeline)
        self.pipeline.clear()
        running = self._running
        super().connection_lost(exc)
        if running is not None and not running.response_complete:  # uvicorn tells only the request that came last
            running.disconnected = True
            running.message_event.set()
        self._running = self.cycle = self.scope = self.headers = None

    # ---- arriving -------------------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Count what comes without becoming a part of a request."""
        if self.transport.is_closing():
            return
        if not self._in_body:
            self._expect()
        self._loose += len(data)
        super().data_received(data)
        if self._loose > MAX_HEAD and not self.transport.is_closing():
            self._refuse("requests with endless headers or trailers")

    def on_message_begin(self) -> None:
        """Another request, perhaps in the same packet as the last."""
        self._head = 0
        self._expect()
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """A part of the address."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; what comes after the body isn't one."""
        self._count(len(name) + len(value))
        if not self._in_body:
            super().on_header(name, value)

    def _count(self, size: int) -> None:
        self._head += size
        if self._head > MAX_HEAD:
            self._kept.incidents.count("requests with endless headers or trailers")
            raise _TooMuch

    def on_headers_complete(self) -> None:
        """The request is begun, or waits for the one ahead of it."""
        self._in_body, self._loose = True, 0
        waits = self.cycle is not None and not self.cycle.response_complete
        if waits and (len(self.pipeline) >= QUEUED or self._kept.queued >= ALL_QUEUED):
            self._kept.incidents.count("connections cut with too many requests at once")
            raise _TooMuch
        self.asked += 1
        self._kept.heard(self)
        self.scope["state"][CONNECTION] = self
        before = len(self.pipeline)
        super().on_headers_complete()
        self._kept.queued += len(self.pipeline) - before

    def on_body(self, body: bytes) -> None:
        """A part of the body, which the form reader limits."""
        self._loose = 0
        super().on_body(body)
        if self._running is not self.cycle and len(self.cycle.body) > MAX_QUEUED_BODY:
            self._kept.incidents.count("connections cut with too many requests at once")
            raise _TooMuch

    def on_message_complete(self) -> None:
        """The request is here."""
        self._arrived()
        self._in_body, self._loose = False, 0
        super().on_message_complete()
        self._let_go()

    # ---- answering ------------------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether it waits for an answer."""
        return self._running is not None and not self._running.response_complete

    def _start_asgi_task(self, cycle: RequestResponseCycle, app) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        """The answer is sent."""
        before = len(self.pipeline)
        super().on_response_complete()
        self._kept.queued -= before - len(self.pipeline)
        if self.transport.is_closing():
            self._linger()
        self._let_go()

    def shutdown(self) -> None:
        """The class ends: what is still arriving will be sent again."""
        if self._deadline is not None and not self.transport.is_closing():
            self.transport.abort()
        else:
            super().shutdown()

    def timeout_keep_alive_handler(self) -> None:
        """Nothing more was asked for: what was answered last may still be on its way."""
        super().timeout_keep_alive_handler()
        self._linger()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request; not in the middle of another's answer."""
        if self.busy:
            self.drop()
            return
        super().send_400_response(msg)
        self._linger()

    def vouch(self, person: str) -> None:
        """Somebody of the class asks on it."""
        self._kept.vouch(self, person)

    def drop(self) -> None:
        """End it at once."""
        self.transport.abort()

    def unread(self) -> None:
        """Nobody takes what was answered."""
        self._kept.incidents.count("connections cut that didn't take their answers")
        self.drop()

    def _refuse(self, what: str) -> None:
        self._kept.incidents.count(what)
        self.send_400_response("Too many headers.")

    def _linger(self) -> None:
        """Closed connections end when all has been taken, for which uvicorn would wait for ever."""
        self._arrived()
        if self.parser is None:
            return  # it has ended
        self._deadline = self.loop.call_later(UNREAD, self.unread)

    def _let_go(self) -> None:
        """Forget what was answered: thousands of phones keep their connections, and each should keep little."""
        if not self._in_body and self.cycle is not None and self.cycle.response_complete:
            self._running = self.cycle = self.scope = self.headers = None

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
            if self.asked or self._loose:
                self._kept.incidents.count("requests that took too long to arrive")
            self.transport.abort()
