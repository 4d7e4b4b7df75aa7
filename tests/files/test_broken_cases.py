"""A thousand broken variants of a case: each gives a CaseError, never a traceback, a hang or gigabytes."""

import copy
import string

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.examples import examples
from support.places import TEST_CASES

from trainkit.errors import CaseError
from trainkit.files import case_errors, yaml_reader

FILE = TEST_CASES / "late_parcel" / "case.yml"
TEXT = FILE.read_text("utf-8")
DATA, _ = yaml_reader.parse(TEXT, "case.yml")


def paths(data, path=()):
    """Every place in plain data."""
    yield path
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield from paths(value, (*path, key))


PATHS = [path for path in paths(DATA) if path]
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(allow_nan=True, allow_infinity=True),
    st.text(max_size=40),
    st.just("x" * 100_000),
    st.lists(st.text(max_size=5), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
    st.recursive(st.none(), lambda inner: st.lists(inner, max_size=2), max_leaves=10),
)


@st.composite
def mutated(draw):
    """The case with one to three parts deleted, renamed, retyped, duplicated or moved."""
    data = copy.deepcopy(DATA)
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(PATHS))
        at = data
        try:
            for part in path[:-1]:
                at = at[part]
            key = path[-1]
            kind = draw(st.sampled_from(["delete", "rename", "retype", "duplicate", "swap"]))
            if kind == "delete":
                del at[key]
            elif kind == "rename" and isinstance(at, dict):
                at[draw(st.text(string.ascii_lowercase + "_ é:", max_size=8))] = at.pop(key)
            elif kind == "duplicate" and isinstance(at, list):
                at.insert(key, at[key])
            elif kind == "swap":
                at[key] = copy.deepcopy(DATA["scenes"])
            else:
                at[key] = draw(JUNK)
        except (KeyError, IndexError, TypeError):
            continue
    return data


def as_text(data):
    """Data as a file has it; by the library's C part, where it has one: a thousand texts."""
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return yaml.dump(data, Dumper=dumper, allow_unicode=True, sort_keys=False)


def read(text):
    """Read a case's text as a file's would be; the case or the CaseError."""
    try:
        data, lines = yaml_reader.parse(text, "case.yml")
        return case_errors.case_from_data(data, "case.yml", lines, "late_parcel")
    except CaseError as error:
        assert str(error) and all(problem.place.startswith("case.yml") for problem in error.problems)
        return error


def test_the_case_itself_is_fine():
    assert not isinstance(read(TEXT), CaseError)


@settings(max_examples=examples(1000), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(mutated())
def test_mutated_data(data):
    result = read(as_text(data))
    if isinstance(result, CaseError):
        assert len(result.problems) >= 1
    else:  # some changes are harmless; then it is a whole case that can be played
        assert result.worlds and result.hash


@settings(max_examples=examples(400))
@given(st.data())
def test_mutated_text(data):
    start = data.draw(st.integers(0, len(TEXT)))
    cut = data.draw(st.integers(0, 200))
    insert = data.draw(
        st.one_of(st.text(max_size=20), st.sampled_from(["\t", "&a ", "*a", "!!x ", "{", "[", "- ", '"', "\r"]))
    )
    read(TEXT[:start] + insert + TEXT[start + cut :])


def test_required_parts_are_required():
    for key in ("title", "context", "scenes", "endings", "debrief", "start", "speakers"):
        data = {name: value for name, value in DATA.items() if name != key}
        error = read(as_text(data))
        assert isinstance(error, CaseError) and f'"{key}" is missing' in str(error)


def test_an_option_without_words_is_said():
    data = copy.deepcopy(DATA)
    del data["scenes"]["solve"]["options"]["refund"]["text"]
    error = read(as_text(data))
    (problem,) = error.problems
    assert problem.where == 'scene "solve", option "refund"' and problem.rule == 'the key "text" is missing'


def test_no_gigabytes():
    resource = pytest.importorskip("resource", reason="the memory a process took at most is asked as Unix answers it")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1_500_000  # kB, of the whole test process so far
