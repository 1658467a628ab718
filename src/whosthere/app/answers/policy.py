"""Answers about the numbers that decide."""

import re

from whosthere.app.answers.house import Parts
from whosthere.app.answers.line import Line
from whosthere.app.policy_desk import PolicyDesk
from whosthere.core.requests import Reply, Request
from whosthere.core.tuning import proposal_of
from whosthere.storage.proposals import Policies

BACK = "policy back"

DEFAULT = re.compile(r"  (\w+) = (.*)  \(default\)")


def folded(text: str) -> str:
    """The same with all numbers that are as by default in one line, of each camera."""
    lines: list[str] = []
    usual: list[str] = []
    for line in [*text.splitlines(), ""]:
        found = DEFAULT.fullmatch(line)
        if found is not None:
            usual.append(f"{found[1]} {found[2]}")
            continue
        if usual and not line.startswith("  "):  # the next camera, or the end
            lines.append(f"  by default: {'; '.join(usual)}")
            usual = []
        lines.append(line)
    return "\n".join(lines[:-1])


def policy(parts: Parts, line: Line, request: Request) -> Reply:
    desk = PolicyDesk(Policies(parts.store.database), parts.said, parts.tell, parts.zone)
    by, at, origin = request.asker.name, request.at, request.asker.origin
    which = line.which
    below = proposal_of(request.alert_id)
    if which is None and below is not None:  # below a proposal, that one is meant
        which = f"p{below}"
    match line.action:
        case "show":
            return Reply(folded(desk.shown(which)))
        case "use":
            said = desk.use(which, by, at, origin)
            return Reply(said, offers=(BACK,) if f"`{BACK}`" in said else ())
        case "back":
            return Reply(desk.back(by, at, origin))
        case "not_now":
            return Reply(desk.leave(which, by, at, origin))
        case "shadow":
            return Reply(desk.shadow(line.which, at))
        case _:
            return Reply(desk.listed())
