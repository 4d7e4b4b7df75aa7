"""A request names one host; else it is told so, and nothing breaks."""

import pytest
from support.class_server import raw

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


def test_one_host_of_any_kind(room):
    for host in ("127.0.0.1", "localhost:8000", "[::1]:8000", "my_laptop.local"):
        assert b" 200 OK" in raw(room, asked(f"Host: {host}")).split(b"\r\n")[0], host


def test_a_redirect_is_kept_by_nobody(room):
    for path in ("/play", "/join", room.remote):
        got = raw(room, asked("Host: a").replace(b"GET / ", f"GET {path} ".encode()))
        assert b" 303 " in got and b"cache-control: no-store" in got, path
