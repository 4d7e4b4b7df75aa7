"""Make README's pictures anew, of the real thing: an exercise in JupyterLab, a room's wall, its trainer's remote.

    python tests/pictures.py [exercise] [wall] [remote]

Everybody in the room is synthetic. Needs Chromium.
"""

import random
import sys
import tempfile
from pathlib import Path

from PIL import Image
from support.class_server import held, steer
from support.jupyter_lab import arrived, browser, lab, visit
from support.places import ROOT
from support.programs import PROGRAMS

NAMES = "Аист Бук Василёк Выдра Грач Дрозд Ёж Жасмин Зяблик Иволга Клевер Крот Лось Мята Пион Ромашка Синица Сойка Стриж Чиж"
SCENE = "racket_refund/counter"
COLOURS = 128  # as many as text on plain paper needs


def save(page, name: str) -> None:
    """A small picture of the page as it is."""
    file = ROOT / "notebooks" / f"{name}.png"
    page.screenshot(path=file)
    Image.open(file).convert("RGB").quantize(COLOURS).save(file, optimize=True)
    print(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1000} kB")


def exercise(started, folder: Path) -> None:
    """A conversation after two replies."""
    with lab(folder) as running:
        page = started.new_page(viewport={"width": 1280, "height": 800})
        visit(page, running, "notebooks/en/04_power_upgrade.ipynb")
        arrived(page)
        for turn in (1, 2):
            page.click(f".tk.exercise .opt:enabled >> nth={turn}")
            page.wait_for_selector(".tk.exercise:not([aria-busy])")
            page.wait_for_selector(".tk.exercise .page > .now:not(.fresh)")
        page.wait_for_timeout(300)
        save(page, "exercise")


def room(started, folder: Path, wanted: list[str]) -> None:
    """A room that has discussed a scene and voted again; the key is shown."""
    dice = random.Random(7)
    with held(folder, "--lang", "en", "--set", "item=watch", "--open", cases=["racket_refund"]) as server:
        people = [server.playing(name, lang="en") for name in NAMES.split()]
        for person in people:
            for _ in range(dice.randint(1, 4)):
                if options := person.page.buttons("option"):
                    person.press("option", dice.choice(options))
        trainer = server.trainer()
        steer(trainer, "ballot", scene=SCENE)
        for person in people:
            options = person.get("/play").buttons("option")
            person.press("option", options[2] if dice.random() < 0.6 else dice.choice(options))
        steer(trainer, "ballot_end")
        steer(trainer, "show", scene=SCENE)
        steer(trainer, "key", "1")
        for name, path, width, height in (("wall", "/wall", 1280, 720), ("remote", server.remote, 1280, 800)):
            if name in wanted:
                page = started.new_page(viewport={"width": width, "height": height})
                page.goto(server.address + path + ("?lang=en" if name == "wall" else ""))
                page.wait_for_timeout(1500)
                save(page, name)


def main() -> None:
    """Make those that are named, or all."""
    wanted = sys.argv[1:] or ["exercise", "wall", "remote"]
    chromium = PROGRAMS["chromium"].find() or sys.exit("no Chromium here")
    with tempfile.TemporaryDirectory() as folder, browser(str(chromium)) as started:
        if "exercise" in wanted:
            exercise(started, Path(folder) / "lab")
        if {"wall", "remote"} & {*wanted}:
            (Path(folder) / "room").mkdir()
            room(started, Path(folder) / "room", wanted)


if __name__ == "__main__":
    main()
