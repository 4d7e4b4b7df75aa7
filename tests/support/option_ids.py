"""Which option does a page mean? Pages name replies by codes that say nothing; tests speak of options by their names."""

import re
from functools import cache

from support.places import ROOT
from trainkit.session.option_codes import code_of


@cache
def _names() -> dict[str, str]:
    files = [*ROOT.glob("casebook/*/case.yml"), *ROOT.glob("tests/**/case.yml"), *ROOT.glob("data/cases/**/*.yml")]
    keys = {key for file in files for key in re.findall(r"(?:^|[{,])\s*([a-z]\w*):", file.read_text("utf-8"), re.M)}
    return {code_of(key): key for key in keys}


def option_id(code: str) -> str:
    """The name of an option of any case here; of no such one as it is."""
    return _names().get(code, code)
