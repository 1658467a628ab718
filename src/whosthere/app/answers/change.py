"""Answers that change something. Each change is one message to the house, which writes it down."""

from whosthere.app.answers import presence
from whosthere.app.answers.choose import Unclear, alert_of, incidents_of
from whosthere.app.answers.house import Parts
from whosthere.app.answers.line import Line
from whosthere.app.answers.wording import mode_in_words
from whosthere.core.arming import amiss, refusal
from whosthere.core.messages import (
    ArmNow,
    BackToNormal,
    Change,
    SetMode,
    SetNotifications,
    SetSwitch,
    Snooze,
    StayOff,
)
from whosthere.core.model import Tag
from whosthere.core.modes import ARMED, Mode
from whosthere.core.people import Reaction, Switch
from whosthere.core.requests import Reply, Request
from whosthere.core.spans import span
from whosthere.core.walk_marking import is_test

BUSY = "Asked for. The house is busy and follows as soon as it can."
NOTHING_THERE = {
    Switch.SAVE_IMAGES: "A few times a day, you will be asked about what you were not told of.",
}


def arm(parts: Parts, line: Line, request: Request) -> Reply:
    return _set_mode(parts, line, request, line.mode or Mode.AWAY)


def disarm(parts: Parts, line: Line, request: Request) -> Reply:
    return _set_mode(parts, line, request, Mode.OFF)


def _set_mode(parts: Parts, line: Line, request: Request, mode: Mode) -> Reply:
    had = sorted(parts.house().controls.modes)
    by = request.asker
    asked = SetMode(mode, by.name, request.at, by.origin, line.camera, line.until, line.force)
    why_not = _refusal(parts, line, mode)
    if not parts.tell(asked):
        return Reply(BUSY)
    if why_not:
        again = " ".join(word for word in ("arm", mode, line.camera, "force") if word)
        return _not_armed(why_not, again)
    house, moments = parts.house(), parts.moments()
    counting = house.countdown
    if counting is not None and counting.since == request.at and line.camera is None:
        left = span(counting.seconds)
        return Reply(f"Mode *{mode}* in {left}. `arm {mode}` again: at once.{_warning(parts)}")
    if line.camera is not None:
        own = house.controls.modes.get(line.camera, house.arm_state)
        return Reply(f"{line.camera}: mode {mode_in_words(own, moments)}.")
    text = f"Mode {mode_in_words(house.arm_state, moments)}."
    if had:
        text += f" That holds for {', '.join(had)} too, which had another mode."
    if not house.controls.notifies(parts.now()):
        text += " But notifications are off: `notifications on` turns them on."
    snoozed = house.controls.snoozed
    if mode is not Mode.OFF and snoozed is not None and snoozed > parts.now():
        text += f" But alerts are snoozed {moments.until(snoozed)}: `snooze off` ends that."
    return Reply(text + (_warning(parts) if mode in ARMED else ""))


def _refusal(parts: Parts, line: Line, mode: Mode) -> tuple[str, ...]:
    """Why the house will not arm; it decides by the same rules."""
    if line.force:
        return ()
    return refusal(parts.house(), mode, parts.policy().arming, line.camera)


def _not_armed(why_not: tuple[str, ...], again: str) -> Reply:
    text = f"*Not armed*: {'; '.join(why_not)}. `{again}` arms nevertheless."
    return Reply(text, refused=True, offers=(again,))


def _warning(parts: Parts) -> str:
    """What whoever arms should know."""
    troubles = amiss(parts.house())
    if len(troubles) > 1:
        return "\n".join([" But:", *(f"• {one}" for one in troubles)])
    return f" But {troubles[0]}." if troubles else ""


def snooze(parts: Parts, line: Line, request: Request) -> Reply:
    camera = line.camera
    alert = alert_of(parts, request)
    if camera is None and not line.everywhere and alert and alert.camera in parts.cameras:
        camera = alert.camera  # in the thread of an alert, its camera is meant
    by = request.asker
    until = None if line.off else line.until
    if not parts.tell(Snooze(until, by.name, request.at, by.origin, camera)):
        return Reply(BUSY)
    what, moments = f" of {camera}" if camera else "", parts.moments()
    if until is not None:
        ends = moments.until(until)
        return Reply(f"No alerts{what} {ends}. Incidents are recorded as ever.")
    left = parts.house().controls.snoozed
    if camera is not None and left is not None and left > parts.now():
        return Reply(f"{camera} is still snoozed with all cameras, {moments.until(left)}.")
    return Reply(f"Alerts{what} come again.")


def notifications(parts: Parts, line: Line, request: Request) -> Reply:
    by, on = request.asker, bool(line.on)
    asked = SetNotifications(on, by.name, request.at, by.origin, line.until)
    if not parts.tell(asked):
        return Reply(BUSY)
    if on:
        return Reply("Notifications are *on*.")
    ends = f" {parts.moments().until(line.until)}" if line.until else ""
    return Reply(f"Notifications are *off*{ends}. Lost cameras are told nevertheless.")


def auto_detect(parts: Parts, line: Line, request: Request) -> Reply:
    by, on = request.asker, bool(line.on)
    switch = Switch.AUTO_DETECT
    if not parts.tell(SetSwitch(switch, on, by.name, request.at, by.origin)):
        return Reply(BUSY)
    follows = presence.what_follows(parts.policy(), on=on)
    return Reply(f"`{switch}` is *{'on' if on else 'off'}*. {follows}")


def stay_off(parts: Parts, line: Line, request: Request) -> Reply:
    """Off until somebody comes, or until a time, though everybody seems to have left."""
    by, counting = request.asker, parts.house().countdown
    if not parts.tell(StayOff(by.name, request.at, by.origin, line.until)):
        return Reply(BUSY)
    house, moments = parts.house(), parts.moments()
    mode = mode_in_words(house.arm_state, moments)
    stopped = f"Mode {counting.mode} does not follow. " if counting else ""
    return Reply(f"{stopped}Mode {mode}.")


def arm_now(parts: Parts, line: Line, request: Request) -> Reply:
    by, counting = request.asker, parts.house().countdown
    mode = counting.mode if counting else parts.policy().arming.away_mode
    why_not = _refusal(parts, line, mode)
    if not parts.tell(ArmNow(by.name, request.at, by.origin, line.force)):
        return Reply(BUSY)
    if why_not:
        return _not_armed(why_not, "arm_now force")
    text = f"Mode {mode_in_words(parts.house().arm_state, parts.moments())}."
    return Reply(text + _warning(parts))


def save_images(parts: Parts, line: Line, request: Request) -> Reply:
    return _switch(parts, line, request, Switch.SAVE_IMAGES)


def _switch(parts: Parts, line: Line, request: Request, switch: Switch) -> Reply:
    by, on = request.asker, bool(line.on)
    if not parts.tell(SetSwitch(switch, on, by.name, request.at, by.origin)):
        return Reply(BUSY)
    text = f"`{switch}` is *{'on' if on else 'off'}*."
    return Reply(text if not on else f"{text} {NOTHING_THERE[switch]}")


def tag(parts: Parts, line: Line, request: Request) -> Reply:
    """Below an alert, the answer is about all of its visits, and remembered with each."""
    visits = incidents_of(parts, line, request)
    if line.answer is None:
        raise Unclear("Was somebody there?", line.command.example)
    if any(is_test(visit.labels) for visit in visits):
        return Reply("That was a walk test, from which nothing is learnt.", refused=True)
    by, first = request.asker, visits[0]
    before = parts.store.tag(first.id)
    for visit in visits:
        if not parts.tell(Tag(visit.id, line.answer, by.name, request.at, by.origin)):
            return Reply(BUSY)
    was = f" It was {before.answer}, by {before.by}." if before else ""
    when = parts.moments().at(first.started)
    joined = len(visits) - 1
    others = f" and {joined} visit{'s' if joined > 1 else ''} that joined it" if joined else ""
    return Reply(f"{first.camera}, {when}{others}: *{line.answer}*, by {by.name}.{was}")


def seen(parts: Parts, line: Line, request: Request) -> Reply:
    del line
    by = request.asker
    waiting = any(state.unanswered for state in parts.house().cameras.values())
    if request.alert_id is None and not waiting:
        return Reply("No alert waits for an answer.")
    if not parts.tell(Reaction(request.alert_id, by.name, request.at, "seen", by.origin)):
        return Reply(BUSY)
    return Reply(f"Noted: {by.name} has seen it.")


def init(parts: Parts, line: Line, request: Request) -> Reply:
    del line
    by = request.asker
    change: Change = BackToNormal(by.name, request.at, by.origin)
    if not parts.tell(change):
        return Reply(BUSY)
    text = "Back to normal: no snooze, notifications on, all cameras as the house, which is in mode"
    return Reply(f"{text} {mode_in_words(parts.house().arm_state, parts.moments())}.")


def walk_test(parts: Parts, line: Line, request: Request) -> Reply:
    if parts.walk_test is None:
        return Reply("No walk test can be made here.")
    return parts.walk_test(line, request)
