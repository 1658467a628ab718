"""A house that stands still cannot tell anybody: somebody else does, and it begins anew."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.monitoring.conftest import Home
from tests.monitoring.conftest import home as home  # noqa: PLC0414 - a fixture
from tests.servers.fake_slack import ANNA, APP, BOT, FakeSlack
from whosthere.app.standstill import Standstill, begin_process_anew
from whosthere.core.messages import Tick
from whosthere.core.model import AlertKind, News

ROOT = Path(__file__).parents[2]


@dataclass
class Watched:
    """The house, and who looks whether it moves on; a look takes a second."""

    home: Home
    begun: list[str] = field(default_factory=list)
    lookout: Standstill = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        self.lookout = Standstill(self.home.vitals, 8.0, lambda: self.begun.append("anew"))

    def pass_(self, seconds: int, *, moving: bool) -> None:
        for _ in range(seconds):
            self.home.house.clock += 1
            if moving:
                self.home.vitals.heard(Tick(self.home.house.now, self.home.house.clock))
            self.lookout.look()

    def leap(self, seconds: float) -> None:
        """The whole machine slept."""
        self.home.house.clock += seconds
        self.lookout.look()

    @property
    def told(self) -> list[tuple[AlertKind, News]]:
        return [(one.kind, one.news) for one in self.home.house.store.alerts()]


@pytest.fixture
def watched(home: Home) -> Watched:
    return Watched(home)


FIRST = (AlertKind.TROUBLE, News.FIRST)
OVER = (AlertKind.WELL_AGAIN, News.STOPPED)


def test_a_house_that_moves_on_is_left_alone(watched: Watched):
    watched.pass_(100, moving=True)
    assert ([], []) == (watched.told, watched.begun)


def test_a_standstill_is_told_once_and_so_is_its_end(watched: Watched):
    watched.pass_(5, moving=True)
    watched.pass_(7, moving=False)
    before = watched.told
    watched.pass_(13, moving=False)
    during = watched.told
    watched.pass_(9, moving=True)
    not_yet = watched.told
    watched.pass_(30, moving=True)
    assert ([], [FIRST], [FIRST], [FIRST, OVER]) == (before, during, not_yet, watched.told)
    assert [] == watched.begun
    waiting = [one.alert.detail for one, _ in watched.home.house.store.waiting("test")]
    assert "it takes no messages" in waiting[0]


def test_a_machine_that_slept_is_given_a_moment(watched: Watched):
    watched.pass_(5, moving=True)
    watched.leap(3600)
    watched.pass_(20, moving=True)
    assert ([], []) == (watched.told, watched.begun)


def test_a_standstill_that_lasts_ends_in_one_new_start(watched: Watched):
    watched.pass_(5, moving=True)
    watched.pass_(200, moving=False)
    assert (["anew"], [FIRST]) == (watched.begun, watched.told)


def test_the_next_run_tells_that_it_is_over(watched: Watched, monkeypatch: pytest.MonkeyPatch):
    watched.pass_(50, moving=False)
    watched.start()
    monkeypatch.setattr("whosthere.app.standstill.EVERY", 0.0)
    watched.lookout.stopping.set()
    watched.lookout.run()  # reads what was left open, and ends
    watched.pass_(50, moving=True)
    during = watched.told
    watched.pass_(20, moving=True)
    assert ([FIRST], [FIRST, OVER]) == (during, watched.told)
    watched.start()
    watched.lookout.stopping.set()
    watched.lookout.run()
    watched.pass_(100, moving=True)
    assert [FIRST, OVER] == watched.told


def test_a_detector_that_hangs_for_good_ends_in_a_new_start(watched: Watched):
    tally = watched.home.tally
    with tally.working("detector for front", tally.detector["front"]):
        watched.pass_(60, moving=True)
    assert (["anew"], []) == (watched.begun, watched.told)


def test_readings_that_do_not_come_to_an_end_are_named(watched: Watched):
    health = watched.home.house.health
    watched.home.vitals.looked = watched.home.house.clock
    watched.pass_(16, moving=True)
    assert health.of("health").ok
    watched.pass_(4, moving=True)
    assert "readings are old" in health.of("health").why
    watched.home.vitals.looked = watched.home.house.clock
    watched.pass_(1, moving=True)
    assert health.of("health").ok


def test_under_systemd_its_watchdog_is_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        line.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "60000000")
        monkeypatch.setattr("faulthandler.dump_traceback", lambda: None)
        begin_process_anew()
        assert b"WATCHDOG=trigger" == line.recv(100)


@pytest.fixture
def fake() -> Iterator[FakeSlack]:
    with FakeSlack() as fake:
        yield fake


@pytest.mark.slow
def test_a_program_whose_house_hangs_says_so_and_starts_itself_anew(
    tmp_path: Path, visit: Path, fake: FakeSlack, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("WHOSTHERE_SLACK_BOT_TOKEN", BOT)
    monkeypatch.setenv("WHOSTHERE_SLACK_APP_TOKEN", APP)
    for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC"):
        monkeypatch.delenv(name, raising=False)
    settings, hang = tmp_path / "whosthere.toml", tmp_path / "hang"
    settings.write_text(f"""
        [storage]
        folder = "{tmp_path / "data"}"
        [health]
        stuck_seconds = 3
        [cameras.front]
        kind = "file"
        path = "{visit}"
        [[messengers]]
        kind = "slack"
        api_url = "{fake.url}"
        channel = "#alerts"
        admins = ["{ANNA}"]
    """)
    words = ["-u", "-m", "tests.app.stalling", str(hang), "run", "--settings", str(settings)]
    log = tmp_path / "log"

    def said(words: str, times: int = 1) -> None:
        fake.until(lambda: [m for m in fake.top() if words in str(m)][times - 1 :], 60)

    with log.open("wb") as out, subprocess.Popen(
        [sys.executable, *words], cwd=ROOT, stdout=out, stderr=out
    ) as process:  # fmt: skip
        try:
            said("Person at front")
            hang.touch()
            said("Trouble with house")
            said("Well again")
            said("Person at front", 2)  # the film begins anew too
            process.send_signal(signal.SIGTERM)
            assert 0 == process.wait(10), log.read_text()
        finally:
            process.kill()
    assert 1 == len([m for m in fake.top() if "Well again" in str(m)])
    assert "put_or_hang" in log.read_text()  # where it hung
