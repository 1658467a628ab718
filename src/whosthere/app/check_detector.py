"""Tries the detector on a picture of a visitor."""

import time

from whosthere.app.demo_film import visitor
from whosthere.app.parts import make_detector
from whosthere.app.settings import DetectorSettings
from whosthere.core.errors import WhosThereError
from whosthere.core.sighting import Box

AROUND_THE_VISITOR = Box(0.6, 0.35, 1.0, 0.85)


def detector(settings: DetectorSettings) -> str:
    made = make_detector(settings)
    if made is None:
        return "is off: all motion is told as unclassified"
    picture = visitor().pixels.bgr(AROUND_THE_VISITOR)
    made.find(picture)  # the first time takes longer
    began = time.perf_counter()
    found = made.find(picture)
    milliseconds = 1000 * (time.perf_counter() - began)
    if not found:
        raise WhosThereError(
            f"{made.name} does not find the person in a picture that shows one."
            " Is it a model for people? Leave detector.model out to use the bundled one."
        )
    sure = f"{found[0].label}, {100 * found[0].confidence:.0f} % sure"
    return f"{made.name}: {sure}, in {milliseconds:.0f} ms"
