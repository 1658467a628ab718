"""Takes what is wanted out of answers: by a path in JSON or XML, or from text and HTML tables.

A path in JSON is like `data.*.macAddress`: names and numbers with dots; `*` stands for all entries
of a list or table, and `@key` for the name under which a table holds an entry. A path in XML is
one of xml.etree.ElementTree, with `@name` at its end for an attribute. A field of an HTML table is
the text above its column, or the column's number; a field of text is a named group.
"""

import json
import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from typing import Any, Protocol

KEY = "@key"
MILLISECONDS_FROM = 100_000_000_000  # a moment since 1970 that is larger is in milliseconds
_HTML = re.compile(
    r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)
_ATTRIBUTE = re.compile(r"(^|/)@[\w:.-]+$")
_ASKS_PASSWORD = re.compile(r"<input\b[^>]*\btype\s*=\s*[\"']?password", re.IGNORECASE)


class NotThatForm(ValueError):
    """The answer is not of the form that was expected."""


class Entry(Protocol):
    """One entry of a list, as of one device."""

    def get(self, path: str) -> str | None:
        """Return a field as text; None if there is no such field."""
        ...


def is_html(text: str) -> bool:
    return _HTML.match(text) is not None


def asks_password(text: str) -> bool:
    """Tell whether a page has a place to type a password into."""
    return _ASKS_PASSWORD.search(text) is not None


def as_text(value: Any) -> str:  # noqa: ANN401 - whatever JSON may hold
    """Write a value as text: true and false as such, nothing as nothing, of a list the first."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case list():
            return as_text(value[0]) if value else ""
        case Mapping():
            return json.dumps(value)
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value).strip()


def number_of(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def moment_of(text: str) -> datetime | None:
    """Read a moment: seconds or milliseconds since 1970, ISO 8601, or as in HTTP."""
    number = number_of(text)
    try:
        if number is not None:
            return datetime.fromtimestamp(number / (1000 if number > MILLISECONDS_FROM else 1), UTC)
        is_iso = text[:1].isdigit()
        moment = datetime.fromisoformat(text) if is_iso else parsedate_to_datetime(text)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


# --- JSON


@dataclass(frozen=True, slots=True)
class JsonEntry:
    """A value of JSON, with the name or number under which it stood."""

    key: str
    value: Any

    def get(self, path: str) -> str | None:
        if path == KEY:
            return self.key
        found = list(walk(self.value, path))
        return as_text(found[0].value) if found else None


def read_json(text: str) -> Any:  # noqa: ANN401 - whatever it holds
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise NotThatForm("is no JSON") from None


def walk(value: Any, path: str) -> Iterator[JsonEntry]:  # noqa: ANN401 - JSON
    """Follow a path. What is not there is passed by."""
    found: Iterable[JsonEntry] = [JsonEntry("", value)]
    for part in path.split(".") if path else ():
        found = [inner for one in found for inner in _inside(one.value, part)]
    yield from found


def _inside(value: Any, part: str) -> Iterator[JsonEntry]:  # noqa: ANN401 - JSON
    match value:
        case Mapping() if part == "*":
            yield from (JsonEntry(str(key), one) for key, one in value.items())
        case Mapping() if part in value:
            yield JsonEntry(part, value[part])
        case list() if part == "*":
            yield from (JsonEntry(str(at), one) for at, one in enumerate(value))
        case list() if part.isdecimal() and int(part) < len(value):
            yield JsonEntry(part, value[int(part)])


# --- XML


@dataclass(frozen=True, slots=True)
class XmlEntry:
    """An element of XML."""

    element: ET.Element

    def get(self, path: str) -> str | None:
        way, at, attribute = path.rpartition("@") if _ATTRIBUTE.search(path) else (path, "", "")
        inner = self.element if way.strip("/.") == "" else self.element.find(way.rstrip("/"))
        if inner is None:
            return None
        return inner.get(attribute) if at else (inner.text or "").strip()


def read_xml(text: str) -> ET.Element:
    """Read XML without definitions of its own, which can make a small answer huge."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise NotThatForm("is no plain XML")
    try:
        return ET.fromstring(text)  # noqa: S314 - without definitions, of limited size
    except ET.ParseError:
        raise NotThatForm("is no XML") from None


# --- HTML and other text


@dataclass(frozen=True, slots=True)
class Fields:
    """Named texts: groups of an expression, or cells of a row."""

    texts: Mapping[str, str | None]

    def get(self, path: str) -> str | None:
        return self.texts.get(path.casefold())


def matches(text: str, pattern: str) -> list[Fields]:
    """Return what an expression finds, each time."""
    return [
        Fields({name.casefold(): one for name, one in found.groupdict().items()})
        for found in re.finditer(pattern, text)
    ]


@dataclass
class _Page(HTMLParser):
    """Collects the cells of all tables, row by row, and the inputs of all forms."""

    rows: list[list[str]] = field(default_factory=list)
    inputs: dict[str, str] = field(default_factory=dict)
    _cell: list[str] | None = None

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = {name: value or "" for name, value in attrs}
        match tag:
            case "table" | "tr":
                self.rows.append([])
                self._cell = None
            case "td" | "th":
                self._cell = []
                if not self.rows:
                    self.rows.append([])
                self.rows[-1].append("")
            case "input" if "name" in about:
                self.inputs.setdefault(about["name"], about.get("value", ""))
            case "meta" if "name" in about:
                self.inputs.setdefault(about["name"], about.get("content", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th", "tr", "table"}:
            self._cell = None

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)
            self.rows[-1][-1] = " ".join("".join(self._cell).split())


def _page(text: str) -> _Page:
    page = _Page()
    try:
        page.feed(text)
        page.close()
    except AssertionError:  # so the library says that a declaration makes no sense
        raise NotThatForm("is no HTML") from None
    return page


def input_value(text: str, name: str) -> str | None:
    """Return the value of a form's input, or of a meta element, by its name."""
    return _page(text).inputs.get(name)


def table_rows(text: str, wanted: Sequence[str]) -> list[Fields]:
    """Return the rows below the headings that are wanted; columns also go by their numbers."""
    names = {one.casefold() for one in wanted if not one.isdecimal()}
    found: list[Fields] = []
    heads: list[str] = []
    below = not names
    for row in _page(text).rows:
        low = [cell.casefold() for cell in row]
        if names and names <= set(low):
            heads, below = low, True
        elif not row:
            below = below and not names  # another table begins
        elif below:
            numbered = {str(at + 1): cell for at, cell in enumerate(row)}
            found.append(Fields({**dict(zip(heads, row, strict=False)), **numbered}))
    if names and not heads:
        raise NotThatForm(f"has no table with the headings {', '.join(sorted(wanted))}")
    return found
