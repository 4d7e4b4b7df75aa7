"""Which pages has a site, and how does one get to each? Moments for the table in every_page.py."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from playwright.sync_api import Page

from support.ports import HOST
from support.right_to_left import in_hebrew
from support.seen import Seen, Stand, opened
from support.sites import CHOICE, READY, enter, planned, play, press, runtime, served, site_of
from trainkit.case.model import Case
from trainkit.files import casebook
from trainkit.site.folder import Parts, parts
from trainkit.site.single import single_page

LANGUAGES = ("ru", "en")
BOTH = ("racket_refund", "boundaries")
FAR = "http://" + HOST + ":9/runs/x"  # nobody answers there


@functools.cache
def _made() -> tuple[Mapping[str, Case], Parts]:
    """The cases of these sites, the Hebrew one among them, and what a browser loads for them: made once."""
    with tempfile.TemporaryDirectory() as folder:
        cases = {case.id: case for case in map(casebook.load_case, (*BOTH, str(in_hebrew(Path(folder)))))}
    plan, _ = planned(*BOTH)
    return cases, parts(plan, [*cases.values()], runtime())


def _site(
    stand: Stand, *names: str, langs: tuple[str, ...] = LANGUAGES, course: Mapping | None = None, **how: object
) -> str:
    """A site of these cases for each language; gives the address at which they are, ``{lang}`` in it."""
    cases, made = _made()
    for lang in (code for code in langs if len(langs) == 1 or code in stand.langs):
        plan, _ = planned(*BOTH, lang=lang, **how)
        plan = plan._replace(cases=names, languages=(lang, *(code for code in langs if code != lang)))
        site_of(plan, [cases[name] for name in names], made, stand.folder / "sites" / lang, course)
    return stand.stack.enter_context(served(stand.folder / "sites")) + "{lang}/"


# ---- what is done on a page -------------------------------------------------------------------------------------


def ready(page: Page) -> None:
    """Wait until Python is there."""
    page.wait_for_selector(READY, timeout=120_000)


def _to(address: str, shows: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        page.evaluate("address => { location.hash = address }", address)
        page.wait_for_selector(shows)

    return act


def _click(selector: str, shows: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        page.wait_for_selector("main:not(.fresh)")
        page.click(selector)
        page.wait_for_selector(shows)

    return act


def _press(selector: str) -> Callable[[Page], None]:
    return lambda page: press(page, selector)


def _begun(page: Page) -> None:
    ready(page)
    enter(page, "racket_refund")


def _refused_name(page: Page) -> None:
    page.fill("#name", "   ")
    page.click("main form .btn")
    page.wait_for_selector("[role=alert]")


def _named(page: Page) -> None:
    page.fill("#name", "Чиж")
    page.click("main form .btn")
    page.wait_for_selector(CHOICE)


def _out_of_date(page: Page) -> None:
    """As if another window had gone on and this one had not heard of it."""
    page.wait_for_selector("main:not(.fresh)")
    page.evaluate("document.querySelector('.choice [name=step]').value = 99")
    page.click(".choice .opt >> nth=0")
    page.wait_for_selector("main [role=alert]")


def _carried_on(page: Page) -> None:
    _click(".goon .btn", CHOICE)(page)
    _to_the_end(page)


def _to_the_end(page: Page) -> None:
    play(page, lambda turn, n: n - 1)


def _objected(page: Page) -> None:
    page.fill(".choice textarea", "Так нельзя.")
    page.click("[name=disagree]")
    page.wait_for_selector(".noted")


def _handed_in(page: Page) -> None:
    page.click("[data-send]")
    page.wait_for_selector("[data-send]:enabled")
    page.wait_for_selector("[data-sent]:not(:empty)")


def _anew(before: Callable[[Page], None]) -> Callable[[Page], None]:
    """Load it again after something has been arranged; gives the page with the notice."""

    def act(page: Page) -> None:
        before(page)
        page.reload()
        page.wait_for_selector(".notice", timeout=120_000)

    return act


def _keeps_nothing(page: Page) -> None:
    failing = "indexedDB.open = () => { throw new DOMException('no', 'SecurityError') };"
    page.route(
        "**/engine.js", lambda one: one.fulfill(body=failing + one.fetch().text(), content_type="text/javascript")
    )


def _without_its_kit(page: Page) -> None:
    page.context.route("**/app.zip?*", lambda route: route.fulfill(status=404, body=""))


def _stays_away(page: Page) -> None:
    """Python neither comes nor fails."""
    page.add_init_script("window.Worker = class { postMessage() {} }")
    page.reload()
    page.wait_for_selector("#loading:not([hidden])")


# ---- moments ----------------------------------------------------------------------------------------------------


def site(stand: Stand) -> Iterator[Seen]:
    """From the first page of a site to the answers that are handed in."""
    address = _site(stand, *BOTH, own_words=True, ask_why=True, send=FAR)
    yield Seen("loading", address, act=_stays_away)
    yield from _in_one_window(
        address,
        ("conversations", ready),
        ("name asked", _click("[name=begin][value=racket_refund]", "#name")),
        ("name refused", _refused_name),
        ("own words", _named),
        ("talk", _press(".choice [value='1']")),
        ("not taken", _out_of_date),
        ("why", _press(".choice .opt >> nth=0")),
        ("gone on", _press(".choice [name=why][value='1']")),
        ("whole talk", _to("/talk", ".talk")),
        ("conversations, one begun", _to("/", ".goon")),
        ("debrief", _carried_on),
        *(
            (f"debrief, page {n}", _to(f"/debrief?page={n}", f"a[href$='page={n - 1}'], a[href='/play#debrief']"))
            for n in (2, 3)
        ),
        ("debrief, all opened", opened),
        ("disagree", _to("/disagree?n=0", "[name=disagree]")),
        ("objected", _objected),
        ("answers", _to("/answers", "[data-send]")),
        ("answers, not sent", _handed_in),
        ("conversations, one ended", _to("/", ".book.done")),
        ("all cases", _to("/all", "main:not(:has(.books))")),
    )


def site_trouble(stand: Stand) -> Iterator[Seen]:
    """What a site says where it can't do as it should, or not all of it; and where nothing is told of a run."""
    address = _site(stand, "racket_refund", feedback="none")
    yield Seen("a file is missing", address, act=_anew(_without_its_kit))
    yield Seen("opened from its folder", f"{(stand.folder / 'sites').as_uri()}/{{lang}}/index.html")
    yield Seen("no WebAssembly", address, act=_anew(lambda page: page.add_init_script("delete globalThis.WebAssembly")))
    yield from _in_one_window(
        address, ("nothing is kept", _anew(_keeps_nothing)), ("talk under a notice", _begun), ("thanks", _to_the_end)
    )


def single(stand: Stand) -> Iterator[Seen]:
    """The site as one file, and as a course whose system is not there."""
    cases, made = _made()
    for lang in stand.langs:
        plan, _ = planned("racket_refund", lang=lang)
        page = single_page(plan, [cases["racket_refund"]], made)
        (stand.folder / f"single-{lang}.html").write_text(page, "utf-8")
    single = f"{stand.folder.as_uri()}/single-{{lang}}.html"
    yield Seen("single file", single, act=ready, window="single")
    yield Seen("single file, licences", single, act=opened, window="single")
    yield Seen("course", _site(stand, "racket_refund", course={"score": False}), act=ready)


def site_right_to_left(stand: Stand) -> Iterator[Seen]:
    """A site in a language that is written from the right."""
    address = _site(stand, "brakes", langs=("he",))
    found = _in_one_window(
        address,
        ("conversations", ready),
        ("name asked", _click("[name=begin]", "#name")),
        ("talk", _named),
        ("gone on", _press(".choice .opt >> nth=0")),
        ("debrief", _to_the_end),
        ("debrief, page 2", _to("/debrief?page=2", "a[href='/play#debrief']")),
        ("answers", _to("/answers", "[href='/answers/file']")),
    )
    yield from (one.in_("he") for one in found)


def _in_one_window(address: str, *pages: tuple[str, Callable[[Page], object]]) -> Iterator[Seen]:
    """One page after the other in the same window, each after what is done on the one before."""
    for name, act in pages:
        yield Seen(name, address, act=act, window=address)


MOMENTS = (site, site_trouble, single, site_right_to_left)
