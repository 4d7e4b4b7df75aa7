"""SECURITY.md and PRIVACY.md are true to the code: every statement that can be looked up or executed is."""

import re

import pytest
from support.places import ROOT

from trainkit.cli.main import COMMANDS, trainkit
from trainkit.log import schema as tables
from trainkit.log.store import Log
from trainkit.room.members import add_member, members_of
from trainkit.room.secrets import link_of
from trainkit.room.workshops import create, parts_of
from trainkit.web import context, request_limits, security

PRIVACY, SECURITY, RUSSIAN = (
    (ROOT / name).read_text("utf-8") for name in ("PRIVACY.md", "SECURITY.md", "PRIVACY.ru.md")
)


def test_what_is_stored_is_named_to_the_last_column():
    rows = re.findall(r"^\| `(\w+)` \| (`[^|]+`) \|", PRIVACY, re.M)
    named = {table: re.findall(r"`(\w+)`", columns) for table, columns in rows}
    there = {table.name: [column.name for column in table.columns] for table in tables.metadata.tables.values()}
    assert named == there


def test_the_headers_are_those_that_are_sent():
    sent = [f"{name.decode()}: {value.decode()}" for name, value in security.HEADERS]
    assert all(f"  {one}\n" in SECURITY for one in sent)


def test_the_limits_are_those_that_hold():
    assert f"a form has at most {security.MAX_BODY:,} bytes" in SECURITY
    assert security.MAX_BODY == request_limits.MAX_HEAD and f"{request_limits.SLOW:.0f} seconds to arrive" in SECURITY
    assert context.MONTH == 30 * 24 * 3600 and "three cookies for 30 days" in PRIVACY


@pytest.mark.parametrize("text", [PRIVACY, SECURITY, RUSSIAN], ids=["PRIVACY", "SECURITY", "PRIVACY.ru"])
def test_commands_and_files_that_are_named_exist(text):
    named = set(re.findall(r"(?<![-\w])trainkit ([a-z][a-z-]+)", text)) - {"sends"}
    assert named and named <= set(COMMANDS)
    options = set(re.findall(r"(?<=[ `])--[a-z][a-z-]+", text)) - {"--count"}  # of the fuzzer
    known = {"--version"}
    for name in COMMANDS:
        command = trainkit.get_command(None, name)
        known |= {option for param in command.params for option in (*param.opts, *param.secondary_opts)}
    assert options <= known
    for link in re.findall(r"\]\((?!#)([^)]+)\)", text):
        assert (ROOT / link).exists(), link


def test_no_secret_and_no_address_of_a_device_is_in_the_log(tmp_path, parcel):
    log = Log(tmp_path / "log.sqlite3")
    room = create(log, parts_of([parcel]))
    member, secret = add_member(log, room, "Синица", False, "ru")
    assert [one.member for one in members_of(log, room)] == [member.member]
    log.close()
    content = log.file.read_bytes()
    assert secret.encode() not in content and link_of(secret).encode() not in content
    names = {column.name for table in tables.metadata.tables.values() for column in table.columns}
    assert not {one for one in names if re.search("address|ip$|mail|phone|agent|device", one)}


def test_both_languages_say_that_an_anonymous_room_s_remote_gives_no_log():
    assert "no copy of the log" in PRIVACY and "копии журнала с пульта не получить" in RUSSIAN


def test_the_readme_leads_here():
    readme = (ROOT / "README.md").read_text("utf-8")
    assert all(f"({name})" in readme for name in ("PRIVACY.md", "PRIVACY.ru.md", "SECURITY.md"))
