"""One switch is driven: only the newest wish counts, failures are tried again, sirens end."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from whosthere.core.errors import DeviceTrouble
from whosthere.devices.driver import Driver
from whosthere.devices.gpio_guard import GuardedGpio


@dataclass
class Lamp:
    """A switch that tests can break."""

    on: bool = False
    failing: bool = False
    done: list[tuple[bool, float | None]] = field(default_factory=list)
    asked: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    hold: threading.Event = field(default_factory=threading.Event)  # cleared: it is slow
    closed: bool = False

    def __post_init__(self) -> None:
        self.hold.set()

    def switch(self, *, on: bool, seconds: float | None = None) -> None:
        self.asked.release()
        assert self.hold.wait(10)
        if self.failing:
            raise DeviceTrouble("lamp: broken.")
        self.on = on
        self.done.append((on, seconds))

    def state(self) -> bool | None:
        if self.failing:
            raise DeviceTrouble("lamp: broken.")
        return self.on

    def close(self) -> None:
        self.closed = True


@contextmanager
def driven(lamp: Lamp, **more: object) -> Iterator[tuple[Driver, list[str | None]]]:
    told: list[str | None] = []
    driver = Driver("lamp", lamp, told.append, **more)
    thread = threading.Thread(target=driver.run)
    thread.start()
    try:
        yield driver, told
    finally:
        lamp.hold.set()
        driver.stop()
        thread.join(10)
        assert not thread.is_alive()


def test_a_wish_is_done_and_said():
    lamp = Lamp()
    with driven(lamp) as (driver, _):
        driver.drive(on=True)
        view = driver.wait_done(10)
        assert (True, None, False) == (view.on, view.trouble, view.behind)
    assert lamp.on
    assert lamp.closed


def test_nobody_waits_for_a_slow_device_and_only_the_newest_wish_counts():
    lamp = Lamp()
    lamp.hold.clear()
    with driven(lamp) as (driver, _):
        driver.drive(on=True)
        assert lamp.asked.acquire(timeout=10)  # it is at work, and takes its time
        for _ in range(100):
            driver.drive(on=True)
            driver.drive(on=False)
        assert driver.view.behind
        lamp.hold.set()
        assert driver.wait_done(10).on is False
    assert [(True, None), (False, None)] == lamp.done


def test_what_fails_is_told_and_tried_again(monkeypatch):
    monkeypatch.setattr("whosthere.devices.driver.FIRST_PAUSE", 0.01)
    lamp = Lamp(failing=True)
    with driven(lamp) as (driver, told):
        driver.drive(on=True)
        view = driver.wait_done(10)
        assert ("lamp: broken.", True) == (view.trouble, view.behind)
        assert lamp.asked.acquire(timeout=10)
        assert lamp.asked.acquire(timeout=10)
        lamp.failing = False
        assert any(
            not driver.view.behind for _ in iter(partial(lamp.asked.acquire, timeout=0.1), 0)
        )
    assert lamp.on
    assert ["lamp: broken.", None] == [told[0], told[-1]]


def test_a_device_that_is_gone_is_noticed_without_any_wish():
    seen = threading.Event()
    lamp = Lamp(failing=True)
    driver = Driver("lamp", lamp, lambda why: seen.set() if why else None, looks_every=0.01)
    thread = threading.Thread(target=driver.run)
    thread.start()
    assert seen.wait(10)
    driver.stop()
    thread.join(10)


# --- sirens


def test_a_siren_is_silenced_at_the_start_and_at_the_end():
    lamp = Lamp(on=True)  # left so by somebody
    with driven(lamp, longest_seconds=180.0) as (driver, _):
        assert driver.wait_done(10).on is False
        driver.drive(on=True)
        assert driver.wait_done(10).on
    assert not lamp.on
    assert (True, pytest.approx(180.0, abs=5)) == lamp.done[1]


def test_a_siren_ends_though_nobody_says_so():
    """The house may hang: this thread has a clock of its own."""
    lamp, ended = Lamp(), threading.Event()

    def told(_: str | None) -> None:
        if lamp.done[-2:] and [on for on, _ in lamp.done][-2:] == [True, False]:
            ended.set()

    driver = Driver("lamp", lamp, told, longest_seconds=0.2)
    thread = threading.Thread(target=driver.run)
    thread.start()
    driver.wait_done(10)
    driver.drive(on=True, seconds=1000.0)  # never longer than the longest
    assert ended.wait(10)
    driver.stop()
    thread.join(10)
    assert not lamp.on


def test_a_siren_that_could_not_be_reached_in_time_does_not_begin_late():
    lamp = Lamp(failing=True)
    moment = [0.0]
    driver = Driver("lamp", lamp, lambda _: None, longest_seconds=30.0, clock=lambda: moment[0])
    driver.drive(on=True)
    moment[0] = 31.0
    lamp.failing = False
    thread = threading.Thread(target=driver.run)
    thread.start()
    driver.wait_done(0.1)
    driver.stop()
    thread.join(10)
    assert [False] == sorted({on for on, _ in lamp.done})


def test_a_new_wish_is_not_told_of_with_the_trouble_of_the_one_before():
    lamp = Lamp(failing=True)
    with driven(lamp) as (driver, _):
        driver.drive(on=True)
        assert driver.wait_done(10).trouble
        lamp.hold.clear()
        driver.drive(on=False)
        assert (None, True) == (driver.view.trouble, driver.view.behind)
        lamp.hold.set()


# --- a siren at a pin, and the process that guards it


@pytest.fixture
def guard(monkeypatch) -> Iterator["subprocess.Popen[str]"]:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    command = [sys.executable, "-m", "whosthere.devices.gpio_guard", "17", "0"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as one:
        yield one
        one.kill()


def say(one: "subprocess.Popen[str]", line: str) -> str:
    assert one.stdin is not None
    assert one.stdout is not None
    one.stdin.write(f"{line}\n")
    one.stdin.flush()
    return one.stdout.readline().strip()


def test_the_guard_ends_it_when_its_time_is_over(guard):
    assert "on" == say(guard, "on 0.2")
    answers = (say(guard, "state") for _ in range(100_000))
    assert "off" == next(answer for answer in answers if answer == "off")


def test_the_guard_ends_with_whoever_asked():
    """The one who asked is killed: its guard sees the pipe end, turns the pin off, and ends."""
    script = (
        "import sys, time\n"
        "from whosthere.devices.gpio_guard import GuardedGpio\n"
        "siren = GuardedGpio(17)\n"
        "siren.switch(on=True, seconds=600)\n"
        "print(siren._guard.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    environment = {"GPIOZERO_PIN_FACTORY": "mock", "PATH": "/usr/bin"}
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True,
                          env=environment) as asker:  # fmt: skip
        assert asker.stdout is not None
        number = int(asker.stdout.readline())
        asker.kill()
    ended = subprocess.run(["tail", f"--pid={number}", "-f", "/dev/null"], timeout=20, check=False)
    assert 0 == ended.returncode


PIN_IN_A_FILE = """
import sys
from pathlib import Path
from whosthere.devices.gpio_guard import guard

class Pin:
    on = False
    def switch(self, *, on):
        self.on = on
        Path(sys.argv[1]).write_text(str(on))
    def state(self):
        return self.on
    def close(self):
        pass

guard(Pin())
"""


@pytest.fixture
def pin(tmp_path: Path) -> Path:
    return tmp_path / "pin"


@pytest.fixture
def guarded(pin: Path) -> Iterator["subprocess.Popen[str]"]:
    """The guard of a pin that is a file."""
    command = [sys.executable, "-c", PIN_IN_A_FILE, str(pin)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as one:
        yield one
        one.kill()


def test_the_guard_turns_the_pin_off_when_systemd_ends_the_service(guarded, pin):
    say(guarded, "on 600")
    assert "True" == pin.read_text()
    guarded.terminate()
    assert 0 == guarded.wait(10)
    assert "False" == pin.read_text()


def test_ctrl_c_is_for_the_program_and_not_for_the_guard(guarded, pin):
    say(guarded, "on 600")
    guarded.send_signal(signal.SIGINT)
    assert "on" == say(guarded, "state")
    guarded.stdin.close()
    assert 0 == guarded.wait(10)
    assert "False" == pin.read_text()


def test_a_guard_that_has_ended_is_not_started_again_to_turn_off(monkeypatch):
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    siren = GuardedGpio(17)
    siren.switch(on=True, seconds=600)
    guard = siren._guard  # noqa: SLF001 - to end it as systemd would
    guard.terminate()
    guard.wait(10)
    siren.switch(on=False)
    assert siren._guard is None  # noqa: SLF001 - no other was started
    siren.switch(on=True, seconds=600)
    assert siren.state()
    siren.close()


@pytest.mark.parametrize("line", ["on", "on soon", "nonsense", "on nan", ""])
def test_the_guard_survives_nonsense(guard, line):
    assert say(guard, line)
    assert "off" == say(guard, "off")
