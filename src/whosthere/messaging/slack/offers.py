"""Buttons below a reply for what may follow from it, as "Sound the siren".

Each is a line of the request grammar that the answer offers; one that is not known here has no
button, and stands in the words anyway. Slack sends back the name of a button and never a request.
"""

from collections.abc import Iterable
from typing import NamedTuple

from whosthere.messaging.slack.wording import Block, button, confirm


class Offer(NamedTuple):
    """A button, and what it asks first."""

    word: str
    question: str = ""
    more: str = ""
    yes: str = ""
    style: str = ""


_ARM = Offer("Arm nevertheless", "Arm nevertheless?", "What is wrong stays wrong.", "Arm", "danger")
OFFERS = {
    "siren on really": Offer(
        "Sound the siren",
        "Sound the siren?",
        "It is loud, for the neighbours too. *Silence* in the channel ends it at once.",
        "Sound it",
        "danger",
    ),
    "siren off": Offer("Silence", style="danger"),
    "policy back": Offer("Go back"),
    "arm_now force": _ARM,
    **{f"arm {mode} force": _ARM for mode in ("home", "away", "night")},
}
REQUESTS = {f"offer_{request.replace(' ', '_')}": request for request in OFFERS}
_ACTIONS = {request: action for action, request in REQUESTS.items()}


def buttons(offers: Iterable[str]) -> list[Block]:
    return [_button(_ACTIONS[one], OFFERS[one]) for one in offers if one in OFFERS]


def _button(action: str, offer: Offer) -> Block:
    asked = confirm(offer.question, offer.more, offer.yes) if offer.question else None
    return button(offer.word, action, style=offer.style, confirm=asked)
