"""What is left of a clip when the power goes, or the process is killed."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO, cast

import av
import pytest

from tests.recording.making import Made, make_video, packets_of, play
from whosthere.recording.codec_config import config_of
from whosthere.recording.mp4 import Mp4File, Sample, Track
from whosthere.recording.timeline import Timeline

WRITER = """
import sys
from pathlib import Path
from tests.recording.making import packets_of, ring_of
from whosthere.recording.clips import Clip

source, folder, seconds = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
ring = ring_of([])
clip = Clip(ring, lambda part: folder / f"{part}.mp4", 0.0, 3600)
for packet in packets_of(source):
    if packet.clock >= seconds:
        break
    ring.add(packet)
    clip.pump(packet.clock)
print("written", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("seconds", [2.5, 9.0, 19.9])
def test_after_kill_9_the_file_plays(seconds: float, h264: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(h264), str(tmp_path), str(seconds)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, cwd=Path(__file__).parents[2]
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"written\n"
        writer.send_signal(signal.SIGKILL)
    assert writer.returncode == -signal.SIGKILL
    played = play(tmp_path / "1.mp4")
    source = [packet.data for packet in packets_of(h264)]
    assert source[: len(played.packets)] == played.packets
    assert seconds - 2.1 <= len(played.shown) / 15 <= seconds  # at most one fragment is lost


class Diary:
    """A file on a real disk that notes in which order it was written."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.writes: list[tuple[int, bytes]] = []

    def write(self, data: memoryview) -> int:
        self.writes.append((self._file.tell(), bytes(data)))
        return self._file.write(data)

    def seek(self, to: int) -> int:
        return self._file.seek(to)

    def fileno(self) -> int:
        return self._file.fileno()


def diary_of(video: Path, path: Path) -> list[tuple[int, bytes]]:
    """Copy a video and return what was written where, in order."""
    packets = list(packets_of(video))
    stream = packets[0].stream
    config = config_of(stream.codec, stream.extradata, packets[0].data)
    assert config is not None
    timeline = Timeline(stream)
    track = Track(config, stream.width, stream.height, timeline.scale)
    with path.open("wb", buffering=0) as file:
        diary = Diary(cast("BinaryIO", file))
        mp4 = Mp4File(cast("BinaryIO", diary), track)
        for packet in packets:
            mp4.add(Sample(packet.data, *timeline.place(packet), packet.key))
        mp4.close()
    return diary.writes


def pictures_in(path: Path) -> int:
    """How many pictures a player shows, that forgives a cut off end as all do."""
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = Made(seconds=6, rate=5, width=160, height=90)
    return make_video(tmp_path_factory.mktemp("small"), made)


def test_cut_off_after_any_write_it_plays(small: Path, tmp_path: Path) -> None:
    """Also between the index at the end and the 16 bytes that point to it."""
    writes = diary_of(small, tmp_path / "whole.mp4")
    shown, cut = [], tmp_path / "cut.mp4"
    with cut.open("wb", buffering=0) as file:
        for at, data in writes:
            file.seek(at)
            file.write(data)
            shown.append(pictures_in(cut))
    assert [0, 10, 10, 20, 20, 30, 30, 30, 30] == shown
    assert len(writes[-1][1]) == 16
    assert cut.read_bytes() == (tmp_path / "whole.mp4").read_bytes()


def test_cut_off_at_any_byte_it_plays(small: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.mp4"
    writes = diary_of(small, tmp_path / "whole.mp4")
    whole = writes[0][1]
    for (at, data), (_, following) in zip(writes[1:-1:2], writes[2:-1:2], strict=False):
        whole = whole[:at] + data + whole[at + len(data) :]
        cut.write_bytes(whole)
        shown = pictures_in(cut)
        for end in (*range(1, 20), *range(20, len(following), 61)):
            cut.write_bytes(whole + following[:end])
            assert pictures_in(cut) >= shown
        whole += following


def test_what_is_written_over_lies_in_one_sector(small: Path, tmp_path: Path) -> None:
    """A disk writes a sector whole or not at all."""
    writes = diary_of(small, tmp_path / "whole.mp4")
    over = [(at, len(data)) for at, data in writes if len(data) <= 16]
    assert len(over) == 5
    assert [at // 512 for at, _ in over] == [(at + size - 1) // 512 for at, size in over]
    assert all(at % 8 == 0 for at, _ in over[:-1])


def test_a_finished_file_tells_its_length_and_can_be_searched(small: Path, tmp_path: Path) -> None:
    path = tmp_path / "whole.mp4"
    diary_of(small, path)
    assert play(path).duration == pytest.approx(6.0, abs=0.01)
    with av.open(str(path)) as container:
        container.seek(4_100_000)
        assert next(container.decode(video=0)).time == pytest.approx(4.0)
