"""Bad weather between the program and Slack, and 200 alerts told in it."""

import random
import tempfile
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

from rich.table import Table

from tests.servers.fake_slack import FakeSlack
from tests.slack.storm import Count, Plan, child, counted, in_utc, planned, trouble, with_picture

ALERTS = 200
KILLS, OUTAGES = 12, 4
LONGEST_OUTAGE = 1 / 10  # of the whole time; the others take a fifth of that
CALM_SECONDS = 8.0  # on average between two faults
GRACE_SECONDS = 400.0  # at the end, for what waits
PROGRAM_SIDE = frozenset({"kill -9", "Slack down"})  # these happen while Slack is down too


class Weather:
    """All that happens to one run, by a plan that chance made beforehand."""

    def __init__(
        self,
        fake: FakeSlack,
        seconds: float,
        outage: float | None,
        chance: random.Random,
        kills: int = KILLS,
    ) -> None:
        outage = LONGEST_OUTAGE * seconds if outage is None else outage
        self._fake, self._chance = fake, chance
        self.happened: Counter[str] = Counter()
        self.down_until = 0.0
        times = [(chance.uniform(0.02, 0.95) * seconds, "kill -9") for _ in range(kills)]
        calm = seconds - outage  # the longest outage comes last
        starts = [(one + chance.uniform(0.1, 0.7)) / OUTAGES * calm for one in range(OUTAGES)]
        lengths = [min(outage, LONGEST_OUTAGE * seconds) / 5] * (OUTAGES - 1) + [outage]
        self._lengths = dict(zip(starts, lengths, strict=True))
        times += [(start, "Slack down") for start in starts]
        at = 0.0
        while at < seconds:
            at += chance.expovariate(1 / CALM_SECONDS)
            kinds = ("failed calls", "cut socket", "expired tickets")
            times.append((at, chance.choices(kinds, (6, 1, 1))[0]))
        self._times = sorted(times)

    def pass_until(self, now: float) -> bool:
        """Let happen what is due. Tell whether the program is to be killed."""
        if now >= self.down_until:
            self._fake.down = False
        kill = False
        while self._times and self._times[0][0] <= now:
            at, what = self._times.pop(0)
            if self._fake.down and what not in PROGRAM_SIDE:
                continue  # they would all wait for the end of the outage
            self.happened[what] += 1
            kill = kill or what == "kill -9"
            self._let(what, at)
        return kill

    def _let(self, what: str, at: float) -> None:
        match what:
            case "failed calls":
                trouble(self._fake, self._chance)
            case "Slack down":
                self._fake.down, self.down_until = True, at + self._lengths[at]
                self._fake.abort_sockets()
            case "cut socket":
                self._fake.abort_sockets()
            case "expired tickets":
                self._fake.expired_tickets += 2
                self._fake.abort_sockets()
            case _:  # the program is killed by who started it
                pass


def storm(minutes: float, outage: float | None, seed: int) -> tuple[Count, Counter[str]]:
    """Tell of 200 visitors, and let everything go wrong meanwhile."""
    chance = random.Random(seed)  # noqa: S311 - the weather
    seconds = minutes * 60
    began, every = time.time(), seconds / ALERTS
    plan = planned(in_utc(began), timedelta(seconds=every), ALERTS)
    with tempfile.TemporaryDirectory() as place, FakeSlack() as fake:
        folder = Path(place)
        with_picture(folder).close()
        words = (str(began), str(every), str(ALERTS))
        weather = Weather(fake, seconds, outage and outage * 60, chance)
        process = child(folder, fake.url, *words)
        try:
            while not _is_over(fake, plan, time.time() - began, seconds):
                if weather.pass_until(time.time() - began):
                    process.kill()
                    process.wait()
                    process = child(folder, fake.url, *words)
                time.sleep(0.2)
        finally:
            process.kill()
            process.wait()
        return counted(fake, plan), weather.happened


def _is_over(fake: FakeSlack, plan: Plan, now: float, seconds: float) -> bool:
    if now < seconds:
        return False
    count = counted(fake, plan)
    whole = (count.arrived, count.pictures, count.news) >= (ALERTS, ALERTS // 10, ALERTS // 5)
    return now > seconds + GRACE_SECONDS or (whole and now > seconds + CALM_SECONDS)


def storm_table(minutes: float, count: Count, happened: Counter[str]) -> Table:
    view = Table(title=f"{minutes:.0f} minutes of bad weather")
    view.add_column("")
    view.add_column("", justify="right")
    for what, times in sorted(happened.items()):
        view.add_row(what, str(times))
    view.add_section()
    view.add_row("alerts sent", str(count.sent))
    view.add_row("arrived", str(count.arrived))
    view.add_row("twice", str(count.twice))
    view.add_row("with news out of order", str(count.out_of_order))
    view.add_row("pictures", f"{count.pictures} of {ALERTS // 10}")
    view.add_row("later news", f"{count.news} of {ALERTS // 5}")
    view.add_row("that said how late they were", str(count.late))
    return view
