"""Numbers keep their range, decimals, round values and distribution, and no row's own value comes out."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from builders import by_hand
from hypothesis import given
from hypothesis import strategies as st

from syngen import load
from syngen.columns.number import between_neighbours, integers_between_neighbours
from syngen.plan import make_plan
from syngen.types import Role


def numbers(values: list[Any], n: int, role: Role = Role.NUMBER, **profile: Any) -> pl.Series:
    texts = [f"It weighs what it says, more or less, sample {i}." for i in range(len(values))]
    return make_plan(by_hand({"x": (role, values, profile), "t": (Role.TEXT, texts)}), n).values()["x"]


def test_decimals_and_range_are_kept_and_single_values_are_not_copied() -> None:
    real = np.round(np.random.default_rng(3).normal(50, 12, 400), 3).tolist()
    made = numbers(real, 400, decimals=3)
    assert made.min() >= min(real)
    assert made.max() <= max(real)
    assert made.equals(made.round(3))
    assert np.isin(made, real).mean() < 0.1
    assert np.quantile(made, [0.1, 0.5, 0.9]) == pytest.approx(np.quantile(real, [0.1, 0.5, 0.9]), rel=0.02)


def test_whole_numbers_stay_whole() -> None:
    made = numbers(list(range(0, 5_000, 37)), 90, Role.COUNT)
    assert made.dtype == pl.Int64


def test_values_that_many_rows_share_stay_as_they_are() -> None:
    prices = [0.0] * 120 + [9.99] * 40 + [round(20 + i * 1.37, 2) for i in range(60)]
    made = numbers(prices, 220, decimals=2)
    assert (made == 0).sum() == 120
    assert (made == 9.99).sum() == 40


def test_an_outlier_of_one_row_does_not_come_out() -> None:
    assert 91_417 not in numbers([1, 2, 3, 4] * 30 + [91_417], 121, Role.COUNT)


@given(st.lists(st.floats(-1e9, 1e9) | st.none(), min_size=1, max_size=30))
def test_moved_values_keep_their_order_among_the_real_ones(values: list[float | None]) -> None:
    real = np.array([np.nan if v is None else v for v in values])
    moved = between_neighbours(real, real, np.random.default_rng(0))
    known = ~np.isnan(real)
    assert np.array_equal(np.isnan(moved), ~known)
    assert np.all(np.diff(moved[known][np.argsort(real[known], kind="stable")]) >= 0)


def test_numbers_kept_as_text_are_drawn_as_they_are() -> None:
    assert set(numbers(["$5", "$12.50", "n/a"] * 5, 20)) <= {"$5", "$12.50", "n/a"}


@pytest.mark.parametrize("values", [[1e300, -1e300, 3.123456789], [1.7e308, 1.6e308, -1.7e308]])
def test_numbers_of_any_size_stay_finite_and_in_range(values: list[float]) -> None:
    made = numbers(values, 60, decimals=9)
    assert made.is_finite().all()
    assert made.is_between(min(values), max(values)).all()


@pytest.mark.parametrize("role", [Role.COUNT, Role.NUMBER])
def test_whole_numbers_beyond_the_reach_of_floats_are_exact(role: Role) -> None:
    values = [2**63 - 1, 2**63 - 4, 2**53 + 1, 2**53 + 1, None]
    made = numbers(values, 50, role)
    assert made.null_count() == 10
    assert (made == 2**53 + 1).sum() == 20
    assert made.max() in (2**63 - 1, 2**63 - 2)


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=30))
def test_whole_numbers_move_half_way_to_their_neighbours_at_most(values: list[int]) -> None:
    moved = integers_between_neighbours(np.array(values), np.array(values), np.random.default_rng(0)).tolist()
    order = sorted(set(values))
    for value, made in zip(values, moved, strict=True):
        at = order.index(value)
        low = order[at - 1] if at else value
        high = order[at + 1] if at + 1 < len(order) else value
        assert low + value <= 2 * made <= value + high
        assert values.count(value) == 1 or made == value


@pytest.mark.parametrize("step", [2, 4, 15, 60, 900])
def test_multiples_of_one_number_stay_multiples(step: int) -> None:
    real = (step * np.random.default_rng(4).integers(20, 90, 300)).tolist()
    made = numbers(real, 300)
    assert (made % step == 0).all()
    assert made.n_unique() > 40


def test_times_of_day_of_parquet_stay_whole_minutes(tmp_path: Path) -> None:
    draw = np.random.default_rng(5)
    clock = [
        time(int(h), int(m))
        for h, m in zip(draw.integers(24, size=90), draw.integers(60, size=90), strict=True)
    ]
    pl.DataFrame({"opens": clock}).write_parquet(tmp_path / "t.parquet")
    made = make_plan(load(tmp_path / "t.parquet"), 90, seed=1).values()["opens"]
    assert (made % 60 == 0).all()
