"""How does one read on after a slip in YAML? By mending the line it stands in, as far as it is clear what was meant.

A colon or a quote in a text that has no quotes: the text is taken as it stands. A bracket or a quote that never ends: what
the line says is doubtful, and left out. A line that belongs nowhere is dropped, with what is indented below it; then parts
may be missing, and nothing is said of missing ones. Lines keep their numbers.
"""

import json
import re
from typing import NamedTuple

import yaml

from trainkit.errors import N_, Told

_ENTRY = re.compile(r"(\s*(?:- +)*)([^\s:#\"'\[\]{},&*!|>%@`-][^:\"'\[\]{}]*?):\s+(\S(?:.*\S)?)\s*$")
MOST_READ = 5_000_000  # characters that are read again for what is mended: a case of 50 kB a hundred times
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]|(?<!\A)\ufeff")

TABBED = N_("is not YAML: a tab stands at the beginning of the line; indent with spaces")
COLON = N_('is not YAML: a second colon in one line. A text with ": " or a quote in it goes into double quotes')
INDENTED = N_(
    "is not YAML: this line is indented otherwise than those it belongs to, or something above it isn't closed (a quote, a "
    "bracket)"
)
NESTED = N_("is not YAML: this line is indented below one that has a text already, or the line above lacks its colon")
AFTER_BRACKET = N_("is not YAML: after the closing bracket something follows; put a text with brackets in quotes")
ANCHOR = N_("anchors (&) and aliases (*) are not allowed; quote a text that begins with & or *")
BRACKET = N_(
    "is not YAML: a {kind} begins here and doesn't end, or lacks a comma. A text in it with , : or # goes into quotes"
)
QUOTE = N_("is not YAML: a text in quotes begins here and doesn't end")
AFTER_QUOTE = N_(
    "is not YAML: after the closing quote something follows. Put the whole text in quotes, and those in it as “ ” or « »"
)
BEGINS = N_("is not YAML: a text can't begin with {sign}; put it in quotes")
DASH = N_("is not YAML: a list begins on a line of its own, `- ` before each part")
NO_COLON = N_("is not YAML: a key and a colon are wanted here, `key: text`; a list has `- ` before each part")
OTHER = N_("is not YAML: {said}")
INVISIBLE = N_("an invisible character (U+{code}) stands here; delete it")
BLOCK = N_("is not YAML: after | or > a line ends, and the text begins on the next one, indented")


def _indent(row: str) -> int:
    return len(row) - len(row.lstrip())


class Slip(NamedTuple):
    """A line that is not YAML, and why."""

    line: int
    rule: str


class Mending:
    """A text that is mended slip by slip until it can be read."""

    def __init__(self, text: str):
        self.rows = re.split(r"\r\n|\n|\r", text)
        self.slips: list[Slip] = []  # that are seen before the first reading
        self.doubtful: set[int] = set()  # lines whose value isn't known
        self.dropped = False  # whether a line was left out that may have been a part
        self.goes_on = True
        self._room = MOST_READ  # for reading again
        self._tried: dict[int, int] = {}  # line → how often it was mended
        self._told: list[range] = []  # lines that what has been said may be the cause of
        for number, row in enumerate(self.rows):
            if found := _INVISIBLE.search(row):
                self.slips.append(Slip(number + 1, Told(INVISIBLE, code=f"{ord(found[0]):04X}")))
                self.rows[number] = _INVISIBLE.sub("", row)

    @property
    def text(self) -> str:
        """The text as it is by now."""
        return "\n".join(self.rows)

    def mend(self, error: yaml.MarkedYAMLError) -> Slip | None:
        """Mend the line that an error is about; what is to be told of it, None where that goes without saying."""
        at, rule, last = self._cause(error)
        known = any(at in lines for lines in self._told)
        self._room -= sum(map(len, self.rows)) + len(self.rows)
        times = self._tried[at] = self._tried.get(at, 0) + 1
        if times > 2 or self._room < 0:
            self.goes_on = False
        elif times == 2 or not self._mended(at, rule):
            self._drop(at)
        self._told.append(range(at, last + 1))
        return None if known else Slip(at + 1, rule)

    def _cause(self, error: yaml.MarkedYAMLError) -> tuple[int, Told, int]:
        """The row that is to blame, from 0, what is wrong with it, and the row at which the parser noticed."""
        said = " ".join(part for part in (error.context, error.problem) if part)
        mark = error.problem_mark or error.context_mark
        at = min(mark.line if mark else 0, len(self.rows) - 1)
        begun = min(error.context_mark.line, at) if error.context_mark else at
        row = self.rows[at]
        if "\t" in row[: _indent(row)]:
            return at, Told(TABBED), at
        if "quoted scalar" in said:
            return begun, Told(QUOTE), at
        if "flow" in said:
            kind = Told(N_("list in […]")) if "sequence" in said else Told(N_("mapping in {…}"))
            return begun, Told(BRACKET, kind=kind), at
        if "mapping values" in said:
            return at, Told(COLON if len(re.findall(r":(?=\s|$)", row)) > 1 else NESTED), at
        if "cannot start any token" in said:
            sign = row[mark.column : mark.column + 1] if mark else ""
            return at, Told(BEGINS, sign=sign), at
        if "block sequence entries" in said:
            return at, Told(DASH), at
        if "block scalar" in said:
            return at, Told(BLOCK), at
        if "expected ':'" in said:
            at = begun  # the parser notices where the next line begins
            return at, Told(NO_COLON), at
        if "block" in said or "document start" in said:
            quote = row[: mark.column].rstrip()[-1:] if mark else ""
            if quote not in ('"', "'"):
                aliased = re.match(r"[^:#]*:\s+[*&]", row)
                if quote in ("]", "}") or aliased:
                    return at, Told(ANCHOR if aliased else AFTER_BRACKET), at
                return at, Told(INDENTED), self._last_beside(at)
            above = self._open_quote(at, quote)
            return (at, Told(AFTER_QUOTE), at) if above is None else (above, Told(QUOTE), at)
        return at, Told(OTHER, said=said), at

    def _last_beside(self, at: int) -> int:
        """The last row of the block that a row is in: if its indent is wrong, so is theirs."""
        depth = _indent(self.rows[at])
        below = at
        while depth and below + 1 < len(self.rows) and _indent(self.rows[below + 1]) >= depth:
            below += 1
        return below

    def _open_quote(self, at: int, quote: str) -> int | None:
        """The row above in which a text begins with this quote, without its end; it ends where the next one begins."""
        for number in range(at - 1, max(at - 40, -1), -1):
            entry = _ENTRY.fullmatch(self.rows[number])
            if entry and entry[3].startswith(quote) and entry[3].count(quote) == 1:
                return number
        return None

    def _mended(self, at: int, rule: Told) -> bool:
        """Take the text of a line as it stands; where it isn't clear what that is, leave it out."""
        row = self.rows[at]
        indent = row[: _indent(row)]
        if "\t" in indent:
            self.rows[at] = indent.replace("\t", "  ") + row.lstrip()
            return True
        entry = _ENTRY.fullmatch(row)
        if entry is None:
            item = re.fullmatch(r"(\s*(?:- +)+)\S.*", row)
            if item:
                self.rows[at] = f"{item[1]}null"
                self.doubtful.add(at + 1)
            return bool(item)
        before, key, value = entry.groups()
        if rule.parts[0][0] in (COLON, BEGINS, AFTER_QUOTE) and value[0] not in "[{":
            self.rows[at] = f"{before}{key}: {json.dumps(value, ensure_ascii=False)}"
        else:
            self.rows[at] = f"{before}{key}: null"
            self.doubtful.add(at + 1)
        return True

    def _drop(self, at: int) -> None:
        """Leave out a line and what is indented below it."""
        self.dropped = True
        depth = _indent(self.rows[at])
        self.rows[at] = ""
        for below in range(at + 1, len(self.rows)):
            if self.rows[below].strip() and _indent(self.rows[below]) <= depth:
                break
            self.rows[below] = ""
