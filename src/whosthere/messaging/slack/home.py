"""The App Home: the dashboard of the house in Slack, up to date while somebody looks at it.

Slack says when somebody opens it, and not when they leave. So it is kept up to date for an hour
after each opening, and only published when it shows something new.
"""

import asyncio
import hashlib
import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from whosthere.core.requests import Role
from whosthere.messaging.slack import wording
from whosthere.messaging.slack.connection import Line
from whosthere.messaging.slack.overview import CameraLine, IncidentLine, Look, Overview
from whosthere.messaging.slack.threads import Threads
from whosthere.messaging.slack.troubles import SlackErrors, code_of
from whosthere.messaging.slack.wording import Block, button, context, escaped, header, section

OPEN_SECONDS, LOOK_SECONDS = 3600.0, 10.0
MOST_INCIDENTS, MOST_CAMERAS = 5, 12
DIVIDER: Block = {"type": "divider"}

log = logging.getLogger(__name__)

MODE_BUTTONS = {
    "home_away": ("Arm: away", "arm away"),
    "home_night": ("Arm: night", "arm night"),
    "home_home": ("At home", "arm home"),
    "home_off": ("Disarm", "disarm"),
    "home_snooze": ("Snooze 30 min", "snooze 30m"),
}
ICONS = {"off": "⚪", "home": "🏠", "away": "🔒", "night": "🌙"}
SWITCH = "home_switch_"


@dataclass(slots=True)
class Home:
    """Publishes the dashboard to those who have it open."""

    line: Line
    look: Look
    threads: Threads
    zone: tzinfo | None = None
    look_seconds: float = LOOK_SECONDS
    _open: dict[str, float] = field(default_factory=dict)  # user → since when
    _shown: dict[str, str] = field(default_factory=dict)  # user → what
    _actions: dict[str, str] = field(default_factory=dict)  # action → request
    _pictures: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    _watching: bool = False

    async def opened(self, user: str) -> None:
        self._open[user] = time.monotonic()
        self._shown.pop(user, None)
        await self.publish(user)
        if not self._watching:
            self._watching = True
            self.line.aside(self._watch(), "the App Home")

    async def publish(self, user: str, notice: str = "") -> None:
        overview = await self.threads.do("slack overview", self.look)
        await self._publish(user, overview, notice)

    async def refresh(self) -> None:
        """Publish to all who may still look, where something is new."""
        now = time.monotonic()
        self._open = {u: at for u, at in self._open.items() if now - at < OPEN_SECONDS}
        if self._open:
            overview = await self.threads.do("slack overview", self.look)
            for user in list(self._open):
                await self._publish(user, overview)

    def note_picture(self, camera: str, file_id: str, at: datetime) -> None:
        """From now on show this picture of a camera; empty: none."""
        if file_id:
            self._pictures[camera] = file_id, at
        else:
            self._pictures.pop(camera, None)

    def request_of(self, action: str) -> str | None:
        """What a button of the dashboard asks for."""
        if action in MODE_BUTTONS:
            return MODE_BUTTONS[action][1]
        return self._actions.get(action)

    async def _watch(self) -> None:
        try:
            while self._open:
                await asyncio.sleep(self.look_seconds)
                try:
                    await self.refresh()
                except SlackErrors as error:
                    log.debug("slack: the App Home waits: %s", code_of(error))
        finally:
            self._watching = False

    async def _publish(self, user: str, overview: Overview, notice: str = "") -> None:
        may_change = self.line.settings.role_of(user) >= Role.ADMIN
        self._actions = switch_requests(overview)
        pictures = self._pictures
        view = home_view(overview, pictures, self.zone, may_change=may_change, notice=notice)
        shown = hashlib.sha256(json.dumps(view).encode()).hexdigest()
        if self._shown.get(user) == shown:
            return
        try:
            await self.line.patient.views_publish(user_id=user, view=view)
        except SlackErrors as error:
            if not pictures or code_of(error) not in {"invalid_blocks", "invalid_arguments"}:
                raise
            self._pictures = {}  # one of them was deleted
            await self._publish(user, overview, notice)
            return
        self._shown[user] = shown


def switch_requests(overview: Overview) -> dict[str, str]:
    """What the buttons of the switches ask for; an old button means what it says."""
    return {
        f"{SWITCH}{number}_{word}": request
        for number, switch in enumerate(overview.switches)
        for word, request in (("on", switch.turn_on), ("off", switch.turn_off))
    }


def home_view(
    overview: Overview,
    pictures: Mapping[str, tuple[str, datetime]],
    zone: tzinfo | None,
    *,
    may_change: bool,
    notice: str = "",
) -> Block:
    """Lay out the dashboard."""
    blocks = [*_top(overview, zone, notice)]
    if may_change:
        buttons = [button(text, action) for action, (text, _) in MODE_BUTTONS.items()]
        blocks.append({"type": "actions", "block_id": "home_mode", "elements": buttons})
    blocks += [DIVIDER, header("Cameras")]
    for camera in overview.cameras[:MOST_CAMERAS]:
        blocks.append(_camera(camera, pictures.get(camera.name), zone))
    if len(overview.cameras) > MOST_CAMERAS:
        blocks.append(context(f"and {len(overview.cameras) - MOST_CAMERAS} more"))
    blocks += [DIVIDER, header("Last incidents"), *_incidents(overview.incidents, zone)]
    blocks += [DIVIDER, header("Health"), section(_health(overview.troubles))]
    if overview.switches:
        blocks += [DIVIDER, header("Switches"), *_switches(overview, may_change=may_change)]
    return {"type": "home", "blocks": blocks[: wording.VIEW_BLOCKS]}


def _top(overview: Overview, zone: tzinfo | None, notice: str) -> list[Block]:
    icon = ICONS.get(overview.mode, "•")
    until = f" until {wording.moment(overview.until, zone)}" if overview.until else ""
    since = wording.moment(overview.since, zone, seconds=False)
    blocks = [header(f"{icon} {overview.house}: {overview.mode}")]
    if notice:
        blocks.append(section(f"➜ {escaped(notice)}"))
    blocks.append(
        section(f"*{escaped(overview.mode)}*{until} · {escaped(overview.reason)}, {since}")
    )
    lines = [escaped(one) for one in overview.exceptions]
    if overview.at_home:
        lines.append(f"*Home:* {escaped(overview.at_home)}")
    if lines:
        blocks.append(section("\n".join(lines)))
    return blocks


def _camera(camera: CameraLine, shown: tuple[str, datetime] | None, zone: tzinfo | None) -> Block:
    mark = "🟢" if camera.well else "🔴"
    text = f"{mark} *{escaped(camera.name)}*\n{escaped(camera.state)}"
    if shown is None:
        return section(text)
    file_id, at = shown
    text += f"\nLast picture: {wording.moment(at, zone)}"
    return section(text, accessory=wording.image(file_id, f"last picture of {camera.name}"))


def _incidents(incidents: Sequence[IncidentLine], zone: tzinfo | None) -> list[Block]:
    if not incidents:
        return [section("Nothing happened lately.")]
    lines = [
        f"{wording.moment(one.at, zone)} · *{escaped(one.camera)}* · {escaped(one.what)}"
        + (f" · _{escaped(one.answer)}_" if one.answer else "")
        for one in incidents[:MOST_INCIDENTS]
    ]
    return [section("\n".join(lines))]


def _health(troubles: Sequence[str]) -> str:
    return "\n".join(f"🔴 {escaped(one)}" for one in troubles) or "🟢 All is well."


def _switches(overview: Overview, *, may_change: bool) -> list[Block]:
    blocks = []
    for number, switch in enumerate(overview.switches):
        text = f"*{escaped(switch.name)}*: {'on' if switch.on else 'off'}"
        if may_change:
            word = "off" if switch.on else "on"
            turn = button(f"Turn {word}", f"{SWITCH}{number}_{word}")
            blocks.append(section(text, accessory=turn))
        else:
            blocks.append(section(text))
    return blocks


def refusing_view(text: str) -> Block:
    """What somebody sees who is not in the settings."""
    return {"type": "home", "blocks": [section(text)]}
