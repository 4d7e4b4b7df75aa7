"""What is still to be filled in is found whether it is marked or not, comes back from Twine, and goes when filled in."""

import re

from trainkit import load_case
from trainkit.checks.report import check
from trainkit.cli.main import main
from trainkit.files import yaml_reader
from trainkit.files.gaps import gaps
from trainkit.files.scaffold import new_case
from trainkit.files.yaml_edit import edited

STORY = """:: Start
<<if $late>>She frowns.<<else>>She smiles.<</if>>

She wants <<print $sum>> back.

[[Pay|Paid]]
<<if $late>>[[Say sorry->Sorry]]<</if>>
[[Wait]]

:: Paid
She leaves content.

:: Sorry
She nods.

:: Wait
She goes.
"""


def taken(tmp_path, name="desk", *options):
    (tmp_path / "story.twee").write_text(STORY, "utf-8")
    place = tmp_path / name
    assert main(["from-twee", str(tmp_path / "story.twee"), "-o", str(place), *options]) == 0
    return place


def marks(place):
    text = (place / "case.yml").read_text("utf-8")
    return [(gap.path, gap.note) for gap in gaps(text, yaml_reader.parse(text, "")[1])]


def test_a_case_with_gaps_is_not_ready(tmp_path, capsys):
    place = taken(tmp_path)
    assert main(["check", str(place)]) == 1
    said = capsys.readouterr().out
    count = int(re.search(r"^NOT READY: (\d+) gaps$", said, re.M)[1])
    assert count == check(place).gaps == (place / "case.yml").read_text("utf-8").count("# ???")


def test_a_text_that_says_nothing_is_a_gap_without_a_mark(tmp_path, capsys):
    place = taken(tmp_path)
    file = place / "case.yml"
    file.write_text(re.sub(r" *# \?\?\?.*", "", file.read_text("utf-8")), "utf-8")
    assert main(["check", str(place)]) == 1
    assert re.search(r"^NOT READY: \d+ gaps$", capsys.readouterr().out, re.M)
    assert [one for one in check(place).warnings if "[gap at role]" in str(one)]
    whole = new_case("whole", tmp_path)
    assert not check(whole).gaps
    text = (whole / "case.yml").read_text("utf-8")
    (whole / "case.yml").write_text(re.sub(r"^role: .*$", 'role: "..."', text, flags=re.M), "utf-8")
    assert check(whole).gaps == 1


def test_an_author_who_means_it_says_so(tmp_path):
    place = new_case("silent", tmp_path)
    text = (place / "case.yml").read_text("utf-8")
    (place / "case.yml").write_text(re.sub(r"^role: .*$", "role: …", text, flags=re.M), "utf-8")
    (place / "accepted.yml").write_text("- {warning: gap, at: role, because: Nobody knows.}\n", "utf-8")
    assert not check(place).gaps


def test_branches_and_what_is_worked_out_in_play_are_gaps(tmp_path):
    place = taken(tmp_path)
    noted = {path: note for path, note in marks(place) if note}
    lines = ("scenes", "start", "lines")
    assert noted[*lines, 0, "narrator"] == "if $late; else" and noted[*lines, 1, "narrator"] == "print $sum"
    assert noted["scenes", "start", "options", "say_sorry", "text"] == "if $late"


def test_gaps_come_back_from_twine(tmp_path):
    place = taken(tmp_path)
    story, back = tmp_path / "back.twee", tmp_path / "back" / "desk"
    assert main(["twee", str(place), "-o", str(story)]) == 0
    assert main(["from-twee", str(story), "-o", str(back)]) == 0
    written = (place / "case.yml").read_text("utf-8")
    assert (back / "case.yml").read_text("utf-8") == written[written.index("id: desk") :], "all but the words over it"
    filled = story.read_text("utf-8").replace("because: … # ???", "because: She smiled.", 1)
    filled = filled.replace('because: "…" # ???', "because: She smiled.", 1)
    story.write_text(filled, "utf-8")
    assert main(["from-twee", str(story), "-o", str(back), "--replace"]) == 0
    assert len(marks(back)) == len(marks(place)) - 1


def test_a_title_that_nobody_gave_stays_a_gap_in_twine(tmp_path):
    (tmp_path / "talk.txt").write_text("client: Where is it?\nme: Which number?\n", "utf-8")
    place, story = tmp_path / "talk", tmp_path / "talk.twee"
    assert main(["from-chat", str(tmp_path / "talk.txt"), "-o", str(place)]) == 0
    assert {("title",), ("speakers", "client"), ("scenes", "turn_1", "title")} <= {path for path, _ in marks(place)}
    assert main(["twee", str(place), "-o", str(story)]) == 0
    assert main(["from-twee", str(story), "-o", str(place), "--replace"]) == 0
    assert {("title",), ("scenes", "turn_1", "title")} <= {path for path, _ in marks(place)}


def test_what_is_filled_in_loses_its_mark(tmp_path):
    place = taken(tmp_path)
    text = (place / "case.yml").read_text("utf-8")
    data, _ = yaml_reader.parse(text, "")
    after = {**data, "role": "You stand at the desk."}
    new = edited(text, data, after)
    assert 'role: "You stand at the desk."\n' in new and new.count("# ???") == text.count("# ???") - 1
    assert load_case(place).text("role", "en") == "…"


def test_a_decision_of_two_replies_is_warned_of(tmp_path):
    place = taken(tmp_path)
    file = place / "case.yml"
    text = file.read_text("utf-8")
    file.write_text(text[: text.index("      wait:")] + "\n" + text[text.index("endings:") :], "utf-8")
    assert [str(one) for one in check(place).warnings if "a decision wants 3 to 5 replies (got 2)" in str(one)]
    assert not [one for one in check(new_case("whole", tmp_path)).warnings if "few_replies" in one.mark]
