"""A newcomer writes a case by form in real JupyterLab: by mouse, and once more by keyboard alone."""

import json
import re

import nbformat
import pytest
import yaml
from playwright.sync_api import Page
from support.accessibility import accessible
from support.form_hands import Keyboard, Mouse
from support.jupyter_lab import TOO_WIDE, browser, command, lab, open_notebook, shot, watched_page

from trainkit.checks.report import check
from trainkit.cli.main import main
from trainkit.files import casebook

ENDINGS = (
    ("Белая улыбка", "Рита смеётся во весь рот.", "Рита довольна.", 95),
    ("Зубы ноют", "В субботу Рита держится за щёку.", "Рите больно.", 15),
    ("Сперва осмотр", "Врач находит дырочку и лечит её.", "Рита успокоилась.", 80),
    ("Перенесла", "Рита записывается на другую неделю.", "Рита согласна.", 60),
    ("Ушла к соседям", "Через дорогу тоже отбеливают.", "Рита ушла.", 35),
    ("Хлопнула дверью", "Дверь хлопает.", "Рита обижена.", 10),
)
WORSE = "На холодное отзываются."


@pytest.fixture(scope="module")
def room(chromium_path, tmp_path_factory):
    with lab(tmp_path_factory.mktemp("lab")) as running, browser(chromium_path) as chromium:
        yield running, chromium.new_context(viewport={"width": 1280, "height": 1000})


@pytest.fixture
def page(room):
    with watched_page(room[1]) as opened:
        yield opened


def opened(page: Page, room, name: str, lang: str = "ru", dark: bool = False) -> None:
    """A notebook with the form of a case, run."""
    cell = nbformat.v4.new_code_cell(f'import trainkit\ntrainkit.edit("{name}", "{lang}")')
    notebook = nbformat.v4.new_notebook(cells=[cell])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, room[0].root / f"{name}.ipynb")
    open_notebook(page, room[0], f"{name}.ipynb", dark)
    command(page, "notebook:run-all-cells")
    page.wait_for_selector(".tk.editor .form :is(input, textarea)", timeout=60_000)
    page.wait_for_timeout(500)


def folder(room, name):
    return room[0].root / "my_cases" / name


def begun(hands) -> None:
    """The seven questions."""
    hands.write("Как назовём", "Побелее к субботе")
    hands.write(
        "Кто вы в этом разговоре и что решаете сами", "Вы записываете пациентов. На какой день и к кому, решаете вы."
    )
    hands.write("Как зовут клиента", "Рита")
    hands.write("О чём просит, своими словами", "Отбеливание на завтра, пожалуйста.")
    hands.write("Взять на слово здесь значит…", "Записать на завтра, раз просит.")
    hands.write("Сначала выяснить здесь значит…", "Узнать, к какому дню и что с зубами.")
    hands.press("К первой сцене")


def ending(hands, number: int) -> None:
    title, line, mood, value = ENDINGS[number]
    hands.write("Концовка", title)
    hands.write("Слова, реплика 1", line)
    hands.write("С чем уходит клиент, одной фразой", mood)
    hands.slide(f"#endings-ending_{number + 1}-value", value)


def reply(hands, scene: str, name: str, text: str, position: int | None) -> None:
    """The words of the open reply and where it stands."""
    base = f"#scenes-{scene}-options-{name}"
    hands.write("Слова", text)
    hands.write("Что эти слова сделают", "Рита слышит это и думает.")
    if position is None:
        hands.tick("не о клиенте")
    else:
        hands.slide(f"{base}-position", position)


def depends(hands, value: str, about: str, goto: str, otherwise: str) -> None:
    """The open reply leads to one place or another, as things are."""
    hands.press("если…", ".goes")
    hands.choose("О чём", about)
    hands.choose("Что об этом", value)
    hands.choose("Куда ведёт", goto, 0)
    hands.choose("Куда ведёт", otherwise, 1)


def case_of_a_newcomer(hands) -> None:
    """A dentist's reception: three scenes, two questions, six endings, two facts."""
    begun(hands)
    hands.choose("Что открыто", "О чём случай")
    hands.write("Почему случай просит этого, вашими словами", "Один вопрос дешевле испорченной субботы.")
    hands.choose("Что открыто", "Что правда о клиенте")
    for number, (about, *values) in enumerate(
        (("К какому дню", "В субботу свадьба.", "Просто захотелось."), ("Что с зубами", WORSE, "Ничего не болит."))
    ):
        hands.press("факт")
        hands.write("О чём это", about, number)
        for n, value in enumerate(values, 1):
            hands.write(f"Вариант {n}, лучше словами клиента", value, number)
    for number in range(6):
        if number < 2:
            hands.choose("Что открыто", f"Концовка: без названия, {number + 1}")
        else:
            hands.press("концовка", ".adds")
        ending(hands, number)
    hands.choose("Что открыто", "Кто говорит и терпение")
    hands.press("вопросы стоят терпения")
    hands.choose("Сколько его", "2")
    hands.choose("Куда уходит клиент, когда оно кончится", "Ушла к соседям")
    hands.write("Как называется на экране", "Терпение Риты")
    hands.write("Предупреждение перед последним вопросом", "После ответа она уйдёт")

    hands.choose("Что открыто", "Сцена 1 из 1: Просьба")
    hands.write("Сцена", "У стойки")
    target(hands, "scene_1", 50)
    hands.press("", ".replies > ol > li >> nth=0")
    reply(hands, "scene_1", "reply_1", "Записываю на завтра, на десять.", -80)
    depends(hands, WORSE, "Что с зубами", "Зубы ноют", "Белая улыбка")
    hands.press("", ".replies > ol > li >> nth=1")
    reply(hands, "scene_1", "reply_2", "Расскажите сперва, как ваши зубы.", 50)
    hands.press("ответ", ".replies > .lines-head")
    reply(hands, "scene_1", "reply_3", "Записи нет, не толпитесь.", None)
    hands.map("Хлопнула дверью")  # the map asks: it leads nowhere yet

    hands.press("сцена", ".adds")
    hands.write("Сцена", "Расспросы")
    target(hands, "scene_2", 60)
    hands.write("Слова, реплика 1", "У меня минут пять.")
    hands.tick("расспросы")
    for number, (text, fact) in enumerate(
        (("К какому дню нужно?", "К какому дню"), ("Зубы на холодное не отзываются?", "Что с зубами"))
    ):
        hands.press("", f".replies > ol > li >> nth={number}")
        reply(hands, "scene_2", f"reply_{number + 1}", text, 60)
        hands.choose("Открывает", fact)
        hands.choose("Терпение", "тратит 1")
        assert "Это вопрос: задаётся один раз" in hands.root.locator(".openly").inner_text()
    hands.press("ответ", ".replies > .lines-head")
    reply(hands, "scene_2", "reply_3", "Понятно, давайте решать.", -30)
    hands.choose("Куда ведёт", "новая сцена")  # and on with it

    hands.choose("Что открыто", "Сцена 3 из 3: без названия, 3")
    hands.write("Сцена", "Запись")
    target(hands, "scene_3", 0)
    for about in (80, -70):
        hands.press("если…", ".scene-title")
        hands.choose("О чём", "Что с зубами", 0 if about == 80 else 1)
        hands.choose("Что об этом", WORSE if about == 80 else "Ничего не болит.", 0 if about == 80 else 1)
        hands.slide(f"#scenes-scene_3-target-{0 if about == 80 else 1}-value", about)
    hands.press("Ещё о сцене", ".scene-title")
    hands.write("Слова, реплика 1", "Мне бы скорее. Завтра есть окошко?")
    hands.press("", ".replies > ol > li >> nth=0")
    reply(hands, "scene_3", "reply_1", "Завтра в десять свободно, записываю.", -70)
    depends(hands, WORSE, "Что с зубами", "Зубы ноют", "Белая улыбка")
    hands.press("", ".replies > ol > li >> nth=1")
    reply(hands, "scene_3", "reply_2", "Завтра, но сперва десять минут у врача.", 80)
    depends(hands, WORSE, "Что с зубами", "Сперва осмотр", "Перенесла")
    hands.press("ответ", ".replies > .lines-head")
    reply(hands, "scene_3", "reply_3", "Давайте на той неделе, без спешки.", 10)
    depends(hands, "В субботу свадьба.", "К какому дню", "Ушла к соседям", "Перенесла")

    hands.choose("Что открыто", "Сцена 1 из 3: У стойки")
    hands.press("", ".replies > ol > li >> nth=1")
    if hands.root.locator(".map.pick").count() == 0:
        hands.reach(hands.field("Показать на карте"))
        hands._press(hands.field("Показать на карте"))
        hands.settle()
    hands.map("Расспросы")
    hands.saved()


def target(hands, scene: str, to: int) -> None:
    """The scene asks for something else than the case."""
    hands.press("Ещё о сцене", ".scene-title")
    hands.press("Эта сцена просит не того", ".scene-title")
    hands.slide(f"#scenes-{scene}-target", to)
    if scene != "scene_3":
        hands.press("Ещё о сцене", ".scene-title")


@pytest.mark.parametrize(
    "hands", [pytest.param(Mouse, marks=pytest.mark.slow), pytest.param(Keyboard, marks=pytest.mark.long)]
)
def test_a_newcomer_writes_a_case(page, room, hands, capsys):
    name = f"white_{hands.__name__.lower()}"
    place = folder(room, name)
    opened(page, room, name)
    own = hands(page)
    case_of_a_newcomer(own)
    shot(page, f"form-{name}")
    case = casebook.load_case(place)
    assert (len(case.scenes), len(case.endings), len(case.facts)) == (3, 6, 2)
    assert sum(option.ask for scene in case.scenes.values() for option in scene.options.values()) == 2
    report = check(place)
    assert [str(problem) for problem in report.errors if "translation" not in str(problem)] == []
    # played: beside the form, and on the command line
    own.choose("Что с зубами", WORSE)
    own.press("Расскажите сперва", ".try .opts")
    own.press("Зубы на холодное", ".try .opts")
    own.press("Понятно, давайте решать", ".try .opts")
    own.press("сперва десять минут", ".try .opts")
    assert "Врач находит дырочку" in own.root.locator(".try .talk").inner_text()
    answers = "reply_2,reply_2,reply_3,reply_2"
    assert not main(["play", str(place), "--new", "--answers", answers, "--set", "fact_2=value_1"])
    assert "Врач находит дырочку" in capsys.readouterr().out.replace("\u00a0", " ")
    # checked
    own.choose("Что открыто", "Как файл и что говорит проверка")
    own.press("Проверить")
    told = own.root.locator(".told").first.inner_text()
    assert "нет walks.yml: не сказано, куда случай должен приводить" in told and "case.yml" not in told
    # shown as YAML
    assert yaml.safe_load(own.root.locator(".yaml").inner_text()) == yaml.safe_load(
        (place / "case.yml").read_text("utf-8")
    )
    # translated
    own.choose("Перевод", "en")
    own.choose("Что открыто", "Сцена 1 из 3: У стойки")
    own.write("Сцена (en)", "At the counter")
    own.settle()
    page.wait_for_timeout(1500)
    assert casebook.load_case(place).text("scenes.scene_1.title", "en") == "At the counter"
    # undone to the beginning, step by step, and made again
    before = (place / "case.yml").read_bytes()
    own.reach(own.field("Отменить"))
    own._press(own.field("Отменить"))
    own.settle()
    page.wait_for_timeout(1500)
    assert not (place / "text.en.yml").exists()
    page.keyboard.press("Control+Shift+Z")
    own.settle()
    page.wait_for_timeout(1500)
    assert (
        "At the counter" in (place / "text.en.yml").read_text("utf-8") and (place / "case.yml").read_bytes() == before
    )


@pytest.mark.slow
def test_a_word_by_form(page, room):
    """The short of it: a word, its undo by keys, a problem and its mending on the map, a tab closed in mid-word."""
    opened(page, room, "racket_refund")
    place = room[0].root / "casebook" / "racket_refund"
    file = place / "case.yml"
    before = file.read_text("utf-8")
    hands = Mouse(page)
    hands.write("Сцена", "У самой стойки")
    hands.saved()
    after = file.read_text("utf-8")
    assert len([pair for pair in zip(before.split("\n"), after.split("\n"), strict=True) if pair[0] != pair[1]]) == 1
    page.keyboard.press("Control+Z")
    hands.settle()
    hands.saved()
    assert file.read_text("utf-8") == before
    hands.press("ответ", ".replies > .lines-head")
    assert (
        "Куда ведёт, не указано" in hands.root.inner_text() and "исправите" in hands.root.locator(".saved").inner_text()
    )
    assert file.read_text("utf-8") == before
    node = hands.root.locator(".map .node.end").first
    title = node.inner_text().strip()
    node.click()
    hands.settle()
    assert "Куда ведёт, не указано" not in hands.root.inner_text()
    assert hands.root.locator("[id$='-goto'] option:checked").inner_text() == title
    hands.write("Слова", "Слова новичка.")
    field = hands.field("Что эти слова сделают")
    field.click()
    page.keyboard.insert_text("Полсло")
    page.close()  # in mid-word
    again = room[1].new_page()
    opened(again, room, "racket_refund")
    case = json.loads((place / ".case.draft.json").read_text("utf-8"))
    assert "Полсло" in json.dumps(case, ensure_ascii=False)
    hands = Mouse(again)
    for _ in range(12):
        if hands.field("Отменить").is_disabled():
            break
        hands.field("Отменить").click()
        hands.settle()
    hands.saved()
    assert file.read_text("utf-8") == before
    again.close()


@pytest.mark.long
def test_the_trial_and_the_cursor_follow(page, room):
    """The newest line and the replies under it are seen; a new line has the cursor, also after words not sent yet."""
    page.set_viewport_size({"width": 1280, "height": 700})
    opened(page, room, "power_upgrade")
    hands = Mouse(page)
    for step in range(5):
        replies = hands.root.locator(".try .opts button")
        if not replies.count():
            break
        replies.first.click()
        hands.settle()
        talk = hands.root.locator(".try .talk")
        assert talk.evaluate("one => one.scrollHeight - one.clientHeight - one.scrollTop") < 2
        last = hands.root.locator(".try .opts > :last-child, .try .ended").last
        box = last.evaluate("one => [one.getBoundingClientRect().bottom, innerHeight]")
        assert box[0] <= box[1], step
    assert hands.root.locator(".try .did").count() == 1
    shot(page, "form-trial")
    hands.field("Сцена").click()
    page.keyboard.insert_text("Другая ")  # not sent yet when the button is pressed
    hands.root.locator(".lines-head button").first.click()
    hands.settle()
    said = hands.root.locator(".form > .lines .words textarea").last
    assert said.evaluate("one => one === document.activeElement") and said.input_value() == ""
    hands.root.locator(".reply-head").first.click()
    hands.settle()
    hands.press("если…", ".goes")
    hands.press("если…", ".goes")
    shot(page, "form-conditions")
    hands.choose("Что открыто", "Как файл и что говорит проверка")
    hands.press("Проверить")
    shot(page, "form-check")


@pytest.mark.long
def test_the_list_says_what_is_shown_and_the_cursor_stays(page, room):
    """With the arrows through the places, with an edit that takes its own button away, with a list unfolded by a key."""
    opened(page, room, "racket_refund")
    hands = Keyboard(page)
    places = hands.field("Что открыто")
    shown = "element => element.selectedOptions[0].text.trim()"

    def here() -> str:
        return page.evaluate("document.activeElement.id.replace(/^e[0-9a-f]+-/, '')")

    hands.reach(places)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    hands.settle()
    assert places.evaluate(shown).endswith(hands.field("Сцена").input_value()) and here() == "go"
    hands.press("концовка", ".adds")
    assert places.evaluate(shown).startswith("Концовка: без названия") and here().endswith("-title")
    page.keyboard.press("Control+Z")
    hands.settle()
    hands.choose("Что открыто", places.locator("option").first.inner_text().strip())
    hands.press("", ".replies > ol > li >> nth=0")
    reveals = hands.field("Открывает")
    hands.reach(reveals)
    before = reveals.evaluate(shown)
    page.keyboard.press("ArrowDown")  # on the way: nothing is changed, and Esc goes back
    assert hands.root.locator("[data-picking]").count() == 1 and reveals.evaluate(shown) != before
    page.keyboard.press("Escape")
    assert hands.root.locator("[data-picking]").count() == 0 and reveals.evaluate(shown) == before
    page.keyboard.press("Space")  # unfolded: what is taken there is taken
    page.wait_for_timeout(300)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    hands.settle()
    assert reveals.evaluate(shown) != before and here().endswith("-reveals")
    undo = hands.field("Отменить")
    hands.reach(undo)
    while undo.is_enabled():
        page.keyboard.press("Enter")
        hands.settle()
    assert page.evaluate("document.querySelector('.tk.editor').contains(document.activeElement)")


@pytest.mark.long
def test_a_place_among_many_is_found(page, room):
    """Of a large case there is what is around the scene; the rest is a word away, by keys alone."""
    opened(page, room, "racket_refund")
    hands = Keyboard(page)
    assert 1 < hands.root.locator(".map.near .node").count() < 12
    hands.press("вся карта", ".the-map")
    assert hands.root.locator(".map.grid .node").count() > 30
    last = hands.root.locator(".map .node.end").last.inner_text().strip()
    assert page.evaluate("document.activeElement.id.endsWith('-seek')")
    page.keyboard.insert_text(last.lower())
    assert hands.root.locator(".hits .node:visible").count() == 1
    shot(page, "form-map-found")
    page.keyboard.press("Enter")
    hands.settle()
    assert hands.field("Концовка").input_value().split() == last.split()
    hands.reach(hands.root.locator(".map .node.on"))
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    hands.settle()
    assert hands.field("Концовка").input_value().split() != last.split()
    assert page.evaluate("document.activeElement.matches('.map .node.on')")


@pytest.mark.parametrize(
    ("width", "dark", "lang"),
    [
        pytest.param(760, False, "en", marks=pytest.mark.slow),
        pytest.param(1280, True, "ru", marks=pytest.mark.long),
    ],
)
def test_looks(page, room, width, dark, lang):
    """Nothing is wider than its place, axe finds nothing; light and dark, wide and narrow."""
    page.set_viewport_size({"width": width, "height": 1000})
    opened(page, room, "power_upgrade", lang, dark)
    hands = Mouse(page)
    pages = {
        "ru": ("Что правда о клиенте", "Разговор после игры"),
        "en": ("What is true of the client", "The talk afterwards"),
    }[lang]
    hands.root.locator(".reply-head").nth(1).click()
    hands.settle()
    for number, where in enumerate(("", *pages)):
        if where:
            hands.choose({"ru": "Что открыто", "en": "What is open"}[lang], where)
        wide = page.evaluate(TOO_WIDE.replace(".tk.exercise", ".tk.editor"))
        assert [part for part in wide if not re.match("<(input|textarea|select|option|div class=.map)", part)] == []
        accessible(page, place=".tk.editor")
        shot(page, f"form-{lang}-{width}-{number}")
