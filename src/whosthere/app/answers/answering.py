"""The one place where all requests are understood, allowed or refused, and answered."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeAlias

from whosthere.app.answers import change, devices, health, look, policy, turning, why
from whosthere.app.answers.choose import Unclear, example_of
from whosthere.app.answers.grammar import parse
from whosthere.app.answers.house import Parts
from whosthere.app.answers.line import Context, Line, Misunderstood
from whosthere.app.answers.overview import Glance
from whosthere.app.answers.turning import presets_of
from whosthere.app.logs import without_secrets
from whosthere.core.commands import Command, Takes
from whosthere.core.errors import StoreTrouble, WhosThereError
from whosthere.core.overview import Overview
from whosthere.core.people import AuditEntry, Reaction
from whosthere.core.requests import Asker, Reply, Request, Role

log = logging.getLogger(__name__)

Answer: TypeAlias = Callable[[Parts, Line, Request], Reply]

ANSWERS: Mapping[str, Answer] = {
    "help": look.help_,
    "status": look.status,
    "cameras": look.cameras,
    "snapshot": look.snapshot,
    "clip": look.clip,
    "last_image": look.last_image,
    "incidents": look.incidents,
    "why": why.why,
    "who": look.who,
    "seen": change.seen,
    "health": health.health,
    "top": health.top,
    "camera_ok": health.camera_ok,
    "current_position": turning.current_position,
    "presets": turning.presets,
    "tag": change.tag,
    "log": look.log,
    "arm": change.arm,
    "disarm": change.disarm,
    "stay_off": change.stay_off,
    "arm_now": change.arm_now,
    "snooze": change.snooze,
    "notifications": change.notifications,
    "auto_detect": change.auto_detect,
    "save_images": change.save_images,
    "gpio": devices.gpio,
    "light": devices.light,
    "siren": devices.siren,
    "devices": devices.devices,
    "rotate": turning.rotate,
    "patrol": turning.patrol,
    "walk_test": change.walk_test,
    "policy": policy.policy,
    "init": change.init,
}
SHOWN = 60  # characters of what was asked, where it is repeated
ROLES = {Role.VIEWER: "viewers", Role.TAGGER: "taggers", Role.ADMIN: "admins"}


@dataclass(frozen=True, slots=True)
class Answers:
    """Fulfils `core.requests.Answering` and `core.overview.Overviewing`."""

    parts: Parts

    def overview(self) -> Overview:
        return Glance(self.parts).overview()

    def answer(self, request: Request) -> Reply:
        """Do what is asked, if it is understood and allowed."""
        request = replace(request, asker=_plain(request.asker))
        try:
            return self._answer(request)
        except Unclear as unclear:
            return Reply(f"{unclear} Example: `{unclear.example}`", refused=True)
        except WhosThereError as trouble:
            return Reply(without_secrets(str(trouble)), refused=True)

    def _answer(self, request: Request) -> Reply:
        if request.asker.role is Role.NOBODY:
            return self._refused(request, "You may not ask this house anything.")
        parts = self.parts
        context = Context(
            parts.cameras, parts.now(), parts.zone, presets_of(parts), tuple(parts.lights)
        )
        line = parse(request.text, context)
        if isinstance(line, Misunderstood):
            return Reply(_explained(line, context), refused=True)
        if request.asker.role < line.command.role:
            return self._refused(request, _not_for(line.command))
        if request.alert_id is not None:  # whoever asks about an alert has seen it
            what = f"asked {line.command.name}"
            by = request.asker
            parts.tell(Reaction(request.alert_id, by.name, request.at, what, by.origin))
        return ANSWERS[line.command.name](parts, line, request)

    def _refused(self, request: Request, why_not: str) -> Reply:
        by, asked = request.asker, shown(request.text)
        log.warning("refused to %s (%s, %s): %s", by.name, by.role.name.lower(), by.origin, asked)
        entry = AuditEntry(request.at, by.name, by.origin, f"asked `{asked}`", done=False)
        with suppress(StoreTrouble):  # it waits in memory then
            self.parts.store.remember([entry])
        return Reply(f"Sorry, {by.name}. {why_not}", refused=True)


def _not_for(command: Command) -> str:
    return f"Only {ROLES[command.role]} may ask `{command.name}`."


def _explained(wrong: Misunderstood, context: Context) -> str:
    said = [wrong.why]
    if wrong.meant is not None:
        said.append(f"Did you mean `{shown(wrong.meant)}`?")
    if wrong.command is not None:
        example = example_of(wrong.command, context.cameras)
        said.append(f"It is `{wrong.command.usage}`, for example `{example}`.")
        if wrong.meant is None:
            said += _names(wrong.command, context)
    elif wrong.meant is None:
        said.append("An example is `status`, and `help` tells all that can be asked.")
    return " ".join(said)


def _names(command: Command, context: Context) -> Iterator[str]:
    """What there is of all that may be named."""
    things = (
        (Takes.CAMERA, "Cameras", context.cameras),
        (Takes.ANGLES, "Presets", sorted(context.presets)),
        (Takes.LIGHT, "Lights", context.lights),
    )
    for takes, what, names in things:
        if takes in command.takes and names:
            yield f"{what} are {', '.join(names)}."


def shown(text: str) -> str:
    """What somebody wrote, short and on one line, so that it can be repeated."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).replace("`", "'").split())
    return plain if len(plain) <= SHOWN else f"{plain[: SHOWN - 1]}…"


def _plain(asker: Asker) -> Asker:
    return replace(asker, name=shown(asker.name) or "somebody", origin=shown(asker.origin))
