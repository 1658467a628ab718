"""Answers that change nothing."""

from datetime import timedelta

from whosthere.app.answers import presence
from whosthere.app.answers.choose import Unclear, camera_of, example_of, incident_of
from whosthere.app.answers.health import blind_lines
from whosthere.app.answers.house import Parts
from whosthere.app.answers.line import Line
from whosthere.app.answers.overview import Glance, last_picture, trouble_of, visits
from whosthere.app.answers.times import whole_day
from whosthere.app.answers.wording import Moments, mode_in_words, seen, told
from whosthere.core.commands import ALIASES, BY_NAME, COMMANDS
from whosthere.core.overview import CameraView, IncidentView, Overview
from whosthere.core.people import ITSELF, AuditEntry, Switch
from whosthere.core.requests import Reply, Request, Role
from whosthere.core.spans import span

TITLES = {Role.VIEWER: "Look", Role.TAGGER: "Answer", Role.ADMIN: "Change"}
LIVE_SECONDS = 2.0  # a picture that is older is not called live
CLIP_SECONDS = 10.0
LEAST_SECONDS, MOST_SECONDS = 0.5, 120.0
IN_STATUS = 3  # incidents
LISTED = 10


def help_(parts: Parts, line: Line, request: Request) -> Reply:
    if line.topic is not None:
        command = BY_NAME[line.topic]
        names = [name for name, meant in ALIASES.items() if meant.split()[0] == command.name]
        others = [name for name in names if name != command.name]
        more = f"\nAlso: {', '.join(f'`{name}`' for name in others)}." if others else ""
        who = f"\nFor {command.role.name.lower()}s." if command.role > request.asker.role else ""
        example = example_of(command, parts.cameras)
        text = f"`{command.usage}`\n{command.does}\nExample: `{example}`"
        return Reply(f"{text}{more}{who}")
    said = []
    for role, title in TITLES.items():
        if role <= request.asker.role:
            said += [f"*{title}*", *(f"`{c.usage}`  {c.does}" for c in COMMANDS if c.role == role)]
            said.append("")
    return Reply("\n".join(said).strip())


def status(parts: Parts, line: Line, request: Request) -> Reply:
    del line, request
    now = Glance(parts).overview()
    moments = parts.moments()
    lines = [f"*{now.house}* is in mode {mode_in_words(now.arm_state, moments)}."]
    lines += evidence_lines(now)
    lines += exceptions(now, moments)
    lines += [f"• {camera_line(one, moments)}" for one in now.cameras]
    lines += [f"• {incident_line(one, moments)}" for one in now.incidents[:IN_STATUS][::-1]]
    if not now.incidents:
        lines.append("• no incidents yet")
    lines += [f"• {line}" for line in blind_lines(parts)]
    lines.append(f"Who is home: {now.presence}.{f' {now.next}' if now.next else ''}")
    lines += [f"Trouble: {part.name}: {part.trouble}" for part in now.troubles]
    if not now.troubles:
        lines.append("All parts are well.")
    return Reply("\n".join(lines))


def evidence_lines(now: Overview) -> list[str]:
    """What presence saw when it set the mode."""
    return [f"  {line}" for line in now.arm_state.evidence]


def exceptions(now: Overview, moments: Moments) -> list[str]:
    """What is not as usual, a line each."""
    said = []
    if now.triggered is not None:
        since = moments.at(now.triggered.since)
        said.append(f"*An alarm is on* at {now.triggered.camera} since {since}.")
    if now.siren is not None:
        due = now.siren.due
        until = f", until {moments.at(due)} at the latest" if due else ""
        said.append(f"*A siren sounds*: {now.siren.detail}{until}. `siren off` ends it.")
    said += [
        f"*Somebody is at {one.camera}*: disarm before {moments.at(one.due)}."
        for one in now.pending
    ]
    if now.countdown is not None and not now.next:
        left = span(max(0.0, (now.countdown.due - now.at).total_seconds()))
        said.append(f"Mode *{now.countdown.mode}* in {left}: {now.countdown.reason}.")
    if not now.notifies:
        ends = now.controls.quiet_until
        said.append(f"Notifications are *off*{f' {moments.until(ends)}' if ends else ''}.")
    if now.controls.snoozed is not None and now.controls.snoozed > now.at:
        said.append(f"All cameras are snoozed {moments.until(now.controls.snoozed)}.")
    on = [f"`{switch}`" for switch in Switch if switch in now.controls.switches]
    if on:
        said.append(f"Switched on: {', '.join(on)}.")
    return said


def camera_line(camera: CameraView, moments: Moments) -> str:
    said = f"*{camera.name}*: "
    if camera.over:
        said += "its film is over"
    elif camera.trouble:
        said += camera.trouble.rstrip(".")
    elif camera.age_seconds is None:
        said += "no picture yet"
    else:
        said += f"newest picture {age(camera.age_seconds)} old"
    if camera.own_mode:
        said += f"; mode of its own {mode_in_words(camera.arm_state, moments)}"
    if camera.snoozed_until is not None:
        said += f"; snoozed {moments.until(camera.snoozed_until)}"
    return said


def incident_line(one: IncidentView, moments: Moments) -> str:
    incident = one.incident
    tag = f", tagged {one.tag.answer} by {one.tag.by}" if one.tag else ""
    seconds = max(1.0, (incident.last_seen - incident.first_motion).total_seconds())
    lasted = span(seconds) if incident.ended else f"going on, {span(seconds)} so far"
    return (
        f"{moments.at(incident.started)} {incident.camera}, {lasted}:"
        f" {seen(incident)}; {told(incident, moments)}{tag} (`{incident.id}`)"
    )


def age(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 else span(seconds)  # noqa: PLR2004 - below, it matters


def cameras(parts: Parts, line: Line, request: Request) -> Reply:
    del line, request
    now, moments = Glance(parts).overview(), parts.moments()
    lines = [
        f"• {camera_line(one, moments)}"
        + ("" if one.own_mode else f"; mode {one.arm_state.mode}")
        + (f"; last incident's picture {moments.at(one.picture_at)}" if one.picture_at else "")
        for one in now.cameras
    ]
    return Reply("\n".join(lines))


def snapshot(parts: Parts, line: Line, request: Request) -> Reply:
    """Show how it is now. A picture that is not of now is called so."""
    return picture_of(parts, camera_of(parts, line, request))


def picture_of(parts: Parts, camera: str, slack: float = LIVE_SECONDS / 4) -> Reply:
    """The newest picture; one that is older than that by so much will do."""
    asked_at = parts.frames.clock()
    parts.wake(camera)
    newest = parts.frames.fresh(camera, asked_at - slack, parts.wait_seconds)
    trouble = trouble_of(parts, camera)
    if newest is None:
        return Reply(f"There is no picture of {camera} yet. {trouble}".strip(), refused=True)
    old = max(0.0, parts.frames.clock() - newest.arrived)
    file = parts.files.picture(newest.frame)
    when = parts.moments().at(parts.now() - timedelta(seconds=old))
    if old <= LIVE_SECONDS:
        text = f"*{camera}*, live: {age(old)} old, {when}"
        return Reply(text, file, f"Live picture of camera {camera}")
    text = f"*Not live*: the newest picture of {camera} is {age(old)} old, {when}. {trouble}"
    return Reply(text.strip(), file, f"Old picture of camera {camera}, {age(old)} old")


def clip(parts: Parts, line: Line, request: Request) -> Reply:
    camera = camera_of(parts, line, request)
    wanted = line.seconds or CLIP_SECONDS
    if wanted > MOST_SECONDS:
        raise Unclear(f"A clip can have {MOST_SECONDS:.0f} s at most.", f"clip {camera} 20s")
    ring = parts.rings.get(camera)
    cut = parts.files.clip(camera, ring, wanted) if ring else None
    if cut is None or cut.seconds < LEAST_SECONDS:
        why = trouble_of(parts, camera)
        return Reply(f"There is nothing of {camera} to make a clip of. {why}".strip(), refused=True)
    moments = parts.moments()
    late = parts.frames.age(camera)
    text = f"*{camera}*: {cut.seconds:.0f} s up to {moments.at(cut.ended)}"
    if cut.seconds + 1 < wanted:
        text += f" (there are no more than the last {cut.seconds:.0f} s in memory)"
    if late is None or late > LIVE_SECONDS:
        text = f"*Not live*: nothing new from {camera}{f' for {age(late)}' if late else ''}. {text}"
    return Reply(text, cut.file, f"Clip of camera {camera}")


def last_image(parts: Parts, line: Line, request: Request) -> Reply:
    named = line.incident is not None or (request.alert_id is not None and line.camera is None)
    incident = incident_of(parts, line, request) if named else last_picture(parts, line.camera)
    picture = (incident.picture_with_boxes or incident.picture) if incident else None
    if incident is None or picture is None:
        return Reply("There is no picture of an incident yet. `snapshot` shows how it is now.")
    moments = parts.moments()
    text = (
        f"*{incident.camera}*, {moments.at(incident.started)} ({moments.ago(incident.started)}):"
        f" {seen(incident)}; {told(incident, moments)}"
    )
    return Reply(text, picture, f"Camera {incident.camera}: {seen(incident)}")


def incidents(parts: Parts, line: Line, request: Request) -> Reply:
    del request
    since, until = parts.now() - timedelta(days=1), None
    when = "in the last 24 h"
    if line.day is not None:
        since, until = whole_day(line.day, parts.zone)
        when = f"on {line.day:%a %Y-%m-%d}"
    most = line.count or LISTED
    found = visits(parts, parts.store.incidents(since, until, camera=line.camera))
    at = f" at {line.camera}" if line.camera else ""
    blind = [f"• {one}" for one in blind_lines(parts, since, until, line.camera)]
    if not found:
        return Reply("\n".join([f"No incidents{at} {when}.", *blind]))
    moments = parts.moments()
    listed = [IncidentView(one, parts.store.tag(one.id)) for one in found[-most:]]
    title = f"*Incidents{at} {when}*" + (", the newest" if len(found) > most else "")
    lines = [f"• {incident_line(one, moments)}" for one in listed]
    return Reply("\n".join([title, *lines, *blind]))


def who(parts: Parts, line: Line, request: Request) -> Reply:
    del line, request
    return Reply("\n".join(presence.who_lines(Glance(parts).overview(), parts.moments())))


def log(parts: Parts, line: Line, request: Request) -> Reply:
    del request
    moments = parts.moments()
    lines = [
        f"• {moments.at(one.at)} {_who_asked(one)}: {'' if one.done else '*refused* '}{one.what}"
        for one in parts.store.audit(line.count or LISTED)
    ]
    return Reply("\n".join(lines) or "Nobody has changed anything yet.")


def _who_asked(entry: AuditEntry) -> str:
    if entry.who == ITSELF:
        return "by itself"
    return f"{entry.who} ({entry.origin})" if entry.origin else entry.who
