"""The command `whosthere`: its words, and the way from each to what does the work."""

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from whosthere import __version__
from whosthere.app.logs import without_secrets
from whosthere.core.errors import WhosThereError

FINE, TROUBLE, WRONG_USE, INTERRUPTED = 0, 1, 2, 130


@dataclass(frozen=True, slots=True)
class Command:
    """One word after `whosthere`. Its module has `add_arguments(parser)` and `run(args) -> int`."""

    name: str
    module: str
    summary: str
    examples: tuple[tuple[str, str], ...]


COMMANDS = (
    Command(
        "demo",
        "whosthere.app.demo",
        "show what it does, with a film of a visitor",
        (("whosthere demo", "one minute, nothing to set up"),
         ("whosthere demo --loop", "go on until Ctrl-C"),
         ("whosthere demo --slack-sandbox", "and try alerts and requests in a Slack of its own")),
    ),
    Command(
        "run",
        "whosthere.app.run",
        "watch the cameras and tell people",
        (("whosthere run", "with whosthere.toml of this folder; Ctrl-C ends it"),
         ("whosthere run --live", "and show what it sees"),
         ("whosthere run --settings /etc/whosthere.toml --mode away", "another file, armed")),
    ),
    Command(
        "check",
        "whosthere.app.check",
        "try each part, a line each",
        (("whosthere check", "settings, folder, database, detector, cameras, messengers"),
         ("whosthere check --send", "and send a test message to people")),
    ),
    Command(
        "ask",
        "whosthere.app.ask",
        "ask the running program, in plain words",
        (("whosthere ask status", "how everything is"),
         ("whosthere ask arm away for 2h", "or disarm, snooze 30m, …"),
         ("whosthere ask why 14:32 front", "why people were, or were not, told"),
         ("whosthere ask help", "all that can be asked")),
    ),
    Command(
        "status",
        "whosthere.app.status",
        "how cameras and parts are, at once",
        (("whosthere status", "what works, and what is missing since when"),
         ("whosthere status --brief", "in few lines, as Glances shows it"),
         ("whosthere status --json", "all of it, for programs")),
    ),
    Command(
        "scan",
        "whosthere.app.scan",
        "find incidents in recordings",
        (("whosthere scan clips/", "all films of a folder, as a table"),
         ("whosthere scan --json front.mp4", "one JSON object a line")),
    ),
    Command(
        "walk-test",
        "whosthere.app.walk_test",
        "walk about, and see what each camera notices and how fast",
        (("whosthere walk-test front", "for 3 minutes; ends with a grade and advice"),
         ("whosthere walk-test --demo", "try it with a film of a visitor"),
         ("whosthere walk-test --minutes 5 --picture path.jpg", "all cameras; keep the path")),
    ),
    Command(
        "motion",
        "whosthere.app.motion",
        "show how motion is found in a film",
        (("whosthere motion front.mp4 --show out/", "the steps beside each other, as a film"),),
    ),
    Command(
        "mode",
        "whosthere.app.mode",
        "show or set off, home, away or night",
        (("whosthere mode", "what it is, since when and why"),
         ("whosthere mode away", "ask the running program; it follows within a second")),
    ),
    Command(
        "incidents",
        "whosthere.app.incidents",
        "list what happened",
        (("whosthere incidents", "the last day"),
         ("whosthere incidents --days 7 --json", "one JSON object a line")),
    ),
    Command(
        "blind-spots",
        "whosthere.app.blind_spots_command",
        "list when cameras showed nothing",
        (("whosthere blind-spots", "the last week"),
         ("whosthere blind-spots --since 30d --camera front", "of one camera")),
    ),
    Command(
        "archive",
        "whosthere.app.archive_command",
        "copies away from this machine: how they stand, and back",
        (("whosthere archive status", "what is copied, what waits, since when and why"),
         ("whosthere archive check", "try the bucket or folder, right by right"),
         ("whosthere archive restore --since 7d --camera front", "into the folder 'restored'"),
         ("whosthere archive restore --to data", "all of it, on a new machine"),
         ("whosthere archive run-once", "copy what waits, while the program is not at work")),
    ),
    Command(
        "dataset",
        "whosthere.app.dataset",
        "show and export what people's tags teach",
        (("whosthere dataset stats", "how many tags, of what, and what is missing"),
         ("whosthere dataset show", "the newest examples; with an ID, all about one"),
         ("whosthere dataset export coco out/", "or yolo, label-studio, csv, parquet"),
         ("whosthere dataset forget ID", "delete the pictures of one; its numbers stay")),
    ),
    Command(
        "presence",
        "whosthere.app.presence_command",
        "try what sees who is home, and look back",
        (("whosthere presence check", "each source now: whom it sees, and why not"),
         ("whosthere presence check --watch", "again and again, while you walk about"),
         ("whosthere presence devices", "all that is seen, to pick yours from"),
         ("whosthere presence history", "a day of everybody, as bars"),
         ("whosthere presence replay --leave router=5m", "what other waiting times would do")),
    ),
    Command(
        "evaluate",
        "whosthere.app.evaluate",
        "say how well you are told, by your own tags",
        (("whosthere evaluate", "precision, recall, false alarms, delay of the last 30 days"),
         ("whosthere evaluate --since 8w --camera front", "of one camera"),
         ("whosthere evaluate --html report.html", "with plots and the worst mistakes")),
    ),
    Command(
        "web",
        "whosthere.app.web_command",
        "make tokens for the web server and its API",
        (("whosthere web token ann-phone", "to tell where that phone is; shown once"),
         ("whosthere web token dashboard --scope viewer", "to look; or admin, for everything"),
         ("whosthere web tokens", "list them"),
         ("whosthere web revoke ann-phone", "it opens nothing any more")),
    ),
    Command(
        "why",
        "whosthere.app.why",
        "say why people were, or were not, told",
        (("whosthere why", "the last incident: every condition, and what would have turned it"),
         ("whosthere why 14:32 front", "a moment of today or yesterday"),
         ("whosthere why --since 2h", "which condition stopped how much")),
    ),
    Command(
        "replay",
        "whosthere.app.replay",
        "try other rules on the past",
        (("whosthere replay --since 14d --set person_confidence=0.5", "alerts then and now"),
         ("whosthere replay --set front.cooldown=300 --picture then-and-now.svg", "a timeline"),
         ("whosthere replay --from-clips --motion least_contrast=12", "play clips with other eyes"),
         ("whosthere replay --policy 3 --json", "by the numbers of version 3, for programs")),
    ),
    Command(
        "tune",
        "whosthere.app.tune",
        "look for numbers that keep every tagged visit and drop false alarms",
        (("whosthere tune", "by your tags of the last 14 days; what is found is proposed"),
         ("whosthere tune --since 8w --camera front --dry", "only say what would be proposed")),
    ),
    Command(
        "policy",
        "whosthere.app.policy",
        "the numbers that decide: show, use others, go back",
        (("whosthere policy", "those that were used, and what is proposed"),
         ("whosthere policy show", "each number in use, and where it comes from"),
         ("whosthere policy use p3", "take proposal p3; 'use 2' takes version 2 again"),
         ("whosthere policy back", "to the version before"),
         ("whosthere policy shadow p3", "try it beside the one in use; it alerts nobody")),
    ),
    Command(
        "slack",
        "whosthere.app.slack_command",
        "make the app in Slack, and check it",
        (("whosthere slack setup", "leads through it, in ten minutes"),
         ("whosthere slack check", "tokens, scopes, channel, people"),
         ("whosthere slack manifest", "what the app is made from")),
    ),
    Command(
        "glances-config",
        "whosthere.app.glances_config",
        "have Glances show each part",
        (("whosthere glances-config", "print what it needs"),
         ("whosthere glances-config --write glances.conf", "then: glances -C glances.conf")),
    ),
    Command(
        "prometheus-config",
        "whosthere.app.prometheus_config",
        "have Prometheus and Grafana watch it",
        (("whosthere prometheus-config", "where it finds us, for prometheus.yml"),
         ("whosthere prometheus-config alerts", "rules for alerts about the system"),
         ("whosthere prometheus-config grafana > whosthere.json", "a dashboard to import")),
    ),
    Command(
        "install",
        "whosthere.app.install",
        "have systemd start and watch it",
        (("sudo whosthere install", "unit, user, folders, settings; says what to do next"),
         ("whosthere install --dry-run", "only say what would be done")),
    ),
    Command(
        "uninstall",
        "whosthere.app.uninstall",
        "take the unit away again; data and settings stay",
        (("sudo whosthere uninstall", "stop it, and remove what systemd knows"),
         ("whosthere uninstall --dry-run", "only say what would go")),
    ),
    Command(
        "update-check",
        "whosthere.app.update_check",
        "ask the package index whether there is a newer version",
        (("whosthere update-check", "only now, and only because you ask"),),
    ),
    Command(
        "settings",
        "whosthere.app.settings_command",
        "print a file to begin with, or check yours",
        (("whosthere settings > whosthere.toml", "a short file to begin with"),
         ("whosthere settings --all", "everything that can be set, with its default"),
         ("whosthere settings --check whosthere.toml", "say what is wrong with it")),
    ),
)  # fmt: skip


GROUPS = {
    "To begin": ("demo", "settings", "check", "run", "slack", "install", "uninstall"),
    "While it runs": ("status", "ask", "mode", "presence", "walk-test"),
    "What was": ("incidents", "why", "blind-spots", "archive"),
    "Learn from it": ("replay", "dataset", "evaluate", "tune", "policy"),
    "Films": ("scan", "motion"),
    "For other programs": ("web", "prometheus-config", "glances-config", "update-check"),
}


def parser_of(commands: Sequence[Command]) -> argparse.ArgumentParser:
    """Build the parser. Only the modules of the given commands are imported."""
    parser = argparse.ArgumentParser(
        prog="whosthere",
        description="Home security: finds visitors in camera pictures, records and tells.",
        epilog=_grouped(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"whosthere {__version__}")
    words = parser.add_subparsers(metavar="COMMAND", required=True, help="one of those below")
    for command in COMMANDS:
        word = words.add_parser(
            command.name,
            description=f"{command.summary[0].upper()}{command.summary[1:]}.",
            epilog=_examples(command),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if command in commands:
            module = importlib.import_module(command.module)
            module.add_arguments(word)
            word.set_defaults(work=module.run)
    words.add_parser("version").set_defaults(work=_version)
    return parser


def _grouped() -> str:
    """All commands, by what people want."""
    summaries = {command.name: command.summary for command in COMMANDS}
    lines = []
    for title, names in GROUPS.items():
        lines += [f"{title}:", *(f"    {name:<18} {summaries[name]}" for name in names), ""]
    ends = "Begin with 'whosthere demo'. 'whosthere COMMAND --help' has examples of each."
    return "\n".join([*lines, ends])


def _examples(command: Command) -> str:
    width = max(len(line) for line, _ in command.examples)
    lines = (f"  {line:<{width}}  {about}" for line, about in command.examples)
    return "\n".join(["examples:", *lines])


def _version(_: argparse.Namespace) -> int:
    print(f"whosthere {__version__}")  # noqa: T201 # what was asked for
    return FINE


def main(words: Sequence[str] | None = None) -> int:
    """Do what the words say, and return the exit code."""
    words = sys.argv[1:] if words is None else words
    named = [command for command in COMMANDS if command.name in words[:1]]
    chosen = parser_of(named).parse_args(words)
    work: Callable[[argparse.Namespace], int] = chosen.work
    try:
        code = work(chosen)
        sys.stdout.flush()
    except WhosThereError as trouble:
        print(without_secrets(str(trouble)), file=sys.stderr)  # noqa: T201 # a sentence for people
        return TROUBLE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # `whosthere incidents | head`: who read has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    return code
