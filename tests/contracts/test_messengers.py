"""What every messenger does: hand over each revision in words, and say so when it cannot."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC

import pytest

from tests.messaging.receiver import receiving, status
from tests.storage.making import EVENING, alert, seconds
from whosthere.core.errors import DeliveryTrouble
from whosthere.core.model import AlertKind, News
from whosthere.core.ports import Delivery, Messenger
from whosthere.messaging.console import Console
from whosthere.messaging.settings import ADAPTERS
from whosthere.messaging.webhook import Webhook

Seen = Callable[[], list[str]]


@contextmanager
def console_that_works() -> Iterator[tuple[Messenger, Seen]]:
    shown: list[str] = []
    yield Console(lambda line: shown.append(line.plain), zone=UTC), lambda: shown


@contextmanager
def console_that_fails() -> Iterator[Messenger]:
    reading, writing = os.pipe()
    os.close(reading)  # nobody reads any more
    with os.fdopen(writing, "w", buffering=1) as pipe:
        yield Console(lambda line: (pipe.write(f"{line.plain}\n"), pipe.flush()))
        with pytest.raises(BrokenPipeError):
            pipe.close()


@contextmanager
def webhook_that_works() -> Iterator[tuple[Messenger, Seen]]:
    with receiving() as receiver:
        yield Webhook(receiver.url, zone=UTC), lambda: [body["text"] for body in receiver.bodies]


@contextmanager
def webhook_that_fails() -> Iterator[Messenger]:
    with receiving() as receiver:
        receiver.answers.append(status(500))
        yield Webhook(receiver.url)


WORKING = {"console": console_that_works, "webhook": webhook_that_works}
ABOUT_THE_HOUSE = {
    AlertKind.ARMING,
    AlertKind.DISARMED,
    AlertKind.STILL_ARMED,
    AlertKind.PRESENCE_LOST,
    AlertKind.PRESENCE_BACK,
    AlertKind.TROUBLE,
    AlertKind.WELL_AGAIN,
    AlertKind.OUTAGE,
    AlertKind.SIREN,
    AlertKind.PROPOSAL,
}
FAILING = {"console": console_that_fails, "webhook": webhook_that_fails}


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def test_every_messenger_is_tested_here():
    assert set(ADAPTERS) == set(WORKING) == set(FAILING)


@pytest.mark.parametrize("kind", WORKING)
def test_each_kind_of_news_is_told_in_words(kind: str):
    with WORKING[kind]() as (messenger, seen):
        for number, news in enumerate(News, 1):
            for alert_kind in AlertKind:
                told = alert(number, number, news=news, kind=alert_kind)
                messenger.send(Delivery(1, kind, told, "key", 0, EVENING, seconds(0)), 0.0)
        assert len(News) * len(AlertKind) == len(seen())
        assert all("22:00:" in line for line in seen())
        about_camera = sum("front" in line for line in seen())
        assert len(News) * (len(AlertKind) - len(ABOUT_THE_HOUSE)) == about_camera


@pytest.mark.parametrize("kind", WORKING)
def test_what_is_late_says_so(kind: str):
    with WORKING[kind]() as (messenger, seen):
        messenger.send(Delivery(1, kind, alert(), "key", 0, EVENING), 42.0)
        assert "delivered 42 s late" in seen()[0]


@pytest.mark.parametrize("kind", FAILING)
def test_a_failure_is_raised_and_may_be_tried_again(kind: str):
    with FAILING[kind]() as messenger, pytest.raises(DeliveryTrouble) as caught:
        messenger.send(Delivery(1, kind, alert(), "key", 0, EVENING), 0.0)
    assert not caught.value.permanent
