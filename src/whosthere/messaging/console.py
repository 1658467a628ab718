"""Alerts on the terminal: a line for each."""

from collections.abc import Callable
from datetime import tzinfo
from pathlib import Path

import rich.console
from rich.text import Text

from whosthere.core.errors import DeliveryTrouble
from whosthere.core.model import AlertKind, News
from whosthere.core.ports import Delivery
from whosthere.messaging.wording import words

STYLES = {
    AlertKind.PERSON: "bold red",
    AlertKind.UNCLASSIFIED: "bold yellow",
    AlertKind.CAMERA_LOST: "bold magenta",
    AlertKind.CAMERA_BACK: "bold green",
    AlertKind.QUIET: "dim",
    AlertKind.ARMING: "bold cyan",
    AlertKind.DISARMED: "bold green",
    AlertKind.STILL_ARMED: "bold yellow",
    AlertKind.ENTRY: "bold yellow",
    AlertKind.PRESENCE_LOST: "bold magenta",
    AlertKind.PRESENCE_BACK: "bold green",
    AlertKind.PROPOSAL: "bold cyan",
    AlertKind.TROUBLE: "bold magenta",
    AlertKind.WELL_AGAIN: "bold green",
    AlertKind.TAMPERED: "bold magenta",
    AlertKind.UNTAMPERED: "bold green",
    AlertKind.OUTAGE: "bold yellow",
    AlertKind.SIREN: "bold red",
}


class Console:
    """Prints each revision of an alert. A live view passes its own `show`."""

    def __init__(
        self,
        show: Callable[[Text], object] | None = None,
        *,
        folder: Path | None = None,
        zone: tzinfo | None = None,
    ) -> None:
        self._show = show or _print
        self._folder = folder
        self._zone = zone

    def send(self, delivery: Delivery, late_seconds: float) -> None:
        told = words(delivery, late_seconds, self._zone)
        alert = delivery.alert
        style = "dim" if alert.news in (News.PICTURE, News.CLIP) else STYLES[alert.kind]
        line = Text(told.title, style).append(told.line.removeprefix(told.title), "default")
        if alert.file:
            path = self._folder / alert.file if self._folder else alert.file
            line.append(f": {path}", "default")
        if delivery.attempts:  # maybe it was printed just before a crash
            line.append(" (again)", "dim")
        try:
            self._show(line)
        except (OSError, ValueError) as error:  # a closed pipe, a closed file
            raise DeliveryTrouble(f"The terminal takes no text: {error}.") from error


def _print(line: Text) -> None:
    rich.console.Console(highlight=False).print(line, soft_wrap=True)
