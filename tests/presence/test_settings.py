"""Settings of presence: what cannot work is told, all at once."""

import pytest

from whosthere.app.settings import parse
from whosthere.core.errors import BadSettings
from whosthere.core.presence import Person, SourceRule
from whosthere.presence.settings import ADAPTERS, PresenceSettings

CAMERA = '[cameras.front]\nkind = "file"\npath = "a.mp4"\n'
ANN = '[presence.people.Ann]\ndevices = [{ name = "ann-phone", mac = "a4:83:e7:00:00:0a" }]\n'
NETWORK = '[[presence.sources]]\nkind = "neighbours"\n'
LEASES = '[[presence.sources]]\nkind = "leases"\n'
BLUETOOTH = '[[presence.sources]]\nkind = "bluetooth"\n'


def complaints(text: str) -> list[str]:
    with pytest.raises(BadSettings) as caught:
        parse(f"{CAMERA}{text}", "whosthere.toml")
    return [line.strip() for line in str(caught.value).splitlines()[1:]]


MISTAKES = {
    "bad mac": (
        f'{NETWORK}[presence.people.ann]\ndevices = [{{ name = "p", mac = "a4:83" }}]',
        (
            "presence.people.ann.devices.1.mac: a MAC address has six pairs of hex digits, as"
            " 'a4:83:e7:12:34:56'."
        ),
    ),
    "no devices": (
        f"{NETWORK}[presence.people.ann]\ndevices = []",
        "presence.people.ann.devices: needs at least 1.",
    ),
    "no kind": ("[[presence.sources]]\n", "presence.sources.1: 'kind' is needed: one of"),
    "mistyped": (
        f"{NETWORK}interfcae = 'x'",
        "presence.sources.1.interfcae: there is no such setting. Did you mean 'interface'?",
    ),
    "two sources of one name": (
        f"{ANN}{NETWORK}{NETWORK}",
        "presence.sources: 2 are called 'network'. Give each a 'name' of its own.",
    ),
    "two devices of one name": (
        f'{ANN}{NETWORK}[presence.people.Bob]\ndevices = [{{ name = "ann-phone", host = "x" }}]',
        "presence.people: 2 devices are called 'ann-phone'. Give each a 'name' of its own.",
    ),
    "one device of two people": (
        (
            f"{ANN}{NETWORK}[presence.people.Bob]\n"
            'devices = [{ name = "bob-phone", mac = "A4-83-E7-00-00-0A" }]'
        ),
        (
            "presence.people: ann-phone and bob-phone have the same 'mac' a4:83:e7:00:00:0a, so"
            " they cannot be told apart. Each device belongs to one person; leave it out at the"
            " other."
        ),
    ),
    "unknown device of a source": (
        f'{ANN}{NETWORK}devices = ["anns-phone"]\n{NETWORK}name = "other"',
        (
            "presence.sources.1.devices: nobody has a device 'anns-phone'. Known are ann-phone."
            " Add it at its person, in [presence.people.NAME]."
        ),
    ),
    "nobody tells who is home": (
        f"{ANN}{LEASES}",
        (
            "presence.sources: nothing here tells who is home. Leases alone only give names to what"
            ' others see. Add a source, such as kind = "neighbours".'
        ),
    ),
    "people without a source": (
        ANN,
        (
            "presence.sources: nothing here tells who is home. Add a source, such as"
            ' kind = "neighbours".'
        ),
    ),
    "a device that nobody sees": (
        f"{ANN}{BLUETOOTH}",
        (
            "presence.people: no source could ever see ann-phone, of which mac is given. Give its"
            " 'mac' or 'host' ('whosthere presence devices' lists them), or add a source that knows"
            " it."
        ),
    ),
    "leaving too soon": (
        f"{ANN}{NETWORK}every_seconds = 60\nleave_seconds = 90",
        (
            "presence.sources.1.leave_seconds: must be at least three times every_seconds, or one"
            " missed look sends everybody away."
        ),
    ),
    "listening too long": (
        f"{NETWORK}{BLUETOOTH}every_seconds = 10\nlisten_seconds = 20",
        "presence.sources.2.listen_seconds: must be at most every_seconds.",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_each_mistake_is_told_in_words(mistake: str):
    text, expected = MISTAKES[mistake]
    assert any(line.startswith(expected) for line in complaints(text)), complaints(text)


def test_the_rules_know_who_is_seen_by_whom():
    presence = PresenceSettings.model_validate({
        "people": {
            "Ann": {"devices": [{"name": "ann-phone", "mac": "A4-83-E7-00-00-0A"},
                                {"name": "ann-keys", "bluetooth": "c3:00:00:12:34:56"}]},
            "Gil": {"devices": [{"name": "gil-phone", "host": "gils"}], "guest": True},
        },
        "sources": [{"kind": "neighbours"}, {"kind": "leases"}, {"kind": "bluetooth"}],
    })  # fmt: skip
    assert (
        Person("Ann", ("ann-phone", "ann-keys")),
        Person("Gil", ("gil-phone",), guest=True),
    ) == presence.persons()
    assert (
        SourceRule("network", 420, 10, frozenset({"ann-phone", "gil-phone"})),
        SourceRule("bluetooth", 240, 30, frozenset({"ann-keys"})),
    ) == presence.rules()


def test_the_house_arms_within_ten_minutes_by_default():
    """Leaving is noticed, a last look is taken, and then comes the countdown of a minute."""
    told = list(PresenceSettings.model_validate(
        {"sources": [{"kind": "neighbours"}, {"kind": "bluetooth"}]}).sources)  # fmt: skip
    assert max(one.leave_seconds + 2 * one.every_seconds + 60 for one in told) <= 600


def test_a_phone_is_asked_several_times_before_it_counts_as_gone():
    sources = [{"kind": "neighbours"}, {"kind": "neighbours", "leave_seconds": 60}]
    told = PresenceSettings.model_validate({"sources": sources}).sources
    assert [60, 12] == [one.arguments()["rest_seconds"] for one in told]


def test_a_program_without_people_has_no_rules():
    assert () == parse(CAMERA, "whosthere.toml").policy().arming.people


def test_all_kinds_have_an_adapter():
    schema = PresenceSettings.model_json_schema()["properties"]["sources"]
    assert set(schema["items"]["discriminator"]["mapping"]) == set(ADAPTERS)
