"""Classifier two-sample tests: can a classifier tell synthetic rows from real ones?

The area under the ROC curve of a cross-validated detector (Lopez-Paz & Oquab 2017): the chance that of a
real and a synthetic row it picks the synthetic one. Rows with equal texts stay in one fold, so that
repeated texts can't be learnt by heart.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from syngen.evaluation.metrics.predict import FOLDS, same_text, tfidf
from syngen.evaluation.metrics.registry import metric
from syngen.evaluation.metrics.statistic import NotComputable, Statistic, mean_of
from syngen.evaluation.sample import Comparison, EvalSample, Index
from syngen.types import generator

MOST = 2_000  # rows a side
_SOURCE = "classifier two-sample test (Lopez-Paz & Oquab 2017): AUC, 5 folds, logistic regression"


_detector = partial(metric, "similarity", "lower", source=_SOURCE, matters=0.25, most=MOST, fewest=10)


@_detector(title="Detector by meaning (C2ST)", of="vectors")
def c2st_embedding(sample: EvalSample, sides: Comparison, _column: str) -> Statistic:
    """How well a classifier tells synthetic from real texts by their meaning.

    The area under its ROC curve: 0.5 is guessing, 1 always right.
    """
    return _auc(sample, sides, sample.embedding, "newton-cholesky")


@_detector(title="Detector by wording (C2ST)", of="texts")
def c2st_tfidf(sample: EvalSample, sides: Comparison, _column: str) -> Statistic:
    """How well a classifier tells synthetic from real texts by the words used.

    The area under its ROC curve: 0.5 is guessing, 1 always right.
    """
    return _auc(sample, sides, tfidf(sample), "liblinear")


def _auc(sample: EvalSample, sides: Comparison, features: Any, solver: str) -> Statistic:
    """The mean over synthetic rows of the share of real rows in their fold that look less synthetic."""
    from sklearn.linear_model import LogisticRegression

    said = same_text(sample)
    for name, side in (("real", sides.real), ("synthetic", sides.synthetic)):
        if (different := len(np.unique(said[side]))) < FOLDS:
            raise NotComputable(
                f"the {name} rows have only {different} different texts, a detector needs {FOLDS}"
            )
    rows = np.concatenate([sides.real, sides.synthetic])
    is_synthetic = np.arange(len(rows)) >= len(sides.real)
    fold = folds(said[rows], is_synthetic)
    features = features[rows]
    wins = np.empty(len(rows))
    for number in range(FOLDS):
        out = fold == number
        detector = LogisticRegression(solver=solver, class_weight="balanced", random_state=0)
        detector.fit(features[~out], is_synthetic[~out])
        decided = detector.decision_function(features[out])  # log odds of being synthetic
        synthetic, real = decided[is_synthetic[out]], np.sort(decided[~is_synthetic[out]])
        both = np.searchsorted(real, synthetic, side="left") + np.searchsorted(real, synthetic, side="right")
        wins[out & is_synthetic] = both / 2 / len(real)
    return mean_of(wins[is_synthetic], "a text")


def folds(said: Index, is_synthetic: npt.NDArray[np.bool_]) -> Index:
    """Which fold judges each row: equal texts together, real and synthetic texts in every fold.

    Args:
        said: A number for each row that rows with equal texts share, shape (rows,).
        is_synthetic: Which rows are synthetic, shape (rows,).
    """
    _, group = np.unique(said, return_inverse=True)
    groups = int(group.max()) + 1
    has_real = np.bincount(group, weights=~is_synthetic, minlength=groups) > 0
    has_synthetic = np.bincount(group, weights=is_synthetic, minlength=groups) > 0
    both = has_real & has_synthetic
    rng = generator(0, "folds", len(said))
    dealt = np.empty(groups, dtype=np.intp)
    start = int(both.sum())
    for kind, begin in ((both, 0), (has_synthetic & ~both, start), (has_real & ~both, start)):
        of_kind = rng.permutation(np.flatnonzero(kind))
        dealt[of_kind] = (begin + np.arange(len(of_kind))) % FOLDS
    return dealt[group]
