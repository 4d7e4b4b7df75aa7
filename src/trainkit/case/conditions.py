"""Conditions, and values that depend on them: the grammar of ``when`` and of lists of rules.

A condition maps names of facts or memories to the values they may have. Where the trainee looks (options, keys, lines) a
fact means what is *known* and ``unknown`` is a value of it; where the world decides (``goto``, ``effect``, endings) it
means the truth.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.json_schema import GetJsonSchemaHandler

from trainkit.errors import N_, Told

UNKNOWN = "unknown"
T = TypeVar("T")


def _word(value: object) -> object:
    """Let ``true``, ``false`` and whole numbers stand for names, as an author writes them."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else value


Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]*$", max_length=60)]
_VALUE_SCHEMA = {"anyOf": [{"type": "string", "pattern": "^[a-z0-9][a-z0-9_]*$"}, {"type": ["integer", "boolean"]}]}
Value = Annotated[Name, BeforeValidator(_word), WithJsonSchema(_VALUE_SCHEMA)]
Text = Annotated[str, Field(min_length=1, max_length=4000)]
Position = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False, strict=True)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, strict=True)]
Flag = Annotated[bool, Field(strict=True)]
Values = Annotated[
    tuple[Value, ...],
    Field(min_length=1),
    BeforeValidator(lambda v: v if isinstance(v, list | tuple) else (v,)),
    WithJsonSchema({"anyOf": [_VALUE_SCHEMA, {"type": "array", "items": _VALUE_SCHEMA, "minItems": 1}]}),
]
When = Annotated[dict[Name, Values], Field(min_length=1)]


class CasePart(BaseModel):
    """Base of every part of a case: frozen, no unknown keys, no silent conversion of texts and flags."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="null")


class Rule(CasePart, Generic[T]):
    """A value and the condition under which it holds; the last rule of a list has no condition."""

    when: When | None = None
    value: T


def _with_default(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    if not rules:
        raise ValueError(Told(N_("a list of rules must not be empty")))
    if rules[-1].when is not None:
        raise ValueError(Told(N_("the last rule must be the default, without `when`")))
    if any(rule.when is None for rule in rules[:-1]):
        raise ValueError(
            Told(N_("only the last rule may stand without `when`; the rules after it would never be read"))
        )
    return rules


class _ByCondition:
    """In an editor, a plain value is as good as a list of rules."""

    def __get_pydantic_json_schema__(self, core: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        rules = handler(core)
        rule = handler.resolve_ref_schema(rules["items"])
        return {"anyOf": [rule["properties"]["value"], {"type": "array", "minItems": 1, "items": rule}]}


def _by_condition(kind: Any) -> Any:
    """Type of a value that may be a list of ``{when, value}``; always read as a tuple of rules."""
    as_rules = BeforeValidator(lambda value: value if isinstance(value, list | tuple) else [{"value": value}])
    return Annotated[tuple[Rule[kind], ...], AfterValidator(_with_default), as_rules, _ByCondition()]


Texts = _by_condition(Text)
Positions = _by_condition(Position | None)
Targets = _by_condition(Position)
Fits = _by_condition(Share | Literal["auto"] | None)
Effects = _by_condition(Position)
Shares = _by_condition(Share)
Names = _by_condition(Name)


def holds(when: Mapping[str, Sequence[str]] | None, value_of: Callable[[str], str]) -> bool:
    """Whether a condition holds, where ``value_of(name)`` says what a fact or memory is."""
    return when is None or all(value_of(name) in values for name, values in when.items())


def first(rules: Sequence[Rule[T]], value_of: Callable[[str], str]) -> T:
    """The value of the first rule that holds."""
    if len(rules) == 1:
        return rules[0].value
    return rules[_index(rules, value_of)].value


def text_id(base: str, rules: Sequence[Rule[str]], value_of: Callable[[str], str]) -> str:
    """The id of the text that holds: the base alone, or with the number of its variant from 1."""
    return base if len(rules) == 1 else f"{base}.{_index(rules, value_of) + 1}"


def _index(rules: Sequence[Rule], value_of: Callable[[str], str]) -> int:
    return next(i for i, rule in enumerate(rules) if holds(rule.when, value_of))
