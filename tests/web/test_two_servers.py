"""One workshop, several servers over one PostgreSQL: every request may go to another, and nobody notices."""

import asyncio
import re

import pytest
from support import class_server as classroom
from support.faults import Hall, Server, Trainee, agree
from support.postgres import PASSWORD

from trainkit.log.store import Log
from trainkit.room.controls import load_stage
from trainkit.room.members import member_by_secret, members_of
from trainkit.web.security import proof


@pytest.fixture
def two(postgres_url, tmp_path):
    """Two servers over one database, and a hall whose trainees ask one and the other by turns."""
    cases, how = (classroom.PARCEL, "racket_refund"), ("--lang", "en", "--own-words", "--ask-why")
    one = Server(tmp_path / "one", "--database", postgres_url, *how, cases=cases).start()
    other = Server(tmp_path / "other", "--database", postgres_url, "--workshop", one.code).start(new=True)
    log = Log(postgres_url)
    yield Hall([one, other], log, think=(0.0, 0.05))
    log.close()
    for server in (one, other):
        server.stop()
        assert "Traceback" not in server.said() and PASSWORD not in server.said()


@pytest.mark.slow
def test_servers_started_together_hold_one_workshop(postgres_url, tmp_path):
    servers = [Server(tmp_path / str(n), "--database", postgres_url, cases=(classroom.PARCEL,)) for n in range(3)]
    classroom.at_once(lambda n: servers[n].start(new=True), 3)
    codes = [server.code for server in servers]
    [server.stop() for server in servers]
    assert len(set(codes)) == 1 and codes[0], codes


def test_two_servers_hold_one_workshop(two):
    """Whole cases, every request to the other server than the last, and nobody sees anything but the truth."""

    async def evening():
        async with two:
            trainees = [Trainee(two, f"Ирис {n}") for n in range(20)]
            await asyncio.gather(*(trainee.finish(cases=2) for trainee in trainees))
            await asyncio.gather(*(trainee.rest() for trainee in trainees))
            agree(two, trainees)
            kinds = {said.kind for one in trainees for run in one.runs.values() for said in run}
            assert kinds >= {"choose", "words", "why"}
            assert all(len(one.runs) >= 2 and not one.refused for one in trainees)

    asyncio.run(evening())


@pytest.mark.slow
def test_what_the_trainer_does_on_one_server_holds_on_the_other(two):
    async def evening():
        async with two:
            first, second = two.servers
            trainees = [Trainee(two, f"Ирис {n}") for n in range(8)]
            before = await asyncio.gather(*(trainee.reach("late_parcel", "offer") for trainee in trainees))
            await steer(two, first, paused="1")
            for trainee, page in zip(trainees, before, strict=True):
                assert not (await trainee.get("/play", second)).options
                refused = await trainee.post(trainee.answer_to(page), second)
                assert refused.status == 409 and "paused" in refused.text
            await steer(two, second, paused="0")
            # a vote again, opened on one, given on both by turns, closed on the other
            await steer(two, first, do="ballot", scene="late_parcel/call")
            for n, trainee in enumerate(trainees):
                page = await trainee.get("/play", second)
                assert page.vote == "1" and page.options
                form = {"token": page.token, "vote": "1", "option": page.options[n % len(page.options)]}
                both = await asyncio.gather(*(trainee.post(form, server) for server in (first, second)))
                assert {answer.status for answer in both} == {303}  # a double click
                assert "Your vote is in" in (await trainee.get("/play", first)).text
            await steer(two, second, do="ballot_end")
            for trainee in trainees:
                member = member_by_secret(two.store, two.workshop, trainee.key)
                (record,) = two.store.attempts(member=member.member)
                votes = [event for event in two.store.events(record.attempt) if event.kind == "revote"]
                assert len(votes) == 1 and votes[0].text == "1"
                assert (await trainee.get("/play", first)).phase == (await trainee.get("/play", second)).phase != "vote"
            boards = [await board(two, server) for server in two.servers]
            assert boards[0] == boards[1]
            who = member_by_secret(two.store, two.workshop, trainees[0].key).member
            await steer(two, first, do="name", who=who, name="Переименована")
            with_names = [await board(two, server) for server in two.servers]
            assert with_names[0] == with_names[1] != boards[0]
            assert "Переименована" in with_names[1] and trainees[0].name not in with_names[1]
            assert all(trainee.name in with_names[1] for trainee in trainees[1:])
            packs = [await board(two, server, "/remote/debrief") for server in two.servers]
            assert packs[0] == packs[1] and "</html>" in packs[0]

    asyncio.run(evening())


@pytest.mark.slow
def test_a_double_click_on_both_servers_is_one_answer(two):
    async def evening():
        async with two:
            trainees = [Trainee(two, f"Ирис {n}") for n in range(20)]
            for _ in range(12):
                await asyncio.gather(*(double_click(two, trainee) for trainee in trainees))
            await asyncio.gather(*(trainee.rest() for trainee in trainees))
            agree(two, trainees)
            assert sum(len(run) for trainee in trainees for run in trainee.runs.values()) > 100

    asyncio.run(evening())


@pytest.mark.slow
def test_a_double_click_at_the_door_of_both_servers_is_one_person(two):
    async def evening():
        async with two:
            for n in range(12):
                trainee = Trainee(two, f"Ирис {n}")
                door = await trainee.get("/")
                form, cookies = trainee.form(door), dict(trainee.cookies)
                answers = await asyncio.gather(*(two.ask(server, "/join", cookies, form) for server in two.servers))
                assert [answer.status for answer in answers] == [303, 303]
                assert answers[0].cookies["trainkit"] == answers[1].cookies["trainkit"] != cookies["trainkit"]
            assert len(members_of(two.store, two.workshop)) == 12

    asyncio.run(evening())


@pytest.mark.slow
def test_votes_opened_on_both_servers_at_once_are_one(two):
    async def evening():
        async with two:
            first, second = two.servers
            await asyncio.gather(*(steer(two, one, do="ballot", scene="late_parcel/call") for one in two.servers))
            assert load_stage(two.store, two.workshop)[0].ballot.number == 1
            await steer(two, second, do="ballot_end")
            for turn in range(6):
                scenes = ("late_parcel/call", "racket_refund/counter")
                opening = (
                    pressed(two, server, do="ballot", scene=scene)
                    for server, scene in zip(two.servers, scenes, strict=True)
                )
                answers = [answer.status for answer in await asyncio.gather(*opening)]
                stage = load_stage(two.store, two.workshop)[0]
                assert sorted(answers) == [303, 409]
                assert stage.ballot.number == turn + 2 and stage.scene == scenes[answers.index(303)]
                await steer(two, first, do="ballot_end")

    asyncio.run(evening())


@pytest.mark.slow
def test_different_answers_on_both_servers_at_once_one_is_told(two):
    async def evening():
        async with two:
            outcomes = []
            for n in range(12):
                trainee = Trainee(two, f"Ирис {n}")
                page = await trainee.reach("late_parcel")
                forms = [trainee.answer_to(page, option) for option in page.options[:2]]
                answers = await asyncio.gather(*map(trainee.post, forms, two.servers))
                outcomes.append(sorted(answer.status for answer in answers))
                pages = [await trainee.get("/play", server) for server in two.servers]
                assert pages[0].step == pages[1].step and pages[0].attempt == pages[1].attempt
            assert outcomes == [[303, 409]] * 12

    asyncio.run(evening())


@pytest.mark.slow
def test_many_windows_at_once_don_t_lead_a_server_astray(two):
    """A whole case was played on the other server; then a dozen reloads and wake-ups come at the same moment."""

    async def evening():
        async with two:
            first, second = two.servers
            trainees = [Trainee(two, f"Ирис {n}") for n in range(20)]
            await asyncio.gather(*(trainee.reach("late_parcel") for trainee in trainees))

            async def go_on(trainee):
                before = await trainee.get("/play", second)  # it knows where he is, until now
                page = before
                while page.phase != "over":
                    trainee.note(page)
                    assert (await trainee.act(page, first)).status == 303
                    page = await trainee.get("/play", first)
                trainee.note(page)
                windows = [trainee.get(path, second) for path in ("/play", "/pulse", "/talk") * 4]
                seen = [one for one in await asyncio.gather(*windows) if one.step is not None]
                assert {(one.attempt, one.step) for one in seen} == {(page.attempt, page.step)}
                assert page.step > before.step

            await asyncio.gather(*(go_on(trainee) for trainee in trainees))
            await asyncio.gather(*(trainee.rest() for trainee in trainees))
            agree(two, trainees)

    asyncio.run(evening())


@pytest.mark.slow
def test_the_password_is_nowhere_to_be_read(two):
    said = [server.said() for server in two.servers]
    assert all(two.servers[0].code in text for text in said)  # what they print was read
    assert not any(re.search("p@ss|p%40ss", text) for text in said)


async def double_click(hall, trainee):
    """The same, sent to all servers at once."""
    if not trainee.joined:
        await trainee.join()
    page = await trainee.get()
    trainee.note(page)
    form = trainee.answer_to(page)
    answers = await asyncio.gather(*(trainee.post(form, server) for server in hall.servers))
    assert {answer.status for answer in answers} == {303}, [answer.alert for answer in answers]
    trainee.confirmed()


async def steer(hall, server, **fields):
    """Press a button of the board; whichever server is asked, the trainer came by the first one's link."""
    answer = await pressed(hall, server, **fields)
    assert answer.status == 303, answer.text


async def pressed(hall, server, **fields):
    """What the board answers to a button."""
    key = await _trainer(hall, server)
    return await hall.ask(server, "/remote", {"trainkit_remote": key}, {"token": proof(key), **fields})


async def board(hall, server, path="/remote?tab=people&part=1"):
    """A page of the board, as seen at the same address whichever server gives it."""
    key = await _trainer(hall, server)
    page = await hall.ask(server, path, {"trainkit_remote": key}, host="room")
    assert page.status == 200, page.text
    return page.text


async def _trainer(hall, server):
    page = await hall.ask(server, hall.servers[0].remote, {})
    assert page.status == 303, page.text
    return page.cookies["trainkit_remote"]


@pytest.mark.slow
def test_teams_and_two_who_are_one_are_the_same_on_both_servers(two):
    one, other = two.servers

    def on(server, browser):
        """The same browser, asking this server."""
        copy = browser.copy()
        copy.server = server
        return copy

    wren, dove, finch = (classroom.Browser((one, other)[n % 2]) for n in range(3))
    trainer = one.trainer()
    classroom.at_once(lambda n: (wren, dove, finch)[n].join(f"Ирис {n}", code=one.code), 3)
    classroom.steer(trainer, "teams", teams="Oak, Ash")
    classroom.at_once(lambda n: on((one, other)[n % 2], (wren, dove, finch)[n // 2]).get("/play"), 6)
    stage = load_stage(two.store, two.workshop)[0]
    assert sorted(stage.team.values()) == [0, 0, 1] and stage.teams == ("Oak", "Ash")
    pages = [on(server, wren).get("/play").text for server in (one, other)]
    assert [re.search("Team “(Oak|Ash)”", page)[1] for page in pages] == [stage.teams[stage.team[ids(two, wren)]]] * 2

    on(other, wren).get("/play")
    classroom.steer(on(other, trainer), "merge", who=ids(two, dove), into=ids(two, wren))
    for server in (one, other):
        assert on(server, dove).get("/pulse").text == on(server, wren).get("/pulse").text
    begins = [on(one, wren), on(other, dove)]
    forms = [(browser, browser.get("/play").sent("begin")) for browser in begins]
    classroom.at_once(lambda n: forms[n][0].post("/play", forms[n][1]), 2)
    assert len({on(server, browser).get("/pulse").text for server in (one, other) for browser in (wren, dove)}) == 1
    assert len(two.store.attempts(member=ids(two, wren))) == 1 and not two.store.attempts(member=ids(two, dove))


def ids(two, browser):
    return member_by_secret(two.store, two.workshop, browser.cookies["trainkit"]).member
