"""Scores of drift: do the texts stay on the category, and do they match their labels?

Where real texts tell a column, a classifier trained on real rows judges every row (`predict`); where there is
no such category, the distance to real texts does (`topic`). Both are made once for every row, so that the scores
depend on nothing but which rows count.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from syngen.evaluation.metrics.predict import Predicted, reliably_predicted
from syngen.evaluation.metrics.registry import metric, of_role
from syngen.evaluation.metrics.statistic import NotComputable, Statistic, computable, kolmogorov, mean_of
from syngen.evaluation.metrics.topic import ALPHA, p_values
from syngen.evaluation.sample import Comparison, EvalSample, Floats, Index, kept
from syngen.types import Role

_FEW = 10  # rows behind a slope
_SLOPE = (-float("inf"), float("inf"))  # a few long calls can make it steep

_CROSS_FITTED = "cross-fitted linear classifier on TF-IDF and embedding, trained on real rows"
_categories = of_role(Role.CATEGORY)


# ---------------------------------------------------------------------------- texts and their labels
_judged = partial(metric, "drift", rowwise=True, one_sample=True)


@_judged(
    "lower",
    (-1.0, 1.0),
    title="Category drift",
    percent=True,
    source="1 - accuracy on the rows / accuracy on real rows of the same classes; " + _CROSS_FITTED,
    matters=0.2,
    columns=_categories,
)
def category_drift(sample: EvalSample, sides: Comparison, column: str) -> Statistic:
    """Share of rows whose text left the category that the row states.

    Errors of a classifier trained on real rows, beyond those it makes on real rows. A little below 0 is
    chance.
    """
    # A row that left is recognised no more, so the share that left is the share of recognition lost. A
    # little below 0 is chance, far below it the texts are easier to place than real ones.
    predicted = reliably_predicted(sample, column)
    hit, stated = predicted.hit[sides.synthetic], predicted.stated[sides.synthetic]
    known = ~np.isnan(hit)
    if not known.any():
        raise NotComputable(f"no synthetic row has a text and a known '{column}'")
    expected = predicted.recognised[stated]
    if expected[known].sum() == 0:
        raise NotComputable(f"no real row of the same '{column}' is recognised")

    def over(positions: Index) -> float:
        chosen = positions[known[positions]]
        chosen = chosen if expected[chosen].sum() > 0 else np.flatnonzero(known)
        # Not cut at 0, or the spread of floors and of half samples would be too small.
        return max(-1.0, 1 - float(hit[chosen].sum() / expected[chosen].sum()))

    return over


@_judged(
    "lower",
    title="Hardly fits its category",
    source="Mondrian conformal p-values (Vovk et al. 2005) of the stated label; " + _CROSS_FITTED,
    matters=0.15,
    columns=_categories,
    share=True,
)
def off_category_share(sample: EvalSample, sides: Comparison, column: str) -> Statistic:
    """Share of rows whose category fits their text less than it fits 95 % of the real rows of it.

    Of real rows about 5 % are such.
    """
    # Of real rows 5 % are such. It shows drift in fewer rows than `category_drift`, which says how much.
    return mean_of(
        _strange(sample, column)[sides.synthetic], f"a text and a '{column}' that 20 real rows have"
    )


@_judged(
    "match",
    title="Category recognised",
    percent=True,
    source="accuracy, classes weighed as in real rows; " + _CROSS_FITTED,
    matters=0.2,
    columns=_categories,
)
def category_accuracy(sample: EvalSample, sides: Comparison, column: str) -> Statistic:
    """Share of texts whose stated category a classifier trained on real rows finds.

    Too high is also a fault: the texts are then stereotyped.
    """
    predicted = reliably_predicted(sample, column)
    stated = predicted.stated[: sample.real]
    stated = stated[~np.isnan(predicted.hit[: sample.real])]
    mix = np.bincount(stated, minlength=len(predicted.classes))
    return _recognised(sides, column, predicted, mix / mix.sum())


@_judged(
    "higher",
    title="Text fits its label",
    percent=True,
    source="balanced accuracy; " + _CROSS_FITTED,
    matters=0.2,
    columns=of_role(Role.ORDINAL, Role.BOOLEAN),
)
def label_fidelity(sample: EvalSample, sides: Comparison, column: str) -> Statistic:
    """Share of rows whose text a classifier trained on real rows takes for the label they state.

    Such as a rating; each label weighs the same. Real rows are noisy too, so compare with the real
    range.
    """
    predicted = reliably_predicted(sample, column)
    classes = len(predicted.classes)
    return _recognised(sides, column, predicted, np.full(classes, 1 / classes))


@metric(
    "drift",
    "lower",
    title="Tone, distance",
    source="Kolmogorov-Smirnov statistic of the label expected from the text; " + _CROSS_FITTED,
    matters=0.15,
    columns=of_role(Role.ORDINAL),
    rowwise=True,
)
def tone_ks(sample: EvalSample, sides: Comparison, column: str) -> Statistic:
    """Largest gap between the two cumulative distributions of the label that each text speaks of.

    Such as a rating, whatever the row states; 0 is the same spread, 1 is no overlap.
    """
    predicted = reliably_predicted(sample, column)
    try:
        values = np.array([float(label) for label in predicted.classes])
    except ValueError:
        raise NotComputable(f"the labels of '{column}' are not numbers") from None
    tone = np.where(predicted.guess >= 0, predicted.probability @ values, np.nan)
    return kolmogorov(tone[sides.real], tone[sides.synthetic], "a text")


@kept
def _strange(sample: EvalSample, column: str) -> Floats:
    """1 for rows less typical of their label than 95 % of real rows with it, else 0; NaN where unknown.

    The p-value of a row is its rank among the real rows of the same label, which counts the row itself;
    labels of fewer than 20 real rows can't tell 5 %.
    """
    predicted = reliably_predicted(sample, column)
    known = ~np.isnan(predicted.hit)
    likely = predicted.probability[np.arange(len(sample)), predicted.stated]
    strange = np.full(len(sample), np.nan)
    real = np.arange(len(sample)) < sample.real
    for label in range(len(predicted.classes)):
        rows = np.flatnonzero(known & (predicted.stated == label))
        own = np.sort(likely[rows[real[rows]]])
        if len(own) < 1 / ALPHA:
            continue
        itself = (~real[rows]).astype(np.intp)  # a real row is among `own` already
        rank = np.searchsorted(own, likely[rows], side="right") + itself
        strange[rows] = rank <= ALPHA * (len(own) + itself)
    return strange


def _recognised(sides: Comparison, column: str, predicted: Predicted, weights: Floats) -> Statistic:
    """Accuracy with given weights of classes; a class that no row states counts as real rows do."""
    hit, stated = predicted.hit[sides.synthetic], predicted.stated[sides.synthetic]
    known = ~np.isnan(hit)
    if not known.any():
        raise NotComputable(f"no synthetic row has a text and a known '{column}'")

    def over(positions: Index) -> float:
        chosen = positions[known[positions]]
        counts = np.bincount(stated[chosen], minlength=len(weights))
        right = np.bincount(stated[chosen], weights=hit[chosen], minlength=len(weights))
        return float(weights @ np.where(counts > 0, right / np.maximum(1, counts), predicted.recognised))

    return over


# ------------------------------------------------------------------------------- over the course of a run
_slope_over = partial(metric, "drift", "match", _SLOPE, matters=0.1, rowwise=True, draws=0)


@_slope_over(
    title="Drift within a call",
    source="least-squares slope of the share of rows on topic over position in the call, first to last",
)
def drift_slope_position(sample: EvalSample, sides: Comparison, _column: str) -> Statistic:
    """Change in the share of rows on the category from the first to the last row of a call."""
    return _slope(sample, sides, "position")


@_slope_over(
    title="Drift from call to call",
    source="least-squares slope of the share of rows on topic over the calls, first to last",
)
def drift_slope_call(sample: EvalSample, sides: Comparison, _column: str) -> Statistic:
    """Change in the share of rows on the category from the first call of the run to the last."""
    return _slope(sample, sides, "call")


def _slope(sample: EvalSample, sides: Comparison, by: str) -> Statistic:
    at, on, _ = course(sample, sides, by)
    known = at[~np.isnan(on)]
    place = np.where(np.isnan(on), np.nan, (at - known.min()) / (known.max() - known.min()))

    def over(positions: Index) -> float:
        x, y = place[positions], on[positions]
        x, y = x[~np.isnan(x)], y[~np.isnan(x)]
        spread = np.square(x - x.mean()).sum() if len(x) else 0.0
        # Rows that all stand at one place show no slope.
        return float((x - x.mean()) @ y / spread) if spread > 0 else 0.0

    return over


def course(sample: EvalSample, sides: Comparison, by: str) -> tuple[Floats, Floats, float]:
    """Measure how a run stays on topic.

    Args:
        sample: All rows.
        sides: Whose synthetic rows are measured.
        by: "position" in the call, or "call".

    Returns:
        Where each synthetic row is, by number; whether it is on topic (1, 0 or NaN); and the share of real
        rows on topic.
    """
    if sample.origins is None:
        raise NotComputable("which call each row came from is not known")
    rows = sides.synthetic - sample.real
    at = sample.origins[by].to_numpy()[rows].astype(np.float64)
    on, real = _on_topic(sample, sides)
    known = ~np.isnan(on)
    if known.sum() < _FEW or (at[known] > at[known].min()).sum() < 2:
        raise NotComputable(
            "all rows come from one call" if by == "call" else "all rows are the first of their call"
        )
    return at, on, real


def _on_topic(sample: EvalSample, sides: Comparison) -> tuple[Floats, float]:
    """Whether each synthetic row is on topic, and the share of real rows that are.

    By the category that texts tell best, or else by their distance to real texts.
    """
    found = [computable(reliably_predicted)(sample, column) for column in _categories(sample.profile)]
    known = [p for p in found if isinstance(p, Predicted) and not np.isnan(p.hit[sides.synthetic]).all()]
    if known:
        best = max(known, key=lambda p: p.skill)
        return best.hit[sides.synthetic], float(np.nanmean(best.hit[: sample.real]))
    if sample.encoder is None:
        raise NotComputable("texts tell no category, and there is no encoder to measure their distance with")
    real = sides.real[sample.written[sides.real]]
    p = p_values(sample, Comparison(real, sides.synthetic, sides.aside))
    return np.where(sample.written[sides.synthetic], p > ALPHA, np.nan), 1 - ALPHA
