"""The App Home: the dashboard of the house in Slack, up to date while somebody looks at it.

Slack says when somebody opens it, and not when they leave. So it is kept up to date for an hour
after each opening, and only published when it shows something new.
"""

import asyncio
import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from whosthere.core.overview import CameraView, IncidentView, Overview, Overviewing, PartView
from whosthere.core.people import Switch
from whosthere.core.requests import Role
from whosthere.messaging.slack import home_presence, wording
from whosthere.messaging.slack.connection import Line
from whosthere.messaging.slack.threads import Threads
from whosthere.messaging.slack.troubles import SlackErrors, code_of
from whosthere.messaging.slack.wording import Block, button, context, escaped, header, section
from whosthere.messaging.wording import lasting

OPEN_SECONDS, LOOK_SECONDS, NOTICE_SECONDS = 3600.0, 10.0, 30.0
LIVE_SECONDS = 10.0
MOST_INCIDENTS, MOST_CAMERAS = 5, 12
DIVIDER: Block = {"type": "divider"}

log = logging.getLogger(__name__)

MODE_BUTTONS = {
    "home_away": ("Arm: away", "arm away"),
    "home_night": ("Arm: night", "arm night"),
    "home_home": ("At home", "arm home"),
    "home_snooze": ("Snooze 30 min", "snooze 30m"),
}
ICONS = {"off": "⚪", "home": "🏠", "away": "🔒", "night": "🌙"}
SWITCH = "home_switch_"
SWITCHES: Mapping[str, tuple[str, Callable[[Overview], bool]]] = {  # as requests name them
    "notifications": ("Notifications", lambda seen: seen.notifies),
    "auto_detect": (
        "Arm by who is home",
        lambda seen: Switch.AUTO_DETECT in seen.controls.switches,
    ),
    "save_images": (
        "Keep pictures to learn",
        lambda seen: Switch.SAVE_IMAGES in seen.controls.switches,
    ),
    "gpio": ("Motion sensors", lambda seen: Switch.MOTION_SENSORS in seen.controls.switches),
}
REQUESTS = {action: request for action, (_, request) in MODE_BUTTONS.items()} | {
    f"{SWITCH}{word}_{turn}": f"{word} {turn}" for word in SWITCHES for turn in ("on", "off")
}
REQUESTS |= {"home_off": "disarm", **home_presence.REQUESTS}


@dataclass(slots=True)
class Home:
    """Publishes the dashboard to those who have it open."""

    line: Line
    house: Overviewing
    threads: Threads
    zone: tzinfo | None = None
    look_seconds: float = LOOK_SECONDS
    _open: dict[str, float] = field(default_factory=dict)  # user → since when
    _shown: dict[str, str] = field(default_factory=dict)  # user → what
    _notices: dict[str, tuple[str, float]] = field(default_factory=dict)  # user → what, since
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
        if notice:
            self._notices[user] = notice, time.monotonic()
        await self._publish(user, await self._look())

    async def refresh(self) -> None:
        """Publish to all who may still look, where something is new."""
        now = time.monotonic()
        self._open = {u: at for u, at in self._open.items() if now - at < OPEN_SECONDS}
        if self._open:
            overview = await self._look()
            for user in list(self._open):
                await self._publish(user, overview)

    def note_picture(self, camera: str, file_id: str, at: datetime) -> None:
        """From now on show this picture of a camera; empty: none."""
        if file_id:
            self._pictures[camera] = file_id, at
        else:
            self._pictures.pop(camera, None)

    async def _look(self) -> Overview:
        return await self.threads.do("slack overview", self.house.overview)

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

    async def _publish(self, user: str, overview: Overview) -> None:
        may_change = self.line.settings.role_of(user) >= Role.ADMIN
        pictures = self._pictures
        notice, since = self._notices.get(user, ("", 0.0))
        if notice and time.monotonic() - since > NOTICE_SECONDS:
            del self._notices[user]
            notice = ""
        view = home_view(overview, pictures, self.zone, may_change=may_change, notice=notice)
        shown = hashlib.sha256(json.dumps(view).encode()).hexdigest()
        if self._shown.get(user) == shown:
            return
        self._shown[user] = shown
        try:
            await self.line.patient.views_publish(user_id=user, view=view)
        except SlackErrors as error:
            self._shown.pop(user, None)
            if not pictures or code_of(error) not in {"invalid_blocks", "invalid_arguments"}:
                raise
            self._pictures = {}  # one of them was deleted
            await self._publish(user, overview)


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
    urgent = home_presence.urgent_blocks(overview, zone, may_change=may_change)
    blocks += urgent
    if may_change:
        buttons = [button(text, action) for action, (text, _) in MODE_BUTTONS.items()]
        if "home_disarm_now" not in str(urgent):  # one that stands above already is enough
            buttons.append(wording.disarm_button("home_off"))
        blocks.append({"type": "actions", "block_id": "home_mode", "elements": buttons})
    people = home_presence.people_blocks(overview, zone)
    if people:
        blocks += [DIVIDER, header("Who is home"), *people]
    blocks += [DIVIDER, header("Cameras")]
    for camera in overview.cameras[:MOST_CAMERAS]:
        blocks.append(_camera(camera, pictures.get(camera.name), zone))
    if len(overview.cameras) > MOST_CAMERAS:
        blocks.append(context(f"and {len(overview.cameras) - MOST_CAMERAS} more"))
    blocks += [DIVIDER, header("Last incidents"), section(_incidents(overview.incidents, zone))]
    blocks += [DIVIDER, header("Health"), section(_health(overview.troubles))]
    blocks += [DIVIDER, header("Switches"), *_switches(overview, may_change=may_change)]
    return {"type": "home", "blocks": blocks[: wording.VIEW_BLOCKS]}


def _top(overview: Overview, zone: tzinfo | None, notice: str) -> list[Block]:
    state = overview.arm_state
    blocks = [header(f"{ICONS.get(state.mode, '•')} {overview.house}: {state.mode}")]
    if notice:
        blocks.append(section(f"➜ {escaped(notice)}"))
    until = f" until {wording.moment(state.until, zone, seconds=False)}" if state.until else ""
    since = wording.moment(state.since, zone, seconds=False)
    lines = [f"*{escaped(state.mode)}*{until} · {escaped(state.reason)}, {since}"]
    lines += [f"• {escaped(line)}" for line in state.evidence]
    lines += _exceptions(overview, zone)
    if not overview.people:  # else they have a part of their own
        lines.append(f"*Home:* {escaped(overview.presence)}")
    blocks.append(section("\n".join(lines)))
    return blocks


def _exceptions(overview: Overview, zone: tzinfo | None) -> Iterable[str]:
    """Snoozes and silence, as long as they hold; those of single cameras stand with them."""
    controls = overview.controls
    if not overview.notifies:
        end = controls.quiet_until
        until = f" until {wording.moment(end, zone, seconds=False)}" if end else ""
        yield f"🔕 Notifications are off{until}"
    if controls.snoozed is not None and controls.snoozed > overview.at:
        yield f"💤 Snoozed until {wording.moment(controls.snoozed, zone, seconds=False)}"


def _camera(camera: CameraView, shown: tuple[str, datetime] | None, zone: tzinfo | None) -> Block:
    lines = [f"{'🔴' if camera.trouble else '🟢'} *{escaped(camera.name)}*", _state(camera)]
    if camera.own_mode:
        lines.append(f"Its own mode: {escaped(camera.arm_state.mode)}")
    if camera.snoozed_until is not None:
        lines.append(f"💤 until {wording.moment(camera.snoozed_until, zone, seconds=False)}")
    at = shown[1] if shown else camera.picture_at
    if at is not None:
        lines.append(f"Last picture: {wording.moment(at, zone)}")
    text = "\n".join(lines)
    if shown is None:
        return section(text)
    return section(text, accessory=wording.image(shown[0], f"last picture of {camera.name}"))


def _state(camera: CameraView) -> str:
    """Say how a camera is, roughly: the view must not be another one each second."""
    if camera.trouble:
        return escaped(camera.trouble)
    if camera.over:
        return "its film is over"
    if camera.age_seconds is None:
        return "no picture yet"
    return (
        "live"
        if camera.age_seconds < LIVE_SECONDS
        else f"last seen {lasting(camera.age_seconds)} ago"
    )


def _incidents(incidents: Sequence[IncidentView], zone: tzinfo | None) -> str:
    lines = []
    for view in incidents[:MOST_INCIDENTS]:
        one = view.incident
        best = max(one.labels.items(), key=lambda label: label[1], default=None)
        what = f"{best[0]} {round(100 * best[1])} %" if best else "something moved"
        said = f" · _{escaped(view.tag.answer)}, says {escaped(view.tag.by)}_" if view.tag else ""
        told = " · 🔔" if one.alert_id else ""
        now = "" if one.ended else " · _going on_"
        at = wording.moment(one.started, zone)
        lines.append(f"{at} · *{escaped(one.camera)}* · {escaped(what)}{now}{told}{said}")
    return "\n".join(lines) or "Nothing happened lately."


def _health(troubles: Sequence[PartView]) -> str:
    lines = [f"🔴 *{escaped(one.name)}*: {escaped(one.trouble)}" for one in troubles]
    return "\n".join(lines) or "🟢 All is well."


def _switches(overview: Overview, *, may_change: bool) -> list[Block]:
    blocks = []
    for word, (name, is_on) in SWITCHES.items():
        on = is_on(overview)
        turn = "off" if on else "on"
        text = f"*{name}*: {'on' if on else 'off'}"
        more = {"accessory": button(f"Turn {turn}", f"{SWITCH}{word}_{turn}")} if may_change else {}
        blocks.append(section(text, **more))
    return blocks


def refusing_view(text: str) -> Block:
    """What somebody sees who is not in the settings."""
    return {"type": "home", "blocks": [section(text)]}
