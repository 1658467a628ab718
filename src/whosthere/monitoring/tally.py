"""Counts what goes by: frames, the time that looking takes, incidents, alerts.

Each note is an addition or two, on the thread that does the work anyway. All else that is shown
to monitoring is read only when it is asked for.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import product

from whosthere.core import ports
from whosthere.core.model import Alert, AlertKind, Evidence, Incident, News
from whosthere.core.ports import Delivery, Storable
from whosthere.core.sighting import Frame, Motion, Sighting
from whosthere.monitoring.measures import SLOW, Kind, Labels, Measure, Spread, each

NOBODY_TOLD = "untold"  # of an incident: nothing in it was worth telling
VISITS = (AlertKind.PERSON, AlertKind.UNCLASSIFIED)
KINDS = (Evidence.PERSON, Evidence.UNCLASSIFIED, NOBODY_TOLD)


@dataclass(slots=True)
class Tally:
    """What has gone by since the start. Each number is written by one thread at a time."""

    cameras: Sequence[str]
    messengers: Sequence[str] = ()
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    frames: dict[str, float] = field(default_factory=dict)
    moving: dict[str, float] = field(default_factory=dict)
    motion: dict[str, Spread] = field(default_factory=dict)
    detector: dict[str, Spread] = field(default_factory=dict)
    incidents: dict[Labels, float] = field(default_factory=dict)
    alerts: dict[Labels, float] = field(default_factory=dict)
    latency: dict[str, Spread] = field(default_factory=dict)
    at_work: dict[str, float] = field(default_factory=dict)  # what looks just now, since when
    _ended: dict[str, str] = field(default_factory=dict)  # camera → its last incident that ended

    def __post_init__(self) -> None:
        """Begin at nothing, so that the first alert is seen as a change."""
        for camera in self.cameras:
            self.frames[camera] = self.moving[camera] = 0
            self.motion[camera], self.detector[camera] = Spread(), Spread()
        self.incidents |= dict.fromkeys(product(self.cameras, map(str, KINDS)), 0)
        self.alerts |= dict.fromkeys(product(self.cameras, map(str, VISITS)), 0)
        self.latency |= {name: Spread(SLOW) for name in self.messengers}

    # --- on the threads of cameras

    def beside(self, sighted: Callable[[Sighting], None]) -> Callable[[Sighting], None]:
        """Count what somebody else looks at too."""

        def both(sighting: Sighting) -> None:
            self.frames[sighting.camera] = self.frames.get(sighting.camera, 0) + 1
            if sighting.motion.boxes:
                self.moving[sighting.camera] = self.moving.get(sighting.camera, 0) + 1
            sighted(sighting)

        return both

    def timed(self, camera: str, see: ports.MotionDetector) -> ports.MotionDetector:
        """Note how long each comparison takes."""
        spread = self.motion.setdefault(camera, Spread())

        def see_timed(frame: Frame) -> Motion:
            with self.working(f"motion of {camera}", spread):
                return see(frame)

        return see_timed

    @contextmanager
    def working(self, what: str, spread: Spread) -> Iterator[None]:
        began = self.at_work[what] = self.clock()
        try:
            yield
        finally:
            self.at_work.pop(what, None)
            spread.note(self.clock() - began)

    @contextmanager
    def busy(self, what: str) -> Iterator[None]:
        """Note that something is at work, of which nobody wants to know how long it takes."""
        self.at_work[what] = self.clock()
        try:
            yield
        finally:
            self.at_work.pop(what, None)

    def stuck(self, clock: float, seconds: float) -> list[str]:
        """What has been at one piece of work for longer than that."""
        return sorted(
            what for what, began in self.at_work.copy().items() if clock - began > seconds
        )

    # --- on the house's thread

    def remembered(self, things: Sequence[Storable]) -> None:
        for thing in things:
            match thing:
                case Incident() if thing.ended and self._ended.get(thing.camera) != thing.id:
                    self._ended[thing.camera] = thing.id
                    if thing.evidence is not Evidence.QUIET:
                        key = (thing.camera, str(thing.evidence or NOBODY_TOLD))
                        self.incidents[key] = self.incidents.get(key, 0) + 1
                case Alert(news=News.FIRST):
                    key = (thing.camera, str(thing.kind))
                    self.alerts[key] = self.alerts.get(key, 0) + 1
                case _:
                    pass

    # --- on the threads of messengers

    def sent(self, delivery: Delivery) -> None:
        """Note how late people were told of what the cameras saw."""
        alert = delivery.alert
        if alert.news is News.FIRST and alert.kind in VISITS:
            spread = self.latency.setdefault(delivery.messenger, Spread(SLOW))
            spread.note(max(0.0, (self.now() - alert.at).total_seconds()))

    # --- for whoever asks

    def measures(self) -> Iterator[Measure]:
        counter, spread = Kind.COUNTER, Kind.HISTOGRAM
        yield each("whosthere_frames", "Frames that were analysed.", "camera", self.frames,
                   kind=counter)  # fmt: skip
        yield each("whosthere_frames_with_motion", "Frames in which something moved.", "camera",
                   self.moving, kind=counter)  # fmt: skip
        yield each("whosthere_motion", "Seconds to compare one frame with its background.",
                   "camera", self.motion, "seconds", spread)  # fmt: skip
        yield each("whosthere_detector", "Seconds of the detector for one part of a frame.",
                   "camera", self.detector, "seconds", spread)  # fmt: skip
        yield Measure(
            "whosthere_incidents", counter,
            "Incidents that ended, by what was seen: person, unclassified, or untold.",
            self.incidents.copy(), ("camera", "kind"),
        )  # fmt: skip
        yield Measure("whosthere_alerts", counter, "Alerts, by what they are about.",
                      self.alerts.copy(), ("camera", "kind"))  # fmt: skip
        yield each(
            "whosthere_alert_latency",
            "Seconds from the frame that raised an alert until people's messenger had it.",
            "messenger", self.latency, "seconds", spread,
        )  # fmt: skip
