"""What somebody wished to be forgotten leaves the archive too, however often it has to be tried."""

from pathlib import Path

import pytest

from tests.storage.archiving import DAY, House
from whosthere.core.errors import ArchiveTrouble
from whosthere.storage.archive.folder import FolderArchive
from whosthere.storage.archive.forgetting import Forgetting
from whosthere.storage.archive.pace import Pace

STEM = f"{DAY}/20260101T220001000-front"


def copies(folder: Path) -> set[str]:
    found = (folder / "nas").rglob("*.*")
    return {path.name for path in found if path.is_file() and not path.name.startswith(".")}


def forget(house: House) -> Forgetting:
    forgetting = Forgetting(house.store.database)
    forgetting.doom([STEM])
    for path in (house.data / DAY).glob("20260101T220001000-front*"):
        path.unlink()
    return forgetting


class Refusing(FolderArchive):
    """A key that may do all but delete."""

    allowed = False

    def remove(self, key: str) -> None:
        if not self.allowed:
            raise ArchiveTrouble("The key may not do s3:DeleteObject.")
        super().remove(key)


def test_every_version_goes_and_others_stay(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        one = house.visit(1, clip=b"film", told=True)
        house.visit(2)
        house.steps_until_idle()
        house.picture(one, b"a better picture")
        house.steps_until_idle()
        assert 4 == len(copies(tmp_path))
        forgetting = forget(house)
        assert 2 == len(forgetting.left())
        house.step(3)
        assert [] == forgetting.left()
        assert {"20260101T220002000-front.jpg"} == copies(tmp_path)
        sums = (tmp_path / "nas" / DAY / "SHA256SUMS").read_text()
        assert ["20260101T220002000-front.jpg"] == [line.split()[1] for line in sums.splitlines()]


def test_after_a_power_cut_it_goes_on(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        house.visit(1)
        house.steps_until_idle()
        Forgetting(house.store.database).doom([STEM])
    with House(tmp_path) as house:
        house.step(2)
        assert set() == copies(tmp_path)


def test_what_was_on_its_way_is_taken_out_once_it_has_arrived(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        house.visit(1)
        name = f"{STEM}.jpg"
        forgetting = forget(house)
        forgetting.forgotten(name)  # nothing was there yet
        (tmp_path / "nas" / DAY).mkdir(parents=True)
        (tmp_path / "nas" / name).write_bytes(b"came late")
        house.outbox.done(name, name, house.clock.now())
        assert [name] == [one.thing.name for one in forgetting.left()]
        house.step(2)
        assert set() == copies(tmp_path)


def test_what_is_forgotten_is_not_sent_again(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        one = house.visit(1)
        forget(house)
        house.step(2)
        house.outbox.gone(f"{STEM}.jpg", "it is not there")
        house.picture(one, b"kept late")
        house.uploading.send_all()
        assert set() == copies(tmp_path)


def test_a_key_that_may_not_delete_holds_no_copy_up_and_is_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "nas").mkdir()
    archive = Refusing(tmp_path / "nas", Pace())
    archive.begin()
    with House(tmp_path, archive) as house:
        house.visit(1)
        house.steps_until_idle()
        forgetting = forget(house)
        house.visit(2)
        house.steps_until_idle()
        assert 2 == len(copies(tmp_path))
        (left,) = forgetting.left()
        assert "is still there. The key may not do s3:DeleteObject." in (left.why or "")
        assert 1 == caplog.text.count("is still there")
        archive.allowed = True
        house.clock.wait(3600)
        house.step(2)
        assert {"20260101T220002000-front.jpg"} == copies(tmp_path)


def test_with_a_key_that_may_only_put_nothing_is_tried(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        house.visit(1)
        house.steps_until_idle()
        house.uploading.may_delete = False
        forgetting = forget(house)
        house.step(3)
        assert 1 == len(forgetting.left())
        assert {"20260101T220001000-front.jpg"} == copies(tmp_path)


def test_the_numbers_of_an_example_stay_and_cameras_of_a_like_name_too(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        names = ["-front.jpg", "-front_1.jpg", "-front.json", "-frontdoor.jpg"]
        for name in names:
            house.write(f"examples/2026/01/01/20260101T220001000{name}", name.encode())
        house.steps_until_idle()
        Forgetting(house.store.database).doom(["examples/2026/01/01/20260101T220001000-front"])
        house.step(4)
        left = {"20260101T220001000-front.json", "20260101T220001000-frontdoor.jpg"}
        assert left == copies(tmp_path)
