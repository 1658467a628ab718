"""`whosthere status`: what works and what is missing, at once."""

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.conftest import Running, whosthere
from tests.monitoring.conftest import Home
from tests.monitoring.conftest import eventful as eventful  # noqa: PLC0414 - a fixture
from tests.monitoring.conftest import home as home  # noqa: PLC0414 - a fixture
from whosthere.app.status import SOCKET, ask, data_folder, lines
from whosthere.app.status_desk import StatusDesk
from whosthere.core.errors import BadSettings, StoreTrouble

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


HEAVY = ("numpy", "pydantic", "rich", "cv2", "av", "onnxruntime", "sqlite3")


@pytest.fixture
def desk(eventful: Home, tmp_path: Path) -> Iterator[Path]:
    """A desk in a folder whose path is longer than a socket's may be."""
    folder = tmp_path / ("a" * 60) / ("b" * 60)
    folder.mkdir(parents=True)
    made = StatusDesk(folder, eventful.vitals)
    thread = threading.Thread(target=made.run)
    thread.start()
    assert made.listening.wait(10)
    yield folder
    made.stop()
    thread.join(5)
    assert not thread.is_alive()
    assert not (folder / SOCKET).exists()


def test_what_is_missing_stands_out(desk: Path, eventful: Home):
    answer = ask(desk)
    assert answer is not None
    shown = list(lines(answer, eventful.house.now, brief=True))

    assert shown[0].startswith("mode away for 1 day 12 min  1 of 2 cameras  3 messages wait")
    assert [
        "front              begins",
        "garden             MISSING  for 11 min 40 s: It is lost: no new picture for 12 s.",
        "messenger test     MISSING  for 11 min 38 s: Slack does not answer for 7 s: token=***",
    ] == shown[1:]


def test_without_brief_all_parts_are_named(desk: Path, eventful: Home):
    answer = ask(desk)
    assert answer is not None
    shown = list(lines(answer, eventful.house.now, brief=False))

    assert "database           running" in shown


def test_a_program_that_hangs_says_so(desk: Path, eventful: Home):
    eventful.house.clock += 60
    answer = ask(desk)
    assert answer is not None
    shown = list(lines(answer, eventful.house.now, brief=True))

    assert "program            STUCK    the house has taken no message for 1 min" == shown[1]


def test_others_of_this_machine_may_not_ask(desk: Path):
    assert 0o660 == (desk / SOCKET).stat().st_mode & 0o777


def test_a_folder_that_takes_no_socket_is_told(eventful: Home, tmp_path: Path):
    with pytest.raises(StoreTrouble, match="takes no socket"):
        StatusDesk(tmp_path / "none", eventful.vitals).run()


def test_where_nobody_works_nobody_answers(tmp_path: Path):
    assert ask(tmp_path) is None
    assert ask(tmp_path / "none") is None


def test_a_socket_that_a_crash_left_is_nobody_and_in_nobodys_way(eventful: Home, tmp_path: Path):
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / SOCKET))
    nobody = ask(tmp_path)
    made = StatusDesk(tmp_path, eventful.vitals)
    thread = threading.Thread(target=made.run)
    thread.start()
    assert made.listening.wait(10)
    answer = ask(tmp_path)
    made.stop()
    thread.join(5)

    assert nobody is None
    assert answer is not None


def test_who_listens_and_says_nonsense_is_told(tmp_path: Path):
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(tmp_path / SOCKET))
        door.listen(1)

        def hang_up() -> None:
            door.accept()[0].close()

        closing = threading.Thread(target=hang_up)
        closing.start()
        with pytest.raises(StoreTrouble, match="does not answer"):
            ask(tmp_path)
        closing.join(5)


@pytest.mark.parametrize(
    ("text", "folder"),
    [("", "data"), ('[storage]\nfolder = "/var/lib/x"\n', "/var/lib/x"), ("storage = 1", "data")],
)
def test_only_the_data_folder_is_read_from_the_settings(tmp_path: Path, text: str, folder: str):
    file = tmp_path / "whosthere.toml"
    file.write_text(text)

    assert Path(folder) == data_folder(file)


def test_settings_that_cannot_be_read_are_told(tmp_path: Path):
    with pytest.raises(BadSettings, match="no such file"):
        data_folder(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("= 1")
    with pytest.raises(BadSettings, match="cannot be read"):
        data_folder(tmp_path / "bad.toml")


def test_the_running_program_answers_and_its_end_shows(settings_file: Path, start: Any):
    before = whosthere("status", "--brief", "--settings", settings_file)
    running: Running = start("run", "--settings", settings_file)
    running.wait_for("the picture is steady")
    brief = whosthere("status", "--brief", "--settings", settings_file)
    full = whosthere("status", "--settings", settings_file)
    data = json.loads(whosthere("status", "--json", "--settings", settings_file).stdout)
    running.end(signal.SIGTERM)
    after = whosthere("status", "--settings", settings_file)

    assert [3, 3] == [before.returncode, after.returncode]
    assert "NOT RUNNING" in after.stdout
    assert (0, "") == (brief.returncode, brief.stderr)
    assert "1 of 1 cameras" in brief.stdout
    assert "front              running  0" in brief.stdout
    assert "recorder           running" in full.stdout
    assert ("away", running.process.pid) == (data["mode"], data["pid"])


def test_it_imports_nothing_heavy():
    names = "whosthere.app.cli, whosthere.app.status, sys"
    code = f"import {names}; print([one for one in {HEAVY} if one in sys.modules])"
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30
    )

    assert "[]\n" == told.stdout
