"""What a browser has of the kit plays as the kit does: without pydantic, a database, YAML or anything that isn't carried."""

import inspect
import json
import random
import subprocess
import sys

import pytest
from support.places import ROOT, case_folders

from trainkit.case.model import Case
from trainkit.files import casebook
from trainkit.log.browser import BrowserLog
from trainkit.session.resume import begin
from trainkit.site.bundle import case_files, kit_files, kit_modules, licences, packed, unpacked
from trainkit.site.imports import imports


def plain(value):
    """A case as lists and dicts: every attribute that its class names."""
    if hasattr(value, "__dict__") and type(value).__module__.startswith("trainkit"):
        named = [name for kind in type(value).__mro__ for name in vars(kind).get("__annotations__", {})]
        names = [name for name in named if not name.startswith("_") and name != "model_config"]
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, tuple) else value


# in a Python of its own that has nothing but the standard library and what a site carries
ALONE = f"""
import json, sys
sys.path[:] = [one for one in sys.path if "site-packages" not in one]
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from trainkit.case.frozen import thaw
{inspect.getsource(plain)}
"""


@pytest.fixture(scope="module")
def carried(tmp_path_factory):
    """What a site carries, unpacked, with every case there is."""
    folder = tmp_path_factory.mktemp("carried")
    cases = [casebook.load_case(place) for place in case_folders()]
    for name, content in {**kit_files(("ru", "en")), **case_files(cases)}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def alone(carried, code, *arguments):
    """What this code prints where only that is there."""
    command = [sys.executable, "-I", "-c", ALONE + code, str(carried), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_case_is_the_same_without_pydantic(carried):
    """All parts and their defaults, hashes and texts."""
    code = """
found = {}
for file in Path(sys.argv[1], "cases").glob("*.json"):
    case = thaw(*json.loads(file.read_text("utf-8")))
    found[file.stem] = [plain(case), case.hash, case.translations_hash, case.texts_by_language, type(case.start).__name__]
print(json.dumps(found))
"""
    found = alone(carried, code)
    assert len(found) > 9
    for place in case_folders():
        case = casebook.load_case(place)
        ours = [plain(case), case.hash, case.translations_hash, case.texts_by_language, "str"]
        assert found[case.id] == json.loads(json.dumps(ours)), case.id


def test_a_frozen_case_stays_as_it_is_without_pydantic(carried):
    code = """
case = thaw(*json.loads(Path(sys.argv[1], "cases", "late_parcel.json").read_text("utf-8")))
try:
    case.start = "elsewhere"
except AttributeError as error:
    print(json.dumps(str(error)))
"""
    assert alone(carried, code) == "Case is frozen"


PLAY = """
from urllib.parse import urlencode
from trainkit.site.visit import Window
plan = {"cases": [sys.argv[2]], "lang": "ru", "languages": ["ru", "en"], "feedback": "now", "send": "", "store": None}
plan |= {"back": True, "own_words": True, "ask_why": True}
load = lambda name: json.loads(Path(sys.argv[1], "cases", f"{name}.json").read_text("utf-8"))
window = Window(json.dumps(plan), load, "[]", "", "")
out = [window.post("/door", urlencode({"name": "Чиж", "begin": sys.argv[2]}), "[]")]
import random
dice = random.Random(5)
while (session := window.visit.session).phase != "over":
    form = {"step": session.step, "attempt": window.visit.run}
    said = {session.phase: 1, "text": "<так>"}
    form |= {"option": dice.choice(session.attempt.open)} if session.phase == "choose" else said
    out.append(window.post("/play", urlencode(form), "[]"))
out += [window.get(f"/debrief?page={page}&lang=en", "[]") for page in range(2, 9)]
out += [window.get(page, "[]") for page in ("/", "/talk", "/disagree?n=0", "/answers", "/all", "/nowhere")]
rows = [row for one in out for row in json.loads(one)["rows"]]
heavy = ["sqlalchemy", "yaml", "babel", "numpy", "pandas", "pydantic_core", "click", "starlette"]
print(json.dumps({"rows": rows, "heavy": [name for name in heavy if name in sys.modules], "files":
    [json.loads(window.file(address))["text"] for address in ("/answers/file", "/debrief/file")]}))
"""


@pytest.mark.parametrize("name", ["racket_refund", "appendicitis", "late_parcel"])
def test_a_whole_conversation_is_played_with_what_is_carried(carried, name):
    """From the door to the debrief, and the rows are those that a log here would have."""
    found = alone(carried, PLAY, name)
    assert found["heavy"] == []
    log = BrowserLog(tuple(row) for row in found["rows"])
    (record,) = log.attempts()
    case = casebook.load_case(next(place for place in case_folders() if place.name == name))
    here = begin(BrowserLog(), case, "Чиж", seed=record.seed, settings=record.settings)
    dice = random.Random(5)
    while here.phase != "over":
        said = {"option": dice.choice(here.attempt.open)} if here.phase == "choose" else {"text": "<так>"}
        here.do(here.phase, "ru", step=here.step, **said)
    pairs = list(zip(log.events(record.attempt), here.events, strict=True))
    assert all(event.same(other) and event.ending == other.ending for event, other in pairs)
    answers, debrief = found["files"]
    assert here.attempt.ending in [event["ending"] for event in json.loads(answers)["events"]]
    assert "&lt;так&gt;" in debrief and "<script" not in debrief


def test_what_is_carried_is_the_play_path():
    modules = kit_modules()
    assert "trainkit.site.visit" in modules and "trainkit.view.phone" in modules
    heavy = ("files", "cli", "web", "notebook", "analysis", "bulk", "report", "audit", "paper", "figures", "log.store")
    assert not [name for name in modules if name.startswith(tuple(f"trainkit.{part}" for part in heavy))]


def test_a_bundle_is_the_same_whenever_it_is_made():
    files = kit_files(("ru", "en"))
    assert packed(files) == packed(dict(reversed(files.items())))
    assert unpacked(packed(files)) == dict(sorted(files.items()))


def test_licences_of_all_that_is_carried_are_told():
    text = licences()
    for name in ("trainkit", "Pyodide", "jinja2", "markupsafe", "Python", "Mozilla Public License", "PYTHON SOFTWARE"):
        assert name in text, name
    assert text.count("Redistribution and use in source and binary forms") >= 2  # Jinja and MarkupSafe: BSD


def test_imports_are_read_from_the_text():
    text = "import a.b\nfrom . import c\nfrom .d import e\ndef f():\n    import g\nif TYPE_CHECKING:\n    import h\n"
    assert [*imports(text, "p.q")] == ["a.b", "p", "p.c", "p.d", "p.d.e", "g"]
    assert [*imports(text, "p", package=True, lazily=False)] == ["a.b", "p", "p.c", "p.d", "p.d.e"]
    assert [*imports("import a\nfrom b.c import d\nx = [\n", "p")] == [
        "a",
        "b.c",
    ]  # no Python of today: its margin is read


def test_the_definition_is_one():
    """The stand-in names every name that the model takes from pydantic, and no part of a case."""
    from trainkit.site import light_pydantic

    taken = {name for module in ("model", "conditions", "frozen") for name in imports(_text(module), "x")}
    names = {name.rpartition(".")[2] for name in taken if name.startswith("pydantic.")} - {"json_schema"}
    assert {"BaseModel", "Field", "ValidationError"} < names and all(hasattr(light_pydantic, name) for name in names)
    assert not {*Case.model_fields} & {*vars(light_pydantic)}


def _text(module):
    return (ROOT / "src" / "trainkit" / "case" / f"{module}.py").read_text("utf-8")
