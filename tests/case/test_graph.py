"""One walk of a case's conditions, one graph of its places."""

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.examples import examples
from support.places import case_folders
from support.random_cases import small_cases

from trainkit.case.condition_walk import conditions
from trainkit.case.graph import circle, gotos, leads, steps_from, ways
from trainkit.files import casebook

KNOWN = ("context", "target", "lines", "when", "text", "because", "position", "fit", "reply")


def whens(data, path=()):
    """Every `when` in the JSON of a case, with its path; a line's text stands under its speaker."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key == "when" and value and all(isinstance(names, list) for names in value.values()):
                yield (*path, key), value
            else:
                yield from whens(value, (*path, data["speaker"] if "speaker" in data and key == "text" else key))
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from whens(value, (*path, number))


def assert_walk_is_whole(case):
    walked = list(conditions(case))
    expected = dict(whens(json.loads(case.source_json)))
    assert {one.path: {name: list(values) for name, values in one.when.items()} for one in walked} == expected
    assert len(walked) == len(expected)
    for one in walked:
        assert one.place == (None if one.path[0] in ("context", "debrief") else one.path[1])
        assert one.decides in one.path
        assert one.known == (one.path[0] != "endings" and one.decides not in ("goto", "effect"))
    places = [one.place for one in walked if one.place]
    order = [*case.scenes, *case.endings]
    assert places == sorted(places, key=order.index)


@pytest.mark.parametrize("folder", case_folders(), ids=lambda folder: folder.name)
def test_every_condition_is_walked_once(folder):
    assert_walk_is_whole(casebook.load_case(folder))


@settings(max_examples=examples(60))
@given(small_cases())
def test_every_condition_of_any_case(case):
    assert_walk_is_whole(case)


def test_a_lines_condition_comes_before_those_of_its_words(parcel):
    paths = [one.path for one in conditions(parcel)]
    for number, path in enumerate(paths):
        outer = [other for other in paths if other != path and path[: len(other) - 1] == other[:-1]]
        assert all(paths.index(other) < number for other in outer)


def test_ways(parcel):
    assert gotos(parcel, "hung_up") == ways(parcel, "hung_up") == ()
    assert parcel.patience.leaves in ways(parcel, "call") and parcel.patience.leaves not in gotos(parcel, "call")
    asked = parcel.scenes["call"].options["when_needed"]
    assert leads(parcel, asked) == (asked.goto[0].value, parcel.patience.leaves)
    for place in parcel.scenes:
        assert set(gotos(parcel, place)) <= set(ways(parcel, place)) <= {*parcel.scenes, *parcel.endings}


GRAPHS = st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdef"), max_size=3))


@given(GRAPHS)
def test_steps_are_the_fewest(graph):
    steps = steps_from("a", lambda place: graph.get(place, ()))
    assert list(steps.values()) == sorted(steps.values()) and steps["a"] == 0
    for place, number in steps.items():
        assert all(steps[to] <= number + 1 for to in graph.get(place, ()))
        assert not number or any(place in graph.get(by, ()) and steps[by] == number - 1 for by in steps)


@given(GRAPHS)
def test_a_circle_is_one_and_is_found_if_there_is_one(graph):
    around = circle(graph)
    if around:
        assert around[0] == around[-1] and len(around) > 1
        assert all(to in graph[place] for place, to in pairwise(around))
    else:
        assert all(place not in steps_from(to, lambda at: graph.get(at, ())) for place in graph for to in graph[place])
