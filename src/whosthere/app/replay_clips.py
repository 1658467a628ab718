"""Recorded clips of incidents through other eyes: motion settings, masks, detector, model.

Numbers of the past cannot tell what other settings would have seen, but clips can, as far as they
go. A clip begins some seconds before its incident, so the scene is learned anew in each. Where the
settings in use no longer decide on a clip as was decided live, the clip proves nothing about others
and is left out.
"""

import tomllib
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from rich.console import Console
from rich.progress import track

from whosthere.app.scanner import Recording, Scanner
from whosthere.app.settings import Settings
from whosthere.app.settings_text import sentences
from whosthere.core.errors import BadSettings, CameraTrouble
from whosthere.core.model import Answer, Evidence, Incident
from whosthere.core.modes import Mode
from whosthere.core.policy import CameraPolicy, Policy
from whosthere.learning.compare import Compared, Report


@dataclass(frozen=True, slots=True)
class Seen:
    """What clips told, and how many could not."""

    reports: tuple[Report, ...]
    without_clip: int
    unclear: int  # the settings in use do not decide on these as was decided live

    @property
    def told(self) -> str:
        """What this cannot know, in words."""
        lines = ["Only what is on clips was seen again: what no incident was made of was not."]
        if self.without_clip:
            lines.append(
                f"Without a clip, and so not seen: {_many(self.without_clip, 'incident')}."
            )
        if self.unclear:
            lines.append(
                f"Left out: {_many(self.unclear, 'clip')}, since what was decided live does not"
                " come of playing them again even with the settings in use (another mode, a"
                " cooldown, or their few seconds before the incident)."
            )
        return " ".join(lines)


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def with_eyes(settings: Settings, motion: Sequence[str], detector: Sequence[str]) -> Settings:
    """The settings with other motion settings for all cameras, and another detector."""
    cameras = {
        name: section.model_copy(update={"motion": _changed("--motion", section.motion, motion)})
        for name, section in settings.cameras.items()
    }
    finder = _changed("--detector", settings.detector, detector)
    return settings.model_copy(update={"cameras": cameras, "detector": finder})


def _changed(option: str, section: BaseModel, wishes: Iterable[str]) -> BaseModel:
    changes = dict(_read(option, wish) for wish in wishes)
    given = {name: getattr(section, name) for name in section.model_fields_set}
    try:
        return type(section).model_validate({**given, **changes})
    except ValidationError as error:
        said = "\n".join(f"  {line}" for line in sentences(error, type(section)))
        raise BadSettings(f"{option} cannot be used:\n{said}") from None


def _read(option: str, wish: str) -> tuple[str, Any]:
    name, equals, value = wish.partition("=")
    if not equals:
        raise BadSettings(f"{option} {wish}: write NAME=VALUE, as in least_contrast=12.")
    try:
        return name.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:  # a path or a word, without quotes as on a command line
        return name.strip(), value


def from_clips(
    settings: Settings,
    eyes: Settings,
    policies: tuple[Policy, Policy],
    incidents: Sequence[Incident],
    answers: dict[str, Answer],
) -> Seen:
    """Play the clips of incidents again, by the rules and with the eyes in use, and by others."""
    folder = settings.storage.folder
    known = [one for one in incidents if one.evidence is not Evidence.QUIET]
    clips = [one for one in known if one.recording and (folder / one.recording).is_file()]
    compared: dict[str, list[Compared]] = {}
    unclear = 0
    for one in track(clips, "playing clips", console=Console(stderr=True), transient=True):
        then = one.alerted_at is not None
        now = _told(eyes, policies[1], one)
        if now is not then and _told(settings, policies[0], one) is not then:
            unclear += 1
            continue
        answer = answers.get(one.id)
        compared.setdefault(one.camera, []).append(Compared(one, answer, then, now, "sight"))
    reports = tuple(
        Report(name, tuple(some), sum(one.then for one in some), sum(one.now for one in some))
        for name, some in sorted(compared.items())
    )
    return Seen(reports, len(known) - len(clips), unclear)


def _told(settings: Settings, policy: Policy, incident: Incident) -> bool:
    """Whether people are told when this clip is played."""
    assert incident.recording is not None  # noqa: S101 - only these are played
    section = settings.cameras[incident.camera]
    numbers = policy.of(incident.camera)
    rules = type(section.rules)(
        **{one.name: getattr(numbers, one.name) for one in fields(CameraPolicy)}
    )
    path = settings.storage.folder / incident.recording
    recording = Recording(path, incident.camera, incident.first_motion, None)
    scanner = Scanner(
        Path(),
        settings,
        section.model_copy(update={"rules": rules}),
        mode=Mode.AWAY,
        with_detector=settings.detector.on,
        keep_files=False,
    )
    try:
        with closing(scanner):
            found = scanner.incidents(recording, lambda _: None)
    except CameraTrouble:
        return incident.alerted_at is not None  # it cannot be played: nothing is known
    return any(one.alert_at is not None for one in found)
