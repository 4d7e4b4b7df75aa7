"""What are the cases and scenes of a source called? By the versions that were played, or as a table calls them."""

from __future__ import annotations

from collections.abc import Iterator

from trainkit.analysis.summary import TAKEN
from trainkit.case.frozen import thaw
from trainkit.case.model import Case
from trainkit.errors import TrainkitError
from trainkit.files import casebook
from trainkit.report.source import Source


def known_cases(source: Source) -> Iterator[Case]:
    """The cases that were played, for their words only: the very versions if they lie beside, else today's."""
    versions = set(source.decisions["case_hash"]) if "case_hash" in source.decisions.columns else set()
    for name in source.decisions["case_id"].unique():
        try:
            frozen = _thawed(source, str(name))
            if frozen is not None and frozen.id == name and frozen.hash in versions:
                yield frozen
            elif name in casebook.case_ids():
                yield casebook.load_case(name)
        except TrainkitError:
            continue  # then its ids have to do


def _thawed(source: Source, name: str) -> Case | None:
    if source.cases is None or not (file := source.cases / f"{name}.json").exists():
        return None
    texts = file.with_suffix(".texts.json")
    return thaw(file.read_text("utf-8").strip(), texts.read_text("utf-8").strip() if texts.exists() else "{}", name)


def own_names(source: Source) -> dict[str, str]:
    """Of a table that names no case: its scenes by their names alone."""
    if "case_id" not in source.taken:
        return {}
    case = TAKEN["case_id"]
    return {str(case): source.name} | {f"{case}/{scene}": str(scene) for scene in source.decisions["scene"].unique()}
