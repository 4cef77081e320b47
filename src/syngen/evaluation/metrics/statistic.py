"""From numbers measured by row to the functions that scores are made of: levels and distances.

Arrays with one number a row come in, NaN where a row has none; a `Statistic` goes out. `NotComputableError` is raised
when no row has one. Where a half sample happens to hold no number at all, all rows stand for it, so that an
interval never turns into NaN.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from syngen.evaluation.metrics.registry import NotComputableError, RowStatistic, Statistic
from syngen.evaluation.sample import Codes, Floats, Index


def mean_of(values: Floats, what: str, summary: Callable[[Floats], np.floating] = np.mean) -> RowStatistic:
    """The mean of the rows' numbers, or another summary.

    Args:
        values: One a synthetic row, NaN where it has none, shape (rows,).
        what: What a row has or has not, for people, such as "a text".
        summary: Computes the number of some rows from theirs.
    """
    if np.isnan(values).all():
        raise NotComputableError(f"no synthetic row has {what}")
    return RowStatistic(values, summary)


def kolmogorov(real: Floats, synthetic: Floats, what: str) -> Statistic:
    """The Kolmogorov-Smirnov distance: the largest gap between two empirical distributions.

    Args:
        real: One number a real row, NaN where it has none, shape (real rows,).
        synthetic: The same of synthetic rows.
        what: What a row has or has not, for people, such as "a value in 'price'".
    """
    points = np.sort(real[~np.isnan(real)])
    if not len(points):
        raise NotComputableError(f"no real row has {what}")
    absent = np.isnan(synthetic)
    if absent.all():
        raise NotComputableError(f"no synthetic row has {what}")
    grid = np.unique(np.concatenate([points, synthetic[~absent]]))
    expected = np.searchsorted(points, grid, side="right") / len(points)
    at = np.where(absent, len(grid), np.searchsorted(grid, synthetic))  # the absent in a bin of their own

    def gap(counts: Codes) -> float:
        return float(np.abs(np.cumsum(counts) / counts.sum() - expected).max())

    everything = np.bincount(at, minlength=len(grid) + 1)[:-1]

    def over(positions: Index) -> float:
        counts = np.bincount(at[positions], minlength=len(grid) + 1)[:-1]
        return gap(counts if counts.any() else everything)

    return over


def variation(real: Codes, synthetic: Codes, labels: int, what: str) -> Statistic:
    """The total variation distance: half the sum of the differences between shares of labels.

    Args:
        real: Label number of each real row, -1 where it has none, shape (real rows,).
        synthetic: The same of synthetic rows.
        labels: How many labels there are.
        what: What a row has or has not, for people.
    """

    def counted(codes: Codes) -> Codes:
        return np.bincount(codes[codes >= 0], minlength=labels)

    expected, everything = counted(real), counted(synthetic)
    if not expected.any():
        raise NotComputableError(f"no real row has {what}")
    if not everything.any():
        raise NotComputableError(f"no synthetic row has {what}")
    shares = expected / expected.sum()

    def over(positions: Index) -> float:
        counts = counted(synthetic[positions])
        counts = counts if counts.any() else everything
        return min(1.0, float(np.abs(counts / counts.sum() - shares).sum() / 2))

    return over
