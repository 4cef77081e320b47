"""Numbers, rows and scores are worded the same way in every form of a report."""

from __future__ import annotations

import dataclasses

import pytest
from reports import rich, scores

from syngen.report.html import BAR, bar
from syngen.report.wording import by_family, tally, worst_first
from syngen.text.format import interval, moment, number, row_numbers
from syngen.types import Judgement


@pytest.mark.parametrize(
    ("value", "percent", "words"),
    [
        (None, False, "–"),
        (float("nan"), False, "–"),
        (0.0, False, "0"),
        (0.12345, False, "0.123"),
        (0.05, False, "0.05"),
        (-2.5, False, "−2.5"),
        (0.00012345, False, "0.000123"),
        (0.00000123, False, "0"),
        (99.96, False, "100"),
        (1234.5, False, "1,234"),
        (1234567.0, False, "1,234,567"),
        (0.9512, True, "95.1%"),
        (1.0, True, "100%"),
        (0.0004, True, "0.04%"),
    ],
)
def test_numbers_have_three_digits_and_no_exponent(value: float | None, percent: bool, words: str):
    assert number(value, percent=percent) == words


@pytest.mark.parametrize(
    ("pair", "percent", "words"),
    [
        (None, False, "–"),
        ((0.0241, 0.0632), False, "0.024 to 0.063"),
        ((-0.0312, 0.03), False, "−0.031 to 0.03"),
        ((0.81, 0.95), True, "81% to 95%"),
        ((0.0, 0.0), True, "0% to 0%"),
        ((34.2, 47.8), False, "34 to 48"),
    ],
)
def test_an_interval_has_the_digits_its_width_can_carry(pair, percent: bool, words: str):
    assert interval(pair, percent=percent) == words


@pytest.mark.parametrize(
    ("rows", "most", "words"),
    [
        ((), 8, ""),
        ((4,), 8, "row 4"),
        ((3, 1, 2), 8, "rows 1–3"),
        ((1, 2, 3, 7, 12), 8, "rows 1–3, 7 and 12"),
        ((1, 3, 5, 7), 2, "rows 1, 3 and 2 more"),
        ((1000, 1001), 8, "rows 1,000 and 1,001"),
    ],
)
def test_row_numbers_are_joined_and_counted(rows, most: int, words: str):
    assert row_numbers(rows, most) == words


def test_a_moment_is_written_as_people_do_or_left_alone():
    assert moment("2031-03-04T15:09:26+01:00") == "4 March 2031, 15:09"
    assert moment("yesterday") == "yesterday"


def test_the_furthest_from_real_comes_first_and_what_has_no_value_last():
    ordered = worst_first(scores())
    assert ordered[0].judgement is Judgement.WORSE
    assert ordered[-1].judgement is Judgement.NOT_COMPUTED
    assert ordered[0].name == "identifier_distinct_share"


def test_families_come_in_the_order_of_the_questions():
    grouped = by_family(scores())
    assert list(grouped) == ["drift", "similarity", "utility", "diversity", "privacy", "controls"]
    assert sum(map(len, grouped.values())) == len(scores())


def test_a_tally_counts_every_score_once():
    assert tally(scores()) == (
        "57 scores: 24 worse than real, 6 can't tell, 24 indistinguishable from real, 3 not computed"
    )


def test_every_score_of_the_registry_is_explained():
    from syngen.evaluation.metrics import METRICS

    assert all(metric.title and metric.explanation.endswith(".") for metric in METRICS.values())


def test_marks_of_a_bar_stay_inside_and_in_order():
    for score in rich().scores:
        drawn = bar(score)
        if score.value is None:
            assert drawn is None
            continue
        assert drawn is not None
        assert score.ci is not None
        assert drawn["ci"] is not None
        assert 0 <= drawn["ci"][0] <= drawn["value"] <= drawn["ci"][1] <= BAR
        if score.floor is not None:
            assert drawn["band"] is not None
            assert 0 <= drawn["band"][0] <= drawn["band"][1] <= BAR
            assert (score.value > score.floor.high) == (drawn["value"] > drawn["band"][1])


def test_a_score_without_interval_and_floor_is_a_mark_in_the_middle():
    alone = dataclasses.replace(scores()[0], ci=None, floor=None, direction="match")
    assert bar(alone) is not None
    assert bar(alone)["value"] == BAR / 2
