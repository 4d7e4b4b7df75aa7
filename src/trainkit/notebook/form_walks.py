"""Which ways must a case lead, in words: what is true on each, what is said, where it ends?"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from trainkit.case.model import Case
from trainkit.editor.trial import Trial
from trainkit.engine.attempt import back, start
from trainkit.errors import TrainkitError
from trainkit.i18n import catalog, quoted
from trainkit.notebook import form_words
from trainkit.notebook.form_edits import as_word


class WalkInWords(NamedTuple):
    """A way; ``elsewhere`` says where it leads now if that is another place."""

    name: str
    ending: str
    true: str
    said: tuple[str, ...]
    elsewhere: str


def walks_in_words(data: Any, case: Case | None, walks: Any, lang: str) -> list[WalkInWords]:
    """The ways of a draft; ``case`` is None while it can't be played, then replies are called as in the file."""
    found = walks.items() if isinstance(walks, Mapping) else ()
    return [_in_words(data, case, name, walk, lang) for name, walk in found if isinstance(walk, Mapping)]


def _in_words(data: Any, case: Case | None, name: str, walk: Mapping[str, Any], lang: str) -> WalkInWords:
    fixed = {fact: as_word(value) for fact, value in (walk.get("set") or {}).items()}
    true = [
        f"{form_words.fact(data, fact)}: {form_words.fact_value(data, fact, one, lang)}" for fact, one in fixed.items()
    ]
    answers, wanted = [str(one) for one in walk.get("answers") or []], walk.get("ending")
    said, got = list(answers), wanted
    if case is not None:
        try:
            attempt = start(case, walk.get("seed", 0), fixed)
            for number, answer in enumerate(answers):
                said[number] = attempt.options(lang).get(answer, answer)
                attempt = back(attempt) if answer == "back" else attempt.choose(answer)
            got = attempt.ending or attempt.state.place
        except (TrainkitError, TypeError, AttributeError):
            got = None
    elsewhere = ""
    if got is None:
        elsewhere = catalog(lang).gettext("This way can’t be gone any more.")
    elif got != wanted:
        elsewhere = (
            catalog(lang)
            .gettext("Now it leads to {place}.")
            .format(place=quoted(form_words.place(data, got, lang), lang))
        )
    return WalkInWords(name, form_words.place(data, wanted, lang), "; ".join(true), tuple(said), elsewhere)


def way_of(trial: Trial, begun_at: str, known: tuple[str, ...], start_at: Any) -> dict[str, Any] | None:
    """The edit that keeps what was played as a way; None unless it went from the first scene to an ending."""
    attempt = trial.attempt
    if attempt is None or not attempt.finished or not trial.whole or known or begun_at != start_at:
        return None
    fixed = dict(zip(attempt.case.facts, attempt.truth, strict=True))
    return {"do": "add_walk", "answers": list(trial.answers), "ending": attempt.ending, "fixed": fixed}
