"""What the log keeps of a case is the whole case."""

import json
import subprocess
import sys

import pytest
from support.places import case_folders

from trainkit.case.frozen import thaw
from trainkit.errors import CaseError
from trainkit.files import casebook


@pytest.mark.parametrize("folder", case_folders(), ids=lambda folder: folder.name)
def test_a_thawed_case_is_the_same_case(folder):
    case = casebook.load_case(folder)
    thawed = thaw(case.source_json, case.translations_json)
    assert thawed == case
    assert (thawed.hash, thawed.translations_hash) == (case.hash, case.translations_hash)
    assert (thawed.source_json, thawed.translations_json) == (case.source_json, case.translations_json)
    assert thawed.languages == case.languages and thawed.texts_by_language == case.texts_by_language


@pytest.mark.parametrize(
    ("change", "where", "rule"),
    [
        ({"start": "cal"}, "start", 'Did you mean "call"?'),
        ({"minutes": "ten"}, "minutes", "integer"),
        ({"mood": 1}, "mood", "Extra"),
    ],
)
def test_what_is_no_case_any_more_is_said_with_its_name(change, where, rule):
    case = casebook.load_case(next(f for f in case_folders() if f.name == "late_parcel"))
    source, texts = case.source_json, case.translations_json
    with pytest.raises(CaseError) as caught:
        thaw(json.dumps(json.loads(source) | change), texts, "case version 0123")
    (problem,) = caught.value.problems
    assert (problem.place, problem.where) == ("case version 0123", where) and rule in problem.rule


@pytest.mark.parametrize(("source", "texts"), [("{", "{}"), ("[]", "{}"), ("", "{}")])
def test_what_is_no_json_is_said(source, texts):
    with pytest.raises(CaseError, match="version"):
        thaw(source, texts, "version")


def test_no_yaml_is_needed():
    code = "import sys, trainkit.case.frozen; sys.exit('yaml' in sys.modules or 'trainkit.files' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
