"""`whosthere presence` says whom each source sees, and how to make a device one's own."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.app.conftest import whosthere
from tests.presence.networks import House, Phone, house, needs_namespaces
from whosthere.app.presence_words import line_for, phone_like
from whosthere.core.presence import Observation

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


FAR = 4_000_000_000  # a moment that is not soon
LEASES = f"""\
{FAR} a4:83:e7:00:00:0a 192.168.77.10 Anns-iPhone *
{FAR} ea:83:e7:00:00:0b 192.168.77.11 * *
{FAR} a4:83:e7:00:00:0c 192.168.77.12 printer *
{FAR} a4:83:e7:00:00:0d 192.168.77.13 bobs-pixel *
"""
ANN = '[presence.people.Ann]\ndevices = [{ name = "ann-phone", mac = "A4-83-E7-00-00-0A" }]\n'


@pytest.fixture
def settings(settings_file: Path, tmp_path: Path) -> Path:
    (tmp_path / "leases").write_text(LEASES)
    with settings_file.open("a") as file:
        file.write(f"{ANN}[[presence.sources]]\nkind = 'leases'\nsays_who_is_home = true\n")
        file.write(f"file = '{tmp_path / 'leases'}'\n")
    return settings_file


def test_check_says_whom_each_source_sees_and_how(settings: Path):
    checked = whosthere("presence", "check", "--settings", settings)
    assert 0 == checked.returncode, checked.stdout
    assert "✓ leases            sees 4 devices, 1 of them yours" in checked.stdout
    assert "ann-phone: just now, by its MAC address (anns-iphone, 192.168.77.10)" in checked.stdout


def test_check_offers_a_line_for_what_looks_like_a_phone(settings: Path):
    said = whosthere("presence", "check", "--settings", settings).stdout
    assert 'devices = [{ name = "bobs-pixel", mac = "a4:83:e7:00:00:0d" }]' in said
    assert 'devices = [{ name = "phone-000b", mac = "ea:83:e7:00:00:0b" }]' in said
    assert "printer" not in said


def test_check_explains_an_address_that_a_phone_made_up(settings: Path):
    settings.write_text(settings.read_text().replace("A4-83-E7-00-00-0A", "ea:83:e7:00:00:0b"))
    said = whosthere("presence", "check", "--settings", settings).stdout
    assert "The MAC address of ann-phone was made up by the device" in said
    assert "Private Wi-Fi Address: Fixed or Off" in said


def test_check_tells_who_is_not_seen_and_what_fails(settings: Path, tmp_path: Path):
    with settings.open("a") as file:
        file.write("[presence.people.Bob]\ndevices = [{ name = 'bob-phone', host = 'nokia' }]\n")
        file.write("[[presence.sources]]\nkind = 'leases'\nname = 'other'\nfile = 'none'\n")
    checked = whosthere("presence", "check", "--settings", settings)
    assert 1 == checked.returncode
    assert "bob-phone: not seen (nokia)" in checked.stdout
    assert "✗ other             none does not exist." in checked.stdout
    assert tmp_path


def test_check_without_sources_says_how_to_begin(settings_file: Path):
    checked = whosthere("presence", "check", "--settings", settings_file)
    assert 1 == checked.returncode
    assert 'kind = "neighbours"' in checked.stderr


def test_devices_lists_all_that_is_seen(settings: Path):
    listed = whosthere("presence", "devices", "--settings", settings)
    assert 0 == listed.returncode, listed.stdout
    for word in ("anns-iphone", "ann-phone", "printer", "ea:83:e7:00:00:0b *"):
        assert word in listed.stdout
    assert "[presence.people.YOUR-NAME]" in listed.stdout


@pytest.mark.slow
def test_the_check_of_all_parts_has_a_line_for_presence(settings: Path):
    said = whosthere("check", "--settings", settings).stdout
    assert "✓ presence leases   sees 4 devices; of yours ann-phone" in said


@needs_namespaces
def test_the_network_is_looked_at_without_any_setting(settings_file: Path):
    with house() as home:
        phone, listed = _listed(home, settings_file)
    assert 0 == listed.returncode, listed.stderr
    assert f"{phone.mac} *" in listed.stdout
    assert phone.address in listed.stdout


def _listed(home: House, settings_file: Path) -> tuple[Phone, "subprocess.CompletedProcess[str]"]:
    phone = home.phone(10, "ea:83:e7:00:00:0a")
    home.run("ip", "route", "add", "default", "via", phone.address)
    listed = subprocess.run(
        ["ip", "netns", "exec", home.space, sys.executable, "-m", "whosthere", "presence",
         "devices", "--settings", settings_file],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return phone, listed


@pytest.mark.parametrize(
    ("seen", "like"),
    [
        (Observation(host="anns-iphone"), True),
        (Observation(host="galaxy-s24"), True),
        (Observation(mac="ea:83:e7:00:00:0b"), True),
        (Observation(mac="ea:83:e7:00:00:0b", host="printer"), False),
        (Observation(mac="a4:83:e7:00:00:0b"), False),
    ],
)
def test_phones_are_guessed_by_their_names_or_made_up_addresses(seen: Observation, like: bool):  # noqa: FBT001 - a table
    assert like == phone_like(seen)


def test_a_line_for_the_settings_cannot_be_broken_by_a_name():
    seen = Observation(mac="a4:83:e7:00:00:0b", host='x"]\n[evil')
    assert 'devices = [{ name = "xevil", mac = "a4:83:e7:00:00:0b" }]' == line_for(seen)
