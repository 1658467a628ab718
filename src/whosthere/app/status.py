"""`whosthere status`: how the program is, at once.

Glances and scripts call it every few seconds, so it imports little, and asks by a socket.
"""

import argparse
import json
import os
import socket
import sys
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from whosthere.core.errors import BadSettings, StoreTrouble
from whosthere.core.spans import span

WIDTH = 18  # of names, at least
WELL, TROUBLE, NOT_RUNNING = 0, 1, 3  # 3, as programs that start services expect it
PATIENCE = 3.0  # seconds
SOCKET = "whosthere.sock"  # in the data folder
RED, GREEN, PLAIN = "\x1b[1;31m", "\x1b[32m", "\x1b[0m"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--brief", action="store_true", help="a line for each camera and trouble")
    how.add_argument("--json", action="store_true", help="all of it, for programs")
    parser.add_argument(
        "--settings",
        type=Path,
        metavar="FILE",
        help="settings to use (default: $WHOSTHERE_SETTINGS, else whosthere.toml)",
    )


def run(chosen: argparse.Namespace) -> int:
    asked = chosen.settings or Path(os.environ.get("WHOSTHERE_SETTINGS") or "whosthere.toml")
    folder = data_folder(asked)
    answer = ask(folder)
    if answer is None:
        print("NOT RUNNING: start it with 'whosthere run'")  # noqa: T201 # the answer
        return NOT_RUNNING
    if chosen.json:
        print(json.dumps(answer))  # noqa: T201 # the answer
    else:
        coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        for line in lines(answer, datetime.now(UTC), brief=chosen.brief):
            print(_coloured(line) if coloured else line)  # noqa: T201 # the answer
    return TROUBLE if _missing(answer) else WELL


def data_folder(file: Path) -> Path:
    """Read where the data are, and nothing else: the rest is for the program itself."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadSettings(
            f"{file}: there is no such file. Name yours with --settings FILE."
        ) from None
    except (OSError, ValueError) as error:
        raise BadSettings(f"{file} cannot be read: {error}.") from None
    storage = table.get("storage", {})
    return Path(str(storage.get("folder", "data") if isinstance(storage, dict) else "data"))


def ask(folder: Path) -> dict[str, Any] | None:
    """Ask the program that works in the folder; None: there is none."""
    try:
        inside = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreTrouble(f"{folder} cannot be entered: {error.strerror}.") from None
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(PATIENCE)
            line.connect(f"/proc/self/fd/{inside}/{SOCKET}")  # short, however deep the folder is
            said = b"".join(iter(lambda: line.recv(65536), b""))
        found: dict[str, Any] = json.loads(said)
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    except PermissionError:
        raise StoreTrouble(
            f"{folder / SOCKET} is not for you. Ask as the user that runs whosthere, or as a member"
            " of the data folder's group."
        ) from None
    except (OSError, ValueError):
        raise StoreTrouble("whosthere runs, but does not answer. Its log says more.") from None
    finally:
        os.close(inside)
    return found


def lines(answer: dict[str, Any], now: datetime, *, brief: bool) -> Iterator[str]:
    """Word it: what is missing stands out, and the rest in few words."""
    yield "  ".join(_summary(answer, now))
    parts = [one for one in answer["parts"] if one["trouble"] or not brief]
    width = max([WIDTH, *(len(one["name"]) for one in [*answer["cameras"], *parts])])
    for wrong in answer["stuck"]:
        yield f"{'program':<{width}} STUCK    {wrong}"
    for one in answer["cameras"]:
        yield f"{one['name']:<{width}} {_camera(one, now)}"
    for one in parts:
        yield f"{one['name']:<{width}} {_state(one, now) if one['trouble'] else 'running'}"


def _summary(answer: dict[str, Any], now: datetime) -> Iterator[str]:
    yield f"mode {answer['mode']} for {_since(answer['mode_since'], now)}"
    seen = [one for one in answer["cameras"] if not one["trouble"] and not one["over"]]
    yield f"{len(seen)} of {len(answer['cameras'])} cameras"
    if answer["waiting"]:
        yield wait(answer["waiting"])
    if answer["temperature"] is not None:
        yield f"{answer['temperature']:.0f} °C"


def _camera(one: dict[str, Any], now: datetime) -> str:
    if one["trouble"]:
        return _state(one, now)
    if one["over"]:
        return "over     the film has ended"
    return f"running  {one['age']} s ago" if one["age"] is not None else "begins"


def _state(one: dict[str, Any], now: datetime) -> str:
    lasting = f"for {_since(one['since'], now)}: " if one["since"] else ""
    return f"MISSING  {lasting}{' '.join(one['trouble'].split())}"


def wait(number: int) -> str:
    return "1 message waits" if number == 1 else f"{number} messages wait"


def _since(moment: str | None, now: datetime) -> str:
    with suppress(ValueError, TypeError):
        return span((now - datetime.fromisoformat(str(moment))).total_seconds())
    return "?"


def _missing(answer: dict[str, Any]) -> bool:
    ill = any(one["trouble"] for one in (*answer["cameras"], *answer["parts"]))
    return ill or bool(answer["stuck"])


def _coloured(line: str) -> str:
    for word, colour in ((" MISSING ", RED), (" STUCK ", RED), (" running", GREEN)):
        if word in line:
            return line.replace(word, f"{colour}{word}{PLAIN}", 1)
    return line
