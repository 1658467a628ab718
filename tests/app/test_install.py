"""`whosthere install`, into a system of its own below a temporary folder."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.app.conftest import whosthere
from whosthere.app.install import Work
from whosthere.app.install_plan import Places, quoted, unit
from whosthere.app.settings import parse
from whosthere.core.errors import WhosThereError

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


UNIT = "etc/systemd/system/whosthere.service"
SETTINGS, SECRETS = "etc/whosthere/whosthere.toml", "etc/whosthere/secrets.env"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="makes users, as only root may")
needs = {
    name: pytest.mark.skipif(shutil.which(name) is None, reason="needs Debian's package systemd")
    for name in ("systemd-sysusers", "systemd-analyze")
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small system: some users, and hardware for video alone."""
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\npi:x:1000:1000::/:/bin/sh\n")
    (tmp_path / "etc/group").write_text("root:x:0:\nvideo:x:44:\npi:x:1000:\n")
    return tmp_path


def files(root: Path) -> dict[str, str]:
    return {str(one.relative_to(root)): one.read_text() for one in root.rglob("*") if one.is_file()}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def directives(text: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line[:40])
    return {name: value for name, _, value in pairs if name.isalpha()}


@as_root
@needs["systemd-sysusers"]
def test_it_makes_user_folders_settings_secrets_and_unit(root: Path):
    told = whosthere("install", "--root", root)
    user = next(
        line.split(":")
        for line in (root / "etc/passwd").read_text().splitlines()
        if line.startswith("whosthere:")
    )
    data = (root / "var/lib/whosthere").stat()

    assert ("", 0) == (told.stderr, told.returncode)
    assert "sudo systemctl enable --now whosthere" in told.stdout
    assert user[6].endswith("/nologin")
    assert [int(user[2]), int(user[3])] == [data.st_uid, data.st_gid]
    assert [0o750, 0o600, 0o640, 0o644] == [
        mode(root / one) for one in ("var/lib/whosthere", SECRETS, SETTINGS, UNIT)
    ]
    assert [0, int(user[3])] == [(root / SETTINGS).stat().st_uid, (root / SETTINGS).stat().st_gid]


def test_again_it_changes_nothing(root: Path):
    first = whosthere("install", "--user", "pi", "--root", root)
    before = files(root)
    times = {path: (root / path).stat().st_mtime_ns for path in before}
    second = whosthere("install", "--user", "pi", "--root", root)

    assert [0, 0] == [first.returncode, second.returncode], first.stderr + second.stderr
    assert before == files(root)
    assert times == {path: (root / path).stat().st_mtime_ns for path in before}
    assert "done" not in second.stdout


def test_what_people_wrote_stays_and_an_old_unit_is_made_anew(root: Path):
    whosthere("install", "--user", "pi", "--root", root)
    (root / SETTINGS).write_text("# mine\n")
    (root / SECRETS).write_text("SECRET=1\n")
    made = (root / UNIT).read_text()
    (root / UNIT).write_text(f"{made}\n# of an older version\n")
    told = whosthere("install", "--user", "pi", "--root", root)

    assert ("# mine\n", "SECRET=1\n") == (
        (root / SETTINGS).read_text(),
        (root / SECRETS).read_text(),
    )
    assert made == (root / UNIT).read_text()
    assert 2 == told.stdout.count("with what you wrote")


def test_a_unit_of_somebody_else_stays(root: Path):
    (root / UNIT).parent.mkdir(parents=True)
    (root / UNIT).write_text("[Service]\nExecStart=/mine\n")
    whosthere("install", "--user", "pi", "--root", root)
    gone = whosthere("uninstall", "--root", root)

    assert "ExecStart=/mine" in (root / UNIT).read_text()
    assert "not made by 'whosthere install'" in gone.stdout


def test_a_dry_run_says_all_and_touches_nothing(root: Path):
    before = files(root)
    told = whosthere("install", "--root", root, "--dry-run")

    assert before == files(root)
    assert 0 == told.returncode
    assert 7 == told.stdout.count("would be")
    assert "Nothing was changed." in told.stdout


def test_uninstalling_leaves_data_and_settings(root: Path):
    whosthere("install", "--user", "pi", "--root", root)
    (root / "var/lib/whosthere/whosthere.db").write_text("memories")
    wants = root / "etc/systemd/system/multi-user.target.wants"
    wants.mkdir()
    (wants / "whosthere.service").symlink_to("/etc/systemd/system/whosthere.service")
    first = whosthere("uninstall", "--root", root)
    second = whosthere("uninstall", "--root", root)

    assert [0, 0] == [first.returncode, second.returncode], first.stderr
    assert {"etc/passwd", "etc/group", SETTINGS, SECRETS, "var/lib/whosthere/whosthere.db"} == set(
        files(root)
    )
    assert not any(wants.iterdir())


def test_it_asks_for_the_rights_it_needs(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(WhosThereError, match="run it with sudo"):
        Work(Path("/")).may_write()
    Work(Path("/"), dry=True).may_write()


@pytest.mark.parametrize("name", ["Root", "a b", "x" * 40, "../etc"])
def test_names_that_are_none_are_refused(root: Path, name: str):
    told = whosthere("install", "--user", name, "--root", root)

    assert 1 == told.returncode
    assert "is no name for a user" in told.stderr


def test_the_settings_it_writes_name_the_data_folder(root: Path):
    whosthere("install", "--user", "pi", "--root", root, "--prefix", "/opt/house")
    text = (root / "opt/house/etc/whosthere/whosthere.toml").read_text()
    made = directives((root / UNIT).read_text())

    assert Path("/opt/house/var/lib/whosthere") == parse(text, "test").storage.folder
    assert "/opt/house/var/lib/whosthere" == made["ReadWritePaths"] == made["WorkingDirectory"]
    assert "-/opt/house/etc/whosthere/secrets.env" == made["EnvironmentFile"]
    assert "StateDirectory" not in made


def test_the_unit_has_a_watchdog_comes_back_and_has_only_groups_that_exist(root: Path):
    whosthere("install", "--user", "pi", "--root", root)
    made = directives((root / UNIT).read_text())
    expected = {"Type": "notify", "Restart": "always", "StartLimitIntervalSec": "0",
                "WatchdogSec": "60", "User": "pi", "Group": "pi", "SupplementaryGroups": "video",
                "ProtectSystem": "strict", "StateDirectory": "whosthere",
                "MemoryDenyWriteExecute": "yes"}  # fmt: skip

    assert expected == {name: made.get(name) for name in expected}
    assert {"AF_NETLINK", "AF_BLUETOOTH"} < set(made["RestrictAddressFamilies"].split())
    assert "@" not in "".join(made[name] for name in ("ExecStart", "User", "WorkingDirectory"))


def test_nothing_in_the_unit_takes_devices_away(root: Path):
    """By systemd.exec(5), ProtectClock implies a DeviceAllow, which closes all other devices."""
    whosthere("install", "--user", "pi", "--root", root)
    made = directives((root / UNIT).read_text())

    assert not {"ProtectClock", "PrivateDevices", "DevicePolicy", "DeviceAllow"} & set(made)


@needs["systemd-analyze"]
@pytest.mark.parametrize("prefix", ["/", "/srv/the house"])
def test_systemd_finds_no_fault_in_the_unit(tmp_path: Path, prefix: str):
    file = tmp_path / "whosthere.service"
    file.write_text(unit(Places(Path(prefix)), "root", "root", "/bin/true", ("video",)))
    told = subprocess.run(
        ["systemd-analyze", "verify", file], capture_output=True, text=True, check=False, timeout=60
    )

    assert ("", 0) == (told.stderr, told.returncode)


@needs["systemd-analyze"]
def test_systemd_finds_it_little_exposed(tmp_path: Path):
    file = tmp_path / "whosthere.service"
    file.write_text(unit(Places(Path("/")), "root", "root", "/bin/true", ()))
    told = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--threshold=35", file],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert 0 == told.returncode, told.stdout


@pytest.mark.parametrize(
    ("word", "expected"),
    [("/a/b", "/a/b"), ("/a b", '"/a b"'), ("50%", "50%%"), ("a$b", "a$$b"), ('a"b', '"a\\"b"')],
)
def test_words_for_systemd(word: str, expected: str):
    assert expected == quoted(word)


def test_what_was_installed_is_what_the_command_shows(root: Path):
    told = whosthere("install", "--user", "pi", "--root", root)
    start = directives((root / UNIT).read_text())["ExecStart"]

    assert start.endswith("run --settings /etc/whosthere/whosthere.toml")
    assert start.startswith("/")
    assert "/etc/whosthere/secrets.env" in told.stdout
