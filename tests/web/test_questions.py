"""The box of questions: asked without a name, read by the trainer first, voted for once each. Real server, HTTP and log."""

import re

import pytest
from support.class_server import PARCEL, TODAY, Browser, at_once, held, steer

from trainkit.room.questions import voter_of
from trainkit.web.security import proof

LONG = "Почему " * 50  # 349 characters
BURST = 5  # questions that one phone may ask at once


def sort(trainer, number, state):
    """Press a button of a question, whatever the remote looks like."""
    return trainer.post(
        "/remote?tab=questions",
        {"do": "question", "question": f"{number} {state}", "token": proof(trainer.cookies["trainkit_remote"])},
    )


def asks(browser, text):
    """Ask by the page as it is."""
    browser.get("/questions")
    return browser.press("ask", text=text)


def asked(server):
    return [row["text"] for row in server.rows("SELECT text FROM questions ORDER BY number")]


def readable(browser):
    """Questions that a phone shows."""
    return re.findall(r'<p class="said" id="q-\d+">(.*?)</p>', browser.get("/questions").text)


def leads(browser, path="/play"):
    return "/questions" in browser.get(path).links


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """A class that tests share which leave the trainer's switches alone."""
    with held(tmp_path_factory.mktemp("questions"), *TODAY) as server:
        yield server


def test_a_question_from_a_phone_to_the_wall(hold):
    with hold("--open", *TODAY) as server:
        trainer, one, two = server.trainer(), server.joined("Аист"), server.playing("Бук")
        page = asks(one, "  Почему\r\nникто не спросил? ")
        assert (page.status, page.path) == (200, "/questions?sent") and "Вопрос у тренера" in page.words
        assert readable(one) == readable(two) == [], "the trainer reads it first"
        remote = trainer.get("/remote?tab=questions")
        assert "Почему никто не спросил?" in remote.words and "Вопросы 1" in remote.words
        assert sort(trainer, 1, "shown").status == 200 and "Вопросы 1" not in trainer.page.words
        assert readable(one) == readable(two) == ["Почему никто не спросил?"]
        assert two.press("vote", "1").status == 200 and "вы тоже" in two.page.words and not two.page.buttons("vote")
        assert one.get("/questions").buttons("vote") == ["1"] and "вы тоже" not in one.page.words
        # on the wall, instead of a scene or the way in, until it is answered; a pause and the end come before it
        assert "Почему" not in one.get("/wall").words
        sort(trainer, 1, "wall")
        for stage, there in (("paused", True), ("over", False)):
            wall = one.get("/wall")
            assert "Почему никто не спросил?" in wall.words and "1 тоже хочет знать" in wall.words
            assert "is-question" in wall.text and "Аист" not in wall.text and "Бук" not in wall.text
            steer(trainer, stage, "1")
            assert ("Почему" in one.get("/wall").words) == there
            steer(trainer, stage, "0")
        assert "На экране вопрос" in trainer.get("/remote").words
        sort(trainer, 1, "answered")
        assert "Почему" not in one.get("/wall").words and readable(two) == ["Почему никто не спросил?"]
        assert not one.get("/questions").buttons("vote") and "отвечено" in one.page.words
        assert "Почему никто не спросил?" in trainer.get("/remote/debrief").words
        sort(trainer, 1, "hidden")
        assert readable(one) == [] and "Почему" not in trainer.get("/remote/debrief").words
        # nowhere a name, in an open room neither
        sort(trainer, 1, "shown")
        panel = trainer.get("/remote?tab=questions").text.partition('class="panel"')[2]
        assert "Почему" in panel and "Аист" not in panel and "Бук" not in panel
        server.stop()
        server.start()
        assert readable(one) == ["Почему никто не спросил?"], "a restart loses nothing"


def test_another_scene_or_a_vote_takes_the_question_off_the_wall(hold):
    with hold(*TODAY) as server:
        trainer, one = server.trainer(), server.playing("Аист")
        one.say("offer")
        asks(one, "Почему?")
        for button, value in (("show", "late_parcel/call"), ("ballot", "late_parcel/call")):
            sort(trainer, 1, "wall")
            assert "is-question" in one.get("/wall").text
            steer(trainer, button, scene=value)
            assert "is-question" not in one.get("/wall").text
        assert [row["setting"] for row in server.rows("SELECT setting FROM controls WHERE kind = 'question'")] == [
            "1 wall",
            "1 shown",
        ] * 2


def test_sent_twice_it_is_one_question(room):
    one = room.joined("Дважды")
    one.get("/questions")
    form = one.page.sent("ask", text="Дважды?")
    pages = at_once(lambda n: one.copy().post("/questions", form), 4)
    assert {page.status for page in pages} == {200}
    assert one.post("/questions", form).status == 200, "sent again later"
    assert asked(room).count("Дважды?") == 1
    one.post("/questions", form | {"text": "Дважды? И другой."})  # back, and something else is written in the same form
    assert asked(room).count("Дважды? И другой.") == 1
    other = room.joined("Дважды")  # another person who wants to know the same
    asks(other, "Дважды?")
    assert asked(room).count("Дважды?") == 2
    asks(
        other, "Дважды?"
    )  # by another visit it is another: the browser's secret and the words alone don't lead to its id
    assert asked(room).count("Дважды?") == 3


def test_what_is_refused_is_kept(room):
    one, before = room.joined("Длинно"), room.count("questions")
    for text, said in ((LONG, "В вопросе не больше 300 знаков, в вашем 349."), ("  ?! ", "Сначала напишите вопрос.")):
        page = asks(one, text)
        assert page.status == 422 and said in page.words
        assert f">{text}</textarea>" in page.text.replace("\r\n", "\n")
        assert page.alert
    assert room.count("questions") == before
    page = asks(one, '<script>alert("x")</script> & «Почему?»')
    assert page.status == 200 and "<script>alert" not in room.trainer().get("/remote?tab=questions").text
    forged = one.post("/questions", {"text": "Чужой?", "token": "0" * 32, "visit": "x"})
    assert forged.status == 403 and "Чужой?" not in asked(room)
    for path, fields in (("/questions", {}), ("/questions", {"vote": "1" * 40}), ("/questions", {"vote": "²"})):
        token = proof(one.cookies["trainkit"])
        assert one.post(path, {"token": token, **fields}).status in (409, 422), fields
    assert one.ask("PUT", "/questions").status == 405


def test_two_hundred_questions_in_a_minute_from_one_phone(room):
    one, other, before = room.joined("Поток"), room.joined("Тихо"), room.count("questions")
    one.get("/questions")
    form = one.page.sent("ask")
    pages = [one.post("/questions", form | {"text": f"Вопрос {n}?"}) for n in range(200)]
    took = [page for page in pages if page.status == 200]
    assert BURST <= len(took) <= BURST + 3 and room.count("questions") == before + len(took)
    refused = pages[-1]
    assert refused.status == 429 and "Слишком много вопросов сразу" in refused.words and refused.header("retry-after")
    assert ">Вопрос 199?</textarea>" in refused.text, "what was typed is kept"
    assert asks(other, "А можно мне?").status == 200 and "А можно мне?" in asked(room)


def test_one_person_votes_once_on_all_their_devices(room):
    author, one, two, trainer = room.joined("Автор"), room.joined("Голос"), room.joined("Другой"), room.trainer()
    asks(author, "Кто за?")
    (row,) = room.rows("SELECT * FROM questions WHERE text = 'Кто за?'")
    number, question = row["number"], row["question"]
    form = {"token": proof(one.cookies["trainkit"]), "vote": str(number)}
    assert one.post("/questions", form).status == 409, "nobody votes for what the room doesn't see"
    sort(trainer, number, "shown")
    assert {page.status for page in at_once(lambda n: one.copy().post("/questions", form), 4)} == {200}
    link = next(href for href in one.get("/link").links if "/me/" in href).removeprefix(room.address)
    tablet = Browser(room)
    tablet.get(link)
    assert "вы тоже" in tablet.get("/questions").words and str(number) not in tablet.page.buttons("vote")
    assert tablet.post("/questions", form | {"token": proof(tablet.cookies["trainkit"])}).status == 200
    two.get("/questions")
    two.press("vote", str(number))
    voters = [row["voter"] for row in room.rows("SELECT voter FROM upvotes WHERE question = ?", question)]
    assert len(voters) == 2 and voter_of(link.removeprefix("/me/"), question) in voters
    sort(trainer, number, "answered")
    late = room.joined("Поздно")
    assert late.post("/questions", form | {"token": proof(late.cookies["trainkit"])}).status == 409


def test_a_vote_and_a_look_keep_what_is_being_written(room):
    one, two, trainer = room.joined("Пишет"), room.joined("Пишет2"), room.trainer()
    asks(two, "Что раньше?")
    number = room.rows("SELECT number FROM questions WHERE text = 'Что раньше?'")[0]["number"]
    sort(trainer, number, "shown")
    one.get("/questions")
    page = one.press("vote", str(number), text="Ещё не дописал")
    assert page.status == 200 and ">Ещё не дописал</textarea>" in page.text and str(number) not in page.buttons("vote")
    page = one.press("look", text="Ещё не дописал")
    assert ">Ещё не дописал</textarea>" in page.text and "Ещё не дописал" not in asked(room)
    assert one.press("ask", text="Дописал?").path == "/questions?sent" and "Дописал?" in asked(room)
    assert one.press("look").path == "/questions"


def test_the_way_to_the_box_is_where_one_can_ask(hold):
    with hold("--own-words", *TODAY) as server:
        trainer, one, two = server.trainer(), server.joined("Аист"), server.joined("Бук")
        assert leads(one) and "Спросить без имени" in one.page.words
        asks(two, "Почему?")
        two.get("/play")
        two.press("begin")
        assert two.page.buttons("words") and not leads(two), "what is being written would be lost"
        two.press("words", "1", text="Сам скажу")
        assert leads(two)
        steer(trainer, "paused", "1")
        assert leads(two) and "is-pause" in two.page.text
        assert two.get("/questions").status == 200 and two.page.buttons("ask"), "a pause is when one asks"
        steer(trainer, "paused", "0")
        two.get("/play")
        two.press("option", "offer")
        steer(trainer, "ballot", scene="late_parcel/call")
        assert two.get("/play").buttons("option") and not leads(two), "now one votes"
        two.get("/play")
        two.press("option", "offer")
        assert leads(two), "the vote is in"
        # no page with the field renews itself, it is told on it that the class goes on; sorting questions renews no phone
        assert "http-equiv" not in one.get("/questions").text and " data-stays>" in one.page.text
        assert f'data-state="{one.get("/pulse").text}"' in one.get("/questions").text
        pulse = two.get("/pulse").text
        sort(trainer, 1, "shown")
        assert two.get("/pulse").text == pulse
        # closed by the trainer: no link, what was sent is said not to be taken and kept
        form = one.get("/questions").sent("ask", text="Успел?")
        for switch, value in (("box", "0"), ("over", "1")):
            steer(trainer, switch, value)
            assert two.get("/pulse").text != pulse, "phones take the link away"
            assert not leads(one) and not leads(two)
            page = one.post("/questions", form)
            assert page.status == 409 and "Успел?" in page.words and not page.buttons("ask")
            assert one.press("look").status == 200
            assert not page.buttons("vote") and readable(one) == ["Почему?"]
            steer(trainer, switch, str(1 - int(value)))
        assert asked(server) == ["Почему?"] and leads(one)
        member = server.rows("SELECT member FROM members WHERE name = 'Аист'")[0]["member"]
        steer(trainer, "remove", who=member)
        assert one.post("/questions", form).path == "/" and one.get("/questions").path == "/"
        assert asked(server) == ["Почему?"]


def test_unmoderated_the_room_sees_it_at_once(hold):
    with hold(*TODAY) as server:
        trainer, one, two = server.trainer(), server.joined("Аист"), server.joined("Ash", lang="en")
        asks(one, "До того?")
        steer(trainer, "moderated", "0")
        assert "Зал увидит его сразу" in one.get("/questions").words
        assert "Вопрос принят" in asks(one, "Сразу?").words
        assert readable(two) == ["Сразу?"] and "What the room wants to know" in two.page.words
        steer(trainer, "moderated", "1")
        asks(one, "После?")
        assert readable(two) == ["Сразу?"], "what has been seen stays, what comes waits"
        assert sort(trainer, 2, "hidden").status == 200 and readable(two) == []


def test_what_is_pressed_wrongly_on_the_remote_changes_nothing(hold):
    with hold(*TODAY) as server:
        trainer, one = server.trainer(), server.joined("Аист")
        asks(one, "Почему?")
        before = server.count("controls")
        wrong = [(1, "shwon"), (2, "shown"), (0, "shown"), ("²", "wall"), ("", ""), ("1" * 30, "wall"), (-1, "wall")]
        for number, state in wrong:
            page = sort(trainer, number, state)
            assert page.status == 422 and page.words, (number, state)
        assert "shown" in sort(trainer, 1, "shwon").words, "the nearest right name"
        assert server.count("controls") == before
        pressed = at_once(lambda n: sort(trainer.copy(), 1, "wall"), 4)
        assert {page.status for page in pressed} == {200} and server.count("controls") == before + 1
        assert one.post("/remote", {"do": "question", "question": "1 wall"}).status == 403


def test_many_questions_make_a_short_page(hold):
    with hold(*TODAY) as server:
        steer(trainer := server.trainer(), "moderated", "0")
        for k in range(4):
            one = server.joined(f"Гость {k}")
            for n in range(BURST):
                asks(one, f"Вопрос {k}.{n}? ".ljust(300, "ю"))
        assert len(readable(one)) == 10 and "/questions?all" in one.page.links and len(one.page.body) < 15_000
        assert len(re.findall(r'id="q-\d+"', one.get("/questions?all").text)) == 20
        one.press("vote", "20")
        assert readable(one)[0].startswith("Вопрос 3.4?"), "the most wanted first"
        assert len(re.findall(r'class="q"', trainer.get("/remote?tab=questions").text)) == 20


def test_who_has_not_joined_asks_nothing(hold):
    with hold(cases=(PARCEL,)) as server:
        one = server.joined("Аист")
        assert one.get("/questions").status == 200
        stranger = server.trainer()
        assert stranger.get("/questions").path == "/" and stranger.post("/questions", {"text": "Кто я?"}).path == "/"
        assert asked(server) == []
