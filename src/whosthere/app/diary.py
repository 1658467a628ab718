"""What happened, in short sentences: for the log, and for the live view."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from whosthere.core.messages import CameraBack, CameraLost, Kept, Message
from whosthere.core.model import CameraState, Decision, Evidence, House, Incident, Verdict
from whosthere.core.modes import Controls, Mode
from whosthere.core.sighting import PERSON, Scene, Sighting


class Weight(Enum):
    """How much a line matters."""

    NOTE = "note"
    TROUBLE = "trouble"
    ALERT = "alert"


class Line(NamedTuple):
    """One thing that happened."""

    at: datetime
    where: str
    text: str
    weight: Weight = Weight.NOTE


SCENES = {
    Scene.LEARNING: "learns what the scene looks like",
    Scene.STEADY: "the picture is steady",
    Scene.LIGHT_CHANGE: "the light changes; that is no visitor",
    Scene.SHAKING: "the camera shakes; that is no visitor",
    Scene.TURNING: "the camera is turned; that is no visitor",
}


@dataclass(slots=True)
class Diary:
    """Compares the house before and after each message."""

    _scenes: dict[str, Scene] = field(default_factory=dict)
    _pictured: dict[str, str] = field(default_factory=dict)  # by camera, the last incident shown

    def lines(self, before: House, message: Message, after: House) -> list[Line]:
        return list(self._lines(before, message, after))

    def _lines(self, before: House, message: Message, after: House) -> Iterator[Line]:
        mode = after.arm_state
        if mode != before.arm_state:
            yield Line(mode.since, "house", f"mode {mode.mode}: {mode.reason}")
        was, now = before.controls, after.controls
        if was != now and now.since is not None:
            for text in _set(was, now):
                yield Line(now.since, "house", text)
        match message:
            case Sighting():
                yield from self._scene(message)
            case CameraLost():
                yield Line(message.at, message.camera, f"lost: {message.why}", Weight.TROUBLE)
            case CameraBack():
                yield Line(message.at, message.camera, "shows pictures again")
            case Kept():
                yield from self._kept(message, self._last(after, message.incident.camera))
            case _:
                pass
        for name, state in after.cameras.items():
            yield from _camera(name, before.camera(name), state, after.arm_state.mode, message)

    def _scene(self, sighting: Sighting) -> Iterator[Line]:
        scene = sighting.motion.scene
        if self._scenes.get(sighting.camera) is not scene:
            self._scenes[sighting.camera] = scene
            yield Line(sighting.at, sighting.camera, SCENES[scene])

    def _kept(self, kept: Kept, last: datetime | None) -> Iterator[Line]:
        camera, incident = kept.incident.camera, kept.incident.id
        again = kept.picture is not None and self._pictured.get(camera) == incident
        if kept.picture is not None:
            self._pictured[camera] = incident
        files = {"picture": kept.picture, "clip": kept.recording, "preview": kept.preview}
        for what, file in files.items():
            if file is not None and not again:  # a better picture takes the place of the first
                yield Line(last or kept.incident.last_seen, camera, f"kept the {what}: {file}")

    def _last(self, house: House, camera: str) -> datetime | None:
        decision = house.camera(camera).decision
        return decision.at if decision else None


def _set(was: Controls, now: Controls) -> Iterator[str]:
    """What people set, or what is over."""
    if was.notifications != now.notifications:
        yield f"notifications {'on' if now.notifications else 'off'}"
    if was.snoozed != now.snoozed:
        yield "all cameras are snoozed" if now.snoozed else "the snooze of all cameras is over"
    for name in sorted({*was.snoozed_cameras, *now.snoozed_cameras}):
        if was.snoozed_cameras.get(name) != now.snoozed_cameras.get(name):
            yield f"{name} is snoozed" if name in now.snoozed_cameras else f"{name} is awake again"
    for name in sorted({*was.modes, *now.modes}):
        if was.modes.get(name) != now.modes.get(name):
            own = now.modes.get(name)
            yield f"{name}: mode {own.mode}: {own.reason}" if own else f"{name}: mode as the house"
    for switch in sorted(was.switches ^ now.switches):
        yield f"{switch} {'on' if switch in now.switches else 'off'}"


def _camera(
    name: str, before: CameraState, after: CameraState, mode: Mode, message: Message
) -> Iterator[Line]:
    was, now = before.incident, after.incident
    if was is not None and (now is None or now.id != was.id):
        yield Line(getattr(message, "at", was.last_seen), name, _over(was))
    if now is not None and (was is None or now.id != was.id):
        yield Line(now.started, name, "something moves: an incident begins")
    if isinstance(message, Sighting) and message.camera == name and now is not None:
        yield from _told(name, now, after.decision, mode)


def _told(name: str, incident: Incident, decision: Decision | None, mode: Mode) -> Iterator[Line]:
    if decision is None:
        return
    who = "motion that nobody could judge"
    if incident.evidence is Evidence.PERSON:
        who = f"a person, {100 * incident.labels.get(PERSON, 0.0):.0f} % sure"
    match decision.verdict:
        case Verdict.ALERT:
            yield Line(decision.at, name, f"ALERT: {who}; mode {mode}", Weight.ALERT)
        case Verdict.JOINED:
            yield Line(decision.at, name, f"{who}: joins the alert before", Weight.ALERT)
        case _:
            pass


def _over(incident: Incident) -> str:
    seconds = (incident.last_seen - incident.first_motion).total_seconds()
    found = ", ".join(
        f"{label} {100 * confidence:.0f} %"
        for label, confidence in sorted(incident.labels.items(), key=lambda item: -item[1])
    )
    told = "" if incident.alert_id else "; nobody was told"
    return f"quiet again after {seconds:.0f} s: {found or 'nothing recognised'}{told}"
