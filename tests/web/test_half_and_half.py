"""A room that is half and half, held: wall, remote, pack and table part its results by the condition. Real server and log."""

import re

import pytest
from support.class_server import Browser, steer

LOW, HIGH = "Сколько стоит вещь: Копейки", "Сколько стоит вещь: Как чугунный мост"


@pytest.mark.slow
@pytest.mark.parametrize(("how", "people", "shown"), [("--open", 6, 3), ("--anonymous", 8, 0), ("--anonymous", 10, 5)])
def test_each_half_is_shown_by_the_rule_of_its_own(hold, how, people, shown):
    with hold(how, "--story", "half", "--set", "need=whenever") as server:
        for number in range(people):
            server.playing(f"Гость {number}").say("offer", "refund")
        trainer = server.trainer()
        for scene in ("call", "solve"):
            steer(trainer, "show", scene=f"late_parcel/{scene}")
            wall, near = Browser(server).get("/wall"), trainer.get("/remote")
            for page in (wall, near):
                counts = [int(n) for n in re.findall(r'<b class="num">(\d+)</b><svg', page.text)]
                assert [n for n in counts if n] == [shown] * counts.count(shown) and people not in counts
                assert bool(counts) == bool(shown), (scene, counts)
            if shown:
                assert LOW in wall.words and HIGH in wall.words
        pack = trainer.get("/remote/debrief").words
        assert (LOW in pack) == bool(shown), "paper has what the wall may show, in each half"
        drawn = [row["drawn"] for row in server.rows("SELECT drawn FROM attempts")]
        assert drawn == ["half"] * people


def test_a_condition_that_the_trainer_set_parts_nothing(hold):
    with hold("--open", "--story", "half", "--set", "price=low") as server:
        for number in range(4):
            server.playing(f"Гость {number}").say("offer")
        wall = Browser(server).get("/wall")
        assert LOW not in wall.words and '<b class="num">4</b>' in wall.text
