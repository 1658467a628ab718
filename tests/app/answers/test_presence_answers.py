"""Who is home, by what evidence, and what follows: as people and scripts ask for it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.app.answers.living import visit
from tests.slack.household import RULES, PresentHouse
from whosthere.app.answers.overview import Glance
from whosthere.core.modes import Mode
from whosthere.core.presence import SourceRule, Whereabouts
from whosthere.web.views import status_view

GONE = 430.0
AWAY_FOR = "Mode away was asked for until Fri 00:10 (2 h): who is home does not change that."
ON = (
    "Nobody seen for 7 min and 1 min of notice: mode away (2 people, 2 sources)."
    " Whoever comes first sets mode off. Guests disarm nothing."
)
ALONE = (
    "Nobody seen for 1 min 30 s: mode away (1 person, 1 source). Whoever comes first sets mode off."
)
BY = (("network, by its MAC address", "router, by name"), ("by its name", "by name"))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[PresentHouse]:
    house = PresentHouse(tmp_path)
    yield house
    house.close()


def lines(house: PresentHouse) -> list[str]:
    return house.ask("who").text.splitlines()


def test_at_first_nobody_knows(house: PresentHouse):
    house.live(20)
    assert [
        "• *Ann*: not known. No device of theirs was seen since the start",
        "• *Ben*: not known. No device of theirs was seen since the start",
        "• *Gil* (guest): not known. No device of theirs was seen since the start",
        "Of Ann and Ben nothing is known, and unknown is not away: nothing changes.",
    ] == lines(house)


def test_everybody_is_said_with_since_when_and_evidence(house: PresentHouse):
    house.live(600, "ann-phone", "ben-phone")
    house.live(500, "ann-phone")
    assert [
        "• *Ann*: home since 22:00:10. ann-phone was seen 1 s ago by router, by name",
        "• *Ben*: away since 22:17:01. ben-phone was last seen 8 min 22 s ago by router, by name",
        "• *Gil* (guest): away since 22:07:10. No device of theirs was seen since the start",
        "Ann is home. Mode away follows when nobody was seen for 7 min.",
    ] == [line.replace(*BY[0]).replace(*BY[1]) for line in lines(house)]


def test_a_source_that_fails_is_named(house: PresentHouse):
    house.live(600, "ann-phone")
    house.live(30, "ann-phone", failing={"router": "wrong password."})
    assert "✗ source router fails since 22:10:11: wrong password" in lines(house)


def test_when_all_fail_nothing_changes(house: PresentHouse):
    house.live(600, "ann-phone")
    house.live(900, failing={"router": "no answer", "network": "no route"})
    assert "No source works, so nothing changes until one does." == lines(house)[-1]
    assert Mode.OFF is house.keeper.house.arm_state.mode


def test_a_countdown_is_said_with_what_stops_it(house: PresentHouse):
    house.live(600, "ann-phone", "ben-phone")
    house.live(GONE)
    assert "Mode away in 49 s: everybody has left. `stay off` stops it." == lines(house)[-1]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("auto_detect off", "Nothing follows from it: `auto_detect` is off."),
        ("arm night", "Mode night was set by hand: that holds until presence agrees."),
        ("arm away for 2h", AWAY_FOR),
        ("stay off", "It stays off until somebody comes; after that, leaving arms again."),
    ],
)  # fmt: skip
def test_what_follows_is_said_whatever_people_set(house: PresentHouse, asked: str, said: str):
    house.live(600, "ann-phone")
    house.ask(asked)
    assert said == lines(house)[-1]


def test_armed_by_presence_it_is_said_who_disarms(house: PresentHouse):
    house.live(600, "ann-phone", "ben-phone")
    house.live(600)
    assert "Whoever comes first, of Ann and Ben, sets mode off." == lines(house)[-1]


def test_status_shows_why_it_is_armed_by_what_evidence(house: PresentHouse):
    house.live(600, "ann-phone", "ben-phone")
    house.live(600)
    text = house.ask("status").text
    assert "(everybody has left)" in text
    assert "  Ann: ann-phone last seen 21:10 by" in text
    assert "Who is home: Ann, Ben and Gil (guest) are away." in text


def test_an_alarm_is_the_first_thing_in_status(tmp_path: Path):
    house = PresentHouse(tmp_path, Mode.AWAY)
    house.hear(visit())
    text = house.ask("status").text
    house.close()
    assert "*An alarm is on* at front since" in text.splitlines()[1]


def test_the_overview_has_it_as_data(house: PresentHouse):
    house.live(600, "ann-phone", "ben-phone")
    house.live(GONE, failing={"router": "no answer"})
    now = Glance(house.answers.parts).overview()
    ann, ben, gil = now.people
    assert (Whereabouts.AWAY, "ann-phone", False, True) == (
        ann.whereabouts, ann.device, ann.guest, gil.guest
    )  # fmt: skip
    assert [("router", False, "no answer"), ("network", True, "")] == [
        (one.name, one.works, one.trouble) for one in now.sources
    ]
    assert now.auto_detect
    assert now.countdown is not None
    assert "Ben" == ben.name


def test_scripts_get_it_as_json(house: PresentHouse):
    house.live(600, "ann-phone", "ben-phone")
    house.live(GONE)
    view = status_view(Glance(house.answers.parts).overview())
    assert ("away", "presence") == (view["countdown"]["mode"], view["countdown"]["by"])
    assert ["Ann", "Ben", "Gil"] == [one["name"] for one in view["people"]]
    assert [True, True] == [one["works"] for one in view["sources"]]
    assert view["alarm"] is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"people": ()}, "I cannot know who is home: no people are configured."),
        ({"sources": ()}, "I cannot know who is home: no presence source is configured."),
    ],
)
def test_what_is_missing_is_said(tmp_path: Path, change: dict[str, tuple[()]], said: str):
    house = PresentHouse(tmp_path, rules=replace(RULES, **change))
    text = house.ask("who").text
    house.close()
    assert said == text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, ON),
        ({"people": RULES.people[:1], "countdown_seconds": 0.0,
          "sources": (SourceRule("router", 90.0, 10.0),)}, ALONE),
        ({"people": ()}, "No people are configured, so nothing arms or disarms by itself."),
    ],
)  # fmt: skip
def test_auto_detect_says_what_follows(tmp_path: Path, change: dict[str, object], said: str):
    house = PresentHouse(tmp_path, rules=replace(RULES, **change))
    text = house.ask("auto_detect on").text
    house.close()
    assert f"`auto_detect` is *on*. {said}" == text


def test_stay_off_by_words(house: PresentHouse):
    house.live(600, "ann-phone", "ben-phone")
    house.live(GONE)
    text = house.ask("stay off until 8:00").text
    assert text.startswith("Mode away does not follow. Mode *off* since")
    house.live(300)
    assert Mode.OFF is house.keeper.house.arm_state.mode


def test_arm_now_by_words(house: PresentHouse):
    house.live(600, "ann-phone", "ben-phone")
    house.live(GONE)
    assert house.ask("arm now").text.startswith("Mode *away* since")


def test_the_log_names_who_and_says_what_happened_by_itself(house: PresentHouse):
    house.live(600, "ann-phone", "ben-phone")
    house.live(600)
    house.ask("disarm")
    log = house.ask("log").text
    assert "by itself: mode away: everybody has left" in log
    assert "Ann (test): mode off" in log
