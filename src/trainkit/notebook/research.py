"""How does a research notebook show what it found? Sentences, pictures with words and table, and why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from trainkit.analysis.sentences import of_trouble
from trainkit.analysis.tables import require
from trainkit.errors import N_, TrainkitError
from trainkit.figures.picture import Picture
from trainkit.figures.table_words import in_words
from trainkit.i18n import catalog

if TYPE_CHECKING:
    import pandas as pd

LONG = 14  # rows from which a table is folded


class Table(NamedTuple):
    """A table to be shown in words."""

    frame: pd.DataFrame
    lang: str


def table(
    frame: pd.DataFrame, lang: str, columns: Mapping[str, str] | None = None, names: Mapping[str, str] | None = None
) -> Table:
    """A table in words: its columns → ones of :mod:`trainkit.figures.table_words`; scenes (``item``) by their ``names``."""
    wanted = dict(columns or {name: name for name in frame.columns})
    told = frame[list(wanted)].rename(columns=wanted)
    if names and "item" in told.columns:
        told = told.assign(item=[names.get(item, item) for item in told["item"]])
    return Table(told, lang)


def show(*found: str | Table | Picture) -> None:
    """Show sentences, tables, and pictures with the finding and the table under them."""
    from IPython.display import display

    for one in found:
        if isinstance(one, Picture):
            data, metadata = one._repr_mimebundle_()
            display(data, metadata=metadata, raw=True)
            cells = _html(one.table, one.lang)
            display(_both(f"<p>{escape(one.said)}</p>{cells}", _plain(one.table, one.lang)), raw=True)
        elif isinstance(one, Table):
            display(_both(_html(*one), _plain(*one)), raw=True)
        else:
            display(_both(f"<p>{escape(one)}</p>", one), raw=True)


def _both(html: str, plain: str) -> dict[str, str]:
    return {"text/html": html, "text/plain": plain}


def _html(frame: pd.DataFrame, lang: str) -> str:
    heads, rows = in_words(frame, lang)
    side = ["right" if number else "left" for _, number in heads]

    def line(cells: list[str], tag: str) -> str:
        told = (f'<{tag} style="text-align:{at}">{escape(cell)}</{tag}>' for cell, at in zip(cells, side, strict=True))
        return f"<tr>{''.join(told)}</tr>"

    head, body = line([head for head, _ in heads], "th"), "\n".join(line(row, "td") for row in rows)
    html = f"<table><thead>{head}</thead>\n<tbody>{body}</tbody></table>"
    if len(rows) < LONG:
        return html
    n = catalog(lang).ngettext("{n} row", "{n} rows", len(rows)).format(n=len(rows))
    return f"<details><summary>{n}</summary>{html}</details>"


def _plain(frame: pd.DataFrame, lang: str) -> str:
    heads, rows = in_words(frame, lang)
    return "\n".join(" | ".join(row) for row in ([head for head, _ in heads], *rows))


def beside(file: str | Path | None, columns: Sequence[str], lang: str, numbers: Sequence[str] = ()) -> pd.DataFrame:
    """A table of one's own beside the answers (ratings, codes, a criterion); if its ``origin`` is synthetic, that is shown.

    If there is none, or there is something wrong with it, that is told, and the table has these columns and no rows.
    """
    import pandas as pd

    if file is not None:
        with explained(lang):
            return _read(Path(file), columns, lang, numbers)
    return pd.DataFrame(columns=list(columns))


def _read(file: Path, columns: Sequence[str], lang: str, numbers: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    from trainkit.exchange.read import plain_table

    frame, _ = plain_table(file)
    require(frame, columns)
    for name in numbers:
        text = frame[name].replace("", None)
        frame[name] = pd.to_numeric(text, errors="coerce")
        if wrong := [row + 1 for row in frame.index[frame[name].isna() & text.notna()]]:
            said = N_("{file}, row {row}: {column} is no number.")
            raise TrainkitError(said, file=file.name, row=wrong[0], column=name)
    if "origin" in frame.columns and (frame["origin"] == "synthetic").any():
        show(catalog(lang).gettext("SYNTHETIC: {file} was made up by a program.").format(file=file.name))
    return frame


@contextmanager
def explained(lang: str, about: str = "") -> Iterator[None]:
    """Whatever can't be said in here (``about`` what) is told in a sentence: why not, and what would do."""
    try:
        yield
    except TrainkitError as error:
        show((f"{about}. " if about else "") + of_trouble(error, lang))
