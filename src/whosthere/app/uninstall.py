"""`whosthere uninstall`: take away what `install` told systemd. Data and settings stay."""

import argparse
from pathlib import Path

from whosthere.app.install import RUNNING_SYSTEMD, Work, add_root_arguments
from whosthere.app.install_plan import OURS, Places

WANTED = Path("/etc/systemd/system/multi-user.target.wants/whosthere.service")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_root_arguments(parser)


def run(chosen: argparse.Namespace) -> int:
    work = Work(chosen.root.absolute(), dry=chosen.dry_run)
    work.may_write()
    places = Places(chosen.prefix.absolute())
    uninstall(work, places)
    work.said(
        f"\nYour data in {places.data}, your settings in {places.settings.parent} and the user"
        " stay.\nTo delete them too: sudo rm -r"
        f" {places.data} {places.settings.parent}; sudo userdel whosthere"
    )
    return 0


def uninstall(work: Work, places: Places) -> None:
    work.said("Who's There goes from systemd:")
    systemd = work.real and RUNNING_SYSTEMD.is_dir()
    if systemd and work.at(places.unit).is_file():
        work.call("systemctl", "disable", "--now", "whosthere", why="stopped")
    for place in (WANTED, places.unit, places.users):
        _remove(work, place)
    if systemd:
        work.call("systemctl", "daemon-reload", why="systemd forgets the unit")


def _remove(work: Work, place: Path) -> None:
    path = work.at(place)
    if path.is_symlink():
        work.step(f"{place} removed", path.unlink, needed=True, kept="")
    elif not path.is_file():
        work.said(f"  is gone   {place}")
    elif not path.read_text(encoding="utf-8").startswith(OURS):
        work.said(f"  stays     {place} (not made by 'whosthere install')")
    else:
        work.step(f"{place} removed", path.unlink, needed=True, kept="")
