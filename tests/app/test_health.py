"""What is wrong is told once, and a lost camera is noticed, told, and found again."""

from datetime import UTC, datetime

import pytest

from whosthere.app.health import CameraWatch, HealthBoard, lost_message

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def board() -> HealthBoard:
    return HealthBoard(lambda: AT)


def test_a_failure_is_logged_once_and_each_new_reason_again(caplog: pytest.LogCaptureFixture):
    health = board()
    for why in ("no route", "no route", "401"):
        health.failed("front", why, 0.0)
    assert ["front: no route", "front: 401"] == [record.getMessage() for record in caplog.records]
    assert 3 == health.of("front").failures


def test_recovery_is_believed_after_a_while_of_work():
    health = board()
    health.failed("front", "no route", 0.0)
    health.started("front", 5.0)
    health.look(14.0)
    assert not health.of("front").ok
    health.look(15.0)
    assert health.of("front").ok


def test_who_waits_for_the_next_attempt_has_not_recovered():
    health = board()
    health.started("front", 0.0)
    health.failed("front", "no route", 1.0)
    health.look(1000.0)
    assert not health.of("front").ok


def test_a_silent_camera_is_lost_once_and_comes_back_once():
    watch = CameraWatch(lost_after=10.0)
    watch.expect("front", 0.0)
    assert () == watch.newly_lost(10.0)
    assert (("front", 10.5),) == watch.newly_lost(10.5)
    assert () == watch.newly_lost(20.0)
    assert watch.saw("front", 21.0)
    assert not watch.saw("front", 22.0)


def test_a_camera_that_waits_for_the_house_is_not_lost():
    watch = CameraWatch(lost_after=10.0)
    watch.saw("front", 0.0, waiting=True)
    assert () == watch.newly_lost(60.0)
    watch.saw("front", 60.0)
    assert (("front", 11.0),) == watch.newly_lost(71.0)


def test_a_film_that_is_over_is_not_lost():
    watch = CameraWatch(lost_after=10.0)
    watch.expect("front", 0.0)
    watch.forget("front")
    assert () == watch.newly_lost(60.0)


@pytest.mark.parametrize(
    ("why", "expected"), [("", "no new picture for 12 s"), ("answers 401", "answers 401")]
)
def test_the_loss_says_why(why: str, expected: str):
    assert expected == lost_message("front", 12.3, why, AT, 5.0).why
