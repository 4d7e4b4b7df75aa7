"""A class as its trainer wants it: the settings, and every button of the board. Real server, HTTP and log."""

import http.client
import io
import sqlite3
import time
import zipfile
from collections import Counter

import pytest
from support.class_server import (
    KILL,
    PARCEL,
    PATIENCE,
    RACKET,
    TODAY,
    Browser,
    at_once,
    debrief_pages,
    plain,
    steer,
    walk,
)

from trainkit.engine.facts import draw_facts
from trainkit.files import casebook
from trainkit.web.security import proof


def reasons(case, lang="ru") -> list[str]:
    """Every ``because`` of a case."""
    return [plain(case.text(key, lang)) for key in case.texts if ".because" in key]


# ---- settings -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("feedback", ["end", "none"])
def test_feedback_comes_when_it_was_said(hold, parcel, feedback):
    with hold("--feedback", feedback, *TODAY) as server:
        browser, pages = server.playing("Молчок"), []
        walk(browser, lambda options: options[-1], pages.append)
        during, over = pages[:-1], [pages[-1], *debrief_pages(browser), browser.get("/talk")]
        early = server.playing("Рано")
        early.say("offer")
        token = early.page.forms[0].fields["token"]
        during += [early.page, early.get("/talk"), early.get("/disagree?n=0"), early.get("/debrief?page=2")]
        mine = server.attempts("Рано")[0]["attempt"]
        for phase in ("early", "none"):
            asked = {"token": token, "attempt": mine, "disagree": "0", "text": phase}
            assert early.post("/play", asked).status == 422
        told = [because for because in reasons(parcel) for page in over if because in page.words]
        assert bool(told) == (feedback == "end")
        assert not [because for because in reasons(parcel) for page in during if because in page.words]
        assert "disagree" not in [event[0] for event in server.events("Рано")]
        assert server.attempts("Молчок")[0]["feedback"] == feedback


def test_no_way_back(hold):
    with hold("--no-back", *TODAY) as server:
        browser = server.playing("Вперёд")
        browser.say("offer")
        assert not browser.page.buttons("back")
        fields = browser.page.sent("option", "refund")
        fields["back"] = fields.pop("option")
        assert browser.post("/play", fields).status == 422
        assert server.chosen("Вперёд") == ["offer"] and server.attempts("Вперёд")[0]["back_allowed"] == 0


def test_own_words_and_reasons(hold, parcel):
    with hold("--own-words", "--ask-why", *TODAY) as server:
        browser = server.playing("Слова")
        assert not browser.page.buttons("option")
        browser.press("words", "1", text="Сейчас узнаю!\r\nМинуту.")
        assert "Сейчас узнаю! Минуту." in browser.page.words
        browser.say("offer")
        assert "offer" not in browser.page.buttons("option") and not browser.page.buttons("option")
        browser.press("why", "1", text="Спешу")
        browser.press("words", "", text="не для журнала")
        browser.say("refund")
        browser.press("why", "")
        assert "Ирина довольна" in browser.page.words
        assert [event[:1] + event[2:4] for event in server.events("Слова")] == [
            ("words", None, "Сейчас узнаю!\nМинуту."),
            ("choose", "offer", None),
            ("why", "offer", "Спешу"),
            ("words", None, ""),
            ("choose", "refund", None),
            ("why", "refund", ""),
        ]
        (_, decisions, _) = debrief_pages(browser)
        assert "Сейчас узнаю! Минуту." in decisions.words and "Спешу" in decisions.words


def test_the_reason_comes_before_any_feedback(hold, parcel):
    with hold("--ask-why", *TODAY) as server:
        browser = server.playing("Почему")
        browser.say("offer")
        assert browser.page.buttons("why")
        because = plain(parcel.text("scenes.call.options.offer.because", "ru"))
        mine, token = server.attempts("Почему")[0]["attempt"], browser.page.forms[0].fields["token"]
        pages = [browser.page, browser.get("/talk"), browser.get("/disagree?n=0"), browser.get("/play")]
        assert not [page.path for page in pages if because in page.words]
        early = browser.post("/play", {"token": token, "attempt": mine, "disagree": "0", "text": "рано"})
        assert early.status == 422
        browser.get("/play")
        browser.press("why", "1", text="Так надо")
        assert because in browser.page.words


# ---- the trainer --------------------------------------------------------------------------------------------------


def test_pause_and_closing(hold):
    with hold(*TODAY) as server:
        trainer, browser, late = server.trainer(), server.playing("Пауза"), server.joined("Ждёт")
        done = server.playing("Готово")
        done.say("offer", "refund")
        before = browser.page.sent("option", "offer")

        steer(trainer, "paused", "1")
        refused = browser.post("/play", before)
        assert refused.status == 409 and "Look at the screen: now we talk." in browser.get("/play?lang=en").words
        assert not refused.buttons("option") and not server.events("Пауза")
        waiting = late.post("/play", late.page.sent("begin"))
        assert waiting.status == 409 and not waiting.buttons("begin") and not server.attempts("Ждёт")
        assert "Ирина довольна" in done.get("/play").words  # what is over may be read
        steer(trainer, "paused", "1")  # a double click
        steer(trainer, "paused", "0")
        assert browser.post("/play", before).status == 200
        assert server.chosen("Пауза") == ["offer"]

        steer(trainer, "entry", "0")
        stranger = Browser(server)
        shut = stranger.join("Опоздал")
        assert shut.status == 403 and shut.alert and shut.path == "/join"
        assert not server.rows("SELECT 1 FROM members WHERE name = 'Опоздал'")
        assert "refund" in browser.get("/play").buttons("option")  # who is in stays in
        steer(trainer, "entry", "1")
        stranger.get("/")
        assert stranger.join("Успел").path == "/play"

        open_page, once_more = browser.page.sent("option", "refund"), done.get("/play").sent("again")
        steer(trainer, "over", "1")
        assert browser.post("/play", open_page).status == 409
        assert not browser.get("/play").forms and browser.page.status == 200
        assert late.post("/play", late.page.sent("begin") if late.page.forms else waiting_fields(late)).status == 409
        assert done.post("/play", once_more).status == 409
        assert "Ирина довольна" in done.get("/play").words and len(debrief_pages(done)) == 3
        assert server.chosen("Пауза") == ["offer"] and not server.attempts("Ждёт")
        assert Browser(server).join("После").status == 403


def waiting_fields(browser: Browser) -> dict[str, str]:
    """The form that began a case, from a page that has it no more."""
    return {"token": proof(browser.cookies["trainkit"]), "begin": "late_parcel", "run": "0"}


def test_a_vote_again(hold):
    with hold(*TODAY, cases=(PARCEL, RACKET)) as server:
        trainer, ended, beginner, further = (
            server.trainer(), server.playing("Ответила"), server.playing("Начал"), server.playing("Дальше"),
        )  # fmt: skip
        ended.say("offer", "refund")
        further.say("when_needed", "offer", "send")
        further.press("begin", RACKET)
        further.say("pay")
        offered = further.page.buttons("option")

        steer(trainer, "ballot", scene="late_parcel/solve")
        assert ended.get("/play").form("option").fields["vote"] == "1"
        assert "send" not in ended.page.buttons("option")  # what was on offer then: she had not asked
        vote = ended.page.sent("option", "look")
        pages = at_once(lambda _: ended.copy().post("/play", vote), 6)
        assert [page.status for page in pages] == [200] * 6
        assert not any(page.buttons("option") for page in pages)
        changed = ended.post("/play", {**vote, "option": "rules"})
        assert changed.status == 409 and server.events("Ответила")[-1][:4] == ("revote", "solve", "look", "1")
        assert server.chosen("Ответила") == ["offer", "refund"]  # the first answer stays

        assert "offer" in beginner.get("/play").buttons("option") and "vote" not in beginner.page.form("option").fields
        forged = {"token": beginner.page.forms[0].fields["token"], "vote": "1", "option": "look"}
        assert beginner.post("/play", forged).status in (409, 422) and not server.events("Начал")

        further.get("/play")
        assert further.post("/play", {**further.page.sent("option", "look"), "option": "pay"}).status == 422
        further.get("/play")
        further.say("refund")
        assert server.events("Дальше", 0)[-1][:4] == ("revote", "solve", "refund", "1")
        steer(trainer, "ballot_end")
        assert further.get("/play").buttons("option") == offered  # where he was
        further.say(offered[0])
        assert server.chosen("Дальше", 1) == ["pay", offered[0]]
        assert ended.post("/play", vote).status in (200, 409)  # too late
        assert [event[0] for event in server.events("Ответила")].count("revote") == 1

        steer(trainer, "ballot", scene="late_parcel/solve")  # a second round has its own number
        assert ended.get("/play").form("option").fields["vote"] == "2"
        ended.say("refund")
        assert [event[2:4] for event in server.events("Ответила") if event[0] == "revote"] == [
            ("look", "1"),
            ("refund", "2"),
        ]


def test_buttons_of_the_board_pressed_twice_or_forged(hold):
    with hold() as server:
        trainer = server.trainer()
        for button in (("votes", "0"), ("paused", "1"), ("paused", "0")):
            for _ in range(2):  # the button says what it leads to: a double click doesn't undo itself
                steer(trainer, *button)
        assert [
            tuple(row)
            for row in server.rows("SELECT kind, setting FROM controls WHERE kind NOT IN ('trainer', 'entrance')")
        ] == [
            ("votes", "0"),
            ("paused", "1"),
            ("paused", "0"),
        ]
        steer(trainer, "ballot", scene="late_parcel/solve")
        before, token = server.count("controls"), proof(trainer.cookies["trainkit_remote"])
        pages = [trainer.post("/remote", {"do": "ballot", "scene": "late_parcel/solve", "token": token})]
        assert pages[0].status in (200, 409)  # a double click
        for forged in (
            {"do": "nonsense"},
            {"do": "trainer"},
            {"do": "show", "scene": "late_parcel/nowhere"},
            {"do": "show", "scene": "another/solve"},
            {"do": "show", "scene": "'; DROP TABLE controls; --"},
            {"paused": "2"},
            {"trainer": "1"},
            {},
        ):
            pages.append(trainer.post("/remote", {"token": token, **forged}))
            assert pages[-1].status in (400, 409, 422), (forged, pages[-1].status, pages[-1].words)
        assert server.count("controls") == before


def test_every_button_of_the_remote_is_understood(hold):
    with hold(*TODAY) as server:
        for number in range(6):
            guest = server.playing(f"Гость {number}")
            guest.say("offer", ("refund", "look", "rules")[number % 3])
            if number < 2:
                guest.get("/questions")
                guest.press("ask", text=f"Вопрос {number}")
        who = server.rows("SELECT member FROM members")[0]["member"]
        trainer, pressed = server.trainer(), set()
        places = ["tab=now", "tab=questions", "tab=people", f"tab=people&who={who}", "tab=more", "tab=more&sure=over"]
        for _ in range(120):
            offered = []
            for place in places:
                page = trainer.get(f"/remote?{place}")
                offered += [(page, button[:2]) for form in page.forms for button in form.buttons if not button[2]]
            left = [(page, button) for page, button in offered if button not in pressed]
            if not left:
                break
            page, button = min(left, key=lambda one: one[1])
            pressed.add(button)
            done = trainer.post("/remote", page.sent(*button))
            assert done.status == 200, (button, done.status, done.words)
        names = ("entry", "paused", "over", "votes", "key", "door", "box", "moderated")
        switches = {(name, value) for name in names for value in "01"}
        others = {("do", name) for name in ("show", "ballot", "ballot_end", "name", "places", "invite")}
        others |= {("question", f"{n} {state}") for n in (1, 2) for state in ("shown", "hidden", "answered")}
        assert switches <= pressed and others <= pressed, sorted((switches | others) - pressed)


@pytest.mark.slow
def test_people_are_renamed_and_removed(hold):
    with hold("--places", "3", *TODAY) as server:
        rude, calm = server.playing("Пупкин-дурак"), server.playing("Синица")
        rude.say("offer")
        trainer = server.trainer()
        who = {row["name"]: row["member"] for row in server.rows("SELECT name, member FROM members")}
        steer(trainer, "name", who=who["Пупкин-дурак"], name="Грач")
        people = trainer.get("/remote?tab=people").words
        assert "Грач" in people and "дурак" not in people and "Грач" in rude.get("/play").words
        rude.say("refund")
        rude.press("again")
        assert [row["participant"] for row in server.rows("SELECT participant FROM attempts ORDER BY number")] == [
            "Пупкин-дурак",  # what was logged stays
            "Синица",
            "Грач",
        ]
        open_page = calm.page.sent("option", "offer")
        steer(trainer, "remove", who=who["Синица"])
        assert calm.post("/play", open_page).path == "/" and not server.events("Синица")
        there, removed = trainer.get("/remote?tab=people").words.split("Убрали")
        assert calm.get("/link").path == "/" and "Синица" not in there and "Синица" in removed
        assert calm.join("Снова я").status == 403  # who was removed stays out, whatever the name
        other = Browser(server)
        again = other.join("Снова я")  # the door is open: to somebody else
        assert again.path == "/play" and server.count("members") == 3
        server.joined("Третий")
        full = Browser(server)
        assert full.join("Четвёртый").status == 403
        steer(trainer, "places", places="4")
        full.get("/")
        assert full.join("Четвёртый").path == "/play"
        token = proof(trainer.cookies["trainkit_remote"])
        for forged in (
            {"who": "nobody", "name": "Имя"},
            {"who": who["Синица"], "name": "Имя"},
            {"who": who["Пупкин-дурак"], "name": "—"},
        ):
            page = trainer.post("/remote", {"do": "name", "token": token, **forged})
            assert page.status == 422 and page.alert, forged
        for places in ("0", "-1", "много", "99999", ""):
            assert trainer.post("/remote", {"do": "places", "places": places, "token": token}).status == 422
        server.stop()
        server.start()  # what was done to people outlives a restart
        assert "Грач" in trainer.get("/remote?tab=people").words and other.get("/play").path == "/play"


def test_everybody_starts_together_and_the_trainer_opens_the_next_case(hold):
    with hold("--lobby", "--pace", "case", *TODAY, cases=(PARCEL, RACKET)) as server:
        trainer, early = server.trainer(), server.joined("Ранняя")
        assert not early.get("/play").buttons("begin") and "Начнём все вместе" in early.page.words
        assert "начнём все вместе" in Browser(server).get("/wall").words
        forged = early.post("/play", waiting_fields(early))
        assert forged.status == 409 and not server.attempts("Ранняя")
        trainer.get("/remote")
        trainer.post("/remote", trainer.page.sent("do", "open"))  # "next" is "everybody starts"
        trainer.post("/remote", {"do": "open", "opened": "1", "token": proof(trainer.cookies["trainkit_remote"])})
        early.get("/play")
        early.press("begin")
        late = server.playing("Поздний")  # who comes later gets in
        for one in (early, late):
            one.say("offer", "refund")
            assert not one.page.buttons("begin") and "откроет" in one.page.words
        assert early.post("/play", {**waiting_fields(early), "begin": RACKET, "run": "1"}).status == 409
        trainer.get("/remote")
        for _ in range(3):  # past the scenes of the first case
            if "open" in trainer.page.buttons("do"):
                break
            trainer.post("/remote", trainer.page.sent("do", "next"))
        trainer.post("/remote", trainer.page.sent("do", "open"))
        early.get("/play")
        early.press("begin", RACKET)
        assert [row["case_id"] for row in server.attempts("Ранняя")] == ["late_parcel", RACKET]
        server.stop(KILL)
        server.start()
        late.get("/play")
        assert late.page.buttons("begin") == [RACKET]  # a restart closes nothing


def test_who_may_go_on_alone_is_the_trainers_to_say(hold):
    with hold("--lobby", "--pace", "case", *TODAY, cases=(PARCEL, RACKET)) as server:
        trainer, quick = server.trainer(), server.joined("Быстрая")
        token = proof(trainer.cookies["trainkit_remote"])
        for wrong in ("0", "3", "-1", "все", ""):
            assert trainer.post("/remote", {"do": "open", "opened": wrong, "token": token}).status == 422
        assert trainer.post("/remote", {"do": "pace", "pace": "fast", "token": token}).status == 422
        steer(trainer, "open", opened="1")
        quick.get("/play")
        quick.press("begin")
        quick.say("offer", "refund")
        assert not quick.page.buttons("begin")
        steer(trainer, "pace", pace="free")
        quick.get("/play")
        quick.press("begin", RACKET)


def test_an_open_room_tells_the_trainer_and_an_anonymous_one_nobody(hold):
    for how in ("--open", "--anonymous"):
        with hold(how, "--new", *TODAY) as server:
            door = Browser(server).get("/").words
            assert ("Тренер видит, кто что сказал" in door) == (how == "--open")
            assert ("не видно ни на одном экране" in door) == (how == "--anonymous")
            for name in ("Аист", "Бук", "Грач"):
                server.playing(name).say("offer")
            trainer, wall = server.trainer(), Browser(server)
            people = trainer.get("/remote?tab=people").text
            assert people.count("<kbd>В</kbd>") == (3 if how == "--open" else 0) + 1  # one beside the reply
            shown = 'class="fill' in wall.get("/wall").text
            assert shown == (how == "--open"), "from three answers on"
            steer(trainer, "show", scene="late_parcel/call")
            assert ('class="fill' in trainer.get("/remote").text) == (how == "--open")
            pack = trainer.get("/remote/debrief").text
            assert ('class="bars"' in pack) == (how == "--open"), "paper has what the wall may show"


def test_a_second_trainer(hold):
    with hold(*TODAY) as server:
        first = server.trainer()
        page = first.post("/remote", {"do": "invite", "token": proof(first.cookies["trainkit_remote"])})
        (link,) = [href for href in page.links if "/t/" in href]
        second = Browser(server)
        assert second.get("/t/" + link.rsplit("/", 1)[1]).path == "/remote"
        steer(second, "paused", "1")
        steer(first, "paused", "1")  # both at once: it is paused
        assert "все ждут" in first.get("/remote").words
        assert link not in first.get("/remote?tab=more").text  # it is shown once


def test_anybody_may_see_the_wall_and_nothing_secret_is_on_it(hold):
    with hold(*TODAY) as server:
        stranger = Browser(server)
        assert server.code[:3] in stranger.get("/wall").words
        for name in ("Аист", "Бук", "Грач", "Дрозд", "Зяблик"):
            server.playing(name).say("offer")
        page = stranger.get("/wall?lang=en")
        assert "answers: at least 5" in page.words and not page.forms and not page.links
        assert not [name for name in ("Аист", "Бук", "/t/", "token") if name in page.text]
        assert stranger.post("/wall", {"paused": "1"}).status == 405
        steer(server.trainer(), "paused", "1")
        assert "Пауза" in stranger.get("/wall?lang=ru").words


def test_walls_are_few_and_a_crowd_of_them_keeps_no_trainer_out(hold):
    with hold(*TODAY) as server:
        trainer, open_walls = server.trainer(), []

        def listens(path, cookie=""):
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
            connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
            open_walls.append(connection)
            return connection.getresponse()

        answers = [listens("/wall/live") for _ in range(9)]
        assert [answer.status for answer in answers] == [200] * 6 + [429] * 3
        assert all(answer.readline() == b"event: alive\n" for answer in answers[:6])
        remote = listens("/remote/live", f"trainkit_remote={trainer.cookies['trainkit_remote']}")
        assert remote.status == 200 and remote.readline() == b"event: alive\n"
        for connection in open_walls:
            connection.close()
        assert eventually(lambda: listens("/wall/live").status == 200), "who has left makes room"
        for connection in open_walls:
            connection.close()


def eventually(true):
    """Wait until something is so; gives whether it came to be."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.3)
    return False


@pytest.mark.slow
def test_the_copy_of_the_log_is_whole(hold, tmp_path):
    with hold("--anonymous", *TODAY) as server:
        trainer = server.trainer()
        assert "/remote/backup" not in trainer.get("/remote?tab=more").text
        refused = trainer.ask("GET", "/remote/backup")  # one look into it says who said what
        assert refused.status == 422 and "trainkit backup" in refused.text
    with hold("--open", "--new", *TODAY) as server:
        server.playing("Аист").say("offer", "refund")
        trainer = server.trainer()
        trainer.get("/remote")
        page = trainer.ask("GET", "/remote/backup")
        assert page.status == 200 and ".sqlite3" in page.header("content-disposition")
        copy = tmp_path / "copy.sqlite3"
        copy.write_bytes(page.body)
        assert sqlite3.connect(copy).execute("SELECT count(*) FROM events").fetchone() == (2,)


def test_the_tables_are_of_this_class(hold):
    """The zip that the remote gives has what ``trainkit export`` writes, of this workshop alone."""
    with hold("--open", *TODAY) as server:
        server.playing("Аист").say("offer", "refund")
        trainer = server.trainer()
        trainer.get("/remote")
        page = trainer.ask("GET", "/remote/tables.zip")
        assert page.status == 200 and "-tables.zip" in page.header("content-disposition")
        zipped = zipfile.ZipFile(io.BytesIO(page.body))
        tables = {
            name.rpartition("/")[2]: zipped.read(name).decode("utf-8-sig")
            for name in zipped.namelist()
            if name.endswith(".csv")
        }
        assert {*tables} == {"decisions.csv", "attempts.csv", "events.csv", "people.csv", "codebook.csv"}
        assert "Аист" in tables["people.csv"] and len(tables["events.csv"].splitlines()) == 3
        assert Browser(server).get("/remote/tables.zip").status == 403


def test_an_anonymous_room_gives_no_tables_which_have_a_row_a_person(hold):
    """Whoever is removed between two of them would be the row that has gone, with all that they said."""
    with hold("--anonymous", *TODAY) as server:
        server.playing("Аист").say("offer", "refund")
        trainer = server.trainer()
        trainer.get("/remote?tab=more")
        assert "to-tables" not in trainer.page.text
        page = trainer.get("/remote/tables.zip")
        assert page.status == 422 and f"trainkit export --workshop {server.code}" in page.words


def test_conditions_are_balanced(hold):
    case = casebook.load_case(RACKET)
    with hold(cases=(RACKET,)) as server:
        for number in range(20):
            server.playing(f"Гость {number}")
        seeds = [row["seed"] for row in server.rows("SELECT seed FROM attempts")]
        items = Counter(dict(zip(case.facts, draw_facts(case, seed), strict=True))["item"] for seed in seeds)
        assert len(seeds) == 20 and set(items) == {"racket", "watch"} and 8 <= items["racket"] <= 12

        guests = [server.joined(f"Вместе {number}") for number in range(40)]
        at_once(lambda n: guests[n].press("begin"), 40)  # "now begin, all of you"
        seeds = [row["seed"] for row in server.rows("SELECT seed FROM attempts WHERE participant LIKE 'Вместе%'")]
        together = Counter(dict(zip(case.facts, draw_facts(case, seed), strict=True))["item"] for seed in seeds)
        assert len(seeds) == 40 and abs(together["racket"] - together["watch"] + items["racket"] - items["watch"]) <= 4


@pytest.mark.slow
def test_one_story_a_room(hold):
    case, told = casebook.load_case(RACKET), set()
    for _ in range(5):  # rooms: not all of one kind, but each of one
        with hold("--story", "one", "--new", cases=(RACKET,)) as server:
            this = server.rows("SELECT max(number) AS before FROM attempts")[0]["before"] or 0
            people = [server.playing(f"Гость {number}") for number in range(4)]
            begun = server.rows("SELECT seed, drawn FROM attempts WHERE number > ?", this)
            assert {row["drawn"] for row in begun} == {"one"} and len({row["seed"] for row in begun}) == 1
            told.add(draw_facts(case, begun[0]["seed"]))
            while options := people[0].page.buttons("option"):
                people[0].press("option", options[-1])
            people[0].press("again")  # whoever plays again has a story of their own
            again = server.rows("SELECT seed, drawn FROM attempts ORDER BY number DESC LIMIT 1")[0]
            assert again["drawn"] == "own" and draw_facts(case, again["seed"]) != draw_facts(case, begun[0]["seed"])
    assert len(told) > 1


@pytest.mark.slow
def test_each_half_has_a_story_of_its_own(hold):
    case = casebook.load_case(RACKET)

    def told(server):
        return Counter(
            draw_facts(case, row["seed"]) for row in server.rows("SELECT seed FROM attempts WHERE drawn = 'half'")
        )

    with hold("--story", "half", cases=(RACKET,)) as server:
        for number in range(12):
            server.playing(f"Гость {number}")
        assert sorted(told(server).values()) == [6, 6] and len({case.design_of(one) for one in told(server)}) == 2
        server.stop(KILL)
        server.start()
        for number in range(2):
            server.playing(f"Позже {number}")
        assert sorted(told(server).values()) == [7, 7]  # the same two after a restart


def test_a_full_room(hold):
    with hold("--places", "3", *TODAY) as server:
        inside = [server.joined(f"Гость {number}") for number in range(3)]
        late = Browser(server)
        late.get("/?lang=en")
        page = late.join("Четвёртый")
        assert page.status == 403 and "This class is full" in page.alert and server.count("members") == 3
        inside[0].press("begin")
        assert "offer" in inside[0].page.buttons("option")
