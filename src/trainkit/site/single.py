"""How is a whole site one file that opens by a double click? Everything stands in the page, packed and in letters."""

import base64
import gzip
from collections.abc import Sequence

from trainkit.case.model import Case
from trainkit.site.bundle import licences
from trainkit.site.folder import STYLES, Parts, asset, identity, scripts_of
from trainkit.site.shell import first_page
from trainkit.site.visit import Plan


def single_page(plan: Plan, cases: Sequence[Case], made: Parts) -> str:
    """The site as HTML."""
    packed = {name: gzip.compress(content, 9, mtime=0) for name, content in made.files.items()}
    inline = {name: base64.b64encode(content).decode() for name, content in packed.items()}
    inline["engine.js"] = asset("engine.js")
    about = {"id": identity(plan), "lock": made.lock, "single": list(packed)}
    styles, scripts = ([(name, asset(name)) for name in some] for some in (STYLES, scripts_of(plan)))
    size = sum(map(len, packed.values()))
    return first_page(plan, cases, about, size=size, scripts=scripts, styles=styles, inline=inline, licences=licences())
