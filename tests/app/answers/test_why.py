"""Why people were, or were not, told of a real visitor: the first gate that failed, by name."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.app.answers.living import EVENING, VIENNA, SmallHouse, visit
from whosthere.app.answers.why import past_of
from whosthere.core.messages import CameraLost
from whosthere.core.modes import Mode
from whosthere.core.sighting import Sighting, rounded_share


@pytest.fixture
def told(tmp_path):
    """Make a house that has seen the visitor after `before` was asked, with these rules."""
    houses = []

    def made(
        *before: str,
        mode: Mode = Mode.AWAY,
        with_detector: bool = True,
        sure: float = 1.0,
        **rules: object,
    ):
        house = SmallHouse(tmp_path, mode, **rules)
        houses.append(house)
        for text in before:
            assert not house.ask(text).refused
        house.hear(fainter(one, sure) for one in visit(with_detector=with_detector))
        return house

    yield made
    for house in houses:
        house.close()


def fainter(sighting: Sighting, times: float) -> Sighting:
    """The same, seen by a detector that is less sure."""
    found = tuple(
        replace(one, confidence=rounded_share(times * one.confidence))
        for one in sighting.detections
    )
    return replace(sighting, detections=found)


def stopped(text: str) -> list[str]:
    """Names of the gates that failed; the first is marked."""
    return [line.split(":")[0] for line in text.splitlines() if line.startswith("✗")]


@pytest.mark.parametrize(
    ("before", "rules", "gate", "words"),
    [
        ((), {"mode": Mode.OFF}, "armed", "in mode away or night"),
        (("disarm for 1h",), {}, "armed", "in mode away or night"),
        (("disarm front",), {}, "armed", "in mode away or night"),
        (("notifications off",), {}, "notifications", "with notifications on"),
        (("notifications off for 1h",), {}, "notifications", "with notifications on"),
        (("snooze 30m",), {}, "snooze", "without the snooze"),
        (("snooze 30m front",), {}, "snooze", "without the snooze"),
        ((), {"sure": 0.3}, "person", "with `unsure_confidence` = 0."),
        ((), {"zones": frozenset({"path"})}, "zone", "among `zones`"),
        ((), {"with_detector": False, "least_area": 0.5}, "area", "`least_area`"),
        ((), {"with_detector": False, "occupied_share": 1.0, "window_seconds": 30.0}, "occupied",
         "with `occupied_share` = "),
    ],
)  # fmt: skip
@pytest.mark.parametrize("asked", ["why 22:00 front", "why 22:00:{second} front"])
def test_the_first_gate_that_failed_is_named_with_what_would_have_turned_it(
    told, before, rules, gate, words, asked
):
    house = told(*before, **rules)
    second = f"{round(best_second()):02d}"

    reply = house.ask(asked.format(second=second))

    assert not reply.refused
    assert gate in stopped(reply.text)[0]
    assert f"✗ {gate}" in reply.text.split("stopped here")[0].splitlines()[-1]
    assert words in reply.text
    assert "nobody was told" in reply.text


def best_second() -> float:
    """When the visitor is seen best."""
    best = max(visit(), key=lambda sighting: (sighting.person_confidence, sighting.motion.area))
    return best.clock


def test_the_incident_that_was_not_told_is_explained_too(told):
    house = told("snooze 30m")

    reply = house.ask("why")

    assert "nobody was told" in reply.text.splitlines()[0]
    assert ["✗ snooze"] == stopped(reply.text)
    assert reply.text == house.ask(f"why {house.store.incidents()[0].id}").text


def test_an_alert_is_explained_by_the_conditions_that_it_met(told):
    house = told()
    alert = house.store.alerts()[0]

    for asked in (house.ask("why"), house.ask("why", alert_id=alert.id)):
        assert "told at" in asked.text.splitlines()[0]
        assert "All conditions were met." in asked.text
        assert [] == stopped(asked.text)


def test_replay_finds_the_alert_at_its_moment(told):
    house = told()
    at = house.store.alerts()[0].at

    reply = house.ask(f"why 22:00:{at.second:02d} front")

    assert "people were told" in reply.text.splitlines()[0]
    assert "All conditions were met.\nIt would have been silent with" in reply.text
    assert f"The conditions at 22:00:{at.second:02d}" in reply.text


def test_replay_decides_as_was_decided(tmp_path):
    house = SmallHouse(tmp_path)
    house.ask("snooze front until 22:00:14")  # in the middle of the visit
    live = []
    for sighting in visit():
        house.hear_one(sighting)
        live.append(house.keeper.house.camera("front").decision)
    house.restart()

    past = past_of(house.answers.parts, EVENING, EVENING + timedelta(hours=1))

    assert live == [step.decision for step in past.decided("front")]
    assert {"watching", "alert"} <= {str(decision.verdict) for decision in live}
    house.close()


def test_below_a_lost_camera_the_camera_is_explained(told):
    house = told()
    house.put(CameraLost("garden", "no new picture for 10 s", house.now, house.clock))
    alert = house.store.alerts()[-1]

    for text in ("why", "tag occupied"):
        expected = "This is about the camera (no new picture for 10 s), not a visit."
        assert expected in house.ask(text, alert_id=alert.id).text
    assert "It is lost: no new picture for 10 s." in house.ask("snapshot garden").text


def test_while_nothing_moves_that_is_the_answer(told):
    quiet = told(with_detector=False).ask("why 22:00:05 front")

    assert "Nothing moved" in quiet.text
    assert "✗ area" in quiet.text


def test_of_a_moment_too_the_whole_visit_is_looked_at(told):
    house = told()
    (incident,) = house.store.incidents()
    told_at = incident.alerted_at.astimezone(VIENNA)
    texts = [house.ask(f"why {which} front").text for which in ("last", f"{told_at:%H:%M:%S}")]
    silent, again = (next(line for line in text.splitlines() if "silent" in line) for text in texts)

    assert silent == again


def test_a_second_visit_so_soon_joined_the_alert_before(told):
    house = told(cooldown=86400.0)
    later = [
        replace(s, at=s.at + timedelta(minutes=20), clock=s.clock + 1200)
        for s in visit()
    ]  # fmt: skip
    house.hear(later)

    reply = house.ask("why 22:20 front")

    assert "it joined the alert before" in reply.text
    assert "✗ cooldown" in reply.text


def test_a_change_in_between_is_known_in_the_past(told):
    """Replay uses what was set then, not what is set now."""
    house = told("snooze 30m")
    assert not house.ask("snooze off").refused
    assert not house.ask("disarm").refused
    house.restart()

    assert ["✗ snooze"] == stopped(house.ask("why 22:00 front").text)


def test_all_cameras_are_explained_in_short(told):
    reply = told(mode=Mode.HOME).ask("why 22:00")

    front, garden, more = reply.text.splitlines()
    assert "front" in front
    assert "armed: The mode was home" in front
    assert "there were no pictures from garden then" in garden
    assert "`why 22:00 front`" in more


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("why 21:00 front", "there were no pictures from front then"),
        ("why yesterday", "*front*: no pictures"),
        ("why today 23:59", "That is still to come."),
        ("why 20260101T220000123-front", "There is no such incident."),
        ("why garden", "There is no incident at garden yet."),
    ],
)
def test_what_cannot_be_explained_is_said(told, asked, words):
    assert words in told().ask(asked).text
