"""A request names one host; else it is told so, and nothing breaks."""

import pytest
from support.class_server import raw

from trainkit.web import network
from trainkit.web.security import HEADERS


def asked(*lines: str, version: str = "1.1") -> bytes:
    head = [f"GET / HTTP/{version}", *lines, "Connection: close"]
    return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n"


@pytest.mark.parametrize(
    "lines",
    [
        (), ("Host: 127.0.0.1", "Host: evil.example"), ("Host: a", "host: a"), ("Host:",), ("Host: a b",), ("Host: a/b",),
        ("Host: a@b",), ("Host: " + "a" * 300,), ("Host: à",), ('Host: "><script>',), ("Host: a,b",),
    ],
)  # fmt: skip
def test_no_host_two_or_none_that_is_one(room, lines):
    for version in ("1.1", "1.0"):
        got = raw(room, asked(*lines, version=version))
        assert got.split(b"\r\n")[0].endswith(b" 400 Bad Request"), (lines, got[:200])
        if b"must name one host" in got:  # else the parser has refused it before
            assert all(name + b": " + value in got for name, value in HEADERS)
    assert "Traceback" not in room.complaints()


def test_an_address_and_names_of_the_own_network_are_hosts(room):
    for host in (
        "127.0.0.1",
        "localhost:8000",
        "[::1]:8000",
        "192.0.2.7",
        "my_laptop.local",
        "LAPTOP:8000",
        "localhost.",
    ):
        assert b" 200 OK" in raw(room, asked(f"Host: {host}")).split(b"\r\n")[0], host


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example", "1.2"]
)
def test_another_site_s_name_that_leads_here_shows_nothing(room, host):
    """DNS rebinding: a page from elsewhere whose own name suddenly is this machine's."""
    for path in ("/", "/wall", "/wall?part", "/tk.css", room.remote, "/runs/x"):
        got = raw(room, asked(f"Host: {host}").replace(b"GET / ", f"GET {path} ".encode()))
        assert got.split(b"\r\n")[0].endswith(b" 421 Misdirected Request"), (path, got[:200])
        assert room.code.encode() not in got and f"{room.code[:3]}\N{NO-BREAK SPACE}".encode() not in got
        assert all(name + b": " + value in got for name, value in HEADERS)
    said = raw(room, asked(f"Host: {host}", "Accept-Language: ru")).decode()
    assert "--address" in said and "адрес с экрана" in said


def test_with_an_address_named_the_proxy_says_what_it_likes(hold):
    with hold("--address", "https://class.example") as server:
        for host in ("class.example", "backend.cluster.example:8000", "127.0.0.1"):
            assert b" 200 OK" in raw(server, asked(f"Host: {host}")).split(b"\r\n")[0], host


def test_own_names_are_known():
    names = network.own_names()
    assert names and all(network.is_near(name, names) for name in names)
    assert network.is_near("Laptop.Uni.example:8000", {"laptop.uni.example"})


def test_a_form_that_comes_from_another_site_is_refused(room):
    browser = room.playing("Дома на своём сайте")
    steps = room.events("Дома на своём сайте")
    form = next(one for one in browser.page.forms if one.fields.get("step"))
    option = browser.page.buttons("option")[0]
    for said in ("cross-site", "same-origin"):  # the last is a page of ours
        page = browser.post("/play", {**form.fields, "option": option}, **{"Sec-Fetch-Site": said})
        taken = said != "cross-site"
        assert (page.status == 403) != taken
        assert (len(room.events("Дома на своём сайте")) > len(steps)) == taken


def test_a_redirect_is_kept_by_nobody(room):
    for path in ("/play", "/join", room.remote):
        got = raw(room, asked("Host: a").replace(b"GET / ", f"GET {path} ".encode()))
        assert b" 303 " in got and b"cache-control: no-store" in got, path
