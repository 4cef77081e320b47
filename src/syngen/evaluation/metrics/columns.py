"""Scores of single columns: is each column's distribution that of the real rows?

Missing cells are left out of the distributions and counted on their own, so that a column that merely has
more gaps fails one score and not two.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import polars as pl

from syngen.evaluation.metrics.registry import metric, of_role
from syngen.evaluation.metrics.statistic import NotComputable, Statistic, kolmogorov, mean_of, variation
from syngen.evaluation.sample import Codes, Comparison, EvalSample, Floats, Index, kept
from syngen.types import Role

DISCRETE = (Role.CATEGORY, Role.ORDINAL, Role.BOOLEAN)
NUMERIC = (Role.COUNT, Role.NUMBER, Role.DATETIME)

_cellwise = partial(metric, "similarity", matters=0.15, rowwise=True)


@_cellwise(
    "lower",
    title="Total variation",
    source="total variation distance; 1 - TVComplement of sdmetrics",
    columns=of_role(*DISCRETE, Role.CONSTANT),
)
def total_variation(sample: EvalSample, sides: Comparison, column: str) -> Statistic:
    """How much of the mix of values would have to change to match the real one.

    0 is the same mix, 1 is nothing in common. Missing cells are left out.
    """
    codes, labels = _present(sample, column)
    return variation(codes[sides.real], codes[sides.synthetic], labels, f"a value in '{column}'")


@_cellwise(
    "lower",
    title="Kolmogorov–Smirnov distance",
    source="two-sample Kolmogorov-Smirnov statistic; 1 - KSComplement of sdmetrics",
    columns=of_role(*NUMERIC),
)
def kolmogorov_smirnov(sample: EvalSample, sides: Comparison, column: str) -> Statistic:
    """Largest gap between the two cumulative distributions of a number or a time.

    0 is the same spread, 1 is no overlap. Missing cells are left out.
    """
    values = sample.numbers(column)
    return kolmogorov(values[sides.real], values[sides.synthetic], f"a value in '{column}'")


@_cellwise(
    "match",
    title="Missing cells",
    source="share of cells without a value",
    # Those that miss values in real rows; where they never do, a gap is a finding.
    columns=lambda profile: (c.name for c in profile.columns if c.missing),
    one_sample=True,
    share=True,
)
def missing_share(sample: EvalSample, sides: Comparison, column: str) -> Statistic:
    """Share of rows in which the column is empty."""
    return mean_of(_missing(sample, column)[sides.synthetic], "a cell")


@metric(
    "similarity",
    "match",
    title="Distinct identifiers",
    percent=True,
    source="distinct values / rows, rarefied to two fifths of the rows (Hurlbert 1971)",
    matters=0.2,
    columns=of_role(Role.IDENTIFIER),
    one_sample=True,
)
def identifier_distinct_share(sample: EvalSample, sides: Comparison, column: str) -> Statistic:
    """Distinct identifiers per row, as expected in two random fifths of the rows.

    Low means that identifiers repeat.
    """
    # The more rows, the more of their identifiers have come before. With the number of rows held fixed,
    # the share means the same for all rows and for the halves that an interval is made of.
    held = _present(sample, column)[0][sides.synthetic]
    present = held[held >= 0]
    if len(present) < 2:
        raise NotComputable(f"fewer than two synthetic rows have a value in '{column}'")
    size = max(1, len(present) * 2 // 5)  # less than a half: calls are not cut in two

    def over(positions: Index) -> float:
        chosen = held[positions]
        chosen = chosen[chosen >= 0]
        return rarefied(np.bincount(chosen if len(chosen) else present), size)

    return over


def rarefied(counts: Codes, size: int) -> float:
    """Distinct values per row expected in `size` rows drawn without replacement (Hurlbert 1971).

    Args:
        counts: How often each value occurs, shape (values,); values that don't may be among them.
        size: Rows drawn; at most the sum of `counts`.
    """
    from scipy.special import gammaln

    rows = int(counts.sum())
    size = min(size, rows)
    often, values = np.unique(counts[counts > 0], return_counts=True)
    left = rows - often  # rows with another value: not drawing this one is drawing all from these
    possible = left >= size
    rest = left[possible]
    log_none = gammaln(rest + 1) - gammaln(rest - size + 1) - gammaln(rows + 1) + gammaln(rows - size + 1)
    expected = values.sum() - (values[possible] * np.exp(log_none)).sum()
    return float(min(1.0, expected / size))


def _present(sample: EvalSample, column: str) -> tuple[Codes, int]:
    """The label numbers of a column, -1 for missing cells, and how many labels there are."""
    codes, labels = sample.codes(column)
    # Labels are in order, so that the missing one comes first.
    return (codes - 1, len(labels) - 1) if labels and not labels[0] else (codes, len(labels))


@kept
def _missing(sample: EvalSample, column: str) -> Floats:
    """1 for each cell of a column that holds nothing, else 0, shape (rows,)."""
    cells = sample.frame[column]
    missing = cells.is_null()
    if cells.dtype == pl.String:
        missing |= cells.fill_null("") == ""
    elif cells.dtype.is_float():
        missing |= cells.fill_null(0.0).is_nan()
    return missing.to_numpy().astype(float)
