"""Six of CONTRIBUTING's recipes, followed in one copy of the project and looked at by one run of its tests."""

import re

from test_recipes import RECIPES, slow, tree

__all__ = ["tree"]


@slow
def test_what_is_computed_logged_and_seen(tree, chromium_path):
    """Six recipes in one copy, looked at by one run of tests that are written as a contributor would."""
    _formula(tree)
    _statistic(tree)
    _logged_column(tree)
    _log_of_another_kind(tree)
    _page(tree)
    _look(tree)
    tree.run("src/trainkit/locale/compile.py")
    for name, content in FOLLOWED.items():
        (tree.root / name).write_text(content, "utf-8")
    said = tree.pytest(
        *FOLLOWED, "tests/log/test_contract.py", "tests/log/test_migrations.py", "tests/log/test_store.py",
        "tests/test_i18n.py",        "tests/web/security/test_every_answer.py", "tests/web/security/test_secrets.py",
        "-k", "followed or lines or (comes_to_be and sqlite) or codebook or interface_word or headers_of_every or whole_page",
    )  # fmt: skip
    assert re.search(r"\d\d passed", said) and "failed" not in said, said


def _formula(tree):
    """The one line serves single attempts and frames."""
    tree.edit(
        "src/trainkit/scoring/formulas.py",
        '"off_axis": (lambda s: (s.axis - s.placed) / s.axis, lambda s: s.axis > 0)',
        '"off_axis": (lambda s: 100 * (s.axis - s.placed) / s.axis, lambda s: s.axis > 0)',
    )


def _statistic(tree):
    """Beside ``scores``: narwhals expressions, lazy frames in and out."""
    file = tree.root / "src/trainkit/scoring/frames.py"
    file.write_text(
        file.read_text("utf-8")
        + '''

def fit_of_scenes(frame: Any) -> Any:
    """Mean fit of each scene."""
    import narwhals as nw

    data = respelt(nw.from_native(frame), ("attempt",))
    return nw.to_native(data.group_by("scene").agg(nw.col("fit").mean()).sort("scene"))
''',
        "utf-8",
    )


def _logged_column(tree):
    """Field, column, migration, head, codebook, simulated value."""
    assert re.findall(r"`([^`]+)`", RECIPES["Add something that is logged, or a column to it"]) == [
        "log/records.py", "Record", "Event", "log/schema.py", "log/migrations/versions/", "HEAD", "log/upgrade.py",
        "data/codebook.csv", "event_rows", "simulation/export.py",
    ]  # fmt: skip
    log = "src/trainkit/log"
    tree.edit(
        f"{log}/records.py",
        '    lang: str = "ru"\n    at: str = ""\n',
        '    lang: str = "ru"\n    at: str = ""\n    device: str | None = None\n',
    )
    last = '    sa.Column("at", sa.String(32), nullable=False),\n)\nquestions'
    tree.edit(
        f"{log}/schema.py", last, last.replace(")\nquestions", '    sa.Column("device", sa.String(20)),\n)\nquestions')
    )
    (head,) = re.findall(r'HEAD = "(\d+)"', (tree.root / f"{log}/upgrade.py").read_text("utf-8"))
    new = f"{int(head) + 1:04}"
    (tree.root / f"{log}/migrations/versions/{new}_device.py").write_text(
        f'"""On what it was answered."""\n\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = "{new}"\n'
        f'down_revision = "{head}"\n\n\ndef upgrade() -> None:\n    """Add a column."""\n'
        '    op.add_column("events", sa.Column("device", sa.String(20)))\n', "utf-8",
    )  # fmt: skip
    tree.edit(f"{log}/upgrade.py", f'HEAD = "{head}"', f'HEAD = "{new}"')
    row = "events,at,text,,ISO 8601 UTC with microseconds,When it was committed,Когда записано\n"
    tree.edit(
        "data/codebook.csv", row, row + "events,device,text,,phone | laptop or empty,Answered on,На чём ответили\n"
    )
    tree.edit("src/trainkit/simulation/export.py", "lang, _time(clock), *tail)", 'lang, _time(clock), "none", *tail)')


def _log_of_another_kind(tree):
    """A file of lines; it keeps the protocol, as the smallest one does."""
    (tree.root / "src/trainkit/log/lines.py").write_text(
        '''"""What is a log of lines?"""

import json

from trainkit.log.memory import MemoryLog


class LinesLog(MemoryLog):
    """A line in a file for each thing that counts."""

    def __init__(self, file):
        super().__init__()
        self._file = file

    def begin(self, record, case):
        """Log the beginning of an attempt."""
        super().begin(record, case)
        self._write(record.to_row())

    def append(self, attempt, step, event):
        """Add an event."""
        before = len(self.events(attempt))
        super().append(attempt, step, event)
        for one in self.events(attempt)[before:]:
            self._write(one.to_row(attempt, step))

    def _write(self, row):
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\\n")
''',
        "utf-8",
    )
    contract = "tests/log/test_contract.py"
    tree.edit(contract, 'params=["memory", ', 'params=["lines", "memory", ')
    tree.edit(
        contract,
        "    log = Log(tmp_path",
        '    if request.param == "lines":\n        from trainkit.log.lines import LinesLog\n\n'
        '        yield LinesLog(tmp_path / "log.jsonl")\n        return\n    log = Log(tmp_path',
    )


def _page(tree):
    """Template, page, handler, address, link, words; then the lists of what is asked."""
    templates = tree.root / "src/trainkit/view/templates"
    (templates / "class_rules.html").write_text(
        '<div class="stack gap">\n  <h1>{% trans %}House rules{% endtrans %}</h1>\n'
        '  <p><a class="btn quiet" href="/play">{% trans %}Back to the conversation{% endtrans %}</a></p>\n</div>\n',
        "utf-8",
    )
    page = (
        'def rules_page(frame: Frame) -> str:\n    """How one talks here."""\n'
        '    body = render.filled("class_rules.html", frame.lang, {})\n'
        '    return frame_page(frame, catalog(frame.lang).gettext("House rules"), body, narrow=True)\n\n\n'
    )
    tree.edit("src/trainkit/view/phone.py", "def other_seat(", page + "def other_seat(")
    handler = (
        "    async def rules(self, request: Request) -> Response:\n"
        '        """How one talks here."""\n'
        "        frame = pages.framed(self.context.workshop, None, self.context.lang(request))\n"
        '        return self.context.page(request, pages.rules_page(frame), "")\n\n'
    )
    tree.edit("src/trainkit/web/join.py", "    async def show_link(", handler + "    async def show_link(")
    link = '            "/link": {"GET": join.show_link},\n'
    tree.edit("src/trainkit/web/app.py", link, link + '            "/rules": {"GET": join.rules},\n')
    back = '  <p><a class="btn quiet" href="/play">'
    leads = '  <p><a href="/rules">{% trans %}House rules{% endtrans %}</a></p>\n'
    tree.edit("src/trainkit/view/templates/class_link.html", back, leads + back)
    words = "src/trainkit/locale/ru/LC_MESSAGES/trainkit.po"
    tree.edit(words, 'msgid "Sending…"', 'msgid "House rules"\nmsgstr "Правила дома"\n\nmsgid "Sending…"')
    asked = '        (200, trainer.ask("GET", "/remote")),\n'
    every = "tests/web/security/test_every_answer.py"
    tree.edit(every, asked, asked + asked.replace("/remote", "/rules"))
    tree.edit("tests/support/hostile.py", 'browser.get("/nowhere")]', 'browser.get("/nowhere"), browser.get("/rules")]')
    phone = "tests/web/test_class_command.py"
    tree.edit(phone, 'browser.get("/link")]', 'browser.get("/link"), browser.get("/rules")]')
    tree.edit("tests/fuzz/grammar.py", '"/link", ', '"/link", "/rules", ')


def _look(tree):
    """A colour that is too pale, and a line for the new page where every page stands."""
    tree.edit("src/trainkit/view/tk.css", "--tk-muted: #5f594f;", "--tk-muted: #c9c4bb;")
    seen = '    yield Seen("personal link", "/link", one)\n'
    tree.edit("tests/support/every_page.py", seen, '    yield Seen("house rules", "/rules", one)\n' + seen)


FOLLOWED = {  # what a contributor would write for these
    "tests/scoring/test_followed.py": """
import json

import narwhals as nw
import pandas as pd
import polars as pl
import pytest

import trainkit as tk
from trainkit.log.browser import BrowserLog
from trainkit.log.store import Log
from trainkit.scoring.frames import fit_of_scenes
from trainkit.session.resume import begin
from trainkit.simulation.export import COLUMNS


def test_followed_formula(parcel, store):
    run = begin(store, parcel, "anna", seed=1)
    while run.phase != "over":
        run.play([run.attempt.open[-1]], "en")
    decisions = store.decisions()
    by_hand = 200 / 3  # one reply on the axis, two off it
    assert tk.score(run.attempt).off_axis == pytest.approx(by_hand)
    assert tk.scores(decisions)["off_axis"].tolist() == pytest.approx([by_hand])


@pytest.mark.parametrize("library", [pd, pl])
def test_followed_statistic(library, parcel):
    rows = pd.DataFrame(tk.simulate(parcel, n=5).decisions())
    expected = rows.groupby("scene")["fit"].mean().sort_index()
    frame = rows if library is pd else pl.from_pandas(rows).lazy()
    found = fit_of_scenes(frame)
    if library is pl:
        assert isinstance(found, pl.LazyFrame)
        found = found.collect()
    assert nw.from_native(found)["fit"].to_list() == pytest.approx(expected.tolist())


def test_followed_column(parcel, store):
    run = begin(store, parcel, "anna", seed=1)
    event = run.move("choose", "en", step=0, option=run.attempt.open[0])
    from dataclasses import replace

    run.commit(replace(event, device="phone"))
    assert [one.device for one in Log(store.url).events(run.record.attempt)] == ["phone"]
    assert "device" in COLUMNS
""",
    "tests/web/test_followed.py": """
import re

from fuzz.grammar import ROUTES
from support.class_server import Browser
from support.hostile import guarded_well


def test_followed_page(room):
    for lang, words in (("ru", "Правила дома"), ("en", "House rules")):
        page = Browser(room).get(f"/rules?lang={lang}")
        assert page.status == 200 and words in page.words.replace("\\xa0", " ") and guarded_well(page)
    somebody = room.playing("Кто-то")
    assert "/rules" in somebody.get("/link").links and "/rules" in ROUTES
""",
    "tests/browser/test_followed.py": '''
import pytest
from browser.test_accessibility import judged, pages
from support.seen import seen_in


def test_followed_look(chromium, tmp_path):
    """What is too pale is found, and the new page is among those that are looked at."""
    with pages("door", tmp_path) as (stand, found):
        for seen in found:
            if seen.name in ("join", "house rules"):
                with seen_in(chromium, stand, seen, "ru") as page:
                    if seen.name == "join":
                        with pytest.raises(AssertionError, match="color-contrast"):
                            judged(page, seen.name, [("light", {"width": 390, "height": 844})])
                    elif seen.name == "house rules":
                        assert page.inner_text("h1").replace("\\xa0", " ") == "Правила дома"
                        return
    raise AssertionError("the pages were not met")
''',
}
