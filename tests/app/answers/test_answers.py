"""Every request on a small real house: what is answered, what changes, and who may ask."""

import re
from dataclasses import replace
from datetime import timedelta

import av
import cv2
import pytest

from tests.app.answers.living import EVENING, SmallHouse, visit
from whosthere.app.answers.answering import Answers
from whosthere.app.answers.choose import example_of
from whosthere.app.answers.policy import folded
from whosthere.core.commands import BY_NAME, COMMANDS
from whosthere.core.messages import Tampered
from whosthere.core.model import Answer, News, Urgency
from whosthere.core.modes import Controls, Mode
from whosthere.core.people import Switch
from whosthere.core.requests import Role


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("help", "`snooze 30m [CAMERA]`"),
        ("help snooze", "Example: `snooze 30m front`"),
        ("help pycam_on", "Also: `pycam_on`."),
        ("status", "*Home* is in mode *away*"),
        ("status", "• *front*: no picture yet"),
        ("status", "no incidents yet"),
        ("cameras", "• *garden*: no picture yet; mode away"),
        ("snapshot front", "There is no picture of front yet."),
        ("clip front", "There is nothing of front to make a clip of."),
        ("snapshot", "Which camera? There are front, garden. Example: `snapshot front`"),
        ("last_image", "There is no picture of an incident yet."),
        ("incidents", "No incidents in the last 24 h."),
        ("incidents today garden", "No incidents at garden on Thu 2026-01-01."),
        ("why", "There is no incident yet."),
        ("tag occupied", "There is no incident yet."),
        ("who is home?", "I cannot know who is home: no presence source is configured."),
        ("health", "All is well."),
        ("camera ok front", "what it sees now counts as right"),
        ("top", "memory: "),
        ("pi_status", "disk: "),
        ("log", "Nobody has changed anything yet."),
        ("seen", "No alert waits for an answer."),
        ("arm", "Mode *away* since 22:00:00 (Ann asked)."),
        ("pycam_on front", "front: mode *away* since 22:00:00 (Ann asked)."),
        ("arm night for 90m", "until 23:30 (1 h 30 min), then away."),
        ("arm garden home until monday", "until Mon 00:00 (3 days 2 h), then as the house."),
        ("pycam_off", "Mode *off*"),
        ("disarm garden", "garden: mode *off*"),
        ("snooze 30m", "No alerts until 22:30 (30 min)."),
        ("snooze 30m garden", "No alerts of garden until 22:30 (30 min)."),
        ("snooze off", "Alerts come again."),
        ("notifications_off", "Notifications are *off*. Lost cameras are told nevertheless."),
        ("notifications off until 7:00", "Notifications are *off* until Fri 07:00 (9 h)."),
        ("notifications_on", "Notifications are *on*."),
        ("auto_detect_on", "`auto_detect` is *on*. No presence source is configured"),
        ("auto_detect_off", "`auto_detect` is *off*."),
        ("save_images_on", "`save_images` is *on*. A few times a day, you will be asked"),
        ("save_images_off", "`save_images` is *off*."),
        ("gpio_on", "`motion_sensors` is *on*. No motion sensor is configured"),
        ("gpio_off", "`motion_sensors` is *off*."),
        ("light_on", "No light is configured, so nothing was switched."),
        ("light_off", "No light is configured, so nothing was switched."),
        ("rotate 10 20", "no pan/tilt is configured"),
        ("current_position", "no pan/tilt is configured"),
        ("init", "Back to normal"),
        ("snapshto front", "Did you mean `snapshot front`?"),
        ("arm somewhere", "It is `arm [away|home|night] [CAMERA] [for 2h | until 7:00] [force]`"),
        ("snapshot kitchen", "Cameras are front, garden."),
        ("blah", "An example is `status`"),
        ("disarm?", "That is a question, so I changed nothing. Did you mean `disarm`?"),
    ],
)  # fmt: skip
def test_each_request_is_answered_sensibly(house, text, words):
    assert words in house.ask(text).text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("snooze 30m", {"snoozed": EVENING + timedelta(minutes=30)}),
        ("snooze 30m front", {"snoozed_cameras": {"front": EVENING + timedelta(minutes=30)}}),
        ("notifications off", {"notifications": False}),
        ("notifications off for 1h",
         {"notifications": False, "quiet_until": EVENING + timedelta(hours=1)}),
        ("auto_detect on", {"switches": frozenset({Switch.AUTO_DETECT})}),
        ("save images on", {"switches": frozenset({Switch.SAVE_IMAGES})}),
        ("gpio on", {"switches": frozenset({Switch.MOTION_SENSORS})}),
    ],
)  # fmt: skip
def test_what_is_set_survives_a_restart_and_is_in_the_log(house, text, expected):
    house.ask(text)
    house.restart()

    assert Controls(since=EVENING, **expected) == house.keeper.house.controls
    (entry,) = house.store.audit()
    assert ("Ann", "test", EVENING, True) == (entry.who, entry.origin, entry.at, entry.done)
    assert entry.what in house.ask("log").text


def test_arming_for_a_time_survives_a_restart_and_ends_where_it_began(house):
    house.ask("arm night")
    house.ask("arm away for 2h")
    house.ask("arm home garden for 1h")
    house.restart()
    assert Mode.AWAY == house.keeper.house.arm_state.mode
    assert Mode.HOME == house.keeper.house.mode_of("garden")

    house.wait(3601)
    house.restart()
    assert Mode.AWAY == house.keeper.house.mode_of("garden")

    house.wait(3600)
    house.restart()
    assert Mode.NIGHT == house.keeper.house.arm_state.mode
    assert "mode night again: the time in mode away is over" in house.ask("log").text


def test_the_whole_house_includes_cameras_with_a_mode_of_their_own(house):
    house.ask("disarm garden")

    assert "That holds for garden too" in house.ask("arm away").text
    assert Mode.AWAY == house.keeper.house.mode_of("garden")


def test_who_arms_hears_what_keeps_the_house_quiet(house):
    house.ask("notifications off")
    house.ask("snooze 1h")

    text = house.ask("arm away").text

    assert "But notifications are off" in text
    assert "But alerts are snoozed until 23:00 (1 h)" in text


def test_ending_the_snooze_of_one_camera_says_if_all_are_snoozed(house):
    house.ask("snooze 1h")

    assert "garden is still snoozed with all cameras" in house.ask("snooze off garden").text


# --- who may what


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
@pytest.mark.parametrize("role", Role)
def test_each_may_ask_what_the_table_says_and_refusals_are_in_the_log(house, command, role):
    before = house.keeper.house

    reply = house.ask(command.example, role)

    refused = reply.refused and reply.text.startswith("Sorry, Ann.")
    assert refused is (role < command.role)
    entries = [entry for entry in house.store.audit() if not entry.done]
    assert ([f"asked `{command.example}`"] if refused else []) == [one.what for one in entries]
    assert not refused or before == house.keeper.house


def test_help_names_only_what_one_may_ask(house):
    assert "`snapshot" in house.ask("help", Role.VIEWER).text
    assert "`tag" not in house.ask("help", Role.VIEWER).text
    assert "`tag" in house.ask("help", Role.TAGGER).text
    assert "`disarm" not in house.ask("help", Role.TAGGER).text


def test_who_may_nothing_learns_nothing(house):
    texts = {house.ask(text, Role.NOBODY).text for text in ("status", "help", "snapsht", "")}

    assert {"Sorry, Ann. You may not ask this house anything."} == texts


def test_names_and_words_of_strangers_are_shown_on_one_line(house):
    house.ask("disarm `now`\n*all*" * 9, Role.NOBODY, name="Eve`\n• 22:00 Ann: mode off")

    (line,) = house.ask("log").text.splitlines()
    assert line.startswith("• 22:00:00 Eve' • 22:00 Ann: mode off (test): *refused* asked `disarm")
    assert len(line) < 160


# --- pictures and clips


def jpeg(house: SmallHouse, file: str):
    return cv2.imread(str(house.folder / file))


def test_a_snapshot_is_live_and_says_how_old_it_is(house):
    house.watch(seconds=3.0)

    reply = house.ask("snapshot front")

    assert "*front*, live: 0.0 s old, 22:00:03" == reply.text.replace("0.1 s", "0.0 s")
    height, width = house.frames.of("front").frame.luma.shape
    assert (height, width, 3) == jpeg(house, reply.file).shape
    assert "Live picture of camera front" == reply.alt


def test_an_old_picture_is_never_called_live(house):
    house.watch(seconds=3.0)
    house.health.failed("front", "Camera 'front' does not answer.", 3.0)
    house.clock += 60

    reply = house.ask("snapshot front")

    assert reply.text.startswith("*Not live*: the newest picture of front is 1 min old, 22:00:03.")
    assert reply.text.endswith("Camera 'front' does not answer.")
    assert "Old picture" in reply.alt


def test_a_clip_shows_the_last_seconds(house):
    house.watch(seconds=12.0)

    reply = house.ask("clip front 5s")

    assert not reply.text.startswith("*Not live*")
    with av.open(house.folder / reply.file) as film:
        seconds = float(film.duration / av.time_base)
    assert 5.0 <= seconds <= 10.0  # it begins at a key frame


def test_a_clip_says_if_there_is_less_and_if_it_is_old(house):
    house.watch(seconds=4.0)
    house.clock += 30

    text = house.ask("clip front 60s").text

    assert text.startswith("*Not live*: nothing new from front for 30 s.")
    assert "there are no more than the last 4 s in memory" in text


def test_only_the_newest_of_what_was_asked_for_is_kept(house):
    house.watch(seconds=1.0)
    replies = []
    for _ in range(45):
        house.clock += 0.01
        replies.append(house.ask("snapshot front").file)

    kept = sorted(path.name for path in (house.folder / "asked").iterdir())
    assert [name.split("/")[1] for name in replies[-40:]] == kept


# --- what happened


def test_a_visit_is_seen_in_every_answer(house):
    house.watch()
    house.wait(60)
    incident = house.store.incidents()[0]

    listed = house.ask("incidents today").text
    assert incident.id in listed
    assert "told at 22:00:" in listed
    assert incident.id in house.ask("status").text
    image = house.ask("last_image")
    assert incident.picture_with_boxes == image.file
    assert image.file == house.ask(f"last_image {incident.id}").file

    assert "*unoccupied*, by Ann." in house.ask("tag unoccupied").text
    changed = house.ask(f"tag occupied {incident.id}", name="Bob").text
    assert "*occupied*, by Bob. It was unoccupied, by Ann." in changed
    assert Answer.OCCUPIED == house.store.tag(incident.id).answer
    assert "tagged occupied by Bob" in house.ask("incidents").text


@pytest.fixture
def told(house):
    """A house that has just told of a visitor."""
    house.hear(visit())
    return house


def test_below_an_alert_its_camera_and_incident_are_meant(told):
    alert = told.store.alerts()[0]
    later = [replace(s, camera="garden", clock=s.clock + 300, at=s.at + timedelta(seconds=300))
             for s in visit()]  # fmt: skip
    told.hear(later)

    assert "front, 22:00:" in told.ask("tag occupied", alert_id=alert.id).text
    assert "*front, 22:00:" in told.ask("why", alert_id=alert.id).text
    assert "No alerts of front until" in told.ask("snooze 30m", alert_id=alert.id).text
    assert "No alerts until" in told.ask("snooze 30m all cameras", alert_id=alert.id).text
    assert "picture of front" in told.ask("snapshot", alert_id=alert.id).text
    assert "garden, 22:05:" in told.ask("tag occupied").text


def test_below_an_alert_of_several_visits_an_answer_is_about_all_of_them(tmp_path):
    house = SmallHouse(tmp_path, cooldown=600.0)
    for after in (0, 100, 200):
        house.hear(
            replace(s, clock=s.clock + after, at=s.at + timedelta(seconds=after)) for s in visit()
        )
    (first, *_), visits = house.store.alerts(), house.store.incidents()
    assert 3 == len(visits)

    said = house.ask("tag occupied", alert_id=first.id, name="Bob").text
    assert "front, 22:00:" in said
    assert "and 2 visits that joined it: *occupied*, by Bob." in said
    assert [Answer.OCCUPIED] * 3 == [house.store.tag(one.id).answer for one in visits]

    house.ask(f"tag unoccupied {visits[1].id}", alert_id=first.id)
    assert [Answer.OCCUPIED, Answer.UNOCCUPIED, Answer.OCCUPIED] == [
        house.store.tag(one.id).answer for one in visits
    ]
    house.close()


def escalated(house: SmallHouse):
    return [alert.urgency for alert in house.store.alerts() if alert.news is News.ESCALATED]


def test_an_alert_grows_louder_across_restarts_and_takes_no_step_twice(told):
    told.restart()
    told.wait(100)
    assert [Urgency.MENTION] == escalated(told)

    told.restart()
    told.wait(1)
    assert [Urgency.MENTION] == escalated(told)
    told.wait(100)
    told.restart()
    told.wait(100)

    assert [Urgency.MENTION, Urgency.DIRECT] == escalated(told)


@pytest.mark.parametrize(
    ("text", "role"),
    [("tag occupied", Role.TAGGER), ("seen", Role.VIEWER), ("snapshot front", Role.VIEWER),
     ("disarm", Role.ADMIN), ("snooze 1h", Role.ADMIN)],
)  # fmt: skip
@pytest.mark.parametrize("restart", [False, True])
def test_any_answer_to_an_alert_ends_that(told, text, role, restart):
    alert = told.store.alerts()[0]

    told.ask(text, role, alert_id=alert.id)
    {True: told.restart, False: lambda: None}[restart]()
    told.wait(200)
    told.wait(200)

    assert [] == escalated(told)
    assert "Ann" == told.store.reactions(alert.id)[0].by


def test_all_alerts_can_be_answered_at_once(told):
    assert "Noted: Ann has seen it." == told.ask("seen").text
    told.wait(200)

    assert [] == escalated(told)
    assert "answered 1 alert: seen" in told.ask("log").text


def test_one_who_is_refused_has_not_answered(told):
    alert = told.store.alerts()[0]

    told.ask("disarm", Role.VIEWER, alert_id=alert.id)
    told.wait(200)

    assert [Urgency.MENTION] == escalated(told)


def test_the_overview_holds_what_a_dashboard_needs(told):
    told.ask("snooze 1h garden")
    told.ask("arm home garden")
    told.ask("auto_detect on")
    told.ask("tag occupied")
    told.health.failed("front", "Camera 'front' does not answer.", 3.0)

    now = told.answers.overview()

    front, garden = now.cameras
    assert ("Home", Mode.AWAY, True) == (now.house, now.arm_state.mode, now.notifies)
    assert ("front", "Camera 'front' does not answer.", False) == (
        front.name, front.trouble, front.own_mode,
    )  # fmt: skip
    assert (Mode.HOME, True) == (garden.arm_state.mode, garden.own_mode)
    assert garden.snoozed_until is not None
    assert [Answer.OCCUPIED] == [one.tag.answer for one in now.incidents]
    assert ["front"] == [part.name for part in now.troubles]
    assert {Switch.AUTO_DETECT} == now.controls.switches
    status = told.ask("status").text
    for words in ("snoozed until", "mode of its own *home*", "`auto_detect`", "does not answer"):
        assert words in status


def test_the_talks_names_are_in_the_table():
    assert {"last_image", "rotate", "current_position", "init", "top"} <= set(BY_NAME)


def test_examples_name_a_camera_that_there_is():
    assert "snapshot yard" == example_of(BY_NAME["snapshot"], ["yard", "gate"])
    assert "snapshot front" == example_of(BY_NAME["snapshot"], ["yard", "front"])


def test_an_incident_that_goes_on_is_told_as_it_is_now(house):
    for sighting in (one for one in visit() if one.clock < 20.0):
        house.hear_one(sighting)
    for asked in ("status", "incidents"):
        assert re.search(r"front, going on, \d+ s so far: person", house.ask(asked).text)

    sure = house.keeper.house.camera("front").incident.labels["person"]
    assert f"person {100 * sure:.0f} %" in house.ask("why").text

    house.hear(one for one in visit() if one.clock >= 20.0)
    assert "going on" not in house.ask("incidents").text


def test_a_camera_that_there_is_not_is_named(house):
    assert "There is no camera called gate." in house.ask("snapshot gate").text
    assert "There is no camera called gate." in house.ask("snooze 30m gate").text
    assert "Did you mean `snapshot garden`?" in house.ask("snapshot gardn").text


def test_a_camera_that_was_tampered_with_is_in_trouble(house):
    house.put(Tampered("front", "covered", house.now, house.clock))
    assert "• *front*: It is covered" in house.ask("status").text
    assert "✗ camera front: covered since 22:00:00" in house.ask("health").text


def test_a_view_that_shows_too_little_to_notice_tampering_is_told(house):
    parts = replace(house.answers.parts, guarded=lambda camera: camera != "front")
    house.answers = Answers(parts)
    told = house.ask("health").text
    assert "✓ camera front: no picture yet; its view shows too little to notice tampering" in told
    assert 1 == told.count("too little to notice")


def test_what_differs_from_the_default_stands_before_it():
    camera = "*a*\n  x = 1  (default)\n  y = 2  (settings)\n  z = 3  (default)"
    shown = f"*P*\n{camera}\n*b*\n  x = 1  (default)"
    assert "*P*\n*a*\n  y = 2  (settings)\n  by default: x 1; z 3\n*b*\n  by default: x 1" == (
        folded(shown)
    )
