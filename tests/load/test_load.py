"""The load client plays real servers, and notices what is wrong with a page."""

import asyncio
import subprocess
import sys
from collections import Counter

import pytest
from load import client, crashes, report, run, servers, soak
from load.client import Target
from load.tally import Plan, Tally, quantile, together
from support.faults import Said, differences

PLAN = Plan(4, (0, 0), hold=0.2)


def room(folder, fault="", plan=PLAN):
    with servers.bare(folder, fault) as server:
        target = Target(server.base, "/?code={code}", "Голая страница", code="123456")
        return asyncio.run(client.room(target, plan))


def test_a_room_plays_without_an_error(tmp_path):
    """Whole cases, one after another, every page as it must be."""
    tally = room(tmp_path, plan=Plan(4, (0, 0), hold=2))
    assert not tally.errors, tally.examples
    assert tally.played >= PLAN.trainees
    assert len(tally.submits) == 4 * tally.played
    assert (
        PLAN.trainees < len(tally.loads["join"]) <= tally.played / PLAN.runs + PLAN.trainees
    )  # others take their places
    assert len(tally.loads["debrief"]) == 2 * tally.played  # its second page is turned to


def test_somebody_else_sits_down(tmp_path):
    """After so many runs a place is taken by somebody new, who joins under a name of his own."""
    tally = room(tmp_path, plan=Plan(4, (0, 0), hold=0.2, runs=1, read=False))
    assert not tally.errors, tally.examples
    assert len(tally.loads["join"]) == len(tally.loads["debrief"]) == tally.played


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "noticed"),
    {
        "status": "status 500",
        "title": "title",
        "name": "no name on the page",
        "other": "somebody else's page",
        "step": "step",
        "talk": "the chosen reply is not in the talk",
        "options": "no option to choose",
        "direct": "a post was answered without a redirect",
        "debrief": "no option to choose",
        "turn": "no name on the page",
    }.items(),
)
def test_the_client_notices(tmp_path, fault, noticed):
    """Each thing a server may do wrong is counted as that, once a trainee, with an example that names him."""
    tally = room(tmp_path, fault)
    assert fault != "talk" or len(tally.submits) == PLAN.trainees  # at the first answer, though the menu has the words
    assert tally.errors == {noticed: PLAN.trainees}
    assert "Ирис-0000" in tally.examples[noticed]


def test_a_wrong_path_is_noticed(tmp_path):
    """A case that is over too early or offers other replies is not the exercise that was to be played."""
    with servers.bare(tmp_path) as server:
        target = Target(server.base, "/?code={code}", "Голая страница", code="1", path=(frozenset("0"),) * 5)
        assert asyncio.run(client.room(target, PLAN)).errors == {"number of clicks": PLAN.trainees}


def test_a_server_that_is_gone_is_an_error(tmp_path):
    """Refused connections are counted, they don't end the room."""
    target = Target(f"http://127.0.0.1:{servers.free_port()}", "/?code={code}", "…", code="1")
    errors = asyncio.run(client.room(target, PLAN)).errors
    assert sum(errors.values()) == PLAN.trainees
    assert all(kind.startswith("connection: ") for kind in errors)


def test_quantiles_are_nearest_rank():
    """As in the textbook: of 1 … 20 the 95 % quantile is 19, of one value it is that value."""
    assert [quantile(list(range(20, 0, -1)), share) for share in (0.5, 0.95, 0.99, 1)] == [10, 19, 20, 20]
    assert quantile([7.0], 0.5) == 7


def result(name, slowest, peak=100.0, errors=0):
    """A row of twenty submits a second for a second, the slowest two of them this slow (ms)."""
    took = [0.001] * 18 + [slowest / 1000] * 2
    tally = Tally(full=(0.0, 1.0), submits=[(n / 20, one) for n, one in enumerate(took)], seconds=1.0)
    tally.errors = Counter({"title": errors}) if errors else Counter()
    return report.Result(name, name.partition("-")[0], Plan(200, hold=1), tally, servers.Usage(peak, peak, 1.0, 1), 0.5)


def test_goals_are_met_or_not():
    """Each goal is judged by its own rows: the worse of two runs, the ratio to oTree, the errors of the largest room."""
    two = [result("bare-two-clients-64", 1), result("trainkit-two-clients-64", 1)]
    good = [
        result("trainkit-3000", 18, peak=90),
        result("trainkit-3000-again", 10, peak=80),
        result("trainkit-5000", 90),
    ]
    beside = [result("otree-200", 450), result("trainkit-200", 3)]
    assert [met for *_, met in report.goals([*good, *beside, *two], [0.7, 0.8, 0.9])] == [True] * 6
    bad = [
        result("trainkit-3000", 10),
        result("trainkit-3000-again", 19, peak=91),
        result("trainkit-5000", 1, errors=1),
    ]
    beside = [result("otree-200", 449), result("trainkit-200", 3)]
    two[1].tally.submits = two[1].tally.submits[:17]
    assert [met for *_, met in report.goals([*bad, *beside, *two], [0.81])] == [False] * 6


def test_submits_count_while_everybody_is_there():
    """Before the ramp is over and after the time is up they don't; where each plays once all do."""
    tally = Tally(full=(2.0, 4.0), submits=[(1.9, 0.1), (2.0, 0.2), (3.9, 0.3), (4.0, 0.4)], seconds=8.0)
    assert (tally.steady(), tally.rate()) == ([0.2, 0.3], 1.0)
    tally.full = (2.0, 2.0)
    assert (len(tally.steady()), tally.rate()) == (4, 0.5)


def test_what_several_clients_saw_is_added_up():
    """Everybody was there while everybody of each was; what one saw is kept with its kind."""
    parts = [
        Tally(began=1.0, full=(2.0, 9.0), seconds=9.0, played=2),
        Tally(began=1.5, full=(2.5, 9.5), seconds=8.0, played=3),
    ]
    for part in parts:
        part.submits.append((3.0, 0.1))
        part.loads["scene"].append((3.0, 0.1))
        part.wrong("title", "first")
    both = Tally()
    together(parts, both)
    assert (both.began, both.full, both.seconds, both.played) == (1.0, (2.5, 9.0), 9.0, 5)
    assert (len(both.submits), len(both.loads["scene"]), both.errors["title"]) == (2, 2, 2)
    assert both.examples == {"title": "first"}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_usage_counts_children():
    """Memory and CPU of the process and of its child."""
    inner = "import time\nwhile time.process_time() < 0.2: pass\nprint('ready', flush=True); input()"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    with subprocess.Popen([sys.executable, "-c", outer], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        used = servers.usage(process.pid)
        process.communicate(b"\n")
    assert used.processes == 2
    assert 5 < used.rss <= used.peak < 200
    assert 0.15 < used.cpu < 20  # the system counts in ticks of 10 ms


@pytest.mark.slow
@pytest.mark.needs("faketime")
def test_nothing_is_lost_whatever_breaks(capsys):
    """One moment of each fault on SQLite: what was confirmed is in the log, or comes back from the rescue file."""
    assert crashes.main(["--moments", "1", "--people", "20", "--database", "sqlite"]) == 0
    printed = capsys.readouterr().out
    assert all(f"| {fault} | sqlite | 1 | 20 |" in printed for fault in crashes.SQLITE)


@pytest.mark.slow
@pytest.mark.needs("faketime", "postgresql")
def test_nothing_is_lost_whatever_breaks_on_postgresql(capsys):
    """The same where the database is a server: it crashes, cuts its connections, is dropped."""
    assert crashes.main(["--moments", "1", "--people", "20", "--database", "postgres"]) == 0
    printed = capsys.readouterr().out
    assert all(f"| {fault} | postgres | 1 | 20 |" in printed for fault in crashes.POSTGRES)


def test_what_is_missing_from_the_log_is_counted():
    """The table would say so: an answer that the log lacks, and one that nobody gave."""
    offer, rules = Said("choose", "offer"), Said("choose", "rules")
    book = [offer, rules]
    assert list(differences(book, book)) == []
    assert list(differences(book, book[:1])) == [(1, rules, None)]
    assert list(differences(book[:1], book)) == [(1, None, rules)]
    assert list(differences(book, [rules, offer])) == [(0, offer, rules), (1, rules, offer)]
    either = [offer, (rules, Said("choose", "shout"))]  # two were sent, and a server that slept took one of them
    assert list(differences(either, book)) == []
    assert list(differences(either, [offer, offer])) == [(1, either[1], offer)]
    assert list(differences(either, [offer])) == [(1, either[1], None)]


def test_a_run_that_was_cut_off_goes_on(tmp_path):
    """What was done is known again, the rest isn't, nor a row that was cut off with the run."""
    kept = tmp_path / "kept.jsonl"
    assert crashes.known(kept) == {}
    done = [crashes.Outcome(fault, "sqlite", 10, 200, confirmed=7, back=[1.5]) for fault in ("kill -9", "SIGTERM")]
    for one in done:
        crashes.keep(kept, one)
    assert list(crashes.known(kept).values()) == done
    kept.write_text(kept.read_text("utf-8")[:-20], "utf-8")
    assert crashes.known(kept) == {("kill -9", "sqlite"): done[0]}


def test_memory_by_the_minute():
    """From when it has settled, whole minutes only."""
    seen = [(second, 100.0 + (second >= 180), 50.0) for second in range(0, 250, 2)]
    assert soak.minutes(seen, 60.0) == [(100.0, 50.0), (100.0, 50.0), (101.0, 50.0)]


@pytest.mark.slow
@pytest.mark.may_call("git")
def test_quick_run_of_the_real_server(capsys):
    """`trainkit class` on a real port: twenty trainees play whole cases and nobody sees anything wrong."""
    assert run.main(["--quick"]) == 0
    printed = capsys.readouterr().out
    assert "| trainkit-whole-case | 20 |" in printed
    assert "WRONG" not in printed


def test_a_row_that_does_not_exist_is_refused(capsys):
    """The sentence names the rows there are."""
    with pytest.raises(SystemExit):
        run.main(["--only", "trainkit-9"])
    assert "--only must fit one of the rows client-alone" in capsys.readouterr().err
