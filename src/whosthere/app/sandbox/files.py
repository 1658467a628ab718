"""Files as Slack keeps them."""

from dataclasses import dataclass, field


@dataclass
class File:
    """A file as Slack knows it."""

    id: str
    name: str
    alt: str = ""
    data: bytes = b""
    complete: bool = False
    ready_after: int = 0  # attempts to show it that are refused
    shared_in: set[str] = field(default_factory=set)
    deleted: bool = False
