"""`whosthere presence history`: a day of everybody, as bars in the terminal."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from rich.text import Text

from whosthere.app.answers.times import moments_of, whole_day
from whosthere.app.presence_past import past_of
from whosthere.app.terminal import add_settings_argument, console, settings_of
from whosthere.core.household_past import AGAIN_SECONDS, Past
from whosthere.core.modes import ArmedBy, Mode
from whosthere.core.periods import Period, PeriodKey, PeriodKind
from whosthere.core.presence import Whereabouts

CELLS, LABEL = 72, 25  # of 20 minutes each; letters before them
STYLES = {"█": "green", "·": "dim", "?": "yellow", "▪": "cyan", "x": "bold red"}
PERSONS = {Whereabouts.HOME: "█", Whereabouts.AWAY: "·", Whereabouts.UNKNOWN: "?"}
MODES = {Mode.OFF: "·", Mode.HOME: "h", Mode.AWAY: "A", Mode.NIGHT: "N"}
MOST_CHANGES = 40


def add(words: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the word to those of `whosthere presence`."""
    one = words.add_parser(
        "history",
        help="show a day: who was home, what saw them, when it was armed",
        description="Shows a day: who was home, which source saw which device, and the mode.",
    )
    one.add_argument("--day", default="today", metavar="DAY",
                     help="today (default), yesterday or a date, as 2026-11-30")  # fmt: skip
    add_settings_argument(one)
    one.set_defaults(part=run)


def run(chosen: argparse.Namespace) -> int:
    settings, now = settings_of(chosen), datetime.now(UTC)
    zone = settings.house.zone
    day = day_of(chosen.day, now.astimezone(zone).date())
    begin, end = whole_day(day, zone)
    past = past_of(settings, begin, min(end, now), AGAIN_SECONDS)
    screen = console()
    for line in Timeline(past, day, zone, begin, end).lines():
        screen.print(line, no_wrap=True)
    return 0


def day_of(word: str, today: date) -> date:
    """Read a day. Raises what argparse shows."""
    named = {"today": today, "yesterday": today - timedelta(days=1)}
    try:
        return named.get(word) or date.fromisoformat(word)
    except ValueError:
        raise SystemExit(
            f"'{word}' is no day; write today, yesterday or a date, as 2026-11-30"
        ) from None


@dataclass(frozen=True, slots=True)
class Timeline:
    """One day as text."""

    past: Past
    day: date
    zone: tzinfo | None
    begin: datetime
    end: datetime

    def lines(self) -> Iterator[Text]:
        yield Text(f"{self.day:%A %Y-%m-%d}", style="bold")
        yield Text()
        yield self._hours()
        yield self._row("mode", self._modes())
        if not self.past.by_key:
            yield Text("\nNothing is known of this day: no presence source was at work.")
            return
        for person in self.past.people:
            yield self._row(person.name + (" (guest)" if person.guest else ""),
                            self._cells(self._of_person(person.name)), bold=True)  # fmt: skip
            for key in self._seen_of(person.devices):
                marks = [(one, "▪") for one in self.past.by_key[key]]
                yield self._row(f"  {key.about} by {key.source}", self._cells(marks))
        for source in self.past.sources:
            failed = self.past.of(PeriodKind.FAILING, source.name)
            if failed:
                marks = [(one, "x") for one in failed]
                yield self._row(f"{source.name} fails", self._cells(marks))
        yield Text()
        yield Text("█ home  · away  ? not known  ▪ seen  x fails   mode: A away  N night  h home")
        yield from self._changes()

    # --- rows

    def _row(self, label: str, cells: str, *, bold: bool = False) -> Text:
        short = label if len(label) < LABEL else f"{label[: LABEL - 2]}…"
        line = Text(f"{short:<{LABEL}}", style="bold" if bold else "")
        for cell in cells:
            line.append(cell, style=STYLES.get(cell, ""))
        return line

    def _hours(self) -> Text:
        """Name every third hour, where it begins; days of 23 and 25 hours are as long as others."""
        marks = [" "] * (CELLS + 2)
        for hour in range(0, 24, 3):
            at = next(moments_of(self.day, time(hour), self.zone))
            place = self._place(at)
            marks[place : place + 2] = f"{hour:02d}"
        return Text(f"{'':<{LABEL}}{''.join(marks)}".rstrip(), style="dim")

    def _cells(self, marked: Sequence[tuple[Period, str]]) -> str:
        cells = [" "] * CELLS
        for one, mark in marked:
            if one.until < self.begin or one.since >= self.end:
                continue
            first, last = self._place(one.since), self._place(one.until)
            for place in range(first, max(first, last) + 1):
                cells[place] = mark
        return "".join(cells)

    def _place(self, at: datetime) -> int:
        share = (at - self.begin) / (self.end - self.begin)
        return min(max(int(share * CELLS), 0), CELLS - 1)

    def _of_person(self, name: str) -> list[tuple[Period, str]]:
        return [
            (one, PERSONS[Whereabouts(one.how)])
            for key, periods in self.past.by_key.items()
            if key.kind is PeriodKind.PERSON and key.about == name
            for one in periods
        ]

    def _seen_of(self, devices: Sequence[str]) -> list[PeriodKey]:
        return sorted(
            key for key in self.past.by_key if key.kind is PeriodKind.SEEN and key.about in devices
        )

    def _modes(self) -> str:
        cells = [" "] * CELLS
        modes = [one for one in self.past.modes if one.since < self.past.until]
        for number, state in enumerate(modes):
            until = modes[number + 1].since if number + 1 < len(modes) else self.past.until
            if until > self.begin:
                for place in range(self._place(state.since), self._place(until) + 1):
                    cells[place] = MODES[state.mode]
        return "".join(cells)

    # --- in words

    def _changes(self) -> Iterator[Text]:
        """Say when somebody came or left, and when the mode changed and why."""
        said: list[tuple[datetime, str]] = []
        for key, periods in self.past.by_key.items():
            if key.kind is PeriodKind.PERSON:
                said += [(one.since, f"{key.about}: {_whereabouts(one)}") for one in periods]
        for state in self.past.modes:
            who = f" ({state.source})" if state.source is not ArmedBy.HAND else ""
            said.append((state.since, f"mode {state.mode}{who}: {state.reason}"))
            said += [(state.since, f"  {line}") for line in state.evidence]
        today = [one for one in said if self.begin < one[0] < self.end]
        if today:
            yield Text()
        for at, text in sorted(today, key=lambda one: one[0])[-MOST_CHANGES:]:
            yield Text(f"{at.astimezone(self.zone):%H:%M:%S}  {text}")


def _whereabouts(period: Period) -> str:
    by = f", by {period.key.source}" if period.key.source and period.how == Whereabouts.HOME else ""
    known = "not known" if period.how == Whereabouts.UNKNOWN else period.how
    return f"{known}{by}"
