"""``trainkit reading``: sheets for blind readers, and what they found."""

from __future__ import annotations

from pathlib import Path

import click

from trainkit.cli import options
from trainkit.errors import TrainkitError, UnknownName


@options.command(
    "reading", "trainkit reading my_case -o sheet.txt",
    "trainkit reading racket_refund --sheet positions --lang en -o coder.txt",
    "trainkit reading --score answers.txt --key sheet.key.csv",
)  # fmt: skip
@options.cases_argument("case ids or folders whose scenes are on the sheet, in random order")
@click.option(
    "--sheet",
    "kind",
    default="replies",
    metavar="NAME",
    help="replies (default): these alone; lines: under the client's last line; positions: the scene, for a coder",
)
@options.output_option("write the sheet to this text file, and its key beside it (.key.csv)")
@click.option("--seed", type=int, default=0, metavar="N", help="the same seed gives the same sheet (default 0)")
@click.option(
    "--score", type=click.Path(path_type=Path), metavar="FILE", help='a reader\'s answers, "1 b" or "1b +0.6" a line'
)
@click.option("--key", type=click.Path(path_type=Path), metavar="FILE", help="the key of the sheet that was answered")
@options.lang_option("language of the sheet: ru (default), en, …")
def reading_command(
    cases: tuple[str, ...], kind: str, output: str | None, seed: int, score: Path | None, key: Path | None, lang: str
) -> None:
    """Make sheets for blind readers of a case, and score what they chose."""
    from trainkit.audit import reading

    if score is not None or key is not None:
        if score is None or key is None or cases or output:
            raise TrainkitError("--score FILE and --key FILE go together, and with nothing else")
        found = reading.found_in(options.read_text(score, lang), options.read_text(key, lang))
        low, high = found.interval
        chance = "" if found.chance is None else f"; chance {found.chance:.0%}"
        print(f"{found.right} of {found.n}: {found.share:.0%} (90 % interval {low:.0%} to {high:.0%}{chance})")
        print(*(f"  {one}" for one in found.missed), sep="\n")
        return
    if kind not in reading.SHEETS:
        raise UnknownName("sheet", kind, reading.SHEETS)
    if not cases or output is None:
        raise TrainkitError("a sheet wants a case and -o FILE; scoring one wants --score FILE and --key FILE")
    text, rows = reading.sheet(options.load_cases(cases, lang, quiet=True), kind, lang, seed)
    file = Path(output)
    options.write_text(file, text)
    options.write_text(file.with_suffix(".key.csv"), rows)
