"""Sites for tests: made by the kit, put on a small server of their own, opened in real Chromium."""

from __future__ import annotations

import contextlib
import functools
import http.server
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from support.ports import HOST
from trainkit.errors import TrainkitError
from trainkit.files import casebook
from trainkit.log.records import Settings
from trainkit.site.folder import Parts, parts, site_files
from trainkit.site.runtime import find_runtime
from trainkit.site.visit import Plan

PHONE = {"viewport": {"width": 360, "height": 740}, "locale": "ru-RU"}
READY = "body[data-ready]"
CHOICE = ".choice .opt, .choice [name=words], .choice [name=why], .debrief"


def runtime() -> Mapping[str, bytes]:
    """Python for browsers; where npm has no network the test is skipped, but with CI=true it fails."""
    try:
        return find_runtime()
    except TrainkitError as error:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(str(error))


def planned(*names: str, lang: str = "ru", send: str = "", **held: object) -> tuple[Plan, list]:
    """A plan of these cases (all, if none is named), and the cases."""
    cases = [casebook.load_case(name) for name in names or casebook.case_ids()]
    languages = (lang, *(code for code in ("ru", "en") if code != lang))
    return Plan(tuple(case.id for case in cases), lang, languages, Settings(**held), send), cases


def made(*names: str, **how: object) -> tuple[Plan, list, Parts]:
    """The same, with Python and the kit for them."""
    plan, cases = planned(*names, **how)
    return plan, cases, parts(plan, cases, runtime())


def site_of(plan: Plan, cases: list, its_parts: Parts, folder: Path, course: Mapping | None = None) -> Path:
    """The site in a folder."""
    for name, content in site_files(plan, cases, its_parts, course).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


class _Handler(http.server.SimpleHTTPRequestHandler):
    types: Mapping[str, str] = {}

    def guess_type(self, path: str) -> str:
        return self.types.get(Path(path).suffix) or super().guess_type(path)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def served(folder: Path, types: Mapping[str, str] | None = None) -> Iterator[str]:
    """A folder on 127.0.0.1; ``types``: what this server says files are, by their endings."""
    handler = type("Handler", (_Handler,), {"types": types or {}})
    with http.server.ThreadingHTTPServer((HOST, 0), functools.partial(handler, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{HOST}:{server.server_port}/"
        server.shutdown()


@contextlib.contextmanager
def visitors(
    chromium: Browser, address: str, alone: bool = True, also: Sequence[str] = ()
) -> Iterator[Callable[..., Page]]:
    """Opens the site in a browser of its own; unless not ``alone``, nothing may go wrong there.

    Nor may anything be asked of another place, but of those it may ``also`` ask.
    """
    problems: list[str] = []
    with contextlib.ExitStack() as stack:

        def opened(
            path: str = "",
            same: Page | None = None,
            wait: bool = True,
            before: Callable = lambda context: None,
            **how: object,
        ) -> Page:
            context = same.context if same else stack.enter_context(chromium.new_context(**PHONE | how))
            before(context)
            page = context.new_page()
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
            ours = (address, "blob:", "data:", *also)
            context.on("request", lambda one: None if one.url.startswith(ours) else problems.append(one.url))
            page.goto(address + path)
            if wait:
                page.wait_for_selector(READY, timeout=90_000)
            return page

        yield opened
    assert not alone or not problems, problems


def enter(page: Page, case: str, name: str = "Чиж") -> None:
    """Begin a case from the list, anew if it has been played; give a name where one is asked for."""
    again = f"[name=anew][value={case}]"
    page.click(again if page.locator(again).count() else f"[name=begin][value={case}]")
    page.wait_for_selector(f"#name, {CHOICE}")
    if page.locator("#name").count():
        page.fill("#name", name)
        page.click("main form .btn")
    page.wait_for_selector(CHOICE)


def press(page: Page, selector: str) -> None:
    """Press something that leads on, and wait for the page after it."""
    before = page.get_attribute("main", "data-state")
    page.wait_for_selector("main:not(.fresh)")
    page.click(selector)
    page.wait_for_function("before => document.querySelector('main').dataset.state !== before", arg=before)


def play(page: Page, pick: Callable[[int, int], int], words: str = "Так и скажу: «хорошо»") -> int:
    """Choose until the debrief is there, writing where one is asked to; gives how many replies that took."""
    turns = 0
    while not page.locator(".debrief").count():
        if page.locator(".choice textarea").count():
            page.fill(".choice textarea", words)
            press(page, ".choice [value='1']")
            continue
        number = pick(turns, page.locator(".choice .opt:enabled").count())
        press(page, f".choice .opt:enabled >> nth={number}")
        turns += 1
    return turns


NEXT_PAGE = "a.btn[href*='/debrief?page=']:not(:has(svg))"


def debrief_of(page: Page) -> list[str]:
    """The HTML of every page of the debrief that is shown, turned as one does."""
    page.wait_for_selector(".debrief")
    pages = [page.inner_html("main")]
    while page.locator(NEXT_PAGE).count():
        before = page.inner_text("main")
        page.click(NEXT_PAGE)
        page.wait_for_function("before => document.querySelector('main').innerText !== before", arg=before)
        pages.append(page.inner_html("main"))
    return pages


def answers(page: Page, folder: Path) -> Path:
    """The file of answers as this browser saves it."""
    page.evaluate("location.hash = '/answers'")
    page.wait_for_selector("[href='/answers/file']")
    with page.expect_download() as saved:
        page.click("[href='/answers/file']")
    file = folder / saved.value.suggested_filename
    saved.value.save_as(file)
    return file


def choices(file: Path) -> list[dict]:
    """The events of a file of answers."""
    return json.loads(file.read_text("utf-8"))["events"]
