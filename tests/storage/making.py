"""Short ways to say what is remembered, and random ones for properties."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from whosthere.core.model import Alert, AlertKind, Decision, Evidence, Gate, Incident, News, Verdict
from whosthere.core.sighting import (
    Box,
    Detection,
    Look,
    Motion,
    Scene,
    Sighting,
    rounded_clock,
    rounded_share,
)

EVENING = datetime(2026, 1, 1, 22, 0, tzinfo=UTC)


def seconds(n: float) -> datetime:
    return EVENING + timedelta(seconds=n)


def incident(number: int = 1, **more: Any) -> Incident:
    values: dict[str, Any] = {
        "id": f"incident-{number}",
        "camera": "front",
        "first_motion": seconds(number),
        "started": seconds(number + 0.5),
        "started_clock": 10.125,
        "last_seen": seconds(number + 4),
        "last_seen_clock": 13.625,
    }
    return Incident(**values | more)


def full_incident() -> Incident:
    gates = (
        Gate("armed", "away", "home or away", passed=True),
        Gate("area", 0.0123, 0.002, passed=True),
        Gate("person", 0.1 + 0.2, 0.45, passed=False),
    )
    return incident(
        7,
        labels={"person": 0.9, "dog": 0.1 + 0.2},
        area=0.0123,
        zones=frozenset({"path", "Gärten"}),
        best_score=0.75,
        alert_id="alert-7",
        alerted_at=seconds(9),
        evidence=Evidence.PERSON,
        decision=Decision("front", seconds(9), 12.5, Verdict.ALERT, gates),
        ended=seconds(12),
        picture="2026/01/best.jpg",
        picture_with_boxes="2026/01/boxes.jpg",
        recording="2026/01/clip.mp4",
        preview="2026/01/preview.gif",
    )


def alert(number: int = 1, revision: int = 1, **more: Any) -> Alert:
    values: dict[str, Any] = {
        "id": f"alert-{number}",
        "revision": revision,
        "news": News.FIRST if revision == 1 else News.PICTURE,
        "kind": AlertKind.PERSON,
        "camera": "front",
        "at": seconds(number),
        "confidence": 0.9,
        "labels": {"person": 0.9},
        "incident_ids": (f"incident-{number}",),
    }
    return Alert(**values | more)


def quiet(clock: float, camera: str = "front", **more: Any) -> Sighting:
    values: dict[str, Any] = {"motion": Motion(Scene.STEADY), "look": Look.NOT_NEEDED}
    return Sighting(camera, seconds(clock), rounded_clock(clock), **values | more)


def busy(clock: float, camera: str = "front", x: float = 0.1) -> Sighting:
    box = Box(rounded_share(x), 0.2, rounded_share(x * x), 0.9)
    return quiet(
        clock,
        camera,
        motion=Motion(Scene.STEADY, 0.0625, (box,), zones=frozenset({"path"})),
        look=Look.DONE,
        detections=(Detection("person", 0.8125, box, zones=frozenset({"path"})),),
    )


names = st.sampled_from(["front", "garden", "Gärten 2", "shed/back"])
shares = st.floats(0, 1).map(rounded_share)
boxes = st.builds(Box, shares, shares, shares, shares)
zones = st.frozensets(names, max_size=2)
moments = st.datetimes(
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001 - hypothesis wants them without a zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
motions = st.builds(
    Motion,
    scene=st.sampled_from(Scene),
    area=shares | st.just(0.0),
    boxes=st.lists(boxes, max_size=3).map(tuple),
    changed=shares,
    noise=st.floats(0, 50).map(lambda n: round(n, 2)),
    brightness=st.floats(0, 255).map(lambda n: round(n, 2)),
    zones=zones,
)
detections = st.builds(
    Detection,
    label=st.sampled_from(["person", "dog", "car"]),
    confidence=shares,
    box=boxes,
    moving=st.booleans(),
    zones=zones,
)
clocks = st.floats(0, 1e7).map(rounded_clock)
quiet_sightings = st.builds(
    Sighting,
    camera=names,
    at=moments,
    clock=clocks,
    motion=st.just(Motion(Scene.STEADY)),
    look=st.sampled_from([Look.NOT_NEEDED, Look.NO_DETECTOR]),
)
seen_sightings = st.builds(
    Sighting,
    camera=names,
    at=moments,
    clock=clocks,
    motion=motions,
    look=st.sampled_from(Look),
    detections=st.lists(detections, max_size=3).map(tuple),
)
sightings = quiet_sightings | seen_sightings
busy_sightings = st.builds(
    lambda one, scene: replace(one, motion=replace(one.motion, scene=scene)),
    seen_sightings,
    st.sampled_from([scene for scene in Scene if scene is not Scene.STEADY]),
)
