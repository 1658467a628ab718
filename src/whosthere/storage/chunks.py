"""The numbers of many sightings of one camera in few bytes.

Most frames show nothing. Of such a quiet stretch only the times are kept for each frame, and
brightness and noise for all of it together; where it gets brighter or darker, another begins. Every
other frame keeps all that gates look at, to the last digit, so that a replay decides the same.

A chunk is one byte that names the format and then zlib of: the number of frames and the least
offset; three columns of whole numbers, with bytes of equal weight together, which packs well; and
JSON of the stretches. The columns are the sequence and the clock in milliseconds, each less the one
before, and the offset of the wall clock from that clock in microseconds, less the least one.
"""

import json
import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from whosthere.core.history import EPOCH, Heard, Place, Stretch
from whosthere.core.sighting import Box, Detection, Look, Motion, Scene, Sighting
from whosthere.storage.columns import Columns, from_columns, to_columns

FORMAT = 1
SHARES = 10_000  # shares are kept as whole numbers of this, where that is exact
MICROSECOND = timedelta(microseconds=1)
BRIGHTER = 1.0  # grey levels; cameras report brightness in larger steps, so lights follow exactly
NOWHERE = frozenset[str]()
SCENES = {str(scene): scene for scene in Scene}
LOOKS = {str(look): look for look in Look}
IDLE_LOOKS = (Look.NOT_NEEDED, Look.NO_DETECTOR)


class Numbered(NamedTuple):
    """A sighting with its place in the order in which the house heard."""

    sequence: int
    sighting: Sighting

    @property
    def camera(self) -> str:
        return self.sighting.camera

    @property
    def at(self) -> datetime:
        return self.sighting.at


@dataclass(frozen=True, slots=True)
class Spread:
    """A number over a stretch: least, mean and most."""

    least: float
    mean: float
    most: float


@dataclass(frozen=True, slots=True)
class QuietStretch:
    """Frames that showed nothing, one after the other."""

    frames: int
    look: Look
    brightness: Spread
    noise: Spread
    changed: Spread


def is_quiet(sighting: Sighting) -> bool:
    """Whether nothing in it could make a gate pass or fail other than by its time."""
    motion = sighting.motion
    return (
        motion.scene is Scene.STEADY
        and not motion.area
        and not (motion.boxes or motion.zones or sighting.detections)
        and sighting.look in IDLE_LOOKS
    )


def pack(frames: Sequence[Numbered]) -> bytes:
    """Write sightings of one camera, in their order."""
    sightings = [frame.sighting for frame in frames]
    head, columns = to_columns(
        [frame.sequence for frame in frames],
        [round(s.clock * 1000) for s in sightings],
        [(s.at - EPOCH) // MICROSECOND for s in sightings],
    )
    stretches = [_stretch(group) for group in _grouped(sightings)]
    inexact = {str(i): s.clock for i, s in enumerate(sightings) if round(s.clock, 3) != s.clock}
    text = json.dumps([stretches, inexact], separators=(",", ":")).encode()
    return bytes([FORMAT]) + zlib.compress(head + columns + text, 9)


def unpack(camera: str, chunk: bytes) -> Iterator[Numbered]:
    """Read what `pack` wrote. Raises ValueError if the chunk is damaged."""
    for heard in (one for part in unpack_parts(0, camera, chunk) for one in part):
        assert isinstance(heard.message, Sighting)  # noqa: S101 - nothing else is packed here
        yield Numbered(heard.place.sequence, heard.message)


def unpack_parts(run: int, camera: str, chunk: bytes) -> Iterator[Stretch | list[Heard]]:
    """The same with quiet stretches as they are, and lists of all between them."""
    columns, stretches, inexact = _open(chunk)
    sequences, _, walls = (column.tolist() for column in columns)
    clocks = (columns[1] / 1000).tolist()
    for index, clock in inexact.items():
        clocks[int(index)] = clock
    begin = 0
    for stretch in stretches:
        end = begin + (stretch[0] if _is_packed(stretch) else len(stretch))
        part = slice(begin, end)
        if _is_packed(stretch):
            like = _quiet(camera, stretch)
            yield Stretch(run, like, sequences[part], clocks[part], walls[part])
        else:
            yield [
                Heard(
                    Place(run, sequence),
                    Sighting(camera, EPOCH + timedelta(microseconds=wall), clock, *_busy(row)),
                )
                for sequence, clock, wall, row in zip(
                    sequences[part], clocks[part], walls[part], stretch, strict=True
                )
            ]
        begin = end


def quiet_stretches(chunk: bytes) -> list[QuietStretch]:
    """Return what is kept of the light while nothing happened."""
    _, stretches, _ = _open(chunk)
    return [
        QuietStretch(count, Look(look), *(Spread(*spread) for spread in spreads))
        for count, look, *spreads in (s for s in stretches if _is_packed(s))
    ]


def _open(chunk: bytes) -> tuple[Columns, list[Any], dict[str, float]]:
    if chunk[:1] != bytes([FORMAT]):
        raise ValueError(f"unknown format {chunk[:1]!r}")
    try:
        body = zlib.decompress(chunk[1:])
    except zlib.error as error:
        raise ValueError(str(error)) from error
    columns, end = from_columns(body)
    stretches, inexact = json.loads(body[end:])
    return columns, stretches, inexact


def _grouped(sightings: Iterable[Sighting]) -> Iterator[list[Sighting]]:
    """Put together what may stand in one stretch."""
    group: list[Sighting] = []
    kind = None
    for sighting in sightings:
        now = sighting.look if is_quiet(sighting) else None
        if group and not (now is kind and (now is None or _as_bright(group[0], sighting))):
            yield group
            group = []
        group.append(sighting)
        kind = now
    if group:
        yield group


def _as_bright(one: Sighting, other: Sighting) -> bool:
    return abs(one.motion.brightness - other.motion.brightness) < BRIGHTER


def _stretch(sightings: list[Sighting]) -> list[Any]:
    if not is_quiet(sightings[0]):
        return [_row(sighting) for sighting in sightings]
    motions = [sighting.motion for sighting in sightings]
    return [
        len(sightings),
        sightings[0].look,
        _spread([motion.brightness for motion in motions], 2),
        _spread([motion.noise for motion in motions], 2),
        _spread([motion.changed for motion in motions], 4),
    ]


def _is_packed(stretch: list[Any]) -> bool:
    return isinstance(stretch[0], int)


def _quiet(camera: str, stretch: list[Any]) -> Sighting:
    """What all frames of a quiet stretch are like."""
    _, look, brightness, noise, changed = stretch
    motion = Motion(Scene.STEADY, changed=changed[1], noise=noise[1], brightness=brightness[1])
    return Sighting(camera, EPOCH, 0.0, motion, Look(look))


def _spread(values: list[float], digits: int) -> list[float]:
    return [
        round(number, digits) for number in (min(values), sum(values) / len(values), max(values))
    ]


def _row(sighting: Sighting) -> list[Any]:
    motion = sighting.motion
    return [
        motion.scene,
        sighting.look,
        _share(motion.area),
        [_share(edge) for box in motion.boxes for edge in box],
        sorted(motion.zones),
        [_found(detection) for detection in sighting.detections],
        round(motion.changed, 4),
        round(motion.noise, 2),
        round(motion.brightness, 2),
    ]


def _found(detection: Detection) -> list[Any]:
    return [
        detection.label,
        _share(detection.confidence),
        [_share(edge) for edge in detection.box],
        int(detection.moving),
        sorted(detection.zones),
    ]


def _busy(row: list[Any]) -> tuple[Motion, Look, tuple[Detection, ...]]:
    scene, look, area, edges, zones, found, changed, noise, brightness = row
    boxes = tuple([_box(edges[i : i + 4]) for i in range(0, len(edges), 4)])
    motion = Motion(
        SCENES[scene], _from_share(area), boxes, changed, noise, brightness, _places(zones)
    )
    detections = [
        Detection(label, _from_share(confidence), _box(box), bool(moving), _places(places))
        for label, confidence, box, moving, places in found
    ]
    return motion, LOOKS[look], tuple(detections)


def _places(names: list[str]) -> frozenset[str]:
    return frozenset(names) if names else NOWHERE


def _box(edges: list[float]) -> Box:
    return Box._make([edge / SHARES if isinstance(edge, int) else edge for edge in edges])


def _share(number: float) -> int | float:
    """Keep a share as a whole number if that loses nothing."""
    if not math.isfinite(number):
        return float(number)
    whole = round(number * SHARES)
    return whole if whole / SHARES == number else float(number)


def _from_share(kept: float) -> float:
    return kept / SHARES if isinstance(kept, int) else kept
