"""From measures to verdicts: every score gets an interval and a floor, and is compared with the floor.

The floor is the same score with real rows in the place of synthetic ones, over 20 to 100 random draws. A
value is worse than real when it lies beyond what real rows give at a family-wise error rate of 1 %, over
all scores (Bonferroni), by Student's t prediction limit for one more draw.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from syngen.evaluation.metrics.registry import Metric
from syngen.evaluation.metrics.statistic import NotComputable, Statistic
from syngen.evaluation.sample import Comparison, EvalSample
from syngen.evaluation.splits import Splits
from syngen.text.format import number
from syngen.types import Floor, Judgement, Score, generator

ERROR_RATE = 0.01  # of any false "worse" among all scores
BAND = 0.95
_ROUNDING = 1e-9  # of sums of floats, where real rows do not vary at all
FEWEST_DRAWS = 5
SAFETY = 1.15  # floors drawn from a few hundred real rows come out that much too narrow at most
FEWEST_CALLS = 4  # from fewer no interval can be estimated

Observer = Callable[[str, int, int], None]  # what is being done, steps done, steps in all


def judged(
    sample: EvalSample, splits: Splits, *, metrics: Mapping[str, Metric], observe: Observer | None = None
) -> list[Score]:
    """Compute and judge scores.

    Args:
        sample: Real and synthetic rows.
        splits: What is compared with what.
        metrics: Those to compute.
        observe: Called before each score with its name, the scores done and their number.

    Returns:
        One score for each metric and column, in the order of the registry; one that can't be computed
        has no value and says why.
    """
    jobs = [(metric, column) for metric in metrics.values() for column in metric.columns(sample.profile)]
    measured = []
    for done, (metric, column) in enumerate(jobs):
        if observe is not None:
            observe(metric.name, done, len(jobs))
        measured.append((metric, *_measure(sample, splits, metric, column)))
    error_rate = ERROR_RATE / max(1, sum(len(draws) >= FEWEST_DRAWS for _, _, draws in measured))
    return [_judge(metric, score, draws, splits, error_rate) for metric, score, draws in measured]


def _measure(
    sample: EvalSample, splits: Splits, metric: Metric, column: str
) -> tuple[Score, npt.NDArray[np.float64]]:
    """A score that is not judged yet, and the real-vs-real scores for its floor."""
    sides = splits.sides(metric)
    score = Score(
        name=metric.name,
        family=metric.family,
        column=column,
        value=None,
        n=len(sides.synthetic),
        n_real=len(sides.real),
        ci=None,
        floor=None,
        judgement=Judgement.NOT_COMPUTED,
        verdict="not computed",
        direction=metric.direction,
        bounds=metric.bounds,
        source=metric.source,
        title=metric.title,
        explanation=metric.explanation,
        percent=metric.percent,
    )
    if (fewest := min(score.n, score.n_real)) < metric.fewest:
        return replace(score, why_not=f"needs {metric.fewest} rows a side, there are {fewest}"), np.empty(0)
    statistic = metric.measure(sample, sides, column)
    if isinstance(statistic, NotComputable):
        return replace(score, why_not=str(statistic)), np.empty(0)
    positions = np.arange(score.n)
    value = float(statistic(positions))
    floors = (metric.measure(sample, draw, column) for draw in splits.floor(metric))
    draws = np.array([float(f(positions)) for f in floors if not isinstance(f, NotComputable)])
    if not np.isfinite(all_values := np.append(draws, value)).all():
        bad = all_values[~np.isfinite(all_values)][0]
        raise ValueError(f"{metric.name} of {column or 'the table'} gave {bad}")
    return replace(score, value=value, ci=_interval(sample, sides, metric, statistic, value)), draws


def _interval(
    sample: EvalSample, sides: Comparison, metric: Metric, statistic: Statistic, value: float
) -> tuple[float, float] | None:
    """95 % interval by half samples of calls, without replacement.

    The spread of a statistic over random halves around its whole equals its standard error (the
    delete-half jackknife, Shao & Wu 1989), and unlike a bootstrap it puts no duplicates among the rows,
    which a measure of diversity would take for a fault.
    """
    from scipy.stats import t

    clusters = np.arange(len(sides.synthetic))
    if sample.origins is not None:
        calls = sample.origins["call"].to_numpy()[sides.synthetic - sample.real]
        clusters = calls if len(np.unique(calls)) > 1 else clusters
    names, cluster = np.unique(clusters, return_inverse=True)
    count = len(names)
    if count < FEWEST_CALLS or metric.resamples < 2:
        return None
    rng = generator(0, "interval", metric.name)
    values = []
    for _ in range(metric.resamples):
        chosen = np.zeros(count, dtype=np.bool_)
        chosen[rng.permutation(count)[: count // 2]] = True
        values.append(statistic(np.flatnonzero(chosen[cluster])))
    spread = float(np.std([v for v in values if math.isfinite(v)] or [0.0], ddof=0))
    reach = float(t.ppf((1 + BAND) / 2, min(metric.resamples, count) - 1)) * spread
    low, high = metric.bounds
    return max(low, value - reach), min(high, value + reach)


def _judge(
    metric: Metric, score: Score, draws: npt.NDArray[np.float64], splits: Splits, error_rate: float
) -> Score:
    if (value := score.value) is None:
        return score
    if len(draws) >= FEWEST_DRAWS:
        score = replace(score, floor=_floor(metric, value, score.n, draws, splits, error_rate))
    judgement, verdict = _verdict(metric, score, value)
    return replace(score, judgement=judgement, verdict=verdict)


def _floor(
    metric: Metric, value: float, n: int, draws: npt.NDArray[np.float64], splits: Splits, error_rate: float
) -> Floor:
    """The range of real-vs-real scores and the limit beyond which a score is worse."""
    from scipy.stats import t

    to, back = _scale(metric)
    scaled = np.array([to(value) for value in draws])
    count = len(draws)
    mean = float(scaled.mean())
    spread = float(scaled.std(ddof=1)) * math.sqrt(1 + 1 / count) * splits.widening(metric) * SAFETY
    two_sided = metric.direction == "match"
    band = float(t.ppf((1 + BAND) / 2, count - 1)) * spread
    reach = float(t.ppf(1 - error_rate / (2 if two_sided else 1), count - 1)) * spread
    centre = float(np.mean(draws))
    limit = back(mean - reach if two_sided and value < centre else mean + reach)
    if metric.share:
        up = _bad_is_up(metric, value, centre)
        wide = _share_limit(centre, n, splits.real_rows, error_rate, up=up)
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


def _share_limit(share: float, n: int, real: int, error_rate: float, *, up: bool) -> float:
    """How large (or small) a share of rows may be by chance, given that of the real rows.

    The posterior predictive of a binomial with Jeffreys' prior. Rare events need it: where no real row
    has a feature, draws do not vary at all, and yet a few synthetic rows may have it.
    """
    from scipy.stats import betabinom

    seen = share * real
    rows = betabinom(n, seen + 0.5, real - seen + 0.5)
    return float(rows.ppf(1 - error_rate if up else error_rate)) / n


def _verdict(metric: Metric, score: Score, value: float) -> tuple[Judgement, str]:
    n, floor = score.n, score.floor
    if floor is None:
        if not metric.draws:
            return _against_zero(metric, score, value)
        return Judgement.CANT_TELL, "can't tell: too few real rows to draw a floor from"
    above = value - floor.mean
    up = _bad_is_up(metric, value, floor.mean)
    if (value > floor.limit + _ROUNDING) if up else (value < floor.limit - _ROUNDING):
        off = "worse than" if metric.direction != "match" else "above" if above > 0 else "below"
        return Judgement.WORSE, f"{off} real by {number(abs(above), digits=2)}"
    shows = abs(floor.limit - floor.mean)
    if shows > metric.matters:
        few = f"can't tell: n too small (at n = {n} only a difference over {number(shows, digits=2)} shows)"
        return Judgement.CANT_TELL, few
    shown = f" (a difference under {number(shows, digits=2)} would not show)"
    return Judgement.INDISTINGUISHABLE, f"indistinguishable at n = {n:,}{shown}"


def _against_zero(metric: Metric, score: Score, value: float) -> tuple[Judgement, str]:
    """The verdict on a score that real rows can't have, such as a slope over calls: is it off 0, and much?"""
    if metric.direction != "match" or score.ci is None:
        return Judgement.NO_FLOOR, f"measured on {score.n:,} rows; real rows have no such score"
    if score.ci[0] <= 0 <= score.ci[1] or abs(value) < metric.matters:
        return Judgement.INDISTINGUISHABLE, f"no more than chance or than matters, at n = {score.n:,}"
    return Judgement.WORSE, f"off by {value:+.2g}"
