"""Alerts in words, the same for all messengers."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from whosthere.core.model import WALK_TEST, Alert, AlertKind, News
from whosthere.core.modes import Mode
from whosthere.core.ports import Delivery
from whosthere.messaging import trouble_wording

DATE_AFTER = 12 * 3600.0  # seconds; older than this, the time of day alone would mislead


@dataclass(frozen=True, slots=True)
class Words:
    """What is told."""

    title: str  # a few words, as for a phone's lock screen
    line: str  # one whole line
    late: str  # "delivered 42 s late", or nothing


def words(delivery: Delivery, late_seconds: float = 0.0, zone: tzinfo | None = None) -> Words:
    """Say an alert in plain words, with times in the reader's zone (the system's if None)."""
    alert = delivery.alert
    clock = _Clock(zone, with_date=late_seconds > DATE_AFTER)
    late = f"delivered {lasting(late_seconds)} late" if late_seconds > 0 else ""
    title, more = _told(alert, delivery.raised, clock)
    line = f"{title}, {clock(alert.at)}"
    if more:
        line += f" ({more})"
    if late:
        line += f", {late}"
    return Words(title, line, late)


@dataclass(frozen=True, slots=True)
class _Clock:
    """Writes moments as people read them."""

    zone: tzinfo | None
    with_date: bool

    def __call__(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):{'%Y-%m-%d ' if self.with_date else ''}%H:%M:%S}"


def _told(alert: Alert, raised: datetime | None, clock: _Clock) -> tuple[str, str]:
    """What happened, and what is to be said of it."""
    match alert.kind:
        case AlertKind.CAMERA_LOST:
            return f"Camera {alert.camera} is lost", alert.detail
        case AlertKind.CAMERA_BACK if raised is not None and raised < alert.at:
            away = lasting((alert.at - raised).total_seconds())
            return f"Camera {alert.camera} is back after {away}", ""
        case AlertKind.CAMERA_BACK:
            return f"Camera {alert.camera} is back", alert.detail
        case AlertKind.QUIET if alert.news is News.PICTURE:
            return f"Picture of {alert.camera}, to learn from", ""
        case AlertKind.QUIET if alert.detail:
            return f"Was anybody at {alert.camera}?", f"asked because {alert.detail}"
        case AlertKind.QUIET:
            return f"A quiet picture of {alert.camera}", "is anybody there? The answer teaches"
        case AlertKind.PERSON | AlertKind.UNCLASSIFIED:
            title, more = _told_of_incident(alert, raised, clock)
            return f"{'Walk test: ' * (WALK_TEST in alert.labels)}{title}", more
        case _:
            return _told_of_house(alert, raised, clock)


def _told_of_house(alert: Alert, raised: datetime | None, clock: _Clock) -> tuple[str, str]:
    """What the house does by itself."""
    match alert.kind:
        case AlertKind.ARMING:
            return _told_of_arming(alert, clock)
        case AlertKind.DISARMED:
            reason, rest = _split(alert)
            mode = "" if alert.mode is Mode.OFF else f", mode {alert.mode}"
            return f"Disarmed{mode}: {reason}" if reason else f"Disarmed{mode}", rest
        case AlertKind.STILL_ARMED | AlertKind.PRESENCE_LOST:
            armed = alert.kind is AlertKind.STILL_ARMED
            title = f"Still armed, mode {alert.mode}" if armed else "Trouble with presence"
            return title, _in_one(alert)
        case AlertKind.ENTRY:
            return _told_of_entry(alert, clock)
        case AlertKind.PROPOSAL:
            return _told_of_proposal(alert)
        case AlertKind.SIREN:
            return _told_of_siren(alert, clock)
        case kind if kind in trouble_wording.KINDS:
            since = (alert.at - raised).total_seconds() if raised is not None else 0.0
            return trouble_wording.told(alert, lasting(since) if since > 0 else "")
        case _:
            away = (alert.at - raised).total_seconds() if raised is not None else 0.0
            return f"Presence works again{f' after {lasting(away)}' if away > 0 else ''}", ""


def _told_of_arming(alert: Alert, clock: _Clock) -> tuple[str, str]:
    """The house arms by itself. The first line of the detail says why, the others by what."""
    match alert.news:
        case News.STOPPED:
            reason, rest = _split(alert)
            return f"Not armed: {reason}" if reason else "Not armed", rest
        case News.FIRST | News.ANEW if alert.due is not None:
            return f"Mode {alert.mode} at {clock(alert.due)}", _in_one(alert)
        case _:
            return f"Armed, mode {alert.mode}", _in_one(alert)


def _told_of_proposal(alert: Alert) -> tuple[str, str]:
    if alert.news is News.FIRST:
        return "Proposal for better alerts", _in_one(alert)
    first, rest = _split(alert)
    return first, rest


def _told_of_siren(alert: Alert, clock: _Clock) -> tuple[str, str]:
    why = f": {alert.detail}" if alert.detail else ""
    if alert.due is None:
        return f"Siren off{why}", ""
    return f"Siren on{why}", f"until {clock(alert.due)} at the latest"


def _told_of_entry(alert: Alert, clock: _Clock) -> tuple[str, str]:
    match alert.news:
        case News.STOPPED:
            return f"Disarmed in time at {alert.camera}", _in_one(alert)
        case News.OVER:
            return f"Nobody disarmed in time at {alert.camera}", "an alert follows"
        case _:
            before = f"disarm before {clock(alert.due)}" if alert.due else "disarm now"
            return f"Somebody at {alert.camera}: {before}", _in_one(alert)


def _split(alert: Alert) -> tuple[str, str]:
    """The first line of the detail, and the others in one."""
    first, *others = alert.detail.splitlines() or [""]
    return first, "; ".join(others)


def _in_one(alert: Alert) -> str:
    return "; ".join(alert.detail.splitlines())


def _told_of_incident(alert: Alert, raised: datetime | None, clock: _Clock) -> tuple[str, str]:
    first = f"alert of {clock(raised)}" if raised else "earlier alert"
    match alert.news:
        case News.FIRST if alert.kind is AlertKind.PERSON:
            return f"Person at {alert.camera}", _sure(alert)
        case News.FIRST:
            why = alert.detail or "no detector could judge it"
            return f"Something moved at {alert.camera}", f"unclassified: {why}"
        case News.ANOTHER_VISIT:
            return f"Another visit at {alert.camera}", f"joined to the {first}"
        case News.RECOGNISED:
            sure = _sure(alert)
            return f"It is a person at {alert.camera}", f"{sure}; {first}" if sure else first
        case News.PICTURE:
            return f"Picture of {_who(alert)} at {alert.camera}", ""
        case News.CLIP:
            return f"Clip of {_who(alert)} at {alert.camera}", ""
        case _:  # ESCALATED; nothing else is told of incidents
            who = "person" if alert.kind is AlertKind.PERSON else "movement"
            return f"Unanswered: {who} at {alert.camera}", f"{alert.detail}; {first}"


def _who(alert: Alert) -> str:
    return "the person" if alert.kind is AlertKind.PERSON else "what moved"


def _sure(alert: Alert) -> str:
    return f"{alert.confidence:.0%} sure".replace("%", " %") if alert.confidence else ""


def lasting(seconds: float) -> str:
    """A duration as people say it: 42 s, 3 min, 5 h, 2 days."""
    for unit, size, up_to in (("s", 1, 90), ("min", 60, 90), ("h", 3600, 48)):
        amount = round(seconds / size)
        if amount < up_to:
            return f"{amount} {unit}"
    return f"{round(seconds / 86400)} days"
