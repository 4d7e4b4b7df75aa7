"""How does a test get a class? A real server in a process of its own, browsers without JavaScript, and the log it wrote."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

from support.forked import Forked, begin
from support.option_ids import option_id
from support.ports import HOST, free_port
from trainkit.session.option_codes import code_of
from trainkit.web.security import proof

PARCEL = "tests/casebook/late_parcel"
RACKET = "racket_refund"
TODAY = ("--set", "price=low", "--set", "need=today")
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # Windows has one way to end another program: at once
PATIENCE = 30.0  # seconds for a server to begin or end
URLENCODED = "application/x-www-form-urlencoded"


def environment() -> dict[str, str]:
    """This process's environment without another casebook or log."""
    return {k: v for k, v in os.environ.items() if k not in ("TRAINKIT_CASEBOOK", "TRAINKIT_DATABASE")}


# ---- the server -----------------------------------------------------------------------------------------------


class Server:
    """``trainkit class`` on 127.0.0.1 with a log in ``folder``; :meth:`stop` and :meth:`start` it as often as one likes.

    Attributes
    ----------
    address, code, remote : str
        As printed: ``http://…``, six digits, and the path of the trainer's link.
    """

    patience = PATIENCE

    def __init__(self, folder: Path, *arguments: object, cases: Sequence[str] = (PARCEL,)):
        self.database = folder / "log.sqlite3"
        self.errors = folder / "stderr.txt"
        self.arguments = (
            *cases,
            "--no-lobby",
            "--story",
            "own",
            "--anonymous",
            *arguments,
        )  # most tests have no time for a lobby; "--lobby" comes after it
        self.port = free_port()  # the same after a restart: phones have it
        self.process: subprocess.Popen | Forked | None = None
        self.has_run = False
        self.printed = self.address = self.code = self.remote = ""

    def start(self, *more: object, new: bool | None = None) -> Server:
        """Begin; returns when the board's link is printed. When it begins again it is a ``new`` Python, unless told."""
        line = (
            "class",
            "--json",
            "--host",
            HOST,
            "--port",
            self.port,
            "--database",
            self.database,
            *self.arguments,
            *more,
        )
        with self.errors.open("ab") as errors:
            self.process = begin(line, environment(), errors, self.has_run if new is None else new)
        self.has_run = True
        too_long = threading.Timer(self.patience, self.process.kill)
        too_long.start()
        printed = []
        for raw in self.process.stdout:
            printed.append(raw.decode())
            if printed[-1].startswith("{"):
                break
        too_long.cancel()
        self.printed = "".join(printed)
        assert printed and printed[-1].startswith("{"), f"{self.printed}\n{self.errors.read_text()}"
        told = json.loads(printed[-1])
        self.address, self.code = told["address"], told["code"]
        self.remote = told["remote"].removeprefix(self.address)
        return self

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it, politely or not."""
        if self.process is None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(self.patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.process.stdout.close()
            self.process = None

    def complaints(self) -> str:
        """What it wrote to stderr."""
        return self.errors.read_text("utf-8", "replace")

    # ---- the log ----------------------------------------------------------------------------------------------

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        """Rows of the log as another program reads them."""
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)) as connection:
            connection.row_factory = sqlite3.Row
            return connection.execute(query, values).fetchall()

    def count(self, table: str) -> int:
        """Number of rows of a table."""
        return self.rows(f"SELECT count(*) FROM {table}")[0][0]  # tables are named by tests only

    def attempts(self, name: str) -> list[sqlite3.Row]:
        """The runs of a member, in order."""
        return self.rows("SELECT * FROM attempts WHERE participant = ? ORDER BY run", name)

    def events(self, name: str, run: int = 0) -> list[tuple]:
        """(kind, scene, option, text, lang) of a member's run, in order."""
        found = self.rows(
            "SELECT kind, scene, option, text, events.lang FROM events JOIN attempts USING (attempt) "
            "WHERE participant = ? AND run = ? ORDER BY step",
            name,
            run,
        )
        return [tuple(row) for row in found]

    def chosen(self, name: str, run: int = 0) -> list[str]:
        """Options a member chose in a run, in order."""
        return [option for kind, _, option, _, _ in self.events(name, run) if kind == "choose"]

    # ---- people -----------------------------------------------------------------------------------------------

    def trainer(self) -> Browser:
        """A browser that has opened the trainer's link."""
        browser = Browser(self)
        browser.get(self.remote)
        return browser

    def joined(self, name: str, *, pair: bool = False, lang: str = "", source: str = "") -> Browser:
        """A browser that has joined and sees the lobby."""
        browser = Browser(self, source)
        browser.get(f"/?lang={lang}" if lang else "/")
        page = browser.join(name, pair=pair)
        assert page.status == 200 and page.path == "/play", (page.status, page.text)
        return browser

    def playing(self, name: str, **how: object) -> Browser:
        """A browser that has joined and begun."""
        browser = self.joined(name, **how)
        browser.press("begin")
        return browser


@contextlib.contextmanager
def held(folder: Path, *arguments: object, cases: Sequence[str] = (PARCEL,)) -> Iterator[Server]:
    """A class while it is needed; it must not have met a mistake of its own."""
    server = Server(folder, *arguments, cases=cases).start()
    try:
        yield server
    finally:
        server.stop()
    assert "Traceback" not in server.complaints(), server.complaints()


# ---- a browser ------------------------------------------------------------------------------------------------


@dataclass
class Form:
    """A form as a browser would send it: what is filled in, and its buttons (name, value, disabled)."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str, bool]] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.shown: list[str] = []
        self._inside = False
        self._select = ""

    def handle_starttag(self, tag, attributes):
        said = {name: value or "" for name, value in attributes}
        self.tags.append((tag, said))
        if tag == "form":
            self.forms.append(Form(said.get("action", ""), said.get("method", "get")))
            self._inside = True
        elif tag == "a" and "href" in said:
            self.links.append(said["href"])
        elif self._inside and "name" in said:
            form = self.forms[-1]
            if tag == "button":
                value = said.get("value", "")
                value = option_id(value) if said["name"] == "option" else value
                form.buttons.append((said["name"], value, "disabled" in said))
            elif tag == "input" and (said.get("type") not in ("checkbox", "radio") or "checked" in said):
                form.fields[said["name"]] = said.get("value", "")
            elif tag in ("textarea", "select"):
                form.fields[said["name"]], self._select = "", said["name"]
        elif self._inside and tag == "option" and ("selected" in said or not self.forms[-1].fields[self._select]):
            self.forms[-1].fields[self._select] = said.get("value", "")

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag):
        if tag == "form":
            self._inside = False

    def handle_data(self, data):
        self.shown.append(data)


@dataclass
class Page:
    """An answer: ``path`` is where it was found after redirects, ``moved`` every redirect on the way."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    path: str
    moved: list[str]

    def __post_init__(self):
        self.text = self.body.decode("utf-8", "replace")
        reader = _Reader()
        if "html" in self.header("content-type"):
            reader.feed(self.text)
        self.forms, self.links, self.tags = reader.forms, reader.links, reader.tags
        self.words = " ".join("".join(reader.shown).split())  # what a person reads; no-break spaces are spaces

    def header(self, name: str) -> str:
        """A header, or nothing."""
        return ", ".join(value for key, value in self.headers if key.lower() == name)

    @property
    def alert(self) -> str:
        """What the page complains of."""
        found = re.search(r'role="alert">.*?<p(?: [^>]*)?>(.*?)</p>', self.text.split("<template", 1)[0], re.S)
        return unescape(found[1]).replace("\N{NO-BREAK SPACE}", " ") if found else ""

    def form(self, button: str, value: str | None = None) -> Form:
        """The form that has this button."""
        for form in self.forms:
            if any(name == button and value in (None, said) for name, said, _ in form.buttons):
                return form
        raise AssertionError(f"no button {button}={value} on {self.path} ({self.status}): {self.words[:600]}")

    def buttons(self, name: str) -> list[str]:
        """Values of the buttons of this name that can be pressed."""
        return [value for form in self.forms for said, value, off in form.buttons if said == name and not off]

    def sent(self, button: str, value: str | None = None, /, **filled: str) -> dict[str, str]:
        """The fields a browser would send for this button."""
        form = self.form(button, value)
        pressed = next(said for name, said, _ in form.buttons if name == button and value in (None, said))
        return {**form.fields, **filled, button: code_of(pressed) if button == "option" else pressed}


class Browser:
    """A browser without JavaScript: cookies, forms and redirects; ``page`` is what it shows."""

    def __init__(self, server: Server, source: str = ""):
        self.server, self.source = server, source
        self.cookies: dict[str, str] = {}
        self.set: list[str] = []  # every set-cookie line it got
        self.page: Page | None = None

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        follow: bool = True,
    ) -> Page:
        """A request with this browser's cookies; what it shows doesn't change."""
        connection = self._connection()
        moved: list[str] = []
        with contextlib.closing(connection):
            for _ in range(5):
                said = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())} if self.cookies else {}
                connection.request(method, path, body, {"Connection": "close", **said, **(headers or {})})
                answer = connection.getresponse()
                page = Page(answer.status, answer.getheaders(), answer.read(), path.partition("#")[0], moved)
                self._keep(page)
                if not (follow and page.status == 303):
                    return page
                path = page.header("location").split("#")[0]
                assert path.startswith("/") and not path.startswith("//"), f"sent elsewhere: {path}"
                moved.append(path)
                method, body, headers = "GET", None, None
        raise AssertionError(f"sent round in circles: {moved}")

    def _connection(self) -> http.client.HTTPConnection:
        source = (self.source, 0) if self.source else None
        return http.client.HTTPConnection(HOST, self.server.port, timeout=PATIENCE, source_address=source)

    def _keep(self, page: Page) -> None:
        for name, line in page.headers:
            if name.lower() == "set-cookie":
                self.set.append(line)
                key, _, value = line.split(";")[0].partition("=")
                self.cookies[key] = value

    def get(self, path: str, **headers: str) -> Page:
        """Open an address."""
        self.page = self.ask("GET", path, headers=headers)
        return self.page

    def post(self, path: str, fields: Mapping[str, str] | Sequence[tuple[str, str]], **headers: str) -> Page:
        """Send fields as a form."""
        self.page = self.ask("POST", path, urlencode(fields), {"Content-Type": URLENCODED, **headers})
        return self.page

    def press(self, button: str, value: str | None = None, /, **filled: str) -> Page:
        """Press a button of the page that is shown."""
        form = self.page.form(button, value)
        fields = self.page.sent(button, value, **filled)
        return self.post(form.action or self.page.path, fields)

    def join(self, name: str, *, code: str = "", pair: bool = False, consent: bool = True) -> Page:
        """Fill in the door's form."""
        if self.page is None or not any(form.action == "/join" for form in self.page.forms):
            self.get("/")
        (form,) = [form for form in self.page.forms if form.action == "/join"]
        fields = {**form.fields, "code": code or self.server.code, "name": name}
        fields |= {"pair": "1"} if pair else {}
        fields |= {"consent": "1"} if consent else {}
        return self.post("/join", fields)

    def say(self, *options: str) -> Page:
        """Choose options, one after the other."""
        for option in options:
            self.press("option", option)
        return self.page

    def copy(self) -> Browser:
        """Another tab of the same browser."""
        other = Browser(self.server, self.source)
        other.cookies, other.page = self.cookies, self.page
        return other


def steer(trainer: Browser, button: str, value: str = "", **fields: str):
    """Press a button of the board, whatever it looks like: a switch leads to 0 or 1, the others ``do`` something."""
    pressed = {button: value} if value else {"do": button}
    page = trainer.post("/remote", {**pressed, "token": proof(trainer.cookies["trainkit_remote"]), **fields})
    assert page.status == 200 and page.path.startswith("/remote"), (button, page.status, page.words)
    return page


def plain(text: str) -> str:
    """A text as :attr:`Page.words` has it."""
    return " ".join(text.split())


def walk(browser: Browser, pick: Callable[[list[str]], str], seen: Callable[[Page], None]) -> None:
    """Play to the end of a run, whatever is asked in between; ``seen`` gets every page."""
    seen(browser.page)
    for _ in range(200):
        if options := browser.page.buttons("option"):
            browser.press("option", pick(options))
        elif "words" in (buttons := {name for form in browser.page.forms for name, _, _ in form.buttons}):
            browser.press("words", "1", text="Своими словами")
        elif "why" in buttons:
            browser.press("why", "1", text="Так надо")
        else:
            return
        assert browser.page.status == 200, (browser.page.status, browser.page.alert)
        seen(browser.page)
    raise AssertionError("a run without an end")


def debrief_pages(browser: Browser) -> list[Page]:
    """The pages of the debrief after the one that is shown, by the links one would follow."""
    found, number = [], 2
    while f"/debrief?page={number}" in browser.page.links:
        found.append(browser.get(f"/debrief?page={number}"))
        assert found[-1].path == f"/debrief?page={number}", found[-1].moved
        number += 1
    return found


def at_once(doing: Callable[[int], object], times: int) -> list[object]:
    """Do something so many times at the same moment; what each gave, an exception included."""
    gate, given = threading.Barrier(times), [TimeoutError("it never came to an end")] * times

    def one(number: int) -> None:
        gate.wait(PATIENCE)
        try:
            given[number] = doing(number)
        except Exception as error:  # the test looks at what each one met
            given[number] = error

    threads = [threading.Thread(target=one, args=(number,)) for number in range(times)]
    [thread.start() for thread in threads]
    [thread.join(PATIENCE) for thread in threads]
    return given


# ---- without a browser ----------------------------------------------------------------------------------------


def raw(server: Server, sent: bytes, wait: float = 15.0) -> bytes:
    """Send bytes as they are; everything that comes back until the server closes or has nothing to say for ``wait``."""
    got = b""
    with socket.create_connection((HOST, server.port), timeout=wait) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(sent)
        with contextlib.suppress(OSError):
            while part := connection.recv(65_536):
                got += part
    return got


def request(method: str, path: str, *lines: str, body: bytes = b"") -> bytes:
    """An HTTP request as bytes; closes the connection after the answer."""
    head = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", *lines]
    return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body


def is_alive(server: Server, source: str = "") -> bool:
    """Whether the door opens for somebody else before he gives up."""
    began = time.monotonic()
    return Browser(server, source).get("/").status == 200 and time.monotonic() - began < PATIENCE / 2
