"""A class as its trainer wants it: the settings, and every button of the board. Real server, HTTP and log."""

from collections import Counter

import pytest
from support.class_server import PARCEL, RACKET, TODAY, Browser, at_once, debrief_pages, plain, steer, walk

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

        open_page = browser.page.sent("option", "refund")
        steer(trainer, "over", "1")
        assert browser.post("/play", open_page).status == 409
        assert not browser.get("/play").forms and browser.page.status == 200
        assert late.post("/play", late.page.sent("begin") if late.page.forms else waiting_fields(late)).status == 409
        assert done.post("/play", done.page.sent("again")).status == 409
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
        assert [tuple(row) for row in server.rows("SELECT kind, setting FROM controls WHERE kind != 'trainer'")] == [
            ("votes", "0"),
            ("paused", "1"),
            ("paused", "0"),
        ]
        steer(trainer, "ballot", scene="late_parcel/solve")
        before, token = server.count("controls"), proof(trainer.cookies["trainkit_board"])
        pages = [trainer.post("/board", {"do": "ballot", "scene": "late_parcel/solve", "token": token})]
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
            pages.append(trainer.post("/board", {"token": token, **forged}))
            assert pages[-1].status in (400, 409, 422), (forged, pages[-1].status, pages[-1].words)
        assert server.count("controls") == before


def test_every_button_of_the_board_is_understood(hold):
    with hold(*TODAY) as server:
        for number in range(6):
            server.playing(f"Гость {number}").say("offer", ("refund", "look", "rules")[number % 3])
        trainer, pressed = server.trainer(), set()
        trainer.get("/board")
        for _ in range(60):
            shown = {button[:2] for form in trainer.page.forms for button in form.buttons}
            left = sorted(shown - pressed)
            if not left:
                break
            pressed.add(left[0])
            page = trainer.post("/board", trainer.page.sent(*left[0]))
            assert page.status == 200 and page.path == "/board", (left[0], page.status, page.words)
        switches = {(name, value) for name in ("entry", "paused", "over", "names", "votes", "key") for value in "01"}
        assert switches <= pressed and {("do", "show"), ("do", "ballot"), ("do", "ballot_end")} <= pressed


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


def test_a_full_room(hold):
    with hold("--places", "3", *TODAY) as server:
        inside = [server.joined(f"Гость {number}") for number in range(3)]
        late = Browser(server)
        late.get("/?lang=en")
        page = late.join("Четвёртый")
        assert page.status == 403 and "This class is full" in page.alert and server.count("members") == 3
        inside[0].press("begin")
        assert "offer" in inside[0].page.buttons("option")
