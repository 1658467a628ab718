"""`whosthere motion` makes a film of the steps."""

from pathlib import Path

import av
import pytest

from tests.app.conftest import whosthere

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


def test_the_steps_are_filmed(visit: Path, tmp_path: Path):
    shown = whosthere("motion", visit, "--show", tmp_path / "out")
    assert 0 == shown.returncode, shown.stderr
    film = tmp_path / "out" / "visit_motion.mp4"
    assert str(film) in shown.stdout
    with av.open(str(film)) as container:
        assert 40 < sum(1 for _ in container.decode(video=0))


def test_a_clip_that_is_not_there_is_told(tmp_path: Path):
    shown = whosthere("motion", tmp_path / "none.mp4")
    assert 1 == shown.returncode
    assert f"{tmp_path / 'none.mp4'}: there is no such file or folder.\n" == shown.stderr
