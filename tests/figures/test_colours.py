"""Pictures, paper and screen wear the same colours."""

import re

import pytest
from support.places import ROOT

from trainkit.figures import case_map, colours, path_plot, people_plots, picture, room_plots, scene_plots
from trainkit.view import render

PAPER = [ROOT / "src" / "trainkit" / "paper" / name for name in ("handout.css", "pack.css")]
COLOUR = re.compile(r"#(?:[0-9a-f]{6}|[0-9a-f]{3})\b")


def by_day():
    """The stylesheet's variables for a light screen; where JupyterLab has a colour of its own, what is meant without it."""
    start = render.asset("tk.css").split("}", 1)[0]
    return {name: COLOUR.findall(value)[0] for name, value in re.findall(r"--tk-([\w-]+): ([^;]*#[^;]*);", start)}


def palette():
    return {name: value for name, value in vars(colours).items() if name.isupper()}


def test_the_palette_is_the_stylesheets():
    names = {"PAPER": "bg"}
    screen = by_day()
    assert len(palette()) >= 6
    for name, value in palette().items():
        assert screen[names.get(name, name.lower().replace("_", "-"))] == value, name


@pytest.mark.parametrize("module", [case_map, room_plots, people_plots, scene_plots, path_plot, picture])
def test_no_picture_has_colours_of_its_own(module):
    with open(module.__file__, encoding="utf-8") as file:
        text = file.read()
    assert not COLOUR.findall(text) and not re.search(r'color="\w+"', text)


@pytest.mark.parametrize("file", PAPER, ids=lambda file: file.name)
def test_paper_is_black_and_grey_and_what_the_screen_has(file):
    for colour in COLOUR.findall(file.read_text("utf-8")):
        digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
        assert len(set(re.findall("..", digits))) == 1 or colour in by_day().values(), colour


def contrast(one, other):
    """WCAG 2.2, 1.4.3."""

    def luminance(colour):
        parts = (part / 255 for part in bytes.fromhex(colour[1:]))
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_words_can_be_read():
    assert colours.towards_accent(0) == colours.PAPER and colours.towards_accent(1) == colours.ACCENT
    for colour in (colours.INK, colours.MUTED, colours.ACCENT):
        assert contrast(colour, colours.PAPER) >= 4.5
    assert contrast(colours.ON_ACCENT, colours.ACCENT) >= 4.5
    for share in (0, 0.5, 1):
        assert contrast(colours.INK, colours.towards_accent(case_map.DARKEST * share)) >= 4.5
