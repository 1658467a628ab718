"""Replay of the ledger decides as was decided, to the last byte, whatever happened in between."""

import random
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from benchmarks import footage
from tests.flow.life import FULL, Life, Parts, live, looped
from whosthere.cameras.video_file import VideoFile
from whosthere.core.messages import Drive, LookAgain, Notify, Remember, Wake
from whosthere.core.model import News, Verdict
from whosthere.core.modes import ArmedBy, ArmState, Mode
from whosthere.core.policy import CameraPolicy, Policy
from whosthere.core.sighting import Sighting
from whosthere.flow import watch
from whosthere.learning.replay import Rested, Step, replay
from whosthere.storage.ledger import SqliteLedger
from whosthere.storage.plain import to_json
from whosthere.vision.detector import OnnxDetector
from whosthere.vision.looking import Looking
from whosthere.vision.motion import BackgroundMotion

EVENING = datetime(2026, 1, 1, 22, 0, tzinfo=UTC)
RULES = Policy(default=CameraPolicy(cooldown=30.0))
USUAL = frozenset({"demo_visitor", "tree_sway"})  # the shipped ones


class Seen:
    def __init__(self):
        self.sightings = []

    def put(self, sighting):
        self.sightings.append(replace(sighting, frame=None))


@cache
def sightings_of(name: str) -> list[Sighting]:
    """What a camera really sees of a clip."""
    clip = next(clip for clip in footage.labelled() if clip.name == name)
    seen = Seen()
    camera = VideoFile("front", clip.path, EVENING)
    watch(camera, BackgroundMotion(), Looking(OnnxDetector()), seen)
    return seen.sightings


def lived(folder, clips, hours, seed, policy=RULES):
    (folder / "data").mkdir()
    begins = Mode.OFF if policy is FULL else Mode.AWAY
    life = Life(folder / "data", policy, EVENING, begins)
    chance = random.Random(seed)  # noqa: S311 - seeded, for a test
    cameras = {name: looped(clips, chance, name) for name in ("front", "garden")}
    live(life, cameras, hours, seed, Parts(chance) if policy is FULL else None)
    return life


def again(life, *, leave_out, rules=None, every_note=False):
    with closing(SqliteLedger.visit(life.folder / "ledger.db")) as ledger:
        history = ledger.history(every_note=every_note)
        return list(replay(history, rules or (lambda then: then), leave_out=leave_out))


def said(step: Step) -> tuple[str, str, str]:
    return type(step.message).__name__, to_json(step.decision), to_json(list(step.actions))


def compared(life, steps):
    """Live's word on what each step decided, beside what it decided."""
    for step in steps:
        run, sequence = step.place
        yield life.decided[run - 1][sequence - 1], said(step)


def check(life):
    """All that the ledger kept is decided as it was, and so is what matters of it in a hurry."""
    whole = again(life, leave_out=False)
    assert all(live == now for live, now in compared(life, whole))
    for run, decided in enumerate(life.decided, 1):
        count = sum(step.place.run == run for step in whole)
        lost = decided[count:]
        assert not any("Notify" in actions for _, _, actions in lost), "alerts are never lost"

    hurried = again(life, leave_out=True)
    steps = [one for one in hurried if isinstance(one, Step)]
    left_out = sum(len(one.stretch) for one in hurried if isinstance(one, Rested))
    assert all(live == now for live, now in compared(life, steps))
    assert [said(one) for one in steps if one.actions] == [
        said(one) for one in whole if one.actions
    ]
    places = {step.place for step in steps}
    passed_over = [one for one in whole if one.place not in places and one.decision is not None]
    assert left_out == len(passed_over)
    assert not any(one.actions for one in passed_over)
    return whole, left_out


def counted(steps, kind):
    return sum(isinstance(action, kind) for step in steps for action in step.actions)


def first_alerts(steps):
    made = [action for step in steps if isinstance(step, Step) for action in step.actions]
    return sum(isinstance(one, Notify) and one.alert.news is News.FIRST for one in made)


def test_a_quarter_of_an_hour_with_restarts_power_cuts_and_people_is_decided_again_as_it_was(
    tmp_path,
):
    clips = [sightings_of(name) for name in sorted(USUAL)]
    life = lived(tmp_path, clips, 0.25, seed=7)
    life.close()
    whole, left_out = check(life)
    assert life.lives >= 1
    assert counted(whole, Notify) >= 3
    assert counted(whole, Remember) >= 15
    assert left_out > len(whole) / 4
    life.close()


def test_a_house_that_arms_by_itself_with_sensors_lights_and_sirens_is_decided_again(tmp_path):
    clips = [sightings_of(name) for name in sorted(USUAL)]
    life = lived(tmp_path, clips, 0.5, seed=3, policy=FULL)
    life.close()
    whole, left_out = check(life)
    assert life.lives >= 1
    assert {Notify, Remember, LookAgain, Drive, Wake} <= {
        type(action) for step in whole for action in step.actions
    }
    states = [action.what for step in whole for action in step.actions
              if isinstance(action, Remember) and isinstance(action.what, ArmState)]  # fmt: skip
    assert {state.source for state in states} >= {ArmedBy.PRESENCE, ArmedBy.SCHEDULE, ArmedBy.HAND}
    verdicts = {step.decision.verdict for step in whole if step.decision}
    assert Verdict.PENDING in verdicts
    assert left_out > len(whole) / 5
    life.close()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("policy", [RULES, FULL], ids=["plain", "full"])
@pytest.mark.parametrize("seed", range(2))
def test_hours_of_all_clips_are_decided_again_as_they_were(tmp_path, seed, policy):
    clips = [sightings_of(clip.name) for clip in footage.labelled()]
    life = lived(tmp_path, clips, 1.0, seed, policy)  # of two cameras: eight hours in all
    life.close()
    whole, _ = check(life)
    assert counted(whole, Notify) >= 3
    assert counted(whole, Remember) > 30
    life.close()


def test_other_rules_decide_otherwise_and_in_a_hurry_the_same(tmp_path):
    life = lived(tmp_path, [sightings_of("demo_visitor")], 0.2, seed=7)
    life.close()
    strict = Policy(default=CameraPolicy(person_confidence=1.0, unsure_confidence=1.0))
    then = again(life, leave_out=True)
    whole = again(life, leave_out=False, rules=lambda _: strict)
    hurried = again(life, leave_out=True, rules=lambda _: strict)
    assert counted([one for one in then if isinstance(one, Step)], Notify) > 0
    assert [said(one) for one in whole if one.actions] == [
        said(one) for one in hurried if isinstance(one, Step) and one.actions
    ]
    assert first_alerts(whole) < first_alerts(then)


@pytest.mark.parametrize(
    "odd",
    [
        {"person_confidence": 0.0},
        {"least_area": 0.0},
        {"quiet_seconds": 600.0},
        {"window_seconds": 30.0, "cooldown": 0.0},
    ],
)
def test_rules_under_which_nothing_rests_are_gone_through_whole(tmp_path, odd):
    life = lived(tmp_path, [sightings_of("demo_visitor")], 0.05, seed=5)
    life.close()
    rules = Policy(default=CameraPolicy(**odd))
    whole = again(life, leave_out=False, rules=lambda _: rules)
    hurried = again(life, leave_out=True, rules=lambda _: rules)
    assert [said(one) for one in whole if one.actions] == [
        said(one) for one in hurried if isinstance(one, Step) and one.actions
    ]


def test_a_part_of_the_past_is_decided_from_the_note_before_it(tmp_path):
    life = lived(tmp_path, [sightings_of("demo_visitor")], 0.25, seed=11)
    life.close()
    since = EVENING + timedelta(minutes=12)
    with closing(SqliteLedger.visit(life.folder / "ledger.db")) as ledger:
        steps = list(replay(ledger.history(since), leave_out=False))
    assert EVENING + timedelta(minutes=6) < steps[0].message.at <= since
    assert all(live == now for live, now in compared(life, steps))
