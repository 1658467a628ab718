"""Scores say what was found, missed and false."""

import pytest

from benchmarks.scoring import Score, Told, score

VISITS = [(10.0, 20.0), (40.0, 50.0)]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([], Score(0, 2, 0)),
        ([Told(10, 20, 11)], Score(1, 1, 0, (1.0,))),
        ([Told(9, 20, 9.5)], Score(1, 1, 0, (0.0,))),  # within the tolerance of the label
        ([Told(10, 20, 11), Told(41, 49, 43)], Score(2, 0, 0, (1.0, 3.0))),
        ([Told(10, 50, 12)], Score(2, 0, 0, (2.0, 0.0))),  # one that goes on covers both
        ([Told(25, 30, 26)], Score(0, 2, 1)),
        ([Told(10, 20, 11), Told(12, 20, 14), Told(30, 31, 30.5)], Score(1, 1, 1, (1.0,))),
    ],
)
def test_score(told, expected):
    assert expected == score(told, VISITS)


def test_nothing_told_of_nothing_is_right():
    assert Score() == score([], [])


def test_scores_add_up():
    assert Score(1, 1, 1, (1.0, 2.0)) == Score(1, 0, 0, (1.0,)) + Score(0, 1, 1, (2.0,))
