"""What may be set about Slack, and where its tokens are kept."""

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from whosthere.core.errors import BadSettings
from whosthere.core.requests import Role
from whosthere.whole_files import OWNER, write_whole

OTHERS_MAY = stat.S_IRWXG | stat.S_IRWXO

UserId = Annotated[str, Field(pattern=r"^[UW][A-Z0-9]{2,}$")]
Channel = Annotated[str, Field(pattern=r"^([CGD][A-Z0-9]{2,}|#?[^\s#@<>A-Z]{1,80})$")]
ABOUT_IDS = "Slack: a person's profile, ⋮, 'Copy member ID'"


class SlackSettings(BaseModel):
    """Alerts, pictures and commands in Slack. Make the app with `whosthere slack setup`.

    Tokens are read from the environment, WHOSTHERE_<NAME>_BOT_TOKEN, WHOSTHERE_<NAME>_APP_TOKEN and
    (for http) WHOSTHERE_<NAME>_SIGNING_SECRET, or from the file that the set-up writes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    kind: Literal["slack"]
    name: str = Field(
        "slack",
        pattern=r"^[a-z0-9_-]+$",
        description="What it is called in messages, and by what the database knows it.",
    )
    channel: Channel = Field(
        description="Where alerts go: the channel's name or, better, its id, which never changes.",
        examples=["#house"],
    )
    also_in: tuple[Channel, ...] = Field(
        (), description="Other channels in which people may ask.", examples=[["#family"]]
    )
    admins: tuple[UserId, ...] = Field(
        (),
        description=f"Who may change things: arm, disarm, snooze, move cameras. ({ABOUT_IDS})",
        examples=[["U012ABCDEF"]],
    )
    taggers: tuple[UserId, ...] = Field(
        (), description="Who may look, and say whether somebody was there."
    )
    viewers: tuple[UserId, ...] = Field((), description="Who may look.")
    team: str | None = Field(
        None,
        pattern=r"^T[A-Z0-9]+$",
        description="Workspace that the token must belong to. Without it, any one is right.",
        examples=["T012ABCDEF"],
    )
    mode: Literal["socket", "http"] = Field(
        "socket",
        description="How requests come: over a connection that this program opens, or to a public"
        " address that leads to 'listen'.",
    )
    listen: str = Field(
        "127.0.0.1:3000",
        pattern=r"^\S+:\d{1,5}$",
        description="Where to listen for requests if the mode is http; the path is /slack/events.",
    )
    api_url: str = Field(
        "https://slack.com/api/",
        pattern=r"^https?://[^\s/@]+(/\S*)?$",
        description="Where the Slack API is. Another one is for trying things out.",
    )
    tokens_file: Path | None = Field(
        None,
        description="File with the tokens, readable by its owner alone. Without it, <name>-tokens"
        ".json in the data folder.",
    )
    delete_pictures_after_tag: bool = Field(
        default=False,
        description="Take pictures and clips out of Slack once somebody has answered. They stay in"
        " the data folder.",
    )
    mention: tuple[UserId, ...] = Field(
        (),
        description="Whom to mention when nobody answers an alert (rules.escalate_after)."
        " None: everybody in the channel.",
    )
    direct_to: tuple[UserId, ...] = Field(
        (), description="Whom to write to directly when nobody answers that either."
    )

    @model_validator(mode="after")
    def _one_role_each(self) -> Self:
        named = [*self.admins, *self.taggers, *self.viewers]
        twice = {one for one in named if named.count(one) > 1}
        if twice:
            raise ValueError(f"{', '.join(sorted(twice))} is named twice; give each one role")
        return self

    def role_of(self, user: str) -> Role:
        """Say what somebody may do. Who is not named may do nothing."""
        if user in self.admins:
            return Role.ADMIN
        if user in self.taggers:
            return Role.TAGGER
        return Role.VIEWER if user in self.viewers else Role.NOBODY


@dataclass(frozen=True, slots=True)
class Tokens:
    """What proves to Slack who we are. Never shown."""

    bot: str = field(repr=False)
    app: str = field(default="", repr=False)  # for the socket
    signing_secret: str = field(default="", repr=False)  # for http

    def __str__(self) -> str:
        return "Tokens(***)"


def tokens_file(settings: SlackSettings, folder: Path) -> Path:
    return settings.tokens_file or folder / f"{settings.name}-tokens.json"


def read_tokens(
    settings: SlackSettings, folder: Path, environment: Mapping[str, str] = os.environ
) -> Tokens:
    """Take each token from the environment, or else from the file."""
    path = tokens_file(settings, folder)
    kept = _kept(path)

    def one(what: str) -> str:
        variable = f"WHOSTHERE_{settings.name}_{what}".upper().replace("-", "_")
        return (environment.get(variable) or kept.get(what, "")).strip()

    tokens = Tokens(one("bot_token"), one("app_token"), one("signing_secret"))
    needed = {
        "bot token": tokens.bot,
        **(
            {"app token": tokens.app}
            if settings.mode == "socket"
            else {"signing secret": tokens.signing_secret}
        ),
    }
    missing = [name for name, value in needed.items() if not value]
    if missing:
        raise BadSettings(
            f"Messenger '{settings.name}' has no {' and no '.join(missing)}. Run 'whosthere slack"
            f" setup', which writes {path}, or set the environment's"
            f" WHOSTHERE_{settings.name.upper().replace('-', '_')}_"
            f"{missing[0].upper().replace(' ', '_')}."
        )
    return tokens


def _kept(path: Path) -> dict[str, str]:
    try:
        if path.stat().st_mode & OTHERS_MAY:
            raise BadSettings(
                f"{path} holds tokens, and others may read it. Close it: chmod 600 '{path}'"
            )
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise BadSettings(f"{path} with the Slack tokens: {error.strerror}.") from None
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise BadSettings(f"{path} is damaged. Run 'whosthere slack setup' again.") from None
    return found


def write_tokens(path: Path, tokens: Tokens) -> None:
    """Write a file that only its owner can read, at no moment otherwise."""
    text = json.dumps(
        {"bot_token": tokens.bot, "app_token": tokens.app, "signing_secret": tokens.signing_secret}
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text, OWNER)
    except OSError as error:
        raise BadSettings(f"{path} cannot be written ({error.strerror}).") from None
