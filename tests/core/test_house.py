"""What else the house hears: modes, tags, lost cameras; and that deciding is pure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.say import alerts, at, hear, house, incidents, policy, sighting
from whosthere.core.decide import decide
from whosthere.core.messages import CameraBack, CameraLost, Remember, SetMode, Tick
from whosthere.core.model import AlertKind, Answer, News, Tag
from whosthere.core.modes import ArmedBy, ArmState, Mode
from whosthere.core.people import AuditEntry
from whosthere.core.sighting import Look, Scene


def test_the_reason_says_who():
    after, actions = decide(house(), SetMode(Mode.OFF, "Bob", at(5), "shell"), policy())

    expected = ArmState(Mode.OFF, at(5), "Bob asked", by_hand=True, source=ArmedBy.HAND)
    assert expected == after.arm_state
    entry = AuditEntry(at(5), "Bob", "shell", "mode off")
    assert [Remember(expected), Remember(entry)] == actions


def test_a_tag_is_remembered():
    tag = Tag("x", Answer.OCCUPIED, "Ann", at(0), "shell")

    entry = AuditEntry(at(0), "Ann", "shell", "tagged x occupied")
    assert (house(), [Remember(tag), Remember(entry)]) == decide(house(), tag, policy())


@pytest.mark.parametrize("mode", Mode)
def test_a_lost_camera_is_told_once_and_told_again_when_back(mode):
    lost = CameraLost("front", "no frame for 10 s", at(10), 10)
    _, actions = hear([lost, lost, CameraBack("front", at(70), 70)], house(mode), policy())

    told = alerts(actions)
    assert [AlertKind.CAMERA_LOST, AlertKind.CAMERA_BACK] == [alert.kind for alert in told]
    assert [1, 2] == [alert.revision for alert in told]
    assert "no pictures for 60 s" == told[1].detail


def test_a_camera_that_was_never_lost_is_not_told_back():
    assert [] == hear([CameraBack("front", at(0), 0)], house(), policy())[1]


SEEN = st.builds(
    sighting,
    st.just(0.0),
    area=st.sampled_from([0.0, 0.001, 0.01, 0.2]),
    person=st.sampled_from([None, 0.3, 0.5, 0.9]),
    scene=st.sampled_from(Scene),
    look=st.sampled_from([None, Look.FAILED, Look.NO_DETECTOR]),
    camera=st.sampled_from(["front", "back"]),
)


@given(st.lists(st.tuples(SEEN, st.sampled_from([0.1, 0.2, 0.5, 3.0, 90.0])), max_size=60))
def test_whatever_is_seen_the_house_stays_sound(steps):
    """Each incident tells once or joins, revisions count up, and nothing stays open."""
    clock, messages = 0.0, []
    for seen, step in steps:
        clock = round(clock + step, 3)
        messages.append(sighting(
            clock, area=seen.motion.area, scene=seen.motion.scene, look=seen.look,
            camera=seen.camera, person=seen.person_confidence or None,
        ))  # fmt: skip
    messages.append(Tick(at(clock + 60), clock + 60))

    after, actions = hear(messages, house(), policy())

    told = alerts(actions)
    by_id = {}
    for alert in told:
        by_id.setdefault(alert.id, []).append(alert)
    for revisions in by_id.values():
        assert list(range(1, len(revisions) + 1)) == [alert.revision for alert in revisions]
        assert News.FIRST == revisions[0].news
    over = incidents(actions)
    assert all(incident.ended is not None for incident in over)
    assert all(incident.first_motion <= incident.started for incident in over)
    assert {i.alert_id for i in over if i.alert_id} == set(by_id)
    assert all(state.incident is None for state in after.cameras.values())
    assert (after, actions) == hear(messages, house(), policy())
