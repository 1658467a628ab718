"""`/metrics` for Prometheus: with a token, or from this machine alone if the settings say so."""

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from whosthere.web.access import Grant, Scope
from whosthere.web.api import ALWAYS, Door
from whosthere.web.server import Start, aside

Text = Callable[[str], tuple[bytes, str]]  # what is accepted → the page and its content type

PASSED_ON = ("forwarded", "x-forwarded-for", "x-real-ip")  # what a proxy adds


@dataclass(frozen=True, slots=True)
class Metrics:
    """Writes the page anew for each asking."""

    door: Door
    text: Text
    start: Start
    without_token: bool = False  # for programs on this machine

    def routes(self) -> Sequence[BaseRoute]:
        guarded = self.door.guarded(Scope.METRICS, self.with_token)

        async def metrics(request: HttpRequest) -> Response:
            if self.without_token and from_here(request):
                return await self.page(request)
            return await guarded(request)

        return [Route("/metrics", metrics, methods=["GET"])]

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
