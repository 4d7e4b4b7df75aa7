"""An audit as a page to read: verdicts in plain words, pictures, and below all figures."""

from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Any, NamedTuple

from trainkit.audit.pictures import Bar, Column, Spread, bars, columns, spreads
from trainkit.audit.report import Audit, heading, parallel_lines, part_of, sentence
from trainkit.audit.verdicts import GOOD, LEVELS, LINES, look_up, number, strategy_words, unmeasured
from trainkit.errors import N_
from trainkit.i18n import NBSP, catalog, decimal, typeset
from trainkit.scoring.attempt import REASONS
from trainkit.view.render import asset, template
from trainkit.view.screen import case_text
from trainkit.view.split import condition_words

MARKS = {"good": "✓", "look": "?", "bad": "✕"}
OVERVIEW = {  # figure → its form and head in the table of all cases
    "hits.surface_ru": ("percent", N_("Form, Russian")),
    "hits.surface_en": ("percent", N_("Form, English")),
    "hits.best_strategy": ("percent", N_("Best line")),
    "r_position_fit": ("number", N_("r")),
    "lean_slope": ("points", N_("Slope")),
    "adapting": ("percent", N_("Request or middle")),
    "null_share": ("percent", N_("Off the axis")),
    "biggest_scene": ("percent", N_("Biggest scene")),
    "auc_equal_preacher": ("percent", N_("Over preacher")),
    "auc_equal_orderer": ("percent", N_("Over order-taker")),
    "key_agrees": ("percent", N_("Key and play")),
    "asked_minus_best_play": ("points", N_("Asked less best")),
}
OTHERS = {
    "nulls_right": N_("Right ones off the axis"),
    "alpha_fit": N_("Reliability of fit"),
    "together.alpha_fit": N_("Reliability of fit"),
    "alpha_fit_less_skilled": N_("Reliability of fit, less skill"),
    "alpha_position": N_("Reliability of position"),
    "auc_skilled_preacher": N_("Over a preacher with some skill"),
    "r_fit": N_("Deck with deck"),
    "means_difference": N_("Difference of means"),
}
KINDS = {
    "adapter": N_("Adapts to each client"),
    "equal-preacher": N_("Preaches the task, as skilled"),
    "equal-order-taker": N_("Takes orders, as skilled"),
}
WHY = {
    "outside": N_("no scene is on the axis"),
    "no_nulls": N_("no reply is off the axis"),
    "not_together": N_("some scenes are never met by the same person"),
    "not_translated": N_("there is no English text"),
    "too_little": N_("one case or scene can’t be tested on another"),
    "one_case": N_("one case is no set"),
    "few_cases": N_("it takes four cases"),
}


class Line(NamedTuple):
    """A verdict as it stands on the page."""

    level: str
    mark: str
    word: str
    text: str


class Part(NamedTuple):
    """A section of the page: the set, the decks, a deck or a case."""

    anchor: str
    title: str
    lines: Sequence[Line]
    good: int
    unmeasured: Sequence[str] = ()
    columns: Sequence[Column] = ()
    best: Mapping[str, str] | None = None
    spreads: Sequence[tuple[str, Spread]] = ()
    pairs: Mapping[str, str] | None = None
    bars: Sequence[tuple[str, Bar]] = ()
    scenes: Mapping[str, str] | None = None
    hits: Sequence[tuple[str, str]] = ()
    figures: Sequence[tuple[str, str]] = ()
    conditions: Sequence[str] = ()
    apart: Sequence[tuple[str, str, str, str, str]] = ()
    told: Sequence[str] = ()


def page(one: Audit, lang: str) -> str:
    """An audit as one self-contained page: HTML with its style inside, no script and no outside address."""
    gettext = catalog(lang).gettext
    parts = [_part(one, name, lang) for name in _order(one)]
    heads = [gettext(head) for _, head in OVERVIEW.values()]
    return template(
        "audit.html",
        lang,
        package="trainkit.audit",
        css=(files("trainkit.audit") / "audit.css").read_text("utf-8") + asset("direction.css"),
        parts=parts,
        heads=heads,
        rows=[_row(one, name, lang) for name in one.verdicts if name != "decks"] if len(one.verdicts) > 1 else [],
        people=f"{one.figures['people']:,}".replace(",", "," if lang == "en" else NBSP),
        levels={level: (MARKS[level], gettext(word)) for level, word in LEVELS.items()},
    )


def _order(one: Audit) -> Iterator[str]:
    """The set first where it is one, then the decks, then cases."""
    several = len(one.figures["cases"]) > 1
    firsts = [name for name in ("set", "decks") if name in one.verdicts and (several or name == "decks")]
    yield from firsts
    yield from (name for name in one.verdicts if name.startswith("deck "))
    yield from (one_case["id"] for one_case in one.figures["cases"])


def _part(one: Audit, name: str, lang: str) -> Part:
    gettext, figures = catalog(lang).gettext, part_of(one.figures, name)
    lines = [
        Line(said.level, MARKS[said.level], gettext(LEVELS[said.level]), typeset(sentence(one, name, said, lang), lang))
        for said in one.verdicts[name]
    ]
    known = one.studies.get(name.removeprefix("deck "))
    part = Part(
        anchor=name.replace(" ", "-"),
        title=heading(one, name, lang),
        lines=lines,
        good=sum(line.level == GOOD for line in lines),
        unmeasured=[_named(figure, figures, lang) for figure in unmeasured(figures, name)],
        figures=list(_all_figures(figures, lang)),
    )
    if name == "decks":
        return part._replace(told=parallel_lines(one, lang))
    part = part._replace(hits=_hits(figures["hits"], lang))
    if figures["best"]["centric"] is not None:
        best = {side: number(share, "percent", lang) for side, share in figures["best"].items()}
        pool = known.offers if known else [offer for each in _cases(one) for offer in one.studies[each].offers]
        part = part._replace(columns=columns(pool), best=best)
    if known is None:
        return part
    title = {scene: case_text(known.case, f"scenes.{scene}.title", lang) for scene in figures["scene_shares"]}
    if figures["biggest_scene"] is not None:
        shown = [
            (title.get(bar.scene or "", gettext("all other scenes")), bar) for bar in bars(figures["scene_shares"])
        ]
        part = part._replace(
            bars=shown, scenes={"n": f"{figures['effective_decisions']:.1f}".replace(".", _point(lang))}
        )
    if (preacher := figures["auc_equal_preacher"]) is not None:
        pairs = {"preacher": number(preacher, "percent", lang)}
        pairs["orderer"] = number(figures["auc_equal_orderer"], "percent", lang)
        shown_spreads = [(gettext(KINDS[spread.kind.name]), spread) for spread in spreads(known)]
        part = part._replace(spreads=shown_spreads, pairs=pairs)
    return part._replace(
        conditions=[
            f"{condition_words(known.case, tuple(each['condition'].items()), lang)}: {_condition(each, lang)}"
            for each in figures["conditions"]
        ],
        apart=[
            (
                case_text(known.case, f"scenes.{worst['scene']}.title", lang),
                *(_reply(known.case, worst["scene"], worst[which], lang) for which in ("keyed", "best")),
                number(worst["lost"], "percent", lang),
                number(worst["reach"], "percent", lang),
            )
            for worst in figures["key_apart"]
        ],
    )


def _named(figure: str, figures: Mapping[str, Any], lang: str) -> str:
    """A figure that couldn't be measured in words, with the reason where it is known."""
    words = OTHERS.get(figure) or OVERVIEW[figure][1]
    reason = _reason(figures.get("why_not", {}).get(figure if figure != "adapting" else "best", ""), lang)
    return catalog(lang).gettext(words) + (f" ({reason})" if reason else "")


def _reason(reason: str, lang: str) -> str:
    return catalog(lang).gettext(WHY[reason]) if reason in WHY else REASONS.get(reason, "")


def _cases(one: Audit) -> list[str]:
    return [figures["id"] for figures in one.figures["cases"]]


def _point(lang: str) -> str:
    return decimal(0.5, lang)[1]


def _reply(case: Any, scene: str, option: str, lang: str) -> str:
    rules = case.scenes[scene].options[option].text
    key = f"scenes.{scene}.options.{option}.text" + (f".{len(rules)}" if len(rules) > 1 else "")
    return case_text(case, key, lang)


def _condition(figures: Mapping[str, Any], lang: str) -> str:
    """The figures of a condition in a row."""
    gettext = catalog(lang).gettext
    said = []
    for name, (form, head) in OVERVIEW.items():
        value = look_up(figures, name)
        if value is not None:
            said.append(gettext(head) + f" {number(value, form, lang, sign=form != 'percent')}")
    return "; ".join(said)


def _row(one: Audit, name: str, lang: str) -> tuple[str, list[tuple[str, str, str]]]:
    """A row of the table of all: the case, then (figure, level, mark)."""
    figures = part_of(one.figures, name)
    levels = {said.figure: said.level for said in one.verdicts[name]}
    cells = []
    for figure, (form, _) in OVERVIEW.items():
        value, level = look_up(figures, figure), levels.get(figure, "")
        shown = "–" if value is None else number(value, form, lang, sign=form != "percent")
        cells.append((shown, level, MARKS.get(level, "")))
    return heading(one, name, lang), cells


def _hits(hits: Mapping[str, Any], lang: str) -> list[tuple[str, str]]:
    """Every strategy in words with its hits, the best first."""
    names = [name for name in hits if name.removesuffix("_ru").removesuffix("_en") in LINES and hits[name] is not None]
    names = [name for name in names if name != "place_1"]  # "first" says the same
    found = [(strategy_words(name, lang), hits[name]) for name in names]
    return [(words, number(share, "percent", lang)) for words, share in sorted(found, key=lambda pair: -pair[1])]


def _all_figures(figures: Mapping[str, Any], lang: str, before: str = "") -> Iterator[tuple[str, str]]:
    """Names as in the JSON, and values; reasons where there is none."""
    skipped = {"verdicts", "conditions", "key_apart", "why_not", "ids", "apart"}
    why = figures.get("why_not", {}) if not before else {}
    for name, value in figures.items():
        if name in skipped or (before == "hits." and name.removesuffix("_ru").removesuffix("_en") in LINES):
            continue
        if isinstance(value, Mapping):
            if "verdicts" not in value:
                yield from _all_figures(value, lang, f"{before}{name}.")
        elif value is None:
            yield f"{before}{name}", "– " + _reason(why.get(f"{before}{name}", ""), lang)
        elif isinstance(value, list):
            yield f"{before}{name}", " … ".join(decimal(each, lang) for each in value)
        elif isinstance(value, bool | str):
            yield f"{before}{name}", str(value)
        else:
            yield f"{before}{name}", decimal(value, lang) if isinstance(value, float) else str(value)
