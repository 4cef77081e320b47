"""Compare two runs on the same slots, slot by slot, and correct several such comparisons for their number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from syngen.types import generator

RESAMPLES = 2_000
FLIPS = 9_999  # sign flips, so that with the observed signs there are ten thousand
_BATCH = 250  # resamples drawn at once

Floats = npt.NDArray[np.float64]


class Change(NamedTuple):
    """How the values of two runs differ."""

    mean: float  # mean over slots of other - base
    low: float  # lower end of its 95 % interval, by bootstrap over slots
    high: float  # upper end of it
    p: float  # two-sided p-value of the mean, by random sign flips
    slots: int  # slots compared


def paired_change(
    base_values: Sequence[float] | Floats,
    other_values: Sequence[float] | Floats,
    base_slots: Sequence[int] | npt.NDArray[np.int64],
    other_slots: Sequence[int] | npt.NDArray[np.int64],
    *,
    seed: int = 0,
) -> Change:
    """Compare two runs slot by slot, over the slots that have a number in both.

    Args:
        base_values: What was measured of the rows of one run, NaN where nothing could be.
        other_values: The same of the other run.
        base_slots: The slot of each row of the one run, none twice.
        other_slots: The slot of each row of the other run.
        seed: Of the resampling.

    Raises:
        ValueError: Fewer than two slots have a number in both, or a slot comes twice in a run.
    """
    from scipy.stats import bootstrap, permutation_test

    base, other = np.asarray(base_values, float), np.asarray(other_values, float)
    base_known, other_known = ~np.isnan(base), ~np.isnan(other)
    ours, theirs = np.asarray(base_slots)[base_known], np.asarray(other_slots)[other_known]
    if len(np.unique(ours)) < len(ours) or len(np.unique(theirs)) < len(theirs):
        raise ValueError("a slot comes twice in a run")
    _, here, there = np.intersect1d(ours, theirs, assume_unique=True, return_indices=True)
    change = other[other_known][there] - base[base_known][here]
    if len(change) < 2:
        raise ValueError(f"{len(change)} slots have a number in both runs, 2 are needed")
    interval = bootstrap(
        (change,),
        np.mean,
        n_resamples=RESAMPLES,
        batch=_BATCH,
        method="percentile",
        rng=generator(seed, "paired bootstrap"),
    ).confidence_interval
    flipped = permutation_test(
        (change,),
        np.mean,
        permutation_type="samples",
        n_resamples=FLIPS,
        batch=_BATCH,
        rng=generator(seed, "sign flips"),
    )
    low, high = float(interval.low), float(interval.high)
    return Change(float(change.mean()), low, high, float(flipped.pvalue), len(change))


def holm(p_values: Sequence[float]) -> list[float]:
    """Correct p-values for their number (Holm 1979), in the order given.

    Each is what the family-wise error rate would be if it and all smaller ones were called significant.
    """
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    corrected = [0.0] * len(p_values)
    largest = 0.0
    for rank, i in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[i]))
        corrected[i] = largest
    return corrected
