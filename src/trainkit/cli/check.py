"""``trainkit check``: what is wrong with a case, on paper and by playing it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from trainkit.cli import options
from trainkit.errors import TrainkitError

if TYPE_CHECKING:
    from trainkit.case.model import Case
    from trainkit.checks.report import Report


@options.command(
    "check",
    "trainkit check",
    "trainkit check racket_refund --json",
    "trainkit check --separation",
    "trainkit check ./my_case --lang en",
    "trainkit check my_case --scenes",
    told=True,
)
@options.cases_argument("case ids or folders; the whole casebook if none is named")
@click.option("--json", "as_json", is_flag=True, help="print the report as JSON")
@click.option("--separation", is_flag=True, help="print how well position, fit and play tell simulated trainees apart")
@click.option("--scenes", is_flag=True, help="print what others would choose in each scene, and what the scene adds")
@options.said_in_option()
def check_command(cases: tuple[str, ...], as_json: bool, separation: bool, scenes: bool, lang: str) -> int:
    """Check cases."""
    from tqdm import tqdm

    from trainkit.checks.report import check, to_json
    from trainkit.files import casebook

    places = [casebook.case_folder(name) for name in cases or casebook.case_ids()]
    reports = []
    for place in tqdm(places, unit=" cases", delay=2, disable=True if as_json else None, leave=False):
        reports.append(report := check(place))
        if not as_json:
            tqdm.write(report_lines(report, separation, lang))
            if scenes and report.values:
                tqdm.write("\n".join(scene_lines(casebook.load_case(place), lang)))
    failed = any(report.errors or report.gaps for report in reports)
    if as_json:
        print(to_json(reports, lang))
    elif separation and len(places) > 1 and not failed:
        from trainkit.checks.separation import tracking
        from trainkit.i18n import catalog

        gettext = catalog(lang).gettext
        correlation = tracking([casebook.load_case(place) for place in places])
        said = gettext("How closely Position follows the leaning of simulated trainees over {n} cases: correlation {r}")
        r = gettext("not measured") if correlation is None else f"{correlation:.3f}"
        print(said.format(n=len(places), r=r))
    return 1 if failed else 0


def report_lines(report: Report, separation: bool, lang: str) -> str:
    """A report as lines of text."""
    from trainkit.i18n import catalog

    gettext, ngettext = catalog(lang).gettext, catalog(lang).ngettext
    error, warning, accepted, because = gettext("error"), gettext("warning"), gettext("accepted"), gettext("Because:")
    lines = [f"{error}: {problem.said(gettext)}" for problem in report.errors]
    lines += [f"{warning}: {problem.said(gettext)}" for problem in report.warnings]
    lines += [f"{accepted}: {problem.said(gettext)} {because} {reason}" for problem, reason in report.accepted]
    low, high = report.position_range or ("?", "?")
    decisions, errors, warnings = report.decisions_longest_path, len(report.errors), len(report.warnings)
    summary = gettext(
        "{case}: {scenes}, {options}, {endings}, {decisions}, {paths}, Position {low} … {high}, {languages}; "
        "{errors}, {warnings}"
    )
    lines.append(
        summary.format(
            case=report.id, low=low, high=high, languages="+".join(report.languages) or "?",
            scenes=ngettext("{n} scene", "{n} scenes", report.scenes).format(n=report.scenes),
            options=ngettext("{n} option", "{n} options", report.options).format(n=report.options),
            endings=ngettext("{n} ending", "{n} endings", report.endings).format(n=report.endings),
            decisions=ngettext("at most {n} decision", "at most {n} decisions", decisions or 0).format(n=decisions or "?"),
            paths=ngettext("{n} path", "{n} paths", report.paths or 0).format(n=report.paths or "?"),
            errors=ngettext("{n} error", "{n} errors", errors).format(n=errors),
            warnings=ngettext("{n} warning", "{n} warnings", warnings).format(n=warnings),
        )
    )  # fmt: skip
    if report.values:
        worth = {name: f"{value:.2f}" for name, value in report.values.items()}
        fit = gettext("not measured") if report.best_fit is None else f"{report.best_fit:.0f}"
        said = gettext(
            "value of best play {best} (its fit {fit}), without questions {unasked}, random {random}, worst {worst}"
        )
        lines.append("  " + said.format(fit=fit, **worth))
    if separation and report.means:
        lines += _separation_lines(report, gettext)
    if report.gaps:
        lines.append(ngettext("NOT READY: {n} gap", "NOT READY: {n} gaps", report.gaps).format(n=report.gaps))
    return "\n".join(lines)


def scene_lines(case: Case, lang: str) -> list[str]:
    """Beside each scene: how often three kinds of people take each reply, and what is at stake."""
    from trainkit.checks.beside import beside
    from trainkit.i18n import catalog

    gettext = catalog(lang).gettext
    head = gettext("of 100 assumed people: always finds out / always does as asked / best play")
    lines = [f"  {head}"]
    try:
        found = beside(case)
    except TrainkitError as error:
        return [f"  {error.said(gettext)}"]
    for scene, here in found.items():
        shares = [
            f"{one.option} {100 * one.preacher:.0f}/{100 * one.order_taker:.0f}/{100 * one.best:.0f}"
            for one in here.chosen
        ]
        stake = gettext("{n} points at stake").format(n=round(here.stake))
        said = [f"  {scene}: {', '.join(shares)}; {stake}"]
        if here.adds_nothing:
            said.append(gettext("it hardly matters what is said"))
        if here.given_away_to:
            hit = here.preacher if here.given_away_to == "preacher" else here.order_taker
            who = gettext("always finds out") if here.given_away_to == "preacher" else gettext("always does as asked")
            said.append(gettext("who {who} is right {n} times of 100").format(who=who, n=round(100 * hit)))
        lines.append("; ".join(said))
    return lines


def _separation_lines(report: Report, gettext: Callable[[str], str]) -> list[str]:
    """How simulated trainees fare, and how well the scores tell them apart."""
    heads = [gettext("position"), gettext("fit"), gettext("play")]
    widths = [max(least, len(head) + 1) for least, head in zip((9, 6, 6), heads, strict=True)]
    rows = {gettext("simulated trainee"): heads} | {
        name: [f"{value:.0f}" if value is not None else "–" for value in means.values()]
        for name, means in report.means.items()
    }
    lines = [
        f"  {name:<20}" + "".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
        for name, cells in rows.items()
    ]
    over = gettext("{score}: {high} over {low}: AUC {auc}, Hedges' g {g}")
    for one in report.separation:
        auc, g = f"{one.auc:.2f}", f"{one.g:.1f}"
        lines.append("  " + over.format(score=gettext(one.score), high=one.high, low=one.low, auc=auc, g=g))
    return lines
