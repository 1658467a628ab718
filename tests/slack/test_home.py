"""The App Home: the dashboard, up to date while it is open."""

from tests.servers.fake_slack import ANNA, CHANNEL, CLEO
from tests.slack.rig import JPEG, NOW, Rig, alert, overview
from whosthere.core.model import News
from whosthere.core.modes import Mode


def opened(rig: Rig, user: str = ANNA) -> str:
    rig.fake.event(user, type="app_home_opened", tab="home", channel="D1")
    return str(rig.fake.until(lambda: rig.fake.views.get(user)))


def test_it_shows_the_house(rig: Rig):
    view = opened(rig)
    for part in ("🔒 home: away", "Anna asked", "*Home:* not known", "🔴 *shed*",
                 "person 90 % · _going on_", "occupied, says Ben", "All is well",
                 "*Notifications*: on"):  # fmt: skip
        assert part in view


def test_it_follows_changes_while_it_is_open(rig: Rig):
    opened(rig)
    rig.book.looks = overview(Mode.NIGHT)
    rig.fake.until(lambda: "home: night" in str(rig.fake.views[ANNA]))


def test_it_is_published_only_when_something_is_new(rig: Rig):
    opened(rig)
    rig.parts.line.call(lambda _: rig.parts.home.refresh(), 5)
    assert 1 == rig.fake.calls.count("views.publish")


def test_a_button_changes_the_mode_and_all_are_told(rig: Rig):
    opened(rig)
    rig.fake.press_home("home_night")
    (message,) = rig.fake.posted()
    assert "Anna: You asked: arm night" == message["text"]
    rig.fake.until(lambda: "➜ You asked: arm night" in str(rig.fake.views[ANNA]))


def test_a_switch_is_turned_to_what_its_button_says(rig: Rig):
    opened(rig)
    rig.fake.press_home("home_switch_notifications_off")
    rig.fake.until(lambda: rig.book.asked)
    assert "notifications off" == rig.book.asked[0].text


def test_a_button_that_is_not_there_asks_for_nothing(rig: Rig):
    opened(rig)
    rig.fake.press_home("home_switch_9_on")
    rig.fake.until(lambda: rig.fake.calls.count("views.publish") == 2)
    assert [] == rig.book.asked


def test_who_may_only_look_has_no_buttons(rig: Rig):
    assert "'button'" not in opened(rig, CLEO)


def test_it_shows_the_last_picture_of_a_camera(rig: Rig):
    (rig.folder / "one.jpg").write_bytes(JPEG.read_bytes())
    rig.send(alert())
    rig.send(alert(0, 2, News.PICTURE, file="one.jpg"))
    message = rig.fake.messages[CHANNEL][0]
    rig.fake.until(lambda: "slack_file" in str(message["blocks"]))
    rig.fake.until(lambda: rig.parts.home._pictures)  # noqa: SLF001 - noted just after
    assert "slack_file" in opened(rig)


def test_a_picture_that_was_deleted_does_not_keep_it_from_being_shown(rig: Rig):
    rig.parts.home.note_picture("front", "F404", NOW)
    assert "slack_file" not in opened(rig)


def test_disarming_is_asked_about_first(rig: Rig):
    opened(rig)
    buttons = {
        one["action_id"]: one
        for block in rig.fake.views[ANNA]["blocks"]
        for one in block.get("elements", ())
    }
    assert "Disarm?" == buttons["home_off"]["confirm"]["title"]["text"]
    assert "confirm" not in buttons["home_away"]
    rig.fake.press_home("home_off")
    rig.fake.until(lambda: rig.book.asked)
    assert "disarm" == rig.book.asked[0].text
