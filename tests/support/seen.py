"""How is a page of the table in every_page.py opened, by whoever sees it, in a language?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from support.class_server import Browser, Server, held
from trainkit.web.context import LANG_COOKIE

DESKTOP = {"width": 1280, "height": 800}


@dataclass(frozen=True)
class Seen:
    """A page that somebody sees.

    Attributes
    ----------
    address : str
        On the class's server, after ``http://…``; or a file's or a site's whole address. ``{lang}`` stands for the language.
    who : Browser, optional
        Whose cookies open it; nobody's where it is left out.
    act : callable, optional
        What is done on it before it is looked at.
    window : str
        Pages of a window come one after the other in the same: only the first is opened by its address. Left out, each
        page has a window of its own.
    langs : sequence of str
        In which languages there is such a page.
    again : bool
        Such a page is in the table already, with little else on it.
    """

    name: str
    address: str
    who: Browser | None = None
    act: Callable[[Page], None] | None = None
    window: str = ""
    langs: Sequence[str] = ("ru", "en")
    again: bool = False

    def in_(self, *langs: str) -> Seen:
        """The same in these languages alone."""
        return replace(self, langs=langs)


@dataclass
class Stand:
    """Where a moment is prepared: a folder, and a class if it needs one; which languages it will be looked at in."""

    folder: Path
    stack: ExitStack
    langs: Sequence[str] = ("ru", "en")
    server: Server | None = None
    windows: dict[tuple[str, str], Page] = field(default_factory=dict)

    def room(self, *arguments: object, cases: Sequence[str] = ("racket_refund",)) -> Server:
        """A class that is there until the moment is over."""
        self.server = self.stack.enter_context(held(self.folder, *arguments, cases=cases))
        return self.server


Moment = Callable[[Stand], Iterator[Seen]]


@contextmanager
def seen_in(chromium: Chromium, stand: Stand, seen: Seen, lang: str) -> Iterator[Page]:
    """A page as somebody sees it, in a language; its window is closed when it has been looked at, unless it goes on."""
    with ExitStack() as stack:
        page = stand.windows.get((seen.window, lang))
        if page is None:
            stays = stand.stack if seen.window else stack
            window = chromium.new_context(locale=lang, viewport=DESKTOP)
            stays.callback(window.close)
            if stand.server:
                cookies = {**(seen.who.cookies if seen.who else {}), LANG_COOKIE: lang}
                window.add_cookies([{"name": k, "value": v, "url": stand.server.address} for k, v in cookies.items()])
            page = window.new_page()
            address = seen.address.replace("{lang}", lang)
            page.goto(f"{stand.server.address}{address}" if stand.server and address.startswith("/") else address)
            if seen.window:
                stand.windows[seen.window, lang] = page
        else:  # as it was before it was looked at
            page.emulate_media(color_scheme="light", forced_colors="none", reduced_motion="no-preference")
            page.set_viewport_size(DESKTOP)
        if seen.act:
            seen.act(page)
        yield page


def opened(page: Page) -> None:
    """Open whatever can be opened on a page."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
