"""One walk, five surfaces: JupyterLab, phones, terminal, site and single file leave the same log, score and figures."""

import pytest
from support.places import CASEBOOK, case_folders
from support.surfaces import SURFACES, by_session
from support.walks import BACK, covering_walks, differences, everything, meets, named_walks, read

COMMON = next(walk for walk in covering_walks(CASEBOOK / "racket_refund") if BACK in walk.answers)
NAMES = [
    pytest.param(name, marks=[*[pytest.mark.browser] * bool(one.browser), *[pytest.mark.long] * ("Firefox" in name)])
    for name, one in SURFACES.items()
]  # what Firefox is has a test of its own in CI
FIXTURES = {"chromium": "chromium", "firefox": "firefox_path"}


@pytest.fixture
def plays(name, tmp_path, request):
    """A surface that is open."""
    surface = SURFACES[name]
    if name.startswith(("site", "single")):
        request.getfixturevalue("npm")
    browser = request.getfixturevalue(FIXTURES[surface.browser]) if surface.browser else None
    with surface.opens(tmp_path, browser) as opened:
        yield opened


def the_same_there(plays, walks):
    """Each walk leaves there what it leaves in Python."""
    wrong = {
        str(walk): [*differences(here, there)]
        for walk, here, there in zip(walks, by_session(walks), plays(walks), strict=True)
        if here != there
    }
    assert not wrong


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_same_walk_leaves_the_same(plays, name):
    """One walk on all of them; and, in turn, the first walk of every fifth case, so that each case is played somewhere."""
    turn = list(SURFACES).index(name) % 5
    the_same_there(plays, [COMMON, *(named_walks(folder)[0] for folder in case_folders()[turn::5])])


@pytest.mark.long
@pytest.mark.parametrize("folder", case_folders(), ids=lambda folder: folder.name)
@pytest.mark.parametrize("name", NAMES)
def test_every_walk_leaves_the_same(plays, folder, name):
    the_same_there(plays, [*named_walks(folder), *covering_walks(folder)])


@pytest.mark.parametrize("folder", case_folders(), ids=lambda folder: folder.name)
def test_the_covering_walks_meet_everything(folder):
    met = set().union(*map(meets, covering_walks(folder)))
    assert met == everything(read(folder))


def test_what_differs_is_told():
    """The comparison sees another option, and another figure on a screen."""
    walk = named_walks(CASEBOOK / "racket_refund")[0]
    (run,) = by_session([walk])
    (other,) = by_session([walk._replace(answers=(*walk.answers[:-1], "keep_it"))])
    assert [line.split(":")[0] for line in differences(run, other)][:1] == ["events"]
    shown = run._replace(shown=run.shown._replace(prices=("−1", *run.shown.prices[1:])))
    assert [line.split(":")[0] for line in differences(run, shown)] == ["shown"]
