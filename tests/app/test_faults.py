"""Each part fails in turn while somebody walks in: the others go on, and health says which."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.text import Text

from tests.app.conftest import DEMO
from whosthere.app.assemble import assemble
from whosthere.app.onlooker import Onlooker
from whosthere.app.program import Program
from whosthere.app.settings import parse
from whosthere.core.modes import Mode
from whosthere.core.requests import Asker, Request, Role
from whosthere.core.sighting import Image
from whosthere.vision.detector import Found, OnnxDetector
from whosthere.vision.model_files import DetectorTrouble

ANN = Asker("1", "Ann", Role.ADMIN, "test")
SOON, WITHIN = 40.0, 10.0  # s: the visitor walks in; health must know

pytestmark = pytest.mark.slow


@dataclass
class Told:
    """What people read on the terminal."""

    lines: list[str] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def show(self, text: Text) -> None:
        with self.changed:
            self.lines.append(text.plain)
            self.changed.notify_all()

    def wait_for(self, words: str) -> None:
        with self.changed:
            came = self.changed.wait_for(lambda: any(words in one for one in self.lines), SOON)
        assert came, f"'{words}' is not among {self.lines}"


def until(true: Callable[[], bool], seconds: float = WITHIN) -> bool:
    """Wait for something that no thread can announce."""
    pause = threading.Event()
    return any(true() or pause.wait(0.05) for _ in range(round(seconds / 0.05)))


def health_of(program: Program) -> str:
    return program.answers.answer(Request("health", ANN, datetime.now(UTC))).text


@dataclass
class Home:
    """A program with one camera or two, which is stopped with the test."""

    folder: Path
    visit: Path
    told: Told = field(default_factory=Told)
    program: Program | None = None

    def start(self, more: str = "", cameras: str = "") -> Program:
        text = f"""
            [storage]
            folder = "{self.folder / "data"}"
            {more}
            [cameras.front]
            kind = "file"
            path = "{self.visit}"
            {cameras}
        """
        self.program = assemble(parse(text, "test"), Onlooker(told=self.told.show), mode=Mode.AWAY)
        self.program.start()
        return self.program


@pytest.fixture
def home(tmp_path: Path, visit: Path) -> Iterator[Home]:
    made = Home(tmp_path, visit)
    yield made
    assert made.program is not None
    made.program.stop()


def ill(program: Program, part: str) -> Callable[[], bool]:
    return lambda: not program.health.of(part).ok


def test_a_camera_that_cannot_be_opened_leaves_the_other_alone(home: Home):
    program = home.start(
        "[house]\nlost_after_seconds = 3", '[cameras.back]\nkind = "file"\npath = "none.mp4"'
    )
    home.told.wait_for("Camera back is lost")
    home.told.wait_for("Person at front")
    assert "✗ camera back: lost since" in health_of(program)


def test_a_detector_that_fails_leaves_motion(home: Home, monkeypatch: pytest.MonkeyPatch):
    def fail(_self: OnnxDetector, _image: Image) -> list[Found]:
        raise DetectorTrouble("The model is broken.")

    monkeypatch.setattr(OnnxDetector, "find", fail)
    program = home.start()
    home.told.wait_for("Something moved at front")
    assert until(ill(program, "detector"))
    assert "✗ detector: it fails on pictures" in health_of(program)


def test_a_detector_that_hangs_is_named_and_costs_one_camera(
    home: Home, monkeypatch: pytest.MonkeyPatch
):
    let_go, hangs = threading.Event(), threading.Event()
    find = OnnxDetector.find

    def hang(self: OnnxDetector, image: Image) -> list[Found]:
        if threading.current_thread().name == "front":
            hangs.set()
            let_go.wait(60)
        return find(self, image)

    monkeypatch.setattr(OnnxDetector, "find", hang)
    health = "[health]\nstuck_seconds = 5"
    lost = "[house]\nlost_after_seconds = 5"
    home.visit = DEMO  # there is time for the one to hang and for the other to go on
    back = f'[cameras.back]\nkind = "file"\npath = "{DEMO}"'
    program = home.start(f"{lost}\n{health}", back)
    assert hangs.wait(SOON)
    assert until(ill(program, "program"), 2 * WITHIN)
    assert "the detector for front hangs" in health_of(program)
    home.told.wait_for("Camera front is lost")
    home.told.wait_for("at back")
    let_go.set()
    assert until(lambda: program.health.of("program").ok)


def test_a_messenger_that_hangs_holds_up_no_other(home: Home):
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        port = silent.getsockname()[1]
        program = home.start(f"""
            [health]
            most_waiting_seconds = 10
            [[messengers]]
            kind = "console"
            [[messengers]]
            kind = "webhook"
            url = "http://127.0.0.1:{port}/"
        """)
        home.told.wait_for("Person at front")
        assert until(ill(program, "outbox"), 30)
        assert "messages wait for webhook" in health_of(program)


def test_a_presence_source_that_hangs_holds_up_no_alert(
    home: Home, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("WHOSTHERE_ROUTER_PASSWORD", "secret")
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        port = silent.getsockname()[1]
        home.start(f"""
            [presence.people.Ann]
            devices = [{{ name = "ann-phone", mac = "a4:83:e7:12:34:56" }}]
            [[presence.sources]]
            kind = "router"
            router = "openwrt"
            user = "whosthere"
            url = "http://127.0.0.1:{port}/"
        """)
        home.told.wait_for("at front")
