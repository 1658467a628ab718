"""A device that tells itself when it comes and leaves: a phone's geofence, an automation.

What was told holds until the next word, also after a restart; who has told nothing is unknown.
"""

import json
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from whosthere.core.errors import PresenceTrouble
from whosthere.core.presence import Observation
from whosthere.whole_files import write_whole

log = logging.getLogger(__name__)


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Word:
    """What was told last."""

    home: bool
    at: datetime


@dataclass
class PushedDevice:
    """Fulfils `core.ports.PresenceSource` and `presence.watch.Listening`."""

    name: str
    device: str

    def __post_init__(self) -> None:
        self._word: Word | None = None
        self._file: Path | None = None
        self._heard: Callable[[], None] = _nothing
        self._stopping = threading.Event()
        self._lock = threading.Lock()

    def keep_in(self, file: Path) -> None:
        """Remember what is told in a file, and what was told before."""
        self._file = file
        try:
            kept = json.loads(file.read_text(encoding="utf-8"))
            self._word = Word(kept["home"] is True, datetime.fromisoformat(kept["at"]))
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError):
            log.warning("%s: %s cannot be read; where %s is, it must tell anew",
                        self.name, file, self.device)  # fmt: skip

    def tell(self, at: datetime, *, home: bool) -> bool:
        """Take a word. Return False if a newer one is known: phones send late what was queued."""
        with self._lock:
            if self._word is not None and at < self._word.at:
                return False
            changed = self._word is None or self._word.home is not home
            self._word = Word(home, at.astimezone(UTC))
            self._keep()
        if changed:
            log.info("%s: %s is %s", self.name, self.device, "home" if home else "gone")
        self._heard()
        return True

    def seen(self, *, again: bool = False) -> Sequence[Observation]:
        """Return what was told. There is nobody to ask, so `again` can do no better."""
        del again
        word = self._word
        if word is None:
            raise PresenceTrouble(
                f"Presence source '{self.name}': {self.device} has not told yet where it is. Let it"
                f" send to /api/presence/{self.device}."
            )
        return [Observation(device=self.device)] if word.home else []

    def explain(self) -> tuple[str, ...]:
        """Say where to look: another process than the program that runs is told nothing."""
        return ("Only the program that runs is told. What it knows, 'whosthere ask who' says.",)

    def listen(self, heard: Callable[[], None]) -> None:
        """Wait for words, which come by `tell`."""
        self._heard = heard
        heard()
        self._stopping.wait()

    def stop(self) -> None:
        self._stopping.set()

    def _keep(self) -> None:
        """Write it so that a power cut leaves the old word or the new one."""
        if self._file is None or self._word is None:
            return
        text = json.dumps({"home": self._word.home, "at": self._word.at.isoformat()})
        try:
            write_whole(self._file, text)
        except OSError as error:
            log.warning("%s: %s cannot be written: %s", self.name, self._file, error.strerror)
