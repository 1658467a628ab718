"""`whosthere run` with four cameras that see the demo's visitor, and the sandbox as its Slack."""

import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import av

from tests.servers.fake_slack import ANNA, APP, BOT, CHANNEL

SETTINGS = """
[storage]
folder = "{folder}"
[rules]
cooldown = 10.0
{cameras}
[[messengers]]
kind = "slack"
channel = "{channel}"
admins = ["{admin}"]
api_url = "{url}"
"""
CAMERA = """
[cameras.{name}]
kind = "file"
path = "{path}"
loop = true
"""
CAMERAS = {"front": 43.0, "garden": 40.0, "shed": 37.0, "street": 34.0}  # seconds of their films
DATA = "data"  # below the folder of a run


def prepared(folder: Path, url: str) -> Path:
    """Make films and settings; return the settings."""
    cameras = "".join(
        CAMERA.format(name=name, path=film(folder / f"{name}.mp4", seconds))
        for name, seconds in CAMERAS.items()
    )
    about = {"channel": CHANNEL, "admin": ANNA, "url": url, "folder": folder / DATA}
    settings = folder / "whosthere.toml"
    settings.write_text(SETTINGS.format(cameras=cameras, **about))
    return settings


def started(settings: Path) -> subprocess.Popen[bytes]:
    """Start the program; what it says is added to a file beside the settings."""
    tokens = {"WHOSTHERE_SLACK_BOT_TOKEN": BOT, "WHOSTHERE_SLACK_APP_TOKEN": APP}
    command = [sys.executable, "-m", "whosthere", "run", "--settings", str(settings)]
    with settings.with_name("said").open("a") as said:
        return subprocess.Popen(
            [*command, "--mode", "away"], stdout=said, stderr=said, env={**os.environ, **tokens}
        )


def film(path: Path, seconds: float) -> Path:
    """The demo's clip, or its beginning, so that the visitors of four cameras come apart."""
    with av.open(str(files("whosthere") / "demo" / "visitor.mp4")) as source, \
            av.open(str(path), "w") as target:  # fmt: skip
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.pts is not None and packet.pts * packet.time_base < seconds:
                packet.stream = stream
                target.mux(packet)
    return path
