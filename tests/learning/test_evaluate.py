"""The figures of an evaluation, held against months in which the truth is known."""

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.learning.living import LIMIT, SINCE, month, record, span, with_pictures
from whosthere.core.model import Answer, Tag
from whosthere.core.questions import Kind
from whosthere.learning.evaluate import evaluate
from whosthere.learning.evaluate_shapes import Cell, Record
from whosthere.learning.evaluate_words import rate
from whosthere.learning.report import report
from whosthere.learning.statistics import Stratum, recall, share

PEOPLE = Path(__file__).parents[1] / "data" / "vtest_people.jpg"
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    # the intervals that R gives for prop.test(hits, of, correct = FALSE)
    [(0, 10, 0.0, 0.27753), (9, 10, 0.59585, 0.98212), (50, 100, 0.40383, 0.59617)],
)
def test_shares_have_wilsons_interval(hits, of, low, high):
    found = share(hits, of)

    assert (hits / of, of) == (found.value, found.tags)
    assert (low, high) == pytest.approx((found.low, found.high), abs=1e-4)


def test_without_tags_a_share_is_unknown():
    assert (None, 0.0, 1.0) == (share(0, 0).value, share(0, 0).low, share(0, 0).high)


def test_where_all_is_known_the_interval_is_that_of_a_share():
    told = Stratum("alerts", 40, (True,) * 30 + (False,) * 10)
    missed = Stratum("missed", 20, (True,) * 10 + (False,) * 10)
    found, wilson = recall([told], [missed]), share(30, 40)

    assert (0.75, 60) == (found.value, found.tags)
    assert (wilson.low, wilson.high) == pytest.approx((found.low, found.high), abs=0.02)


def test_one_visit_proves_little():
    assert recall([Stratum("alerts", 1, (True,))], []).low < 0.2


def test_the_rest_is_weighted_with_how_many_each_answer_stands_for():
    missed = Stratum("missed", 100, (True, False), ((True, 30.0), (False, 10.0)))

    assert 1 + 98 * 0.75 == pytest.approx(missed.estimate())
    assert 1.6 == pytest.approx(missed.effective()[1])


def test_where_nobody_was_asked_recall_is_unknown():
    found = recall([Stratum("alerts", 1, (True,), ((True, 1.0),))], [Stratum("missed", 5)])

    assert None is found.value
    assert found.high - found.low > 0.5


@pytest.mark.slow
@pytest.mark.parametrize(("asked", "sure"), [(0.5, 0.68), (0.2, 0.68), (0.1, 0.5), (0.3, 0.5)])
def test_intervals_hold_the_truth_about_as_often_as_they_say(asked, sure):
    held = precise = 0
    for seed in range(100):
        lived = month(seed, asked=asked, sure=sure)
        figures = evaluate(lived.records, span()).all
        held += figures.recall.low - 1e-9 <= lived.recall <= figures.recall.high + 1e-9
        precise += figures.precision.low <= lived.precision <= figures.precision.high

    assert held >= 85
    assert precise >= 90


def test_estimates_are_right_on_average():
    off = [
        evaluate(lived.records, span()).all.recall.value - lived.recall
        for lived in map(month, range(20))
    ]

    assert abs(sum(off) / len(off)) < 0.02


def test_the_table_counts_what_the_rules_saw_and_people_said():
    records = [
        record(SINCE, person=0.8, said=True, share_most=0.9),
        record(SINCE + HOUR, person=0.8, said=True, share_most=0.9),
        record(SINCE + 2 * HOUR, person=0.1, said=False, drawn=1.0, share_most=0.9),
        record(SINCE + 3 * HOUR, person=0.8, said=False, share_most=0.1),
        record(SINCE + 4 * HOUR, person=0.0, said=True, drawn=0.1, share_most=0.0),
        record(SINCE + 5 * HOUR, person=0.8),
    ]

    assert (
        Cell(motion=True, person=True, occupied=2, unoccupied=0),
        Cell(motion=True, person=False, occupied=0, unoccupied=1),
        Cell(motion=False, person=True, occupied=0, unoccupied=1),
        Cell(motion=False, person=False, occupied=1, unoccupied=0),
    ) == evaluate(records, span()).table


def test_false_alarms_are_told_a_week_and_alerts_without_a_tag_count_by_their_share():
    records = [record(SINCE + n * HOUR, person=0.8, said=n < 3) for n in range(4)]
    records += [record(SINCE + n * HOUR, person=0.8) for n in range(4, 8)]
    week = replace(span(), until=SINCE + timedelta(days=7))
    found = evaluate(records, week).all

    assert (8, 4, 3) == (found.told, found.tagged, found.right)
    assert 2.0 == pytest.approx(found.false_a_week.value)


def test_of_an_hour_no_week_is_told_and_no_tenths_of_many():
    records = [record(SINCE, person=0.8, said=False)]
    hour = evaluate(records, replace(span(), until=SINCE + HOUR))

    assert None is hour.all.false_a_week.value
    assert "Watched for less than a day: false alarms a week cannot be told yet." in hour.words
    assert ("99.9", "100", "9235") == (rate(99.9), rate(100.0), rate(9235.1))


def test_a_tag_that_is_not_measured_yet_counts_by_hour_and_is_told_apart():
    fresh = replace(record(SINCE, person=0.8, said=True), numbers=None)
    found = evaluate([fresh], span())

    assert 1 == sum(one.right for one in found.hours) == sum(one.right for one in found.days)
    assert "1 tag of the last minutes: counted, but not in the table yet." in found.words


def test_delay_is_of_visits_from_their_first_motion():
    records = [record(SINCE + n * HOUR, person=0.8, said=True) for n in range(3)]
    late = replace(records[0].incident, first_motion=SINCE - timedelta(seconds=9))
    found = evaluate([replace(records[0], incident=late), *records[1:]], span()).all.delay

    assert 3 == found.count
    assert (2.2, 8.6) == pytest.approx((found.median, found.ninety))


def test_what_happened_while_nobody_could_be_told_is_not_missed():
    home = record(SINCE, person=0.1, said=True, armed=False)
    found = evaluate([home], span())

    assert (0, 0) == (found.all.missed, sum(one.missed for one in found.hours))
    assert None is found.all.recall.value


def test_questions_that_chance_did_not_choose_say_nothing_of_the_rest():
    chosen = record(SINCE, person=0.1, said=True, drawn=1.0)
    shadow = replace(chosen, pick=replace(chosen.pick, kind=Kind.SHADOW))
    others = [record(SINCE + n * HOUR, person=0.1) for n in range(1, 5)]
    found = evaluate([shadow, *others], span())

    (stratum,) = [one for one in found.strata if one.name == "other motion"]
    assert (1, 5, None) == (stratum.hits, stratum.units, stratum.estimate())
    assert any("no answer about any" in word for word in found.words)


def test_quiet_pictures_with_somebody_on_them_lower_recall():
    visits = [record(SINCE + n * HOUR, person=0.8, said=True) for n in range(20)]
    quiet = [
        record(SINCE + n * HOUR / 2, person=0.0, quiet=True, said=n == 0, drawn=0.004)
        for n in range(40)
    ]
    found = evaluate([*visits, *quiet], span())

    assert 1.0 == found.all.recall.value
    assert found.recall_with_quiet.value < 0.1  # 2 % of a month of quiet are many short visits
    assert any("40 quiet pictures" in word and "somebody on 1" in word for word in found.words)


def test_few_tags_are_called_few():
    words = " ".join(evaluate([record(SINCE, person=0.8, said=True)], span()).words)

    assert "1 tag on alerts: precision needs at least 20" in words
    assert "No answers on quiet pictures yet" in words


def test_nothing_at_all_is_said_too():
    found = evaluate([], span())

    assert (0, ()) == (found.tags, found.days)
    assert any("Nobody was told" in word for word in found.words)


def test_the_curve_is_what_each_limit_would_have_done():
    records = [
        record(SINCE, person=0.9, said=True),
        record(SINCE + HOUR, person=0.6, said=False),
        record(SINCE + 2 * HOUR, person=0.3, said=True, drawn=1.0),
    ]
    points = [(p.limit, p.precision, p.recall) for p in evaluate(records, span()).curve]

    assert [
        (0.3, pytest.approx(2 / 3), 1.0), (0.6, 0.5, 0.5), (0.9, 1.0, 0.5),
    ] == points  # fmt: skip


class Page(HTMLParser):
    """Notes what a page would load and whether its elements are closed."""

    EMPTY = frozenset({"meta", "br", "img"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.styled: list[str] = []
        self.names: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        found = dict(attrs)
        self.loads += [found[name] for name in ("src", "href", "xlink:href") if name in found]
        self.styled += [tag] * ("style" in found or any(name.startswith("on") for name in found))
        self.open += [tag] * (tag not in self.EMPTY)

    def handle_startendtag(self, tag, attrs):
        self.names.add(tag)
        del attrs

    def handle_endtag(self, tag):
        assert tag == self.open.pop()


@pytest.fixture
def page(tmp_path):
    lived = month()
    records = list(with_pictures(lived.records, tmp_path, PEOPLE))
    return report(evaluate(records, span()), tmp_path, "Home & <garden>")


def test_the_report_loads_nothing_and_runs_nothing(page):
    read = Page(page)

    assert [] == read.open
    assert set() == read.names & {"script", "link", "iframe", "object"}
    assert {"data:image/jpeg;base64"} == {one.partition(",")[0] for one in read.loads}
    assert [] == read.styled
    assert "default-src 'none'" in page
    assert "url(" not in page
    assert "Home &amp; &lt;garden&gt;" in page


def test_the_report_has_all_plots_and_pictures_and_stays_small(page):
    assert 4 == page.count('<svg viewBox="0 0 460 250"')
    assert 5 <= page.count("<img ") <= 12
    assert len(page) < 2_000_000
    assert not re.search(r"\b(nan|inf|None)\b", page)


@pytest.mark.parametrize("records", [[], [record(SINCE, person=0.8, said=True)]])
def test_a_report_of_little_is_a_page_too(records, tmp_path):
    made = report(evaluate(records, span()), tmp_path, "home")

    assert [] == Page(made).open
    assert "How far to trust this" in made


def test_of_a_tag_without_an_example_the_incidents_own_picture_is_shown(tmp_path):
    wrong = record(SINCE, person=0.8, said=False)
    (tmp_path / "one.jpg").write_bytes(PEOPLE.read_bytes())
    shown = replace(wrong, incident=replace(wrong.incident, picture="one.jpg"))
    gone = replace(wrong, incident=replace(wrong.incident, id="2", picture="two.jpg"))
    page = report(evaluate([shown, gone], span()), tmp_path, "home")

    assert (1, 1) == (page.count("<img "), page.count("the picture is gone"))


def test_a_later_answer_counts_for_the_figures():
    one = record(SINCE, person=LIMIT, said=True)
    changed = Record(
        one.incident, one.numbers, Tag(one.incident.id, Answer.UNOCCUPIED, "Bob", SINCE)
    )

    assert 0 == evaluate([changed], span()).all.right
