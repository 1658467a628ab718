"""For monitoring: `/metrics` for Prometheus, and `/healthz/NAME` for one part, as Glances asks."""

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from whosthere.web.access import Grant, Scope
from whosthere.web.api import ALWAYS, Door, answer
from whosthere.web.server import Start, aside

Text = Callable[[str], tuple[bytes, str]]  # what is accepted → the page and its content type

PASSED_ON = ("forwarded", "x-forwarded-for", "x-real-ip")  # what a proxy adds


@dataclass(frozen=True, slots=True)
class Metrics:
    """Writes the page anew for each asking."""

    door: Door
    text: Text
    well: Callable[[str], bool | None]  # whether a camera or part works; None: there is none
    start: Start
    without_token: bool = False  # for programs on this machine

    def routes(self) -> Sequence[BaseRoute]:
        guarded = self.door.guarded(Scope.METRICS, self.with_token)

        async def metrics(request: HttpRequest) -> Response:
            if self.without_token and from_here(request):
                return await self.page(request)
            return await guarded(request)

        guarded_part = self.door.guarded(Scope.METRICS, self.part)

        async def part(request: HttpRequest) -> Response:
            """Programs on this machine need no token to hear yes or no."""
            return self.yes_or_no(request) if from_here(request) else await guarded_part(request)

        return [
            Route("/metrics", metrics, methods=["GET"]),
            Route("/healthz/{part}", part, methods=["GET"]),
        ]

    async def part(self, request: HttpRequest, _: Grant) -> Response:
        return self.yes_or_no(request)

    def yes_or_no(self, request: HttpRequest) -> Response:
        well = self.well(request.path_params["part"])
        if well is None:
            return answer({"error": "there is no such camera or part"}, 404)
        return answer({"ok": well}, 200 if well else 503)

    async def with_token(self, request: HttpRequest, _: Grant) -> Response:
        return await self.page(request)

    async def page(self, request: HttpRequest) -> Response:
        accept = request.headers.get("Accept", "")
        body, kind = await aside(self.start)("metrics", lambda: self.text(accept))
        return Response(body, headers={**ALWAYS, "Content-Type": kind})


def from_here(request: HttpRequest) -> bool:
    """Whether a program of this machine asks, for itself.

    What a proxy passes on comes from elsewhere. So may a page in a browser here, which reaches us
    by a name of its own that leads to this machine; programs ask by number or as localhost.
    """
    if request.client is None or any(name in request.headers for name in PASSED_ON):
        return False
    return _is_loopback(request.client.host) and (
        request.url.hostname == "localhost" or _is_loopback(request.url.hostname or "")
    )


def _is_loopback(host: str) -> bool:
    try:
        parsed = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return bool((mapped or parsed).is_loopback)
