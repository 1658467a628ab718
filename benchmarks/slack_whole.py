"""The whole program in bad weather: `whosthere run` with four cameras, killed now and then.

What it remembered is compared with what stands in the channel in the end: each alert once, its
news in order, each picture and clip once, and each answer that was given shown in its message.
"""

import random
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks.slack_cameras import DATA, prepared, started
from benchmarks.slack_storm import GRACE_SECONDS, Weather
from tests.servers.fake_slack import CHANNEL, FakeSlack
from tests.slack.storm import moments_of_news
from whosthere.core.model import Alert, News
from whosthere.messaging.outbox import FILES
from whosthere.storage.outbox import delivery_key
from whosthere.storage.sqlite import SqliteStore

MINUTES_BETWEEN_KILLS = 1.5
PRESS_SECONDS = 7.0  # between answers that people give
SETTLED = 20.0  # seconds in which nothing new arrives


@dataclass(frozen=True, slots=True)
class WholeCount:
    """What the program remembers, and what became of it."""

    alerts: int
    arrived: int
    twice: int  # messages of any kind that came again
    out_of_order: int
    files: int
    files_arrived: int
    files_twice: int
    answered: int  # alerts
    answers_shown: int
    late: int


def whole_storm(
    minutes: float, outage: float | None, seed: int
) -> tuple[WholeCount, Counter[str], list[str]]:
    """Let everything go wrong while four cameras see visitors."""
    chance = random.Random(seed)  # noqa: S311 - the weather
    seconds = minutes * 60
    with tempfile.TemporaryDirectory() as place, FakeSlack() as fake:
        settings = prepared(Path(place), fake.url)
        kills = round(minutes / MINUTES_BETWEEN_KILLS)
        weather = Weather(fake, seconds, outage and outage * 60, chance, kills)
        process = started(settings)
        try:
            process = _through(fake, weather, process, settings, seconds)
            _calm(fake)
            fake.slash("/whosthere", "disarm")
            _settle(fake, settings.parent / DATA / "whosthere.db")
        finally:
            process.terminate()
            process.wait(30)
        said = settings.with_name("said").read_text().splitlines()
        store = SqliteStore.visit(settings.parent / DATA / "whosthere.db")
        try:
            return count_whole(fake, store), weather.happened, said
        finally:
            store.close()


def _through(
    fake: FakeSlack,
    weather: Weather,
    process: subprocess.Popen[bytes],
    settings: Path,
    seconds: float,
) -> subprocess.Popen[bytes]:
    began, pressed = time.time(), 0.0
    while (now := time.time() - began) < seconds:
        if weather.pass_until(now):
            process.kill()
            process.wait()
            process = started(settings)
        if now - pressed > PRESS_SECONDS:
            pressed = now
            _press(fake, weather)
        time.sleep(0.2)
    return process


def _press(fake: FakeSlack, weather: Weather) -> None:
    """Answer one of the newest alerts, if Slack and the program are there just now."""
    messages = [one for one in fake.top() if one.get("metadata")][-4:]
    if messages and fake.sockets and not fake.down:
        number = weather.happened["answers pressed"] = weather.happened["answers pressed"] + 1
        word = ("occupied", "unoccupied")[number % 2]
        with suppress(TimeoutError, LookupError, OSError):  # as people see: it did not work
            fake.press(messages[number % len(messages)], f"alert_{word}")


def _calm(fake: FakeSlack) -> None:
    fake.down = False
    fake.faults.clear()
    fake.expired_tickets = 0
    fake.connected(GRACE_SECONDS)


def _settle(fake: FakeSlack, database: Path) -> None:
    """Wait until all is sent and nothing new arrives."""
    ends, quiet, calls = time.monotonic() + GRACE_SECONDS, time.monotonic(), 0
    while time.monotonic() < ends and time.monotonic() - quiet < SETTLED:
        store = SqliteStore.visit(database)
        waiting = store.undelivered()
        store.close()
        if waiting or len(fake.calls) != calls:
            quiet, calls = time.monotonic(), len(fake.calls)
        time.sleep(1.0)


def count_whole(fake: FakeSlack, store: SqliteStore) -> WholeCount:
    """Compare the program's memory with the channel."""
    alerts = store.alerts()
    firsts = {_key(one) for one in alerts if one.news is News.FIRST}
    keys = Counter(_keys(fake))
    files = {_key(one)[:8] for one in alerts if one.news in FILES}
    sent = Counter(_files(fake))
    shown = {_first_key(one): one for one in fake.messages[CHANNEL] if one.get("metadata")}
    answered = {
        incident.alert_id
        for incident in store.incidents()
        if incident.alert_id and store.tag(incident.id)
    }
    tagged = [one for one in alerts if one.news is News.FIRST and one.id in answered]
    return WholeCount(
        alerts=len(firsts),
        arrived=len(firsts & keys.keys()),
        twice=sum(times - 1 for times in keys.values()),
        out_of_order=sum(
            moments != sorted(moments) for moments in map(moments_of_news, shown.values())
        ),
        files=len(files),
        files_arrived=len(files & sent.keys()),
        files_twice=sum(times - 1 for times in sent.values()),
        answered=len(tagged),
        answers_shown=sum(
            f"*{_answer(store, one)}*, says" in str(shown.get(_key(one))) for one in tagged
        ),
        late=len([one for one in shown.values() if " late" in one["text"]]),
    )


def _answer(store: SqliteStore, alert: Alert) -> str:
    """The word that its message must show: of the last of its visits that was answered."""
    every = [store.tag(one) for one in store.alert(alert.id)[-1].incident_ids]
    return str([tag.answer for tag in every if tag][-1]).capitalize()


def _key(alert: Alert) -> str:
    return delivery_key(alert, "slack")


def _keys(fake: FakeSlack) -> Iterator[str]:
    for messages in fake.messages.values():
        yield from (_first_key(one) for one in messages if one.get("metadata"))


def _first_key(message: dict[str, Any]) -> str:
    return str(message["metadata"]["event_payload"]["key"])


def _files(fake: FakeSlack) -> Iterator[str]:
    """The part of each file's name that is of its delivery."""
    for message in fake.messages[CHANNEL]:
        for file in message.get("files") or ():
            yield str(file["name"]).rpartition("-")[2].partition(".")[0]


def whole_table(minutes: float, seed: int, count: WholeCount, happened: Counter[str]) -> Table:
    view = Table(title=f"`whosthere run`, four cameras, {minutes:.0f} minutes, seed {seed}")
    view.add_column("")
    view.add_column("", justify="right")
    for what, times in sorted(happened.items()):
        view.add_row(what, str(times))
    view.add_section()
    view.add_row("alerts in its database", str(count.alerts))
    view.add_row("arrived", str(count.arrived))
    view.add_row("messages that came twice", str(count.twice))
    view.add_row("with news out of order", str(count.out_of_order))
    view.add_row("pictures and clips", f"{count.files_arrived} of {count.files}")
    view.add_row("that came twice", str(count.files_twice))
    view.add_row("answers shown", f"{count.answers_shown} of {count.answered}")
    view.add_row("that said how late they were", str(count.late))
    return view
