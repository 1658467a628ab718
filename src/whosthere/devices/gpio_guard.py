"""A siren at a pin, held by a small process of its own, so that it ends even if we are killed.

Run as a program, it reads lines: `on 180`, `off`, `state`; and answers each with `on` or `off`.
When its input ends, since the other side has stopped or was killed, when the time is over, or when
it is told to end (SIGTERM, as systemd tells all processes of a service), it turns the pin off.
"""

import os
import selectors
import signal
import subprocess
import sys
import time
from contextlib import suppress

from whosthere.core.errors import DeviceTrouble
from whosthere.devices.gpio import GpioSwitch

PATIENCE = 10.0  # seconds for an answer; a Pi Zero needs some for its first
LONGEST = 900.0  # seconds, whatever is asked


class GuardedGpio:
    """Fulfils `core.ports.Switch`. It goes off by itself."""

    def __init__(self, pin: int, *, active_low: bool = False) -> None:
        self._pin, self._active_low = pin, active_low
        self._guard: subprocess.Popen[bytes] | None = None

    def switch(self, *, on: bool, seconds: float | None = None) -> None:
        asked = "on" if on else "off"
        if self._ask(f"on {seconds or LONGEST}" if on else "off") != asked:
            raise self._trouble(f"it was asked to be {asked}, and is not")

    def state(self) -> bool | None:
        return self._ask("state") == "on"

    def close(self) -> None:
        """End the guard, which turns the pin off."""
        guard, self._guard = self._guard, None
        if guard is None:
            return
        for pipe in (guard.stdin, guard.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        with suppress(subprocess.TimeoutExpired):
            guard.wait(1)

    def _ask(self, line: str) -> str:
        guard = self._guard
        if guard is None or guard.poll() is not None:
            self.close()
            if guard is not None and guard.returncode == 0 and line == "off":
                return line  # it turned the pin off before it ended
            command = [sys.executable, "-m", __name__, str(self._pin), str(int(self._active_low))]
            guard = subprocess.Popen(  # noqa: S603 - ourselves
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
            )
            self._guard = guard
        assert guard.stdin is not None  # noqa: S101 - asked for above
        try:
            guard.stdin.write(f"{line}\n".encode())
            said = self._answer(guard)
        except OSError:
            said = ""
        if not said:
            self.close()
            raise self._trouble("its guard does not answer")
        if said.startswith("!"):
            raise DeviceTrouble(said[1:])
        return said

    def _answer(self, guard: "subprocess.Popen[bytes]") -> str:
        out = guard.stdout
        assert out is not None  # noqa: S101 - asked for above
        with selectors.DefaultSelector() as ready:
            ready.register(out, selectors.EVENT_READ)
            if not ready.select(PATIENCE):
                return ""
        return out.readline().decode().strip()

    def _trouble(self, why: str) -> DeviceTrouble:
        return DeviceTrouble(f"GPIO {self._pin}: {why}.")


def guard(pin: GpioSwitch) -> None:
    """Do what comes in line by line, and turn the pin off in the end."""
    until: float | None = None
    waiting = b""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who asks; then the input ends
    with selectors.DefaultSelector() as ready:
        ready.register(0, selectors.EVENT_READ)
        try:
            while True:
                left = None if until is None else max(0.0, until - time.monotonic())
                if not ready.select(left):
                    pin.switch(on=False)
                    until = None
                    continue
                read = os.read(0, 1024)
                if not read:
                    return
                *lines, waiting = (waiting + read).split(b"\n")
                for line in lines:
                    until = _do(pin, line.decode(), until)
        finally:
            with suppress(DeviceTrouble):
                pin.switch(on=False)
            pin.close()


def _do(pin: GpioSwitch, line: str, until: float | None) -> float | None:
    word, _, seconds = line.partition(" ")
    try:
        if word == "on":
            until = time.monotonic() + min(float(seconds), LONGEST)
            pin.switch(on=True)
        elif word == "off":
            pin.switch(on=False)
            until = None
        answer = "on" if pin.state() else "off"
    except (DeviceTrouble, ValueError) as trouble:
        answer = f"!{trouble}"
    with suppress(OSError):  # nobody reads any more; the end follows
        os.write(1, f"{answer}\n".encode())
    return until


if __name__ == "__main__":
    pin_number, is_low = sys.argv[1:]
    guard(GpioSwitch(int(pin_number), active_low=is_low == "1"))
