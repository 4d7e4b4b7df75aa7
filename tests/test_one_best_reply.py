"""One best reply: wall, debrief pack, phone, notebook and terminal show the same, on every walk of every case."""

import html
import re
from dataclasses import replace

from support.places import EACH_CASE

from trainkit.checks.expected_paths import walks
from trainkit.cli.terminal import print_debrief
from trainkit.engine.attempt import replay
from trainkit.files import casebook
from trainkit.i18n import quoted, typeset
from trainkit.log.records import Event, new_record
from trainkit.log.store import Log
from trainkit.paper.debrief_pack import analysed_decision
from trainkit.room.records import Member
from trainkit.room.run_summary import summarise_run
from trainkit.room.tally import tally
from trainkit.scoring.best_reply import best_replies, best_reply
from trainkit.session.session import Session
from trainkit.value.regret import review
from trainkit.view.debrief import debrief
from trainkit.view.phone import debrief_page, framed
from trainkit.view.phone import scene as phone_page
from trainkit.view.render import debrief_html
from trainkit.view.screen import option_words
from trainkit.view.split import split_view

LANG = "ru"


def words(page):
    """The words of a page, without markup, however its lines are broken."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def walked(log, case, walk):
    """A session that went this way."""
    attempt = replay(case, walk.seed, walk.fixed, walk.answers)
    record = new_record(case, "walker", attempt.seed, dict(attempt.fixed))
    session = Session(log, record, case, [])
    for answer in walk.answers:
        kind, option = ("back", None) if answer is None else ("choose", answer)
        session.apply(Event(kind, session.attempt.state.place, option=option, lang=LANG))
    return session


def pages_of(session):
    """All pages of the debrief on a phone."""
    frame, member = framed(None, None, LANG), Member("m", "Walker", False, LANG, "")
    pages = [phone_page(frame, session, member)]
    while page := debrief_page(frame, session, len(pages) + 1):
        pages.append(page)
    return "".join(pages)


@EACH_CASE
def test_every_front_end_shows_the_same_best_reply(folder, capsys):
    case = casebook.load_case(folder)
    log = Log("sqlite://")
    log.prepare()
    shown = 0
    for walk in walks(folder):
        session = walked(log, case, walk)
        best = {step.scene: best_reply(case, step) for step in session.attempt.decisions}
        said = {
            step.scene: typeset(
                option_words(case, step.scene, best[step.scene], "text", dict(step.knew).get, LANG), LANG
            )
            for step in session.attempt.decisions
        }
        summary = summarise_run(session)
        room = tally([replace(summary, record=replace(session.record, member=str(n))) for n in range(5)], case)
        for split in room.splits:
            bars = split_view(room, split, LANG).bars if split.answers else ()
            assert [bar.option for bar in bars if bar.best] == ([best[split.scene]] if bars else []), (walk.name, split)
            if bars:
                replies = analysed_decision(room, split, LANG).replies
                best_said = [words(reply) for bar, reply, _ in replies if bar.best]
                assert best_said == [words(quoted(said[split.scene], LANG))]
        notebook = words(debrief_html(session, LANG))
        phone = words(pages_of(session))
        print_debrief(session, LANG)
        terminal = words(capsys.readouterr().out)
        played = review(session.attempt)
        view = debrief(session, LANG)
        slips = {slip.scene: slip.better for slip in view.one.slips}
        assert len(slips) == len(view.one.slips)  # one screen, one best reply for a scene
        if view.one.never and view.one.never.reply:
            assert not any(typeset(scene, LANG) in view.one.never.told for scene in slips)
        for number, move in enumerate(view.moves):
            step = session.attempt.steps[number]
            said[step.scene] = typeset(
                option_words(case, step.scene, best_reply(case, step), "text", dict(step.knew).get, LANG), LANG
            )
            if not move.reply.better:
                regret = played.costs[number].regret
                assert step.option in best_replies(case, step) or played.points(regret) < 1, (walk.name, step.scene)
                continue
            shown += 1
            assert move.reply.better == said[step.scene], (walk.name, step.scene)
            assert words(said[step.scene]) in notebook, (walk.name, step.scene)
            assert words(said[step.scene]) in phone, (walk.name, step.scene)
            assert words(said[step.scene]) in terminal, (walk.name, step.scene)
    assert shown
