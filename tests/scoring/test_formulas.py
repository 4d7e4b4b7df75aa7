"""Scores against hand calculation, scipy, and each other (one attempt and frames)."""

import math
import random
from dataclasses import asdict

import duckdb
import pandas as pd
import polars as pl
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from support.places import case_folders

from trainkit.engine import attempt as play
from trainkit.engine.turn import Step
from trainkit.errors import TrainkitError
from trainkit.files import casebook
from trainkit.scoring import attempt as attempt_module
from trainkit.scoring import decisions, frames, intervals
from trainkit.scoring.attempt import score, score_decisions
from trainkit.scoring.decisions import Decision


def decision(k, low=-0.8, high=0.8, q=0.5, qmin=0.0, qmax=1.0, w=1.0, target=0.0):
    return Decision("s", "o", w, target, k, low, high, min(max(target, low), high), q, qmin, qmax, (qmin + qmax) / 2)


def step(chosen, options, target=0.0):
    return Step("s", chosen, tuple(options), target, 1.0, True, True, False, 0, 0.0, "", (), None)


def test_position_by_hand():
    found = score_decisions([decision(-0.8, w=2), decision(0.4), decision(0.6, low=-0.2, high=0.6)])
    assert found.position == pytest.approx(100 * (-1.6 + 0.4 + 0.6) / 4)
    assert found.offered == pytest.approx((100 * (-1.6 - 0.8 - 0.2) / 4, 100 * (1.6 + 0.8 + 0.6) / 4))
    low, high = found.offered
    assert found.relative == pytest.approx(100 * (2 * (found.position - low) / (high - low) - 1))
    assert found.fit == pytest.approx(50) and found.fit_random == pytest.approx(50)
    assert found.fit_corrected == pytest.approx(0)
    assert found.off_axis == 0


def test_columns_are_found_however_their_names_are_spelt():
    """A file that Excel wrote begins with a byte order mark; one that came by macOS may have й in two characters."""
    rows = pd.DataFrame([{"attempt": "a", "Йод": 1, **asdict(decision(0.4))}] * 3)
    expected = frames.scores(rows, by=("attempt", "Йод"))
    other = rows.rename(columns={"attempt": "\ufeffattempt", "Йод": "И\u0306од", "position": "posi\u00adtion"})
    pd.testing.assert_frame_equal(frames.scores(other, by=("attempt", "И\u0306од")), expected)


def test_target_is_what_the_options_allowed():
    found = score_decisions([decision(0.1, target=0.9), decision(0.1, target=0.9), decision(0.1, high=0.3, target=0.9)])
    assert found.target == pytest.approx(100 * (0.8 + 0.8 + 0.3) / 3)


def test_off_axis_choices_leave_the_set():
    placed = [decision(0.4), decision(0.4), decision(0.4)]
    found = score_decisions([*placed, decision(None, low=-1, high=1, q=0.0)])
    assert found.position == pytest.approx(40) and found.off_axis == 0.25
    assert found.offered == pytest.approx((-80, 80))  # only of decisions with a chosen position
    rude = score_decisions([*placed, *[decision(None)] * 4])
    assert rude.position is rude.offered is rude.relative is rude.interval is None
    assert rude.why_not["position"] == "off_axis" and rude.fit is not None
    half = score_decisions([*placed, *[decision(None)] * 3])
    assert half.position is not None  # exactly half is still measured


def test_too_few_and_nothing_to_choose():
    assert score_decisions([decision(0.4)] * 2).why_not["position"] == "few"
    assert score_decisions([]).why_not == {
        **dict.fromkeys(("position", "offered", "target", "interval", "relative", "interval_relative"), "none"),
        **dict.fromkeys(("fit", "fit_random", "fit_corrected", "interval_fit", "off_axis"), "none"),
    }
    flat = score_decisions([decision(0.4, low=0.4, high=0.4)] * 3)
    assert flat.position == pytest.approx(40) and flat.relative is None and flat.why_not["relative"] == "no_range"
    assert score_decisions([decision(0.4, q=None)] * 3).why_not["fit"] == "auto"


def test_default_fit_by_hand():
    options = [("a", -0.8, None), ("b", 0.2, None), ("c", 0.7, None), ("rude", None, None), ("keyed", 0.7, 0.9)]
    found = decisions.fits(None, step("a", options, target=0.7))
    assert found["a"] == pytest.approx(0) and found["c"] == 1 and found["rude"] == 0 and found["keyed"] == 0.9
    assert found["b"] == pytest.approx(1 - 0.5 / 1.5)
    assert decisions.fits(None, step("a", [("a", 0.2, None), ("b", 0.2, None)], target=0.2)) == {"a": 1.0, "b": 1.0}


@given(st.floats(0.0005, 0.9995), st.floats(0.5, 60), st.floats(0.5, 60))
def test_beta_quantile_agrees_with_scipy(p, a, b):
    assert intervals.beta_quantile(p, a, b) == pytest.approx(
        scipy.stats.beta.ppf(p, a, b), abs=1e-7
    )  # scipy's own is 2e-9 off at p = .5, a = b


def test_interval_by_hand():
    # three decisions, equal weights: n = 3, y = (S + 100) / 200
    found = score_decisions([decision(0.4), decision(0.0), decision(-0.1)])
    y = (found.position + 100) / 200
    low, high = scipy.stats.beta.ppf([0.05, 0.95], 0.5 + 3 * y, 0.5 + 3 * (1 - y))
    assert found.interval == pytest.approx((200 * low - 100, 200 * high - 100))
    # the same from five on
    five = score_decisions([decision(0.4)] * 5)
    low, high = scipy.stats.beta.ppf([0.05, 0.95], 0.5 + 5 * 0.7, 0.5 + 5 * 0.3)
    assert five.interval == pytest.approx((200 * low - 100, 200 * high - 100))


def test_interval_contains_the_score_at_the_ends():
    for k in (-1.0, 1.0):
        found = score_decisions([decision(k, low=-1, high=1, q=(k + 1) / 2)] * 4)
        for value, bounds in ((found.position, found.interval), (found.fit, found.interval_fit)):
            assert bounds[0] <= value <= bounds[1]


@pytest.mark.parametrize("n", [3, 5, 8])
def test_interval_covers_its_share(n):
    """SCORING section 5 says .90 or more: simulate graded answers with a known mean."""
    chance = random.Random(1)
    levels = [-0.8, -0.3, 0.2, 0.7]
    covered = total = 0
    for _ in range(1500):
        p = [chance.random() ** 2 for _ in levels]
        truth = 100 * sum(a * b for a, b in zip(p, levels, strict=True)) / sum(p)
        chosen = chance.choices(levels, p, k=n)
        found = score_decisions([decision(k, low=-0.8, high=0.7) for k in chosen])
        covered += found.interval[0] <= truth <= found.interval[1]
        total += 1
    assert covered / total >= 0.88


def attempts_of_all_cases():
    """Random attempts over every case, some unfinished, some with steps back."""
    chance = random.Random(4)
    found = []
    for folder in case_folders():
        case = casebook.load_case(folder)
        for seed in range(40):
            attempt = play.start(case, seed)
            for _ in range(chance.randrange(1, 30)):
                if attempt.finished:
                    break
                if attempt.can_go_back and chance.random() < 0.1:
                    attempt = play.back(attempt)
                else:
                    attempt = play.choose(attempt, chance.choice(attempt.open))
            found.append((f"{case.id}-{seed:03}", attempt))
    return found


@pytest.mark.parametrize("library", ["pandas", "polars", "polars_lazy", "duckdb"])
def test_frames_and_single_attempts_agree(library):
    attempts = attempts_of_all_cases()
    rows = [{"attempt": name, **asdict(row)} for name, attempt in attempts for row in decisions.decisions(attempt)]
    random.Random(0).shuffle(rows)  # a table has no order
    frame = {
        "pandas": lambda: pd.DataFrame(rows),
        "polars": lambda: pl.DataFrame(rows, infer_schema_length=None),
        "polars_lazy": lambda: pl.DataFrame(rows, infer_schema_length=None).lazy(),
        "duckdb": lambda: duckdb.from_df(pd.DataFrame(rows)),
    }[library]()
    result = frames.scores(frame)
    if library == "pandas":
        table = result.to_dict("records")
    elif library == "duckdb":
        table = result.df().to_dict("records")
    else:
        table = (result.collect() if library == "polars_lazy" else result).to_dicts()
    found = {row["attempt"]: row for row in table}
    assert list(found) == sorted(name for name, attempt in attempts if attempt.decisions)
    for name, attempt in attempts:
        if not attempt.decisions:
            continue
        single, row = score(attempt), found[name]
        low, high = single.offered or (None, None)
        for field, value in {
            "position": single.position,
            "offered_low": low,
            "offered_high": high,
            "relative": single.relative,
            "target": single.target,
            "fit": single.fit,
            "fit_random": single.fit_random,
            "fit_corrected": single.fit_corrected,
            "off_axis": single.off_axis,
        }.items():
            if value is None:
                assert row[field] is None or math.isnan(row[field]), (name, field)
            else:
                assert row[field] == pytest.approx(value, abs=1e-9), (name, field)


def test_score_of_a_played_case(parcel):
    """By hand: call (offer −0.4), solve (rules: off), shouting (sorry −0.7, weight 2)."""
    attempt = play.replay(parcel, 0, {"price": "low", "need": "whenever"}, ["offer", "rules", "sorry"])
    found = score(attempt)
    assert found.decisions == 3 and found.off_axis == pytest.approx(1 / 3)
    assert found.position is None and found.why_not["position"] == "few"
    fits = [row.fit for row in decisions.decisions(attempt)]
    # at `shouting` one option has a position, −0.7, and the target is −0.5: the formula gives it 1 − 0.2/0.2 = 0
    assert fits == pytest.approx([0.3, 0.0, 0.0])


def test_nan_is_a_missing_value_in_every_library():
    rows = [{"attempt": "a", **asdict(decision(k))} for k in (0.4, 0.0, -0.3, None)]
    broken = [{key: float("nan") if value is None else value for key, value in row.items()} for row in rows]
    for frame in (pd.DataFrame(broken), pl.DataFrame(broken)):
        result = frames.scores(frame)
        (row,) = result.to_dict("records") if isinstance(result, pd.DataFrame) else result.to_dicts()
        assert row["off_axis"] == 0.25 and row["position"] == pytest.approx(100 * 0.1 / 3)


def test_a_frame_without_decisions_is_refused_in_a_sentence():
    with pytest.raises(TrainkitError, match="columns aim, attempt"):
        frames.scores(pd.DataFrame([]))


COLUMNS = ["attempt", *Decision.__dataclass_fields__]


@pytest.mark.parametrize(
    "empty",
    [pd.DataFrame(columns=COLUMNS), pl.DataFrame(schema=COLUMNS), pl.DataFrame(schema=COLUMNS).lazy()],
    ids=["pandas", "polars", "lazy"],
)
def test_no_decisions_give_an_empty_table_with_types(empty):
    table = frames.scores(empty)
    if isinstance(table, pl.LazyFrame):
        table = table.collect()
    row = asdict(Decision("s", "o", 1.0, 0.0, 1.0, -1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.5)) | {"attempt": "a"}
    full = frames.scores(pd.DataFrame([row]) if isinstance(table, pd.DataFrame) else pl.DataFrame([row]))
    assert len(table) == 0 and list(table.columns) == list(full.columns)
    if isinstance(table, pl.DataFrame):
        assert table.schema == full.schema
    else:
        numbers = [name for name in table.columns if name != "attempt"]
        assert table[numbers].dtypes.to_dict() == full[numbers].dtypes.to_dict()


def test_a_score_shows_itself_in_a_notebook(parcel):
    run = play.start(parcel, 1)
    begun = score(run)._repr_html_()
    assert "not finished" in begun and "not measured: no decision has been made yet" in begun
    assert "not measured: the run is not finished" in begun
    while not run.finished:
        run = play.choose(run, run.open[0])
    done = score(run)
    html = done._repr_html_()
    assert html.startswith("<table>") and html.endswith("</table>")
    assert all(word not in html for word in ("<style", "<script", "color", "class="))
    for name, label in (("position", "Position"), ("fit", "Fit"), ("play", "Play"), ("inquiry", "Inquiry")):
        assert f">{label}</th>" in html
        value = getattr(done, name)
        assert ("—" if value is None else f"{round(value) or 0}".replace("-", "−")) in html.split(f">{label}</th>")[1]
    for code in done.why_not.values():
        assert code in attempt_module.REASONS


def test_every_reason_has_plain_words():
    for code in ("few", "off_axis", "no_range", "auto", "none", "unfinished", "no_stake", "no_questions", "too_large"):
        assert attempt_module.REASONS[code]
    hurt = score_decisions([], finished=False)
    assert "&lt;b&gt;" in attempt_module.replace(hurt, why_not={"position": "<b>"})._repr_html_()
