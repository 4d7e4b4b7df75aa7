"""Two of one name are told apart, in the order of joining."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainkit.log.store import Log
from trainkit.room.members import NamesToldApart, add_member, members_of, members_told_apart
from trainkit.room.names import told_apart
from trainkit.room.workshops import create, parts_of
from trainkit.typed import typed

NAMES = st.lists(st.sampled_from(["Й", "И\u0306", "А", "А (2)", "А (3)", "А (2) (2)", "(2)"]), max_size=12)


def test_the_second_of_a_name_has_a_2():
    assert told_apart([]) == [] and told_apart(["А", "Б"]) == ["А", "Б"]
    assert told_apart(["А", "Б", "А", "А"]) == ["А", "Б", "А (2)", "А (3)"]
    assert told_apart(["А", "А", "А (2)"]) == ["А", "А (2)", "А (2) (2)"]
    assert told_apart(["А", "А (2)", "А"]) == ["А", "А (2)", "А (3)"]
    assert told_apart(["Anna", "Anna", "Anna(2)"]) == ["Anna", "Anna (2)", "Anna(2) (2)"]
    assert told_apart(["Anna(2)", "Anna", "Anna"]) == ["Anna(2)", "Anna", "Anna (3)"]


ALIKE = [
    ("Вера", "B\N{LATIN SMALL LETTER E}p\N{LATIN SMALL LETTER A}"),  # of Latin letters
    ("Зоя", "З\N{LATIN SMALL LETTER O}я"),
    ("Зоя", "З\N{GREEK SMALL LETTER OMICRON}я"),
    ("Zoë", "Zo\N{CYRILLIC SMALL LETTER IO}"),
    ("Wren", "Wr\N{CYRILLIC SMALL LETTER IE}n"),
    ("Wren", "Wren\u115f"),
    ("Wren", "\u1160Wren"),
    ("Wren", "Wr\u200ben"),
    ("Wren", "Wren\u2800"),
    ("Wren", "Wren\ufe0f"),
    ("Wren", "\N{FULLWIDTH LATIN CAPITAL LETTER W}ren"),
    ("Anna B", "Anna\N{NO-BREAK SPACE} B"),
    ("Ilya", "\N{LATIN SMALL LETTER L}lya"),
    ("Wicked", "wicked"),
    ("Wicked", "WICKED"),
    ("Wicked", "Wicked."),
    ("Wicked", "W icked"),
    ("Wicked", "w\N{CYRILLIC SMALL LETTER BYELORUSSIAN-UKRAINIAN I}cked!"),
    ("Анна Б", "АННА-Б"),
]


@pytest.mark.parametrize(("first", "second"), ALIKE)
def test_a_name_that_looks_the_same_has_a_2(first, second):
    assert first != second and told_apart([first, second]) == [first, f"{second} (2)"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Ann", "Anne"),
        ("Аня", "Ана"),
        ("Анна", "Ана"),
        ("Alla", "Alia"),
        ("किरण", "करण"),
        ("Anna", "Anna 🌸"),
        ("Anna", "Anna2"),
        ("Лев", "Лёв"),
        ("Ян", "Ян Б"),
        ("Ши", "Щи"),
    ],
)
def test_names_that_are_seen_to_differ_stay_as_they_are(first, second):
    assert told_apart([first, second]) == [first, second]


@pytest.mark.parametrize("unseen", ["\u115f", "\u1160\u1160", "\u3164", "\u2800", "\u200b", "\U0001d173"])
def test_a_name_of_what_nobody_sees_is_none(unseen):
    assert typed(unseen) == ""


@given(NAMES)
def test_no_two_are_alike_and_who_comes_later_changes_none(names):
    shown = told_apart(names)
    assert len({typed(name) for name in shown}) == len(names)
    for n, name in enumerate(names):
        assert shown[n].startswith(name) and told_apart(names[:n]) == shown[:n]
        assert (shown[n] == name) or typed(name) in map(typed, shown[:n])


def test_a_member_alone_is_named_as_among_all(tmp_path, parcel):
    log = Log(tmp_path / "log.sqlite3")
    log.prepare()
    room, other = (create(log, parts_of([parcel])) for _ in range(2))
    add_member(log, other, "А", False, "ru")
    for name in ("А (3)", "А", "А", "Ашот", "А", "А (2)", "А (3)"):
        add_member(log, room, name, False, "ru")
    shown = [member.name for member in members_told_apart(log, room)]
    assert shown == ["А (3)", "А", "А (2)", "Ашот", "А (4)", "А (2) (2)", "А (3) (2)"]
    names = NamesToldApart(log, room)
    assert [names.of(member) for member in reversed(members_of(log, room))] == shown[::-1]
    add_member(log, room, "\N{LATIN CAPITAL LETTER A}шот", False, "ru")  # who comes later is read when asked for
    assert names.of(members_of(log, room)[-1]) == "\N{LATIN CAPITAL LETTER A}шот (2)"
    log.close()
