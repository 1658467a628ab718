"""Videos that many tests read, made once."""

from pathlib import Path

import pytest

from tests.recording.making import Made, make_video


@pytest.fixture(scope="session")
def h264(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty seconds with B-frames and a key frame every two seconds."""
    return make_video(tmp_path_factory.mktemp("h264"), Made())


@pytest.fixture(scope="session")
def mjpeg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five seconds as of a USB camera, with odd sizes."""
    made = Made("mjpeg", ".avi", 5, width=161, height=91, pixels="yuvj422p", options=())
    return make_video(tmp_path_factory.mktemp("mjpeg"), made)
