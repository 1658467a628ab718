"""Bad weather for alerts on their way to Slack, and a count of what arrived; for benchmarks too."""

import random
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.servers.fake_slack import CHANNEL, FakeSlack
from tests.slack.rig import JPEG, alert
from whosthere.core.model import Alert, News
from whosthere.storage.outbox import delivery_key
from whosthere.storage.sqlite import SqliteStore

Plan = list[tuple[datetime, Alert]]

PICTURE = "one.jpg"
FAULTS: tuple[dict[str, Any], ...] = (
    {"cut": True},
    {"cut": True, "after": True},
    {"status": 500},
    {"status": 500, "after": True},
    {"status": 429, "retry_after": 1},
)
METHODS = ("chat.postMessage", "chat.update", "files.completeUploadExternal")


def planned(began: datetime, every: timedelta, alerts: int) -> Plan:
    """What is told when: alerts of four cameras in turn, each tenth with picture and more news."""
    told = []
    for number in range(alerts):
        at = began + number * every
        first = alert(number, camera=f"camera-{number % 4}", at=at)
        told.append((at, first))
        if number % 10 == 0:
            later = ((News.PICTURE, PICTURE), (News.RECOGNISED, None), (News.ANOTHER_VISIT, None))
            for revision, (news, file) in enumerate(later, 2):
                when = at + timedelta(seconds=revision)
                more = replace(first, revision=revision, news=news, file=file, at=when)
                told.append((when, more))
    return sorted(told, key=lambda one: one[0])


def with_picture(folder: Path) -> SqliteStore:
    """Make a data folder."""
    (folder / PICTURE).write_bytes(JPEG.read_bytes())
    return SqliteStore(folder / "whosthere.db", messengers=["slack"])


def child(folder: Path, url: str, *more: str) -> subprocess.Popen[bytes]:
    """Start the process that delivers."""
    command = [sys.executable, "-m", "tests.slack.child", str(folder), url, *more]
    return subprocess.Popen(command)


def trouble(fake: FakeSlack, chance: random.Random, times: int = 1) -> None:
    """Let some of the next calls fail, somehow."""
    for method in chance.choices(METHODS, k=times):
        fake.fail(method, **chance.choice(FAULTS))


@dataclass(frozen=True, slots=True)
class Count:
    """What became of a plan."""

    sent: int  # alerts
    arrived: int
    twice: int
    out_of_order: int  # alerts whose news do not stand in their order
    pictures: int
    news: int  # lines in the messages of alerts
    late: int  # alerts that say how late they are


def counted(fake: FakeSlack, plan: Plan) -> Count:
    alerts = [one for _, one in plan]
    sent = {delivery_key(one, "slack") for one in alerts if one.news is News.FIRST}
    keys = Counter(
        message["metadata"]["event_payload"]["key"]
        for message in fake.messages[CHANNEL]
        if message.get("metadata")
    )
    lines = [moments_of_news(message) for message in fake.top()]
    return Count(
        sent=len(sent),
        arrived=len(sent & keys.keys()),
        twice=sum(times - 1 for times in keys.values()),
        out_of_order=sum(moments != sorted(moments) for moments in lines),
        pictures=len([one for one in fake.messages[CHANNEL] if one.get("files")]),
        news=sum(map(len, lines)),
        late=len([one for one in fake.top() if " late" in one["text"]]),
    )


def moments_of_news(message: dict[str, Any]) -> list[int]:
    """When the news were, from top to bottom."""
    return [int(one) for one in re.findall(r"↳ <!date\^(\d+)", str(message.get("blocks")))]


def in_utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
