"""Devices by MQTT, told by a real Mosquitto that comes and goes."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("paho.mqtt.client", reason="needs the extra mqtt")

from tests.servers.mosquitto import MISSING, PASSWORD, USER, Mosquitto
from tests.servers.routers import CERTIFICATE
from whosthere.core.errors import PresenceTrouble
from whosthere.core.presence import Observation
from whosthere.presence.mqtt import MqttTopic
from whosthere.presence.settings import PresenceSettings, make_source

pytestmark = pytest.mark.skipif(MISSING, reason="needs Debian's mosquitto")

TOPIC = "homeassistant/person/ann/state"
HOME = [Observation(device="ann-phone")]
PATIENCE = 15.0  # seconds
LEAKS = pytest.mark.filterwarnings(  # the library leaves its socket open when TLS fails
    "ignore::pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    one = Mosquitto(tmp_path / "broker")
    one.start()
    yield one
    one.stop()


def topic(broker: Mosquitto, password: str = PASSWORD, **more: Any) -> MqttTopic:
    """Make it by way of the settings."""
    about = {"kind": "mqtt", "host": "127.0.0.1", "port": broker.port, "topic": TOPIC,
             "devices": ["ann-phone"], "user": USER, **more}  # fmt: skip
    settings = PresenceSettings.model_validate({"sources": [about]}).sources[0]
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("WHOSTHERE_MQTT_PASSWORD", password)
        source = make_source(settings)
    assert isinstance(source, MqttTopic)
    return source


class Listener:
    """The thread of a source, as a worker would run it: started again when it fails."""

    def __init__(self, source: MqttTopic) -> None:
        self.source = source
        self.raised: list[str] = []
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.source.listen(self._heard)
            except PresenceTrouble as trouble:
                self.raised.append(str(trouble))
                self._heard()
                self._stopping.wait(0.1)

    def _heard(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def until(self, holds: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(holds, PATIENCE), self.raised

    def sees(self, wanted: list[Observation]) -> bool:
        try:
            return wanted == list(self.source.seen())
        except PresenceTrouble:
            return False

    def trouble(self) -> str:
        try:
            self.source.seen()
        except PresenceTrouble as trouble:
            return str(trouble)
        return ""

    def stop(self) -> None:
        self._stopping.set()
        self.source.stop()
        self._thread.join(2)
        assert not self._thread.is_alive(), "it does not stop"

    def start(self) -> None:
        self._thread.start()


@contextmanager
def listening(source: MqttTopic) -> Iterator[Listener]:
    listener = Listener(source)
    listener.start()
    try:
        listener.until(lambda: "not connected" not in listener.trouble())
        yield listener
    finally:
        listener.stop()


def test_what_is_told_holds_until_the_next_word(broker: Mosquitto):
    with listening(topic(broker)) as listener:
        listener.until(lambda: "has said nothing yet of ann-phone" in listener.trouble())
        broker.say(TOPIC, "home")
        listener.until(lambda: listener.sees(HOME))
        broker.say(TOPIC, "not_home")
        listener.until(lambda: listener.sees([]))
        broker.say(TOPIC, "Home")
        listener.until(lambda: listener.sees(HOME))


def test_a_retained_word_is_heard_at_the_start(broker: Mosquitto):
    broker.say(TOPIC, "work", retain=True)
    with listening(topic(broker)) as listener:
        listener.until(lambda: listener.sees([]))


def test_before_any_connection_nothing_is_known(broker: Mosquitto):
    with pytest.raises(PresenceTrouble, match="is not connected yet"):
        topic(broker).seen()


def test_a_broker_that_goes_away_is_a_failure_and_no_empty_house(broker: Mosquitto):
    broker.say(TOPIC, "home", retain=True)
    with listening(topic(broker)) as listener:
        listener.until(lambda: listener.sees(HOME))
        broker.stop()
        listener.until(lambda: listener.trouble() != "")
        listener.until(lambda: any("refuses the connection" in one for one in listener.raised))
        broker.start()  # and has forgotten all
        listener.until(lambda: "said nothing yet" in listener.trouble())
        broker.say(TOPIC, "home")
        listener.until(lambda: listener.sees(HOME))


def test_what_is_said_while_we_are_away_is_heard_later(tmp_path: Path):
    broker = Mosquitto(tmp_path / "broker", keeps=True)
    broker.start()
    try:
        source = topic(broker)
        with listening(source) as listener:
            broker.say(TOPIC, "home")
            listener.until(lambda: listener.sees(HOME))
        broker.say(TOPIC, "not_home")
        with listening(topic(broker)) as listener:
            listener.until(lambda: listener.sees([]))
    finally:
        broker.stop()


@pytest.mark.parametrize(("user", "password"), [(USER, "wr0ng"), ("nobody", PASSWORD)])
def test_a_wrong_login_is_told_without_the_password(broker: Mosquitto, user: str, password: str):
    with pytest.raises(PresenceTrouble) as caught:
        topic(broker, user=user, password=password).listen(lambda: None)

    assert "refuses us: not authorized. Correct 'user' or the password" in str(caught.value)
    assert password not in str(caught.value)


def test_nobody_listening_is_told(broker: Mosquitto):
    broker.stop()
    with pytest.raises(PresenceTrouble, match="refuses the connection"):
        topic(broker).listen(lambda: None)


def test_the_last_will_of_the_sender_makes_it_unknown(broker: Mosquitto):
    broker.say(TOPIC, "home", retain=True)
    with listening(topic(broker, availability_topic="homeassistant/status")) as listener:
        listener.until(lambda: listener.sees(HOME))
        broker.say("homeassistant/status", "offline", retain=True)
        listener.until(lambda: "says that the sender is away" in listener.trouble())
        broker.say("homeassistant/status", "online", retain=True)
        listener.until(lambda: listener.sees(HOME))


@pytest.mark.parametrize("word", ["unknown", "unavailable", ""])
def test_some_words_say_nothing(broker: Mosquitto, word: str):
    with listening(topic(broker)) as listener:
        broker.say(TOPIC, "home")
        listener.until(lambda: listener.sees(HOME))
        broker.say(TOPIC, word)
        listener.until(lambda: "said nothing yet" in listener.trouble())


def test_a_state_inside_json(broker: Mosquitto):
    with listening(topic(broker, json_path="tracker.state")) as listener:
        broker.say(TOPIC, '{"tracker": {"state": "home"}}', retain=True)
        listener.until(lambda: listener.sees(HOME))
        broker.say(TOPIC, '{"tracker": {"state": "not_home"}}')
        listener.until(lambda: listener.sees([]))
        broker.say(TOPIC, "garbage {")
        listener.until(lambda: "said nothing yet" in listener.trouble())


def test_owntracks_tells_regions(broker: Mosquitto):
    about = {"style": "owntracks", "topic": "owntracks/ann/phone/#"}
    event = "owntracks/ann/phone/event"
    with listening(topic(broker, **about)) as listener:
        place = "owntracks/ann/phone"
        broker.say(place, '{"_type": "location", "inregions": ["Home", "town"]}', retain=True)
        listener.until(lambda: listener.sees(HOME))
        broker.say(event, '{"_type": "transition", "event": "leave", "desc": "town"}')
        broker.say(event, '{"_type": "transition", "event": "leave", "desc": "home"}')
        listener.until(lambda: listener.sees([]))
        broker.say(event, '{"_type": "transition", "event": "enter", "desc": "home"}')
        listener.until(lambda: listener.sees(HOME))
        broker.say(place, '{"_type": "location"}')
        listener.until(lambda: listener.sees([]))


def test_sensors_in_rooms_say_that_it_is_near(broker: Mosquitto):
    about = {"style": "heard", "topic": "espresense/devices/ann-phone/+"}
    broker.say("espresense/devices/ann-phone/hall", "{}", retain=True)
    with listening(topic(broker, **about)) as listener:
        listener.until(lambda: listener.sees([]))
        broker.say("espresense/devices/ann-phone/kitchen", '{"distance": 2.1}')
        listener.until(lambda: bool(listener.source.seen()))
        (heard,) = listener.source.seen()

    assert ("ann-phone", True) == (heard.device, 0 <= heard.ago < PATIENCE)


@LEAKS
def test_tls_with_a_certificate_of_ones_own(tmp_path: Path):
    broker = Mosquitto(tmp_path / "broker", tls=True)
    broker.start()
    try:
        broker.say(TOPIC, "home", retain=True)
        with listening(topic(broker, tls=True, ca_file=str(CERTIFICATE))) as listener:
            listener.until(lambda: listener.sees(HOME))
        with pytest.raises(PresenceTrouble, match="nobody known vouches for"):
            topic(broker, tls=True).listen(lambda: None)
    finally:
        broker.stop()


@LEAKS
def test_tls_where_there_is_none_is_told(broker: Mosquitto):
    with pytest.raises(PresenceTrouble, match=r"TLS|does not answer|cannot be reached"):
        topic(broker, tls=True).listen(lambda: None)


def test_a_look_by_a_command_disturbs_nobody(broker: Mosquitto):
    broker.say(TOPIC, "home", retain=True)
    source, other = topic(broker), topic(broker)
    other.beside()
    with listening(source) as listener:
        listener.until(lambda: listener.sees(HOME))
        with listening(other) as look:
            look.until(lambda: look.sees(HOME))
        assert HOME == other.seen()  # and what was told stays after its end
        assert (True, []) == (listener.sees(HOME), listener.raised)


def test_a_topic_is_about_one_device():
    about = {"kind": "mqtt", "host": "x", "topic": TOPIC, "devices": ["a", "b"]}

    with pytest.raises(ValueError, match="it is about one device"):
        PresenceSettings.model_validate({"sources": [about]})
