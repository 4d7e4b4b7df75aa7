"""What a case is.

One definition serves three ends: validation when a case is read, the JSON Schema for editors, and the documentation of
the format. Everything is frozen; texts are as the case was written, translations are kept beside them by text id.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr, model_validator
from pydantic.json_schema import GetJsonSchemaHandler

from trainkit.case.conditions import (
    UNKNOWN,
    CasePart,
    Effects,
    Fits,
    Flag,
    Name,
    Names,
    Positions,
    Rule,
    Share,
    Shares,
    Targets,
    Text,
    Texts,
    Value,
    When,
)
from trainkit.errors import N_, Told

NARRATOR, PLAYER = "narrator", "you"
SOURCE_LANGUAGE = "ru"  # of a case that doesn't say which
LANGUAGE = "[a-z]{2,3}(-[A-Za-z0-9]{2,8})?"
MAX_WORLDS = 4096
SOURCE = "^(00[0-4]|own)$"  # an article's number
FACETS = ("diagnosis", "candour", "dignity", "boundary", "team", "thrift", "selection")
FACET = rf"^({'|'.join(FACETS)})[+\-]$"
Facet = Annotated[str, Field(pattern=FACET)]


class Line(CasePart):
    """Something said or told: ``speaker: text``, with ``when`` if it is not always heard."""

    speaker: Name
    text: Texts
    when: When | None = None

    @model_validator(mode="before")
    @classmethod
    def _speaker_key(cls, data: object) -> object:
        if not isinstance(data, Mapping) or {"speaker", "text"} <= set(data):
            return data
        speakers = [key for key in data if key != "when"]
        if len(speakers) != 1:
            rule = N_("a line is one `speaker: text` (and `when`, if need be); got {n} speakers")
            raise ValueError(Told(rule, n=len(speakers)))
        speaker = speakers[0]
        return {"speaker": speaker, "text": data[speaker], **({"when": data["when"]} if "when" in data else {})}

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        plain = handler.resolve_ref_schema(handler(core))
        when, text = plain["properties"]["when"], plain["properties"]["text"]
        return {
            "type": "object", "description": "speaker: text", "properties": {"when": when},
            "additionalProperties": text, "minProperties": 1, "maxProperties": 2,
        }  # fmt: skip


class Option(CasePart):
    """A reply (or a question) the player may choose.

    ``position`` is −1 orientation … +1 centricity or null (off-axis); ``fit`` 0 … 1, left out: by distance from the
    target; ``costs`` counts patience; ``effect`` adds to the value of the run.
    """

    text: Texts
    because: Texts
    position: Positions
    fit: Fits = (Rule(value=None),)
    facets: tuple[Facet, ...] = ()
    ask: Flag = False
    costs: Annotated[int, Field(ge=0, le=100, strict=True)] = 0
    reveals: tuple[Name, ...] = ()
    effect: Effects = (Rule(value=0.0),)
    remember: dict[Name, Value] = {}
    when: When | None = None
    reply: tuple[Line, ...] = ()
    goto: Names

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        plain = handler.resolve_ref_schema(handler(core))
        return plain | {"required": [name for name in plain["required"] if name != "position"]}  # not outside the axis


class Scene(CasePart):
    """A moment of the case: what is heard, then what may be said; without options it goes on by itself.

    With ``axis: false`` nobody's request is there to be satisfied (talk with staff, an owner): no reply has a position, each
    has a ``fit``.
    """

    title: Text | None = None
    kind: Literal["talk", "inquiry"] = "talk"
    prompt: Text | None = None
    axis: Annotated[bool, Field(strict=True)] = True
    target: Targets | None = None
    weight: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False, strict=True)] = 1.0
    lines: Annotated[tuple[Line, ...], Field(min_length=1)]
    options: dict[Name, Option] = {}
    goto: Names | None = None

    @model_validator(mode="before")
    @classmethod
    def _off_the_axis(cls, data: object) -> object:
        """Options of a scene outside the axis needn't say that they have no position."""
        if (
            not isinstance(data, Mapping)
            or data.get("axis") is not False
            or not isinstance(data.get("options"), Mapping)
        ):
            return data
        options = data["options"].items()
        said = {
            name: {"position": None, **option} if isinstance(option, Mapping) else option for name, option in options
        }
        return {**data, "options": said}

    @model_validator(mode="after")
    def _on_or_off_the_axis(self) -> Scene:
        for name, option in self.options.items() if not self.axis else ():
            if any(rule.value is not None for rule in option.position):
                rule = N_('in a scene outside the axis (`axis: false`) no reply has a position (option "{name}")')
                raise ValueError(Told(rule, name=name))
            if any(rule.value is None for rule in option.fit):
                rule = N_('in a scene outside the axis (`axis: false`) every reply has a `fit` (option "{name}")')
                raise ValueError(Told(rule, name=name))
        if not self.axis and self.target is not None:
            raise ValueError(Told(N_("a scene outside the axis (`axis: false`) has no `target`")))
        return self

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Scene:
        if bool(self.options) == (self.goto is not None):
            raise ValueError(Told(N_("a scene has either options or, as a passage, a `goto` of its own")))
        if self.options and self.title is None:
            raise ValueError(Told(N_("a scene with options needs a `title`; it heads its row in the debrief")))
        for name, option in self.options.items():
            if option.ask and self.kind != "inquiry":
                rule = N_('questions (`ask: true`) stand only in scenes of `kind: inquiry` (option "{name}")')
                raise ValueError(Told(rule, name=name))
        if self.kind == "inquiry" and all(option.ask for option in self.options.values()):
            raise ValueError(Told(N_("an inquiry needs an option that goes on, without `ask`")))
        return self


class FactValue(CasePart):
    """A value a fact may have: its probability (or a table by the fact it is `given`) and words for it."""

    p: Share | dict[Value, Share] | None = None
    label: Text


class Fact(CasePart):
    """Something true of this client, drawn for each attempt; ``design`` makes it an experimental condition."""

    label: Text
    design: Flag = False
    given: Name | None = None
    values: Annotated[dict[Value, FactValue], Field(min_length=2)]

    @model_validator(mode="after")
    def _probabilities(self) -> Fact:
        if UNKNOWN in self.values:
            raise ValueError(Told(N_("`unknown` is kept for conditions; call the value something else")))
        shares = [value.p for value in self.values.values()]
        if self.design:
            if self.given or any(p is not None for p in shares):
                raise ValueError(Told(N_("a `design` fact is assigned evenly: leave out `p` and `given`")))
            return self
        wanted: type = dict if self.given else float
        if not all(isinstance(p, wanted) for p in shares):
            table = N_("every value needs a probability `p`, a table by the fact it is given")
            raise ValueError(Told(table if self.given else N_("every value needs a probability `p`, one number")))
        if self.given:
            keys = list(shares[0])
            if any(list(p) != keys for p in shares):
                raise ValueError(Told(N_("the tables `p` of all values must have the same keys in the same order")))
            sums = {key: sum(p[key] for p in shares) for key in keys}
        else:
            sums = {"": sum(shares)}
        for key, total in sums.items():
            if abs(total - 1) > 1e-6:
                at = Told(N_(" at {value}"), value=key) if key else Told()
                raise ValueError(Told(N_("probabilities must add up to 1 (got {total:.4g}{at})"), total=total, at=at))
        return self

    def probability(self, value: str, facts: Mapping[str, str]) -> float:
        """Prior probability of a value where these facts are so, the one it is ``given`` among them."""
        if self.design:
            return 1 / len(self.values)
        p = self.values[value].p
        return p[facts[self.given]] if self.given else p


class Patience(CasePart):
    """The client's budget for questions; at zero the client leaves, after answering."""

    budget: Annotated[int, Field(ge=1, le=100, strict=True)]
    label: Text
    last: Text
    leaves: Name
    price: Share = 0.01


class Ending(CasePart):
    """Where a run ends; ``value`` 0 … 1 says how well the client's real task was served."""

    title: Text
    lines: Annotated[tuple[Line, ...], Field(min_length=1)]
    mood: Texts
    value: Shares
    after: tuple[Line, ...] = ()


class Context(CasePart):
    """What kind of business this is, what the poles mean here and which position the case asks for."""

    service: Literal["retail", "professional"]
    stakes: Literal["low", "medium", "high"]
    orientation: Text
    centricity: Text
    target: Targets
    why: Text


class Argument(CasePart):
    """A side of the dispute, in our own words, and the article it comes from."""

    title: Text
    text: Text
    source: Annotated[str, Field(pattern=SOURCE)]


class TomorrowLine(CasePart):
    """Words to take along, and whom they are for.

    ``asks`` names the fact that they ask about: they are for who never learnt it. ``toward`` says which way they move one:
    they are not for who stood too far to that side already. ``when`` reads what is known at the end. With none of these,
    they are for everybody.
    """

    text: Text
    when: When | None = None
    asks: Name | None = None
    toward: Literal["request", "task"] | None = None


class Debrief(CasePart):
    """What is talked about afterwards."""

    argument: Argument
    counter: Argument
    questions: Annotated[tuple[Text, ...], Field(min_length=3, max_length=5)]
    tomorrow: Text | Annotated[tuple[TomorrowLine, ...], Field(min_length=1)]
    again: Text

    @property
    def lines(self) -> tuple[TomorrowLine, ...]:
        """The words to take along, in the order of the file."""
        return (TomorrowLine(text=self.tomorrow),) if isinstance(self.tomorrow, str) else self.tomorrow


class Case(CasePart):
    """A case: a graph of scenes with keys, hidden facts, endings and the text as it was written.

    ``lang`` is the language it was written in.

    Read one with :func:`trainkit.load_case`. ``hash`` names this very version; translations don't change it.
    """

    id: Name
    lang: Annotated[str, Field(pattern=f"^{LANGUAGE}$")] = SOURCE_LANGUAGE
    title: Text
    role: Text
    minutes: Annotated[int, Field(ge=1, le=120, strict=True)]
    source: Annotated[tuple[Annotated[str, Field(pattern=SOURCE)], ...], Field(min_length=1)]
    notice: Text | None = None
    context: Context
    speakers: Annotated[dict[Name, Text], Field(min_length=1)]
    client: Name
    patience: Patience | None = None
    facts: dict[Name, Fact] = {}
    memory: dict[Name, Annotated[tuple[Value, ...], Field(min_length=2)]] = {}
    start: Name
    scenes: Annotated[dict[Name, Scene], Field(min_length=1)]
    endings: Annotated[dict[Name, Ending], Field(min_length=1)]
    debrief: Debrief

    _translations: dict[str, dict[str, str]] = PrivateAttr(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Case {self.id} {self.hash[:8]}>"

    @cached_property
    def source_json(self) -> str:
        """The case as canonical JSON: what ``hash`` is of, and what the log keeps."""
        return self.model_dump_json(exclude_defaults=True)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of :attr:`source_json`, 64 hexadecimal digits."""
        return hashlib.sha256(self.source_json.encode()).hexdigest()

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Languages the case has text in; the source first."""
        return (self.lang, *sorted(self._translations))

    @property
    def translations(self) -> Mapping[str, Mapping[str, str]]:
        """Text ids and texts of each language but the source."""
        return self._translations

    @cached_property
    def translations_json(self) -> str:
        """The translations as canonical JSON."""
        return json.dumps(self.translations, ensure_ascii=False, sort_keys=True)

    @cached_property
    def translations_hash(self) -> str:
        """SHA-256 of :attr:`translations_json`: names this version of the translations."""
        return hashlib.sha256(self.translations_json.encode()).hexdigest()

    def with_translations(self, translations: Mapping[str, Mapping[str, str]]) -> Case:
        """The same case with other translations."""
        copy = self.model_copy()
        for name in ("translations_json", "translations_hash", "texts_by_language", "languages"):
            copy.__dict__.pop(name, None)
        copy._translations = {lang: dict(texts) for lang, texts in translations.items()}
        return copy

    @cached_property
    def texts(self) -> dict[str, str]:
        """Text id → text as it was written, in the order of the file."""
        return dict(_texts(self))

    def text(self, text_id: str, lang: str) -> str:
        """The text in a language; as it was written where it is not translated. ``KeyError`` where there is no such id."""
        return self.texts_by_language.get(lang, self.texts)[text_id]

    @cached_property
    def texts_by_language(self) -> dict[str, dict[str, str]]:
        """Language → text id → text, as it was written where it is not translated."""
        return {
            lang: self.texts | {key: text for key, text in texts.items() if text}
            for lang, texts in self._translations.items()
        }

    @cached_property
    def worlds(self) -> tuple[tuple[str, ...], ...]:
        """Every combination of fact values that may occur, in the order of ``facts``; 1 … 4,096 of them."""
        return tuple(world for world in itertools.product(*(f.values for f in self.facts.values())) if self._p(world))

    @cached_property
    def probabilities(self) -> tuple[float, ...]:
        """The prior probability of each world, in the order of :attr:`worlds`; sums to 1."""
        return tuple(self._p(world) for world in self.worlds)

    @cached_property
    def masks(self) -> dict[tuple[str, str], int]:
        """(fact, value) → the set of worlds in which it holds, as bits of a whole number."""
        masks: dict[tuple[str, str], int] = {}
        for bit, world in enumerate(self.worlds):
            for pair in zip(self.facts, world, strict=True):
                masks[pair] = masks.get(pair, 0) | 1 << bit
        return masks

    @cached_property
    def world_numbers(self) -> dict[tuple[str, ...], int]:
        """World → its number in :attr:`worlds`."""
        return {world: number for number, world in enumerate(self.worlds)}

    def design_of(self, world: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """The experimental condition of a world: its design facts, which are known from the start, and their values."""
        facts = zip(self.facts.items(), world, strict=True)
        return tuple([(name, value) for (name, fact), value in facts if fact.design])

    @cached_property
    def kept(self) -> dict[Any, Any]:
        """What modules keep with this case; used by :class:`trainkit.case.cache.PerCase` alone."""
        return {}

    def _p(self, world: Sequence[str]) -> float:
        values = dict(zip(self.facts, world, strict=True))
        return math.prod((fact.probability(values[name], values) for name, fact in self.facts.items()), start=1.0)


def _texts(case: Case) -> Iterator[tuple[str, str]]:
    """Text ids and texts, in the order of the file."""
    yield from _of_keys("", case, "title", "role", "notice")
    yield from _of_keys("context", case.context, "orientation", "centricity", "why")
    yield from ((f"speakers.{name}", spoken) for name, spoken in case.speakers.items())
    if case.patience:
        yield from _of_keys("patience", case.patience, "label", "last")
    for name, fact in case.facts.items():
        yield f"facts.{name}.label", fact.label
        yield from ((f"facts.{name}.values.{value}", entry.label) for value, entry in fact.values.items())
    for name, scene in case.scenes.items():
        yield from _of_keys(f"scenes.{name}", scene, "title", "prompt", "lines")
        for key, option in scene.options.items():
            yield from _of_keys(f"scenes.{name}.options.{key}", option, "text", "because", "reply")
    for name, ending in case.endings.items():
        yield from _of_keys(f"endings.{name}", ending, "title", "mood", "lines", "after")
    yield from _of_keys("debrief.argument", case.debrief.argument, "title", "text")
    yield from _of_keys("debrief.counter", case.debrief.counter, "title", "text")
    yield from _of_keys("debrief", case.debrief, "questions", "tomorrow", "again")


def _of_keys(base: str, part: CasePart, *keys: str) -> Iterator[tuple[str, str]]:
    """What these keys of a part hold: a text, variants of one, or a list of lines or texts."""
    for key in keys:
        text_id, value = f"{base}.{key}".lstrip("."), getattr(part, key)
        if isinstance(value, str):
            yield text_id, value
        elif value and isinstance(value[0], Rule):
            yield from _variants(text_id, value)
        elif value and isinstance(value[0], TomorrowLine):
            yield from _variants(text_id, [Rule(value=line.text) for line in value])
        else:
            for number, item in enumerate(value or (), 1):
                variants = item.text if isinstance(item, Line) else (Rule(value=item),)
                yield from _variants(f"{text_id}.{number}", variants)


def _variants(base: str, rules: Sequence[Rule[str]]) -> Iterator[tuple[str, str]]:
    for number, rule in enumerate(rules, 1):
        yield (base if len(rules) == 1 else f"{base}.{number}"), rule.value
