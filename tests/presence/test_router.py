"""Routers that are asked over HTTP, against servers that behave, and misbehave, as real ones do."""

import hashlib
import ssl
import threading
import time
from dataclasses import dataclass
from typing import Any

import pytest

from tests.servers import routers
from tests.servers.routers import (
    ANN,
    BOB,
    BOX,
    CERTIFICATE,
    KEY,
    PASSWORD,
    USER,
    AsusRouter,
    BasicRouter,
    KeyRouter,
    Router,
    TalkRouter,
    TokenRouter,
    UbusRouter,
    XmlRouter,
)
from whosthere.core.errors import BadSettings, PresenceTrouble
from whosthere.core.presence import Observation
from whosthere.presence.descriptions import READY, parsed
from whosthere.presence.router import HttpRouter
from whosthere.presence.router_http import connected
from whosthere.presence.settings import PresenceSettings, make_source

FORM_AND_TABLE = """
[[login]]
path = "/"
keep = { csrf = { input = "csrf" } }
[[login]]
method = "POST"
path = "/login"
make = { hashed = "{password|md5}", proof = "{csrf}:{hashed}" }
form = { user = "{user}", pw = "{proof|md5}" }
keep = { sid = { header = "Set-Cookie", pattern = "sid=([^;]+)" } }
[list]
path = "/clients"
[list.devices]
format = "html"
mac = "MAC address"
address = "IP"
host = "Name"
connected = 'Online == "yes"'
"""
WRONG = "wr0ng"
XML_LIST = """
[list]
path = "/hosts.xml"
[list.devices]
format = "xml"
each = "hosts/host"
mac = "mac"
address = "ip"
host = "name"
connected = '@active == "1"'
"""
TEXT_LIST = """
[list]
path = "/hosts.xml"
[list.devices]
format = "text"
each = 'active="(?P<on>.)"><mac>(?P<mac>[^<]+)</mac><ip>(?P<ip>[^<]+)'
mac = "mac"
address = "ip"
connected = "on"
"""


@dataclass
class Clock:
    """Time that tests set."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


def asking(router: Router, description: str, **more: Any) -> HttpRouter:
    """Ask by a ready description."""
    about = {"kind": "router", "url": router.url, "router": description, "user": USER, **more}
    settings = PresenceSettings.model_validate({"sources": [about]}).sources[0]
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("WHOSTHERE_ROUTER_PASSWORD", PASSWORD)
        environment.setenv("WHOSTHERE_ROUTER_KEY", KEY)
        source = make_source(settings)
    assert isinstance(source, HttpRouter)
    return source


def described(router: Router, text: str, **more: Any) -> HttpRouter:
    """Ask by a description of one's own."""
    given = {"user": USER, "password": more.pop("password", PASSWORD)}
    return HttpRouter("router", router.url, parsed(text, "mine.toml"), given, **more)


def talk(router: Router, **more: Any) -> HttpRouter:
    more = {"timeout_seconds": 2.0, **more}
    return described(router, _ready("session-cookie"), **more)


def _ready(name: str) -> str:
    return (READY / f"{name}.toml").read_text()


def macs(found: Any) -> list[str]:
    return [one.mac for one in found]


def trouble(source: HttpRouter) -> str:
    with pytest.raises(PresenceTrouble) as caught:
        source.seen()
    return str(caught.value)


# --- what is seen


def test_a_login_with_a_cookie_gives_names_addresses_and_macs():
    with TalkRouter() as router:
        found = asking(router, "session-cookie").seen()

    assert Observation(mac=ANN, address="192.168.1.40", host="anns-iphone") == found[0]
    assert [ANN, BOB, BOX] == macs(found)


def test_openwrt_lists_all_radios_and_takes_names_from_its_hints():
    with UbusRouter() as router:
        found = asking(router, "openwrt").seen()

    assert Observation(BOB, "192.168.1.41", "bobs-pixel", ago=2.5) == found[1]


def test_openwrt_without_anybody_by_wifi_is_an_answer():
    with UbusRouter(devices=[]) as router:
        assert [] == asking(router, "openwrt").seen()


def test_an_account_that_may_log_in_but_not_look_is_no_wrong_password():
    with UbusRouter(may_list_radios=False) as router:
        told = trouble(asking(router, "openwrt"))

    assert "it gives no 'radios' (step login 2)" in told


@pytest.mark.parametrize("name", ["unifi", "pfsense"])
def test_a_key_is_enough(name: str):
    with KeyRouter() as router:
        found = asking(router, name).seen()

    assert [ANN, BOB, BOX] == macs(found)
    assert "anns-iphone" == found[0].host


def test_a_list_that_is_not_whole_is_no_answer():
    page = {"offset": 0, "limit": 200, "count": 1, "totalCount": 250,
            "data": [{"macAddress": ANN}]}  # fmt: skip
    with KeyRouter(fault=lambda call: call.give(page)) as router:
        assert "its list shows 1 of 250" in trouble(asking(router, "unifi"))


def test_expired_entries_of_an_arp_table_are_not_seen():
    with BasicRouter() as router:
        router.devices[1].connected = False
        found = asking(router, "opnsense").seen()

    assert [ANN, BOX] == macs(found)


def test_names_of_leases_are_joined_and_nobody_is_seen_for_a_lease():
    with BasicRouter() as router:
        router.devices[1].connected = False
        found = asking(router, "mikrotik-rest").seen()

    assert [Observation(ANN, "192.168.1.40", "anns-iphone"), BOX] == [found[0], found[1].mac]


def test_a_form_with_a_token_a_hashed_password_and_a_table():
    with TokenRouter() as router:
        router.devices[1].connected = False
        found = described(router, FORM_AND_TABLE).seen()

    assert [Observation(ANN, "192.168.1.40", "anns-iphone"), BOX] == [found[0], found[1].mac]


@pytest.mark.parametrize("text", [XML_LIST, TEXT_LIST])
def test_xml_is_read_by_path_or_expression(text: str):
    with XmlRouter() as router:
        router.devices[0].connected = False
        found = described(router, text).seen()

    assert [(BOB, "192.168.1.41"), (BOX, "192.168.1.9")] == [(o.mac, o.address) for o in found]


def test_the_time_last_seen_counts_by_the_routers_own_clock():
    text = """
    [list]
    path = "/x"
    [list.devices]
    each = "*"
    mac = "mac"
    last_seen = "at"
    """

    late = {"Date": "Tue, 05 May 2020 10:00:30 GMT"}
    answer = [{"mac": ANN, "at": "2020-05-05T10:00:00Z"}]
    with XmlRouter(fault=lambda call: call.give(answer, **late)) as router:
        found = described(router, text).seen()

    assert [30.0] == [one.ago for one in found]


def test_asus_tells_who_is_online():
    with AsusRouter() as router:
        router.devices[1].connected = False
        found = asking(router, "asus").seen()

    assert [Observation(ANN, "192.168.1.40", "anns-iphone"), BOX] == [found[0], found[1].mac]


# --- the login


def test_the_login_is_kept():
    with TalkRouter() as router:
        source = talk(router)
        source.seen()
        source.seen(again=True)

    assert 1 == router.logins


def test_a_lost_login_is_made_anew_once():
    with TalkRouter() as router:
        source = talk(router)
        source.seen()
        router.forget_everybody()
        found = source.seen()

    assert (3, 2) == (len(found), router.logins)


@pytest.mark.parametrize(
    ("kind", "name"), [(UbusRouter, "openwrt"), (AsusRouter, "asus"), (TokenRouter, None)]
)
def test_other_routers_say_otherwise_that_the_login_is_over(kind: type[Router], name: str | None):
    with kind() as router:
        source = described(router, _ready(name) if name else FORM_AND_TABLE)
        source.seen()
        router.forget_everybody()
        found = source.seen()

    assert (3, 2) == (len(found), router.logins)


def test_a_login_that_is_always_lost_is_not_made_again_and_again():
    with TalkRouter(fault=routers.login_page) as router:
        clock = Clock()
        source = talk(router, clock=clock)
        told = trouble(source)
        for _ in range(5):
            trouble(source)

    assert "does not accept user and password" in told
    assert 1 == router.logins


@pytest.mark.parametrize(
    ("kind", "name"), [(TalkRouter, "session-cookie"), (UbusRouter, "openwrt"),
                       (BasicRouter, "opnsense"), (AsusRouter, "asus"), (TokenRouter, None)],
)  # fmt: skip
def test_a_wrong_password_is_told_and_does_not_lock_us_out(kind: type[Router], name: str | None):
    text = _ready(name) if name else FORM_AND_TABLE
    with kind() as router:
        clock = Clock()
        source = described(router, text, password=WRONG, clock=clock)
        told = trouble(source)
        asked = len(router.calls)
        clock.seconds += 59
        assert told == trouble(source)
        assert asked == len(router.calls)
        clock.seconds += 2
        trouble(source)
        clock.seconds += 61
        trouble(source)

    assert "does not accept user and password. Correct 'user' or the environment's" in told
    assert "WHOSTHERE_ROUTER_PASSWORD" in told
    assert "tried again in 1 min" in told
    assert WRONG not in told
    assert 2 == router.wrong_logins


def test_a_router_that_is_busy_with_somebody_is_asked_again_soon():
    with AsusRouter(somebody_else=True) as router:
        source = asking(router, "asus")
        told = trouble(source)
        router.somebody_else = False
        found = source.seen()

    assert "somebody else is logged in" in told
    assert 3 == len(found)


def test_a_wrong_key_names_the_key():
    with KeyRouter() as router:
        source = HttpRouter("router", router.url, parsed(_ready("unifi"), "u"), {"key": WRONG})
        told = trouble(source)

    assert "does not accept key. Correct" in told
    assert "WHOSTHERE_ROUTER_KEY" in told
    assert WRONG not in told


# --- what may go wrong: never taken for an empty house


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (routers.status(500), "it answers 500"),
        (routers.status(503), "busy or starting"),
        (routers.status(404), "there is no such page"),
        (routers.garbage, "the list is no JSON"),
        (routers.no_web_server, "does not answer as a web server"),
        (routers.cut, "the connection was cut"),
        (routers.cut_at_once, "the connection was cut"),
        (routers.hang, "no answer within 0.5 s"),
        (routers.drip, "no answer within 0.5 s"),
        (routers.login_page, "does not accept user and password"),
        (routers.circle, "does not accept user and password"),
        (lambda call: call.give([]), "its list is empty. At least this machine"),
        (lambda call: call.give(""), "which is empty, is no JSON"),
        (lambda call: call.give({}), "its list is empty"),
        (lambda call: call.give([{"phys": ANN}]), "software may be newer"),
        (lambda call: call.redirect("https://127.0.0.1/api"), "it sends us to https://127.0.0.1"),
    ],
)
def test_trouble_is_told_as_such(fault: routers.Fault, words: str):
    with TalkRouter(fault=fault) as router:
        told = trouble(talk(router, timeout_seconds=0.5))

    assert words in told
    assert PASSWORD not in told


def test_an_answer_without_end_is_given_up():
    with TalkRouter(fault=routers.huge) as router:
        told = trouble(talk(router, timeout_seconds=10.0))

    assert "larger than 4 MB" in told


@pytest.mark.parametrize("tls", [False, True])
def test_stopping_does_not_wait_for_a_router_that_hangs(tls: bool):  # noqa: FBT001 - a parameter
    asked = threading.Event()

    def hang(call: routers.Handler) -> None:
        asked.set()
        routers.hang(call)

    with TalkRouter(fault=hang, tls=tls) as router:
        source = talk(router, timeout_seconds=60.0, verify_tls=False)
        told: list[str] = []
        thread = threading.Thread(target=lambda: told.append(trouble(source)))
        thread.start()
        assert asked.wait(10)
        source.stop()
        thread.join(5)

    assert not thread.is_alive()
    assert "the connection was cut" in told[0]


def test_stopping_does_not_wait_for_a_router_that_is_not_there():
    stopping = threading.Event()
    stopping.set()
    with pytest.raises(OSError):  # noqa: PT011 - which one, depends on the network here
        connected("192.0.2.1", 9, time.monotonic() + 60, stopping)


def test_nobody_listening_is_told():
    with TalkRouter() as router:
        source = talk(router)

    assert "the connection is refused" in trouble(source)


def test_it_sees_again_when_the_router_is_well_again():
    with TalkRouter(fault=routers.status(500)) as router:
        source = talk(router)
        trouble(source)
        router.fault = None
        found = source.seen()

    assert 3 == len(found)


def test_a_list_may_be_empty_where_that_is_said():
    with TalkRouter(devices=[]) as router:
        assert [] == talk(router, empty_is_failure=False).seen()


def test_all_marked_as_gone_is_as_bad_as_an_empty_list():
    with XmlRouter() as router:
        for device in router.devices:
            device.connected = False
        told = trouble(described(router, XML_LIST))

    assert "or all are marked as not connected" in told


def test_a_mark_that_is_there_no_more_is_not_taken_for_gone():
    with XmlRouter() as router:
        told = trouble(described(router, XML_LIST.replace("@active", "@online")))

    assert "no entry of its list has '@online'" in told


def test_xml_that_defines_things_is_not_read():
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]><lan><hosts/></lan>'
    with XmlRouter(fault=lambda call: call.give(bomb, "text/xml")) as router:
        told = trouble(described(router, XML_LIST))

    assert "is no plain XML" in told


# --- TLS


def own_fingerprint() -> str:
    pem = CERTIFICATE.read_text()
    der = ssl.PEM_cert_to_DER_cert(pem[pem.index("-----BEGIN CERTIFICATE") :])
    return hashlib.sha256(der).hexdigest()


def test_a_certificate_of_its_own_is_refused_with_its_fingerprint():
    with TalkRouter(tls=True) as router:
        told = trouble(talk(router))

    assert f"set fingerprint = '{own_fingerprint()}'" in told
    assert [] == router.calls


def test_the_right_fingerprint_is_enough_in_any_notation():
    shown = own_fingerprint().upper()
    pairs = ":".join(shown[at : at + 2] for at in range(0, 64, 2))
    with TalkRouter(tls=True) as router:
        assert 3 == len(talk(router, fingerprint=f"SHA256:{pairs}").seen())


def test_another_certificate_than_the_pinned_one_gets_nothing():
    with TalkRouter(tls=True) as router:
        told = trouble(talk(router, fingerprint="00" * 32))

    assert "another certificate" in told
    assert [] == router.calls


def test_certificates_need_not_be_looked_at():
    with TalkRouter(tls=True) as router:
        assert 3 == len(talk(router, verify_tls=False).seen())


# --- explaining


def test_each_step_is_explained_without_secrets():
    with TokenRouter() as router:
        lines = described(router, FORM_AND_TABLE).explain()
        secrets = [PASSWORD, router.token, *router.sessions]

    told = [line.partition(",")[0] for line in lines[:-2]]
    assert ["login 1: GET /: 200", "  keeps 'csrf'", "login 2: POST /login: 200", "  keeps 'sid'",
            "list: GET /clients: 200"] == told  # fmt: skip
    assert ("list: 3 entries", "3 devices are connected") == lines[-2:]
    assert not [one for one in secrets for line in lines if one in line]


def test_the_step_that_fails_is_explained():
    with TalkRouter(fault=routers.status(500)) as router:
        lines = talk(router).explain()

    assert lines[-1].endswith("it answers 500 (step list).")


# --- descriptions


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[list]", "list.0.path: Field required"),
        ('[list]\npath = "/{sesion}"\ndevices = {mac = "m"}', "uses {sesion}, which is neither"),
        ('[list]\npath = "/{user|md6}"\ndevices = {mac = "m"}', "no such filter as 'md6'"),
        ('[list]\npath = "/{user"\ndevices = {mac = "m"}', "a brace stands alone"),
        ('[list]\npath = "/"\ndevices = {each = "*"}', "at least one of 'mac', 'address'"),
        ('[list]\npath = "/"\ndevices = {mac = "m", connected = "a == = b"}', "a condition is"),
        ('[list]\npath = "/"\ndevices = {format = "text", each = "(", mac = "m"}',
         "is no regular expression"),
        ('[list]\npath = "/"\ndevices = {format = "text", each = "x", mac = "m"}',
         "'each' has no group named m"),
        ('[list]\npath = "/"\nnames_only = true\ndevices = {mac = "m"}', "no list says who"),
        ('[list]\npath = "/"\nfor_each = {a = "b"}\ndevices = {mac = "m"}', "which nothing keeps"),
        ("[list", "is not valid TOML"),
    ],
)  # fmt: skip
def test_a_wrong_description_says_what_is_wrong(text: str, words: str):
    with pytest.raises(BadSettings) as caught:
        parsed(text, "mine.toml")

    assert words in str(caught.value)
    assert "mine.toml" in str(caught.value)


def test_a_missing_password_is_told_before_anything_is_asked():
    about = {"kind": "router", "url": "http://192.168.1.1", "router": "openwrt", "user": "root"}
    settings = PresenceSettings.model_validate({"sources": [about]}).sources[0]

    with pytest.raises(BadSettings, match=r"needs a password\. Set WHOSTHERE_ROUTER_PASSWORD in"):
        make_source(settings)


def test_a_mistyped_ready_description_is_guessed():
    about = {"kind": "router", "url": "http://192.168.1.1", "router": "opnwrt"}

    with pytest.raises(ValueError, match="Did you mean 'openwrt'"):
        PresenceSettings.model_validate({"sources": [about]})


def test_a_description_may_stand_in_the_settings_themselves():
    with XmlRouter() as router:
        table = {"list": {"path": "/", "devices": {"format": "xml", "each": "hosts/host",
                                                   "mac": "mac"}}}  # fmt: skip
        about = {"kind": "router", "url": router.url, "described": table}
        settings = PresenceSettings.model_validate({"sources": [about]}).sources[0]
        found = make_source(settings).seen()

    assert [ANN, BOB, BOX] == macs(found)
