"""Switches that are asked by HTTP: Shelly of both generations, Tasmota, and others by description.

What each is asked and answers is as their makers document it: https://shelly-api-docs.shelly.cloud
(gen1: /relay/N, gen2: /rpc/Switch.Set) and https://tasmota.github.io/docs/Commands (Power,
PulseTime). All can go off by themselves after a time, so a siren ends even if we do not.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote

from whosthere.devices.http_calls import Call, HttpDevice

TENTHS, MOST_PULSE = 11.1, 64800  # s; what PulseTime has in tenths, and its longest


class Speech(Protocol):
    """How a kind of device is spoken with."""

    def calls(self, *, on: bool, seconds: float | None) -> Sequence[Call]: ...
    def asks(self) -> Call | None: ...
    def is_on(self, answer: str) -> bool | None: ...


@dataclass
class HttpSwitch:
    """Fulfils `core.ports.Switch`."""

    device: HttpDevice
    speech: Speech

    def switch(self, *, on: bool, seconds: float | None = None) -> None:
        answer = ""
        for call in self.speech.calls(on=on, seconds=seconds):
            answer = self.device.ask(call)
        if self.speech.is_on(answer) is (not on):
            raise self.device.trouble(f"it was asked to be {_word(on=on)}, and is not")

    def state(self) -> bool | None:
        call = self.speech.asks()
        return None if call is None else self.speech.is_on(self.device.ask(call))

    def close(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Shelly1:
    """The first generation, as Shelly 1, 1PM, 2.5 and Plug."""

    relay: int = 0

    def calls(self, *, on: bool, seconds: float | None) -> Sequence[Call]:
        timer = f"&timer={math.ceil(seconds)}" if on and seconds else ""
        return [Call(f"/relay/{self.relay}?turn={_word(on=on)}{timer}")]

    def asks(self) -> Call:
        return Call(f"/relay/{self.relay}")

    def is_on(self, answer: str) -> bool | None:
        return _boolean(_read(answer), "ison")


@dataclass(frozen=True, slots=True)
class Shelly2:
    """All later generations: Plus, Pro, Gen3, Gen4."""

    relay: int = 0

    def calls(self, *, on: bool, seconds: float | None) -> Sequence[Call]:
        timer = f"&toggle_after={math.ceil(seconds)}" if on and seconds else ""
        return [Call(f"/rpc/Switch.Set?id={self.relay}&on={str(on).lower()}{timer}")]

    def asks(self) -> Call:
        return Call(f"/rpc/Switch.GetStatus?id={self.relay}")

    def is_on(self, answer: str) -> bool | None:
        return _boolean(_read(answer), "output")  # Switch.Set tells only what was before


@dataclass(frozen=True, slots=True)
class Tasmota:
    """Any device with Tasmota. Its time is a setting, which its flash keeps only when it differs.

    The password goes into the address, as Tasmota wants it; addresses are never shown.
    """

    relay: int = 0
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    def calls(self, *, on: bool, seconds: float | None) -> Sequence[Call]:
        number = self.relay + 1
        power = self._call(f"Power{number} {'On' if on else 'Off'}")
        return [self._call(f"PulseTime{number} {_pulse_time(seconds)}"), power] if on else [power]

    def asks(self) -> Call:
        return self._call(f"Power{self.relay + 1}")

    def is_on(self, answer: str) -> bool | None:
        found, number = _read(answer), self.relay + 1
        word = found.get(f"POWER{number}", found.get("POWER") if number == 1 else None)
        return {"ON": True, "OFF": False}.get(str(word).upper())

    def _call(self, command: str) -> Call:
        login = ""
        if self.password is not None:
            user, password = quote(self.user or "admin", safe=""), quote(self.password, safe="")
            login = f"user={user}&password={password}&"
        return Call(f"/cm?{login}cmnd={quote(command, safe='')}")


def _pulse_time(seconds: float | None) -> int:
    """Return it as PulseTime has it: tenths of seconds up to 111, then seconds plus 100."""
    if not seconds:
        return 0
    if seconds <= TENTHS:
        return max(1, math.ceil(seconds * 10))
    return min(MOST_PULSE, math.ceil(seconds)) + 100


@dataclass(frozen=True, slots=True)
class OwnSpeech:
    """As people describe it in the settings."""

    on_call: Call
    off_call: Call
    on_for_call: Call | None = None  # with {seconds} in its path or body
    state_call: Call | None = None
    state_path: str = ""  # of what the answer says, as 'light.on'; empty: the whole answer
    state_on: frozenset[str] = frozenset({"on", "true", "1"})

    def calls(self, *, on: bool, seconds: float | None) -> Sequence[Call]:
        if on and seconds and self.on_for_call is not None:
            return [_with_seconds(self.on_for_call, seconds)]
        return [self.on_call if on else self.off_call]

    def asks(self) -> Call | None:
        return self.state_call

    def is_on(self, answer: str) -> bool | None:
        if self.state_call is None:
            return None
        found: Any = answer.strip()
        if self.state_path:
            found = _read(answer)
            for name in self.state_path.split("."):
                found = found.get(name) if isinstance(found, dict) else None
        if found is None or found == "":
            return None
        return str(found).casefold() in self.state_on


def _with_seconds(call: Call, seconds: float) -> Call:
    count = str(math.ceil(seconds))
    body = call.body and call.body.replace("{seconds}", count)
    return Call(call.path.replace("{seconds}", count), call.method, body, call.headers)


def _read(answer: str) -> dict[str, Any]:
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _boolean(found: Mapping[str, Any], name: str) -> bool | None:
    value = found.get(name)
    return value if isinstance(value, bool) else None


def _word(*, on: bool) -> str:
    return "on" if on else "off"
