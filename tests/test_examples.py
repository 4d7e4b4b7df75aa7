"""Every example runs: Python blocks in the pages, and ``>>>`` in docstrings."""

import doctest
import importlib
import pkgutil
import re

import pytest
from support.places import ROOT

import trainkit

PAGES = ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "casebook/README.md", "casebook/README.ru.md")


def blocks(page):
    """(line, code) of each Python block of a page."""
    text = (ROOT / page).read_text("utf-8")
    return [(text.count("\n", 0, hit.start()) + 2, hit[1]) for hit in re.finditer(r"```python\n(.*?)```", text, re.S)]


@pytest.mark.parametrize("page", PAGES)
def test_python_in_a_page_runs(page):
    """In the order of the page, each block seeing the names of those before it, as a reader would."""
    names = {}
    for line, code in blocks(page):
        exec(compile("\n" * (line - 1) + code, page, "exec"), names)


def test_the_readme_has_examples():
    assert len(blocks("README.md")) >= 2


MODULES = [
    one.name
    for one in pkgutil.walk_packages(trainkit.__path__, "trainkit.")
    if not re.search(r"migrations|__main__|locale", one.name)
]


def test_examples_in_docstrings_run():
    tried = 0
    for name in MODULES:
        module = importlib.import_module(name)
        for test in doctest.DocTestFinder(exclude_empty=True).find(module):
            if test.examples:
                result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE).run(test)
                assert result.failed == 0, test.name
                tried += result.attempted
    assert tried
