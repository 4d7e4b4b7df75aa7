"""What stands in a browser where pydantic would: the same names, and cases that were validated before they came.

A site carries this file as its ``pydantic``. :mod:`trainkit.case.model` stays the one definition of a case: its types say
here what each part of a case's JSON becomes. Nothing is checked; the JSON is what a validated case wrote
(:attr:`trainkit.case.model.Case.source_json`), and its hash is the case's own.
"""

from __future__ import annotations

import copy
import json
import types
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Annotated, Any, ClassVar, Union, get_args, get_origin, get_type_hints


class BaseModel:
    """A part of a case: its attributes are the keys of its JSON, and the defaults of its class."""

    def __init__(self, **values: Any):
        self.__dict__.update(values)

    @classmethod
    def model_validate(cls, data: Mapping[str, Any]) -> Any:
        """The part that wrote this JSON."""
        part = _built(cls, data)
        part.__dict__["_written"] = data
        return part

    def model_dump_json(self, **_how: Any) -> str:
        """The JSON this was made of, to the letter."""
        return json.dumps(self.__dict__["_written"], ensure_ascii=False, separators=(",", ":"))

    def model_copy(self) -> Any:
        """Another object with the same attributes."""
        return copy.copy(self)

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_"):
            raise AttributeError(f"{type(self).__name__} is frozen")
        self.__dict__[name] = value


class ValidationError(ValueError):
    """Never raised: nothing is validated here."""

    def errors(self) -> list[dict[str, Any]]:
        """What is wrong with which part."""
        return []


def _built(kind: type[BaseModel], data: Mapping[str, Any]) -> BaseModel:
    makers = _makers(kind)
    part = object.__new__(kind)
    part.__dict__.update({name: makers[name](value) for name, value in data.items()})
    return part


@cache
def _makers(kind: type[BaseModel]) -> dict[str, Callable[[Any], Any]]:
    """Key → what makes the value of an attribute of its JSON."""
    hints = get_type_hints(kind, include_extras=True)
    return {name: _maker(hint) for name, hint in hints.items() if get_origin(hint) is not ClassVar}


def _maker(hint: Any) -> Callable[[Any], Any]:
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _maker(inner[0])
    if origin in (Union, types.UnionType):
        return _first_that_fits(list(_shapes(hint)))
    if origin is tuple:
        item = _maker(inner[0])
        return lambda value: tuple([item(one) for one in value])
    if origin is dict:
        item = _maker(inner[1])
        return lambda value: {key: item(one) for key, one in value.items()}
    kind = origin or hint  # Rule[str] is a Rule
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return lambda value: _built(kind, value)
    return lambda value: value


def _shapes(hint: Any) -> Iterator[tuple[type, Callable[[Any], Any]]]:
    """What a value of this type looks like in JSON, and what makes it; of text, numbers and null nothing is made."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        yield from _shapes(inner[0])
    elif origin in (Union, types.UnionType):
        for one in inner:
            yield from _shapes(one)
    elif origin is tuple:
        yield list, _maker(hint)
    elif origin is dict or (isinstance(origin or hint, type) and issubclass(origin or hint, BaseModel)):
        yield dict, _maker(hint)


def _first_that_fits(shapes: list[tuple[type, Callable[[Any], Any]]]) -> Callable[[Any], Any]:
    def made(value: Any) -> Any:
        return next((make(value) for shape, make in shapes if isinstance(value, shape)), value)

    return made


def _nothing(*_arguments: Any, **_named: Any) -> None:
    """Stands for what pydantic would validate, or write a schema by."""


AfterValidator = BeforeValidator = WithJsonSchema = Field = PrivateAttr = _nothing
ConfigDict = dict


def model_validator(**_how: Any) -> Callable[[Any], Any]:
    """Leave the function as it is; it is never called."""
    return lambda function: function


class GetJsonSchemaHandler:
    """Named in types alone."""
