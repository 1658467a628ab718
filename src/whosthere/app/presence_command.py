"""`whosthere presence`: try each source now, and list what is seen, to pick one's devices from.

What was in the past, and what might have been, is in files of their own.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from whosthere.app import presence_replay, presence_timeline
from whosthere.app.check import Part, tried
from whosthere.app.presence_looks import look
from whosthere.app.presence_parts import Source, directory_of, source_of
from whosthere.app.presence_words import ago, count, identity, known_by, line_for, marks, phone_like
from whosthere.app.terminal import add_settings_argument, console, settings_of
from whosthere.core.errors import WhosThereError
from whosthere.core.presence import Observation
from whosthere.presence.addresses import is_randomised
from whosthere.presence.matching import FIX_IT, Match, tidy
from whosthere.presence.own_settings import NeighboursSettings
from whosthere.presence.settings import PresenceSettings
from whosthere.presence.source_settings import SourceSettings

BETWEEN = 5.0  # seconds, with --watch
MOST_SUGGESTED = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    words = parser.add_subparsers(title="what to do", metavar="WHAT", required=True)
    one = words.add_parser("check", help="try each source, and say whom it sees, and why not")
    add_settings_argument(one)
    one.add_argument("--watch", action="store_true", help="again and again, until Ctrl-C")
    one.set_defaults(part=check)
    one = words.add_parser("devices", help="list all that is seen, to pick yours from")
    add_settings_argument(one)
    one.set_defaults(part=devices)
    presence_timeline.add(words)
    presence_replay.add(words)


def run(chosen: argparse.Namespace) -> int:
    work: Callable[[argparse.Namespace], int] = chosen.part
    return work(chosen)


# --- check


@dataclass(slots=True)
class _Seen:
    """All that the sources saw in one round."""

    matches: list[Match] = field(default_factory=list)
    others: list[Observation] = field(default_factory=list)
    tried: int = 0
    failed: int = 0


def check(chosen: argparse.Namespace) -> int:
    settings, screen = settings_of(chosen), console()
    presence = settings.presence
    if not presence.sources:
        raise WhosThereError(
            "No presence source is set. Put this into the settings, and then your people:\n\n"
            '  [[presence.sources]]\n  kind = "neighbours"\n\n'
            "'whosthere presence devices' lists what is seen, to pick yours from."
        )
    built: dict[str, Source] = {}
    seen = _round(presence, built, screen)
    _notes(presence, seen, screen)
    while chosen.watch:
        time.sleep(BETWEEN)
        screen.print(f"\n{datetime.now(settings.house.zone):%H:%M:%S}")
        seen = _round(presence, built, screen)
    return 1 if seen.failed else 0


def _round(presence: PresenceSettings, built: dict[str, Source], screen: Console) -> _Seen:
    seen, directory = _Seen(), directory_of(presence)

    def attempt(one: SourceSettings) -> str:
        source = built.get(one.name) or source_of(presence, one, directory)
        if source.listening is None:  # the others are stopped after each look
            built[one.name] = source
        observations = look(source, again=True)
        matches = source.matcher.match(observations)
        recent = [m for m in matches if m.seen.ago <= one.leave_seconds]
        complete = [directory.complete(tidy(o)) for o in observations]
        seen.matches += recent if one.tells_who_is_home else []
        seen.others += [o for o in complete if o not in [m.seen for m in matches]]
        return "\n".join(_lines(source, observations, matches))

    for one in presence.sources:
        part = Part(one.name, lambda one=one: attempt(one))  # type: ignore[misc] # the default binds it
        seen.failed += tried([part], screen)
    return seen


def _lines(source: Source, seen: Sequence[Observation], matches: Sequence[Match]) -> Iterator[str]:
    """Say what one source sees."""
    if not source.settings.tells_who_is_home:
        yield f"{count(seen)} known; they give names to what other sources see"
        return
    newest: dict[str, Match] = {}
    for match in sorted(matches, key=lambda match: -match.seen.ago):
        newest[match.device] = match
    yield f"sees {count(seen)}, {len(newest) or 'none'} of them yours"
    for match in newest.values():
        late = match.seen.ago > source.settings.leave_seconds
        gone = ", which counts as gone" if late else ""
        yield f"  {match.device}: {ago(match.seen.ago)}{gone}, {match.how}{marks(match)}"
    for device in source.matcher.devices:
        if device.name not in newest:
            yield f"  {device.name}: not seen ({known_by(device)})"
    yield from (f"  {doubt}" for doubt in source.matcher.doubts)


def steps(presence: PresenceSettings) -> Iterator[tuple[str, Callable[[], str]]]:
    """What 'whosthere check' tries of presence: each source, in a line."""
    directory = directory_of(presence)

    def attempt(one: SourceSettings) -> str:
        source = source_of(presence, one, directory)
        seen = look(source, again=True)
        yours = dict.fromkeys(match.device for match in source.matcher.match(seen))
        return f"sees {count(seen)}; of yours {', '.join(yours) or 'none'}"

    for one in presence.sources:
        yield f"presence {one.name}", partial(attempt, one)


def _notes(presence: PresenceSettings, seen: _Seen, screen: Console) -> None:
    known = presence.devices()
    made_up = [device.name for device in known if is_randomised(device.mac)]
    changed = [
        f"{match.device} was recognised {match.how}, but its MAC address is {match.seen.mac} now."
        for match in seen.matches
        for device in known
        if device.name == match.device and device.mac and match.seen.mac not in {"", device.mac}
    ]
    for line in changed:
        screen.print(f"\n{line}")
    if made_up or changed:
        whose = f" of {' and '.join(made_up)}" if made_up else ""
        screen.print(
            f"\nThe MAC address{whose} was made up by the device for this Wi-Fi. {FIX_IT.rstrip()}"
        )
    suggestions = _suggestions(seen.others, {device.mac for device in known})
    if suggestions:
        screen.print("\nThese look like phones and are nobody's yet. Is one yours?\n")
        for one in suggestions:
            screen.print(f"  {line_for(one)}", markup=False)


def _suggestions(others: Sequence[Observation], known: set[str]) -> list[Observation]:
    by_mac = {
        one.mac: one for one in others if one.mac and one.mac not in known and phone_like(one)
    }
    return sorted(by_mac.values(), key=lambda one: one.ago)[:MOST_SUGGESTED]


# --- devices


@dataclass(slots=True)
class _Row:
    """One device, by whichever sources see it."""

    seen: Observation
    sources: list[str] = field(default_factory=list)
    whose: str = ""  # device of the settings


def devices(chosen: argparse.Namespace) -> int:
    settings, screen = settings_of(chosen), console()
    presence = settings.presence
    rows: dict[str, _Row] = {}
    failed = 0
    for one in presence.sources or (NeighboursSettings(kind="neighbours"),):
        try:
            _add(rows, presence, one)
        except WhosThereError as trouble:
            failed += 1
            screen.print(f"[bold red]✗[/] {one.name}: {escape(str(trouble))}\n")
    if rows:
        found = sorted(rows.values(), key=lambda row: row.seen.ago)
        screen.print(_table(found))
        _how_to_add([row.seen for row in found if not row.whose], screen)
    elif not failed:
        screen.print("Nothing is seen. 'whosthere presence check' says more.")
    return 1 if failed else 0


def _add(rows: dict[str, _Row], presence: PresenceSettings, one: SourceSettings) -> None:
    """Look for everybody, and not only for known devices; then say which of these are known."""
    directory = directory_of(presence)
    nobody = presence.model_copy(update={"people": {}})
    observations = look(source_of(nobody, one, directory), again=True)
    matches = source_of(presence, one, directory).matcher.match(observations)
    whose = {match.seen: match.device for match in matches}
    for seen in (directory.complete(tidy(o)) for o in observations):
        row = rows.setdefault(identity(seen), _Row(seen))
        row.seen = min(row.seen, seen, key=lambda o: o.ago)
        row.whose = row.whose or whose.get(seen, "")
        row.sources += [] if one.name in row.sources else [one.name]


def _table(rows: Sequence[_Row]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in ("Name", "MAC or Bluetooth", "Address", "Heard", "By", "Yours"):
        table.add_column(head, overflow="fold")
    for row in rows:
        one = row.seen
        who = f"{one.mac} *" if is_randomised(one.mac) else one.mac or one.bluetooth
        mark = f"[green]{row.whose}[/]" if row.whose else ("?" if phone_like(one) else "")
        name = escape(one.host or one.device)
        table.add_row(name, who, one.address, ago(one.ago), ", ".join(row.sources), mark)
    return table


def _how_to_add(others: Sequence[Observation], screen: Console) -> None:
    if any(is_randomised(one.mac) for one in others):
        screen.print(f"\n* The device made this address up for this Wi-Fi. {FIX_IT.rstrip()}")
    best = next((one for one in others if phone_like(one)), None)
    if best is not None:
        screen.print("\n? may be a phone. This makes one yours, in the settings:\n")
        screen.print("  [presence.people.YOUR-NAME]", markup=False)
        screen.print(f"  {line_for(best)}", markup=False)
