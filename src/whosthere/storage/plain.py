"""Values of the core as JSON and back, by their types, so that a new field needs no code here.

Nothing is looked up by a name that stands in the data: the type that is asked for says what may be
made. Where it allows several classes, the class's name chooses among these.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, time, tzinfo
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeAlias, Union, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

Reader: TypeAlias = Callable[[Any], Any]
SIMPLE = (str, int, float, bool, NoneType)
LEAVES: dict[Any, Reader] = {
    **{kind: lambda found: found for kind in SIMPLE},  # a whole number may stand for a float
    datetime: lambda text: datetime.fromisoformat(text).astimezone(UTC),
    time: time.fromisoformat,
    tzinfo: ZoneInfo,
}


def to_json(value: object) -> str:
    return json.dumps(plain(value), separators=(",", ":"))


def from_json(kind: object, text: str | bytes) -> Any:  # noqa: ANN401 # of the kind asked for
    """Read what `to_json` wrote. A field that was not known then has its default."""
    return reader(kind)(json.loads(text))


def plain(value: Any) -> Any:  # noqa: ANN401 # any value
    """Return the same in what JSON has."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, SIMPLE):
        return value
    if isinstance(value, (datetime, time)):
        return value.isoformat()
    if is_dataclass(value):
        return {"": type(value).__name__} | {
            field.name: plain(getattr(value, field.name)) for field in fields(value)
        }
    if isinstance(value, frozenset):
        return sorted(plain(one) for one in value)
    if isinstance(value, (tuple, list)):
        return [plain(one) for one in value]
    if isinstance(value, Mapping):
        return [[plain(key), plain(one)] for key, one in value.items()]
    if isinstance(value, tzinfo):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written down")


@cache
def reader(kind: Any) -> Reader:  # noqa: ANN401 # any type
    """Make what reads values of a type."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _one_of(inner)
    if origin is tuple:
        return _tuple(inner)
    if origin is frozenset:
        one = reader(inner[0])
        return lambda found: frozenset(map(one, found))
    if origin is not None and issubclass(origin, Mapping):
        key, value = map(reader, inner)
        return lambda found: {key(a): value(b) for a, b in found}
    if kind in LEAVES:
        return LEAVES[kind]
    if is_dataclass(kind) or hasattr(kind, "_fields"):
        return _fields(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    raise TypeError(f"{kind} cannot be read")


def _one_of(kinds: tuple[Any, ...]) -> Reader:
    """Read one of several: classes by their names, and otherwise the only one that is not simple.

    Strings of an enumeration compare and hash as the strings they are, so they may stay such.
    """
    classes = {kind.__name__: reader(kind) for kind in kinds if isinstance(kind, type)
               and is_dataclass(kind)}  # fmt: skip
    rest = [kind for kind in kinds if not is_dataclass(kind) and kind not in SIMPLE]
    other: Reader = reader(rest[0]) if len(rest) == 1 else lambda found: found
    simple = tuple(kind for kind in kinds if kind in SIMPLE)

    def read(found: Any) -> Any:  # noqa: ANN401
        if isinstance(found, dict):
            return classes[found[""]](found)
        return found if isinstance(found, simple) else other(found)

    return read


def _tuple(inner: tuple[Any, ...]) -> Reader:
    if inner[-1] is Ellipsis:
        one = reader(inner[0])
        return lambda found: tuple(map(one, found))
    each = tuple(map(reader, inner))
    return lambda found: tuple(one(a) for one, a in zip(each, found, strict=True))


def _fields(kind: Any) -> Reader:  # noqa: ANN401
    hints = get_type_hints(kind)
    if hasattr(kind, "_fields"):  # a named tuple, written as a list
        readers = [reader(hints[name]) for name in kind._fields]
        return lambda found: kind(*(one(a) for one, a in zip(readers, found, strict=False)))
    made = {field.name for field in fields(kind) if field.init}
    by_name = {name: _later(hint) for name, hint in hints.items() if name in made}

    def read(found: dict[str, Any]) -> Any:  # noqa: ANN401
        known = {name: by_name[name]()(one) for name, one in found.items() if name in by_name}
        return kind(**known)

    return read


def _later(hint: Any) -> Callable[[], Reader]:  # noqa: ANN401
    """A type may hold others that hold it."""
    return lambda: reader(hint)
