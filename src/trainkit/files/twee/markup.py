"""Text in a Twine passage: what Twine would take for markup becomes HTML entities, and back."""

import re
from collections.abc import Callable
from html.entities import html5
from typing import Any

CASE_DATA = "CaseData"  # the passage with what is no scene and no ending
TAGS = {"inquiry": "blue", "ending": "green"}  # of passages, with their colours in Twine

_ENTITY = re.compile(r"&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
IN_COMMENT = re.compile(r"&(?=#?\w+;)|(?<=\[)\[|(?<=\])\]|(?<=--)>")
IN_THE_OPEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff<|\[\]]|(?<=-)>|\A\s|\s\Z|[$_](?=\w)|(?<=/)/|(?<=')'|(?<=~)~|(?<={){"
)
TITLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ufeff<]|\A[:\\]|\A\s|\s\Z")


def entity(match: re.Match[str]) -> str:
    """Return the HTML entity of a character that Twine would read."""
    char = match[0]
    return {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\n": "<br>"}.get(char) or f"&#{ord(char)};"


def _char(match: re.Match[str]) -> str:
    name = match[1]
    if name[0] != "#":
        return html5.get(name + ";", match[0])
    number = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else match[0]


def decoded(text: str) -> str:
    """What stands in a comment, as plain text; ``[[place]]`` as the name of the place."""
    link = re.fullmatch(r"\[\[([^\[\]]*)\]\]", text)
    return link[1].strip() if link else _ENTITY.sub(_char, text)


def said_words(text: str) -> str:
    """What stands in the open, as plain text."""
    return _ENTITY.sub(_char, re.sub(r"<br\s*/?>", "\n", text.strip()))


def each(data: Any, change: Callable[[str], str]) -> Any:
    """Plain data with each text changed."""
    if isinstance(data, dict):
        return type(data)({key: each(value, change) for key, value in data.items()})
    if isinstance(data, list):
        return [each(value, change) for value in data]
    return change(data) if isinstance(data, str) else data
