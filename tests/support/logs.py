"""A log as rooms and people leave it behind."""

import random

from trainkit.files import casebook
from trainkit.log.records import Settings, new_record
from trainkit.room.controls import record_control
from trainkit.room.members import add_member
from trainkit.room.team_log import make_teams
from trainkit.room.workshops import create, parts_of
from trainkit.session.resume import begin
from trainkit.session.session import Session


def wander(session, dice, most=30, back=0.1):
    """Play at random, with steps back, own words, reasons and objections that look like formulas."""
    for _ in range(most):
        if session.phase == "over":
            break
        if session.phase == "words":
            session.do(
                "words", "ru", step=session.step, text=dice.choice(["=1+1", "+7 900", "'так'", "Ну\nздравствуйте"])
            )
        elif session.phase == "why":
            session.do("why", "ru", step=session.step, text="-потому что")
        elif session.attempt.can_go_back and dice.random() < back:
            session.do("back", "ru", step=session.step)
        else:
            session.do("choose", dice.choice(["ru", "en"]), step=session.step, option=dice.choice(session.attempt.open))
    return session


def filled(log):
    """A log of people who play alone, of an open room with teams and joined phones, and of an anonymous one."""
    dice = random.Random(5)
    racket, parcel = casebook.load_case("racket_refund"), casebook.load_case("tests/casebook/late_parcel")
    for name, most in (("Анна", 30), ("=cmd", 3), ("Анна", 30), ("Борис", 0)):
        wander(
            begin(log, racket, name, seed=dice.randrange(999), settings=Settings(own_words=True, ask_why=True)),
            dice,
            most,
        )
    for open_ in (True, False):
        room = create(log, parts_of([racket, parcel]))
        record_control(log, room, "open", "1" if open_ else "")
        people = [add_member(log, room, name, name == "Двое", "en")[0] for name in ("Сойка", "Двое", "Клён", "Тролль")]
        if open_:
            make_teams(log, room, ["Дуб", "Ясень"])
            record_control(log, room, "merge", f"{people[2].member} {people[0].member}")
            record_control(log, room, "remove", people[3].member)
            record_control(log, room, "name", f"{people[0].member} Соечка")
        for person in people:
            for case in (racket, parcel):
                run = (racket, parcel).index(case)
                record = new_record(case, person.name, dice.randrange(999), member=person.member, run=run)
                log.begin(record, case)
                wander(Session(log, record, case, []), dice, 12)
    return log
