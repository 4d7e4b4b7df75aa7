"""``trainkit play``: a case in the terminal, by hand or with answers given beforehand."""

import json
from functools import partial

import click

from trainkit.cli import options
from trainkit.errors import TrainkitError
from trainkit.typed import typed


@options.command(
    "play",
    "trainkit play racket_refund",
    "trainkit play power_upgrade --lang en --seed 7 --set load=30",
    "trainkit play racket_refund --answers pay,as_said --json",
    "trainkit play racket_refund --blind --answers 2,1",
    private=True,
)
@options.case_argument()
@options.lang_option("ru (default), en, or another language the case has")
@click.option("--seed", type=int, metavar="N", help="fixes what is true of the client; drawn if left out")
@click.option(
    "--answers", metavar="A,B,C", help="option ids, separated by commas (`back` for a step back); nothing is logged"
)
@click.option(
    "--blind", is_flag=True,
    help="what a player sees, by number, then stop: no ids, key or feedback; --answers are those numbers, --seed is 0",
)  # fmt: skip
@options.set_option()
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="with --answers: print the run and its score as JSON; with --blind: what is seen",
)
@click.option("--participant", metavar="NAME", default="trainee", help="pseudonym in the log (default: trainee)")
@click.option("--new", is_flag=True, help="begin anew, even where an unfinished run could go on")
@options.database_option("log to this SQLite file (also with --answers and --blind)")
def play_command(
    case: str, lang: str, seed: int | None, answers: str | None, blind: bool, fixed: dict[str, str], as_json: bool,
    participant: str, new: bool, database: str | None,
) -> None:  # fmt: skip
    """Play a case in the terminal."""
    from trainkit.cli import terminal
    from trainkit.log.store import Log
    from trainkit.session.resume import begin, resume

    (loaded,) = options.load_cases([case], lang, quiet=blind)
    given = [answer.strip() for answer in typed(answers or "").split(",") if answer.strip()]
    if blind:
        from trainkit.cli.blind import blind_json, blind_text, play_blind

        log = Log("sqlite://" if database is None else database)
        session = play_blind(log, loaded, participant, given, lang, seed, fixed)
        if as_json:
            print(json.dumps(blind_json(session, lang), ensure_ascii=False, indent=1))
        else:
            print(blind_text(session, lang))
        return
    if answers is None:
        if as_json:
            raise TrainkitError("--json goes with --answers or --blind")
        start = begin if new else partial(resume, finished=False)
        log = Log(database)
        log.keep_journal()
        terminal.play_by_hand(start(log, loaded, participant, seed=seed, fixed=fixed), lang)
        return
    log = Log("sqlite://" if database is None else database)
    session = begin(log, loaded, participant, seed=seed, fixed=fixed, origin="scripted")
    session.play(given, lang)
    if as_json:
        print(json.dumps(terminal.as_json(session.attempt), ensure_ascii=False, indent=1))
    else:
        terminal.print_run(session, lang)
