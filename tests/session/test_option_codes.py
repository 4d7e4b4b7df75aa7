"""A page names replies by what says nothing, and is understood."""

import re

import pytest

from trainkit.files import casebook
from trainkit.session.option_codes import code_of, option_of


@pytest.mark.parametrize("case_id", casebook.case_ids())
def test_each_reply_of_a_scene_has_a_code_of_its_own(case_id):
    case = casebook.load_case(case_id)
    for scene in case.scenes.values():
        codes = {code_of(option): option for option in scene.options}
        assert len(codes) == len(scene.options)
        assert all(option_of(case, code) == option for code, option in codes.items())
        assert not any(option in code for code, option in codes.items())


@pytest.mark.parametrize("said", ["", "r00000000", "offer", "R" * 9000, None, 7, ["offer"], {"a": 1}])
def test_what_is_no_code_stays_as_it_is(racket, said):
    assert option_of(racket, said) == said


def test_a_code_is_short_and_plain():
    assert re.fullmatch("r[0-9a-f]{8}", code_of("apologise_first")) and code_of("a") == code_of("a")
