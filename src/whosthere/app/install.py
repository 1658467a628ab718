"""`whosthere install`: have systemd start the program, watch it, and start it again.

Whatever is there already stays as it is, so it may be run again and again, as after an update.
"""

import argparse
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from whosthere.app.glances_config import command
from whosthere.app.install_plan import (
    HARDWARE_GROUPS,
    OURS,
    SECRETS,
    Places,
    checked_call,
    checked_user,
    group_name,
    groups_here,
    has_user,
    ids,
    settings_text,
    sysusers,
    unit,
)
from whosthere.app.terminal import say
from whosthere.core.errors import WhosThereError

USER = "whosthere"
RUNNING_SYSTEMD = Path("/run/systemd/system")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--user", default=USER, metavar="NAME", help="who runs it; made if new (default: whosthere)"
    )
    add_root_arguments(parser)


def add_root_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--prefix",
        type=Path,
        default=Path("/"),
        metavar="DIR",
        help="settings and data below this folder, as /opt/house (default: /)",
    )
    parser.add_argument(
        "--root",
        type=Path,
        default=Path("/"),
        metavar="DIR",
        help="into the system below this folder, as an image that is mounted there",
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")


def run(chosen: argparse.Namespace) -> int:
    work = Work(chosen.root.absolute(), dry=chosen.dry_run)
    work.may_write()
    places = Places(chosen.prefix.absolute())
    user = checked_user(chosen.user)
    called = checked_call(command())
    install(work, places, user, called)
    say_next(work, places, user, called)
    return 0


@dataclass(slots=True)
class Work:
    """Does one step after the other, or only says so."""

    root: Path
    dry: bool = False
    said: Callable[[str], None] = say
    changed: bool = False

    @property
    def real(self) -> bool:
        """Whether it is the system that runs here."""
        return self.root == Path("/")

    def at(self, place: Path) -> Path:
        return self.root / place.relative_to("/")

    def may_write(self) -> None:
        if self.real and not self.dry and os.geteuid() != 0:
            raise WhosThereError(
                "This changes the system, so it needs root: run it with sudo."
                " --dry-run only says what would be done."
            )

    def step(self, name: str, work: Callable[[], object], *, needed: bool, kept: str) -> None:
        """Do it if it is needed, and say a line in any case."""
        if not needed:
            self.said(f"  is there  {name}{kept and f' ({kept})'}")
            return
        if not self.dry:
            work()
        self.changed = True
        self.said(f"  {'would be' if self.dry else 'done':<8}  {name}")

    def folder(self, place: Path, mode: int, owner: tuple[int, int] | None) -> None:
        path = self.at(place)

        def make() -> None:
            path.mkdir(parents=True, exist_ok=True)
            path.chmod(mode)
            own(path, owner)

        self.step(f"folder {place}", make, needed=not path.is_dir(), kept="")

    def file(self, place: Path, text: str, mode: int, owner: tuple[int, int] | None) -> None:
        """Write a file. One that somebody else may have changed is left alone."""
        path = self.at(place)
        before = path.read_text(encoding="utf-8") if path.is_file() else None
        ours = before is not None and before.startswith(OURS) and text.startswith(OURS)
        needed = before is None or (ours and before != text)
        kept = "" if before == text or before is None else "with what you wrote"
        self.step(f"file {place}", lambda: write(path, text, mode, owner), needed=needed, kept=kept)

    def call(self, *words: str, why: str) -> None:
        self.step(why, lambda: called(*words), needed=True, kept="")


def write(path: Path, text: str, mode: int, owner: tuple[int, int] | None) -> None:
    """Write it whole or not at all, and never readable by others for a moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    number = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write(text)
    own(unfinished, owner)
    unfinished.chmod(mode)
    unfinished.replace(path)


def own(path: Path, owner: tuple[int, int] | None) -> None:
    if owner is not None and os.geteuid() == 0:
        os.chown(path, *owner)


def called(*words: str) -> None:
    try:
        subprocess.run(words, check=True, capture_output=True, text=True)  # noqa: S603 - our own words
    except FileNotFoundError:
        raise WhosThereError(
            f"'{words[0]}' is not installed, so this is no systemd machine."
        ) from None
    except subprocess.CalledProcessError as error:
        why = " ".join(error.stderr.split()) or f"it ended with {error.returncode}"
        raise WhosThereError(f"'{' '.join(words)}' failed: {why}") from None


def install(work: Work, places: Places, user: str, called_as: str) -> None:
    """Do all steps."""
    work.said(f"Who's There for systemd{'' if work.real else f' below {work.root}'}:")
    if not has_user(work.root, user):
        work.file(places.users, sysusers(user, places.data), 0o644, None)
        below = [] if work.real else [f"--root={work.root}"]
        work.call("systemd-sysusers", *below, places.users.name, why=f"user {user}")
    else:
        work.step(f"user {user}", lambda: None, needed=False, kept="")
    theirs = ids(work.root, user)
    mixed = None if theirs is None else (0, theirs[1])  # root's, and their group may read
    group = user if theirs is None else group_name(work.root, theirs[1])
    work.folder(places.data, 0o750, theirs)
    work.folder(places.settings.parent, 0o750, mixed)
    work.file(places.settings, settings_text(places), 0o640, mixed)
    work.file(places.secrets, SECRETS, 0o600, (0, 0))
    groups = groups_here(work.root)
    work.changed = False
    work.file(places.unit, unit(places, user, group, called_as, groups), 0o644, None)
    missing = [name for name in HARDWARE_GROUPS if name not in groups]
    if missing:
        work.said(f"  left out  groups {', '.join(missing)}: this system has none of these names")
    if work.changed and work.real and RUNNING_SYSTEMD.is_dir():
        work.call("systemctl", "daemon-reload", why="systemd reads the unit")


def say_next(work: Work, places: Places, user: str, called_as: str) -> None:
    """Say what is left for people to do."""
    if work.dry:
        work.said("\nNothing was changed.")
        return
    if shutil.which(called_as) and called_as.startswith(("/home/", "/root/")):
        work.said(
            f"\nThe program is in {Path(called_as).parent}, which {user} must be able to enter."
            " A place for all is better: python3 -m venv /opt/whosthere"
        )
    work.said(
        f"""
Next:
  1. Put your cameras into {places.settings},
     and passwords and tokens into {places.secrets}.
  2. Try it:    sudo systemd-run --pty --uid={user} -p EnvironmentFile={places.secrets} \\
                  {called_as} check --settings {places.settings}
  3. Start it:  sudo systemctl enable --now whosthere
  4. See it:    systemctl status whosthere;  journalctl -u whosthere -f"""
    )
