"""Case → sheets of paper: what lies on the table when this is played without a computer."""

import itertools
from bisect import bisect
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import NamedTuple

from trainkit.case.model import Case
from trainkit.engine.attempt import askable, start
from trainkit.engine.rules import outcomes
from trainkit.errors import TrainkitError, UnknownName
from trainkit.files.casebook import language
from trainkit.i18n import catalog
from trainkit.paper.handout_book import UNTOLD, Book, Keyed, SheetLine, book, code, keyed, sheet_scene, speaker
from trainkit.scoring.tomorrow import tomorrow_texts
from trainkit.simulation.met_state import MetState
from trainkit.value.solver import exact_play
from trainkit.view.render import asset, template

SHEETS = ("client", "trainee", "observer", "key", "tomorrow", "own")
DRAWS = 36  # two dice


class ObserverRow(NamedTuple):
    """A fact or a memory in the table of codes; ``ticked`` if it matters whether the trainee has learnt it."""

    letter: str
    label: str
    values: Sequence[tuple[int, str]]
    design: bool = False
    ticked: bool = False


class Draws(NamedTuple):
    """What each throw of two dice makes true: figures in the order of ``letters``; ``code`` is the condition it is for."""

    code: str
    letters: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def handout(case: Case, lang: str, sheets: Sequence[str] = SHEETS, fixed: Mapping[str, str] | None = None) -> str:
    """One self-contained HTML page with the sheets of a case, for printing on A4.

    ``lang`` is a language the case has. ``sheets`` are always printed in the order of :data:`SHEETS`. ``fixed`` are facts set
    by the trainer (fact to value): what can't happen then is left out. HTML with its style inside and no script, no picture
    and no outside address.

    Raises
    ------
    UnknownName
        If there is no such language, sheet, fact or value.
    TrainkitError
        If the fixed values can't occur together.
    """
    language(lang, case)
    sheets = (sheets,) if isinstance(sheets, str) else tuple(sheets)
    if unknown := [sheet for sheet in sheets if sheet not in SHEETS]:
        raise UnknownName("sheet", unknown[0], SHEETS)
    b = book(case, lang, dict(start(case, 0, fixed).fixed))
    places = [sheet_scene(b, name) for name in b.numbers]
    rows = {name: _row(b, name) for name in b.letters}
    best = _best(b)
    return template(
        "handout.html",
        lang,
        package=__package__,
        css=(files("trainkit.paper") / "handout.css").read_text("utf-8") + asset("direction.css") + _footers(b),
        sheets=[name for name in SHEETS if name in sheets],
        titles=_titles(lang),
        words=tomorrow_texts(case, b.text),
        case=case,
        text=b.text,
        places=places,
        titled={one.number: one.title for one in places},
        decisions=[one for one in places if len(one.cues) > 1],
        endings=sorted((one for one in places if one.ending), key=lambda one: -one.worth),
        facts=[rows[name] for name in case.facts],
        memories=[rows[name] for name in case.memory],
        pencil=[rows[name] for name in case.memory if name in b.read],
        draws=_draws(b),
        openings=_openings(b),
        others=[speaker(b, name) for name in case.speakers if name != case.client],
        leaves=b.numbers.get(case.patience.leaves) if case.patience else None,
        asked=_asked(b),
        best=best,
        worths=_worths(b) if best is not None else (),
        target=keyed(b, case.context.target, UNTOLD, plus=True),
    )


def _titles(lang: str) -> dict[str, str]:
    _ = catalog(lang).gettext
    return {
        "client": _("Client’s sheet"),
        "trainee": _("Trainee’s sheet"),
        "observer": _("Observer’s sheet"),
        "key": _("Key for the trainer"),
        "tomorrow": _("Say it tomorrow"),
        "own": _("My own case"),
    }


def _footers(b: Book) -> str:
    """The line under every page: which sheet of which case."""
    said = {sheet: css_string(f"{b.text('title')} · {title}") for sheet, title in _titles(b.lang).items()}
    return "".join(f"@page {sheet} {{ @bottom-left {{ content: {line} }} }}\n" for sheet, line in said.items())


def css_string(text: str) -> str:
    """A CSS string; whatever isn't a letter or a figure is escaped."""
    return '"' + "".join(c if c.isalnum() or c == " " else f"\\{ord(c):x} " for c in text) + '"'


# ---- what is true ---------------------------------------------------------------------------------------------


def _row(b: Book, name: str) -> ObserverRow:
    fact = b.case.facts.get(name)
    if fact is None:
        return ObserverRow(b.letters[name], name, list(enumerate(b.case.memory[name], 1)))
    possible = [(n, value) for n, value in enumerate(fact.values, 1) if b.fixed.get(name, value) == value]
    values = [(n, b.text(f"facts.{name}.values.{value}")) for n, value in possible]
    ticked = name in b.knowing and not fact.design
    return ObserverRow(b.letters[name], b.text(f"facts.{name}.label"), values, fact.design, ticked)


def _designs(b: Book) -> list[dict[str, str]]:
    """Every combination of conditions the trainer may set, each with the facts that are fixed anyway."""
    designs = {}
    for values in b.case.worlds:
        world = dict(zip(b.case.facts, values, strict=True))
        if b.fixed.items() <= world.items():
            designs[tuple((name, value) for name, value in world.items() if b.case.facts[name].design)] = None
    return [{**b.fixed, **dict(design)} for design in designs]


def _draws(b: Book) -> tuple[Draws, ...]:
    """Tables for two dice: draws spread evenly over what may be true; one table where the condition doesn't matter."""
    if not b.case.facts:
        return ()
    names, orders = list(b.case.facts), [list(fact.values) for fact in b.case.facts.values()]
    hidden = [n for n, fact in enumerate(b.case.facts.values()) if not fact.design]
    tables: dict[tuple[tuple[str, ...], ...], list[str]] = {}
    for design in _designs(b):
        pairs = zip(b.case.worlds, b.case.probabilities, strict=True)
        weighed = [pair for pair in pairs if all(pair[0][names.index(name)] == v for name, v in design.items())]
        spread = (_spread(weighed, turn, start_) for turn in range(len(names)) for start_ in (0.1, 0.3, 0.5, 0.7, 0.9))
        drawn = min(spread, key=lambda worlds: _error(weighed, worlds))
        cells = sorted(" ".join(str(orders[fact].index(world[fact]) + 1) for fact in hidden) for world in drawn)
        rows = tuple(tuple(cells[n : n + 6]) for n in range(0, DRAWS, 6))
        tables.setdefault(rows, []).append(_under(b, design))
    if len({cell for rows in tables for row in rows for cell in row}) < 2:
        return ()
    letters = tuple(b.letters[names[fact]] for fact in hidden)
    return tuple(Draws(" / ".join(codes) if len(tables) > 1 else "", letters, rows) for rows, codes in tables.items())


Weighed = Sequence[tuple[tuple[str, ...], float]]


def _spread(weighed: Weighed, turn: int, first: float) -> list[tuple[str, ...]]:
    """36 worlds at even steps of probability, sorted by the facts from the ``turn``-th on."""
    ordered = sorted(weighed, key=lambda pair: (*pair[0][turn:], *pair[0][:turn]))
    ends = list(itertools.accumulate(share for _, share in ordered))
    return [ordered[bisect(ends, (n + first) / DRAWS * ends[-1])][0] for n in range(DRAWS)]


def _error(weighed: Weighed, drawn: Sequence[tuple[str, ...]]) -> float:
    """How far the draws are from the case's probabilities: the greatest difference for a value of a fact."""
    wanted: Counter[tuple[int, str]] = Counter()
    total = sum(share for _, share in weighed)
    for world, share in [*weighed, *((world, -total / DRAWS) for world in drawn)]:
        for pair in enumerate(world):
            wanted[pair] += share / total
    return max(map(abs, wanted.values()), default=0.0)


def _openings(b: Book) -> list[list[SheetLine]]:
    """What the trainee hears first, under each condition."""
    openings: dict[str, list[SheetLine]] = {}
    for design in _designs(b):
        said = start(b.case, 0, design).said
        openings[str(said)] = [SheetLine("", speaker(b, one.speaker), (("", b.text(one.text)),)) for one in said]
    return list(openings.values())


def _asked(b: Book) -> list[str]:
    """Headings of the facts that asking can tell."""
    told = {fact for design in _designs(b) for fact in askable(start(b.case, 0, design))}
    return [b.text(f"facts.{fact}.label") for fact in b.case.facts if fact in told]


# ---- what is best ---------------------------------------------------------------------------------------------


def _best(b: Book) -> dict[tuple[str, str], Keyed] | None:
    """(scene, option) → condition, and in how many of a hundred runs exact play says it; None where that is too much."""
    shares: dict[tuple[str, str], Keyed] = {}
    try:
        for design in _designs(b):
            for key, share in _said_by_best_play(b, design).items():
                figure = str(max(1, round(100 * min(1.0, share))))
                shares[key] = (*shares.get(key, ()), (_under(b, design), figure))
    except TrainkitError:
        return None
    return shares


def _said_by_best_play(b: Book, design: Mapping[str, str]) -> dict[tuple[str, str], float]:
    """(scene, option) → the share of runs; hidden facts that are fixed are still not known to the player."""
    case, exact = b.case, exact_play(b.case)
    allowed = sum(
        1 << bit for bit, world in enumerate(case.worlds) if design.items() <= set(zip(case.facts, world, strict=True))
    )
    said: dict[tuple[str, str], float] = {}
    waiting = [start(case, 0, design).state]
    exact.worth(waiting[0])  # a case too large for exact play is refused here
    while waiting:
        state = waiting.pop()
        if state.place in case.endings:
            continue
        option = MetState(case, b.lang, state).best_replies[0]
        share = exact.mass(state.worlds & allowed) / exact.mass(allowed)
        said[state.place, option] = said.get((state.place, option), 0.0) + share
        waiting += [reached for _, reached in outcomes(case, state, option) if reached.worlds & allowed]
    return said


def _worths(b: Book) -> list[tuple[str, str, str, str]]:
    """Condition, and the expected value of best, random and worst play under it."""
    rows = []
    for design in _designs(b):
        worth = exact_play(b.case).worth(start(b.case, 0, design).state)
        rows.append((_under(b, design), *map(b.figure, (worth.best, worth.random, worth.worst))))
    return rows


def _under(b: Book, design: Mapping[str, str]) -> str:
    """The condition in codes; nothing where there is only one."""
    return code(b, {name: (value,) for name, value in design.items() if b.case.facts[name].design}, None) or ""
