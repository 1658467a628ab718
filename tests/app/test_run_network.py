"""The whole program with a network camera: a stream to watch, one to record, and a loss."""

import signal
from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from tests.servers.rtsp import RtspServer, encode
from whosthere.storage.sqlite import SqliteStore

SMALL, LARGE = (384, 288), (1280, 720)
PASSWORD = "geheim"  # noqa: S105 # of a server that lives for a test


@pytest.fixture(scope="module")
def small(visit: Path) -> list[bytes]:
    """The visit as a camera's small stream sends it."""
    with av.open(str(visit)) as film:
        pictures = [cv2.resize(f.to_ndarray(format="bgr24"), SMALL) for f in film.decode(video=0)]

    def picture(number: int, _width: int, _height: int) -> np.ndarray:
        return pictures[number]

    return encode(len(pictures), size=SMALL, picture=picture)


@pytest.fixture(scope="module")
def large() -> list[bytes]:
    return encode(40, size=LARGE)


@pytest.mark.slow
def test_a_network_camera_is_watched_recorded_and_missed(
    start: Callable,
    tmp_path: Path,
    small: list[bytes],
    large: list[bytes],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv("WHOSTHERE_FRONT_PASSWORD", PASSWORD)
    login = ("anna", PASSWORD)
    settings = tmp_path / "whosthere.toml"
    with (
        RtspServer(large, login=login) as recorded,
        RtspServer(small, login=login) as watched,
    ):
        settings.write_text(
            f'[storage]\nfolder = "{tmp_path / "data"}"\n'
            "[house]\nlost_after_seconds = 2\n"
            '[cameras.front]\nkind = "rtsp"\nuser = "anna"\n'
            f'url = "{watched.url}"\nrecord_url = "{recorded.url}"\n'
        )
        program = start("run", "--settings", settings)
        program.wait_for("Person at front")
        watched.frozen.set()
        program.wait_for("Camera front is lost")
        watched.frozen.clear()
        program.wait_for("Camera front is back")
        assert 0 == program.end(signal.SIGTERM), program.text
    assert PASSWORD not in program.text

    store = SqliteStore.visit(tmp_path / "data" / "whosthere.db")
    (incident, *_) = store.incidents()
    store.close()
    assert incident.recording is not None
    with av.open(str(tmp_path / "data" / incident.recording)) as clip:
        frame = next(clip.decode(video=0))
    assert LARGE == (frame.width, frame.height)
