"""How each part and the machine are, with value, limit and since when; and blind spots."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from whosthere.app.answers.choose import camera_of
from whosthere.app.answers.house import Parts
from whosthere.app.answers.line import Line
from whosthere.app.answers.machine import machine
from whosthere.app.health import PartState
from whosthere.core.blind_spots import in_lines
from whosthere.core.messages import Tampered
from whosthere.core.people import AuditEntry
from whosthere.core.requests import Reply, Request
from whosthere.core.spans import span
from whosthere.storage.outages import Outages

BUSY = "The house is busy and has not taken that yet; it will."
UNGUARDED = "its view shows too little to notice tampering"
DAY = timedelta(days=1)
MOST_SPOTS = 5
MEASURED = {"temperature", "disk"}  # by `machine` too
OF_MACHINE = {"power", "clock of the machine", *MEASURED}


def health(parts: Parts, line: Line, request: Request) -> Reply:
    """What is wrong comes first, then what was measured, then what runs."""
    del line, request
    ill = list(_ill(parts))
    cameras = list(_cameras(parts))
    wrong = len(ill) + sum(one.startswith("✗") for one in cameras)
    title = f"*{wrong} in trouble*" if wrong else "*All is well.*"
    readings = [
        f"✓ {one.part}: {one.value}{f' (limit {one.limit})' if one.limit else ''}"
        for one in parts.readings()
        if not one.trouble
    ]
    shown = {*parts.cameras, *(one.part for one in parts.readings())}
    states = [one for one in parts.health.parts() if one.ok and one.name not in shown]
    running = ", ".join(one.name for one in states if not one.ended)
    over = ", ".join(one.name for one in states if one.ended)
    lines = [title, *ill, *cameras, *readings, *_undelivered(parts)]
    lines += [f"✓ running: {running}"] if running else []
    lines += [f"• over: {over}"] if over else []
    return Reply("\n".join([*lines, *_blind(parts)]))


def _ill(parts: Parts) -> Iterator[str]:
    values = {one.part: one for one in parts.readings()}
    for part in parts.health.parts():
        if not part.ok and part.name not in parts.cameras:
            reading = values.get(part.name)
            limit = f" (limit {reading.limit})" if reading and reading.limit else ""
            yield f"✗ {part.name}: {_why(part)}{limit}{_since(parts, part)}"


def _why(part: PartState) -> str:
    return " ".join(part.why.split()).rstrip(".")


def _since(parts: Parts, part: PartState) -> str:
    if part.since is None:
        return ""
    seconds = (parts.now() - part.since).total_seconds()
    lasted = f" ({span(seconds)})" if seconds >= 1 else ""
    return f"; since {parts.moments().at(part.since)}{lasted}"


def _cameras(parts: Parts) -> Iterator[str]:
    for name in parts.cameras:
        state, house = parts.health.of(name), parts.house().camera(name)
        age = parts.frames.age(name)
        if house.lost is not None:
            why = _why(state) or house.lost.detail.rstrip(".")
            yield f"✗ camera {name}: lost since {parts.moments().at(house.lost.at)}: {why}"
        elif house.tampered is not None:
            at = parts.moments().at(house.tampered.at)
            yield f"✗ camera {name}: {house.tampered.detail} since {at}"
        elif not state.ok:
            yield f"✗ camera {name}: {_why(state)}{_since(parts, state)}"
        elif state.ended:
            yield f"• camera {name}: its film is over"
        else:
            shown = "no picture yet" if age is None else f"newest picture {age:.1f} s old"
            unguarded = "" if parts.guarded(name) else f"; {UNGUARDED}"
            yield f"✓ camera {name}: {shown}{unguarded}"


def _undelivered(parts: Parts) -> Iterator[str]:
    for state, messenger, number, why in parts.store.undelivered():
        yield f"• {number} {state} at {messenger}{f': {why}' if why else ''}"


def _blind(parts: Parts) -> Iterator[str]:
    lines = blind_lines(parts)
    if lines:
        yield "*Blind spots of the last day*"
        yield from (f"• {line}" for line in lines)


def top(parts: Parts, line: Line, request: Request) -> Reply:
    del line, request
    readings = [one for one in parts.readings() if one.part in OF_MACHINE]
    wrong = [f"✗ {one.part}: {one.trouble}" for one in readings if one.trouble]
    well = [one for one in readings if not one.trouble]
    more = [
        f"{one.part}: {one.value}"
        for one in well
        if one.part not in MEASURED or "full in" in one.value
    ]
    return Reply("\n".join([*wrong, machine(parts.files.folder), *more]))


def blind_lines(
    parts: Parts,
    since: datetime | None = None,
    until: datetime | None = None,
    camera: str | None = None,
) -> list[str]:
    """For `status` and `incidents`: when nothing could be seen, of the last day if not said."""
    now = parts.now()
    found = Outages(parts.store.database).read(since or now - DAY, camera)
    spots = [one for one in found if until is None or one.since < until]
    return in_lines(spots, now, parts.moments().at)[-MOST_SPOTS:]


def camera_ok(parts: Parts, line: Line, request: Request) -> Reply:
    """A person says that what a camera sees now is right."""
    camera, by = camera_of(parts, line, request), request.asker
    parts.accept_view(camera)
    told = parts.house().camera(camera).tampered
    said = f"{by.name} says that the view is right"
    if told is not None and not parts.tell(
        Tampered(camera, None, request.at, parts.frames.clock(), why=said)
    ):
        return Reply(BUSY)
    parts.store.remember([AuditEntry(request.at, by.name, by.origin, f"view of {camera} is right")])
    return Reply(
        f"*{camera}*: what it sees now counts as right, and is learnt anew. Masks and zones stay"
        " where they were in the picture: see whether they still fit."
    )
