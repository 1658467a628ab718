"""A router that is asked over HTTP who is connected, as its description says.

The login is kept. If it is lost, it is made anew once. A password that is not taken is told as
such and tried ever more rarely, since routers lock out who guesses. An empty answer where this
machine itself should stand is a failure, not an empty house; and so is a list in which nothing can
be read, as after an update of the router's software.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from whosthere.core.errors import PresenceTrouble, WhosThereError
from whosthere.core.presence import Observation
from whosthere.presence.addresses import address_of, host_of, own_mac_of
from whosthere.presence.picking import Entry, moment_of, number_of
from whosthere.presence.router_http import RouterHttp
from whosthere.presence.router_patience import Patience
from whosthere.presence.router_session import LostSession, NotLetIn, Session
from whosthere.presence.steps import Description, Devices, field_of, filled_values, holds

NO_NAMES = frozenset({"", "*", "-", "?", "--", "unknown", "n/a"})


@dataclass
class HttpRouter:
    """Fulfils `core.ports.PresenceSource`."""

    name: str
    url: str
    description: Description
    given: Mapping[str, str] = field(default_factory=dict, repr=False)
    verify_tls: bool = True
    fingerprint: str | None = None
    timeout_seconds: float = 10.0
    empty_is_failure: bool | None = None  # None: as the description says
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __post_init__(self) -> None:
        self._http = RouterHttp(
            self.name, self.url, self.verify_tls, self.fingerprint, self.timeout_seconds
        )
        self._session: Session | None = None
        self._patience = Patience(self.clock)
        self._steps: list[str] = []
        self._lock = threading.Lock()

    def seen(self, *, again: bool = False) -> Sequence[Observation]:
        """Ask the router. It is asked anew each time, so `again` can do no better."""
        del again
        with self._lock:
            self._patience.wait()
            self._steps.clear()
            found = self._seen()
            self._patience.welcome()
            return found

    def explain(self) -> tuple[str, ...]:
        """Look once, and tell what came of each step. No secret is among the lines."""
        try:
            found = self.seen()
        except WhosThereError as trouble:
            return (*self._steps, str(trouble))
        return (*self._steps, f"{len(found)} devices are connected")

    def stop(self) -> None:
        """Cut short what is under way: nobody waits for it any more."""
        self._http.stop()

    def _seen(self) -> list[Observation]:
        fresh = self._session is None
        try:
            session = self._session or self._log_in()
            return self._look(session)
        except LostSession:
            self._session = None
            if fresh or not self.description.login:
                raise self._not_let_in() from None
        except NotLetIn:
            raise self._not_let_in() from None
        self._steps.append("the login is lost: once more")
        try:
            return self._look(self._log_in())
        except (LostSession, NotLetIn):
            self._session = None
            raise self._not_let_in() from None

    def _log_in(self) -> Session:
        given = filled_values(self.given, self.description)
        session = Session(self._http, self.description, given, self._steps.append)
        session.log_in()
        self._session = session
        return session

    def _not_let_in(self) -> PresenceTrouble:
        self._session = None
        needs = self.description.needs()
        what = " and ".join(sorted(needs, reverse=True)) or "us without a login"
        kept = " and WHOSTHERE_".join(
            f"{self.name}_{one}".upper().replace("-", "_") for one in sorted(needs - {"user"})
        )
        advice = f" Correct 'user' or the environment's WHOSTHERE_{kept}." if kept else ""
        return self._patience.refused(
            f"Router '{self.name}' at {self._http.place} does not accept {what}.{advice}"
        )

    # --- what the lists say

    def _look(self, session: Session) -> list[Observation]:
        found: list[Observation] = []
        names: dict[str, Observation] = {}
        entries_there = False
        try:
            for listed in session.lists():
                devices, entries = listed.step.devices, listed.entries
                self._see_that_it_is_readable(devices, entries)
                entries_there |= bool(entries) and not listed.step.names_only
                seen = self._observed(devices, entries, listed.at or self.now())
                if listed.step.names_only:
                    names |= {one.mac: one for one in seen if one.mac}
                else:
                    found += seen
        except PresenceTrouble:
            self._session = None  # perhaps that is how it says that the login is over
            raise
        empty = self.empty_is_failure
        if not found and (self.description.empty_is_failure if empty is None else empty):
            inside = ", or all are marked as not connected" if entries_there else ""
            raise self._http.trouble(
                f"its list is empty{inside}. At least this machine should stand there, so that is"
                " taken for a failure. Otherwise set empty_is_failure = false"
            )
        return [_with_names(one, names.get(one.mac)) for one in found]

    def _see_that_it_is_readable(self, devices: Devices, entries: Iterable[Entry]) -> None:
        """Notice that fields have other names than said: else everybody would seem away."""
        entries = list(entries)
        for condition in devices.connected:
            field_name = field_of(condition)
            if entries and all(one.get(field_name) is None for one in entries):
                raise self._http.trouble(
                    f"no entry of its list has '{field_name}', which tells who is connected. Its"
                    " software may be newer than the description"
                )
        marks = (*devices.mac, *devices.address, *devices.host)
        if entries and not any(one.get(mark) for one in entries for mark in marks):
            raise self._http.trouble(
                f"no entry of its list has {' or '.join(repr(one) for one in marks)}. Its software"
                " may be newer than the description"
            )

    def _observed(
        self, devices: Devices, entries: Iterable[Entry], at: datetime
    ) -> list[Observation]:
        present = [
            one for one in entries if all(holds(c, one.get(field_of(c))) for c in devices.connected)
        ]
        made = (_observation(devices, one, at) for one in present)
        return [one for one in made if one.mac or one.address or one.host]


def _observation(devices: Devices, entry: Entry, at: datetime) -> Observation:
    return Observation(
        mac=_read(own_mac_of, _first(entry, devices.mac)),
        address=_read(address_of, _first(entry, devices.address)),
        host=_host(_first(entry, devices.host)),
        ago=_ago(devices, entry, at),
    )


def _ago(devices: Devices, entry: Entry, at: datetime) -> float:
    """Seconds since it was heard; `at` is by the router's clock, which may be wrong."""
    ago = number_of(_first(entry, devices.ago))
    if ago is not None:
        return max(0.0, ago / (1000 if devices.ago_unit == "ms" else 1))
    last = moment_of(_first(entry, devices.last_seen))
    return max(0.0, (at - last).total_seconds()) if last else 0.0


def _first(entry: Entry, paths: Iterable[str]) -> str:
    """Return the first field that holds something."""
    return next((text for path in paths if (text := entry.get(path))), "")


def _read(reader: Callable[[str], str], text: str) -> str:
    try:
        return reader(text) if text else ""
    except ValueError:
        return ""


def _host(text: str) -> str:
    return "" if text.strip().casefold() in NO_NAMES else host_of(text)


def _with_names(seen: Observation, named: Observation | None) -> Observation:
    if named is None:
        return seen
    return Observation(
        mac=seen.mac,
        address=seen.address or named.address,
        host=seen.host or named.host,
        ago=seen.ago,
    )
