"""Whoever waits hears the trainer's press at once, on this server and on another; nobody waits for ever or in crowds."""

import threading
import time
import urllib.request

from support.class_server import Browser, steer

NEXT_PAGE = {"prefer": "return=representation"}


def waiting(browser, state, **headers):
    """Ask what has changed, in a thread; gives the answer and how long it took."""
    answer = []

    def ask():
        began = time.monotonic()
        page = browser.copy().get(f"/pulse?state={state}", **headers)
        answer.extend((page, time.monotonic() - began))

    thread = threading.Thread(target=ask)
    thread.start()
    return thread, answer


def state_of(browser):
    """What the page that is shown was true of."""
    return next(said["data-state"] for tag, said in browser.page.tags if tag == "main")


def test_a_phone_hears_the_press_at_once(hold):
    with hold() as server:
        trainer, phones = server.trainer(), [server.playing(name) for name in ("Аист", "Бук")]
        asked = [waiting(phone, state_of(phone), **NEXT_PAGE) for phone in phones]
        time.sleep(0.5)
        assert not any(answer for _, answer in asked), "nothing has changed: they wait"
        steer(trainer, "paused", "1")
        for thread, answer in asked:
            thread.join(5)
            page, took = answer
            assert "Пауза" in page.words and page.header("preference-applied") == NEXT_PAGE["prefer"]
            assert 0.4 < took < 3


def test_a_state_that_has_passed_is_told_at_once(hold):
    with hold() as server:
        phone = server.playing("Аист")
        before = state_of(phone)
        phone.say("offer")
        began = time.monotonic()
        assert phone.copy().get(f"/pulse?state={before}").text == state_of(phone)
        assert phone.copy().get("/pulse").text == state_of(phone), "who doesn't say a state doesn't wait"
        assert Browser(server).get("/pulse?state=1.0.0").text == "", "nor does a stranger"
        assert time.monotonic() - began < 5


def test_one_person_can_t_keep_everybody_else_from_waiting(hold):
    with hold() as server:
        phone = server.playing("Аист")
        asked = [waiting(phone, state_of(phone)) for _ in range(6)]
        time.sleep(1)
        assert sum(bool(answer) for _, answer in asked) == 3, "the others are answered at once"
        steer(server.trainer(), "paused", "1")
        for thread, _ in asked:
            thread.join(5)
        assert all(answer for _, answer in asked)


def test_the_screen_hears_a_press_at_once(hold):
    with hold() as server:
        trainer, heard = server.trainer(), []

        def listen():
            with urllib.request.urlopen(server.address + "/wall/live", timeout=10) as lines:
                for line in lines:
                    heard.append((time.monotonic(), line))

        threading.Thread(target=listen, daemon=True).start()
        time.sleep(2.3)
        before = [at for at, line in heard if line.startswith(b"data: ")][-1:]
        pressed = time.monotonic()
        steer(trainer, "paused", "1")
        for _ in range(100):
            news = [at for at, line in heard if line.startswith(b"data: ") and at > pressed]
            if news:
                break
            time.sleep(0.02)
        assert before and news, "it was told at first, and of the press"


def test_who_waits_keeps_no_server_from_ending(hold):
    with hold() as server:
        asked = [waiting(phone, state_of(phone)) for phone in (server.playing("Аист"), server.playing("Бук"))]
        time.sleep(0.5)
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 4, "uvicorn would wait for them five seconds, and complain"
        for thread, answer in asked:
            thread.join(5)
            assert answer and answer[0].status == 200


def test_what_others_do_wakes_nobody_for_nothing(hold):
    with hold("--teams", "Дуб, Клён", "--lobby") as server:
        phone = server.joined("Аист")
        thread, answer = waiting(phone, state_of(phone))
        server.joined("Бук")  # into the other team: this page says the same
        time.sleep(1)
        assert not answer
        steer(server.trainer(), "open", opened="1")
        thread.join(5)
        assert answer and answer[0].text != state_of(phone)
