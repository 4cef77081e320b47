"""Scores of the controls, and comparing two runs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from metrics.pools import attempt, draw_of, of_module, origins, registered, review_pool, score, texts
from syngen.evaluation.sample import EvalSample
from syngen.text.words import grade


def asked(measured: list[int], wanted: list[float]) -> EvalSample:
    rows = [" ".join(["word"] * n) for n in measured]
    return texts(["A real row."] * 6, rows, origins=origins(wanted))


def test_a_row_is_within_ten_percent_or_three_words_of_its_length() -> None:
    pool = asked([110, 111, 90, 89, 13, 14, 7, 6], [100, 100, 100, 100, 10, 10, 10, 10])
    assert score("length_within", pool) == 0.5


def test_rows_without_a_target_do_not_count() -> None:
    pool = asked([10, 50, 50], [10, math.nan, 10])
    assert score("length_within", pool) == 0.5


def test_a_bias_is_the_median_excess_over_the_words_wanted() -> None:
    assert score("length_bias", asked([11, 30, 80], [10, 20, 100])) == pytest.approx(0.1)
    assert score("length_bias", asked([10, 20, 99], [10, 20, 100])) == 0


def test_lengths_in_the_order_wanted_correlate_in_full() -> None:
    assert score("length_wanted_correlation", asked([10, 30, 20, 99], [5, 7, 6, 8])) == pytest.approx(1)
    assert score("length_wanted_correlation", asked([40, 30, 20], [5, 7, 9])) == pytest.approx(-1)


def test_the_same_length_wanted_of_all_rows_has_no_correlation() -> None:
    found = attempt("length_wanted_correlation", asked([10, 20, 30], [10, 10, 10]))
    assert str(found) == "of the synthetic rows all have the same value in one of the two columns"


def test_target_grades_are_compared_with_achieved_ones() -> None:
    rows = ["It cuts the wood well.", "The instrument cuts wood admirably.", "Go get it at the shop."]
    grades = [grade(row) for row in rows]
    pool = texts(["A real row."], rows, origins=origins([5] * 3, grade=np.array(grades) + 2))
    assert score("grade_wanted_correlation", pool) == pytest.approx(1)
    without = texts(["A real row."], rows, origins=origins([5] * 3))
    assert "have no targets" in str(attempt("grade_wanted_correlation", without))


@pytest.mark.parametrize("name", of_module("controls"))
def test_real_rows_and_tables_have_no_targets(name: str) -> None:
    expected = "these rows have no targets; only the rows of a planned run have"
    assert str(attempt(name, review_pool())) == expected
    pool = asked([10, 20, 30], [10, 20, 25])
    assert str(attempt(name, pool, draw_of(pool, 3, 3))) == expected
    assert registered()[name].draws == 0
