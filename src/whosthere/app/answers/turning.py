"""Answers about cameras that can be turned."""

from collections.abc import Iterable

from whosthere.app.answers.choose import Unclear, alert_of
from whosthere.app.answers.house import Parts
from whosthere.app.answers.line import Line
from whosthere.app.answers.look import picture_of
from whosthere.core.pan_tilt import HOME, Position, Turnable
from whosthere.core.people import AuditEntry
from whosthere.core.requests import Reply, Request

NOTHING_TURNS = "No camera here can be turned: no pan/tilt is configured."


def rotate(parts: Parts, line: Line, request: Request) -> Reply:
    """Turn it, and show what it sees there."""
    camera, one = _chosen(parts, line, request)
    if one is None:
        return Reply(_cannot(parts, camera), refused=bool(parts.turnables))
    to = line.preset or Position(*(line.angles or (0.0, 0.0)))
    at = one.turn(to)
    place = one.place()
    named = f" ('{place}')" if place else ""
    _written_down(parts, request, f"turned {camera} to {at}{named}")
    shown = picture_of(parts, camera, slack=0.0)
    seen = shown.text.removeprefix(f"*{camera}*, ")  # it is named already
    seen = f"{seen[:1].upper()}{seen[1:]}"
    return Reply(f"*{camera}* looks at {at}{named}. {seen}", shown.file, shown.alt)


def current_position(parts: Parts, line: Line, request: Request) -> Reply:
    camera, one = _chosen(parts, line, request)
    if one is None:
        return Reply(_cannot(parts, camera), refused=bool(parts.turnables))
    place = one.place()
    named = f" ('{place}')" if place else ""
    patrols = " It is on patrol." if one.patrolling else ""
    return Reply(f"*{camera}* looks at {one.position()}{named}.{patrols}")


def presets(parts: Parts, line: Line, request: Request) -> Reply:
    camera, one = _chosen(parts, line, request)
    if one is None:
        return Reply(_cannot(parts, camera), refused=bool(parts.turnables))
    now = one.place()
    lines = [
        f"• `{name}`: {where}{' ← it looks there' if name == now else ''}"
        for name, where in one.presets
    ]
    title = f"*{camera}* can look at these places, for example by `rotate {one.presets[0][0]}`:"
    return Reply("\n".join([title, *lines]))


def patrol(parts: Parts, line: Line, request: Request) -> Reply:
    camera, one = _chosen(parts, line, request)
    if one is None:
        return Reply(_cannot(parts, camera), refused=bool(parts.turnables))
    one.patrol(on=bool(line.on))
    said = "on" if line.on else "off"
    _written_down(parts, request, f"patrol of {camera} {said}")
    return Reply(f"The patrol of {camera} is *{said}*, until somebody changes that or a restart.")


def presets_of(parts: Parts) -> frozenset[str]:
    """Names of places, of all cameras that turn."""
    return frozenset({HOME, *(name for one in parts.turnables.values() for name, _ in one.presets)})


def _chosen(parts: Parts, line: Line, request: Request) -> tuple[str, Turnable | None]:
    """The camera that is named, or that of the alert, or the only one that turns."""
    names = tuple(parts.turnables)
    alert = alert_of(parts, request)
    if line.camera is not None:
        camera = line.camera
    elif alert is not None and alert.camera in parts.turnables:
        camera = alert.camera
    elif len(names) > 1:
        owners = [name for name in names if line.preset in _names(parts.turnables[name].presets)]
        if len(owners) != 1:
            there = owners or names
            raise Unclear(f"Which camera? There are {', '.join(there)}.", _said(line, there[0]))
        camera = owners[0]
    else:
        camera = names[0] if names else ""
    return camera, parts.turnables.get(camera)


def _said(line: Line, camera: str) -> str:
    """What was asked, of one camera."""
    if line.angles is not None:
        words = [f"{angle:g}" for angle in line.angles]
    elif line.on is not None:
        words = ["on" if line.on else "off"]
    else:
        words = [line.preset] if line.preset else []
    return " ".join([line.command.name, *words, camera])


def _names(presets: Iterable[tuple[str, str]]) -> set[str]:
    return {name for name, _ in presets}


def _cannot(parts: Parts, camera: str) -> str:
    if not parts.turnables:
        return NOTHING_TURNS
    return f"{camera} cannot be turned. What can is {', '.join(parts.turnables)}."


def _written_down(parts: Parts, request: Request, what: str) -> None:
    by = request.asker
    parts.store.remember([AuditEntry(request.at, by.name, by.origin, what)])
