"""What is queued is copied, in the right order, and nothing is deleted that has no copy."""

import logging
import os
import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.storage.archiving import DAY, House
from tests.storage.making import EVENING, alert
from whosthere.core.messages import Kept
from whosthere.storage.archive.folder import MARK, SUMS
from whosthere.storage.archive.things import Kind

needs_root = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("mount") is None, reason="only root can mount a small disk"
)
FIRST = f"{DAY}/20260101T220001000-front"


def test_a_picture_is_queued_in_the_transaction_that_remembers_it(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        house.visit(1, clip=b"film")
        waiting = {one.thing.name: one.thing for one in house.outbox.waiting()}
        assert {f"{FIRST}.jpg", f"{FIRST}.mp4"} == set(waiting)
        assert Kind.CLIPS == waiting[f"{FIRST}.mp4"].kind
        assert "front" == waiting[f"{FIRST}.jpg"].camera


def test_without_an_archive_nothing_is_queued(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        house.outbox.wish_nothing()
        house.visit(1, clip=b"film")
        assert [] == house.outbox.waiting()


def test_only_what_was_asked_for_is_queued(tmp_path: Path) -> None:
    with House(tmp_path, what=["clips"]) as house:
        house.visit(1, clip=b"film")
        house.steps_until_idle()
        assert [f"{FIRST}.mp4"] == house.there()


def test_pictures_and_clips_of_incidents_arrive(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        house.visit(1, clip=b"film")
        house.steps_until_idle()
        assert [f"{FIRST}.jpg", f"{FIRST}.mp4"] == house.there()
        assert b"film" == house.content(f"{FIRST}.mp4")
        assert {"done"} == set(house.states().values())
        assert [] == house.troubles


def test_what_was_there_before_the_archive_is_found_by_a_scan(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        house.outbox.wish_nothing()
        house.visit(1, clip=b"film")
        house.outbox.wish(house.settings.place, house.settings.what)
        house.steps_until_idle()
        assert [f"{FIRST}.jpg", f"{FIRST}.mp4"] == house.there()


def test_examples_go_with_what_lies_beside_them(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        house.write("examples/2026/01/01/20260101T220001000-front.jpg", b"picture")
        sidecar = house.write("examples/2026/01/01/20260101T220001000-front.json", b'{"a": 1}')
        house.write("examples/2026/01/01/.half.unfinished", b"not yet")
        house.step(5)
        assert 2 == len(house.there("examples/"))
        house.write(sidecar, b'{"a": 2}')  # tagged otherwise
        house.clock.wait(3600)
        house.step(5)
        versions = [key for key in house.there("examples/") if key.endswith(".json")]
        assert [b'{"a": 1}', b'{"a": 2}'] == sorted(map(house.content, versions))


def test_an_incident_that_goes_on_waits_unless_people_were_told(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        house.visit(1, over=False)
        house.visit(2, over=False, told=True)
        house.step(4)
        assert [f"{DAY}/20260101T220002000-front.jpg"] == house.there()


def test_without_at_once_an_alert_waits_for_the_end_too(tmp_path: Path) -> None:
    with House(tmp_path, at_once=False) as house:
        house.visit(1, over=False, told=True)
        house.step(4)
        assert [] == house.there()


def test_an_alerts_picture_goes_before_all_else(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        house.visit(1, clip=b"old film")
        house.visit(2, clip=b"film", told=True)
        order = []
        for _ in range(4):
            house.step()
            order.append(next(key for key in house.there() if key not in order))
        assert ["02000-front.jpg", "02000-front.mp4"] == [key[-15:] for key in order[:2]]


def test_a_better_picture_is_copied_beside_the_first_and_nobody_is_alarmed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with House(tmp_path) as house:
        one = house.visit(1, over=False, told=True)
        house.step(2)
        house.picture(one, b"a better one")
        house.step(2)
        assert 1 == len(house.there())  # not again while it goes on
        house.visit(1)
        house.picture(one, b"a better one")
        house.steps_until_idle()
        first, better = house.there()
        assert (f"{FIRST}.jpg", b"picture 1") == (first, house.content(first))
        assert b"a better one" == house.content(better)
        assert better.startswith(f"{FIRST}~")
        assert [] == caplog.records


def test_another_file_of_the_same_name_is_told_and_not_overwritten(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with House(tmp_path) as house:
        there = tmp_path / "nas" / f"{FIRST}.jpg"
        there.parent.mkdir(parents=True)
        there.write_bytes(b"of another house")
        house.visit(1)
        house.steps_until_idle()
        assert b"of another house" == there.read_bytes()
        assert 2 == len(house.there())
        assert "is there already" in caplog.text


def test_an_equal_copy_that_is_there_counts(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        there = tmp_path / "nas" / f"{FIRST}.jpg"
        there.parent.mkdir(parents=True)
        there.write_bytes(b"picture 1")
        house.visit(1)
        house.steps_until_idle()
        assert [f"{FIRST}.jpg"] == house.there()


def test_a_file_that_was_deleted_first_is_told_and_holds_nothing_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with House(tmp_path) as house:
        house.visit(1)
        house.visit(2)
        (house.data / f"{FIRST}.jpg").unlink()
        house.steps_until_idle()
        assert [f"{DAY}/20260101T220002000-front.jpg"] == house.there()
        assert "deleted before it was copied" in caplog.text
        assert "gone" == house.states()["20260101T220001000-front.jpg"]


def test_a_file_that_cannot_be_read_waits_and_others_go_on(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        house.visit(1)
        house.visit(2)
        bad = house.data / f"{FIRST}.jpg"
        bad.unlink()
        bad.mkdir()
        house.step(6)
        assert [f"{DAY}/20260101T220002000-front.jpg"] == house.there()
        bad.rmdir()
        bad.write_bytes(b"again")
        house.clock.wait(4000)
        house.steps_until_idle()
        assert b"again" == house.content(f"{FIRST}.jpg")


def test_a_link_out_of_the_data_folder_is_not_followed(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        house.visit(1)
        secret = tmp_path / "secret"
        secret.write_text("not for the archive")
        link = house.data / f"{FIRST}.jpg"
        link.unlink()
        link.symlink_to(secret)
        house.steps_until_idle()
        assert [] == house.there()


def test_later_files_of_a_long_clip_are_found(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        house.visit(1, clip=b"film")
        part = house.data / house.write(f"{FIRST}_part2.mp4", b"the rest")
        settled = house.clock.now().timestamp() - 90
        os.utime(part, (settled, settled))
        house.step(5)
        assert b"the rest" == house.content(f"{FIRST}_part2.mp4")


def test_an_archive_that_is_away_is_told_once_and_tried_ever_more_patiently(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with House(tmp_path) as house:
        house.visit(1)
        (tmp_path / "nas" / MARK).rename(tmp_path / "aside")
        began = house.clock()
        pauses = []
        for _ in range(24):
            before = house.clock()
            house.step()
            pauses.append(house.clock() - before)
        assert 1 == caplog.text.count("is not the folder that it was")
        waits = [pause for pause in pauses if pause]
        assert waits[0] < 3
        assert 500 < max(waits) < 1100
        assert house.clock() - began < 3 * 3600
        (tmp_path / "aside").rename(tmp_path / "nas" / MARK)
        house.steps_until_idle()
        assert [f"{FIRST}.jpg"] == house.there()
        assert house.troubles[-1] is None
        assert "works again" in caplog.text


def test_an_empty_mount_point_is_not_taken_for_the_archive(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        house.visit(1)
        (tmp_path / "nas" / MARK).unlink()
        house.step(3)
        assert [] == [path for path in (tmp_path / "nas").rglob("*") if path.is_file()]
        assert "mounted" in str(house.troubles[-1])


def test_an_alert_ends_the_pause(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        house.visit(1)
        (tmp_path / "nas" / MARK).unlink()
        house.step(12)  # the pause is long by now
        house.uploading.step()
        pause = house.uploading.step()
        assert pause > 20
        (tmp_path / "nas" / MARK).touch()
        house.visit(2, told=True)
        house.uploading.wake()
        house.uploading.step()
        assert [f"{DAY}/20260101T220002000-front.jpg"] == house.there()


def test_with_another_archive_all_is_copied_there_too(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        house.visit(1)
        house.steps_until_idle()
    with House(tmp_path) as house:
        house.outbox.wish("folder another", house.settings.what)
        assert [f"{FIRST}.jpg"] == [one.thing.name for one in house.outbox.waiting()]


@needs_root
def test_a_full_disk_over_there_is_told_and_what_fits_is_whole(tmp_path: Path) -> None:
    nas = tmp_path / "nas"
    nas.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", nas], check=True)
    try:
        with House(tmp_path) as house:
            house.visit(1, clip=b"x" * 600_000)
            house.step(4)
            assert [f"{FIRST}.jpg"] == house.there()
            assert "Make room there" in str(house.troubles[-1])
            assert [] == list(nas.rglob("*.unfinished"))
            subprocess.run(["mount", "-o", "remount,size=4m", nas], check=True)
            house.steps_until_idle()
            assert 600_000 == len(house.content(f"{FIRST}.mp4"))
            assert house.troubles[-1] is None
    finally:
        subprocess.run(["umount", nas], check=True)


def test_a_disk_here_without_room_for_nightly_copies_is_told_and_gets_over_it(
    tmp_path: Path,
) -> None:
    with House(tmp_path) as house:
        house.visit(1)
        house.store.tidy(house.clock.now(), incident_days=365)
        (house.data / "outgoing").write_text("in the way, as a full disk is")
        house.step(4)
        assert "cannot be written" in str(next(one for one in house.troubles if one))
        assert [f"{FIRST}.jpg"] == house.there()
        assert house.troubles[-1] is None
        (house.data / "outgoing").unlink()
        house.clock.wait(3600)
        house.step(4)
        assert 1 == len(house.there("database/"))


# --- deleting here


def test_nothing_is_deleted_here_unless_asked(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        house.visit(1, clip=b"film")
        house.steps_until_idle()
        house.tending(EVENING + timedelta(days=1000))
        assert (house.data / f"{FIRST}.mp4").exists()


def test_copied_files_go_here_after_their_days(tmp_path: Path) -> None:
    with House(tmp_path, delete_local_after_days=1) as house:
        one = house.visit(1, clip=b"film")
        house.steps_until_idle()
        house.tending(house.clock.now() + timedelta(hours=23))
        assert (house.data / f"{FIRST}.mp4").exists()
        house.tending(house.clock.now() + timedelta(hours=25))
        assert not (house.data / f"{FIRST}.mp4").exists()
        known = house.store.incident(one.id)
        assert known is not None
        assert (None, None) == (known.picture, known.recording)
        assert b"film" == house.content(f"{FIRST}.mp4")


def test_a_clock_that_is_years_ahead_deletes_nothing_here_or_there(tmp_path: Path) -> None:
    with House(tmp_path, delete_local_after_days=1, prune=True) as house:
        house.visit(1, clip=b"film")
        house.steps_until_idle()
        ledger = tmp_path / "nas/ledger/2026/01/01/ledger.db"
        ledger.parent.mkdir(parents=True)
        ledger.write_bytes(b"numbers")
        believed = house.clock.now()
        ahead = believed + timedelta(days=5 * 365)
        replace(house.tending, age=lambda: believed)(ahead)
        assert (house.data / f"{FIRST}.mp4").exists()
        assert ledger.exists()
        house.tending(ahead)
        assert not (house.data / f"{FIRST}.mp4").exists()
        assert not ledger.exists()


def test_files_that_came_back_are_named_again_and_their_days_count_anew(tmp_path: Path) -> None:
    with House(tmp_path, delete_local_after_days=1) as house:
        one = house.visit(1, clip=b"film")
        house.steps_until_idle()
        house.clock.seconds += 2 * 86400
        later = house.clock.now()
        house.tending(later)
        for ending, content in (("mp4", b"film"), ("jpg", b"picture 1")):
            house.write(f"{FIRST}.{ending}", content)
        house.outbox.returned([f"{FIRST}.mp4", f"{FIRST}.jpg"], later)
        known = house.store.incident(one.id)
        assert known is not None
        assert (f"{FIRST}.jpg", f"{FIRST}.mp4") == (known.picture, known.recording)
        house.steps_until_idle()
        house.tending(later + timedelta(hours=23))
        assert (house.data / f"{FIRST}.mp4").exists()
        house.tending(later + timedelta(hours=30))
        assert not (house.data / f"{FIRST}.mp4").exists()
        assert 2 == len(house.there())


@pytest.mark.parametrize("spoilt", [b"", b"flim"], ids=["shorter", "other"])
def test_a_file_whose_copy_is_spoilt_or_away_stays_and_is_sent_again(
    tmp_path: Path, spoilt: bytes
) -> None:
    with House(tmp_path, delete_local_after_days=0) as house:
        house.visit(1, clip=b"film")
        house.steps_until_idle()
        (tmp_path / "nas" / f"{FIRST}.mp4").write_bytes(spoilt)
        (tmp_path / "nas" / f"{FIRST}.jpg").unlink()
        house.tending(house.clock.now() + timedelta(hours=1))
        assert (house.data / f"{FIRST}.mp4").exists()
        assert (house.data / f"{FIRST}.jpg").exists()
        house.steps_until_idle()
        assert b"picture 1" == house.content(f"{FIRST}.jpg")
        assert b"film" in [house.content(key) for key in house.there() if ".mp4" in key]


def test_a_file_that_an_alert_has_yet_to_show_stays(tmp_path: Path) -> None:
    with House(tmp_path, delete_local_after_days=0) as house:
        house.visit(1)
        house.remember(alert(1), alert(1, revision=2, file=f"{FIRST}.jpg"))
        house.steps_until_idle()
        house.tending(house.clock.now() + timedelta(hours=1))
        assert (house.data / f"{FIRST}.jpg").exists()
        for delivery, _ in house.store.waiting("console"):
            house.store.sending(delivery)
            house.store.sent(delivery)
        house.tending(house.clock.now() + timedelta(hours=1))
        assert not (house.data / f"{FIRST}.jpg").exists()


def test_a_clip_stays_until_its_later_files_are_copied_too(tmp_path: Path) -> None:
    with House(tmp_path, delete_local_after_days=0) as house:
        house.visit(1, clip=b"film")
        house.steps_until_idle()
        part = house.data / house.write(f"{FIRST}_part2.mp4", b"the rest")
        settled = house.clock.now().timestamp() - 90
        os.utime(part, (settled, settled))
        house.tending(house.clock.now() + timedelta(hours=1))
        assert (house.data / f"{FIRST}.mp4").exists()
        house.steps_until_idle()
        house.tending(house.clock.now() + timedelta(hours=1))
        assert [] == list((house.data / DAY).iterdir())


def test_examples_are_never_deleted_here(tmp_path: Path) -> None:
    with House(tmp_path, delete_local_after_days=0) as house:
        name = house.write("examples/2026/01/01/one.jpg", b"picture")
        house.step(5)
        house.tending(house.clock.now() + timedelta(days=400))
        assert (house.data / name).exists()


def test_a_kept_picture_after_that_is_another_file(tmp_path: Path) -> None:
    with House(tmp_path, delete_local_after_days=0) as house:
        one = house.visit(1)
        house.steps_until_idle()
        house.tending(house.clock.now() + timedelta(hours=1))
        name = house.write(f"{FIRST}.jpg", b"found late")
        house.store.remember([Kept(one, picture=name)])
        house.steps_until_idle()
        assert [b"found late", b"picture 1"] == sorted(map(house.content, house.there()))


def test_a_folder_can_be_compared_without_us(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        house.visit(1, clip=b"film")
        house.steps_until_idle()
    lines = (tmp_path / "nas" / DAY / SUMS).read_text().splitlines()
    assert 2 == len(lines)
    assert all(len(line.split("  ")[0]) == 64 for line in lines)
