"""Scores of single columns."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from metrics.pools import (
    REAL,
    SYNTHETIC,
    Table,
    all_of,
    attempt,
    draw_of,
    moved,
    pool_of,
    registered,
    review_pool,
    score,
)
from syngen.evaluation.metrics.columns import rarefied
from syngen.evaluation.metrics.statistic import NotComputable
from syngen.evaluation.sample import Comparison, EvalSample
from syngen.types import Role


def column(role: Role, real: list[Any], synthetic: list[Any]) -> EvalSample:
    return pool_of({"x": (role, real)}, {"x": synthetic})


def test_total_variation_is_half_the_sum_of_the_differences_between_shares() -> None:
    pool = column(Role.CATEGORY, ["a"] * 6 + ["b"] * 4, ["a"] * 3 + ["b"] * 5 + ["new"] * 2)
    assert score("total_variation", pool) == pytest.approx((0.3 + 0.1 + 0.2) / 2)


def test_the_kolmogorov_smirnov_distance_is_the_one_of_scipy() -> None:
    from scipy.stats import ks_2samp

    rng = np.random.default_rng(0)
    real, synthetic = rng.poisson(4, 300).tolist(), rng.poisson(5, 200).tolist()
    pool = column(Role.COUNT, real, synthetic)
    assert score("kolmogorov_smirnov", pool) == pytest.approx(ks_2samp(real, synthetic).statistic)


def test_scores_of_columns_agree_with_sdmetrics() -> None:
    single_column = pytest.importorskip("sdmetrics.single_column")
    pandas = pytest.importorskip("pandas")
    rng = np.random.default_rng(1)
    labels = [
        rng.choice(["a", "b", "c", None], 200, p=p).tolist() for p in ([0.4, 0.3, 0.2, 0.1], [0.25] * 4)
    ]
    numbers = [rng.normal(0, 1, 200), np.append(rng.normal(0.3, 1, 150), [np.nan] * 5)]
    complement = single_column.TVComplement.compute(*(pandas.Series(x) for x in labels))
    assert score("total_variation", column(Role.CATEGORY, *labels)) == pytest.approx(1 - complement, abs=1e-6)
    complement = single_column.KSComplement.compute(*(pandas.Series(x) for x in numbers))
    numbers = [[None if np.isnan(v) else v for v in x] for x in numbers]
    assert score("kolmogorov_smirnov", column(Role.NUMBER, *numbers)) == pytest.approx(1 - complement)


def test_times_are_compared_as_points_in_time() -> None:
    pool = column(Role.DATETIME, ["2024-01-01", "2024-02-01"], ["2024-01-15", "no day"])
    assert score("kolmogorov_smirnov", pool) == 0.5


def test_missing_cells_count_once_as_missing_and_not_as_a_label() -> None:
    pool = column(Role.CATEGORY, ["a", "b"] * 5 + [None] * 2, ["a", "b", None, ""] * 5)
    assert score("total_variation", pool) == 0
    assert score("missing_share", pool) == 0.5
    assert score(
        "missing_share", pool, Comparison(np.arange(0), np.arange(12), np.arange(0))
    ) == pytest.approx(1 / 6)


def test_a_column_that_never_misses_a_value_in_real_rows_has_no_score_for_it() -> None:
    pool = column(Role.NUMBER, [1.0, 2.0], [3.0, 4.0])
    assert list(registered()["missing_share"].columns(pool.profile)) == []


def test_a_one_valued_identifier_shows_as_a_low_share_of_distinct_ones() -> None:
    real = [f"B{i}" for i in range(100)]
    assert score("identifier_distinct_share", column(Role.IDENTIFIER, real, real[:50])) == 1
    one = column(Role.IDENTIFIER, real, ["B1"] * 50)
    assert score("identifier_distinct_share", one) == pytest.approx(1 / 20)
    assert score("identifier_distinct_share", one, draw_of(one, 50, 50)) == 1


def test_the_share_of_distinct_identifiers_is_the_same_of_half_the_rows() -> None:
    rng = np.random.default_rng(2)
    pool = column(Role.IDENTIFIER, ["x"], [f"B{i}" for i in rng.integers(0, 300, 1000)])
    statistic = registered()["identifier_distinct_share"].measure(pool, all_of(pool), "x")
    assert not isinstance(statistic, NotComputable)
    halves = [statistic(rng.permutation(1000)[:500]) for _ in range(50)]
    assert np.mean(halves) == pytest.approx(statistic(np.arange(1000)), abs=0.005)


def test_rarefaction_is_what_drawing_rows_gives_on_average() -> None:
    rng = np.random.default_rng(3)
    counts = np.array([10, 5, 1, 1, 0, 1])
    rows = np.repeat(np.arange(6), counts)
    drawn = [len(set(rng.permutation(rows)[:7].tolist())) / 7 for _ in range(4000)]
    assert rarefied(counts, 7) == pytest.approx(np.mean(drawn), abs=0.01)


@pytest.mark.parametrize("name", ["total_variation", "kolmogorov_smirnov", "missing_share"])
def test_a_column_that_is_not_there_is_named(name: str) -> None:
    role = Role.NUMBER if name == "kolmogorov_smirnov" else Role.ORDINAL
    pool = pool_of({"x": (role, [1, 2])}, {"x": [None, None]}, absent=frozenset({"x"}))
    assert str(attempt(name, pool, column="x")) == "the synthetic table has no column 'x'"


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        ("stars", [5], {"total_variation: stars"}),
        ("shop", ["corner"], {"total_variation: shop"}),
        ("day", ["2024-06-01"], {"kolmogorov_smirnov: day"}),
        ("code", ["A1"], {"identifier_distinct_share: code"}),
    ],
)
def test_a_spoilt_column_moves_its_own_score_and_no_other(
    column: str, values: list[Any], expected: set[str]
) -> None:
    def spoil(synthetic: Table, _: Table) -> None:
        synthetic[column] = [values[i % len(values)] for i in range(SYNTHETIC)]

    assert moved(review_pool(spoil), ("columns", "form", "diversity", "privacy")) == expected


def test_nothing_moves_when_nothing_is_wrong() -> None:
    assert moved(review_pool()) == set()


# ------------------------------------------------------------------------------- promises of every score
NAMES = sorted(registered())


def values_of(name: str, pool: EvalSample, sides: Comparison) -> list[float | NotComputable]:
    """Of each column over all rows, over a half of them, and over a single one."""
    metric = registered()[name]
    found: list[float | NotComputable] = []
    for column in metric.columns(pool.profile):
        statistic = metric.measure(pool, sides, column)
        if isinstance(statistic, NotComputable):
            found.append(statistic)
            continue
        rows = np.arange(len(sides.synthetic))
        found += [statistic(rows), statistic(rows[::2]), statistic(rows[:1])]
    return found


@cache
def made(spoilt: str = "", again: int = 0) -> EvalSample:
    """A pool of reviews, of which some have no cell at all; made once, or once again."""

    def spoil(synthetic: Table, real: Table) -> None:
        for table, which in ((real, ("real", "both")), (synthetic, ("synthetic", "both", "all but one"))):
            for column in table if spoilt in which else ():
                kept = table[column][:1] if spoilt == "all but one" else []
                table[column] = kept + [None] * (len(table[column]) - len(kept))

    return review_pool(spoil)


@pytest.mark.parametrize("name", NAMES)
def test_every_score_of_real_halves_lies_within_its_bounds(name: str) -> None:
    metric = registered()[name]
    found = values_of(name, made(), draw_of(made(), REAL // 2, REAL // 2))
    assert found
    low, high = metric.bounds
    assert all(isinstance(v, NotComputable) or low <= v <= high for v in found)


@pytest.mark.parametrize("name", NAMES)
def test_every_score_is_the_same_when_made_again(name: str) -> None:
    sides = draw_of(made(), 100, 100)
    again = values_of(name, made(again=1), sides)
    assert list(map(str, values_of(name, made(), sides))) == list(map(str, again))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("spoilt", ["real", "synthetic", "both", "all but one"])
def test_no_score_is_ever_nan_where_cells_are_missing(name: str, spoilt: str) -> None:
    pool = made(spoilt)
    for sides in (all_of(pool), draw_of(pool, 50, 50)):
        assert all(isinstance(v, NotComputable) or np.isfinite(v) for v in values_of(name, pool, sides))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("rows", [2, 5, 10])
def test_every_score_can_be_asked_of_a_few_rows(name: str, rows: int) -> None:
    sides = Comparison(np.arange(rows), REAL + np.arange(rows), np.arange(0))
    assert all(isinstance(v, NotComputable) or np.isfinite(v) for v in values_of(name, made(), sides))


@pytest.mark.parametrize("name", NAMES)
def test_every_score_says_what_it_is(name: str) -> None:
    metric = registered()[name]
    assert metric.source
    assert metric.explanation
    assert metric.matters > 0
    assert metric.bounds[0] < metric.bounds[1]


def test_more_gaps_than_in_real_rows_move_the_share_of_missing_cells() -> None:
    def spoil(synthetic: Table, _: Table) -> None:
        synthetic["title"] = [None if i % 3 == 0 else title for i, title in enumerate(synthetic["title"])]

    assert moved(review_pool(spoil), ("columns",)) == {"missing_share: title"}
