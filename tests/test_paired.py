"""Two runs are compared slot by slot."""

from __future__ import annotations

import math

import numpy as np
import pytest
from paired import holm, paired_change


def test_a_change_is_the_mean_over_the_slots_both_runs_have() -> None:
    found = paired_change([1, 2, math.nan, 9], [4, 3, 5, 7], [0, 1, 2, 3], [1, 0, 2, 8])
    assert found.slots == 2
    assert found.mean == 2  # slot 0: 3 - 1, slot 1: 4 - 2
    assert found.low == found.high == 2


def test_pairing_shows_a_change_that_the_spread_of_rows_would_hide() -> None:
    rng = np.random.default_rng(0)
    base, slots = rng.normal(50, 30, 200), np.arange(200)
    found = paired_change(base, base + rng.normal(1, 2, 200), slots, slots)
    assert found.low < 1 < found.high
    assert found.low > 0
    assert found.p < 0.001


def test_the_interval_of_a_change_is_that_of_student() -> None:
    from scipy.stats import ttest_1samp

    rng = np.random.default_rng(1)
    change, slots = rng.normal(0.3, 1, 400), np.arange(400)
    found = paired_change(np.zeros(400), change, slots, slots)
    student = ttest_1samp(change, 0).confidence_interval()
    assert (found.low, found.high) == pytest.approx((student.low, student.high), abs=0.02)


def test_the_p_value_is_that_of_all_sign_flips() -> None:
    from scipy.stats import permutation_test

    change = np.array([1.5, -0.2, 0.8, 0.9, -0.4, 1.1, 0.3, 0.1, -0.6, 0.7])
    exact = permutation_test((change,), np.mean, permutation_type="samples", n_resamples=np.inf).pvalue
    found = paired_change(np.zeros(10), change, np.arange(10), np.arange(10))
    assert found.p == pytest.approx(exact, abs=0.01)


def test_without_a_change_one_in_twenty_is_significant() -> None:
    rng = np.random.default_rng(2)
    slots = np.arange(30)
    found = [paired_change(np.zeros(30), rng.normal(0, 1, 30), slots, slots).p for _ in range(200)]
    assert np.mean(np.array(found) < 0.05) == pytest.approx(0.05, abs=0.04)


def test_a_change_is_the_same_when_computed_again() -> None:
    rng = np.random.default_rng(3)
    args = (rng.normal(size=50), rng.normal(size=50), np.arange(50), np.arange(50))
    assert paired_change(*args, seed=4) == paired_change(*args, seed=4)


def test_slots_that_come_twice_or_hardly_meet_are_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        paired_change([1, 2], [1, 2], [0, 0], [0, 1])
    with pytest.raises(ValueError, match="1 slots"):
        paired_change([1, 2], [1, 2], [0, 1], [1, 2])


def test_holm_is_the_step_down_correction() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.9]) == [1.0, 1.0]
    assert holm([]) == []
