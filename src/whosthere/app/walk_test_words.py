"""A walk test in words: each walk in a line, and a report that fits on one screen."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo

from whosthere.core.model import Gate
from whosthere.core.walk_grade import Grade, Verdict
from whosthere.core.walk_test import Track, Walk

MOST_WALKS = 12  # lines, in all
GATES = {
    "warm": "it still learns the scene",
    "light change": "the whole picture changes",
    "area": "what moves is too small",
    "occupied": "it does not last",
    "person": "nobody is recognised",
    "likely": "all numbers together make a visit unlikely",
    "zone": "it is outside the zones",
    "sensor": "the motion sensor does not agree",
}
SHARES = frozenset({"area", "occupied", "person", "likely"})
SIGNS = {Grade.GOOD: "✓", Grade.FAIR: "~", Grade.POOR: "✗", Grade.BLIND: "✗"}


def walk_line(walk: Walk, zone: tzinfo | None) -> str:
    """One walk: how fast each thing was noticed, and what would keep it from people."""
    mark = "✓" if walk.alert is not None else "✗"
    at = f"{walk.at.astimezone(zone):%H:%M:%S}"
    return f"{mark} {walk.number:>2}  {at}  {' · '.join(_noticed(walk))}"


def gate_words(gate: Gate) -> str:
    """Why a gate is shut, with its value and limit."""
    why = GATES.get(gate.name, f"the gate '{gate.name}' is shut")
    if gate.name in SHARES and isinstance(gate.value, float) and isinstance(gate.limit, float):
        return f"{why} ({_percent(gate.value)}, needs {_percent(gate.limit)})"
    if gate.name == "zone":
        return f"{why} ({gate.value or 'in none'}, needs {gate.limit})"
    return why


def is_well(words: str) -> bool:
    """Whether a report has no camera that is poor or blind."""
    return not any(line.startswith(SIGNS[Grade.POOR]) for line in words.splitlines())


def steps(tracks: Sequence[Track], zone: tzinfo | None) -> str:
    """What was seen so far, the newest last."""
    lines = [
        f"{_named(track, tracks)}{walk_line(walk, zone)}"
        for track, walk in _newest(tracks, MOST_WALKS)
    ]
    quiet = "Nothing moved yet. Walk through the picture, stop, leave it, and come again."
    return "\n".join(lines) or quiet


def report(
    tracks: Sequence[Track],
    verdicts: Mapping[str, Verdict],
    zone: tzinfo | None,
    *,
    why_over: str = "",
) -> str:
    """The end: for each camera its grade, its walks and what to do."""
    parts = [f"*Walk test*{f': {why_over}' if why_over else ''}"]
    room = max(2, MOST_WALKS // max(1, len(tracks)))
    for track in tracks:
        parts += _of_camera(track, verdicts[track.camera], zone, room)
    return "\n".join(parts)


def _of_camera(track: Track, verdict: Verdict, zone: tzinfo | None, room: int) -> Iterator[str]:
    yield f"{SIGNS[verdict.grade]} *{track.camera}: {verdict.grade}* ({verdict.why})"
    walks = track.all_walks
    if len(walks) > room:
        yield f"  … {len(walks) - room} before"
    for walk in walks[-room:]:
        yield f"  {walk_line(walk, zone)}"
    for advice in verdict.advice:
        yield f"  → {advice}"


def _noticed(walk: Walk) -> Iterator[str]:
    counted, person, alert = (walk.after(at) for at in (walk.counted, walk.person, walk.alert))
    yield "motion too short to count" if counted is None else f"motion {counted:.1f} s"
    sure = f"{100 * walk.surest:.0f} %"
    if person is not None:
        yield f"person {person:.1f} s ({sure})"
    elif walk.surest:
        yield f"perhaps a person ({sure})"
    if alert is not None:
        yield f"alert {alert:.1f} s{' (unclassified)' * walk.is_unclassified}"
    elif walk.stopped_by is not None:
        yield f"no alert: {gate_words(walk.stopped_by)}"
    zones = sorted(walk.zones | walk.person_zones)
    if zones:
        yield f"in {', '.join(zones)}"
    for sensor, clock in sorted(walk.sensors.items(), key=lambda one: one[1]):
        yield f"{sensor} {walk.after(clock):.1f} s"


def _newest(tracks: Sequence[Track], most: int) -> list[tuple[Track, Walk]]:
    walks = [(track, walk) for track in tracks for walk in track.all_walks]
    return sorted(walks, key=lambda one: one[1].at)[-most:]


def _named(track: Track, tracks: Sequence[Track]) -> str:
    if len(tracks) == 1:
        return ""
    width = max(len(one.camera) for one in tracks)
    return f"{track.camera:<{width}}  "


def _percent(value: float) -> str:
    share = 100 * value
    return f"{share:.0f} %" if share >= 10 or not share else f"{share:.1f} %"  # noqa: PLR2004 - two digits
