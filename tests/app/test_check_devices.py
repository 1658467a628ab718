"""`whosthere check` asks lights and sirens in the network how they are, and switches nothing."""

from pathlib import Path

import pytest

from tests.servers.plugs import Plug
from whosthere.app.check_devices import in_the_network
from whosthere.app.settings import Settings, parse
from whosthere.core.errors import BadSettings, DeviceTrouble

CAMERA = '[cameras.front]\nkind = "file"\npath = "a.mp4"\n'


def settings(more: str, folder: Path) -> Settings:
    return parse(f'[storage]\nfolder = "{folder}"\n{CAMERA}{more}', "test")


def test_each_says_how_it_is(tmp_path: Path):
    with Plug("shelly2", on=True) as plug:
        asked = f'kind = "http"\ndevice = "shelly2"\nurl = "{plug.address}"\n'
        more = f'[lights.porch]\n{asked}[sirens.roof]\n{asked}[lights.bed]\nkind = "simulated"\n'
        parts = {name: ask() for name, ask in in_the_network(settings(more, tmp_path))}
    assert dict.fromkeys(["light porch", "siren roof"], "answers, and is on") == parts
    assert ["/rpc/Switch.GetStatus?id=0"] * 2 == plug.asked


def test_one_that_is_gone_is_a_trouble(tmp_path: Path):
    more = '[lights.porch]\nkind = "http"\ndevice = "shelly1"\nurl = "http://127.0.0.1:9"\n'
    ((_, ask),) = in_the_network(settings(more, tmp_path))
    with pytest.raises(DeviceTrouble, match="the connection is refused"):
        ask()


WRONG = {
    '[sensors.hall]\nkind = "pir"\npin = 17\ncamera = "bakc"': "there is no camera 'bakc'",
    '[lights.a]\nkind = "simulated"\ncameras = ["bakc"]': "there is no camera 'bakc'",
    '[lights.a]\nkind = "simulated"\ncameras = ["front"]\nby_motion = "times"': "'begins'",
    '[lights.a]\nkind = "simulated"\nby_motion = "dark"': "say in 'cameras'",
    '[lights.a]\nkind = "http"\ndevice = "own"\nurl = "http://a"': "needs 'on' and 'off'",
    '[lights.a]\nkind = "http"\ndevice = "shelly1"\nurl = "http://u:p@a"': "url",
    '[sirens.a]\nkind = "simulated"\nlongest_seconds = 3600': "at most 900",
    '[sensors.a]\nkind = "pir"\npin = 40\ncamera = "front"': "at most 27",
}


@pytest.mark.parametrize(("more", "words"), WRONG.items())
def test_mistakes_are_told(more: str, words: str, tmp_path: Path):
    with pytest.raises(BadSettings, match=words):
        settings(more, tmp_path)
