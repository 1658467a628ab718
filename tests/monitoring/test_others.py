"""The real ones watch the real program: Prometheus, Glances, and a kernel that allows less."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.app.conftest import DEMO, Running, whosthere
from tests.app.conftest import start as start  # noqa: PLC0414 - a fixture
from tests.monitoring.test_files import queries

pytestmark = pytest.mark.slow

PATIENCE = 60.0  # seconds
GLANCES = "glances[web]==4.5.8"
MORE = """
[web]
listen = "127.0.0.1:{port}"
metrics_without_token = true
[cameras.front]
kind = "file"
path = "{film}"
[cameras.shed]
kind = "rtsp"
url = "rtsp://127.0.0.1:9/none"
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


def fetched(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own
        return json.loads(answer.read())


def until(ask: Callable[[], Any]) -> Any:
    """Ask until there is an answer that is worth something."""
    end = time.monotonic() + PATIENCE
    answer = None
    while not answer and time.monotonic() < end:
        try:
            answer = ask()
        except (urllib.error.URLError, OSError, ValueError):
            answer = None
        time.sleep(0.0 if answer else 0.3)
    assert answer, "no answer in time"
    return answer


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    file = tmp_path / "whosthere.toml"
    storage = f'[storage]\nfolder = "{tmp_path / "data"}"\n'
    file.write_text(storage + MORE.format(port=free_port(), film=DEMO))
    return file


@pytest.fixture
def program(settings: Path, start: Any) -> Running:
    running: Running = start("run", "--settings", settings)
    running.wait_for("the picture is steady")
    return running


@pytest.fixture
def beside() -> Iterator[Callable[..., "subprocess.Popen[bytes]"]]:
    """Start another program; it ends with the test."""
    made: list[subprocess.Popen[bytes]] = []

    def begin(*words: str | Path, **more: Any) -> "subprocess.Popen[bytes]":
        made.append(subprocess.Popen([*map(str, words)], stdin=subprocess.DEVNULL, **more))
        return made[-1]

    yield begin
    for one in made:
        one.send_signal(signal.SIGTERM)
        one.wait(20)


Query: TypeAlias = Callable[[str], dict[str, Any]]


@pytest.fixture
def query_of(program: Running, settings: Path, tmp_path: Path, beside: Any) -> Query:
    """Ask a real Prometheus that scrapes the running program."""
    program.wait_for("shed")
    config, port = tmp_path / "prometheus.yml", free_port()
    text = whosthere("prometheus-config", "--settings", settings).stdout
    config.write_text(text.replace("scrape_interval: 15s", "scrape_interval: 1s"))
    beside(
        "prometheus",
        f"--config.file={config}",
        f"--storage.tsdb.path={tmp_path / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=error",
    )
    address = f"http://127.0.0.1:{port}/api/v1/query?query="
    return lambda query: fetched(address + urllib.parse.quote(query))


@pytest.mark.skipif(shutil.which("prometheus") is None, reason="needs Debian's prometheus")
def test_a_real_prometheus_scrapes_us_and_knows_which_camera_is_away(
    query_of: Query,
):
    def asked(query: str) -> dict[str, float]:
        answer = query_of(query)
        return {
            one["metric"].get("camera", ""): float(one["value"][1])
            for one in answer["data"]["result"]
        }

    until(lambda: asked("whosthere_camera_up == 0"))
    assert {"": 1.0} == asked('up{job="whosthere"}')
    assert {"front": 1.0, "shed": 0.0} == asked("whosthere_camera_up")
    assert 10 < until(lambda: asked("whosthere_frames_total"))["front"]
    assert 0 < until(lambda: asked("rate(whosthere_frames_total[20s]) > 0"))["front"]


# nobody comes, and this machine may not tell
SELDOM = (
    "part_ok", "presence", "person_home", "temperature", "under_voltage", "slowed_down",
    "increase(", "changes(", "quantile(",
)  # fmt: skip


@pytest.mark.skipif(shutil.which("prometheus") is None, reason="needs Debian's prometheus")
def test_a_real_prometheus_answers_every_query_of_the_dashboard(
    query_of: Query,
):
    def found(query: str) -> int:
        answer = query_of(query.replace("$job", "whosthere"))
        return len(answer["data"]["result"]) if answer["status"] == "success" else -1

    assert until(lambda: found("rate(whosthere_detector_seconds_count[1m])"))
    numbers = {query: found(query) for query in queries()}
    usual = [one for one in numbers if not any(word in one for word in SELDOM)]
    assert [] == [query for query, number in numbers.items() if number < 0]
    assert [] == [query for query in usual if not numbers[query]]
    assert 14 < len(usual)


@pytest.fixture(scope="session")
def glances(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Glances, in a place of its own: it is LGPL, and no part of the project."""
    folder = tmp_path_factory.mktemp("glances")
    given = os.environ.get("WHOSTHERE_GLANCES")
    made = Path(given) if given else folder / "bin" / "glances"
    commands = [
        [sys.executable, "-m", "venv", folder],
        [folder / "bin/pip", "install", "--quiet", GLANCES],
    ]
    for command in [] if given else commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        assert 0 == done.returncode, done.stderr
    return made


@pytest.mark.timeout(400)
def test_a_real_glances_shows_each_part_and_what_is_missing(
    program: Running, settings: Path, glances: Path, tmp_path: Path, beside: Any
):
    program.wait_for("shed")
    config, port = tmp_path / "glances.conf", free_port()
    written = whosthere("glances-config", "--settings", settings, "--write", config)
    assert 0 == written.returncode, written.stderr
    beside(
        glances, "-w", "-B", "127.0.0.1", "-p", str(port), "-C", config, "--disable-webui",
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    base = f"http://127.0.0.1:{port}/api/4"

    def amp() -> dict[str, Any] | None:
        (one,) = fetched(f"{base}/amps")
        return one if "MISSING" in (one["result"] or "") else None

    def ports() -> dict[str, Any] | None:
        found = {one["description"]: one["status"] for one in fetched(f"{base}/ports")}
        return found if {503, 200} <= set(found.values()) else None

    shown, checked = until(amp), until(ports)
    assert 1 <= shown["count"]
    assert "1 of 2 cameras" in shown["result"]
    assert re.search(r"front +running", shown["result"])
    assert re.search(r"shed +MISSING", shown["result"])
    assert (200, 503, 200) == (checked["front"], checked["shed"], checked["house"])
    program.end(signal.SIGTERM)

    def gone() -> bool:
        """Others of this machine may run one too: then the command says that ours does not."""
        (one,) = fetched(f"{base}/amps")
        return one["result"].startswith(("No running process", "NOT RUNNING"))

    assert until(gone)


REFUSE = "import ctypes, sys; refused = ctypes.CDLL(None).prctl(65, 1, 0, 0, 0)"  # PR_SET_MDWE
THEN_RUN = """
import os
os.execv(sys.executable, [sys.executable, "-u", "-m", "whosthere", *sys.argv[1:]])
"""


def refuses() -> bool:
    """Whether the kernel can refuse memory that is written and executed: since Linux 6.3."""
    words = [sys.executable, "-c", f"{REFUSE}; sys.exit(refused != 0)"]
    return subprocess.run(words, check=False, timeout=30).returncode == 0


@pytest.mark.skipif(not refuses(), reason="needs Linux 6.3")
def test_it_lives_with_memory_deny_write_execute(settings: Path):
    """As systemd's MemoryDenyWriteExecute=yes makes it, by prctl(2): the detector included."""
    words = [sys.executable, "-c", REFUSE + THEN_RUN, "run", "--settings", settings]
    with subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        told = next((line for line in run.stdout if "Person at front" in line), "")
        run.send_signal(signal.SIGTERM)
        _, log = run.communicate(timeout=20)

    assert "Person at front" in told, log
    assert "motion alone" not in log
