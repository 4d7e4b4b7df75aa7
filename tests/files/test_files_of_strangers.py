"""What somebody wrote to keep a reader busy: time grows with the size of a file, and what is bounded is said."""

import csv
import gc
import sys
import time

import pytest
import yaml

from trainkit.bulk.keys import Key
from trainkit.cli.main import main
from trainkit.errors import TrainkitError
from trainkit.exchange.read import MOST_COLUMNS, plain_table
from trainkit.files import yaml_mending, yaml_reader
from trainkit.files.chat import read_chat
from trainkit.files.outline import write_outline
from trainkit.files.reading import csv_rows
from trainkit.files.twee import take
from trainkit.files.twee.inclusion import A_PART, MOST_PUT_IN

TIMES = 8  # larger; what looks again for each part takes 64 times as long


def needed(work, text):
    """Seconds of the processor."""
    gc.collect()
    gc.disable()  # it would look through what other tests have left
    began = time.process_time()
    try:
        work(text)
        return time.process_time() - began
    finally:
        gc.enable()


def grows_with_its_size(work, made, parts):
    small, large = max(needed(work, made(parts)) for _ in range(2)), 9e9
    for _ in range(3):  # a moment's stall of the machine is no growth
        large = min(large, needed(work, made(TIMES * parts)))
        if large < 3 * TIMES * max(small, 0.002):
            break
    assert large < 3 * TIMES * max(small, 0.002), f"{small:.3f} s, {large:.3f} s"


def story(body, story_format=""):
    return f':: StoryData\n{{"format": "{story_format}"}}\n\n:: StoryTitle\nA story\n\n:: Start\n{body}\n'


def read(text):
    assert take(text, "story") is not None


@pytest.mark.parametrize(
    ("part", "story_format"),
    [
        ("[[", ""),
        ("[[a", ""),
        ("<<if ", "sugarcube"),
        ('<<if "a" ', "sugarcube"),
        ('<<a "\\"', "sugarcube"),
        ("<<if x>>a <</for>>", "sugarcube"),
        ("<<goto [[->", "sugarcube"),
        ("$a[a][b", "chapbook"),
        ("[if\n", ""),
        ("[img[", ""),
        ("<img ", ""),
        ("![](", ""),
        (".[[a]]", ""),
        ("\n\v", ""),
    ],
)
def test_signs_without_an_end_are_read_once(part, story_format):
    """Before them stand ends of macros, so that they count as enclosing something, and behind them a word."""
    grows_with_its_size(read, lambda n: story("<<for x>><</if>>" + part * (n // len(part)) + " x", story_format), 8_000)


@pytest.mark.parametrize(
    "passages",
    [
        lambda n: "".join(f":: p{k}\n<<goto 'p{k + 1}'>>\n\n" for k in range(n)),
        lambda n: "".join(f":: {'?' * (k + 1)}\n[[{'?' * (k + 2)}]]\n\n" for k in range(n // 20)),
        lambda n: "".join(f":: p{k}\n[[p{k + 1}]]\n\n" for k in range(n)),
        lambda n: ":: Start\n" + "".join(f"[[say->p{k}]]\n" for k in range(n)),
    ],
    ids=["that only lead on", "of one id", "one after the other", "from one place"],
)
def test_many_passages(passages):
    grows_with_its_size(read, lambda n: story("[[p0]]\n\n", "sugarcube") + passages(n), 300)


def test_what_passages_put_into_each_other_is_bounded():
    """Each includes the next one three times: three to the twentieth passages."""
    text = ":: StoryTitle\nx\n\n:: Start\n<<include 'p0'>>\n\n"
    for k in range(30):
        text += f":: p{k}\nx{k}\n\n" + f"<<include 'p{k + 1}'>>\n\n" * 3
    taken = take(text + ":: p30\nend\n", "story")
    (place,) = taken.outline.places.values() if len(taken.outline.places) == 1 else [taken.outline.places["start"]]
    assert 0 < len(place.lines) <= MOST_PUT_IN / A_PART
    assert [str(one) for one in taken.told if "left out, passages that would be put in" in str(one)]


def test_what_is_put_in_everywhere_still_is():
    text = ":: StoryTitle\nx\n\n:: Menu\n" + "It is late.\n\n" * 10
    text += "".join(f":: p{k}\n<<include 'Menu'>>\n\n[[p{k + 1}]]\n\n" for k in range(300)) + ":: p300\nEnd.\n"
    taken = take(text.replace(":: p0\n", ":: Start\n"), "story")
    scenes = [place for place in taken.outline.places.values() if place.replies]
    assert len(scenes) == 300 and all(len(place.lines) == 10 for place in scenes)


def test_a_heading_of_spaces_is_read_once():
    taken = take(f":: Start\nWords.\n\n[[Next]]\n\n:: Next{' ' * 100_000}]\nEnd.\n", "story")
    assert taken is not None and len(taken.outline.places) == 2


def test_a_story_that_no_case_has_room_for_is_refused(tmp_path, capsys):
    (tmp_path / "story.twee").write_text(":: Start\n" + "".join(f"[[say->p{k}]]\n" for k in range(30_000)), "utf-8")
    assert main(["from-twee", str(tmp_path / "story.twee"), "-o", str(tmp_path / "new"), "--lang", "en"]) == 2
    said = capsys.readouterr().err
    assert "larger than one may be, 1,000,000 bytes (scenes and endings 30001, replies 30000)" in said
    assert not (tmp_path / "new").exists()


def test_a_story_that_just_does_not_fit_is_refused_too(tmp_path, monkeypatch):
    monkeypatch.setattr(yaml_reader, "MAX_BYTES", 20_000)
    taken = take(":: Start\n" + "".join(f"Words.\n\n[[say->p{k}]]\n" for k in range(120)), "story")
    with pytest.raises(TrainkitError, match="larger than one may be"):
        write_outline(taken.outline, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_after_a_slip_a_file_is_not_read_again_for_each_line(monkeypatch):
    counted, parse = [], yaml.parse
    monkeypatch.setattr(yaml, "parse", lambda text, Loader: counted.append(len(text)) or parse(text, Loader=Loader))
    text = 'id: a\ntitle: "' + "x\n" * 30_000
    reading = yaml_reader.read_on(text, "case.yml")
    assert sum(counted) <= yaml_mending.MOST_READ + 2 * len(text)
    assert [one.place for one in reading.problems] == ["case.yml:2"] and not reading.whole
    assert "a text in quotes begins here and doesn't end" in str(reading.problems[0])


def test_a_row_of_spaces_in_yaml_is_looked_at_once():
    reading = yaml_reader.read_on("a: b: " + " " * 100_000 + "c\n", "case.yml")
    assert "a second colon" in str(reading.problems[0])


# ---- conversations ----------------------------------------------------------------------------------------------


CHAT = "client: a\nme: b\n"


@pytest.mark.parametrize(
    ("before", "part"),
    [
        ("", "it rained\n"),
        (CHAT, "and more\n"),
        (CHAT, "client: a\n(waits)\nme: b\n"),
        (CHAT, "(waits)\nme: b\n"),
        (CHAT + "client: ", " "),
        (CHAT + "client: a", " / "),
        ("", "alone\n"),
        (CHAT, "{n}: a\nme: b\n"),
        (CHAT, "{n}: a\n"),
    ],
)
def test_a_conversation_takes_time_by_its_length(before, part):
    def made(parts):
        return before + "".join(part.replace("{n}", "person " + _letters(n)) for n in range(parts)) + "\n" + CHAT

    grows_with_its_size(lambda text: read_chat(text, "chat"), made, 2_000)


def _letters(number):
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


# ---- tables -----------------------------------------------------------------------------------------------------


@pytest.fixture(params=["as it is", "raised"])
def limit_of_csv(request):
    """Python's own limit of a cell, as it begins and as libraries leave it (frictionless, SciPy)."""
    before = csv.field_size_limit(131_072 if request.param == "as it is" else sys.maxsize)
    yield
    csv.field_size_limit(before)


@pytest.mark.usefixtures("limit_of_csv")
def test_a_cell_without_an_end_is_said_with_its_row(tmp_path, capsys):
    file = tmp_path / "answers.csv"
    file.write_text('person,scene,fit\na,b,1\nc,"d,1\n' + "e,f,1\n" * 40_000, "utf-8")
    assert main(["report", str(file), "-o", str(tmp_path / "page.html"), "--lang", "en"]) == 2
    said = "in the row that begins on line 3 a cell has more than 131,072 characters: is a quote open?"
    assert said in capsys.readouterr().err
    with pytest.raises(TrainkitError, match="line 3"):
        plain_table(file)
    (tmp_path / "key.csv").write_text('case,scene,option,"' + "x" * 140_000, "utf-8")
    with pytest.raises(TrainkitError, match="line 1"):
        Key(tmp_path / "key.csv")
    assert [*csv_rows('a,"b\nc"\nd', ",", "x.csv")] == [(2, ["a", "b\nc"]), (3, ["d"])]


def test_columns_are_counted(tmp_path):
    file = tmp_path / "answers.csv"
    file.write_text(",".join(f"c{n}" for n in range(200_000)), "utf-8")
    with pytest.raises(TrainkitError, match="has 200,000 columns; at most 2,000 are read"):
        plain_table(file)
    file.write_text(",".join(f"c{n}" for n in range(MOST_COLUMNS)), "utf-8")
    assert len(plain_table(file)[0].columns) == MOST_COLUMNS
    file.write_text("b,a,b,a", "utf-8")
    with pytest.raises(TrainkitError, match="the column 'a' twice"):
        plain_table(file)
