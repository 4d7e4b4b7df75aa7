"""How does a room of trainees behave, and what do they see? Browsers that read each page and check it.

They send what a browser sends, with class.js or without any JavaScript. A trainee has cookies and one keep-alive connection
of his own (``limit=1``), as a phone has; follows redirects by hand; sends a request again, once, where the server had closed
the idle connection, as browsers do. Every page is read with precompiled patterns, since the client shares the machine with
the server; a page that isn't what it must be is a deviation, counted by its kind and kept with its first example.
"""

from __future__ import annotations

import asyncio
import gc
import random
import re
import resource
import time
from dataclasses import dataclass
from html import unescape
from urllib.parse import quote, urldefrag, urlencode, urljoin

import aiohttp
from load.tally import Plan, Tally
from yarl import URL

from trainkit.session.option_codes import code_of

NAME = "Ирис-{:05d}"  # Cyrillic, as most people's names here
_NAMES = re.compile("Ирис-[0-9]{5}".encode())
_INPUT = re.compile(rb"<input\b([^>]*)>")
_NAME = re.compile(rb'\bname="([^"]*)"')
_VALUE = re.compile(rb'\bvalue="([^"]*)"')
_ACTION = re.compile(rb'<form\b[^>]*\baction="([^"]*)"')
_STEP = re.compile(rb'name="step" value="(\d+)"')
_OPTION = re.compile(rb'<button class="[^"]*\bopt\b[^"]*" ([^>]*)>.*?<span>(.*?)</span>', re.DOTALL)
_STATE = re.compile(rb'<main\b[^>]*\bdata-state="([^"]*)"')
_DEBRIEF = re.compile(rb'class="[^"]*\bdebrief\b')
_ANY_FORM = re.compile(rb'<form\b[^>]*\bmethod="post".*?</form>', re.DOTALL)
_TURN = re.compile(rb'<a\b[^>]*\bhref="(/debrief\?page=(\d+))"')
_GO_ON = re.compile(
    rb'<form\b(?:(?!</form>).)*?<button [^>]*\bname="(begin|again)" value="([^"]*)".*?</form>', re.DOTALL
)
NEXT_PAGE = "return=representation"
TIMEOUT = aiohttp.ClientTimeout(total=30)


class Wrong(Exception):
    """A page that isn't what it must be: its kind and an example."""


@dataclass(frozen=True)
class Target:
    """What is played: where, and how its pages are recognised.

    ``path`` names the options to take, a set a click; without it any open one is taken. ``form`` is the pattern of the
    form the options stand in, ``join`` the address a trainee opens first, ``{code}`` and ``{name}`` in it filled in, and
    ``title`` what every page of the exercise must have on it. With a ``code`` one joins by a form, without it by the
    address alone.
    """

    base: str
    join: str
    title: str
    form: re.Pattern[bytes] = re.compile(rb'<form class="choice".*?</form>', re.DOTALL)
    path: tuple[frozenset[str], ...] = ()
    code: str = ""


@dataclass(frozen=True)
class Page:
    """An answer of the server."""

    status: int
    url: str
    body: bytes
    wire: int


class Trainee:
    """One person with a phone: joins, plays whole cases with time to think, checks every page."""

    def __init__(self, number: int, target: Target, plan: Plan, tally: Tally):
        self.number, self.target, self.plan, self.tally = number, target, plan, tally
        self.name = NAME.format(number)
        self.dice = random.Random(f"{plan.seed}/{number}")
        self.cookies: dict[str, str] = {}
        self._runs, self._state = 0, ""

    async def live(self, until: float) -> None:
        """Join, play, and play again until the time is over; a case once begun is played to its end."""
        # one connection, and a second one only while the other waits for the trainer: as browsers do
        connector = aiohttp.TCPConnector(limit=2 if self.plan.listen else 1, keepalive_timeout=600, force_close=False)
        self.http = aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), timeout=TIMEOUT, auto_decompress=True
        )
        listening = asyncio.create_task(self._listen()) if self.plan.listen and self.plan.script else None
        try:
            page = await self._join()
            while True:
                page = await self._play(page)
                if self.plan.read:
                    page = await self._read(page)
                self.tally.played += 1
                self._runs += 1
                if time.perf_counter() >= until:
                    return
                await self._think()
                page = await self._go_on(page) if self._runs % self.plan.runs else await self._stranger()
        except Wrong as wrong:
            self.tally.wrong(*wrong.args)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            self.tally.wrong(f"connection: {type(error).__name__}", f"{self.name}: {error}")
        finally:
            if listening:
                listening.cancel()
            await self.http.close()

    async def _listen(self) -> None:
        """Wait for the trainer as class.js does, beside the clicks."""
        while True:
            await asyncio.sleep(0.5)
            if not self._state:
                continue
            cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            url, began = f"{self.target.base}/pulse?state={self._state}", time.perf_counter()
            try:
                async with self.http.get(url, headers={"Cookie": cookie, "Prefer": NEXT_PAGE}) as answer:
                    await answer.read()
                    if answer.status != 200:
                        self.tally.wrong("pulse", f"status {answer.status}")
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                self.tally.wrong(f"pulse: {type(error).__name__}", f"{self.name}: {error}")
            if time.perf_counter() - began < 1:  # there are too many who wait: ask again after a while
                await asyncio.sleep(15 * self.dice.uniform(0.8, 1.2))

    async def _think(self, really: bool = True) -> None:
        low, high = self.plan.think if really else (0, 0)
        await asyncio.sleep(self.dice.uniform(low, high))

    # ---- what a person does ------------------------------------------------------------------------------------

    async def _join(self) -> Page:
        self.cookies.clear()
        target = self.target
        sent = time.perf_counter()
        page = await self._get(target.base + target.join.format(code=target.code, name=quote(self.name)))
        if target.code:
            self._seen("join", page, sent)
            await self._think(self.plan.door)
            form = _ANY_FORM.search(page.body)
            if form is None:
                raise Wrong("join: no form", self._example(page))
            fields = _hidden(form[0]) | {"code": target.code, "name": self.name, "consent": "1"}
            sent = time.perf_counter()
            page = await self._post(_action(form[0], page.url), fields)
        if not target.form.search(page.body) and _GO_ON.search(page.body):
            self._seen("lobby", page, sent)
            self._check(page)
            await self._think(self.plan.door)
            return await self._go_on(page)
        self._seen("first", page, sent)
        return page

    async def _go_on(self, page: Page) -> Page:
        """Press "begin" or "play again"."""
        form = _GO_ON.search(page.body)
        if form is None:  # the exercise has no "play again"
            return await self._stranger()
        sent = time.perf_counter()
        pressed = {form[1].decode(): unescape(form[2].decode())}
        page = await self._post(_action(form[0], page.url), _hidden(form[0]) | pressed)
        self._seen("first", page, sent)
        return page

    async def _stranger(self) -> Page:
        """Somebody else sits down at the phone."""
        self.number += self.plan.trainees
        self.name = NAME.format(self.number)
        return await self._join()

    async def _play(self, page: Page) -> Page:
        """Click through a whole case; returns the page with the debrief."""
        self._check(page)
        step, clicks = self._step(page), 0
        while not _DEBRIEF.search(page.body):
            form = self.target.form.search(page.body)
            options = [] if form is None else [m.groups() for m in _OPTION.finditer(form[0]) if b"disabled" not in m[1]]
            wanted = self.target.path[clicks : clicks + 1]
            options = [
                o for o in options if not wanted or {_named(_VALUE, o[0])} & {*wanted[0], *map(code_of, wanted[0])}
            ]
            if not options:
                raise Wrong("no option to choose", self._example(page))
            await self._think()
            attributes, text = self.dice.choice(options)
            answer = {_named(_NAME, attributes): _named(_VALUE, attributes)}
            sent = time.perf_counter()
            page = await self._post(_action(form[0], page.url), _hidden(form[0]) | answer)
            over = _DEBRIEF.search(page.body) is not None
            took = self._seen("debrief" if over else "scene", page, sent)
            self.tally.submits.append((sent, took))
            self._check(page)
            before, step, clicks = step, self._step(page), clicks + 1
            if step != before + 1:
                raise Wrong("step", f"{self.name}: after step {before} came {step}")
            menu = _OPTION.search(page.body)  # a question that has been asked goes on standing in its menu
            if text not in page.body[: menu.start() if menu else None]:
                raise Wrong("the chosen reply is not in the talk", f"{self._example(page)}: {text.decode()}")
        if self.target.path and clicks != len(self.target.path):
            raise Wrong("number of clicks", f"{self.name}: over after {clicks}, not {len(self.target.path)}")
        return page

    async def _read(self, page: Page) -> Page:
        """Turn the pages of the debrief, where it has more than one; returns the one from which one can play again."""
        last, number = page, 1
        while turn := next((m[1] for m in _TURN.finditer(last.body) if int(m[2]) == number + 1), None):
            await self._think()
            sent = time.perf_counter()
            last, number = await self._get(urljoin(last.url, turn.decode())), number + 1
            self._seen("debrief", last, sent)
            self._check(last)
            if not _DEBRIEF.search(last.body):
                raise Wrong("no debrief on its page", self._example(last))
        return last if _GO_ON.search(last.body) else page

    # ---- what a person looks at -------------------------------------------------------------------------------

    def _seen(self, kind: str, page: Page, sent: float) -> float:
        took = time.perf_counter() - sent
        self.tally.loads[kind].append((sent, took))
        self.tally.sizes["scene" if kind == "first" else kind].append(len(page.body))
        self.tally.sent["scene" if kind == "first" else kind].append(page.wire)
        return took

    def _check(self, page: Page) -> None:
        if page.status != 200:
            raise Wrong(f"status {page.status}", self._example(page))
        if self.target.title.encode() not in page.body:
            raise Wrong("title", self._example(page))
        names = set(_NAMES.findall(page.body))
        if names - {self.name.encode()}:
            raise Wrong("somebody else's page", f"{self._example(page)}: {b', '.join(sorted(names)).decode()}")
        if not names:
            raise Wrong("no name on the page", self._example(page))

    def _step(self, page: Page) -> int:
        found = _STEP.search(page.body)
        if found is None:
            raise Wrong("no step on the page", self._example(page))
        return int(found[1])

    def _example(self, page: Page) -> str:
        words = re.sub(r"\s+", " ", re.sub(r"<[^>]*>|&[a-z#0-9]+;", " ", page.body[-4000:].decode(errors="replace")))
        return f"{self.name}, {page.url}, status {page.status}: …{words.strip()[-200:]}"

    # ---- what a browser does ----------------------------------------------------------------------------------

    async def _get(self, url: str) -> Page:
        return await self._follow("GET", url, None)

    async def _post(self, url: str, fields: dict[str, str]) -> Page:
        return await self._follow("POST", url, urlencode(fields).encode())

    async def _follow(self, method: str, url: str, data: bytes | None) -> Page:
        posted = method == "POST"
        for _ in range(6):
            status, location, at_once, body, wire = await self._ask(method, url, data)
            if location is None:
                state = _STATE.search(body)
                self._state = state[1].decode() if state else ""
                if posted and status == 200 and not (at_once and self.plan.script):
                    raise Wrong("a post was answered without a redirect", f"{self.name}, {url}")
                return Page(status, url, body, wire)
            url, posted = urldefrag(urljoin(url, location)).url, False
            if not url.startswith(self.target.base):
                raise Wrong("redirect to another place", f"{self.name}: {location}")
            if status in (301, 302, 303):
                method, data = "GET", None
        raise Wrong("redirects in a circle", f"{self.name}: {url}")

    async def _ask(self, method: str, url: str, data: bytes | None) -> tuple[int, str | None, bool, bytes, int]:
        headers = {"Accept-Language": "ru", "Accept": "text/html", "Accept-Encoding": "gzip, deflate"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if data is not None:
            if self.plan.script:
                headers["Prefer"] = NEXT_PAGE
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": self.target.base,
                "Sec-Fetch-Site": "same-origin",
            }
        for attempt in (1, 2):
            try:
                async with self.http.request(
                    method, URL(url, encoded=True), data=data, headers=headers, allow_redirects=False
                ) as answer:
                    body = await answer.read()
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, ConnectionResetError):
                if attempt == 2:
                    raise
                self.tally.reconnected += 1
                continue
            for line in answer.headers.getall("Set-Cookie", ()):
                name, _, value = line.partition(";")[0].partition("=")
                self.cookies[name.strip()] = value
            location = answer.headers.get("Location") if 300 <= answer.status < 400 else None
            at_once = answer.headers.get("Preference-Applied") == NEXT_PAGE
            return answer.status, location, at_once, body, int(answer.headers.get("Content-Length", len(body)))
        raise AssertionError("unreachable")


def _named(pattern: re.Pattern[bytes], attributes: bytes) -> str:
    found = pattern.search(attributes)
    return unescape(found[1].decode()) if found else ""


def _hidden(form: bytes) -> dict[str, str]:
    found = (match[1] for match in _INPUT.finditer(form) if b'type="hidden"' in match[1])
    return {_named(_NAME, attributes): _named(_VALUE, attributes) for attributes in found}


def _action(form: bytes, url: str) -> str:
    found = _ACTION.match(form)
    return urljoin(url, unescape(found[1].decode())) if found else url


async def _watch(tally: Tally) -> None:
    """How late this program's own clock rings: what the client itself adds to the times."""
    while True:
        start = time.perf_counter()
        await asyncio.sleep(0.02)
        tally.lag.append(time.perf_counter() - start - 0.02)


async def room(target: Target, plan: Plan, first: int = 0, tally: Tally | None = None) -> Tally:
    """Let a room play; joins are spread evenly over the ramp whether or not earlier ones are done.

    Parameters
    ----------
    target : Target
    plan : Plan
    first : int
        Number of the first trainee; names come from it.
    tally : Tally, optional
        Filled while the room plays, for who wants to look on.
    """
    tally = tally or Tally()
    gc.collect()
    gc.disable()
    before, tally.began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    tally.full = (tally.began + plan.ramp, tally.began + plan.ramp + plan.hold)
    watch = asyncio.create_task(_watch(tally))

    async def come(number: int) -> None:
        at = tally.began + plan.ramp * number / plan.trainees
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        await Trainee(first + number, target, plan, tally).live(tally.full[1])

    try:
        await asyncio.gather(*(come(number) for number in range(plan.trainees)))
    finally:
        watch.cancel()
        gc.enable()
    after = resource.getrusage(resource.RUSAGE_SELF)
    tally.seconds = time.perf_counter() - tally.began
    tally.cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return tally
