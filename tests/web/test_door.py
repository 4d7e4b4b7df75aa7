"""The door: in the phone's language, what was entered is kept, two of one name are told apart, a link asks."""

from urllib.parse import urlencode

import pytest
from support.class_server import RACKET, Browser
from support.hostile import FORM

from trainkit.web.context import liked_best

# ---- languages ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "lang"),
    [
        ("en", "en"),
        ("en-GB,en;q=0.9,ru;q=0.8", "en"),
        ("uk-UA,ru;q=0.9,en;q=0.3", "ru"),
        ("de,EN-us ; q=0.7, ru;q=0.200", "en"),
        ("en,ru", "en"),
        ("ru;q=0,en;q=0.1", "en"),
        ("de, *;q=0.1", "ru"),
        ("ru;q=0, *;q=0.5", "en"),
        ("en;q=0", "ru"),
        ("de", "ru"),
        ("", "ru"),
        (";;q=,en;q=2,*;q=x," * 50, "ru"),
    ],
)
def test_the_language_a_phone_likes_best(accepted, lang):
    assert liked_best(accepted, ("ru", "en")) == lang


def test_a_phone_is_spoken_to_in_its_language_from_the_first_byte(room):
    phone, english = Browser(room), {"Accept-Language": "en-GB,en;q=0.9,ru;q=0.8"}
    assert '<html lang="en">' in phone.get("/", **english).text and "Join the class" in phone.page.words
    assert "Unknown link" in phone.get("/me/nobody-s-link", **english).words
    assert '<html lang="ru">' in phone.get("/?lang=ru", **english).text
    assert '<html lang="ru">' in phone.get("/", **english).text, "what was asked for here comes first"
    german = Browser(room)
    assert '<html lang="ru">' in german.get("/", **{"Accept-Language": "de"}).text
    fields = german.page.forms[0].fields | {"code": room.code, "name": "Fern", "consent": "1"}
    page = german.post("/join", fields, **english)  # it is kept from here on
    assert page.path == "/play" and german.cookies["trainkit_lang"] == "en"
    assert room.rows("SELECT lang FROM members WHERE name = 'Fern'")[0]["lang"] == "en"


def test_the_wall_speaks_the_room_s_language_whatever_the_laptop_likes(room):
    for path in ("/remote", "/wall"):
        assert '<html lang="ru">' in room.trainer().get(path, **{"Accept-Language": "en"}).text
    assert '<html lang="ru">' in Browser(room).get("/wall", **{"Accept-Language": "en"}).text


# ---- what was entered is kept -----------------------------------------------------------------------------------


def entered(page):
    (form,) = (form for form in page.forms if form.action == "/join")
    return {name: form.fields.get(name) for name in ("code", "name", "pair", "consent")}


def wrong(page):
    """Names of the fields that are marked as wrong, and of those that have the keyboard."""
    inputs = [said for tag, said in page.tags if tag == "input"]
    invalid = [
        said["name"] for said in inputs if said.get("aria-invalid") == "true" and "error" in said["aria-describedby"]
    ]
    return invalid, [said["name"] for said in inputs if "autofocus" in said]


@pytest.mark.parametrize(
    ("mistake", "field"),
    [({"code": "000 000"}, "code"), ({"name": "…"}, "name"), ({"consent": None}, "consent")],
)
def test_a_mistake_keeps_everything_that_was_entered(room, mistake, field):
    browser = Browser(room)
    assert wrong(browser.get("/")) == ([], [])
    filled = {"code": room.code, "name": "Ирис", "pair": "1", "consent": "1"} | mistake
    sent = {name: value for name, value in filled.items() if value is not None}
    page = browser.post("/join", browser.page.forms[0].fields | sent)
    assert page.alert and entered(page) == filled and wrong(page) == ([field], [field])


@pytest.mark.parametrize("said", ["", "0", "off", " 1"])
def test_only_the_box_itself_is_a_consent(room, said):
    browser = Browser(room)
    browser.get("/")
    page = browser.post("/join", browser.page.forms[0].fields | {"code": room.code, "name": "Нет", "consent": said})
    assert page.status == 422 and wrong(page) == (["consent"], ["consent"]) and entered(page)["consent"] is None
    assert not room.rows("SELECT 1 FROM members WHERE name = 'Нет'")


def test_a_pair_that_was_ticked_by_mistake_can_be_unticked(room):
    browser = Browser(room)
    browser.get("/")
    fields = browser.page.forms[0].fields | {"code": room.code, "name": "…", "pair": "1", "consent": "1"}
    fields = browser.post("/join", fields).forms[0].fields | {"name": "Одна"}
    del fields["pair"]
    assert browser.post("/join", fields).path == "/play"
    assert room.rows("SELECT pair FROM members WHERE name = 'Одна'")[0]["pair"] == 0


def test_who_guessed_too_often_has_what_was_entered_to_try_again(hold):
    with hold() as server:
        browser = Browser(server)
        for _ in range(12):
            page = browser.join("Ирис", code="000 000", pair=True)
            if page.status == 429:
                break
        assert page.status == 429 and int(page.header("retry-after")) > 0 and "Подождите" in page.alert
        assert entered(page) == {"code": "000 000", "name": "Ирис", "pair": "1", "consent": "1"}


# ---- names ----------------------------------------------------------------------------------------------------


def test_two_of_one_name_are_told_apart(hold):
    with hold(cases=(RACKET,)) as server:
        first, second = server.joined("Синица"), server.joined("Си\u00adница")
        assert "Синица (2)" not in first.page.words and "Такое имя" not in first.page.words
        assert "Такое имя здесь уже есть. Тренер видит вас как «Синица (2)»." in second.page.words
        assert "Синица (2), вы на занятии" in second.page.words
        for browser in (first, second):
            browser.press("begin")
        assert "· Синица (2)" in second.page.words and "· Синица (2)" not in first.page.words
        assert [row["name"] for row in server.rows("SELECT name FROM members")] == ["Синица"] * 2
        assert len(server.attempts("Синица")) == 2, "the log has what was typed"
        trainer = server.trainer()
        assert "Синица (2)" in trainer.get("/remote?tab=people").words
        assert "Синица (2)" in trainer.get("/remote/debrief?names").words
        server.stop()
        server.start()
        assert "· Синица (2)" in second.get("/play").words


def test_a_name_in_another_unicode_form_is_the_same_name(hold):
    with hold() as server:
        server.joined("Йод")
        assert "«Йод (2)»" in server.joined("И\u0306од").page.words
        assert {row["name"] for row in server.rows("SELECT name FROM members")} == {"Йод"}


# ---- the link of another seat -----------------------------------------------------------------------------------


def linked(browser):
    return next(href for href in browser.get("/link").links if "/me/" in href).removeprefix(browser.server.address)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_link_of_another_seat_asks_before_it_replaces_one_s_own(room, method):
    mine, theirs = room.joined(f"Своя {method}"), room.joined(f"Чужая {method}")
    link, own = linked(theirs), dict(mine.cookies)
    page = mine.ask(method, link)
    assert page.status == 200 and not page.moved and mine.cookies == own
    page = mine.get(link)
    assert f"Своя {method}" in page.words and f"Чужая {method}" in page.words and "/play" in page.links
    assert f"Своя {method}" in mine.get("/play").words, "who goes away from the question stays"
    forged = mine.post(link, {"token": "0" * 32})
    assert forged.status == 403 and mine.cookies == own
    (form,) = mine.get(link).forms
    assert mine.post(link, form.fields).path == "/play"
    assert f"Чужая {method}" in mine.page.words and mine.cookies != own


def test_no_other_site_puts_somebody_into_a_seat_behind_their_back(room):
    """Browsers keep a Lax cookie back from other sites' forms and pictures: the request looks as if nobody sat here."""
    link = linked(room.joined("Чужая"))
    picture = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    for method, headers, status in (
        ("POST", {"Origin": "https://evil.example"}, 403), ("POST", {"Origin": "null"}, 403), ("POST", {}, 403),
        ("HEAD", {}, 303), ("GET", picture, 303),
    ):  # fmt: skip
        nobody = Browser(room)
        body = (
            {"body": urlencode({"token": "0" * 32}), "headers": headers | FORM}
            if method == "POST"
            else {"headers": headers}
        )
        page = nobody.ask(method, link, **body, follow=False)
        assert page.status == status and not nobody.cookies, (method, headers, nobody.cookies)
    for said in ("none", "same-origin"):  # a QR code, an app, an address that is typed; a page of the class
        by_hand = Browser(room)
        assert by_hand.get(link, **{"Sec-Fetch-Site": said, "Sec-Fetch-Mode": "navigate"}).path == "/play"
        assert "Чужая" in by_hand.page.words


@pytest.mark.parametrize("said", ["cross-site", "same-site"])
def test_a_link_on_a_page_elsewhere_asks_who_has_no_seat_yet(room, said):
    link, elsewhere = linked(room.joined(f"Злая {said}")), {"Sec-Fetch-Site": said, "Sec-Fetch-Mode": "navigate"}
    phone = Browser(room)
    page = phone.get(link, **elsewhere)
    assert page.path == link and f"Злая {said}" in page.words and "Это ваша ссылка?" in page.words
    assert phone.get("/play").path == "/", "nobody sits here yet"
    assert phone.join(f"Своя {said}").path == "/play" and f"Своя {said}" in phone.page.words
    mine = Browser(room)
    (form,) = mine.get(link, **elsewhere).forms
    assert mine.post(link, {"token": "0" * 32}).status == 403
    assert mine.post(link, form.fields).path == "/play" and f"Злая {said}" in mine.page.words


@pytest.mark.parametrize(
    "said",
    [
        {"Sec-Purpose": "prefetch"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"X-Moz": "prefetch"},
    ],
)
def test_what_is_fetched_before_a_click_gives_no_seat(room, said):
    phone, link = Browser(room), linked(room.joined("Заранее " + " ".join([*said, *said.values()])[:10]))
    for where in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-origin"}):
        page = phone.ask("GET", link, headers=said | where, follow=False)
        assert page.status == 403 and not phone.cookies, "browsers drop what is refused, and ask again at a click"
    assert phone.get(link).path == "/play"


def test_one_s_own_link_needs_no_question(room):
    mine = room.joined("Моя")
    link, own = linked(mine), dict(mine.cookies)
    assert mine.get(link).path == "/play" and mine.cookies == own
    visitor = Browser(room)
    visitor.get("/")  # has a visitor's cookie, and no seat
    assert visitor.get(link).path == "/play" and "Моя" in visitor.page.words
