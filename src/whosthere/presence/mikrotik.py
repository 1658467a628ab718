"""A MikroTik router that is asked by RouterOS's API who is connected.

The protocol is at https://help.mikrotik.com/docs/spaces/ROS/pages/47579160/API; each look is one
connection of three commands.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whosthere.core.errors import PresenceTrouble
from whosthere.core.presence import Observation
from whosthere.named_secrets import variable
from whosthere.presence.router_patience import Patience

if TYPE_CHECKING:
    from librouteros.api import Api

TABLES = {
    "wifi": "/interface/wifi/registration-table/print",
    "wireless": "/interface/wireless/registration-table/print",
    "arp": "/ip/arp/print",
}
LEASES = "/ip/dhcp-server/lease/print"
Row = Mapping[str, Any]


@dataclass
class Mikrotik:
    """Fulfils `core.ports.PresenceSource`."""

    name: str
    host: str
    user: str
    password: str = field(repr=False)
    port: int = 8728
    table: str = "wifi"
    tls: bool = False
    ca_file: Path | None = None
    timeout_seconds: float = 10.0
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._patience = Patience(self.clock)
        self._lock = threading.Lock()

    def seen(self, *, again: bool = False) -> Sequence[Observation]:
        """Ask the router. It is asked anew each time, so `again` can do no better."""
        del again
        with self._lock:
            self._patience.wait()
            rows, leases = self._asked()
            self._patience.welcome()
        if self.table == "arp":
            rows = [one for one in rows if _is_there(one)]
            if not rows:
                raise self._trouble(
                    "its ARP table is empty. At least this machine should stand there, so that is"
                    " taken for a failure"
                )
        names = {str(one.get("mac-address", "")).upper(): one for one in leases}
        return [_observation(one, names) for one in rows if one.get("mac-address")]

    def _asked(self) -> tuple[list[Row], list[Row]]:
        try:
            from librouteros import connect  # noqa: PLC0415 - an extra
            from librouteros.exceptions import (  # noqa: PLC0415 - an extra
                ConnectionClosed,
                LibRouterosError,
                MultiTrapError,
                TrapError,
            )
        except ImportError:
            raise self._trouble(
                "the library librouteros is missing: pip install 'whosthere[mikrotik]'"
            ) from None
        try:
            api: Api = connect(
                self.host, self.user, self.password, port=self.port, encoding="utf-8",
                timeout=self.timeout_seconds, ssl_wrapper=self._wrapper(),
            )  # fmt: skip
        except (TrapError, MultiTrapError) as error:
            raise self._refused(str(error)) from None
        except (ConnectionClosed, OSError, LibRouterosError) as error:
            raise self._trouble(self._why(error)) from None
        try:
            return list(api(TABLES[self.table])), list(api(LEASES))
        except (TrapError, MultiTrapError) as error:
            raise self._trouble(
                f"it does not answer '{TABLES[self.table]}': {error}. Set 'table' as its software"
                " wants, and give the user the policy read"
            ) from None
        except (ConnectionClosed, OSError, LibRouterosError) as error:
            raise self._trouble(self._why(error)) from None
        finally:
            api.close()

    def _refused(self, said: str) -> PresenceTrouble:
        return self._patience.refused(
            f"MikroTik router '{self.name}' at {self.host} does not let us in ({said}). Correct"
            f" 'user' or the environment's {variable(self.name)}; the user needs the policies read"
            " and api."
        )

    def _wrapper(self) -> Callable[[socket.socket], socket.socket] | None:
        if not self.tls:
            return None
        context = ssl.create_default_context(cafile=self.ca_file)

        def wrap(sock: socket.socket) -> socket.socket:
            try:
                return context.wrap_socket(sock, server_hostname=self.host)
            except OSError:
                sock.close()
                raise

        return wrap

    def _why(self, error: Exception) -> str:
        match error:
            case ssl.SSLCertVerificationError():
                return "nobody known vouches for its certificate. Set 'ca_file'"
            case ssl.SSLError():
                return "it speaks no TLS at this port. Correct 'port' or 'tls'"
            case TimeoutError():
                return f"no answer within {self.timeout_seconds:g} s"
            case ConnectionRefusedError():
                return "the connection is refused. Switch on the service api (IP, Services)"
            case socket.gaierror():
                return "its name is not found. Correct 'host'"
            case OSError(strerror=str(text)):
                return f"{text[:1].lower()}{text[1:]}"
            case _:
                return "the connection was cut"

    def _trouble(self, why: str) -> PresenceTrouble:
        return PresenceTrouble(f"MikroTik router '{self.name}' at {self.host}: {why}.")


def _is_there(row: Row) -> bool:
    """Complete entries of an ARP table are of those who have answered."""
    return bool(row.get("complete", True)) and not (row.get("invalid") or row.get("disabled"))


def _observation(row: Row, names: Mapping[str, Row]) -> Observation:
    mac = str(row.get("mac-address", ""))
    lease = names.get(mac.upper(), {})
    address = row.get("address") or lease.get("active-address") or lease.get("address") or ""
    return Observation(mac=mac, address=str(address), host=str(lease.get("host-name") or ""))
