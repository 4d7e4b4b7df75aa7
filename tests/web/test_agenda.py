"""An agenda that is held: scene by scene, a split room, breaks, the clock, changes while it runs, crashes."""

import json
import re

import pytest
from support.class_server import KILL, PARCEL, RACKET, Browser, held, steer

from trainkit.web.security import proof

AGENDA = """
- case: racket_refund
  pace: scene
  clock: 3
  set: {{item: racket}}
- break: Кофе
  minutes: 15
- case: {parcel}
  pace: case
"""
WAITS = "Следующую сцену тренер откроет сразу для всех."


@pytest.fixture
def planned(tmp_path, pytestconfig):
    """A class with an agenda of two cases and a break."""
    file = tmp_path / "friday.yml"
    file.write_text(AGENDA.format(parcel=pytestconfig.rootpath / PARCEL), "utf-8")
    return lambda *more: held(tmp_path, "--lobby", "--open", "--story", "one", "--agenda", file, *more, cases=())


def on_next(trainer):
    """Press "Next", as the remote has it now."""
    form = trainer.get("/remote").form("door")
    (do,) = [value for name, value, _ in form.buttons if name == "do" and value in ("open", "round", "next", "back")]
    page = trainer.post("/remote", {**form.fields, "do": do})
    assert page.status == 200, page.words
    return page


def refused(trainer, **fields):
    """What is said to a press that does nothing."""
    page = trainer.post("/remote", {"token": proof(trainer.cookies["trainkit_remote"]), **fields})
    assert page.status in (409, 422), (fields, page.status)
    return page.words


def test_scene_by_scene_nobody_waits_for_a_scene_they_arent_in(planned):
    with planned() as server:
        trainer, wall = server.trainer(), Browser(server)
        people = [server.joined(name) for name in ("Аист", "Бук", "Вяз", "Грач", "Дрозд")]
        assert all("Начнём все вместе" in one.page.words for one in people)
        on_next(trainer)
        for one in people:
            one.get("/play")
            one.press("begin")
        assert "У стойки" in wall.get("/wall").words and "ответили 0 из 5" in wall.page.words
        for one, option in zip(people, ("pay", "pay", "pay", "papers", "papers"), strict=True):
            page = one.say(option)
            assert WAITS in page.words and not page.buttons("option"), (
                "the reply was heard, the next scene is not open yet"
            )
        late = people[0]
        assert (
            late.post(
                "/play",
                {
                    "option": "waiver",
                    "step": "1",
                    "token": proof(late.cookies["trainkit"]),
                    "attempt": server.attempts("Аист")[0]["attempt"],
                },
            ).status
            == 409
        )
        assert [kind for kind, *_ in server.events("Аист")] == ["choose"]

        on_next(trainer)
        assert all(one.get("/play").buttons("option") for one in people), "both scenes are open at once"
        shown = wall.get("/wall").words
        assert "ответили 0 из 3" in shown and "ещё 2 в другой сцене" in shown
        bristles = trainer.get("/remote").words
        assert "В другой сцене" in bristles
        steer(trainer, "show", scene="racket_refund/bristles")
        shown = wall.get("/wall").words
        assert "ответили 0 из 2" in shown and "ещё 3 в другой сцене" in shown
        people[3].say("explain")
        assert "ответил 1 из 2" in wall.get("/wall").words
        # who isn't in this scene is not waited for
        assert "Дрозд" in trainer.get("/remote").words.partition("Ещё думают:")[2][:60]
        on_next(trainer)
        assert "ответили 0 из" in wall.get("/wall").words, "the next round is where most are"


def test_a_latecomer_goes_their_own_way_once_the_room_is_further(planned):
    with planned() as server:
        trainer = server.trainer()
        on_next(trainer)
        early = server.playing("Ранняя")
        early.say("pay")
        assert WAITS in early.page.words
        steer(trainer, "now", item="late_parcel")
        assert early.get("/play").buttons("option"), "a case that the room has left keeps nobody back"
        late = server.joined("Поздняя")
        assert late.page.buttons("begin") == [RACKET]
        late.press("begin")
        late.say("pay")
        assert late.page.buttons("option")


def test_a_break_covers_phones_and_ends_by_hand(planned):
    with planned() as server:
        trainer, wall = server.trainer(), Browser(server)
        on_next(trainer)
        one, other = server.playing("Ирис"), server.joined("Мята")
        steer(trainer, "break", name="Обед", minutes="30", at_once="1")
        assert "<h1>Обед" in one.get("/play").text and re.search(r"до \d\d:\d\d", one.page.words)
        assert "Обед" in other.get("/play").words and not other.page.buttons("begin")
        assert (
            one.post(
                "/play",
                {
                    "option": "pay",
                    "step": "0",
                    "token": proof(one.cookies["trainkit"]),
                    "attempt": server.attempts("Ирис")[0]["attempt"],
                },
            ).status
            == 409
        )
        assert not server.events("Ирис")
        assert "Обед" in wall.get("/wall").words and re.search(r"до \d\d:\d\d", wall.page.words)
        key = re.search(r'name="key_of" value="([^"]+)"', trainer.get("/remote").text)[1]
        steer(trainer, "back", key_of=key)
        assert one.get("/play").buttons("option") and other.get("/play").buttons("begin")


@pytest.mark.slow
def test_the_plan_is_changed_while_it_runs(planned):
    with planned() as server:
        trainer = server.trainer()

        def plan():
            return json.loads(
                server.rows("SELECT setting FROM controls WHERE kind='agenda' ORDER BY number DESC")[0][0]
            )

        def keys():
            return [item["key"] for item in plan()]

        assert keys() == [RACKET, "-1", "late_parcel"]
        steer(trainer, "up", item="late_parcel")
        assert keys() == [RACKET, "late_parcel", "-1"]
        steer(trainer, "add", case="power_upgrade")
        steer(trainer, "break", name="  Ещё   кофе ", minutes="10")
        assert keys() == [RACKET, "late_parcel", "-1", "power_upgrade", "-2"] and plan()[-1]["name"] == "Ещё кофе"
        steer(trainer, "item", item="power_upgrade", pace="scene", story="half", clock="2", minutes="25")
        assert plan()[3] == {
            "key": "power_upgrade", "case_id": "power_upgrade", "minutes": 25, "pace": "scene", "story": "half", "clock": 2,
        }  # fmt: skip
        steer(trainer, "drop", item="-1")
        on_next(trainer)
        assert "началось" in refused(trainer, do="drop", item=RACKET) or "begun" in trainer.page.words
        refused(trainer, do="up", item="-7")
        refused(trainer, do="add", case="power_upgrade")  # twice
        assert "power_upgrade" in refused(trainer, do="add", case="power_upgrad")
        refused(trainer, do="break", name="", minutes="5")
        refused(trainer, do="break", name="Пауза", minutes="0")
        refused(trainer, do="item", item="power_upgrade", pace="galopp")
        refused(trainer, do="clock", minutes="61")
        for case in ("late_parcel", "power_upgrade"):
            steer(trainer, "drop", item=case)
        assert keys() == [RACKET, "-2"], "what isn't planned any more is not played"
        one = server.playing("Ирис")
        steer(trainer, "add", case="power_upgrade")
        steer(trainer, "now", item="power_upgrade")
        server.stop(KILL)
        server.start()
        assert keys() == [RACKET, "power_upgrade", "-2"]
        assert "Мощность" in trainer.get("/remote?tab=agenda").words or "Пятнадцать" in trainer.page.words
        one.get("/play")


def test_two_remotes_press_next_at_once(planned):
    with planned() as server:
        first, second = server.trainer(), server.trainer()
        people = [server.joined(name) for name in ("Аист", "Бук", "Вяз")]
        fields = {"token": proof(first.cookies["trainkit_remote"]), "do": "open", "opened": "1"}
        for trainer in (first, second):
            trainer.post("/remote", {**fields, "token": proof(trainer.cookies["trainkit_remote"])})
        for one in people:
            one.get("/play")
            one.press("begin")
            one.say("pay")
        for trainer in (first, second):
            token = proof(trainer.cookies["trainkit_remote"])
            trainer.post("/remote", {"do": "round", "round": f"{RACKET}/2", "token": token})
        assert [row[0] for row in server.rows("SELECT setting FROM controls WHERE kind IN ('opened', 'round')")] == [
            "0", "1", f"{RACKET}/2",
        ]  # fmt: skip
        refused(first, do="open", opened="9")
        assert people[0].get("/play").buttons("option")


def test_the_clock_ends_nothing(planned):
    with planned() as server:
        trainer, wall = server.trainer(), Browser(server)
        on_next(trainer)
        one = server.playing("Ирис")
        said = "осталось около 3 минут"
        for page, words in ((wall.get("/wall"), said), (one.get("/play"), said), (trainer.get("/remote"), "3 мин")):
            assert words in page.words and 'data-of="180"' in page.text
        steer(trainer, "clock_end")
        assert "осталось" not in wall.get("/wall").words
        steer(trainer, "clock", minutes="1")
        assert "осталось около 1 минуты" in wall.get("/wall").words
        steer(trainer, "clock", minutes="1")  # again from the beginning
        server.rows("SELECT 1")
        assert one.say("pay").status == 200, "an answer is taken whatever the clock says"


@pytest.mark.parametrize("every", [pytest.param(5, marks=pytest.mark.slow), pytest.param(1, marks=pytest.mark.long)])
def test_a_crash_at_every_step_gives_the_same_room(planned, every):
    """Killed and started again after a press, or after each: screen, phones and plan are what they were."""
    with planned() as server:
        trainer, wall = server.trainer(), Browser(server)
        people = [server.joined(name) for name in ("Аист", "Бук", "Вяз", "Грач")]

        def seen():
            pages = [wall.get("/wall"), trainer.get("/remote"), trainer.get("/remote?tab=agenda")]
            pages += [one.get("/play") for one in people]
            return [
                re.sub(r'data-(left|state)="[\d.-]+"|width="[\d.]+%"|(около )?\d+.мин\w*|~\d\d:\d\d', "", page.text)
                for page in pages
            ]

        def begin():
            for one in people:
                one.get("/play")
                one.press("begin")

        def answer(*options):
            for one, option in zip(people, options, strict=True):
                if option:
                    one.get("/play")
                    one.say(option)

        steps = [
            lambda: on_next(trainer), begin, lambda: answer("pay", "pay", "papers", ""), lambda: on_next(trainer),
            lambda: answer("as_said", "waiver", "explain", "papers"),
            lambda: steer(trainer, "show", scene="racket_refund/settle"),
            lambda: steer(trainer, "clock", minutes="5"), lambda: steer(trainer, "paused", "1"),
            lambda: steer(trainer, "paused", "0"), lambda: steer(trainer, "ballot", scene="racket_refund/settle"),
            lambda: steer(trainer, "ballot_end"), lambda: steer(trainer, "now", item="-1"),
            lambda: steer(trainer, "add", case="power_upgrade"), lambda: steer(trainer, "up", item="power_upgrade"),
            lambda: on_next(trainer), lambda: steer(trainer, "over", "1"),
        ]  # fmt: skip
        for number, step in enumerate(steps):
            step()
            if (number + 1) % every:
                continue
            before = seen()
            server.stop(KILL)
            server.start("--workshop", server.code)  # a room that is closed isn't gone on with unasked
            for n, (page, same) in enumerate(zip(seen(), before, strict=True)):
                assert page.split("<") == same.split("<"), f"page {n} after step {number}"


def test_a_vote_where_nobody_is_leaves_everybody_where_they_are(planned):
    with planned() as server:
        trainer, wall = server.trainer(), Browser(server)
        on_next(trainer)
        one = server.playing("Ирис")
        steer(trainer, "ballot", scene="racket_refund/settle")
        assert "0 из 0" in wall.get("/wall").words
        assert one.get("/play").buttons("option"), "who can't vote plays on"
        one.say("pay")
        assert not one.page.buttons("vote") and WAITS in one.page.words
        steer(trainer, "ballot_end")
        assert "0 из 0" not in wall.get("/wall").words and trainer.get("/remote").status == 200


@pytest.mark.slow
def test_a_phone_that_slept_for_an_hour_comes_back_to_where_the_room_is(planned):
    """Its page is of a scene long gone, its server has been started again, a break has come: nothing of it is lost."""
    with planned() as server:
        trainer = server.trainer()
        on_next(trainer)
        sleeper, others = server.playing("Соня"), [server.playing(name) for name in ("Аист", "Бук")]
        sleeper.say("pay")
        on_next(trainer)
        sleeper.get("/play")
        old = sleeper.page  # falls asleep here
        for other in others:
            other.say("papers")
            other.get("/play")
            other.say("explain")
        on_next(trainer)
        steer(trainer, "now", item="-1")
        server.stop(KILL)
        server.start()
        answer = sleeper.post("/play", old.sent("option", "as_said"))
        assert answer.status == 409 and "Кофе" in answer.words, "the break is told, the answer isn't taken"
        steer(trainer, "open", opened="3")
        assert sleeper.get("/play").buttons("option"), "the scene where it stopped, whatever the others play"
        sleeper.say("as_said")
        assert [option for _, _, option, *_ in server.events("Соня")] == ["pay", "as_said"]
        assert sleeper.page.buttons("option"), "the room is further: nobody holds it back"


def test_what_is_shown_is_of_the_case_that_was_opened_last(hold):
    with hold("--lobby", "--open", "--story", "one", "--pace", "case", cases=(RACKET, PARCEL)) as server:
        trainer, wall = server.trainer(), Browser(server)
        on_next(trainer)
        people = [server.playing(name) for name in ("Аист", "Бук", "Вяз")]
        for one, option in zip(people, ("pay", "search", "blame"), strict=True):
            one.say(option)
        assert "Пропажа из машины" in wall.get("/wall").words
        for one in people:
            while one.page.buttons("option"):
                one.press("option", one.page.buttons("option")[0])
        steer(trainer, "open", opened="2")
        for one in people:
            one.get("/play")
            one.press("begin", "late_parcel")
            one.say("offer")
        assert "Пропажа из машины" not in wall.get("/wall").words, "the room is at the second case"
        seen = set()
        for _ in range(4):
            on_next(trainer)
            seen.add(trainer.get("/remote").form("door").fields["scene"].partition("/")[0])
        assert seen == {"late_parcel"}


def test_a_break_in_the_middle_of_a_case_leads_back_into_it(planned):
    with planned() as server:
        trainer, wall = server.trainer(), Browser(server)
        on_next(trainer)
        people = [server.playing(name) for name in ("Аист", "Бук", "Вяз")]
        for one in people:
            one.say("pay")
        on_next(trainer)
        steer(trainer, "break", name="Кофе", minutes="5", at_once="1")
        key = re.search(r'name="key_of" value="([^"]+)"', trainer.get("/remote").text)[1]
        steer(trainer, "back", key_of=key)
        assert "Сколько" in wall.get("/wall").words and "Сколько" in trainer.get("/remote").words
        for one in people:
            one.get("/play")
            one.say("as_said")
            assert WAITS in one.page.words
        on_next(trainer)
        assert all(one.get("/play").buttons("option") for one in people), "the next scene opens as before"
        assert 'class="item here"' in trainer.get("/remote?tab=agenda").text


def test_the_number_who_answered_is_never_above_the_number_who_could(planned):
    with planned() as server:
        trainer, wall = server.trainer(), Browser(server)
        on_next(trainer)
        people = [server.playing(name) for name in ("Аист", "Бук", "Вяз", "Грач")]
        for number in range(4):
            for one in people[: 3 if number < 2 else 4]:  # one is late by two scenes
                one.get("/play")
                if options := one.page.buttons("option"):
                    one.press("option", options[(number + people.index(one)) % len(options)])
                answered, could = map(int, re.search(r"ответил[аи]? (\d+) из (\d+)", wall.get("/wall").words).groups())
                assert answered <= could <= 4
            on_next(trainer)


def test_debriefs_are_there_when_the_class_is_over(planned):
    with planned() as server:
        trainer = server.trainer()
        on_next(trainer)
        one = server.playing("Ирис")
        steer(trainer, "now", item="late_parcel")  # nobody is held back any more
        while options := one.get("/play").buttons("option"):
            one.press("option", options[0])
        one.press("begin", "late_parcel")
        one.say("offer")
        steer(trainer, "over", "1")
        assert "Занятие окончено" in one.get("/play").words and "Разбор: Пропажа из машины" in one.page.words
        page = one.get("/debrief/file?run=0&see")
        assert page.status == 200 and not page.header("content-disposition") and "Виктор" in page.text
        assert one.get("/debrief/file?run=0").header("content-disposition").startswith("attachment")
        for run in ("1", "2", "-1", "all"):
            assert one.get(f"/debrief/file?run={run}").path == "/play", "none of these has a debrief"
