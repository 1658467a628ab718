"""A source's watcher reports what is seen, at once when asked, and tells a failure once."""

import queue
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest

from tests.cameras.threads import start_thread
from tests.presence.networks import until
from whosthere.app.health import HealthBoard
from whosthere.app.presence_parts import make_presence
from whosthere.core.errors import PresenceTrouble
from whosthere.core.presence import DeviceSeen, Observation, SourceFailed, SourceReport
from whosthere.presence.leases import Leases
from whosthere.presence.matching import Device, Matcher
from whosthere.presence.settings import PresenceSettings
from whosthere.presence.watch import Watch

MAC = "a4:83:e7:00:00:0a"
EVENING = datetime(2026, 11, 19, 20, tzinfo=UTC)
AGES = 3600.0  # seconds between looks: longer than any test
WITHIN = 10.0
BY_MAC = DeviceSeen("ann-phone", 0.0, "by its MAC address")


@dataclass
class Fixed:
    """Sees what it is told to."""

    answers: list[Sequence[Observation] | Exception] = field(default_factory=list)
    asked: list[bool] = field(default_factory=list)

    def seen(self, *, again: bool = False) -> Sequence[Observation]:
        self.asked.append(again)
        answer = self.answers.pop(0) if self.answers else [Observation(mac=MAC)]
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class Endless:
    """A source that hangs until it is stopped."""

    begun: Event = field(default_factory=Event)
    over: Event = field(default_factory=Event)

    def seen(self, *, again: bool = False) -> Sequence[Observation]:
        del again
        self.begun.set()
        self.over.wait()
        return []

    def stop(self) -> None:
        self.over.set()


class Heard(queue.Queue[SourceReport | SourceFailed]):
    def next(self) -> SourceReport | SourceFailed:
        return self.get(timeout=WITHIN)


def watching(
    source: object,
    heard: Heard,
    *,
    every: float = AGES,
    tell: Callable[[str | None], None] = lambda _why: None,
) -> Watch:
    return Watch(
        "router", source, Matcher([Device("ann-phone", mac=MAC)]), heard.put, every, tell,  # type: ignore[arg-type] # a source
        now=lambda: EVENING, clock=lambda: 7.0,
    )  # fmt: skip


@contextmanager
def at_work(watch: Watch) -> Iterator[None]:
    thread = start_thread(watch.name, watch.run)
    try:
        yield
    finally:
        watch.stop()
        thread.join(WITHIN)
        assert not thread.is_alive()


def test_what_is_seen_is_reported():
    heard = Heard()
    watching(Fixed(), heard).look()
    assert SourceReport("router", EVENING, 7.0, (BY_MAC,)) == heard.next()


def test_nobody_seen_is_reported_too():
    heard = Heard()
    watching(Fixed([[]]), heard).look()
    assert SourceReport("router", EVENING, 7.0) == heard.next()


def test_others_devices_are_nobodys_business():
    heard = Heard()
    watching(Fixed([[Observation(mac="a4:83:e7:00:00:0b"), Observation(host="tv")]]), heard).look()
    assert SourceReport("router", EVENING, 7.0) == heard.next()


def test_a_failure_is_told_once_and_another_one_too():
    heard, told = Heard(), []
    no, why = PresenceTrouble("no answer"), PresenceTrouble("wrong password")
    watch = watching(Fixed([no, no, why, why, [Observation(mac=MAC)], no]), heard, tell=told.append)
    for _ in range(6):
        watch.look()
    assert [
        SourceFailed("router", "no answer", EVENING, 7.0),
        SourceFailed("router", "wrong password", EVENING, 7.0),
        SourceReport("router", EVENING, 7.0, (BY_MAC,)),
        SourceFailed("router", "no answer", EVENING, 7.0),
    ] == [heard.get_nowait() for _ in range(heard.qsize())]
    assert ["no answer", "no answer", "wrong password", "wrong password", None, "no answer"] == told


def test_who_fails_is_asked_ever_less_often_and_as_before_once_it_works():
    watch = watching(Fixed([PresenceTrouble("no")] * 4), Heard(), every=10)
    pauses = [watch.pause()]
    for _ in range(5):
        watch.look()
        pauses.append(watch.pause())
    assert [10, 10, 20, 40, 40, 10] == pauses


def test_looking_again_is_done_at_once_and_thoroughly():
    heard, source = Heard(), Fixed()
    watch = watching(source, heard)
    with at_work(watch):
        first = heard.next()
        watch.look_again()
        second = heard.next()
    assert [False, True] == [first.asked, second.asked]  # type: ignore[union-attr] # both are reports
    assert [False, True] == source.asked


def test_a_source_that_fails_when_asked_says_so_each_time():
    heard = Heard()
    watch = watching(Fixed([PresenceTrouble("no")] * 2), heard)
    watch.look()
    watch.look_again()
    watch.look()
    assert 2 == heard.qsize()


def test_news_are_reported_at_once():
    heard = Heard()
    watch = watching(Fixed([[]]), heard)
    with at_work(watch):
        assert () == heard.next().seen  # type: ignore[union-attr] # a report
        watch.heard()
        assert (BY_MAC,) == heard.next().seen  # type: ignore[union-attr]


def test_a_source_that_hangs_holds_up_nobody_and_can_be_stopped():
    heard, endless = Heard(), Endless()
    with at_work(watching(endless, heard)):
        assert endless.begun.wait(WITHIN)
        with at_work(watching(Fixed(), heard)):
            assert (BY_MAC,) == heard.next().seen  # type: ignore[union-attr] # a report
    assert heard.empty()  # a look that was cut short tells nothing


def test_twins_are_told_once(caplog: pytest.LogCaptureFixture):
    twins = [Observation(mac=MAC, host="iphone"), Observation(mac=f"{MAC[:-1]}b", host="iphone")]
    watch = watching(Fixed([twins, twins]), Heard())
    watch.matcher = Matcher([Device("ann-phone", host="iphone")])
    watch.look()
    watch.look()
    assert 1 == len(caplog.messages)
    assert "2 devices call themselves 'iphone'" in caplog.messages[0]


def test_the_programs_parts_report_from_settings(tmp_path: Path):
    """Two sources: one works, one has no file. Leases that only give names report nothing."""
    end = 4_000_000_000
    (tmp_path / "a").write_text(f"{end} {MAC} 192.168.1.10 anns-iphone *\n")
    presence = PresenceSettings.model_validate({
        "people": {"Ann": {"devices": [{"name": "ann-phone", "host": "anns-iphone"}]}},
        "sources": [
            {"kind": "leases", "name": "a", "file": str(tmp_path / "a"), "says_who_is_home": True},
            {"kind": "leases", "name": "b", "file": str(tmp_path / "b"), "says_who_is_home": True},
            {"kind": "leases", "name": "names", "file": str(tmp_path / "a")},
        ],
    })  # fmt: skip
    heard, health = Heard(), HealthBoard()
    parts = make_presence(
        presence, heard.put, lambda part: lambda why: health.noted(part, why or "fine"), health
    )
    for worker in parts.workers:
        worker.start()
    try:
        found = {one.source: one for one in (heard.next(), heard.next())}
        parts.look_again()
        assert until(lambda: heard.qsize() >= 2)
    finally:
        for worker in parts.workers:
            worker.ask_to_stop()
        assert all(worker.join(WITHIN) for worker in parts.workers)
    assert isinstance(found["b"], SourceFailed)
    assert "does not exist" in found["b"].why
    assert isinstance(found["a"], SourceReport)
    assert ["ann-phone"] == [one.device for one in found["a"].seen]
    assert {"a", "b"} == set(parts.watches)


def test_a_real_source_comes_and_goes_with_its_file(tmp_path: Path):
    file, heard = tmp_path / "dnsmasq.leases", Heard()
    watch = watching(Leases(file=file), heard)
    watch.look()
    file.write_text(f"4000000000 {MAC} 192.168.1.10 * *\n")
    watch.look()
    assert isinstance(heard.next(), SourceFailed)
    assert ["ann-phone"] == [one.device for one in heard.next().seen]  # type: ignore[union-attr]
