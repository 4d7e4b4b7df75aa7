"""How is a join code written and read? Six digits, in two groups."""

from __future__ import annotations

DIGITS = 6
NBSP = "\N{NO-BREAK SPACE}"


def format_code(code: str, separator: str = " ") -> str:
    """A join code as people read it: two groups of three."""
    return f"{code[:3]}{separator}{code[3:]}".strip()


def parse_code(text: str) -> str:
    """The digits of a join code as it was typed: spaces and strokes don't matter."""
    return "".join(c for c in text if c.isdecimal())[: DIGITS + 1]  # one too many shows that it is none
