"""A site tells a learning record store what was played there: valid, once, and only that store; what goes wrong is said."""

import re
from html import unescape

import pytest
from support.class_pages import accessible, pictured
from support.record_store import KEY, record_store
from support.sites import answers, enter, made, play, press, served, site_of, visitors

from trainkit.cli.site import _store
from trainkit.exchange.folder import export_folder
from trainkit.exchange.incoming import import_runs
from trainkit.exchange.log_tables import Reading
from trainkit.site.single import single_page

pytestmark = pytest.mark.slow
HOME = "https://academy.example.org"


@pytest.fixture(scope="module")
def kit(npm):
    return made("boundaries", "racket_refund", own_words=True)


def telling(kit, store, key=KEY):
    """The same site, which tells this store."""
    plan, cases, parts = kit
    return plan._replace(store=_store(store.address + "/", key, HOME)), cases, parts


def begin_to_tell(page):
    page.evaluate("location.hash = '/answers'")
    page.wait_for_selector("[data-send]:enabled")
    page.click("[data-send]")


def told(page, words, timeout=60_000):
    page.wait_for_function(
        "words => document.querySelector('[data-sent]').innerText.replace(/\\xa0/g, ' ').includes(words)",
        arg=words,
        timeout=timeout,
    )


@pytest.mark.long
def test_what_was_played_is_told_once(chromium, kit, tmp_path, store):
    with record_store() as heard:
        plan, cases, parts = telling(kit, heard)
        with (
            served(site_of(plan, cases, parts, tmp_path / "site")) as site,
            visitors(chromium, site, alone=False, also=[heard.address]) as opened,
        ):
            page = opened()
            asked = []
            page.context.on("request", lambda one: asked.append(one.url))
            enter(page, "boundaries")
            play(page, lambda turn, n: turn % n)
            enter_next(page, "racket_refund")
            press(page, ".choice [value='1']") if page.locator(".choice textarea").count() else None
            heard.busy = 1  # the first time it is told to come again
            begin_to_tell(page)
            told(page, "Ваши ответы в хранилище")
            first = dict(heard.statements)
            assert ("POST", 503) in heard.answered and len(first) > 5
            accessible(page, "answers for a store")
            pictured(page, "site-told-ru", whole_page=True)
            page.evaluate("location.hash = '/play'")
            page.wait_for_selector(".choice")
            play(page, lambda turn, n: 0)
            heard.strict = True  # it refuses what it has, though it is the same
            begin_to_tell(page)
            told(page, "Ваши ответы в хранилище")
            assert all(heard.statements[name] == one for name, one in first.items())
            assert {("PUT", 409), ("PUT", 204)} < set(heard.answered)
            heard.strict = False
            begin_to_tell(page)
            told(page, "Ваши ответы в хранилище")
            # and the trainer's own export of the same runs says the same
            import_runs(store, answers(page, tmp_path))
            export_folder(Reading(store), tmp_path / "out", statements=HOME)
            lines = (tmp_path / "out" / "statements.jsonl").read_text("utf-8").splitlines()
            assert {re.search('"id":"([^"]+)"', line)[1] for line in lines} == set(heard.statements)
            assert not [url for url in asked if not url.startswith((site, heard.address, "blob:", "data:"))]


def enter_next(page, case):
    page.evaluate("location.hash = '/'")
    page.wait_for_selector(f"[name=begin][value={case}]")
    enter(page, case)


@pytest.mark.long
def test_a_single_file_tells_it_too(chromium, kit, tmp_path):
    """Opened from a stick, whose origin is ``null``: a store that lets any page write takes it."""
    with record_store() as heard:
        file = tmp_path / "boundaries.html"
        file.write_text(single_page(*telling(kit, heard)), "utf-8")
        policy = unescape(re.search(r'Policy" content="([^"]*)"', file.read_text("utf-8"))[1])
        assert f"connect-src {heard.address.removesuffix('/xapi')};" in policy
        with visitors(chromium, file.as_uri(), also=[heard.address]) as opened:
            page = opened()
            enter(page, "boundaries")
            begin_to_tell(page)
            told(page, "Ваши ответы в хранилище")
            assert len(heard.statements) == 1


@pytest.mark.long
def test_what_a_store_refuses_is_said(chromium, kit, tmp_path):
    with record_store() as heard, record_store(origins=("https://elsewhere.example",)) as closed:
        tries = {  # what the store is, what is said
            "key": (telling(kit, heard, "site:old"), "больше не принимает ключ"),
            "closed": (telling(kit, closed), "не отвечает или ничего не принимает с адреса"),
            "broken": (telling(kit, heard), "Хранилище их не приняло: 503 busy"),
        }
        heard.busy = 0
        for name, (whole, words) in tries.items():
            where = site_of(*whole, tmp_path / name)
            with served(where) as site, visitors(chromium, site, alone=False) as opened:
                page = opened()
                enter(page, "boundaries")
                heard.busy = 99 if name == "broken" else 0
                begin_to_tell(page)
                told(page, words)
                assert page.locator("[href='/answers/file']").count()  # the file is there all the same
        assert not heard.statements and not closed.statements
