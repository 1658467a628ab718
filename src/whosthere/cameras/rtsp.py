"""Network cameras by RTSP."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event
from time import monotonic
from typing import Literal, TypeAlias

import av
from av.container import InputContainer

from whosthere.cameras.addresses import with_login
from whosthere.cameras.assembly import CannotAssemble
from whosthere.cameras.live import LiveStream, arriving, ended, opened, the_stream
from whosthere.cameras.stream import Packets
from whosthere.cameras.troubles import PATIENCE, network_trouble
from whosthere.core.packets import OnPacket
from whosthere.core.sighting import Frame, rounded_clock

Transport: TypeAlias = Literal["tcp", "udp"]

WHOLE = {"fflags": "discardcorrupt"}
IN_PARTS = {"fflags": "discardcorrupt+noparse+nofillin", "analyzeduration": "200000"}
TIMEOUT = 4.0  # seconds of silence


@dataclass
class RtspCamera:
    """Reads a network camera for as long as it sends."""

    name: str
    url: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    transport: Transport = "tcp"
    frames_per_second: float = 5.0  # that are analysed
    timeout_seconds: float = TIMEOUT
    frozen_seconds: float = 8.0
    key_frames_only_while_quiet: bool = False
    on_packet: OnPacket | None = None
    on_change: Callable[[str], None] | None = None
    stop: Event = field(default_factory=Event, repr=False)

    def __post_init__(self) -> None:
        address = with_login(self.url, self.user, self.password)
        self._live = LiveStream(
            name=self.name,
            open=lambda: open_rtsp(address, self.transport, self.timeout_seconds),
            open_parts=lambda: open_in_parts(address, self.transport, self.timeout_seconds),
            trouble=lambda error, waited: network_trouble(self.name, self.url, error, waited),
            frames_per_second=self.frames_per_second,
            timeout_seconds=self.timeout_seconds,
            frozen_seconds=self.frozen_seconds,
            key_frames_only_while_quiet=self.key_frames_only_while_quiet,
            on_packet=self.on_packet,
            on_change=self.on_change,
            stop=self.stop,
        )

    def frames(self) -> Iterator[Frame]:
        return self._live.frames()

    @property
    def heard(self) -> float:
        return self._live.heard

    def wake(self, seconds: float) -> None:
        """Decode every picture for so long, though key frames are enough while it is quiet."""
        self._live.wake(seconds)


@dataclass
class RecordingStream:
    """Hands on the packets of a stream that is only recorded, never decoded."""

    name: str
    url: str
    on_packet: OnPacket
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    transport: Transport = "tcp"
    timeout_seconds: float = TIMEOUT
    stop: Event = field(default_factory=Event, repr=False)

    def run(self) -> None:
        """Read until told to stop; raise what goes wrong."""
        address = with_login(self.url, self.user, self.password)
        live = LiveStream(
            name=self.name,
            open=lambda: open_rtsp(address, self.transport, self.timeout_seconds),
            trouble=lambda error, waited: network_trouble(self.name, self.url, error, waited),
            frames_per_second=0,
            timeout_seconds=self.timeout_seconds,
            stop=self.stop,
        )
        with opened(live, live.open) as container:
            stream = the_stream(self.name, container)
            packets = Packets(stream)
            for packet in arriving(live, container, stream):
                if self.stop.is_set():
                    return
                if packet.size:
                    plain = packets.make(packet, datetime.now(UTC), rounded_clock(live.heard))
                    self.on_packet(plain)
        raise ended(self.name)


def open_in_parts(address: str, transport: Transport, timeout_seconds: float) -> InputContainer:
    """Open a stream so that its packets are parts of pictures, as they come in."""
    began = monotonic()
    try:
        return open_rtsp(address, transport, timeout_seconds, IN_PARTS)
    except av.error.InvalidDataError:
        if monotonic() - began > PATIENCE:
            raise  # a peer that says nothing says nothing to the next attempt either
        raise CannotAssemble("it does not say beforehand what it sends") from None


def open_rtsp(
    address: str, transport: Transport, timeout_seconds: float, more: Mapping[str, str] = WHOLE
) -> InputContainer:
    options = {
        "rtsp_transport": transport,
        "allowed_media_types": "video",
        "flags": "low_delay",
        "analyzeduration": "2000000",  # microseconds, at most: until the first key frame
        "fpsprobesize": "0",  # its rate needs no guessing
        "probesize": "500000",
        **more,
    }
    if transport == "udp":
        # room for a large key frame that comes at once, and a short wait for packets out of order
        options |= {"buffer_size": "2097152", "max_delay": "200000"}
    return av.open(address, timeout=(timeout_seconds, timeout_seconds), options=options)
