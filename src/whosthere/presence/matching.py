"""Which known device an observation is of."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Device:
    """What a person carries, and what it is recognised by. All in the form of `addresses`."""

    name: str
    mac: str = ""
    host: str = ""
    address: str = ""
    bluetooth: str = ""

    def marks(self) -> frozenset[str]:
        """Return what is known of it."""
        return frozenset(
            mark for mark in ("mac", "host", "address", "bluetooth") if getattr(self, mark)
        )
