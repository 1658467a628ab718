"""A FRITZ!Box that is asked by TR-064 who is connected.

AVM's documents are at https://fritz.com/service/schnittstellen (Hosts: X_AVM-DE_GetHostListPath).
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from whosthere.core.errors import PresenceTrouble
from whosthere.core.presence import Observation
from whosthere.named_secrets import variable
from whosthere.presence.picking import read_xml
from whosthere.presence.router_patience import Patience

if TYPE_CHECKING:
    from fritzconnection import FritzConnection


@dataclass
class FritzBox:
    """Fulfils `core.ports.PresenceSource`."""

    name: str
    host: str
    user: str
    password: str = field(repr=False)
    port: int | None = None
    tls: bool = False
    timeout_seconds: float = 10.0
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._box: FritzConnection | None = None
        self._patience = Patience(self.clock)
        self._lock = threading.Lock()

    def seen(self, *, again: bool = False) -> Sequence[Observation]:
        """Ask the box. It is asked anew each time, so `again` can do no better."""
        del again
        with self._lock:
            self._patience.wait()
            entries = self._entries()
            self._patience.welcome()
        if entries and not any("Active" in one for one in entries):
            raise self._trouble("no entry of its list says whether it is active")
        here = [one for one in entries if one.get("Active") == "1"]
        if not here:
            raise self._trouble(
                "nobody on its list is active. At least this machine should be, so that is taken"
                " for a failure"
            )
        return [
            Observation(
                mac=one.get("MACAddress", ""),
                address=one.get("IPAddress", ""),
                host=one.get("HostName", ""),
            )
            for one in here
        ]

    def _entries(self) -> list[Mapping[str, str]]:
        try:
            import requests  # noqa: PLC0415 - of an extra
            from fritzconnection import FritzConnection  # noqa: PLC0415 - an extra
            from fritzconnection.core.exceptions import (  # noqa: PLC0415 - an extra
                FritzAuthorizationError,
                FritzConnectionException,
                FritzSecurityError,
                FritzServiceError,
            )
        except ImportError:
            raise self._trouble(
                "the library fritzconnection is missing: pip install 'whosthere[fritz]'"
            ) from None
        try:
            if self._box is None:
                self._box = FritzConnection(
                    address=self.host, port=self.port, user=self.user, password=self.password,
                    timeout=self.timeout_seconds, use_tls=self.tls,
                )  # fmt: skip
            return _hosts(self._box, self.timeout_seconds)
        except (FritzAuthorizationError, FritzSecurityError):
            raise self._patience.refused(
                f"FRITZ!Box '{self.name}' at {self.host} does not accept user and password, or the"
                " user may not see its settings. Correct 'user' or the environment's"
                f" {variable(self.name)}."
            ) from None
        except FritzServiceError:
            raise self._trouble(
                "it does not offer its list of hosts. Switch on 'Permit access for applications'"
                " (Home Network, Network, Network Settings)"
            ) from None
        except requests.exceptions.Timeout:
            raise self._trouble(f"no answer within {self.timeout_seconds:g} s") from None
        except (requests.exceptions.RequestException, FritzConnectionException, OSError):
            self._box = None
            raise self._trouble(
                "it cannot be asked. See whether it runs, and whether 'Permit access for"
                " applications' is on"
            ) from None
        except (SyntaxError, ValueError, LookupError):  # of the library: no XML, or another
            self._box = None
            raise self._trouble("it answers in a way that cannot be understood") from None

    def _trouble(self, why: str) -> PresenceTrouble:
        return PresenceTrouble(f"FRITZ!Box '{self.name}' at {self.host}: {why}.")


def _hosts(box: "FritzConnection", timeout_seconds: float) -> list[Mapping[str, str]]:
    """Ask for the whole list at once. The library can do so too, but would wait for ever."""
    told = box.call_action("Hosts1", "X_AVM-DE_GetHostListPath")
    path = told["NewX_AVM-DE_HostListPath"]
    with box.session.get(f"{box.address}:{box.port}{path}", timeout=timeout_seconds) as answer:
        answer.raise_for_status()
        items = read_xml(answer.text).findall("Item")
    return [{field.tag: (field.text or "").strip() for field in item} for item in items]
