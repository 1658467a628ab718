"""How a router is asked, in data: HTTP calls, what to keep of their answers, and what is a device.

These are the classes of a description: one of the ready ones (`routers/*.toml`), a file of one's
own, or a table in the settings.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from whosthere.presence.filters import NAME, names_in
from whosthere.presence.source_settings import Section

GIVEN = frozenset({"user", "password", "key", "now_ms", "now_s"})
CONDITION = re.compile(r"\s*(!?)([^=!]+?)\s*(?:(==|!=)\s*(\"[^\"]*\"|'[^']*'|[^\"'\s]+)\s*)?")
FALSE = frozenset({"", "0", "false", "no", "off", "none", "null"})


def _expression(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from None
    return text


def _one_or_more(value: Any) -> Any:  # noqa: ANN401 - whatever people wrote
    return value if isinstance(value, list | tuple) else (value,)


def _condition(text: str) -> str:
    if not CONDITION.fullmatch(text):
        raise ValueError("a condition is like 'active == \"1\"', 'state != \"down\"' or 'online'")
    return text


Expression = Annotated[str, AfterValidator(_expression)]
Paths = Annotated[tuple[str, ...], BeforeValidator(_one_or_more)]
Conditions = Annotated[
    tuple[Annotated[str, AfterValidator(_condition)], ...], BeforeValidator(_one_or_more)
]
ValueName = Annotated[str, Field(pattern=rf"^{NAME}$")]


class Mark(Section):
    """Something by which an answer is told: a status, a value in JSON, or words in its text."""

    status: Annotated[tuple[int, ...], BeforeValidator(_one_or_more)] = ()
    json_path: str | None = Field(None, alias="json")
    equals: Paths = ()
    text: Expression | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.status or self.json_path is not None or self.text is not None):
            raise ValueError("give 'status', 'json' with 'equals', or 'text'")
        return self


class Keep(Section):
    """Where in an answer a value is that later steps need."""

    cookie: str | None = None
    header: str | None = None
    json_path: str | None = Field(None, alias="json")
    xml: str | None = None
    input: str | None = None
    text: Expression | None = None
    pattern: Expression | None = None
    every: bool = False

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        places = (self.cookie, self.header, self.json_path, self.xml, self.input, self.text)
        if sum(place is not None for place in places) != 1:
            raise ValueError("give just one of 'cookie', 'header', 'json', 'xml', 'input', 'text'")
        if self.every and self.json_path is None:
            raise ValueError("'every' needs a path in 'json'")
        return self


class Step(Section):
    """One HTTP call."""

    method: Literal["GET", "POST", "PUT"] = "GET"
    path: str = Field(pattern=r"^/\S*$")
    headers: dict[str, str] = Field(default_factory=dict)
    query: dict[str, str] = Field(default_factory=dict)
    form: dict[str, str] | None = None
    body: Any = None  # a table or list is sent as JSON, text as it stands
    make: dict[ValueName, str] = Field(default_factory=dict)
    keep: dict[ValueName, Keep] = Field(default_factory=dict)
    for_each: dict[ValueName, ValueName] = Field(default_factory=dict, max_length=1)
    follow: bool = False

    def texts(self) -> Iterator[Any]:
        """Give all that has places to fill in."""
        yield from (self.path, self.headers, self.query, self.form, self.body, self.make)


class Devices(Section):
    """What in the answer is a device."""

    format: Literal["json", "xml", "html", "text"] = "json"
    each: str = ""
    total: str = ""  # where JSON says how many there are: a list of fewer is not whole
    mac: Paths = ()
    address: Paths = ()
    host: Paths = ()
    ago: Paths = ()
    ago_unit: Literal["s", "ms"] = "s"
    last_seen: Paths = ()
    connected: Conditions = ()

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if not (self.mac or self.address or self.host):
            raise ValueError("give at least one of 'mac', 'address' and 'host'")
        if self.format == "text":
            known = re.compile(_expression(self.each)).groupindex
            missing = [one for one in self.fields() if one not in known]
            if missing:
                raise ValueError(f"'each' has no group named {', '.join(missing)}")
        return self

    def fields(self) -> tuple[str, ...]:
        """Name all fields that are looked at."""
        asked = (CONDITION.fullmatch(one) for one in self.connected)
        paths = (*self.mac, *self.address, *self.host, *self.ago, *self.last_seen)
        return (*paths, *(found[2] for found in asked if found))


class ListStep(Step):
    """A call that is answered with devices."""

    devices: Devices
    names_only: bool = False  # tells names and addresses of devices, not who is here


class Description(Section):
    """How to ask a router who is connected."""

    about: str = ""
    documentation: str = ""
    basic_login: bool = False  # user and password with each call (RFC 7617)
    values: dict[ValueName, str] = Field(default_factory=dict)
    headers: dict[str, str] = Field(default_factory=dict)
    login: tuple[Step, ...] = ()
    lists: Annotated[tuple[ListStep, ...], BeforeValidator(_one_or_more)] = Field(
        alias="list", min_length=1
    )
    logged_out: Mark | None = None
    wrong_password: Mark | None = None
    busy: Mark | None = None  # of a login: somebody else is in, and it lets in one at a time
    empty_is_failure: bool = True

    @model_validator(mode="after")
    def _values_are_known(self) -> Self:
        known = {*GIVEN, *self.values}
        _check(self.headers, known | self._kept(), "headers")
        for number, step in enumerate((*self.login, *self.lists), 1):
            inner = known | step.for_each.keys()
            for name in step.for_each.values():
                if name not in known:
                    raise ValueError(f"step {number} goes through '{name}', which nothing keeps")
            for name, text in step.make.items():
                _check(text, inner, f"step {number}")
                inner.add(name)
            for text in step.texts():
                _check(text, inner, f"step {number}")
            known |= {*step.make, *step.keep}
        if not any(not one.names_only for one in self.lists):
            raise ValueError("no list says who is here; all have 'names_only'")
        return self

    def _kept(self) -> set[str]:
        return {name for step in self.login for name in (*step.keep, *step.make)}

    def needs(self) -> frozenset[str]:
        """Name those of user, password and key without which it cannot be asked."""
        steps = [text for step in (*self.login, *self.lists) for text in step.texts()]
        used = set(names_in([*steps, self.headers]))
        used |= {"user", "password"} if self.basic_login else set()
        return frozenset(used & {"user", "password", "key"})


def _check(text: Any, known: set[str], where: str) -> None:  # noqa: ANN401 - JSON
    unknown = sorted(set(names_in(text)) - known)
    if unknown:
        raise ValueError(
            f"{where} uses {{{unknown[0]}}}, which is neither given nor kept before;"
            f" known are {', '.join(sorted(known))}"
        )


def holds(condition: str, value: str | None) -> bool:
    """Say whether a condition holds for the value of its field."""
    found = CONDITION.fullmatch(condition)
    assert found is not None  # noqa: S101 - seen to when it was read
    is_not, _, operator, wanted = found.groups()
    given = (value or "").casefold()
    if operator is None:
        return (given not in FALSE) is not bool(is_not)
    same = given == wanted.strip("\"'").casefold()
    return same is ((operator == "==") is not bool(is_not))


def field_of(condition: str) -> str:
    found = CONDITION.fullmatch(condition)
    assert found is not None  # noqa: S101 - seen to when it was read
    return found[2]


def filled_values(given: Mapping[str, str], description: Description) -> dict[str, str]:
    """Join the description's own values with those of the settings, which come first."""
    return {**description.values, **given}
