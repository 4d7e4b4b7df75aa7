"""Public names, commands and options are what the snapshot says, and the pages name none that isn't there."""

import difflib
import re

import click
import public_names
import pytest
from support.places import ROOT

from trainkit.cli.main import COMMANDS, trainkit

PAGES = ("README.md", "CONTRIBUTING.md", "casebook/README.md", "casebook/README.ru.md", "casebook/INSTRUMENT.md")


def test_public_names_and_commands_are_as_pinned():
    pinned = public_names.FILE.read_text("utf-8")
    now = public_names.written()
    changes = difflib.unified_diff(pinned.splitlines(), now.splitlines(), "pinned", "now", lineterm="", n=1)
    assert pinned == now, "on purpose? then: python tests/public_names.py\n" + "\n".join(changes)


def test_the_snapshot_sees_a_change(monkeypatch):
    """An option that is renamed."""
    from trainkit.cli import author

    (option,) = [param for param in author.draw_command.params if "--output" in param.opts]
    monkeypatch.setattr(option, "opts", ["-o", "--out"])
    assert "    -o, --out FILE (required)" in [*public_names.commands()]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_names_no_command_or_option_that_is_not_there(page):
    text = (ROOT / page).read_text("utf-8")
    told = re.findall(r"(?<!import )\btrainkit ([a-z][a-z-]*)((?:[^`\n]|`\n(?=```))*)", "\n".join(_code(text)))
    assert told
    for name, rest in told:
        assert name in COMMANDS, (page, name)
        options = {opt for one in trainkit.get_command(None, name).params if isinstance(one, click.Option)
                   for opt in (*one.opts, *one.secondary_opts)}  # fmt: skip
        unknown = set(re.findall(r"(?<![\w-])--[a-z][\w-]*", rest.split(" && ")[0])) - options - {"--help"}
        assert not unknown, (page, name, unknown)


def _code(text):
    """What stands in code on a page: blocks and spans."""
    blocks = re.findall(r"^```\w*\n(.*?)^```$", text, re.M | re.S)
    return [*blocks, *re.findall(r"`([^`\n]+)`", re.sub(r"^```\w*\n.*?^```$", "", text, flags=re.M | re.S))]
