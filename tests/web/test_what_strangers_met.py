"""What a trainer and a trainee who knew nothing stumbled over in a whole workshop. Real server, HTTP and log."""

import pytest
from support.class_server import PARCEL, RACKET, TODAY, Browser, steer


def onward(trainer):
    """Press the big button of the remote, whatever it does now."""
    form = trainer.get("/remote").form("door")
    pressed = next(
        value for name, value, _ in form.buttons if name == "do" and value in ("open", "round", "next", "back")
    )
    page = trainer.post("/remote", {**form.fields, "do": pressed})
    assert page.status == 200, page.words
    return pressed


def begun_together(server, n):
    """The trainer, and so many people who came in, began when everybody could, and said the same."""
    trainer, people = server.trainer(), [server.joined(f"Гость {number}") for number in range(n)]
    onward(trainer)
    for person in people:
        person.get("/play")
        person.press("begin")
        person.say("offer")
    return trainer, people


def wall(server):
    return Browser(server).get("/wall")


def test_a_pack_after_a_vote_of_teams(hold):
    with hold(*TODAY, "--open", "--lobby", "--teams", "Дуб, Ясень") as server:
        trainer, people = begun_together(server, 6)
        steer(trainer, "team_vote", "1")
        steer(trainer, "ballot", scene="late_parcel/call")
        people[0].get("/play")
        people[0].press("option", "offer")
        steer(trainer, "ballot_end")
        for names in ("", "?names"):
            pack = trainer.get(f"/remote/debrief{names}")
            assert pack.status == 200 and "1 из 2 команд" in pack.words
        # paper without names has what the screen may have: figures from three on in an open room
        assert "Ответов меньше 5" not in trainer.get("/remote/debrief").words


def test_onward_never_leads_back_into_the_case_before(hold, tmp_path):
    plan = tmp_path / "plan.yml"
    plan.write_text(f"- {{case: {PARCEL}, pace: scene}}\n- {{case: racket_refund, pace: case}}\n", "utf-8")
    with hold("--open", "--lobby", "--agenda", plan, cases=()) as server:
        trainer, people = begun_together(server, 4)
        for _ in range(8):
            if "Пропажа из машины" in wall(server).words:
                break
            for person in people:
                if options := person.get("/play").buttons("option"):
                    person.press("option", options[0])
            onward(trainer)
        for _ in range(3):
            onward(trainer)
            assert "Пропажа из машины" in wall(server).words


def test_onward_ends_a_pause(hold):
    with hold(*TODAY, "--open", "--lobby", "--pace", "scene") as server:
        trainer, person = server.trainer(), server.joined("Аист")
        onward(trainer)
        person.get("/play")
        person.press("begin")
        person.say("offer")
        steer(trainer, "paused", "1")
        assert "is-pause" in person.get("/play").text
        onward(trainer)
        assert "is-pause" not in person.get("/play").text and person.page.buttons("option")
        assert "is-waiting" not in wall(server).text


@pytest.mark.slow
def test_the_screen_tells_the_rooms_story_before_anybody_has_begun(hold):
    """Whichever of two stories the room has, what is on the screen doesn't change with the first who begins."""
    for _ in range(4):
        with hold("--open", "--lobby", "--pace", "scene", "--story", "one", "--new", cases=[RACKET]) as server:
            trainer, people = server.trainer(), [server.joined(f"Гость {n}") for n in range(3)]
            onward(trainer)
            before = wall(server)
            assert "Нажмите «Начать» в телефоне: ещё не начали 3 человека" in before.words
            people[0].get("/play")
            people[0].press("begin")
            ask = before.text.split('<div class="wall-ask">')[1].split("</ol>")[0]
            assert ask == wall(server).text.split('<div class="wall-ask">')[1].split("</ol>")[0]


def test_the_key_and_a_vote_come_before_compared_teams(hold):
    with hold(*TODAY, "--open", "--lobby", "--teams", "Дуб, Ясень") as server:
        trainer, _ = begun_together(server, 6)
        for again in range(2):
            steer(trainer, "compare", "1")
            assert "is-teams" in wall(server).text, again
            steer(trainer, "key", "1")
            assert "is-key" in wall(server).text, again
        steer(trainer, "compare", "1")
        assert "is-teams" in wall(server).text
        steer(trainer, "ballot", scene="late_parcel/call")
        steer(trainer, "ballot_end")
        assert "is-teams" not in wall(server).text


def test_after_the_end_a_debrief_says_so_and_offers_nothing_more(hold):
    with hold(*TODAY, "--open") as server:
        trainer, person = server.trainer(), server.playing("Аист")
        person.say("offer", "refund")
        assert person.page.buttons("again")
        steer(trainer, "over", "1")
        page = person.get("/play")
        assert not page.buttons("again") and "Занятие окончено. Сохраните разбор" in page.words
        assert "Сохраните разбор в телефоне" in wall(server).words


def test_the_way_to_ones_link_and_the_rooms_questions(hold):
    with hold(*TODAY, "--open") as server:
        trainer, person = server.trainer(), server.playing("Аист")
        assert "/link" in person.page.links
        form = person.get("/questions").sent("ask", text="Кто решает?")
        assert person.post("/questions", form).status == 200
        steer(trainer, "question", question="1 shown")
        assert "1 вопрос зала" in person.get("/play").words
