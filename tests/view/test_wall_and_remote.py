"""Wall and remote: what the trainer set shows and nothing else, nothing secret on the wall, words of people stay words."""

import re
from dataclasses import replace

import pytest
from support.rooms import EVIL, Page, by_letter, play

from trainkit.i18n import typeset
from trainkit.log.records import now
from trainkit.room.agenda import break_item, case_item
from trainkit.room.records import Ballot, Clock, Member, Pressed, Stage
from trainkit.room.run_summary import summarise_run
from trainkit.room.tally import tally
from trainkit.room.team_figures import TeamFigures
from trainkit.view import remote, render
from trainkit.view.screen import option_words
from trainkit.view.wall import Door, following, on_the_wall, order, wall_html, wall_page

QR = '<svg viewBox="0 0 9 9"><path d="M0 0"/></svg>'
DOOR = Door("10.0.0.1:8000", "471\N{NO-BREAK SPACE}926", render.Markup(QR))
COUNTER = "racket_refund/counter"


def wall(rooms, members, stage=None, lang="ru"):
    return Page(wall_html(rooms, len(members), stage or Stage(), lang, DOOR))


def steering(rooms, members, stage=None, lang="ru", **asked):
    around = remote.Around(stage or Stage(), DOOR, 1, 200)
    return Page(remote.remote_html(rooms, members, around, remote.Asked(**asked), lang))


def counts(page):
    """The large numbers beside the replies."""
    return re.findall(
        r'<b class="num">(?:<span[^>]*>[^<]*</span><small>\d+</small><span[^>]*>[^<]*</span>)?(\d+)</b><div', page.html
    )


def because(room, scene):
    split = room.split(scene)
    return option_words(room.case, scene, split.best, "because", dict(split.knew).__getitem__, "ru")


# ---- the wall -------------------------------------------------------------------------------------------------------


def test_the_wall_shows_the_most_divisive_scene_until_the_trainer_chooses(played):
    rooms, members = played
    ranking = order(rooms)
    room = rooms["racket_refund"]
    told = [room.split(key.partition("/")[2]) for key in ranking]
    assert [split.withheld for split in told] == sorted(split.withheld for split in told)
    spread = [split.diversity for split in told if not split.withheld]
    assert spread == sorted(spread, reverse=True)
    for stage, scene in ((Stage(), ranking[0]), (Stage(scene=COUNTER), COUNTER)):
        split = room.split(scene.partition("/")[2])
        told = split.again[0].counts if split.again else split.counts
        assert (
            counts(wall(rooms, members, stage))
            == counts(steering(rooms, members, stage))
            == [str(n) for n in by_letter(room.case, split, told)]
        )


def test_the_wall_has_nothing_to_press_and_nothing_secret(played):
    rooms, members = played
    for stage in (Stage(), Stage(key=True), Stage(paused=True), Stage(over=True), Stage(door=True), Stage(entry=False)):
        found = wall(rooms, members, stage)
        assert not [tag for tag, _ in found.tags if tag in ("a", "button", "form", "input", "select")]
        assert not [member.name for member in members if member.name in found.text]
        assert "alert(" not in found.text and "/t/" not in found.html


def test_the_key_is_on_the_wall_only_once_it_is_shown(played):
    rooms, members = played
    room = rooms["racket_refund"]
    shut, opened = (wall(rooms, members, Stage(scene=COUNTER, key=key)) for key in (False, True))
    assert (
        'class="tag"' not in shut.html and because(room, "counter") not in shut.text and 'class="goal"' not in shut.html
    )
    assert opened.html.count('class="tag"') == 1 and because(room, "counter") in opened.text
    assert 'class="goal"' in opened.html
    voting = wall(rooms, members, Stage(key=True, ballot=Ballot(1, "racket_refund", "counter")))
    assert 'class="tag"' not in voting.html and because(room, "counter") not in voting.text, "a vote hides the key"
    assert steering(rooms, members, Stage(scene=COUNTER)).html.count('class="tag"') == 1  # the trainer sees it always


def test_hidden_votes_are_hidden(played):
    rooms, members = played
    found = wall(rooms, members, Stage(votes=False, key=True))
    assert counts(found) == [] and 'class="fill' not in found.html and "<circle" not in found.html
    trainer = steering(rooms, members, Stage(votes=False))
    assert (
        counts(trainer) and 'class="tiny"' in trainer.html and 'class="asked"' not in found.html
    )  # who sees them always


def test_an_open_vote_shows_how_many_voted_and_nothing_else(played):
    rooms, members = played
    found = wall(rooms, members, Stage(ballot=Ballot(1, "racket_refund", "counter")))
    assert counts(found) == [] and 'class="fill' not in found.html
    assert re.search(r"24\D+24", found.text) and found.html.count('<i class="on">') == 24
    closed = wall(rooms, members, Stage(scene=COUNTER))
    room, split = rooms["racket_refund"], rooms["racket_refund"].split("counter")
    first, again = ([str(n) for n in by_letter(room.case, split, one)] for one in (split.counts, split.again[0].counts))
    assert re.findall(r"<small>(\d+)</small>", closed.html) == first
    assert counts(closed) == again


def test_a_room_of_four_sees_no_numbers(racket):
    sessions, members = play(racket, 4)
    for session in sessions:
        session.apply(session.move("disagree", "ru", number=0, text="а я вот против"))
    rooms = {racket.id: tally(map(summarise_run, sessions), racket)}
    for stage in (Stage(), Stage(key=True, scene=COUNTER)):
        for found in (wall(rooms, members, stage), steering(rooms, members, stage)):
            assert counts(found) == [] and "<circle" not in found.html and 'class="fill' not in found.html
            assert "против" not in found.text


def test_before_anyone_decides_there_is_the_way_in(racket):
    empty = {racket.id: tally([], racket)}
    found = wall(empty, [])
    assert DOOR.code in found.text and DOOR.address in found.text and QR in found.html
    controls = steering(empty, []).controls()
    assert all("disabled" in controls[f"knob-{name}"] for name in ("vote", "key", "qr", "on"))
    assert "disabled" not in controls["knob-pause"]
    shut = wall(empty, [], Stage(entry=False))
    assert "471" not in shut.text and QR not in shut.html


def test_the_way_in_stands_beside_a_scene_on_demand(played):
    rooms, members = played
    assert QR not in wall(rooms, members).html and DOOR.code in wall(rooms, members).text
    assert QR in wall(rooms, members, Stage(door=True)).html
    for stage in (Stage(door=True, entry=False), Stage(door=True, over=True)):
        assert QR not in wall(rooms, members, stage).html and "471" not in wall(rooms, members, stage).text


# ---- the remote -----------------------------------------------------------------------------------------------------


def test_six_buttons_stand_in_six_places_whatever_happens(played, racket):
    rooms, members = played
    stages = [
        Stage(), Stage(paused=True), Stage(key=True), Stage(over=True), Stage(entry=False), Stage(scene=COUNTER, door=True),
        Stage(ballot=Ballot(1, "racket_refund", "counter")), Stage(clock=Clock(3, now())),
    ]  # fmt: skip
    pages = [steering(rooms, members, stage, tab=tab) for stage in stages for tab in remote.TABS]
    pages.append(steering({racket.id: tally([], racket)}, []))
    decks = [[a["id"] for tag, a in page.tags if tag == "button" and "knob" in a.get("class", "")] for page in pages]
    assert {tuple(deck) for deck in decks} == {
        tuple(f"knob-{name}" for name in ("pause", "vote", "key", "qr", "clock", "on"))
    }
    names = [re.findall(r"<b>([^<]*)</b><small[ >]", page.html) for page in pages]
    assert len({tuple(one) for one in names}) == 1, "a name never changes, only the small line under it"


def test_every_button_says_what_the_server_reads(played):
    """Switches by name and the value they lead to, the rest as ``do``; each form is a POST that begins with the token."""
    rooms, members = played
    stage = Stage(paused=True, scene=COUNTER, agenda=(case_item("racket_refund"),), opened=1)
    pages = [steering(rooms, members, stage, tab=tab, who=members[3].member) for tab in remote.TABS]
    controls = {name: one for page in pages for name, one in page.controls().items()}
    switches = {
        "knob-pause": ("paused", "0"),
        "knob-key": ("key", "1"),
        "knob-qr": ("door", "1"),
        "do-votes": ("votes", "0"),
    }
    for name, wanted in switches.items():
        assert (controls[name]["name"], controls[name]["value"]) == wanted
    asked = {one["value"] for one in controls.values() if one.get("name") == "do"}
    assert asked == {
        "next", "auto", "ballot", "show", "name", "places", "invite", "new_links", "clock", "pace", "break", "item",
        "teams",
    }  # fmt: skip
    for page in pages:
        assert page.html.count("<form") == len(re.findall(r'<form [^>]*method="post"[^>]*><!--token-->', page.html))
    voting = steering(rooms, members, Stage(ballot=Ballot(1, "racket_refund", "counter"))).controls()
    assert voting["knob-vote"]["value"] == "ballot_end" and "do-show" not in voting
    assert "disabled" in voting["knob-on"] and "disabled" in voting["knob-key"]


def test_where_it_hurts_it_asks_first(played):
    rooms, members = played
    more = steering(rooms, members, tab="more")
    assert "over" not in {one.get("name") for one in more.controls().values()}
    sure = steering(rooms, members, tab="more", sure="over")
    assert sure.controls()["sure-yes"]["name"] == "over" and "autofocus" in sure.controls()["sure-no"]
    who = members[3].member
    asked = steering(rooms, members, tab="people", who=who, sure="remove")
    assert asked.controls()["sure-yes"]["value"] == "remove" and f'name="who" value="{who}"' in asked.html
    nobody = steering(rooms, members, tab="people", who="gone", sure="remove")
    assert "sure-yes" not in nobody.controls() and "do-name" not in nobody.controls()


def test_a_name_that_two_have_is_marked(played):
    rooms, members = played
    twin = Member("twin", members[3].name, False, "ru", "2026-01-01T11:00:00Z")
    people = steering(rooms, [*members, twin], tab="people")
    assert people.html.count("<em>") == 2
    assert all(member.name in people.text for member in members)


def test_words_of_people_stay_words(played):
    rooms, members = played
    for lang in ("ru", "en"):
        for page in (steering(rooms, members, lang=lang, tab="people"), steering(rooms, members, lang=lang)):
            assert "<script" not in page.html and "alert(" in page.text and "<b>Ира" not in page.html
    assert EVIL in steering(rooms, members, tab="people").text


def test_neither_needs_an_inline_style_or_script(played):
    """The server's Content-Security-Policy would drop them."""
    rooms, members = played
    for stage in (Stage(), Stage(key=True), Stage(ballot=Ballot(1, "racket_refund", "counter"))):
        pages = [wall(rooms, members, stage), *(steering(rooms, members, stage, tab=tab) for tab in remote.TABS)]
        for tag, attributes in [one for page in pages for one in page.tags]:
            assert tag not in ("style", "script", "img", "iframe")
            assert not [name for name in attributes if name == "style" or name.startswith("on")]


def test_where_people_are_adds_up_and_never_says_which_ending(racket, other):
    one, members = play(racket, 9, seed=5)
    two, _ = play(other, 5, seed=5, stop=2)
    rooms = {racket.id: tally(map(summarise_run, one), racket), other.id: tally(map(summarise_run, two), other)}
    waiting = Member("late", "Поздний", False, "ru", "2026-01-01T11:00:00Z")
    found = steering(rooms, [*members, waiting])
    where = found.html.partition('<ul class="where"')[2].partition("</ul>")[0]
    assert sum(map(int, re.findall(r'<b class="num">(\d+)</b>', where))) == 10
    people = (
        steering(rooms, [*members, waiting], tab="people").html.partition('<ul class="folk"')[2].partition("</ul>")[0]
    )
    reached = {racket.text(f"endings.{s.attempt.ending}.title", "ru") for s in one}
    assert not [ending for ending in reached if f">{ending}<" in where or f": {ending}<" in people]


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_several_cases_are_told_apart(racket, other, lang):
    one, members = play(racket, 8, seed=6)
    two, _ = play(other, 8, seed=7)
    rooms = {racket.id: tally(map(summarise_run, one), racket), other.id: tally(map(summarise_run, two), other)}
    titles = [typeset(case.text("title", lang), lang) for case in (racket, other)]
    found = steering(rooms, members, lang=lang)
    assert [a["label"] for tag, a in found.tags if tag == "optgroup"] == titles


def test_who_was_removed_counts_no_more_and_a_new_name_stands_everywhere(racket):
    sessions, members = play(racket, 7)
    stage = Stage(removed=frozenset({members[0].member}), renamed={members[1].member: "Аист"})
    runs = [run for run in map(summarise_run, sessions) if run.record.member not in stage.removed]
    rooms = {racket.id: tally(runs, racket, stage.renamed)}
    seated = stage.seated(members)
    assert len(rooms[racket.id].people) == len(seated) == 6
    assert rooms[racket.id].people[0].name == seated[0].name == "Аист"


def test_wall_and_remote_show_one_scene_whatever_each_withholds(racket):
    """In an open room the remote has figures that the wall withholds; which scene divides most is the wall's to say."""
    sessions, members = play(racket, 3, seed=0)
    stage = Stage(open=True)
    runs = [*map(summarise_run, sessions)]
    rooms, near = ({racket.id: tally(runs, racket, few=few)} for few in (stage.few, stage.few_for_trainer))
    assert on_the_wall(rooms, stage) != on_the_wall(near, stage), "else this shows nothing"
    around = remote.Around(stage, DOOR, 1, 200)
    found = Page(remote.remote_html(rooms, members, around, remote.Asked(), "ru", near))
    chosen = found.html.partition('id="pick-scene"')[2].partition(" selected")[0].rpartition('value="')[2].strip('"')
    assert chosen == on_the_wall(rooms, stage)
    beside = found.html.partition('id="knob-on"')[2].partition("<small>")[2].partition("</small>")[0]
    scene = following(rooms, stage).partition("/")[2]
    assert beside == typeset(racket.text(f"scenes.{scene}.title", "ru"), "ru")


# ---- as they are seen -----------------------------------------------------------------------------------------------


VOTE = Ballot(1, "racket_refund", "counter")
COFFEE = break_item((), "Кофе и булочки с корицей", 15)
DAY = (case_item("racket_refund", pace="scene", clock=3, minutes=40), COFFEE, break_item((COFFEE,), "Обед", 60))
BEGAN = "2026-01-01T11:00:00+00:00"
STAGES = {
    "scene": Stage(),
    "key": Stage(scene=COUNTER, key=True),
    "vote": Stage(ballot=VOTE, door=True),
    "pause": Stage(paused=True, door=True),
    "over": Stage(over=True),
    "plan": Stage(open=True, agenda=DAY, opened=1, began={"racket_refund": BEGAN}, clock=Clock(3, now())),
    "break": Stage(agenda=DAY, opened=2, began={"racket_refund": BEGAN, COFFEE.key: BEGAN}, door=True),
    "teams": Stage(
        scene=COUNTER, compare=True, open=True, teams=("Клён", "Ы" * 24, "W" * 24, "Дуб"),
        pressed=Pressed("paused", "1", BEGAN),
    ),
}  # fmt: skip


def shown(chromium, folder, html, width, height, scheme):
    """A page as a file, with the styles beside it and the wall's own script, which makes it fit."""
    html = re.sub(r'href="/(tk|room).css[^"]*"', r'href="\1.css"', re.sub(r"<noscript>.*?</noscript>", "", html))
    html = re.sub(r'<script src="/(\w+).js[^"]*"', r'<script src="\1.js"', html)
    (folder / "page.html").write_text(html, "utf-8")
    for file in ("tk.css", "room.css", "wall.js", "clock.js", "remote.js"):
        (folder / file).write_text(render.asset(file), "utf-8")
    page = chromium.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    page.goto(f"file://{folder}/page.html")
    page.evaluate("document.fonts.ready")
    return page


# on a projector and a laptop, on a phone and a laptop; every language, theme and size, and not all of them with each other
SEEN = [("wall", "ru", 1920, 1080, "light"), ("wall", "en", 1280, 720, "dark")]
SEEN += [("remote", "en", 390, 844, "light"), ("remote", "ru", 1280, 800, "dark")]


@pytest.mark.parametrize(
    "stage", [pytest.param(name, marks=() if name == "scene" else pytest.mark.slow) for name in STAGES]
)
def test_they_fit_and_axe_finds_nothing(played, chromium, tmp_path, stage):
    """On a projector the wall is one screen without scrolling; of the remote only the middle scrolls."""
    from axe_playwright_python.sync_playwright import Axe

    rooms, members = played
    held = STAGES[stage]
    away = [Member("m-away", "Грач", False, "ru", ""), Member("m-too", EVIL, False, "ru", "")]
    if stage == "teams":
        held = replace(
            held,
            team={one.member: n % 4 for n, one in enumerate(members)},
            removed=frozenset({"m-away"}),
            merged={"m-too": members[3].member},
        )
    teams = {case_id: [TeamFigures(name, 6, room) for name in held.teams] for case_id, room in rooms.items()}
    teams = teams if held.teams else {}
    around = remote.Around(held, DOOR, 2, 200, joined=away, cases=(("power_upgrade", "Пятнадцать, как у соседа"),))
    tabs = {"key": "people", "vote": "more", "pause": "people", "plan": "agenda", "break": "agenda", "teams": "people"}
    tab = tabs.get(stage, "now")
    asked = remote.Asked(tab, members[3].member, "remove" if stage == "pause" else "")
    for name, lang, width, height, scheme in SEEN:
        if name == "wall":
            html = wall_page(wall_html(rooms, 24, held, lang, DOOR, by_team=teams), lang)
        else:
            html = remote.remote_page(remote.remote_html(rooms, members, around, asked, lang, by_team=teams), lang)
        page = shown(chromium, tmp_path, html, width, height, scheme)
        page.evaluate("document.querySelectorAll('details').forEach(box => box.open = true)")
        assert [one["id"] for one in Axe().run(page).response["violations"]] == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.evaluate("document.documentElement.scrollHeight") <= height, name
        page.close()
