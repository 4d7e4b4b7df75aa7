"""What has every picture of responses? Axes, its finding in words, a table beside it, and a label where it is synthetic."""

from __future__ import annotations

import io
import textwrap
from typing import TYPE_CHECKING, Any, NamedTuple

from trainkit.figures.colours import ACCENT, INK, LINE, MUTED, PAPER, towards_accent
from trainkit.figures.table_words import in_words
from trainkit.i18n import catalog

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 8.0  # inches
LEVEL = 0.95  # of intervals of shares


class Style(NamedTuple):
    """How one of several is drawn: told apart by mark and line, not by colour alone."""

    colour: str
    fill: str
    marker: str
    line: str


_STYLES = (
    Style(ACCENT, ACCENT, "o", "-"), Style(INK, PAPER, "s", "--"), Style(MUTED, MUTED, "^", "-."),
    Style(ACCENT, PAPER, "D", ":"), Style(INK, INK, "v", "-"), Style(MUTED, PAPER, "P", "--"),
    Style(ACCENT, towards_accent(0.5), "X", "-."),
)  # fmt: skip


def style(number: int) -> Style:
    """The style of the first, second, … of several; after the seventh they come again."""
    return _STYLES[number % len(_STYLES)]


class Picture(NamedTuple):
    """A picture: its axes to work on, its finding in words (the text alternative), and the table beside it.

    In a notebook it shows itself with the finding as the picture's text.
    """

    axes: Axes
    title: str
    said: str
    table: pd.DataFrame
    lang: str

    @property
    def figure(self) -> Figure:
        """The whole figure."""
        figure = self.axes.get_figure(root=True)
        assert figure is not None
        return figure

    def svg(self) -> str:
        """The figure as SVG: letters are shapes, and the same figure gives the same text."""
        import matplotlib as mpl

        out = io.StringIO()
        with mpl.rc_context({"svg.hashsalt": "trainkit"}):
            self.figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
        return out.getvalue()

    def cells(self) -> tuple[list[tuple[str, bool]], list[list[str]]]:
        """The table in words: heads, each with whether numbers stand under it, and rows."""
        return in_words(self.table, self.lang)

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        """Else IPython would show the tuple."""
        printer.text(self.said)

    def _repr_mimebundle_(self, **_kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        from PIL import Image  # matplotlib's own

        drawn, out = io.BytesIO(), io.BytesIO()
        self.figure.savefig(drawn, format="png", dpi=110)
        with Image.open(drawn) as image:  # a third of the size: a notebook that is kept has many
            image.convert("RGB").quantize(255, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
                out, format="png", optimize=True
            )
        return {"image/png": out.getvalue(), "text/plain": self.said}, {"image/png": {"alt": self.said}}


def begin(ax: Axes | None, height: float, title: str, synthetic: bool, lang: str) -> Axes:
    """Axes to draw on: those given, or those of a new figure; with a title, and a label where nobody answered."""
    label = catalog(lang).gettext("SYNTHETIC DATA: nobody answered")
    box = {"boxstyle": "square,pad=.3", "fill": False, "edgecolor": INK, "linewidth": 0.8}
    how = {"fontsize": 8, "fontweight": "bold", "color": INK, "bbox": box}
    title = wrapped(title, 44 if synthetic else 70, 2)  # the label stands beside it
    if ax is None:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        ax = figure.add_subplot()
        figure.suptitle(title, x=0.01, ha="left", color=INK, fontsize=12)
        if synthetic:
            figure.text(0.985, 1 - 0.1 / height, label, ha="right", va="top", **how)
    else:
        ax.set_title(title, loc="left", color=INK, fontsize=12, pad=26 if synthetic else 8)
        if synthetic:
            ax.annotate(label, (0, 1), xycoords="axes fraction", xytext=(0, 8), textcoords="offset points", **how)
    ax.patch.set_alpha(0)
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    ax.spines["bottom"].set_color(LINE)
    ax.tick_params(colors=MUTED, labelcolor=INK, length=0)
    return ax


def muted_labels(ax: Axes) -> None:
    """Let the names of both axes stand back behind what is shown."""
    for axis in (ax.xaxis, ax.yaxis):
        axis.label.set_color(MUTED)


def wrapped(text: str, width: int = 46, lines: int = 3) -> str:
    """A label on lines of so many letters, cut after so many lines."""
    return "\n".join(textwrap.wrap(text, width, max_lines=lines, placeholder=" …"))
