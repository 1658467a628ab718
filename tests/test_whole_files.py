"""A small file is there whole, or as it was."""

from pathlib import Path

import pytest

from whosthere.whole_files import OWNER, write_whole


@pytest.mark.parametrize("content", ["übrig", "übrig".encode()], ids=["text", "bytes"])
def test_it_takes_the_place_of_what_was_there(content: str | bytes, tmp_path: Path):
    path = tmp_path / "kept.json"
    path.write_text("old")
    write_whole(path, content)
    assert "übrig" == path.read_text(encoding="utf-8")
    assert [path] == list(tmp_path.iterdir())


def test_a_secret_is_for_its_owner_alone_though_the_old_file_was_not(tmp_path: Path):
    path = tmp_path / "tokens.json"
    path.write_text("old")
    (tmp_path / "tokens.json.part").write_text("left by a crash, for everybody to read")
    write_whole(path, "new", OWNER)
    assert 0o600 == path.stat().st_mode & 0o777


def test_what_cannot_take_its_place_leaves_nothing_behind(tmp_path: Path):
    path = tmp_path / "kept.json"
    path.mkdir()
    with pytest.raises(IsADirectoryError):
        write_whole(path, "new")
    assert [path] == list(tmp_path.iterdir())
