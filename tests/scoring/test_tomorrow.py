"""Words to take along: they never contradict the verdict, never ask for what was asked, and speak of what mattered first."""

from support.places import each_of_the_casebook

from trainkit import load_case
from trainkit.case.model import TomorrowLine
from trainkit.engine.attempt import replay
from trainkit.i18n import typeset
from trainkit.log.memory import MemoryLog
from trainkit.scoring.attempt import score
from trainkit.scoring.tomorrow import choose_tomorrow, fits_run, leaning, learnt, tomorrow_id
from trainkit.session.resume import begin
from trainkit.simulation.personas import PERSONAS
from trainkit.simulation.runner import CaseRunner
from trainkit.view.debrief import debrief


def nothing(_name):
    return "unknown"


@each_of_the_casebook()
def test_every_simulated_run_gets_words_that_fit(name):
    """Played by very different people: what is shown fits, and is in the debrief."""
    case = load_case(name)
    ground, said = CaseRunner(case), set()
    for persona in PERSONAS.values():
        for number in range(1, 6):
            run = ground.run(persona, number, 0)
            session = begin(MemoryLog(), case, "ann", seed=run.seed, fixed=run.fixed, origin="scripted")
            session.play(run.answers, "ru")
            shown = debrief(session, "ru").one.tomorrow
            (line,) = [
                line
                for number, line in enumerate(case.debrief.lines)
                if shown == typeset(case.text(tomorrow_id(case, number), "ru"), "ru")
            ]
            measured = score(session.attempt)
            lean = leaning(measured.position, measured.target)
            asked = learnt(case, [(step.scene, step.option) for step in session.attempt.steps])
            assert line.asks not in asked
            assert (lean, line.toward) not in ((-1, "request"), (1, "task"))
            said.add(shown)
    assert len(said) > 1


def test_what_mattered_comes_first():
    """Who never asked about the seals, which were missing, is told to ask what they look at first."""
    case = load_case("power_upgrade")
    assert [line.asks for line in case.debrief.lines][:2] == ["seals", "load"]
    assert choose_tomorrow(case, -1, {"load"}, nothing, ["heating", "seals"]) == 2
    assert (
        choose_tomorrow(case, -1, {"load", "seals", "heating", "deadline"}, nothing, ["seals"]) == 5
    )  # toward the task
    assert choose_tomorrow(case, 1, {"load", "seals", "heating", "deadline"}, nothing) == 4  # toward the request


def test_what_the_story_tells_was_not_asked():
    case = load_case("power_upgrade")
    facts = {"load": "30", "seals": "missing", "heating": "no", "deadline": "autumn", "style": "lead_me"}
    answers = ["total_or_extra", "deadline", "load", "add_up", "enough", "thirty", "your_call", "one_minute", "pay_up"]
    run = replay(case, 1, facts, answers)
    assert run.known["seals"] == "missing"  # the inspectors found it
    assert learnt(case, [(step.scene, step.option) for step in run.steps]) == {"deadline", "load"}


def test_fits_run():
    words = TomorrowLine(text="…", asks="need", toward="task", when={"item": ["watch"]})
    watch = {"item": "watch"}.get
    assert fits_run(words, 0, (), watch) and fits_run(words, -1, (), watch)
    assert not fits_run(words, 1, (), watch)
    assert not fits_run(words, 0, {"need"}, watch)
    assert not fits_run(words, 0, (), {"item": "racket"}.get)
