"""The whole program as a process: alerts, a clean end, a crash, two copies, a new mode."""

import signal
from pathlib import Path

import av
import pytest

from tests.app.conftest import whosthere
from whosthere.core.modes import Mode
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.sqlite import SqliteStore

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


def test_a_visitor_is_told_and_sigterm_loses_nothing(start, settings_file: Path):
    program = start("run", "--settings", settings_file)
    program.wait_for("Person at front")
    assert 0 == program.end(signal.SIGTERM), program.text

    data = settings_file.parent / "data"
    store = SqliteStore(data / "whosthere.db")
    (incident,) = store.incidents()
    assert incident.ended is not None
    assert not store.was_interrupted(incident.id)
    assert ["first", "picture"] == [str(alert.news) for alert in store.alerts()][:2]
    assert [] == [state for state, *_ in store.undelivered() if state == "failed"]
    store.close()
    assert incident.recording is not None
    with av.open(str(data / incident.recording)) as clip:
        assert 10 < sum(1 for _ in clip.decode(video=0))
    ledger = SqliteLedger(data / "ledger.db")
    assert 10 < sum(1 for _ in ledger.read("front"))
    ledger.close()


def test_ctrl_c_ends_it_cleanly(start, settings_file: Path):
    program = start("run", "--settings", settings_file)
    program.wait_for("the picture is steady")
    assert 0 == program.end(signal.SIGINT), program.text
    assert "Traceback" not in program.text
    assert "nothing is lost" in program.text


def test_a_signal_that_comes_twice_at_once_ends_it_as_cleanly(start, settings_file: Path):
    program = start("run", "--settings", settings_file)
    program.wait_for("the picture is steady")
    program.process.send_signal(signal.SIGTERM)
    assert 0 == program.end(signal.SIGTERM), program.text
    assert "nothing is lost" in program.text


def test_an_incident_that_a_crash_cut_off_is_ended_and_told(start, settings_file: Path):
    crashed = start("run", "--settings", settings_file)
    crashed.wait_for("Person at front")
    crashed.end(signal.SIGKILL)
    again = start("run", "--settings", settings_file)
    again.wait_for("front: an incident was interrupted")
    again.wait_for("the picture is steady")
    again.end(signal.SIGTERM)


def test_a_second_copy_is_refused_in_a_sentence(start, settings_file: Path):
    first = start("run", "--settings", settings_file)
    first.wait_for("the picture is steady")
    second = whosthere("run", "--settings", settings_file)
    assert 1 == second.returncode
    assert "Another whosthere" in second.stderr
    assert "Traceback" not in second.stderr


def test_the_running_program_follows_a_new_mode(start, settings_file: Path):
    program = start("run", "--settings", settings_file, "--mode", "off")
    program.wait_for("the picture is steady")
    asked = whosthere("mode", "night", "--settings", settings_file)
    assert "follows within a second" in asked.stdout
    program.wait_for("house: mode night")
    program.end(signal.SIGTERM)
    shown = whosthere("mode", "--settings", settings_file)
    assert shown.stdout.startswith("night since ")
    store = SqliteStore.visit(settings_file.parent / "data" / "whosthere.db")
    state = store.arm_state()
    store.close()
    assert state is not None
    assert Mode.NIGHT is state.mode
    assert state.by_hand


def test_without_its_detector_it_goes_on_and_says_so(start, settings_file: Path):
    missing = settings_file.parent / "none.onnx"
    text = f'[detector]\nmodel = "{missing}"\nsha256 = "{"0" * 64}"\n'
    settings_file.write_text(text + settings_file.read_text())
    program = start("run", "--settings", settings_file)
    program.wait_for("motion alone is told")
    program.wait_for("Something moved at front")
    assert 0 == program.end(signal.SIGTERM), program.text
