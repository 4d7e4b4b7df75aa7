"""As somebody new does it: a trainer makes README's site, a trainee plays it without a network, the trainer sees it.

Nothing of the kit is called here but its commands; what is seen is seen in Chromium.
"""

import json
import re
import shlex
import subprocess
import sys

import pytest
from support.class_pages import accessible, pictured
from support.class_server import environment, held
from support.places import ROOT
from support.sites import READY, answers, enter, play, served, visitors

pytestmark = pytest.mark.slow
README = (ROOT / "README.md").read_text("utf-8")
PART = README[README.index("## A link, a stick, an LMS") : README.index("## A room of thirty")]


def line(beginning):
    """A command of README's part on sites, as it stands there."""
    return re.search(rf"`trainkit ({re.escape(beginning)}[^`]*)`", PART)[1]


def run(folder, command, **instead):
    """Run it in a folder, with other words in the place of those that are README's example."""
    words = [instead.get(word, word) for word in shlex.split(command)]
    done = subprocess.run(
        [sys.executable, "-m", "trainkit", *words], cwd=folder, env=environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_from_readme_s_site_to_screen_and_report(chromium, npm, tmp_path):
    run(tmp_path, line("site racket_refund boundaries"))
    with served(tmp_path / "site") as site, visitors(chromium, site) as opened:
        page = opened()
        page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        page.wait_for_function("caches.keys().then((names) => names.length > 0)")
        page.context.set_offline(True)
        page.goto(site)  # by the link again, in the train
        page.wait_for_selector(READY, timeout=90_000)
        enter(page, "racket_refund")
        play(page, lambda turn, n: turn % n)
        pictured(page, "new-user-debrief-ru")
        file = answers(page, tmp_path)
    played = json.loads(file.read_text("utf-8"))["events"]
    with held(tmp_path, "--open", cases=["racket_refund", "boundaries"]) as room:
        database = f" --database {shlex.quote(str(room.database))}"
        for _ in range(2):  # the second time changes nothing
            printed = run(
                tmp_path, line("import trainkit-Чиж-2026-11-30.json --workshop") + database,
                **{"trainkit-Чиж-2026-11-30.json": str(file), "471926": room.code},
            )  # fmt: skip
        assert re.search(rf"\b1  учтены в комнате {room.code}", printed), printed
        there = {name: room.playing(name) for name in ("Ира", "Олег")}
        for browser in there.values():
            browser.say(browser.page.buttons("option")[0])
        trainer = chromium.new_context(viewport={"width": 1280, "height": 720}, locale="ru-RU")
        wall = trainer.new_page()
        wall.goto(f"{room.address}/wall")
        wall.wait_for_selector(".wall-foot")
        foot = re.sub(r"\s+", " ", wall.inner_text(".wall-foot"))
        assert "в зале 2" in foot and "прислали файлом: 1" in foot, foot
        pictured(wall, "new-user-wall-ru")
        accessible(wall, "wall with a file")
        remote = trainer.new_page()
        remote.goto(room.address + room.remote)
        remote.goto(f"{room.address}/remote?tab=people")
        folk = remote.inner_text(".panel")
        assert "прислали файлом" in folk and "Чиж" in folk and "Ира" in folk
        pictured(remote, "new-user-remote-ru", whole_page=True)
        accessible(remote, "remote with a file")
        trainer.close()
        report = line("report data/log.sqlite3 -o report.html")
        run(tmp_path, report, **{"data/log.sqlite3": str(room.database)})
    shown = chromium.new_page()
    shown.goto((tmp_path / "report.html").as_uri())
    told = shown.inner_text("main, body").replace("\xa0", " ")
    pictured(shown, "new-user-report-ru")
    assert "Пропажа из машины" in told and len([one for one in played if one["kind"] == "choose"]) > 1
    shown.close()
