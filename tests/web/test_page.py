"""What the page about the API shows works, call by call."""

import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.web.rig import Rig

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "api.md"
HERE = "http://127.0.0.1:8642"
CALLS = [
    call
    for block in re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)
    for call in block.replace("\\\n", "").splitlines()
    if call.startswith("curl")
]


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs Debian's curl")
@pytest.mark.parametrize("call", CALLS)
def test_each_call_of_the_page_works(rig: Rig, call: str):
    rig.house.ask("disarm")
    rig.told.devices["ann-phone"].tell(datetime(2026, 1, 1, tzinfo=UTC), home=False)
    command = call.replace(HERE, rig.server.address).replace("curl", "curl -sS --fail-with-body", 1)
    done = subprocess.run(
        ["bash", "-c", command], env={"TOKEN": rig.tokens["admin"], "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, check=False, timeout=20,
    )  # fmt: skip

    assert ("", 0, "{") == (done.stderr, done.returncode, done.stdout[:1])


def test_there_are_such_calls():
    assert len(CALLS) > 5
