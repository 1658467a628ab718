"""Texts with places in braces, as `{password|md5}`, filled with values. Nothing is evaluated."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

NAME = r"[a-z_][a-z0-9_]*"
_PLACE = re.compile(rf"\{{({NAME})((?:\|[a-z0-9_]+(?::{NAME})?)*)\}}")
_BRACES = re.compile(rf"\{{\{{|\}}\}}|{_PLACE.pattern}|[{{}}]")


def _digest(kind: str) -> Callable[[str], str]:
    return lambda text: hashlib.new(kind, text.encode(), usedforsecurity=False).hexdigest()


def _hmac(kind: str) -> Callable[[str, str], str]:
    return lambda text, key: hmac.new(key.encode(), text.encode(), kind).hexdigest()


PLAIN: Mapping[str, Callable[[str], str]] = {
    "md5": _digest("md5"),  # what routers ask for, however weak it is
    "sha1": _digest("sha1"),
    "sha256": _digest("sha256"),
    "sha512": _digest("sha512"),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "hex": lambda text: text.encode().hex(),
    "urlencode": lambda text: quote(text, safe=""),
    "upper": str.upper,
    "lower": str.lower,
}
KEYED: Mapping[str, Callable[[str, str], str]] = {
    "hmac_md5": _hmac("md5"),
    "hmac_sha1": _hmac("sha1"),
    "hmac_sha256": _hmac("sha256"),
}


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values into their places. `{{` and `}}` stand for braces."""

    def put(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0][0]
        value = values[found[1]]
        for name, key in _filters(found[2]):
            value = KEYED[name](value, values[key]) if key else PLAIN[name](value)
        return value

    return _BRACES.sub(put, text)


def fill_all(thing: Any, values: Mapping[str, str]) -> Any:  # noqa: ANN401 - whatever JSON may be
    """Fill all texts inside tables and lists."""
    match thing:
        case str():
            return fill(thing, values)
        case Mapping():
            return {fill(str(key), values): fill_all(one, values) for key, one in thing.items()}
        case list() | tuple():
            return [fill_all(one, values) for one in thing]
        case _:
            return thing


def names_in(thing: Any) -> Iterator[str]:  # noqa: ANN401 - whatever JSON may be
    """Name the values that are needed to fill it. Raises ValueError for what cannot be filled."""
    match thing:
        case str():
            yield from _names_in_text(thing)
        case Mapping():
            for key, one in thing.items():
                yield from names_in(str(key))
                yield from names_in(one)
        case list() | tuple():
            for one in thing:
                yield from names_in(one)
        case _:
            return


def _names_in_text(text: str) -> Iterator[str]:
    for found in _BRACES.finditer(text):
        if found[0] in {"{", "}"}:
            raise ValueError(
                f"in '{text}' a brace stands alone; a place is written as {{password|md5}}, and a"
                " brace itself as {{ or }}"
            )
        if found[1] is None:
            continue
        yield found[1]
        for name, key in _filters(found[2]):
            if name not in (KEYED if key else PLAIN):
                known = ", ".join([*PLAIN, *(f"{one}:NAME" for one in KEYED)])
                raise ValueError(f"in '{text}' there is no such filter as '{name}'; known: {known}")
            if key:
                yield key


def _filters(written: str) -> Iterator[tuple[str, str]]:
    for one in written.split("|")[1:]:
        name, _, key = one.partition(":")
        yield name, key
