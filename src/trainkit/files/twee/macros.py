"""What is what in the story formats: links, macros by what they are for, marks of emphasis, where a bracket ends."""

import re

from trainkit.files.twee.markup import said_words

PLACEHOLDER = "\ue001"  # of a passage that is put in
FAR = 5_000  # characters within which a text in quotes, or what a link encloses, ends
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
    r"\[[<>]?img\[([^\]]*)\](?:\[([^\]]*)\])?(?:\[[^\]]*\])?\]|<(?:img|source|embed)\b[^>]*>|!\[[^\]]*\]\(([^)]*)\)",
    re.I,
)
LINK = re.compile(r"\[\[(?P<inside>(?:(?!\]\]|\]\[).)+?)(?:\]\[(?P<setter>(?:(?!\]\]).)*))?\]\]", re.S)
SUGAR = re.compile(
    r"<<(?P<end>/|end(?=if|for|link|nobr|repeat|button|switch|widget))?(?P<name>[A-Za-z=-][\w-]*|[=-])(?P<args>(?:\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`|(?!>>).)*)>>",
    re.S,
)
HARLOWE = re.compile(r"\((?P<name>[A-Za-z][\w-]*):")
TAG = re.compile(r"</?[A-Za-z][\w-]*(?:\s[^<>]*)?/?>|<br\s*/?>", re.I)
INSERT = re.compile(r"\{([^{}\n]*)\}")
VARIABLE = re.compile(r"[$](?=[A-Za-z_])[\w.]+(?:\[[^\]\n]{0,80}\])*|(?<![\w/])_[A-Za-z][\w.]*")
EMPHASIS = re.compile(r"_(?=[^_\n]*[^_\s]_(?!\w))")
PARAGRAPH = re.compile(r"\n[ \t]*\n+|\n(?=[A-ZА-ЯЁ][\w.'’ -]{0,30}: )")
STRING = re.compile(r"\"((?:\\.|[^\"\\])*)\"|'((?:\\.|[^'\\])*)'")
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
    r"<<goto\s+(?:\"([^\"]+)\"|'([^']+)'|\[\[(?:[^\]]*(?:->|\|))?([^\]]+)\]\])|\((?:go-?to):\s*(?:\"([^\"]+)\"|'([^']+)')"
    r"|(?:Engine\.play|story\.show)\(\s*(?:\"([^\"]+)\"|'([^']+)')",
    re.I,
)
_STYLE = re.compile(
    r"''|//(?=\S)|(?<=\S)//(?!\w)|\^\^|~~|\*\*|__|==+|(?m:^\s*(?:!+|#+|\*+|>+)\s+)|(?<=\w)\|(?=>)|[|]\w+>|<\w+[|]"
    r"|(?<![\w*])[*_](?=[^\s*_])|(?<=[^\s*_])[*_](?![\w*])"
)


def plain(words: str) -> str:
    """Words without the marks of emphasis, headings and lists, with characters for entities, in one line."""
    if words.strip().startswith(PLACEHOLDER):
        return words.strip()
    protected = re.sub(r"https?://", "\ue004", TAG.sub("", words))
    return " ".join(said_words(_STYLE.sub("", protected).replace("\ue004", "https://")).replace("\\\n", " ").split())


def first_string(args: str) -> str:
    """The first text in quotes; nothing if there is none."""
    found = STRING.search(args)
    return (found[1] or found[2] or "") if found else ""


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


def leads_to(inner: str) -> str:
    """Where what a link encloses goes to, if it says so."""
    found = _GOES_TO.search(inner)
    return said_words(next(part for part in found.groups() if part)) if found else ""
