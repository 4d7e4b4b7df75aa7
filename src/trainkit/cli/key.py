"""``trainkit key export``: the keys of cases as a table."""

from __future__ import annotations

from pathlib import Path

from trainkit.cli import options
from trainkit.errors import UnknownName


@options.command(
    "key", "trainkit key export -o key.csv", "trainkit key export racket_refund power_upgrade -o key.csv",

)  # fmt: skip
@options.argument("action", "export: write position and fit of every option")
@options.cases_argument("case ids or folders; the whole casebook without them")
@options.output_option("the table to write: case, scene, option, condition, position, fit", required=True)
def key_command(action: str, cases: tuple[str, ...], output: str) -> None:
    """Write the keys of cases as a table, to change and to score by."""
    from trainkit.bulk.keys import key_table

    if action != "export":
        raise UnknownName("action", action, ("export",))
    found = options.load_cases(cases or tuple(options.case_names()), "ru", quiet=True)
    options.write_text(Path(output), "\ufeff" + key_table(found))
