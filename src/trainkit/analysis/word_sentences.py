"""What do own words say in plain words? How far coders agree, where words lie beside replies and the key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from trainkit.analysis.groups import Difference
from trainkit.analysis.own_words import Scheme
from trainkit.analysis.sentences import count, interval, of_share, per_cent, points
from trainkit.analysis.summary import Mean, share
from trainkit.i18n import catalog, decimal, typeset

if TYPE_CHECKING:
    import pandas as pd

SOUND, USABLE = 0.8, 0.667  # Krippendorff 2004: rely on it from there; from there on tentative conclusions


def of_coders(row: Any, lang: str, level: float = 0.95) -> str:
    """A row of :func:`trainkit.analysis.own_words.agreement`: whether two coders read alike."""
    gettext = catalog(lang).gettext
    if row.kappa != row.kappa:
        said = gettext("“{first}” and “{second}” gave one and the same code to all: there is nothing to agree about.")
        return typeset(said.format(first=row.first, second=row.second), lang)
    said = gettext(
        "“{first}” and “{second}” gave the same code to {same} of {texts} texts; beyond chance kappa is {kappa}"
    )
    numbers = {
        "same": per_cent(row.same, lang), "texts": count(int(row.texts), lang), "kappa": decimal(row.kappa, lang),
        "first": row.first, "second": row.second,
    }  # fmt: skip
    text = said.format(**numbers)
    if row.low == row.low:
        text += f" ({interval(decimal(row.low, lang), decimal(row.high, lang), level, lang)})"
    if row.alpha == row.alpha:
        more = gettext("; of the side, where both saw one ({placed}), alpha is {alpha}")
        text += more.format(placed=count(int(row.placed), lang), alpha=decimal(row.alpha, lang))
        if row.alpha_low == row.alpha_low:
            text += f" ({interval(decimal(row.alpha_low, lang), decimal(row.alpha_high, lang), level, lang)})"
            if row.alpha_low >= SOUND:
                verdict = gettext("For the side that is enough to rely on; whether a text has one is in kappa alone.")
            elif row.alpha_low >= USABLE:
                verdict = gettext(
                    "For the side that is enough for tentative conclusions; whether a text has one is in kappa alone."
                )
            else:
                verdict = gettext("That is not enough yet: talk the codes over, and code again.")
            return typeset(f"{text}. {verdict}", lang)
    return typeset(text + ".", lang)


def codes_in_words(met: pd.DataFrame, scheme: Scheme, lang: str) -> pd.DataFrame:
    """:func:`trainkit.analysis.own_words.confusion` with what the codes mean."""
    gettext = catalog(lang).gettext
    labels = {code.id: gettext(code.label) for code in scheme.codes}
    return (
        met.reset_index(names="code").assign(code=[labels.get(one, one) for one in met.index]).rename_axis(columns=None)
    )


def of_same_side(found: Mean, lang: str, chance: float | None = None) -> str:
    """How often own words and the reply chosen lie on the same side, over people (0 … 100), and by ``chance`` (0 … 1)."""
    said = catalog(lang).gettext(
        "Own words lie on the side of the reply chosen then in {share} of texts, on average over people"
    )
    text = said.format(share=per_cent(found.value / 100, lang))
    people = catalog(lang).ngettext("{n} person", "{n} people", found.n).format(n=count(found.n, lang))
    if found.interval is None:
        text += f" ({people})"
    else:
        low, high = (per_cent(min(1.0, max(0.0, end / 100)), lang) for end in found.interval)
        text += f" ({interval(low, high, found.level, lang)}; {people})"
    if chance is not None and chance == chance:
        more = catalog(lang).gettext("; beside somebody else’s words in the same scene it would be {chance}")
        text += more.format(chance=per_cent(chance, lang))
    return typeset(text + ".", lang)


def of_shift(found: Difference, lang: str, graded: Difference | None = None) -> str:
    """Where the replies chosen lie beside own words: ``found`` is chosen − coded, both in three classes, over people.

    ``graded`` is the same with the replies where the key puts them: own words can't be graded, so it is a check.
    """
    gettext = catalog(lang).gettext
    low, high = found.interval
    if low > 0:
        said = gettext(
            "The replies people chose lie {value} points nearer to centricity than their own words ({interval}; {people})."
        )
    elif high < 0:
        said = gettext(
            "The replies people chose lie {value} points nearer to orientation than their own words ({interval}; {people})."
        )
    else:
        said = gettext(
            "That the replies people chose lead to one side of their own words can’t be shown: {value} points "
            "({interval}; {people})."
        )
    told = found.turned() if high < 0 else found
    within = interval(*(points(one, lang) for one in told.interval), found.level, lang)
    people = catalog(lang).ngettext("{n} person", "{n} people", found.n[0]).format(n=count(found.n[0], lang))
    text = said.format(value=points(told.value, lang, low <= 0 <= high), interval=within, people=people)
    scale = gettext("Both are in three classes, on a scale from −100 to +100; plus is towards centricity.")
    text += f" {scale}"
    if graded is not None:
        more = gettext("With the replies where the key puts them, and not in classes, it is {value} ({interval}).")
        ends = (points(one, lang, True) for one in graded.interval)
        text += " " + more.format(value=points(graded.value, lang, True), interval=interval(*ends, graded.level, lang))
    return typeset(text, lang)


def of_against(
    scenes: pd.DataFrame, names: Mapping[str, str], lang: str, most: int = 3, level: float = 0.95
) -> list[str]:
    """The scenes where own words are most on another side than the key: :func:`trainkit.analysis.own_words.by_scene`.

    They are picked afterwards: their intervals are Bonferroni's over all scenes.
    """
    judged = scenes.dropna(subset=["against_key"])
    out, shown = len(scenes) - len(judged), min(most, len(judged))
    said = catalog(lang).gettext(
        "{scene}: in {k} of {n} texts own words are on another side than the key asks for ({share}; {interval})."
    )
    told = []
    if len(judged) > 1:
        lead = catalog(lang).ngettext(
            "Of {all} scenes {n} is picked afterwards; its interval is so wide that all {all} hold at once with {level}.",
            "Of {all} scenes {n} are picked afterwards; their intervals are so wide that all {all} hold at once with "
            "{level}.",
            shown,
        )
        told.append(typeset(lead.format(all=len(judged), n=shown, level=per_cent(level, lang)), lang))
    for row in judged.head(most).itertuples():
        item = f"{row.case_id}/{row.scene}"
        found = share(round(row.against_key * row.texts), int(row.texts), 1 - (1 - level) / len(judged))
        told.append(of_share(found, said, lang, scene=names.get(item, item)))
    if out:
        left = catalog(lang).ngettext(
            "In {n} scene the best reply lies on no side; it is left out.",
            "In {n} scenes the best reply lies on no side; they are left out.",
            out,
        )
        told.append(typeset(left.format(n=out), lang))
    return told


def of_redaction(texts: int, taken: Mapping[str, int], lang: str) -> str:
    """How much was taken out of how many texts."""
    gettext, ngettext = catalog(lang).gettext, catalog(lang).ngettext
    text = ngettext("{n} text", "{n} texts", texts).format(n=count(texts, lang))
    if not taken:
        return typeset(gettext("{texts}: nothing was found that names anybody.").format(texts=text), lang)
    parts = ", ".join(f"[{kind}] {count(n, lang)}" for kind, n in taken.items())
    return typeset(gettext("{texts}; taken out: {parts}.").format(texts=text, parts=parts), lang)
