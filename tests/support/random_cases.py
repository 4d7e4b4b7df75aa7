"""Random small cases with every part of the format that decides what a run is worth."""

import json

from hypothesis import currently_in_test_context, note
from hypothesis import strategies as st

from trainkit.files import case_errors

LINE = [{"narrator": "…"}]


@st.composite
def small_cases(draw, hidden=True):
    """A case of two or three layers: perhaps an inquiry with reaction scenes, talk, a passage; four endings."""
    facts = draw(_facts()) if hidden else {}
    memory = {"mood": ["calm", "cross", "gone"]} if draw(st.booleans()) else {}
    budget = draw(st.none() | st.integers(1, 4))
    layers = draw(st.lists(st.sampled_from(["talk", "inquiry", "talk"]), min_size=1, max_size=3))
    names = [f"s{n}" for n in range(len(layers))]
    endings = ["e0", "e1", "e2", "e3"]
    shares = st.integers(0, 20).map(lambda n: n / 20)

    def when(known):
        """A condition on one or two names; where the trainee looks a fact may be unknown."""
        found = {}
        for about in draw(st.lists(st.sampled_from([*facts, *memory]), min_size=1, max_size=2, unique=True)):
            values = [*(facts[about]["values"] if about in facts else memory[about])]
            if known and about in facts:
                values.append("unknown")
            found[about] = draw(st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True))
        return found

    def rules(values, known=False):
        if not (facts or memory) or not draw(st.booleans()):
            return draw(values)
        return [{"when": when(known), "value": draw(values)}, {"value": draw(values)}]

    def option(goto, **more):
        made = {"text": "…", "because": "…", "position": 0, "goto": goto, **more}
        if draw(st.integers(0, 2)) == 0:
            made["effect"] = rules(st.integers(-4, 4).map(lambda n: n / 40))
        if memory and "remember" not in made and draw(st.integers(0, 2)) == 0:
            made["remember"] = {"mood": draw(st.sampled_from(memory["mood"]))}
        return made

    hidden_facts = [name for name, fact in facts.items() if not fact.get("design")]
    scenes, patience = {}, None
    if budget:
        patience = {"budget": budget, "label": "…", "last": "…", "leaves": "e0", "price": draw(shares) / 20}
    passage = draw(st.booleans())
    for number, (name, kind) in enumerate(zip(names, layers, strict=True)):
        onward = st.sampled_from([*names[number + 1 :], *endings, *(["between"] if passage and number else [])])
        options = {f"o{n}": option(rules(onward)) for n in range(draw(st.integers(1, 3)))}
        for other in list(options)[1:]:
            if (facts or memory) and draw(st.integers(0, 3)) == 0:
                options[other]["when"] = when(True)
        if kind == "inquiry":
            for n in range(draw(st.integers(1, 3))):
                reveals = draw(st.lists(st.sampled_from(hidden_facts), max_size=2, unique=True)) if hidden_facts else []
                asked = {"ask": True, "reveals": reveals, "costs": draw(st.integers(0, 2)) if budget else 0}
                goto = name
                if draw(st.integers(0, 3)) == 0:
                    goto = f"{name}r{n}"
                    scenes[goto] = {
                        "title": "…",
                        "lines": LINE,
                        "options": {f"r{k}": option(name) for k in range(draw(st.integers(1, 2)))},
                    }
                options[f"q{n}"] = option(goto, **asked)
                if draw(st.integers(0, 1)):
                    options[f"q{n}"].pop("remember", None)
        scenes[name] = {"title": "…", "kind": kind, "lines": LINE, "options": options}
    if passage:
        scenes["between"] = {"lines": LINE, "goto": rules(st.sampled_from(endings))}
    return small_case(facts, memory, patience, names[0], scenes, [rules(shares) for _ in endings])


def small_case(facts, memory, patience, begin, scenes, values):
    """A case around these scenes, with an ending of each value, e0, e1 …"""
    data = {
        "id": "random", "title": "…", "role": "…", "minutes": 5, "source": ["000"],
        "context": {"service": "retail", "stakes": "low", "orientation": "…", "centricity": "…", "target": 0, "why": "…"},
        "speakers": {"ann": "Ann"}, "client": "ann", "facts": facts, "memory": memory, "start": begin,
        "scenes": scenes,
        "endings": {f"e{n}": {"title": "…", "lines": LINE, "mood": "…", "value": v} for n, v in enumerate(values)},
        "debrief": {
            "argument": {"title": "…", "text": "…", "source": "000"},
            "counter": {"title": "…", "text": "…", "source": "001"},
            "questions": ["…", "…", "…"], "tomorrow": "…", "again": "…",
        },
    }  # fmt: skip
    if patience:
        data["patience"] = patience
    if currently_in_test_context():
        note(json.dumps({key: data.get(key) for key in ("facts", "memory", "patience", "scenes", "endings")}))
    return case_errors.case_from_data(data, "random case")


@st.composite
def inquiries(draw):
    """One inquiry of questions that only tell something, then offers: what :mod:`trainkit.value.array_solver` solves."""
    facts = draw(_facts(design=False))
    budget = draw(st.none() | st.integers(1, 4))
    value = st.integers(0, 20).map(lambda n: n / 20)

    def rules():
        if not draw(st.booleans()):
            return draw(value)
        whens = draw(st.lists(st.sampled_from([*facts]), min_size=1, max_size=2, unique=True))
        when = {fact: draw(st.sampled_from([*facts[fact]["values"]])) for fact in whens}
        return [{"when": when, "value": draw(value)}, {"value": draw(value)}]

    def option(goto, **more):
        return {"text": "…", "because": "…", "position": 0, "goto": goto, **more}

    questions = {
        f"q{n}": option(
            "ask",
            ask=True,
            reveals=draw(st.lists(st.sampled_from([*facts]), max_size=2, unique=True)),
            costs=draw(st.integers(0, 2)) if budget else 0,
            effect=draw(st.sampled_from([0, 0, -0.05, 0.05])),
        )
        for n in range(draw(st.integers(1, 4)))
    }
    memory = {"mood": ["calm", "cross"]} if draw(st.booleans()) else {}
    for question in questions.values():
        if memory and draw(st.booleans()):
            question["remember"] = {"mood": draw(st.sampled_from(memory["mood"]))}
    offers = {f"o{n}": option(f"e{n}", effect=draw(st.sampled_from([0, 0.1]))) for n in range(draw(st.integers(2, 3)))}
    if draw(st.booleans()):
        offers["o0"]["goto"] = [{"when": {"f0": "a"}, "value": "e2"}, {"value": "e0"}]
    exits = {"go": option("offer"), **({"quit": option("e3")} if draw(st.booleans()) else {})}
    scenes = {
        "ask": {"title": "…", "kind": "inquiry", "lines": LINE, "options": questions | exits},
        "offer": {"title": "…", "lines": LINE, "options": offers},
    }
    patience = budget and {"budget": budget, "label": "…", "last": "…", "leaves": "e3"}
    values = [rules() for _ in range(4)]
    if memory:
        values[3] = [{"when": {"mood": "cross"}, "value": draw(value)}, {"value": draw(value)}]
    return small_case(facts, memory, patience, "ask", scenes, values)


@st.composite
def _facts(draw, design=True):
    """One to three facts of two or three values; a later one may be given an earlier one, the first a design."""
    facts = {}
    for number in range(draw(st.integers(1, 3))):
        values = ["a", "b", "c"][: draw(st.integers(2, 3))]
        fact = {"label": "…"}
        if design and number == 0 and draw(st.integers(0, 3)) == 0:
            fact |= {"design": True, "values": {value: {"label": "…"} for value in values}}
        elif number and draw(st.booleans()):
            given = draw(st.sampled_from([*facts]))
            tables = {of: draw(_shares(len(values))) for of in facts[given]["values"]}
            fact["given"] = given
            fact["values"] = {
                value: {"label": "…", "p": {of: table[n] for of, table in tables.items()}}
                for n, value in enumerate(values)
            }
        else:
            shares = draw(_shares(len(values)))
            fact["values"] = {value: {"label": "…", "p": p} for value, p in zip(values, shares, strict=True)}
        facts[f"f{number}"] = fact
    return facts


def _shares(count):
    """Probabilities, some of them 0, that add up to 1."""
    parts = st.lists(st.integers(0, 4), min_size=count, max_size=count).filter(any)
    return parts.map(lambda ns: [n / sum(ns) for n in ns])
