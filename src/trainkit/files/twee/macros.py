"""What is what in the story formats: links, macros by what they are for, marks of emphasis, where a bracket ends.

Stories come from anywhere, so nothing here looks twice for an end that isn't there: expressions stop where the next one
of their kind begins, and what encloses texts in quotes is scanned by hand (:func:`strings`, :class:`Ends`).
"""

import re
from bisect import bisect_left
from collections.abc import Iterator

from trainkit.files.twee.markup import said_words

PLACEHOLDER = "\ue001"  # of a passage that is put in
FAR = 5_000  # characters within which a text in quotes, or what a link encloses, ends
LONG = 300  # characters of a condition that are noted at what stands under it
DEEP = 20  # macros within each other of which the innermost are noted

BLOCKS = (
    (re.compile(r"<!--"), "-->", None),
    (re.compile(r"/\*"), "*/", None),
    (re.compile(r"/%"), "%/", None),
    (re.compile(r"<<(script|style|css)\b"), "<</{}>>", "scripts"),
    (re.compile(r"<(script|style|svg|iframe|object)\b", re.I), "</{}>", "scripts"),
    (re.compile(r"<(audio|video|picture)\b", re.I), "</{}>", "pictures"),
    (re.compile(r"<%"), "%>", "scripts"),
)  # how what is no words begins and ends, and what it counts as
PICTURE = re.compile(
    r"\[[<>]?img\[([^\[\]]*)\](?:\[([^\[\]]*)\])?(?:\[[^\[\]]*\])?\]|<(?:img|source|embed)\b[^<>]*>"
    r"|!\[[^\[\]]*\]\(((?:(?!!\[)[^)])*)\)",
    re.I,
)
LINK = re.compile(r"\[\[(?P<inside>(?:(?!\]\]|\]\[).)+?)(?:\]\[(?P<setter>(?:(?!\]\]).)*))?\]\]", re.S)
SUGAR = re.compile(
    r"<<(?P<end>/|end(?=if|for|link|nobr|repeat|button|switch|widget))?(?P<name>[A-Za-z=-][\w-]*|[=-])"
)  # its beginning; where it ends, :class:`Ends` knows
HARLOWE = re.compile(r"\((?P<name>[A-Za-z][\w-]*):")
TAG = re.compile(r"</?[A-Za-z][\w-]*(?:\s[^<>]*)?/?>|<br\s*/?>", re.I)
INSERT = re.compile(r"\{([^{}\n]*)\}")
VARIABLE = re.compile(r"[$](?=[A-Za-z_])[\w.]+(?:\[[^\]\n]{0,80}\])*|(?<![\w/])_[A-Za-z][\w.]*")
EMPHASIS = re.compile(r"_(?=[^_\n]*[^_\s]_(?!\w))")
PARAGRAPH = re.compile(r"\n[ \t]*\n+|\n(?=[A-ZА-ЯЁ][\w.'’ -]{0,30}: )")
_AFTER_QUOTE = {
    '"': re.compile(r'((?:[^"\\]|\\.)*+)"', re.S),
    "'": re.compile(r"((?:[^'\\]|\\.)*+)'", re.S),
    "`": re.compile(r"([^`]*+)`"),
}
_QUOTE = re.compile("[\"']")
_QUOTE_OR_END = re.compile("[\"'`]|>>")
CONDITIONS = {"if", "elseif", "else-if", "else", "unless", "switch", "case", "default", "hidden"}
SETS = {
    "set",
    "put",
    "move",
    "unset",
    "run",
    "remember",
    "forget",
    "capture",
    "print",
    "=",
    "-",
    "num",
    "str",
    "a",
    "dm",
    "ds",
    "array",
}
PRINTS = {
    "either", "random", "nth", "joined", "cond", "uppercase", "lowercase", "upperfirst", "lowerfirst", "round",
    "cycling-link", "seq-link", "dropdown", "input-box", "cycle", "listbox", "textbox", "numberbox",
}  # fmt: skip
LOOPS = {"for", "repeat", "while", "loop", "live", "event", "timed", "after", "next", "stop", "break", "continue"}
SOUND = {"audio", "cacheaudio", "playlist", "track", "masteraudio", "createplaylist", "image", "video"}
GOES = {
    "link",
    "button",
    "click",
    "link-goto",
    "link-reveal-goto",
    "goto-link",
    "linkgoto",
    "action",
    "choice",
    "actions",
    "linkappend",
    "linkreplace",
    "linkprepend",
    "link-reveal",
    "link-repeat",
    "link-replace",
    "more",
}
JUMPS = {"goto", "go-to", "return", "back", "undo", "restart", "link-undo"}
WAYS_BACK = {"return", "back", "undo", "link-undo"}
INCLUDES = {"include", "display", "embed"}
RAW = {"script", "style"}

_GOES_TO = re.compile(
    r"<<goto\s+(?:\"([^\"]+)\"|'([^']+)'|\[\[([^\[\]]+)\]\])|\((?:go-?to):\s*(?:\"([^\"]+)\"|'([^']+)')"
    r"|(?:Engine\.play|story\.show)\(\s*(?:\"([^\"]+)\"|'([^']+)')",
    re.I,
)
_STYLE = re.compile(
    r"''|//(?=\S)|(?<=\S)//(?!\w)|\^\^|~~|\*\*|__|==+|(?m:^[^\S\n]*(?:!+|#+|\*+|>+)\s+)|(?<=\w)\|(?=>)|[|]\w+>|<\w+[|]"
    r"|(?<![\w*])[*_](?=[^\s*_])|(?<=[^\s*_])[*_](?![\w*])"
)


def plain(words: str) -> str:
    """Words without the marks of emphasis, headings and lists, with characters for entities, in one line."""
    if words.strip().startswith(PLACEHOLDER):
        return words.strip()
    protected = re.sub(r"https?://", "\ue004", TAG.sub("", words))
    return " ".join(said_words(_STYLE.sub("", protected).replace("\ue004", "https://")).replace("\\\n", " ").split())


def strings(args: str) -> Iterator[str]:
    """The texts in quotes, one after the other."""
    place, open_ones = 0, set[str]()
    while found := _QUOTE.search(args, place):
        place = found.end()
        if found[0] not in open_ones:
            if text := _AFTER_QUOTE[found[0]].match(args, place):
                yield text[1]
                place = text.end()
            else:
                open_ones.add(found[0])  # nor does a later one of its kind end


def first_string(args: str) -> str:
    """The first text in quotes; nothing if there is none."""
    return next(strings(args), "")


class Ends:
    """Where links and macros of a text end, and where it says that it goes on to a passage; asked from its beginning on."""

    def __init__(self, text: str):
        self._text = text
        self._next: dict[str, int] = {}  # sign → where it stands next, as far as has been asked
        self._open: dict[str, int] = {}  # quote → up to where it is known to have no end
        self._strings = True  # whether `>>` in quotes is passed over: not once a macro had no end by that
        goes = [*_GOES_TO.finditer(text)]
        self._goes = [one.start() for one in goes]
        self._to = [(one.end(), next(part for part in one.groups() if part)) for one in goes]

    def next(self, sign: str, at: int) -> int:
        """Where a sign stands next; beyond the text if it doesn't."""
        there = self._next.get(sign, -1)
        if there < at:
            there = self._text.find(sign, at)
            there = self._next[sign] = there if there >= 0 else len(self._text) + 1
        return there

    def link(self, at: int) -> re.Match[str] | None:
        """The link that begins at a place."""
        end = self.next("]]", at + 2)
        return LINK.match(self._text, at, end + 2) if end < len(self._text) else None

    def macro(self, begun: re.Match[str]) -> int | None:
        """Where what a macro is given ends, before its ``>>``; that in a text in quotes is none."""
        first = self.next(">>", begun.end())
        if first > len(self._text):
            return None
        place = begun.end()
        while self._strings and (found := _QUOTE_OR_END.search(self._text, place)):
            if found[0] == ">>":
                return found.start()
            place = found.end()
            if self._open.get(found[0], 0) <= place:
                if text := _AFTER_QUOTE[found[0]].match(self._text, place, place + FAR):
                    place = text.end()
                else:
                    self._open[found[0]] = place + FAR
        self._strings = False
        return first

    def leads_to(self, begin: int, end: int) -> str:
        """Where what stands between two places goes to, if it says so."""
        number = bisect_left(self._goes, begin)
        if number == len(self._goes) or self._to[number][0] > end:
            return ""
        return said_words(re.split(r"->|\|", self._to[number][1])[-1])


def pairs(text: str) -> dict[int, int]:
    """Where each parenthesis and bracket of a text ends; what stands in double quotes within one is passed over."""
    ends: dict[int, int] = {}
    stacks: dict[str, list[int]] = {")": [], "]": []}
    place = 0
    while place < len(text):
        char = text[place]
        if char == '"' and stacks[")"]:
            end = text.find('"', place + 1, place + FAR)
            place = max(end, place)
        elif char in "([":
            stacks[")" if char == "(" else "]"].append(place)
        elif char in ")]" and stacks[char]:
            ends[stacks[char].pop()] = place
        place += 1
    return ends
