"""What own words say, in sentences: over people, and a verdict on coders only as far as alpha's lower end bears it."""

from collections import namedtuple

import numpy as np
import pandas as pd
import pytest

from trainkit.analysis import own_words
from trainkit.analysis import word_sentences as told
from trainkit.analysis.groups import Difference
from trainkit.analysis.summary import Mean, share

Row = namedtuple("Row", "first second texts same kappa low high placed alpha alpha_low alpha_high")


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("low", "said"),
    [
        (0.82, ("судить так можно", "enough to rely on")),
        (0.7, ("предварительных", "tentative")),
        (0.5, ("Этого пока мало", "not enough")),
    ],
)
def test_a_verdict_goes_by_the_lower_end_of_alpha(low, said):
    row = Row("one", "two", 289, 0.78, 0.71, 0.65, 0.77, 219, 0.89, low, 0.92)
    for lang, words in zip(("ru", "en"), said, strict=True):
        assert words in plain(told.of_coders(row, lang))
    assert "kappa is 0.71 (95 % interval 0.65 to 0.77); of the side, where both saw one (219), alpha is 0.89" in plain(
        told.of_coders(row, "en")
    )


def test_nothing_is_no_number():
    nan = float("nan")
    assert "nothing to agree about" in told.of_coders(Row("a", "b", 5, 1.0, nan, nan, nan, 0, nan, nan, nan), "en")
    assert plain(told.of_coders(Row("a", "b", 5, 0.8, 0.5, nan, nan, 1, nan, nan, nan), "ru")).endswith("каппа — 0,50.")


def test_texts_of_one_person_count_once():
    """Two people of whom one typed a lot: the mean is over both, not over texts."""
    rows = [("a", True, 1.0, 1.0)] * 9 + [("b", False, -1.0, 0.5)] + [("b", None, None, 0.5)]
    linked = pd.DataFrame(rows, columns=["attempt", "same_side", "coded", "chosen"])
    each = own_words.by_person(linked).set_index("attempt")
    assert each["texts"].to_dict() == {"a": 9, "b": 1} and each["same_side"].to_dict() == {"a": 100, "b": 0}
    assert each.loc["b", ["coded", "chosen", "graded"]].tolist() == [-100, 100, 50]
    assert "68 % of texts, on average over people (95 % interval 59 % to 76 %; 24 people)" in plain(
        told.of_same_side(Mean(68.0, (59.3, 76.1), 20.0, 24, 0.95), "en")
    )


def test_a_shift_has_its_direction_only_where_there_is_one():
    def shift(value, half):
        return told.of_shift(
            Difference(value, (value - half, value + half), 1, 9, 0.1, 0.1, (0, 1), (9, 9), 0.95), "en"
        )

    assert "12.0 points nearer to centricity than their own words (95 % interval 2.0 to 22.0; 9 people)" in plain(
        shift(12, 10)
    )
    assert "12.0 points nearer to orientation than their own words (95 % interval 2.0 to 22.0; 9 people)" in plain(
        shift(-12, 10)
    )
    assert "can’t be shown: −2.0 points (95 % interval −12.0 to 8.0; 9 people)" in plain(shift(-2, 10))


def test_scenes_and_redactions_in_words():
    scenes = pd.DataFrame({"case_id": ["c"], "scene": ["s"], "texts": [16], "against_key": [0.75]})
    (said,) = told.of_against(scenes, {"c/s": "Касса"}, "ru")
    assert plain(said).startswith(
        "Касса: текстов, где свои слова не на той стороне, о которой просит ключ, — 12 из 16 (75 %"
    )
    assert "nothing was found" in told.of_redaction(3, {}, "en")
    assert plain(told.of_redaction(21, {"name": 2, "phone": 1}, "ru")) == "21 текст; убрано: [name] 2, [phone] 1."
    met = pd.DataFrame([[3, 1], [0, 2]], index=["middle", "mine"], columns=["middle", "mine"])
    words = told.codes_in_words(met, own_words.SIDES, "en")
    assert (
        words["code"].tolist()[1] == "mine"
        and words["code"].tolist()[0].startswith("Both:")
        and words["middle"].tolist() == [3, 0]
    )


def test_a_scene_without_a_side_is_no_disagreement_and_who_is_picked_is_said():
    rows = [("a", 0.9, "centric"), ("b", None, "off"), ("c", 0.9, "centric")]
    linked = pd.DataFrame(
        [("k", scene, 1.0 if n < 6 else -1.0, "centric" if n < 6 else "orientated", 0.5, aim, side, True)
         for scene, aim, side in rows for n in range(9)],
        columns=["case_id", "scene", "coded", "coded_side", "chosen", "aim", "aim_side", "same_side"],
    )  # fmt: skip
    scenes = own_words.by_scene(linked)
    assert scenes["scene"].tolist()[-1] == "b" and pd.isna(scenes["against_key"].iloc[-1])
    told_of = [plain(one) for one in told.of_against(scenes, {}, "en")]
    assert (
        len(told_of) == 4 and "2 are picked afterwards" in told_of[0] and "all 2 hold at once with 95 %" in told_of[0]
    )
    wide = share(3, 9, 0.975).interval  # Bonferroni over two
    assert (
        f"3 of 9 texts own words are on another side than the key asks for (33 %; 98 % interval {100 * wide[0]:.0f} %"
        in told_of[1]
    )
    assert told_of[-1] == "In 1 scene the best reply lies on no side; it is left out."
    assert plain(told.of_against(scenes, {}, "ru")[-1]).startswith("В 1 сцене лучший ответ не лежит")


def test_chance_is_somebody_elses_words_in_the_same_scene():
    dice = np.random.default_rng(3)
    sides = ["orientated", "middle", "centric"]
    linked = pd.DataFrame(
        [("k", scene, dice.choice(sides), dice.choice(sides)) for scene in "abbbccccc"],
        columns=["case_id", "scene", "coded_side", "side"],
    )
    linked["same_side"] = linked["coded_side"] == linked["side"]
    met = []
    for row in linked.itertuples():
        others = [
            one.coded_side == row.side
            for one in linked.itertuples()
            if one.scene == row.scene and one.Index != row.Index
        ]
        met += [np.mean(others)] if others else []
    assert own_words.same_by_chance(linked) == pytest.approx(np.mean(met))
    said = plain(told.of_same_side(Mean(68.0, (59.3, 76.1), 20.0, 24, 0.95), "en", 0.456))
    assert said.endswith("24 people); beside somebody else’s words in the same scene it would be 46 %.")


def test_a_shift_says_its_scale_and_how_many_and_what_grading_would_give():
    found = Difference(12, (2, 22), 1, 9, 0.1, 0.1, (0, 1), (9, 9), 0.95)
    said = plain(told.of_shift(found, "en", found._replace(value=10, interval=(-8, 28))))
    assert "(95 % interval 2.0 to 22.0; 9 people)" in said and "from −100 to +100; plus is towards centricity" in said
    assert said.endswith("not in classes, it is +10.0 (95 % interval −8.0 to +28.0).")
    assert "в трёх классах" in plain(told.of_shift(found, "ru"))
