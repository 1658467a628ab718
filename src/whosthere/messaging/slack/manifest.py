"""The description from which Slack makes the app: its name, commands, rights and ways in.

Its limits are those of Slack's manifest schema (https://docs.slack.dev/reference/app-manifest).
"""

import json
import re
from typing import Any
from urllib.parse import quote

from whosthere.core.commands import ALIASES, BY_NAME, Takes
from whosthere.messaging.slack.grammar import OWN_NAMES, UMBRELLA

NEW_APP = "https://api.slack.com/apps?new_app=1&manifest_json="
NAME = "Who's There"

SCOPES = {  # what each is for
    "app_mentions:read": "hear when it is mentioned",
    "channels:history": "post no alert twice after a crash, and hear words in an alert's thread",
    "channels:read": "find the channel by its name",
    "chat:write": "post alerts and keep them up to date",
    "commands": "hear slash commands",
    "files:read": "show an uploaded picture in a message",
    "files:write": "post pictures and clips, and delete them",
    "groups:history": "the same in private channels",
    "groups:read": "find a private channel by its name",
    "im:history": "hear what is written to it directly",
    "im:write": "write to people directly",
    "users:read": "show people by their names",
}
EVENTS = ("app_home_opened", "app_mention", "message.channels", "message.groups", "message.im")
HINT = "status | arm away for 2h | disarm | snooze 30m | snapshot | clip | why | help"
ABOUT = (
    "Who's There runs on a machine of your own and watches its cameras. It posts a message with a"
    " picture when somebody is seen while the house is armed, lets you say whether somebody was"
    " there, arms and disarms, sends live pictures and clips, and tells when a camera or the"
    " machine is in trouble. Nothing goes anywhere but to this workspace."
)


def manifest(request_url: str | None = None) -> dict[str, Any]:
    """Describe the app; with an address, requests come there over HTTP, else over a socket."""
    there = {"request_url": request_url} if request_url else {}
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": NAME,
            "description": "Home security: alerts, pictures and commands",
            "long_description": ABOUT,
            "background_color": "#1d3557",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": NAME, "always_online": True},
            "shortcuts": [
                _shortcut("Arm or disarm", "global", "arm_toggle", "Set the mode of the house"),
                _shortcut("Tag this alert", "message", "tag_alert", "Say if somebody was there"),
            ],
            "slash_commands": [
                {**command, **({"url": request_url} if request_url else {})}
                for command in slash_commands()
            ],
        },
        "oauth_config": {"scopes": {"bot": sorted(SCOPES)}},
        "settings": {
            "event_subscriptions": {**there, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **there},
            "org_deploy_enabled": False,
            "socket_mode_enabled": request_url is None,
            "token_rotation_enabled": False,
        },
    }


def slash_commands() -> list[dict[str, Any]]:
    """One for everything, the talk's names, and two that Slack keeps for itself."""
    named = {**ALIASES, **OWN_NAMES}
    return [
        _command(UMBRELLA, "Everything that can be asked of the house", HINT),
        *(_command(name, _does(line), _hint(line)) for name, line in named.items()),
    ]


def _command(name: str, does: str, hint: str) -> dict[str, Any]:
    made = {"command": f"/{name}", "description": does[:140], "should_escape": False}
    return {**made, "usage_hint": hint} if hint else made


def _does(line: str) -> str:
    """The first part of what a command is described by, with the word that is in its name."""
    command, _, word = line.partition(" ")
    does = re.split(r"[.:]", BY_NAME[command].does, maxsplit=1)[0]
    return does.replace("on or off", word).replace("the mode (away if none is named)", "mode away,")


def _hint(line: str) -> str:
    """What may follow a command; what its name says already is left out."""
    command = BY_NAME[line.partition(" ")[0]]
    said = {Takes.ON_OFF, Takes.MODE} if " " in line else set()
    said |= {Takes.TIME} if line.endswith(" on") else set()  # only silence holds for a time
    return " ".join(takes for takes in command.takes if takes not in said)


def _shortcut(name: str, kind: str, callback: str, about: str) -> dict[str, str]:
    return {"name": name, "type": kind, "callback_id": callback, "description": about}


def as_text(request_url: str | None = None) -> str:
    return json.dumps(manifest(request_url), indent=2, ensure_ascii=False)


def link(request_url: str | None = None) -> str:
    """An address at which Slack offers to make the app."""
    compact = json.dumps(manifest(request_url), separators=(",", ":"))
    return NEW_APP + quote(compact, safe="")
