"""What could a hostile client send to a class? A grammar of requests, down to bytes that are none."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from hypothesis import strategies as st
from support.class_server import URLENCODED

ROUTES = (
    "/play", "/debrief", "/talk", "/disagree", "/team", "/debrief/file", "/pulse", "/questions", "/", "/join",
    "/me/{key}", "/runs/{key}", "/link", "/wall", "/wall/live", "/t/{key}", "/remote", "/remote/live", "/remote/debrief",
    "/remote/backup", "/remote/answers.csv", "/remote/tables.zip",
    "/tk.css", "/room.css", "/page.js", "/class.js", "/clock.js", "/wall.js", "/remote.js",
)  # fmt: skip
FIELDS = (
    "token", "code", "in", "name", "consent", "visit", "pair", "option", "back", "words", "why", "text", "disagree", "again",
    "begin", "run", "step", "attempt", "vote", "team", "look", "do", "scene", "shown", "question", "ballots", "who",
    "paused", "opened", "open", "over", "key", "entry", "case", "minutes", "places", "to", "sure", "lang",
)  # fmt: skip
QUERY = (
    "page",
    "n",
    "lang",
    "state",
    "code",
    "in",
    "who",
    "tab",
    "sure",
    "part",
    "run",
    "see",
    "names",
    "change",
    "sent",
    "voted",
)
METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECT", "PRI", "get", "G T", "\x00")


TWISTED = (  # ways of writing an address, which stands for the @
    "//evil.example@", "http://evil.example@", "/.@", "@/", "@/../..", "@%00", "@%", "/%2e%2e@", "@;a", "*", "@#x",
    "я@", "@ x",
)  # fmt: skip
HEADERS = (
    ("Origin", b"http://evil.example"), ("Origin", b"null"), ("Sec-Fetch-Site", b"cross-site"),
    ("Prefer", b"return=representation"),
    ("Range", b"bytes=0-1,2-"), ("Accept-Language", b"en;q=1.0, *;q=0.1"), ("Accept-Language", b";q=,,,"),
    ("If-None-Match", b"*"), ("Expect", b"100-continue"), ("Upgrade", b"websocket"), ("Connection", b"Upgrade"),
    ("Connection", b"close"), ("Connection", b"keep-alive"), ("X-Forwarded-For", b"127.0.0.1, x"),
    ("X-Forwarded-Proto", b"javascript"), ("X-Forwarded-Prefix", b"//evil.example"), ("Forwarded", b"for=_;host=x"),
    ("Host", b"a"), ("Host", b""), ("Host", b"evil.example\xff"), ("Content-Length", b"-1"), ("Content-Length", b"1e3"),
    ("Content-Length", "٣".encode()), ("Content-Length", b"99999999999999999999"), ("Transfer-Encoding", b"chunked"),
    ("Transfer-Encoding", b"chunked, identity"), ("Trailer", b"Cookie"), ("Cookie", b"trainkit"), ("X" * 3000, b"y"),
    ("X-Long", b"y" * 20_000), ("Bad Header", b"1"), ("A", b"b\rc"), ("A", b"\x00"),
    ("Content-Type", b"multipart/form-data; boundary=x"), ("Content-Type", b"application/json"),
)  # fmt: skip
MULTIPART = b'--x\r\nContent-Disposition: form-data; name="code"\r\n\r\n1\r\n--x--'


@dataclass(frozen=True)
class Known:
    """Secrets of people who are in the class; with none of them alone anything may be done that is kept."""

    cookie: str  # of somebody in the middle of a conversation
    trainer: str
    attempt: str


@dataclass(frozen=True)
class Sent:
    """Bytes, in how many pieces, and whether whoever sends them is somebody of the class (who sees their own link)."""

    data: bytes
    pieces: int = 1
    insider: bool = False


JUNK = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ("0", "1", "-1", "9" * 30, "1e9", "٣", "NaN", "null", "\x00", "\ud7ff", "🙂" * 20, "%", "%zz", "../../etc")
    ),
    st.sampled_from(
        ("offer", "refund", "late_parcel", "late_parcel/call", "call", "0 shown", "1 done", "free", "scene")
    ),
    st.builds(lambda n: "я" * n, st.integers(0, 3000)),
)


def paths() -> st.SearchStrategy[bytes]:
    """Addresses: those there are, with queries, and ways of writing them that lead nowhere."""
    key = st.one_of(st.text(st.characters(codec="utf-8"), max_size=40), st.just("A" * 32), st.just("x" * 4000))
    real = st.builds(lambda route, k: route.replace("{key}", quote(k, safe="")), st.sampled_from(ROUTES), key)
    query = st.dictionaries(st.sampled_from(QUERY), JUNK, max_size=4).map(urlencode)
    asked = st.builds(lambda path, q: f"{path}?{q}" if q else path, real, query).map(
        lambda p: p.encode("utf-8", "replace")
    )
    twisted = st.builds(
        lambda path, how: how.replace("@", path).encode("utf-8", "surrogatepass"),
        real,
        st.sampled_from(TWISTED),
    )
    return st.one_of(asked, asked, asked, twisted, st.binary(max_size=60))


def headers(known: Known) -> st.SearchStrategy[tuple[list[tuple[str, bytes]], bool]]:
    """Header lines, with or without what somebody of the class has; and whether that is among them."""
    cookies = st.sampled_from(
        (
            ("", False),
            ("trainkit=", False),
            ("trainkit=x; trainkit=y", False),
            (f"trainkit={'A' * 32}", False),
            (f"trainkit={known.cookie[:-1]}", False),
            (f"trainkit={known.cookie.swapcase()}", False),
            (f"trainkit_remote={known.trainer[:-1]}", False),
            (f"trainkit_remote={known.cookie}", False),
            ("; ".join(f"a{n}={n}" for n in range(500)), False),
            ("trainkit_lang=xx; =;;;", False),
            (f"trainkit={known.cookie}", True),
            (f"trainkit_remote={known.trainer}", True),
            (f"trainkit={known.cookie}; trainkit_remote={known.trainer}; trainkit_lang=en", True),
        )
    )
    more = st.sampled_from(HEADERS)
    return st.builds(
        lambda cookie, others: ([("Cookie", cookie[0].encode()), *others], cookie[1]),
        cookies,
        st.lists(more, max_size=3),
    )


def bodies(known: Known) -> st.SearchStrategy[tuple[str, bytes]]:
    """(content type, body): forms with fields of ours, filled in anyhow, without the proof; and what is no form."""
    token = st.sampled_from(("", "0" * 32, known.cookie, known.trainer, "я"))
    named = dict.fromkeys(("step", "option", "text"), JUNK) | {"attempt": st.sampled_from((known.attempt, "", "x"))}
    fields = st.dictionaries(st.sampled_from(FIELDS), JUNK, max_size=6)
    form = st.builds(
        lambda a, b, t: (URLENCODED, urlencode({**a, **b, "token": t}, errors="replace").encode()),
        fields,
        st.fixed_dictionaries({}, optional=named),
        token,
    )
    other = st.tuples(
        st.sampled_from((URLENCODED, "multipart/form-data; boundary=x", "application/json", "", "text/plain;" * 50)),
        st.one_of(st.binary(max_size=200), st.just(b"a=1&" * 6000), st.just(b"%" * 300), st.just(MULTIPART)),
    )
    return st.one_of(form, form, other)


def _chunked(body: bytes, size: int, tail: bytes) -> bytes:
    parts = [body[n : n + size] for n in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + tail


@st.composite
def requests(draw: st.DrawFn, known: Known) -> Sent:
    """One hostile request, perhaps after or before another one on the same connection, perhaps damaged at the end."""
    method = draw(st.one_of(st.sampled_from(METHODS[:3]), st.sampled_from(METHODS)))
    version = draw(st.sampled_from(("HTTP/1.1",) * 6 + ("HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "", "HTTP/9", "ICY/1.1")))
    lines, insider = draw(headers(known))
    head = [f"{method} ".encode() + draw(paths()) + f" {version}".encode()]
    if draw(st.integers(0, 9)):
        head.append(b"Host: 127.0.0.1")
    head += [name.encode() + b": " + value for name, value in lines]
    body = b""
    if method == "POST" or not draw(st.integers(0, 5)):
        kind, body = draw(bodies(known))
        head.append(b"Content-Type: " + kind.encode())
        if draw(st.integers(0, 3)):
            head.append(b"Content-Length: %d" % (len(body) + draw(st.sampled_from((0, 0, 0, 0, 0, -1, 1)))))
        else:
            tail = draw(
                st.sampled_from(
                    (
                        b"0\r\n\r\n",
                        b"0\r\nCookie: a=b\r\nHost: x\r\n\r\n",
                        b"zz\r\n",
                        b"",
                        b"0;" + b"e" * 20_000 + b"\r\n\r\n",
                    )
                )
            )
            head.append(b"Transfer-Encoding: chunked")
            body = _chunked(body, draw(st.sampled_from((1, 7, 100_000))), tail)
    data = draw(st.sampled_from((b"\r\n",) * 8 + (b"\n", b"\r"))).join(head) + b"\r\n\r\n" + body
    if not draw(st.integers(0, 4)):
        data = _damaged(draw, data)
    if not draw(st.integers(0, 7)):
        data = b"GET /pulse HTTP/1.1\r\nHost: x\r\n\r\n" * draw(st.sampled_from((1, 3, 40))) + data
    return Sent(data, draw(st.sampled_from((1, 1, 1, 2, 5))), insider)


def _damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """A byte changed, left out or put in; or the end missing."""
    at = draw(st.integers(0, max(0, len(data) - 1)))
    put = draw(st.binary(max_size=3))
    return draw(st.sampled_from((data[:at], data[:at] + put + data[at + 1 :], data[:at] + put + data[at:])))
