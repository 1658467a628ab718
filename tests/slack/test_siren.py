"""A siren in Slack: a button that asks first, and a message that all see, with a way to end it."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.servers.fake_slack import ANNA, BEN, CHANNEL, FakeSlack
from tests.slack.household import PresentHouse, Told, told_house
from tests.slack.test_arming import actions, shown
from whosthere.core.devices import DeviceRules, SirenRule
from whosthere.core.messages import Drive
from whosthere.devices.driver import Driver
from whosthere.devices.simulated_switch import SimulatedSwitch

LONGEST = 90.0


@dataclass
class Loud:
    """A house with a siren, and its Slack."""

    told: Told
    switch: SimulatedSwitch

    @property
    def fake(self) -> FakeSlack:
        return self.told.fake

    def asked(self, text: str, user: str = ANNA) -> dict[str, Any]:
        """What only the asker sees."""
        before = len(self.fake.responses)
        self.fake.slash("/whosthere", text, user)
        return self.fake.until(lambda: self.fake.responses[before:])[0]

    def sounding(self) -> dict[str, Any]:
        """The message that it sounds, once somebody has pressed and confirmed."""
        self.fake.press(self.asked("siren on"), "offer_siren_on_really")
        self.fake.until(lambda: self.switch.on)
        self.told.tell()
        return self.fake.posted()[0]


@pytest.fixture
def loud(fake: FakeSlack, tmp_path: Path) -> Iterator[Loud]:
    house, switch = PresentHouse(tmp_path / "house"), SimulatedSwitch("siren roof")
    driver = Driver("siren roof", switch, lambda _: None, longest_seconds=LONGEST)
    rules = DeviceRules(sirens={"roof": SirenRule(longest_seconds=LONGEST)})
    house.keeper.policy = replace(house.keeper.policy, devices=rules)

    def drive(asked: Drive) -> None:
        driver.drive(on=asked.on, seconds=asked.seconds)

    house.keeper.hands = replace(house.keeper.hands, drive=drive)
    house.answers = replace(
        house.answers, parts=replace(house.answers.parts, sirens={"roof": driver})
    )
    thread = threading.Thread(target=driver.run)
    thread.start()
    driver.wait_done(10)
    with told_house(fake, tmp_path / "slack", house) as told:
        yield Loud(told, switch)
    driver.stop()
    thread.join(10)
    house.close()


def test_a_word_makes_it_ask_by_a_button_that_asks_again(loud: Loud):
    asked = loud.asked("siren on")
    (button,) = asked["blocks"][-1]["elements"]
    assert ("offer_siren_on_really", "danger") == (button["action_id"], button["style"])
    assert ("Sound the siren?", "danger") == (
        button["confirm"]["title"]["text"],
        button["confirm"]["style"],
    )
    assert "for up to 1 min 30 s" in asked["text"]
    assert not loud.switch.on


def test_all_are_told_who_turned_it_on_and_until_when(loud: Loud):
    message = loud.sounding()
    assert message["text"].startswith("Siren on: Anna switched it on, ")
    due = loud.told.house.store.alerts()[-1].due
    for words in ("🚨 *Siren on: Anna switched it on*", "<!channel>",
                  f"It ends by itself at <!date^{int(due.timestamp())}^"):  # fmt: skip
        assert words in shown(message)
    assert ["alert_silence"] == actions(message)


def test_silence_ends_it_and_all_see_who_did_it(loud: Loud):
    message = loud.sounding()
    loud.fake.press(message, "alert_silence", user=ANNA)
    loud.fake.until(lambda: loud.fake.thread(message))
    loud.told.tell()
    assert not loud.switch.on
    assert "🔇 *Siren off: Anna switched it off*" in shown(message)
    assert [] == actions(message)
    assert "✓ siren roof is *off*" in loud.fake.thread(message)[0]["text"]


def test_it_is_told_when_its_time_is_over(loud: Loud):
    message = loud.sounding()
    loud.told.house.wait(1)
    loud.told.house.wait(LONGEST + 1)
    loud.told.tell()
    assert "🔇 *Siren off: its time is over*" in shown(message)


def test_by_words_all_are_told_as_well_wherever_they_were_said(loud: Loud):
    loud.fake.say("siren on really")
    loud.fake.until(lambda: loud.switch.on)
    loud.told.tell()
    assert "Siren on: Anna" in loud.fake.messages[CHANNEL][0]["text"]
    direct = loud.fake.posted(channel=loud.fake.direct(ANNA))
    assert ["offer_siren_off"] == [one["action_id"] for one in direct[-1]["blocks"][-1]["elements"]]


def test_app_home_and_status_tell_of_it(loud: Loud):
    loud.sounding()
    loud.fake.event(ANNA, type="app_home_opened", tab="home", channel="D1")
    view = str(loud.fake.until(lambda: loud.fake.views.get(ANNA)))
    assert "🚨 *Siren on: Anna switched it on*; it ends by itself at <!date^" in view
    assert "*A siren sounds*: Anna switched it on, until " in loud.told.house.ask("status").text
    loud.fake.press_home("home_silence")
    loud.fake.until(lambda: not loud.switch.on)
    loud.fake.until(lambda: "Siren on" not in str(loud.fake.views[ANNA]))


def test_who_may_not_switch_it_is_refused_by_the_button_too(loud: Loud):
    asked = loud.asked("siren on")
    loud.fake.press(asked, "offer_siren_on_really", user=BEN)
    refused = loud.fake.until(lambda: loud.fake.responses[1:])[0]
    assert "Only admins may ask" in refused["text"]
    assert not loud.switch.on


def test_a_button_that_there_is_not_does_nothing(loud: Loud):
    asked = loud.asked("siren on")
    asked["blocks"][-1]["elements"][0]["action_id"] = "offer_rm"
    loud.fake.press(asked, "offer_rm")
    loud.fake.slash("/whosthere", "status")
    loud.fake.until(lambda: loud.fake.responses[1:])
    assert not loud.switch.on
