"""Every answer has its headers and needs nothing from elsewhere; where nothing is, nothing is given."""

import http.client
import re
from urllib.parse import urlencode

import pytest
from support.class_server import (
    HOST,
    PARCEL,
    RACKET,
    Browser,
)  # fmt: skip
from support.hostile import BOARD, COOKIE, FORM, everything, guarded_well, harmless, pages_of_a_run

from trainkit.web.security import HEADERS, MAX_BODY


def test_headers_of_every_answer(room):
    trainer, browser = room.trainer(), room.playing("Заголовки")
    stranger = Browser(room)
    answers = [
        (200, browser.ask("GET", "/play")),
        (200, stranger.ask("GET", "/")),
        (200, stranger.ask("GET", "/pulse")),
        (200, stranger.ask("GET", "/tk.css")),
        (200, stranger.ask("GET", "/class.js")),
        (200, stranger.ask("GET", "/remote.js?x")),
        (200, trainer.ask("GET", "/remote")),
        (200, stranger.ask("GET", "/page.js")),
        (303, stranger.ask("GET", "/play", follow=False)),
        (303, stranger.ask("GET", "/join", follow=False)),
        (303, trainer.ask("GET", room.remote, follow=False)),
        (400, browser.ask("POST", "/play", "{}", {"Content-Type": "application/json"})),
        (403, browser.ask("POST", "/play", "a=b", FORM)),
        (403, stranger.ask("GET", "/remote")),
        (404, stranger.ask("GET", "/favicon.ico")),
        (404, stranger.ask("GET", "/t/unknown")),
        (404, stranger.ask("GET", "/me/unknown")),
        (405, stranger.ask("PUT", "/play", "a=b", FORM)),
        (409, browser.ask("POST", "/play", urlencode({**browser.page.sent("option"), "step": "9"}), FORM)),
        (413, browser.ask("POST", "/play", "a" * (MAX_BODY + 1), {**FORM, "Connection": "keep-alive"})),
        (422, browser.ask("POST", "/play", urlencode({**browser.page.sent("option"), "option": "x"}), FORM)),
    ]
    for status, page in answers:
        assert page.status == status, (status, page.path, page.status)
        assert guarded_well(page), (status, page.path, page.headers)
        assert "server" not in {name.lower() for name, _ in page.headers}
        if "html" in page.header("content-type"):
            assert page.header("cache-control") == "no-store", page.path
            assert page.header("content-type") == "text/html; charset=utf-8"
    pack = trainer.ask("GET", "/remote/debrief")  # it is kept and printed, so its style is in it; still no script
    assert pack.status == 200 and guarded_well(pack, but=("content-security-policy",))
    policy = [part.strip() for part in pack.header("content-security-policy").split(";")]
    assert {"default-src 'none'", "form-action 'none'"} <= {*policy} and not [
        part for part in policy if part.startswith(("script", "connect"))
    ]
    live = http.client.HTTPConnection(HOST, room.port, timeout=10)
    live.request("GET", "/remote/live", headers={"Cookie": f"{BOARD}={trainer.cookies[BOARD]}"})
    answer = live.getresponse()
    said = {name.lower() for name, _ in answer.getheaders()}
    assert answer.status == 200 and {name.decode() for name, _ in HEADERS} <= said
    live.close()
    # secrets are in addresses: they must not go to whoever is linked to
    policies = [
        said["content"]
        for page in (answers[0][1], answers[6][1])
        for _, said in page.tags
        if "referrer" in said.get("name", "")
    ]
    assert policies == ["no-referrer"] * 2 and answers[0][1].header("referrer-policy") == "no-referrer"


def test_cookies_are_the_server_s_alone(room):
    trainer, browser = room.trainer(), room.playing("Печенье", lang="en")
    link = next(href for href in browser.get("/link").links if "/me/" in href)
    other = Browser(room)
    other.get(link.removeprefix(room.address))
    lines = [*trainer.set, *browser.set, *other.set]
    assert {line.partition("=")[0] for line in lines} == {COOKIE, BOARD, "trainkit_lang"}
    for line in lines:
        parts = [part.strip().lower() for part in line.split(";")[1:]]
        assert {"httponly", "samesite=lax", "path=/"} <= set(parts), line
        assert not [part for part in parts if part.startswith("domain")]


def test_pages_need_nothing_from_elsewhere(hold):
    with hold("--own-words", "--ask-why", cases=(PARCEL, RACKET)) as server:
        trainer = server.trainer()
        pages = [*pages_of_a_run(server, "Страницы"), trainer.get("/remote"), trainer.get("/remote?lang=en")]
        assert len(pages) > 15
        for page in pages:
            for tag, said in page.tags:
                assert tag not in ("style", "iframe", "object", "embed", "base"), (page.path, tag)
                assert "style" not in said, (page.path, tag, said)  # the policy would drop it
                assert not [name for name in said if name.startswith("on")], (page.path, tag, said)
                for name in ("src", "href", "action", "formaction", "data", "srcset", "poster"):
                    address = said.get(name, "/").removeprefix(server.address)
                    assert re.match(r"(/(?!/)|[?#]|data:,$)", address), (page.path, tag, said)
            assert not re.search(r"<script(?![^>]*\ssrc=)", page.text) and not re.search(
                r"<script[^>]*>\s*\S+\s*</script", page.text
            )
            rest = page.text.replace(server.address, "").replace('xmlns="http://www.w3.org/2000/svg"', "")
            assert "://" not in rest, page.path
        assert all(
            form.method == "post" and len(form.fields.get("token", "")) == 32 for page in pages for form in page.forms
        )
        assert sum(len(page.forms) for page in pages) > 8


def test_other_methods(room):
    browser = room.playing("Методы")
    before = everything(room)
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"):
        for path in ("/", "/play", "/join", "/remote", "/tk.css", "/link"):
            page = browser.ask(method, path)
            assert page.status == 405 and page.words and guarded_well(page), (method, path)
            assert page.header("allow"), (method, path)  # RFC 9110, 15.5.6
    for path in ("/", "/link", "/talk", "/pulse", "/tk.css", "/t/x", "/remote/debrief"):
        assert browser.ask("POST", path, "a=b", FORM).status == 405
    for path in ("/", "/play", "/tk.css"):
        page = browser.ask("HEAD", path, follow=False)  # as GET, without a body: RFC 9110, 9.3.2
        assert page.status in (200, 303) and page.body == b"" and guarded_well(page)
    assert everything(room) == before


@pytest.mark.parametrize(
    "path",
    [
        "/../../../../etc/passwd",
        "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2f..%2fetc%2fpasswd",
        "/tk.css/../../store.py",
        "/tk.css/..%2f..%2fstore.py",
        "/tk.css%00.py",
        "/tk.css%2f",
        "//etc/passwd",
        "/templates/class_page.html",
        "/render.py",
        "/.git/config",
        "/C:%5Cwindows%5Cwin.ini",
        "/%ff%fe",
        "/" + "a" * 9000,
    ],
    ids=lambda path: path[:30],
)
def test_there_are_no_files(room, path):
    page = Browser(room).ask("GET", path)
    assert page.status == 404 and guarded_well(page)
    for part in ("root:", "import ", "<!--token-->", "{%"):
        assert part not in page.text


def test_the_host_header_leads_nowhere(room):
    sheet = Browser(room).ask("GET", "/tk.css").body
    for host in ("x/../../../../../../etc/hostname?", "x/class.js?", "[", "a b", "x#", ":", "evil.example\\"):
        page = Browser(room).ask("GET", "/tk.css", headers={"Host": host})
        assert (page.status == 200 and page.body == sheet) or page.status in (400, 421), host
    browser = room.playing("Хозяин")
    for host in ("evil.example", "evil.example:80", '"><script>evil.example', "evil.example" * 400):
        headers = {"Host": host}
        # the two pages that must tell others an address tell the one they were asked by; only its owner sees them
        for path in ("/", "/play", "/talk", "/disagree?n=0", "/nowhere", "/tk.css", "/pulse"):
            page = browser.ask("GET", path, headers=headers)
            assert page.status < 500 and "evil" not in page.text and "evil" not in str(page.headers), (host, path)
        page = browser.ask("GET", "/link", headers=headers)
        assert page.status < 500, host
        harmless(page)


def test_nobody_is_sent_elsewhere(room):
    browser = room.playing("Дорога")
    paths = ["/play/", "/remote/", "//evil.example/", "//evil.example/%2e%2e", "/\\evil.example", "/%5cevil.example/"]
    paths += [
        "/?next=//evil.example",
        "/join?next=http://evil.example",
        "/me/http:%2f%2fevil.example",
        "/play?url=//evil.example",
    ]
    for path in paths:
        for who in (browser, Browser(room)):
            page = who.ask("GET", path, headers={"Host": "evil.example"}, follow=False)
            assert "evil" not in page.header("location"), (path, page.status, page.header("location"))
            assert "evil" not in page.header("refresh") and not re.search(r"url=\S*evil", page.text)
