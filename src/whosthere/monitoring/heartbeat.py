"""A call to somebody outside, who notices when it stays away.

Services as healthchecks.io take a plain GET for "all is well" and a POST with the reason below
`/fail` (https://healthchecks.io/docs/http_api/). The address is a secret and never shown.
"""

import http.client
import logging
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event
from urllib.parse import urlsplit, urlunsplit

from whosthere.core.errors import WhosThereError

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10.0
LONGEST_REASON = 1000  # characters
AGAIN_SECONDS = 15.0  # after a call that did not arrive


class HeartbeatTrouble(WhosThereError):
    """The call did not arrive. That is for the service outside to notice; here it is told too."""


@dataclass(slots=True, eq=False)
class Heartbeat:
    """Calls until stopped. `run` is for a thread, `stop` for all others."""

    address: str = field(repr=False)
    troubles: Callable[[], Sequence[str]]  # what is wrong; nothing: all is well
    every_seconds: float = 60.0
    fail_path: str = "/fail"
    told: Callable[[str | None], None] = lambda _: None
    stopping: Event = field(default_factory=Event)
    first_after: float = 10.0  # seconds: the parts have begun by then

    def run(self) -> None:
        pause = self.first_after
        while not self.stopping.wait(pause):
            try:
                self.beat()
            except HeartbeatTrouble as trouble:
                self.told(str(trouble))
                pause = min(AGAIN_SECONDS, self.every_seconds)
            else:
                self.told(None)
                pause = self.every_seconds

    def beat(self) -> None:
        """Call once, and say if something is wrong. Raises HeartbeatTrouble."""
        wrong = self.troubles()
        if not wrong:
            self._call(self.address, None)
        elif self.fail_path:
            reason = "\n".join(wrong)[:LONGEST_REASON]
            self._call(failing(self.address, self.fail_path), reason.encode())

    def _call(self, address: str, body: bytes | None) -> None:
        request = urllib.request.Request(address, body)  # noqa: S310 - settings allow http and https only
        request.add_header("User-Agent", "whosthere")
        if body is not None:
            request.add_header("Content-Type", "text/plain; charset=utf-8")
        host = urlsplit(address).hostname
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310 - as above
                return
        except urllib.error.HTTPError as error:
            why = f"answered {error.code}; correct the address"
            error.close()
        except urllib.error.URLError as error:
            why = f"cannot be reached ({getattr(error.reason, 'strerror', None) or error.reason})"
        except TimeoutError:
            why = f"did not answer within {TIMEOUT_SECONDS:.0f} s"
        except (OSError, http.client.HTTPException) as error:
            why = f"broke off ({type(error).__name__})"
        raise HeartbeatTrouble(f"The heartbeat's address at {host} {why}.")


def failing(address: str, fail_path: str) -> str:
    """Return where to call when something is wrong: before the query, if there is one."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + fail_path))
