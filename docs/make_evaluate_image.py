"""Make the picture of the evaluation's report: a made-up month, of which the truth is known.

    python docs/make_evaluate_image.py docs/images/evaluate.png

The month is that of the tests; the figures, plots and the page are the program's own.
"""

import argparse
import tempfile
from pathlib import Path

from docs.make_images import shot
from tests.learning.living import month, span, with_pictures
from whosthere.learning.evaluate import evaluate
from whosthere.learning.report import report

PEOPLE = Path(__file__).parents[1] / "tests" / "data" / "vtest_people.jpg"
SIZE = (1100, 1440)  # pixels: down to the plots


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("to", type=Path, help="the picture to make")
    parser.add_argument("--browser", default="chromium", help="what draws the page")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        records = list(with_pictures(month().records, folder, PEOPLE))
        page = folder / "report.html"
        page.write_text(report(evaluate(records, span()), folder, "Home"), encoding="utf-8")
        shot(chosen.browser, page.as_uri(), chosen.to, SIZE)


if __name__ == "__main__":
    main()
