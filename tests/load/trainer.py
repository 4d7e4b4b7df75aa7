"""What does the trainer's open board cost, and does it stay right? A browser on the board, doing what its script does."""

from __future__ import annotations

import asyncio
import re
import time

import aiohttp
from load.tally import Tally

_MAIN = re.compile(rb"<main\b")


async def watch(base: str, link: str, tally: Tally) -> None:
    """Open the board by its secret link, listen for changes, and fetch the board at each, until cancelled.

    Parameters
    ----------
    base : str
        The server's address.
    link : str
        The trainer's link as the server printed it; only its path is used.
    tally : Tally
        Times go to ``loads["board"]``, sizes to ``sizes["board"]``, what is wrong to the errors.
    """
    path = "/" + link.partition("://")[2].partition("/")[2]
    jar, timeout = aiohttp.CookieJar(unsafe=True), aiohttp.ClientTimeout(total=None, sock_connect=30)
    async with aiohttp.ClientSession(cookie_jar=jar, timeout=timeout) as http:
        try:
            await asyncio.sleep(0.2)
            async with http.get(base + path) as answer:
                page = await answer.read()
                if answer.status != 200 or not _MAIN.search(page):
                    return tally.wrong("board", f"{answer.url.path}: status {answer.status}")
            async with http.get(f"{base}/remote/live") as live:
                if live.content_type != "text/event-stream":
                    return tally.wrong("board", f"/remote/live: status {live.status}, {live.content_type}")
                async for line in live.content:
                    if line.startswith(b"data: "):  # not a mere sign of life
                        await _renew(http, base, tally)
            tally.wrong("board", "/remote/live ended")
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            tally.wrong("board", f"{type(error).__name__}: {error}")
    return None


async def _renew(http: aiohttp.ClientSession, base: str, tally: Tally) -> None:
    sent = time.perf_counter()
    async with http.get(f"{base}/remote?part") as answer:
        part = await answer.read()
        if answer.status != 200:
            tally.wrong("board", f"/remote?part: status {answer.status}")
    tally.loads["board"].append((sent, time.perf_counter() - sent))
    tally.sizes["board"].append(len(part))
