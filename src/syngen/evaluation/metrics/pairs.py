"""Scores of pairs of columns: do two columns go together as they do in the real rows?

The number of words of the main text takes part as a
column of its own, called "text: words", because how long a text is depends on what else a row says.
Of a wide table the first pairs are scored: words with the first columns, the first columns with each
other, and so on, 30 pairs a score at most.
"""

from __future__ import annotations

from functools import partial
from itertools import combinations

import numpy as np

from syngen.evaluation.metrics.columns import DISCRETE, NUMERIC
from syngen.evaluation.metrics.form import word_counts
from syngen.evaluation.metrics.registry import metric
from syngen.evaluation.metrics.statistic import Statistic, require, spearman, variation
from syngen.evaluation.sample import Codes, Comparison, EvalSample, Floats, kept
from syngen.types import Profile

MOST_PAIRS = 30
BINS = 10  # as many as sdmetrics has; ours hold equal numbers of real rows
MOST_LABELS = 20  # the rarer ones of the real rows are taken together

Column = str | None  # None: the words of the main text


def _pairs(profile: Profile, *, numeric: bool) -> dict[str, tuple[Column, Column]]:
    """The pairs of numeric columns, or those with a discrete one, by the name of their score."""
    # Each with whether it is numeric.
    columns: list[tuple[Column, bool]] = [(None, True)] if profile.written else []
    columns += [(c.name, c.role in NUMERIC) for c in profile.with_role(*DISCRETE, *NUMERIC)]
    places = sorted(combinations(range(len(columns)), 2), key=lambda pair: (sum(pair), pair))
    pairs = [(columns[i], columns[j]) for i, j in places]
    chosen = [(a, b) for (a, a_numeric), (b, b_numeric) in pairs if (a_numeric and b_numeric) is numeric]
    return {f"{_name(profile, a)} × {_name(profile, b)}": (a, b) for a, b in chosen[:MOST_PAIRS]}


def _name(profile: Profile, column: Column) -> str:
    return f"{profile.main}: words" if column is None else column


_together = partial(metric, "similarity", "higher", matters=0.2)


@_together(
    title="Contingency similarity",
    source="ContingencySimilarity of sdmetrics, numbers in ten quantile bins of the real rows",
    columns=partial(_pairs, numeric=False),
)
def contingency_similarity(sample: EvalSample, sides: Comparison, column: str) -> Statistic:
    """Whether two columns go together as in the real rows.

    1 minus the total variation of their joint table; 1 is the same.
    """
    # A missing cell counts as a label, as in sdmetrics. Labels beyond the 20 most common ones of the real
    # rows count as one.
    pair = _pair(sample, column, numeric=False)
    (first, rows), (second, columns) = (_binned(sample, name) for name in pair)
    cells = first * columns + second
    distance = variation(cells[sides.real], cells[sides.synthetic], rows * columns, "a row")
    return lambda positions: 1 - distance(positions)


@_together(
    title="Correlation similarity",
    source="CorrelationSimilarity of sdmetrics with Spearman's coefficient",
    columns=partial(_pairs, numeric=True),
    rowwise=True,
)
def correlation_similarity(sample: EvalSample, sides: Comparison, column: str) -> Statistic:
    """Whether two numbers rise and fall together as in the real rows.

    1 minus half the difference of their rank correlations; 1 is the same.
    """
    # Spearman's, because counts and lengths are skewed. For half samples the ranks among all rows serve.
    left, right = (_numbers(sample, name) for name in _pair(sample, column, numeric=True))
    real = spearman(left[sides.real], right[sides.real], whose="of the real rows ")
    synthetic = spearman(left[sides.synthetic], right[sides.synthetic], whose="of the synthetic rows ")
    expected = real(np.arange(len(sides.real)))
    return lambda positions: 1 - abs(expected - synthetic(positions)) / 2


def _pair(sample: EvalSample, column: str, *, numeric: bool) -> tuple[Column, Column]:
    """The two columns that the name of a score stands for, both of which the synthetic table has."""
    pair = _named(sample, numeric=numeric)[column]
    for name in pair:
        require(sample, sample.main if name is None else name)
    return pair


@kept
def _named(sample: EvalSample, *, numeric: bool) -> dict[str, tuple[Column, Column]]:
    return _pairs(sample.profile, numeric=numeric)


def _numbers(sample: EvalSample, name: Column) -> Floats:
    return word_counts(sample, sample.main) if name is None else sample.numbers(name)


@kept
def _binned(sample: EvalSample, name: Column) -> tuple[Codes, int]:
    """A column as few label numbers, the same for all comparisons in a sample, and how many there are."""
    if name is None or sample.profile[name].role in NUMERIC:
        values = _numbers(sample, name)
        known = values[: sample.real][~np.isnan(values[: sample.real])]
        if not len(known):
            return np.isnan(values).astype(np.int64), 2
        edges = np.unique(np.quantile(known, np.arange(1, BINS) / BINS))
        bins = np.searchsorted(edges, values, side="right")  # a value on an edge belongs to the bin above
        return np.where(np.isnan(values), len(edges) + 1, bins), len(edges) + 2
    codes, labels = sample.codes(name)
    if len(labels) <= MOST_LABELS + 1:
        return codes, len(labels)
    counts = np.bincount(codes[: sample.real], minlength=len(labels))
    kept = np.argsort(-counts, kind="stable")[:MOST_LABELS]
    fewer = np.full(len(labels), MOST_LABELS)
    fewer[kept] = np.arange(MOST_LABELS)
    return fewer[codes], MOST_LABELS + 1
