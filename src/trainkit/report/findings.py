"""What do the answers show? The findings of a report, computed: sentences first, then pictures, then what limits them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from trainkit.analysis import sentences as say
from trainkit.analysis import summary
from trainkit.analysis.careless import ALWAYS, always_the_same, careless
from trainkit.analysis.generalisability import COMPONENTS, components
from trainkit.analysis.groups import adjusted, before_after, compare
from trainkit.analysis.items import endorsement, item_table, option_curves
from trainkit.analysis.reliability import alpha
from trainkit.analysis.study_sentences import of_lean
from trainkit.analysis.tables import wide
from trainkit.errors import TrainkitError
from trainkit.figures import people_plots, scene_plots
from trainkit.figures.path_plot import path_flow
from trainkit.figures.picture import Picture
from trainkit.figures.scene_names import scene_names
from trainkit.i18n import catalog, typeset
from trainkit.report.source import Source, changed
from trainkit.report.words import known_cases, own_names

if TYPE_CHECKING:
    import pandas as pd

FEW = 5  # people under whom nothing is told of a scene: one could guess who they are
BANDS = 4  # of people, by how they do elsewhere
TALKED = 3  # scenes to take up
ASIDE = 20  # rows set aside that are named


class Line(NamedTuple):
    """A finding: what of, and the sentence."""

    about: str
    said: str


class Talk(NamedTuple):
    """A scene to take up: how many took the best reply, and what most took instead."""

    scene: str
    said: str
    chosen: str | None


class Findings(NamedTuple):
    """All of a report."""

    lines: list[Line]
    talk: list[Talk]
    pictures: list[Picture]
    reliability: list[Line]
    counts: list[str]


class _Told:
    """A source with what is computed of it more than once."""

    def __init__(self, source: Source, lang: str):
        from trainkit.analysis.flows import flows

        self.source, self.lang, self.gettext = source, lang, catalog(lang).gettext
        self.rows, self.flows = source.decisions, flows
        self.names = names(source, lang)
        self.synthetic = source.is_synthetic
        self.by = ["person", *(name for name in ("_group", "_wave") if name in self.rows.columns)]
        self.each = summary.people(self.rows)
        self.parts = summary.people(self.rows, by=self.by)
        scenes = summary.by_scene(self.rows)
        often = max(FEW, scenes["people"].max() / 4) if len(scenes) else FEW
        self.scenes = scenes[scenes["people"] >= often].reset_index(drop=True)  # others can't be compared with these
        self.keyed = bool(self.each["fit"].notna().any())
        self.options = bool((self.rows["option"].fillna("") != "").any())
        read = source.read  # ways are known where places are, and no place is missing
        self.ways = "number" in read.rows.columns and not read.set_aside

    def words(self, item: str) -> str:
        return self.names.get(item, item)


def findings(source: Source, lang: str) -> Findings:
    """Everything a report says, in a language.

    What can't be said is a sentence, too: why not, and how many it would take.
    """
    told = _Told(source, lang)
    lines = [line for part in (_group_as_a_whole, _comparisons, _care) for line in part(told)]
    reliable = list(_reliable(told))
    if reliable and not _says_nothing(told):
        lines.append(reliable[0]._replace(about=told.gettext("Reliability")))
    return Findings(lines, _talk(told), list(_pictures(told)), reliable, counts(source, lang))


def names(source: Source, lang: str) -> dict[str, str]:
    """Cases, scenes and replies in words: ``case``, ``case/scene``, ``case/scene/option``."""
    return own_names(source) | scene_names(known_cases(source), lang)


def _tried(told: _Told, about: str, say_it: Callable[[], str]) -> Line:
    try:
        return Line(about, say_it())
    except TrainkitError as error:
        return Line(about, say.of_trouble(error, told.lang))


# ---- in short -----------------------------------------------------------------------------------------------------


def _group_as_a_whole(told: _Told) -> Iterator[Line]:
    gettext, lang, each = told.gettext, told.lang, told.each
    if told.keyed:
        random = float(each["fit_random"].mean())
        yield _tried(told, gettext("Fit"), lambda: say.of_fit(summary.mean(each["fit"]), lang, random))
        best = summary.best_replies(told.rows)
        yield _tried(told, gettext("Best replies"), lambda: say.of_best(summary.mean(best), lang))
    else:
        yield Line(
            gettext("Fit"), gettext("Can’t be said: the table has no fit, which is the key’s judgement of each reply.")
        )
    if each["position"].notna().any():
        yield _tried(told, gettext("Position"), lambda: _position(told))


def _position(told: _Told) -> str:
    """Where the group stands, and how far each is from what their own scenes ask for."""
    each = told.each
    said = say.of_position(summary.mean(each["position"]), told.lang)
    if each["target"].isna().all():
        return said
    blind = float((summary.blind_positions(told.rows) - each["target"]).mean()) if told.options else None
    try:
        return f"{said} {of_lean(before_after(each['target'], each['position']), told.lang, blind)}"
    except TrainkitError:  # too few, or all alike: then the picture has what is asked for
        return said


def _comparisons(told: _Told) -> Iterator[Line]:
    source, gettext, lang = told.source, told.gettext, told.lang
    if not told.keyed or not (source.groups or source.waves):
        return
    if source.waves and len(source.waves) < 2:
        yield Line(
            gettext("Before and after"),
            gettext("Can’t be said: all answers are of one time (“{only}”).").format(only=source.waves[0]),
        )
    if source.groups and len(source.groups) != 2:
        said = gettext("A difference is told of two groups; here there are {n}. The means of all are in the pictures.")
        yield Line(gettext("Groups"), said.format(n=len(source.groups)))
    if len(source.waves) >= 2:
        yield from _changes(told)
    elif len(source.groups) == 2:
        first, second = source.groups
        values = [told.parts.loc[told.parts["_group"] == one, "fit"] for one in source.groups]
        yield _tried(told, gettext("Groups"), lambda: say.of_difference(compare(*values), first, second, lang))


def _once(source: Source) -> int:
    """People who are there before or after only."""
    if len(source.waves) < 2:
        return 0
    times = source.decisions.groupby("person")["_wave"].agg(set)
    return int((~times.map({source.waves[0], source.waves[-1]}.issubset)).sum())


def _changes(told: _Told) -> Iterator[Line]:
    gettext, lang, both = told.gettext, told.lang, changed(told.source, told.parts)
    change, groups = gettext("Before and after"), told.source.groups
    there = both.dropna(subset=["before", "after"])["group"].value_counts()
    missing = [group for group in groups if group not in there]
    if len(missing) == len(groups) > 1:
        yield Line(change, gettext("Can’t be said: in none of the groups did anybody answer both before and after."))
        return
    for group in missing:
        said = gettext("Can’t be said of “{group}”: nobody there answered both before and after.")
        yield Line(change, said.format(group=group))
    for group, mine in both[both["group"].isin(there.index) | (both["group"] == "")].groupby("group"):
        values = mine["before"], mine["after"]
        yield _tried(
            told, change, lambda values=values, group=group: say.of_change(before_after(*values), lang, group or None)
        )
    if len(groups) == 2 and not missing:
        first, second = groups
        gains = [mine["after"] - mine["before"] for mine in (both[both["group"] == group] for group in groups)]
        yield _tried(told, gettext("Groups"), lambda: say.of_unlike_changes(compare(*gains), first, second, lang))
        yield _tried(
            told,
            gettext("Groups"),
            lambda: say.of_adjusted(adjusted(both, "after", "group", "before"), first, second, lang),
        )


def _care(told: _Told) -> Iterator[Line]:
    rows, gettext = told.rows, told.gettext
    same = always_the_same(rows)
    if len(same) and same["always"].any():
        said = gettext(
            "{k} of {n} people ({share}; {interval}) chose the same answer in every scene ({least} or more)."
        )
        found_same = summary.share(int(same["always"].sum()), len(same))
        yield Line(gettext("Carefulness"), say.of_share(found_same, said, told.lang, least=str(ALWAYS)))
    if "seconds" not in rows.columns or rows["seconds"].isna().all():
        return
    found = careless(rows)
    fast = found.loc[found["suspect"], "attempt"]
    share = summary.share(found.loc[found["suspect"], "person"].nunique(), found["person"].nunique())
    means = []
    if told.keyed and len(fast):
        slow = rows[~rows["attempt"].isin(fast)]
        means = [float(one["fit"].mean()) for one in (told.each, summary.people(slow)) if len(one)]
    pair = means if len(means) == 2 and all(one == one for one in means) else (None, None)
    yield Line(gettext("Carefulness"), say.of_careless(share, told.lang, *pair))


# ---- how reliable -------------------------------------------------------------------------------------------------


def _says_nothing(told: _Told) -> bool:
    """Whether of some part of what differs all is possible, from nothing to everything: no finding to begin a page with."""
    try:
        found = components(summary.complete_block(told.rows))
    except TrainkitError:
        return False  # it says why not
    whole = sum(getattr(found, name) for name in COMPONENTS) or 1.0
    ends = [found.intervals[name] for name in ("person", "case", "scene")]
    return any(low / whole < 0.005 and high / whole > 0.995 for low, high in ends)


def _reliable(told: _Told) -> Iterator[Line]:
    if not told.keyed:
        return
    gettext, lang = told.gettext, told.lang
    about = gettext("Reliability")
    block = summary.complete_block(told.rows)
    across = gettext("Across cases nothing can be said: it takes two cases whose scenes the same people met.")
    if block["case_id"].nunique() >= 2:
        yield _tried(told, about, lambda: say.of_components(components(block), lang))
    elif told.rows["case_id"].nunique() > 1:
        yield Line(about, across)
    for case, mine in told.rows.groupby("case_id"):
        yield _tried(told, told.words(str(case)), lambda mine=mine: say.of_reliability(alpha(wide(mine)), lang))
    if told.rows["case_id"].nunique() == 1:
        yield Line(about, across)


# ---- what to take up ----------------------------------------------------------------------------------------------


def _talk(told: _Told) -> list[Talk]:
    """The scenes that most missed, of those that many met."""
    found = []
    for row in told.scenes[told.scenes["best"] < 1].head(TALKED).itertuples():
        best = summary.share(round(row.best * row.people), row.people)
        said = told.gettext("{k} of {n} took the best reply: {share} ({interval}).")
        chosen = None
        if not row.chosen_best and row.chosen:
            most = told.gettext("Most took: “{reply}” ({share})")
            reply = told.names.get(f"{row.item}/{row.chosen}", row.chosen)
            chosen = most.format(reply=reply, share=say.per_cent(row.chosen_share, told.lang))
        found.append(Talk(told.words(row.item), say.of_share(best, said, told.lang), chosen))
    return found


# ---- pictures -----------------------------------------------------------------------------------------------------


def _pictures(told: _Told) -> Iterator[Picture]:
    how = {"lang": told.lang, "synthetic": told.synthetic}
    if told.each["position"].notna().any():
        groups, target = _stands(told)
        if groups:
            stand = people_plots.spectrum(groups, target=target, **how)
            yield (
                stand._replace(said=f"{told.source.waves[-1]}: {stand.said}") if len(told.source.waves) >= 2 else stand
            )
    if told.keyed and len(told.source.waves) >= 2 and len(both := _shown(told)):
        waves = told.source.waves[0], told.source.waves[-1]
        yield people_plots.before_after(both, waves=waves, **how)
    if len(told.scenes) >= 3:
        yield scene_plots.item_map(told.scenes, item_table(told.rows), names=told.names, **how)
    endorsed = endorsement(told.rows)
    for talk in told.scenes["item"].head(TALKED) if told.options else ():
        yield scene_plots.splits(endorsed, talk, names=told.names, **how)
    yield from _for_many(told, how)


def _for_many(told: _Told, how: dict) -> Iterator[Picture]:
    """Pictures that take many people: an option's curves, ways through cases that branch, variance components."""
    if not told.keyed:
        return
    items = item_table(told.rows).merge(told.scenes[["item", "best"]], on="item")
    items = items[items["people_rest"] >= BANDS * scene_plots.MANY]
    for item in items.sort_values(["item_rest", "item"], ascending=[False, True])["item"].head(int(told.options)):
        try:
            yield scene_plots.option_curves(option_curves(told.rows, item, BANDS), item, names=told.names, **how)
        except TrainkitError:
            continue  # too few for bands; the table of scenes has the correlation
    for case, mine in told.rows.groupby("case_id") if told.ways else ():
        ways, attempts = told.flows(mine, str(case)), mine["attempt"].nunique()
        if attempts >= 4 * FEW and ways.groupby("step")["scene"].nunique().max() > 1:
            yield path_flow(ways, str(case), names=told.names, **how)
    block = summary.complete_block(told.rows)
    try:
        yield people_plots.variance_components(components(block), **how)
    except TrainkitError:
        return  # said in words


def _stands(told: _Told) -> tuple[dict[str, list[float]], float]:
    """Positions of people by group, after the training where there are two times, and what their scenes ask for.

    Without groups of few: a dot is a person, and who sat there would know whose.
    """
    parts = told.parts.dropna(subset=["position"])
    if len(told.source.waves) >= 2:
        parts = parts[parts["_wave"] == told.source.waves[-1]]
    if told.source.groups:
        groups = {one: list(parts.loc[parts["_group"] == one, "position"]) for one in told.source.groups}
    else:
        groups = {"": list(parts["position"])}
    return {one: values for one, values in groups.items() if len(values) >= FEW}, float(parts["target"].mean())


def _shown(told: _Told) -> pd.DataFrame:
    """Who can be drawn before and after: a line is a person, so groups of few aren't."""
    both = changed(told.source, told.parts).dropna(subset=["before", "after"])
    return both[both.groupby("group")["person"].transform("size") >= FEW]


def counts(source: Source, lang: str) -> list[str]:
    """How many there are, and who was left out: sentences."""
    gettext, rows = catalog(lang).gettext, source.decisions
    n = {
        gettext("people"): rows["person"].nunique(), gettext("attempts"): rows["attempt"].nunique(),
        gettext("cases"): rows["case_id"].nunique(), gettext("scored decisions"): len(rows),
    }  # fmt: skip
    counted = ", ".join(f"{what}: {say.count(number, lang)}" for what, number in n.items())
    out = {
        gettext("attempts that were broken off, counted as far as they went"): source.unfinished,
        gettext("second attempts at the same case, left out"): source.again,
        gettext("attempts of people removed from the room, left out"): source.removed,
        gettext("attempts of nobody (simulated, scripted, blind), left out"): source.not_people,
        gettext("people of whom the group isn’t known, left out of comparisons"): source.no_group,
        gettext("people who answered at one time only, left out of before and after"): _once(source),
        gettext("people with too few replies on the axis for a position, left out of it"): _off_axis(source),
        gettext("rows of the table set aside"): len({one.row for one in source.read.set_aside}),
    }
    told_out = [f"{what}: {say.count(number, lang)}" for what, number in out.items() if number]
    return [
        typeset(counted[:1].upper() + counted[1:] + ".", lang),
        *(typeset(one[:1].upper() + one[1:] + ".", lang) for one in told_out),
        *(typeset(one.said(gettext), lang) for one in source.told),
    ]


def _off_axis(source: Source) -> int:
    """People without a position, where others have one."""
    placed = summary.people(source.decisions)["position"].notna()
    return int((~placed).sum()) if placed.any() else 0


def taken_for_granted(source: Source, lang: str) -> Iterator[str]:
    """What a table from elsewhere lacks, and what is meant by it then: sentences."""
    gettext = catalog(lang).gettext
    if source.taken:
        said = gettext(
            "The table lacks {columns}: all scenes weigh alike then, and replies are taken to range from the "
            "worst (0) to the best (1)."
        )
        yield said.format(columns=", ".join(source.taken))
    if "fit_max" in source.taken:
        yield gettext(
            "Which replies were on offer isn’t in the table: the best one of a scene is the best that anybody took."
        )


def set_aside(source: Source, lang: str) -> list[str]:
    """The first rows that are not used, as a spreadsheet numbers them; who answered them is nobody's business."""
    return [typeset(one.said(lang), lang) for one in source.read.set_aside[:ASIDE]]


def read_in(source: Source, lang: str) -> list[str]:
    """What a notebook begins with: that nobody answered, if so; how many there are; what was left out or is assumed."""
    gettext = catalog(lang).gettext
    said = [gettext("SYNTHETIC DATA: nobody answered") + "."] if source.is_synthetic else []
    said += [*counts(source, lang), *(typeset(one, lang) for one in taken_for_granted(source, lang))]
    if aside := set_aside(source, lang):
        said.append(gettext("Rows that were set aside") + ": " + "; ".join(aside) + ".")
    return said
