"""The pages for the three readers: built without a warning, nothing asked of another origin, nothing left in the checkout."""

import functools
import http.server
import importlib.util
import os
import re
import subprocess
import sys
import threading

import pytest
from support.places import ROOT

READERS = ("trainee", "trainer", "researcher")
LANGUAGES = ("ru", "en")


def test_every_reader_has_a_page_in_both_languages():
    shapes = []
    for lang in LANGUAGES:
        files = sorted((ROOT / "docs" / lang).glob("*.md"))
        assert {file.stem for file in files} == {"index", *READERS}
        texts = [file.read_text("utf-8") for file in files]
        trees = [
            re.findall(r"^```\{toctree\}\n(.*?)^```", re.sub(r":caption:.*\n", "", text), re.M | re.S) for text in texts
        ]
        shapes.append([trees, [re.findall(r"^#+ ", text, re.M) for text in texts]])
    assert shapes[0] == shapes[1] and all(shapes[0][0])


def test_a_page_names_every_notebook_once():
    """Whoever adds one finds it in the pages: the globs of the readers take each notebook, and no two the same."""
    names = {file.stem for file in (ROOT / "notebooks" / "en").glob("*.ipynb")}
    taken = []
    for reader in READERS:
        text = (ROOT / "docs" / "en" / f"{reader}.md").read_text("utf-8")
        for glob in re.findall(r"^notebooks/(\S+)$", text, re.M):
            taken += [name for name in names if re.fullmatch(glob.replace("*", ".*"), name)]
    assert sorted(taken) == sorted(names)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The built pages."""
    if not importlib.util.find_spec("sphinx") and os.environ.get("CI") != "true":
        pytest.skip("no Sphinx here: pip install 'trainkit[docs]'")
    out = tmp_path_factory.mktemp("docs")
    before = listed()
    done = subprocess.run([sys.executable, "docs/build.py", out], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and "WARNING" not in done.stderr, done.stderr
    assert listed() == before
    return out


def listed():
    """What lies in the folders that a build reads."""
    return sorted(
        path
        for folder in ("docs", "notebooks", "casebook")
        for path in (ROOT / folder).rglob("*")
        if "__pycache__" not in path.parts
    )


@pytest.mark.slow
def test_pages_have_what_docstrings_notebooks_and_commands_say(pages):
    import trainkit
    from trainkit.cli.main import COMMANDS

    for lang in LANGUAGES:
        reference = (pages / lang / "reference" / "python.html").read_text("utf-8")
        for name in trainkit.__all__:
            assert f'id="trainkit.{name}"' in reference, name
        commands = "".join((pages / lang / "reference" / f"{reader}.html").read_text("utf-8") for reader in READERS)
        assert set(re.findall(r"<h2>trainkit ([a-z-]+)<", commands)) == set(COMMANDS)
        for notebook in (ROOT / "notebooks" / lang).glob("*.ipynb"):
            assert (pages / lang / "notebooks" / f"{notebook.stem}.html").exists()
        answered = (pages / lang / "notebooks" / "20_responses.html").read_text("utf-8")
        assert "cell_output" in answered and "<img" in answered
        assert f'<html class="no-js" lang="{lang}"' in answered


@pytest.mark.slow
def test_every_link_between_pages_leads_somewhere_and_nothing_is_loaded_from_elsewhere(pages):
    broken, away = [], []
    for page in pages.rglob("*.html"):
        text = page.read_text("utf-8")
        away += re.findall(r"<(?:script|img|iframe|source)[^>]* src=\"((?:https?:)?//[^\"]*)", text)
        away += re.findall(r"<link[^>]* href=\"((?:https?:)?//[^\"]*)", text)
        for link in re.findall(r"<a [^>]*href=\"([^\"#?]+)", text):
            if not re.match(r"[a-z]+:", link) and not (page.parent / link).resolve().exists():
                broken.append((page.name, link))
    for style in pages.rglob("*.css"):
        away += re.findall(r"(?:url\(|@import )[\"']?((?:https?:)?//[^)\"']*)", style.read_text("utf-8"))
    assert not broken and not away, (broken[:9], away[:9])


@pytest.mark.slow
def test_served_pages_ask_nothing_of_another_origin(pages, chromium_path):
    """In Chromium, with their scripts running: doors, a notebook with pictures, the reference, a search that finds."""
    from playwright.sync_api import sync_playwright

    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(quiet, directory=str(pages)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    home, asked, wrong = f"http://127.0.0.1:{server.server_port}/", [], []
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
            page = browser.new_page()
            page.on("request", lambda request: asked.append(request.url))
            page.on("response", lambda answer: answer.ok or answer.status == 304 or wrong.append(answer.url))
            page.on("pageerror", lambda error: wrong.append(str(error)))
            for lang in LANGUAGES:
                for name in ("index", "manual", "notebooks/20_responses", "reference/python"):
                    page.goto(f"{home}{lang}/{name}.html")
                page.goto(f"{home}{lang}/search.html?q=trainkit")
                page.wait_for_selector("#search-results li a")
            page.goto(home)
            page.click("text=English")
            page.click("article >> text=Researcher")
            assert page.inner_text("h1").startswith("For researchers")
            page.click("text=Русский")
            assert "/ru/" in page.url and page.get_attribute("html", "lang") == "ru"
            browser.close()
    finally:
        server.shutdown()
        server.server_close()
    assert [url for url in asked if not url.startswith((home, "data:"))] == [] and not [
        url for url in wrong if not url.endswith("favicon.ico")
    ]
