"""From an incident to its files, as the house asks for them."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.recording.living import CAMERA, House, Pixels, incident, over, sighting
from tests.recording.making import packets_of, picture, play
from whosthere.core.messages import Kept
from whosthere.core.ports import Recorder
from whosthere.recording.left_behind import left_behind
from whosthere.recording.settings import Recorded

DAY = "incidents/2026/11/22"
CLIP = f"{DAY}/20261122T235950000-one.mp4"


@pytest.fixture
def house(tmp_path: Path, h264: Path) -> House:
    return House(tmp_path, h264)


def begin_of(house: House, data: bytes) -> float:
    return next(packet.clock for packet in packets_of(house.video) if packet.data == data)


def test_a_visit_becomes_a_clip_from_before_it_until_after_it(house: House) -> None:
    recorder = house.recorder(pre_roll_seconds=3, post_roll_seconds=4)
    visit = incident(motion=7.5, seen=11.0)
    start, end = partial(recorder.record, visit), partial(recorder.record, over(visit))
    house.play(20, (9.0, start), (13.0, end))
    assert house.kept == [Kept(over(visit), recording=CLIP)]
    played = play(house.folder / CLIP)
    begin = begin_of(house, played.packets[0])
    assert 7.5 - 3 - 2 < begin <= 7.5 - 3
    assert begin_of(house, played.packets[-1]) == pytest.approx(11 + 4, abs=0.1)
    assert played.keys[0]
    assert played.duration == pytest.approx(15 - begin, abs=0.1)


def test_a_recorder_is_what_the_core_asks_for(house: House) -> None:
    recorder: Recorder = house.recorder()
    assert recorder is not None


def test_asking_returns_at_once_and_only_pumping_works(house: House) -> None:
    recorder = house.recorder()
    house.play(8)
    recorder.record(incident(5, 6))
    pixels = Pixels(picture(1, 320, 180))
    recorder.keep_picture(incident(5, 6), sighting(6, pixels))
    assert (pixels.asked, house.kept, list(house.folder.iterdir())) == (0, [], [])


def test_an_incident_told_when_all_is_over_is_recorded_from_the_ring(house: House) -> None:
    recorder = house.recorder(post_roll_seconds=1)
    house.play(12)
    recorder.record(over(incident(motion=7.0, seen=9.0)))
    recorder.pump()
    assert [kept.recording for kept in house.kept] == [CLIP]


def test_two_incidents_of_one_camera_may_overlap(house: House) -> None:
    recorder = house.recorder(pre_roll_seconds=2, post_roll_seconds=4)
    one, two = incident(4.0, 6.0), incident(8.5, 9.0, "two")
    calls: list[tuple[float, Callable[[], None]]] = [
        (5.0, partial(recorder.record, one)),
        (8.0, partial(recorder.record, over(one))),
        (9.4, partial(recorder.record, two)),
        (11.0, partial(recorder.record, over(two))),
    ]
    house.play(20, *calls)
    assert [kept.incident.id[-3:] for kept in house.kept] == ["one", "two"]
    first, second = (play(house.folder / str(kept.recording)) for kept in house.kept)
    assert begin_of(house, first.packets[-1]) > begin_of(house, second.packets[0])
    assert len(first.packets) == len(first.shown)
    assert len(second.packets) == len(second.shown)


def test_a_camera_lost_in_the_middle_leaves_a_whole_clip(house: House) -> None:
    recorder = house.recorder()
    house.play(11, (7.0, partial(recorder.record, incident(6.0, 10.9))))
    house.wait(13.5)
    held = play(house.folder / CLIP)  # on disk already, though nobody closed it
    assert begin_of(house, held.packets[-1]) == pytest.approx(11, abs=0.1)
    house.wait(25)
    assert [kept.recording for kept in house.kept] == [CLIP]
    assert play(house.folder / CLIP).packets == held.packets


def test_a_camera_that_comes_back_goes_on_in_a_next_file(house: House) -> None:
    recorder = house.recorder()
    visit = incident(6.0, 8.0)
    house.play(8, (7.0, partial(recorder.record, visit)))
    house.wait(19)
    house.late = 12.0
    house.play(25, since=19.0)
    recorder.finish(1)
    assert [kept.recording for kept in house.kept] == [CLIP]
    assert play(house.folder / CLIP.replace(".mp4", "_part2.mp4")).keys[0]


def test_an_end_without_packets_is_known_by_the_clock(house: House) -> None:
    recorder = house.recorder(post_roll_seconds=3)
    visit = incident(6.0, 9.0)
    house.play(10, (7.0, partial(recorder.record, visit)))
    recorder.record(over(visit))
    house.wait(13.9)
    assert house.kept == []
    house.wait(14.1)
    assert [kept.recording for kept in house.kept] == [CLIP]


def test_a_long_incident_is_told_when_its_first_file_is_done(house: House) -> None:
    recorder = house.recorder(longest_seconds=6, pre_roll_seconds=2)
    house.play(16, (5.0, partial(recorder.record, incident(4.0, 15.0))))
    assert [kept.recording for kept in house.kept] == [CLIP]
    house.play(20, since=16)
    recorder.finish(1)
    parts = sorted(path.name for path in (house.folder / DAY).iterdir())
    stem = "20261122T235950000-one"
    assert [f"{stem}.mp4", f"{stem}_part2.mp4", f"{stem}_part3.mp4"] == parts
    assert len(house.kept) == 1


@pytest.mark.parametrize(
    ("which", "alert", "recorded"),
    [
        (Recorded.INCIDENTS, None, [CLIP]),
        (Recorded.ALERTS, None, []),
        (Recorded.ALERTS, "alert", [CLIP]),
        (Recorded.NOTHING, "alert", []),
    ],
)
def test_only_what_is_wanted_is_recorded(
    which: Recorded, alert: str | None, recorded: list[str], house: House
) -> None:
    recorder = house.recorder(which=which)
    visit = incident(6.0, 9.0)
    told = replace(visit, alert_id=alert)
    calls = [partial(recorder.record, one) for one in (visit, told, over(told))]
    house.play(20, *zip((7.0, 8.0, 11.0), calls, strict=True))
    assert [one.recording for one in house.kept] == recorded


def test_with_alerts_only_the_pre_roll_still_covers_the_beginning(house: House) -> None:
    recorder = house.recorder(which=Recorded.ALERTS, pre_roll_seconds=2)
    told = replace(incident(motion=6.0, seen=13.0), alert_id="alert")
    house.play(18, (13.0, partial(recorder.record, told)))
    recorder.finish(1)
    assert begin_of(house, play(house.folder / CLIP).packets[0]) <= 4.0


def test_a_camera_without_packets_has_pictures_only(house: House) -> None:
    recorder = house.recorder()
    snapshots = replace(incident(1.0, 2.0), camera="snapshots")
    recorder.record(snapshots)
    recorder.keep_picture(snapshots, sighting(1))
    recorder.pump()
    recorder.finish(1)
    assert [kept.recording for kept in house.kept] == [None]
    assert house.kept[0].picture is not None


def test_a_picture_is_kept_as_it_was_and_with_boxes(house: House) -> None:
    recorder = house.recorder()
    visit = incident(1.0, 2.0)
    recorder.keep_picture(visit, sighting(1))
    recorder.pump()
    (kept,) = house.kept
    stem = f"{DAY}/20261122T235950000-one"
    assert kept == Kept(visit, picture=f"{stem}.jpg", picture_with_boxes=f"{stem}_boxes.jpg")
    plain = cv2.imread(str(house.folder / f"{stem}.jpg"))
    boxed = cv2.imread(str(house.folder / f"{stem}_boxes.jpg"))
    assert plain is not None
    assert boxed is not None
    original = picture(1, 320, 180).astype(np.int16)
    assert np.abs(plain.astype(np.int16) - original).mean() < 4
    assert boxed[:16, :, 2].mean() > 200  # drawn on …
    assert np.abs(boxed[40:].astype(np.int16) - original[40:]).mean() < 4  # … a copy


def test_only_the_best_picture_so_far_is_encoded(house: House) -> None:
    recorder = house.recorder()
    visit, other = incident(1.0, 2.0), incident(1.0, 2.0, "other")
    shown = [Pixels(picture(number, 320, 180)) for number in range(4)]
    for number, pixels in enumerate(shown[:3]):
        recorder.keep_picture(visit, sighting(number, pixels))
    recorder.keep_picture(other, sighting(3, shown[3]))
    recorder.pump()
    recorder.pump()
    assert [0, 0, 1, 1] == [pixels.asked for pixels in shown]
    assert len(house.kept) == 2


def test_a_better_picture_replaces_the_one_before(house: House) -> None:
    recorder = house.recorder()
    visit = incident(1.0, 2.0)
    for number in (0, 40):
        recorder.keep_picture(visit, sighting(number))
        recorder.pump()
    kept = cv2.imread(str(house.folder / str(house.kept[-1].picture)))
    assert kept is not None
    assert np.abs(kept.astype(np.int16) - picture(40, 320, 180)).mean() < 4
    assert len(list((house.folder / DAY).iterdir())) == 2  # nothing unfinished stays


def test_a_sighting_without_its_frame_is_no_picture(house: House) -> None:
    recorder = house.recorder()
    recorder.keep_picture(incident(1.0, 2.0), replace(sighting(1), frame=None))
    recorder.pump()
    assert house.kept == []


def test_a_finished_clip_gets_a_preview(house: House) -> None:
    recorder = house.recorder(preview=True)
    visit = incident(6.0, 11.0)
    start, end = partial(recorder.record, visit), partial(recorder.record, over(visit))
    house.play(20, (7.0, start), (13.0, end))
    recorder.finish(30)
    clip, preview = house.kept
    assert clip.recording == CLIP
    assert preview == Kept(over(visit), preview=CLIP.replace(".mp4", "_preview.gif"))


def test_finishing_closes_what_is_open(house: House) -> None:
    recorder = house.recorder(preview=True)
    house.play(10, (7.0, partial(recorder.record, incident(6.0, 9.0))))
    recorder.finish(0.0)
    assert [kept.recording for kept in house.kept] == [CLIP]  # and no time for a preview
    played = play(house.folder / CLIP)
    assert begin_of(house, played.packets[-1]) == pytest.approx(10, abs=0.1)
    recorder.finish(0.0)
    assert len(house.kept) == 1


def test_what_cannot_be_read_is_no_clip_and_no_crash(house: House) -> None:
    recorder = house.recorder()
    for packet in packets_of(house.video):
        unknown = replace(packet.stream, codec="no such codec")
        house.ring.add(replace(packet, stream=unknown))
    recorder.record(incident(6.0, 9.0))
    recorder.pump()
    recorder.pump()
    recorder.finish(1)
    assert house.kept == []
    assert house.troubles == []


def test_files_that_a_power_cut_left_behind_are_found(house: House) -> None:
    recorder = house.recorder()
    visit = incident(6.0, 9.0)
    assert left_behind(house.folder, visit) is None
    house.play(12, (7.0, partial(recorder.record, visit)))  # and never an end
    assert left_behind(house.folder, visit) == Kept(visit, recording=CLIP)
    assert left_behind(house.folder, replace(visit, recording=CLIP)) is None
    recorder.finish(1)


def test_names_are_safe_whatever_an_incident_is_called(house: House) -> None:
    recorder = house.recorder()
    evil = replace(incident(1.0, 2.0), id="../../../etc/pass wd\0", camera=CAMERA)
    recorder.keep_picture(evil, sighting(1))
    recorder.pump()
    assert house.kept[0].picture == f"{DAY}/_.._.._etc_pass_wd_.jpg"
