"""Teams in a class: made on the remote, seen on wall and phones, the same after a restart. Real server, HTTP and log."""

import contextlib
import http.client

import pytest
from support.class_server import KILL, PARCEL, RACKET, TODAY, Browser, at_once, steer
from support.ports import HOST

from trainkit.web.security import proof


def refused(trainer: Browser, **fields: str) -> str:
    """What the remote says to a button that can't be pressed; nothing was logged."""
    before = trainer.server.count("controls")
    page = trainer.post("/remote", {"token": proof(trainer.cookies["trainkit_remote"]), **fields})
    assert page.status in (409, 422), (page.status, page.words)
    assert trainer.server.count("controls") == before
    return page.words


def who(server, name: str) -> str:
    return server.rows("SELECT member FROM members WHERE name = ?", name)[0]["member"]


@pytest.mark.slow
def test_teams_on_every_screen(hold):
    with hold(*TODAY, "--lobby", "--open", "--lang", "en") as server:
        trainer = server.trainer()
        people = {name: server.joined(name, lang="en") for name in ("Ann", "Bob", "Cleo")}
        assert "Team" not in people["Ann"].get("/play").words
        for wrong in ("1", "Oak", "Oak, oak", "x" * 30 + ", Oak"):
            assert "Not accepted" in refused(trainer, do="teams", teams=wrong)
        steer(trainer, "teams", teams="Oak, Ash")
        page = people["Ann"].get("/play")
        assert "Team “Oak”There are 2 of you: Ann, Cleo. Sit together" in page.words
        lobby = [people[name].get("/pulse").text for name in ("Ann", "Bob")]
        late = server.joined("Dora", lang="en")
        assert people["Ann"].get("/pulse").text == lobby[0]  # who comes into another team changes nobody's page
        assert people["Bob"].get("/pulse").text != lobby[1]
        assert "Team “Ash”There are 2 of you: Bob, Dora." in late.page.words

        teams = late.get("/team")
        assert "Oak2 people" in teams.words and "Ash2 people, your team" in teams.words
        assert "refresh" not in teams.text.split("</head>")[0]
        late.press("team", "0")
        assert late.page.path == "/play" and "Team “Oak”There are 3 of you: Ann, Cleo, Dora." in late.page.words
        for forged in ("7", "-1", "x", ""):
            assert late.post("/play", {"token": proof(late.cookies["trainkit"]), "team": forged}).status in (409, 422)
        wall = Browser(server).get("/wall").words
        assert "Oak 3" in wall and "Ash 1" in wall and "Ann" not in wall

        remote = trainer.get(f"/remote?tab=people&who={who(server, 'Dora')}")
        assert "Oak 3" in remote.words and "Ash 1" in remote.words
        trainer.press("do", "team", team="1")
        assert "Team “Ash”There are 2 of you: Bob, Dora." in late.get("/play").words
        for wrong in ("2", "-1", "x"):
            refused(trainer, do="team", who=who(server, "Dora"), team=wrong)
        refused(trainer, do="team", who="nobody", team="0")
        refused(trainer, do="teams", teams="3")

        server.stop(KILL)
        server.start()
        assert "Team “Ash”There are 2 of you: Bob, Dora." in late.get("/play").words
        steer(trainer, "remove", who=who(server, "Bob"))
        assert "Team “Ash”Nobody else is in it yet." in late.get("/play").words  # a team of one

        steer(trainer, "open", opened="1")
        late.get("/play")
        late.press("begin")
        assert late.get("/team").path == "/play"
        assert late.post("/play", {"token": proof(late.cookies["trainkit"]), "team": "0"}).status == 422
        sure = trainer.get("/remote?tab=people&sure=dissolve")
        assert sure.buttons("do").count("dissolve") == 1
        trainer.press("do", "dissolve")
        assert "Team" not in people["Ann"].get("/play").words
        assert server.rows("SELECT setting FROM controls WHERE kind = 'teams' ORDER BY number DESC")[0][0] == "[]"


def test_an_anonymous_room_says_only_how_many(hold):
    with hold(*TODAY, "--lobby", "--lang", "en", "--teams", "2") as server:
        people = [server.joined(name, lang="en") for name in ("Ann", "Bob", "Cleo")]
        words = people[0].get("/play").words
        assert "Team “Maple”There are 2 of you. Sit together" in words and "Cleo" not in words


def test_one_vote_a_team(hold):
    with hold(*TODAY, "--open", "--lang", "en", "--teams", "Oak, Ash, Elm") as server:
        trainer = server.trainer()
        people = {name: server.playing(name, lang="en") for name in ("Ann", "Bob", "Cleo", "Dora", "Eve", "Finn")}
        ann, bob, dora = people["Ann"], people["Bob"], people["Dora"]  # Oak: Ann, Dora; Ash: Bob, Eve; Elm: Cleo, Finn
        for browser in (ann, bob, dora, people["Eve"]):
            browser.say("offer", "refund")
        steer(trainer, "team_vote", "1")
        steer(trainer, "ballot", scene="late_parcel/solve")
        assert server.rows("SELECT setting FROM controls WHERE kind = 'ballot'")[0][0] == "late_parcel/solve team"
        assert "vote" not in people["Cleo"].get("/play").form("option").fields  # nobody of Elm is there yet
        wall = Browser(server)
        assert "0 of 2 teams have voted" in wall.get("/wall").words and "Oak" not in wall.page.words

        asked = ann.get("/play").words
        assert (
            "Team “Oak”: talk it over. One of you votes for all." in asked
            and "refresh" not in ann.page.text.split("</head>")[0]
        )
        dora.get("/play")
        late, state = dora.page.sent("option", "refund"), dora.get("/pulse").text
        ann.say("look")
        assert "Team “Oak” has voted" in ann.page.words and dora.get("/pulse").text != state
        assert "Team “Oak” has voted" in dora.get("/play").words and "/play?change" in dora.page.links
        assert not dora.page.forms and "1 of 2 teams has voted" in wall.get("/wall").words
        assert "your team’s vote" in dora.get("/play?change").words
        assert dora.post("/play", late).status == 200  # from a form that was open before: the newest counts
        assert dora.post("/play", late).status == 200  # the same tap twice
        assert [event[2] for event in server.events("Dora") if event[0] == "revote"] == ["refund"]
        before = [event[2] for event in server.events("Ann") if event[0] == "revote"]
        ann.get("/play?change")
        ann.press("option", "rules")
        ann.get("/play?change")
        ann.press("option", "look")
        assert before == ["look"] and [e[2] for e in server.events("Ann") if e[0] == "revote"] == [
            "look",
            "rules",
            "look",
        ]
        bob.get("/play")
        bob.say("refund")
        assert "2 of 2 teams have voted" in wall.get("/wall").words

        steer(trainer, "remove", who=who(server, "Ann"))  # whose vote counts no more: the team's is Dora's again
        assert "2 of 2 teams have voted" in wall.get("/wall").words
        assert server.stop(KILL) is None and server.start()
        assert "2 of 2 teams have voted" in wall.get("/wall").words
        steer(trainer, "ballot_end")
        shown = wall.get("/wall")
        assert "2 of 2 teams have voted" in shown.words and "Oak, Ash" in shown.words and "Elm" not in shown.words
        steer(trainer, "dissolve")
        assert "Oak, Ash" in wall.get("/wall").words  # as the teams were when they voted
        assert bob.post("/play", late).status in (403, 409, 422)


def test_a_vote_of_teams_and_what_it_forbids(hold):
    with hold(*TODAY, "--open", "--lang", "en", "--teams", "2") as server:
        trainer, alone = server.trainer(), server.playing("Ann", lang="en")
        steer(trainer, "team_vote", "1")
        steer(trainer, "ballot", scene="late_parcel/solve")  # nobody is there yet
        assert "0 of 0 teams have voted" in Browser(server).get("/wall").words
        assert "the teams are voting" in refused(trainer, do="dissolve")
        alone.say("offer", "refund")
        assert "talk it over" in alone.page.words  # a team of one
        alone.say("look")
        assert "1 of 1 teams has voted" in Browser(server).get("/wall").words
        steer(trainer, "team_vote", "0")
        steer(trainer, "ballot_end")
        steer(trainer, "ballot", scene="late_parcel/solve")
        assert "talk it over" not in alone.get("/play").words and alone.page.form("option").fields["vote"] == "2"


# ---- two who are one, and who was asked to leave ---------------------------------------------------------------------


@pytest.mark.slow
def test_two_phones_of_one_person(hold):
    with hold(*TODAY, "--open", "--lang", "en", "--places", "3", cases=(PARCEL, RACKET)) as server:
        trainer, other = server.trainer(), server.playing("Bob", lang="en")
        one, two = server.playing("Wren", lang="en"), server.playing("Wren too", lang="en")
        other.say("offer")
        one.say("offer", "refund")  # finished; the second phone is in the middle of it
        two.say("offer", "look")
        two.press("again")
        two.say("when_needed")
        assert Browser(server).join("Late").status == 403  # three places
        a, b = who(server, "Wren"), who(server, "Wren too")

        for wrong in ({"who": a, "into": a}, {"who": a, "into": "nobody"}, {"who": "nobody", "into": a}, {"who": a}):
            refused(trainer, do="merge", **wrong)
        picking = trainer.get(f"/remote?tab=people&who={b}&sure=with")
        (sure,) = [link for link in picking.links if "sure=merge" in link and a in link]
        assert "one person?" in trainer.get(f"/remote{sure}").words
        trainer.press("do", "merge")
        for chain in ((a, b), (b, who(server, "Bob")), (who(server, "Bob"), b), (a, who(server, "Bob"))):
            refused(trainer, do="merge", who=chain[0], into=chain[1])
        steer(trainer, "merge", who=b, into=a)  # a double click
        assert "in the room 2" in Browser(server).get("/wall").words
        late = Browser(server)
        assert late.join("Late").path == "/play"  # a place is free

        state = one.get("/pulse").text
        assert two.get("/pulse").text == state and "Wren," not in two.get("/play").words
        assert "when_needed" not in one.get("/play").buttons("option")
        assert one.page.buttons("option") == two.page.buttons("option")  # the newest run goes on, on both
        options = one.page.buttons("option")
        one.say(options[0])
        assert two.get("/pulse").text == one.get("/pulse").text != state
        remote = trainer.get(f"/remote?tab=people&who={a}").words
        assert "both answered" in remote and "the first counts" in remote and "also here as Wren too" in remote

        one.get("/play")
        while options := one.page.buttons("option"):
            one.say(options[-1])
        assert one.page.buttons("begin") == [RACKET]  # the case that neither has played
        begun = [browser.sent("begin") for browser in (one.get("/play"), two.get("/play"))]
        at_once(lambda n: (one, two)[n].post("/play", begun[n]), 2)
        assert [row["run"] for row in server.attempts("Wren")] == [0, 3]
        assert one.get("/play").buttons("option") == two.get("/play").buttons("option")

        server.stop(KILL)
        server.start()
        assert one.get("/play").buttons("option") == two.get("/play").buttons("option")
        assert "also here as Wren too" in trainer.get(f"/remote?tab=people&who={a}").words

        steer(trainer, "part", who=b)
        assert two.get("/play").buttons("begin") == [RACKET] and two.get("/pulse").text.split(".")[1] == "2"
        assert one.get("/pulse").text.split(".")[1] == "2"
        stale = {"token": proof(two.cookies["trainkit"]), "begin": RACKET, "run": "3"}
        assert two.post("/play", stale).status in (200, 409, 422) and [
            r["run"] for r in server.attempts("Wren too")
        ] == [0, 1]
        while options := one.get("/play").buttons("option"):
            one.say(options[-1])
        one.press("again")
        assert [row["run"] for row in server.attempts("Wren")] == [0, 3, 4]  # no number twice


def test_who_was_removed_is_let_back_in(hold):
    with hold(*TODAY, "--open", "--lang", "en", "--places", "2") as server:
        trainer, ann, bob = server.trainer(), server.playing("Ann", lang="en"), server.playing("Bob", lang="en")
        ann.say("offer")
        answering = ann.page.sent("option", "refund")
        for _ in range(2):
            steer(trainer, "remove", who=who(server, "Ann"))
            gone = ann.post("/play", answering)
            assert gone.path == "/" and server.chosen("Ann") == ["offer"]
            page = trainer.get("/remote?tab=people")
            assert "RemovedAnn" in page.words and page.buttons("do").count("restore") == 1
            trainer.press("do", "restore")
            assert ann.get("/play").buttons("option") and "Removed" not in trainer.get("/remote?tab=people").words
        steer(trainer, "restore", who="nobody")  # nothing to do
        assert ann.post("/play", answering).status == 200 and server.chosen("Ann") == ["offer", "refund"]
        steer(trainer, "remove", who=who(server, "Ann"))
        assert Browser(server).join("Cleo").path == "/play"
        assert "places are taken" in refused(trainer, do="restore", who=who(server, "Ann"))
        assert bob.get("/play").buttons("option")


def test_a_merge_that_two_press_crosswise_is_one(hold):
    with hold(*TODAY, "--open", "--lang", "en") as server:
        first, second = server.trainer(), server.trainer()
        one, two = server.playing("Wren", lang="en"), server.playing("Dove", lang="en")
        a, b = who(server, "Wren"), who(server, "Dove")
        token = [proof(browser.cookies["trainkit_remote"]) for browser in (first, second)]
        at_once(
            lambda n: (first, second)[n].post(
                "/remote", {"do": "merge", "token": token[n], "who": (a, b)[n], "into": (b, a)[n]}
            ),
            2,
        )
        one.say("offer")
        assert one.get("/pulse").text == two.get("/pulse").text
        words = first.get("/remote?tab=people").words
        assert words.count("Wren") + words.count("Dove") == 1


# ---- several remotes at once -----------------------------------------------------------------------------------------


def test_two_remotes_at_once(hold):
    with hold(*TODAY, "--lang", "en", cases=(PARCEL, RACKET)) as server:
        for number in range(6):
            server.playing(f"Guest {number}").say("offer", ("refund", "look", "rules")[number % 3])
        first, second = server.trainer(), server.trainer()

        def settings(kind):
            return [row[0] for row in server.rows("SELECT setting FROM controls WHERE kind = ? ORDER BY number", kind)]

        def both(button, value):
            pages = [one.get("/remote") for one in (first, second)]
            sent = [page.sent(button, value) for page in pages]
            at_once(lambda n: (first, second)[n].post("/remote", sent[n]), 2)
            late = second.post("/remote", sent[1])  # its answer was lost, or it was drawn before
            assert late.status == 200, late.words
            return sent[0]["scene"]

        before = both("do", "next")
        assert len(settings("scene")) == 1 and settings("scene")[0] != before
        middle = settings("scene")[0]
        assert both("do", "next") == middle and settings("scene")[1:] == [before]  # two scenes: round again, one step

        both("do", "ballot")
        assert settings("ballot") == [before]
        stale = second.get("/remote").sent("do", "ballot_end")
        both("do", "ballot_end")
        assert settings("ballot") == [before, ""]
        steer(first, "ballot", scene=before)
        second.post("/remote", stale)  # it would have closed the vote before this one
        assert settings("ballot") == [before, "", before]
        steer(first, "ballot_end")
        second.post("/remote", {**stale, "do": "ballot"})
        assert settings("ballot") == [before, "", before, ""]

        shown = second.get("/remote?tab=now")
        form = next(form for form in shown.forms if ("do", "show", False) in form.buttons and "shown" in form.fields)
        steer(first, "show", scene=middle)
        number = len(settings("scene"))
        second.post("/remote", {**form.fields, "scene": "late_parcel/call", "do": "show"})
        assert len(settings("scene")) == number  # the other has gone on meanwhile

        at_once(lambda n: steer((first, second)[n], "paused", "01"[n]), 2)  # opposite presses: the last one holds
        paused = settings("paused")
        assert paused in ([], ["1"], ["1", "0"])
        assert ("is-waiting" in Browser(server).get("/wall").text) == (paused[-1:] == ["1"])


def test_who_pressed_what_is_told_where_several_hold_a_remote(hold):
    with hold(*TODAY, "--lang", "en") as server:
        trainer = server.trainer()
        steer(trainer, "paused", "1")
        assert 'class="pressed"' not in trainer.get("/remote").text
        page = trainer.post("/remote", {"do": "invite", "token": proof(trainer.cookies["trainkit_remote"])})
        (link,) = [href for href in page.links if "/t/" in href]
        second = Browser(server)
        second.get("/t/" + link.rsplit("/", 1)[1])
        with listening(trainer), listening(second):
            words = trainer.get("/remote").words
            assert "the screenPause, " in words and "2 trainers" in words, words
            steer(second, "paused", "0")
            assert "pause over, " in trainer.get("/remote").words


@contextlib.contextmanager
def listening(trainer: Browser):
    """A remote that is open: it hears of every change."""
    live = http.client.HTTPConnection(HOST, trainer.server.port, timeout=10)
    cookies = "; ".join(f"{name}={value}" for name, value in trainer.cookies.items())
    with contextlib.closing(live):
        live.request("GET", "/remote/live", headers={"Cookie": cookies})
        live.getresponse().read(10)
        yield
