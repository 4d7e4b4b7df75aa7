"""Which case versions does a room name, whether or not anybody has begun them? Those it began with, those that came later."""

import json
from collections.abc import Mapping
from typing import Any


def versions_named(table: str, row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Hashes of a case and its translations, of each version that a row of ``workshops`` or ``controls`` names.

    Raises ValueError, TypeError or KeyError if it is none that a log could have been given.
    """
    if table == "workshops":
        return [(part["case_hash"], part["translations_hash"]) for part in json.loads(row["cases"])]
    if table == "controls" and row["kind"] == "case":
        case_hash, texts_hash = row["setting"].split(" ")
        return [(case_hash, texts_hash)]
    return []
