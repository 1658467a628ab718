"""Asking for updates: pip asks an index of the test's own, and nobody else is asked ever."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.app.conftest import whosthere
from whosthere.app.update_check import numbers

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package index, served from a folder; pip knows no other."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    for name, value in {
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_INDEX_URL": f"http://127.0.0.1:{server.server_port}/simple",
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_FIND_LINKS": "",
        "PIP_NO_INDEX": "",
    }.items():
        monkeypatch.setenv(name, value)
    yield tmp_path / "simple" / "whosthere"
    server.shutdown()
    thread.join()
    server.server_close()


def publish(index: Path, *versions: str) -> None:
    index.mkdir(parents=True)
    links = [f'<a href="whosthere-{one}-py3-none-any.whl">whosthere-{one}</a>' for one in versions]
    (index / "index.html").write_text("<html><body>" + "\n".join(links) + "</body></html>")


def test_a_newer_version_is_told_with_the_way_to_it(index: Path):
    publish(index, "0.0.1", "99.1.0")
    told = whosthere("update-check")

    assert 10 == told.returncode, told.stderr
    assert "There is 99.1.0; this is" in told.stdout
    assert "pip install --upgrade whosthere" in told.stdout


def test_the_newest_version_says_so(index: Path):
    publish(index, "0.0.1")
    told = whosthere("update-check")

    assert (0, "") == (told.returncode, told.stderr)
    assert "This is the newest version" in told.stdout


def test_an_index_that_does_not_know_us_says_nothing_of_updates(index: Path):
    index.parent.mkdir()
    told = whosthere("update-check")

    assert 1 == told.returncode
    assert "is not known: the package index knows no whosthere" in told.stderr


def test_offline_it_says_that_it_does_not_know(index: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    told = whosthere("update-check")

    assert 1 == told.returncode
    assert "is not known: the package index cannot be reached" in told.stderr
    assert not index.exists()


@pytest.mark.parametrize(
    ("older", "newer"), [("1.9.2", "1.10.0"), ("0.1.0", "0.1.1"), ("1.0", "1.0.1+local")]
)
def test_versions_are_compared_by_their_numbers(older: str, newer: str):
    assert numbers(older) < numbers(newer)
