"""What kinds of entries a settings model has, in words. Mistakes and pages are told with these."""

import json
import types
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Model = type[BaseModel]


def bare(annotation: Any) -> Any:  # noqa: ANN401 # any annotation there is
    """Take off `Annotated` and `| None`."""
    if get_origin(annotation) is Annotated:
        return bare(get_args(annotation)[0])
    if get_origin(annotation) in {Union, types.UnionType}:
        rest = [arm for arm in get_args(annotation) if arm is not type(None)]
        if len(rest) == 1:
            return bare(rest[0])
    return annotation


def is_model(annotation: Any) -> bool:  # noqa: ANN401
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def kinds(annotation: Any) -> dict[str, Model]:  # noqa: ANN401
    """Return the models of a union that is told apart by `kind`, or of a single such model."""
    annotation = bare(annotation)
    arms = get_args(annotation) if get_origin(annotation) in {Union, types.UnionType} else ()
    models = [arm for arm in map(bare, arms or (annotation,)) if is_model(arm)]
    return {str(tag): m for m in models for tag in _tags(m)}


def _tags(model: Model) -> tuple[object, ...]:
    kind = model.model_fields.get("kind")
    return get_args(kind.annotation) if kind is not None else ()


def element(annotation: Any) -> Any:  # noqa: ANN401
    """Return what a list or table holds, or None for other entries."""
    annotation = bare(annotation)
    origin, arms = get_origin(annotation), get_args(annotation)
    if not isinstance(origin, type):
        return None
    if issubclass(origin, Mapping):
        return arms[1]
    if issubclass(origin, (Sequence, AbstractSet)):
        return arms[0]
    return None


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the file a mistake is, and what could stand there."""

    words: tuple[str, ...]
    table: Model | None  # that the last word is, or should be, an entry of
    kind: str | None
    holds: Any  # what the last word stands for, as a type


def locate(root: Model, loc: Sequence[int | str]) -> Place:
    """Follow the way of an error through the models, to the words that people wrote."""
    words: list[str] = []
    table: Model | None = None
    kind: str | None = None
    at: Any = root
    for part in loc:
        at = bare(at)
        if part == "[key]":  # the name itself is wrong
            table = None
        elif is_model(at):
            table = at
            if part != "source":
                words.append(str(part))
            field = at.model_fields.get(str(part))
            at = field.annotation if field else None
        elif part in (tagged := kinds(at)):
            table, kind = tagged[str(part)], str(part)
            at = table
        else:
            words.append(str(part + 1) if isinstance(part, int) else part)
            at = element(at)
    return Place(tuple(words), table, kind, at)


TYPE_WORDS = {
    bool: "true or false",
    int: "whole number",
    float: "number",
    str: "text",
    Path: "path",
}


def in_words(annotation: Any) -> str:  # noqa: ANN401
    """Say what an entry must be."""
    annotation = bare(annotation)
    if get_origin(annotation) is Literal:
        return "one of " + ", ".join(map(str, get_args(annotation)))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return "one of " + ", ".join(str(member.value) for member in annotation)
    if is_model(annotation):
        return "table"
    inner = element(annotation)
    if inner is not None and get_origin(bare(inner)) is tuple and element(inner) is not None:
        corners = [bare(part) for part in get_args(bare(inner))]
        if corners == [float, float]:
            return "polygon"
    if inner is not None:
        what = "table of" if issubclass(get_origin(annotation) or list, Mapping) else "list of"
        return f"{what} {in_words(inner).removeprefix('one of ')}"
    return TYPE_WORDS.get(annotation, "text")


def limits(field: FieldInfo) -> str:
    """Say what numbers are allowed."""
    bounds = {
        name: getattr(about, name)
        for about in field.metadata
        for name in ("ge", "gt", "le", "lt")
        if getattr(about, name, None) is not None
    }
    if bounds.keys() == {"ge", "le"}:
        return f"{in_digits(bounds['ge'])} to {in_digits(bounds['le'])}"
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    return ", ".join(f"{words[name]} {in_digits(bound)}" for name, bound in bounds.items())


def in_digits(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


def in_toml(value: Any) -> str:  # noqa: ANN401
    """Write a value as it stands in the file."""
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return repr(value)
        case Enum():
            return json.dumps(str(value.value))
        case Mapping():
            inside = ", ".join(f"{key} = {in_toml(one)}" for key, one in value.items())
            return f"{{ {inside} }}" if inside else "{}"
        case AbstractSet():
            return "[" + ", ".join(sorted(map(in_toml, value))) + "]"
        case list() | tuple():
            return "[" + ", ".join(map(in_toml, value)) + "]"
        case _:
            return json.dumps(str(value), ensure_ascii=False)
