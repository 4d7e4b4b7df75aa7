"""A coder in real JupyterLab in real Chromium: keys, taking back, another day, another coder, small and dark."""

import json
from contextlib import closing
from functools import partial

import nbformat
import pytest
from support import accessibility
from support.jupyter_lab import SOURCES, browser, command, lab, open_notebook, shot, watched_page
from support.own_words import spoken

from trainkit.analysis.own_words import SIDES
from trainkit.log.codes import coded, written
from trainkit.log.store import Log


def codes(running, coder):
    """What the log has of a coder, text by text in the order of coding."""
    with closing(Log(running.database)) as log:
        mine = {(row.attempt, row.step): row.code for row in coded(log, "sides", coder).itertuples()}
        return [mine.get((one.attempt, one.step)) for one in written(log)]


def notebook(running, name, coder, lang):
    cell = f"from trainkit.notebook.coding import coding\ncoding({coder!r}, {lang!r})"
    page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
    page.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(page, running.root / name)


def opened(page, running, name, dark=False):
    open_notebook(page, running, name, dark)
    command(page, "notebook:run-all-cells")
    page.wait_for_selector(".tk.coding .page > .row", timeout=60_000)
    page.wait_for_function("document.querySelector('.tk.coding').contains(document.activeElement)")


def pressed(page, key):
    """Press a key and wait for the next text, the end, or the text before."""
    before = page.inner_text(".tk.coding .page")
    page.keyboard.press(key)
    page.wait_for_function("text => document.querySelector('.tk.coding .page').innerText !== text", arg=before)


accessible = partial(accessibility.accessible, place=".tk.coding")


@pytest.fixture
def running(chromium_path, tmp_path):
    with lab(tmp_path) as room:
        with closing(Log(room.database)) as log:
            spoken(log)
        yield room


@pytest.mark.long
def test_a_coder_by_keys_alone_and_another_one(running, chromium_path):
    notebook(running, "first.ipynb", "first", "ru")
    notebook(running, "second.ipynb", "second", "en")
    with browser(chromium_path) as chromium:
        window = chromium.new_context(viewport={"width": 1280, "height": 900})
        with watched_page(window) as page:
            opened(page, running, "first.ipynb")
            sources = page.evaluate(SOURCES)
            accessible(page)
            shot(page, "ru-coding")
            for key in "135":
                pressed(page, key)
            assert codes(running, "first")[:4] == ["orientated", "centric", "unclear", None]
            pressed(page, "Backspace")
            assert codes(running, "first")[:4] == ["orientated", "centric", None, None]
            pressed(page, "ArrowLeft")
            assert page.locator(".tk.coding .opt.chosen").get_attribute("value") == "centric"
            pressed(page, "2")
            for key in ("d", "d", "x", "m", "Shift+M", "0"):  # would delete, cut, join cells, restart
                page.keyboard.press(key)
            page.wait_for_timeout(300)
            assert page.evaluate(SOURCES) == sources and page.locator(".jp-Dialog").count() == 0
            page.click('.tk.coding .opt[value="off"]')  # by mouse as well
            page.wait_for_function("document.querySelector('.tk.coding .num').innerText.includes('3')")
            assert codes(running, "first")[:4] == ["orientated", "middle", "off", None]
            # another day: a new kernel, the same place
            running.end_kernels()
            opened(page, running, "first.ipynb", dark=True)
            assert "3 из 6" in page.inner_text(".tk.coding .num")
            page.add_style_tag(content=".tk.coding { width: 320px !important }")
            wide = page.eval_on_selector(".tk.coding", "e => [e.scrollWidth > e.clientWidth + 1, e.clientWidth]")
            assert wide == [False, 320]
            accessible(page)
            shot(page, "ru-coding-dark-320")
            for key in "441":
                pressed(page, key)
            assert "Все тексты закодированы" in page.inner_text(".tk.coding")
            assert None not in codes(running, "first")
        with watched_page(window) as page:
            opened(page, running, "second.ipynb", dark=True)
            said = page.inner_text(".tk.coding")
            assert "0 of 6 coded" in said and page.locator(".opt.chosen").count() == 0 and "first" not in said
            assert page.locator(".tk.coding .opt").count() == len(SIDES.codes)
            accessible(page)
            shot(page, "en-coding-dark")
            pressed(page, "5")
            assert codes(running, "second").count("unclear") == 1
            command(page, "docmanager:save")
            page.wait_for_function("!document.querySelector('.jp-mod-dirty')")
    saved = json.dumps(nbformat.read(running.root / "second.ipynb", 4), ensure_ascii=False)
    assert "Верну деньги" not in saved and "для чего вам посылка" not in saved
