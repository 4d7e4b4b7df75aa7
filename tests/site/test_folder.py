"""Files of a site are named so that none is taken for an older one."""

import json
import re

import pytest

from trainkit.log.records import Settings
from trainkit.site.folder import Parts, site_files
from trainkit.site.visit import Plan


@pytest.fixture
def made_of(parcel):
    plan = Plan((parcel.id,), "ru", ("ru", "en"), Settings())

    def made(program: bytes, kit: bytes, course: dict | None = None) -> dict[str, bytes]:
        return site_files(plan, [parcel], Parts({"python/python.wasm": program, "app.zip": kit}, {}, True), course)

    return made


def stamps(files: dict[str, bytes]) -> dict[str, str]:
    page = files["index.html"].decode()
    return json.loads(re.search(r'id="site">(.*?)</script>', page)[1])["stamps"]


def kept(files: dict[str, bytes]) -> list[str]:
    return json.loads(re.search(r"FILES = (\[.*?\]);", files["sw.js"].decode())[1])


def test_a_file_that_changed_has_another_address_and_others_keep_theirs(made_of):
    """So that of a new version a browser fetches what is new, and nothing old is put in its place."""
    first, second = made_of(b"program", b"kit"), made_of(b"program", b"newer kit")
    old, new = stamps(first), stamps(second)
    assert old["python/python.wasm"] == new["python/python.wasm"] and old["app.zip"] != new["app.zip"]
    assert f"app.zip?{new['app.zip']}" in kept(second) and f"app.zip?{new['app.zip']}" not in kept(first)
    assert {one.partition("?")[0] for one in kept(second)} == set(second) - {"sw.js"}


def test_in_a_course_system_files_have_their_plain_names(made_of):
    """It may look for what is asked for, to the letter, in its own storage; and it works offline by no script."""
    files = made_of(b"program", b"kit", {"score": False})
    assert stamps(files) == {} and "sw.js" not in files
