"""`whosthere glances-config`: what Glances needs to show each part, as a file for it.

Glances shows the lines of a command beside a name that turns red when no process matches (an
"AMP"), and checks addresses, which turn red when they do not answer well
(https://glances.readthedocs.io/en/latest/aoa/amps.html and .../ports.html).
"""

import argparse
import os
import shlex
import shutil
import sys
from pathlib import Path
from urllib.parse import quote

from whosthere.app.settings import Settings, find, load
from whosthere.app.terminal import add_settings_argument, say
from whosthere.core.errors import BadSettings

PARTS = ("house", "database", "detector", "recorder")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_settings_argument(parser)
    parser.add_argument("--write", type=Path, metavar="FILE", help="write it there, if none is")


def run(chosen: argparse.Namespace) -> int:
    path = find(chosen.settings)
    text = config(load(path), path.absolute(), command())
    if chosen.write is None:
        say(text.rstrip())
        return 0
    try:
        with chosen.write.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise BadSettings(
            f"{chosen.write} exists and may hold more than ours. Look at 'whosthere"
            " glances-config' and put its sections there yourself."
        ) from None
    except OSError as error:
        raise BadSettings(f"{chosen.write} cannot be written: {error.strerror}.") from None
    say(f"Written. Look: glances -C {chosen.write}")
    return 0


def command() -> str:
    """How this program is called, for others to call it."""
    own = Path(sys.argv[0])
    if own.name == "whosthere" and own.is_file():
        return str(own.absolute())
    return shutil.which("whosthere") or f"{sys.executable} -m whosthere"


def config(settings: Settings, file: Path, called: str) -> str:
    """Write the sections. A comma or an operator of the shell would mean something to Glances."""
    lines = [
        "# For Glances 4: glances -C THIS_FILE. Made by 'whosthere glances-config'.",
        "[amp_whosthere]",
        "enable=true",
        r"regex=whosthere.* run\b",
        "refresh=5",
        "countmin=1",
        "one_line=false",
        f"command={called} status --brief --settings {shlex.quote(os.fspath(file))}",
    ]
    base = base_address(settings)
    if base is None:
        return "\n".join([*lines, "", NO_WEB, ""])
    names = [*settings.cameras, *PARTS, *(f"messenger {one.name}" for one in settings.messengers)]
    lines += [
        "",
        "[ports]",
        "disable=False",
        "refresh=10",
        "timeout=3",
        "port_default_gateway=False",
    ]
    for number, name in enumerate(names, 1):
        lines += [
            f"web_{number}_url={base}/healthz/{quote(name)}",
            f"web_{number}_description={name}",
        ]
        if base.startswith("https"):
            lines.append(f"web_{number}_ssl_verify=false")
    return "\n".join([*lines, ""])


NO_WEB = """# With [web] listen = "127.0.0.1:8642" in whosthere.toml, each camera and part would
# have a line of its own, red while it is missing. Make this file anew then."""


def base_address(settings: Settings) -> str | None:
    """Where this machine reaches our web server."""
    if settings.web.listen is None:
        return None
    host, port = settings.web.place()
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not to listen
    secure = "s" if settings.web.certificate_file is not None else ""
    return f"http{secure}://{f'[{host}]' if ':' in host else host}:{port}"
