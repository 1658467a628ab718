"""Make the README's picture: the live view of a real run of the demo, seconds after the alert.

    python docs/make_images.py docs/images/demo.png --browser chromium

The terminal's picture is drawn by rich as SVG, and by a browser as PNG, which is smaller.
"""

import argparse
import io
import subprocess
import tempfile
import time
from pathlib import Path

from rich.console import Console

from whosthere.app.assemble import assemble
from whosthere.app.demo import settings_for
from whosthere.app.demo_film import film
from whosthere.app.live_view import LiveView
from whosthere.core.model import Mode

COLUMNS, LINES = 126, 36
LONGEST = 40.0  # seconds until the alert must be there
AFTER_ALERT = 2.5  # seconds: the visitor is well in the picture
SIZE = "1500,860"  # pixels of the browser's window


def drawn_after_alert(folder: Path) -> str:
    """Run the demo, and draw its live view when the visitor is well in the picture."""
    screen = Console(
        file=io.StringIO(), record=True, force_terminal=True, color_system="truecolor",
        width=COLUMNS, height=LINES,
    )  # fmt: skip
    with film() as path:
        settings = settings_for(path, folder, loop=False, detector=True)
        view = LiveView("whosthere demo", settings.cameras)
        program = assemble(settings, view.onlooker(), mode=Mode.AWAY)
        with view.shown(Console(file=io.StringIO()), program):
            program.start()
            until = time.monotonic() + LONGEST
            while not program.store.alerts() and time.monotonic() < until:
                time.sleep(0.2)
            time.sleep(AFTER_ALERT)
            screen.print(view)
        program.stop()
    return screen.export_svg(title="make run")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("to", type=Path, help="the picture to make, .svg or .png")
    parser.add_argument("--browser", default="chromium", help="what draws an SVG as PNG")
    chosen = parser.parse_args()
    chosen.to.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        svg = Path(scratch) / "view.svg"
        svg.write_text(drawn_after_alert(Path(scratch) / "demo"), encoding="utf-8")
        if chosen.to.suffix == ".svg":
            svg.replace(chosen.to)
        else:
            subprocess.run(
                [chosen.browser, "--headless", "--no-sandbox", "--hide-scrollbars",
                 "--disable-gpu", f"--window-size={SIZE}", f"--screenshot={chosen.to.absolute()}",
                 svg.as_uri()],
                check=True, capture_output=True,
            )  # fmt: skip


if __name__ == "__main__":
    main()
