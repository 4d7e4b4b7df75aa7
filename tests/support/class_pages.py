"""Pages of a class in real Chromium: nothing may go wrong on them, and each can be looked at."""

import contextlib
from collections.abc import Callable, Iterator

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from support.accessibility import accessible
from support.class_server import Browser, Server
from support.jupyter_lab import SHOTS


@contextlib.contextmanager
def class_pages(chromium: Chromium) -> Iterator[Callable[..., Page]]:
    """Opens a page of a server in a browser of its own, for whoever has these cookies.

    No page may have an error, break its security policy, or ask another host for anything.
    """
    problems: list[str] = []
    with contextlib.ExitStack() as stack:

        def opened(server: Server, path: str, who: Browser | None = None, **how: object) -> Page:
            context = stack.enter_context(chromium.new_context(**{"locale": "ru-RU"} | how))
            if who is not None:
                context.add_cookies([{"name": k, "value": v, "url": server.address} for k, v in who.cookies.items()])
            page = context.new_page()
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("console", lambda said: problems.append(said.text) if "Security Policy" in said.text else None)
            page.on(
                "request",
                lambda asked: (
                    problems.append(asked.url) if not asked.url.startswith((server.address, "data:")) else None
                ),
            )
            page.goto(server.address + path)
            return page

        yield opened
    assert problems == []


def pictured(page: Page, name: str, whole_page: bool = False) -> None:
    """A picture to be looked at."""
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=whole_page)


def looked_at(page: Page, name: str) -> None:
    """A picture, no finding of axe, nothing beyond the edge."""
    pictured(page, name)
    accessible(page, name)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], name
