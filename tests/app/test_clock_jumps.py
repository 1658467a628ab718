"""The machine's clock jumps by years while somebody walks in; libfaketime makes it do so."""

import signal
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.app.conftest import Running, whosthere
from whosthere.storage.sqlite import SqliteStore

LIBRARY = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)

pytestmark = [
    pytest.mark.slow,  # a film as it is
    pytest.mark.skipif(LIBRARY is None, reason="needs Debian's package libfaketime"),
]


@pytest.fixture
def offset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """What stands in this file is how far the program's clock is off."""
    file = tmp_path / "offset"
    file.write_text("+0")
    monkeypatch.setenv("LD_PRELOAD", str(LIBRARY))
    monkeypatch.setenv("FAKETIME_TIMESTAMP_FILE", str(file))
    monkeypatch.setenv("FAKETIME_NO_CACHE", "1")
    monkeypatch.setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    return file


@pytest.mark.parametrize(("jump", "way"), [("+1826d", "forward"), ("-400d", "back")])
def test_a_visit_is_told_and_recorded_whatever_the_clock_does(
    start: Callable[..., Running],
    settings_file: Path,
    offset: Path,
    monkeypatch: pytest.MonkeyPatch,
    jump: str,
    way: str,
):
    program = start("run", "--settings", settings_file)
    program.wait_for("an incident begins")
    offset.write_text(jump)
    program.wait_for(f"clock of the machine: it jumped {way}")
    monkeypatch.delenv("LD_PRELOAD")
    status = whosthere("status", "--settings", settings_file).stdout
    assert f"it jumped {way}" in status
    program.wait_for("kept the clip")
    assert 0 == program.end(signal.SIGTERM)
    assert "Traceback" not in program.text
    assert "Person at front" in program.text
    data = settings_file.parent / "data"
    with closing(SqliteStore.visit(data / "whosthere.db")) as store:
        (incident, *_) = store.incidents()
        failed = [state for state, *_ in store.undelivered() if state == "failed"]
    assert [] == failed
    assert incident.recording is not None
    assert 0 < (data / incident.recording).stat().st_size
