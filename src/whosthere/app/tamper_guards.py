"""Watches each camera for tampering, and tells the house, with a picture."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from whosthere.core.errors import StoreTrouble
from whosthere.core.messages import Message, Tampered
from whosthere.core.sighting import Frame, Motion, Scene
from whosthere.vision.tamper import Tampering, TamperWatch

log = logging.getLogger(__name__)


@dataclass(slots=True)
class TamperGuard:
    """Guards one camera. `see` is for its thread, `accept` for all others."""

    put: Callable[[Message], None]
    picture: Callable[[Frame], str]  # raises StoreTrouble
    _watch: TamperWatch = field(default_factory=TamperWatch)
    _told: Tampering | None = None
    _accepted: bool = False

    def see(self, frame: Frame, motion: Motion) -> None:
        if motion.scene is Scene.TURNING or self._accepted:  # what comes next is as it should be
            self._accepted = False
            self._watch.accept()
            if self._told is None:
                return
        found = self._watch(frame)
        if (found is None) == (self._told is None):
            return
        self._told = found
        file = None
        if found is not None:
            log.warning("%s: the camera is %s", frame.camera, found)
            with suppress(StoreTrouble):
                file = self.picture(frame)
        else:
            log.info("%s: the camera sees as before", frame.camera)
        self.put(Tampered(frame.camera, found, frame.at, round(frame.clock, 3), file))

    @property
    def can_judge(self) -> bool:
        """Whether the view shows enough for tampering to be noticed."""
        return self._watch.can_judge

    def accept(self) -> None:
        """A person says that what it sees now is right."""
        self._accepted = True


@dataclass(slots=True)
class TamperGuards:
    """One guard for each camera that has one."""

    put: Callable[[Message], None]
    picture: Callable[[Frame], str]
    guards: dict[str, TamperGuard]

    def add(self, camera: str, *, wanted: bool) -> Callable[[Frame, Motion], None]:
        """Return who is to see each of its frames."""
        if not wanted:
            return _nobody
        guard = self.guards[camera] = TamperGuard(self.put, self.picture)
        return guard.see


def _nobody(_frame: Frame, _motion: Motion) -> None:
    pass
