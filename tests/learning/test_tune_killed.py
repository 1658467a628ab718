"""The tuner, or who takes its proposal, is killed at the worst moments: nothing is half done."""

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from tests.learning.tagged import TaggedHouse, short_visit, weaker
from whosthere.app.cli import main
from whosthere.app.policy_desk import PolicyDesk
from whosthere.app.policy_versions import at_start, said_of
from whosthere.app.settings import Settings, parse
from whosthere.core.messages import UsePolicy
from whosthere.core.policy import CameraPolicy, Policy
from whosthere.storage.proposals import Policies, Proposal
from whosthere.storage.sqlite import SqliteStore

pytestmark = pytest.mark.slow  # real programs: CI runs it

DAYS = 6
NOW = datetime(2026, 3, 1, tzinfo=UTC)
LINES = '[storage]\nfolder = "{folder}"\n[cameras.front]\nkind = "file"\npath = "-"\n'
WORDS = ("--since", "2026-01-01", "--enough", "5")

# a function of a module kills the program: before it does anything, or right after
KILLED = """
import importlib, os, signal, sys
place, name, when, *words = sys.argv[1:]
module = importlib.import_module(place)
for part in name.split(".")[:-1]:
    module = getattr(module, part)
last = name.split(".")[-1]
usual = getattr(module, last)

def killing(*some, **named):
    found = usual(*some, **named) if when == "after" else None
    os.kill(os.getpid(), signal.SIGKILL)
    return found

setattr(module, last, killing)
from whosthere.app.cli import main
main(words)
"""
READING = ("whosthere.app.tune", "read_cases", "after")
JUDGING = ("whosthere.app.tune", "compare", "after")
WRITING = (
    "whosthere.storage.proposals",
    "policies.as_json",
    "before",
)  # of two rows, one is written
WRITTEN = ("whosthere.storage.proposals", "Policies.propose", "after")
KEPT = ("whosthere.storage.proposals", "Policies.settle", "before")  # used, and not noted as such


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = TaggedHouse(tmp_path_factory.mktemp("days"))
    made.live(DAYS, short_visit(), weaker(short_visit()))
    made.close()
    return made.folder


@pytest.fixture
def folder(days: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "house"
    shutil.copytree(days, folder)
    (folder / "w.toml").write_text(LINES.format(folder=folder))
    return folder


@pytest.fixture
def policies(folder: Path) -> Iterator[Policies]:
    with closing(SqliteStore.visit(folder / "whosthere.db")) as store:
        yield Policies(store.database)


def settings(folder: Path) -> Settings:
    return parse(LINES.format(folder=folder), "test")


def killed(point: tuple[str, str, str], folder: Path, *words: str) -> int:
    command = [sys.executable, "-c", KILLED, *point, *words, "--settings", str(folder / "w.toml")]
    return subprocess.run(command, capture_output=True, timeout=120, check=False).returncode


def tune(folder: Path) -> None:
    words = ["tune", *WORDS, "--settings", str(folder / "w.toml")]
    subprocess.run([sys.executable, "-m", "whosthere", *words], check=True, capture_output=True)


def whole(proposal: Proposal) -> bool:
    front = proposal.figures["front"]
    sure = proposal.policy.of("front").person_confidence
    return bool(front["proposed"] and front["numbers"] and "front: all 6" in proposal.words) and (
        sure == json.loads(json.dumps(front))["numbers"]["person_confidence"][1]
    )


@pytest.mark.parametrize("point", [READING, JUDGING, WRITING])
def test_a_tuner_killed_before_its_one_row_is_whole_has_done_nothing(policies, folder, point):
    other = Policy(1, cameras={"front": CameraPolicy(least_area=0.03)})
    policies.propose(other, at=NOW, tags=3, words="an older one", figures={})
    policies.settle(1, "told")
    assert -signal.SIGKILL == killed(point, folder, "tune", *WORDS)
    assert [("told", "an older one")] == [(one.state, one.words) for one in policies.proposals()]

    tune(folder)
    older, newer = policies.proposals()
    assert ("outdated", "new", True) == (older.state, newer.state, whole(newer))


def test_a_tuner_killed_after_its_row_has_proposed_once_and_does_not_again(policies, folder):
    assert -signal.SIGKILL == killed(WRITTEN, folder, "tune", *WORDS)
    (proposal,) = policies.proposals()
    assert ("new", True) == (proposal.state, whole(proposal))
    tune(folder)
    assert [proposal] == policies.proposals()


def test_who_is_killed_while_using_a_proposal_uses_it_once(policies, folder):
    tune(folder)
    at_start(said_of(settings(folder)), policies, NOW)
    before = policies.last().policy.version
    assert -signal.SIGKILL == killed(KEPT, folder, "policy", "use", "p1")
    assert "new" == policies.proposals()[0].state
    used = policies.last()
    assert (before + 1, "proposal p1, on 12 tags") == (used.policy.version, used.reason)

    heard: list[UsePolicy] = []
    desk = PolicyDesk(policies, said_of(settings(folder)), lambda m: heard.append(m) is None, UTC)
    assert "in use already, as policy 2" in desk.use("p1", "Ann", NOW, "test")
    assert ("used", "Ann") == (policies.proposals()[0].state, policies.proposals()[0].by)
    assert used == policies.last()
    (told,) = heard  # so that the message in Slack loses its buttons
    assert (2, 1) == (told.policy.version, told.proposal)
    assert used.policy.of("front") == told.policy.of("front")


def files(folder: Path) -> dict[str, str]:
    return {one.name: sha256(one.read_bytes()).hexdigest()
            for one in folder.iterdir() if one.suffix in {".db", ".toml"}}  # fmt: skip


def test_a_replay_that_is_killed_has_changed_nothing_and_says_the_same_again(folder, capsys):
    words = [
        "replay",
        "--since",
        "2026-01-01",
        "--until",
        "2026-02-01",
        "--set",
        "person_confidence=0.5",
        "--json",
    ]
    place = ["--settings", str(folder / "w.toml")]
    assert 0 == main([*words, *place])
    said, before = capsys.readouterr().out, files(folder)
    for point in (("whosthere.learning.replay", "Again.begin", "after"),
                  ("whosthere.learning.compare", "Lived.saw", "after")):  # fmt: skip
        assert -signal.SIGKILL == killed(point, folder, *words)
    assert before == files(folder)
    assert 0 == main([*words, *place])
    assert said == capsys.readouterr().out
