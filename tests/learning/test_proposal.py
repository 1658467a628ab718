"""Proposals and versions: one row at the end, the last word counts, one command goes back."""

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.learning.tagged import TaggedHouse, short_visit, weaker
from whosthere.app.cli import main
from whosthere.app.policy_check import numbers
from whosthere.app.policy_desk import PolicyDesk
from whosthere.app.policy_keeping import PolicyKeeping, start_tuner
from whosthere.app.policy_versions import at_start, said_of
from whosthere.app.settings import parse
from whosthere.app.shadow import ShadowKeeping
from whosthere.core.errors import BadSettings
from whosthere.core.tuning import proposal_of
from whosthere.flow import HouseKeeper
from whosthere.storage.proposals import Policies
from whosthere.storage.sqlite import SqliteStore

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


DAYS = 6
SINCE = "2026-01-01"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
TUNE = ("tune", "--since", SINCE, "--enough", "5")
LINES = '[storage]\nfolder = "{folder}"\n[cameras.front]\nkind = "file"\npath = "-"\n{rules}'


def settings_text(folder: Path, rules: str = "") -> str:
    return LINES.format(folder=folder, rules=f"[cameras.front.rules]\n{rules}\n")


@dataclass(frozen=True)
class Lived:
    """The folder of a house in which six days went by, and who kept it."""

    folder: Path
    keeper: HouseKeeper


@pytest.fixture(scope="module")
def days(tmp_path_factory):
    made = TaggedHouse(tmp_path_factory.mktemp("days"))
    made.live(DAYS, short_visit(), weaker(short_visit()))
    made.close()
    return Lived(made.folder, made.keeper)


@pytest.fixture
def house(days, tmp_path):
    folder = tmp_path / "house"
    shutil.copytree(days.folder, folder)
    (folder / "w.toml").write_text(settings_text(folder))
    return Lived(folder, days.keeper)


@pytest.fixture
def run(house, capsys, monkeypatch):
    monkeypatch.setattr(os, "nice", lambda _: 0)  # not for all tests that follow

    def run(*words):
        code = main([words[0], "--settings", str(house.folder / "w.toml"), *words[1:]])
        return code, capsys.readouterr().out

    return run


@pytest.fixture
def store(house):
    opened = SqliteStore(house.folder / "whosthere.db")
    yield opened
    opened.close()


def desk_of(store, text, told=None):
    heard = [] if told is None else told
    return PolicyDesk(
        Policies(store.database),
        said_of(parse(text, "test")),
        lambda message: heard.append(message) is None,
        UTC,
    )


def test_tuned_proposed_used_and_back(run):
    code, out = run(*TUNE)
    assert code == 0
    assert "all 6 tagged visits are told as before. False alarms: 6 before, 0 now." in out
    assert "On days that nothing was chosen on" in out
    assert "This is proposal p1" in out
    assert "Proposed, as p1:" in run("policy")[1]

    assert "Policy 2 is used from the next start" in run("policy", "use", "p1")[1]
    shown = run("policy", "show")[1]
    assert "Policy 2, in use" in shown
    assert "(tuned, policy 2; the settings say 0.4)" in shown
    assert "least_area = 0.002  (default)" in shown
    assert "back from 2 to 1" in run("policy", "back")[1]
    assert "tuned" not in run("policy", "show")[1].split("front", 1)[1]


def test_dry_writes_nothing(run):
    assert "proposal" not in run(*TUNE, "--dry")[1]
    assert "Nothing is proposed." in run("policy")[1]


def test_programs_get_the_figures(run):
    said = json.loads(run(*TUNE, "--dry", "--json")[1])["front"]
    assert said["proposed"]
    assert (0, 3) == (said["held_out"]["alarms_after"], said["held_out"]["alarms_before"])
    assert said["held_out"]["told_before"] == said["held_out"]["told_after"] == 3
    assert 0.4 == said["numbers"]["person_confidence"][0]


def test_who_says_not_now_is_not_asked_again_for_a_week(run):
    run(*TUNE)
    run("policy", "not_now", "p1")
    assert "it is asked again after a week" in run(*TUNE)[1]
    assert "Nothing is proposed." in run("policy")[1]


def test_too_few_tags_are_told(run):
    _, out = run("tune", "--since", SINCE)
    assert "nothing to propose: too few tags: 44 more tagged visits and 44 more tagged" in out


def test_a_tuner_that_is_killed_leaves_no_half_of_anything(house):
    words = [sys.executable, "-m", "whosthere", *TUNE, "--settings", house.folder / "w.toml"]
    for seconds in (0.3, 0.9, 1.5, 2.5):
        child = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            child.wait()
    with_store = SqliteStore(house.folder / "whosthere.db")
    proposals = Policies(with_store.database).proposals()
    with_store.close()
    assert all(one.state in {"new", "outdated"} and json.dumps(one.figures) and one.words
               for one in proposals)  # fmt: skip


def test_a_number_that_is_changed_in_the_settings_later_wins(run, store, house):
    run(*TUNE)
    text = settings_text(house.folder)
    desk = desk_of(store, text)
    desk.use("p1", "Ann", NOW, "test")
    policies = Policies(store.database)
    tuned = at_start(said_of(parse(text, "test")), policies, NOW).of("front")
    assert tuned.person_confidence > 0.4

    changed = settings_text(house.folder, "person_confidence = 0.45")
    later = at_start(said_of(parse(changed, "test")), policies, NOW).of("front")
    assert 0.45 == later.person_confidence
    assert tuned.unsure_confidence == later.unsure_confidence  # nobody touched that one
    assert "person_confidence = 0.45  (settings)" in desk_of(store, changed).shown(None)


def test_each_back_goes_one_further(store, house):
    text = settings_text(house.folder)
    policies = Policies(store.database)
    for sure in (0.5, 0.6):
        changed = settings_text(house.folder, f"person_confidence = {sure}")
        at_start(said_of(parse(changed, "test")), policies, NOW)
    heard = []
    desk = desk_of(store, text, heard)
    assert "back from 3 to 2" in desk.back("Ann", NOW, "test")
    assert "back from 4 to 1" in desk.back("Ann", NOW, "test")
    assert "no other policy to go back to" in desk.back("Ann", NOW, "test")
    assert [0.5, 0.4] == [one.policy.of("front").person_confidence for one in heard]
    assert [4, 5] == [one.policy.version for one in heard]
    assert [1, 2, 3, 2, 1] == [one.repeats or one.policy.version for one in policies.versions()]


def test_a_start_with_the_same_settings_makes_no_new_version(store, house):
    policies = Policies(store.database)
    said = said_of(parse(settings_text(house.folder), "test"))
    first = at_start(said, policies, NOW)
    assert first.version == at_start(said, policies, NOW + timedelta(days=1)).version


def test_what_does_not_exist_cannot_be_used(store, house):
    desk = desk_of(store, settings_text(house.folder))
    with pytest.raises(BadSettings, match="There is no policy 9"):
        desk.use("9", "Ann", NOW, "test")
    with pytest.raises(BadSettings, match="There is no proposal p9"):
        desk.use("p9", "Ann", NOW, "test")
    with pytest.raises(BadSettings, match="Nothing is proposed"):
        desk.use(None, "Ann", NOW, "test")


def test_at_night_the_tuner_runs_as_a_process_of_its_own(house):
    settings = parse(settings_text(house.folder), "test")
    child = start_tuner(settings)
    assert 0 == child.wait(60)


def test_one_night_starts_one_tuner_and_the_end_of_the_program_ends_it(house, store):
    text = settings_text(house.folder) + "[learning]\nnightly = true\n"
    policies, night = Policies(store.database), datetime(2026, 3, 1, 4, 30, tzinfo=UTC)
    settings = parse('[house]\ntime_zone = "UTC"\n' + text, "test")
    shadow = ShadowKeeping(policies, house.keeper)
    keeping = PolicyKeeping(settings, policies, shadow, house, now=lambda: night)
    keeping.look()
    first = keeping.child
    keeping.look()
    assert first is keeping.child
    keeping.stop_child()
    assert first.returncode is not None
    keeping.look()
    assert keeping.child is None


def test_nothing_is_asked_of_a_house_that_learns_nothing_new(store, house):
    policies = Policies(store.database)
    desk = desk_of(store, settings_text(house.folder))
    assert "These numbers are in use already" in desk.use("1", "Ann", NOW, "test")
    assert "Nothing is tried in the shadow." == desk.shadow(None, NOW)
    assert "`1` is tried in the shadow" in desk.shadow("1", NOW)
    assert "1" == policies.tried().name
    assert "In the shadow: `1`" in desk.listed()
    assert "Nothing is tried in the shadow now." in desk.shadow("off", NOW)
    assert policies.tried() is None


@pytest.mark.parametrize(
    ("name", "number"),
    [("proposal-3", 3), ("proposal-", None), ("proposal-x", None), ("3", None), (None, None)],
)
def test_only_alerts_about_proposals_name_one(name, number):
    assert number == proposal_of(name)


def test_check_says_which_numbers_are_tuned_and_which_the_settings_took_back(run, store, house):
    text = settings_text(house.folder)
    assert "as the settings say" == numbers(parse(text, "test"))
    run(*TUNE)
    desk_of(store, text).use("p1", "Ann", NOW, "test")
    assert "tuned: front.person_confidence, front.unsure_confidence." in numbers(
        parse(text, "test")
    )
    changed = parse(settings_text(house.folder, "person_confidence = 0.45"), "test")
    assert "changed front.person_confidence since, which wins" in numbers(changed)


GIVES_WAY = """
import os
from pathlib import Path
from whosthere.app.tune import LOWEST, give_way
os.nice(LOWEST)
give_way()
idle = os.sched_getscheduler(0) == os.SCHED_IDLE
print(os.nice(0), idle, Path("/proc/self/oom_score_adj").read_text())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has an idle class of processes")
def test_at_night_it_works_only_while_nobody_else_does():
    said = subprocess.run([sys.executable, "-c", GIVES_WAY], capture_output=True, check=True)
    assert [b"19", b"True", b"1000"] == said.stdout.split()
