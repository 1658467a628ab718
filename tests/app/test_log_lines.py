"""The log in the journal, for programs, and in a file that is changed when it is full."""

import io
import json
import logging
import os
import signal
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from tests.app.conftest import Running
from whosthere.app.log_lines import handler_for
from whosthere.core.errors import BadSettings
from whosthere.monitoring.settings import LogSettings

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


def record(text: str, level: int = logging.WARNING, error: BaseException | None = None) -> Any:
    about = (type(error), error, None) if error else None
    made = logging.LogRecord("whosthere.x", level, "x.py", 1, text, (), about)
    made.created = 1767303065.25  # 2026-01-01 21:31:05.25 UTC
    return made


def lines_of(handler: logging.Handler, *records: logging.LogRecord) -> None:
    for one in records:
        handler.handle(one)
    handler.close()


def test_json_is_an_object_in_each_line_without_secrets():
    stream = io.StringIO()
    lines_of(
        handler_for(LogSettings(format="json"), stream=stream),
        record("front: rtsp://anna:geheim@10.0.0.7\nis away"),
        record("it broke", logging.ERROR, ValueError("token=abc123")),
    )
    first, second = map(json.loads, stream.getvalue().splitlines())

    assert {
        "at": "2026-01-01T21:31:05.250+00:00",
        "level": "warning",
        "message": "front: rtsp://***@10.0.0.7\nis away",
        "thread": "MainThread",
        "logger": "whosthere.x",
    } == first
    assert "ValueError: token=***" in second["exception"]


def test_on_a_terminal_it_is_as_ever():
    stream = io.StringIO()
    lines_of(handler_for(LogSettings(), UTC, stream, {}), record("front: away"))

    assert "21:31:05 warning: front: away\n" == stream.getvalue()


@pytest.mark.parametrize(
    ("level", "mark"),
    [(logging.INFO, "<6>it"), (logging.WARNING, "<4>warning: it"), (logging.ERROR, "<3>ERROR: it")],
)
def test_the_journal_knows_the_time_and_is_told_how_urgent_it_is(
    tmp_path: Path, level: int, mark: str
):
    with (tmp_path / "journal").open("w+") as stream:
        about = os.fstat(stream.fileno())
        told = {"JOURNAL_STREAM": f"{about.st_dev}:{about.st_ino}"}
        lines_of(handler_for(LogSettings(), UTC, stream, told), record("it\nbroke", level))
        stream.seek(0)

        assert f"{mark}\n{mark[:3]}broke\n" == stream.read()


def test_a_stream_that_leads_elsewhere_is_not_the_journal(tmp_path: Path):
    with (tmp_path / "file").open("w+") as stream:
        lines_of(
            handler_for(LogSettings(), UTC, stream, {"JOURNAL_STREAM": "1:2"}), record("it broke")
        )
        stream.seek(0)

        assert "21:31:05 warning: it broke\n" == stream.read()


def test_a_full_file_gives_way_to_a_new_one(tmp_path: Path):
    file = tmp_path / "log" / "whosthere.log"
    settings = LogSettings(file=file, file_megabytes=0.01, files_kept=2)
    lines_of(handler_for(settings, UTC), *[record(f"front: line {n:04}") for n in range(2000)])
    kept = sorted(one.name for one in file.parent.iterdir())

    assert ["whosthere.log", "whosthere.log.1", "whosthere.log.2"] == kept
    assert all(one.stat().st_size <= 10_000 for one in file.parent.iterdir())
    assert "2026-01-01 21:31:05 warning: front: line 1999" == file.read_text().splitlines()[-1]


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadSettings, match="cannot be written"):
        handler_for(LogSettings(file=tmp_path / "file" / "log"))


def test_the_program_logs_for_programs(settings_file: Path, start: Any):
    running: Running = start("run", "--settings", settings_file, "--log-format", "json")
    line = running.wait_for("the picture is steady")
    running.end(signal.SIGTERM)

    assert "front: the picture is steady" == json.loads(line)["message"]
    logged = [one for one in running.text.splitlines() if not one.startswith("whosthere:")]
    assert {"info"} == {json.loads(one)["level"] for one in logged if one.startswith("{")}


def test_the_program_logs_into_a_file_as_the_settings_say(settings_file: Path, start: Any):
    file = settings_file.parent / "whosthere.log"
    settings_file.write_text(f'[log]\nfile = "{file}"\n{settings_file.read_text()}')
    running: Running = start("run", "--settings", settings_file)
    running.wait_for("Person at front")
    running.end(signal.SIGTERM)

    assert "front: the picture is steady" in file.read_text()
    assert "the picture is steady" not in running.text
