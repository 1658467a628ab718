"""How sightings gather into incidents, and when one deserves an alert."""

from dataclasses import replace

import pytest

from tests.core.say import alerts, at, hear, house, incidents, policy, sighting, stretch
from whosthere.core.messages import KeepPicture, Kept, Notify, Record, Remember, Tick
from whosthere.core.model import AlertKind, Incident, News, Verdict
from whosthere.core.modes import ArmState, Mode
from whosthere.core.sighting import WHOLE, Detection, Look, Motion, Scene

VISIT = stretch(0, 4, area=0.1, person=0.8)


@pytest.mark.parametrize(
    ("what", "mode", "expected"),
    [
        ({"area": 0.1, "person": 0.8}, Mode.AWAY, 1),
        ({"area": 0.1, "person": 0.8}, Mode.NIGHT, 1),
        ({"area": 0.1, "person": 0.8}, Mode.HOME, 0),
        ({"area": 0.1, "person": 0.8}, Mode.OFF, 0),
        ({"area": 0.1, "person": 0.32}, Mode.AWAY, 0),
        ({"area": 0.1, "person": 0.40}, Mode.AWAY, 1),  # at the limit counts as sure
        ({"area": 0.1, "person": 0.8, "moving": False}, Mode.AWAY, 0),  # a coat on a hook
        ({"area": 0.1, "person": 0.8, "label": "cat"}, Mode.AWAY, 0),
        ({"area": 0.1}, Mode.AWAY, 0),  # the detector has not looked: it will
        ({"area": 0.1, "look": Look.DONE}, Mode.AWAY, 0),  # it looked and saw nobody
        ({"area": 0.1, "look": Look.FAILED}, Mode.AWAY, 1),  # nobody can judge: tell
        ({"area": 0.1, "look": Look.NO_DETECTOR}, Mode.AWAY, 1),
        ({"area": 0.001, "look": Look.NO_DETECTOR}, Mode.AWAY, 0),  # too small
        ({"area": 0.1, "look": Look.NO_DETECTOR, "scene": Scene.LIGHT_CHANGE}, Mode.AWAY, 0),
        ({"area": 0.1, "look": Look.NO_DETECTOR, "scene": Scene.SHAKING}, Mode.AWAY, 0),
        ({"area": 0.1, "look": Look.NO_DETECTOR, "scene": Scene.LEARNING}, Mode.AWAY, 0),
        ({"area": 0.1, "person": 0.8, "scene": Scene.LIGHT_CHANGE}, Mode.AWAY, 1),
        ({"area": 0.1, "person": 0.8, "scene": Scene.LEARNING}, Mode.AWAY, 1),  # from the start
    ],
)  # fmt: skip
def test_what_alerts(what, mode, expected):
    _, actions = hear(stretch(0, 4, **what), house(mode), policy())

    assert expected == len(alerts(actions))


def test_one_visitor_is_one_alert():
    _, actions = hear(stretch(0, 60, area=0.1, person=0.9), house(), policy())

    assert [News.FIRST] == [alert.news for alert in alerts(actions)]


def test_two_fairly_sure_looks_count_and_one_does_not():
    once = [sighting(0, area=0.1, person=0.6), *stretch(0.2, 2, area=0.1)]
    twice = [*once[:3], sighting(0.6, area=0.1, person=0.6)]

    assert [0, 1] == [len(alerts(hear(seen, house(), policy())[1])) for seen in (once, twice)]


def test_motion_alone_must_last():
    blind = {"area": 0.1, "look": Look.NO_DETECTOR}
    after, actions = hear(stretch(0, 1.6, **blind), house(), policy())
    assert [] == alerts(actions)
    assert "occupied" == after.camera("front").decision.first_failed.name

    _, actions = hear(stretch(1.6, 2.4, **blind), after, policy())
    assert [AlertKind.UNCLASSIFIED] == [alert.kind for alert in alerts(actions)]


def test_somebody_who_may_be_a_person_is_told_as_unclassified_if_the_motion_lasts():
    unsure = {"area": 0.1, "person": 0.37}
    after, actions = hear(stretch(0, 1.6, **unsure), house(), policy())
    assert [] == alerts(actions)
    assert "occupied" == after.camera("front").decision.first_failed.name

    _, actions = hear(stretch(1.6, 2.4, **unsure), after, policy())
    assert [AlertKind.UNCLASSIFIED] == [alert.kind for alert in alerts(actions)]


def test_one_frame_of_motion_is_no_incident():
    quiet = stretch(0, 2)
    _, actions = hear([*quiet, sighting(2.0, area=0.3), *stretch(2.2, 4)], house(), policy())

    assert [] == actions


def test_an_incident_starts_with_its_first_motion_and_ends_when_quiet():
    seen = [*stretch(0, 5), *stretch(5, 8, area=0.1), *stretch(8, 11)]
    _, actions = hear(seen, house(), policy())

    (incident,) = incidents(actions)
    assert at(5) == incident.first_motion
    assert at(5.4) == incident.started
    assert at(7.8) == incident.ended
    assert "20260101T220005400-front" == incident.id


def test_flicker_is_one_incident():
    flicker = [s for n in range(6) for s in stretch(2 * n, 2 * n + 1, area=0.1)]
    _, actions = hear([*flicker, Tick(at(20), 20)], house(), policy())

    assert [at(10.8)] == [incident.ended for incident in incidents(actions)]


def test_an_incident_ends_though_its_camera_is_silent():
    _, actions = hear([*VISIT, Tick(at(30), 30)], house(), policy())

    assert [at(3.8)] == [incident.ended for incident in incidents(actions)]
    assert Record(incidents(actions)[0]) == actions[-1]


def test_somebody_who_stands_still_keeps_the_incident_open():
    still = [sighting(4 + n, person=0.3) for n in range(20)]
    after, actions = hear([*VISIT, *still], house(), policy())

    assert 1 == len(incidents(actions))
    assert after.camera("front").incident is not None


def test_a_second_visitor_within_the_cooldown_joins_the_alert_and_says_so():
    second = stretch(20, 24, area=0.1, person=0.9)
    _, actions = hear([*VISIT, *stretch(4, 20), *second], house(), policy(cooldown=60.0))

    first, again = alerts(actions)
    assert (News.FIRST, News.ANOTHER_VISIT) == (first.news, again.news)
    assert first.id == again.id
    assert (1, 2) == (first.revision, again.revision)
    assert 2 == len(again.incident_ids)
    assert [first.id, first.id] == [incident.alert_id for incident in incidents(actions)]


def test_a_visitor_after_the_cooldown_is_an_alert_of_its_own():
    second = stretch(70, 74, area=0.1, person=0.9)
    _, actions = hear([*VISIT, *stretch(4, 70), *second], house(), policy(cooldown=60.0))

    assert [News.FIRST, News.FIRST] == [alert.news for alert in alerts(actions)]


def test_the_cooldown_of_one_camera_does_not_mute_another():
    other = stretch(4, 8, area=0.1, person=0.9, camera="back")
    _, actions = hear([*VISIT, *other], house(), policy())

    assert ["front", "back"] == [alert.camera for alert in alerts(actions)]
    assert [News.FIRST, News.FIRST] == [alert.news for alert in alerts(actions)]


def test_a_person_who_appears_in_an_incident_that_began_without_one_alerts():
    swaying = stretch(0, 20, area=0.1, look=Look.DONE)
    _, actions = hear([*swaying, *stretch(20, 22, area=0.1, person=0.7)], house(), policy())

    assert 1 == len(incidents(actions))
    assert [at(20.2)] == [alert.at for alert in alerts(actions)]  # the second look


def test_what_was_unclassified_and_turns_out_a_person_is_told_as_news():
    blind = stretch(0, 4, area=0.1, look=Look.FAILED)
    _, actions = hear([*blind, *stretch(4, 6, area=0.1, person=0.8)], house(), policy())

    assert [AlertKind.UNCLASSIFIED, AlertKind.PERSON] == [a.kind for a in alerts(actions)]
    assert [News.FIRST, News.RECOGNISED] == [a.news for a in alerts(actions)]


def test_arming_while_somebody_is_in_view_alerts():
    disarmed = house(Mode.OFF)
    seen, _ = hear(VISIT, disarmed, policy())
    armed = replace(seen, arm_state=ArmState(Mode.AWAY, at(4), "test"))
    _, actions = hear(stretch(4, 5, area=0.1, person=0.8), armed, policy())

    assert 1 == len(alerts(actions))


@pytest.mark.parametrize(("stands_in", "expected"), [({"path"}, 1), ({"street"}, 0), (set(), 0)])
def test_only_the_zones_that_count_alert(stands_in, expected):
    rules = policy(zones=frozenset({"path", "door"}))
    seen = stretch(0, 4, area=0.1, person=0.8, zones=stands_in)

    assert expected == len(alerts(hear(seen, house(), rules)[1]))


def test_a_leaf_at_the_door_does_not_make_a_passer_by_a_visitor():
    person = Detection("person", 0.8, WHOLE, zones=frozenset({"street"}))
    leaf = Motion(Scene.STEADY, 0.1, (WHOLE,), zones=frozenset({"door", "street"}))
    seen = [replace(s, motion=leaf, detections=(person,)) for s in VISIT]

    assert [] == alerts(hear(seen, house(), policy(zones=frozenset({"door"})))[1])


def test_a_jump_of_the_wall_clock_leaves_durations_right():
    jumped = [replace(s, at=at(s.clock - 7200)) for s in stretch(2, 6, area=0.1, person=0.8)]
    _, actions = hear(
        [*stretch(0, 2, area=0.1, person=0.8), *jumped, Tick(at(-7000), 60)], house(), policy()
    )

    (incident,) = incidents(actions)
    assert at(5.8) == incident.ended
    assert 1 == len(alerts(actions))


def test_remember_comes_with_the_alert_and_names_the_same_incident():
    _, actions = hear(VISIT, house(), policy())

    kinds = [type(action) for action in actions]
    assert kinds.index(Remember) < kinds.index(Notify)
    assert alerts(actions)[0].incident_ids == (incidents(actions)[0].id,)


def test_the_gates_say_what_was_missing():
    after, _ = hear(VISIT, house(Mode.HOME), policy())

    decision = after.camera("front").decision
    assert Verdict.WATCHING == decision.verdict
    assert ("armed", "home", "away, night", False) == decision.first_failed
    expected = "armed notifications snooze warm light change area occupied person zone cooldown"
    assert expected == " ".join(gate.name for gate in decision.gates)


def test_a_better_picture_replaces_the_one_before_and_a_like_one_does_not():
    seen = [
        sighting(n * 0.2, area=0.1, person=sure)
        for n, sure in enumerate([0.5, 0.51, 0.52, 0.9, 0.8, 0.91])
    ]
    _, actions = hear(seen, house(), policy())

    kept = [a.sighting.person_confidence for a in actions if isinstance(a, KeepPicture)]
    assert [0.5, 0.9] == kept


def test_pictures_and_clips_are_shown_to_those_who_were_told():
    after, actions = hear(VISIT, house(), policy())
    incident = incidents(actions)[0]
    after, first = hear([Kept(incident, picture="a.jpg")], after, policy())
    after, better = hear([Kept(incident, picture="a.jpg")], after, policy())
    after, closed = hear([Tick(at(30), 30)], after, policy())
    after, late = hear([Kept(incident, picture="a.jpg")], after, policy())
    after, clip = hear([Kept(incident, recording="a.mp4")], after, policy())

    assert [(News.PICTURE, 2, "a.jpg")] == [(a.news, a.revision, a.file) for a in alerts(first)]
    assert [] == alerts(better)
    assert [] == alerts(closed)
    assert [] == alerts(late)
    assert [(News.CLIP, 3, "a.mp4")] == [(a.news, a.revision, a.file) for a in alerts(clip)]


def test_files_of_an_incident_that_nobody_was_told_about_are_only_remembered():
    after, actions = hear(VISIT, house(Mode.HOME), policy())
    kept = Kept(incidents(actions)[0], picture="a.jpg")

    assert [Remember(kept)] == hear([kept], after, policy())[1]


def test_a_picture_from_before_the_alert_is_shown_with_it():
    watching, actions = hear(stretch(0, 2, area=0.1, look=Look.DONE), house(), policy())
    watching, _ = hear([Kept(incidents(actions)[0], picture="a.jpg")], watching, policy())
    _, actions = hear(stretch(2, 3, area=0.1, person=0.9), watching, policy())

    assert [News.FIRST, News.PICTURE] == [alert.news for alert in alerts(actions)]


def test_the_first_picture_is_shown_though_it_is_written_after_the_end():
    after, actions = hear(VISIT, house(), policy())
    incident = incidents(actions)[0]
    after, _ = hear([Tick(at(30), 30)], after, policy())
    after, first = hear([Kept(incident, picture="a.jpg")], after, policy())
    after, better = hear([Kept(incident, picture="a.jpg")], after, policy())

    assert [News.PICTURE] == [alert.news for alert in alerts(first)]
    assert [] == alerts(better)


def test_an_incident_is_not_remembered_for_every_frame():
    _, actions = hear(stretch(0, 60, area=0.1, person=0.9), house(), policy())

    written = [a for a in actions if isinstance(a, Remember) and isinstance(a.what, Incident)]
    assert len(written) <= 3
