"""How does a table read? Its heads in words, its numbers as precisely as they are known, nothing where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trainkit.analysis.sentences import correlation, count, per_cent, points
from trainkit.errors import N_
from trainkit.i18n import catalog, decimal

if TYPE_CHECKING:
    import pandas as pd

HEADS = {  # column: its head, and how its numbers are written
    "number": (N_("No."), "count"), "group": (N_("Group"), ""), "wave": (N_("When"), ""),
    "people": (N_("People"), "count"), "attempts": (N_("Attempts"), "count"), "mean": (N_("Mean"), "points"),
    "low": (N_("from"), "points"), "high": (N_("to"), "points"), "scene": (N_("Scene"), ""),
    "option": (N_("Reply"), ""), "share": (N_("Share"), "percent"), "share_low": (N_("from"), "percent"),
    "share_high": (N_("to"), "percent"), "key": (N_("By the key"), ""), "best": (N_("Best reply"), "percent"),
    "item_rest": (N_("With the other scenes, r"), "number"), "step": (N_("Decision"), "count"),
    "to": (N_("Went on to"), ""), "source": (N_("What differs"), ""), "variance": (N_("Variance"), "fine"),
    "variance_low": (N_("from"), "fine"), "variance_high": (N_("to"), "fine"), "rest": (N_("Fit elsewhere"), "points"),
    "item": (N_("Scene"), ""), "sd": (N_("SD"), "points"), "alpha_without": (N_("Alpha without it"), "number"),
    "cases": (N_("Cases"), "count"), "dependability": (N_("Generalisability"), "number"),
    "number_low": (N_("from"), "number"), "number_high": (N_("to"), "number"),
    "standard": (N_("Against a standard"), "number"), "experts": (N_("Experts"), "count"),
    "position": (N_("Position"), "number"), "position_low": (N_("from"), "number"),
    "position_high": (N_("to"), "number"), "first": (N_("Key"), ""), "second": (N_("Other key"), ""),
    "spearman": (N_("Rank, r"), "number"), "changed": (N_("In another third"), "percent"),
    "texts": (N_("Texts"), "count"), "coded": (N_("Own words"), "number"), "chosen": (N_("Chosen"), "number"),
    "aim": (N_("Asked for"), "number"), "against_key": (N_("On another side"), "percent"), "term": (N_("Term"), ""),
    "points": (N_("Points"), "points"), "worst": (N_("The same at worst"), "number"),
    "code": (N_("Code"), ""), "orientated": (N_("Orientated"), "count"), "middle": (N_("Middle"), "count"),
    "centric": (N_("Centric"), "count"), "off": (N_("Neither"), "count"), "unclear": (N_("Unclear"), "count"),
}  # fmt: skip


def in_words(table: pd.DataFrame, lang: str) -> tuple[list[tuple[str, bool]], list[list[str]]]:
    """Heads, each with whether numbers stand under it, and rows; what has no head of its own is counts, shares or words."""
    heads = [HEADS.get(str(name), (str(name), _kind(table[name]))) for name in table.columns]
    gettext = catalog(lang).gettext
    rows = [
        [_cell(value, kind, lang) for value, (_, kind) in zip(row, heads, strict=True)]
        for row in table.itertuples(index=False)
    ]
    return [(gettext(head) if head else "", bool(kind)) for head, kind in heads], rows


def _kind(values: pd.Series) -> str:
    return {"f": "percent", "i": "count", "u": "count"}.get(values.dtype.kind, "")


def _cell(value: Any, kind: str, lang: str) -> str:
    if value is None or value != value:
        return "–"
    if kind == "percent":
        return per_cent(float(value), lang)
    if kind == "points":
        return points(float(value), lang)
    if kind == "count":
        return count(int(value), lang)
    if kind == "number":
        return correlation(float(value), lang)
    if kind == "fine":
        return decimal(float(value), lang, 4)
    return str(value)
