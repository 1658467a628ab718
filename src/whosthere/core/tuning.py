"""Other numbers are proposed, used or left; each is told and written down.

The numbers themselves are no part of the house: who keeps it changes over to them after the
message that says so, and the ledger notes by which numbers each stretch was decided.
"""

from whosthere.core.messages import Action, LeavePolicy, Notify, Propose, Remember, UsePolicy
from whosthere.core.model import Alert, AlertKind, House, News
from whosthere.core.people import AuditEntry

NAME = "proposal-"


def alert_id(proposal: int) -> str:
    return f"{NAME}{proposal}"


def proposal_of(name: str | None) -> int | None:
    """Which proposal an alert is about, if it is about one."""
    number = (name or "").removeprefix(NAME)
    return int(number) if number != name and number.isascii() and number.isdigit() else None


def on_tuning(house: House, message: Propose | UsePolicy | LeavePolicy) -> list[Action]:
    match message:
        case Propose():
            return [Notify(_alert(house, message, message.proposal, message.text))]
        case LeavePolicy():
            said = f"{message.by} does not want proposal {message.proposal} now"
            return [_entry(message, f"left proposal {message.proposal}"),
                    Notify(_alert(house, message, message.proposal, said))]  # fmt: skip
        case UsePolicy():
            version = message.policy.version
            why = f": {message.reason}" if message.reason else ""
            actions: list[Action] = [_entry(message, f"used policy {version}{why}")]
            if message.proposal is not None:
                said = f"{message.by} uses proposal {message.proposal}: it is policy {version} now"
                actions.append(Notify(_alert(house, message, message.proposal, said)))
            return actions


def _alert(
    house: House, message: Propose | UsePolicy | LeavePolicy, proposal: int, detail: str
) -> Alert:
    first = isinstance(message, Propose)
    return Alert(
        id=alert_id(proposal),
        revision=1 if first else 2,
        news=News.FIRST if first else News.SETTLED,
        kind=AlertKind.PROPOSAL,
        camera="",
        at=message.at,
        mode=house.arm_state.mode,
        detail=detail,
    )


def _entry(message: UsePolicy | LeavePolicy, what: str) -> Remember:
    return Remember(AuditEntry(message.at, message.by, message.origin, what))
