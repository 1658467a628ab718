"""What Prometheus is shown, read from the parts at the moment of asking.

`docs/how-to/monitoring.md` lists the names. Parts that are new to the health board, and sources,
people and messengers that are new to the settings, show up by themselves.
"""

import platform
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from whosthere import __version__
from whosthere.app.answers import presence
from whosthere.app.logs import without_secrets
from whosthere.app.settings import Settings
from whosthere.app.vitals import Vitals
from whosthere.app.workers import run_aside
from whosthere.core.errors import BadSettings, StoreTrouble
from whosthere.core.modes import Mode
from whosthere.core.presence import Whereabouts
from whosthere.monitoring.measures import Kind, Labels, Measure, each, gauge

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from whosthere.web.api import Door

LONGEST_WHY = 120  # characters
NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")  # else each new number would be a new series


def metrics_for(
    settings: Settings, vitals: Vitals
) -> "Callable[[Door], Sequence[BaseRoute]] | None":
    """Make the route for the web server, if there is one."""
    if settings.web.listen is None:
        return None
    try:
        from whosthere.monitoring.exposition import Exposition  # noqa: PLC0415 - an extra
        from whosthere.web.metrics import Metrics  # noqa: PLC0415 - an extra
    except ImportError:
        raise BadSettings(
            "[web] needs libraries that are not installed: pip install 'whosthere[web]'"
        ) from None
    text = Exposition(Measures(vitals, settings).all).text

    def routes(door: "Door") -> "Sequence[BaseRoute]":
        without_token = settings.web.metrics_without_token
        return Metrics(door, text, vitals.well, run_aside, without_token).routes()

    return routes


@dataclass(frozen=True, slots=True)
class Measures:
    """All that is shown."""

    vitals: Vitals
    settings: Settings

    def all(self) -> Iterator[Measure]:
        version: dict[Labels, float] = {(__version__, platform.python_version()): 1}
        yield Measure("whosthere_build_info", Kind.GAUGE, "Always 1: which version this is.",
                      version, ("version", "python"))  # fmt: skip
        yield from self.vitals.tally.measures()
        yield from self._cameras()
        yield from self._house()
        yield from self._people()
        yield from self._parts()
        yield from self._outbox()
        yield from self._machine()

    def _cameras(self) -> Iterator[Measure]:
        cameras = [one for one in self.vitals.cameras() if not one.over]
        yield each("whosthere_camera_up", "1: the camera shows something; 0: it is lost.",
                   "camera", {one.name: float(not one.trouble) for one in cameras})  # fmt: skip
        ages = {one.name: one.age for one in cameras if one.age is not None}
        yield each("whosthere_frame_age", "Seconds since the newest frame came.",
                   "camera", ages, "seconds")  # fmt: skip

    def _house(self) -> Iterator[Measure]:
        house, policy = self.vitals.parts.house(), self.vitals.parts.policy()
        now = house.arm_state.mode
        yield each("whosthere_mode", "1 for the mode of the house, 0 for all others.",
                   "mode", {mode.value: float(mode is now) for mode in Mode})  # fmt: skip
        armed = {
            name: float(house.mode_of(name) in policy.of(name).alerts_in)
            for name in self.vitals.parts.cameras
        }
        yield each("whosthere_armed", "1: people are told of what this camera sees.",
                   "camera", armed)  # fmt: skip
        yield gauge("whosthere_alarm_on", "1: people were told of a visit and have not answered.",
                    float(house.triggered is not None))  # fmt: skip
        yield gauge("whosthere_tick_age", "Seconds since the house last heard the clock.",
                    self.vitals.tick_age, "seconds")  # fmt: skip
        yield gauge("whosthere_inbox_waiting", "Messages that wait for the house.",
                    float(self.vitals.inbox.waiting))  # fmt: skip

    def _people(self) -> Iterator[Measure]:
        house, policy = self.vitals.parts.house(), self.vitals.parts.policy()
        known = {
            one.name: float(one.whereabouts is Whereabouts.HOME)
            for one in presence.people_of(house, policy)
            if one.whereabouts is not Whereabouts.UNKNOWN
        }
        yield each("whosthere_person_home",
                   "1: home, 0: away; who is not known to be either is left out.",
                   "person", known)  # fmt: skip
        sources = {one.name: float(one.works) for one in presence.sources_of(house, policy)}
        yield each("whosthere_presence_source_up", "1: it says who is home.",
                   "source", sources)  # fmt: skip

    def _parts(self) -> Iterator[Measure]:
        states, now = self.vitals.states(), self.vitals.parts.now()
        yield each("whosthere_part_ok", "1: the part works; 0: it is in trouble.",
                   "part", {one.name: float(one.ok) for one in states})  # fmt: skip
        ill = [one for one in states if not one.ok]
        lasting = {
            one.name: max(0.0, (now - one.since).total_seconds()) for one in ill if one.since
        }
        yield each("whosthere_part_trouble", "Seconds that a part is in trouble.",
                   "part", lasting, "seconds")  # fmt: skip
        why: dict[Labels, float] = {(one.name, _steady(one.why)): 1 for one in ill}
        yield Measure("whosthere_part_trouble_info", Kind.GAUGE, "What is wrong, without numbers.",
                      why, ("part", "why"))  # fmt: skip

    def _outbox(self) -> Iterator[Measure]:
        waiting = self.vitals.waiting()
        yield each("whosthere_outbox_waiting", "What people are yet to be told.", "messenger",
                   {one.messenger: float(one.number) for one in waiting})  # fmt: skip
        yield each("whosthere_outbox_oldest", "Seconds that the oldest of it waits.", "messenger",
                   {one.messenger: one.oldest for one in waiting}, "seconds")  # fmt: skip

    def _machine(self) -> Iterator[Measure]:
        folder, parts = self.settings.storage.folder, self.vitals.parts
        with suppress(OSError):
            disk = shutil.disk_usage(folder)
            yield gauge("whosthere_disk_free", "Free on the disk of the data folder.",
                        float(disk.free), "bytes")  # fmt: skip
            yield gauge("whosthere_disk_size", "All of that disk.", float(disk.total), "bytes")
        with suppress(OSError, StoreTrouble):
            yield gauge("whosthere_ledger", "What the ledger takes.",
                        float(parts.ledger.used_bytes()), "bytes")  # fmt: skip
            yield gauge("whosthere_database", "What the database takes.",
                        float(parts.store.database.size()), "bytes")  # fmt: skip
        degrees = self.vitals.temperature()
        if degrees is not None:
            yield gauge(
                "whosthere_temperature", "The machine's hottest sensor.", degrees, "celsius"
            )
        held = self.vitals.held_back()
        if held is not None:
            yield gauge("whosthere_under_voltage", "1: the supply voltage is too low.",
                        float(held.under_voltage))  # fmt: skip
            yield each("whosthere_slowed_down", "1: the machine holds its processor back.", "why",
                       {"throttled": float(held.throttled), "capped": float(held.capped),
                        "hot": float(held.hot)})  # fmt: skip


def _steady(why: str) -> str:
    return NUMBER.sub("N", without_secrets(why))[:LONGEST_WHY]
