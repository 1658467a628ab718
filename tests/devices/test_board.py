"""What a machine tells of itself, read from files as a Raspberry Pi has them."""

from pathlib import Path

import pytest

from whosthere.devices.board import FIRMWARE, SYNCHRONISED, VCGENCMD, Board, Throttling

WELL = Throttling()


def write(root: Path, name: str | Path, text: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_the_hottest_sensor_counts(tmp_path: Path):
    write(tmp_path, "sys/class/thermal/thermal_zone0/temp", "48312\n")
    write(tmp_path, "sys/class/thermal/thermal_zone1/temp", "81002\n")
    write(tmp_path, "sys/class/thermal/thermal_zone2/temp", "?\n")
    assert 81.002 == Board(tmp_path).temperature()


def test_a_machine_that_tells_nothing_is_left_alone(tmp_path: Path):
    board = Board(tmp_path)
    assert (None, None, None, "") == (
        board.temperature(), board.throttling(), board.clock_is_set(), board.boot(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("bits", "expected"),
    [
        ("0", WELL),
        ("50000", WELL),  # it has happened, and is over
        ("1", Throttling(under_voltage=True)),
        ("50005", Throttling(under_voltage=True, throttled=True)),
        ("a000a", Throttling(capped=True, hot=True)),
    ],
)
def test_the_bits_of_the_firmware(tmp_path: Path, bits: str, expected: Throttling):
    write(tmp_path, FIRMWARE, f"{bits}\n")
    assert expected == Board(tmp_path).throttling()


def test_vcgencmd_is_asked_where_there_is_no_file(tmp_path: Path):
    tool = write(tmp_path, VCGENCMD, "#!/bin/sh\necho throttled=0x50005\n")
    tool.chmod(0o755)
    assert Throttling(under_voltage=True, throttled=True) == Board(tmp_path).throttling()


def test_a_tool_that_fails_tells_nothing(tmp_path: Path):
    write(tmp_path, VCGENCMD, "#!/bin/sh\nexit 1\n").chmod(0o755)
    assert None is Board(tmp_path).throttling()


@pytest.mark.parametrize(("alarm", "expected"), [("1", True), ("0", False)])
def test_the_voltage_monitor_of_the_kernel(tmp_path: Path, alarm: str, expected: bool):  # noqa: FBT001 - a row of a table
    write(tmp_path, "sys/class/hwmon/hwmon0/name", "cpu_thermal\n")
    write(tmp_path, "sys/class/hwmon/hwmon1/name", "rpi_volt\n")
    write(tmp_path, "sys/class/hwmon/hwmon1/in0_lcrit_alarm", f"{alarm}\n")
    assert Throttling(under_voltage=expected) == Board(tmp_path).throttling()


def test_whether_the_clock_is_set(tmp_path: Path):
    (tmp_path / SYNCHRONISED.parent).mkdir(parents=True)
    assert False is Board(tmp_path).clock_is_set()
    write(tmp_path, SYNCHRONISED, "")
    assert True is Board(tmp_path).clock_is_set()


def test_this_machine_is_read_without_complaint():
    board = Board()
    board.temperature()
    board.throttling()
    assert board.clock_is_set() in {True, False, None}
