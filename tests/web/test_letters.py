"""Letters of replies: fixed by the case, in the room's language, silent about what wasn't asked."""

import re

from support.class_server import TODAY, steer
from support.rooms import Page

from trainkit.case.model import Case
from trainkit.files import casebook
from trainkit.log.memory import MemoryLog
from trainkit.log.records import new_record
from trainkit.room.run_summary import summarise_run
from trainkit.room.tally import tally
from trainkit.session.session import Session
from trainkit.view.letters import ALPHABETS, letters
from trainkit.view.render import exercise_html
from trainkit.view.split import split_view


def asked(case, *options, fixed=None, member="m"):
    session = Session(MemoryLog(), new_record(case, member, 1, fixed, member=member, run=0), case, [])
    session.log.begin(session.record, case)
    session.play(options, "ru")
    return session


def test_what_is_always_there_comes_first_then_what_everybody_knows_then_what_was_learnt(parcel):
    racket = casebook.load_case("racket_refund")
    assert dict(letters(parcel, "solve", "ru")) == {"refund": "А", "look": "Б", "rules": "В", "send": "Г"}
    assert "".join(letters(parcel, "solve", "en").values()) == "ABCD"
    parcel = parcel.model_dump()
    parcel["scenes"]["solve"]["options"]["look"]["when"] = {"price": ["low"]}  # it stands behind "send"
    assert list(letters(Case.model_validate(parcel), "solve", "ru")) == ["refund", "rules", "look", "send"]
    named = letters(racket, "counter", "ru")
    assert list(named) == ["trace", "pay", "search", "blame", "papers", "proper"] and named["proper"] == "Е"


def test_every_reply_of_the_casebook_has_a_letter_of_its_own():
    for case in map(casebook.load_case, casebook.case_ids()):
        for scene in (name for name, one in case.scenes.items() if one.options):
            for lang, alphabet in ALPHABETS.items():
                named = letters(case, scene, lang)
                assert len(set(named.values())) == len(case.scenes[scene].options) and set(named.values()) <= set(
                    alphabet
                )


def test_a_reply_that_nobody_could_give_leaves_no_gap(parcel):
    fixed = {"price": "low", "need": "today"}
    rooms = [
        tally([summarise_run(asked(parcel, *way, "refund", fixed=fixed, member=f"m{k}")) for k in range(5)], parcel)
        for way in (["offer"], ["when_needed", "offer"])
    ]
    shown = ["".join(bar.letter for bar in split_view(room, room.split("solve"), "ru").bars) for room in rooms]
    assert shown == ["АБВ", "АБВГ"]


def test_played_alone_there_are_no_letters(parcel):
    session = asked(parcel, "offer")
    assert "letter" not in "".join(exercise_html(session, "ru")["lines"])
    assert "буква В" in Page("<ol>" + "".join(exercise_html(session, "ru", room="ru")["lines"]) + "</ol>").text


def test_a_phone_says_where_ones_reply_is_on_the_wall(hold):
    with hold(*TODAY) as server:
        one, other = server.playing("Аист"), server.playing("Wren", lang="en")
        assert "буква" not in one.page.words
        for browser in (one, other):
            browser.say("offer")
        assert "буква В" in one.page.words and "letter В" in other.page.words, "the room's letter"
        one.say("look")
        assert "буква Б" in one.page.words and "буква Б" in one.get("/talk").words
        trainer = server.trainer()
        trainer.get("/remote")
        steer(trainer, "ballot", scene="late_parcel/solve")
        costs = re.findall(r'<small class="cost">([^<]*)</small>', one.get("/play").text)
        assert costs == ["буква А", "буква Б · ваш первый ответ", "буква В"], costs
