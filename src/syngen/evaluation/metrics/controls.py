"""Scores of the controls: do the rows have the lengths and grades of their targets?

Each row of a planned run has targets; what was measured of it is compared with them.
"""

from __future__ import annotations

from functools import partial
from typing import Literal

import numpy as np

from syngen import controls
from syngen.evaluation.metrics.form import grades, word_counts
from syngen.evaluation.metrics.registry import main_text, metric
from syngen.evaluation.metrics.statistic import NotComputable, Statistic, mean_of, spearman
from syngen.evaluation.sample import Comparison, EvalSample, Floats

_NO_TARGETS = "these rows have no targets; only the rows of a planned run have"
_WHAT = "a target length and a text"

_metric = partial(metric, "controls", matters=0.1, columns=main_text, draws=0, rowwise=True, one_sample=True)


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
