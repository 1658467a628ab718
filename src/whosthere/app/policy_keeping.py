"""Tells people what is proposed, tries what is to be tried, and has the tuner run at night."""

import logging
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from threading import Event

from whosthere.app.health import HealthBoard
from whosthere.app.settings import Settings
from whosthere.app.shadow import ShadowKeeping
from whosthere.app.workers import Worker
from whosthere.core import ports
from whosthere.core.errors import StoreTrouble
from whosthere.core.messages import Propose
from whosthere.storage.proposals import Policies

log = logging.getLogger(__name__)

GLANCES = 2.0  # seconds between looks
NIGHT_HOUR = 4  # local; a time without visitors and without people who wait for an answer
LONGEST = 3600.0  # seconds that the tuner may take


@dataclass(slots=True)
class PolicyKeeping:
    """Looks every other second; all is in the database."""

    settings: Settings
    policies: Policies
    shadow: ShadowKeeping
    inbox: ports.Inbox
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    stopping: Event = field(default_factory=Event)
    _tuned: date | None = None  # the last night
    child: subprocess.Popen[bytes] | None = None  # the tuner, while it runs
    _since: datetime | None = None

    def run(self) -> None:
        try:
            while not self.stopping.wait(GLANCES):
                self.look()
        finally:
            self.stop_child()
            with suppress(StoreTrouble):
                self.shadow.write()

    def look(self) -> None:
        with suppress(StoreTrouble):  # told by the store; there is another look soon
            self.tell_proposals()
            self.shadow.look()
        if self.settings.learning.nightly:
            self.tune_at_night()

    def tell_proposals(self) -> None:
        for one in self.policies.proposals():
            if one.state == "new":  # told once more after a crash, as the same
                self.inbox.put(Propose(one.id, one.words, self.now()))
                self.policies.settle(one.id, "told")

    def tune_at_night(self) -> None:
        """Start the tuner once a night, as a process that anybody may kill at any time."""
        now = self.now().astimezone(self.settings.house.zone)
        child, since = self.child, self._since
        if child is not None:
            code = child.poll()
            if code is None and since and (self.now() - since).total_seconds() > LONGEST:
                self.stop_child()
                log.warning("the tuner took longer than an hour and was stopped")
            if code is not None:
                self.child = None
                log.log(logging.INFO if code == 0 else logging.WARNING,
                        "the tuner ended%s", "" if code == 0 else f" with code {code}")  # fmt: skip
            return
        if now.hour == NIGHT_HOUR and self._tuned != now.date():
            self._tuned, self._since = now.date(), self.now()
            self.child = start_tuner(self.settings)

    def stop_child(self) -> None:
        """Kill it: what it has not finished, it has not begun."""
        child, self.child = self.child, None
        if child is not None:
            child.kill()
            child.wait()


def start_tuner(settings: Settings) -> subprocess.Popen[bytes]:
    """Start `whosthere tune` with these settings, at the lowest priority."""
    patient = [found, "-c", "3"] if (found := shutil.which("ionice")) else []
    words = [*patient, sys.executable, "-m", "whosthere", "tune", "--nightly"]
    child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)  # noqa: S603 - our own words
    assert child.stdin is not None  # noqa: S101 - a pipe was asked for
    with suppress(BrokenPipeError), child.stdin:
        child.stdin.write(settings.model_dump_json(exclude_unset=True).encode())
    return child


def join_policies(
    settings: Settings,
    policies: Policies,
    shadow: ShadowKeeping,
    inbox: ports.Inbox,
    health: HealthBoard,
) -> Worker:
    keeping = PolicyKeeping(settings, policies, shadow, inbox)
    return Worker("policies", keeping.run, health, keeping.stopping.set)
