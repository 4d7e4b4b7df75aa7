"""The box of questions in real Chromium: phones with and without JavaScript, the remote, the wall; axe finds nothing."""

from functools import partial

import pytest
from support.class_pages import class_pages
from support.class_pages import looked_at as looked_at_wide
from support.class_server import held, steer

from trainkit.room.records import MAX_QUESTION
from trainkit.web.security import proof

LONG = "Если клиент приходит в третий раз, чека нет, камер нет, а директор говорит «решай сам», с чего начать? "


@pytest.fixture
def opened(chromium, tmp_path):
    """A room, and pages of it for whoever has these cookies."""
    with held(tmp_path, cases=["racket_refund"]) as server, class_pages(chromium) as open_:
        yield server, partial(open_, server)


def looked_at(page, name, whole_screen=False):
    """A picture to be looked at; axe finds nothing, nothing is cut off."""
    looked_at_wide(page, f"questions-{name}")
    if whole_screen:
        assert page.evaluate("document.documentElement.scrollHeight") <= page.viewport_size["height"], name


PHONE, LAPTOP = {"viewport": {"width": 390, "height": 844}}, {"viewport": {"width": 1280, "height": 800}}


@pytest.mark.long
def test_a_question_goes_round_the_room(opened):
    server, open_ = opened
    trainer = server.trainer()
    remote = open_("/remote?tab=questions", trainer, **PHONE)
    wall = open_("/wall", viewport={"width": 1920, "height": 1080})

    phone = open_("/play", server.joined("Аист"), **PHONE)
    looked_at(phone, "lobby")
    phone.click("text=Спросить без имени")
    phone.fill("textarea", "Почему никто не спросил Тимура?")
    phone.dblclick("button[name=ask]")
    phone.wait_for_selector("text=Вопрос у тренера")
    assert server.count("questions") == 1 and phone.input_value("textarea") == ""

    plain = open_("/questions", server.joined("Бук"), java_script_enabled=False, **PHONE)
    plain.fill("textarea", LONG.ljust(MAX_QUESTION + 1, "ю"))
    plain.click("button[name=ask]")
    assert plain.input_value("textarea").startswith(LONG) and plain.locator("[role=alert]").count() == 1
    plain.fill("textarea", (LONG * 4)[: MAX_QUESTION - 1] + "?")
    plain.click("button[name=ask]")
    assert server.count("questions") == 2

    # the remote by itself, while the trainer looks at it
    remote.wait_for_selector("#q-2-shown")
    assert remote.inner_text("#tab-questions b") == "2"
    remote.click("#q-1-shown")
    remote.wait_for_selector("#q-1-wall")
    remote.click("#q-2-shown")
    remote.wait_for_selector("#q-2-wall")
    assert remote.locator("#tab-questions b").count() == 0

    # a vote doesn't lose what is being written, with JavaScript or without
    for page, voted in ((phone, 2), (plain, 1)):
        page.goto(server.address + "/questions")
        page.fill("textarea", "Ещё пишу")
        page.click(f"button[name=vote][value='{voted}']")
        page.wait_for_selector("text=вы тоже")
        assert page.input_value("textarea") == "Ещё пишу"
    assert server.count("upvotes") == 2

    remote.click("#q-2-wall")
    wall.wait_for_selector(".wall.is-question")
    looked_at(wall, "wall", whole_screen=True)
    remote.click("#knob-pause")
    wall.wait_for_selector(".wall.is-waiting")
    phone.wait_for_selector(".onward")  # who writes is told that the class has gone on, and goes on writing
    assert phone.input_value("textarea") == "Ещё пишу"
    remote.click("#knob-pause")
    wall.wait_for_selector(".wall.is-question")
    remote.wait_for_selector("#q-2-wall[aria-pressed=true]")
    looked_at(remote, "remote", whole_screen=True)
    steer(trainer, "door", "1")
    for lang, scheme, shape in (
        ("en", "dark", {"width": 1280, "height": 720}),
        ("ru", "light", {"width": 1920, "height": 1080}),
    ):
        beside = open_(f"/wall?lang={lang}", viewport=shape, color_scheme=scheme)
        looked_at(beside, f"late-{lang}-{scheme}", whole_screen=True)

    for lang, scheme in (("ru", "light"), ("en", "dark")):
        page = open_(f"/questions?lang={lang}", server.joined(f"Гость {lang}"), color_scheme=scheme, **PHONE)
        looked_at(page, f"phone-{lang}-{scheme}")
        for tab in ("questions", "now"):
            page = open_(f"/remote?tab={tab}&lang={lang}", trainer, color_scheme=scheme, **LAPTOP)
            looked_at(page, f"remote-{tab}-{lang}-{scheme}", whole_screen=True)
    trainer.post(
        "/remote", {"do": "question", "question": "2 answered", "token": proof(trainer.cookies["trainkit_remote"])}
    )
    wall.wait_for_selector(".wall.is-lobby")
