"""Where a device is, as a topic of an MQTT broker tells: Home Assistant, OwnTracks, room sensors.

What was told holds until the next word; who has said nothing yet is unknown, and so is everybody
while the broker is away, or while the sender's last will says that it is. The session is kept by
the broker under our name, so that words said while this program was away come later.
"""

import json
import logging
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whosthere.core.errors import PresenceTrouble
from whosthere.core.presence import Observation
from whosthere.presence.picking import NotThatForm, as_text, read_json, walk

if TYPE_CHECKING:
    from paho.mqtt.client import Client, MQTTMessage

log = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
WORD_SECONDS = 10.0  # for the broker's first answer
KEEPALIVE = 30  # seconds; a broker that is silent one and a half times as long is away
LOOP_SECONDS = 5.0
SETTLE_SECONDS = 0.2
LARGEST = 65536  # bytes of a message


class Told(Enum):
    """What a message says."""

    HOME = "home"
    GONE = "gone"
    UNKNOWN = "unknown"
    NOTHING = "nothing"  # it is about something else


@dataclass
class MqttTopic:
    """Fulfils `core.ports.PresenceSource` and `presence.watch.Listening`."""

    name: str
    host: str
    port: int
    topic: str
    device: str
    style: str = "state"
    json_path: str = ""
    home: frozenset[str] = frozenset({"home"})
    unknown: frozenset[str] = frozenset({"", "unknown", "unavailable", "none"})
    availability_topic: str | None = None
    unavailable: frozenset[str] = frozenset({"offline"})
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    ca_file: Path | None = None
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._trouble = "is not connected yet"
        self._told = Told.UNKNOWN
        self._heard_at: float | None = None
        self._sender_away = False
        self._stopping = threading.Event()
        self._client: Client | None = None
        self._client_suffix = ""
        self._known = {one.casefold() for one in self.home}

    # --- for the watcher

    def seen(self, *, again: bool = False) -> Sequence[Observation]:
        """Return what was told. There is nobody to ask, so `again` can do no better."""
        del again
        with self._lock:
            if self._trouble:
                raise PresenceTrouble(f"{self._place}: it {self._trouble}.")
            if self._sender_away:
                raise PresenceTrouble(
                    f"{self._place}: '{self.availability_topic}' says that the sender is away."
                )
            if self.style == "heard":
                ago = None if self._heard_at is None else self.clock() - self._heard_at
                return [] if ago is None else [Observation(device=self.device, ago=ago)]
            if self._told is Told.UNKNOWN:
                raise PresenceTrouble(
                    f"{self._place}: '{self.topic}' has said nothing yet of {self.device}. Let who"
                    " sends there retain its messages."
                )
            return [Observation(device=self.device)] if self._told is Told.HOME else []

    @property
    def _place(self) -> str:
        return f"MQTT broker '{self.name}' at {self.host}:{self.port}"

    # --- for a thread of its own

    def listen(self, heard: Callable[[], None]) -> None:
        """Listen until stopped. Raises when the broker cannot be reached, or goes away."""
        client = self._connected(heard)
        self._client = client
        try:
            self._wait_for_welcome(client)
            client.loop(timeout=SETTLE_SECONDS)  # what is retained comes first
            heard()
            while not self._stopping.is_set():
                if client.loop(timeout=LOOP_SECONDS) and not self._stopping.is_set():
                    raise self._lost("has gone away")
        finally:
            self._client = None
            client.disconnect()
            heard()

    def stop(self) -> None:
        self._stopping.set()
        client = self._client
        if client is not None:
            client.disconnect()  # wakes the loop

    def beside(self) -> None:
        """Listen beside the program that runs, and not in its place: for a look by a command."""
        self._client_suffix = "-look"

    def _connected(self, heard: Callable[[], None]) -> "Client":
        client = self._make_client(heard)
        try:
            client.connect(self.host, self.port, keepalive=KEEPALIVE)
        except ssl.SSLCertVerificationError as error:
            why = f"shows a certificate that nobody known vouches for ({error.verify_message})"
            raise self._lost(f"{why}. Set 'ca_file'") from None
        except ssl.SSLError:
            raise self._lost("speaks no TLS at this port. Correct 'port' or 'tls'") from None
        except TimeoutError:
            raise self._lost("does not answer") from None
        except ConnectionRefusedError:
            raise self._lost("refuses the connection. See whether it runs") from None
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "correct 'host'"
            raise self._lost(f"cannot be reached: {why[:1].lower()}{why[1:]}") from None
        return client

    def _make_client(self, heard: Callable[[], None]) -> "Client":
        try:
            from paho.mqtt.client import Client  # noqa: PLC0415 - an extra
            from paho.mqtt.enums import CallbackAPIVersion  # noqa: PLC0415 - an extra
        except ImportError:
            why = "cannot be spoken with: the library paho-mqtt is missing"
            raise self._lost(f"{why}: pip install 'whosthere[mqtt]'") from None
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"whosthere-{self.name}{self._client_suffix}",
            clean_session=bool(self._client_suffix),
        )
        client.connect_timeout = CONNECT_SECONDS
        if self.user is not None:
            client.username_pw_set(self.user, self.password)
        if self.tls:
            client.tls_set(ca_certs=str(self.ca_file) if self.ca_file else None)
        client.on_message = lambda _client, _data, message: self._hear(message, heard)
        client.on_connect = lambda _client, _data, flags, reason, _more: self._welcomed(
            client, flags.session_present, reason
        )
        client.on_subscribe = lambda _client, _data, _id, granted, _more: self._subscribed(granted)
        return client

    def _wait_for_welcome(self, client: "Client") -> None:
        until = time.monotonic() + WORD_SECONDS
        self._refused: str | None = None
        self._is_in = False
        while not (self._is_in or self._stopping.is_set()):
            code = client.loop(timeout=max(0.0, until - time.monotonic()))
            if self._refused is not None:
                raise self._lost(self._refused)
            if code and not self._stopping.is_set():
                raise self._lost("hangs up at once. Perhaps it wants TLS")
            if time.monotonic() >= until:
                raise self._lost("accepts the connection and says nothing")

    def _welcomed(self, client: "Client", known: bool, reason: Any) -> None:  # noqa: ANN401, FBT001 - as the library calls
        if reason.is_failure:
            about = "Correct 'user' or the password"
            words = str(reason).lower()
            wrong = "user name" in words or "authori" in words
            self._refused = f"refuses us: {words}{f'. {about}' if wrong else ''}"
            return
        topics = [(one, 1) for one in (self.topic, self.availability_topic) if one]
        client.subscribe(topics)
        with self._lock:
            self._sender_away = False
            if not known:  # the broker may have forgotten what was said meanwhile
                self._told = Told.UNKNOWN

    def _subscribed(self, granted: Sequence[Any]) -> None:
        if any(one.is_failure for one in granted):
            self._refused = f"does not let us read '{self.topic}'. Correct 'topic' or its rules"
            return
        with self._lock:
            self._trouble = ""
        self._is_in = True
        log.info("%s: connected", self.name)

    def _lost(self, why: str) -> PresenceTrouble:
        with self._lock:
            self._trouble = why
        return PresenceTrouble(f"{self._place}: it {why}.")

    def _hear(self, message: "MQTTMessage", heard: Callable[[], None]) -> None:
        text = bytes(message.payload[:LARGEST]).decode("utf-8", "replace").strip()
        if self.availability_topic and message.topic == self.availability_topic:
            with self._lock:
                self._sender_away = text.casefold() in {one.casefold() for one in self.unavailable}
            heard()
            return
        told = self._meaning(text)
        if told is Told.NOTHING or (self.style == "heard" and message.retain):
            return  # what was kept says nothing of now
        with self._lock:
            self._told = told
            self._heard_at = self.clock() if told is Told.HOME else self._heard_at
        heard()

    # --- what messages mean

    def _meaning(self, text: str) -> Told:
        if self.style == "owntracks":
            return self._owntracks(text)
        if self.style == "heard" and not self.json_path:
            return Told.HOME
        states = [text]
        if self.json_path:
            try:
                states = [as_text(one.value) for one in walk(read_json(text), self.json_path)]
            except NotThatForm:
                return Told.UNKNOWN
        said = [one.casefold() for one in states]
        if any(one in self._known for one in said):
            return Told.HOME
        if self.style == "heard":
            return Told.NOTHING
        unsure = not said or all(one in self.unknown for one in said)
        return Told.UNKNOWN if unsure else Told.GONE

    def _owntracks(self, text: str) -> Told:
        """As https://owntracks.org/booklet/tech/json/ has it: regions by their names."""
        try:
            said = json.loads(text)
        except ValueError:
            return Told.NOTHING
        match said:
            case {"_type": "transition", "event": "enter" | "leave" as event, "desc": str(region)}:
                if region.casefold() not in self._known:
                    return Told.NOTHING
                return Told.HOME if event == "enter" else Told.GONE
            case {"_type": "location", **more}:
                regions = more.get("inregions")
                inside = regions if isinstance(regions, list) else []
                home = any(str(one).casefold() in self._known for one in inside)
                return Told.HOME if home else Told.GONE
            case _:
                return Told.NOTHING
