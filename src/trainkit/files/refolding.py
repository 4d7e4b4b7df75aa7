"""How does a text over several lines of YAML get other words, its lines staying broken where they were?"""

import difflib
import re

WIDTH = 120  # of a line, beyond which the text is folded anew
MUCH_ALIKE = 0.5  # share of words that stay, under which it is folded anew
_STARTS_NO_TEXT = "-?:,[]{}#&*!|>'\"%@`"


def refolded(old: str, before: str, after: str, style: str | None) -> str | None:
    """The YAML ``old`` of a text, saying ``after`` instead of ``before``; None if it must be folded anew."""
    if style == "|" or not _on_one_line(before) or not _on_one_line(after):
        return None
    quote = style if style in ("'", '"') else ""
    if quote and re.search(r"[\\'\"]", before + after):
        return None
    if style is None and (": " in after or " #" in after or after[0] in _STARTS_NO_TEXT or after[-1] == ":"):
        return None
    head, rest = re.match(r"([>|][^\n]*\n)?(.*)", old, re.S).groups()
    pieces = re.split(r"( +|[ ]*\n[ ]*)", rest.strip(" "))
    words, spaces = pieces[::2], pieces[1::2]
    if quote:
        words[0], words[-1] = words[0].removeprefix(quote), words[-1].removesuffix(quote)
    if words != before.split(" "):
        return None
    text = _with_other_words(words, spaces, after.split(" "))
    if text is None or (_widest(text) > max(WIDTH, _widest(rest))):
        return None
    return (head or "") + (re.match(" *", rest)[0] if head else "") + quote + text + quote


def _on_one_line(text: str) -> bool:
    """Whether it is words with a space between each two."""
    return bool(text) and bool(re.fullmatch(r"[^\s\x00-\x1f\x7f-\x9f\ufeff]+( [^\s\x00-\x1f\x7f-\x9f\ufeff]+)*", text))


def _with_other_words(words: list[str], spaces: list[str], new: list[str]) -> str | None:
    """New words, between which stands what stood between the old."""
    matcher = difflib.SequenceMatcher(None, words, new, autojunk=False)
    if matcher.ratio() < MUCH_ALIKE:
        return None
    text = ""
    waiting = ""  # a line break between words that are gone
    for kind, a, b, c, d in matcher.get_opcodes():
        for number in range(c, d):
            place = a + number - c
            space = spaces[place - 1] if 0 < place < b else " "
            text += ((waiting or space) if text else "") + new[number]
            waiting = ""
        if kind != "equal":
            lost = spaces[max(a + d - c, 1) - 1 : max(b - 1, 0)]
            waiting = next((space for space in lost if "\n" in space), waiting)
    return text


def _widest(text: str) -> int:
    return max(map(len, text.split("\n")))
