"""What does a figure mean for somebody who holds workshops? A line each: good, look at it, or bad, and the goal."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from trainkit.errors import N_
from trainkit.i18n import NBSP, catalog, decimal, quoted

GOOD, LOOK, BAD = "good", "look", "bad"
LEVELS = {GOOD: N_("good"), LOOK: N_("look at it"), BAD: N_("bad")}


class Goal(NamedTuple):
    """What a figure is to be: at most ``goal``, at least, or within ± of it; under ``margin`` beyond it is worth a look."""

    figure: str  # its name in the JSON, with dots
    how: str  # ``most``, ``least`` or ``within``
    goal: float
    margin: float
    form: str  # ``percent``, ``number`` or ``points``
    words: str  # with {value} and {goal}; some with more


class Verdict(NamedTuple):
    """A figure with what it is to be; ``where`` is the condition it is of, where one is worse than the case."""

    level: str
    figure: str
    value: float
    goal: float
    words: str
    where: Mapping[str, str] | None = None


SURFACE_RU = N_(
    "Form alone (length, marks, warm words) finds the best reply in {value} of decisions in Russian; {goal}."
)
SURFACE_EN = N_(
    "Form alone (length, marks, warm words) finds the best reply in {value} of decisions in English; {goal}."
)
ONE_LINE = N_("Whoever always takes {line}, without listening, finds the best reply in {value} of decisions; {goal}.")
TIED = N_("Fit and centricity go together by r = {value}: near 0, being right isn’t the same as taking a side; {goal}.")
SLOPE = N_("Leaning to the task instead of the request brings {value} points of fit a unit, without any skill; {goal}.")
ADAPTS = N_("In {value} of decisions it is right to do as asked or to stand in the middle; {goal}.")
NULLS = N_("Of all replies {value} dodge the question (off the axis); {goal}.")
RIGHT_NULLS = N_("Dodging is right in {value} of them: never, and one may strike them out; {goal}.")
BIGGEST = N_("One scene, {scene}, decides {value} of Play; {goal}.")
PREACHER_TOLD = N_("Someone who adapts beats an equally skilled preacher of the task in {value} of pairs; {goal}.")
ORDERER_TOLD = N_("Someone who adapts beats an equally skilled order-taker in {value} of pairs; {goal}.")
SKILLED_TOLD = N_("Someone who adapts beats a preacher with some skill in {value} of pairs; {goal}.")
KEY = N_("The key’s best reply is also the best one to play in {value} of the states people come to; {goal}.")
ASKED = N_("What the debrief says is asked for and where best play stands are {value} points apart; {goal}.")
ALPHA_FIT = N_("Fit tells people apart with a reliability of {value}; {goal}.")
ALPHA_LESS = N_("Among people with less skill it does so with {value}; {goal}.")
ALPHA_POSITION = N_("Position tells people apart with a reliability of {value}; {goal}.")
R_FORMS = N_("Who fares well with one deck fares well with the other: r = {value}; {goal}.")
TOGETHER = N_("Both decks together tell people apart by fit with a reliability of {value}; {goal}.")
MEANS = N_("People score {value} points higher with the first deck than with the second; {goal}.")

CASE_GOALS: Sequence[Goal] = (
    Goal("hits.surface_ru", "most", 0.30, 0.1, "percent", SURFACE_RU),
    Goal("hits.surface_en", "most", 0.30, 0.1, "percent", SURFACE_EN),
    Goal("hits.best_strategy", "most", 0.50, 0.05, "percent", ONE_LINE),
    Goal("r_position_fit", "within", 0.40, 0.1, "number", TIED),
    Goal("lean_slope", "within", 10, 5, "points", SLOPE),
    Goal("adapting", "least", 0.40, 0.1, "percent", ADAPTS),
    Goal("null_share", "most", 0.15, 0.05, "percent", NULLS),
    Goal("nulls_right", "least", 0.10, 0.1, "percent", RIGHT_NULLS),
    Goal("biggest_scene", "most", 0.40, 0.1, "percent", BIGGEST),
    Goal("auc_equal_preacher", "least", 0.75, 0.1, "percent", PREACHER_TOLD),
    Goal("auc_equal_orderer", "least", 0.75, 0.1, "percent", ORDERER_TOLD),
    Goal("key_agrees", "least", 0.995, 0.015, "percent", KEY),
    Goal("asked_minus_best_play", "within", 10, 5, "points", ASKED),
)
SET_GOALS: Sequence[Goal] = (
    Goal("hits.surface_ru", "most", 0.30, 0.05, "percent", SURFACE_RU),
    Goal("hits.surface_en", "most", 0.30, 0.05, "percent", SURFACE_EN),
    Goal("hits.best_strategy", "most", 0.38, 0.05, "percent", ONE_LINE),
    Goal("r_position_fit", "within", 0.25, 0.1, "number", TIED),
    Goal("lean_slope", "within", 5, 5, "points", SLOPE),
    Goal("auc_equal_preacher", "least", 0.75, 0.1, "percent", PREACHER_TOLD),
    Goal("auc_equal_orderer", "least", 0.75, 0.1, "percent", ORDERER_TOLD),
)
DECK_GOALS: Sequence[Goal] = (
    Goal("alpha_fit", "least", 0.50, 0.05, "number", ALPHA_FIT),
    Goal("alpha_fit_less_skilled", "least", 0.55, 0.05, "number", ALPHA_LESS),
    Goal("alpha_position", "least", 0.45, 0.05, "number", ALPHA_POSITION),
    Goal("auc_skilled_preacher", "least", 0.95, 0.03, "percent", SKILLED_TOLD),
    Goal("auc_equal_preacher", "least", 0.80, 0.05, "percent", PREACHER_TOLD),
    Goal("auc_equal_orderer", "least", 0.80, 0.05, "percent", ORDERER_TOLD),
)
BOTH_DECKS_GOALS: Sequence[Goal] = (
    Goal("r_fit", "least", 0.50, 0.05, "number", R_FORMS),
    Goal("together.alpha_fit", "least", 0.65, 0.05, "number", TOGETHER),
    Goal("means_difference", "within", 2, 1, "points", MEANS),
)

LINES = {  # what somebody takes who follows one line
    "most_centric": N_("the most centric reply"),
    "most_centric_under_85": N_("the most centric reply but the zealous"),
    "drop_null_and_most_orientated": N_("any but the dodges and the most obliging"),
    "most_orientated": N_("the most obliging reply"),
    "second_most_centric": N_("the second most centric reply"),
    "second_most_orientated": N_("the second most obliging reply"),
    "drop_both_ends": N_("any reply between the two poles"),
    "drop_null": N_("any reply that is no dodge"),
    "null_if_any": N_("a dodge, where there is one"),
    "nearest_middle": N_("the reply nearest the middle"),
    "nearest_people": N_("what ordinary people lean to"),
    "first": N_("the first reply"),
    "last": N_("the last reply"),
    "place_1": N_("the first reply"),
    "place_2": N_("the second reply"),
    "place_3": N_("the third reply"),
    "place_4": N_("the fourth reply"),
    "place_5": N_("the fifth reply"),
    "longest": N_("the longest reply"),
    "shortest": N_("the shortest reply"),
    "middle_length": N_("a reply of middle length"),
    "ends_in_question": N_("a reply that ends in a question mark"),
    "ends_in_no_question": N_("a reply that doesn’t end in a question mark"),
    "question": N_("a reply with a question mark"),
    "no_question": N_("a reply without a question mark"),
    "exclamation": N_("a reply with an exclamation mark"),
    "no_exclamation": N_("a reply without an exclamation mark"),
    "most_commas": N_("the reply with most commas"),
    "fewest_commas": N_("the reply with fewest commas"),
    "most_sentences": N_("the reply with most sentences"),
    "fewest_sentences": N_("the reply with fewest sentences"),
    "dash_or_colon": N_("a reply with a dash or a colon"),
    "digits": N_("a reply with figures"),
    "begins_with_no": N_("a reply that begins with “no”"),
}


def case_verdicts(figures: Mapping[str, Any]) -> list[Verdict]:
    """The verdicts on a case; each on the worst of it and its conditions."""
    return _verdicts(figures, CASE_GOALS)


def set_verdicts(figures: Mapping[str, Any]) -> list[Verdict]:
    """The verdicts on a set."""
    return _verdicts(figures, SET_GOALS)


def deck_verdicts(figures: Mapping[str, Any]) -> list[Verdict]:
    """The verdicts on one deck."""
    return _verdicts(figures, DECK_GOALS)


def both_decks_verdicts(figures: Mapping[str, Any]) -> list[Verdict]:
    """The verdicts on two decks as parallel forms."""
    return _verdicts(figures, BOTH_DECKS_GOALS)


def _verdicts(figures: Mapping[str, Any], goals: Sequence[Goal]) -> list[Verdict]:
    found = []
    for one in goals:
        of = [(figures, None), *((part, part["condition"]) for part in figures.get("conditions", ()))]
        measured = [(value, where) for part, where in of if (value := look_up(part, one.figure)) is not None]
        if measured:
            goal = _goal(one, figures)
            value, where = max(measured, key=lambda pair: round(_beyond(one, pair[0], goal), 9))
            beyond = _beyond(one, value, goal)
            level = GOOD if beyond <= 1e-9 else LOOK if beyond <= one.margin + 1e-9 else BAD
            found.append(Verdict(level, one.figure, value, goal, one.words, where))
    return found


def unmeasured(figures: Mapping[str, Any], name: str) -> list[str]:
    """Figures with a goal that couldn't be measured; ``name`` is that of the verdicts, as in an audit."""
    goals = {"set": SET_GOALS, "decks": BOTH_DECKS_GOALS}.get(
        name, DECK_GOALS if name.startswith("deck ") else CASE_GOALS
    )
    return [one.figure for one in goals if look_up(figures, one.figure) is None]


def look_up(figures: Mapping[str, Any], name: str) -> float | None:
    """A figure by its name, with dots; ``adapting`` is the share of best replies that are orientated or in the middle."""
    if name == "adapting":
        best = figures["best"]
        return None if best["middle"] is None else best["orientated"] + best["middle"]
    value: Any = figures
    for key in name.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _goal(one: Goal, figures: Mapping[str, Any]) -> float:
    """Of a case's surface form: chance and two standard errors."""
    error = look_up(figures, f"{one.figure}_error")
    if "surface" not in one.figure or error is None or "id" not in figures:
        return one.goal
    return figures["hits"]["chance"] + 2 * error


def _beyond(one: Goal, value: float, goal: float) -> float:
    """How far beyond the goal; 0 or less is good."""
    return {"most": value - goal, "least": goal - value, "within": abs(value) - goal}[one.how]


def in_words(verdict: Verdict, figures: Mapping[str, Any], lang: str, scene: Callable[[str], str] = str) -> str:
    """A verdict as a sentence; ``scene`` gives the title of a scene."""
    gettext = catalog(lang).gettext
    goal = next(one for one in ALL_GOALS if (one.figure, one.words) == (verdict.figure, verdict.words))
    bound = {
        "most": gettext("the goal is at most {goal}"),
        "least": gettext("the goal is at least {goal}"),
        "within": gettext("the goal is within ±{goal}"),
    }[goal.how].format(goal=number(verdict.goal, goal.form, lang))
    more = {"line": strategy_words(figures["hits"]["best_strategy_name"], lang)} if "{line}" in goal.words else {}
    if "{scene}" in goal.words:
        more["scene"] = quoted(scene(figures["biggest_scene_name"]), lang)
    shown = number(verdict.value, goal.form, lang, sign=goal.how == "within")
    return gettext(goal.words).format(value=shown, goal=bound, **more)


def number(value: float, form: str, lang: str, sign: bool = False) -> str:
    """A figure as it is said."""
    if form == "percent":
        shown = f"{100 * value:.{0 if value <= 0.99 else 1}f}".removesuffix(".0")
        return catalog(lang).gettext("{n} %").format(n=shown.replace(".", decimal(0.5, lang)[1])).replace(" ", NBSP)
    if form == "points":
        said = decimal(value, lang, 1) if sign else f"{value:.0f}"
    else:
        said = decimal(value, lang)
    return ("+" if sign and value > 0 else "") + said


def strategy_words(name: str | None, lang: str) -> str:
    """What somebody takes who follows this strategy; for one that goes by words, in which language."""
    gettext = catalog(lang).gettext
    if name is None:
        return ""
    known, of = name, ""
    for suffix, words in (("_ru", gettext("in Russian")), ("_en", gettext("in English"))):
        if name.endswith(suffix) and name.removesuffix(suffix) in LINES:
            known, of = name.removesuffix(suffix), f" ({words})"
    return gettext(LINES[known]) + of


ALL_GOALS = (*CASE_GOALS, *SET_GOALS, *DECK_GOALS, *BOTH_DECKS_GOALS)
