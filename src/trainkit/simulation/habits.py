"""How does a simulated trainee pick an option? Each habit gives the number of the option taken."""

import math
import random
from collections.abc import Callable, Mapping, Sequence

from trainkit.simulation.met_state import MetState
from trainkit.simulation.personas import Persona

FAR = 1.2  # how far off the axis lies from everyone, in positions

POLITE = {
    "ru": (
        "пожалуйста", "спасибо", "извин", "прости", "понима", "сочувств", "конечно", "с удовольствием", "рады", "благодар",
        "не волнуйтесь", "не переживайте", "разумеется", "позвольте", "будьте добры", "жаль", "ваше право", "для вас",
    ),
    "en": (
        "please", "thank", "sorry", "apolog", "understand", "of course", "happy to", "pleasure", "glad", "appreciate",
        "don’t worry", "certainly", "allow me", "kindly", "afraid", "your right", "for you",
    ),
}  # fmt: skip


def _softly(dice: random.Random, gains: Sequence[float], noise: float) -> int:
    """A number with probability ∝ exp(gain / noise)."""
    most = max(gains)
    return dice.choices(range(len(gains)), [math.exp((gain - most) / noise) for gain in gains])[0]


def _among(place: MetState, numbers: Sequence[int], lean: float, noise: float, dice: random.Random) -> int:
    gains = [-FAR - abs(lean) if (k := place.positions[n]) is None else -abs(k - lean) for n in numbers]
    return numbers[_softly(dice, gains, noise)]


def _asks_all(place: MetState, lean: float, noise: float, dice: random.Random) -> int:
    asking = [n for n in place.bearable if place.asks[n]]
    return dice.choice(asking) if asking else _among(place, place.going, lean, noise, dice)


def _longest(place: MetState, lean: float, noise: float, dice: random.Random) -> int:
    lengths = [len(text) for text in place.words]
    return _softly(dice, [length / max(lengths) for length in lengths], noise)


def _politest(place: MetState, lean: float, noise: float, dice: random.Random) -> int:
    warm = POLITE.get(place.lang, ())
    return _softly(dice, [sum(text.lower().count(word) for word in warm) for text in place.words], noise)


def _careless(place: MetState, lean: float, noise: float, dice: random.Random) -> int:
    hurry = [n for n, k in enumerate(place.positions) if k is None] or place.going
    return dice.choice(hurry) if dice.random() < 0.5 else _among(place, place.bearable, lean, noise, dice)


Habit = Callable[[MetState, float, float, random.Random], int]  # what is met, lean, noise, dice → number of the option


def choice_shares(place: MetState, lean: float, skill: float, pull: float) -> list[float]:
    """The probability of each open option by the choice model of :mod:`trainkit.simulation.personas`; they sum to 1."""
    fits = [place.fits[name] or 0.0 for name in place.open]
    away = [FAR + abs(lean) if k is None else abs(k - lean) for k in place.positions]
    drawn = pull if place.on_axis else 0.0
    gains = [skill * fit - drawn * far for fit, far in zip(fits, away, strict=True)]
    most = max(gains)
    shares = [math.exp(gain - most) for gain in gains]
    whole = math.fsum(shares)
    return [share / whole for share in shares]


def habit_of(persona: Persona, skill: float = 0.0, pull: float = 0.0) -> Habit:
    """How a trainee of this kind picks, with a skill and a pull of their own where they follow the choice model."""
    if not persona.chooses:
        return HABITS[persona.habit]
    return lambda place, lean, _noise, dice: dice.choices(
        range(len(place.open)), choice_shares(place, lean, skill, pull)
    )[0]


HABITS: Mapping[str, Habit] = {
    "lean": lambda place, *how: _among(place, place.bearable, *how),
    "best": lambda place, _lean, noise, dice: _softly(dice, place.worth, noise),
    "exact": lambda place, *_: place.open.index(place.best_replies[0]),
    "never_asks": lambda place, *how: _among(place, place.going, *how),
    "asks_all": _asks_all,
    "longest": _longest,
    "politest": _politest,
    "careless": _careless,
    "random": lambda place, _lean, _noise, dice: dice.randrange(len(place.open)),
    "place0": lambda place, *_: len(place.open) - 1,  # always the last reply
    **{f"place{n}": lambda place, *_, n=n: min(n, len(place.open)) - 1 for n in range(1, 5)},  # or the last, of fewer
}
