"""Devices that tell themselves where they are: what is kept, and what wakes the watcher."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from whosthere.core.errors import PresenceTrouble
from whosthere.core.presence import Observation, SourceFailed, SourceReport
from whosthere.presence.matching import Device, Matcher
from whosthere.presence.pushed import PushedDevice
from whosthere.presence.settings import PresenceSettings, make_source
from whosthere.presence.watch import Watch

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
HOME = [Observation(device="ann-phone")]


@pytest.fixture
def phone(tmp_path: Path) -> PushedDevice:
    about = {"kind": "webhook", "devices": ["ann-phone"]}
    source = make_source(PresenceSettings.model_validate({"sources": [about]}).sources[0])
    assert isinstance(source, PushedDevice)
    source.keep_in(tmp_path / "told-webhook.json")
    return source


def again(phone: PushedDevice, tmp_path: Path) -> PushedDevice:
    """The same after a restart."""
    fresh = PushedDevice(phone.name, phone.device)
    fresh.keep_in(tmp_path / "told-webhook.json")
    return fresh


def test_who_has_told_nothing_is_unknown(phone: PushedDevice):
    with pytest.raises(PresenceTrouble, match="ann-phone has not told yet where it is"):
        phone.seen()


def test_a_check_by_a_command_says_who_knows_more(phone: PushedDevice):
    assert "whosthere ask who" in " ".join(phone.explain())


def test_the_last_word_holds_over_restarts(phone: PushedDevice, tmp_path: Path):
    phone.tell(NOW, home=True)
    assert HOME == again(phone, tmp_path).seen()
    phone.tell(NOW + timedelta(seconds=1), home=False)

    assert [] == again(phone, tmp_path).seen(again=True)


def test_words_that_come_late_are_not_taken(phone: PushedDevice):
    phone.tell(NOW, home=True)

    assert (False, HOME) == (phone.tell(NOW - timedelta(minutes=1), home=False), phone.seen())


@pytest.mark.parametrize("text", ["", "{", "[]", '{"home": true}', '{"home": 1, "at": "soon"}'])
def test_what_was_kept_and_is_damaged_is_unknown(phone: PushedDevice, tmp_path: Path, text: str):
    (tmp_path / "told-webhook.json").write_text(text)

    with pytest.raises(PresenceTrouble):
        again(phone, tmp_path).seen()


def test_a_folder_that_cannot_be_written_loses_nothing_but_the_restart(tmp_path: Path):
    phone = PushedDevice("webhook", "ann-phone")
    phone.keep_in(tmp_path / "missing" / "told.json")
    phone.tell(NOW, home=True)

    assert HOME == phone.seen()


def test_a_word_is_reported_at_once(phone: PushedDevice):
    told: list[SourceReport | SourceFailed] = []
    changed = threading.Condition()

    def report(one: SourceReport | SourceFailed) -> None:
        with changed:
            told.append(one)
            changed.notify_all()

    watch = Watch("webhook", phone, Matcher([Device("ann-phone")]), report, every_seconds=600)
    threads = [threading.Thread(target=watch.run),
               threading.Thread(target=phone.listen, args=(watch.heard,))]  # fmt: skip
    for thread in threads:
        thread.start()
    with changed:
        assert changed.wait_for(lambda: told, 10)
    phone.tell(NOW, home=True)
    with changed:
        assert changed.wait_for(lambda: isinstance(told[-1], SourceReport), 10)
    watch.stop()
    phone.stop()
    for thread in threads:
        thread.join(2)

    assert ["ann-phone"] == [one.device for one in told[-1].seen]
    assert not any(thread.is_alive() for thread in threads)


def test_it_is_about_one_device():
    with pytest.raises(ValueError, match="it is about one device"):
        PresenceSettings.model_validate({"sources": [{"kind": "webhook"}]})
