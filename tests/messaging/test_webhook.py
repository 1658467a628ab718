"""Alerts as HTTP requests to a real server that does what servers do."""

import base64
import hashlib
import hmac
import json
import re
from datetime import UTC
from email.utils import formatdate
from pathlib import Path

import pytest

from tests.messaging.receiver import Receiver, cut, garbage, hang, status
from tests.storage.making import EVENING, alert, seconds
from whosthere.core.errors import BadSettings, DeliveryTrouble
from whosthere.core.model import Alert
from whosthere.core.ports import Delivery
from whosthere.messaging import webhook as webhook_module
from whosthere.messaging.webhook import Webhook

TOKEN, CUT_SHORT = "t0ken", "whsec_s3cret!"


def delivery(told: Alert | None = None, attempts: int = 0) -> Delivery:
    return Delivery(1, "webhook", told or alert(), "0a1b2c", attempts, EVENING, seconds(1))


def trouble(webhook: Webhook, told: Alert | None = None) -> DeliveryTrouble:
    with pytest.raises(DeliveryTrouble) as caught:
        webhook.send(delivery(told), 0.0)
    assert "s3cret" not in str(caught.value)
    return caught.value


def test_the_body_has_the_fields_that_are_documented(receiver: Receiver):
    Webhook(receiver.url, zone=UTC).send(delivery(), 0.0)
    documented = json.loads(
        re.search(r"\n    \{\n.*?\n    \}\n", str(webhook_module.__doc__), re.DOTALL)[0]
    )
    (body,) = receiver.bodies
    assert list(documented) == list(body)
    assert list(documented["alert"]) == list(body["alert"])
    assert {
        "schema": 1,
        "key": "0a1b2c",
        "attempt": 1,
        "title": "Person at front",
        "text": "Person at front, 22:00:01 (90 % sure)",
        "late_seconds": 0.0,
        "picture": None,
    } == {name: value for name, value in body.items() if name != "alert"}
    assert "2026-01-01T22:00:01+00:00" == body["alert"]["at"]


def test_a_repeat_has_the_same_key_and_says_how_often(receiver: Receiver):
    webhook = Webhook(receiver.url)
    webhook.send(delivery(), 0.0)
    webhook.send(delivery(attempts=1), 42.34)
    assert ["0a1b2c"] * 2 == [request.headers["Idempotency-Key"] for request in receiver.received]
    assert [(1, 0.0), (2, 42.3)] == [(b["attempt"], b["late_seconds"]) for b in receiver.bodies]


def test_a_picture_goes_with_its_news(receiver: Receiver, tmp_path: Path):
    (tmp_path / "2026").mkdir()
    (tmp_path / "2026" / "best.jpg").write_bytes(b"\xff\xd8 a picture")
    webhook = Webhook(receiver.url, folder=tmp_path)
    webhook.send(delivery(alert(1, 2, file="2026/best.jpg")), 0.0)
    picture = receiver.bodies[0]["picture"]
    assert ("best.jpg", "image/jpeg") == (picture["name"], picture["type"])
    assert b"\xff\xd8 a picture" == base64.b64decode(picture["base64"])


@pytest.mark.parametrize("file", ["gone.jpg", "clip.mp4", "../outside.jpg", "/etc/passwd.jpg"])
def test_words_go_without_a_picture_that_is_gone_or_not_ours(
    receiver: Receiver, tmp_path: Path, file: str
):
    (tmp_path / "outside.jpg").write_bytes(b"private")
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "clip.mp4").touch()
    Webhook(receiver.url, folder=folder).send(delivery(alert(1, 2, file=file)), 0.0)
    assert receiver.bodies[0]["picture"] is None


def test_a_token_is_sent_as_bearer(receiver: Receiver):
    Webhook(receiver.url, token=TOKEN).send(delivery(), 0.0)
    Webhook(receiver.url).send(delivery(), 0.0)
    assert ["Bearer t0ken", None] == [r.headers.get("Authorization") for r in receiver.received]


@pytest.mark.parametrize(
    ("secret", "key"), [("plain s3cret", b"plain s3cret"), ("whsec_czNjcmV0", b"s3cret")]
)
def test_a_receiver_can_check_the_signature(receiver: Receiver, secret: str, key: bytes):
    Webhook(receiver.url, secret=secret, now=lambda: 1700000000.9).send(delivery(), 0.0)
    (request,) = receiver.received
    signed = f"{request.headers['Webhook-id']}.1700000000.".encode() + request.raw
    digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert f"v1,{digest}" == request.headers["Webhook-signature"]
    assert "1700000000" == request.headers["Webhook-timestamp"]


@pytest.mark.parametrize("code", [200, 201, 202, 204])
def test_any_success_is_success(receiver: Receiver, code: int):
    receiver.answers.append(status(code))
    Webhook(receiver.url).send(delivery(), 0.0)
    assert 1 == len(receiver.received)


@pytest.mark.parametrize(
    ("code", "permanent"),
    [
        *((code, True) for code in (400, 401, 403, 404, 405, 410, 413, 422)),
        *((code, False) for code in (300, 408, 409, 425, 429, 500, 502, 503, 504)),
    ],
)
def test_a_refusal_holds_or_is_worth_another_try(receiver: Receiver, code: int, permanent: object):
    receiver.answers.append(status(code))
    told = trouble(Webhook(receiver.url))
    assert (permanent, True) == (told.permanent, str(code) in str(told))


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(receiver: Receiver, code: int):
    receiver.answers.append(status(code, Location=receiver.url + "/elsewhere"))
    told = trouble(Webhook(receiver.url, token=TOKEN))
    assert "redirect, which is not followed" in str(told)
    assert 1 == len(receiver.received)


@pytest.mark.parametrize(
    ("header", "seconds_to_wait"),
    [
        ("120", 120.0),
        (formatdate(1700000060, usegmt=True), 60.0),
        (formatdate(1600000000, usegmt=True), 0.0),
        ("soon", None),
        ("inf", None),
    ],
)
def test_a_wish_for_a_pause_is_passed_on(
    receiver: Receiver, header: str, seconds_to_wait: float | None
):
    receiver.answers.append(status(429, Retry_After=header))
    told = trouble(Webhook(receiver.url, now=lambda: 1700000000.0))
    assert (False, seconds_to_wait) == (told.permanent, told.wait_seconds)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(hang, "no answer in time"), (cut, "connection was cut"), (garbage, "connection was cut")],
)
def test_a_server_that_misbehaves_is_tried_again(receiver: Receiver, answer, reason: str):
    receiver.answers.append(answer)
    told = trouble(Webhook(receiver.url, timeout_seconds=0.2))
    assert (False, True) == (told.permanent, reason in str(told))


def test_a_server_that_is_off_is_tried_again():
    webhook = Webhook("http://127.0.0.1:9/hook/s3cret")
    told = trouble(webhook)
    assert "Webhook http://127.0.0.1:9: the connection is refused. See whether it runs." == str(
        told
    )


@pytest.mark.parametrize("url", ["ftp://host/s3cret", "file:///s3cret", "host/s3cret", "http://:x"])
def test_an_address_that_cannot_be_is_refused_and_not_shown(url: str):
    with pytest.raises(BadSettings) as caught:
        Webhook(url)
    assert "s3cret" not in str(caught.value)


def test_a_secret_that_was_not_copied_whole_is_refused_and_not_shown(receiver: Receiver):
    with pytest.raises(BadSettings) as caught:
        Webhook(receiver.url, secret=CUT_SHORT)
    assert "s3cret" not in str(caught.value)
