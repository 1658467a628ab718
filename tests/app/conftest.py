"""Films and settings for tests of the whole program."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import av
import pytest

DEMO = Path(__file__).parents[2] / "src" / "whosthere" / "demo" / "visitor.mp4"
CUT_FROM, CUT_TO = 10.0, 20.0  # seconds; the visitor comes after one and stays


@pytest.fixture(scope="session")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten seconds of the demo's film: a second of nothing, then the visitor."""
    path = tmp_path_factory.mktemp("films") / "visit.mp4"
    with av.open(str(DEMO)) as source, av.open(str(path), "w") as cut:
        film = source.streams.video[0]
        copy = cut.add_stream_from_template(film)
        for packet in source.demux(film):
            if packet.pts is not None and CUT_FROM <= packet.pts * packet.time_base < CUT_TO:
                start = round(CUT_FROM / packet.time_base)
                packet.pts, packet.dts = packet.pts - start, packet.dts - start
                packet.stream = copy
                cut.mux(packet)
    return path


@pytest.fixture
def settings_file(tmp_path: Path, visit: Path) -> Path:
    """Settings with one camera that shows a visit, and a data folder of their own."""
    path = tmp_path / "whosthere.toml"
    path.write_text(
        f'[storage]\nfolder = "{tmp_path / "data"}"\n'
        f'[cameras.front]\nkind = "file"\npath = "{visit}"\n'
    )
    return path


def whosthere(*words: str | Path) -> "subprocess.CompletedProcess[str]":
    """Run the command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "whosthere", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class Running:
    """A program at work."""

    def __init__(self, words: Sequence[str | Path]) -> None:
        self.said: list[str] = []
        self.process: subprocess.Popen[str] = subprocess.Popen(
            [sys.executable, "-u", "-m", "whosthere", *map(str, words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_for(self, words: str) -> str:
        """Read on until a line has these words; the test's timeout is the bound."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if words in line:
                return line
        pytest.fail(f"it ended without '{words}':\n{''.join(self.said)}")

    def end(self, signal: int) -> int:
        """Ask it to end, and return its exit code; the test's timeout is the bound."""
        self.process.send_signal(signal)
        rest, _ = self.process.communicate()
        self.said.append(rest)
        return self.process.returncode

    @property
    def text(self) -> str:
        return "".join(self.said)


@pytest.fixture
def start() -> Iterator[Callable[..., Running]]:
    """Start the command; it is ended with the test at the latest."""
    made: list[Running] = []

    def begin(*words: Any) -> Running:
        made.append(Running(words))
        return made[-1]

    yield begin
    for running in made:
        running.process.kill()
        running.process.wait()
        assert running.process.stdout is not None
        running.process.stdout.close()
