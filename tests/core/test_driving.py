"""Lights by motion and by hand, sirens that nobody answers, and what the diode shows."""

from dataclasses import replace
from datetime import UTC, time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.say import at, hear, house, policy, sighting, stretch
from whosthere.core.devices import DeviceRules, LightRule, SensorRule, SirenRule, When
from whosthere.core.driving import Pattern, pattern
from whosthere.core.messages import (
    BackToNormal,
    CameraLost,
    Drive,
    Notify,
    SensorReading,
    SetLight,
    SetMode,
    SetNotifications,
    SetSiren,
    Snooze,
    Tick,
    Trouble,
)
from whosthere.core.model import AlertKind, Answer, News, Tag
from whosthere.core.modes import Controls, Mode
from whosthere.core.people import Reaction, Switch
from whosthere.core.sighting import Look, Scene
from whosthere.core.standing import resumed, standing_of

ANN = {"by": "Ann", "origin": "shell"}


def ticks(*seconds: float) -> list[Tick]:
    return [Tick(at(s), float(s)) for s in seconds]


def drives(actions) -> list[Drive]:
    return [one for one in actions if isinstance(one, Drive)]


def switched(messages, start, rules) -> list[tuple[float, str, bool]]:
    """When what was switched how."""
    done = []
    for message in messages:
        start, actions = hear([message], start, rules)
        when = round((message.at - at(0)).total_seconds())
        done += [(when, one.device, one.on) for one in drives(actions)]
    return done


# --- lights


def lit(when: When = When.DARK, *, arming=None, sensors=None, **numbers):
    rule = LightRule(frozenset({"front"}), frozenset({"yard"}), when, seconds=60.0, **numbers)
    made = replace(policy(), devices=DeviceRules(lights={"porch": rule}, sensors=sensors or {}))
    return replace(made, arming=replace(made.arming, **(arming or {"zone": UTC})))


def moving(start: float, end: float, brightness: float = 20.0):
    for one in stretch(start, end, area=0.05):
        yield replace(one, motion=replace(one.motion, brightness=brightness))


ON, OFF = "light porch", "light porch"


def test_a_light_goes_on_in_the_dark_and_off_after_the_last_motion():
    messages = [*moving(0, 5), *ticks(10, 30, 60, 61, 70)]
    assert [(0, ON, True), (60, OFF, False)] == switched(messages, house(), lit())


def test_it_stays_on_while_something_moves():
    messages = [*moving(0, 2), *ticks(20), *moving(40, 41), *ticks(80, 99, 100, 101)]
    assert [(0, ON, True), (40, ON, True), (100, OFF, False)] == switched(messages, house(), lit())


NIGHTS = {
    "a dark picture": (When.DARK, 20.0, {}, True),
    "a bright picture": (When.DARK, 120.0, {}, False),
    "never": (When.NEVER, 20.0, {}, False),
    "always": (When.ALWAYS, 120.0, {}, True),
    "over midnight": (When.TIMES, 120.0, {"begins": time(21), "ends": time(6)}, True),
    "before its time": (When.TIMES, 20.0, {"begins": time(23), "ends": time(6)}, False),
    "within a day": (When.TIMES, 20.0, {"begins": time(21), "ends": time(23)}, True),
    "after its time": (When.TIMES, 20.0, {"begins": time(20), "ends": time(22)}, False),
    "no times": (When.TIMES, 20.0, {}, False),
    "dark, or times": (When.DARK_OR_TIMES, 20.0, {"begins": time(1), "ends": time(2)}, True),
    "times, or dark": (When.DARK_OR_TIMES, 120.0, {"begins": time(21), "ends": time(6)}, True),
    "neither": (When.DARK_OR_TIMES, 120.0, {"begins": time(1), "ends": time(2)}, False),
}


@pytest.mark.parametrize(("when", "brightness", "numbers", "on"), NIGHTS.values(), ids=NIGHTS)
def test_when_motion_turns_it_on(when, brightness, numbers, on):
    """It is 22:00."""
    messages = moving(0, 2, brightness)
    assert [(0, ON, True)] * on == switched(messages, house(), lit(when, **numbers))


@pytest.mark.parametrize("mode", Mode)
def test_it_shines_in_every_mode(mode):
    assert [(0, ON, True)] == switched(moving(0, 2), house(mode), lit())


def test_its_own_light_is_no_motion_in_any_picture_that_shows_it():
    after, _ = hear(moving(0, 0.4), house(), lit())
    glare = [sighting(s, area=0.4, camera="yard") for s in (0.4, 1, 2)]
    seen, _ = hear(glare, after, lit())
    scenes = {one.name: one.value for one in seen.camera("yard").decision.gates}
    assert Scene.LIGHT_CHANGE == scenes["light change"]
    assert seen.camera("yard").incident is None
    later, _ = hear([sighting(s, area=0.4, camera="yard") for s in (3.6, 3.8, 4)], seen, lit())
    assert later.camera("yard").incident is not None


def test_a_person_is_told_while_the_light_settles():
    messages = [*moving(0, 0.2), *stretch(0.4, 1.4, area=0.05, person=0.9)]
    after, _ = hear(messages, house(), lit())
    assert after.camera("front").alerts


def test_a_jump_of_the_wall_clock_blinds_no_camera():
    after, _ = hear(moving(0, 0.4), house(), lit())
    early = [
        replace(one, at=at(one.clock - 3600)) for one in stretch(1, 3, area=0.1, camera="yard")
    ]
    seen, _ = hear(early, after, lit())
    assert seen.camera("yard").incident is not None


WORDS = {
    "on by hand stays on": ([SetLight(True, at=at(1), **ANN), *ticks(500)], [(1, ON, True)]),  # noqa: FBT003
    "off by hand stays off": (
        [*moving(0, 2), SetLight(False, at=at(3), **ANN), *moving(4, 6), *ticks(70)],  # noqa: FBT003
        [(0, ON, True), (3, OFF, False)],
    ),
    "off by hand holds for a while": (
        [SetLight(False, at=at(0), **ANN), *ticks(3600, 3601), *moving(3602, 3603)],  # noqa: FBT003
        [(0, OFF, False), (3602, ON, True)],
    ),
    "given back to motion": (
        [SetLight(False, at=at(0), **ANN), SetLight(None, at=at(1), **ANN), *moving(4, 5)],  # noqa: FBT003
        [(0, OFF, False), (4, ON, True)],
    ),
    "back to normal": (
        [SetLight(True, at=at(0), **ANN), BackToNormal(at=at(1), **ANN)],  # noqa: FBT003
        [(0, ON, True), (1, OFF, False)],
    ),
    "of another light": ([SetLight(True, at=at(0), light="shed", **ANN)], []),  # noqa: FBT003
}


@pytest.mark.parametrize(("messages", "expected"), WORDS.values(), ids=WORDS)
def test_a_word_goes_before_motion(messages, expected):
    assert expected == switched(messages, house(), lit())


def test_a_sensor_turns_it_on_and_keeps_it_on():
    sensors = {"hall": SensorRule("front", warm_up_seconds=0.0)}
    start = replace(house(), controls=Controls(switches=frozenset({Switch.MOTION_SENSORS})))
    rules = lit(When.ALWAYS, sensors=sensors)
    told = [
        SensorReading("hall", active=False, at=at(0), clock=0.0),
        SensorReading("hall", active=True, at=at(5), clock=5.0),
        *ticks(*range(6, 90)),
        SensorReading("hall", active=False, at=at(90), clock=90.0),
        *ticks(*range(91, 200)),
    ]
    found = switched(told, start, rules)
    assert [(5, ON, True), (35, ON, True), (65, ON, True), (125, OFF, False)] == found


def test_after_a_restart_it_goes_off_when_it_would_have():
    before, _ = hear(moving(0, 2), house(), lit())
    begun = resumed(house(), standing_of(before), at(30), 1000.0)
    assert [(60, OFF, False)] == switched(
        [Tick(at(59), 1029.0), Tick(at(60), 1030.0), Tick(at(61), 1031.0)], begun, lit()
    )


# --- sirens

SIREN = "siren roof"
VISIT = stretch(0, 3, area=0.05, person=0.9)


def loud(**numbers):
    rule = SirenRule(**{"after_seconds": 60.0, "longest_seconds": 30.0, **numbers})
    return replace(policy(), devices=DeviceRules(sirens={"roof": rule}))


def test_it_sounds_when_nobody_answers_and_ends_after_its_time():
    found = switched([*VISIT, *ticks(*range(4, 300))], house(), loud())
    assert [(60, SIREN, True), (90, SIREN, False)] == found


def test_the_device_is_told_the_longest_time():
    _, actions = hear([*VISIT, *ticks(61)], house(), loud())
    assert [Drive(SIREN, on=True, seconds=30.0)] == drives(actions)


@pytest.mark.parametrize("mode", [Mode.OFF, Mode.HOME, Mode.NIGHT])
def test_only_alerts_of_mode_away_sound(mode):
    assert [] == switched([*VISIT, *ticks(61, 62)], house(mode), loud())


def test_by_default_none_sounds_by_itself():
    rules = replace(policy(), devices=DeviceRules(sirens={"roof": SirenRule()}))
    assert [] == switched([*VISIT, *ticks(*range(5, 2000, 10))], house(), rules)


@pytest.mark.parametrize(("also", "count"), [(False, 0), (True, 1)])
def test_what_nobody_could_judge_sounds_only_if_asked_for(also, count):
    blind = stretch(0, 5, area=0.05, look=Look.NO_DETECTOR)
    found = switched([*blind, *ticks(70)], house(), loud(unclassified=also))
    assert count == len(found)


ENDS = {
    "disarmed": SetMode(Mode.OFF, at=at(70), **ANN),
    "another mode": SetMode(Mode.HOME, at=at(70), **ANN),
    "seen": Reaction(None, "Ann", at(70), "seen"),
    "snoozed": Snooze(at(600), at=at(70), **ANN),
    "notifications off": SetNotifications(False, at=at(70), **ANN),  # noqa: FBT003
    "back to normal": BackToNormal(at=at(70), **ANN),
    "siren off": SetSiren(False, at=at(70), **ANN),  # noqa: FBT003
}


@pytest.mark.parametrize("word", ENDS.values(), ids=ENDS)
def test_whatever_people_do_ends_it(word):
    found = switched([*VISIT, *ticks(61), word, *ticks(*range(71, 400))], house(), loud())
    assert [(61, SIREN, True), (70, SIREN, False)] == found


@pytest.mark.parametrize("word", [one for name, one in ENDS.items() if name != "siren off"])
def test_who_answers_in_time_hears_nothing(word):
    early = replace(word, at=at(10))
    assert [] == switched([*VISIT, early, *ticks(*range(11, 400))], house(), loud())


@pytest.mark.parametrize("answer", Answer)
def test_a_tag_ends_it(answer):
    after, _ = hear([*VISIT, *ticks(61)], house(), loud())
    tag = Tag(after.camera("front").alerts[0].incident_ids[0], answer, "Ann", at(70))
    assert [(70, SIREN, False)] == switched([tag], after, loud())


def test_an_answer_to_another_alert_does_not():
    after, _ = hear([*VISIT, *ticks(61)], house(), loud())
    assert [] == switched([Reaction("another", "Ann", at(70), "seen")], after, loud())


def test_it_sounds_no_more_than_a_few_times():
    messages = []
    for visit in range(6):
        messages += stretch(200 * visit, 200 * visit + 3, area=0.05, person=0.9)
        messages += ticks(*range(200 * visit + 4, 200 * visit + 199, 5))
    found = switched(messages, house(), loud(most_times=2))
    assert [True, False, True, False] == [on for _, _, on in found]


def test_by_hand_it_ends_after_its_time_too():
    messages = [SetSiren(True, at=at(0), **ANN), *ticks(1, 2, 30, 31, 32)]  # noqa: FBT003
    assert [(0, SIREN, True), (31, SIREN, False)] == switched(messages, house(), loud())


def siren_news(messages, start, rules) -> list[tuple[str, str]]:
    """What people are told of sirens."""
    _, actions = hear(messages, start, rules)
    told = [one.alert for one in actions if isinstance(one, Notify)]
    return [(one.news, one.detail) for one in told if one.kind is AlertKind.SIREN]


SWITCHED_ON = SetSiren(True, at=at(0), **ANN)  # noqa: FBT003
BY_ITSELF = (News.FIRST, "nobody has answered the alert of front for 1 min")
TOLD_OF = {
    "by hand, until its time is over": (
        [SWITCHED_ON, *ticks(*range(1, 40))],
        [(News.FIRST, "Ann switched it on"), (News.STOPPED, "its time is over")],
    ),
    "by hand, until somebody ends it": (
        [SWITCHED_ON, *ticks(1, 2), SetSiren(False, by="Bob", at=at(5)), *ticks(6, 40)],  # noqa: FBT003
        [(News.FIRST, "Ann switched it on"), (News.STOPPED, "Bob switched it off")],
    ),
    "by hand, twice": (
        [SWITCHED_ON, *ticks(1), SetSiren(True, by="Bob", at=at(5)), *ticks(6, 40)],  # noqa: FBT003
        [(News.FIRST, "Ann switched it on"), (News.ANEW, "Bob switched it on"),
         (News.STOPPED, "its time is over")],
    ),
    "by itself, until somebody answers": (
        [*VISIT, *ticks(60), ENDS["seen"], *ticks(71)],
        [BY_ITSELF, (News.STOPPED, "Ann has answered")],
    ),
    "by itself, until it is disarmed": (
        [*VISIT, *ticks(60), ENDS["disarmed"], *ticks(71)],
        [BY_ITSELF, (News.STOPPED, "the mode is off now")],
    ),
    "silent, and told to be": ([SetSiren(False, at=at(0), **ANN), *ticks(1)], []),  # noqa: FBT003
}  # fmt: skip


@pytest.mark.parametrize(("messages", "expected"), TOLD_OF.values(), ids=TOLD_OF)
def test_people_are_told_who_turned_it_on_and_why_it_is_silent(messages, expected):
    assert expected == siren_news(messages, house(), loud())


def test_people_are_told_when_it_ends_at_the_latest():
    _, actions = hear([SWITCHED_ON], house(), loud())
    (told,) = [one.alert for one in actions if isinstance(one, Notify)]
    assert at(30) == told.due


def test_a_word_below_the_message_about_the_siren_is_no_answer_to_the_alert():
    sounds, _ = hear([*VISIT, *ticks(60)], house(), loud())
    below = Reaction(sounds.notices["siren"].id, "Ann", at(65), "asked why")
    assert [] == switched([below], sounds, loud())
    silence = SetSiren(False, at=at(66), **ANN)  # noqa: FBT003
    assert [(News.STOPPED, "Ann switched it off")] == siren_news([below, silence], sounds, loud())


def test_after_a_restart_people_are_told_that_it_is_silent():
    before, _ = hear([*VISIT, *ticks(60)], house(), loud())
    begun = resumed(house(), standing_of(before), at(62), 5.0)
    messages = [Tick(at(63), 6.0), Tick(at(64), 7.0)]
    assert [(News.STOPPED, "the program was started anew")] == siren_news(messages, begun, loud())


def test_a_restart_silences_it():
    before, _ = hear([*VISIT, *ticks(61)], house(), loud())
    begun = resumed(house(), standing_of(before), at(62), 5.0)
    assert [] == switched([Tick(at(63 + n), 6.0 + n) for n in range(300)], begun, loud())


MOMENTS = st.lists(
    st.tuples(
        st.sampled_from(["visit", "tick", "seen", "off", "away", "on", "silence"]),
        st.floats(0.5, 90.0),
    ),
    max_size=30,
)


@settings(deadline=None)
@given(MOMENTS)
def test_whatever_happens_it_ends_in_time(moments):
    """Whatever turned it on, it ends within its time and two ticks, or somebody wants it anew."""
    made = {
        "visit": lambda s: stretch(s, s + 1, area=0.05, person=0.9),
        "tick": lambda _: [],
        "seen": lambda s: [Reaction(None, "Ann", at(s), "seen")],
        "off": lambda s: [SetMode(Mode.OFF, at=at(s), **ANN)],
        "away": lambda s: [SetMode(Mode.AWAY, at=at(s), **ANN)],
        "on": lambda s: [SetSiren(True, at=at(s), **ANN)],  # noqa: FBT003
        "silence": lambda s: [SetSiren(False, at=at(s), **ANN)],  # noqa: FBT003
    }
    messages, second = [], 0
    for what, pause in [*moments, ("tick", 200.0)]:
        until = second + 2 + round(pause)
        messages += made[what](float(second))
        messages += ticks(*range(second + 2, until + 1))
        second = until + 1
    found = switched(messages, house(), loud(most_times=100))
    longest = [after - when for (when, _, on), (after, _, _) in pairwise(found) if on]
    assert all(seconds <= 34 for seconds in longest)  # its 30, and two gaps between ticks
    assert [] == [on for _, _, on in found[-1:] if on]


# --- the diode

SHOWN = {
    "off": (house(Mode.OFF), Pattern.OFF),
    "armed": (house(Mode.NIGHT), Pattern.ARMED),
    "alarm": (hear(VISIT, house(), policy())[0], Pattern.ALARM),
    "siren": (hear([SetSiren(True, at=at(0), **ANN)], house(Mode.OFF), loud())[0], Pattern.ALARM),  # noqa: FBT003
    "camera lost": (
        hear([CameraLost("front", "cut", at(0), 0.0)], house(), policy())[0], Pattern.TROUBLE),
    "trouble": (
        hear([Trouble("recorder", "disk full", at(0), 0.0)], house(Mode.OFF), policy())[0],
        Pattern.TROUBLE),
    "arming": (
        hear([SetMode(Mode.AWAY, at=at(0), **ANN)], house(Mode.OFF),
             lit(arming={"exit_seconds": {Mode.AWAY: 60.0}}))[0], Pattern.ARMING),
}  # fmt: skip


@pytest.mark.parametrize(("now", "expected"), SHOWN.values(), ids=SHOWN)
def test_what_the_diode_shows(now, expected):
    assert expected is pattern(now)
