"""CONTRIBUTING's recipes: what they name is there, and followed in a copy of the project they lead where they say."""

import json
import re
import shlex

import pytest
from support.places import ROOT
from support.tree import Tree, copied

PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
PARTS = re.split(
    r"^\*\*([A-Z][^*]+?)\.?\*\*", PAGE[PAGE.index("## Recipes") : PAGE.index("## Ways of working")], flags=re.M
)
RECIPES = dict(zip((re.sub(r"\s+", " ", name) for name in PARTS[1::2]), PARTS[2::2], strict=True))
IGNORED = (ROOT / ".gitignore").read_text("utf-8").split()  # what is made by running something
# followed by other tests: (file, what it calls)
BY_ANOTHER = {
    "Change or add a research notebook": ("tests/test_notebooks.py", "nbval"),
    "Change a public name, a command or an option": ("tests/test_public_names.py", "public_names.written()"),
    "Change the documentation": ("tests/test_documentation.py", "docs/build.py"),
    "Add a benchmark": ("tests/benchmarks/test_front_door.py", "TITLE"),
}
TOGETHER = {  # in test_recipes_together.py
    "Change a formula", "Add a statistic over many attempts", "Change what is seen", "Add a log of another kind",
    "Add a page for phones, or to wall or remote", "Add something that is logged, or a column to it",
}  # fmt: skip
HERE = {
    "Change or add a case", "Add an interface language", "Add a simulated trainee", "Add a warning to the check",
    "Add a column to simulated rows only", "Add a front end", "Add a command",
}  # fmt: skip


def test_each_recipe_is_followed_somewhere():
    assert set(RECIPES) == HERE | TOGETHER | {*BY_ANOTHER}
    for file, word in BY_ANOTHER.values():
        assert word in (ROOT / file).read_text("utf-8"), (file, word)


@pytest.mark.parametrize("name", RECIPES)
def test_what_a_recipe_names_is_there(name):
    """Files and folders, and every word of code in some source; what is to be made anew has … or capitals in its name."""
    source = "".join(
        file.read_text("utf-8") for pattern in ("src/**/*.py", "tests/**/*.py", "data/*.csv", "notebooks/en/2*.ipynb",
                                                "casebook/*.yml", "pyproject.toml") for file in ROOT.glob(pattern)
        if file.name != "test_recipes.py"
    )  # fmt: skip
    for said in re.findall(r"`([^`\n]+)`", RECIPES[name]):
        word = said.strip("…").split("(")[0]
        if "…" in said or " " in said or not word or word.startswith(("-", ".")):
            continue
        if "/" in word or re.search(r"\.(py|yml|csv|md|html)$", word):
            places = [*ROOT.glob(word), *ROOT.glob(f"src/trainkit/{word}"), *ROOT.glob(f"casebook/*/{word}")]
            assert places or word in IGNORED, (name, said)
        else:
            assert all(part in source for part in re.split(r"[.,:]\s*", word) if part), (name, said)


@pytest.fixture
def tree(tmp_path):
    copy = Tree(copied(tmp_path))
    copy.run("src/trainkit/locale/compile.py")
    return copy


def slow(test):
    return pytest.mark.slow(pytest.mark.needs("git")(test))


@slow
def test_a_case_is_found_by_its_folder(tree):
    tree.trainkit("new", "demo", "--in", "casebook")
    assert "translate CASE --to en --accept" in RECIPES["Change or add a case"]
    tree.trainkit("translate", "demo", "--to", "en", "--accept")
    assert tree.trainkit("check", "demo", "--json").count('"warnings": []') == 1
    for lang in ("ru", "en"):
        old = tree.root / "notebooks" / lang / "03_racket_refund.ipynb"
        new = old.with_name("06_demo.ipynb")
        new.write_text(old.read_text("utf-8").replace("racket_refund", "demo"), "utf-8")
        assert json.loads(new.read_text("utf-8"))["metadata"]["trainkit"] == {"autorun": True}
    said = tree.pytest("tests/test_notebooks.py", "-k", "twins or (demo and (style or links))")
    assert "6 passed" in said
    assert "[demo]" in tree.pytest("tests/test_casebook.py", "--collect-only")


@slow
def test_an_interface_language_is_a_catalog(tree):
    recipe = RECIPES["Add an interface language"]
    locale = tree.root / "src/trainkit/locale"
    (old,) = [locale.parents[2] / path for path in re.findall(r"Copy `([^`]+)`", recipe)]
    new = locale / "de" / "LC_MESSAGES" / "trainkit.po"
    new.parent.mkdir(parents=True)
    new.write_text(old.read_text("utf-8").replace('msgstr "центричность"', 'msgstr "Zentrierung"'), "utf-8")
    tree.run(*re.search(r"`python (src/\S+)`", recipe)[1].split())
    look = "from trainkit.i18n import catalog, languages; print(languages(), catalog('de').gettext('centricity'))"
    said = tree.run("-c", look)
    assert "'de'" in said and "Zentrierung" in said
    (extract,) = re.findall(r"`pybabel ([^`]+)`", recipe.replace("\n", " "))
    tree.run("-m", "babel.messages.frontend", *shlex.split(extract))
    assert 'msgid "centricity"' in (tree.root / "trainkit.pot").read_text("utf-8")


@slow
def test_a_simulated_trainee_is_a_row(tree):
    row = '        Persona("hurried", 0.1, 0.0, 1e-6, "lean", "Takes what lies in the middle."),\n'
    first = '        Persona("order-taker"'
    tree.edit("src/trainkit/simulation/personas.py", first, row + first)
    assert "hurried" in tree.trainkit(
        "simulate", "racket_refund", "--persona", "hurried", "-n", "3", "-o", "runs.csv"
    ) + (tree.root / "runs.csv").read_text("utf-8")
    assert "hurried" in tree.pytest("tests/test_pages_run.py", "-k", "counted", fails=True)  # README, codebook


@slow
def test_a_warning_is_a_line_of_advice(tree):
    told = '    yield "no_cats", ("endings",), Told(N_("a case wants a cat (got {n})"), n=0)\n'
    tree.edit(
        "src/trainkit/checks/report.py", "    if len(case.endings) < 4:\n", told + "    if len(case.endings) < 4:\n"
    )
    said = tree.trainkit("check", "racket_refund", "--lang", "en")
    assert re.search(r"case\.yml:\d+.*a case wants a cat \(got 0\)", said), said
    assert "no_cats" in tree.pytest("tests/test_manual.py", "-k", "every_warning", fails=True)  # not in the table yet


@slow
def test_a_column_of_simulated_rows_has_three_places(tree):
    export = "src/trainkit/simulation/export.py"
    tree.edit(export, '    "pull": "double",\n', '    "pull": "double",\n    "hat": "string",\n')
    tree.edit(export, "tail = (run.persona.name, *own)", 'tail = (run.persona.name, *own, "bowler")')
    tree.trainkit("simulate", "racket_refund", "--persona", "random", "-n", "2", "-o", "runs.csv")
    head, first = (tree.root / "runs.csv").read_text("utf-8-sig").splitlines()[:2]
    assert head.endswith(",hat") and first.endswith(",bowler")
    assert "hat" in tree.pytest("tests/log/test_store.py", "-k", "codebook", fails=True)  # the third place


@slow
def test_a_command_is_a_function_and_a_line(tree):
    (tree.root / "src/trainkit/cli/hello.py").write_text(
        '"""``trainkit hello``."""\n\nfrom trainkit.cli import options\n\n\n@options.command("hello", "trainkit hello")\n'
        'def hello_command() -> None:\n    """Say hello."""\n    print("hello")\n', "utf-8"
    )  # fmt: skip
    tree.edit(
        "src/trainkit/cli/main.py",
        '        "schema": (',
        '        "hello": ("hello", "say hello"),\n        "schema": (',
    )
    assert tree.trainkit("hello") == "hello\n"
    assert "3 passed" in tree.pytest(
        "tests/cli/test_main.py", "-k", "(help_of or examples_that) and hello or every_command_in"
    )
    assert "hello" in tree.pytest("tests/test_install.py", "-k", "every_command_and_case", fails=True)  # README's row
    tree.run("tests/public_names.py")
    assert "trainkit hello\n" in (tree.root / "tests/public_names.txt").read_text("utf-8")


def test_a_front_end_shows_acts_and_shows_again(store, parcel):
    """The whole of one, as the recipe says it: it plays a run to its end, and the log has it."""
    from trainkit.session.forms import act
    from trainkit.session.resume import resume
    from trainkit.view.screen import screen

    session, shown = resume(store, parcel, "somebody"), []
    while (now := screen(session, "en")) and session.phase != "over":
        shown.append(now)
        act(session, {"step": str(session.step), "option": session.attempt.open[0]}, "en")
    assert len(shown) > 1 and session.attempt.finished
    assert len(store.events(session.record.attempt)) == len(shown)
