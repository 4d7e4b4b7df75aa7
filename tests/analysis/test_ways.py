"""Which ways people take: counted by hand, by brute force over a log, and against the engine's own replay."""

from collections import Counter
from itertools import zip_longest

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint
from support.logs import filled

from trainkit.analysis.tables import TooFew
from trainkit.analysis.ways import moves, ways
from trainkit.errors import TrainkitError
from trainkit.exchange.folder import export_folder
from trainkit.exchange.log_tables import Reading
from trainkit.exchange.read import read
from trainkit.log.replay import replay
from trainkit.log.store import Log


def events(text, case="c"):
    """Attempts, a line each: steps ``scene``, ``scene<`` (back from there), ``scene=ending``; ``!scene`` leads nowhere."""
    rows = []
    for number, line in enumerate(text.strip().splitlines()):
        for step, word in enumerate(line.split()):
            kind = "why" if word[0] == "!" else "back" if word[-1] == "<" else "choose"
            scene, _, ending = word.strip("!<").partition("=")
            rows.append((f"a{number}", step, kind, scene, ending or None, case))
    return pd.DataFrame(rows, columns=["attempt", "step", "kind", "scene", "ending", "case_id"])


FOUR = """
call !call ask ask offer=content
call offer< call ask=angry
call offer=content
call ask
"""


def test_counted_by_hand():
    found = moves(events(FOUR)).set_index(["scene", "to", "how"])
    assert found["times"].to_dict() == {
        ("call", "ask", "choice"): 3, ("call", "offer", "choice"): 2, ("ask", "offer", "choice"): 1,
        ("ask", "angry", "ending"): 1, ("ask", "", "stopped"): 1, ("offer", "content", "ending"): 2,
        ("offer", "call", "back"): 1,
    }  # fmt: skip
    assert found.loc[("call", "ask", "choice"), "attempts"] == 2  # the second one's first leaving was to the offer
    assert found.loc[("call", "ask", "choice"), "share"] == 0.5
    assert found.groupby("scene")["share"].sum().tolist() == pytest.approx([1, 1, 1])
    assert [key[0] for key in found.index][:2] == ["call", "call"]  # as they are met


def test_whole_ways():
    found = ways(events(FOUR))
    assert dict(zip(found["way"], found["attempts"], strict=True)) == {
        "call → ask → offer → content": 1, "call → offer → call → ask → angry": 1, "call → offer → content": 1,
        "call → ask → …": 1,
    }  # fmt: skip
    assert found["share"].tolist() == [0.25] * 4


def test_intervals_are_wilsons():
    """Wilson 1927; 8 of 10 at 95 %: .4902 … .9433 (Newcombe 1998 has the method; R: binom::binom.wilson(8, 10))."""
    found = moves(events("call a=x\n" * 8 + "call b=y\n" * 2)).set_index(["scene", "to"])
    row = found.loc[("call", "a")]
    assert (row["low"], row["high"]) == (pytest.approx(0.4902, abs=1e-4), pytest.approx(0.9433, abs=1e-4))
    assert (row["low"], row["high"]) == pytest.approx(proportion_confint(8, 10, method="wilson"))


def test_a_log_by_brute_force_and_as_the_engine_has_it(tmp_path):
    log = filled(Log(tmp_path / "log.sqlite3"))
    export_folder(Reading(log), tmp_path / "out")
    told, attempts = (read(tmp_path / "out", table).rows for table in ("events", "attempts"))
    counted = Counter()
    for record in log.attempts():
        made = [event for event in log.events(record.attempt) if event.kind in ("choose", "back")]
        for one, following in zip_longest(made, made[1:]):
            to = one.ending or (following.scene if following else "")
            if to != one.scene:
                counted[record.case_id, one.scene, to] += 1
    found = moves(told, attempts)
    seen = found.groupby(["case_id", "scene", "to"])["times"].sum().to_dict()
    assert seen == dict(counted) and "back" in set(found["how"])
    straight = attempts.loc[attempts["finished"] & ~attempts["went_back"], "attempt"]
    all_ways = set(ways(told, attempts)["way"])
    assert len(straight) > 3
    for record in log.attempts():
        if record.attempt in set(straight):
            run = replay(log, record)
            met = [step.scene for step in run.steps]
            distinct = [scene for scene, before in zip(met, [None, *met], strict=False) if scene != before]
            assert " → ".join([*distinct, run.ending]) in all_ways
    log.close()


def test_what_cannot_be_counted_is_said():
    with pytest.raises(TooFew, match="0 choices"):
        moves(events(FOUR).assign(kind="why"))
    with pytest.raises(TrainkitError, match="has no column case_id"):
        moves(events(FOUR).drop(columns="case_id"))
    known = pd.DataFrame({"attempt": ["a0"], "case_id": ["c"]})
    with pytest.raises(TrainkitError, match="of 3 attempts it isn't said which case"):
        ways(events(FOUR).drop(columns="case_id"), known)
    assert np.isfinite(moves(events("call a=x"))[["share", "low", "high"]]).all(axis=None)
