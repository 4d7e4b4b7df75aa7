"""A picture of a case: its scenes, where each reply leads and what it costs, the best way through, endings by value.

Layout by graphlay (layered, deterministic), drawing by matplotlib. The prices are regrets in points of Play, averaged over
the states in which best play meets a scene, or, where it never comes, over those that simulated trainees meet.
"""

import io
import textwrap
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from markupsafe import Markup

from trainkit.case.graph import leads
from trainkit.case.model import NARRATOR, PLAYER, Case
from trainkit.checks.best_play import best_ways
from trainkit.engine.rules import outcomes, starts
from trainkit.errors import TrainkitError
from trainkit.figures import colours
from trainkit.figures.colours import ACCENT, INK, MUTED, PAPER, towards_accent
from trainkit.files.reading import writing
from trainkit.i18n import catalog
from trainkit.simulation.personas import CARICATURES
from trainkit.simulation.runner import CaseRunner
from trainkit.value.solver import exact_play
from trainkit.view.render import template

SUFFIXES = (".svg", ".png", ".html")
WIDTH, LINE, CHARS, ROOM = 250, 15, 40, 21  # of a box, in points; characters a line, and between boxes
DARKEST = 0.65  # share of the accent behind the best ending: ink keeps a contrast of 4.5 on it
TIED = 0.005  # points of Play up to which two replies are worth the same
SELDOM = 0.005  # share of best play up to which it doesn't go there
RUNS = 60  # of each persona, for scenes that best play never meets


class MapOption(NamedTuple):
    """An option in the picture; ``price`` in points of Play, None if no run ever had it on offer."""

    number: int
    text: str
    position: float | None
    on_axis: bool
    price: float | None
    best: float
    leads: tuple[str, ...]
    as_good: bool = False  # where best play says something else, this is worth as much

    @property
    def on_best_way(self) -> bool:
        """Whether best play says it, at least now and then."""
        return self.best > SELDOM

    @property
    def place(self) -> str:
        """The position −100 … +100 as it is shown, × off the axis, nothing in a scene outside it."""
        if not self.on_axis:
            return ""
        return "×" if self.position is None else f"{100 * self.position:+.0f}".replace("-", "−")


class Map(NamedTuple):
    """Everything in the picture of a case: replies by scene, share of best play by passage."""

    case: Case
    lang: str
    replies: Mapping[str, tuple[MapOption, ...]]
    flow: Counter[tuple[str, str]]


def survey(case: Case, lang: str) -> Map:
    """Work out what the picture shows.

    Raises
    ------
    TrainkitError
        If the case is too large for exact play.
    """
    ground = CaseRunner(case, lang)
    best = best_ways(ground)
    prices: defaultdict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    chosen: Counter[tuple[str, str]] = Counter()
    flow: Counter[tuple[str, str]] = Counter()
    for p, run in best:
        stake = max(run.at_start.span, 1e-9)
        for place, option in run.choices:
            chosen[place.scene, option] += p
            reached = outcomes(case, place.state, option)
            path = next(path for path, after in reached if after.worlds >> run.number & 1)
            for way in pairwise((place.scene, *path)):
                flow[way] += p
            for name in place.open:
                prices[place.scene, name].append((p, place.regret(name) / stake))
    met = {scene for scene, _ in prices}
    for persona in CARICATURES.values():
        for number in range(1, RUNS + 1):
            run = ground.run(persona, number, 0)
            stake = max(run.at_start.span, 1e-9)
            for place, _ in run.choices:
                for name in place.open if place.scene not in met else ():
                    prices[place.scene, name].append((1.0, place.regret(name) / stake))

    def price(key: tuple[str, str]) -> float | None:
        known = prices.get(key)
        return 100 * sum(p * r for p, r in known) / sum(p for p, _ in known) if known else None

    replies = {
        scene: tuple(
            MapOption(
                number=number,
                text=case.text(
                    f"scenes.{scene}.options.{name}.text" + (f".{len(option.text)}" if len(option.text) > 1 else ""),
                    lang,
                ),
                position=option.position[-1].value,
                on_axis=part.axis,
                price=price((scene, name)),
                best=chosen[scene, name],
                leads=leads(case, option),
                as_good=_as_good(price((scene, name)), scene in met, chosen[scene, name]),
            )
            for number, (name, option) in enumerate(part.options.items(), 1)
        )
        for scene, part in case.scenes.items()
    }
    return Map(case, lang, replies, flow)


def _as_good(price: float | None, met: bool, chosen: float) -> bool:
    """Whether a reply that best play passes by is worth as much as what it says."""
    return met and not chosen and price is not None and price < TIED


# ---- the picture ----------------------------------------------------------------------------------------------


def draw_case_map(case: Case, file: Path, lang: str | None = None) -> None:
    """Draw a case into an SVG, PNG or HTML file.

    Raises
    ------
    TrainkitError
        If the file's ending is not known, it can't be written, or the case is too large for exact play.
    """
    if file.suffix not in SUFFIXES:
        raise TrainkitError(f'-o wants a file that ends in {", ".join(SUFFIXES)} (got "{file.name}")')
    case_map = survey(case, lang or case.lang)
    data = rendered(case_map, "png" if file.suffix == ".png" else "svg")
    if file.suffix == ".html":
        data = map_page(case_map, data.decode("utf-8")).encode("utf-8")
    with writing(f'"{file}"'):
        file.write_bytes(data)


def rendered(case_map: Map, kind: str) -> bytes:
    """The picture as ``svg`` (text stays text) or ``png``; the same case gives the same bytes."""
    laid = _layout(case_map)
    import matplotlib

    out = io.BytesIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "font.family": "DejaVu Sans", "svg.hashsalt": "trainkit"}):
        metadata = {"Date": None} if kind == "svg" else {}
        _figure(case_map, *laid).savefig(out, format=kind, dpi=110, facecolor=PAPER, metadata=metadata)
    return out.getvalue()


def _figure(case_map: Map, layout: Any, names: Sequence[str], edges: Sequence[tuple]) -> Any:
    """Finding in the title, legend below; nothing by colour alone."""
    from matplotlib.figure import Figure

    gettext = catalog(case_map.lang).gettext
    at = layout.positions()
    (left, top), (right, bottom) = (layout.bounds[end].values() for end in ("min", "max"))
    fig = Figure(figsize=((right - left + 60) / 72, (bottom - top + 150) / 72), facecolor=PAPER)
    axes = fig.add_axes((0, 0, 1, 1))
    axes.set_xlim(left - 30, right + 30)
    axes.set_ylim(bottom + 70, top - 80)
    axes.axis("off")
    for (source, target, numbers), edge in zip(edges, layout.edges, strict=True):
        _edge(axes, case_map, source, target, numbers, edge)
    for name in names:
        _box(axes, case_map, name, *at[name])
    title = case_map.case.text("title", case_map.lang)
    axes.text(left, top - 52, title, size=18, color=INK, weight="bold", va="bottom")
    axes.text(left, top - 34, _worths(case_map), size=11, color=INK, va="center")
    legend = gettext(
        "Thick line and ●: best play; broken line and ◎: worth just as much. −N: what a reply costs, in points of "
        "Play out of 100. Position in brackets: − the request, + the task behind it, × off the axis. Endings: value "
        "from 0 to 100, the darker the better."
    )
    axes.text(left, bottom + 45, legend, size=9, color=MUTED, va="center")
    return fig


def _worths(case_map: Map) -> str:
    worths = [exact_play(case_map.case).worth(state) for state in starts(case_map.case)]
    mean = {name: 100 * sum(getattr(worth, name) for worth in worths) / len(worths) for name in worths[0]._fields}
    text = catalog(case_map.lang).gettext(
        "Out of 100, best play scores {best}, or {unasked} without questions; random replies {random}, the worst "
        "{worst}"
    )
    return text.format(**{name: round(value) for name, value in mean.items()})


def _rows(case_map: Map, name: str) -> list[tuple[str, bool]]:
    """Lines of a box, and whether each is of best play."""
    case, lang = case_map.case, case_map.lang
    if name in case.endings:
        low, high = (round(100 * value) for value in _values(case, name))
        title = case.text(f"endings.{name}.title", lang)
        value = f"{low}" if low == high else f"{low}–{high}"
        return [(line, True) for line in textwrap.wrap(f"{title}: {value}", CHARS - 6)]
    rows = [(line, False) for line in textwrap.wrap(_title(case_map, name), CHARS - 6)]
    for reply in case_map.replies[name]:
        head = f"{'●' if reply.on_best_way else '◎' if reply.as_good else '○'} {reply.number} "
        tail = f" ({reply.place}) {_cost(reply.price)}" if reply.place else f" {_cost(reply.price)}"
        room = CHARS + 4 - len(head) - len(tail)
        rows.append(
            (head + textwrap.shorten(reply.text, room, placeholder="…") + tail, reply.on_best_way or reply.as_good)
        )
    return rows


def _values(case: Case, ending: str) -> tuple[float, float]:
    values = [rule.value for rule in case.endings[ending].value]
    return min(values), max(values)


def _height(case_map: Map, name: str) -> float:
    return LINE * len(_rows(case_map, name)) + 14


def _title(case_map: Map, name: str) -> str:
    return case_map.case.text(f"scenes.{name}.title", case_map.lang) if case_map.case.scenes[name].title else name


def _layout(case_map: Map) -> tuple[Any, list[str], list[tuple[str, str, tuple[int, ...]]]]:
    import graphlay

    case = case_map.case
    graph = graphlay.Graph()
    names = [*case.scenes, *case.endings]
    for name in names:
        graph.node(name, width=WIDTH, height=_height(case_map, name))
    edges = []
    for name, scene in case.scenes.items():
        ways: dict[str, list[int]] = {}
        for reply in case_map.replies[name]:
            for to in reply.leads:
                if to != name:
                    ways.setdefault(to, []).append(reply.number)
        for rule in scene.goto or ():
            ways.setdefault(rule.value, [])
        for to, numbers in ways.items():
            label = ",".join(map(str, numbers))
            graph.edge(name, to, weight=4.0 if case_map.flow[name, to] else 1.0, label=label or None)
            edges.append((name, to, tuple(numbers)))
    options = {"direction": "leftright", "spacing": {"layer_gap": 90.0, "node_gap": 26.0}}
    return graphlay.layout(graph, options=options), names, edges


def _edge(axes: Any, case_map: Map, source: str, target: str, numbers: tuple[int, ...], edge: Mapping) -> None:
    points = [(point["x"], point["y"]) for point in edge["points"]]
    best = case_map.flow[source, target] > SELDOM
    tied = not best and any(reply.as_good for reply in case_map.replies[source] if reply.number in numbers)
    style = {"color": ACCENT if best or tied else MUTED, "lw": 2.4 if best else 1.6 if tied else 0.8, "zorder": 1}
    style |= {"solid_joinstyle": "round", "ls": "--" if tied else "-"}
    axes.plot([x for x, _ in points], [y for _, y in points], **style)
    arrow = {"arrowstyle": "-|>", "color": style["color"], "lw": style["lw"], "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", xy=points[-1], xytext=points[-2], arrowprops=arrow, zorder=2)
    if numbers and len(numbers) < len(case_map.replies[source]):  # all of them need no telling apart
        prices = {reply.number: reply.price for reply in case_map.replies[source]}
        shown = "  ".join(f"{n}:{_cost(prices[n])}" for n in numbers)
        if len(shown) > ROOM:
            shown = ",".join(map(str, numbers))
        (x, y), (then, _) = points[:2]
        back = then < x
        axes.text(x - 5 if back else x + 5, y - 3, shown, size=7.5, color=INK, ha="right" if back else "left", zorder=4)


def _cost(price: float | None) -> str:
    if price is None:
        return "–"
    return f"−{round(price)}" if round(price) else "0"


def _box(axes: Any, case_map: Map, name: str, x: float, y: float) -> None:
    from matplotlib.patches import FancyBboxPatch

    left, top = x - WIDTH / 2, y - _height(case_map, name) / 2
    ending = name in case_map.case.endings
    best = any(name in way and share > SELDOM for way, share in case_map.flow.items())
    fill = towards_accent(DARKEST * sum(_values(case_map.case, name)) / 2) if ending else PAPER
    box = FancyBboxPatch(
        (left, top),
        WIDTH,
        _height(case_map, name),
        boxstyle=f"round,pad=0,rounding_size={14 if ending else 4}",
        fc=fill,
        ec=ACCENT if best else MUTED,
        lw=2.2 if best else 0.9,
        ls="-" if ending or case_map.case.scenes[name].options else ":",
        zorder=3,
    )
    box.set_gid(f"place-{name}")
    axes.add_patch(box)
    rows = _rows(case_map, name)
    titled = sum(not text.startswith(("●", "◎", "○")) for text, _ in rows)
    for number, (text, bold) in enumerate(rows):
        head = number < titled
        style = {"size": 9 if head else 7.5, "weight": "bold" if head or (bold and not ending) else "normal"}
        at = left + 9, top + 7 + LINE * (number + 0.5)
        axes.text(*at, text, color=INK, va="center", zorder=5, clip_on=True, **style)


# ---- the page -------------------------------------------------------------------------------------------------


class Card(NamedTuple):
    """What is told of a place that is clicked: what is heard there, and the replies with the titles of where they lead."""

    name: str
    title: str
    worth: str  # of an ending
    lines: tuple[tuple[str, str], ...]  # (speaker, words); the narrator's name is left out
    replies: tuple[tuple[MapOption, tuple[tuple[str, str], ...]], ...]


def _cards(case_map: Map) -> list[Card]:
    """A card for each scene, the first one first, and each ending."""
    case, lang = case_map.case, case_map.lang
    scenes = sorted(case.scenes, key=lambda name: name != case.start)
    titles = {name: _title(case_map, name) for name in case.scenes} | {
        name: case.text(f"endings.{name}.title", lang) for name in case.endings
    }
    cards = []
    for name in (*scenes, *case.endings):
        kind = "scenes" if name in case.scenes else "endings"
        part = case.scenes[name] if kind == "scenes" else case.endings[name]
        lines = tuple(
            (_speaker(case_map, line.speaker), case.text(key, lang))
            for number, line in enumerate(part.lines, 1)
            for key in _variants(f"{kind}.{name}.lines.{number}", len(line.text))
        )
        values = [f"{100 * value:.0f}" for value in dict.fromkeys(_values(case, name))] if kind == "endings" else []
        replies = tuple(
            (reply, tuple((to, titles[to]) for to in reply.leads)) for reply in case_map.replies.get(name, ())
        )
        cards.append(Card(name, titles[name], "–".join(values), lines, replies))
    return cards


def _variants(base: str, count: int) -> list[str]:
    return [base] if count == 1 else [f"{base}.{number}" for number in range(1, count + 1)]


def _speaker(case_map: Map, name: str) -> str:
    if name == PLAYER:
        return catalog(case_map.lang).gettext("You")
    return "" if name == NARRATOR else case_map.case.text(f"speakers.{name}", case_map.lang)


def map_view(case_map: Map, svg: str) -> str:
    """The picture to look around in: larger and smaller, words to search for, a scene told when it is clicked."""
    return template(
        "map_view.html",
        case_map.lang,
        package=__package__,
        uid=f"{case_map.case.hash[:8]}-{case_map.lang}",
        picture=Markup(svg[svg.index("<svg") :]),
        cards=_cards(case_map),
        colours=colours,
    )


def map_page(case_map: Map, svg: str) -> str:
    """The picture with a table beside it, as one HTML page without outside addresses."""
    return template(
        "map.html",
        case_map.lang,
        package=__package__,
        title=case_map.case.text("title", case_map.lang),
        worths=_worths(case_map),
        view=Markup(map_view(case_map, svg)),
        rows=[(_title(case_map, scene), reply) for scene, replies in case_map.replies.items() for reply in replies],
        colours=colours,
    )
