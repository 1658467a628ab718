"""A disk that is full, read-only or away: no crash, one clear line, and on it goes."""

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.recording.living import House, incident, over, sighting
from tests.recording.making import packets_of, play

MOUNT = shutil.which("mount")
needs_root = pytest.mark.skipif(
    os.geteuid() != 0 or MOUNT is None, reason="only root can mount a small disk"
)
DAY = "incidents/2026/11/22"
CLIP = f"{DAY}/20261122T235950000-one.mp4"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 500 kB: about thirteen seconds of the video."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=500k", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


@needs_root
def test_a_full_disk_is_told_once_and_what_is_there_plays(disk: Path, h264: Path) -> None:
    house = House(disk, h264)
    recorder = house.recorder()
    house.play(20, (6.0, partial(recorder.record, incident(5.0, 19.0))))
    recorder.finish(1)
    (trouble,) = house.troubles
    assert trouble == (
        f"Clips and pictures cannot be written to {disk}: No space left on device."
        " Free some space on this disk, or lower recording.most_gigabytes."
    )
    assert [kept.recording for kept in house.kept] == [CLIP]
    played = play(disk / CLIP)
    assert len(played.shown) == len(played.packets) > 60


@needs_root
def test_when_there_is_room_again_recording_goes_on_without_a_gap(disk: Path, h264: Path) -> None:
    filler = disk / "filler"
    filler.write_bytes(bytes(400_000))
    house = House(disk, h264)
    recorder = house.recorder(pre_roll_seconds=2)
    house.play(9, (6.0, partial(recorder.record, incident(5.0, 12.0))))
    assert len(house.troubles) == 1
    filler.unlink()
    house.play(13, since=9)
    assert [None] == house.troubles[1:]
    recorder.finish(1)
    parts = sorted((disk / DAY).glob("*.mp4"))
    recorded = [data for part in parts for data in play(part).packets]
    source = [packet.data for packet in packets_of(h264) if 2.0 <= packet.clock < 13]
    assert source == list(dict.fromkeys(recorded))  # a next file begins a little before


@needs_root
def test_room_is_noticed_when_nothing_is_to_be_written(disk: Path, h264: Path) -> None:
    filler = disk / "filler"
    filler.write_bytes(bytes(480_000))
    house = House(disk, h264)
    recorder = house.recorder()
    house.play(9, (6.0, partial(recorder.record, over(incident(4.0, 5.0)))))
    house.wait(60)
    assert len(house.troubles) == 1
    filler.unlink()
    house.wait(67)
    assert house.troubles[1:] == [None]
    assert not (disk / ".probe").exists()


@needs_root
def test_room_is_made_before_anything_is_lost_or_told(disk: Path, h264: Path) -> None:
    (disk / "old").write_bytes(bytes(400_000))

    def make_room() -> int:
        (disk / "old").unlink(missing_ok=True)
        return 400_000

    house = House(disk, h264)
    recorder = house.recorder(make_room=make_room, pre_roll_seconds=1, post_roll_seconds=1)
    visit = incident(5.0, 8.0)
    start, end = partial(recorder.record, visit), partial(recorder.record, over(visit))
    house.play(12, (6.0, start), (8.5, end))
    recorder.finish(1)
    assert house.troubles == []
    recorded = [d for part in sorted((disk / DAY).iterdir()) for d in play(part).packets]
    source = [packet.data for packet in packets_of(h264) if 4.0 <= packet.clock < 9.0]
    assert source == list(dict.fromkeys(recorded))


@needs_root
def test_a_little_room_is_kept_free(disk: Path, h264: Path) -> None:
    asked: list[str] = []

    def make_room() -> int:
        asked.append("asked")
        return 0

    house = House(disk, h264)
    house.recorder(make_room=make_room, least_free_bytes=10**6).record(incident(5.0, 6.0))
    house.play(1)
    house.recorder_.finish(1)
    assert asked == ["asked"]


@needs_root
def test_a_read_only_disk_is_told_once_and_when_it_is_over(disk: Path, h264: Path) -> None:
    remount = partial(subprocess.run, check=True)
    remount(["mount", "-o", "remount,ro", disk])
    house = House(disk, h264)
    recorder = house.recorder()
    recorder.keep_picture(incident(5.0, 9.0), sighting(6))
    house.play(7, (6.0, partial(recorder.record, incident(5.0, 9.0))))
    (trouble,) = house.troubles
    assert trouble == (
        f"Clips and pictures cannot be written to {disk}: Read-only file system."
        " Let the user that runs whosthere write there."
    )
    remount(["mount", "-o", "remount,rw", disk])
    house.play(14, since=7)
    assert house.troubles[1:] == [None]
    recorder.finish(1)
    picture, clip = house.kept
    assert picture.picture is not None  # it has waited
    assert (clip.recording, play(disk / CLIP).keys[0]) == (CLIP, True)


LIMITED = """
import resource, sys
from functools import partial
from pathlib import Path
from tests.recording.living import House, incident
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
house = House(Path(sys.argv[1]), Path(sys.argv[2]))
recorder = house.recorder(pre_roll_seconds=1)
house.play(20, (6.0, partial(recorder.record, incident(5.0, 19.0))))
recorder.finish(1)
print(house.troubles)
"""


def test_any_user_can_see_what_a_limit_does(tmp_path: Path, h264: Path) -> None:
    """As the tests above, where no disk can be mounted: files may not grow over 100 kB."""
    assert resource.getrlimit(resource.RLIMIT_FSIZE) is not None
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", LIMITED, tmp_path, h264],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=False,
        text=True,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "File too large" in ran.stdout
    files = sorted((tmp_path / DAY).glob("*.mp4"))
    assert files
    assert all(len(play(file).shown) > 10 for file in files)


def test_a_file_where_the_folder_should_be_is_told(tmp_path: Path, h264: Path) -> None:
    (tmp_path / "incidents").write_bytes(b"not a folder")
    house = House(tmp_path, h264)
    recorder = house.recorder()
    house.play(9, (6.0, partial(recorder.record, incident(5.0, 8.0))))
    recorder.finish(1)
    assert len(house.troubles) == 1
    assert "Check the disk" in str(house.troubles[0])
