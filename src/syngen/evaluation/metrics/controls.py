"""Scores of the knobs: did the lengths and grades that were planned come, and what did a knob change?

Of a planned run each row has targets; what was measured of it is held against them. Two runs on the same
slots are compared slot by slot (`paired_change`), and several such comparisons together with `holm`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from syngen import controls
from syngen.evaluation.metrics.form import grades, main_text, word_counts
from syngen.evaluation.metrics.pairs import spearman
from syngen.evaluation.metrics.registry import NotComputable, Statistic, metric
from syngen.evaluation.metrics.statistic import lacking, mean_of, median_of
from syngen.evaluation.sample import Comparison, EvalSample, Origins
from syngen.types import generator

Floats = npt.NDArray[np.float64]


RESAMPLES = 2_000
FLIPS = 9_999  # sign flips, so that with the observed signs there are ten thousand
_AT_ONCE = 1_000_000  # numbers drawn in one go

_NOTHING = "nothing was wanted of these rows; only a planned run has targets"


@metric(
    "knobs",
    "higher",
    (0.0, 1.0),
    title="Length on target",
    percent=True,
    source="share of rows within 10 % (3 words when short) of the words wanted",
    matters=0.1,
    columns=main_text,
    draws=0,
    rowwise=True,
    one_sample=True,
)
def length_within(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """Share of texts within a tenth (3 words when short) of their target length."""
    if isinstance(both := _lengths(pool, sides, column), NotComputable):
        return both
    measured, wanted = both
    within = np.abs(measured - wanted) <= controls.tolerance(wanted)
    return mean_of(np.where(np.isnan(measured - wanted), np.nan, within), "a length wanted and a text")


@metric(
    "knobs",
    "match",
    (-1.0, float("inf")),
    title="Length against the plan",
    percent=True,
    source="median of words measured / words wanted - 1",
    matters=0.1,
    columns=main_text,
    draws=0,
    rowwise=True,
    one_sample=True,
)
def length_bias(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """How much longer (or, below 0, shorter) than their target the texts are: the median over rows."""
    if isinstance(both := _lengths(pool, sides, column), NotComputable):
        return both
    measured, wanted = both
    return median_of(measured / np.where(wanted > 0, wanted, np.nan) - 1, "a length wanted and a text")


@metric(
    "knobs",
    "higher",
    (-1.0, 1.0),
    title="Length follows the plan",
    source="Spearman's rank correlation of words wanted and measured",
    matters=0.1,
    columns=main_text,
    draws=0,
    rowwise=True,
    one_sample=True,
)
def length_wanted_correlation(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """Whether the longer texts are those with a longer target: rank correlation.

    1 follows exactly.
    """
    return _correlation(_lengths(pool, sides, column))


@metric(
    "knobs",
    "higher",
    (-1.0, 1.0),
    title="Reading grade follows the plan",
    source="Spearman's rank correlation of Flesch-Kincaid grades wanted and measured",
    matters=0.1,
    columns=main_text,
    draws=0,
    rowwise=True,
    one_sample=True,
)
def grade_wanted_correlation(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """Whether the harder texts are those with a higher target grade: rank correlation.

    1 follows exactly.
    """
    return _correlation(_both(pool, sides, column, grades(pool, column), lambda origins: origins.grade))


def _lengths(pool: EvalSample, sides: Comparison, column: str) -> tuple[Floats, Floats] | NotComputable:
    """Words of each synthetic row, measured and wanted."""
    return _both(pool, sides, column, word_counts(pool, column), lambda origins: origins.words)


def _both(
    pool: EvalSample, sides: Comparison, column: str, measured: Floats, wanted: Callable[[Origins], Floats]
) -> tuple[Floats, Floats] | NotComputable:
    """What was measured and what was wanted of each synthetic row; why not, when real rows stand in."""
    if why := lacking(pool, column):
        return why
    if pool.origins is None or (sides.synthetic < pool.real).any():
        return NotComputable(_NOTHING)
    targets = wanted(pool.origins)[sides.synthetic - pool.real]
    return NotComputable(_NOTHING) if np.isnan(targets).all() else (measured[sides.synthetic], targets)


def _correlation(both: tuple[Floats, Floats] | NotComputable) -> Statistic | NotComputable:
    if isinstance(both, NotComputable):
        return both
    found = spearman(*both)
    return NotComputable(f"of the synthetic rows {found}") if isinstance(found, NotComputable) else found


# ------------------------------------------------------------------------------------ comparing two runs
@dataclass(frozen=True, slots=True)
class Change:
    """What one thing that differs between two runs changed.

    Attributes:
        mean: Mean over slots of other - base.
        low: Lower end of its 95 % interval, by bootstrap over slots.
        high: Upper end of it.
        p: How likely so large a mean is, either way, if nothing had changed (sign-flip permutation).
        slots: Slots compared.
    """

    mean: float
    low: float
    high: float
    p: float
    slots: int


def paired_change(
    base_values: Sequence[float] | Floats,
    other_values: Sequence[float] | Floats,
    base_slots: Sequence[int] | npt.NDArray[np.int64],
    other_slots: Sequence[int] | npt.NDArray[np.int64],
    *,
    seed: int = 0,
) -> Change:
    """Compare two runs slot by slot.

    Args:
        base_values: What was measured of the rows of the one run, NaN where nothing could be.
        other_values: The same of the other run.
        base_slots: The slot of each row of the one run, none twice.
        other_slots: The slot of each row of the other run.
        seed: Of the resampling.

    Returns:
        The change, over the slots that have a number in both runs.

    Raises:
        ValueError: Fewer than two slots do, or a slot comes twice in a run.
    """
    base, other = np.asarray(base_values, float), np.asarray(other_values, float)
    base_known, other_known = ~np.isnan(base), ~np.isnan(other)
    ours, theirs = np.asarray(base_slots)[base_known], np.asarray(other_slots)[other_known]
    if len(np.unique(ours)) < len(ours) or len(np.unique(theirs)) < len(theirs):
        raise ValueError("a slot comes twice in a run")
    _, here, there = np.intersect1d(ours, theirs, assume_unique=True, return_indices=True)
    change = other[other_known][there] - base[base_known][here]
    if len(change) < 2:
        raise ValueError(f"{len(change)} slots have a number in both runs, 2 are needed")
    means = _resampled(change, generator(seed, "paired bootstrap"))
    low, high = np.quantile(means, (0.025, 0.975))
    p = _flipped(change, generator(seed, "sign flips"))
    return Change(float(change.mean()), float(low), float(high), p, len(change))


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values corrected for how many there are (Holm 1979), in the order given.

    Each is what the family-wise error rate would be if it and all smaller ones were called significant.
    """
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    corrected = [0.0] * len(p_values)
    largest = 0.0
    for rank, i in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[i]))
        corrected[i] = largest
    return corrected


def _resampled(change: Floats, rng: np.random.Generator) -> Floats:
    """Means of bootstrap samples, shape (RESAMPLES,)."""
    step = max(1, _AT_ONCE // len(change))
    sizes = [min(step, RESAMPLES - done) for done in range(0, RESAMPLES, step)]
    drawn = (change[rng.integers(0, len(change), (size, len(change)))] for size in sizes)
    return np.concatenate([sample.mean(axis=1) for sample in drawn])


def _flipped(change: Floats, rng: np.random.Generator) -> float:
    """Share of random signs under which the mean is as far from 0, the signs observed being one of them."""
    reach = abs(change.sum()) * (1 - 1e-12)  # equal sums may differ in the last bit
    step = max(1, _AT_ONCE // len(change))
    beyond = 0
    for done in range(0, FLIPS, step):
        bits = rng.integers(0, 256, (min(step, FLIPS - done), -(-len(change) // 8)), np.uint8)
        signs = np.unpackbits(bits, axis=1, count=len(change))
        sums = 2 * (signs @ change) - change.sum()
        beyond += int((np.abs(sums) >= reach).sum())
    return (1 + beyond) / (1 + FLIPS)
