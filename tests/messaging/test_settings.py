"""Messengers as people set them."""

from datetime import UTC
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from tests.messaging.receiver import Receiver
from tests.storage.making import EVENING, alert
from whosthere.core.errors import BadSettings
from whosthere.core.ports import Delivery
from whosthere.messaging.console import Console
from whosthere.messaging.settings import ADAPTERS, MessengerSettings, make_messenger

settings = TypeAdapter(MessengerSettings).validate_python
DELIVERY = Delivery(1, "any", alert(), "key", 0, EVENING)


def test_every_kind_can_be_made():
    assert {"console", "webhook"} == set(ADAPTERS)
    assert isinstance(make_messenger(settings({"kind": "console"}), folder=Path()), Console)


def test_a_webhook_finds_its_secrets_in_the_environment(receiver: Receiver):
    environment = {
        "WHOSTHERE_HOME_ASSISTANT_URL": receiver.url,
        "WHOSTHERE_HOME_ASSISTANT_TOKEN": "t0ken",
        "WHOSTHERE_HOME_ASSISTANT_SECRET": "s3cret",
    }
    chosen = settings({"kind": "webhook", "name": "home-assistant"})
    messenger = make_messenger(chosen, folder=Path(), zone=UTC, environment=environment)
    messenger.send(DELIVERY, 0.0)
    headers = receiver.received[0].headers
    assert ("Bearer t0ken", True) == (headers["Authorization"], "webhook-signature" in headers)


def test_a_webhook_finds_its_secrets_in_files(receiver: Receiver, tmp_path: Path):
    (tmp_path / "url").write_text(receiver.url + "\n")
    (tmp_path / "token").write_text("t0ken\n")
    files = {"url_file": tmp_path / "url", "token_file": tmp_path / "token"}
    chosen = settings({"kind": "webhook", **files})
    make_messenger(chosen, folder=Path(), environment={}).send(DELIVERY, 0.0)
    assert "Bearer t0ken" == receiver.received[0].headers["Authorization"]


def test_a_file_that_is_missing_is_named_with_the_other_way():
    chosen = settings({"kind": "webhook", "url": "http://host/", "token_file": "/no/such"})
    with pytest.raises(BadSettings, match=r"token_file /no/such does not exist.*WEBHOOK_TOKEN"):
        make_messenger(chosen, folder=Path(), environment={})


def test_a_webhook_without_an_address_is_told_where_to_put_one():
    with pytest.raises(BadSettings, match="WHOSTHERE_WEBHOOK_URL"):
        make_messenger(settings({"kind": "webhook"}), folder=Path(), environment={})


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "webhook", "url": "ftp://host/s3cret"},
        {"kind": "webhook", "url": "https://user:s3cret@host/"},
        {"kind": "webhook", "url": "https://host/s3cret", "url_file": "x"},
        {"kind": "webhook", "tokn": "s3cret"},
        {"kind": "console", "name": "Two Words s3cret"},
        {"kind": "pigeon"},
    ],
    ids=str,
)
def test_what_is_wrong_is_refused(wrong: dict[str, str]):
    with pytest.raises(ValidationError):
        settings(wrong)
