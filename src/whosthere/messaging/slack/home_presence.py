"""The part of the App Home about who is home: people with evidence, countdown, what comes next.

Moments are Slack's own dates, and nothing counts seconds, so the view stays the same while
nothing happens.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, tzinfo

from whosthere.core.modes import ArmedBy
from whosthere.core.overview import Overview, PersonView, SourceView
from whosthere.core.presence import Whereabouts
from whosthere.messaging.slack import wording
from whosthere.messaging.slack.arming_wording import clock, sentence
from whosthere.messaging.slack.wording import Block, button, context, escaped, section

REQUESTS: Mapping[str, str] = {  # action: what it asks for, in the grammar of requests
    "home_stay_off": "stay_off",
    "home_stay_off_long": f"stay_off until {wording.LONG_OFF}",
    "home_arm_now": "arm_now",
    "home_disarm_now": "disarm",
    "home_silence": "siren off",
}
MARKS = {Whereabouts.HOME: "🟢", Whereabouts.AWAY: "⚪", Whereabouts.UNKNOWN: "❔"}
JUST_NOW = timedelta(minutes=3)
MOST_PEOPLE = 20


def urgent_blocks(overview: Overview, zone: tzinfo | None, *, may_change: bool) -> list[Block]:
    """What cannot wait: an alarm, somebody at the door, a countdown; each with its buttons."""
    blocks = []
    if overview.triggered is not None:
        since = wording.moment(overview.triggered.since, zone)
        blocks.append(section(f"🚨 *Alarm* at {escaped(overview.triggered.camera)} since {since}"))
    for one in overview.pending:
        due = clock(one.due, zone)
        blocks.append(section(f"🚪 *Somebody at {escaped(one.camera)}*: disarm before {due}"))
    if blocks and may_change:
        stop = button("Disarm", "home_disarm_now", style="danger")
        blocks.append({"type": "actions", "block_id": "home_alarm", "elements": [stop]})
    siren = _siren(overview, zone, may_change=may_change)
    return [*siren, *blocks, *_countdown(overview, zone, may_change=may_change)]


def _siren(overview: Overview, zone: tzinfo | None, *, may_change: bool) -> Iterable[Block]:
    siren = overview.siren
    if siren is None or siren.due is None:
        return
    ends = f"it ends by itself at {clock(siren.due, zone)} at the latest"
    more: Block = {}
    if may_change:
        more = {"accessory": button("Silence", "home_silence", style="danger")}
    yield section(f"🚨 *Siren on: {escaped(siren.detail)}*; {ends}", **more)


def _countdown(overview: Overview, zone: tzinfo | None, *, may_change: bool) -> Iterable[Block]:
    counting = overview.countdown
    if counting is None:
        return
    lines = [f"⏳ *Mode {counting.mode} at {clock(counting.due, zone)}*",
             sentence(counting.reason)]  # fmt: skip
    lines += [f"• {escaped(line)}" for line in counting.evidence]
    yield section("\n".join(lines))
    if not may_change:
        return
    buttons = [button("Stay off", "home_stay_off", style="primary")]
    if counting.source is not ArmedBy.HAND:
        buttons.append(button(f"Off until {wording.LONG_OFF}", "home_stay_off_long"))
    buttons.append(button("Arm now", "home_arm_now"))
    yield {"type": "actions", "block_id": "home_countdown", "elements": buttons}


def people_blocks(overview: Overview, zone: tzinfo | None) -> list[Block]:
    """Who is home and why; sources that fail; what comes next."""
    if not overview.people or not overview.sources:
        return []
    lines = [_person(one, overview.at, zone) for one in overview.people[:MOST_PEOPLE]]
    lines += [_source(one, zone) for one in overview.sources if not one.works]
    blocks = [section("\n".join(lines))]
    if overview.countdown is None and overview.next:
        blocks.append(context(escaped(overview.next)))
    return blocks


def _person(one: PersonView, now: datetime, zone: tzinfo | None) -> str:
    name = f"{MARKS[one.whereabouts]} *{escaped(one.name)}*{' (guest)' if one.guest else ''}"
    known = one.whereabouts is not Whereabouts.UNKNOWN
    since = f" since {_minute(one.since, zone)}" if known and one.since else ""
    return (
        f"{name}: {one.whereabouts if known else 'not known'}{since} · {_evidence(one, now, zone)}"
    )


def _evidence(one: PersonView, now: datetime, zone: tzinfo | None) -> str:
    if one.last_seen is None:
        return "not seen since the start"
    how = f", {escaped(one.how)}" if one.how else ""
    if now - one.last_seen < JUST_NOW:
        return f"{escaped(one.device)} seen just now by {escaped(one.source)}{how}"
    at = _minute(one.last_seen, zone)
    return f"{escaped(one.device)} last seen {at} by {escaped(one.source)}{how}"


def _source(one: SourceView, zone: tzinfo | None) -> str:
    if not one.trouble:
        return f"🔌 Source *{escaped(one.name)}* has not reported yet"
    since = f" since {_minute(one.since, zone)}" if one.since else ""
    return f"🔌 Source *{escaped(one.name)}* fails{since}: {escaped(one.trouble)}"


def _minute(at: datetime, zone: tzinfo | None) -> str:
    return wording.moment(at, zone, seconds=False)
