"""How does a class fare while things break? Servers in processes of their own, and trainees who play on regardless.

A trainee keeps his own book: what was confirmed to him (a 303), and the one thing he doesn't know about (asked for, not
answered). Each page must agree with it, and in the end so must the log.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import os
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from unittest.mock import patch

import aiohttp
import sqlalchemy as sa

from support import class_server as classroom
from support.option_ids import option_id
from trainkit.log import schema as tables
from trainkit.log.records import Event, clean_words
from trainkit.log.store import Log
from trainkit.room.members import member_by_secret
from trainkit.room.workshops import by_code
from trainkit.session.resume import reopen

LOST = (aiohttp.ClientError, OSError, asyncio.TimeoutError)
SPOKEN = ("", "Сам бы сказал: «да»\x00 <b>&amp; 'нет'--", "𝕏🧵\nвторая строка", "ё" * 300)


class Server(classroom.Server):
    """A class over any database, in any environment; started again, it is the same command."""

    def __init__(self, folder: Path, *arguments: object, environment: dict[str, str] | None = None, **named: object):
        folder.mkdir(exist_ok=True)
        super().__init__(folder, *arguments, **named)
        self.environment = environment or {}

    def start(self, *more: object, new: bool | None = None) -> Server:
        with patch.dict(os.environ, self.environment):
            super().start(*more, new=new)
        return self

    def kill(self) -> None:
        """End it as a power cut does."""
        self.stop(classroom.KILL)

    def said(self) -> str:
        return self.printed + self.complaints()


@dataclass(frozen=True)
class Page:
    """An answer, read as far as a trainee needs it."""

    status: int
    text: str
    cookies: dict[str, str]

    def _one(self, pattern: str) -> str | None:
        found = re.search(pattern, self.text)
        return unescape(found[1]) if found else None

    @property
    def token(self) -> str:
        return self._one(r'name="token" value="([^"]*)"') or ""

    @property
    def visit(self) -> str:
        return self._one(r'name="visit" value="([^"]*)"') or ""

    @property
    def attempt(self) -> str | None:
        return self._one(r'name="attempt" value="([^"]*)"')

    @property
    def step(self) -> int | None:
        found = self._one(r'name="step" value="(\d+)"')
        return None if found is None else int(found)

    @property
    def options(self) -> list[str]:
        return [option_id(code) for code in re.findall(r'name="option" value="([^"]*)"(?! disabled)', self.text)]

    @property
    def vote(self) -> str | None:
        return self._one(r'name="vote" value="([^"]*)"')

    @property
    def case(self) -> str | None:
        """The case that may be begun here."""
        return self._one(r'name="begin" value="([^"]*)"')

    @property
    def phase(self) -> str:
        for phase, mark in (
            ("vote", 'name="vote"'),
            ("choose", 'name="option"'),
            ("words", 'name="words"'),
            ("why", 'name="why"'),
            ("over", 'name="again"'),
            ("lobby", 'name="begin"'),
            ("door", 'action="/join"'),
        ):
            if mark in self.text:
                return phase
        return "wait"

    @property
    def alert(self) -> str:
        found = re.search(r'(?s)role="alert">.*?<p[^>]*>(.*?)</p>', self.text.split("<template", 1)[0])
        return unescape(found[1]) if found else ""


@dataclass(frozen=True)
class Said:
    """A row of the log, as far as its author knows it."""

    kind: str
    option: str | None = None
    text: str | None = None

    @classmethod
    def of(cls, event: Event) -> Said:
        """What an event says."""
        chosen = event.kind == "choose"
        return cls(event.kind, event.option if chosen else None, None if chosen else event.text)


Book = list[Said | tuple[Said, ...]]  # of a run; of several where nobody could say which of them came first


def differences(book: Sequence[Said | tuple[Said, ...]], log: Sequence[Said]) -> Iterator[tuple[int, object, object]]:
    """Where they don't agree: the number, what the book has, what the log has (None: nothing)."""
    for number, (known, logged) in enumerate(itertools.zip_longest(book, log)):
        if logged not in (known if isinstance(known, tuple) else (known,)):
            yield number, known, logged


class Hall:
    """Servers, the log behind them, and one client for all trainees; ``async with`` it."""

    patience = 90.0  # seconds
    wait = 60.0  # seconds that somebody waits for an answer

    def __init__(self, servers: list[Server], store: Log, think: tuple[float, float] = (0.02, 0.1)):
        self.servers, self.store, self.think = servers, store, think
        self.closing = False
        self.onward = asyncio.Event()
        self.onward.set()
        self.workshop = by_code(store, servers[0].code)

    async def __aenter__(self) -> Hall:
        self.client = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.client.close()

    async def ask(
        self,
        server: Server,
        path: str,
        cookies: dict[str, str],
        form: dict[str, str] | None = None,
        host: str | None = None,
    ) -> Page:
        """One request; redirects are not followed."""
        headers = {"cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        if host:
            headers["host"] = host
        method = "GET" if form is None else "POST"
        wait = aiohttp.ClientTimeout(total=self.wait)
        async with self.client.request(
            method, server.address + path, data=form, headers=headers, allow_redirects=False, timeout=wait
        ) as answer:
            text = await answer.text()
            given = {name: morsel.value for name, morsel in answer.cookies.items()}
            return Page(answer.status, text, given)

    async def until(self, what: str, true: Callable[[], object]) -> None:
        """Wait for something that must come."""
        deadline = time.monotonic() + self.patience
        while not true():
            assert time.monotonic() < deadline, f"never came: {what}"
            await asyncio.sleep(0.02)


class Trainee:
    """One who joins, plays, and asks again where no answer came.

    ``runs``: attempt → what is known to be logged of it; ``wrong``: pages that did not agree with that.
    """

    def __init__(self, hall: Hall, name: str):
        self.hall, self.name = hall, name
        self.dice = random.Random(name)
        self.cookies: dict[str, str] = {}
        self.runs: dict[str, Book] = {}
        self.refused: list[Page] = []
        self.wrong: list[str] = []
        self.taken = self.lost = 0
        self.enough: float = math.inf  # answers after which one waits for the others, as long as the hall says so
        self.joined = False
        self._open: tuple[str | None, Said, bool] | None = None  # attempt (None: a new one), what, whether confirmed
        self._on_its_way: list[
            Said
        ] = []  # said in this place and never answered: a server that was asleep may yet take it
        self._turn = self.dice.randrange(2)

    @property
    def key(self) -> str:
        return self.cookies["trainkit"]

    def server(self) -> Server:
        self._turn += 1
        return self.hall.servers[self._turn % len(self.hall.servers)]

    async def get(self, path: str = "/play", server: Server | None = None) -> Page:
        page = await self.hall.ask(server or self.server(), path, self.cookies)
        self.cookies |= page.cookies
        return page

    async def post(self, form: dict[str, str], server: Server | None = None, path: str = "/play") -> Page:
        page = await self.hall.ask(server or self.server(), path, self.cookies, form)
        self.cookies |= page.cookies
        return page

    # ---- playing --------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Play, whatever happens, until the hall closes."""
        in_vain = 0
        while not self.hall.closing:
            if self.taken >= self.enough:
                await self.hall.onward.wait()
            try:
                if not self.joined:
                    await self.join()
                else:
                    page = await self.get()
                    in_vain = 0
                    if page.status != 200:
                        self.refused.append(page)
                        await asyncio.sleep(0.1)
                        continue
                    self.note(page)
                    await asyncio.sleep(self.dice.uniform(*self.hall.think))
                    await self.act(page)
            except LOST:
                self.lost += 1
                in_vain += 1
                await asyncio.sleep(min(1.0, 0.05 * 2**in_vain))

    async def finish(self, cases: int) -> None:
        """Join, and play this many cases to their ends."""
        await self.join()
        over = 0
        while over < cases:
            page = await self.get()
            self.note(page)
            over += page.phase == "over"
            if over < cases:
                await asyncio.sleep(self.dice.uniform(*self.hall.think))
                await self.act(page)

    async def reach(self, case: str, *path: str) -> Page:
        """Join, play on until this case has begun and these options have been taken; gives the page with the next ones."""
        await self.join()
        wanted, begun = list(path), False
        while True:
            page = await self.get()
            self.note(page)
            if page.phase == "choose" and begun and not wanted:
                return page
            begun = begun or page.case == case
            option = wanted.pop(0) if page.phase == "choose" and begun else None
            answer = await self.act(page, option=option)
            assert answer.status == 303, answer.text

    async def rest(self) -> None:
        """A last look at where one is."""
        page = await self.get()
        assert page.status == 200, page.text
        self.note(page)

    async def join(self) -> None:
        door = await self.get("/")
        answer = await self.post(self.form(door), path="/join")
        if answer.status != 303:
            self.refused.append(answer)
            await asyncio.sleep(0.1)
        self.joined = answer.status == 303

    def form(self, door: Page) -> dict[str, str]:
        """What he fills in at the door."""
        own = {"token": door.token, "visit": door.visit}
        return {**own, "code": self.hall.workshop.code, "name": self.name, "consent": "1"}

    async def act(self, page: Page, server: Server | None = None, option: str | None = None) -> Page:
        """Do what the page is for."""
        form = self.answer_to(page, option)
        answer = await self.post(form, server)
        if answer.status == 303:
            self.confirmed()
        else:
            self.refused.append(answer)
        return answer

    def answer_to(self, page: Page, option: str | None = None) -> dict[str, str]:
        """The form to send; from here on it may be in the log."""
        form = {"token": page.token, "attempt": page.attempt or "", "step": str(page.step)}
        if page.phase == "choose":
            option = option or self.dice.choice(page.options)
            self._open = page.attempt, Said("choose", option=option), False
            return form | {"option": option}
        if page.phase in ("words", "why"):
            text = self.dice.choice(SPOKEN)
            self._open = page.attempt, Said(page.phase, text=clean_words(text)), False
            return form | {page.phase: "1" if text else "", "text": text}
        self._open = None, Said("begin"), False
        if page.case:
            return {"token": page.token, "begin": page.case, "run": str(len(self.runs))}
        assert page.phase == "over", page.text
        return form | {"again": page._one(r'name="again" value="([^"]*)"')}

    def confirmed(self) -> None:
        """What was asked for is in the log, the server says."""
        self.taken += 1
        attempt, said, _ = self._open
        if attempt is None:
            self._open = None, said, True
        else:
            self.runs[attempt].append(said)
            self._open, self._on_its_way = None, []

    def note(self, page: Page) -> None:
        """Compare a page with one's own book; what was open is settled by it."""
        (attempt, said, sure), self._open = self._open or ("", None, False), None
        if page.attempt is None:
            if self.runs or sure:
                self.wrong.append(f"a page of no run ({page.phase}) after {len(self.runs)} runs")
            return
        if page.attempt not in self.runs:
            if attempt is not None:
                self.wrong.append("a run that was never begun")
            self.runs[page.attempt], self._on_its_way = [], []
        elif attempt is None and sure:
            self.wrong.append("a run that was begun, and isn't there")
        elif page.attempt != list(self.runs)[-1]:
            self.wrong.append("an earlier run than the newest")
        run = self.runs[page.attempt]
        if attempt == page.attempt and page.step == len(run) + 1:  # it had been committed, only nobody could say so
            run.append((*self._on_its_way, said) if self._on_its_way else said)
            self._on_its_way = []
        elif attempt == page.attempt and page.step == len(run):
            self._on_its_way.append(said)
        if page.step != len(run):
            self.wrong.append(f"step {page.step} instead of {len(run)}")


def agree(hall: Hall, trainees: list[Trainee]) -> None:
    """The log has what was confirmed, each exactly once and in its order, nothing else, and all of it can be played."""
    store, count = hall.store, 0
    for one in trainees:
        assert not one.wrong, (one.name, one.wrong)
        member = member_by_secret(store, hall.workshop, one.key)
        records = store.attempts(member=member.member)
        assert [record.attempt for record in records] == list(one.runs)
        assert [record.run for record in records] == list(range(len(records)))
        for record in records:
            events = store.events(record.attempt)
            count += len(events)
            assert not list(differences(one.runs[record.attempt], [Said.of(event) for event in events])), one.name
            session = reopen(store, record)
            assert session.step == len(events)
    with store.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(tables.events)).scalar() == count
        if store.is_sqlite:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert not connection.exec_driver_sql("PRAGMA foreign_key_check").all()
