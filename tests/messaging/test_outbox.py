"""Delivery: in order, again and again, once for people, and never silently given up."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.messaging.receiver import Receiver, cut, hang, status
from tests.storage.making import EVENING, alert
from whosthere.core.model import Alert, News
from whosthere.core.ports import Messenger
from whosthere.messaging.console import Console
from whosthere.messaging.outbox import Delivering
from whosthere.messaging.webhook import Webhook
from whosthere.storage.sqlite import SqliteStore


@dataclass
class Time:
    """Both clocks, which go on only when told."""

    monotonic: float = 1000.0
    wall: datetime = EVENING + timedelta(seconds=1)

    def passes(self, seconds: float) -> None:
        self.monotonic += seconds
        self.wall += timedelta(seconds=seconds)

    def now(self) -> datetime:
        return self.wall


@dataclass
class Bench:
    """A store and a delivery thread's work, step by step."""

    store: SqliteStore
    time: Time
    receiver: Receiver
    told: list[str | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        webhook = Webhook(self.receiver.url, timeout_seconds=0.2, zone=UTC)
        self.delivering = self.deliver_by(webhook)

    def deliver_by(self, messenger: Messenger) -> Delivering:
        return Delivering(
            self.store,
            "webhook",
            messenger,
            on_trouble=self.told.append,
            clock=lambda: self.time.monotonic,
            now=self.time.now,
            chance=random.Random(1),  # noqa: S311 - seeded, for a test
        )

    def attempts(self, seconds: float) -> list[float]:
        """Let time pass; return after how many seconds attempts were made."""
        made, began = [], self.time.monotonic
        left = seconds
        while left >= 0:
            before = len(self.receiver.received)
            pause = self.delivering.step()
            made += [self.time.monotonic - began] * (len(self.receiver.received) - before)
            self.time.passes(min(pause, left))
            left -= pause
        return made

    def texts(self) -> list[str]:
        return [body["text"] for body in self.receiver.bodies]

    def keys(self) -> list[str]:
        return [body["key"] for body in self.receiver.bodies]

    def revisions(self) -> list[tuple[str, int]]:
        return [(b["alert"]["id"], b["alert"]["revision"]) for b in self.receiver.bodies]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "whosthere.db"


@pytest.fixture
def bench(path: Path, receiver: Receiver) -> Iterator[Bench]:
    time = Time()
    store = SqliteStore(path, messengers=["webhook"], clock=time.now)
    yield Bench(store, time, receiver)
    store.close()


def test_what_waits_is_delivered_in_order_and_once(bench: Bench):
    bench.store.remember([alert(1), alert(2)])
    bench.store.remember([alert(1, 2)])
    bench.attempts(600)
    assert [("alert-1", 1), ("alert-2", 1), ("alert-1", 2)] == bench.revisions()
    assert [] == bench.store.waiting("webhook") == bench.store.undelivered()


def test_pauses_grow_from_a_second_to_five_minutes(bench: Bench):
    bench.receiver.answers.extend([status(503)] * 14)
    bench.store.remember([alert()])
    made = bench.attempts(3600)
    pauses = [after - before for before, after in pairwise(made)]
    for doubled, pause in zip([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300], pauses, strict=False):
        assert 0.8 * doubled <= pause <= 1.2 * doubled
    assert 15 == len(made)  # the last one arrived
    assert len(set(pauses)) == len(pauses)  # no two alike: jitter


def test_trouble_is_told_and_its_end_too(bench: Bench):
    bench.receiver.answers.extend([status(503)] * 2)
    bench.store.remember([alert()])
    bench.attempts(60)
    assert ["503" in str(told) for told in bench.told] == [True, True, False]
    assert bench.told[-1] is None


def test_the_second_revision_never_comes_before_the_first(bench: Bench):
    bench.receiver.answers.extend([status(500)] * 3)
    bench.store.remember([alert(1)])
    bench.store.remember([alert(1, 2)])
    bench.attempts(60)
    assert [("alert-1", n) for n in (1, 1, 1, 1, 2)] == bench.revisions()


def test_an_alert_that_is_stuck_lets_others_pass(bench: Bench):
    refuses_first = [status(500), *[status(200)] * 2, status(500), *[status(200)] * 9]
    bench.receiver.answers.extend(refuses_first)
    bench.store.remember([alert(1), alert(2), alert(3)])
    bench.attempts(60)
    assert ["alert-1", "alert-2"] == [name for name, _ in bench.revisions()[:2]]
    assert ["alert-1", "alert-2", "alert-3"] == sorted({name for name, _ in bench.revisions()})
    assert [] == bench.store.waiting("webhook")


def test_while_the_other_side_is_down_it_is_not_stormed(bench: Bench):
    bench.receiver.answers.extend([status(503)] * 1000)
    for number in range(50):
        bench.store.remember([alert(number)])
    assert len(bench.attempts(600)) <= 12


def test_when_the_other_side_is_back_all_goes_out_at_once(bench: Bench):
    bench.receiver.answers.extend([status(503)] * 9)
    for number in range(5):
        bench.store.remember([alert(number)])
    made = bench.attempts(600)
    assert 14 == len(made)
    assert made[-1] == made[-5]  # no pauses between those that went well


def test_a_new_alert_is_tried_at_once_in_the_middle_of_a_pause(bench: Bench):
    bench.receiver.answers.extend([status(503)] * 9)
    bench.store.remember([alert(1)])
    bench.attempts(300)
    bench.store.remember([alert(2)])
    bench.receiver.answers.clear()
    bench.delivering.wake()
    made = bench.attempts(0)
    assert [0.0, 0.0] == made
    assert "alert-2" == bench.revisions()[-2][0]


def test_what_waits_is_tried_at_once_when_the_other_side_is_known_to_be_back(bench: Bench):
    bench.receiver.answers.extend([status(503)] * 9)
    bench.store.remember([alert(1)])
    bench.attempts(300)
    bench.receiver.answers.clear()
    bench.delivering.wake()
    assert [] == bench.attempts(0)
    bench.delivering.back()
    assert [0.0] == bench.attempts(0)


def test_a_wish_for_a_pause_is_obeyed_even_by_new_alerts(bench: Bench):
    bench.receiver.answers.append(status(429, Retry_After="120"))
    bench.store.remember([alert(1)])
    assert [0.0] == bench.attempts(0)
    bench.store.remember([alert(2)])
    bench.delivering.wake()
    assert 119 < bench.attempts(600)[0] < 121


def test_a_refusal_for_ever_is_given_up_and_told(bench: Bench, caplog: pytest.LogCaptureFixture):
    bench.receiver.answers.append(status(400))
    bench.store.remember([alert(1), alert(2)])
    bench.attempts(10)
    assert [("alert-1", 1), ("alert-2", 1)] == bench.revisions()
    assert [("failed", "webhook", 1)] == [row[:3] for row in bench.store.undelivered()]
    assert "Given up: the person alert of front, 2026-01-01 22:00:01 UTC." in str(bench.told[0])
    assert "Given up" in caplog.text


def test_after_days_of_attempts_an_alert_is_given_up_and_told(bench: Bench):
    bench.receiver.answers.extend([status(503)] * 10_000)
    bench.store.remember([alert()])
    made = bench.attempts(4 * 86400)
    assert 3 * 86400 <= made[-1] < 3 * 86400 + 400
    assert "Given up" in str(bench.told[-1])
    assert [("failed", "webhook", 1)] == [row[:3] for row in bench.store.undelivered()]


def test_a_clock_that_jumps_a_week_gives_nothing_up(bench: Bench):
    bench.store.remember([alert()])
    bench.time.wall += timedelta(days=7)
    bench.receiver.answers.extend([status(503)] * 5)
    bench.attempts(120)
    assert [] == bench.store.waiting("webhook") == bench.store.undelivered()


@pytest.mark.parametrize("hours", [-5, 5])
def test_a_wall_clock_that_jumps_holds_nothing_up(bench: Bench, hours: float):
    bench.receiver.answers.append(status(503))
    bench.store.remember([alert()])
    bench.delivering.step()
    bench.time.wall += timedelta(hours=hours)
    assert bench.attempts(5)
    assert ["Person at front, 22:00:01 (90 % sure)"] * 2 == bench.texts()  # and is not late


@pytest.mark.parametrize("hours", [-5, 0, 5])
def test_across_a_restart_a_pause_is_one_pause_at_most(bench: Bench, hours: float):
    bench.receiver.answers.extend([status(503)] * 50)
    bench.store.remember([alert()])
    bench.attempts(2000)
    bench.receiver.answers.clear()
    before = len(bench.receiver.received)
    bench.time.wall += timedelta(hours=hours)
    bench.__post_init__()
    made = bench.attempts(1000)
    assert made[0] <= 300
    assert before + 1 == len(bench.receiver.received)


def test_what_is_late_says_how_late(bench: Bench):
    bench.receiver.answers.extend([status(503)] * 5)
    bench.store.remember([alert()])
    bench.attempts(600)
    assert bench.receiver.bodies[0]["late_seconds"] == 0
    assert 25 < bench.receiver.bodies[-1]["late_seconds"] < 38
    assert "s late" in bench.texts()[-1]


def test_a_clip_that_took_its_time_to_be_made_is_not_late(bench: Bench):
    bench.time.passes(90)
    bench.store.remember([alert(1, 3, news=News.CLIP, file="a.mp4")])
    bench.attempts(0)
    assert ["Clip of the person at front, 22:00:01"] == bench.texts()


def test_a_cut_connection_leads_to_a_second_try_with_the_same_key(bench: Bench):
    bench.receiver.answers.append(cut)
    bench.store.remember([alert()])
    bench.attempts(60)
    assert 2 == len(bench.keys())
    assert 1 == len(set(bench.keys()))


def test_a_server_that_hangs_leads_to_a_second_try(bench: Bench):
    bench.receiver.answers.append(hang)
    bench.store.remember([alert()])
    bench.attempts(60)
    assert 2 == len(bench.keys())
    assert 1 == len(set(bench.keys()))


def test_a_crash_between_sending_and_noting_leads_to_the_same_key(path: Path, receiver: Receiver):
    store = SqliteStore(path, messengers=["webhook"])
    store.remember([alert()])
    ((delivery, _),) = store.waiting("webhook")
    store.sending(delivery)
    Webhook(receiver.url).send(delivery, 0.0)
    store.close()  # before `sent`
    store = SqliteStore(path, messengers=["webhook"])
    Delivering(store, "webhook", Webhook(receiver.url)).step()
    assert [] == store.waiting("webhook")
    store.close()
    assert [(delivery.key, 1), (delivery.key, 2)] == [
        (body["key"], body["attempt"]) for body in receiver.bodies
    ]


def test_people_see_that_a_line_may_be_there_twice(path: Path):
    store = SqliteStore(path, messengers=["console"])
    store.remember([alert(at=datetime.now(UTC))])
    ((delivery, _),) = store.waiting("console")
    store.sending(delivery)
    store.close()
    store = SqliteStore(path, messengers=["console"])
    shown: list[str] = []
    Delivering(store, "console", Console(lambda line: shown.append(line.plain))).step()
    store.close()
    assert [True] == [line.endswith("(again)") for line in shown]


def test_a_mistake_in_a_messenger_does_not_stop_the_others_after_a_restart(bench: Bench):
    class Mistaken:
        def send(self, *_: object) -> None:
            raise ZeroDivisionError

    bench.store.remember([alert(1), alert(2)])
    mistaken = bench.deliver_by(Mistaken())
    for _ in range(2):  # the worker starts it again
        with pytest.raises(ZeroDivisionError):
            mistaken.step()
    assert [1, 1] == [delivery.attempts for delivery, _ in bench.store.waiting("webhook")]


@contextmanager
def running(delivering: Delivering) -> Iterator[threading.Thread]:
    thread = threading.Thread(target=delivering.run)
    thread.start()
    yield thread
    delivering.stop()
    thread.join(10)
    assert not thread.is_alive()


def test_an_alert_goes_out_at_once_when_woken(path: Path, receiver: Receiver):
    store = SqliteStore(path, messengers=["webhook"])
    delivering = Delivering(store, "webhook", Webhook(receiver.url))
    store.when_queued(delivering.wake)
    with running(delivering):
        for number in range(1, 6):
            store.remember([alert(number, at=datetime.now(UTC))])
            receiver.wait_for(number)
    late = [
        (datetime.now(UTC) - datetime.fromisoformat(body["alert"]["at"])).total_seconds()
        for body in receiver.bodies
    ]
    store.close()
    assert max(late) < 20


def test_a_wake_ends_the_pause_after_a_failure(path: Path, receiver: Receiver):
    receiver.answers.append(status(503, Content_Length="0"))
    store = SqliteStore(path, messengers=["webhook"])
    failed = threading.Event()
    delivering = Delivering(
        store, "webhook", Webhook(receiver.url), on_trouble=lambda _: failed.set()
    )
    store.when_queued(delivering.wake)
    with running(delivering):
        store.remember([alert(1)])
        assert failed.wait(20)
        store.remember([alert(2)])
        assert "alert-2" in [request.body["alert"]["id"] for request in receiver.wait_for(3)]
    store.close()


def test_a_stop_is_heard_in_the_longest_pause(path: Path, receiver: Receiver):
    store = SqliteStore(path, messengers=["webhook"])
    delivering = Delivering(store, "webhook", Webhook(receiver.url))
    with running(delivering):
        pass
    delivering.stop()
    delivering.run()  # returns at once
    store.close()
    assert [] == receiver.received


def test_messengers_do_not_wait_for_each_other(path: Path, receiver: Receiver):
    receiver.answers.append(hang)
    shown: list[str] = []
    printed = threading.Event()

    def show(line: object) -> None:
        shown.append(str(line))
        printed.set()

    store = SqliteStore(path, messengers=["console", "webhook"])
    console = Delivering(store, "console", Console(show))
    webhook = Delivering(store, "webhook", Webhook(receiver.url, timeout_seconds=60))
    store.when_queued(console.wake)
    store.when_queued(webhook.wake)
    with running(console), running(webhook):
        told: Alert = alert(at=datetime.now(UTC))
        store.remember([told])
        receiver.wait_for(1)
        assert printed.wait(20)
        receiver.over.set()
    store.close()
    assert 1 == len(shown)
