"""A room in halves, and teams side by side, on every screen, in both languages, light and dark; axe finds nothing."""

import itertools

import pytest
from support.class_pages import class_pages, looked_at
from support.class_server import held, steer

PHONE, LAPTOP, HALL = ({"width": 390, "height": 844}, {"width": 1280, "height": 800}, {"width": 1920, "height": 1080})
TABS = ("now", "people", "questions", "agenda", "more")
ONE, *OTHERS = itertools.product(("ru", "en"), ("dark", "light"))
in_looks = pytest.mark.parametrize(
    "looks",
    [pytest.param((ONE,), marks=pytest.mark.slow), pytest.param(OTHERS, marks=pytest.mark.long)],
    ids=["one", "others"],
)


@pytest.fixture
def page_of(chromium):
    with class_pages(chromium) as opened:
        yield opened


def everywhere(page_of, looks, server, trainer, phone, name):
    """Wall, each tab of the remote on phone and laptop, a trainee's phone."""
    for lang, scheme in looks:
        how, here = {"color_scheme": scheme, "locale": lang}, f"{name}-{lang}-{scheme}"
        looked_at(page_of(server, f"/wall?lang={lang}", viewport=HALL, **how), f"front-{here}-wall")
        for tab in TABS:
            for shape, kind in ((PHONE, "phone"), (LAPTOP, "laptop")):
                page = page_of(server, f"/remote?tab={tab}&lang={lang}", trainer, viewport=shape, **how)
                looked_at(page, f"front-{here}-remote-{tab}-{kind}")
        looked_at(page_of(server, f"/play?lang={lang}", phone, viewport=PHONE, **how), f"front-{here}-trainee")


@in_looks
@pytest.mark.long
@pytest.mark.parametrize("how", ["--open", "--anonymous"])
def test_halves(page_of, tmp_path, how, looks):
    with held(tmp_path, how, "--story", "half", cases=["racket_refund"]) as server:
        people = [server.playing(f"Гость {number}") for number in range(10)]
        for number, person in enumerate(people):
            options = person.page.buttons("option")
            person.press("option", options[number % len(options)])
        trainer = server.trainer()
        steer(trainer, "show", scene="racket_refund/counter")
        everywhere(page_of, looks, server, trainer, people[0], f"half{how}")
        steer(trainer, "key", "1")
        for lang, scheme in looks:
            wall = page_of(server, f"/wall?lang={lang}", viewport=HALL, color_scheme=scheme, locale=lang)
            looked_at(wall, f"front-half{how}-key-{lang}-{scheme}")
            assert wall.locator("svg").count(), "bars"


@in_looks
@pytest.mark.long
def test_compared_teams(page_of, tmp_path, looks):
    with held(tmp_path, "--open", "--lobby", "--teams", "Дуб, Ясень", cases=["racket_refund"]) as server:
        trainer, people = server.trainer(), [server.joined(f"Гость {number}") for number in range(8)]
        everywhere(page_of, looks, server, trainer, people[0], "teams-lobby")
        form = trainer.get("/remote").form("door")
        trainer.post("/remote", {**form.fields, "do": "open"})
        for number, person in enumerate(people):
            person.get("/play")
            person.press("begin")
            options = person.page.buttons("option")
            person.press("option", options[number % len(options)])
        scene = "racket_refund/counter"
        steer(trainer, "show", scene=scene)
        steer(trainer, "team_vote", "1")
        steer(trainer, "ballot", scene=scene)
        everywhere(page_of, looks, server, trainer, people[0], "teams-vote")
        for person in people[:4]:
            if options := person.get("/play").buttons("option"):  # the team's vote isn't in yet
                person.press("option", options[0])
        steer(trainer, "ballot_end")
        everywhere(page_of, looks, server, trainer, people[0], "teams-voted")


@pytest.mark.long
def test_a_half_without_javascript(page_of, tmp_path):
    """A whole case by plain forms and links in a room that is half and half, from the door to the saved debrief."""
    with held(tmp_path, "--open", "--story", "half", cases=["racket_refund"]) as server:
        page = page_of(server, f"/?code={server.code}", java_script_enabled=False, viewport=PHONE, locale="ru-RU")
        page.fill("#name", "Без скрипта")
        page.check("[name=consent]")
        page.click("main form .btn")
        page.click("[name=begin]")
        for turn in range(40):
            if not page.locator(".choice .opt:enabled").count():
                break
            page.locator(".choice .opt:enabled").nth(turn % 2).click()
        assert page.locator(".debrief").count()
        pages = 1
        while (following := page.locator("a.btn[href^='/debrief?page=']:not(.quiet)")).count() and pages < 20:
            following.click()
            pages += 1
        assert 3 <= pages < 20
        assert server.rows("SELECT drawn FROM attempts")[0]["drawn"] == "half"
        assert page.locator("a[href^='/debrief/file']").count()
