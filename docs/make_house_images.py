"""Make the pictures of what the house says of itself in Slack, each from a real run of the demo.

    python docs/make_house_images.py docs/images/slack.png      slack-siren.png and all others

A siren and cameras are simulated, and troubles made up; what is said of them is the program's.
"""

import argparse
import contextlib
import io
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np

from docs.make_images import slack_picture
from tests.learning.tagged import TaggedHouse, short_visit, weaker
from whosthere.app import cli
from whosthere.app.assemble import assemble
from whosthere.app.demo_film import film
from whosthere.app.program import Program
from whosthere.app.sandbox.demo import settings_for
from whosthere.app.sandbox.people import APP, BEN, BOT, CHANNEL
from whosthere.app.sandbox.server import FakeSlack, Json
from whosthere.app.settings_shape import in_toml
from whosthere.app.training import Training
from whosthere.cameras.pixels import ArrayPixels
from whosthere.core.messages import AskAbout, Message, Tampered, Trouble
from whosthere.core.modes import Mode
from whosthere.learning.sampling import choose
from whosthere.messaging.slack.settings import Tokens, write_tokens

LONGEST = 120.0  # seconds that anything may take
POWER = "the supply voltage is too low: cameras may fail. Use another supply or cable"
DISK = "it will be full in 2 days as it fills now"
SURE = "[cameras.yard.rules]\nperson_confidence = 0.97\nunsure_confidence = 0.96\n"  # so, none is
SIREN = '[sirens.roof]\nkind = "simulated"\n'
DAYS = 6


@dataclass
class Scene:
    """A program at work, its Slack, and where the pictures go."""

    program: Program
    slack: FakeSlack
    to: Path
    browser: str

    def put(self, message: Message) -> None:
        self.program.inbox.put(message)

    def said(self, words: str) -> Json:
        """The newest message of the channel with these words."""
        found = self.slack.until(
            lambda: [one for one in self.slack.messages[CHANNEL] if words in str(one)], LONGEST
        )
        return found[-1]

    def shoot(self, message: Json, what: str) -> None:
        to = self.to.with_name(f"{self.to.stem}-{what}.png")
        slack_picture(self.slack, f"only={message['ts']}&alone", to, self.browser)


@contextmanager
def running(
    folder: Path, to: Path, browser: str, more: str = "", mode: Mode = Mode.AWAY
) -> Iterator[Scene]:
    with film() as path, FakeSlack() as slack:
        settings = settings_for(path, folder, slack.url, more)
        write_tokens(folder / "slack-tokens.json", Tokens(BOT, APP))
        program = assemble(settings, mode=mode)
        program.start()
        try:
            slack.connected()
            yield Scene(program, slack, to, browser)
        finally:
            program.stop()


def siren(scene: Scene) -> None:
    """Somebody asks for it, and confirms."""
    scene.slack.slash("/whosthere", "siren on")
    asked = scene.slack.until(lambda: scene.slack.responses, LONGEST)[-1]
    scene.slack.press(asked, "offer_siren_on_really")
    scene.shoot(scene.said("Siren on"), "siren")


def trouble(scene: Scene) -> None:
    for part, why in (("power", POWER), ("disk", DISK)):
        scene.put(Trouble(part, why, datetime.now(UTC), time.monotonic()))
    scene.shoot(scene.said("Trouble with"), "trouble")


def tampered(scene: Scene) -> None:
    """Hang a cloth over the camera."""
    parts = scene.program.answers.parts
    newest = scene.slack.until(lambda: parts.frames.of("yard"), LONGEST)
    assert newest is not None  # noqa: S101 - it was waited for
    cloth = (cv2.GaussianBlur(newest.frame.pixels.bgr(), (0, 0), 60) * 0.2).astype(np.uint8)
    picture = parts.files.picture(replace(newest.frame, pixels=ArrayPixels(cloth)))
    scene.put(Tampered("yard", "covered", datetime.now(UTC), time.monotonic(), picture))
    message = scene.said("yard is covered")
    scene.slack.until(lambda: "slack_file" in str(message["blocks"]), LONGEST)
    scene.shoot(message, "tampered")


def question(scene: Scene) -> None:
    """Of the demo's visitor nobody is told, so people are asked, and Ben answers."""
    (worker,) = [one for one in scene.program.helpers if one.name == "training"]
    training: Training = worker.work.__self__  # type: ignore[attr-defined] # bound to it
    scene.slack.slash("/whosthere", "save_images on")

    def waiting() -> AskAbout | None:
        training.gathering.gather(training.now())
        found = training._waiting(training.now())  # noqa: SLF001 - asked in the film's minute
        chosen = choose(found, [], training.now(), random.Random(1))  # noqa: S311 - no secret
        quiet = scene.program.house_now.camera("yard").incident is None
        return AskAbout(*chosen) if chosen and quiet else None

    asked = scene.slack.until(waiting, LONGEST)
    assert asked is not None  # noqa: S101 - it was waited for
    scene.put(asked)
    message = scene.said("Was anybody")
    scene.slack.until(lambda: "slack_file" in str(message["blocks"]), LONGEST)
    scene.slack.press(message, "alert_occupied", user=BEN)
    scene.slack.until(lambda: "says Ben" in str(message["blocks"]), LONGEST)
    scene.shoot(message, "question")


def proposal(scene: Scene) -> None:
    scene.shoot(scene.said("Proposal"), "proposal")


def tuned(folder: Path) -> Path:
    """A house in which some days went by, were tagged, and tuned."""
    house = TaggedHouse(folder)
    house.live(DAYS, short_visit(), weaker(short_visit()))
    house.close()
    settings = house.folder / "whosthere.toml"
    camera = '[cameras.front]\nkind = "file"\npath = "-"\n'
    settings.write_text(f"[storage]\nfolder = {in_toml(house.folder)}\n{camera}")
    words = ["tune", "--settings", str(settings), "--since", "2026-01-01", "--enough", "5"]
    with contextlib.redirect_stdout(io.StringIO()):
        cli.main(words)
    return house.folder


SCENES: dict[str, tuple[Callable[[Scene], None], str, Mode]] = {
    "siren": (siren, SIREN, Mode.HOME),
    "trouble": (trouble, "", Mode.HOME),
    "tampered": (tampered, "", Mode.AWAY),
    "question": (question, SURE, Mode.AWAY),
    "proposal": (proposal, "[cameras.front]\nkind = 'file'\npath = '-'\n", Mode.OFF),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("to", type=Path, help="the pictures' common name, as docs/images/slack.png")
    parser.add_argument("--browser", default="chromium", help="what draws a page as PNG")
    parser.add_argument("--only", choices=SCENES, action="append", help="one of them")
    chosen = parser.parse_args()
    for name in chosen.only or SCENES:
        play, more, mode = SCENES[name]
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "data"
            folder.mkdir()
            folder = tuned(folder) if name == "proposal" else folder
            with running(folder, chosen.to, chosen.browser, more, mode) as scene:
                play(scene)


if __name__ == "__main__":
    main()
