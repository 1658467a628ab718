"""Alerts as HTTP POST requests, for Home Assistant, Node-RED, n8n or a script of one's own.

Each revision of an alert is one request with a JSON body like this (schema 1; fields may be added
in the same schema, so ignore those you do not know):

    {
      "schema": 1,
      "key": "386c821b18a9458e2137c02be68f00d0",
      "attempt": 1,
      "title": "Person at front",
      "text": "Person at front, 22:00:02 (90 % sure)",
      "late_seconds": 0.0,
      "alert": {
        "id": "20260101T220002000-front",
        "revision": 1,
        "news": "first",
        "kind": "person",
        "camera": "front",
        "at": "2026-01-01T22:00:02+00:00",
        "confidence": 0.9,
        "labels": {"person": 0.9},
        "mode": "away",
        "urgency": "usual",
        "due": null,
        "incidents": ["20260101T220002000-front"],
        "detail": "",
        "file": null
      },
      "picture": null
    }

`news` is first, another visit, recognised, picture, clip, escalated, armed, stopped or over; `kind`
is person, unclassified, quiet, camera lost, camera back, or, about the house (with no `camera`),
arming, disarmed, still armed, presence lost, presence back; and entry. `due` is when arming or an
alert follows, unless somebody says no. `urgency` is usual, mention or direct. With the
news "picture", `picture` is {"name": "best.jpg", "type": "image/jpeg", "base64": "..."}, so that a
receiver needs no way into the house; of a clip, only its name comes, in `alert.file`.

Any answer 200 to 299 means that the alert has arrived. A request may come twice, after a cut
connection or a crash: both have the same `key`, also sent as the header `Idempotency-Key`.

With a secret, requests are signed as in Standard Webhooks 1.0 (https://www.standardwebhooks.com),
for which there are libraries: `webhook-id` is the key, `webhook-timestamp` the seconds since 1970,
and `webhook-signature` is "v1," and the base64 of HMAC-SHA256 over "id.timestamp.body". A secret
that begins with `whsec_` is the base64 of the key; any other is the key itself.
"""

import base64
import binascii
import hashlib
import hmac
import http.client
import json
import math
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, tzinfo
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from whosthere import __version__
from whosthere.core.errors import BadSettings, DeliveryTrouble
from whosthere.core.model import Alert
from whosthere.core.ports import Delivery
from whosthere.messaging.wording import words

SCHEMA = 1
TIMEOUT_SECONDS = 10.0
MOST_PICTURE_BYTES = 5_000_000
WORTH_ANOTHER_TRY = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.CONFLICT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
}


class Webhook:
    """Posts alerts to one address. Its secrets never show up in errors."""

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        secret: str | None = None,
        folder: Path | None = None,
        zone: tzinfo | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._url = url
        self._place = _place(url)
        self._token = token
        self._secret = None if secret is None else _key(secret)
        self._folder, self._zone = folder, zone
        self._timeout_seconds, self._now = timeout_seconds, now
        self._opener = urllib.request.build_opener(_NoRedirects)

    def send(self, delivery: Delivery, late_seconds: float) -> None:
        body = json.dumps(self._body(delivery, late_seconds)).encode()
        headers = self._headers(delivery.key, body)
        try:
            request = urllib.request.Request(self._url, body, headers)  # noqa: S310 - only http(s)
            with self._opener.open(request, timeout=self._timeout_seconds):
                return
        except urllib.error.HTTPError as answer:
            with answer:
                raise self._refused(answer) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            # without the cause: its text may hold the address
            raise DeliveryTrouble(f"Webhook {self._place}: {_reason(error)}.") from None

    def _headers(self, key: str, body: bytes) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"whosthere/{__version__}",
            "Idempotency-Key": key,
        }
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        if self._secret is not None:
            stamp = str(int(self._now()))
            signed = b".".join((key.encode(), stamp.encode(), body))
            digest = hmac.new(self._secret, signed, hashlib.sha256).digest()
            headers["webhook-id"] = key
            headers["webhook-timestamp"] = stamp
            headers["webhook-signature"] = f"v1,{base64.b64encode(digest).decode()}"
        return headers

    def _body(self, delivery: Delivery, late_seconds: float) -> dict[str, Any]:
        told = words(delivery, late_seconds, self._zone)
        return {
            "schema": SCHEMA,
            "key": delivery.key,
            "attempt": delivery.attempts + 1,
            "title": told.title,
            "text": told.line,
            "late_seconds": round(late_seconds, 1),
            "alert": _alert(delivery.alert),
            "picture": self._picture(delivery.alert),
        }

    def _picture(self, alert: Alert) -> dict[str, str] | None:
        """Read the picture, unless it is gone by now: the words are worth sending without it."""
        if self._folder is None or alert.file is None or not alert.file.endswith((".jpg", ".jpeg")):
            return None
        path = (self._folder / alert.file).resolve()
        if not path.is_relative_to(self._folder.resolve()):
            return None
        try:
            if path.stat().st_size > MOST_PICTURE_BYTES:
                return None
            data = base64.b64encode(path.read_bytes()).decode()
        except OSError:
            return None
        return {"name": path.name, "type": "image/jpeg", "base64": data}

    def _refused(self, answer: urllib.error.HTTPError) -> DeliveryTrouble:
        code = answer.code
        told = f"Webhook {self._place} answered {code}{_meaning(code)}."
        permanent = (
            HTTPStatus.BAD_REQUEST <= code < HTTPStatus.INTERNAL_SERVER_ERROR
            and code not in WORTH_ANOTHER_TRY
        )
        wait = _retry_after(answer.headers.get("Retry-After"), self._now())
        return DeliveryTrouble(told, permanent=permanent, wait_seconds=wait)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would carry token and picture to an address that nobody chose."""

    def redirect_request(self, *_args: object, **_more: object) -> None:
        return None


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "id": alert.id,
        "revision": alert.revision,
        "news": alert.news,
        "kind": alert.kind,
        "camera": alert.camera,
        "at": alert.at.astimezone(UTC).isoformat(),
        "confidence": alert.confidence,
        "labels": dict(alert.labels),
        "mode": alert.mode,
        "urgency": alert.urgency,
        "due": alert.due.astimezone(UTC).isoformat() if alert.due else None,
        "incidents": list(alert.incident_ids),
        "detail": alert.detail,
        "file": alert.file,
    }


def _place(url: str) -> str:
    """Name the other side without what may be secret: user, path and query."""
    bad = BadSettings(
        "The address of a webhook must look like https://host/path. "
        "(It is not shown here, since it may hold a secret.)"
    )
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise bad from None
    if not host or parts.scheme not in ("http", "https"):
        raise bad
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}"


def _key(secret: str) -> bytes:
    if not secret.startswith("whsec_"):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        raise BadSettings(
            "The secret of a webhook begins with whsec_, but base64 does not follow. "
            "Copy it again, whole, or choose one that begins differently."
        ) from None


def _meaning(code: int) -> str:
    match code:
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            return ": it does not accept the token or signature. Check both"
        case HTTPStatus.NOT_FOUND | HTTPStatus.GONE:
            return ": nobody listens at that path. Check the address"
        case HTTPStatus.TOO_MANY_REQUESTS:
            return ": it wants fewer messages"
        case _ if HTTPStatus.MULTIPLE_CHOICES <= code < HTTPStatus.BAD_REQUEST:
            return ", a redirect, which is not followed. Set the final address"
        case _:
            return ""


def _reason(error: Exception) -> str:
    """Say what went wrong on the way; without details, which may hold the address."""
    inner = error.reason if isinstance(error, urllib.error.URLError) else error
    match inner:
        case TimeoutError():
            return "no answer in time"
        case ConnectionRefusedError():
            return "the connection is refused. See whether it runs"
        case ConnectionError() | http.client.HTTPException():
            return "the connection was cut"
        case OSError(strerror=str(text)):
            return text[:1].lower() + text[1:]
        case _:
            return f"it cannot be reached ({type(inner).__name__})"


def _retry_after(header: str | None, now: float) -> float | None:
    """Seconds to wait, given as such or as a date (RFC 9110, 10.2.3)."""
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            at = parsedate_to_datetime(header)
        except ValueError:
            return None
        seconds = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now
    return max(0.0, seconds) if math.isfinite(seconds) else None
