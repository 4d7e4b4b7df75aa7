"""What was posted, and does it come from a page of ours? Forms within limits, and the proof of where they come from."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

MAX_BODY = 16_384  # the longest form: 2,000 characters of one's own words, percent-encoded
MAX_READ = 4_000_000


class TooLarge(Exception):
    """A form over MAX_BODY."""


class Unreadable(Exception):
    """A body that is no form."""


async def form(request: Request) -> dict[str, str]:
    """The fields of a posted form, the last of a name.

    Raises
    ------
    TooLarge, Unreadable
    """
    if int(request.headers.get("content-length") or 0) > MAX_READ:
        raise TooLarge
    body, size = bytearray(), 0
    try:
        async for chunk in request.stream():  # what is too long is read and dropped, so that the refusal can be read
            size += len(chunk)
            if size <= MAX_BODY:
                body += chunk
            if size > MAX_READ:
                raise TooLarge
    except ClientDisconnect as error:
        raise Unreadable from error
    if size > MAX_BODY:
        raise TooLarge
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise Unreadable
    try:
        return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=20, errors="replace"))
    except ValueError as error:
        raise Unreadable from error


def proof(some_secret: str) -> str:
    """What a form must bring along: made from the cookie, which other sites can't read."""
    # hmac.digest would let another thread have the interpreter, and wait to get it back
    return hashlib.blake2b(some_secret.encode(), digest_size=16, person=b"form").hexdigest()


def proven(request: Request, fields: dict[str, str], some_secret: str) -> bool:
    """Whether a form comes from a page of ours: it has the proof, and no other site's name on it."""
    origin = request.headers.get("origin")
    # browsers say "null" of pages that, like ours, send no referrer
    if len(some_secret) < 20:  # without a cookie anybody could work the proof out
        return False
    if origin not in (None, "null") and origin.partition("://")[2] != request.headers.get("host"):
        return False
    return hmac.compare_digest(proof(some_secret).encode(), fields.get("token", "").encode())
