"""The live view shows what is seen and decided, in any size of terminal."""

import io
import logging
from datetime import UTC, datetime

import pytest
from rich.console import Console
from rich.text import Text

from whosthere.app.demo_film import visitor
from whosthere.app.diary import Line
from whosthere.app.gate_view import all_gates, bars
from whosthere.app.live_view import LiveView
from whosthere.core.model import Decision, Gate, Verdict
from whosthere.core.sighting import Box, Motion, Scene

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
MOTION = Motion(Scene.STEADY, 0.025, (Box(0.6, 0.4, 0.8, 0.8),))
GATES = (
    Gate("armed", "away", "away, night", passed=True),
    Gate("area", 0.025, 0.002, passed=True),
    Gate("person", 0.2, 0.45, passed=False),
    Gate("cooldown", 5.0, 60.0, passed=False),
)


def drawn(what: object, width: int = 120, height: int = 40) -> str:
    console = Console(file=io.StringIO(), width=width, height=height, color_system=None)
    console.print(what)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def decision(verdict: Verdict) -> Decision:
    return Decision("front", AT, 0.0, verdict, GATES)


def view(*cameras: str, age: float = 0.0) -> LiveView:
    """A view of cameras, each of which showed the visitor some seconds ago."""
    now = [100.0]
    made = LiveView("test", cameras, clock=lambda: now[0], zone=UTC)
    for name in cameras:
        frame = visitor()
        object.__setattr__(frame, "camera", name)
        made.saw(frame, MOTION)
    now[0] += age
    return made


@pytest.mark.parametrize(("width", "height"), [(126, 36), (100, 30), (80, 24), (40, 20)])
def test_it_fits_the_terminal(width: int, height: int):
    lines = drawn(view("front"), width, height).splitlines()
    assert {width} == {Text(line).cell_len for line in lines}
    assert len(lines) <= max(height, 24)


def test_a_large_terminal_shows_the_picture_and_a_small_one_only_numbers():
    assert "▀▀▀" in drawn(view("front"), 126, 36)
    assert "▀▀▀" not in drawn(view("front"), 80, 24)


def test_an_old_picture_is_never_shown_as_live():
    assert "no picture for 12 s" in drawn(view("front", age=12.0))


def test_several_cameras_have_a_short_entry_each():
    shown = drawn(view("front", "back", "gate"))
    assert 3 == shown.count("of the picture")


def test_what_happened_stands_below_and_the_newest_is_kept():
    made = view("front")
    made.happened(Line(AT, "front", f"thing {number}") for number in range(30))
    assert "08:00:00 front thing 29" in drawn(made)
    assert "thing 3 " not in drawn(made)


def test_warnings_join_what_happened_without_secrets():
    made = view("front")
    log = logging.getLogger("test of the view")
    handler = made.handler()
    log.addHandler(handler)
    log.warning("front: rtsp://anna:geheim@10.0.0.7 refuses")
    log.removeHandler(handler)
    assert "rtsp://***@10.0.0.7 refuses" in drawn(made)


def test_gates_show_value_limit_and_where_it_stops():
    shown = drawn(all_gates(decision(Verdict.QUIET))[1])
    assert "✓ armed    away" in shown
    assert "✓ area     2.5 %, needs 0.2 %" in shown
    assert "✗ person   20.0 %, needs 45.0 % ← stops here" in shown
    assert "✗ cooldown 5 s, needs 60 s" in shown


def test_gates_of_a_visit_that_people_know_of_stop_nothing():
    title, table = all_gates(decision(Verdict.TOLD))
    assert "people know" in drawn(title)
    assert "stops here" not in drawn(table)


def test_bars_reach_their_marks_when_the_limit_is_reached():
    _, motion, person = bars(MOTION, decision(Verdict.QUIET))
    assert "███┃████████············" in motion.plain
    assert "█████······┃············" in person.plain
