"""The API: telling where devices are, asking in the words of requests, and looking.

All answers are JSON. `docs/how-to/api.md` shows each call.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from whosthere.core.errors import WhosThereError
from whosthere.core.overview import Overviewing, PartView
from whosthere.core.requests import Answering, Asker, Request
from whosthere.web.access import Failures, Grant, Scope, Tokens, token_of
from whosthere.web.server import Start, aside
from whosthere.web.views import status_view

LARGEST = 16 * 1024  # bytes of a body
BODY_SECONDS = 10.0
ORIGIN = "api"
WORDS = {"home": True, "enter": True, "arrived": True,
         "not_home": False, "away": False, "leave": False, "left": False}  # fmt: skip
AHEAD = timedelta(minutes=2)  # that a phone's clock may be
# without these nothing is decided; all others go on without what is in trouble, a disk too
VITAL = frozenset({"house", "clock", "inbox"})

Headers: TypeAlias = Mapping[str, str]
Endpoint: TypeAlias = Callable[[HttpRequest, Grant], Awaitable[Response]]
TellPresence: TypeAlias = Callable[[str, datetime, bool], object]  # device, when, home or not

ALWAYS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class Refused(Exception):
    """A request that is not carried out."""

    def __init__(self, status: int, why: str, headers: Headers | None = None) -> None:
        super().__init__(why)
        self.status, self.why, self.headers = status, why, headers or {}


def answer(body: object, status: int = 200, headers: Headers | None = None) -> JSONResponse:
    return JSONResponse(body, status, {**ALWAYS, **(headers or {})})


@dataclass(frozen=True, slots=True)
class Door:
    """Lets those in who have a token for what they want. Also for the routes of others."""

    tokens: Tokens
    failures: Failures

    def guarded(self, scope: Scope, endpoint: Endpoint) -> Callable[..., Awaitable[Response]]:
        async def guard(request: HttpRequest) -> Response:
            try:
                return await endpoint(request, self.grant(request, scope))
            except Refused as refused:
                return answer({"error": refused.why}, refused.status, refused.headers)
            except WhosThereError as trouble:
                return answer({"error": str(trouble)}, 503)
            except ClientDisconnect:
                return answer({"error": "gone"}, 400)

        return guard

    def grant(self, request: HttpRequest, scope: Scope) -> Grant:
        """Return what the request's token opens, or refuse."""
        address = request.client.host if request.client else ""
        wait = self.failures.wait_seconds(address)
        if wait > 0:
            after = {"Retry-After": str(round(wait + 0.5))}
            raise Refused(429, "too many wrong tokens from your address; wait a minute", after)
        token = token_of(request.headers.get("Authorization", ""))
        grant = self.tokens.find(token) if token else None
        if grant is None:
            self.failures.note(address)
            why = "this token is not known" if token else "send a token: Authorization: Bearer …"
            raise Refused(401, why, {"WWW-Authenticate": 'Bearer realm="whosthere"'})
        if not grant.may(scope):
            raise Refused(403, f"the token '{grant.name}' is not for this: it needs {scope}")
        return grant


@dataclass(frozen=True, slots=True)
class Api:
    """What the calls do."""

    door: Door
    answering: Answering
    house: Overviewing
    parts: Callable[[], Sequence[PartView]]
    device_of: Callable[[str], str | None]  # by its own name or its person's
    tell: TellPresence
    start: Start
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    tell_sensor: Callable[[str, bool], bool] | None = None  # name, active; False: nobody listens

    def routes(self) -> list[BaseRoute]:
        guarded = self.door.guarded
        told = guarded(Scope.PRESENCE, self.presence)
        return [
            Route("/healthz", self.healthz),
            Route("/readyz", self.readyz),
            Route("/api/presence/{who}", told, methods=["POST"]),
            Route("/api/presence/{who}/{state}", told, methods=["POST"]),
            Route(
                "/api/sensors/{name}/{state}", guarded(Scope.SENSORS, self.sensor), methods=["POST"]
            ),
            Route("/api/ask", guarded(Scope.VIEWER, self.ask), methods=["POST"]),
            Route("/api/status", guarded(Scope.VIEWER, self.status), methods=["GET"]),
        ]

    # --- is it well

    async def healthz(self, _: HttpRequest) -> Response:
        """Whether the house decides: what a new start may mend. A camera or a disk is not that."""
        ok = all(part.ok for part in self.parts() if part.name in VITAL)
        return answer({"ok": ok}, 200 if ok else 503)

    async def readyz(self, request: HttpRequest) -> Response:
        """Whether all is well; which part is not is for those with a token."""
        parts = self.parts()
        ok = all(part.ok for part in parts)
        body: dict[str, Any] = {"ok": ok}
        if request.headers.get("Authorization"):
            try:
                self.door.grant(request, Scope.VIEWER)
            except Refused as refused:
                return answer({"error": refused.why}, refused.status, refused.headers)
            body["parts"] = {part.name: {"ok": part.ok, "trouble": part.trouble} for part in parts}
        return answer(body, 200 if ok else 503)

    # --- who is home

    async def presence(self, request: HttpRequest, grant: Grant) -> Response:
        device = self.device_of(request.path_params["who"])
        if grant.only and (device is None or device != self.device_of(grant.only)):
            raise Refused(403, f"the token '{grant.name}' tells of '{grant.only}' only")
        if device is None:
            raise Refused(404, "nobody of that name is told by webhook; see [[presence.sources]]")
        fields = await fields_of(request)
        state = str(request.path_params.get("state") or fields.get("state", "")).strip().lower()
        if state not in WORDS:
            raise Refused(422, f"'state' must be home or not_home, not '{state[:40]}'")
        at, home = self._moment(fields.get("at")), WORDS[state]
        await aside(self.start)("told of presence", lambda: self.tell(device, at, home))
        return answer({"device": device, "state": "home" if home else "not_home"})

    # --- what a motion sensor sees

    async def sensor(self, request: HttpRequest, grant: Grant) -> Response:
        name, state = request.path_params["name"], request.path_params["state"].lower()
        if grant.only and name != grant.only:
            raise Refused(403, f"the token '{grant.name}' tells of '{grant.only}' only")
        if state not in {"on", "off"}:
            raise Refused(422, f"end with /on or /off, not '/{state[:40]}'")
        if self.tell_sensor is None or not self.tell_sensor(name, state == "on"):
            raise Refused(404, "there is no sensor of that name and kind 'webhook'")
        return answer({"sensor": name, "state": state})

    def _moment(self, given: object) -> datetime:
        now = self.now()
        if given in {None, ""}:
            return now
        try:
            at = datetime.fromisoformat(str(given))
        except ValueError:
            at = None
        if at is None or at.tzinfo is None:
            raise Refused(422, "'at' must be as 2026-01-01T12:00:00+01:00, with its zone")
        if at > now + AHEAD:
            raise Refused(422, "'at' is in the future")
        return min(at, now)

    # --- requests

    async def ask(self, request: HttpRequest, grant: Grant) -> Response:
        fields = await fields_of(request)
        text = fields.get("text")
        if not isinstance(text, str) or not text.strip():
            raise Refused(422, 'send what you ask as {"text": "status"}')
        alert = fields.get("alert_id")
        asker = Asker(f"token:{grant.name}", grant.name, grant.scope.role, ORIGIN)
        asked = Request(text, asker, self.now(), alert if isinstance(alert, str) else None)
        reply = await aside(self.start)("api request", lambda: self.answering.answer(asked))
        body = {"text": reply.text, "refused": reply.refused, "file": reply.file}
        return answer(body, 422 if reply.refused else 200)

    async def status(self, _: HttpRequest, __: Grant) -> Response:
        overview = await aside(self.start)("api status", self.house.overview)
        return answer(status_view(overview))


async def fields_of(request: HttpRequest) -> Mapping[str, object]:
    """Read a small body: a JSON object, or a form."""
    data = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                data += part
                if len(data) > LARGEST:
                    raise Refused(
                        413, f"a body has at most {LARGEST} bytes", {"Connection": "close"}
                    )
    except TimeoutError:
        raise Refused(408, "the body did not come", {"Connection": "close"}) from None
    if not data.strip():
        return {}
    try:
        text = data.decode().strip()
        kind = request.headers.get("Content-Type", "")
        if kind.startswith("application/x-www-form-urlencoded") and not text.startswith("{"):
            return dict(parse_qsl(text, max_num_fields=20))  # curl calls all that it sends so
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused(400, "the body is neither a JSON object nor a form") from None
    if not isinstance(found, dict):
        raise Refused(400, "the body is no JSON object")
    return found
