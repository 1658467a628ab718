"""What is deleted when, and what never."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whosthere.recording.retention import Deleted, IncidentFiles, Limits, delete, plan, size_of

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ALL = Limits(days=30, tagged_days=365, most_bytes=10**12, least_free_bytes=0)
FOLDER = "incidents/2026/11/01"


def one(
    name: str,
    days: float = 1,
    size: int = 100,
    *,
    tagged: bool = False,
    alerted: bool = False,
    running: bool = False,
) -> IncidentFiles:
    ended = None if running else NOW - timedelta(days=days)
    return IncidentFiles(name, (f"{FOLDER}/{name}.mp4",), size, ended, tagged, alerted)


def limits(most_bytes: int = 10**12, least_free_bytes: int = 0) -> Limits:
    return Limits(30, 365, most_bytes, least_free_bytes)


MIXED = [
    one("tagged alert", 9, tagged=True, alerted=True),
    one("tagged", 8, tagged=True),
    one("young alert", 3, alerted=True),
    one("old alert", 7, alerted=True),
    one("young", 1),
    one("old", 5),
    one("running", running=True),
]
ORDER = ["old", "young", "old alert", "young alert", "tagged", "tagged alert"]


def names_of(doomed: list[IncidentFiles]) -> list[str]:
    return [one.incident_id for one in doomed]


@pytest.mark.parametrize("count", range(7))
def test_to_keep_the_size_the_oldest_untagged_go_first_and_tagged_ones_last(count: int) -> None:
    doomed = plan(MIXED, limits(most_bytes=700 - 100 * count), NOW, free_bytes=10**12)
    assert ORDER[:count] == names_of(doomed)


@pytest.mark.parametrize("count", range(7))
def test_to_keep_room_on_the_disk_the_same_go(count: int) -> None:
    doomed = plan(MIXED, limits(least_free_bytes=1000), NOW, free_bytes=1000 - 100 * count + 1)
    assert ORDER[: max(0, count)] == names_of(doomed)


@pytest.mark.parametrize(
    ("kept", "doomed"),
    [
        (one("a", 29.9), []),
        (one("a", 30.1), ["a"]),
        (one("a", 30.1, alerted=True), ["a"]),
        (one("a", 364.9, tagged=True), []),
        (one("a", 365.1, tagged=True), ["a"]),
        (one("a", running=True), []),
    ],
)
def test_age(kept: IncidentFiles, doomed: list[str]) -> None:
    assert doomed == names_of(plan([kept], ALL, NOW, free_bytes=1))


def test_what_is_too_old_counts_as_room_already() -> None:
    kept = [one("ancient", 40, alerted=True), one("young")]
    assert ["ancient"] == names_of(plan(kept, limits(most_bytes=100), NOW, free_bytes=1))


def test_incidents_without_files_are_not_asked_about() -> None:
    bare = IncidentFiles("a", (), 0, NOW - timedelta(days=99), tagged=False, alerted=False)
    assert plan([bare], limits(most_bytes=0), NOW, free_bytes=0) == []


@given(
    st.lists(
        st.builds(
            one,
            st.uuids().map(str),
            st.floats(0, 400),
            st.integers(0, 1000),
            tagged=st.booleans(),
            alerted=st.booleans(),
            running=st.booleans(),
        )
    ),
    st.integers(0, 5000),
    st.integers(0, 5000),
)
def test_the_plan_keeps_the_limits_with_no_more_than_it_needs(
    kept: list[IncidentFiles], most: int, free: int
) -> None:
    rules = limits(most_bytes=most, least_free_bytes=2500)
    doomed = plan(kept, rules, NOW, free)
    left = [one for one in kept if one not in doomed]
    freed = sum(one.size for one in doomed)
    enough = sum(one.size for one in left) <= most and free + freed >= 2500
    assert enough or all(one.ended is None for one in left)
    too_old = plan(kept, ALL, NOW, 10**12)
    assert doomed[: len(too_old)] == too_old
    extra = doomed[len(too_old) :]
    before_last = freed - extra[-1].size if extra else 0
    needed = max(sum(one.size for one in kept) - most, 2500 - free)
    assert before_last < max(needed, 1)


def files(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(100))


def kept(*names: str) -> IncidentFiles:
    return IncidentFiles("one", names, 0, NOW, tagged=False, alerted=False)


def test_what_is_deleted_is_told_so_that_the_store_forgets_it(tmp_path: Path) -> None:
    clip, picture = f"{FOLDER}/one.mp4", f"{FOLDER}/one.jpg"
    preview, gone = f"{FOLDER}/one_preview.gif", f"{FOLDER}/one_boxes.jpg"
    files(tmp_path, clip, picture, preview, f"{FOLDER}/two.mp4")
    assert size_of(tmp_path, [clip, picture, gone]) == 200
    assert list(delete(tmp_path, [kept(clip, picture, preview, gone)])) == [
        Deleted("one", (clip, picture, preview, gone), 300)
    ]
    assert [path.name for path in tmp_path.rglob("*.*")] == ["two.mp4"]


def test_later_parts_of_a_clip_go_with_it(tmp_path: Path) -> None:
    clip = f"{FOLDER}/one.mp4"
    parts = [f"{FOLDER}/one_part{n}.mp4" for n in (2, 3, 10)]
    others = [
        f"{FOLDER}/one_part2.mp4.bak",
        f"{FOLDER}/one_partner.mp4",
        f"{FOLDER}/one2_part2.mp4",
    ]
    files(tmp_path, clip, *parts, *others)
    assert size_of(tmp_path, [clip]) == 400
    assert list(delete(tmp_path, [kept(clip)])) == [Deleted("one", (clip,), 400)]
    assert sorted(path.name for path in (tmp_path / FOLDER).iterdir()) == sorted(
        Path(name).name for name in others
    )


def test_empty_folders_go_and_others_stay(tmp_path: Path) -> None:
    other = "incidents/2026/10/31/two.mp4"
    files(tmp_path, f"{FOLDER}/one.mp4", other)
    list(delete(tmp_path, [kept(f"{FOLDER}/one.mp4")]))
    assert not (tmp_path / "incidents/2026/11").exists()
    list(delete(tmp_path, [kept(other)]))
    assert [path.name for path in tmp_path.iterdir()] == ["incidents"]


@pytest.mark.parametrize(
    "name",
    [
        "../holiday.mp4",
        "holiday.mp4",
        "incidents/holiday.mp4",
        "incidents/2026/11/01/../../../../holiday.mp4",
        "incidents/2026/11/01/holiday.mov",
        "incidents/2026/11/01/.hidden.mp4",
        "incidents/2026/11/01/one.mp4\n",
        "incidents/\uff12\uff10\uff12\uff16/11/01/one.mp4",
        "/etc/passwd",
        "whosthere.db",
        "",
    ],
)
def test_nothing_is_deleted_under_a_name_that_is_not_ours(name: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    files(data, f"{FOLDER}/one.mp4", "whosthere.db", "holiday.mp4", "incidents/holiday.mp4")
    files(data, f"{FOLDER}/holiday.mov", f"{FOLDER}/.hidden.mp4")
    files(tmp_path, "holiday.mp4")
    before = sorted(tmp_path.rglob("*"))
    assert list(delete(data, [kept(name)])) == []
    assert before == sorted(tmp_path.rglob("*"))


def test_what_lies_behind_a_link_is_left_alone(tmp_path: Path) -> None:
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    files(elsewhere, "one.mp4", "two.mp4")
    (data / "incidents/2026/11").mkdir(parents=True)
    (data / FOLDER).symlink_to(elsewhere, target_is_directory=True)
    (data / "incidents/2026/11/02").mkdir()
    (data / "incidents/2026/11/02/two.mp4").symlink_to(elsewhere / "two.mp4")
    named = kept(f"{FOLDER}/one.mp4", "incidents/2026/11/02/two.mp4")
    assert list(delete(data, [named])) == []
    assert len(list(elsewhere.iterdir())) == 2


def test_a_folder_with_the_name_of_a_clip_is_left_alone(tmp_path: Path) -> None:
    files(tmp_path, f"{FOLDER}/one.mp4/holiday.jpg")
    assert list(delete(tmp_path, [kept(f"{FOLDER}/one.mp4")])) == []
    assert (tmp_path / FOLDER / "one.mp4/holiday.jpg").exists()


def test_a_data_folder_behind_a_link_works(tmp_path: Path) -> None:
    files(tmp_path / "disk", f"{FOLDER}/one.mp4")
    (tmp_path / "data").symlink_to(tmp_path / "disk", target_is_directory=True)
    clip = f"{FOLDER}/one.mp4"
    assert list(delete(tmp_path / "data", [kept(clip)])) == [Deleted("one", (clip,), 100)]
