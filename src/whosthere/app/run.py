"""`whosthere run`: watch the cameras until told to stop."""

import argparse
import faulthandler
import logging
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

from whosthere.app import logs
from whosthere.app.assemble import assemble
from whosthere.app.live_view import LiveView
from whosthere.app.log_lines import handler_for
from whosthere.app.memory import keep_together
from whosthere.app.program import Program
from whosthere.app.standstill import begin_anew_after_end, begin_process_anew
from whosthere.app.terminal import add_settings_argument, console, mode_of, settings_of

log = logging.getLogger(__name__)

LOOK_SECONDS = 60.0  # between looks whether a disk that took nothing works again
AGAIN_AFTER = 0.5  # seconds; a signal that comes later was meant as a second one


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_settings_argument(parser)
    parser.add_argument(
        "--mode", type=mode_of, metavar="MODE", help="off, home, away or night, from the start"
    )
    parser.add_argument(
        "--log-format",
        choices=("text", "json"),
        help="json: an object in each line of the log, for programs (default: as [log] says)",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--quiet", action="store_true", help="log warnings only")
    how.add_argument("--live", action="store_true", help="show what the cameras see")


def run(chosen: argparse.Namespace) -> int:
    keep_together()
    settings = settings_of(chosen)
    level = logging.WARNING if chosen.quiet else logging.INFO
    log_settings = settings.log
    if chosen.log_format is not None:
        log_settings = log_settings.model_copy(update={"format": chosen.log_format})
    logs.set_up(level, handler=handler_for(log_settings, settings.house.zone))
    screen = console()
    if chosen.live and screen.is_terminal:
        view = LiveView(settings.house.name, settings.cameras, zone=settings.house.zone)
        program = assemble(settings, view.onlooker(), mode=chosen.mode)
        with until_told() as told, view.shown(screen, program):
            anew = _work(program, told)
    else:
        program = assemble(settings, mode=chosen.mode)
        with until_told() as told:
            anew = _work(program, told)
    if anew:
        begin_anew_after_end()
    return 0


def _work(program: Program, told: Event) -> bool:
    """Run until told to stop; tell whether to begin anew."""
    state = program.house_now.arm_state
    cameras = ", ".join(worker.name for worker in program.cameras)
    log.info("watching %s; mode %s (%s)", cameras, state.mode, state.reason)
    faulthandler.enable()  # where each thread was, should a library or the watchdog end us
    program.standstill.begin_anew = begin_process_anew
    program.start()
    anew = False
    try:
        while not anew and not told.wait(LOOK_SECONDS):
            anew = program.may_begin_anew()
        if anew:
            log.info("the disk takes what is in memory: beginning anew")
    finally:
        log.info("stopping")
        clean = program.stop()
    log.info("stopped; %s", "nothing is lost" if clean else "not all could be kept: see above")
    return anew


@contextmanager
def until_told() -> Iterator[Event]:
    """Give an event that Ctrl-C and SIGTERM set. Whoever asks again is not kept waiting."""
    told = Event()
    first = [0.0]

    def stop(_number: int, _frame: object) -> None:
        if not told.is_set():
            first[0] = time.monotonic()
            told.set()
        elif time.monotonic() - first[0] > AGAIN_AFTER:  # who starts us may pass one on twice
            raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
