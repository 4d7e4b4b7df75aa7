"""Teams: names that will do, people dealt out evenly, and a log from which every server reads the same."""

from collections import Counter
from dataclasses import replace

import pytest

from trainkit.errors import OutOfDate, Refused
from trainkit.files import casebook
from trainkit.log.records import new_record
from trainkit.log.store import Log
from trainkit.room.controls import _LEADS_TO, load_stage, record_control
from trainkit.room.members import add_member
from trainkit.room.records import Ballot, Member, Stage
from trainkit.room.run_summary import summarise_run
from trainkit.room.tally import tally
from trainkit.room.team_figures import team_figures
from trainkit.room.team_log import deal, make_teams
from trainkit.room.teams import default_names, in_teams, mates, sizes, team_names
from trainkit.room.workshops import create, parts_of
from trainkit.session.session import Session


@pytest.fixture
def room(tmp_path):
    log = Log(tmp_path / "log.sqlite3")
    log.prepare()
    yield log, create(log, parts_of([casebook.load_case("tests/casebook/late_parcel")]))
    log.close()


def come(room, *names):
    return [add_member(*room, name, False, "ru")[0] for name in names]


def stage_of(room):
    return load_stage(*room)[0]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("1", "2 to 12 teams"),
        ("13", "2 to 12 teams"),
        ("99999999999999999999", "2 to 12 teams"),
        ("", "a number from 2 to 12"),
        ("Клён", "got 1 of them"),
        (",".join(f"k{n}" for n in range(13)), "got 13 of them"),
        ("Клён, КЛЁН", "two teams are called"),
        ("\u0419од, \u0418\u0306од", "two teams are called"),
        ("Клён, " + "я" * 25, "at most 24"),
        ("Клён, !!!", "letters or digits"),
    ],
)
def test_names_that_will_not_do(asked, said):
    with pytest.raises(Refused, match=said):
        team_names(asked, "ru")


def test_names_that_will():
    assert team_names("3", "ru") == ("Клён", "Ясень", "Рябина")
    assert team_names(" Клён ,Ясень\nДуб,", "ru") == ("Клён", "Ясень", "Дуб")
    assert len(set(default_names("ru"))) == len(set(default_names("en"))) == 12
    longest = ",".join("ы" * 22 + f"{n:02}" for n in range(12))
    assert len(team_names(longest, "ru")) == 12


def test_everybody_is_dealt_out_in_the_order_of_joining(room):
    people = come(room, *"абвгдежз")
    make_teams(*room, ["Клён", "Ясень", "Дуб"])
    stage = stage_of(room)
    assert [stage.team[one.member] for one in people] == [0, 1, 2, 0, 1, 2, 0, 1] and sizes(stage) == [3, 3, 2]
    assert mates(stage, people[0].member) == [people[n].member for n in (0, 3, 6)]
    (late,) = come(room, "поздний")
    deal(*room, late.member)
    deal(*room, late.member)  # another device, another server
    assert stage_of(room).team[late.member] == 2
    record_control(*room, "team", f"{people[0].member} 2")
    record_control(*room, "remove", people[1].member)
    assert sizes(stage_of(room)) == [2, 2, 4]
    names = [[one.name for one in team] for _, team in in_teams(stage_of(room), stage_of(room).seated(people))]
    assert names == [["г", "ж"], ["д", "з"], ["а", "в", "е"]]


def test_a_person_may_be_moved_to_and_fro(room):
    (one,) = come(room, "Ирис")
    make_teams(*room, ["Клён", "Ясень"])
    for index in (1, 0, 1):
        record_control(*room, "team", f"{one.member} {index}")
        assert stage_of(room).team[one.member] == index
    make_teams(*room, [])
    assert not stage_of(room).teams and not stage_of(room).team
    make_teams(*room, ["Клён", "Ясень"])
    assert stage_of(room).team == {one.member: 0}


def test_other_teams_come_only_after_these_are_dissolved(room):
    come(room, *"абв")
    make_teams(*room, ["Клён", "Ясень"])
    before = load_stage(*room)
    make_teams(*room, ["Клён", "Ясень"])  # a double click
    assert load_stage(*room) == before
    with pytest.raises(OutOfDate):
        make_teams(*room, ["Дуб", "Ясень"])
    assert load_stage(*room) == before


def test_what_is_read_on_is_what_is_read_anew(room):
    people = come(room, *"абвгд")
    known = load_stage(*room)
    for kind, value in (
        ("paused", "1"), ("scene", "late_parcel/solve"), ("remove", people[0].member), ("restore", people[0].member),
        ("remove", people[0].member), ("ballot", "late_parcel/solve team"), ("ballot", ""), ("trainer", "x" * 64),
    ):  # fmt: skip
        record_control(*room, kind, value)
        known = load_stage(*room, known)
        assert known == load_stage(*room)
    make_teams(*room, ["Клён", "Ясень"])
    assert load_stage(*room, known) == load_stage(*room)
    assert Counter(known[0].removed) == Counter({people[0].member: 1})


def test_two_who_are_one_count_once_by_the_first_run():
    """Both answered the same scene differently: the first counts, both are kept and told."""
    case = casebook.load_case("tests/casebook/late_parcel")
    runs = []
    for number, (member, options) in enumerate(
        {"a": ("offer", "look"), "b": ("offer", "refund"), "c": ("offer",)}.items()
    ):
        record = new_record(case, member, 3, {"need": "today", "price": "low"}, None, member=member, run=0)
        session = Session(Log("sqlite://"), replace(record, number=10 - number), case, [])  # b began before a
        for option in options:
            session.apply(session.move("choose", "ru", step=session.step, option=option))
        runs.append(summarise_run(session))
    apart, stage = (
        tally(runs, case, few=1),
        Stage(merged={"b": "a"}, teams=("Клён", "Дуб"), team={"a": 0, "b": 1, "c": 1}),
    )
    joined = tally(runs, case, few=1, stage=stage)
    assert apart.split("solve").answers == 2 and len(apart.people) == 3
    split = joined.split("solve")
    assert split.answers == 1 and split.counts[split.options.index("refund")] == 1
    both = next(person for person in joined.people if person.member == "a")
    assert both.runs == 2 and both.twice == (("solve", "refund", "look"),) and len(joined.people) == 2
    folk = [Member(name, name, False, "ru", "") for name in "abc"]
    maple, oak = team_figures(runs, {case.id: joined}, stage, stage.seated(folk), 1)[case.id]
    assert (maple.people, maple.room.split("call").answers, oak.people, oak.room.split("call").answers) == (1, 1, 1, 1)


def test_chains_and_circles_do_nothing():
    """Two trainers may press at once; what the second would make of it is nothing."""
    one = _LEADS_TO["merge"](Stage(), "a b")
    for value in ("b a", "b c", "c a", "b b"):
        assert _LEADS_TO["merge"](one, value).merged == {"a": "b"}, value
    assert _LEADS_TO["merge"](one, "c b").merged == {"a": "b", "c": "b"}
    assert _LEADS_TO["merge"](one, "a ").merged == {}


def test_the_newest_vote_of_a_team_counts():
    """Whoever gave it, in whichever order the runs are read; of one who isn't in the scene none counts."""
    case, runs = casebook.load_case("tests/casebook/late_parcel"), []
    votes = {
        "a": ("look", "2026-01-01T10:00:01"),
        "b": ("refund", "2026-01-01T10:00:03"),
        "c": ("rules", "2026-01-01T10:00:02"),
    }
    for member, (option, at) in votes.items():
        record = new_record(case, member, 3, {"need": "today", "price": "low"}, None, member=member, run=0)
        session = Session(Log("sqlite://"), record, case, [])
        for said in ("offer", "look"):
            session.apply(session.move("choose", "ru", step=session.step, option=said))
        session.apply(replace(session.vote("solve", 1, option, "ru"), at=at))
        runs.append(summarise_run(session))
    ballot = Ballot(1, case.id, "solve", team=True)
    stage = Stage(ballot=ballot, ballots=1, teams=("Клён", "Дуб", "Ель"), team={"a": 0, "b": 0, "c": 1})
    for order in (runs, runs[::-1]):
        (again,) = tally(order, case, stage=stage).split("solve").again
        chosen = dict(zip(tally(order, case).split("solve").options, again.teams, strict=True))
        assert (chosen["refund"], chosen["rules"], chosen["look"]) == (("Клён",), ("Дуб",), ())
        assert (again.answers, again.of, sum(again.counts)) == (2, 2, 2)  # the spruce has nobody: it isn't waited for
    moved = _LEADS_TO["team"](_LEADS_TO["ballot"](stage, ""), "b 2")  # closed: as they were then
    (again,) = tally(runs, case, stage=moved).split("solve").again
    assert again.teams == tally(runs, case, stage=stage).split("solve").again[0].teams
