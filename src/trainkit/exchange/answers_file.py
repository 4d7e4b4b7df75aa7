"""How do the answers given in one browser travel? As a JSON file that the browser makes and an import reads.

It holds what an export's tables hold of the same runs (attempts, events, people, and the case versions they were played in),
so that one reader checks both. A sum over all of it shows that the file was cut or edited; whether the answers can have been
given at all is what the import finds out by replaying them.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from trainkit.exchange.played import person_id
from trainkit.log.browser import BrowserLog
from trainkit.log.records import Record
from trainkit.log.replay import facts_of

MARK, VERSION = "trainkit_answers", 1


def write_answers(log: BrowserLog) -> str:
    """Everything that was played in a browser, as such a file."""
    people = people_of(log.attempts())
    attempts, events = [], []
    for record in log.attempts():
        case = log.case(record)
        row = record.to_row()
        for name in ("participant", "member", "run"):
            del row[name]
        row["person"] = people[record.participant][0]
        row["facts"] = json.dumps(dict(zip(case.facts, facts_of(case, record), strict=True)))
        attempts.append(row)
        events += [event.to_row(record.attempt, step) for step, event in enumerate(log.events(record.attempt))]
    versions = log.versions()
    content = {
        MARK: VERSION,
        "cases": {case_hash: source for (case_hash, _), (source, _) in versions.items()},
        "translations": {texts_hash: texts for (_, texts_hash), (_, texts) in versions.items()},
        "people": [
            {"person": person, "participant": name, "joined_at": since} for name, (person, since) in people.items()
        ],
        "attempts": attempts,
        "events": events,
    }
    return json.dumps({**content, "sha256": digest(content)}, ensure_ascii=False, indent=1)


def people_of(records: Iterable[Record]) -> dict[str, tuple[str, str]]:
    """Pseudonym → who that is, and since when: by the first attempt under it here, so that namesakes elsewhere are others."""
    people: dict[str, tuple[str, str]] = {}
    for record in records:
        people.setdefault(record.participant, (person_id(record.attempt), record.started_at))
    return people


def digest(content: Mapping[str, Any]) -> str:
    """The sum of everything else, however it is laid out."""
    plain = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()
