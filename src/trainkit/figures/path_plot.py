"""Which ways did people take through a case? Scenes by the place they came at, bands as wide as people went."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from trainkit.analysis.flows import BROKEN_OFF, ENDED
from trainkit.analysis.sentences import of_share
from trainkit.analysis.summary import share
from trainkit.errors import N_
from trainkit.figures.colours import ACCENT, INK, MUTED, ON_ACCENT, towards_accent
from trainkit.figures.picture import LEVEL, Picture, begin, muted_labels, wrapped
from trainkit.i18n import catalog

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEW = 0.04  # of all attempts: rarer scenes of a step are drawn as one
OTHERS = "(others)"
PLACES = {ENDED: N_("the end"), BROKEN_OFF: N_("broken off"), OTHERS: N_("other scenes")}


def path_flow(
    flows: Any,
    case_id: str,
    lang: str,
    *,
    synthetic: bool,
    names: Mapping[str, str] | None = None,
    ax: Axes | None = None,
) -> Picture:
    """The ways people took through a case; scenes where few were at some place are drawn as one, and the table has all.

    Parameters
    ----------
    flows : pandas.DataFrame
        What :func:`trainkit.analysis.flows.flows` returns.
    names : mapping, optional
        The case and its scenes (``case/scene``) in words.
    """
    gettext, names = catalog(lang).gettext, names or {}
    title = gettext("{case}: the ways people took").format(case=names.get(case_id, case_id))
    total = int(flows.loc[flows["step"] == 1, "attempts"].sum())
    ax = begin(ax, 6.4, title, synthetic, lang)

    def word(scene: str) -> str:
        return gettext(PLACES[scene]) if scene in PLACES else names.get(f"{case_id}/{scene}", scene)

    drawn = _without_rare(flows, FEW * total)
    steps, tops = int(drawn["step"].max()), {}
    for step in range(1, steps + 2):
        top = 0.0
        for scene, n in _column(drawn, step):
            tops[step, scene] = top
            ax.bar(step, n, bottom=top, width=0.1, color=MUTED if scene in PLACES else ACCENT, zorder=3)
            label = f"{wrapped(word(scene), 13, 3 if n > 0.12 * total else 1)}\n{n}"
            ax.annotate(label, (step + 0.07, top + n / 2), va="center", fontsize=7.5, color=INK, zorder=4)
            top += max(n, 0.03 * total) + 0.05 * total
    _bands(ax, drawn, tops)
    ax.set(xlim=(0.9, steps + 1.8), yticks=[])
    ax.invert_yaxis()
    ax.set_xticks(range(1, steps + 1), [str(one) for one in range(1, steps + 1)])
    ax.set_xlabel(gettext("decision in order"))
    muted_labels(ax)
    table = flows.assign(scene=[word(one) for one in flows["scene"]], to=[word(one) for one in flows["to"]])
    return Picture(ax, title, _way(flows, total, word, lang), table[["step", "scene", "to", "attempts"]], lang)


def _without_rare(flows: Any, fewest: float) -> Any:
    """The same flows with the rare scenes of a step as one."""
    here = flows.groupby(["step", "scene"])["attempts"].transform("sum")
    rare = set(flows.loc[here < fewest, ["step", "scene"]].itertuples(index=False, name=None))
    places = zip(flows["step"], flows["scene"], flows["to"], strict=True)
    shown = [
        (OTHERS if (step, scene) in rare else scene, OTHERS if (step + 1, to) in rare else to)
        for step, scene, to in places
    ]
    drawn = flows.assign(scene=[scene for scene, _ in shown], to=[to for _, to in shown])
    return drawn.groupby(["step", "scene", "to"], as_index=False)["attempts"].sum()


def _column(drawn: Any, step: int) -> list[tuple[str, int]]:
    """The scenes of a step from the top, the most visited first, then where attempts end before it."""
    here = drawn[drawn["step"] == step].groupby("scene")["attempts"].sum()
    here = here.sort_values(ascending=False, kind="stable").items()
    came = drawn[(drawn["step"] == step - 1) & drawn["to"].isin([ENDED, BROKEN_OFF])]
    scenes = sorted(here, key=lambda one: one[0] == OTHERS)
    return [(str(scene), int(n)) for scene, n in [*scenes, *came.groupby("to")["attempts"].sum().items()]]


def _bands(ax: Axes, drawn: Any, tops: Mapping[tuple[int, str], float]) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    out, into = dict(tops), dict(tops)
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    moves = drawn[["step", "scene", "to", "attempts"]].itertuples(index=False, name=None)
    for step, scene, to, n in sorted(moves, key=lambda one: (one[0], tops[one[0], one[1]], tops[one[0] + 1, one[2]])):
        a, b = out[step, scene], into[step + 1, to]
        out[step, scene] += n
        into[step + 1, to] += n
        x, y, middle = step + 0.05, step + 0.95, step + 0.5
        there = [(x, a), (middle, a), (middle, b), (y, b)]
        again = [(y, b + n), (middle, b + n), (middle, a + n), (x, a + n), (x, a)]
        fill = towards_accent(0.28)
        ax.add_patch(
            PathPatch(Path([*there, *again], codes), facecolor=fill, edgecolor=ON_ACCENT, linewidth=0.3, zorder=1)
        )


def _way(flows: Any, total: int, word: Callable[[str], str], lang: str) -> str:
    """The way that most went at first, and how many broke off."""
    first = flows.iloc[0]
    found = share(int(first["attempts"]), total, LEVEL)
    said = catalog(lang).gettext("Most went from “{scene}” to “{to}”: {k} of {n} attempts ({share}; {interval}).")
    text = of_share(found, said, lang, scene=word(first["scene"]), to=word(first["to"]))
    ended = int(flows.loc[flows["to"] == BROKEN_OFF, "attempts"].sum())
    if ended:
        more = catalog(lang).ngettext("{n} attempt was broken off.", "{n} attempts were broken off.", ended)
        text += " " + more.format(n=ended)
    return text
