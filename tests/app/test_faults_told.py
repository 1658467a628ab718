"""Each part is killed, stuck or slow while somebody walks in, told and asked in Slack.

The visit is told whatever fails; health names the part; people are told once of the trouble, and
once of its end.
"""

import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.app.test_faults import SOON, WITHIN, health_of, ill, until
from tests.servers.fake_slack import ANNA, APP, BOT, FakeSlack
from whosthere.app.assemble import assemble
from whosthere.app.onlooker import Onlooker
from whosthere.app.program import Program
from whosthere.app.settings import parse
from whosthere.core.errors import CameraTrouble
from whosthere.core.messages import Message
from whosthere.core.modes import Mode
from whosthere.core.sighting import Image, Sighting
from whosthere.flow import HouseKeeper
from whosthere.recording.recorder import IncidentRecorder
from whosthere.storage import ledger, sqlite
from whosthere.storage.archive.folder import MARK
from whosthere.vision.detector import Found, OnnxDetector

pytestmark = pytest.mark.slow  # a film as it is, and pauses as they are

Broken = Callable[[pytest.MonkeyPatch, Path], AbstractContextManager[None]]


@pytest.fixture
def fake() -> Iterator[FakeSlack]:
    with FakeSlack() as fake:
        yield fake


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What people wait for is counted in seconds here."""
    monkeypatch.setenv("WHOSTHERE_SLACK_BOT_TOKEN", BOT)
    monkeypatch.setenv("WHOSTHERE_SLACK_APP_TOKEN", APP)
    monkeypatch.setattr("whosthere.app.house_troubles.QUIET_START", 0.0)
    monkeypatch.setattr("whosthere.core.troubles.SETTLES", 0.5)
    monkeypatch.setattr("whosthere.core.troubles.WELL_FOR", 1.0)
    monkeypatch.setattr("whosthere.app.health.RECOVERED_AFTER", 2.0)
    monkeypatch.setattr("whosthere.storage.archive.uploads.MOST_PAUSE", 2.0)


@dataclass
class Home:
    """A program with one camera, and Slack."""

    folder: Path
    visit: Path
    fake: FakeSlack
    program: Program | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def start(self, more: str = "") -> Program:
        text = f"""
            [storage]
            folder = "{self.data}"
            ledger_batch_seconds = 1
            [health]
            stuck_seconds = 3
            {more}
            [cameras.front]
            kind = "file"
            path = "{self.visit}"
            [[messengers]]
            kind = "slack"
            api_url = "{self.fake.url}"
            channel = "#alerts"
            admins = ["{ANNA}"]
        """
        self.program = assemble(parse(text, "test"), Onlooker(), mode=Mode.AWAY)
        self.program.start()
        return self.program

    def said(self, *words: str) -> list[str]:
        """All of Slack that has these words."""
        texts = [str(one) for one in self.fake.top()]
        return [one for one in texts if all(word in one for word in words)]

    def waits_for(self, *words: str) -> None:
        self.fake.until(lambda: self.said(*words), SOON)


@pytest.fixture
def home(tmp_path: Path, visit: Path, fake: FakeSlack) -> Iterator[Home]:
    made = Home(tmp_path, visit, fake)
    yield made
    assert made.program is not None
    made.program.stop()


# --- what may happen to a part


@contextmanager
def hanging(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> Iterator[None]:
    """Whoever calls it does not come back before the end."""
    let_go, real = threading.Event(), getattr(owner, name)

    def hang(*given: Any, **more: Any) -> Any:
        let_go.wait(2 * SOON)
        return real(*given, **more)

    monkeypatch.setattr(owner, name, hang)
    try:
        yield
    finally:
        let_go.set()


@contextmanager
def raising(
    monkeypatch: pytest.MonkeyPatch, owner: object, name: str, error: Exception
) -> Iterator[None]:
    """Whoever calls it dies of it until the end."""
    over, real = threading.Event(), getattr(owner, name)

    def fail(*given: Any, **more: Any) -> Any:
        for one in [] if over.is_set() else [error]:
            raise one
        return real(*given, **more)

    monkeypatch.setattr(owner, name, fail)
    try:
        yield
    finally:
        over.set()


@contextmanager
def held(file: Path) -> Iterator[None]:
    """Another program writes into it, for as long as it likes."""
    with closing(sqlite3.connect(file, timeout=5)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def a_file_in_the_way(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    yield
    path.unlink()


def a_held_database(monkeypatch: pytest.MonkeyPatch, data: Path) -> AbstractContextManager[None]:
    del monkeypatch
    return held(data / "whosthere.db")


def a_disk_that_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, data: Path
) -> AbstractContextManager[None]:
    del data
    return hanging(monkeypatch, sqlite, "save")


def a_held_ledger(monkeypatch: pytest.MonkeyPatch, data: Path) -> AbstractContextManager[None]:
    del monkeypatch
    return held(data / "ledger.db")


def a_ledger_that_hangs(
    monkeypatch: pytest.MonkeyPatch, data: Path
) -> AbstractContextManager[None]:
    del data
    return hanging(monkeypatch, ledger, "_save")


def no_place_for_clips(monkeypatch: pytest.MonkeyPatch, data: Path) -> AbstractContextManager[None]:
    del monkeypatch
    return a_file_in_the_way(data / "incidents")


def a_recorder_that_dies(
    monkeypatch: pytest.MonkeyPatch, data: Path
) -> AbstractContextManager[None]:
    del data
    return raising(monkeypatch, IncidentRecorder, "_take_wishes", RuntimeError("a mistake of ours"))


def a_recorder_that_hangs(
    monkeypatch: pytest.MonkeyPatch, data: Path
) -> AbstractContextManager[None]:
    del data
    return hanging(monkeypatch, IncidentRecorder, "_take_wishes")


def an_archive_that_is_away(
    monkeypatch: pytest.MonkeyPatch, data: Path
) -> AbstractContextManager[None]:
    del monkeypatch
    return a_folder_that_is_away(data.parent / "nas")


@contextmanager
def a_folder_that_is_away(folder: Path) -> Iterator[None]:
    away = folder.rename(folder.with_name("unmounted"))
    yield
    away.rename(folder)


FAULTS: list[tuple[str, Broken, str, str]] = [
    ("database", a_held_database, "nother program holds it", ""),
    ("database", a_disk_that_does_not_answer, "a write does not end", ""),
    ("ledger", a_held_ledger, "nother program holds it", ""),
    ("ledger", a_ledger_that_hangs, "a write does not end", ""),
    ("recorder", no_place_for_clips, "cannot be written", ""),
    ("recorder", a_recorder_that_dies, "a mistake of ours", ""),
    ("program", a_recorder_that_hangs, "the recorder hangs", ""),
    ("archive", an_archive_that_is_away, "nas", '[archive]\nkind = "folder"\nfolder = "{nas}"'),
]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(
    ("part", "broken", "why", "more"), FAULTS, ids=[f"{one[1].__name__}" for one in FAULTS]
)
def test_a_visit_is_told_the_part_named_and_its_recovery_told_once(
    home: Home, monkeypatch: pytest.MonkeyPatch, part: str, broken: Broken, why: str, more: str
):
    home.data.mkdir()
    (home.folder / "nas").mkdir()
    (home.folder / "nas" / MARK).touch()
    closing(sqlite.SqliteStore(home.data / "whosthere.db")).__exit__()
    ledger.SqliteLedger(home.data / "ledger.db").close()
    program = home.start(more.replace("{nas}", str(home.folder / "nas")))
    home.fake.connected()
    with broken(monkeypatch, home.data):
        home.waits_for("Person at front")
        assert until(ill(program, part), WITHIN)
        assert f"✗ {part}: " in health_of(program)
        assert why in health_of(program)
        home.waits_for("Trouble with", part)
    assert until(lambda: program.health.of(part).ok, SOON)
    home.waits_for("Well again", part)
    assert 1 == len(home.said("Well again", part))
    assert 1 == len(home.said("Person at front"))


def test_without_slack_the_visit_waits_and_is_told_once_it_is_back(home: Home):
    program = home.start()
    home.fake.connected()
    home.fake.down = True
    assert until(lambda: bool(program.store.waiting("slack")), SOON)
    assert until(ill(program, "messenger slack"), WITHIN)
    assert "✗ messenger slack: " in health_of(program)
    assert [] == home.said("Person at front")
    home.fake.down = False
    home.waits_for("Person at front")
    assert until(lambda: program.health.of("messenger slack").ok, SOON)
    assert 1 == len(home.said("Person at front"))


def test_a_house_that_dies_of_a_mistake_goes_on_with_the_next_message(
    home: Home, monkeypatch: pytest.MonkeyPatch
):
    real, died = HouseKeeper.put, threading.Event()

    def put(self: HouseKeeper, message: Message) -> None:
        first = isinstance(message, Sighting) and bool(message.motion.boxes) and not died.is_set()
        for _ in range(first):
            died.set()
            raise RuntimeError("a mistake of ours")
        real(self, message)

    monkeypatch.setattr(HouseKeeper, "put", put)
    program = home.start()
    assert died.wait(SOON)
    assert until(ill(program, "house"), WITHIN)
    assert "✗ house: RuntimeError: a mistake of ours" in health_of(program)
    home.waits_for("Person at front")
    assert until(lambda: program.health.of("house").ok, SOON)
    home.waits_for("Well again", "house")


def test_a_camera_whose_reader_dies_comes_back(home: Home, monkeypatch: pytest.MonkeyPatch):
    from whosthere.cameras.video_file import VideoFile  # noqa: PLC0415 - of this test alone

    real, died = VideoFile.frames, threading.Event()

    def frames(self: VideoFile) -> Iterator[Any]:
        for number, frame in enumerate(real(self)):
            for _ in range(number == 3 and not died.is_set()):
                died.set()
                raise CameraTrouble("The cable is cut.")
            yield frame

    monkeypatch.setattr(VideoFile, "frames", frames)
    program = home.start()
    assert died.wait(SOON)
    assert until(ill(program, "front"), WITHIN)
    assert "✗ camera front: The cable is cut" in health_of(program)
    home.waits_for("Person at front")
    assert until(lambda: program.health.of("front").ok, WITHIN)


def test_a_slow_detector_is_no_trouble_and_the_visit_is_told(
    home: Home, monkeypatch: pytest.MonkeyPatch
):
    find, pause = OnnxDetector.find, threading.Event()

    def find_slowly(self: OnnxDetector, image: Image) -> list[Found]:
        pause.wait(1.5)
        return find(self, image)

    monkeypatch.setattr(OnnxDetector, "find", find_slowly)
    program = home.start()
    home.waits_for("at front")
    assert program.health.of("program").ok
    assert program.health.of("detector").ok


ROUTER = """
    [presence.people.Ann]
    devices = [{{ name = "ann-phone", mac = "a4:83:e7:12:34:56" }}]
    [[presence.sources]]
    kind = "router"
    router = "openwrt"
    user = "whosthere"
    url = "http://127.0.0.1:{port}/"
"""


def test_a_router_that_is_away_is_named_and_holds_up_no_alert(
    home: Home, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("WHOSTHERE_ROUTER_PASSWORD", "secret")
    with closing(socket.create_server(("127.0.0.1", 0))) as door:
        port = door.getsockname()[1]
    program = home.start(ROUTER.format(port=port))
    home.waits_for("Person at front")
    assert until(lambda: "✗ presence router" in health_of(program), WITHIN)


def test_a_web_server_whose_port_was_taken_comes_back_by_itself(home: Home):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        more = f'[web]\nlisten = "127.0.0.1:{port}"\nmetrics_without_token = true'
        program = home.start(more)
        assert until(ill(program, "web"), WITHIN)
        assert str(port) in program.health.of("web").why
        home.waits_for("Person at front")
        home.waits_for("Trouble with", "web")
    home.waits_for("Well again", "web")
    socket.create_connection(("127.0.0.1", port), timeout=WITHIN).close()
