"""What keeps forged, huge and hasty requests out? The headers of every answer, limits and proofs of forms, rates."""

import hashlib
import hmac
import re
import time
from collections import OrderedDict
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

MAX_BODY = 16_384  # the longest form: 2,000 characters of one's own words, percent-encoded
MAX_READ = 4_000_000
HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
NOT_KEPT = ((b"cache-control", b"no-store"),)  # unless an answer says otherwise
_HOST = re.compile(rb"[A-Za-z0-9.:\[\]_-]{1,255}")
_NO_HOST = Response("This request must name one host.\n", 400, media_type="text/plain")


def guarded(app, ours=lambda host: True, elsewhere=_NO_HOST):
    """Send the headers that every answer must have; who names no host, two, or what is none, gets nothing else.

    Who names one that isn't ``ours`` gets what the app ``elsewhere`` says: a page of another site whose name leads here by a
    trick of its own (DNS rebinding) is read by nobody so.
    """

    async def wrapped(scope, receive, send):
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        answer = app if len(hosts) == 1 and _HOST.fullmatch(hosts[0]) else _NO_HOST
        if answer is app and not ours(hosts[0].decode()):
            answer = elsewhere

        async def sending(message):
            if message["type"] == "http.response.start":
                own = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(one for one in (*HEADERS, *NOT_KEPT) if one[0] not in own)]
            await send(message)

        await answer(scope, receive, sending)

    return wrapped


# ---- forms --------------------------------------------------------------------------------------------------------


class Refusal(Exception):
    """A request that is turned away, for a reason that ``web/app.py`` has words for."""


async def form(request: Request) -> dict[str, str]:
    """The fields of a posted form, the last of a name; a Refusal if it is over MAX_BODY or no form."""
    if request.headers.get("sec-fetch-site") == "cross-site":  # browsers say so themselves (W3C, Fetch Metadata)
        raise Refusal("forged")
    if int(request.headers.get("content-length") or 0) > MAX_READ:
        raise Refusal("too_long")
    body, size = bytearray(), 0
    try:
        async for chunk in request.stream():  # what is too long is read and dropped, so that the refusal can be read
            size += len(chunk)
            if size <= MAX_BODY:
                body += chunk
            if size > MAX_READ:
                raise Refusal("too_long")
    except ClientDisconnect as error:
        raise Refusal("no_form") from error
    if size > MAX_BODY:
        raise Refusal("too_long")
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise Refusal("no_form")
    try:
        return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=20, errors="replace"))
    except ValueError as error:
        raise Refusal("no_form") from error


def proof(some_secret: str) -> str:
    """What a form must bring along: made from the cookie, which other sites can't read."""
    # hmac.digest would let another thread have the interpreter, and wait to get it back
    return hashlib.blake2b(some_secret.encode(), digest_size=16, person=b"form").hexdigest()


def proven(fields: Mapping[str, str], some_secret: str) -> bool:
    """Whether a form brings along what only a page for this secret's owner had."""
    if len(some_secret) < 20:  # without a cookie anybody could work the proof out
        return False
    return hmac.compare_digest(proof(some_secret).encode(), fields.get("token", "").encode())


# ---- rates --------------------------------------------------------------------------------------------------------


class Rate:
    """A token bucket for each key: ``burst`` at once, then ``per_second``.

    Forgets who has asked so long ago that it makes no difference; of more than ``keys``, those who asked longest ago.
    """

    def __init__(self, burst: float, per_second: float, keys: int = 10_000):
        self.burst, self.per_second, self.keys = burst, per_second, keys
        self._full = burst / per_second  # seconds after which the emptiest bucket is full
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> bool:
        """Whether this one may; counted if so. By the monotonic clock: setting the clock changes nothing."""
        now = time.monotonic()
        left, at = self._left.pop(key, (self.burst, now))
        left = min(self.burst, left + (now - at) * self.per_second)
        allowed = left >= 1
        self._left[key] = (left - allowed, now)
        while len(self._left) > self.keys or next(iter(self._left.values()))[1] < now - self._full:
            self._left.popitem(last=False)
        return allowed

    def empty(self, key: str) -> bool:
        """Whether the next one would be refused; counts nothing."""
        left, at = self._left.get(key, (self.burst, 0.0))
        return left + (time.monotonic() - at) * self.per_second < 1
