"""Killed in the middle of an upload: nothing is lost, nothing comes twice, and it goes on."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.s3 import BUCKET, S3Line, ask
from tests.storage.archiving import DAY, House
from whosthere.storage.archive.pace import Pace
from whosthere.storage.archive.s3 import S3Archive
from whosthere.storage.archive.settings import ArchiveSettings

FILM = bytes(range(256)) * (22 * 2**20 // 256)
PART = 5 * 2**20


def settings_file(folder: Path, line: S3Line) -> Path:
    path = folder / "whosthere.toml"
    path.write_text(
        f'[storage]\nfolder = "{folder / "data"}"\n'
        f'[archive]\nkind = "s3"\nbucket = "{BUCKET}"\nendpoint = "{line.address}"\n'
        'what = ["pictures", "clips"]\n'
        '[cameras.front]\nkind = "file"\npath = "none.mp4"\n'
    )
    return path


def begin(path: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "whosthere", "archive", "run-once", "--settings", str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.slow
def test_killed_at_any_byte_all_arrives_once_and_parts_are_not_sent_again(
    line: S3Line, tmp_path: Path
) -> None:
    path = settings_file(tmp_path, line)
    with House(tmp_path) as house:
        for number in range(1, 4):
            house.visit(number, clip=FILM if number == 2 else b"short")
    total = len(FILM) + 100_000
    kills = 4
    chance = random.Random(5)  # noqa: S311 - no secret
    for kill in range(1, kills + 1):
        line.reached.clear()
        line.released.clear()
        line.hold_after = line.uploaded + chance.randrange(PART // 4, PART + PART // 4)
        process = begin(path)
        assert line.reached.wait(60), process.communicate(timeout=5)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        line.released.set()
        assert line.uploaded < total + kill * PART * 1.5
    line.hold_after = None
    process = begin(path)
    said, _ = process.communicate(timeout=60)
    assert 0 == process.returncode, said
    archive = S3Archive(ArchiveSettings(kind="s3", bucket=BUCKET, endpoint=line.address), Pace())
    there = {copy.key: b"".join(archive.read(copy.key)[1]) for copy in archive.copies("")}
    assert 6 == len(there)
    assert FILM == there[f"{DAY}/20260101T220002000-front.mp4"]
    assert b"<Upload>" not in ask(line.server_port, "GET", f"/{BUCKET}?uploads")
    assert line.uploaded < total + kills * PART * 1.5
