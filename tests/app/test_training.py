"""With `save_images` on, people are asked a few well-chosen questions a day, and each has a why."""

import random
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from tests.app.answers.living import EVENING, VIENNA, SmallHouse, visit
from tests.core.say import stretch
from whosthere.app.dataset_gathering import Gathering, examples_of
from whosthere.app.training import Training
from whosthere.core.model import AlertKind, Evidence, News, Tag
from whosthere.core.modes import Mode
from whosthere.core.questions import Kind
from whosthere.storage.learning import Learning

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


NIGHT = 11 * 3600  # seconds until the next morning, 9:00 in Vienna
HOUR = 3600


class Always(random.Random):
    """Draws so that each quiet minute is kept."""

    def random(self) -> float:
        return 0.0


@pytest.fixture
def house(tmp_path):
    house = SmallHouse(tmp_path)
    house.watch(seconds=3.0)
    house.wait(NIGHT)
    yield house
    house.close()


def training_of(house: SmallHouse, rng: random.Random, **more: object) -> Training:
    gathering = Gathering(house.store, house.ledger, house.folder, ("test", ""), VIENNA)
    return Training(
        ("front", "garden"), house.store, house.frames, lambda: house.keeper.house,
        lambda: house.keeper.policy, house, gathering, zone=VIENNA, now=lambda: house.now,
        rng=rng, **more,
    )  # fmt: skip


@pytest.fixture
def training(house: SmallHouse) -> Training:
    return training_of(house, Always(1))


def live(house: SmallHouse, *cameras: str) -> None:
    """Let cameras show something new."""
    for camera in cameras:
        frame = house.frames.of("front").frame
        house.frames.saw(type(frame)(camera, house.now, house.clock, frame.pixels))


def look(house: SmallHouse, training: Training, hours: int, *cameras: str) -> None:
    """Look four times an hour while cameras are live."""
    for _ in range(hours * 4):
        live(house, *cameras)
        training.look()
        house.wait(HOUR / 4)


def asked(house: SmallHouse) -> list[str]:
    return [
        alert.camera
        for alert in house.store.alerts()
        if (alert.kind, alert.news) == (AlertKind.QUIET, News.FIRST)
    ]


def picks(house: SmallHouse):
    return Learning(house.store.database).picks()


def hear(house: SmallHouse, **what: object) -> None:
    """Let a camera see four seconds of something, now."""
    for sighting in stretch(house.clock + 1, house.clock + 5, **what):
        house.hear_one(replace(sighting, at=EVENING + timedelta(seconds=sighting.clock)))


def unseen_visit(house: SmallHouse) -> None:
    """A person, nearly recognised, of whom nobody is told."""
    hear(house, area=0.02, person=0.3)
    house.wait(60)
    (incident,) = house.store.incidents()[-1:]
    name = "incidents/near.jpg"
    (house.folder / name).parent.mkdir(parents=True, exist_ok=True)
    (house.folder / name).write_bytes(b"picture")
    house.store.remember([replace(incident, picture=name)])


def test_nobody_is_asked_unless_they_want(house, training):
    look(house, training, 2, "front")

    assert [] == asked(house)
    assert [] == house.store.incidents()


def test_so_many_questions_a_day_as_wanted_spread_and_fair_to_cameras(house, training):
    house.ask("save_images on")
    look(house, training, 48, "front", "garden")

    cameras = asked(house)
    times = [pick.at for pick in picks(house)]
    gaps = [after - before for before, after in pairwise(times)]
    assert (8, 4) == (len(cameras), cameras.count("front"))
    assert {9, 12, 15, 18} == {at.astimezone(VIENNA).hour for at in times}
    assert min(gaps) >= timedelta(hours=3)


def test_pictures_are_kept_by_night_too_and_asked_about_by_day(house, training):
    house.ask("save_images on")
    look(house, training, 48, "front")

    hours = {one.started.astimezone(VIENNA).hour for one in house.store.incidents()}
    assert {3, 23} <= hours
    assert {9, 12, 15, 18} == {pick.at.astimezone(VIENNA).hour for pick in picks(house)}


def test_a_camera_that_shows_nothing_new_is_not_kept(house, training):
    house.ask("save_images on")
    house.wait(HOUR)
    training.look()

    assert [] == house.store.incidents()


def test_nothing_is_kept_of_those_at_home(tmp_path):
    house = SmallHouse(tmp_path, Mode.HOME)
    house.watch(seconds=3.0)
    house.ask("save_images on")
    look(house, training_of(house, Always(1)), 3, "front")

    assert [] == house.store.incidents()
    house.close()


def test_a_near_miss_comes_first_and_says_why_and_is_no_alert(house, training):
    house.ask("save_images on")
    unseen_visit(house)
    look(house, training, 1, "front")

    (first,) = picks(house)
    question = next(alert for alert in house.store.alerts() if alert.kind is AlertKind.QUIET)
    missed = house.store.incident(first.incident_id)
    assert Kind.NEAR_MISS is first.kind
    assert "a person was nearly recognised (30 %, needed: 40 %)" == question.detail
    assert (None, None) == (missed.alert_id, missed.alerted_at)
    assert "*occupied*, by Ann" in house.ask("occupied", alert_id=question.id).text


def test_nobody_is_asked_twice_not_even_after_a_restart(house, training):
    house.ask("save_images on")
    unseen_visit(house)
    look(house, training, 1)
    house.restart()
    look(house, training_of(house, Always(1)), 12)

    assert ["front"] == asked(house)


def test_nobody_is_asked_during_an_alert_of_any_camera(house, training):
    house.ask("save_images on")
    unseen_visit(house)
    hear(house, area=0.1, person=0.9, camera="garden")
    training.look()

    assert [] == asked(house)


def test_what_the_shadow_would_have_decided_otherwise_is_asked_about(house):
    house.ask("save_images on")
    unseen_visit(house)
    (missed,) = house.store.incidents()
    differs = training_of(house, Always(1), shadow_differs=lambda _: frozenset({missed.id}))
    look(house, differs, 1)

    assert [Kind.SHADOW] == [pick.kind for pick in picks(house)]


def test_the_answer_becomes_an_example_and_the_list_of_visits_stays_short(house, training):
    house.ask("save_images on")
    look(house, training, 1, "front")
    (pick,) = picks(house)
    quiet = house.store.incident(pick.incident_id)

    assert (house.folder / quiet.picture).read_bytes().startswith(b"\xff\xd8")
    assert "*unoccupied*, by Ann" in house.ask("unoccupied", alert_id=quiet.id).text
    training.look()
    (example,) = examples_of(house.store)
    assert ("quiet", False, quiet.id) == (example.asked, example.occupied, example.id)
    assert 0 < example.chance < 0.01
    assert (house.folder / example.picture).exists()
    assert "No incidents" in house.ask("incidents").text
    assert "There is no incident yet" in house.ask("why").text
    assert () == house.answers.overview().incidents


def test_a_tagged_visit_becomes_an_example_with_its_numbers(tmp_path):
    house = SmallHouse(tmp_path)
    house.hear(visit())
    (incident,) = house.store.incidents()
    house.ask("occupied")
    training_of(house, Always(1)).look()

    (example,) = examples_of(house.store)
    assert Evidence.PERSON is incident.evidence
    assert ("alert", True, "alert") == (example.asked, example.occupied, example.numbers.verdict)
    assert example.numbers.person_mean >= 0.4
    assert example.numbers.at == incident.decision.at
    house.ask("unoccupied")
    training_of(house, Always(1)).look()
    (changed,) = examples_of(house.store)
    assert (False, 2) == (changed.occupied, len(changed.tags))
    assert isinstance(changed.tag, Tag)
    house.close()
