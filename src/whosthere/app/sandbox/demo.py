"""`whosthere demo --slack-sandbox`: the demo's film, told in a Slack to play with."""

from pathlib import Path
from threading import Event

from whosthere.app.assemble import assemble
from whosthere.app.sandbox.people import ANNA, APP, BEN, BOT, CHANNEL, CLEO
from whosthere.app.sandbox.server import FakeSlack
from whosthere.app.settings import Settings, parse
from whosthere.app.settings_shape import in_toml
from whosthere.app.terminal import say
from whosthere.core.modes import Mode
from whosthere.messaging.slack.settings import Tokens, write_tokens

TOLD = """\
The sandbox shows Slack as people would see it: {address}

Nothing leaves this machine. The film of a visitor plays again and again; wait for the alert, press
its buttons, and type into the line below: /whosthere help. Ctrl-C ends it.
"""


def play(film: Path, folder: Path, told: Event, port: int = 0) -> None:
    """Run the program against the sandbox until told to stop."""
    with FakeSlack(http_port=port) as slack:
        settings = settings_for(film, folder, slack.url)
        write_tokens(folder / "slack-tokens.json", Tokens(BOT, APP))
        program = assemble(settings, mode=Mode.AWAY)
        say(TOLD.format(address=slack.url.removesuffix("api/")))
        program.start()
        try:
            told.wait()
        finally:
            program.stop()


def settings_for(film: Path, folder: Path, api_url: str, more: str = "") -> Settings:
    """Those of the demo, and more sections in their TOML."""
    return parse(
        f"""
        [house]
        name = "demo"
        [storage]
        folder = {in_toml(folder)}
        [recording]
        pre_roll_seconds = 4
        post_roll_seconds = 3
        [rules]
        cooldown = 20
        [cameras.yard]
        kind = "file"
        path = {in_toml(film)}
        loop = true
        [[messengers]]
        kind = "slack"
        channel = "{CHANNEL}"
        admins = ["{ANNA}"]
        taggers = ["{BEN}"]
        viewers = ["{CLEO}"]
        api_url = "{api_url}"
        {more}
        """,
        "the sandbox",
    )
