"""What Slack refuses in blocks, views and metadata, as its reference says.

https://docs.slack.dev/reference/block-kit and /reference/views, as of 2026. What passes is put to
the models of Slack's own library too (`slack_sdk.models`): they carry its limits and its keys.
"""

# ruff: noqa: ANN401, PLR2004 - payloads are whatever was sent; the numbers are Slack's

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

MARKUP = re.compile(
    r"<(!date\^\d+\^[^|^<>]+(\^[^|<>]+)?\|[^<>]+|@[UW][A-Z0-9]+|#C[A-Z0-9]+|!channel|!here"
    r"|https?://[^|<>]+(\|[^<>]+)?)>"
)
ENTITY = re.compile(r"&(?!amp;|lt;|gt;)")
IMAGES = (".png", ".jpg", ".jpeg", ".gif")
INPUTS = {"radio_buttons", "static_select", "plain_text_input", "checkboxes"}
KEYS = {
    "section": {"type", "text", "block_id", "accessory", "fields", "expand"},
    "header": {"type", "text", "block_id"},
    "divider": {"type", "block_id"},
    "context": {"type", "elements", "block_id"},
    "actions": {"type", "elements", "block_id"},
    "image": {"type", "alt_text", "slack_file", "image_url", "title", "block_id"},
    "input": {"type", "label", "element", "block_id", "hint", "optional", "dispatch_action"},
    "button": {"type", "text", "action_id", "value", "style", "confirm", "url"},
    "radio_buttons": {"type", "action_id", "options", "initial_option", "confirm"},
    "static_select": {"type", "action_id", "options", "initial_option", "placeholder", "confirm"},
}

FileCheck = Callable[[str], str | None]  # what is wrong with a file, by its id


class Refused(Exception):
    """Slack would not take this."""


def need(right: object, what: str, where: str) -> None:
    if not right:
        raise Refused(f"{what} [json-pointer:{where}]")


def odd_markup(text: str) -> list[str]:
    """Find what Slack would read as markup that nobody meant, or show as raw letters."""
    rest = MARKUP.sub("", text)
    return [text] if re.search(r"[<>]", rest) or ENTITY.search(rest) else []


def check_message_blocks(blocks: Any, file_trouble: FileCheck) -> None:
    need(isinstance(blocks, list) and len(blocks) <= 50, "too many blocks", "/blocks")
    check_blocks(blocks, {"section", "header", "divider", "context", "actions", "image"},
                 file_trouble)  # fmt: skip
    for number, block in enumerate(blocks):
        check_by_model(Block.parse, block, f"/blocks/{number}")


def check_by_model(read: Callable[[Any], Any], given: Any, where: str) -> None:
    """Let Slack's library read it: what it refuses, or does not know and so leaves out."""
    try:
        known = read(given).to_dict()
    except (SlackObjectFormationError, TypeError, AttributeError) as wrong:
        raise Refused(f"slack_sdk: {wrong} [json-pointer:{where}]") from None
    need(known == given, "slack_sdk reads this as something else", where)


def check_view(view: Any, file_trouble: FileCheck) -> None:
    kind = view.get("type")
    need(kind in {"home", "modal"}, "unknown view", "/view/type")
    need(len(view["blocks"]) <= 100, "too many blocks", "/view/blocks")
    need(len(view.get("private_metadata", "")) <= 3000, "too long", "/view/private_metadata")
    allowed = {"section", "header", "divider", "context", "actions", "image", "input"}
    if kind == "modal":
        for name in ("title", "submit", "close"):
            check_text(view[name], f"/view/{name}", {"plain_text"}, 24)
        need(len(view.get("callback_id", "")) <= 255, "too long", "/view/callback_id")
    check_blocks(view["blocks"], allowed, file_trouble)
    check_by_model(lambda given: View(**given), view, "/view")


def check_blocks(
    blocks: Iterable[Mapping[str, Any]], allowed: set[str], trouble: FileCheck
) -> None:
    ids = []
    for number, block in enumerate(blocks):
        where = f"/blocks/{number}"
        kind = str(block.get("type"))
        need(kind in allowed, f"unsupported block {kind}", where)
        need(set(block) <= KEYS[kind], f"unknown keys {set(block) - KEYS[kind]}", where)
        ids += [block["block_id"]] if "block_id" in block else []
        need(len(block.get("block_id", "")) <= 255, "block_id too long", where)
        CHECKS[kind](block, where, trouble)
    need(len(ids) == len(set(ids)), "block_id twice", "/blocks")


def check_text(text: Any, where: str, kinds: set[str], most: int) -> None:
    need(isinstance(text, Mapping), "no text object", where)
    need(text.get("type") in kinds, f"not of {kinds}", where)
    need(0 < len(text.get("text", "")) <= most, f"1 to {most} characters", where)
    extra = {"plain_text": {"emoji"}, "mrkdwn": {"verbatim"}}[text["type"]]
    need(set(text) <= {"type", "text"} | extra, "unknown keys", where)


def _section(block: Mapping[str, Any], where: str, trouble: FileCheck) -> None:
    check_text(block.get("text"), f"{where}/text", {"plain_text", "mrkdwn"}, 3000)
    if "accessory" in block:
        _element(block["accessory"], f"{where}/accessory", trouble)


def _header(block: Mapping[str, Any], where: str, _: FileCheck) -> None:
    check_text(block.get("text"), f"{where}/text", {"plain_text"}, 150)


def _context(block: Mapping[str, Any], where: str, trouble: FileCheck) -> None:
    need(1 <= len(block["elements"]) <= 10, "1 to 10 elements", where)
    for element in block["elements"]:
        if element["type"] == "image":
            _image(element, where, trouble)
        else:
            check_text(element, where, {"plain_text", "mrkdwn"}, 3000)


def _actions(block: Mapping[str, Any], where: str, trouble: FileCheck) -> None:
    need(1 <= len(block["elements"]) <= 25, "1 to 25 elements", where)
    for element in block["elements"]:
        _element(element, where, trouble)
    ids = [element["action_id"] for element in block["elements"]]
    need(len(ids) == len(set(ids)), "action_id twice", where)


def _image(block: Mapping[str, Any], where: str, trouble: FileCheck) -> None:
    need(0 < len(block.get("alt_text", "")) <= 2000, "alt_text needed", where)
    need(("slack_file" in block) != ("image_url" in block), "one of both", where)
    if "slack_file" in block:
        need(len(block["slack_file"]) == 1, "exactly one of id and url", f"{where}/slack_file")
        wrong = trouble(block["slack_file"].get("id", ""))
        need(wrong is None, f"invalid slack file: {wrong}", f"{where}/slack_file")


def _input(block: Mapping[str, Any], where: str, trouble: FileCheck) -> None:
    check_text(block.get("label"), f"{where}/label", {"plain_text"}, 2000)
    need(block["element"]["type"] in INPUTS, "not an input", where)
    _element(block["element"], where, trouble)


def _element(element: Mapping[str, Any], where: str, trouble: FileCheck) -> None:
    kind = element["type"]
    if kind == "image":
        _image(element, where, trouble)
        return
    need(kind in KEYS and set(element) <= KEYS[kind], "unknown element or key", where)
    need(0 < len(element["action_id"]) <= 255, "action_id", where)
    if kind == "button":
        check_text(element["text"], f"{where}/text", {"plain_text"}, 75)
        need(len(element.get("value", "")) <= 2000, "value too long", where)
        need(element.get("style", "primary") in {"primary", "danger"}, "style", where)
    else:
        options = element["options"]
        need(1 <= len(options) <= (10 if kind == "radio_buttons" else 100), "options", where)
        for option in options:
            check_text(option["text"], where, {"plain_text", "mrkdwn"}, 75)
            need(0 < len(option["value"]) <= 150, "value of an option", where)
        need(element.get("initial_option", options[0]) in options, "initial_option", where)
    if "confirm" in element:
        confirm = element["confirm"]
        check_text(confirm["title"], where, {"plain_text"}, 100)
        check_text(confirm["text"], where, {"plain_text", "mrkdwn"}, 300)
        check_text(confirm["confirm"], where, {"plain_text"}, 30)
        check_text(confirm["deny"], where, {"plain_text"}, 30)


def check_metadata(metadata: Any) -> None:
    need(set(metadata) == {"event_type", "event_payload"}, "unknown keys", "/metadata")
    need(re.fullmatch(r"[A-Za-z0-9_]{1,100}", metadata["event_type"]), "type", "/metadata")
    need(isinstance(metadata["event_payload"], dict), "payload", "/metadata")


CHECKS: dict[str, Callable[[Mapping[str, Any], str, FileCheck], None]] = {
    "section": _section,
    "header": _header,
    "divider": lambda _b, _w, _t: None,
    "context": _context,
    "actions": _actions,
    "image": _image,
    "input": _input,
}


def texts(blocks: Any) -> Iterable[str]:
    """All texts in mrkdwn, however deep."""
    if isinstance(blocks, Mapping):
        if blocks.get("type") == "mrkdwn":
            yield blocks["text"]
        for inner in blocks.values():
            yield from texts(inner)
    elif isinstance(blocks, list):
        for inner in blocks:
            yield from texts(inner)
