"""Settings: every mistake is told at once, in words, and without a secret."""

from pathlib import Path

import pytest

from whosthere.app.settings import find, load, parse
from whosthere.core.errors import BadSettings
from whosthere.core.modes import Mode
from whosthere.core.policy import CameraPolicy

CAMERA = '[cameras.front]\nkind = "file"\npath = "a.mp4"\n'
SECRET = "geheim"  # noqa: S105 # of nothing


def complaints(text: str) -> list[str]:
    with pytest.raises(BadSettings) as caught:
        parse(text, "whosthere.toml")
    first, *lines = str(caught.value).splitlines()
    assert "whosthere.toml cannot be used:" == first
    return [line.strip() for line in lines]


MISTAKES = {
    "unknown table": (
        f"{CAMERA}[huose]\n",
        "huose: there is no such setting. Did you mean 'house'?",
    ),
    "unknown entry": (
        f'{CAMERA}[house]\nnaem = "x"',
        "house.naem: there is no such setting. Did you mean 'name'?",
    ),
    "entry of another table": (
        f"{CAMERA}[house]\ndays = 3",
        "house.days: there is no such setting. It belongs into [recording].",
    ),
    "entry of another kind of camera": (
        f"{CAMERA}[cameras.front.rules]\nlopp = 1",
        "cameras.front.rules.lopp: there is no such setting.",
    ),
    "missing": (
        '[cameras.shed]\nkind = "file"',
        "cameras.shed.path: this setting is needed. The file.",
    ),
    "no cameras": ("[house]", "cameras: this setting is needed."),
    "empty cameras": ("[cameras]", "cameras: needs at least 1."),
    "no kind": (
        "[cameras.shed]\n",
        "cameras.shed: 'kind' is needed: one of file, rtsp, usb, mjpeg, snapshot, picamera.",
    ),
    "unknown kind": (
        '[cameras.back]\nkind = "rstp"',
        "cameras.back: 'kind' must be one of file, rtsp, usb, mjpeg, snapshot, picamera.",
    ),
    "mistyped text": (f"{CAMERA}[house]\nname = 5", "house.name: must be text in quotes."),
    "mistyped number": (
        f'{CAMERA}[rules]\ncooldown = "a minute"',
        "rules.cooldown: must be a number, without quotes.",
    ),
    "mistyped switch": (
        f'{CAMERA}[recording]\npreview = "maybe"',
        "recording.preview: must be true or false, without quotes.",
    ),
    "unknown choice": (
        f'{CAMERA}[house]\nmode = "holiday"',
        "house.mode: choose one of off, home, away, night.",
    ),
    "too long a pre-roll": (
        f"{CAMERA}[recording]\npre_roll_seconds = 90",
        "recording.pre_roll_seconds: must be at most 60.",
    ),
    "out of the policy's range": (
        f"{CAMERA}[cameras.front.rules]\nperson_confidence = 1.5",
        "cameras.front.rules.person_confidence: must be at most 1.",
    ),
    "model without checksum": (
        f'{CAMERA}[detector]\nmodel = "a.onnx"',
        "detector: 'model' and 'sha256' go together; 'sha256sum FILE' prints the latter.",
    ),
    "unknown time zone": (
        f'{CAMERA}[house]\ntime_zone = "Mars/Base"',
        "house.time_zone: there is no such time zone; an example is 'Europe/Vienna'.",
    ),
    "capital letters": (
        '[cameras.Front]\nkind = "file"\npath = "a.mp4"',
        (
            "cameras.Front: a name has small letters, digits, - and _ only,"
            " since files are named by it."
        ),
    ),
    "zone that no camera has": (
        f'[rules]\nzones = ["garden"]\n{CAMERA}',
        (
            "rules.zones: there is no zone 'garden' at front, so nothing there would"
            " alert. Draw it in [cameras.front.motion.zones], or change the camera's rules."
        ),
    ),
    "zone that this camera has not": (
        (
            f'{CAMERA}[cameras.front.rules]\nzones = ["path"]\n'
            "[cameras.front.motion.zones]\ndoor = [[0, 0], [1, 0], [1, 1]]"
        ),
        (
            "cameras.front.rules.zones: the camera has no zone 'path'. It has door."
            " Draw it in [cameras.front.motion.zones]."
        ),
    ),
    "polygon with two corners": (
        f"{CAMERA}[cameras.front.motion]\nmasks = [[[0, 0], [1, 1]]]",
        "cameras.front.motion.masks.1: needs at least 3.",
    ),
    "two messengers of one name": (
        f'{CAMERA}[[messengers]]\nkind = "console"\n[[messengers]]\nkind = "console"',
        "messengers: 2 are called 'console'. Give each a 'name' of its own.",
    ),
    "messenger's mistake": (
        f'{CAMERA}[[messengers]]\nkind = "webhook"\nurll = "x"',
        "messengers.1.urll: there is no such setting. Did you mean 'url'?",
    ),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    MISTAKES.values(),
    ids=MISTAKES.keys(),
)
def test_a_mistake_is_told_in_words(text: str, expected: str):
    assert [expected] == complaints(text)


def test_names_that_differ_in_capital_letters_only_are_told():
    text = f'{CAMERA}[cameras.Front]\nkind = "file"\npath = "a.mp4"'
    expected = "cameras: front and Front are one name but for capital letters; rename one."
    assert expected == complaints(text)[-1]


def test_all_mistakes_are_told_at_once():
    text = (
        '[house]\nname = 5\n[recording]\npre_roll_seconds = 90\n[rules]\nzones = ["garden"]\n'
        '[cameras.back]\nkind = "rstp"\n[cameras.front]\nkind = "file"\n'
    )
    assert [
        "house.name",
        "recording.pre_roll_seconds",
        "cameras.back",
        "cameras.front.path",
        "rules.zones",
    ] == [line.partition(":")[0] for line in complaints(text)]


@pytest.mark.parametrize(
    "text",
    [
        f'[cameras.a]\nkind = "rtsp"\nurl = "http://anna:{SECRET}@host"',
        f'[cameras.a]\nkind = "rtsp"\nurl = "rtsp://anna:{SECRET}@host/live"',
        f'[cameras.a]\nkind = "rtsp"\nurl = "rtsp://host/live"\npassword = "{SECRET}"',
        f'{CAMERA}[[messengers]]\nkind = "webhook"\nurl = "https://{SECRET}@host"',
        f'{CAMERA}[[messengers]]\nkind = "webhook"\nurl = ["{SECRET}"]',
    ],
)
def test_no_complaint_shows_a_secret(text: str):
    assert SECRET not in "\n".join(complaints(text))


def test_a_syntax_error_names_its_line():
    with pytest.raises(BadSettings, match=r"whosthere.toml is not valid TOML: .*line 2"):
        parse("[house]\nname = home", "whosthere.toml")


def test_a_missing_file_says_what_to_do(tmp_path: Path):
    with pytest.raises(BadSettings, match=r"whosthere settings > whosthere\.toml"):
        load(tmp_path / "none.toml")


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.write_bytes(b"\xff\xfe\x00")])
def test_what_is_no_text_file_is_told(tmp_path: Path, make):
    make(tmp_path / "odd")
    with pytest.raises(BadSettings, match="odd"):
        load(tmp_path / "odd")


def test_one_camera_is_enough():
    settings = parse(CAMERA, "whosthere.toml")
    assert Mode.AWAY is settings.house.mode
    assert ["console"] == [messenger.kind for messenger in settings.messengers]
    assert CameraPolicy(escalate_after=0.0) == settings.policy().of("front")


def test_rules_of_a_camera_change_single_numbers_of_the_common_ones():
    settings = parse(
        f"[rules]\ncooldown = 5\nquiet_seconds = 9\n{CAMERA}[cameras.front.rules]\ncooldown = 7\n",
        "whosthere.toml",
    )
    policy = settings.policy()
    assert (5, 9) == (policy.default.cooldown, policy.default.quiet_seconds)
    assert (7, 9) == (policy.of("front").cooldown, policy.of("front").quiet_seconds)


def test_modes_of_an_alert_can_be_chosen():
    settings = parse(f'[rules]\nalerts_in = ["home"]\n{CAMERA}', "whosthere.toml")
    assert frozenset({Mode.HOME}) == settings.policy().default.alerts_in


def test_the_file_is_the_one_asked_for_or_the_environments(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WHOSTHERE_SETTINGS", "/etc/house.toml")
    assert Path("mine.toml") == find(Path("mine.toml"))
    assert Path("/etc/house.toml") == find(None)
    monkeypatch.delenv("WHOSTHERE_SETTINGS")
    assert Path("whosthere.toml") == find(None)


@pytest.mark.parametrize(
    ("messenger", "rules", "expected"),
    [
        ('kind = "console"', "", 0.0),  # nobody could stop it from growing louder
        ('kind = "console"', "escalate_after = 60.0", 60.0),
        ('kind = "slack"\nchannel = "#house"\nadmins = ["U012ABCDEF"]', "", 120.0),
    ],
)
def test_alerts_grow_louder_where_people_can_answer(messenger, rules, expected):
    text = f"[rules]\n{rules}\n[cameras.a]\nkind = 'usb'\n[[messengers]]\n{messenger}\n"

    assert expected == parse(text, "test").policy().of("a").escalate_after
