"""What an anonymous room's figures never tell, whatever the trainer does with single people: what one of them has said."""

import re

import pytest
from support.class_server import TODAY, Browser, steer

from trainkit.web.security import proof

TEAMS = ("--teams", "Oak, Ash")


def figures(server, trainer):
    """What the wall, the remote and the table show of answers: every number in them that isn't of people alone."""
    # without how many people are here
    remote = trainer.get("/remote?tab=now").text.partition('id="moment"')[2].partition('class="panel"')[0]
    pages = Browser(server).get("/wall").text.partition("wall-foot")[0], remote
    drawn = [re.findall(r'<b class="num">\s*(\d+)\s*(?:</b>|<svg)', page) for page in pages]
    return *drawn, *[re.findall(r"at least|не меньше", page) for page in pages], trainer.get("/remote/answers.csv").text


def people(server):
    return {row["name"]: row["member"] for row in server.rows("SELECT member, name FROM members")}


@pytest.mark.parametrize("number", [5, 8, 9])
def test_who_is_removed_let_in_or_joined_takes_no_answer_along(hold, number):
    with hold("--anonymous", "--story", "one", *TODAY) as server:
        for n in range(number):
            server.playing(f"Гость {n}").say("offer", "refund" if n else "look")
        trainer, who = server.trainer(), people(server)
        before = figures(server, trainer)
        assert before[0] and sum(map(int, before[0])) >= 5 and "offer" in before[-1]
        for n in (0, 1, number - 1):
            steer(trainer, "remove", who=who[f"Гость {n}"])
            assert figures(server, trainer) == before
            assert f"Гость {n}" not in re.sub(r"(?s).*id=.removed", "", trainer.get("/remote?tab=now").words)
            steer(trainer, "restore", who=who[f"Гость {n}"])
            assert figures(server, trainer) == before
        steer(trainer, "merge", who=who["Гость 0"], into=who["Гость 2"])
        assert figures(server, trainer) == before
        steer(trainer, "part", who=who["Гость 0"])
        assert figures(server, trainer) == before


def test_the_table_grows_in_steps_of_the_scene_not_of_a_reply(hold):
    """The fifth who says the same is nobody's secret on the wall; a row that comes with one answer would be."""
    with hold("--anonymous", "--story", "one", *TODAY) as server:
        trainer, seen = server.trainer(), []
        for n in range(9):
            server.playing(f"Гость {n}").say("offer", "look" if n == 2 else "refund")
            seen.append(trainer.get("/remote/answers.csv").text.count("refund"))
        # four of the first five, seven of the first eight
        assert seen == [0, 0, 0, 0, 0, 0, 0, 5, 5]


def test_who_has_begun_stays_in_their_team(hold):
    with hold("--anonymous", *TEAMS, *TODAY) as server:
        begun, new = server.playing("Ива"), server.joined("Дуб")
        assert begun and new
        trainer, who = server.trainer(), people(server)
        teams = {row["setting"].split()[0]: int(row["setting"].split()[1]) for row in server.rows(
            "SELECT setting FROM controls WHERE kind = 'team' ORDER BY number")}  # fmt: skip
        token = {"token": proof(trainer.cookies["trainkit_remote"])}
        for asked in ({"do": "team", "who": who["Ива"], "team": 1 - teams[who["Ива"]]}, {"do": "dissolve"}):
            refused = trainer.post("/remote", asked | token)
            assert refused.status == 422 and "в анонимной комнате" in refused.words
        steer(trainer, "team", who=who["Дуб"], team=1 - teams[who["Дуб"]])
