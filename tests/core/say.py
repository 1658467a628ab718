"""Short ways to say what was seen, and to let the house hear it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from whosthere.core.decide import decide
from whosthere.core.messages import Action, Message, Notify, Remember
from whosthere.core.model import Alert, House, Incident
from whosthere.core.modes import ArmState, Mode
from whosthere.core.policy import CameraPolicy, Policy
from whosthere.core.sighting import WHOLE, Detection, Look, Motion, Scene, Sighting

EVENING = datetime(2026, 1, 1, 22, 0, tzinfo=UTC)
STEP = 0.2  # s between frames


def at(seconds: float) -> datetime:
    return EVENING + timedelta(seconds=seconds)


def house(mode: Mode = Mode.AWAY) -> House:
    return House(ArmState(mode, EVENING, "test"))


def policy(**numbers: object) -> Policy:
    return Policy(default=CameraPolicy(**numbers))


def sighting(  # noqa: PLR0913 - a frame has that many sides, and tests name only some
    seconds: float,
    *,
    area: float = 0.0,
    person: float | None = None,
    scene: Scene = Scene.STEADY,
    look: Look | None = None,
    camera: str = "front",
    zones: Iterable[str] = (),
    moving: bool = True,
    label: str = "person",
) -> Sighting:
    """A frame; `person` is the detector's confidence, None that it did not look."""
    found = (
        (Detection(label, person, WHOLE, moving=moving, zones=frozenset(zones)),) if person else ()
    )
    looked = look or (Look.NOT_NEEDED if person is None else Look.DONE)
    motion = Motion(scene, area, (WHOLE,) if area else (), zones=frozenset(zones))
    return Sighting(camera, at(seconds), seconds, motion, looked, found)


def stretch(start: float, end: float, **what: object) -> list[Sighting]:
    """Frames from `start` up to `end`, all alike."""
    count = round((end - start) / STEP)
    return [sighting(round(start + n * STEP, 3), **what) for n in range(count)]


def hear(messages: Iterable[Message], start: House, rules: Policy) -> tuple[House, list[Action]]:
    """The house after these messages, and all actions that they led to."""
    done: list[Action] = []
    for message in messages:
        start, actions = decide(start, message, rules)
        done += actions
    return start, done


def alerts(actions: Iterable[Action]) -> list[Alert]:
    return [action.alert for action in actions if isinstance(action, Notify)]


def incidents(actions: Iterable[Action]) -> list[Incident]:
    """Each incident as it was remembered last, in order of their beginning."""
    remembered = {
        action.what.id: action.what
        for action in actions
        if isinstance(action, Remember) and isinstance(action.what, Incident)
    }
    return list(remembered.values())
