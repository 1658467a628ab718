"""A router's session: makes the calls of its description, and keeps what later calls need."""

import base64
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode, urljoin, urlsplit

from whosthere.core.errors import PresenceTrouble
from whosthere.presence.filters import fill, fill_all, names_in
from whosthere.presence.picking import (
    Entry,
    Fields,
    JsonEntry,
    NotThatForm,
    XmlEntry,
    as_text,
    asks_password,
    input_value,
    is_html,
    matches,
    moment_of,
    number_of,
    read_json,
    read_xml,
    table_rows,
    walk,
)
from whosthere.presence.router_http import Answer, RouterHttp, meaning
from whosthere.presence.steps import Description, Devices, Keep, ListStep, Mark, Step

FURTHER = 5  # redirects that are followed, if any
WRONG = 400  # from here on, a status is no success
NOT_LET_IN = frozenset({401, 403})

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Listed:
    """What came of one list."""

    step: ListStep
    entries: list[Entry]
    at: datetime | None  # by the router's clock


class LostSession(Exception):
    """The router does not know us, or not any more."""


class NotLetIn(Exception):
    """The router does not take the user, password or key."""


@dataclass
class Session:
    """One login, as long as it lasts."""

    http: RouterHttp
    description: Description
    given: Mapping[str, str] = field(repr=False)
    say: Say = lambda _: None
    _values: dict[str, str] = field(default_factory=dict, repr=False)
    _lists: dict[str, list[str]] = field(default_factory=dict, repr=False)
    _cookies: dict[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._values.update(self.given)

    def log_in(self) -> None:
        """Make the steps of the login."""
        for number, step in enumerate(self.description.login, 1):
            self._log_in_by(step, f"login {number}")

    def _log_in_by(self, step: Step, name: str) -> None:
        for answer in self._calls(step, name):
            marked, busy = self.description.wrong_password, self.description.busy
            if busy and shows(busy, answer):
                raise self.http.trouble("somebody else is logged in, and it lets in one at a time")
            if answer.status in NOT_LET_IN or (marked and shows(marked, answer)):
                raise NotLetIn
            if answer.status >= WRONG:
                raise self.http.trouble(f"{meaning(answer.status)} (step {name})")
            missing = self._keep_all(step, answer)
            if missing:
                self.say(f"{name}: the answer gives no '{missing}'")
                if _proves_who_asks(step):
                    raise NotLetIn
                raise self.http.trouble(f"it gives no '{missing}' (step {name})")

    def lists(self) -> Iterator["Listed"]:
        """Ask for all lists; each is given as often as it was asked for."""
        for number, step in enumerate(self.description.lists, 1):
            name = f"list {number}" if len(self.description.lists) > 1 else "list"
            for answer in self._calls(step, name):
                self._see_that_it_is_a_list(step.devices, answer, name)
                self._keep_all(step, answer)
                found = self._entries(step.devices, answer, name)
                self.say(f"{name}: {len(found)} entries")
                yield Listed(step, found, moment_of(answer.headers.get("Date", "")))

    def _see_that_it_is_a_list(self, devices: Devices, answer: Answer, name: str) -> None:
        lost = self.description.logged_out
        if answer.status in NOT_LET_IN or (lost and shows(lost, answer)):
            self.say(f"{name}: not logged in")
            raise LostSession
        if answer.redirect is not None:
            self.say(f"{name}: sent elsewhere, as who is not logged in")
            self._see_that_it_stays(answer.redirect)
            raise LostSession
        if answer.status >= WRONG:
            raise self.http.trouble(f"{meaning(answer.status)} (step {name})")
        page = is_html(answer.text)
        if page and (devices.format != "html" or asks_password(answer.text)):
            self.say(f"{name}: a web page in place of the list, as who is not logged in gets")
            raise LostSession

    def _see_that_it_stays(self, redirect: str) -> None:
        """Tell of a redirect to another address: http to https, as a rule."""
        to = urlsplit(urljoin(self.http.url, redirect))
        own = urlsplit(self.http.url)
        if (to.scheme, to.hostname, to.port) != (own.scheme, own.hostname, own.port):
            port = f":{to.port}" if to.port else ""
            raise self.http.trouble(f"it sends us to {to.scheme}://{to.hostname}{port}. Set 'url'")

    def _entries(self, devices: Devices, answer: Answer, name: str) -> list[Entry]:
        try:
            found = entries(devices, answer.text)
            total = _total(devices, answer.text)
        except NotThatForm as error:
            what = "the list" if answer.body else "the list, which is empty,"
            raise self.http.trouble(f"{what} {error} (step {name})") from None
        if total is not None and total > len(found):
            raise self.http.trouble(f"its list shows {len(found)} of {total:g} (step {name})")
        return found

    # --- calls

    def _calls(self, step: Step, name: str) -> Iterator[Answer]:
        """Make a step's call, or one for each of the values that it goes through."""
        if not step.for_each:
            yield self._call(step, name, {})
        for key, source in step.for_each.items():
            for value in self._lists.get(source, [self._values.get(source, "")]):
                yield self._call(step, f"{name} ({key} {value})", {key: value})

    def _call(self, step: Step, name: str, more: Mapping[str, str]) -> Answer:
        now = time.time()
        values = {**self._values, **more, "now_s": f"{now:.0f}", "now_ms": f"{now * 1000:.0f}"}
        for key, text in step.make.items():
            values[key] = self._values[key] = fill(text, values)
        path = fill(step.path, values)
        if step.query:
            asked = urlencode(fill_all(step.query, values))
            path += f"{'&' if '?' in path else '?'}{asked}"
        headers, body = self._headers(step, values), _body(step, values)
        if body is not None:
            kind = "application/x-www-form-urlencoded" if step.form else "application/json"
            headers.setdefault("Content-Type", kind)
        answer = self._send(step.method, path, headers, body, name, step.path)
        for _ in range(FURTHER if step.follow else 0):
            if answer.redirect is None:
                break
            self._see_that_it_stays(answer.redirect)
            onward = self._headers(step, values)
            answer = self._send("GET", _path(answer.redirect, path), onward, None, name, "…")
        else:
            if step.follow and answer.redirect is not None:
                raise self.http.trouble(f"it sends us round in circles (step {name})")
        return answer

    def _send(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None, *shown: str
    ) -> Answer:
        name, path_shown = shown
        try:
            answer = self.http.call(method, path, headers, body)
        except PresenceTrouble:
            self.say(f"{name}: {method} {path_shown}: failed")
            raise
        self.say(f"{name}: {method} {path_shown}: {answer.status}, {_size(answer)}")
        for cookie, value in answer.cookies().items():
            if value:
                self._cookies[cookie] = value
            else:
                self._cookies.pop(cookie, None)
        return answer

    def _headers(self, step: Step, values: Mapping[str, str]) -> dict[str, str]:
        headers: dict[str, str] = {}
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{name}={one}" for name, one in self._cookies.items())
        if self.description.basic_login:
            login = f"{values['user']}:{values['password']}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(login).decode()}"
        common = step.headers if step in self.description.login else {
            **self.description.headers, **step.headers
        }  # fmt: skip
        return {**headers, **fill_all(common, values)}

    # --- what is kept

    def _keep_all(self, step: Step, answer: Answer) -> str | None:
        """Keep what the step wants; return the name of what is missing, if anything is."""
        for name, keep in step.keep.items():
            found = picked(keep, answer)
            if not found:
                return name
            self._lists[name], self._values[name] = found, found[0]
            self.say(
                f"  keeps '{name}' ({len(found)} values)" if keep.every else f"  keeps '{name}'"
            )
        return None


def _proves_who_asks(step: Step) -> bool:
    return bool({"password", "key"} & set(names_in(list(step.texts()))))


def _body(step: Step, values: Mapping[str, str]) -> bytes | None:
    if step.form is not None:
        return urlencode(fill_all(step.form, values)).encode()
    if step.body is None:
        return None
    filled = fill_all(step.body, values)
    return filled.encode() if isinstance(filled, str) else json.dumps(filled).encode()


def _path(redirect: str, path: str) -> str:
    to = urlsplit(urljoin(f"http://router{path}", redirect))
    return f"{to.path or '/'}{'?' if to.query else ''}{to.query}"


def _size(answer: Answer) -> str:
    kind = answer.headers.get_content_type() if answer.headers.get("Content-Type") else "no type"
    return f"{len(answer.body)} bytes of {kind}"


def shows(mark: Mark, answer: Answer) -> bool:
    """Tell whether an answer has a mark."""
    if answer.status in mark.status:
        return True
    if mark.json_path is not None:
        try:
            found = list(walk(read_json(answer.text), mark.json_path))
        except NotThatForm:
            return False
        given = [as_text(one.value) for one in found]
        return bool(given) and (not mark.equals or any(one in mark.equals for one in given))
    return mark.text is not None and bool(matches(answer.text, mark.text))


def picked(keep: Keep, answer: Answer) -> list[str]:
    """Return what is to be kept of an answer; nothing if it is not there."""
    found = [one for one in _found(keep, answer) if one]
    if keep.pattern is None:
        return found
    parts = (_first_group(keep.pattern, one) for one in found)
    return [one for one in parts if one]


def _found(keep: Keep, answer: Answer) -> list[str | None]:
    try:
        if keep.cookie is not None:
            return [answer.cookies().get(keep.cookie)]
        if keep.header is not None:
            return list(answer.headers.get_all(keep.header, []))
        if keep.json_path is not None:
            every = [as_text(one.value) for one in walk(read_json(answer.text), keep.json_path)]
            return list(every if keep.every else every[:1])
        if keep.xml is not None:
            return [XmlEntry(read_xml(answer.text)).get(keep.xml)]
        if keep.input is not None:
            return [input_value(answer.text, keep.input)]
    except NotThatForm:
        return []
    return [_first_group(keep.text or "", answer.text)]


def _first_group(pattern: str, text: str) -> str | None:
    found = re.search(pattern, text)
    return (found[1] if found.re.groups else found[0]) if found else None


def entries(devices: Devices, text: str) -> list[Entry]:
    """Return the entries of a list."""
    match devices.format:
        case "json":
            return list[Entry](_json_entries(text, devices.each))
        case "xml":
            root = read_xml(text)
            return [XmlEntry(one) for one in root.findall(devices.each or "*")]
        case "html":
            return list[Entry](table_rows(text, devices.fields()))
        case "text":
            found: list[Fields] = matches(text, devices.each)
            return list[Entry](found)


def _total(devices: Devices, text: str) -> float | None:
    """Return how many entries there should be, if the answer says so."""
    if not devices.total:
        return None
    return number_of(JsonEntry("", read_json(text)).get(devices.total) or "")


def _json_entries(text: str, path: str) -> list[JsonEntry]:
    value = read_json(text)
    found = list(walk(value, path))
    above = path.removesuffix("*").rstrip(".")
    if not found and (not path.endswith("*") or not list(walk(value, above))):
        raise NotThatForm(f"has nothing at '{path}'")
    return found
