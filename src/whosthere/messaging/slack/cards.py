"""What one message in Slack shows of an alert, kept so that it can be brought up to date."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, NamedTuple, Protocol


class Told(NamedTuple):
    """Later news of the same alert."""

    at: datetime
    text: str


class Said(NamedTuple):
    """What a person answered."""

    answer: str
    by: str
    at: datetime


class Visit(NamedTuple):
    """One incident of the alert."""

    began: datetime
    said: Said | None = None  # what the last who answered said of it


@dataclass(frozen=True, slots=True)
class Card:
    """One alert as people see it in Slack. Replaced, never changed."""

    alert_id: str
    at: datetime  # when it was raised
    camera: str
    kind: str
    title: str
    more: str = ""
    labels: Mapping[str, float] = field(default_factory=dict)
    mode: str = ""
    late: str = ""  # "delivered 42 s late"
    channel: str = ""
    ts: str = ""  # Slack's name of the message; empty until it is posted
    key: str = ""  # of the delivery that posted it, kept with the message in Slack
    thread: str = ""  # the message below which it stands, when it was gathered there
    gathered: int = 0  # alerts that stand below it
    news: tuple[Told, ...] = ()
    revision: int = 0  # the last one it shows
    picture: str = ""  # Slack's name of the file to be shown in it
    shown: bool = False  # it is
    files: tuple[str, ...] = ()  # all of Slack's files of this alert
    visits: Mapping[str, Visit] = field(default_factory=dict)  # by the names of incidents
    stale: bool = False  # the message does not show all of this yet
    due: datetime | None = None  # when what it announces happens
    latest: str = ""  # what has come of it, as the last news say
    seen: Said | None = None  # who has said that they have seen it

    @property
    def said(self) -> Said | None:
        """The answer, if all visits have been answered alike."""
        given = [visit.said for visit in self.visits.values() if visit.said is not None]
        if len(given) < len(self.visits) or len({one.answer for one in given}) != 1:
            return None
        return max(given, key=lambda one: one.at)

    @property
    def top(self) -> str:
        """The message whose thread this alert's news go into."""
        return self.thread or self.ts

    @property
    def about_visit(self) -> bool:
        return self.kind in {"person", "unclassified", "quiet"}


class Notes(Protocol):
    """Where cards survive a restart. A card is JSON there."""

    def keep(self, alert_id: str, channel: str, ts: str, at: datetime, card: str) -> None: ...
    def of_alert(self, alert_id: str) -> str | None: ...
    def at(self, channel: str, ts: str) -> str | None: ...
    def since(self, at: datetime) -> list[str]: ...


def as_json(card: Card) -> str:
    return json.dumps(asdict(card), default=_moment)


def _moment(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} does not belong into a card")


def from_json(text: str) -> Card:
    """Read a card; what a newer version added is left out."""
    found: dict[str, Any] = json.loads(text)
    known = {one.name for one in fields(Card)}
    kept = {name: value for name, value in found.items() if name in known}
    kept["at"] = datetime.fromisoformat(kept["at"])
    kept["due"] = datetime.fromisoformat(kept["due"]) if kept.get("due") else None
    kept["news"] = tuple(
        Told(datetime.fromisoformat(at), told) for at, told in kept.get("news", ())
    )
    kept["seen"] = _said(kept.get("seen"))
    kept["files"] = tuple(kept.get("files", ()))
    kept["visits"] = {name: _visit(*visit) for name, visit in kept.get("visits", {}).items()}
    return Card(**kept)


def _visit(began: str, said: list[str] | None) -> Visit:
    return Visit(datetime.fromisoformat(began), _said(said))


def _said(said: list[str] | None) -> Said | None:
    if said is None:
        return None
    answer, by, at = said
    return Said(answer, by, datetime.fromisoformat(at))
