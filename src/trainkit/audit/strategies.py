"""How often does somebody hit the best reply who follows one line, without weighing what the client said?

A strategy names the replies that it leaves; where it leaves several, one of them is taken by chance, and where it leaves
none (no reply off the axis, no question mark) any. "Drop null and the most orientated" then takes one of the rest at random.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from trainkit.audit.offers import Offer

Strategy = Callable[[Offer], Sequence[int]]

ZEALOUS = 0.85  # "most centric under this": not the most zealous one
PEOPLE = 0.2  # where ordinary people lean

BY_POSITION: Mapping[str, Strategy] = {
    "most_centric": lambda offer: offer.placed[-1:],
    "most_centric_under_85": lambda offer: [n for n in offer.placed if offer.positions[n] < ZEALOUS][-1:],
    "drop_null_and_most_orientated": lambda offer: offer.placed[1:],
    "most_orientated": lambda offer: offer.placed[:1],
    "second_most_centric": lambda offer: offer.placed[-2:-1],
    "second_most_orientated": lambda offer: offer.placed[1:2],
    "drop_both_ends": lambda offer: offer.placed[1:-1],
    "drop_null": lambda offer: offer.placed,
    "null_if_any": lambda offer: offer.nulls,
    "nearest_middle": lambda offer: _least(offer.placed, lambda n: abs(offer.positions[n])),
    "nearest_people": lambda offer: _least(offer.placed, lambda n: abs(offer.positions[n] - PEOPLE)),
}
BY_PLACE: Mapping[str, Strategy] = {
    "first": lambda offer: [0],
    "last": lambda offer: [len(offer.fits) - 1],
    **{f"place_{n}": lambda offer, n=n: [n - 1] if n <= len(offer.fits) else [] for n in range(1, 6)},
}


def _least(numbers: Sequence[int], of: Callable[[int], float]) -> list[int]:
    least = min(map(of, numbers), default=0.0)
    return [n for n in numbers if of(n) <= least + 1e-9]


def _most(count: Callable[[str], float]) -> Callable[[Sequence[str]], list[int]]:
    return lambda words: _least(range(len(words)), lambda n: -count(words[n]))


def _with(test: Callable[[str], object]) -> Callable[[Sequence[str]], list[int]]:
    return lambda words: [n for n, text in enumerate(words) if test(text)]


def _bare(text: str) -> str:
    return text.rstrip("»”’\"'")


BY_WORDS: Mapping[str, Callable[[Sequence[str]], list[int]]] = {
    "longest": _most(len),
    "shortest": _most(lambda text: -len(text)),
    "middle_length": lambda words: sorted(range(len(words)), key=lambda n: len(words[n]))[1:-1],
    "ends_in_question": _with(lambda text: _bare(text).endswith("?")),
    "ends_in_no_question": _with(lambda text: not _bare(text).endswith("?")),
    "question": _with(lambda text: "?" in text),
    "no_question": _with(lambda text: "?" not in text),
    "exclamation": _with(lambda text: "!" in text),
    "no_exclamation": _with(lambda text: "!" not in text),
    "most_commas": _most(lambda text: text.count(",")),
    "fewest_commas": _most(lambda text: -text.count(",")),
    "most_sentences": _most(lambda text: len(re.findall(r"[.!?…]+", text))),
    "fewest_sentences": _most(lambda text: -len(re.findall(r"[.!?…]+", text))),
    "dash_or_colon": _with(lambda text: re.search(r"[—–:]", text)),
    "digits": _with(lambda text: re.search(r"\d", text)),
    "begins_with_no": _with(lambda text: re.match(r"(?i)(не|нет|no|not|don’t)\b", text)),
}


def strategies(languages: Sequence[str]) -> dict[str, Strategy]:
    """Every strategy by its name; those that go by words once for each language (``longest_ru``)."""
    words = {
        f"{name}_{lang}": lambda offer, pick=pick, lang=lang: pick(offer.words[lang])
        for name, pick in BY_WORDS.items()
        for lang in languages
    }
    return {**BY_POSITION, **BY_PLACE, **words}


def hits(offers: Sequence[Offer], languages: Sequence[str]) -> dict[str, float | None]:
    """Share of decisions in which each strategy hits the best reply, by chance first; None where nothing is on offer."""
    whole = sum(offer.weight for offer in offers)
    named = {"chance": lambda offer: range(len(offer.fits)), **strategies(languages)}
    return {
        name: sum(offer.weight * offer.hit(leaves(offer) or range(len(offer.fits))) for offer in offers) / whole
        if whole
        else None
        for name, leaves in named.items()
    }
