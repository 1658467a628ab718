"""`whosthere evaluate`: how well people are told, by their own tags."""

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from whosthere.app.dataset import Kept, opened
from whosthere.app.dataset_gathering import examples_of
from whosthere.app.dataset_past import Settled, first_start, policies, settled
from whosthere.app.evaluate_views import lines
from whosthere.app.replay_times import stretch_of
from whosthere.app.settings import Settings
from whosthere.app.terminal import add_settings_argument, console, say, settings_of
from whosthere.core.errors import BadSettings, WhosThereError
from whosthere.core.model import House
from whosthere.core.policy import CameraPolicy
from whosthere.learning.evaluate import evaluate
from whosthere.learning.evaluate_shapes import Evaluation, Record, Span
from whosthere.learning.examples import numbers_from_json
from whosthere.learning.report import report
from whosthere.learning.sampling import part_of_day
from whosthere.learning.statistics import Stratum
from whosthere.recording.pictures import write_whole
from whosthere.storage.learning import Learning

STEP = timedelta(minutes=10)  # in which quiet time is added up


class BadReport(WhosThereError):
    """The report cannot be written."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--since", default="30d", metavar="WHEN", help="30d, 8w or a date (default: %(default)s)")
    add("--until", metavar="WHEN", help="the same way (default: now)")
    parser.add_argument("--camera", metavar="NAME", help="this camera only")
    parser.add_argument("--json", action="store_true", help="all figures as one JSON object")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a report with plots")
    add_settings_argument(parser)


def run(chosen: argparse.Namespace) -> int:
    settings = settings_of(chosen)
    now = datetime.now(UTC)
    if chosen.camera is not None and chosen.camera not in settings.cameras:
        known = ", ".join(sorted(settings.cameras))
        raise WhosThereError(f"There is no camera '{chosen.camera}'. Choose one of {known}.")
    since, until = stretch_of(chosen.since, chosen.until, now, settings.house.zone)
    with opened(settings) as kept:
        made = evaluation_of(kept, settings, since, min(until, now), chosen.camera)
    if chosen.html is not None:
        page = report(made, settings.storage.folder, settings.house.name)
        try:
            write_whole(chosen.html, page.encode())
        except OSError as error:
            raise BadReport(
                f"{chosen.html} cannot be written ({error.strerror}). Name another file."
            ) from error
    if chosen.json:
        say(json.dumps(as_plain(made)))
    else:
        for line in lines(made):
            console().print(line)
        if chosen.html is not None:
            say(f"\nThe same with plots and pictures: {chosen.html}")
    return 0


def evaluation_of(
    kept: Kept, settings: Settings, since: datetime, until: datetime, camera: str | None = None
) -> Evaluation:
    """Evaluate a time."""
    cameras = (camera,) if camera else tuple(settings.cameras)
    since = max(since, first_start(kept.store) or since)
    if since >= until:
        began = since.astimezone(settings.house.zone)
        raise BadSettings(f"Nothing was watched before {began:%Y-%m-%d %H:%M}.")
    past, at_then = settled(kept.store, since, until), policies(kept.store)
    current = at_then(until)
    records = list(records_of(kept, since, until, camera))
    span = Span(
        since,
        until,
        cameras,
        settings.house.zone,
        current.of,
        _quiet_seconds(past, cameras, (since, until), settings, current.of),
    )
    return evaluate(records, span)


def records_of(
    kept: Kept, since: datetime, until: datetime, camera: str | None = None
) -> Iterator[Record]:
    """Bring together what is known of each incident and quiet moment."""
    store, learning = kept.store, Learning(kept.store.database)
    numbers = learning.numbers(since)
    tags = {tag.incident_id: tag for tag in store.tags()}  # the last one counts
    picks = {pick.incident_id: pick for pick in learning.picks(since)}
    examples = {one.id: one for one in examples_of(store, since, until, camera)}
    for incident in store.incidents(since, until, camera):
        example, measured = examples.get(incident.id), numbers.get(incident.id)
        own = numbers_from_json(measured) if measured else example.numbers if example else None
        yield Record(incident, own, tags.get(incident.id), picks.get(incident.id), example)


def _quiet_seconds(
    past: Settled,
    cameras: tuple[str, ...],
    edges: tuple[datetime, datetime],
    settings: Settings,
    rules: Callable[[str], CameraPolicy],
) -> dict[tuple[str, str], float]:
    """How long each camera was armed, by day and by night."""
    seconds: dict[tuple[str, str], float] = {}
    at, until = edges
    while at < until:
        house = past.at(at)
        part = part_of_day(at.astimezone(settings.house.zone).hour)
        for name in cameras:
            if _armed(house, name, rules(name), at):
                key = (name, part)
                seconds[key] = seconds.get(key, 0.0) + STEP.total_seconds()
        at += STEP
    return seconds


def _armed(house: House, camera: str, rules: CameraPolicy, at: datetime) -> bool:
    return house.mode_of(camera) in rules.alerts_in and house.controls.notifies(at)


def as_plain(made: object) -> object:
    """Return an evaluation as JSON may hold it; what one record is stands by its id."""
    match made:
        case Record():
            return {"id": made.incident.id, "said": made.tag.answer if made.tag else None}
        case Span():
            return {
                "since": made.since.isoformat(),
                "until": made.until.isoformat(),
                "cameras": list(made.cameras),
            }
        case Stratum():
            given = made.known or tuple(hit for hit, _ in made.drawn)
            return {
                "name": made.name,
                "units": made.units,
                "answers": len(given),
                "occupied": sum(given),
                "effective_answers": round(made.effective()[1], 3),
                "estimate": made.estimate(),
            }
        case tuple():
            return [as_plain(one) for one in made]
        case _ if is_dataclass(made):
            return {one.name: as_plain(getattr(made, one.name)) for one in fields(made)}
        case _:
            return made
