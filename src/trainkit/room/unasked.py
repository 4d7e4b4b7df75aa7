"""What can anybody in a room still ask about? As long as somebody can, the wall doesn't tell what the question revealed."""

from collections.abc import Collection, Iterable

from trainkit.case.model import Case
from trainkit.engine.facts import revealable
from trainkit.room.run_summary import RunSummary


def still_askable(case: Case, here: Collection[str], runs: Iterable[RunSummary]) -> frozenset[str]:
    """Facts of a case that a question would reveal to somebody who is ``here`` (members).

    That is whoever hasn't begun the case, and whoever has a question ahead in the first run of it.
    """
    first: dict[str, RunSummary] = {}
    for run in runs:
        if run.record.case_id == case.id and run.record.member in here:
            first.setdefault(run.record.member, run)
    facts = frozenset().union(*(run.can_ask for run in first.values()))
    if len(first) < len(here):
        conditions = dict.fromkeys(map(case.design_of, case.worlds))
        facts = facts.union(*(revealable(case, condition) for condition in conditions))
    return frozenset(name for name in facts if not case.facts[name].design) if facts else facts
