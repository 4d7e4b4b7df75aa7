"""A story that its author has changed comes into the case again; what was filled in there stays."""

import re

import pytest

from trainkit.cli.main import main

STORY = """:: StoryTitle
Desk

:: Start
She wants her parcel.

[[Ask for the number->Number]]
[[Pay her->Paid]]
[[Shrug->Gone]]

:: Number
She has it somewhere.

[[Wait->Paid]]
[[Sigh->Gone]]

:: Paid
She leaves content.

:: Gone
She leaves.
"""
NEW = STORY.replace("Ask for the number", "Kindly ask for the number").replace(
    "She leaves.\n", "She leaves for good.\n"
)
NEW = NEW.replace("[[Shrug->Gone]]", "[[Shrug->Gone]]\n[[Call the depot->Depot]]") + "\n:: Depot\nNobody answers.\n"


@pytest.fixture
def place(tmp_path):
    (tmp_path / "story.twee").write_text(STORY, "utf-8")
    assert main(["from-twee", str(tmp_path / "story.twee"), "-o", str(tmp_path / "desk")]) == 0
    return tmp_path / "desk"


def again(place, story):
    file = place.parent / "story.twee"
    file.write_text(story, "utf-8")
    return main(["from-twee", str(file), "-o", str(place), "--replace"])


def fill_in(place):
    file = place / "case.yml"
    text = file.read_text("utf-8")
    text = re.sub(r"^role: .*$", "role: You stand at the desk.  # mine", text, flags=re.M)
    at = text.index("ask_for_the_number:")
    text = text[:at] + re.sub(r"position: .*", "position: 0.7", text[at:], count=1)
    file.write_text(text, "utf-8")
    return text


def test_what_is_new_comes_in_and_what_was_filled_in_stays(place, capsys):
    before = fill_in(place)
    assert again(place, NEW) == 0
    said = capsys.readouterr().out
    assert "what you filled in stays" in said and "(scenes and endings: 2, replies: 2)" in said
    text = (place / "case.yml").read_text("utf-8")
    assert "role: You stand at the desk.  # mine\n" in text and "narrator: She leaves for good." in text
    option = text[text.index("ask_for_the_number:") :][:200]
    assert "text: Kindly ask for the number" in option and "position: 0.7\n" in option, (
        "a reply is the one that leads there"
    )
    assert "call_the_depot:" in text and "depot:\n    title: Depot" in text
    assert text.count("# ???") == before.count("# ???") + 4  # because and position, mood and value
    assert again(place, NEW) == 0 and "nothing in the story has changed" in capsys.readouterr().out
    assert (place / "case.yml").read_text("utf-8") == text


def test_where_both_have_changed_the_same_the_case_stays_and_is_told(place, capsys):
    file = place / "case.yml"
    file.write_text(file.read_text("utf-8").replace("narrator: She leaves.", "narrator: She slams the door."), "utf-8")
    assert again(place, NEW) == 0
    assert "kept as you have it" in (said := capsys.readouterr().out) and "lines 1, narrator: " in said
    assert "She slams the door." in said and 'in the story: "She leaves for good."' in said and "case.yml:" in said
    assert "She slams the door." in file.read_text("utf-8")


def test_what_would_be_no_case_is_refused(place, capsys):
    """The author has called an ending otherwise; a new link leads to the old name."""
    file = place / "case.yml"
    text = re.sub(r"\bgone\b", "left_us", file.read_text("utf-8"))
    file.write_text(text, "utf-8")
    story = STORY.replace("[[Wait->Paid]]", "[[Wait->Paid]]\n[[Run->Gone]]")
    assert again(place, story) == 2
    assert "have gone apart" in capsys.readouterr().err and file.read_text("utf-8") == text


def test_a_case_that_was_not_taken_from_a_story_is_refused(place, capsys):
    (place / "taken.json").unlink()
    before = (place / "case.yml").read_text("utf-8")
    assert again(place, NEW) == 2
    assert "into another folder" in capsys.readouterr().err and (place / "case.yml").read_text("utf-8") == before
    assert main(["from-twee", str(place.parent / "story.twee"), "-o", str(place)]) == 2
    assert "--replace" in capsys.readouterr().err


def test_notes_that_the_author_has_changed_stay(place):
    (place / "notes.twee").write_text(":: mine [annotation]\nMy own.\n", "utf-8")
    assert again(place, NEW) == 0
    assert (place / "notes.twee").read_text("utf-8") == ":: mine [annotation]\nMy own.\n"


def test_a_passage_with_another_name_keeps_what_was_filled_in(place, capsys):
    fill_in(place)
    story = STORY.replace("->Number]]", "->Her number]]").replace(":: Number", ":: Her number")
    assert again(place, story) == 0
    assert "“Her number” looks like “Number” renamed" in capsys.readouterr().out
    text = (place / "case.yml").read_text("utf-8")
    assert "\n  number:\n    title: Her number\n" in text and "her_number" not in text and "position: 0.7" in text
    assert again(place, story) == 0 and "nothing in the story has changed" in capsys.readouterr().out


def test_a_condition_that_was_settled_does_not_come_back(place):
    story = STORY.replace("She has it somewhere.", "<<if $asked>>She has it somewhere.<</if>>")
    assert again(place, story) == 0
    file = place / "case.yml"
    text = file.read_text("utf-8")
    assert "# ??? if $asked" in text
    file.write_text(text.replace("  # ??? if $asked", "").replace(" # ??? if $asked", ""), "utf-8")
    assert again(place, story.replace("<<if", "Hm, she says.\n\n<<if")) == 0
    text = file.read_text("utf-8")
    assert "Hm, she says." in text and "# ??? if $asked" not in text
