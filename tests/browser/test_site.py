"""Cases played in a browser alone: the same log and score as here, kept over a reload, a second window, a lost network."""

import gzip
import json
import re
from urllib.parse import urlsplit

import pytest
from support.class_pages import accessible, pictured
from support.class_server import held
from support.option_ids import option_id
from support.places import ROOT
from support.sites import (
    CHOICE,
    READY,
    answers,
    choices,
    debrief_of,
    enter,
    made,
    planned,
    play,
    press,
    served,
    site_of,
    visitors,
)

from trainkit.exchange.incoming import import_runs
from trainkit.files import casebook
from trainkit.log.store import Log
from trainkit.room.inbox import open_inbox
from trainkit.room.workshops import by_code
from trainkit.scoring.attempt import score
from trainkit.session.option_codes import code_of
from trainkit.session.resume import begin, reopen
from trainkit.site.bundle import packed, unpacked
from trainkit.site.folder import site_files
from trainkit.site.single import single_page

MB = 1_000_000


@pytest.fixture(scope="module")
def kit(npm):
    """All cases, where everything is asked."""
    return made(own_words=True, ask_why=True)


@pytest.fixture(scope="module")
def site(kit, tmp_path_factory):
    with served(site_of(*kit, tmp_path_factory.mktemp("site"))) as address:
        yield address


@pytest.fixture
def opened(chromium, site):
    with visitors(chromium, site) as open_:
        yield open_


def same_as_here(file, store):
    """The file comes into a log, and each of its runs is what the session makes of the same choices under the same seed."""
    done = import_runs(store, file)
    assert done.added and not done.refused and not done.conflicts, done
    for record in store.attempts():
        case = casebook.load_case(record.case_id)
        assert record.case_hash == case.hash
        here = begin(
            type(store)(store.url + ".here"), case, record.participant, seed=record.seed, settings=record.settings
        )
        came = store.events(record.attempt)
        for event in came:
            said = {"option": event.option} if event.kind == "choose" else {"text": event.text}
            if event.kind == "disagree":
                numbers = [
                    n
                    for n, step in enumerate(here.attempt.steps)
                    if (step.scene, step.option) == (event.scene, event.option)
                ]
                here.do("disagree", event.lang, number=numbers[0], text=event.text)
            else:
                here.do(event.kind, event.lang, step=here.step, **said)
        assert [(one.same(other), one.ending, one.lang) for one, other in zip(came, here.events, strict=True)] == [
            (True, other.ending, other.lang) for other in here.events
        ]
        theirs = reopen(store, record).attempt
        assert score(theirs) == score(here.attempt) and theirs.truth == here.attempt.truth
    return done


@pytest.mark.slow
def test_a_whole_case_from_the_door_to_the_trainer_s_log(opened, store, tmp_path):  # one story, from beginning to end
    page = opened(wait=False)
    page.wait_for_selector("#loading progress")
    pictured(page, "site-loading-ru")
    assert "Двенадцатый номер" in page.inner_text("main").replace("\xa0", " ")  # there before Python is
    page.wait_for_selector(READY, timeout=90_000)
    assert page.locator("#loading").is_hidden()
    accessible(page, "lobby")
    enter(page, "racket_refund")
    accessible(page, "scene")
    assert page.url.endswith("#/play")
    page.fill(".choice textarea", "Сначала спрошу")
    press(page, ".choice [value='1']")
    pictured(page, "site-scene-ru", whole_page=True)
    press(page, ".choice .opt >> nth=1")
    before = page.inner_text(".choice")
    page.reload()  # and it is where it was
    page.wait_for_selector(READY, timeout=90_000)
    assert page.inner_text(".choice") == before
    page.click(".langs a[hreflang=en]")
    page.wait_for_selector("html[lang=en]")
    pictured(page, "site-scene-en", whole_page=True)
    press(page, ".choice [name=back]") if page.locator(".choice [name=back]").count() else None
    play(page, lambda turn, n: turn % n)
    accessible(page, "debrief")
    pictured(page, "site-debrief-en", whole_page=True)
    page.click(".langs a[hreflang=ru]")
    page.wait_for_selector("html[lang=ru]")
    pictured(page, "site-debrief-ru", whole_page=True)
    debrief_of(page)  # every page of it
    assert page.locator("[href='/debrief/file']").count()
    page.evaluate("location.hash = '/disagree?n=0'")
    page.wait_for_selector("[name=disagree]")
    page.fill("textarea", "Так нельзя: <b>обидно</b>")
    press(page, "[name=disagree]")
    file = answers(page, tmp_path)
    pictured(page, "site-answers-ru")
    assert {event["kind"] for event in choices(file)} >= {"choose", "words", "why", "disagree"}
    assert same_as_here(file, store).added == 1
    assert import_runs(store, file).known == 1  # sent twice


@pytest.mark.long
def test_how_large_it_is(kit, npm):
    """As a server sends it (gzip), and as it lies there: with all nine cases."""
    plan, cases, parts = kit
    files = site_files(plan, cases, parts)
    assert parts.compiled
    assert sum(len(gzip.compress(content, 9)) for content in files.values()) <= 8 * MB
    assert sum(map(len, files.values())) <= 15 * MB
    assert len(single_page(plan, cases, parts)) <= 12 * MB


@pytest.mark.slow
def test_nothing_in_it_leads_elsewhere(kit):
    plan, cases, parts = kit
    files = site_files(plan, cases, parts)
    page = files["index.html"].decode()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[1].replace("&#39;", "'")
    assert "default-src 'none'" in policy and "connect-src 'self';" in policy and "unsafe-inline" not in policy
    assert not re.search(r"(src|href)=\"https?:", page)
    assert "licences.txt" in files and b"Mozilla Public License" in files["licences.txt"]


# ---- every case, every way ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(name, marks=pytest.mark.slow if name == "power_upgrade" else pytest.mark.long)
        for name in casebook.case_ids()
    ],
)
def test_every_case_to_its_end(opened, store, tmp_path, case):
    page = opened()
    enter(page, case)
    assert play(page, lambda turn, n: (turn * 7 + 1) % n) > 1
    assert same_as_here(answers(page, tmp_path), store).added == 1


@pytest.mark.long
def test_the_single_file_plays_from_a_stick(chromium, kit, store, tmp_path):
    file = tmp_path / "trainkit.html"
    file.write_text(single_page(*kit), "utf-8")
    with visitors(chromium, file.as_uri()) as opened:
        page = opened()
        enter(page, "boundaries")
        press(page, ".choice [value='1']")
        press(page, ".choice .opt >> nth=0")
        page.reload()
        page.wait_for_selector(READY, timeout=90_000)
        play(page, lambda turn, n: turn % n)
        accessible(page, "single")
        assert same_as_here(answers(page, tmp_path), store).added == 1


@pytest.mark.long
def test_four_cases_one_after_the_other_and_their_debrief(chromium, npm, tmp_path, store):
    site = site_of(*made("racket_refund", "boundaries", "power_upgrade", "second_place"), tmp_path / "site")
    with served(site) as address, visitors(chromium, address) as opened:
        page = opened()
        enter(page, "racket_refund")
        for number in range(4):
            play(page, lambda turn, n: turn % n)
            if number < 3:
                page.evaluate("location.hash = '/play'")
                press(page, "#next [name=begin]")
        page.click("a[href='/']")
        page.wait_for_selector(".shelf")
        assert page.locator(".book.done").count() == 4
        pictured(page, "site-shelf-ru", whole_page=True)
        page.click("[name=page][value=all]")
        page.wait_for_selector(".shelf .kicker")
        accessible(page, "all cases")
        assert same_as_here(answers(page, tmp_path), store).added == 4


# ---- windows, networks, browsers that keep nothing --------------------------------------------------------------------


@pytest.mark.slow
def test_two_windows_are_one_person(opened, tmp_path):
    first = opened()
    enter(first, "racket_refund")
    second = opened("#/play", same=first)
    assert second.inner_text("h1") == first.inner_text("h1")
    press(first, ".choice [value='']")  # skip the words
    second.wait_for_selector(".choice .opt")  # it went along
    second.evaluate("others.onmessage = null")  # it hears of nothing, as if both pressed at once
    press(first, ".choice .opt >> nth=0")
    press(second, ".choice .opt >> nth=1")
    assert "не засчитано" in second.inner_text("[role=alert]").replace("\xa0", " ")
    assert second.inner_text(".choice label") == first.inner_text(".choice label")  # both are asked why
    assert [event["kind"] for event in choices(answers(first, tmp_path))] == ["words", "choose"]


@pytest.mark.long
def test_of_two_windows_that_write_at_the_same_moment_one_is_refused(opened, tmp_path):
    """By the database itself: a row that came between looking and writing, which no test can time otherwise."""
    page = opened()
    enter(page, "racket_refund")
    press(page, ".choice [value='']")
    chosen = option_id(page.locator(".choice .opt").nth(2).get_attribute("value"))
    page.evaluate(
        """async (chosen) => {
          await ask("get", "/play"); // now this window has seen its own row
          const asked = (one) => new Promise((done) => { one.onsuccess = () => done(one.result); });
          const database = await asked(indexedDB.open((await indexedDB.databases())[0].name));
          const store = database.transaction("rows", "readwrite").objectStore("rows");
          const words = (await asked(store.getAll())).find((row) => row.key.startsWith("event"));
          const row = { ...JSON.parse(words.value), step: 1, kind: "choose" };
          row.option = chosen;
          await asked(store.delete(words.n)); // both stand before what this window has seen, so that it looks past them
          await asked(store.add({ ...words, n: words.n - 0.8 }));
          await asked(store.add({ n: words.n - 0.3, key: `event ${row.attempt} 1`, value: JSON.stringify(row) }));
          database.close();
        }""",
        chosen,
    )
    page.wait_for_selector("main:not(.fresh)")
    page.click(".choice .opt >> nth=0")
    page.wait_for_selector("[role=alert]")
    assert [event["option"] for event in choices(answers(page, tmp_path))] == [None, chosen]


@pytest.mark.slow
def test_without_a_network_after_the_first_time(opened, tmp_path):
    page = opened()
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    page.wait_for_function("caches.keys().then((names) => names.length > 0)")
    page.context.set_offline(True)
    page.goto(page.url)
    page.wait_for_selector(READY, timeout=90_000)
    enter(page, "power_upgrade")
    press(page, ".choice [value='']")
    press(page, ".choice .opt >> nth=0")
    page.reload()
    page.wait_for_selector(READY, timeout=90_000)
    assert len(choices(answers(page, tmp_path))) == 2


@pytest.mark.slow
def test_a_full_disk_is_said_and_nothing_counts(chromium, site, tmp_path):
    with visitors(chromium, site, alone=False) as opened:  # a text has no icon, which the browser complains about
        page = opened("licences.txt", wait=False, service_workers="block")  # what it keeps is no matter here
        devtools, here = page.context.new_cdp_session(page), {"origin": site.rstrip("/")}
        devtools.send("Storage.overrideQuotaForOrigin", {**here, "quotaSize": 1000})
        page.goto(site)
        page.wait_for_selector(READY, timeout=90_000)
        page.click("[name=begin][value=racket_refund]")
        page.fill("#name", "Чиж")
        page.click("main form .btn")
        page.wait_for_selector("[role=alert]")
        said = page.inner_text("[role=alert]")
        assert "НЕ сохран" in said and "кончилось место" in said and page.locator("#name").count()
        pictured(page, "site-full-ru")
        devtools.send("Storage.overrideQuotaForOrigin", here)
        page.click("main form .btn")  # now there is room
        page.wait_for_selector(CHOICE)
        assert len(json.loads(answers(page, tmp_path).read_text("utf-8"))["attempts"]) == 1


@pytest.mark.long
def test_a_browser_that_keeps_nothing_says_so(chromium, site, tmp_path):
    """As some do in a private window, where opening a database fails."""
    failing = "indexedDB.open = () => { throw new DOMException('no', 'SecurityError') };"
    with visitors(chromium, site, alone=False) as opened:
        page = opened("LICENCE", wait=False)
        page.route(
            "**/engine.js",
            lambda route: route.fulfill(body=failing + route.fetch().text(), content_type="text/javascript"),
        )
        page.goto(site)
        page.wait_for_selector(READY, timeout=90_000)
        assert "приватном окне" in page.inner_text(".notice")
        enter(page, "racket_refund")
        press(page, ".choice [value='']")
        assert len(choices(answers(page, tmp_path))) == 1


@pytest.mark.slow
def test_a_server_that_tells_wrong_types_does_no_harm(chromium, kit, tmp_path):
    types = {".wasm": "application/octet-stream", ".js": "text/plain", ".zip": "text/plain"}
    with served(site_of(*kit, tmp_path), types) as address, visitors(chromium, address, alone=False) as opened:
        enter(opened(), "racket_refund")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("gone", "content", "said"),
    [
        ("python/python.wasm", None, "python/python.wasm (404)"),
        ("app.zip", None, "app.zip (404)"),
        ("python/stdlib.zip", "<html>our page", "Вместо файла python/stdlib.zip"),
    ],
)
def test_a_file_that_is_missing_is_named(chromium, kit, tmp_path, gone, content, said):
    site_of(*kit, tmp_path)
    with served(tmp_path) as address, visitors(chromium, address, alone=False) as opened:
        page = opened("licences.txt", wait=False)
        how = {"status": 200, "body": content, "content_type": "text/html"} if content else {"status": 404, "body": ""}
        page.context.route(f"**/{gone}?*", lambda route: route.fulfill(**how))
        page.goto(address)
        page.wait_for_selector(".notice", timeout=60_000)
        assert said in page.inner_text(".notice") and "Пропажа" in page.inner_text("main")
        kept = page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)")
        assert not kept  # what is no site yet isn't kept for the next time


HALF = b"\0asm\1\0\0\0\1\4"  # a program that breaks off
STRANGE = b"\0asm\1\0\0\0\1\4\1\x60\0\0\2\7\1\1x\1y\0\0"  # one that wants a function y of x


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "said"), [(HALF, "WebAssembly"), (STRANGE, 'Import #0 "x"')], ids=["half", "strange"]
)
def test_a_program_that_is_not_pythons_is_said(chromium, kit, tmp_path, content, said):
    """Pyodide itself would wait for ever."""
    site_of(*kit, tmp_path)
    (tmp_path / "python" / "python.wasm").write_bytes(content)
    with served(tmp_path) as address, visitors(chromium, address, alone=False) as opened:
        page = opened(wait=False)
        page.wait_for_selector(".notice", timeout=60_000)
        assert "Страница остановилась" in page.inner_text(".notice") and said in page.inner_text(".notice")


@pytest.mark.long
def test_what_is_kept_for_the_next_time_is_this_version(chromium, kit, tmp_path):
    """While a site is being put on its host, and something on the way still has what lay there before."""
    plan, cases, made = kit
    newer = made._replace(
        files={**made.files, "app.zip": packed({**unpacked(made.files["app.zip"]), "new.txt": b"new"})}
    )
    site_of(plan, cases, newer, tmp_path)
    (tmp_path / "app.zip").write_bytes(made.files["app.zip"])
    with served(tmp_path) as address, visitors(chromium, address) as opened:
        page = opened()  # it begins: nothing that it needs is new
        page.wait_for_timeout(5_000)
        kept = page.evaluate(
            "navigator.serviceWorker.getRegistrations().then((all) => all.filter((one) => one.active).length)"
        )
        assert not kept
        (tmp_path / "app.zip").write_bytes(newer.files["app.zip"])
        page.goto(address)
        page.wait_for_selector(READY, timeout=90_000)
        page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        size = page.evaluate(
            "caches.match('app.zip', { ignoreSearch: true }).then(async (got) => (await got.blob()).size)"
        )
        assert size == len(newer.files["app.zip"])


@pytest.mark.slow
def test_a_browser_without_webassembly_is_told(opened):
    page = opened(wait=False, before=lambda context: context.add_init_script("delete globalThis.WebAssembly"))
    page.wait_for_selector(".notice")
    assert "WebAssembly" in page.inner_text(".notice")


@pytest.mark.long
def test_a_folder_that_is_opened_from_the_disk_says_what_helps(chromium, kit, tmp_path):
    site_of(*kit, tmp_path)
    with visitors(chromium, tmp_path.as_uri() + "/", alone=False) as opened:
        page = opened("index.html", wait=False)
        page.wait_for_selector(".notice")
        assert "прямо из папки" in page.inner_text(".notice")
        pictured(page, "site-folder-ru")


@pytest.mark.long
def test_what_is_pressed_while_it_loads_is_done(opened):
    page = opened(wait=False)
    page.click("[name=begin][value=boundaries]")
    page.wait_for_selector("#name", timeout=90_000)


@pytest.mark.long
def test_a_case_the_trainer_has_changed_meanwhile(chromium, npm, store, tmp_path):
    """Who had begun goes on with the version they began with; who begins anew has the new one."""
    folder = tmp_path / "late_parcel"
    folder.mkdir()
    text = (ROOT / "tests/casebook/late_parcel/case.yml").read_text("utf-8")
    (folder / "case.yml").write_text(text, "utf-8")
    where = site_of(*_own(folder), tmp_path / "site")
    with served(where) as address, visitors(chromium, address) as opened:
        page = opened()
        enter(page, "late_parcel")
        press(page, f".choice .opt[value={code_of('offer')}]")
        (folder / "case.yml").write_text(text.replace("Верну деньги сейчас же.", "Другие слова."), "utf-8")
        site_of(*_own(folder), where)
        page.evaluate("caches.keys().then((all) => Promise.all(all.map((one) => caches.delete(one))))")
        page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one?.unregister())")
        page.reload()
        page.wait_for_selector(READY, timeout=90_000)
        assert "Верну деньги сейчас" in page.inner_text(".choice")
        play(page, lambda turn, n: 0)
        file = answers(page, tmp_path)
        assert len(json.loads(file.read_text("utf-8"))["cases"]) == 1
        assert import_runs(store, file).added == 1


def _own(folder):
    from support.sites import runtime

    from trainkit.site.folder import parts

    casebook.load_case.cache_clear() if hasattr(casebook.load_case, "cache_clear") else None
    plan, cases = planned(str(folder))
    plan = plan._replace(languages=("ru",))
    return plan, cases, parts(plan, cases, runtime())


def test_the_words_of_the_choice_are_the_selector_s():
    """What the tests wait for stands in the templates."""
    template = (ROOT / "src/trainkit/view/templates/choice.html").read_text("utf-8")
    for name in ("choice", "opt", "words", "why"):
        assert name in template and name in CHOICE


# ---- sending ------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_button_sends_the_answers_to_the_class_server_and_nowhere_else(chromium, kit, tmp_path):
    _, cases, parts = kit
    with held(tmp_path, "--new", cases=["racket_refund"]) as server:
        log = Log(server.database)
        address = f"{server.address}/runs/{open_inbox(log, by_code(log, server.code))}"
        log.close()
        plan, _ = planned(send=address)
        where = site_of(plan, cases, parts, tmp_path / "site")
        with served(where) as site, visitors(chromium, site, also=[server.address]) as opened:
            page = opened()
            enter(page, "boundaries")
            play(page, lambda turn, n: turn % n)
            page.evaluate("location.hash = '/answers'")
            for _ in range(2):  # the second time nothing counts twice
                page.wait_for_selector("[data-send]:enabled")
                page.click("[data-send]")
                page.wait_for_function("() => /Отправлено/.test(document.querySelector('[data-sent]').innerText)")
            pictured(page, "site-sent-ru")
            accessible(page, "answers")
            assert [row[0] for row in server.rows("SELECT case_id FROM attempts")] == ["boundaries"]
        with served(where) as site, visitors(chromium, site, alone=False) as opened:
            page = opened()
            # the page's policy lets it send to that place, and to no other
            page.evaluate("addEventListener('securitypolicyviolation', (e) => { window.broke = e.effectiveDirective })")
            told = page.evaluate("fetch('http://127.0.0.1:9/').then(() => 'sent', (error) => String(error))")
            assert "Failed to fetch" in told and page.evaluate("window.broke") == "connect-src"
            enter(page, "boundaries")
            page.evaluate("location.hash = '/answers'")
            page.wait_for_selector("[data-send]")
            server.stop()
            page.click("[data-send]")
            page.wait_for_function("() => /не отвечает/.test(document.querySelector('[data-sent]').innerText)")


@pytest.mark.long
def test_from_a_secure_page_to_a_plain_address_the_file_is_the_way(chromium, kit, tmp_path):
    """Said before anything is tried: a browser would only say that it failed."""
    _, cases, parts = kit
    plan, _ = planned(send="http://192.0.2.1:8000/runs/x")
    site = site_of(plan, cases, parts, tmp_path)
    with visitors(chromium, "https://site.example/", alone=False) as opened:
        page = opened("", wait=False, before=lambda context: context.route("https://site.example/**", _from(site)))
        page.wait_for_selector(READY, timeout=90_000)
        enter(page, "boundaries")
        page.evaluate("location.hash = '/answers'")
        page.click("[data-send]")
        assert "Страница открыта по защищённому адресу" in page.inner_text("[data-sent]")


def _from(folder):
    """Answers requests with the files of a folder."""
    types = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".wasm": "application/wasm"}

    def answer(route):
        file = folder / (urlsplit(route.request.url).path.lstrip("/") or "index.html")
        route.fulfill(body=file.read_bytes(), content_type=types.get(file.suffix, "application/octet-stream"))

    return answer
