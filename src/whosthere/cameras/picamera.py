"""The Raspberry Pi's own camera, by picamera2 and libcamera.

Written against picamera2 0.3.38 and proven with a stand-in of its interface. Not yet tried on a
real Pi.

The camera gives each picture in two sizes at once. The small one is analysed. The large one goes
to the encoder, whose packets become clips, and is what people see.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event
from time import monotonic
from typing import Any, NamedTuple

from whosthere.cameras.liveness import FRESH_PICTURES, Sameness
from whosthere.cameras.picamera_asked import Asked
from whosthere.cameras.picamera_library import Library, library
from whosthere.cameras.picamera_streams import PiPackets, Plane, output_into, pixels_of
from whosthere.cameras.picamera_troubles import opening_trouble, stuck, the_camera
from whosthere.cameras.timeline import TREMBLING, Rate
from whosthere.core.errors import CameraTrouble
from whosthere.core.packets import OnPacket
from whosthere.core.sighting import Frame, rounded_clock

log = logging.getLogger(__name__)

GLANCE = 0.25  # seconds between looks at the stop event
OPENING_ERRORS = (RuntimeError, OSError, IndexError, KeyError, ValueError)


class Opened(NamedTuple):
    """A camera that runs, and how its two streams lie in memory."""

    library: Library
    camera: Any
    small: Plane
    main: Plane


@dataclass
class PiCamera:
    """Reads the camera at the ribbon cable for as long as it gives pictures."""

    name: str
    number: int = 0
    asked: Asked = field(default_factory=Asked)
    frames_per_second: float = 5.0  # that are analysed
    timeout_seconds: float = 4.0
    frozen_seconds: float = 8.0
    on_packet: OnPacket | None = None
    on_change: Callable[[str], None] | None = None
    stop: Event = field(default_factory=Event, repr=False)
    heard: float = field(default=0.0, repr=False)  # when the last picture came

    def frames(self) -> Iterator[Frame]:
        """Yield the pictures that are due; raise what goes wrong. Ends only when told to."""
        rate, sameness = Rate(self.frames_per_second, TREMBLING), Sameness(self.frozen_seconds)
        with self._opened() as opened:
            for request, clock in self._requests(opened.camera):
                at, pixels = datetime.now(UTC), None
                try:
                    if rate.due(clock):
                        pixels = pixels_of(opened.library, request, opened.small, opened.main)
                finally:
                    request.release()
                if pixels is None:
                    continue
                for _ in range(FRESH_PICTURES):
                    sameness.key_frame()  # no encoder lies between: each picture is a fresh one
                if sameness.frozen(pixels.luma, clock):
                    raise CameraTrouble(
                        f"Camera '{self.name}' gives the same picture over and over; it hangs."
                        " It is opened anew. If the scene is as still as that, set"
                        " frozen_seconds = 0."
                    )
                yield Frame(self.name, at, rounded_clock(clock), pixels)

    def wake(self, seconds: float) -> None:
        """Do nothing: no picture is passed over."""

    def _requests(self, camera: Any) -> Iterator[tuple[Any, float]]:  # noqa: ANN401 - of picamera2
        """Yield each picture while it lies in the camera's own buffers."""
        self.heard = monotonic()
        while True:
            request = self._next(camera)
            if request is None:
                return
            self.heard = monotonic()
            yield request, self.heard

    def _next(self, camera: Any) -> Any:  # noqa: ANN401 - of picamera2
        """Wait for a picture. None: we are told to stop."""
        job = camera.capture_request(wait=False)
        while not self.stop.is_set():
            try:
                return camera.wait(job, timeout=GLANCE)
            except TimeoutError:
                if monotonic() - self.heard > self.timeout_seconds:
                    camera.cancel_all_and_flush()  # else closing would wait for that job
                    raise stuck(self.name, self.timeout_seconds) from None
        camera.cancel_all_and_flush()
        return None

    @contextmanager
    def _opened(self) -> Iterator[Opened]:
        """Open and start the camera; whatever happens, give it back, or nobody could open it."""
        found = library(self.name)
        the_camera(found, self.name, self.number)
        with ExitStack() as closing:
            try:
                opened = self._start(found, closing)
            except OPENING_ERRORS as error:
                raise opening_trouble(self.name, self.number, error) from None
            yield opened

    def _start(self, found: Library, closing: ExitStack) -> Opened:
        asked = self.asked
        tuning = asked.tuning_file and found.camera.load_tuning_file(asked.tuning_file)
        camera = found.camera(self.number, tuning=tuning or None)
        closing.callback(camera.close)
        camera.configure(asked.configuration(camera, found, self.name))
        made = camera.camera_configuration()
        small, main = Plane.of(made["lores"]), Plane.of(made["main"])
        rate = asked.rate(in_hardware=found.encodes_in_hardware)
        if rate < asked.captured_per_second:
            self._say(f"gives {rate:.1f} pictures a second: this Pi encodes by its processor")
        if self.on_packet is not None:
            self._encode(found, camera, main, rate, closing)
        camera.start()
        return Opened(found, camera, small, main)

    def _encode(
        self,
        found: Library,
        camera: Any,  # noqa: ANN401 - of picamera2
        main: Plane,
        rate: float,
        closing: ExitStack,
    ) -> None:
        assert self.on_packet is not None  # noqa: S101 - asked before
        bits = self.asked.kilobits_per_second
        encoder = found.encoder(
            bitrate=None if bits is None else bits * 1000,
            repeat=True,  # each key frame says how to decode it, so a clip can begin there
            iperiod=self.asked.key_interval(rate),
            framerate=rate,
        )
        packets = PiPackets(self.on_packet, (main.width, main.height), rate)
        camera.start_encoder(encoder, output_into(found, packets))
        closing.callback(camera.stop_encoder, encoder)

    def _say(self, what: str) -> None:
        text = f"Camera '{self.name}' {what}."
        log.warning("%s", text)
        if self.on_change is not None:
            self.on_change(text)
