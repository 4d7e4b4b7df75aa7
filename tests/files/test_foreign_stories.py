"""Stories that somebody wrote for players become cases with gaps: links and words are kept, and nothing else is words."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.examples import examples

from trainkit import load_case
from trainkit.checks.report import check
from trainkit.cli.main import main
from trainkit.files import twee
from trainkit.files.chat import read_chat
from trainkit.files.gaps import BLANK
from trainkit.files.outline import ids, write_outline
from trainkit.files.twee.passage_words import Left, passage_words

SUGARCUBE = """:: StoryTitle
The <i>night</i> kiosk

:: StoryData
{"ifid": "9F187C0A-AE64-465A-8B13-B30BCE7FE8D3", "format": "SugarCube", "start": "Window", "tag-colors": {"street": "gray"}}

:: StoryInit
<<set $coins to 3>>

:: StoryCaption
Coins: $coins

:: Window [street] {"position":"100,100","size":"100,100"}
/* three in the morning */\\
<<set $seen to true>>[img[pics/kiosk.png]]
''Mira'' taps on the glass. You have <<print $coins>> coins and //one// sandwich.

Mira: Are you open?
Mira: I only want tea.

<<if $coins gte 2>>[[Give her tea|Tea][$coins -= 1]]<<else>>[[Say you're closed->Closed]]<</if>>
<<link "Ask where she came from" "Ask">><</link>>
<<for _i to 0; _i lt 2; _i++>>The lamp blinks. <</for>>
<<include "Weather">>

:: Weather
It has been raining since ten.

:: Tea
She drinks it standing up.
<<script>>setup.sound("sip.mp3");<</script>>
<<button [[Go on->Morning]]>><</button>>

:: Ask
"From the last bus," says Mira. <<goto "Morning">>

:: Closed
You pull the shutter down.

:: Morning
The first tram passes.

:: Author's notes
Is Mira too quiet here?
"""

HARLOWE = """:: StoryTitle
Lift

:: StoryData
{"format": "Harlowe", "start": "Lift"}

:: Lift
(set: $floor to 4)The lift stops.
(if: $floor > 3)[It is (print: $floor) floors down.](else-if: $floor is 2)[Two.](else:)[One.]
|aside>[Somebody coughs.]
(link-goto: "Press the bell", "Bell")
(link: "Talk to them")[(set: $talked to true)(go-to: "Talk")]
[[Wait<-Wait]]
(link: "Count to ten")[You count.]

:: Bell
(display: "Voice")
[[Back to the lift->Lift]]

:: Voice
A voice says: hold on.

:: Talk
You aren't alone. (link-reveal-goto: "Go on", "Wait")

:: Wait
The doors open.
"""

CHAPBOOK = """:: StoryData
{"format": "Chapbook"}

:: Start
key: false
mood (key): 'low'
--
The door is shut.

[if key]
[[Open it->Inside]]
[else]
{reveal link: 'Look under the mat', passage: 'Mat'}
[continue]
[[Knock->Inside]]
{embed image: 'door.jpg'}

[JavaScript]
window.alert("no words");
[continue]

:: Mat
A key, {mood}, and a note.

:: Inside
It is warm in here.
"""

PLAIN = """::Story <10,20>
First. [[Left|L]] and [[R]] and [[out->https://example.org/]] [[gone->Nowhere]]

:: L {"position":"broken}
To the left. [[Story]]

:: R [a [b]
To the right.
"""


def taken(text):
    found = twee.take(text, "story")
    assert found is not None
    return found


def links(found):
    return {
        (place.title, reply.words, found.outline.places[reply.to].title)
        for place in found.outline.places.values()
        for reply in place.replies
    }


def words(found):
    return [said for place in found.outline.places.values() for _, said in place.lines]


def told(found):
    return "\n".join(map(str, found.told))


def test_sugarcube():
    found = taken(SUGARCUBE)
    assert links(found) == {
        ("Window", "Give her tea", "Tea"), ("Window", "Say you're closed", "Closed"),
        ("Window", "Ask where she came from", "Ask"), ("Tea", "Go on", "Morning"),
    }  # fmt: skip
    said = words(found)
    assert "Mira taps on the glass. You have … coins and one sandwich." in said
    assert said[1:3] == ["Are you open?", "I only want tea."] and dict(found.outline.speakers) == {"mira": "Mira"}
    assert "It has been raining since ten." in said and not any(re.search(r"<<|\[\[|\$|img|setup", one) for one in said)
    assert [reply.notes for reply in found.outline.places["window"].replies][:2] == [
        ["if $coins gte 2", "$coins -= 1"],
        ["else"],
    ]
    for part in (
        "conditions: 2",
        "kiosk.png",
        "loops: 1",
        "scripts and styles: 1",
        "Twine: 1: street",
        "1 passages: Author's notes",
    ):
        assert part in told(found), part
    assert ":: StoryInit\n<<set $coins to 3>>" in found.outline.aside and "Is Mira too quiet" in found.outline.aside
    assert found.outline.title == "The <i>night</i> kiosk" and found.outline.lang == "en"
    assert found.outline.places["ask"].on == "morning", "what goes on by itself is no reply"
    assert found.outline.places["window"].notes == {0: ["print $coins"]}


def test_harlowe():
    found = taken(HARLOWE)
    assert links(found) == {
        ("Lift", "Press the bell", "Bell"), ("Lift", "Talk to them", "Talk"), ("Lift", "Wait", "Wait"),
        ("Bell", "Back to the lift", "Lift"), ("Talk", "Go on", "Wait"),
    }  # fmt: skip
    said = " ".join(words(found))
    assert "It is … floors down." in said and "Two." in said and "One." in said and "Somebody coughs." in said
    assert "A voice says: hold on." in said and "You count." in said and not re.search(r"\(\w+:|\$|\|", said)


def test_chapbook():
    found = taken(CHAPBOOK)
    assert links(found) == {("Start", "Open it", "Inside"), ("Start", "Knock", "Inside")}
    assert found.outline.places["start"].replies[0].notes == ["if key"]
    said = " ".join(words(found))
    assert (
        "Look under the mat" in said
        and "A key, …, and a note." in said
        and "no words" not in said
        and "key:" not in said
    )
    assert "door.jpg" in told(found)


def test_a_plain_story_with_broken_decoration():
    found = taken(PLAIN)
    assert links(found) == {
        ("Story", "Left", "L"),
        ("Story", "R", "R"),
        ("L", "Story", "Story"),
        ("Story", "gone", "Nowhere"),
    }
    assert "lead to what isn't in the story" in told(found) and "Nowhere" in told(found)


@pytest.mark.parametrize(
    "text", [SUGARCUBE, HARLOWE, CHAPBOOK, PLAIN], ids=["sugarcube", "harlowe", "chapbook", "plain"]
)
def test_the_skeleton_can_be_read_and_its_gaps_are_listed(tmp_path, text, capsys):
    (tmp_path / "story.twee").write_text(text, "utf-8")
    place = tmp_path / "their_story"
    assert main(["from-twee", str(tmp_path / "story.twee"), "-o", str(place), "--lang", "en"]) == 0
    said = capsys.readouterr().out
    count = int(re.search(r"to be filled in: (\d+) lines", said)[1])
    source = (place / "case.yml").read_text("utf-8")
    assert source.count("# ???") == count == check(place).gaps > 10
    case = load_case(place)
    assert case.id == "their_story" and case.languages == ("en",)
    found = [one for one in check(place).warnings if "[gap at" in str(one)]
    lines = {int(one.place.rpartition(":")[2]) for one in found}
    assert found and all("still to be filled in" in str(one) for one in found) and len(lines) == len(found)
    assert not [one for one in check(place).errors if "circle" not in str(one) and "ever leads" not in str(one)]
    assert main(["from-twee", str(tmp_path / "story.twee"), "-o", str(place), "--lang", "en"]) == 2
    assert "exists" in capsys.readouterr().err and (place / "case.yml").read_text("utf-8") == source


def test_filling_a_gap_is_deleting_its_mark(tmp_path):
    write_outline(taken(SUGARCUBE).outline, tmp_path / "kiosk")
    file = tmp_path / "kiosk" / "case.yml"
    before = [one for one in check(tmp_path / "kiosk").warnings if "[gap at role]" in str(one)]
    file.write_text(file.read_text("utf-8").replace('role: "…" # ???', "role: Вы ночью в киоске."), "utf-8")
    after = [one for one in check(tmp_path / "kiosk").warnings if "[gap at role]" in str(one)]
    assert len(before) == 1 and not after


def test_what_is_no_story_is_said(tmp_path, capsys):
    for text, sentence in (
        ("<!DOCTYPE html><html><tw-storydata></tw-storydata></html>", "published story"),
        (":: StoryInit\n<<set $a to 1>>\n", "no passage that could be a scene"),
        ("Dear diary", "no passage that could be a scene"),
    ):
        (tmp_path / "x.twee").write_text(text, "utf-8")
        assert main(["from-twee", str(tmp_path / "x.twee"), "--lang", "en"]) == 2
        assert sentence in capsys.readouterr().err
    assert main(["from-twee", str(tmp_path / "nothing.twee")]) == 2 and "can't be read" in capsys.readouterr().err


def test_a_story_in_many_files(tmp_path):
    """As Tweego takes a folder of them."""
    for number, part in enumerate(re.split(r"(?=^:: (?:Tea|Morning))", SUGARCUBE, flags=re.M)):
        (tmp_path / f"{number}.twee").write_text(part, "utf-8")
    assert links(taken(twee.twee_text(tmp_path))) == links(taken(SUGARCUBE))


@settings(max_examples=examples(300), deadline=None)
@given(
    st.lists(
        st.sampled_from([
            ":: a\n", ":: b [t]\n", "[[", "]]", "->", "<<if $x>>", "<</if>>", "<<link \"", "\">>", "(if: $x)[", "]", "(link:",
            "(", ")", "{embed passage: 'a'}", "--\n", "[if x]\n", "<script>", "</script>", "/*", "*/", "a", "\n", "''", "$x",
            "_y", "'", "<<", ">>", "<<include \"b\">>", ":: StoryData\n{", "\ue001", "\ue002",
        ]),
        max_size=40,
    ).map("".join)
)  # fmt: skip
def test_anything_is_a_story_or_none(text):
    found = twee.take(":: a\n" + text, "story")
    if found is not None:
        assert all(
            reply.to in found.outline.places for place in found.outline.places.values() for reply in place.replies
        )


@pytest.mark.slow
def test_hostile_text_takes_no_time():
    for text in (
        "(a:" * 30_000,
        "<<a>>" * 30_000,
        "[[" * 50_000,
        "<<if x>>" * 20_000 + "<</if>>" * 20_000,
        "[" * 50_000,
        "{" * 50_000,
        "<<if x>>a\n" * 6_000 + "<</if>>" * 6_000,
        '<<link "a">>b' * 6_000 + "<</link>>",
        '<a data-passage="x">b' * 6_000,
        "[[a]] " * 8_000 + "b",
        "a. " + "[[a]] " * 8_000 + "?",
    ):
        for kind in ("sugarcube", "harlowe", "chapbook", "plain"):
            passage_words(text, kind, (), Left())


def test_ids_are_latin_and_each_once():
    found = ids(["Стойка — вечер", "стойка вечер", "Back", "", "?!", "Ünï", "щ"])
    assert list(found.values()) == ["stoyka_vecher", "stoyka_vecher_2", "back_2", "part", "part_2", "uni", "sch"]


# ---- a conversation that took place -----------------------------------------------------------------------------

TALK = """client: Good evening, where is my parcel?
me: Which number, please?
client: 12-45.
I have waited for a week!
Courier: I have it here.
me: One moment.
me: He is at your door.
client: Well, at last.
"""


@pytest.mark.parametrize(
    "text",
    [
        TALK,
        re.sub(r"^(?=\w+:)", "[12:03] ", TALK, flags=re.M),
        TALK.replace("\nme: Which", " / me: Which", 1),
        "\ufeff".join(["", TALK]).replace("\n", "\r\n"),
    ],
)  # fmt: skip
def test_a_conversation(text):
    outline = read_chat(text.removeprefix("\ufeff"), "talk")
    first, second, end = outline.places.values()
    assert (
        first.lines == [("client", "Good evening, where is my parcel?")]
        and first.replies[0].words == "Which number, please?"
    )
    assert second.lines == [("client", "12-45. I have waited for a week!"), ("courier", "I have it here.")]
    assert second.replies[0].words == "One moment. He is at your door." and end.lines == [("client", "Well, at last.")]
    assert [reply.words for reply in first.replies[1:]] == [BLANK, BLANK] and {reply.to for reply in first.replies} == {
        "turn_2"
    }


def test_two_columns_and_voices_by_name():
    outline = read_chat("Здравствуйте\tДобрый день\nГде посылка?\tСейчас посмотрю\n", "talk")
    assert [place.replies[0].words for place in list(outline.places.values())[:2]] == ["Добрый день", "Сейчас посмотрю"]
    outline = read_chat("Анна: Алло?\nПётр: Слушаю.\nАнна: Это вы?\nПётр: Я.\n", "talk", me="Анна")
    assert outline.places["turn_1"].replies[0].words == "Это вы?" and dict(outline.speakers) == {"petr": "Пётр"}
    assert outline.places["turn_1"].lines == [("you", "Алло?"), ("petr", "Слушаю.")] and outline.lang == "ru"


STAGED = """The desk, Monday
Date: 12 March

Client: Where is my parcel?
(She puts down a bag.)
It is late.
Clerk: One moment.
[He looks it up.]
Clerk: Here it is.
(She smiles.)
Client: At last.
"""


def test_what_nobody_says_is_the_narrators():
    first, end = read_chat(STAGED, "talk", me="clerk").places.values()
    assert first.lines == [
        ("narrator", "The desk, Monday"), ("narrator", "Date: 12 March"), ("client", "Where is my parcel?"),
        ("narrator", "(She puts down a bag.)"), ("narrator", "It is late."),
    ]  # fmt: skip
    assert first.replies[0].words == "One moment. Here it is." and first.title == "Where is my parcel"
    assert end.lines == [("narrator", "[He looks it up.]"), ("narrator", "(She smiles.)"), ("client", "At last.")]
    columns = read_chat("A shop\nclient\tme\nHello\tHi\n(He nods.)\nBye\tSo long\n", "talk")
    lines = [line for place in columns.places.values() for line in place.lines]
    assert lines == [("narrator", "A shop"), ("client", "Hello"), ("narrator", "(He nods.)"), ("client", "Bye")]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("story.html", '<html><tw-storydata name="Desk">She waits.</tw-storydata>', "is a published story"),
        ("story.html", "<html><tw-storydata>Она ждёт.</tw-storydata>", "готовая игра"),
        ("talk.txt", "nobody speaks", "no two voices"),
    ],
)
def test_what_is_wrong_with_a_story_is_said_in_its_language(name, text, said, tmp_path, capsys):
    (tmp_path / name).write_text(text, "utf-8")
    command = "from-chat" if name == "talk.txt" else "from-twee"
    assert main([command, str(tmp_path / name)]) == 2
    assert said in capsys.readouterr().err


def test_from_chat(tmp_path, capsys):
    file = tmp_path / "talk.txt"
    file.write_text(TALK, "utf-8")
    place = tmp_path / "late_parcel"
    assert main(["from-chat", str(file), "-o", str(place), "--lang", "en"]) == 0
    assert "taken: 2 replies" in capsys.readouterr().out
    report = check(place)
    assert not report.errors and report.scenes == 2 and report.options == 6
    for text, options, sentence in (
        ("no voices here\n", [], "no two voices"), (TALK, ["--me", "clint"], 'Did you mean "client"?'),
        ("a: x\nme: y\n", ["--me", "a"], "answers nobody"),
    ):  # fmt: skip
        file.write_text(text, "utf-8")
        assert main(["from-chat", str(file), "-o", str(tmp_path / "other"), "--lang", "en", *options]) == 2
        assert sentence in capsys.readouterr().err and not (tmp_path / "other").exists()
    for encoding in ("cp1251", "utf-16", "utf-8-sig"):
        file.write_bytes("клиент: Где?\r\nя: Тут.\r\n".encode(encoding))
        assert main(["from-chat", str(file), "-o", str(tmp_path / encoding.replace("-", "_"))]) == 0
        assert "Где?" in (tmp_path / encoding.replace("-", "_") / "case.yml").read_text("utf-8")


# ---- links of every kind ----------------------------------------------------------------------------------------


def plain_story(body, kind="SugarCube"):
    rest = "\n\n".join(f":: {name}\nHere it ends." for name in ("A", "B"))
    return taken(f':: StoryData\n{{"format": "{kind}"}}\n\n:: Start\n{body}\n\n{rest}\n')


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("You may [[ask her name->A]] or [[wait->B]].", "You may ask her name or wait."),
        ("You stand still.\n[[Ask->A]]\n[[Wait->B]]", "You stand still."),
        ("What now? [[Ask->A]] | [[Wait->B]]", "What now?"),
        ("Well.\n\n[[Ask->A]] or [[Wait->B]]", "Well."),
        ("Read [[the sign->https://example.org]] and [[go->A]] home.", "Read the sign and go home."),
        ('Look at <a data-passage="A">the <i>parcel</i></a> again. [[B]]', "Look at the parcel again."),
    ],
)
def test_a_link_in_a_sentence_leaves_its_words_there(row, said):
    assert words(plain_story(row))[0] == said


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('<<link "Pay">><<set $x to 1>><<goto "A">><</link>>', "SugarCube"),
        ("<<link 'Pay'>><<goto [[A]]>><</link>>", "SugarCube"),
        ('<<button "Pay">><<run Engine.play("A")>><</button>>', "SugarCube"),
        ('<<linkreplace "Pay">><<goto "A">><</linkreplace>>', "SugarCube"),
        ('<a data-passage="A" data-setter="$x to 1">Pay</a>', "SugarCube"),
        ("<button class='b' data-passage='A'>Pay</button>", "Snowman"),
        ('(link-replace: "Pay")[(set: $x to 1)(go-to: "A")]', "Harlowe"),
    ],
)
def test_links_that_say_inside_where_they_lead(body, kind):
    assert links(plain_story(f"Well.\n\n{body}", kind)) == {("Start", "Pay", "A")}


def test_what_is_printed_in_play_leaves_a_gap_in_its_sentence():
    found = plain_story('(either: "Thanks", "Fine"), says Rita. [[A]]', "Harlowe")
    assert words(found)[0] == "…, says Rita." and found.outline.places["start"].notes == {
        0: ['either "Thanks", "Fine"']
    }
    found = plain_story('She wants <<cycle "$drink">><<option "tea">><</cycle>>. [[A]]')
    assert words(found)[0] == "She wants …." and found.outline.places["start"].notes


def test_a_row_that_is_only_printed_is_a_gap_and_what_sets_variables_is_kept():
    body = 'Hi.\n\n<<set $nights to 3>>\n<<print "You have " + $nights + " nights.">>\n\n[[A][$nights -= 1]]'
    found = plain_story(body)
    assert words(found)[:2] == ["Hi.", "…"]
    assert found.outline.places["start"].notes == {1: ['print "You have " + $nights + " nights."']}
    assert "Start, variables: set $nights to 3 / $nights -= 1" in found.outline.aside
    assert "all that sets variables: 2" in told(found)


@pytest.mark.parametrize("row", ['<<return "Back">>', '<<back "Back">>', "<<back>>"])
def test_a_way_back_leads_to_no_place_of_that_name(row):
    found = plain_story(f"Hi.\n\n[[A]]\n{row}")
    assert links(found) == {("Start", "A", "A")} and "Back" not in found.outline.places
    assert f"only known in play: 1: {row.strip('<>')}" in told(found)
    assert links(plain_story('Hi.\n\n<<return "Back" "A">>')) == {("Start", "Back", "A")}


def test_notes_and_ways_back_in_chapbook():
    found = plain_story("Hi.\n\n[note to self]\nToo easy?\n\n[cont'd]\n{back link, label: 'Again'}\n[[A]]", "Chapbook")
    assert "comments: 1: Too easy?" in told(found) and "only known in play: 1: back link" in told(found)
    assert "scripts" not in told(found) and words(found)[0] == "Hi."


def test_what_leads_nowhere_is_no_reply_and_told():
    found = plain_story(
        'Look: <<linkreplace "closer">>It says Riga.<</linkreplace>>\n<<button "Shrug">><<set $x to 1>><</button>>\n[[A]]'
    )
    assert links(found) == {("Start", "A", "A")} and "closer, Shrug" in told(found)
    assert words(found)[0] == "Look: closer It says Riga."


NODS = ':: Start\nHi. [[Nod]]\n\n:: Nod\nShe nods.\n<<goto "A">>\n\n:: A\nBye.\n'


def test_going_on_by_itself():
    alone = taken(NODS)
    assert alone.outline.places["nod"].on == "a" and len(links(alone)) == 1 and "go on by themselves: 1" in told(alone)
    begun = plain_story('She nods.\n<<goto "A">>')
    assert links(begun) == {("Start", BLANK, "A")}, "a case begins with something to say"
    first = taken(':: Start\n<<goto "Hub">>\n\n:: Hub\nHi. [[A]]\n\n:: A\nBye.\n')
    assert list(first.outline.places) == ["hub", "a"]
    either = plain_story('She nods.\n<<if $x>><<goto "A">><<else>><<goto "B">><</if>>')
    assert {(to, reply) for _, reply, to in links(either)} == {("A", BLANK), ("B", BLANK)}, "nobody says these words"
    assert [reply.notes for reply in either.outline.places["start"].replies] == [
        ["if $x", "goto A"],
        ["else", "goto B"],
    ]
    through = taken(':: Start\nHi. [[Go->Hub]]\n\n:: Hub\n<<goto "End">>\n\n:: End\nBye.\n')
    assert links(through) == {("Start", "Go", "End")} and list(through.outline.places) == ["start", "end"]


def test_a_case_of_a_story_that_goes_on_by_itself(tmp_path):
    write_outline(taken(NODS).outline, tmp_path / "nods")
    assert not load_case(tmp_path / "nods").scenes["nod"].options


def test_what_is_lost_is_told_once_a_kind_and_kept_as_a_note(tmp_path, capsys):
    text = ':: StoryData\n{"ifid": "AB", "format": "SugarCube"}\n\n'
    text += ':: Start [street night] {"position":"10,20"}\nHi. /* who? */\n[[A]]\n\n'
    (tmp_path / "s.twee").write_text(text + ":: A [night]\nBye. <!-- really? -->\n", "utf-8")
    place, story = tmp_path / "s", tmp_path / "back.twee"
    assert main(["from-twee", str(tmp_path / "s.twee"), "-o", str(place)]) == 0
    said = capsys.readouterr().out
    for part in (
        "tags: 3: night, street",
        "places on the map: 1",
        "comments: 2: who?, really?",
        "of itself: IFID, format",
    ):
        assert said.count(part) == 1, part
    kept = (place / "notes.twee").read_text("utf-8")
    assert "Start, tags: night / street" in kept and "A, comments: really?" in kept and "story, ifid: AB" in kept
    assert main(["twee", str(place), "-o", str(story)]) == 0
    assert main(["from-twee", str(story), "-o", str(tmp_path / "b" / "s")]) == 0
    assert (tmp_path / "b" / "s" / "notes.twee").read_text("utf-8") == kept


def test_broken_metadata_is_warned_of_and_dropped(tmp_path, capsys):
    (tmp_path / "s.twee").write_text(
        ':: StoryData\n{"start": "B"\n\n:: A\nHi.\n\n:: B {"position":"1,2\nOh. [[A]]\n\n:: A\nHo.\n', "utf-8"
    )
    assert main(["from-twee", str(tmp_path / "s.twee"), "-o", str(tmp_path / "s"), "--lang", "en"]) == 0
    said = capsys.readouterr().err
    assert (
        "warning: metadata behind a passage’s name" in said
        and "StoryData is no JSON" in said
        and "have one name" in said
    )
    assert load_case(tmp_path / "s").start == "b" and "Ho." in (tmp_path / "s" / "notes.twee").read_text("utf-8")


def test_the_language_is_told_by_its_letters_or_named(tmp_path, capsys):
    (tmp_path / "s.twee").write_text(":: A\nHallo. [[B]]\n\n:: B\nTschüss.\n", "utf-8")
    assert main(["from-twee", str(tmp_path / "s.twee"), "-o", str(tmp_path / "s")]) == 0
    assert "written in English, by its letters" in capsys.readouterr().out
    assert main(["from-twee", str(tmp_path / "s.twee"), "-o", str(tmp_path / "d"), "--from", "de"]) == 0
    assert "by its letters" not in capsys.readouterr().out and load_case(tmp_path / "d").languages == ("de",)
    assert sorted(file.name for file in (tmp_path / "d").iterdir()) == ["case.yml", "taken.json"]


def test_all_voices_of_a_conversation_are_told(tmp_path, capsys):
    (tmp_path / "talk.txt").write_text(TALK, "utf-8")
    assert main(["from-chat", str(tmp_path / "talk.txt"), "-o", str(tmp_path / "talk")]) == 0
    said = capsys.readouterr().out
    assert "the player is me; the client is client" in said and "more voices: Courier" in said
