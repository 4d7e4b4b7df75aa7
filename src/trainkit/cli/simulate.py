"""``trainkit simulate``: simulated trainees play cases."""

from __future__ import annotations

from collections import deque
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trainkit.cli import options
from trainkit.errors import TrainkitError
from trainkit.i18n import catalog

if TYPE_CHECKING:
    from trainkit.simulation.runner import RunMeans


def _personas() -> list[str]:
    from trainkit.simulation.personas import personas

    return ["all", *(persona.name for persona in personas("all"))]


@options.command(
    "simulate",
    "trainkit simulate racket_refund --persona all -n 200",
    "trainkit simulate racket_refund power_upgrade --persona centric -n 1000 --seed 7 -o centric.parquet",
    'trainkit simulate racket_refund --population "lean=N(.2,.25) skill=N(4,1) pull=1.5" -n 1000 -o people.csv',
)
@options.cases_argument("case ids or folders", required=True)
@click.option(
    "--persona", "names", multiple=True, metavar="NAME", shell_complete=options.one_of(_personas),
    help="who plays (may be repeated); all (default) for every persona",
)  # fmt: skip
@click.option(
    "--population", metavar="TEXT",
    help="people who choose by fit (skill) and their own lean (pull): a number or N(mean, SD) each; alone, no persona plays",
)  # fmt: skip
@click.option("-n", "number", type=int, default=100, metavar="N", help="trainees of each persona (default 100)")
@click.option("--seed", type=int, default=0, metavar="N", help="the same seed gives the same file (default 0)")
@options.set_option()
@options.lang_option("language they read, and of what is printed: ru (default), en, …")
@options.output_option("write the log's rows, marked synthetic: .csv, .parquet, .sqlite3")
def simulate_command(
    cases: tuple[str, ...], names: tuple[str, ...], population: str | None, number: int, seed: int,
    fixed: dict[str, str], lang: str, output: str | None,
) -> None:  # fmt: skip
    """Let simulated trainees play cases."""
    from tqdm import tqdm

    from trainkit.engine.attempt import start
    from trainkit.simulation import export, personas, runner
    from trainkit.simulation.population import population as population_of

    people = [] if population is None else [population_of(population)]
    loaded = list({case.hash: case for case in options.load_cases(cases, lang)}.values())
    for case in loaded:
        start(case, 0, fixed)  # refuses a bad fact before anything is written
    kinds = [*dict.fromkeys(personas.personas(names or (() if people else "all"))), *people]
    if number < 1:
        raise TrainkitError(f"-n is a whole number from 1 (got {number})")
    with ExitStack() as stack:
        total = len(loaded) * len(kinds) * number
        bar = stack.enter_context(tqdm(total=total, unit=" runs", delay=1, disable=None, leave=False))
        write = stack.enter_context(export.writing(Path(output))) if output is not None else None
        for case in loaded:
            case_runner = runner.CaseRunner(case, lang)
            for persona in kinds:
                bar.set_description(f"{case.id}: {persona.name}")
                means = runner.RunMeans()
                runs = (case_runner.run(persona, run, seed, fixed) for run in range(1, number + 1))
                counted = (means.take(run) for run in runs if bar.update() or True)
                if write:
                    write(case, export.event_rows(case, counted, lang))
                else:
                    deque(counted, maxlen=0)
                tqdm.write(f"{case.id:<22}{persona.name:<21}{_means(means, lang)}")


def _means(means: RunMeans, lang: str) -> str:
    """Means of simulated runs in words."""
    scores = {"position": "+.0f", "fit": ".0f", "play": ".0f"}  # with the form of each
    shown = {name: "—" if (mean := means.mean(name)) is None else f"{mean:{form}}" for name, form in scores.items()}
    said = catalog(lang).ngettext(
        "{n} run: position {position}, fit {fit}, play {play}",
        "{n} runs: position {position}, fit {fit}, play {play}",
        means.runs,
    )
    return said.format(n=means.runs, **shown)
