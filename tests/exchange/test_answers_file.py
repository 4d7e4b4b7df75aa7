"""A browser's answers come into a log once, as they were given; what was cut, edited or can't be is refused in a sentence."""

import json
import random
import re

import pytest
from click.testing import CliRunner
from support.places import TEST_CASES

from trainkit.cli.incoming import import_command
from trainkit.errors import TrainkitError
from trainkit.exchange.answers_file import digest, write_answers
from trainkit.exchange.answers_reader import read_answers
from trainkit.exchange.incoming import import_runs
from trainkit.files import casebook
from trainkit.log.browser import BrowserLog
from trainkit.log.records import Settings
from trainkit.scoring.attempt import score
from trainkit.session.resume import begin, reopen


def answered(log, case, name="Чиж", seed=3, **how):
    """A whole run, with words of one's own and a disagreement."""
    session, dice = (
        begin(log, case, name, seed=seed, settings=Settings(own_words=True, ask_why=True, **how)),
        random.Random(seed),
    )
    while session.phase != "over":
        said = (
            {"option": dice.choice(session.attempt.open)} if session.phase == "choose" else {"text": "«Так», <b>да</b>"}
        )
        session.do(session.phase, "ru", step=session.step, **said)
    session.do("disagree", "en", number=0, text="no")
    return session


@pytest.fixture
def browser(racket, other):
    log = BrowserLog()
    for case in (racket, other):
        answered(log, case)
    begin(log, racket, "Стриж", seed=9)
    return log


@pytest.fixture
def file(browser, tmp_path):
    place = tmp_path / "answers.json"
    place.write_text(write_answers(browser), "utf-8")
    return place


def edited(file, change, honest=False):
    """The file with something changed in it; ``honest``: and its sum made anew."""
    content = json.loads(file.read_text("utf-8"))
    change(content)
    if honest:
        content.pop("sha256")
        content["sha256"] = digest(content)
    file.write_text(json.dumps(content), "utf-8")
    return file


def test_they_come_as_they_were_given(browser, file, store):
    done = import_runs(store, file)
    assert (done.added, done.refused, done.conflicts) == (3, 0, 0)
    for record, came in zip(browser.attempts(), store.attempts(), strict=True):
        assert came == record and store.events(record.attempt) == browser.events(record.attempt)
        assert score(reopen(store, came).attempt) == score(reopen(browser, record).attempt)
    assert {row["participant"] for row in store.decisions().to_dict("records")} == {"Чиж"}


def test_sent_twice_they_count_once_and_what_went_on_is_added(browser, file, store, racket):
    import_runs(store, file)
    before = store.decisions()
    assert import_runs(store, file)[:3] == (0, 0, 3)
    assert store.decisions().equals(before)
    stopped = browser.attempts()[-1]
    session = reopen(browser, stopped)
    session.do("choose", "ru", step=0, option=session.attempt.open[0])
    file.write_text(write_answers(browser), "utf-8")
    assert import_runs(store, file)[:3] == (0, 1, 2)
    assert store.events(stopped.attempt) == browser.events(stopped.attempt)


def test_namesakes_in_two_browsers_are_two_people(racket, store, tmp_path):
    for number in range(2):
        log = BrowserLog()
        answered(log, racket, seed=number)
        place = tmp_path / f"{number}.json"
        place.write_text(write_answers(log), "utf-8")
        import_runs(store, place)
    from trainkit.exchange.log_tables import Reading

    people = [row for batch in Reading(store).batches() for row in batch.tables["people"].to_pylist()]
    assert [row["participant"] for row in people] == ["Чиж", "Чиж"] and len({row["person"] for row in people}) == 2


def test_a_case_the_trainer_has_changed_comes_in_the_version_it_was_played_in(browser, file, store, tmp_path, parcel):
    log = BrowserLog()
    session = answered(log, parcel)
    file.write_text(write_answers(log), "utf-8")
    folder = tmp_path / "late_parcel"
    folder.mkdir()
    text = (TEST_CASES / "late_parcel" / "case.yml").read_text("utf-8")
    (folder / "case.yml").write_text(text.replace("Верну деньги сейчас же.", "Другие слова."), "utf-8")
    begin(store, casebook.load_case(folder), "тренер")
    assert import_runs(store, file).added == 1
    assert store.case(store.attempts()[-1]).hash == parcel.hash == session.case.hash


def test_one_edited_by_hand_is_refused_as_a_whole(file, store):
    edited(file, lambda content: content["events"][0].update(text="other words"))
    with pytest.raises(TrainkitError, match=r"answers\.json was changed after the browser saved it"):
        import_runs(store, file)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            lambda c: next(e for e in c["events"] if e["ending"]).update(ending="paradise"),
            "another ending than it says",
        ),
        (lambda c: next(e for e in c["events"] if e["option"]).update(option="nonsense"), "unknown option of"),
        (lambda c: c["events"][0].update(scene="nowhere"), "unknown scene of"),
        (lambda c: c["events"][0].update(kind="sing"), "of an unknown kind"),
        (lambda c: c["events"].pop(1), "is missing"),
        (lambda c: c["attempts"][0].update(seed=12345), "not those that its seed draws"),
        (lambda c: c["attempts"][0].update(case_hash="0" * 64), "didn't come with it"),
        (lambda c: c["attempts"][0].update(person="f" * 32), "nobody in the table of people"),
        (lambda c: c["cases"].update({next(iter(c["cases"])): "{}"}), "is not a case|Field required|was changed"),
    ],
)
def test_one_edited_with_skill_is_replayed_and_refused(file, store, change, why):
    """Only the runs that were changed."""
    done = import_runs(store, edited(file, change, honest=True))
    assert done.refused >= 1 and re.search(why, done.told[0]) and done.added == 3 - done.refused


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda c: c.update(trainkit_answers=2), "of version .2., and this program reads 1.*Install the newest"),
        (lambda c: c.update(attempts={}), "attempts must be a list of rows"),
        (lambda c: c["attempts"].append(7), "row 3 of attempts must be an object"),
        (lambda c: c["events"][0].pop("scene"), 'unknown column of row 0 of events in answers.json "scene"'),
        (lambda c: c["attempts"][0].update(seed="7"), r'seed of row 0 must be a whole number \(got "7"\)'),
        (lambda c: c["attempts"][0].update(seed=True), "seed of row 0 must be a whole number"),
        (lambda c: c["events"][0].update(at="noon"), r'at of row 0 must be a time \(got "noon"\)'),
        (lambda c: c["events"][0].update(attempt="x"), "no such attempt"),
        (lambda c: c.update(cases=[]), "cases must be texts"),
    ],
)
def test_what_is_no_such_file_is_said(file, store, change, why):
    with pytest.raises(TrainkitError, match=why):
        import_runs(store, edited(file, change, honest=True))


@pytest.mark.parametrize("length", [30, 5000])
def test_one_that_was_cut_is_said(file, store, length):
    file.write_bytes(file.read_bytes()[:length])
    with pytest.raises(TrainkitError, match="it is cut, or no file of answers"):
        import_runs(store, file)


def test_a_deep_or_strange_json_is_no_traceback():
    for text in ("[" * 100_000, "{}", "null", '{"trainkit_answers": []}', '"trainkit_answers"'):
        with pytest.raises(TrainkitError, match=r"x\.json can't be read"):
            read_answers(text, "x.json")


def test_the_command_reads_one(file, tmp_path):
    done = CliRunner().invoke(import_command, [str(file), "--database", str(tmp_path / "all.sqlite3"), "--lang", "en"])
    assert done.exit_code == 0 and re.search(r"3\s+added", done.output)


def test_a_mark_at_the_beginning_does_no_harm(file, store):
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert import_runs(store, file).added == 3
