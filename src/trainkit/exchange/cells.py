"""Which texts would a spreadsheet run as a formula, and how do they stand in a CSV so that it doesn't?

Excel, LibreOffice and Google's look past blanks before a formula; where full-width letters are typed, Excel takes ＝ for =.
Not every program does all of this: an apostrophe too many is harmless, and reading takes it off again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

# the characters themselves, since Python's and Arrow's regular expressions spell escapes differently
_BLANKS = " \t\r\n\v\f\x1c\x1d\x1e\x1f\x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x2010))) + "\u2028\u2029\u202f"
_BLANKS += "\u205f\u2060\u3000\ufeff"
_SIGNS = "=+@|" + "＝＋－＠｜" + "﹦﹢﹣﹫" + "⁺⁻⁼₊₋₌" + "\u2212" + "".join(map(chr, range(0x2010, 0x2016)))
_FORMULA = f"^(?:['\t\r\n]|[{_BLANKS}]*[{_SIGNS}-])"  # the apostrophe itself, too: so reading knows which was added
_RISKY = re.compile(_FORMULA)


def as_text(words: str) -> str:
    """Words as a cell: what a spreadsheet would take for a formula has an apostrophe before it.

    >>> as_text("=1+1"), as_text(" ＋7"), as_text("1+1")
    ("'=1+1", "' ＋7", '1+1')
    """
    return f"'{words}" if _RISKY.match(words) else words


def from_text(cell: str) -> str:
    """The words of a cell that :func:`as_text` wrote."""
    return cell[1:] if cell[:1] == "'" and _RISKY.match(cell[1:]) else cell


def as_texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """What :func:`as_text` does, of a whole column."""
    import pyarrow as pa
    import pyarrow.compute as pc

    mark, nothing = pa.scalar("'", column.type), pa.scalar("", column.type)  # of its own kind: texts are long or not
    risky = pc.fill_null(pc.match_substring_regex(column, _FORMULA), False)
    return pc.if_else(risky, pc.binary_join_element_wise(mark, column, nothing), column)
