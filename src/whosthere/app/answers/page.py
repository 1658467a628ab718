"""The reference page of the requests, made from the table that they are understood by."""

from collections.abc import Iterator

from whosthere.core.commands import ALIASES, COMMANDS, PHRASES, Command
from whosthere.core.requests import Role

TOP = """\
# Requests

What people can ask the running program, in the same words everywhere: in Slack as a command, as a
message, or in the thread of an alert; and on its own machine with `whosthere ask WORDS`. This page
is made from the table that requests are understood by; `help` says the same.

- The words after a command may come in any order. `CAMERA` is the name of a camera; where there is
  only one, or below an alert, it need not be said.
- A line is understood as a whole, or nothing is changed: the answer then says what was probably
  meant. `please`, `could you` and the like may stand around it. A question changes nothing
  (`disarm?`), unless it is a polite one (`could you disarm?`).
- Durations are `90s`, `30m`, `2h`, `1h30m`, `1 day`, `half an hour`, and 31 days at most. Moments
  are `7:00`, `7pm`, `noon`, `monday`, `tomorrow 8:00`, `2026-01-31 8:00`, in the time zone of the
  house (`time_zone` under `[house]`), also when clocks are changed. The next such moment is meant.
- Below an alert, requests are about its camera and its incident. Whatever is asked there counts as
  an answer to the alert, which then does not grow louder.
- What changes something is written down with who, when and from where, and so is what was refused.
  `log` shows it.
"""
WHO = {
    Role.VIEWER: "Everybody who may ask",
    Role.TAGGER: "Taggers and admins",
    Role.ADMIN: "Admins alone",
}


def requests_page() -> str:
    return "\n".join([TOP, *_by_role(), *_other_words()])


def _by_role() -> Iterator[str]:
    for role, title in WHO.items():
        yield f"## {title}\n"
        yield "| Request | What it does | Example |\n|---|---|---|"
        yield "\n".join(_row(command) for command in COMMANDS if command.role is role)
        yield ""


def _row(command: Command) -> str:
    usage = f"`{command.usage}`".replace("|", "\\|")
    return f"| {usage} | {command.does} | `{command.example}` |"


def _other_words() -> Iterator[str]:
    yield "## Other words for the same\n"
    yield "Commands of one word, as Slack has them:\n"
    yield "| Command | Means |\n|---|---|"
    yield "\n".join(f"| `{said}` | `{meant}` |" for said, meant in ALIASES.items())
    yield "\nAnd what people say:\n"
    yield "| Words | Mean |\n|---|---|"
    yield "\n".join(f"| {said} | `{meant}` |" for said, meant in PHRASES.items())
