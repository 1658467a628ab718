"""What the tuner found, in words and as plain data."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from whosthere.learning.logistic import Skill
from whosthere.learning.statistics import Estimate
from whosthere.learning.tune import Outcome
from whosthere.learning.tune_counts import LEAST_MISSED, Count
from whosthere.learning.tune_moves import moved


@dataclass(frozen=True, slots=True)
class Whole:
    """All alerts of a camera in the whole time, by the rules in use and by those proposed."""

    then: int
    now: int
    untagged_gone: int  # told by the rules in use, and nobody has said what they were
    untagged_new: int
    visits_new: int = 0  # tagged, of which nobody was told
    false_new: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What came of one camera."""

    outcome: Outcome
    whole: Whole | None = None  # of what is proposed
    skill: Skill | None = None
    ledger_gone: int = 0  # tagged incidents that the ledger does not have any more


def lines_of(found: Found) -> list[str]:
    """Before and after, numbers and prices: what people decide on."""
    one = found.outcome
    before, after = one.held
    lines = [f"{one.camera}: {_kept(one)}. {_alarms(one)}."]
    lines.append(
        f"On days that nothing was chosen on: visits {after.told} of {after.visits} (before"
        f" {before.told}), false alarms {after.alarms} (before {before.alarms})."
    )
    lines.append(
        f"There, precision: {_share(before.precision)} before, {_share(after.precision)} now;"
        f" recall: {_share(before.recall)} before, {_share(after.recall)} now."
    )
    lines.append(f"Of visits to come, at most {_percent(after.lost_at_most)} should be missed"
                 f" ({after.visits} tags, 90 % sure).")  # fmt: skip
    lines += [price.in_words() for price in one.prices]
    if found.whole is not None:
        lines += _of_all(found.whole)
    return lines


def line_of_overlooked(outcome: Outcome) -> str:
    """Why missed visits were not looked for."""
    many = "visit was" if outcome.overlooked == 1 else "visits were"
    return (f"{outcome.overlooked} tagged {many} not told. With {LEAST_MISSED} or more, rules are"
            " looked for that would find such.")  # fmt: skip


def _share(one: Estimate) -> str:
    if one.value is None:
        return "an unknown share"
    return f"{_percent(one.value)} ({100 * one.low:.0f}-{_percent(one.high)})"


def _kept(one: Outcome) -> str:
    visits = sum(part[1].told for part in (one.chosen, one.held))
    before = sum(part[0].told for part in (one.chosen, one.held))
    if visits == before:
        return f"all {visits} tagged visits are told as before"
    if not one.found:
        return f"{visits} tagged visits are told, {before} before"
    tagged = sum(part[0].visits for part in (one.chosen, one.held))
    found = visits - before
    return (f"{found} of {tagged - before} missed visits {'is' if found == 1 else 'are'} found, and"
            f" all {before} others told as before")  # fmt: skip


def _alarms(one: Outcome) -> str:
    then = sum(part[0].alarms for part in (one.chosen, one.held))
    now = sum(part[1].alarms for part in (one.chosen, one.held))
    return f"False alarms: {then} before, {now} now"


def _of_all(whole: Whole) -> list[str]:
    said = f"All alerts of that time: {whole.then} before, {whole.now} now"
    if whole.untagged_gone:
        said += f"; {whole.untagged_gone} of those that go were never tagged"
    lines = [f"{said}."]
    if whole.untagged_new:
        known = whole.visits_new + whole.false_new
        lines.append(
            f"Of {whole.untagged_new + known} incidents that would be told newly, {known} are"
            f" tagged: {whole.visits_new} were visits. Of the rest nobody has said what they were."
        )
    return lines


def lines_of_skill(skill: Skill) -> list[str]:
    """What a model of several numbers would know beside the best single one."""
    return [
        (
            f"A logistic model of {skill.features} numbers, fitted on the older days, puts a visit"
            f" before a false alarm in {_percent(skill.auc)} of pairs of the newer days;"
            f" {skill.best_name} alone does in {_percent(skill.best_auc)}. It decides nothing, but"
            " ranks what your answer would teach most about."
        ),
        *(f"  whosthere ask tag occupied {name}   (or unoccupied)" for name in skill.ask_about),
    ]


def as_plain(found: Sequence[Found]) -> dict[str, object]:
    """The same for programs."""
    return {
        one.outcome.camera: {
            "proposed": one.outcome.proposed,
            "why_not": one.outcome.why_not,
            "numbers": {
                name: [_plain(getattr(one.outcome.before, name)),
                       _plain(getattr(one.outcome.after, name))]
                for name in moved(one.outcome.before, one.outcome.after)
            },
            "missed_visits_found": one.outcome.found,
            "chosen_on": _counts(one.outcome.chosen),
            "held_out": _counts(one.outcome.held),
            "lost_at_most": round(one.outcome.held[1].lost_at_most, 4),
            "prices": [asdict(price) for price in one.outcome.prices],
            "all_alerts": asdict(one.whole) if one.whole else None,
            "model": asdict(one.skill) if one.skill else None,
            "candidates": one.outcome.tried,
        }
        for one in found
    }  # fmt: skip


def _counts(part: tuple[Count, Count]) -> dict[str, object]:
    before, after = part
    return {"visits": before.visits, "false": before.false,
            "told_before": before.told, "told_after": after.told,
            "alarms_before": before.alarms, "alarms_after": after.alarms,
            "precision_before": _interval(before.precision),
            "precision_after": _interval(after.precision),
            "recall_before": _interval(before.recall),
            "recall_after": _interval(after.recall)}  # fmt: skip


def _interval(one: Estimate) -> list[float] | None:
    """The value and the interval that holds it with 95 %."""
    return None if one.value is None else [round(x, 4) for x in (one.value, one.low, one.high)]


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    return [list(one) for one in value] if isinstance(value, tuple) else value


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
