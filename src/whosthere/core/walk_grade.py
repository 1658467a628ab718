"""What a walk test says of a camera: a grade, and what to do about it."""

from collections.abc import Iterator
from enum import StrEnum
from statistics import median
from typing import NamedTuple

from whosthere.core.model import Gate
from whosthere.core.sighting import Scene
from whosthere.core.walk_test import Track, Walk

FAST = 3.0  # seconds from the first sign until people are told
SLOW = 6.0
ENOUGH = 0.6  # share of walks that must be told for "fair"
DARK = 40.0  # mean brightness, 0 to 255
NOISY = 5.0  # grey levels
SMALL = 0.10  # share of the picture's height below which people are hard to recognise
STEEP = 0.9  # width by height of people, seen from above
UNSTEADY = 0.1  # share of pictures in which the camera shakes, or the light changes
LEARNS = 0.5  # share of pictures that went into learning the scene
SHARE_OF_RATE = 0.6
LATE = 2.0  # seconds from a picture to its decision
CLOSE = 1.25  # a margin below this is a narrow one
BRIEF = 2.0  # seconds
MOST_ADVICE = 6


class Grade(StrEnum):
    """How well a camera would have told of those walks."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"
    BLIND = "blind"  # nothing was seen


class Verdict(NamedTuple):
    """What is told of one camera."""

    grade: Grade
    why: str
    advice: tuple[str, ...]


def judged(track: Track, shape: float = 16 / 9) -> Verdict:
    """Grade a camera; `shape` is the width of its picture by its height."""
    grade, why = _grade(track)
    return Verdict(grade, why, tuple(_advice(track, shape))[:MOST_ADVICE])


def _grade(track: Track) -> tuple[Grade, str]:
    walks = track.all_walks
    if not track.frames:
        return Grade.BLIND, "it gave no picture"
    if not walks:
        return Grade.BLIND, "it saw nobody"
    told = [walk for walk in walks if walk.alert is not None]
    count = f"{len(told)} of {len(walks)} walks would be told"
    if not told:
        return Grade.POOR, count
    waits = [walk.after(walk.alert) or 0.0 for walk in told]
    usual = median(waits)
    why = f"{count}, after {usual:.1f} s"
    sure = min(walk.surest for walk in walks) >= CLOSE * track.rules.person_confidence
    if len(told) == len(walks) and usual <= FAST and max(waits) <= SLOW and sure:
        return Grade.GOOD, why
    if len(told) >= ENOUGH * len(walks) and usual <= SLOW:
        return Grade.FAIR, why
    return Grade.POOR, why


def _advice(track: Track, shape: float) -> Iterator[str]:
    """What could be better, the most important first."""
    if not track.frames:
        yield "`whosthere check` says what is wrong with it."
        return
    yield from _of_people(track, shape)
    yield from _of_picture(track)
    yield from _of_places(track)
    yield from _of_speed(track)
    if track.held_by is not None:
        yield f"Nobody would be told now: {_gate_words(track.held_by)}."


def _of_people(track: Track, shape: float) -> Iterator[str]:
    walks, rules = track.all_walks, track.rules
    if not walks:
        yield f"Did somebody walk through its picture, for some seconds?{_overlooked(track)}"
        return
    missed = [walk for walk in walks if walk.alert is None]
    heights = [spot.box.height for walk in missed or walks for spot in walk.path]
    size = median(heights)
    if missed and size < SMALL:
        yield (
            f"Who walked was only {_percent(size)} of the picture high: bring the camera nearer, or"
            " use its zoom."
        )
    lasted = median(walk.last - walk.began for walk in missed) if missed else BRIEF
    if lasted < BRIEF:
        yield (
            f"Who walked was seen for only {lasted:.1f} s: a view along the way shows people for"
            " longer than one across it."
        )
    elif missed and not any(walk.surest for walk in missed) and size >= SMALL:
        yield (
            "Nobody was recognised in some walks: look at the picture of the path. Is somebody"
            " hidden there, cut off, or without contrast?"
        )
    if _is_steep(walks, shape):
        yield "People are seen from above. Lower the camera, or tilt it up."
    worst = min(walk.surest for walk in walks)
    if 0 < worst < rules.person_confidence * CLOSE:
        yield (
            f"The least sure walk was {_percent(worst)} sure, and person_confidence is"
            f" {_percent(rules.person_confidence)}: light, or a nearer camera, makes it surer."
        )
    smallest = min(walk.area for walk in walks)
    if 0 < smallest < rules.least_area * CLOSE:
        yield (
            f"The smallest walk moved {100 * smallest:.2f} % of the picture, and least_area is"
            f" {100 * rules.least_area:.2f} %: a smaller one would do here."
        )


def _overlooked(track: Track) -> str:
    """What moved and did not count."""
    longest = track.longest
    if longest is None:
        return ""
    lasted, area = longest.last - longest.began, longest.area
    said = f" Something moved {_times(track.flickers)}, for up to {lasted:.1f} s"
    if area >= track.rules.least_area:
        return f"{said}: too short to count."
    return (
        f"{said}, and covered {100 * area:.2f} % of the picture; least_area is"
        f" {100 * track.rules.least_area:.2f} %. Nearer, or with a smaller least_area, it counts."
    )


def _of_picture(track: Track) -> Iterator[str]:
    if track.brightness < DARK:
        yield (
            f"The picture is dark ({track.brightness:.0f} of 255). Add light, or let it be exposed"
            " for longer."
        )
    if track.noise > NOISY:
        yield f"The picture is noisy ({track.noise:.0f} grey levels). More light helps most."
    if track.share(Scene.SHAKING) > UNSTEADY:
        share = track.share(Scene.SHAKING)
        yield f"The camera shook for {_percent(share)} of the time. Fix it better."
    if track.share(Scene.LIGHT_CHANGE) > UNSTEADY:
        share = track.share(Scene.LIGHT_CHANGE)
        yield f"The light changed for {_percent(share)} of the time. Fix the exposure if you can."
    if track.share(Scene.LEARNING) > LEARNS:
        yield "It still learned what the scene looks like. Test again, with some seconds of quiet."


def _of_places(track: Track) -> Iterator[str]:
    walks = track.all_walks
    moved = frozenset[str]().union(*(walk.zones | walk.person_zones for walk in walks))
    people = frozenset[str]().union(*(walk.person_zones for walk in walks))
    for zone in sorted(track.zones - moved):
        yield f"Nothing moved in zone {zone}. If you walked there, it is blind: check its outline."
    for zone in sorted((track.zones & moved) - people):
        yield f"In zone {zone} something moved, but nobody was recognised."
    agreed = frozenset[str]().union(*(walk.sensors.keys() for walk in walks))
    for sensor in sorted(track.sensors - track.spoke.keys()):
        yield f"Motion sensor {sensor} said nothing."
    for sensor in sorted((track.sensors & track.spoke.keys()) - agreed):
        yield f"Motion sensor {sensor} saw something only while the camera saw nothing."


def _of_speed(track: Track) -> Iterator[str]:
    rate = track.rate
    if rate is not None and rate < SHARE_OF_RATE * track.asked_rate:
        yield (
            f"Only {rate:.1f} pictures a second were analysed, and {track.asked_rate:g} are asked"
            " for. Is the machine or the network busy?"
        )
    if track.slowest is not None and track.slowest > LATE:
        yield f"A decision came up to {track.slowest:.1f} s after its picture: the machine is busy."
    if track.failed_looks:
        yield f"The detector failed {_times(track.failed_looks)}; the log says why."


def _is_steep(walks: tuple[Walk, ...], shape: float) -> bool:
    boxes = [spot.box for walk in walks for spot in walk.path if spot.person]
    whole = [box for box in boxes if box.bottom < 0.98 and box.height]  # noqa: PLR2004 - not cut off
    if len(whole) < 3:  # noqa: PLR2004 - too few to say
        return False
    return median(box.width * shape / box.height for box in whole) > STEEP


def _gate_words(gate: Gate) -> str:
    match gate.name:
        case "armed":
            return f"the mode is {gate.value}"
        case "snooze":
            return "alerts are snoozed"
        case _:
            return f"{gate.name} are {gate.value}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
