"""Join codes: written in two groups, read however they are typed."""

import pytest

from trainkit.errors import UnknownName
from trainkit.i18n import NBSP
from trainkit.room.secrets import format_code, parse_code
from trainkit.room.workshops import by_code, create, parts_of


def test_a_code_is_written_in_two_groups():
    assert format_code("471926") == "471 926" and format_code("471926", NBSP) == "471\u00a0926"
    assert format_code("") == "" and format_code("47") == "47"


@pytest.mark.parametrize("typed", ["471926", " 471 926 ", "471\u00a0926", "471-926", "4 7 1 9 2 6"])
def test_a_code_is_read_however_it_is_typed(typed):
    assert parse_code(typed) == "471926"


def test_a_longer_one_is_no_code(store, parcel):
    room = create(store, parts_of([parcel]))
    assert by_code(store, format_code(room.code)) == room
    for wrong in (room.code + "1", room.code[:5], ""):
        with pytest.raises(UnknownName):
            by_code(store, wrong)
