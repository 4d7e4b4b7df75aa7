"""What does the form say of a number, a condition, a problem? In words, in the language of its author."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from trainkit.case.conditions import UNKNOWN
from trainkit.case.model import NARRATOR, PLAYER
from trainkit.editor.problems import FieldProblem
from trainkit.editor.tree import at
from trainkit.errors import N_, KeyPath, Told
from trainkit.i18n import catalog, quoted, signed

Say = Callable[[str], str]

POSITION = (
    (-0.65, N_("takes them at their word")),
    (-0.15, N_("rather takes them at their word")),
    (0.15, N_("a little of both")),
    (0.65, N_("rather finds out")),
    (2.0, N_("finds out together first")),
)
FIT = (
    (0.15, N_("out of place")),
    (0.4, N_("rather out of place")),
    (0.6, N_("passable")),
    (0.9, N_("fitting")),
    (2.0, N_("can’t be said better")),
)
VALUE = (
    (0.15, N_("it couldn’t be worse")),
    (0.4, N_("rather bad")),
    (0.6, N_("tolerable")),
    (0.9, N_("good")),
    (2.0, N_("it couldn’t be better")),
)
TARGET = (
    (-0.65, N_("to take them at their word")),
    (-0.15, N_("rather to take them at their word")),
    (0.15, N_("a little of both; to ask and to do")),
    (0.65, N_("rather to find out")),
    (2.0, N_("to find out together first")),
)
EFFECT = (
    (-0.15, N_("spoils much")),
    (-0.001, N_("spoils a little")),
    (0.001, N_("changes nothing")),
    (0.15, N_("helps a little")),
    (2.0, N_("helps much")),
)
FACETS: Mapping[str, str] = {  # of trainkit.case.model.FACETS
    "diagnosis": N_("finds out before acting"),
    "candour": N_("says what is unwelcome"),
    "dignity": N_("lets the client save face"),
    "boundary": N_("protects the work and the people"),
    "team": N_("hears and trusts the staff"),
    "thrift": N_("the client’s money before the firm’s"),
    "selection": N_("chooses whom to serve"),
}
PROBLEMS: Mapping[str, str] = {
    "empty": N_("Words are missing here."),
    "no_goto": N_("It isn’t said where this leads: click a scene or an ending on the map."),
    "no_place": N_("This leads to something that is no longer there."),
    "shares": N_("The chances of all answers must add up to 100 %."),
    "no_way_on": N_("Among questions there must be a reply that goes on."),
    "no_lines": N_("At least one line must be heard here."),
}


GAPS: Mapping[str, str] = {
    "role": N_("who you are in this conversation"),
    "minutes": N_("the minutes it takes"),
    "service": N_("the kind of business"),
    "stakes": N_("what is at stake"),
    "orientation": N_("what it means to take them at their word"),
    "centricity": N_("what it means to find out together first"),
    "target": N_("what the case asks for"),
    "why": N_("why it asks for that"),
    "client": N_("who the client is"),
    "title": N_("the title"),
    "text": N_("the words"),
    "because": N_("what these words do"),
    "position": N_("where the reply lies between request and task"),
    "mood": N_("the client’s mood"),
    "value": N_("how well the client’s task is served"),
    "questions": N_("a question for the talk"),
    "tomorrow": N_("the words for tomorrow"),
    "again": N_("the words over “play again”"),
}


def of_gap(path: KeyPath, lang: str) -> str:
    """What is still to be filled in at a path."""
    gettext = catalog(lang).gettext
    key = next((str(key) for key in reversed(path) if isinstance(key, str)), "")
    if path[:1] == ("speakers",):
        return gettext("a name")
    return gettext(GAPS.get(key, N_("the words")))


def of_number(value: Any, scale: Sequence[tuple[float, str]], lang: str) -> str:
    """A number on one of the scales of the form."""
    gettext = catalog(lang).gettext
    if not isinstance(value, int | float) or isinstance(value, bool):
        return gettext("not said")
    return gettext(next(text for upto, text in scale if value < upto))


def of_target(value: Any, lang: str) -> str:
    """What is asked for, in words and as the number that reports have."""
    said = of_number(value, TARGET, lang)
    return said if not isinstance(value, int | float) or isinstance(value, bool) else f"{said}, {signed(100 * value)}"


def of_problem(case: Any, problem: FieldProblem, lang: str) -> str:
    """A problem in the form's own words, or as the check says it."""
    gettext = catalog(lang).gettext
    if problem.kind == "shares" and (now := _sum_of_chances(case, problem.path, lang)):
        return gettext("The chances of all answers must add up to 100 %: now it is {now}.").format(now=now)
    if problem.kind in PROBLEMS:
        return gettext(PROBLEMS[problem.kind])
    return problem.rule.said(gettext) if isinstance(problem.rule, Told) else gettext(problem.rule)


def _sum_of_chances(case: Any, path: KeyPath, lang: str) -> str:
    """What the chances of a fact's values come to, in percent; by another fact, where they first come to something else."""
    fact = at(case, path[:2], None) if path[:1] == ("facts",) else None
    values = fact.get("values") if isinstance(fact, Mapping) else None
    found = [one.get("p") for one in values.values() if isinstance(one, Mapping)] if isinstance(values, Mapping) else []
    if not found or len(found) != len(values):
        return ""
    if not isinstance(found[0], Mapping):
        return f"{100 * sum(found):.3g} %" if all(map(_is_number, found)) else ""
    for of in found[0]:
        shares = [table.get(of) for table in found if isinstance(table, Mapping)]
        if len(shares) == len(found) and all(map(_is_number, shares)) and abs(sum(shares) - 1) > 1e-6:
            said = quoted(fact_value(case, str(fact.get("given")), of, lang), lang)
            return f"{100 * sum(shares):.3g} % ({said})"
    return ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def speaker(case: Any, name: str, lang: str) -> str:
    """Who talks, as the form calls them."""
    gettext = catalog(lang).gettext
    known = {NARRATOR: gettext("Narrator"), PLAYER: gettext("You")}
    return known.get(name) or at(case, ("speakers", name), "") or name


def fact(case: Any, name: str) -> str:
    """What a fact or a memory is about."""
    label = at(case, ("facts", name, "label"), "")
    return label if isinstance(label, str) and label else name


def fact_value(case: Any, name: str, value: str, lang: str) -> str:
    """A value of a fact in the client's words, short."""
    if value == UNKNOWN:
        return catalog(lang).gettext("not known yet")
    label = at(case, ("facts", name, "values", value, "label"), "")
    return short(label if isinstance(label, str) and label else value)


def short(text: Any) -> str:
    """The first words of a text."""
    words = str(text)
    return words if len(words) <= 40 else f"{words[:39].rstrip()}…"


def named(case: Any, said: str, lang: str) -> str:
    """A sentence of the check with facts, scenes and endings as the author sees them, not by their names in the file."""

    def shown_as(found: re.Match[str]) -> str:
        name, value, quoted_name = found.groups()
        if quoted_name:
            known = at(case, ("scenes", quoted_name), None) or at(case, ("endings", quoted_name), None)
            return quoted(place(case, quoted_name, lang), lang) if known else found[0]
        known = at(case, ("facts", name, "values", value), None) is not None
        return f"{fact(case, name)}: {quoted(fact_value(case, name, value, lang), lang)}" if known else found[0]

    return re.sub(r'\b(\w+)=(\w+)\b|"(\w+)"', shown_as, said)


def of_finding(case: Any, rule: str, lang: str) -> str:
    """What the check has found, in the form's own words where it has some."""
    gettext = catalog(lang).gettext
    values = rule.parts[0][1] if isinstance(rule, Told) else None
    if values and {"target", "position", "where"} <= set(values):
        where = values["where"].said(gettext) if isinstance(values["where"], Told) else str(values["where"])
        said = gettext("The case asks for {target}, but best play stands at {position}: so it is with {where}.")
        target, position = (signed(float(str(values[name]))) for name in ("target", "position"))
        return said.format(target=target, position=position, where=named(case, where, lang))
    return named(case, rule.said(gettext) if isinstance(rule, Told) else rule, lang)


def condition(case: Any, when: Any, lang: str) -> str:
    """A condition as a few words."""
    gettext = catalog(lang).gettext
    said = []
    for name, values in when.items() if isinstance(when, Mapping) else ():
        wanted = [str(value) for value in (values if isinstance(values, list) else [values])]
        all_values = list(at(case, ("facts", name, "values"), {}) or {})
        if all_values and sorted(wanted) == sorted(all_values):
            said.append(gettext("{fact}: known").format(fact=fact(case, name)))
        else:
            either, words = gettext(" or "), [fact_value(case, name, value, lang) for value in wanted]
            said.append(f"{fact(case, name)}: {either.join(words)}")
    return "; ".join(said)


def place(case: Any, name: Any, lang: str) -> str:
    """A scene or an ending, as the form calls it."""
    for kind in ("scenes", "endings"):
        part = at(case, (kind, name), None)
        title = part.get("title") if isinstance(part, Mapping) else None
        if isinstance(title, str) and title:
            return title
        if part is not None:
            return catalog(lang).gettext("no title yet, {n}").format(n=list(case[kind]).index(name) + 1)
    return str(name or catalog(lang).gettext("nowhere yet"))


def leads_to(case: Any, goto: Any, lang: str) -> str:
    """Where a reply leads, in words."""
    if isinstance(goto, list):
        names = dict.fromkeys(rule.get("value") for rule in goto if isinstance(rule, Mapping))
        return catalog(lang).gettext(" or ").join(place(case, name, lang) for name in names)
    return place(case, goto, lang)


def shown(value: Any) -> Any:
    """The value that holds where no condition does."""
    if isinstance(value, list) and value and isinstance(value[-1], Mapping) and "value" in value[-1]:
        return value[-1]["value"]
    return value
