"""Tells systemd how we are, by its notify protocol: one datagram for each piece of news.

The protocol is described in sd_notify(3) and sd_watchdog_enabled(3).
"""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Systemd:
    """The line to whoever started us. Without one, nothing is sent."""

    address: str = ""
    watchdog_seconds: float | None = None  # a sign of life is expected at least so often

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ, pid: int | None = None) -> "Systemd":
        """Read where it listens, and whether it wants signs of life from this process."""
        own = str(os.getpid() if pid is None else pid)
        wanted = environment.get("WATCHDOG_USEC", "")
        asked = wanted.isdigit() and environment.get("WATCHDOG_PID", own) == own
        seconds = int(wanted) / MICROSECONDS if asked else 0.0
        return cls(environment.get("NOTIFY_SOCKET", ""), seconds or None)

    def tell(self, *news: str) -> bool:
        """Send lines as READY=1. Tells whether they left: nobody listens, nothing is wrong."""
        if not self.address.startswith(("/", "@")):
            return False
        where = f"\0{self.address[1:]}" if self.address.startswith("@") else self.address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
                line.settimeout(1.0)
                line.sendto("\n".join(news).encode(), where)
        except OSError:
            return False
        return True


def status(text: str) -> str:
    """Word a line for `systemctl status`."""
    return f"STATUS={' '.join(text.split())}"
