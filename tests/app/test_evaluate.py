"""`whosthere evaluate` at the terminal, as JSON and as a page."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.app.answers.living import EVENING, SmallHouse
from tests.app.conftest import whosthere
from tests.app.test_dataset import see_a_visit
from whosthere.app.dataset_past import first_start, policies, settled
from whosthere.core.modes import ArmState, Mode

pytestmark = pytest.mark.slow  # real programs, servers or films: CI runs it


EARLY = f"{(datetime.now(UTC) - EVENING).days + 20}d"
LONG = f"{(datetime.now(UTC) - EVENING).days + 30}d"  # from before the visit of the film until now


@pytest.fixture
def settings(tmp_path):
    house = SmallHouse(tmp_path / "data")
    see_a_visit(house)
    house.ask("occupied")
    house.close()
    path = tmp_path / "whosthere.toml"
    path.write_text(
        f'[house]\ntime_zone = "Europe/Vienna"\n[storage]\nfolder = "{tmp_path / "data"}"\n'
        f'[cameras.front]\nkind = "file"\npath = "film.mp4"\n'
    )
    return path


def test_the_table_and_figures_are_printed(settings):
    done = whosthere("evaluate", "--since", LONG, "--settings", settings)

    assert (0, "") == (done.returncode, done.stderr)
    assert "precision     100 % (21-100 %, 1 tag)" in done.stdout
    assert "precision needs at least 20" in done.stdout
    assert "│ yes                  │ yes                         │ occupied    │ 1     │" in (
        done.stdout
    )


def test_json_has_all_figures(settings):
    done = whosthere("evaluate", "--since", LONG, "--json", "--settings", settings)
    found = json.loads(done.stdout)

    assert (1, 1, 1.0) == (
        found["all"]["told"], found["all"]["right"], found["all"]["precision"]["value"],
    )  # fmt: skip
    assert {"motion": True, "person": True, "occupied": 1, "unoccupied": 0} in found["table"]
    assert 24 == len(found["hours"])


def test_the_page_is_written_whole(settings, tmp_path):
    page = tmp_path / "reports" / "report.html"
    done = whosthere("evaluate", "--since", LONG, "--html", page, "--settings", settings)

    assert f"The same with plots and pictures: {page}" in done.stdout
    assert page.read_text().endswith("</html>\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--camera", "attic"), "There is no camera 'attic'. Choose one of front."),
        (("--since", "yesterday"), "--since yesterday: write a span such as 14d"),
        (("--since", "999999w"), "--since 999999w: write a span"),
        (("--until", "31d"), "--since 30d is not before --until 31d."),
        (("--since", LONG, "--until", EARLY), "Nothing was watched before"),
        (("--html", "/proc/report.html"), "/proc/report.html cannot be written"),
    ],
)
def test_wrong_use_is_told(settings, words, said):
    done = whosthere("evaluate", *words, "--settings", settings)

    assert done.returncode in {1, 2}
    assert said in " ".join(done.stderr.split())


def test_before_the_first_start_there_is_nothing_to_evaluate(tmp_path):
    (tmp_path / "whosthere.toml").write_text(
        f'[storage]\nfolder = "{tmp_path / "none"}"\n'
        f'[cameras.front]\nkind = "file"\npath = "film.mp4"\n'
    )
    done = whosthere("evaluate", "--settings", tmp_path / "whosthere.toml")

    assert (1, "") == (done.returncode, done.stdout)
    assert "Start `whosthere run` first" in done.stderr


def test_what_held_in_the_past_is_known(tmp_path):
    house = SmallHouse(tmp_path)
    begin = house.now
    house.wait(3600)
    house.ask("disarm for 2h")
    house.wait(2 * 3600)
    house.wait(3600)
    past = settled(house.store, begin, house.now)

    modes = [past.at(begin + timedelta(hours=hours)).arm_state.mode for hours in (0.5, 1.5, 3.5)]
    assert [Mode.AWAY, Mode.OFF, Mode.AWAY] == modes
    away = past.seconds(begin, house.now, lambda known: known.arm_state.mode is Mode.AWAY)
    assert 2 * 3600 == pytest.approx(away, abs=2)
    assert EVENING - timedelta(days=1) == first_start(house.store)
    assert 1 == policies(house.store)(begin).version
    house.close()


def test_where_nothing_is_known_nobody_was_armed(tmp_path):
    house = SmallHouse(tmp_path)
    early = EVENING - timedelta(days=9)
    past = settled(house.store, early, early + timedelta(days=1))

    assert isinstance(past.at(early).arm_state, ArmState)
    assert Mode.OFF is past.at(early).arm_state.mode
    house.close()
