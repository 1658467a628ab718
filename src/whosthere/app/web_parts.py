"""Builds the web server, and passes what it shows and takes to the parts that know."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from whosthere.app.answers.answering import Answers
from whosthere.app.health import HealthBoard
from whosthere.app.settings import Settings
from whosthere.app.workers import Worker, run_aside
from whosthere.core.errors import BadSettings
from whosthere.core.overview import PartView
from whosthere.presence.pushed import PushedDevice
from whosthere.presence.settings import PresenceSettings
from whosthere.presence.watch import Watch
from whosthere.web.access import Failures, Tokens

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from whosthere.web.api import Door
    from whosthere.web.server import Server

log = logging.getLogger(__name__)

PART = "web"
More: TypeAlias = "Callable[[Door], Sequence[BaseRoute]]"


@dataclass(frozen=True, slots=True)
class Told:
    """Finds the device that somebody tells of, by its own name or that of its person."""

    devices: Mapping[str, PushedDevice]
    people: Mapping[str, str]  # name of a person → their device, if just one is told of

    def device_of(self, who: str) -> str | None:
        found = who if who in self.devices else self.people.get(who.casefold(), "")
        return found or None

    def tell(self, device: str, at: datetime, home: bool) -> bool:  # noqa: FBT001 - a state, as callers say it
        return self.devices[device].tell(at, home=home)


def told_of(presence: PresenceSettings, watches: Mapping[str, Watch], folder: Path) -> Told:
    """Collect the devices that tell themselves, and what they told before."""
    sources = [one.source for one in watches.values() if isinstance(one.source, PushedDevice)]
    for source in sources:
        source.keep_in(folder / f"told-{source.name}.json")
    devices = {one.device: one for one in sources}
    people = {}
    for person in presence.persons():
        own = [name for name in person.devices if name in devices]
        if len(own) == 1:
            people[person.name.casefold()] = own[0]
    return Told(devices, people)


def tokens_of(settings: Settings) -> Tokens:
    return Tokens(settings.web.tokens_file or settings.storage.folder / "web-tokens.json")


def join_web(
    settings: Settings,
    answers: Answers,
    watches: Mapping[str, Watch],
    health: HealthBoard,
    more: "More | None" = None,
) -> list[Worker]:
    """Build the worker that serves, if it is asked for. `more` makes routes of other parts."""
    told = told_of(settings.presence, watches, settings.storage.folder)
    if settings.web.listen is None:
        if told.devices:
            log.warning("presence: nobody can tell where %s is, since nothing listens; set [web]"
                        " listen", ", ".join(told.devices))  # fmt: skip
        return []
    server = make_server(settings, answers, told, health, more)
    return [Worker(PART, server.run, health, server.stop)]


def make_server(
    settings: Settings,
    answers: Answers,
    told: Told,
    health: HealthBoard,
    more: "More | None" = None,
) -> "Server":
    try:
        from whosthere.web.api import Api, Door  # noqa: PLC0415 - an extra
        from whosthere.web.server import Server  # noqa: PLC0415 - an extra
    except ImportError:
        raise BadSettings(
            "[web] needs libraries that are not installed: pip install 'whosthere[web]'"
        ) from None
    tokens = tokens_of(settings)

    def parts() -> list[PartView]:
        return [PartView(one.name, one.ok, one.why, one.since) for one in health.parts()]

    door = Door(tokens, Failures())

    def tell_sensor(name: str, active: bool) -> bool:  # noqa: FBT001 - a state, as callers say it
        sensor = answers.parts.pushed.get(name)
        return sensor is not None and sensor.tell(active=active)

    api = Api(
        door, answers, answers, parts, told.device_of, told.tell, run_aside,
        tell_sensor=tell_sensor,
    )  # fmt: skip
    others = more(door) if more is not None else []
    return Server(settings.web, tokens, [*api.routes(), *others])
