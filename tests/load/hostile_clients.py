"""What does somebody do who wants a class to fall over? Each attack for some seconds, from one address, in one process."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import secrets
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from trainkit.web.security import proof

MEGABYTE = 1_000_000


@dataclass
class Attack:
    """Where to, from where, for how long; ``met`` counts what came back."""

    port: int
    source: str
    seconds: float
    code: str

    def __post_init__(self) -> None:
        self.until = time.monotonic() + self.seconds
        self.met: Counter[str] = Counter()

    @property
    def over(self) -> bool:
        """Whether it is enough."""
        return time.monotonic() >= self.until

    @contextlib.asynccontextmanager
    async def connection(self):
        """A connection that may be refused, cut or left unanswered: that is what is hoped for."""
        reader = writer = None
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port, local_addr=(self.source, 0))
            self.met["connections"] += 1
            yield reader, writer
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            self.met["cut"] += 1
            await asyncio.sleep(0.02)
        finally:
            if writer is not None:
                writer.transport.abort()

    async def send(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        """Send as far as it is taken, until the time is over."""
        writer.write(data)
        await asyncio.wait_for(writer.drain(), max(0.01, self.until - time.monotonic()))
        self.met["bytes"] += len(data)

    async def ask(self, path: str, *, host: str = "", form: dict[str, str] | None = None, cookie: str = "") -> bytes:
        """One request, by a connection that is kept for a while."""
        lines = [f"{'GET' if form is None else 'POST'} {path} HTTP/1.1", f"Host: {host or f'127.0.0.1:{self.port}'}"]
        body = b"" if form is None else urlencode(form).encode()
        lines += [f"Cookie: {cookie}"] if cookie else []
        if form is not None:
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    async def answered(self, reader: asyncio.StreamReader) -> None:
        """Read one whole answer."""
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
        self.met[head[9:12].decode()] += 1
        length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0")
        await asyncio.wait_for(reader.readexactly(int(length.partition(b":")[2])), 30)

    async def again_and_again(self, made: Callable[[], Awaitable[bytes]]) -> None:
        """Requests one after the other as fast as they are answered."""
        while not self.over:
            async with self.connection() as (reader, writer):
                while not self.over:
                    await self.send(writer, await made())
                    await self.answered(reader)


async def pipelining(attack: Attack) -> None:
    """39 MB of requests on 4 connections that never read."""
    one = b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n" * 4000

    async def flood() -> None:
        while not attack.over and attack.met["bytes"] < 39 * MEGABYTE:
            async with attack.connection() as (_, writer):
                writer.transport.pause_reading()
                while not attack.over and attack.met["bytes"] < 39 * MEGABYTE:
                    await attack.send(writer, one)

    await asyncio.gather(*(flood() for _ in range(4)))


async def trailers(attack: Attack) -> None:
    """Trailers without end after a body in chunks, on 4 connections; on two of them one trailer that never ends."""

    async def flood(number: int) -> None:
        while not attack.over:
            async with attack.connection() as (_, writer):
                head = b"POST /join HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"
                await attack.send(writer, head + (b"X: " if number % 2 else b""))
                part = b"a" * 65_536 if number % 2 else b"X-Trailer: aaaaaaaaaaaaaaaaaaaaaaaa\r\n" * 1800
                while not attack.over:
                    await attack.send(writer, part)

    await asyncio.gather(*(flood(number) for number in range(4)))


async def idle(attack: Attack, connections: int = 1000) -> None:
    """A thousand connections, each with one tiny request every six seconds."""

    async def linger(number: int) -> None:
        await asyncio.sleep(number / connections)
        while not attack.over:
            async with attack.connection() as (reader, writer):
                while not attack.over:
                    await attack.send(writer, b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
                    await attack.answered(reader)
                    await asyncio.sleep(min(6, max(0, attack.until - time.monotonic())))

    await asyncio.gather(*(linger(number) for number in range(connections)))


async def half_open(attack: Attack) -> None:
    """Four hundred connections that begin a request and never end it."""

    async def begin(number: int) -> None:
        await asyncio.sleep(number / 400)
        while not attack.over:
            async with attack.connection() as (reader, writer):
                beginnings = (
                    b"",
                    b"GET / HTTP/1.1\r\nHost: ",
                    b"POST /join HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n",
                )
                await attack.send(writer, beginnings[number % 3])
                await asyncio.wait_for(reader.read(), max(0.01, attack.until - time.monotonic()))

    await asyncio.gather(*(begin(number) for number in range(400)))


async def slow_readers(attack: Attack) -> None:
    """Two hundred connections that ask for the largest file and don't read it."""

    async def ask(number: int) -> None:
        await asyncio.sleep(number / 200)
        while not attack.over:
            async with attack.connection() as (_, writer):
                writer.transport.pause_reading()
                await attack.send(writer, b"GET /tk.css HTTP/1.1\r\nHost: x\r\n\r\n" * 30)
                await asyncio.sleep(max(0, attack.until - time.monotonic()))

    await asyncio.gather(*(ask(number) for number in range(200)))


async def guesses(attack: Attack) -> None:
    """Sixteen guessers of the code, as fast as they are answered, each with a browser's cookie of its own."""
    wrong = (f"{n:06}" for n in itertools.count() if f"{n:06}" != attack.code)

    async def guess() -> None:
        key = secrets.token_urlsafe(24)

        async def made() -> bytes:
            form = {"token": proof(key), "code": next(wrong), "name": "Гость", "consent": "1", "visit": key}
            return await attack.ask("/join", form=form, cookie=f"trainkit={key}")

        await attack.again_and_again(made)

    await asyncio.gather(*(guess() for _ in range(16)))


async def links(attack: Attack) -> None:
    """Sixteen who try personal links and trainer's links."""

    async def guess(number: int) -> None:
        await attack.again_and_again(lambda: attack.ask(f"/{('me', 't')[number % 2]}/{secrets.token_urlsafe(24)}"))

    await asyncio.gather(*(guess(number) for number in range(16)))


async def pages(attack: Attack) -> None:
    """Sixty-four connections that open the door again and again."""
    await asyncio.gather(*(attack.again_and_again(lambda: attack.ask("/")) for _ in range(64)))


async def made_up_hosts(attack: Attack) -> None:
    """Sixteen who look at the wall by another address each time, whose QR code has to be drawn."""

    async def look() -> None:
        await attack.again_and_again(lambda: attack.ask("/wall?part", host=secrets.token_hex(8)))

    await asyncio.gather(*(look() for _ in range(16)))


async def reconnecting(attack: Attack) -> None:
    """Thirty-two who open a new connection for each request."""

    async def come() -> None:
        while not attack.over:
            async with attack.connection() as (reader, writer):
                await attack.send(writer, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                await attack.answered(reader)

    await asyncio.gather(*(come() for _ in range(32)))


ATTACKS = {
    one.__name__: one
    for one in (
        pipelining, trailers, idle, half_open, slow_readers, guesses, links, pages, made_up_hosts, reconnecting,
    )
}  # fmt: skip


def run(name: str, port: int, source: str, seconds: float, code: str) -> Counter[str]:
    """Carry an attack out; what was met, by status and kind."""

    async def carried_out() -> Counter[str]:
        attack = Attack(port, source, seconds, code)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ATTACKS[name](attack), seconds + 5)
        return attack.met

    return asyncio.run(carried_out())
