"""Alerts on the terminal."""

import io
from datetime import UTC
from pathlib import Path

import pytest
import rich.console
from rich.text import Text

from tests.storage.making import EVENING, alert
from whosthere.core.errors import DeliveryTrouble
from whosthere.core.model import Alert
from whosthere.core.ports import Delivery
from whosthere.messaging.console import Console


def delivery(told: Alert, attempts: int = 0) -> Delivery:
    return Delivery(1, "console", told, "key", attempts, EVENING, told.at)


def printed(told: Alert, attempts: int = 0, late: float = 0.0, folder: Path | None = None) -> str:
    shown: list[Text] = []
    Console(shown.append, zone=UTC, folder=folder).send(delivery(told, attempts), late)
    (line,) = shown
    return line.plain


def test_an_alert_is_one_line():
    assert "Person at front, 22:00:01 (90 % sure)" == printed(alert())


def test_a_file_is_named_with_its_folder():
    told = printed(alert(1, 2, file="2026/best.jpg"), folder=Path("/data"))
    assert "Picture of the person at front, 22:00:01: /data/2026/best.jpg" == told


def test_a_late_line_that_may_have_been_printed_before_says_both():
    told = printed(alert(), attempts=1, late=42)
    assert "Person at front, 22:00:01 (90 % sure), delivered 42 s late (again)" == told


def test_names_are_not_taken_for_markup():
    assert "Person at [red]door[/red], 22:00:01 (90 % sure)" == printed(
        alert(camera="[red]door[/red]")
    )


def test_a_long_line_is_not_broken(capsys: pytest.CaptureFixture[str]):
    Console(zone=UTC).send(delivery(alert(camera="c" * 200)), 0.0)
    assert f"Person at {'c' * 200}, 22:00:01 (90 % sure)\n" == capsys.readouterr().out


def test_a_terminal_that_is_gone_is_trouble_and_no_crash():
    closed = io.StringIO()
    closed.close()
    with pytest.raises(DeliveryTrouble, match="takes no text"):
        Console(rich.console.Console(file=closed).print).send(delivery(alert()), 0.0)
