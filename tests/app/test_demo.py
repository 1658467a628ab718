"""The demo ends by itself and leaves what it promises."""

import signal
import time
from pathlib import Path

import av
import pytest

from tests.app.conftest import whosthere
from whosthere.app.demo_film import film, visitor


def test_the_film_is_as_a_camera_would_send_it():
    with film() as path, av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert "h264" == stream.codec_context.name
        keys = [packet.pts * packet.time_base for packet in container.demux(stream)
                if packet.is_keyframe and packet.pts is not None]  # fmt: skip
        assert [2 * number for number in range(len(keys))] == keys
        assert 40 <= container.duration / 1e6 <= 45
    assert path.stat().st_size < 2_000_000


def test_one_of_its_frames_shows_the_visitor():
    assert (576, 768) == visitor().luma.shape


@pytest.mark.slow
def test_it_ends_by_itself_in_about_a_minute_with_everything_in_its_folder(tmp_path: Path):
    began = time.monotonic()
    shown = whosthere("demo", "--out", tmp_path / "demo")
    assert 0 == shown.returncode, shown.stderr
    assert time.monotonic() - began < 58

    assert "Person at yard" in shown.stdout
    assert "the light changes" in shown.stderr
    assert 1 == shown.stderr.count("ALERT")
    names = sorted(path.name for path in (tmp_path / "demo").rglob("*") if path.is_file())
    for kind in ("_boxes.jpg", "_preview.gif", ".mp4", "whosthere.db", "ledger.db"):
        (name,) = [name for name in names if name.endswith(kind)]
        assert name in shown.stdout
    (clip,) = (tmp_path / "demo").rglob("*.mp4")
    with av.open(str(clip)) as container:
        # the visitor takes 18 s; some seconds before and after
        assert 24 <= container.duration / 1e6 <= 30


def test_a_folder_in_use_is_left_alone(tmp_path: Path):
    (tmp_path / "mine.txt").write_text("mine")
    shown = whosthere("demo", "--out", tmp_path)
    assert 1 == shown.returncode
    assert "is not empty" in shown.stderr


def test_ctrl_c_ends_it_early_and_shows_what_there_is(start, tmp_path: Path):
    program = start("demo", "--out", tmp_path / "demo")
    program.wait_for("the picture is steady")
    assert 130 == program.end(signal.SIGINT), program.text
    assert "whosthere.db" in program.text
    assert "Traceback" not in program.text
