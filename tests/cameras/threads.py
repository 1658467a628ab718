"""Threads for tests; in the program only `app/workers.py` starts them."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from whosthere.core.packets import Packet


def start_thread(name: str, work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    return thread


@dataclass
class StopAfter:
    """Takes so many packets and then says stop."""

    count: int
    packets: list[Packet] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def take(self, packet: Packet) -> None:
        self.packets.append(packet)
        if len(self.packets) == self.count:
            self.stop.set()
