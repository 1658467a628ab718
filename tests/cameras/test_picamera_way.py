"""The whole way of a Pi camera: a visitor before it is told, and the clip begins before that."""

import time
from datetime import timedelta
from pathlib import Path

import av
import pytest

from whosthere.app.assemble import assemble
from whosthere.app.check_camera import camera
from whosthere.app.demo_film import film
from whosthere.app.settings import parse
from whosthere.core.modes import Mode
from whosthere.storage.sqlite import SqliteStore

PATIENCE = 40.0  # seconds
PRE_ROLL = 2.0


@pytest.mark.slow
def test_a_visitor_before_a_pi_camera_is_told_and_the_clip_begins_before(pi, tmp_path: Path):
    settings = parse(
        f"""
        [storage]
        folder = "{tmp_path}"
        [recording]
        pre_roll_seconds = {PRE_ROLL}
        post_roll_seconds = 1
        [cameras.yard]
        kind = "picamera"
        width = 768
        height = 576
        analysed_width = 384
        captured_per_second = 10
        """,
        "a test",
    )
    with film() as path:
        pi.film, pi.skip_seconds = path, 4.0
        program = assemble(settings, mode=Mode.AWAY)
        program.start()
        until = time.monotonic() + PATIENCE
        while not program.store.alerts() and time.monotonic() < until:
            time.sleep(0.2)
        time.sleep(PRE_ROLL)  # some of the visit
        assert program.stop()
    assert pi.opened_by is None

    store = SqliteStore(tmp_path / "whosthere.db")
    (incident, *_) = store.incidents()
    assert incident.alerted_at is not None
    assert 0.4 < incident.labels["person"]
    picture, recording = incident.picture, incident.recording
    store.close()
    with av.open(str(tmp_path / picture)) as shown:
        assert (768, 576) == (shown.streams.video[0].width, shown.streams.video[0].height)
    with av.open(str(tmp_path / recording)) as clip:
        seconds = [frame.time for frame in clip.decode(video=0)]
        assert "h264" == clip.streams.video[0].codec_context.name
    shown_before = incident.last_seen - incident.first_motion + timedelta(seconds=PRE_ROLL)
    assert seconds[-1] - seconds[0] > shown_before.total_seconds() - 1


@pytest.mark.slow
def test_the_check_says_what_is_recorded_and_what_is_analysed(pi):
    settings = parse('[cameras.yard]\nkind = "picamera"\n', "a test")
    with film() as path:
        pi.film = path
        said = camera("yard", settings.cameras["yard"])
    assert said.startswith("1280x720 (640x360 analysed), h264, ")
