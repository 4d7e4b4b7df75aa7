"""A whole workshop in real Chromium: phones in Russian, in English, without JavaScript; a trainer; the debrief on paper."""

import contextlib
import re
import sqlite3
from functools import partial

import pytest
from support.accessibility import accessible
from support.class_pages import class_pages, pictured
from support.class_server import KILL, held, steer
from support.jupyter_lab import ARGUMENTS
from support.option_ids import option_id

PHONE = {"viewport": {"width": 360, "height": 740}}
# at one moment: a remote may be drawn anew between two questions
KNOBS = "[...document.querySelectorAll('.knob')].map((one) => one.getBoundingClientRect().toJSON())"


@pytest.fixture
def room(tmp_path):
    with held(tmp_path, "--new", cases=["racket_refund"]) as server:
        yield server


@pytest.fixture
def opened(chromium, room):
    """Opens a page of this room in a browser of its own."""
    with class_pages(chromium) as open_:
        yield partial(open_, room)


def looked_at(page, name, check=True):
    """A picture to be looked at; axe-core finds nothing."""
    pictured(page, f"class-{name}", whole_page=True)
    if check:
        accessible(page, name)


def join(page, name, pair=False):
    page.fill("#name", name)
    if pair:
        page.check("[name=pair]")
    page.check("[name=consent]")
    page.click("main form .btn")
    page.wait_for_selector("[name=begin]")


def begin(page):
    page.click("[name=begin]")
    page.wait_for_selector(".choice .opt")


def step(page):
    return int(page.get_attribute(".choice [name=step]", "value"))


def say(page, number):
    """Choose by a click; the next page is here when the step has moved on or the debrief is there."""
    before = step(page)
    page.click(f".choice .opt:enabled >> nth={number}")
    page.wait_for_function(
        "n => document.querySelector('.debrief') || +document.querySelector('.choice [name=step]')?.value > n",
        arg=before,
    )


def play_on(page, pick, turns=40):
    for turn in range(turns):
        if not page.locator(".choice .opt").count():
            break
        say(page, pick(turn, page.locator(".choice .opt:enabled").count()))


def log(room, query):
    with contextlib.closing(sqlite3.connect(room.database)) as database:
        return database.execute(query).fetchall()


@pytest.mark.slow
def test_a_whole_workshop(opened, room):  # one story, from its beginning to its end
    wall = opened("/wall", viewport={"width": 1920, "height": 1080})
    wall.wait_for_selector(".qr svg")
    looked_at(wall, "wall-lobby")
    remote = opened(room.remote, viewport={"width": 1280, "height": 800})
    assert "/t/" not in remote.url, "the secret must not stay in the address bar"
    looked_at(remote, "remote-lobby")
    door = f"/?code={room.code}"

    iris = opened(door, **PHONE, has_touch=True)
    looked_at(iris, "join-ru")
    join(iris, "Ирис", pair=True)
    looked_at(iris, "lobby-ru")
    begin(iris)
    assert "Решите вдвоём" in iris.inner_text("legend")
    looked_at(iris, "scene-ru")

    fern = opened(door + "&lang=en", **PHONE, color_scheme="dark")
    join(fern, "Fern")
    begin(fern)
    assert fern.get_attribute("html", "lang") == "en"
    looked_at(fern, "scene-en-dark")

    plain = opened(door, **PHONE, java_script_enabled=False)
    join(plain, "Клён")
    plain.click("[name=begin]")
    plain.wait_for_selector(".choice .opt")
    others = [room.playing(f"Гость {n}") for n in range(4)]

    # they play: by touch, by keys, by plain forms; the rest by HTTP
    say(iris, 2)
    play_on(iris, lambda turn, n: turn % n)
    iris.wait_for_selector(".debrief")
    looked_at(iris, "debrief-ru")
    play_on(fern, lambda turn, n: 0, turns=2)
    looked_at(fern, "scene2-en-dark")
    for turn in range(40):
        if not plain.locator(".choice .opt:enabled").count():
            break
        plain.click(f".choice .opt:enabled >> nth={turn % plain.locator('.choice .opt:enabled').count()}")
        plain.wait_for_load_state()
    assert plain.locator(".debrief").count() == 1
    for number, other in enumerate(others):
        page = other.get("/play")
        while options := page.buttons("option"):
            page = other.press("option", options[number % len(options)])
    wall.wait_for_selector(".wall-foot p:last-child b:text-is('7')", timeout=20_000)
    wall.wait_for_selector(".split svg.fill", timeout=20_000)
    looked_at(wall, "wall-scene")
    looked_at(remote, "remote-scene")
    remote.click("#knob-qr")
    wall.wait_for_selector(".late .qr svg")
    looked_at(wall, "wall-late")
    remote.click("#knob-qr")
    wall.wait_for_selector(".late", state="detached")

    # a pause, the talk, a vote again, the key
    fern.route("**/pulse*", lambda route: route.abort())  # she hears of the pause by her click, not before it
    fern.reload()  # what has been asked already would be answered
    remote.click("#knob-pause")
    wall.wait_for_selector(".is-waiting")
    looked_at(wall, "wall-pause")
    fern.click(".choice .opt:enabled >> nth=0")
    fern.wait_for_selector("[role=alert]")
    looked_at(fern, "paused-en")
    fern.unroute("**/pulse*")
    remote.click("#knob-pause")
    wall.wait_for_selector(".is-waiting", state="detached")
    remote.select_option("#pick-scene", "racket_refund/counter")  # the one that everybody has answered
    remote.click("#do-show")
    wall.wait_for_selector(".wall-head:has-text('У стойки')")
    remote.click("#knob-vote")
    remote.wait_for_selector("#knob-vote[value=ballot_end]")
    for page in (iris, plain):
        page.goto(room.address + "/play")
    looked_at(iris, "vote-ru")
    iris.click(".choice .opt >> nth=0")
    iris.wait_for_selector("h1:has-text('Голос принят')")
    looked_at(iris, "voted-ru")
    plain.click(".choice .opt >> nth=0")
    for other in others:
        page = other.get("/play")
        other.press("option", page.buttons("option")[0])
    wall.wait_for_selector(".dots .on >> nth=4")
    looked_at(wall, "wall-vote")
    remote.click("#knob-vote")
    remote.wait_for_selector("#knob-vote[value=ballot]")
    remote.click("#knob-key")
    wall.wait_for_selector(".split .tag")
    looked_at(wall, "wall-key")
    assert len(log(room, "SELECT * FROM events WHERE kind = 'revote'")) >= 5

    # names on the remote alone; the same on the trainer's phone, with every button where it was
    assert "Ирис" not in wall.content()
    steering = opened(room.remote, **PHONE, color_scheme="dark")
    knobs = steering.evaluate(KNOBS)
    assert all(knob["y"] + knob["height"] <= steering.viewport_size["height"] for knob in knobs)
    looked_at(steering, "remote-phone-dark")
    steering.click("#tab-people")
    steering.click("text=Ирис")
    steering.wait_for_selector("#new-name")
    looked_at(steering, "remote-people-dark")
    assert steering.evaluate(KNOBS) == knobs
    steering.fill("#new-name", "Ирис и Ко")
    room.joined("Опоздала")
    steering.wait_for_selector("text=Опоздала")
    assert steering.input_value("#new-name") == "Ирис и Ко", "what is being written is taken away by what changes"
    steering.click("#do-name")
    steering.wait_for_selector(".person:has-text('Ирис и Ко')")
    steering.click("text=Опоздала")
    steering.click("#ask-remove")
    steering.wait_for_selector("#sure-no:focus")
    looked_at(steering, "remote-sure-dark")
    steering.keyboard.press("Escape")
    steering.wait_for_selector("#sure-no", state="detached")
    steering.click("#ask-remove")
    steering.click("#sure-yes")
    steering.wait_for_selector(".person:has-text('Опоздала')", state="detached")

    # going on where one was; the end; the debrief on paper
    fern.goto(room.address + "/play")
    play_on(fern, lambda turn, n: n - 1)
    fern.click("nav .btn:not(.quiet)")
    fern.wait_for_selector("svg.gauge")
    looked_at(fern, "debrief-page2-en-dark")
    for _ in range(2):  # a run in which the scenes asked for this and for that has a page on adapting in between
        fern.click("nav .btn:not(.quiet)")
        fern.wait_for_selector("nav .btn.quiet")
        if fern.locator(".move").count():
            break
    fern.wait_for_selector(".move")
    looked_at(fern, "debrief-page3-en-dark")
    fern.click(".move summary >> nth=0")
    fern.click("text=Disagree with this rating?")
    fern.fill("textarea", "He was in a hurry.")
    with fern.expect_response(lambda answer: answer.request.method == "POST"):
        fern.click("[name=disagree]")
    assert log(room, "SELECT text FROM events WHERE kind = 'disagree'") == [("He was in a hurry.",)]
    pack = opened(room.remote, viewport={"width": 1000, "height": 1200})
    pack.goto(room.address + "/remote/debrief")
    looked_at(pack, "pack")
    paper = pack.pdf(format="A4", prefer_css_page_size=True)
    assert paper.startswith(b"%PDF") and 3 <= len(re.findall(rb"/Type /Page\b", paper)) <= 14
    assert not any(name in pack.inner_text("body") for name in ("Ирис", "Fern", "Клён", "Гость"))
    remote.click("#tab-more")
    remote.click("#ask-over")
    remote.click("#sure-yes")
    wall.wait_for_selector(".is-over")
    looked_at(wall, "wall-over")
    iris.goto(room.address + "/play")
    assert iris.locator(".debrief").count() == 1, "a finished run keeps its debrief when the class is over"


def test_keyboard_only(opened, room):
    page = opened(f"/?code={room.code}&lang=en", viewport={"width": 800, "height": 900})
    page.focus("#name")
    page.keyboard.type("Fox")
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Space")  # I agree; the box of the pair was passed over
    page.keyboard.press("Enter")
    page.wait_for_selector("[name=begin]")
    page.focus("body")
    for _ in range(8):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "begin":
            break
    page.wait_for_selector("main:not(.fresh)")
    page.keyboard.press("Enter")
    page.wait_for_selector(".choice .opt")
    clicked = 0
    while page.locator(".choice .opt").count() and clicked < 30:
        before = step(page)
        page.wait_for_selector("main:not(.fresh)")
        page.keyboard.press("2" if page.locator(".choice .opt").count() > 1 else "1")
        page.keyboard.press("Enter")
        clicked += 1
        page.wait_for_function(
            "n => document.querySelector('.debrief') || +document.querySelector('.choice [name=step]')?.value > n",
            arg=before,
        )
    assert page.locator(".debrief").count() == 1
    assert len(log(room, "SELECT * FROM events WHERE kind = 'choose'")) == clicked
    remote = opened(room.remote, viewport={"width": 1280, "height": 800})
    remote.focus("#knob-pause")
    remote.keyboard.press("Enter")
    remote.wait_for_selector("#knob-pause[value='0']:focus")  # the remote has changed under it, and it stays


@pytest.mark.long
def test_a_remote_that_changes_leaves_the_trainers_hand_alone(opened, room):
    def people(n):
        remote.wait_for_selector(f".moment-count:has-text('из {n}')")

    room.stop()
    room.start("--open", "--new")  # whose remote names every scene from the first answer on
    for name in ("Лиса", "Ёж"):
        guest = room.playing(name)
        for _ in range(2):
            guest.press("option", guest.get("/play").buttons("option")[0])
    remote = opened(room.remote, viewport={"width": 1280, "height": 800})
    remote.wait_for_selector("#pick-scene", state="attached")
    scene = remote.input_value("#pick-scene")
    other = next(
        o for o in remote.eval_on_selector_all("#pick-scene option", "all => all.map(o => o.value)") if o != scene
    )

    remote.select_option("#pick-scene", other)
    room.joined("Сова")
    people(3)
    assert remote.input_value("#pick-scene") == other, "what he picked is taken back by a remote that changed"

    show = remote.locator("#do-show").bounding_box()
    remote.mouse.click(2, 2)  # a click just before must not let go of this one
    remote.mouse.move(show["x"] + 5, show["y"] + 5)
    remote.mouse.down()
    with remote.expect_response(lambda answer: "/remote?part" in answer.url):
        room.joined("Рысь")
    remote.wait_for_timeout(300)
    remote.mouse.up()
    remote.wait_for_function("scene => document.querySelector('#knob-vote').form.scene.value === scene", arg=other)
    people(4)  # what came meanwhile is not forgotten

    remote.focus("#pick-scene")
    remote.dispatch_event("#pick-scene", "pointerdown")  # the list is open: it would close in his hand
    with remote.expect_response(lambda answer: "/remote?part" in answer.url):
        room.joined("Крот")
    remote.wait_for_timeout(300)
    assert remote.locator(".moment-count:has-text('из 4')").count() == 1
    remote.focus("#do-show")
    people(5)


@pytest.mark.slow
def test_a_wall_and_a_remote_that_have_lost_the_server_say_so(opened, room):
    room.playing("Лиса")
    wall = opened("/wall?lang=en", viewport={"width": 1280, "height": 720})
    remote = opened(room.remote, **PHONE)
    wall.wait_for_selector(".wall-foot b:text-is('1')")
    room.stop(KILL)
    wall.wait_for_selector(".lost:has-text('No connection to the trainer’s laptop')")
    remote.wait_for_selector(".live.gone")
    looked_at(wall, "wall-lost")
    looked_at(remote, "remote-lost")
    room.start("--workshop", room.code)
    wall.wait_for_selector(".lost", state="detached")
    remote.wait_for_selector(".live:not(.gone)")
    room.joined("Ёж")
    wall.wait_for_selector(".wall-foot b:text-is('2')")


@pytest.mark.slow
def test_a_double_click_and_a_lost_connection(opened, room):
    page = opened(f"/?code={room.code}", **PHONE)
    join(page, "Сойка")
    begin(page)
    before, asked = step(page), []
    page.on("request", lambda request: "/pulse" in request.url or asked.append(request.url.removeprefix(room.address)))
    page.dblclick(".choice .opt:enabled >> nth=1")
    page.wait_for_function("n => +document.querySelector('.choice [name=step]')?.value > n", arg=before)
    page.wait_for_timeout(500)
    assert step(page) == before + 1
    assert asked == ["/play"], "a click is one way there and back, whatever the network"

    # by hand the second half comes when the next scene is there, and something else to choose lies under the finger
    page.hover(".choice .opt:enabled >> nth=1")
    for half in (1, 2):
        box = page.locator(".choice .opt:enabled >> nth=1").bounding_box()
        page.mouse.move(box["x"] + 20, box["y"] + 20)
        page.mouse.down(click_count=half)
        page.mouse.up(click_count=half)
        page.wait_for_function("n => +document.querySelector('.choice [name=step]')?.value > n", arg=before + 1)
    page.wait_for_timeout(500)
    assert step(page) == before + 2 and asked == ["/play"] * 2
    page.focus(".choice .opt:enabled >> nth=0")
    for _ in range(20):  # Enter held down repeats itself
        page.keyboard.down("Enter")
        page.wait_for_timeout(50)
    page.keyboard.up("Enter")
    assert step(page) == before + 3 and asked == ["/play"] * 3
    before = step(page) - 1
    page.route("**/play", lambda route: route.abort())
    page.click(".choice .opt:enabled >> nth=0")
    page.wait_for_selector("[data-retry]")
    looked_at(page, "unsaved-ru")
    page.unroute("**/play")
    page.click("[data-retry]")
    page.wait_for_function("n => +document.querySelector('.choice [name=step]')?.value > n", arg=before + 1)
    assert len(log(room, "SELECT * FROM events")) == 4
    page.go_back()
    page.wait_for_selector("main")
    page.goto(room.address + "/play")
    assert step(page) == 4


@pytest.mark.long
def test_a_phone_that_slept_shows_the_true_state(opened, room):
    page = opened(f"/?code={room.code}", **PHONE)
    join(page, "Барсук")
    begin(page)
    link = opened("/", **PHONE)
    page.goto(room.address + "/link")
    link.goto(page.get_attribute(".own-link a", "href"))
    page.goto(room.address + "/play")
    say(link, 0)  # on the other device
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # the first one wakes up
    page.wait_for_function("() => +document.querySelector('.choice [name=step]')?.value === 1", timeout=10_000)


def test_a_phone_s_language_and_what_was_entered(opened, room):
    page = opened("/", **PHONE, locale="en-GB", color_scheme="dark")
    assert page.get_attribute("html", "lang") == "en" and page.inner_text("h1") == "Join the class"
    page.fill("#code", "000 000")
    page.fill("#name", "Wren")
    page.check("[name=pair]")
    page.check("[name=consent]")
    page.click("main form .btn")
    page.wait_for_selector("[role=alert]")
    assert page.evaluate("document.activeElement.id") == "code"
    assert page.is_checked("[name=pair]") and page.is_checked("[name=consent]") and page.input_value("#name") == "Wren"
    looked_at(page, "join-wrong-code-en-dark")
    page.fill("#code", room.code)
    page.wait_for_selector("main:not(.fresh)")
    page.click("main form .btn")
    page.wait_for_selector("[name=begin]")
    assert log(room, "SELECT name, pair, lang FROM members") == [("Wren", 1, "en")]


@pytest.mark.long
def test_two_of_one_name_and_the_link_of_another(opened, room):
    first, second = (opened(f"/?code={room.code}", **PHONE) for _ in range(2))
    for page in (first, second):
        join(page, "Синица")
    looked_at(second, "lobby-namesake-ru")
    second.goto(room.address + "/link")
    link = second.get_attribute(".own-link a", "href")
    first.goto(link)
    looked_at(first, "other-seat-ru")
    first.click("text=Остаться: Синица")
    first.wait_for_selector("[name=begin]")
    assert "(2)" not in first.inner_text("main")
    first.goto(link)
    first.click("text=Перейти: Синица (2)")
    first.wait_for_selector("h1:has-text('Синица (2), вы на занятии')")


@pytest.mark.parametrize(("pointer", "shown"), [(4, True), (2, False)], ids=["mouse", "finger"])
def test_keys_are_spoken_of_where_there_are_any(chromium, chromium_path, room, pointer, shown):
    """Some phones say that they hover; none says that its pointer is fine."""
    kinds = f"primaryPointerType={pointer},availablePointerTypes={pointer},primaryHoverType=2,availableHoverTypes=2"
    launched = chromium.browser_type.launch(
        executable_path=chromium_path, args=[*ARGUMENTS, f"--blink-settings={kinds}"]
    )
    with contextlib.closing(launched) as other:
        page = other.new_page(locale="ru-RU", viewport={"width": 390, "height": 844})
        page.goto(f"{room.address}/?code={room.code}")
        join(page, "Ключ")
        begin(page)
        assert page.locator(".keys").is_visible() == shown
        say(page, 0)
        trainer = room.trainer()
        steer(trainer, "ballot", scene=f"racket_refund/{log(room, 'SELECT scene FROM events')[0][0]}")
        page.goto(room.address + "/play")
        page.wait_for_selector("[name=vote]", state="attached")
        assert page.locator(".keys").is_visible() == shown


def unconfirmed(page, number):
    """Choose while no server is there."""
    page.click(f".choice .opt:enabled >> nth={number}")
    page.wait_for_selector("[data-retry]")


@pytest.mark.slow
def test_after_a_restart_the_answer_is_still_there_and_is_sent_by_one_tap(opened, room):
    page, code = opened(f"/?code={room.code}", viewport={"width": 390, "height": 844}), room.code
    join(page, "Ирис")
    begin(page)
    say(page, 0)
    room.stop()
    unconfirmed(page, 1)
    chosen = page.get_attribute(".opt.unsaved", "value")
    assert not page.locator(".stick").count(), "nobody has heard of the server yet"
    room.start("--workshop", code)
    page.wait_for_selector(".stick", timeout=15_000)  # the page notices by itself, and sends nothing by itself
    assert "Сервер снова на связи" in page.inner_text(".stick") and page.locator("[data-retry]").count() == 1
    assert page.inner_text(".stick .num") == page.inner_text(".opt.unsaved kbd") == "2"
    looked_at(page, "unconfirmed-ru")
    page.emulate_media(color_scheme="dark")
    looked_at(page, "unconfirmed-ru-dark")
    page.reload()
    page.wait_for_selector(".stick")
    assert page.get_attribute(".opt.unsaved", "value") == chosen
    steer(room.trainer(), "paused", "1")  # another page in between
    page.reload()
    page.wait_for_selector("h1:has-text('Пауза')")
    steer(room.trainer(), "paused", "0")
    page.goto(room.address + "/play")
    page.wait_for_selector(".stick")
    assert step(page) == 1 and len(log(room, "SELECT * FROM events")) == 1
    page.click(".stick button")
    page.wait_for_function("() => +document.querySelector('.choice [name=step]')?.value === 2")
    assert log(room, "SELECT option FROM events WHERE step = 1") == [(option_id(chosen),)]
    page.reload()
    page.wait_for_selector(".choice .opt")
    assert not page.locator(".stick, .unsaved").count()


@pytest.mark.long
def test_an_unsent_answer_is_dropped_where_the_conversation_has_gone_on(opened, room):
    page, other = (opened(f"/?code={room.code}", **PHONE) for _ in range(2))
    join(page, "Клён")
    begin(page)
    page.goto(room.address + "/link")
    other.goto(page.get_attribute(".own-link a", "href"))
    page.goto(room.address + "/play")
    page.route("**/play", lambda route: route.abort())
    unconfirmed(page, 1)
    say(other, 0)
    page.unroute("**/play")
    page.wait_for_function("() => +document.querySelector('.choice [name=step]')?.value === 1", timeout=15_000)
    assert not page.locator(".stick, .unsaved").count()
    assert page.evaluate("sessionStorage.getItem('unsent')") == "null"


def test_unsent_words_come_back(chromium, tmp_path):
    with held(tmp_path, "--own-words", cases=["racket_refund"]) as server:
        page = chromium.new_context(locale="ru-RU", **PHONE).new_page()
        page.goto(f"{server.address}/?code={server.code}")
        join(page, "Ива")
        page.click("[name=begin]")
        page.fill("textarea", "Покажите, где лопнуло.")
        page.route("**/play", lambda route: route.abort())
        page.click("[name=words][value='1']")
        page.wait_for_selector("[data-retry]")
        page.unroute("**/play")
        page.goto(server.address + "/play")
        page.wait_for_selector(".stick")
        assert page.input_value("textarea") == "Покажите, где лопнуло."
        page.click(".stick button")
        page.wait_for_selector(".choice .opt")
        assert server.events("Ива")[0][3] == "Покажите, где лопнуло."
        page.context.close()


@pytest.mark.long
def test_a_debrief_that_was_saved_opens_without_the_class(opened, room, chromium, tmp_path):
    page = opened(f"/?code={room.code}", viewport={"width": 390, "height": 844}, java_script_enabled=False)
    join(page, "Ирис")
    page.click("[name=begin]")
    while page.locator(".choice .opt:enabled").count():
        with page.expect_navigation():  # a load state alone may still be that of the page before
            page.click(".choice .opt:enabled >> nth=0")
    looked_at(page, "debrief-save-ru", check=False)
    link, file = page.get_attribute("a:has-text('Сохранить разбор')", "href"), tmp_path / "debrief.html"
    answer = page.request.get(room.address + link)
    assert answer.headers["content-disposition"].startswith("attachment;")
    file.write_bytes(answer.body())
    room.stop()
    for scheme in ("light", "dark"):
        with contextlib.closing(
            chromium.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme)
        ) as kept:
            saved, asked, said = kept.new_page(), [], []
            saved.on("request", lambda request, asked=asked: asked.append(request.url))
            saved.on("console", lambda message, said=said: said.append(message.text))
            saved.goto(file.as_uri())
            looked_at(saved, f"debrief-file-{scheme}")
            assert len(asked) == 1 and not said, (asked, said)
            assert saved.evaluate("document.documentElement.scrollWidth") <= 390
            saved.click(".move summary >> nth=0")
            assert saved.locator(".move .inside >> nth=0").is_visible()


def test_who_is_refused_is_told(chromium, tmp_path):
    """A page of the proxy's isn't the class's: the answer stays. A remote shows why its button was refused."""
    held_here = held(tmp_path, "--no-lobby", cases=["racket_refund"])
    with held_here as server, class_pages(chromium) as opened:
        phone = opened(server, f"/?code={server.code}")
        phone.fill("#name", "Ирис")
        phone.check("[name=consent]")
        phone.click("main form .btn")
        phone.click("[name=begin]")
        phone.wait_for_selector(".choice .opt:enabled")
        page = "<html><center><h1>502 Bad Gateway</h1></center></html>"
        phone.route("**/play", lambda route: route.fulfill(status=502, content_type="text/html", body=page))
        phone.click(".choice .opt:enabled >> nth=0")
        phone.wait_for_selector("[data-retry]")
        assert "Bad Gateway" not in phone.inner_text("body")
        phone.unroute("**/play")
        phone.click("[data-retry]")
        phone.wait_for_selector(".choice [name=step]:not([value='0'])", state="attached")
        remote = opened(server, server.remote)
        why = "<html><body><main><h1>Не принято</h1><a href='/remote'>К пульту</a></main></body></html>"
        refusal = {"status": 403, "content_type": "text/html", "body": why}
        remote.route(
            "**/remote**",
            lambda route: route.fulfill(**refusal) if route.request.method == "POST" else route.continue_(),
        )
        remote.click("button[name=do]:enabled >> nth=0")
        remote.wait_for_selector("text=Не принято")
        remote.wait_for_timeout(2500)  # signs of life come every second
        assert "Не принято" in remote.inner_text("h1")
        remote.unroute("**/remote**")
        remote.click("text=К пульту")
        remote.wait_for_selector("button[name=do]:enabled")
