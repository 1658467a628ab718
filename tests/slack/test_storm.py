"""Many alerts through bad weather and crashes: each arrives once, its news in order."""

import random
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from tests.servers.fake_slack import CHANNEL, FakeSlack
from tests.slack.rig import JPEG, NOW, alert
from whosthere.core.model import News
from whosthere.storage.sqlite import SqliteStore

pytestmark = pytest.mark.slow

ALERTS, KILLS = 200, 8
ALL = ALERTS, ALERTS // 10, ALERTS // 10
FAULTS = (
    {"cut": True},
    {"cut": True, "after": True},
    {"status": 500},
    {"status": 500, "after": True},
    {"status": 429, "retry_after": 1},
)
METHODS = ("chat.postMessage", "chat.update", "files.completeUploadExternal")


def queued(folder: Path) -> None:
    """Put alerts of four cameras into the outbox, some with a picture and another visit."""
    (folder / "one.jpg").write_bytes(JPEG.read_bytes())
    store = SqliteStore(folder / "whosthere.db", messengers=["slack"])
    for number in range(ALERTS):
        at = NOW + timedelta(minutes=5 * number)
        name = f"camera-{number % 4}"
        told = [alert(number, camera=name, at=at)]
        if number % 10 == 0:
            told.append(alert(number, 2, News.PICTURE, camera=name, at=at, file="one.jpg"))
            told.append(alert(number, 3, News.ANOTHER_VISIT, camera=name, at=at))
        store.remember(told)
    store.close()


def arrived(fake: FakeSlack) -> tuple[int, int, int]:
    """How many alerts, pictures and other visits there are."""
    visits = sum("Another visit" in str(one["blocks"]) for one in fake.top())
    return len(fake.top()), len([m for m in fake.messages[CHANNEL] if m.get("files")]), visits


@pytest.mark.timeout(400)
def test_each_alert_arrives_once_through_faults_and_kills(fake: FakeSlack, tmp_path: Path):
    chance = random.Random(7)  # noqa: S311 - the weather
    queued(tmp_path)
    for kill in range(KILLS + 1):
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.slack.child", str(tmp_path), fake.url]
        )
        try:
            for method in chance.choices(METHODS, k=4):
                fake.fail(method, **chance.choice(FAULTS))
            if kill < KILLS:
                wanted = len(fake.messages[CHANNEL]) + chance.randint(10, 25)
                fake.until(lambda wanted=wanted: len(fake.messages[CHANNEL]) >= wanted, 60)
            else:
                fake.until(lambda: arrived(fake) >= ALL, 200)
        finally:
            child.kill()
            child.wait()
    keys = Counter(message["metadata"]["event_payload"]["key"] for message in fake.top())
    assert ALERTS == len(keys)
    assert {1} == set(keys.values())
    assert ALL == arrived(fake)
    assert sorted(m["ts"] for m in fake.top()) == [m["ts"] for m in fake.top()]
