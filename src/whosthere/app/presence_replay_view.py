"""How a replay of presence is shown: as a table with advice, or as plain data."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Protocol

from rich.console import Console
from rich.table import Table

from whosthere.core.household_advice import ENOUGH_DAYS, ENOUGH_PAUSES, Advice
from whosthere.core.household_judging import Arm, Judgement
from whosthere.core.household_past import Past
from whosthere.core.spans import span

LATE = 600.0  # seconds; arming after more than these is called late
MOST_FALSE = 8  # listed


class Shown(Protocol):
    """A column of the table."""

    @property
    def title(self) -> str: ...
    @property
    def leave(self) -> Mapping[str, float]: ...
    @property
    def countdown(self) -> float: ...
    @property
    def judgement(self) -> Judgement: ...


def printed(
    screen: Console,
    past: Past,
    columns: Sequence[Shown],
    advice: Sequence[Advice],
    zone: tzinfo | None,
) -> None:
    days = f"{past.since.astimezone(zone):%a %Y-%m-%d} to {past.until.astimezone(zone):%a %Y-%m-%d}"
    screen.print(f"{days}: {past.days:.1f} days in which sources worked\n")
    screen.print(_table(past, columns))
    for titles, wrong in _false_arms(columns).items():
        screen.print(f"\nFalse arms {titles}:")
        for arm in wrong[:MOST_FALSE]:
            screen.print(f"  {_false(arm, zone)}")
        if len(wrong) > MOST_FALSE:
            screen.print(f"  and {len(wrong) - MOST_FALSE} more")
    screen.print()
    for one in advice:
        screen.print(f"{one.source}: {in_words(one)}")
    screen.print(
        f"\nA false arm: a device was seen again within {span(past.again_seconds)} of the last"
        " sighting of anybody, though no\ncamera had seen a person come. Without a camera at the"
        " door, short errands look the same: see --again.\nLate: from the last sighting of anybody"
        " to armed.",
        style="dim",
    )


def _table(past: Past, columns: Sequence[Shown]) -> Table:
    made = Table("", *(one.title for one in columns), box=None, header_style="bold", pad_edge=False)
    for number in range(len(columns)):
        made.columns[number + 1].justify = "right"
    for source in past.sources:
        made.add_row(
            f"{source.name} waits",
            *(span(one.leave[source.name]) if source.name in one.leave else "" for one in columns),
        )
    made.add_row("countdown", *(span(one.countdown) if one.leave else "" for one in columns))
    judged = [one.judgement for one in columns]
    made.add_row("armed by presence", *(str(len(one.arms)) for one in judged))
    made.add_row(
        "of these false",
        *(f"[bold red]{len(one.false_arms)}[/]" if one.false_arms else "0" for one in judged),
    )
    made.add_row("late by, middle", *(_middle(one.late) for one in judged))
    made.add_row("late by, most", *(span(one.late[-1]) if one.late else "" for one in judged))
    made.add_row(
        f"more than {span(LATE)} late", *(str(sum(s > LATE for s in one.late)) for one in judged)
    )
    made.add_row("disarmed by presence", *(str(one.disarms) for one in judged))
    return made


def _middle(late: Sequence[float]) -> str:
    return span(late[len(late) // 2]) if late else ""


def _false_arms(columns: Sequence[Shown]) -> dict[str, Sequence[Arm]]:
    """List them once for all columns that have the same."""
    titles: dict[tuple[datetime | None, ...], list[str]] = {}
    arms: dict[tuple[datetime | None, ...], Sequence[Arm]] = {}
    for column in columns:
        wrong = column.judgement.false_arms
        if wrong:
            absences = tuple(arm.last_seen for arm in wrong)
            titles.setdefault(absences, []).append(column.title)
            arms.setdefault(absences, wrong)
    return {", ".join(titles[one]): arms[one] for one in arms}


def _false(arm: Arm, zone: tzinfo | None) -> str:
    def at(moment: datetime | None) -> str:
        return f"{moment.astimezone(zone):%H:%M:%S}" if moment else "?"

    return (
        f"{arm.at.astimezone(zone):%a %Y-%m-%d} {at(arm.at)}: last {arm.device}"
        f" {at(arm.last_seen)} by {arm.source}; seen again {at(arm.again)}"
    )


def in_words(one: Advice) -> str:
    """Say what the past advises for one source, and how much that rests on."""
    now = span(one.now_seconds)
    if not one.is_enough:
        return (
            f"too little is known to advise ({one.days:.1f} days and {one.pauses} pauses; needed"
            f" are {ENOUGH_DAYS:.0f} and {ENOUGH_PAUSES}). It stays at {now}."
        )
    rests = f"{one.days:.1f} days and {one.pauses} pauses, of which {one.sleeps} were sleep"
    if one.seconds is None:
        return f"no waiting time would have done ({rests}). Add another source."
    best = span(one.seconds)
    if one.seconds == one.now_seconds and one.if_home != one.seconds:
        why = "false arms above are in doubt, so nothing shorter is advised"
    elif one.just_enough:
        why = f"{span(one.just_enough)} just suffice, so {span(one.spare_seconds)} to spare"
    else:
        why = "the other sources see those whom it misses"
    return f"{best} would have sufficed: {why} ({rests}). {_change(one)}"


def _change(one: Advice) -> str:
    now, better = one.now_seconds, one.seconds or one.now_seconds
    if better < now:
        said = f"Now {span(now)}: it would call devices gone {span(now - better)} sooner."
    elif better > now:
        said = f"Now {span(now)}, which is too short."
    else:
        said = "That is what is set now."
    if one.if_home == one.seconds:
        return said
    instead = f"take {span(one.if_home)}" if one.if_home else "no waiting time would do"
    return f"{said} If somebody was home at one of the false arms above, {instead}."


def as_plain(past: Past, columns: Sequence[Shown], advice: Sequence[Advice]) -> dict[str, object]:
    """Return what programs may want to read; times in UTC, spans in seconds."""
    return {
        "since": past.since.isoformat(),
        "until": past.until.isoformat(),
        "days": round(past.days, 2),
        "again_seconds": past.again_seconds,
        "columns": [
            {
                "title": one.title,
                "leave_seconds": dict(one.leave),
                "countdown_seconds": one.countdown if one.leave else None,
                "disarmed": one.judgement.disarms,
                "arms": list(_arms(one.judgement)),
            }
            for one in columns
        ],
        "advice": [
            {
                "source": one.source,
                "leave_seconds_now": one.now_seconds,
                "leave_seconds": one.seconds,
                "just_enough_seconds": one.just_enough if one.seconds else None,
                "leave_seconds_if_home": one.if_home,
                "enough": one.is_enough,
                "longest_sleep_seconds": round(one.longest_sleep, 1),
                "sleeps": one.sleeps,
                "pauses": one.pauses,
                "days": round(one.days, 2),
            }
            for one in advice
        ],
    }


def _arms(judgement: Judgement) -> Iterator[dict[str, object]]:
    for arm in judgement.arms:
        yield {
            "at": arm.at.isoformat(),
            "device": arm.device,
            "source": arm.source,
            "last_seen": arm.last_seen.isoformat() if arm.last_seen else None,
            "late_seconds": round(arm.late_seconds, 1),
            "false": arm.is_false,
            "seen_again": arm.again.isoformat() if arm.again else None,
        }
