"""What a browser tells a record store is what an export tells of the same runs; told again, it is the same."""

import json
import random

import pytest
from support.class_server import RACKET
from support.record_store import SCHEMA

from trainkit.exchange.answers_file import write_answers
from trainkit.exchange.browser_statements import statements_of
from trainkit.exchange.folder import export_folder
from trainkit.exchange.incoming import import_runs
from trainkit.exchange.log_tables import Reading
from trainkit.files import casebook
from trainkit.log.browser import BrowserLog
from trainkit.log.records import Settings
from trainkit.log.store import Log
from trainkit.session.resume import begin

HOME = "https://academy.example.org/kit"


@pytest.fixture(scope="module")
def played():
    """Three runs of two people: over and disagreed with, over, and in the middle."""
    log, dice = BrowserLog(), random.Random(3)
    for name, who, most in ((RACKET, "Чиж", 99), ("power_upgrade", "Ёж", 99), ("boundaries", "Чиж", 2)):
        session = begin(log, casebook.load_case(name), who, settings=Settings(own_words=True, ask_why=True))
        while session.phase != "over" and session.step < most:
            said = (
                {"option": dice.choice(session.attempt.open)} if session.phase == "choose" else {"text": "Так и скажу"}
            )
            session.do(session.phase, "ru", step=session.step, **said)
        if name == RACKET:
            session.do("disagree", "en", number=0, text="Иначе нельзя")
    return log


def test_they_are_those_of_an_export_of_the_same_runs(played, tmp_path):
    (tmp_path / "answers.json").write_text(write_answers(played), "utf-8")
    log = Log(tmp_path / "log.sqlite3")
    assert import_runs(log, tmp_path / "answers.json").added == 3
    export_folder(Reading(log), tmp_path / "out", statements=HOME)
    log.close()
    exported = [json.loads(line) for line in (tmp_path / "out" / "statements.jsonl").read_text("utf-8").splitlines()]
    told = [*statements_of(played, HOME)]
    assert told == exported and len(told) > 20
    for one in told:
        SCHEMA.validate(one)


def test_what_was_told_before_a_run_went_on_is_told_again_as_it_was():
    """Also once it is over: a reason or a disagreement later moves neither its end nor its time."""
    log, heard = BrowserLog(), {}
    session = begin(log, casebook.load_case(RACKET), "Чиж", seed=1, settings=Settings(ask_why=True))

    def hear():
        for one in statements_of(log, HOME):
            assert heard.setdefault(one["id"], one) == one

    while session.phase != "over":
        said = {"option": session.attempt.open[0]} if session.phase == "choose" else {"text": "Потому что"}
        session.do(session.phase, "ru", step=session.step, **said)
        hear()
    session.do("disagree", "ru", number=0, text="Нет")
    hear()
    assert sum(one["verb"]["id"].endswith("completed") for one in heard.values()) == 1
    assert [*statements_of(BrowserLog(), HOME)] == []
