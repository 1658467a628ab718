"""The methods of Slack's Web API that the fake one knows, with their refusals."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeAlias

from aiohttp import web

from whosthere.app.sandbox import rules
from whosthere.app.sandbox.files import File
from whosthere.app.sandbox.people import ANNA, APP, BEN, BOT, BOT_USER, CLEO, NAMES, TEAM
from whosthere.app.sandbox.rules import Refused

if TYPE_CHECKING:
    from whosthere.app.sandbox.server import FakeSlack

Json: TypeAlias = dict[str, Any]
Answer: TypeAlias = dict[str, Any]

MOST_LETTERS = 40_000


class ToldOff(Exception):
    """An answer with ok: false."""

    def __init__(self, error: str, **more: object) -> None:
        super().__init__(error)
        self.error, self.more = error, more


@dataclass(frozen=True)
class Fault:
    """One answer that is wrong."""

    status: int = 200
    error: str = ""
    retry_after: int | None = None
    cut: bool = False
    after: bool = False

    def response(self) -> web.Response:
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        if self.status == HTTPStatus.TOO_MANY_REQUESTS:
            body = {"ok": False, "error": "ratelimited"}
            return web.json_response(body, status=self.status, headers=headers)
        if self.error:
            return web.json_response({"ok": False, "error": self.error}, status=self.status)
        return web.Response(status=self.status, text="<html>oops</html>", content_type="text/html")


def call(fake: "FakeSlack", method: str, body: Json, token: str) -> Answer:
    if method not in METHODS:
        raise ToldOff("unknown_method")
    scope, work = METHODS[method]
    wanted = APP if scope == "connections:write" else BOT
    if not token:
        raise ToldOff("not_authed")
    if fake.revoked:
        raise ToldOff("token_revoked")
    if token != wanted:
        raise ToldOff("not_allowed_token_type" if token in {APP, BOT} else "invalid_auth")
    if scope not in {"", "connections:write"} and not set(scope.split("|")) & fake.scopes:
        needed = scope.split("|")[0]
        raise ToldOff("missing_scope", needed=needed, provided=",".join(sorted(fake.scopes)))
    return work(fake, body)


def _auth_test(_: "FakeSlack", __: Json) -> Answer:
    return {"url": "https://home.slack.com/", "team": "Home", "user": "whosthere",
            "team_id": TEAM, "user_id": BOT_USER, "bot_id": "B0BOT"}  # fmt: skip


def check_message(fake: "FakeSlack", message: Json) -> None:
    """Refuse a message as Slack would."""
    if not message.get("text") and not message.get("blocks"):
        raise ToldOff("no_text")
    if len(message.get("text") or "") > MOST_LETTERS:
        raise ToldOff("msg_too_long")
    blocks = message.get("blocks") or []
    blocks = json.loads(blocks) if isinstance(blocks, str) else blocks
    try:
        rules.check_message_blocks(blocks, lambda file: _file_trouble(fake, file))
        if message.get("metadata"):
            rules.check_metadata(_table(message["metadata"]))
    except Refused as wrong:
        raise ToldOff(
            "invalid_blocks", response_metadata={"messages": [f"[ERROR] {wrong}"]}
        ) from None
    for text in [message.get("text") or "", *rules.texts(blocks)]:
        fake.oddities += rules.odd_markup(text)


def _table(value: str | Json) -> Json:
    found: Json = json.loads(value) if isinstance(value, str) else value
    return found


def _file_trouble(fake: "FakeSlack", file_id: str) -> str | None:
    file = fake.files.get(file_id)
    if file is None or file.deleted or not file.complete:
        return "not found"
    if not file.name.endswith(rules.IMAGES):
        return "not an image"
    if file.ready_after > 0:  # still being looked through for viruses
        file.ready_after -= 1
        return "not processed"
    return None


def _place(fake: "FakeSlack", channel: str) -> str:
    if channel.startswith("D"):
        return channel
    if channel not in fake.channels:
        raise ToldOff("channel_not_found")
    if channel not in fake.members:
        raise ToldOff("not_in_channel")
    return channel


def _post(fake: "FakeSlack", body: Json) -> Answer:
    channel = _place(fake, body["channel"])
    check_message(fake, body)
    if body.get("thread_ts"):
        _find(fake, channel, body["thread_ts"])
    ts = fake.new_ts()
    kept = {k: v for k, v in body.items() if k not in {"token", "unfurl_links"} and v is not None}
    message = {**kept, "channel": channel, "ts": ts, "user": BOT_USER, "changes": 0}
    fake.messages[channel].append(message)
    return {"channel": channel, "ts": ts, "message": {"text": body.get("text"), "ts": ts}}


def _find(fake: "FakeSlack", channel: str, ts: str) -> Json:
    for message in fake.messages[channel]:
        if message["ts"] == ts:
            return message
    raise ToldOff("message_not_found")


def _update(fake: "FakeSlack", body: Json) -> Answer:
    message = _find(fake, body["channel"], body["ts"])
    check_message(fake, body)
    for block in body.get("blocks") or ():
        if block["type"] == "image" and not fake.files[block["slack_file"]["id"]].shared_in:
            fake.oddities.append("a picture that only the app may see, shown by an update")
    message |= {k: v for k, v in body.items() if k in {"text", "blocks", "metadata"}}
    message["changes"] += 1
    return {"channel": body["channel"], "ts": body["ts"], "text": body.get("text")}


def _ephemeral(fake: "FakeSlack", body: Json) -> Answer:
    _place(fake, body["channel"])
    check_message(fake, body)
    fake.ephemeral.append(body)
    return {"message_ts": fake.new_ts()}


def _history(fake: "FakeSlack", body: Json) -> Answer:
    channel = _place(fake, body["channel"])
    newest = [one for one in reversed(fake.messages[channel]) if not one.get("thread_ts")]
    return {"messages": newest[: int(body["limit"])], "has_more": False}


def _replies(fake: "FakeSlack", body: Json) -> Answer:
    channel = _place(fake, body["channel"])
    top = _find(fake, channel, body["ts"])
    return {"messages": [top, *fake.thread(top)][: int(body["limit"])], "has_more": False}


def _upload_url(fake: "FakeSlack", body: Json) -> Answer:
    if int(body["length"]) <= 0:
        raise ToldOff("invalid_arguments")
    file = File(f"F{next(fake.numbers)}", body["filename"], body.get("alt_txt") or "")
    file.ready_after = fake.pictures_ready_after
    fake.files[file.id] = file
    return {"file_id": file.id, "upload_url": f"http://127.0.0.1:{fake.port}/upload/{file.id}"}


def _complete(fake: "FakeSlack", body: Json) -> Answer:
    named = body["files"]
    named = json.loads(named) if isinstance(named, str) else named
    files = [fake.files[one["id"]] for one in named]
    if any(not file.data for file in files):
        raise ToldOff("file_not_found")
    for file in files:
        file.complete = True
    if body.get("channel_id"):
        channel = _place(fake, body["channel_id"])
        if body.get("thread_ts"):
            _find(fake, channel, body["thread_ts"])
        for file in files:
            file.shared_in.add(channel)
        message = {
            "channel": channel, "ts": fake.new_ts(), "user": BOT_USER, "changes": 0,
            "text": body.get("initial_comment") or "",
            "files": [{"id": file.id, "name": file.name} for file in files],
        }  # fmt: skip
        if body.get("thread_ts"):
            message["thread_ts"] = body["thread_ts"]
        fake.messages[channel].append(message)
    return {"files": [{"id": file.id, "title": file.name} for file in files]}


def _delete_file(fake: "FakeSlack", body: Json) -> Answer:
    file = fake.files.get(body["file"])
    if file is None or file.deleted:
        raise ToldOff("file_not_found")
    for messages in fake.messages.values():
        shown = [
            block["slack_file"]["id"]
            for message in messages
            for block in message.get("blocks") or ()
            if block["type"] == "image"
        ]
        if file.id in shown:
            fake.oddities.append("a picture was deleted while a message shows it")
    file.deleted = True
    return {}


def _publish(fake: "FakeSlack", body: Json) -> Answer:
    view = _table(body["view"])
    _check_view(fake, view)
    fake.views[body["user_id"]] = view
    return {"view": view}


def _open(fake: "FakeSlack", body: Json) -> Answer:
    if body.get("trigger_id") != "trigger":
        raise ToldOff("expired_trigger_id")
    view = _table(body["view"])
    _check_view(fake, view)
    fake.dialogs.append(view)
    return {"view": view}


def _check_view(fake: "FakeSlack", view: Json) -> None:
    try:
        rules.check_view(view, lambda file: _file_trouble(fake, file))
    except Refused as wrong:
        raise ToldOff(
            "invalid_arguments", response_metadata={"messages": [f"[ERROR] {wrong}"]}
        ) from None
    for text in rules.texts(view["blocks"]):
        fake.oddities += rules.odd_markup(text)


def _open_direct(fake: "FakeSlack", body: Json) -> Answer:
    user = body["users"]
    if not user.startswith("U0") or user == "U0NOBODY":
        raise ToldOff("user_not_found")
    return {"channel": {"id": fake.direct(user)}}


def _list_channels(fake: "FakeSlack", body: Json) -> Answer:
    every = [{"id": known, "name": name} for known, name in fake.channels.items()]
    start = int(body.get("cursor") or 0)  # one a page, so that paging is tried
    more = str(start + 1) if start + 1 < len(every) else ""
    page = every[start : start + 1]
    return {"channels": page, "response_metadata": {"next_cursor": more}}


def _channel_info(fake: "FakeSlack", body: Json) -> Answer:
    channel = body["channel"]
    if channel not in fake.channels:
        raise ToldOff("channel_not_found")
    return {"channel": {"id": channel, "name": fake.channels[channel],
                        "is_member": channel in fake.members, "is_archived": False}}  # fmt: skip


def _user(fake: "FakeSlack", body: Json) -> Answer:
    name = NAMES.get(body["user"])
    if name is None:
        raise ToldOff("user_not_found")
    zone = {"tz_offset": fake.offsets[body["user"]]} if body["user"] in fake.offsets else {}
    return {"user": {"id": body["user"], "name": name.lower(), "real_name": f"{name} Home",
                     "profile": {"display_name": name}, **zone}}  # fmt: skip


def _users(fake: "FakeSlack", _: Json) -> Answer:
    members = [_user(fake, {"user": one})["user"] for one in (ANNA, BEN, CLEO)]
    return {"members": members, "response_metadata": {"next_cursor": ""}}


def _permalink(_: "FakeSlack", body: Json) -> Answer:
    return {"permalink": f"https://home.slack.com/archives/{body['channel']}/p1"}


METHODS: dict[str, tuple[str, Callable[["FakeSlack", Json], Answer]]] = {
    "auth.test": ("", _auth_test),
    "apps.connections.open": ("connections:write", lambda fake, _: {"url": fake.new_ticket()}),
    "chat.postMessage": ("chat:write", _post),
    "chat.update": ("chat:write", _update),
    "chat.postEphemeral": ("chat:write", _ephemeral),
    "chat.getPermalink": ("", _permalink),
    "conversations.history": ("channels:history|groups:history", _history),
    "conversations.replies": ("channels:history|groups:history", _replies),
    "conversations.open": ("im:write", _open_direct),
    "conversations.list": ("channels:read", _list_channels),
    "conversations.info": ("channels:read", _channel_info),
    "files.getUploadURLExternal": ("files:write", _upload_url),
    "files.completeUploadExternal": ("files:write", _complete),
    "files.delete": ("files:write", _delete_file),
    "users.info": ("users:read", _user),
    "users.list": ("users:read", _users),
    "views.publish": ("", _publish),
    "views.open": ("", _open),
}
