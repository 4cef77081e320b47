"""What scores are made of: functions of which synthetic rows count, from numbers measured by row.

Arrays with one number a row come in, NaN where a row has none; a `Statistic` goes out. `NotComputable` is raised
when no row has one. Where a half sample happens to hold no number at all, all rows stand for it, so that an
interval never turns into NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar

import numpy as np

from syngen.evaluation.sample import Codes, Comparison, EvalSample, Floats, Index

Statistic = Callable[[Index], float]  # positions in sides.synthetic → the score over those rows
P = ParamSpec("P")
T = TypeVar("T")


class NotComputable(Exception):
    """Why something can't be computed, in one sentence for people; raised, and returned by what is `computable`."""


def computable(measure: Callable[P, T]) -> Callable[P, T | NotComputable]:
    """Return the reason why something can't be computed instead of raising it."""

    @wraps(measure)
    def attempt(*args: P.args, **kwargs: P.kwargs) -> T | NotComputable:
        try:
            return measure(*args, **kwargs)
        except NotComputable as why:
            return why.with_traceback(None)

    return attempt


def require(sample: EvalSample, column: str) -> None:
    """Stop where the synthetic table does not have a column."""
    if column in sample.absent:
        raise NotComputable(f"the synthetic table has no column '{column}'")


@dataclass(frozen=True, slots=True, eq=False)
class RowStatistic:
    """A statistic of numbers that each synthetic row has by itself, such as their mean."""

    values: Floats  # one a synthetic row, NaN where it has none, shape (rows,)
    # Of the numbers of the chosen rows; where none of these has one, of all rows.
    summary: Callable[[Floats], np.floating]

    def __call__(self, positions: Index) -> float:
        chosen = self.values[positions]
        chosen = chosen[~np.isnan(chosen)]
        return float(self.summary(chosen if len(chosen) else self.values[~np.isnan(self.values)]))


def mean_of(values: Floats, what: str, summary: Callable[[Floats], np.floating] = np.mean) -> RowStatistic:
    """The mean of the rows' numbers, or another summary.

    Args:
        values: One a synthetic row, NaN where it has none, shape (rows,).
        what: What a row has or has not, for people, such as "a text".
        summary: Computes the number of some rows from theirs.
    """
    if np.isnan(values).all():
        raise NotComputable(f"no synthetic row has {what}")
    return RowStatistic(values, summary)


def kolmogorov(real: Floats, synthetic: Floats, what: str) -> Statistic:
    """The Kolmogorov-Smirnov distance: the largest gap between two empirical distributions.

    Args:
        real: One number a real row, NaN where it has none, shape (real rows,).
        synthetic: The same of synthetic rows.
        what: What a row has or has not, for people, such as "a value in 'price'".
    """
    points = np.sort(real[~np.isnan(real)])
    absent = np.isnan(synthetic)
    for side, empty in (("real", not len(points)), ("synthetic", absent.all())):
        if empty:
            raise NotComputable(f"no {side} row has {what}")
    grid = np.unique(np.concatenate([points, synthetic[~absent]]))
    expected = np.searchsorted(points, grid, side="right") / len(points)
    at = np.where(absent, len(grid), np.searchsorted(grid, synthetic))  # the absent in a bin of their own
    everything = np.bincount(at, minlength=len(grid) + 1)[:-1]

    def over(positions: Index) -> float:
        counts = np.bincount(at[positions], minlength=len(grid) + 1)[:-1]
        counts = counts if counts.any() else everything
        return float(np.abs(np.cumsum(counts) / counts.sum() - expected).max())

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
    for side, counts in (("real", expected), ("synthetic", everything)):
        if not counts.any():
            raise NotComputable(f"no {side} row has {what}")
    shares = expected / expected.sum()

    def over(positions: Index) -> float:
        counts = counted(synthetic[positions])
        counts = counts if counts.any() else everything
        return min(1.0, float(np.abs(counts / counts.sum() - shares).sum() / 2))

    return over


def spearman(left: Floats, right: Floats, *, whose: str = "") -> Statistic:
    """Spearman's rank correlation of the rows that have both numbers.

    Args:
        left: One number a row, NaN where it has none, shape (rows,).
        right: The other number.
        whose: How the reason why there is none begins, such as "of the real rows ".
    """
    from scipy.stats import rankdata

    present = ~(np.isnan(left) | np.isnan(right))
    if present.sum() < 2:
        raise NotComputable(f"{whose}fewer than two have both values")
    ranks = np.full((2, len(left)), np.nan)
    for row, values in enumerate((left, right)):
        ranks[row, present] = rankdata(values[present])
        if np.ptp(ranks[row, present]) == 0:
            raise NotComputable(f"{whose}all have the same value in one of the two columns")
    whole = float(np.corrcoef(ranks[:, present])[0, 1])

    def over(positions: Index) -> float:
        chosen = ranks[:, positions[present[positions]]]
        if chosen.shape[1] < 2 or (np.ptp(chosen, axis=1) == 0).any():
            return whole  # a half without any variation says nothing of its own
        return float(np.corrcoef(chosen)[0, 1])

    return over


def over_texts(
    sample: EvalSample, sides: Comparison, measure: Callable[[Comparison], Statistic]
) -> Statistic:
    """Measure the rows that have a text, and let positions count as if all rows had one.

    Args:
        sample: All rows.
        sides: What is compared.
        measure: Gets the sides without rows that lack a text.

    Returns:
        The statistic over positions in `sides.synthetic`; where none of them has a text, all rows
        stand for them.
    """
    if not sample.main:
        raise NotComputable("the table has no text column")
    written = sample.written
    kept = Comparison(*(side[written[side]] for side in (sides.real, sides.synthetic, sides.aside)))
    for name, side in (("real", kept.real), ("synthetic", kept.synthetic)):
        if len(side) < 2:
            raise NotComputable(f"fewer than two {name} rows have a text")
    statistic = measure(kept)
    if len(kept.synthetic) == len(sides.synthetic):
        return statistic
    has = written[sides.synthetic]
    if isinstance(statistic, RowStatistic):
        values = np.full(len(has), np.nan)
        values[has] = statistic.values
        return RowStatistic(values, statistic.summary)
    place = np.cumsum(has) - 1
    everything = np.arange(len(kept.synthetic))

    def over(positions: Index) -> float:
        chosen = place[positions[has[positions]]]
        return statistic(chosen if len(chosen) else everything)

    return over
