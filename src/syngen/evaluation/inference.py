"""From measures to verdicts: every score gets its interval and its floor, and is held against it.

A pool and its parts in, one `Score` for each metric and column out. The floor is the same score with
real rows in the place of synthetic ones, over some forty random draws. A value is worse than real when
it lies beyond what real rows give at a family-wise error rate of 1 %, over all scores (Bonferroni), by
Student's t prediction limit for one more draw.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from syngen.evaluation.metrics.registry import METRICS, Metric, NotComputable, Statistic
from syngen.evaluation.sample import Comparison, EvalSample
from syngen.evaluation.splits import Splits
from syngen.text.format import number
from syngen.types import Floor, Judgement, Score, generator

ERROR_RATE = 0.01  # of any false "worse" among all scores
BAND = 0.95
_ROUNDING = 1e-9  # of sums of floats, where real rows do not vary at all
FEWEST_DRAWS = 5
SAFETY = 1.15  # floors drawn from a few hundred real rows come out that much too narrow at most
FEWEST_CALLS = 4  # from fewer no interval can be told

Observer = Callable[[str, int, int], None]  # what is being measured, scores done, scores in all


@dataclass(frozen=True, slots=True)
class _Measured:
    """A score before it is judged."""

    metric: Metric
    column: str
    sides: Comparison
    value: float
    ci: tuple[float, float] | None
    draws: tuple[float, ...]
    widening: float
    real_rows: int


def judged(
    pool: EvalSample,
    parts: Splits,
    *,
    metrics: Mapping[str, Metric] | None = None,
    observe: Observer | None = None,
) -> list[Score]:
    """Compute and judge scores.

    Args:
        pool: Real and synthetic rows.
        parts: What is compared with what.
        metrics: Those to compute; by default all that need no optional package.
        observe: Told of each score before it is computed.

    Returns:
        One score for each metric and column, in the order of the registry; one that can't be computed
        has no value and says why.
    """
    chosen = metrics if metrics is not None else {k: m for k, m in METRICS.items() if not m.extra}
    jobs = [(metric, column) for metric in chosen.values() for column in metric.columns(pool.profile)]
    measured: list[_Measured | Score] = []
    for done, (metric, column) in enumerate(jobs):
        if observe is not None:
            observe(metric.name, done, len(jobs))
        measured.append(_measure(pool, parts, metric, column))
    tests = sum(isinstance(m, _Measured) and len(m.draws) >= FEWEST_DRAWS for m in measured)
    return [m if isinstance(m, Score) else _judge(m, max(1, tests)) for m in measured]


def _measure(pool: EvalSample, parts: Splits, metric: Metric, column: str) -> _Measured | Score:
    sides = parts.sides(metric)
    fewest = min(len(sides.real), len(sides.synthetic))
    if fewest < metric.fewest:
        return _not_computed(metric, column, sides, f"needs {metric.fewest} rows a side, there are {fewest}")
    statistic = metric.measure(pool, sides, column)
    if isinstance(statistic, NotComputable):
        return _not_computed(metric, column, sides, str(statistic))
    rows = _positions(len(sides.synthetic))
    value = _finite(statistic(rows), metric, column)
    ci = _interval(pool, sides, metric, statistic, value)
    draws = []
    for draw in parts.floor(metric):
        of_real = metric.measure(pool, draw, column)
        if not isinstance(of_real, NotComputable):
            draws.append(_finite(of_real(rows), metric, column))
    return _Measured(metric, column, sides, value, ci, tuple(draws), parts.widening(metric), parts.real_rows)


def _interval(
    pool: EvalSample, sides: Comparison, metric: Metric, statistic: Statistic, value: float
) -> tuple[float, float] | None:
    """95 % interval by half samples of calls, without replacement.

    The spread of a statistic over random halves around its whole equals its standard error (the
    delete-half jackknife, Shao & Wu 1989), and unlike a bootstrap it puts no duplicates among the rows,
    which a measure of diversity would take for a fault.
    """
    from scipy.stats import t

    clusters = _clusters(pool, sides)
    names = np.unique(clusters)
    if len(names) < FEWEST_CALLS or metric.resamples < 2:
        return None
    rng = generator(0, "interval", metric.name)
    values = []
    for _ in range(metric.resamples):
        half = rng.permutation(names)[: len(names) // 2]
        rows = np.flatnonzero(np.isin(clusters, half))
        values.append(statistic(rows))
    spread = float(np.std([v for v in values if math.isfinite(v)] or [0.0], ddof=0))
    reach = float(t.ppf((1 + BAND) / 2, min(metric.resamples, len(names)) - 1)) * spread
    low, high = metric.bounds
    return max(low, value - reach), min(high, value + reach)


def _clusters(pool: EvalSample, sides: Comparison) -> npt.NDArray[np.int64]:
    """Which synthetic rows belong together: those of one call, or each for itself when that is unknown."""
    rows = _positions(len(sides.synthetic))
    if pool.origins is None:
        return rows
    calls = pool.origins.call[sides.synthetic - pool.real]
    return rows if len(set(calls.tolist())) < 2 else calls


def _judge(measured: _Measured, tests: int) -> Score:
    metric, sides = measured.metric, measured.sides
    floor = _floor(measured, tests) if len(measured.draws) >= FEWEST_DRAWS else None
    judgement, verdict = _verdict(measured, floor)
    return _score(
        metric,
        measured.column,
        sides,
        value=measured.value,
        ci=measured.ci,
        floor=floor,
        judgement=judgement,
        verdict=verdict,
    )


def _floor(measured: _Measured, tests: int) -> Floor:
    """The range of real-vs-real scores and the limit beyond which a score is worse."""
    from scipy.stats import t

    metric = measured.metric
    to, back = _scale(metric)
    draws = np.array([to(value) for value in measured.draws])
    count = len(draws)
    mean = float(draws.mean())
    spread = float(draws.std(ddof=1)) * math.sqrt(1 + 1 / count) * measured.widening * SAFETY
    two_sided = metric.direction == "match"
    band = float(t.ppf((1 + BAND) / 2, count - 1)) * spread
    reach = float(t.ppf(1 - ERROR_RATE / tests / (2 if two_sided else 1), count - 1)) * spread
    centre = float(np.mean(measured.draws))
    beyond = not two_sided or measured.value >= centre
    limit = back(mean + reach if beyond else mean - reach)
    if metric.share:
        up = _bad_is_up(metric, measured.value, centre)
        wide = _share_limit(measured, centre, ERROR_RATE / tests, up=up)
        limit = max(limit, wide) if up else min(limit, wide)
    low, high = sorted((back(mean - band), back(mean + band)))
    return Floor(
        mean=centre,
        low=max(metric.bounds[0], low),
        high=min(metric.bounds[1], high),
        limit=limit,
        draws=count,
    )


def _bad_is_up(metric: Metric, value: float, real: float) -> bool:
    """Whether a larger score would be worse; of a level to be matched, on the side the value lies."""
    return metric.direction == "lower" or (metric.direction == "match" and value >= real)


def _scale(metric: Metric) -> tuple[Callable[[float], float], Callable[[float], float]]:
    """A scale on which real-vs-real scores are about normal, and more is worse; to it and back.

    What is lacking to a perfect score, such as a distance from 0 or a coverage short of 1, is skewed;
    its square root is hardly so.
    """
    sign = -1.0 if metric.direction == "higher" else 1.0
    perfect = metric.bounds[1 if metric.direction == "higher" else 0]
    if metric.direction == "match" or math.isinf(perfect) or (perfect and metric.direction == "lower"):
        return (lambda value: sign * value), (lambda at: sign * at)
    return (
        lambda value: math.sqrt(max(0.0, sign * (value - perfect))),
        lambda at: perfect + sign * max(0.0, at) ** 2,
    )


def _share_limit(measured: _Measured, share: float, error_rate: float, *, up: bool) -> float:
    """How large (or small) a share of rows may be by chance, given that of the real rows.

    The posterior predictive of a binomial with Jeffreys' prior. Rare events need it: where no real row
    has a feature, draws do not vary at all, and yet a few synthetic rows may have it.
    """
    from scipy.stats import betabinom

    n, real = len(measured.sides.synthetic), measured.real_rows
    seen = share * real
    rows = betabinom(n, seen + 0.5, real - seen + 0.5)
    return float(rows.ppf(1 - error_rate) if up else rows.ppf(error_rate)) / n


def _verdict(measured: _Measured, floor: Floor | None) -> tuple[Judgement, str]:
    n = len(measured.sides.synthetic)
    if floor is None:
        if not measured.metric.draws:
            return _against_zero(measured)
        return Judgement.CANT_TELL, "can't tell: too few real rows to draw a floor from"
    value, limit = measured.value, floor.limit
    up = _bad_is_up(measured.metric, value, floor.mean)
    if (value > limit + _ROUNDING) if up else (value < limit - _ROUNDING):
        by = abs(value - floor.mean)
        if measured.metric.direction == "match":
            return (
                Judgement.WORSE,
                f"{'above' if value > floor.mean else 'below'} real by {number(by, digits=2)}",
            )
        return Judgement.WORSE, f"worse than real by {number(by, digits=2)}"
    shows = abs(limit - floor.mean)
    if shows > measured.metric.matters:
        return (
            Judgement.CANT_TELL,
            f"can't tell: n too small (at n = {n} only a difference over {number(shows, digits=2)} shows)",
        )
    shown = f" (a difference under {number(shows, digits=2)} would not show)"
    return Judgement.INDISTINGUISHABLE, f"indistinguishable at n = {n:,}{shown}"


def _against_zero(measured: _Measured) -> tuple[Judgement, str]:
    """The verdict on a score that real rows can't have, such as a slope over calls: is it off 0, and much?"""
    metric, ci = measured.metric, measured.ci
    n = len(measured.sides.synthetic)
    if metric.direction != "match" or ci is None:
        return Judgement.NO_FLOOR, f"measured on {n:,} rows; real rows have no such score"
    if ci[0] <= 0 <= ci[1] or abs(measured.value) < metric.matters:
        return Judgement.INDISTINGUISHABLE, f"no more than chance or than matters, at n = {n:,}"
    return Judgement.WORSE, f"off by {measured.value:+.2g}"


def _not_computed(metric: Metric, column: str, sides: Comparison, why: str) -> Score:
    return _score(
        metric,
        column,
        sides,
        value=None,
        ci=None,
        floor=None,
        judgement=Judgement.NOT_COMPUTED,
        verdict="not computed",
        why_not=why,
    )


def _score(metric: Metric, column: str, sides: Comparison, **measured: Any) -> Score:
    """Join what is known of a metric with what was measured."""
    return Score(
        name=metric.name,
        family=metric.family,
        column=column,
        n=len(sides.synthetic),
        n_real=len(sides.real),
        direction=metric.direction,
        bounds=metric.bounds,
        source=metric.source,
        title=metric.title,
        explanation=metric.explanation,
        percent=metric.percent,
        **measured,
    )


def _finite(value: float, metric: Metric, column: str) -> float:
    if not math.isfinite(value):
        raise ValueError(f"{metric.name} of {column or 'the table'} gave {value}")
    return float(value)


def _positions(count: int) -> npt.NDArray[np.intp]:
    return np.arange(count, dtype=np.intp)
