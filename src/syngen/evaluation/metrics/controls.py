"""Scores of the controls: do the rows have the lengths and grades of their targets, and what did a control change?

Each row of a planned run has targets; what was measured of it is compared with them. Two runs on the same slots are
compared slot by slot (`paired_change`), and several such comparisons together with `holm`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from syngen import controls
from syngen.evaluation.metrics.form import grades, word_counts
from syngen.evaluation.metrics.registry import main_text, metric
from syngen.evaluation.metrics.statistic import NotComputable, Statistic, mean_of, spearman
from syngen.evaluation.sample import Comparison, EvalSample, Floats
from syngen.types import generator

RESAMPLES = 2_000
FLIPS = 9_999  # sign flips, so that with the observed signs there are ten thousand
_BATCH = 250  # resamples drawn at once
_NO_TARGETS = "these rows have no targets; only the rows of a planned run have"
_WHAT = "a target length and a text"

_metric = partial(metric, "knobs", matters=0.1, columns=main_text, draws=0, rowwise=True, one_sample=True)


@_metric(
    "higher",
    title="Length on target",
    percent=True,
    source="share of rows within 10 % (3 words when short) of their target length",
)
def length_within(sample: EvalSample, sides: Comparison, column: str) -> Statistic:
    """Share of texts within a tenth (3 words when short) of their target length."""
    achieved, targets = _with_targets(sample, sides, column, "words")
    within = np.abs(achieved - targets) <= controls.tolerance(targets)
    return mean_of(np.where(np.isnan(achieved - targets), np.nan, within), _WHAT)


@_metric(
    "match",
    (-1.0, float("inf")),
    title="Length against the plan",
    percent=True,
    source="median of words achieved / target words - 1",
)
def length_bias(sample: EvalSample, sides: Comparison, column: str) -> Statistic:
    """How much longer (or, below 0, shorter) than their target the texts are: the median over rows."""
    achieved, targets = _with_targets(sample, sides, column, "words")
    return mean_of(achieved / np.where(targets > 0, targets, np.nan) - 1, _WHAT, np.median)


@_metric(
    "higher",
    (-1.0, 1.0),
    title="Length follows the plan",
    source="Spearman's rank correlation of target and achieved words",
)
def length_wanted_correlation(sample: EvalSample, sides: Comparison, column: str) -> Statistic:
    """Whether the longer texts are those with a longer target: rank correlation.

    1 follows exactly.
    """
    return spearman(*_with_targets(sample, sides, column, "words"), whose="of the synthetic rows ")


@_metric(
    "higher",
    (-1.0, 1.0),
    title="Reading grade follows the plan",
    source="Spearman's rank correlation of target and achieved Flesch-Kincaid grades",
)
def grade_wanted_correlation(sample: EvalSample, sides: Comparison, column: str) -> Statistic:
    """Whether the harder texts are those with a higher target grade: rank correlation.

    1 follows exactly.
    """
    return spearman(*_with_targets(sample, sides, column, "grade"), whose="of the synthetic rows ")


def _with_targets(
    sample: EvalSample, sides: Comparison, column: str, unit: Literal["words", "grade"]
) -> tuple[Floats, Floats]:
    """Achieved value and target of each synthetic row, which must not be real ones in their place."""
    if sample.origins is None or (sides.synthetic < sample.real).any():
        raise NotComputable(_NO_TARGETS)
    targets = sample.origins[unit].to_numpy()[sides.synthetic - sample.real]
    if np.isnan(targets).all():
        raise NotComputable(_NO_TARGETS)
    achieved = (word_counts if unit == "words" else grades)(sample, column)
    return achieved[sides.synthetic], targets


# ------------------------------------------------------------------------------------ comparing two runs
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
