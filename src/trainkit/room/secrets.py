"""By what does one get in? The join code, and the secrets of a trainer's link, a browser, a personal link.

Secrets are kept as hashes; they are 128 bits of chance and more, so that a plain hash can't be guessed back.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trainkit.room.records import Workshop

DIGITS = 6


def new_secret() -> str:
    """A new secret of 192 bits, fit for a link."""
    return secrets.token_urlsafe(24)


def link_of(browser_secret: str) -> str:
    """The personal link's secret: made from the browser's, which can't be found from it."""
    return _derived(f"link {browser_secret}", 18)


def seat_of(workshop: Workshop, visit: str) -> str:
    """The browser's secret of who comes in by this visit to the door, however often and wherever its form is sent."""
    return _derived(f"seat {workshop.workshop} {visit}", 24)


def _derived(source: str, size: int) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(source.encode()).digest()[:size]).decode()


def new_entrance() -> str:
    """A new secret of 96 bits for the QR code and link by which a room is joined: short, since it is drawn small, too."""
    return secrets.token_urlsafe(12)


def entrance(address: str, code: str, secret: str) -> str:
    """The link by which a room is joined, whose pages are at ``address``: with its secret, or else with its code."""
    return f"{address}/?in={secret}" if secret else f"{address}/?code={code}"


def hashed(some_secret: str) -> str:
    """How a secret is kept."""
    return hashlib.sha256(some_secret.encode()).hexdigest()


def format_code(code: str, separator: str = " ") -> str:
    """A join code as people read it: two groups of three."""
    return f"{code[:3]}{separator}{code[3:]}".strip()


def parse_code(text: str) -> str:
    """The digits of a join code as it was typed: spaces and strokes don't matter."""
    return "".join(c for c in text if c.isdecimal())[: DIGITS + 1]  # one too many shows that it is none
