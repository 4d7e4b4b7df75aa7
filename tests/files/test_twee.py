"""A case goes to Twine and to YAML and comes back the same; an edit there is an edit here; what is wrong has a line."""

import copy
import json
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.examples import examples
from support.places import EACH_CASE, TEST_CASES
from support.random_cases import small_cases

from trainkit.case.model import Case
from trainkit.cli.main import main
from trainkit.errors import CaseError, TrainkitError
from trainkit.files import case_errors, casebook, twee, yaml_reader, yaml_writer

SOURCE, _ = yaml_reader.read(TEST_CASES / "late_parcel" / "case.yml")
PARCEL = casebook.load_case(TEST_CASES / "late_parcel")
TEXT = twee.export(PARCEL)


def same(one, other):
    return (one.hash, one.translations) == (other.hash, other.translations)


def edited(*changes):
    """The small case after edits in its Twee."""
    text = TEXT
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return twee.load_twee(text)


def problems(old, new, count=1):
    assert old in TEXT, old
    with pytest.raises(CaseError) as caught:
        twee.load_twee(TEXT.replace(old, new, count), "story.twee")
    return caught.value.problems


def saved_by_twine(text):
    """What Twine 2 writes of a story it has read: its own metadata only, passages by name, texts trimmed."""
    passages = {}
    for source in re.split(r"^::", text, flags=re.M)[1:]:
        head, *rows = source.split("\n")
        name, tags, metadata = re.fullmatch(r"\s*(.*?)\s*(\[.*?\])?\s*(\{.*?\})?\s*", head).groups()
        left, top = json.loads(metadata or '{"position": "0,0"}')["position"].split(",")
        passages[name] = (tags or "", f'{{"position":"{left}.5,{top}","size":"200,100"}}', "\n".join(rows).strip())
    title, data = passages.pop("StoryTitle"), json.loads(passages.pop("StoryData")[2])
    kept = ("ifid", "format", "format-version", "start", "tag-colors", "zoom")
    text = (
        f":: StoryTitle\n{title[2]}\n\n\n:: StoryData\n{json.dumps({key: data[key] for key in kept}, indent=2)}\n\n\n"
    )
    text += "\n\n".join(f":: {name} {p[0] and p[0] + ' '}{p[1]}\n{p[2]}\n" for name, p in sorted(passages.items()))
    return text + "\n\n:: StoryScript [script]\nalert(1)\n\n:: StoryStylesheet [stylesheet]\nbody {}\n"


# ---- nothing is lost ----------------------------------------------------------------------------------------


@EACH_CASE
def test_twee_and_back(folder):
    case = casebook.load_case(folder)
    assert same(twee.load_twee(twee.export(case)), case)


@EACH_CASE
def test_twine_loses_nothing(folder):
    case = casebook.load_case(folder)
    saved = saved_by_twine(twee.export(case))
    assert same(twee.load_twee(saved), case)
    assert same(twee.load_twee("\ufeff" + saved.replace("\n", "\r\n")), case)


@EACH_CASE
def test_yaml_and_back(folder, tmp_path):
    case = casebook.load_case(folder)
    yaml_writer.write_case(case, tmp_path / case.id)
    assert same(casebook.load_case(tmp_path / case.id), case)
    text = (tmp_path / case.id / "case.yml").read_text("utf-8")
    assert not re.search(r"\\u|!!|^\? |: '", text, re.M)
    assert max(map(len, text.split("\n"))) < 160
    assert re.findall(r"^\w+", text, re.M) == [key for key in Case.model_fields if re.search(f"^{key}:", text, re.M)]


ODD = st.one_of(
    st.text(min_size=1, max_size=30).filter(str.strip),
    st.lists(
        st.sampled_from([
            "[[", "]]", "->", "<-", "|", "-->", "<!--", "::", "&amp;", "&#91;", "&lt", "<br>", "\n", " ", "\xa0", "\r", "\t",
            "\x85", "\u2028", "\x00", "\ufeff", "{", "}", "#", ": ", "- ", "'", '"', "\\", "слово", "yes", "null", "1e3",
            "08", "$x", "//", "😀", "%", "@", "`", "!", "&", "*",
        ]),
        min_size=1,
        max_size=12,
    ).map("".join).filter(str.strip),
    st.just("Слово за слово, и " + "так далее и тому подобное " * 6 + "вот."),
)  # fmt: skip
NAMES = st.sampled_from(["when", "speaker", "text", "yes", "null", "1", "08", "1e3", "value", "lines", "goto_if", "id"])


@settings(max_examples=examples(80))
@given(st.lists(ODD, min_size=9, max_size=9), st.lists(NAMES, min_size=5, max_size=5, unique=True))
def test_any_text_and_any_name_survive(tmp_path_factory, texts, names):
    data = copy.deepcopy(SOURCE)
    speaker, scene, option, ending, value = names
    data["title"], data["debrief"]["questions"][0] = texts[0], texts[1]
    data["speakers"][speaker] = texts[2]
    data["memory"]["paid"].append(value)
    call = data["scenes"]["call"]
    call["lines"] = [
        {"speaker": speaker, "text": texts[3]},
        {"speaker": speaker, "text": [{"when": {"paid": value}, "value": texts[4]}, {"value": texts[5]}]},
        {"speaker": speaker, "when": {"paid": [value, "no"]}, "text": texts[5]},
    ]
    call["options"][option] = {
        **call["options"]["offer"],
        "text": texts[6],
        "because": [{"when": {"paid": value}, "value": texts[7]}, {"value": texts[8]}],
        "reply": [{"speaker": speaker, "text": texts[4]}],
        "when": {"paid": [value]},
        "remember": {"paid": value},
        "goto": [{"when": {"paid": value}, "value": scene}, {"value": ending}],
    }
    data["scenes"][scene] = {**data["scenes"]["solve"], "title": texts[1]}
    data["endings"][ending] = {**data["endings"]["lost"], "after": [{"narrator": texts[3]}]}
    case = case_errors.case_from_data(data)
    keys = [key for number, key in enumerate(case.texts) if number % 3]
    case = case.with_translations(
        {"en": {key: texts[len(key) % 9] for key in keys}, "de": {}, "pt-BR": {keys[0]: texts[0]}}
    )
    assert same(twee.load_twee(twee.export(case)), case)
    assert same(twee.load_twee(saved_by_twine(twee.export(case))), case)
    folder = tmp_path_factory.mktemp("odd") / case.id
    yaml_writer.write_case(case, folder)
    assert same(casebook.load_case(folder), case)


@settings(max_examples=examples(100))
@given(small_cases())
def test_any_graph_survives(case):
    assert same(twee.load_twee(twee.export(case)), case)


# ---- what Twine and a person see ----------------------------------------------------------------------------


def test_the_form():
    assert ":: call [inquiry] {" in TEXT and ":: content [ending] {" in TEXT
    assert "\nnarrator: Пять вечера, очередь до двери.\n" in TEXT
    assert "\n[[К какому дню она вам нужна?->call]]\n<!--\nwhen_needed:\n  because: Один вопрос, и ясно" in TEXT
    data = json.loads(re.search(r"^:: StoryData\n(.*?)\n\n", TEXT, re.M | re.S)[1])
    assert data["start"] == "call" and re.fullmatch(
        r"[0-9A-F]{8}-[0-9A-F]{4}-5[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}", data["ifid"]
    )
    assert {"format", "format-version"} <= set(data)
    assert not re.search(r"\\u|&#", TEXT)


@EACH_CASE
def test_twine_draws_every_arrow(folder):
    case = casebook.load_case(folder)
    bodies = dict(re.findall(r"^:: (\w+)[^\n]*\n(.*?)(?=^::|\Z)", twee.export(case), re.M | re.S))
    for name, scene in case.scenes.items():
        gotos = [scene.goto or (), *(option.goto for option in scene.options.values())]
        arrows = {link.rpartition("->")[2] for link in re.findall(r"\[\[(.*?)\]\]", bodies[name])}
        assert arrows == {rule.value for rules in gotos for rule in rules}
    assert not any("[[" in bodies[name] for name in case.endings)


@EACH_CASE
def test_the_map_is_legible(folder):
    case = casebook.load_case(folder)
    at = re.findall(r'^:: (\w+) .*?"position":"(\d+),(\d+)"', twee.export(case), re.M)
    assert {name for name, _, _ in at} == {*case.scenes, *case.endings, "CaseData"}
    spots = [(int(x), int(y)) for _, x, y in at]
    assert all(abs(a - x) >= 120 or abs(b - y) >= 120 for n, (a, b) in enumerate(spots) for x, y in spots[:n])
    height = {name: int(y) for name, _, y in at}
    assert all(height[case.start] <= height[name] for name in case.scenes)
    assert min(height[name] for name in case.endings) > max(height[name] for name in case.scenes)


# ---- an edit is an edit -------------------------------------------------------------------------------------


def test_words_lines_and_destinations_are_taken():
    case = edited(
        ("[[Верну деньги сейчас же.->week]]", "[[Верну &laquo;всё&raquo;.->content]]"),
        ("irina: И что вы предлагаете?", "narrator:  И что она<br>предлагает?"),
        (":: StoryTitle\nПосылка не пришла", ":: StoryTitle\nПосылка пропала"),
        ('"start": "call"', '"start": "solve"'),
        ("[[lost]]", "[[gone]]"),
        ("irina: Где моя посылка?\n", "irina: Где же она?\n"),
    )
    solve = case.scenes["solve"]
    assert solve.options["refund"].text[0].value == "Верну «всё»."
    assert [rule.value for rule in solve.options["refund"].goto] == ["content"]
    assert (solve.lines[1].speaker, solve.lines[1].text[0].value) == ("narrator", "И что она\nпредлагает?")
    assert (case.title, case.start) == ("Посылка пропала", "solve")
    assert [rule.value for rule in case.scenes["week"].goto] == ["content", "found", "gone"]
    assert [rule.value for rule in case.scenes["call"].lines[1].text] == [
        "Где моя посылка? Она дорогая.",
        "Где же она?",
    ]


@pytest.mark.parametrize("link", ["[[week<-Верну деньги сейчас же.]]", "[[ Верну деньги сейчас же.|week ]]"])
def test_the_other_forms_of_a_link(link):
    assert same(edited(("[[Верну деньги сейчас же.->week]]", link)), PARCEL)


def test_odd_words_as_twine_reads_them():
    """The last arrow divides; Twine puts a backslash before `::` at the beginning of a line."""
    case = edited(
        ("[[Верну деньги сейчас же.->week]]", "[[туда -> сюда->week]]"), ("Title\nПосылка", "Title\n\\::Посылка")
    )
    assert case.scenes["solve"].options["refund"].text[0].value == "туда -> сюда"
    assert case.title == "::Посылка не пришла"


def test_the_yaml_is_the_casebooks(tmp_path):
    yaml_writer.write_case(PARCEL, tmp_path / "late_parcel")
    text = (tmp_path / "late_parcel" / "case.yml").read_text("utf-8")
    for part in (
        'memory:\n  paid: ["no", "yes"]\n', "  target:\n    - {when: {price: high}, value: 0.1}\n    - value: -0.2\n",
        "      when_needed:\n        text: К какому дню она вам нужна?\n        because: ",
        "\n\n  solve:\n    title: Решение\n",
        "      - when: {need: unknown}\n        narrator: В трубке слышно улицу.\n", 'source: ["003"]\n',
    ):  # fmt: skip
        assert part in text
    translation = (tmp_path / "late_parcel" / "text.en.yml").read_text("utf-8")
    assert "      - - Where’s my parcel? It’s a dear one.\n        - Where’s my parcel?\n" in translation


def test_keys_in_comments_are_taken():
    case = edited(
        ("position: -0.9", "position: 0.9"), ("budget: 3", "budget: 4"), (":: shouting {", ":: shouting [draft blue] {")
    )
    assert case.scenes["solve"].options["refund"].position[0].value == 0.9
    assert case.patience.budget == 4


def test_a_passage_renamed_in_twine():
    """Twine changes the name and every link to it, those in comments, too."""
    text = re.sub(r"(?<=\[\[)hung_up(?=\]\])|(?<=:: )hung_up|(?<=->)shouting|(?<=:: )shouting", r"new_\g<0>", TEXT)
    case = twee.load_twee(text.replace("found]]", "new_found]]").replace(":: found", ":: new_found"))
    assert case.patience.leaves == "new_hung_up" and "new_shouting" in case.scenes
    assert case.scenes["week"].goto[1].value == "new_found"


def test_translations_move_with_their_line():
    start, end = TEXT.index("narrator: Пять вечера"), TEXT.index("irina: Где моя")
    case = twee.load_twee(TEXT[:start] + TEXT[end:])
    assert case.text("scenes.call.lines.1.2", "en") == "Where’s my parcel?"
    assert len(case.translations["en"]) == len(PARCEL.translations["en"]) - 1
    case = edited(("narrator: Пять вечера", "narrator: Дождь.\n\nnarrator: Пять вечера"))
    assert case.text("scenes.call.lines.1", "en") == "Дождь."
    assert case.text("scenes.call.lines.2", "en").startswith("Five in the afternoon")


def test_a_new_option_and_a_new_scene():
    new = (
        "[[Приезжайте сами.->visit]]\n<!--\nvisit:\n  because: Шаг к ней навстречу.\n  position: 0.1\n-->\n\n"
        "[[Поищу и перезвоню вам.->week]]"
    )
    scene = ":: visit\nnarrator: Она едет.\n\n[[week]]\n\n:: shouting {"
    case = edited(("[[Поищу и перезвоню вам.->week]]", new), (":: shouting {", scene))
    assert list(case.scenes["solve"].options) == ["refund", "send", "visit", "look", "rules"]
    assert case.scenes["visit"].goto[0].value == "week" and list(case.scenes)[-1] == "visit"


# ---- what is wrong has a line -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "mark", "rule"),
    [
        ("->week]]\n<!--\nrefund", "->weak]]\n<!--\nrefund", "weak", 'exists (got "weak"). Did you mean "week"?'),
        ('"[[found]]"', '"[[fund]]"', "[[fund]]", 'Did you mean "found"?'),
        ('"[[hung_up]]"', '"[[hungup]]"', "hungup", 'Did you mean "hung_up"?'),
        ("->week]]\n<!--\nrefund", "->week\n<!--\nrefund", "сейчас же.->week", "ends with `]]`"),
        ("irina: И что", "irina: [[x->week]] И что", "[[x->", "line of its own"),
        ("[[lost]]", "[[lost]] [[found]]", "[[lost]] [", "alone on its line"),
        ("[[lost]]", "[[lost]]\n\n[[found]]", "[[found]]\n<!--\ngoto", "this is the second"),
        (":: solve {", ":: call {", ":: call {", "already, on line"),
        (":: solve {", ":: {", ":: {", "a header is"),
        (":: call [inquiry]", ":: call [inquiry", ":: call [", "end with `]`"),
        (":: call [inquiry]", ":: call [inquery]", ":: call [", 'Did you mean "inquiry"?'),
        (":: solve {", ":: solve x} {", ":: solve", "a header is"),
        (":: solve {", ":: Мой экран {", ":: Мой", "a–z, 0–9 and _"),
        ('  "start": "call",\n', "", ":: StoryData", 'first scene, "start"'),
        ('"start": "call"', '"start": "cal"', '"start": "cal"', 'Did you mean "call"?'),
        ('"start": "call"', '"start": 5', '"start": 5', '(got "5")'),
        (":: StoryTitle\n", ":: Storytitle [script]\n", None, "StoryTitle with the case's title is missing"),
        (":: StoryData\n", ":: Storydata [script]\n", None, "StoryData with the first scene"),
        ("id: late_parcel", "id: late_parcel\ntitle: Две", "title: Две", "stands in the passage StoryTitle"),
        ("id: late_parcel", "id: [x", "id: [x", "is not YAML"),
        ("order: [call, ", "order: 5\nx_order: [", "order: 5", "list of passages"),
        ("irina: И что", "irena: И что", "irena:", 'Did you mean "irina"?'),
        ("irina: И что", "Ирина: И что", "Ирина: И", "a line is `speaker: text`"),
        ("  position: -0.9", "  position: far", "position: far", 'must be a number (got "far")'),
        ("  position: -0.9", "  positon: -0.9", "positon", 'Did you mean "position"?'),
        ("  position: 0.8\n", "", "[[Отправлю курьера", 'the key "position" is missing'),
        ("<!--\nrefund:\n", "<!--\n", "[[Верну деньги", "option's id"),
        ("refund:", "send:", "[[Отправлю курьера", 'option "send" already'),
        ("-->\n\n:: solve", "\n\n:: solve", "<!--\noffer", "has no end"),
        ("-->\n\n:: solve", "--> да\n\n:: solve", "--> да", "new line begins"),
        ("<!-- text.en: And", "<!-- текст -->\n<!-- text.en: And", "<!-- text.en: And", "this is the second"),
        ("<!-- text.en: And what do you suggest? -->", "<!-- see below -->", "<!-- see below", "keys stand here"),
        ("<!-- text.en: And", "<!-- text.EN: And", "text.EN", "text.<language>"),
        ("<!-- text.en: A week", "<!-- speaker: you\ntext.en: A week", "<!-- speaker", "here may stand only `when`"),
        ("text_if:\n  - when: {price: high}", "text_if: 5\nx:\n  - when: {price: high}", "text_if: 5", "a list of `when`"),
        ("text_if:\n  - when: {price: high}", "text_if:\n  - when: {prize: high}", "prize", 'Did you mean "price"?'),
        ("  prompt: What do", "  promt: What do", "promt", 'Did you mean "scenes.call.prompt"?'),
        ("title: Крик\n", "title: Крик\nkind: inquiry\n", "kind: inquiry", "as the tag `inquiry`"),
        ("<!--\ngoto_if", "<!--\nweight: 2\ngoto_if", "weight: 2\ngoto", "only `goto_if`"),
        ("[ending] {\"position\":\"25,775\"", "{\"position\":\"25,775\"", ":: content", "the tag `ending`"),
        (":: StoryTitle", "Здравствуйте!\n\n:: StoryTitle", "Здравствуйте", "begins with a passage"),
        (":: StoryTitle", "<html>\n:: StoryTitle", "<html>", "Export As Twee"),
    ],
)  # fmt: skip
def test_errors_have_line_rule_got_and_nearest(old, new, mark, rule):
    found = problems(old, new)
    text = "\n".join(map(str, found))
    assert rule in text, text
    line = TEXT.replace(old, new, 1).split(mark)[0].count("\n") + 1 if mark else 1
    assert any(problem.place == f"story.twee:{line}" and rule in problem.rule for problem in found), (line, text)
    assert "Traceback" not in text


NOTES = """

:: Notes for Nina [annotation] {"position":"broken
Ask Nina about prices: [[call]]?

:: Somebody's thoughts
The client could be older.

:: StoryInit
<<set $x to 1>>

:: StoryScript [script]
alert(1)
"""


def test_notes_and_passages_for_the_story_format_come_back_untouched(tmp_path, capsys):
    """Through a case's folder and back; the case is the same with and without them."""
    story = twee.load_story(TEXT + NOTES, "story.twee")
    assert same(story.case, PARCEL)
    for passage in re.split(r"(?=^::)", NOTES.strip("\n"), flags=re.M)[1:]:
        assert passage.strip() in story.aside, passage
    (tmp_path / "story.twee").write_text(TEXT + NOTES, "utf-8")
    place = tmp_path / "late_parcel"
    assert main(["from-twee", str(tmp_path / "story.twee"), "-o", str(place), "--lang", "en"]) == 0
    printed = capsys.readouterr()
    assert "notes.twee" in printed.out and "is no JSON and is left out" in printed.err and "story.twee:" in printed.err
    assert main(["twee", str(place), "-o", str(tmp_path / "again.twee")]) == 0
    again = twee.load_story((tmp_path / "again.twee").read_text("utf-8"))
    assert same(again.case, PARCEL) and again.aside.split() == story.aside.split()
    (tmp_path / "story.twee").write_text(TEXT, "utf-8")
    assert main(["from-twee", str(tmp_path / "story.twee"), "-o", str(place), "--replace"]) == 0
    assert not (place / "notes.twee").exists()


@pytest.mark.parametrize(
    ("old", "new", "mark", "rule"),
    [
        (':: solve {"', ":: solve {'", ":: solve", "is no JSON and is left out"),
        (
            ':: solve {"position":"325,325"',
            ':: solve {"position":0.6',
            ":: solve",
            "stands in the comment below its link",
        ),
        ('"zoom": 0.6', '"zoom": 0.6 x', '"ifid"', "left out, but for the first scene"),
        ('"tag-colors": {', '"tag-colors": {"mine": "red", ', '"tag-colors"', "colours of your own tags"),
    ],
)
def test_broken_decoration_is_warned_of_and_dropped(old, new, mark, rule):
    """As the Twee 3 specification says of metadata that can't be decoded."""
    assert old in TEXT
    text = TEXT.replace(old, new, 1)
    story = twee.load_story(text, "story.twee")
    assert same(story.case, PARCEL)
    (warning,) = story.warnings
    line = text.split(mark)[0].count("\n") + 1
    assert rule in warning.rule and abs(int(warning.place.rpartition(":")[2]) - line) <= 1


def test_one_look_decides_what_a_file_is():
    assert twee.is_ours(TEXT) and twee.is_ours(TEXT.replace(":: CaseData", ":: Casedata [x]"))
    assert not twee.is_ours(":: Start\n[[a]] <!-- CaseData -->\n\n:: a\n") and not twee.is_ours("")
    broken = ":: Start {\n[[Налево->Река]] [[Река]]\n\n:: Река [\nКонец.\n"  # a foreign story with slips: one message
    with pytest.raises(CaseError) as caught:
        twee.load_twee(broken, "forest.twee")
    assert len(caught.value.problems) == 1 and "from-twee" in str(caught.value)


def test_a_plain_story_is_no_case():
    story = ':: StoryTitle\nЛес\n\n:: StoryData\n{"ifid": "x"}\n\n'
    story += ":: Start\nВы в лесу.\n[[Налево->Река]] [[Река]]\n\n:: Река\nКонец.\n"
    with pytest.raises(CaseError) as caught:
        twee.load_twee(story, "forest.twee")
    said = str(caught.value)
    assert said.startswith("forest.twee:1: ") and "not yet a case" in said and "there are 2" in said
    for part in ("CaseData", "debrief", "context", "client", "because, position", "ending"):
        assert part in said
    assert 'Did you mean "Casedata"?' in str(problems(":: CaseData", ":: Casedata")[0])
    for nothing in ("", "\n\n", "это не Twee", ":: Start"):
        with pytest.raises(CaseError):
            twee.load_twee(nothing)


def test_files(tmp_path):
    file = tmp_path / "story.twee"
    file.write_text(TEXT, "utf-8-sig")
    assert same(twee.read_twee(file), PARCEL)
    file.write_bytes(TEXT.encode("cp1251", "replace"))
    with pytest.raises(CaseError, match=r"story\.twee:2: the file must be saved as UTF-8"):
        twee.read_twee(file)
    with pytest.raises(CaseError, match="can't be read"):
        twee.read_twee(tmp_path / "nothing.twee")
    file.write_bytes(b":: a\n" * 1_000_000)
    with pytest.raises(CaseError, match="at most 4,000,000 bytes"):
        twee.read_twee(file)


def test_a_case_is_not_overwritten_unasked(tmp_path):
    folder = tmp_path / "late_parcel"
    yaml_writer.write_case(PARCEL, folder)
    (folder / "walks.yml").write_text("kept")
    with pytest.raises(TrainkitError, match="holds a case already"):
        yaml_writer.write_case(PARCEL, folder)
    changed = edited(("narrator: Гудки.", "narrator: Тишина."))
    yaml_writer.write_case(changed, folder, replace=True)
    assert same(casebook.load_case(folder), changed) and (folder / "walks.yml").read_text() == "kept"
    (folder / "text.de.yml").write_text("title: Das Paket\n")
    with pytest.raises(TrainkitError, match=r"text\.de\.yml"):
        yaml_writer.write_case(changed, folder, replace=True)
    with pytest.raises(TrainkitError, match="the case's id for a name"):
        yaml_writer.write_case(PARCEL, tmp_path / "parcel")
    (tmp_path / "file").write_text("")
    with pytest.raises(TrainkitError, match="can't be written"):
        yaml_writer.write_case(PARCEL, tmp_path / "file" / "late_parcel")


def test_names_with_escapes_in_a_header():
    text = TEXT.replace(":: call [inquiry]", r":: c\all [in\quiry \[x\]]") + "\n:: A \\[note\\] [script]\nx\n"
    assert same(twee.load_twee(text), PARCEL)


PIECES = [
    "::", ":: ", "[[", "]]", "->", "<!--", "-->", "{", "}", "[", "]", "\\", "|", "&#", ";", "text.en: ", "goto_if: ",
    "order: ", "lines: 5\n", "options: x\n", "- ", "  ", "\n", "\r", "\x00", '"', "'", "null", "1e999", "&a", "!!x ",
]  # fmt: skip


@settings(max_examples=examples(500))
@given(st.data())
def test_mutated_twee(data):
    """An error with a place, or a whole case; never anything else."""
    text = TEXT
    for _ in range(data.draw(st.integers(1, 4))):
        rows = text.split("\n")
        kind = data.draw(st.sampled_from(["cut", "insert", "drop", "double", "swap", "row"]))
        at = data.draw(st.integers(0, len(text)))
        row, other = (data.draw(st.integers(0, len(rows) - 1)) for _ in range(2))
        if kind in ("cut", "insert"):
            new = data.draw(st.one_of(st.text(max_size=12), st.sampled_from(PIECES)))
            text = text[:at] + new + text[at + (data.draw(st.integers(0, 80)) if kind == "cut" else 0) :]
            continue
        if kind == "drop":
            del rows[row]
        elif kind == "double":
            rows.insert(row, rows[row])
        elif kind == "swap":
            rows[row], rows[other] = rows[other], rows[row]
        else:
            rows[row] = data.draw(st.sampled_from(PIECES)) + rows[other]
        text = "\n".join(rows)
    whole_or_error(text)


def whole_or_error(text):
    try:
        case = twee.load_twee(text, "story.twee")
    except TrainkitError as error:
        assert str(error)
        assert all(re.fullmatch(r"story\.twee:\d+", problem.place) for problem in error.problems)
        assert max(int(problem.place[11:]) for problem in error.problems) <= text.count("\n") + 2
    else:
        assert case.hash and case.worlds
        assert same(twee.load_twee(twee.export(case)), case)


@settings(max_examples=examples(300))
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=40).map("".join))
@example(":: CaseData\nlines: 1\n:: a\n<!-- lines: 5 -->\nx: y\n")
@example(":: CaseData\n:: a {" + '"a":' + "[" * 100_000)
@example(":: CaseData\n:: StoryData\n" + "[" * 100_000)
@example(":: CaseData\n:: " + " " * 50_000 + "]")
@example(":: CaseData\n:: a\n" + "<!-- -->\n" * 20_000 + "[[x->y]]\n" * 20_000)
@example(":: CaseData\n:: a\n" + "[[" * 50_000 + "<!--\n" * 20_000)
@example("".join(f":: a{n}\n[[b{n}]]\n" for n in range(5000)) + ":: CaseData\n")
def test_junk(text):
    whole_or_error(text)
