"""What a question revealed stays off the wall while anybody in the room can still ask about it. Real server, HTTP and log."""

import pytest
from support.class_server import TODAY, Browser, steer
from support.rooms import play

from trainkit.files import casebook
from trainkit.room.run_summary import summarise_run
from trainkit.room.tally import tally
from trainkit.view.kept_back import needs_asking, unlearnt
from trainkit.view.split import split_view

SENT, UNSAID = "Отправлю курьера сегодня.", "реплика, которая есть не у всех"
WAITS = "Ключ откроется, когда спрашивать будет уже некому."


def looks(server, trainer):
    """What wall and remote say of the scene."""
    steer(trainer, "show", scene="late_parcel/solve")
    steer(trainer, "key", "1")
    return Browser(server).get("/wall").words, trainer.get("/remote").words


@pytest.mark.slow
@pytest.mark.parametrize("straggler", ["not begun", "asking", "removed", "over"])
def test_the_wall_waits_for_who_can_still_ask(hold, straggler):
    with hold("--story", "one", "--open", *TODAY) as server:
        trainer = server.trainer()
        for number in range(4):
            server.playing(f"Гость {number}").say("when_needed", "offer", "send" if number else "look")
        slow = server.joined("Тихоня")
        if straggler != "not begun":
            slow.press("begin")
        wall, remote = looks(server, trainer)
        assert SENT not in wall and UNSAID in wall and WAITS in wall and "лучший ответ" not in wall
        assert SENT in remote and UNSAID not in remote and "Ключ на экране пока закрыт" in remote
        if straggler == "removed":
            steer(trainer, "remove", who=server.rows("SELECT member FROM members WHERE name = 'Тихоня'")[0]["member"])
        elif straggler == "over":
            steer(trainer, "over", "1")
            wall, remote = looks(server, trainer)
            assert "Ключ на экране пока закрыт" not in remote
            return
        else:
            if straggler == "not begun":
                slow.press("begin")
            slow.say("offer")  # past asking, though not finished
        wall, remote = looks(server, trainer)
        assert SENT in wall and UNSAID not in wall and WAITS not in wall and "Ключ на экране" not in remote


def test_who_knows_it_can_no_longer_ask(hold):
    with hold("--story", "one", "--open", *TODAY) as server:
        for number in range(3):
            server.playing(f"Гость {number}").say("when_needed", *(["offer", "send"] if number else []))
        assert SENT in looks(server, server.trainer())[0]


def test_what_is_remembered_of_asking_is_forgotten_too(parcel):
    case = casebook.load_case("racket_refund")
    hidden = frozenset({"recall"})
    asking = {
        (name, value)
        for scene in case.scenes.values()
        for option in scene.options.values()
        if "recall" in option.reveals
        for name, value in option.remember.items()
    }
    knew = (("recall", "yes"), *sorted(asking), ("item", "watch"))
    told = dict(unlearnt(case, knew, hidden))
    assert told["recall"] == "unknown" and told["item"] == "watch"
    assert unlearnt(case, knew, frozenset()) == knew
    assert needs_asking(parcel, "solve", "send", frozenset({"need"}))
    assert not needs_asking(parcel, "solve", "send", frozenset())
    assert not needs_asking(parcel, "solve", "look", frozenset({"need"}))


def test_no_scene_of_the_casebook_is_without_words_when_everything_is_kept_back():
    """However much of a room has asked, the wall has a line and words for every reply."""

    for name in casebook.case_ids():
        case = casebook.load_case(name)
        sessions, _ = play(case, 8, seed=3)
        hidden = frozenset(fact for fact, one in case.facts.items() if not one.design)
        room = tally(map(summarise_run, sessions), case, hidden=hidden)
        for split in (one for one in room.splits if one.answers):
            seen = split_view(room, split, "ru", public=True)
            assert all(bar.text for bar in seen.bars)
            assert not (seen.key_waits and seen.because)
