"""Which rows of decisions are not used, and why? The codebook's rules as expressions, and what is there twice.

That no row is there twice is seen from sums alone: the numbers of an attempt's n decisions are 1 … n exactly when the sum
of 2 to the power of each is 2ⁿ⁺¹ − 2, since no fewer than n powers of two have that sum, and n of them only if all differ.
So a clean table needs no table of all rows, and no second look.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from trainkit.exchange.checks import OTHERWISE
from trainkit.exchange.columns import columns
from trainkit.scoring.frames import NUMBERS

IDS = ("scene", "option")
MOST = 52  # decisions of an attempt whose powers of two a float sums exactly; longer ones get a second look
SLACK = 1e-9


class Rule(NamedTuple):
    """What must hold for a row to be used: ``holds`` is an expression (false or null: it doesn't), ``why`` is said then."""

    column: str
    why: str
    holds: Any


def rules(numbered: bool) -> list[Rule]:
    """All of them for columns as ``as_numbers`` of ``scoring/frames.py`` gives them; ``numbered``: rows have a number."""
    import narwhals as nw

    found = []
    for one in columns("decisions"):
        there, col = ~nw.col(one.name).is_null(), nw.col(one.name)
        if one.name in ("attempt", *IDS, "on_axis") or (one.name == "number" and numbered):
            found.append(Rule(one.name, "it must not be empty", there))
        elif one.name in NUMBERS:
            assert one.bounds is not None
            low, high = one.bounds
            if not one.optional:
                found.append(Rule(one.name, "it must not be empty", there))
            fine = (col >= low) & ((col < high) if math.isinf(high) else (col <= high))
            told = f"from {low:g} up and finite" if math.isinf(high) else f"from {low:g} to {high:g}"
            found.append(Rule(one.name, f"it is not {told}", ~there | fine))
    for chosen, also in (("position", "aim"), ("fit", "fit_mean")):
        value, low, high = (nw.col(name) for name in (chosen, f"{chosen}_min", f"{chosen}_max"))
        between = (low <= value + SLACK) & (value <= high + SLACK) & ~nw.col(also).is_null()
        found.append(Rule(chosen, "it is not in the range that was on offer", nw.col(chosen).is_null() | between))
    return found


def usable() -> Any:
    """Whether a row keeps all rules: true, or false or null. (A row without its number is seen by the mask.)"""
    import narwhals as nw

    whole: Any = nw.lit(True)
    for rule in rules(numbered=False):
        whole = whole & rule.holds
    return whole


def first_look(numbered: bool) -> dict[str, Any]:
    """What is summed of an attempt to see whether it needs a second look: its ``rows``, and the ``mask`` of their numbers."""
    import narwhals as nw

    rows = {"rows": nw.lit(1.0)}
    if not numbered:
        return rows
    number = nw.col("number").cast(nw.Float64)
    power = nw.when((number >= 1) & (number <= MOST)).then(nw.lit(2.0) ** number).otherwise(nw.lit(0.0))
    return rows | {"mask": power}


def set_aside(numbered: bool) -> Any:
    """How many rows of an attempt are not used, by its sums; −1: it needs a second look."""
    import narwhals as nw

    rows, used = nw.col("_rows"), nw.col("_n")
    found = rows - used
    if numbered:
        found = nw.when(nw.col("_mask") == nw.lit(2.0) ** (rows + 1.0) - 2.0).then(found).otherwise(nw.lit(-1.0))
    return found.cast(nw.Int64)


def looked_through(rows: Any, by: Sequence[str], key: Sequence[str]) -> Any:
    """Rows, each once, with ``times`` and ``why`` it isn't used (null: it is).

    Parameters
    ----------
    rows : narwhals frame
        As :func:`trainkit.scoring.frames.as_numbers` gives it, with the columns ``IDS``.
    by, key : sequence of str
        What names an attempt, and a decision in it: of equal rows one is used, of unequal ones none.
    """
    import narwhals as nw

    content = [name for name in rows.collect_schema().names() if name != "times"]
    once = rows.group_by(*content).agg(times=nw.len())
    why: Any = nw.lit("")
    for rule in reversed(rules("number" in content)):
        why = nw.when(rule.holds).then(why).otherwise(nw.lit(f"{rule.column}: {rule.why}"))
    once = once.with_columns(why=why)
    alike = once.filter(nw.col("why") == "").group_by(*by, *key).agg(_alike=nw.len())
    once = once.join(alike, on=[*by, *key], how="left")
    broken = nw.when(nw.col("why") != "").then(nw.col("why"))
    unlike = nw.when((nw.col("why") == "") & (nw.col("_alike") > 1)).then(nw.lit(f"{key[0]}: {OTHERWISE}"))
    return once.with_columns(why=nw.coalesce(unlike, broken)).drop("_alike")
