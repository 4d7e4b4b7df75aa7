"""Two of one name are told apart, in the order of joining."""

from hypothesis import given
from hypothesis import strategies as st

from trainkit.log.store import Log
from trainkit.room.members import add_member, members_of, members_told_apart, name_told_apart, told_apart
from trainkit.room.workshops import create, parts_of
from trainkit.typed import typed

NAMES = st.lists(st.sampled_from(["Й", "И\u0306", "А", "А (2)", "А (3)", "А (2) (2)", "(2)"]), max_size=12)


def test_the_second_of_a_name_has_a_2():
    assert told_apart([]) == [] and told_apart(["А", "Б"]) == ["А", "Б"]
    assert told_apart(["А", "Б", "А", "А"]) == ["А", "Б", "А (2)", "А (3)"]
    assert told_apart(["А", "А", "А (2)"]) == ["А", "А (2)", "А (2) (2)"]
    assert told_apart(["А", "А (2)", "А"]) == ["А", "А (2)", "А (3)"]


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
    assert [name_told_apart(log, room, member) for member in members_of(log, room)] == shown
    log.close()
