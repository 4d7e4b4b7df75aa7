"""A class behind a real nginx: README's recipe, and other ways in which proxies are set up."""

import contextlib

import pytest
from support.class_server import PARCEL, Browser, Server, debrief_pages, held, walk
from support.nginx import BELOW, KEPT, NAME, Through, changed, nginx, recipe
from support.ports import free_port

from trainkit.log.store import Log
from trainkit.room.members import members_of
from trainkit.room.workshops import by_code

pytestmark = pytest.mark.needs("nginx", "openssl")
PLAIN = (" ssl;", ";")
slow = pytest.mark.slow


def play(browser: Browser, name: str):
    """Join by the address on the screen, play a case to its end, read its debrief; gives the last page."""
    page = browser.join(name)
    assert page.path == "/play" and page.status == 200, (page.path, page.status, page.words[:300])
    browser.press("begin")
    walk(browser, lambda options: options[0], lambda page: None)
    assert browser.page.buttons("again"), browser.page.words[:300]
    debrief_pages(browser)
    assert browser.get("/debrief/file").header("content-disposition").startswith("attachment")
    return browser.page


@pytest.mark.parametrize(
    ("address", "changes"),
    [
        pytest.param(f"https://{NAME}", [], id="README's"),
        pytest.param(f"http://{NAME}", [PLAIN], id="plain, its own Host", marks=slow),
        pytest.param(f"http://{NAME}", [PLAIN, KEPT], id="plain, Host kept", marks=slow),
        pytest.param(f"https://{NAME}", [KEPT], id="HTTPS, Host kept", marks=slow),
        pytest.param(f"https://{NAME}/friday", [BELOW], id="README's below a path"),
        pytest.param(
            f"https://{NAME}/friday",
            [BELOW, ("http://trainkit;", "http://trainkit/;")],
            id="path taken off",
            marks=slow,
        ),
    ],
)
def test_a_case_is_played_behind_nginx(tmp_path, address, changes):
    port, secure, path = free_port(), address.startswith("https"), address.partition(NAME)[2]
    with held(tmp_path, "--address", address) as server:
        assert server.address == address
        with nginx(tmp_path, changed(recipe(tmp_path, port, server.port), *changes), port):
            browser = Through(server, port, path, secure=secure)
            browser.get("/")
            play(browser, "Ирис")
            link = next(href for href in browser.get("/link").links if "/me/" in href)
            assert link.startswith(f"{address}/me/")
            other = Through(server, port, path, secure=secure)
            other.get(link.removeprefix(address))
            assert other.page.path == "/play" and other.page.buttons("again")
            trainer = Through(server, port, path, secure=secure)
            assert trainer.get(server.remote).path == "/remote"
            assert address.partition("://")[2] in trainer.get("/wall").words
            invited = trainer.get("/remote?tab=more") and trainer.press("do", "invite")
            assert any(href.startswith(f"{address}/t/") for href in invited.links)
            for line in (*browser.set, *other.set, *trainer.set):
                said = {part.strip().lower() for part in line.split(";")[1:]}
                assert f"path={path or '/'}" in said and ("secure" in said) == secure, line
            with contextlib.closing(browser._connection()) as live:
                live.request("GET", f"{path}/wall/live", headers={"Host": NAME})
                answer = live.getresponse()
                assert answer.status == 200 and b"event: alive" in answer.fp.readline() + answer.fp.readline()
        with contextlib.closing(Log(str(server.database))) as log:
            assert [member.name for member in members_of(log, by_code(log, server.code))] == ["Ирис"]


def test_forms_come_from_the_named_address_alone(tmp_path):
    port = free_port()
    with (
        held(tmp_path, "--address", f"https://{NAME}") as server,
        nginx(tmp_path, recipe(tmp_path, port, server.port), port),
    ):
        browser = Through(server, port)
        for origin in ("https://evil.example", f"http://{NAME}", f"http://127.0.0.1:{server.port}"):
            browser.get("/")
            fields = {**browser.page.forms[0].fields, "code": server.code, "name": "Ирис", "consent": "1"}
            assert browser.post("/join", fields, Origin=origin).status == 403, origin
        assert browser.post("/join", fields).path == "/play"


def test_limits_are_for_each_address_behind_the_proxy(tmp_path):
    """Ten wrong codes from one phone keep that one out, not the one beside it; what it says of itself is not believed."""
    port = free_port()
    with (
        held(tmp_path, "--address", f"https://{NAME}") as server,
        nginx(tmp_path, recipe(tmp_path, port, server.port), port),
    ):
        guesser = Through(server, port, source="127.0.0.2")
        for n in range(12):
            guesser.get("/")
            fields = {**guesser.page.forms[0].fields, "code": f"{n:06}", "name": "Ирис", "consent": "1"}
            last = guesser.post("/join", fields, **{"X-Forwarded-For": f"10.0.0.{n}"})
        assert last.status == 429
        browser = Through(server, port, source="127.0.0.3")
        browser.get("/")
        assert browser.join("Клён").path == "/play"


@slow
def test_two_servers_behind_nginx_over_postgresql(postgres_url, tmp_path):
    """Each request goes to the other server than the last, and a whole case is played; a link taken back is so on both."""
    port, how = free_port(), ("--database", postgres_url, "--address", f"https://{NAME}")
    first = Server(tmp_path, *how, cases=(PARCEL,)).start()
    (tmp_path / "second").mkdir()
    second = Server(tmp_path / "second", *how, "--workshop", first.code).start(new=True)
    try:
        with nginx(tmp_path, recipe(tmp_path, port, first.port, second.port), port):
            for n in range(4):
                browser = Through(first, port)
                browser.get("/")
                play(browser, f"Ирис {n}")
            trainer, other = Through(first, port), Through(first, port)
            trainer.get(first.remote)
            other.get(second.remote)
            trainer.get("/remote?tab=more")
            trainer.press("do", "new_links")
            for _ in range(4):
                assert trainer.get("/remote").status == 200 and other.get("/remote").status == 403
    finally:
        first.stop()
        second.stop()
    assert "Traceback" not in first.complaints() + second.complaints()
