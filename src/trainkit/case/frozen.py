"""A case as JSON that the log keeps by hash, and the same case from that JSON."""

import json

from pydantic import ValidationError

from trainkit.case.model import Case
from trainkit.case.names import dangling
from trainkit.errors import CaseError, Problem


def thaw(source_json: str, translations_json: str = "{}", name: str = "case") -> Case:
    """The case of these ``source_json`` and ``translations_json``, called ``name`` in errors: the same hash, the same texts.

    Raises
    ------
    CaseError
        If it is no JSON, or not a case by the rules of today.
    """
    try:
        case = Case.model_validate(json.loads(source_json))
        translations = json.loads(translations_json)
    except ValidationError as error:
        raise CaseError(Problem(name, _dotted(item["loc"]), item["msg"]) for item in error.errors()) from None
    except ValueError as error:
        raise CaseError([Problem(name, "", f"is not JSON: {error}")]) from None
    if problems := [Problem(name, _dotted(path), rule) for path, rule in dangling(case)]:
        raise CaseError(problems)
    return case.with_translations(translations)


def _dotted(path: tuple) -> str:
    return ".".join(map(str, path))
