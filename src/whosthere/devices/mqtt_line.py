"""A line to an MQTT broker for one device: what it tells, and what it is told."""

import secrets
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whosthere.core.errors import DeviceTrouble

if TYPE_CHECKING:
    from paho.mqtt.client import Client

CONNECT_SECONDS = 5.0
WELCOME_SECONDS = 10.0
SEND_SECONDS = 3.0
KEEPALIVE = 30  # seconds; a broker that is silent one and a half times as long is away
LOOP_SECONDS = 5.0
LARGEST = 65536  # bytes of a message


@dataclass
class MqttLine:
    """Connected while `run` runs. `variable` may hold its password; people are told."""

    name: str
    host: str
    port: int
    topics: Sequence[str] = ()  # to listen to
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    ca_file: Path | None = None
    variable: str = ""
    hear: Callable[[str, str], None] = lambda _topic, _text: None
    cut: Callable[[], None] = lambda: None  # the line is gone

    def __post_init__(self) -> None:
        self._stopping = threading.Event()
        self._client: Client | None = None
        self.ready = threading.Event()
        self._refused: str | None = None

    def run(self) -> None:
        """Listen until stopped. Raises when the broker cannot be reached, or goes away."""
        client = self._made()
        self._refused = None
        self._connect(client)
        self._client = client
        try:
            self._wait_for_welcome(client)
            while not self._stopping.is_set():
                if client.loop(timeout=LOOP_SECONDS) and not self._stopping.is_set():
                    raise self.trouble("the broker has gone away")
        finally:
            self.ready.clear()
            self._client = None
            client.disconnect()
            self.cut()

    def stop(self) -> None:
        self._stopping.set()
        client = self._client
        if client is not None:
            client.disconnect()  # wakes the loop

    def send(self, topic: str, text: str) -> None:
        """Send, and wait until the broker has it."""
        client = self._client
        if client is None or not self.ready.is_set():
            raise self.trouble("there is no connection to the broker")
        try:
            sent = client.publish(topic, text, qos=1)
            sent.wait_for_publish(SEND_SECONDS)
        except (RuntimeError, ValueError):
            raise self.trouble("the broker has gone away") from None
        if not sent.is_published():
            raise self.trouble(f"the broker has not confirmed within {SEND_SECONDS:g} s")

    def trouble(self, why: str) -> DeviceTrouble:
        return DeviceTrouble(f"MQTT at {self.host}:{self.port}: {why}.")

    def _made(self) -> "Client":
        try:
            from paho.mqtt.client import Client  # noqa: PLC0415 - an extra
            from paho.mqtt.enums import CallbackAPIVersion  # noqa: PLC0415 - an extra
        except ImportError:
            raise self.trouble(
                "the library paho-mqtt is missing: pip install 'whosthere[mqtt]'"
            ) from None
        ours = f"whosthere-{self.name}-{secrets.token_hex(4)}"  # of two alike, brokers drop one
        client = Client(CallbackAPIVersion.VERSION2, client_id=ours.replace(" ", "-"))
        client.connect_timeout = CONNECT_SECONDS
        if self.user is not None:
            client.username_pw_set(self.user, self.password)
        if self.tls:
            self._trust(client)
        client.on_connect = lambda _client, _data, _flags, reason, _more: self._welcomed(reason)
        client.on_message = lambda _client, _data, message: self.hear(
            message.topic, bytes(message.payload[:LARGEST]).decode("utf-8", "replace").strip()
        )
        return client

    def _trust(self, client: "Client") -> None:
        try:
            client.tls_set(ca_certs=str(self.ca_file) if self.ca_file else None)
        except (OSError, ValueError) as error:  # ssl's own errors are such
            why = getattr(error, "strerror", None) or "is no certificate"
            raise self.trouble(f"ca_file {self.ca_file} cannot be used: {why}") from None

    def greet(self) -> None:
        """Connect and leave again. Raises why that cannot be done."""
        client = self._made()
        self._refused = None
        self._connect(client)
        try:
            self._wait_for_welcome(client)
        finally:
            self.ready.clear()
            client.disconnect()

    def _connect(self, client: "Client") -> None:
        try:
            client.connect(self.host, self.port, keepalive=KEEPALIVE)
        except TimeoutError:
            raise self.trouble("the broker does not answer") from None
        except ConnectionRefusedError:
            raise self.trouble("the broker refuses the connection. See whether it runs") from None
        except ssl.SSLError as error:
            raise self.trouble(f"no TLS that can be trusted ({error.reason})") from None
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "correct 'host'"
            raise self.trouble(f"the broker cannot be reached: {why}") from None

    def _wait_for_welcome(self, client: "Client") -> None:
        until = time.monotonic() + WELCOME_SECONDS
        while not (self.ready.is_set() or self._stopping.is_set()):
            code = client.loop(timeout=1.0)
            if self._refused is not None:
                raise self.trouble(
                    f"the broker refuses us: {self._refused}. Correct 'user', and the password in"
                    f" {self.variable} or the password_file"
                )
            if code and not self._stopping.is_set():
                raise self.trouble("the broker hangs up at once. Perhaps it wants TLS")
            if time.monotonic() >= until:
                raise self.trouble("the broker says nothing")

    def _welcomed(self, reason: Any) -> None:  # noqa: ANN401 - as the library has it
        if reason.is_failure:
            self._refused = str(reason).lower()
            return
        client = self._client
        if client is not None and self.topics:
            client.subscribe([(topic, 1) for topic in self.topics])
        self.ready.set()
