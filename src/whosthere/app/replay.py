"""`whosthere replay`: what people would have been told by other rules, on one's own past."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from whosthere.app.replay_clips import Seen, from_clips, with_eyes
from whosthere.app.replay_picture import write_picture
from whosthere.app.replay_rules import changed, in_words, rules_of
from whosthere.app.replay_times import stretch_of
from whosthere.app.replay_views import as_plain, difference_table, totals_table
from whosthere.app.settings import Settings
from whosthere.app.terminal import add_settings_argument, console, say, settings_of
from whosthere.core.errors import BadSettings, StoreTrouble
from whosthere.core.history import Noted
from whosthere.core.model import Answer
from whosthere.core.policy import Policy
from whosthere.learning.compare import Compared, Report, compare, incidents_by, watched
from whosthere.learning.past import Past
from whosthere.learning.replay import Rules
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.sqlite import SqliteStore

SHOWN = 20
AROUND = timedelta(seconds=2)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--since", default="14d", metavar="WHEN", help="14d, 6h or a date (default: %(default)s)")
    add("--until", metavar="WHEN", help="the same way (default: now)")
    add("--camera", metavar="NAME", help="this camera only")
    add(
        "--set", action="append", default=[], metavar="NAME=NUMBER", dest="wishes",
        help="another number, of all cameras or of one: front.cooldown=60; may be repeated",
    )  # fmt: skip
    add("--policy", type=int, metavar="N", help="begin with the numbers of this version")
    add("--json", action="store_true", help="one JSON object")
    add("--picture", type=Path, metavar="FILE", help="write a timeline: .svg or .png")
    add(
        "--from-clips", action="store_true",
        help="play the clips of incidents again, with other --motion or --detector settings",
    )  # fmt: skip
    for name, example in (("--motion", "least_contrast=12"), ("--detector", "threads=2")):
        add(name, action="append", default=[], metavar="NAME=VALUE", help=f"as in {example}")
    add("--most", type=int, default=SHOWN, metavar="N",
        help="show so many differences at most (default: %(default)s)")  # fmt: skip
    add_settings_argument(parser)


def run(chosen: argparse.Namespace) -> int:
    settings = settings_of(chosen)
    now = datetime.now(UTC)
    since, until = stretch_of(chosen.since, chosen.until, now, settings.house.zone)
    storage = settings.storage
    with (
        closing(SqliteStore.visit(storage.database)) as store,
        closing(SqliteLedger.visit(storage.ledger)) as ledger,
    ):
        cameras = _cameras(settings, ledger, chosen.camera)
        before = _policy(store, settings, chosen.policy)
        policy = changed(before, chosen.wishes, cameras)
        eyes = with_eyes(settings, chosen.motion, chosen.detector)
        if chosen.from_clips:
            seen = _seen(settings, eyes, (before, policy), store, (since, until), cameras)
            return _show_seen(seen, chosen, settings, (since, until))
        if chosen.motion or chosen.detector:
            raise BadSettings("--motion and --detector change what is seen: add --from-clips.")
        since = max(since, _first(ledger, since))
        if since >= until:
            raise BadSettings(
                f"--until {chosen.until}: the ledger begins at"
                f" {since.astimezone(settings.house.zone):%Y-%m-%d %H:%M}."
            )
        reports = _reports(store, ledger, rules_of(policy), (since, until), cameras)
        differing = _differing(reports)
        shown = [(one, _reason(one, ledger, rules_of(policy))) for one in differing[: chosen.most]]
    if chosen.picture:
        write_picture(chosen.picture, reports, since, until, settings.house.zone)
    if chosen.json:
        changes = in_words(before, policy, cameras)
        say(json.dumps(as_plain(reports, shown, changes, since, until)))
        return 0
    _show(reports, shown, len(differing), in_words(before, policy, cameras),
          (since, until), settings)  # fmt: skip
    if chosen.picture:
        say(f"The timeline is in {chosen.picture}.")
    return 0


def _seen(
    settings: Settings,
    eyes: Settings,
    policies: tuple[Policy, Policy],
    store: SqliteStore,
    time: tuple[datetime, datetime],
    cameras: Sequence[str],
) -> Seen:
    known = set(cameras) & set(settings.cameras)
    incidents = [one for one in store.incidents(*time) if one.camera in known]
    return from_clips(settings, eyes, policies, incidents, _answers(store))


def _answers(store: SqliteStore) -> dict[str, Answer]:
    return {tag.incident_id: tag.answer for tag in store.tags()}  # the last one counts


def _show_seen(
    seen: Seen, chosen: argparse.Namespace, settings: Settings, time: tuple[datetime, datetime]
) -> int:
    differing = _differing(seen.reports)
    shown = [(one, "what was seen") for one in differing[: chosen.most]]
    if chosen.picture:
        write_picture(chosen.picture, seen.reports, *time, settings.house.zone)
    if chosen.json:
        plain = as_plain(seen.reports, shown, [*chosen.motion, *chosen.detector], *time)
        say(json.dumps({**plain, "without_clip": seen.without_clip, "unclear": seen.unclear}))
        return 0
    _tables(seen.reports, shown, len(differing), settings)
    say(seen.told)
    return 0


def _cameras(settings: Settings, ledger: SqliteLedger, asked: str | None) -> tuple[str, ...]:
    known = tuple(dict.fromkeys((*settings.cameras, *ledger.cameras())))
    if asked is not None and asked not in known:
        raise BadSettings(f"There is no camera '{asked}'. Choose one of {', '.join(known)}.")
    return known if asked is None else (asked,)


def _policy(store: SqliteStore, settings: Settings, version: int | None) -> Policy:
    """The numbers of that version, or those in use."""
    if version is None:
        return store.current_policy() or settings.policy()
    found = store.policy(version)
    if found is None:
        last = store.current_policy()
        known = f"There are 1 to {last.version}." if last else "There are none yet."
        raise BadSettings(f"--policy {version}: there is no such version. {known}")
    return found


def _first(ledger: SqliteLedger, since: datetime) -> datetime:
    """From when on the past can be decided again."""
    for one in ledger.history(since):
        if isinstance(one, Noted):
            return one.at
    raise StoreTrouble(
        "There is nothing yet to replay: the ledger is empty. It fills while 'whosthere run' runs."
    )


def _reports(
    store: SqliteStore,
    ledger: SqliteLedger,
    rules: Rules,
    time: tuple[datetime, datetime],
    cameras: Sequence[str],
) -> list[Report]:
    since, until = time
    with _progress(since, until) as show:
        now = incidents_by(watched(ledger.history(since, until), show), rules, since, until)
    then = [one for one in store.incidents(since, until) if one.camera in cameras]
    now = [one for one in now if one.incident.camera in cameras]
    return compare(then, now, _answers(store))


def _differing(reports: Sequence[Report]) -> list[Compared]:
    found = [one for report in reports for one in report.compared if one.differs]
    return sorted(found, key=lambda one: one.incident.started, reverse=True)


def _reason(one: Compared, ledger: SqliteLedger, rules: Rules) -> str:
    """The gate that makes the difference: that stops it now, or that stopped it then."""
    incident = one.incident
    if one.then and one.stopped_by not in (None, "no incident"):
        return str(one.stopped_by)
    since, until = incident.first_motion - AROUND, incident.last_seen + AROUND
    history = ledger.history(since - timedelta(minutes=1), until)
    past = Past.of(history, since, until, rules) if one.then else Past.of(history, since, until)
    step = past.closest(incident.camera)
    gate = step.decision.first_failed if step and step.decision else None
    return gate.name if gate else "no incident"


def _show(
    reports: Sequence[Report],
    shown: Sequence[tuple[Compared, str]],
    differing: int,
    changes: Sequence[str],
    time: tuple[datetime, datetime],
    settings: Settings,
) -> None:
    since, until = (at.astimezone(settings.house.zone) for at in time)
    say(f"From {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M}, by the rules in use"
        + (", but with" if changes else ":"))  # fmt: skip
    for line in changes:
        say(f"  {line}")
    _tables(reports, shown, differing, settings)


def _tables(
    reports: Sequence[Report],
    shown: Sequence[tuple[Compared, str]],
    differing: int,
    settings: Settings,
) -> None:
    screen = console()
    screen.print(totals_table(reports))
    if shown:
        screen.print(difference_table(shown, settings.house.zone))
        if differing > len(shown):
            say(f"{differing - len(shown)} more differ; --most {differing} shows all.")
    else:
        say(_alike(reports))


def _alike(reports: Sequence[Report]) -> str:
    """Say that people are told of the same, though maybe in fewer or more alerts."""
    then, now = sum(one.alerts_then for one in reports), sum(one.alerts_now for one in reports)
    if then == now:
        return "No incident would have been told otherwise."
    return f"The same incidents would have been told, but in {now} alerts instead of {then}."


@contextmanager
def _progress(since: datetime, until: datetime) -> Iterator[Callable[[datetime], object]]:
    """Show on the terminal how far the replay has come."""
    total = (until - since).total_seconds()
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[day]}"))
    with Progress(
        *columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()
    ) as progress:
        task = progress.add_task("replaying", total=total, day="")

        def show(at: datetime) -> None:
            done = (at - since).total_seconds()
            progress.update(task, completed=done, day=f"{at:%Y-%m-%d}")

        yield show
