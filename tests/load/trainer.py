"""What do the wall and the trainers' remotes cost, and do they stay right? Browsers on them, doing what their scripts do."""

from __future__ import annotations

import asyncio
import re
import time

import aiohttp
from load.tally import Tally

REMOTES = 3  # the trainer's and those of two more
_MAIN = re.compile(rb"<main\b")


async def watch(base: str, link: str, tally: Tally) -> None:
    """Open a wall and the remotes, by the trainer's secret link, and fetch each anew at every change, until cancelled.

    Parameters
    ----------
    base : str
        The server's address.
    link : str
        The trainer's link as the server printed it; only its path is used.
    tally : Tally
        Times go to ``loads["wall"]`` and ``loads["remote"]``, sizes to ``sizes``, what is wrong to the errors.
    """
    secret = "/" + link.partition("://")[2].partition("/")[2]
    screens = [("wall", "/wall"), *[("remote", secret)] * REMOTES]
    await asyncio.gather(*(_look(base, kind, path, tally) for kind, path in screens))


async def _look(base: str, kind: str, path: str, tally: Tally) -> None:
    """Keep one screen open."""
    jar, timeout = aiohttp.CookieJar(unsafe=True), aiohttp.ClientTimeout(total=None, sock_connect=30)
    async with aiohttp.ClientSession(cookie_jar=jar, timeout=timeout) as http:
        try:
            await asyncio.sleep(0.2)
            async with http.get(base + path) as answer:
                page = await answer.read()
                if answer.status != 200 or not _MAIN.search(page):
                    return tally.wrong(kind, f"{answer.url.path}: status {answer.status}")
            async with http.get(f"{base}/{kind}/live") as live:
                if live.content_type != "text/event-stream":
                    return tally.wrong(kind, f"/{kind}/live: status {live.status}, {live.content_type}")
                async for line in live.content:
                    if line.startswith(b"data: "):  # not a mere sign of life
                        await _renew(http, base, kind, tally)
            tally.wrong(kind, f"/{kind}/live ended")
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            tally.wrong(kind, f"{type(error).__name__}: {error}")
    return None


async def _renew(http: aiohttp.ClientSession, base: str, kind: str, tally: Tally) -> None:
    sent = time.perf_counter()
    async with http.get(f"{base}/{kind}?part") as answer:
        part = await answer.read()
        if answer.status != 200:
            tally.wrong(kind, f"/{kind}?part: status {answer.status}")
    tally.loads[kind].append((sent, time.perf_counter() - sent))
    tally.sizes[kind].append(len(part))
