"""A month of a house in which the truth is known: who came, who was told, who was asked."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from tests.learning.making import example, numbers
from whosthere.core.model import Answer, Evidence, Gate, Incident, Tag, named_moment
from whosthere.core.policy import CameraPolicy
from whosthere.core.questions import Kind, Pick
from whosthere.core.sighting import Box, Detection
from whosthere.learning.evaluate_shapes import Record, Span

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=30)
CAMERAS = ("front", "garden")
LIMIT = 0.4


def span(**more: object) -> Span:
    usual = {
        "since": SINCE,
        "until": UNTIL,
        "cameras": CAMERAS,
        "zone": UTC,
        "rules": lambda _: CameraPolicy(),
        "quiet_seconds": {
            (name, part): 30 * 6 * 3600.0 for name in CAMERAS for part in ("day", "night")
        },
    }
    return Span(**(usual | more))


def incident(at: datetime, camera: str, *, told: bool = False, **more: object) -> Incident:
    name = named_moment(at, camera)
    alerted = {"alert_id": name, "alerted_at": at + timedelta(seconds=1.2)} if told else {}
    evidence = {"evidence": Evidence.PERSON} if told else {}
    usual = {
        "id": name, "camera": camera, "first_motion": at - timedelta(seconds=1), "started": at,
        "started_clock": 0.0, "last_seen": at + timedelta(seconds=9), "last_seen_clock": 9.0,
        "ended": at + timedelta(seconds=9), **alerted, **evidence,
    }  # fmt: skip
    return Incident(**(usual | more))


def record(
    at: datetime,
    camera: str = "front",
    *,
    person: float = 0.5,
    told: bool | None = None,
    said: bool | None = None,
    drawn: float | None = None,
    quiet: bool = False,
    **more: object,
) -> Record:
    """One incident; `drawn` is the chance with which it was asked about."""
    told = person >= LIMIT if told is None else told
    made = incident(at, camera, told=told and not quiet)
    if quiet:
        made = replace(made, evidence=Evidence.QUIET, alert_id=made.id)
    gates = (Gate("armed", "away", "away", passed=True), Gate("person", person, LIMIT, told))
    usual = {"at": at, "hour": at.hour + at.minute / 60, "gates": gates, "share_most": 0.3}
    measured = numbers(person, **(usual | more))
    tag = None
    if said is not None:
        tag = Tag(made.id, Answer.OCCUPIED if said else Answer.UNOCCUPIED, "Ann", at, "slack")
    kind = Kind.QUIET if quiet else Kind.MOTION
    pick = Pick(made.id, camera, at, kind, drawn, "chance") if drawn is not None else None
    return Record(made, measured, tag, pick)


class Month(NamedTuple):
    """What happened, and which of it was a visit."""

    records: list[Record]
    visits: set[str]

    @property
    def recall(self) -> float:
        told = sum(one.told for one in self.records if one.incident.id in self.visits)
        return told / len(self.visits)

    @property
    def precision(self) -> float:
        told = [one.incident.id in self.visits for one in self.records if one.told]
        return sum(told) / len(told)


def month(seed: int = 1, *, answers: float = 0.8, asked: float = 0.5, sure: float = 0.68) -> Month:
    """Visits and wind; people answer a share of alerts and of what nobody was told of."""
    rng = random.Random(seed)  # noqa: S311 - a made-up month, and always the same
    made = Month([], set())
    for day in range(30):
        for camera in CAMERAS:
            for _ in range(rng.randint(0, 3)):
                hour = min(23.9, max(0.0, rng.gauss(14, 4)))
                person = min(0.97, max(0.02, rng.gauss(sure, 0.17)))
                at = SINCE + timedelta(days=day, hours=hour)
                one = _answered(rng, at, camera, person, answers, asked, truth=True)
                made.visits.add(one.incident.id)
                made.records.append(one)
            for _ in range(rng.randint(0, 4)):
                at = SINCE + timedelta(days=day, hours=rng.uniform(0, 23.9))
                person = min(0.8, max(0.01, rng.gauss(0.17, 0.14)))
                made.records.append(_answered(rng, at, camera, person, answers, asked, truth=False))
        for _ in range(2):
            at = SINCE + timedelta(days=day, hours=rng.uniform(0, 23.9))
            made.records.append(record(at, person=0.0, quiet=True, said=False, drawn=0.004))
    return made


def _answered(
    rng: random.Random,
    at: datetime,
    camera: str,
    person: float,
    answers: float,
    asked: float,
    *,
    truth: bool,
) -> Record:
    share = 0.9 if rng.random() < 0.3 else 0.3
    if person >= LIMIT:
        said = truth if rng.random() < answers else None
        return record(at, camera, person=person, said=said, share_most=share)
    if rng.random() < asked:
        return record(at, camera, person=person, said=truth, drawn=asked, share_most=share)
    return record(at, camera, person=person, share_most=share)


def with_pictures(records: Iterable[Record], folder: Path, picture: Path) -> Iterator[Record]:
    """Give each tagged incident an example with a real picture."""
    content = picture.read_bytes()
    box = Box(0.62, 0.25, 0.72, 0.62)
    for number, one in enumerate(records):
        if one.tag is None or one.quiet:
            yield one
            continue
        found = Detection("person", round(one.person, 2), box)
        made = example(
            folder, number % 300, one.tag.answer, id=one.incident.id, tags=(one.tag,),
            numbers=replace(one.numbers, detections=(found,)),
        )  # fmt: skip
        (folder / made.picture).write_bytes(content)
        yield replace(one, example=made)
