"""All that people can ask, in one table: for the grammar, for help, for Slack and for the docs."""

from dataclasses import dataclass
from enum import StrEnum

from whosthere.core.requests import Role


class Takes(StrEnum):
    """What may stand after a command, in any order."""

    MODE = "[away|home|night]"
    CAMERA = "[CAMERA]"
    TIME = "[for 2h | until 7:00]"  # how long something holds
    SPAN = "30m"  # a time that must be given
    SECONDS = "[20s]"
    ON_OFF = "on|off"
    MOMENT = "[14:32]"
    INCIDENT = "[INCIDENT]"
    DAY = "[today|yesterday|DATE]"
    COUNT = "[NUMBER]"
    ANSWER = "occupied|unoccupied"
    ANGLES = "PAN TILT|PRESET"
    TOPIC = "[COMMAND]"
    TEST = "[show|stop]"  # a walk test that goes on
    FORCE = "[force]"  # though something is wrong
    LIT = "on|off|auto"
    LIGHT = "[LIGHT]"
    REALLY = "[really]"  # though it is loud
    POLICY = "[list|show N|use N|back|not_now|shadow N]"


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that people can ask."""

    name: str
    role: Role  # the least that may ask
    does: str  # in one sentence
    example: str
    takes: tuple[Takes, ...] = ()
    changes: bool = False  # something is another after it

    @property
    def usage(self) -> str:
        return " ".join([self.name, *self.takes])


T = Takes
VIEWER, TAGGER, ADMIN = Role.VIEWER, Role.TAGGER, Role.ADMIN

COMMANDS = (
    Command("help", VIEWER, "Says what can be asked, or explains one command.", "help snooze",
            (T.TOPIC,)),
    Command("status", VIEWER, "Mode and why, cameras, last incidents, health.", "status"),
    Command("cameras", VIEWER, "Each camera: its mode, and how old its newest picture is.",
            "cameras"),
    Command("snapshot", VIEWER, "A live picture, with its age.", "snapshot front", (T.CAMERA,)),
    Command("clip", VIEWER, "The last seconds as a film.", "clip front 20s",
            (T.CAMERA, T.SECONDS)),
    Command("last_image", VIEWER, "The picture of the last incident.", "last_image front",
            (T.CAMERA, T.INCIDENT)),
    Command("incidents", VIEWER, "What happened, the newest last.", "incidents today",
            (T.DAY, T.CAMERA, T.COUNT)),
    Command("why", VIEWER, "Why people were, or were not, told: each condition with its value and"
            " limit at that moment.", "why 14:32 front",
            (T.INCIDENT, T.DAY, T.MOMENT, T.CAMERA)),
    Command("who", VIEWER, "Who is home, and how that is known.", "who"),
    Command("seen", VIEWER, "Says that you have seen the alert, so that it does not grow louder.",
            "seen"),
    Command("health", VIEWER, "How each part of the program is doing.", "health"),
    Command("top", VIEWER, "Processor, memory, disk and temperature of the machine.", "top"),
    Command("current_position", VIEWER, "Where a moving camera looks.", "current_position",
            (T.CAMERA,)),
    Command("presets", VIEWER, "Places that a moving camera can look at, by name.", "presets",
            (T.CAMERA,)),
    Command("devices", VIEWER, "Lights, sirens and motion sensors, and how each is.", "devices"),
    Command("tag", TAGGER, "Says whether somebody was there, of the last incident or the one"
            " named.", "tag unoccupied", (T.ANSWER, T.INCIDENT), changes=True),
    Command("log", ADMIN, "Who changed what, when and from where.", "log 20", (T.COUNT,)),
    Command("arm", ADMIN, "Sets the mode (away if none is named) of the house or of one camera.",
            "arm away for 2h", (T.MODE, T.CAMERA, T.TIME, T.FORCE), changes=True),
    Command("disarm", ADMIN, "Sets mode off, of the house or of one camera.",
            "disarm until 18:00", (T.CAMERA, T.TIME), changes=True),
    Command("stay_off", ADMIN, "Ends a countdown: off until somebody comes, or for the time given.",
            "stay_off until 8:00", (T.TIME,), changes=True),
    Command("arm_now", ADMIN, "Ends a countdown: armed at once.", "arm_now", (T.FORCE,),
            changes=True),
    Command("camera_ok", ADMIN, "Says that what a camera sees now is right, after it was turned or"
            " covered.", "camera_ok front", (T.CAMERA,), changes=True),
    Command("snooze", ADMIN, "No alerts for a while; incidents are recorded as ever. 'snooze off'"
            " ends it.", "snooze 30m front", (T.SPAN, T.CAMERA), changes=True),
    Command("notifications", ADMIN, "Alerts of visitors on or off. Lost cameras are told in any"
            " case.", "notifications off for 2h", (T.ON_OFF, T.TIME), changes=True),
    Command("auto_detect", ADMIN, "Arming by who is home on or off.", "auto_detect on",
            (T.ON_OFF,), changes=True),
    Command("save_images", ADMIN, "Pictures to learn from on or off.", "save_images on",
            (T.ON_OFF,), changes=True),
    Command("gpio", ADMIN, "Motion sensors on or off.", "gpio on", (T.ON_OFF,), changes=True),
    Command("light", ADMIN, "A light, or all, on or off; 'auto' gives it back to motion.",
            "light on", (T.LIT, T.LIGHT), changes=True),
    Command("siren", ADMIN, "All sirens on or off. They sound only for 'siren on really', and never"
            " longer than their time.", "siren off", (T.ON_OFF, T.REALLY), changes=True),
    Command("rotate", ADMIN, "Turns a moving camera to degrees, 0 0 being straight ahead, or to a"
            " preset, as 'rotate home'.", "rotate 30 -10", (T.ANGLES, T.CAMERA), changes=True),
    Command("patrol", ADMIN, "Looking at one preset after the other on or off.", "patrol off",
            (T.ON_OFF, T.CAMERA), changes=True),
    Command("policy", ADMIN, "The numbers that decide: which there were, which are proposed (as"
            " p3), and to use others or go back.", "policy use p3", (T.POLICY,), changes=True),
    Command("walk_test", ADMIN, "You walk before a camera, and hear what it saw of each walk, how"
            " fast, and what could be better.", "walk_test front for 3 min",
            (T.CAMERA, T.TIME, T.TEST), changes=True),
    Command("init", ADMIN, "Back to normal: ends snoozes, silence and modes of single cameras."
            " The mode of the house stays.", "init", changes=True),
)  # fmt: skip

BY_NAME = {command.name: command for command in COMMANDS}

# Other words for the beginning of a line, and what they mean. What follows them stays. These are
# commands of their own where commands have one word, as in Slack:
ALIASES = {
    "pycam_on": "arm away",
    "pycam_off": "disarm",
    "pi_status": "top",
    "notifications_on": "notifications on",
    "notifications_off": "notifications off",
    "auto_detect_on": "auto_detect on",
    "auto_detect_off": "auto_detect off",
    "light_on": "light on",
    "light_off": "light off",
    "gpio_on": "gpio on",
    "gpio_off": "gpio off",
    "save_images_on": "save_images on",
    "save_images_off": "save_images off",
    "last_image": "last_image",
    "rotate": "rotate",
    "current_position": "current_position",
    "init": "init",
    "top": "top",
}

# And these are what people say, longer ones before those that they begin with:
PHRASES = {
    "walk test": "walk_test",
    "test walk": "walk_test",
    "stay off": "stay_off",
    "stay disarmed": "stay_off",
    "arm now": "arm_now",
    "who is home": "who",
    "who's home": "who",
    "whos home": "who",
    "who is at home": "who",
    "who's at home": "who",
    "anybody home": "who",
    "anyone home": "who",
    "what happened": "incidents",
    "what can you do": "help",
    "what can i say": "help",
    "mode away": "arm away",
    "mode home": "arm home",
    "mode night": "arm night",
    "mode off": "disarm",
    "mode": "status",
    "alerts on": "notifications on",
    "alerts off": "notifications off",
    "temperature": "top",
    "how are you": "health",
    "are you ok": "health",
    "is it armed": "status",
    "are you armed": "status",
    "is the alarm on": "status",
    "picture": "snapshot",
    "live picture": "snapshot",
    "photo": "snapshot",
    "last picture": "last_image",
    "last image": "last_image",
    "film": "clip",
    "video": "clip",
    "why not": "why",
    "why did you alert": "why",
    "why did you not alert": "why",
    "why didn't you alert": "why",
    "pause": "snooze",
    "mute": "snooze",
    "unsnooze": "snooze off",
    "unmute": "snooze off",
    "stop snoozing": "snooze off",
    "occupied": "tag occupied",
    "unoccupied": "tag unoccupied",
    "i have seen it": "seen",
    "seen it": "seen",
    "turn on notifications": "notifications on",
    "turn off notifications": "notifications off",
    "turn notifications on": "notifications on",
    "turn notifications off": "notifications off",
    "turn on the light": "light on",
    "turn off the light": "light off",
    "turn the light on": "light on",
    "turn the light off": "light off",
    "lights": "light",
    "turn on the siren": "siren on",
    "turn off the siren": "siren off",
    "stop the siren": "siren off",
    "sensors": "devices",
    "motion_sensors": "gpio",
    "motion sensors": "gpio",
    "audit log": "log",
    "audit": "log",
    "camera ok": "camera_ok",
    "the new view is right": "camera_ok",
    "camera": "cameras",
    "where do you look": "current_position",
    "home position": "rotate home",
    "go home": "rotate home",
}
