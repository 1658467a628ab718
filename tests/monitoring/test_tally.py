"""What goes by is counted, once each."""

import pytest

from tests.app.answers.living import visit
from tests.monitoring.conftest import Home, alert, delivery, incident
from whosthere.core.model import AlertKind, Evidence, News
from whosthere.core.sighting import Motion, Scene
from whosthere.monitoring.measures import Spread
from whosthere.monitoring.tally import Tally


def test_frames_and_those_with_motion_are_counted_by_camera():
    tally, seen = Tally(("front", "garden")), []
    see = tally.beside(seen.append)
    for sighting in visit():
        see(sighting)

    moved = sum(bool(one.motion.boxes) for one in visit())
    assert {"front": len(visit()), "garden": 0} == tally.frames
    assert {"front": moved, "garden": 0} == tally.moving
    assert list(visit()) == seen


@pytest.mark.parametrize(
    ("evidence", "kind"),
    [(Evidence.PERSON, "person"), (Evidence.UNCLASSIFIED, "unclassified"), (None, "untold")],
)
def test_an_incident_counts_once_at_its_end(evidence: Evidence | None, kind: str):
    tally = Tally(("front",))
    tally.remembered([incident(evidence, ended=False)])
    tally.remembered([incident(evidence)])
    tally.remembered([incident(evidence)])

    assert {("front", kind)} == {key for key, number in tally.incidents.items() if number}
    assert 1 == tally.incidents["front", kind]


def test_a_quiet_picture_is_no_incident():
    tally = Tally(("front",))
    tally.remembered([incident(Evidence.QUIET)])

    assert 0 == sum(tally.incidents.values())


def test_of_an_alert_only_the_first_revision_counts():
    tally = Tally(("front",))
    tally.remembered([alert(), alert(news=News.PICTURE), alert(AlertKind.CAMERA_LOST)])

    assert {("front", "person"): 1, ("front", "unclassified"): 0, ("front", "camera lost"): 1} == (
        tally.alerts
    )


def test_latency_is_from_the_frame_to_the_messenger(home: Home):
    home.house.clock = 2.5
    home.tally.sent(delivery(alert()))
    home.tally.sent(delivery(alert(news=News.PICTURE)))
    home.tally.sent(delivery(alert(AlertKind.CAMERA_LOST)))

    spread = home.tally.latency["test"]
    assert 2.5 == spread.total
    assert [0.0, 0.0, 0.0, 1.0] == [number for _, number in spread.classes()][:4]


def test_work_is_timed_and_known_while_it_goes_on():
    now = [100.0]
    tally = Tally(("front",), clock=lambda: now[0])
    spread, during = Spread(), []
    with tally.working("detector for front", spread):
        now[0] += 50
        during += tally.stuck(now[0], 45)

    assert (["detector for front"], []) == (during, tally.stuck(now[0], 45))
    assert 50.0 == spread.total


def test_the_motion_detector_is_timed_and_answers_as_before():
    tally = Tally(("front",))
    quiet = Motion(Scene.STEADY)
    see = tally.timed("front", lambda _frame: quiet)

    assert see(None) is quiet  # type: ignore[arg-type]
    assert ("+Inf", 1.0) == tally.motion["front"].classes()[-1]


def test_classes_hold_what_is_at_their_limit():
    spread = Spread((1.0, 2.0))
    for seconds in (0.5, 1.0, 1.5, 9.0):
        spread.note(seconds)

    assert [("1.0", 2.0), ("2.0", 3.0), ("+Inf", 4.0)] == spread.classes()
