"""One look at a source, for commands: those that listen are given a moment to be told."""

from collections.abc import Callable, Sequence
from threading import Event

from whosthere.app.presence_parts import Source
from whosthere.app.workers import run_aside
from whosthere.core.errors import WhosThereError
from whosthere.core.presence import Observation

TOLD_WITHIN = 5.0  # seconds; a broker passes on at once what it has kept


def look(source: Source, *, again: bool) -> Sequence[Observation]:
    """Raises what the source complains of; one that can explain itself says each step."""
    line = source.listening
    if line is not None:
        _listen(source)
    try:
        return source.looks.seen(again=again)
    except WhosThereError as trouble:
        explain: Callable[[], Sequence[str]] = getattr(source.looks, "explain", tuple)
        steps = [f"  {step}" for step in explain() if step != str(trouble)]
        raise WhosThereError("\n".join([str(trouble), *steps])) from None


def _listen(source: Source) -> None:
    line, over = source.listening, Event()
    wrong: list[WhosThereError] = []
    if line is None:
        return

    def listen() -> None:
        try:
            line.listen(over.set)
        except WhosThereError as trouble:
            wrong.append(trouble)
        finally:
            over.set()

    if (beside := getattr(line, "beside", None)) is not None:
        beside()  # else it would take the place of the program that runs
    run_aside(f"listen {source.settings.name}", listen)
    over.wait(TOLD_WITHIN)
    line.stop()
    for trouble in wrong:
        raise trouble
