"""Many alerts through bad weather and crashes: each arrives once, its news in order."""

import random
from datetime import timedelta
from pathlib import Path

import pytest

from tests.servers.fake_slack import CHANNEL, FakeSlack
from tests.slack.rig import NOW
from tests.slack.storm import child, counted, planned, trouble, with_picture

pytestmark = pytest.mark.slow

ALERTS, KILLS = 200, 8


@pytest.mark.timeout(400)
def test_each_alert_arrives_once_through_faults_and_kills(fake: FakeSlack, tmp_path: Path):
    chance = random.Random(7)  # noqa: S311 - the weather
    plan = planned(NOW, timedelta(minutes=5), ALERTS)
    store = with_picture(tmp_path)
    store.remember([alert for _, alert in plan])
    store.close()

    def all_there() -> bool:
        count = counted(fake, plan)
        return (count.arrived, count.pictures, count.news) >= (ALERTS, ALERTS // 10, ALERTS // 5)

    for kill in range(KILLS + 1):
        process = child(tmp_path, fake.url)
        try:
            trouble(fake, chance, 4)
            if kill < KILLS:
                wanted = len(fake.messages[CHANNEL]) + chance.randint(10, 25)
                fake.until(lambda wanted=wanted: len(fake.messages[CHANNEL]) >= wanted, 60)
            else:
                fake.until(all_there, 200)
        finally:
            process.kill()
            process.wait()
    count = counted(fake, plan)
    assert (ALERTS, ALERTS, 0, 0) == (count.sent, count.arrived, count.twice, count.out_of_order)
    assert (ALERTS // 10, ALERTS // 5) == (count.pictures, count.news)
    assert sorted(m["ts"] for m in fake.top()) == [m["ts"] for m in fake.top()]
