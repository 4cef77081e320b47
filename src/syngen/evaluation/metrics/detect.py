"""Classifier two-sample tests: can a classifier tell synthetic rows from real ones, and by what?

A pool and two sides in, the AUC of a cross-validated detector out (Lopez-Paz & Oquab 2017): the chance
that of a real and a synthetic row it finds the synthetic one. Rows with equal texts stay in one fold,
so that repeated texts can't be learnt by heart.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from syngen.evaluation.metrics.meaning import over_texts, over_vectors
from syngen.evaluation.metrics.predict import FOLDS, Features, same_text, tfidf
from syngen.evaluation.metrics.registry import NotComputable, Statistic, metric
from syngen.evaluation.metrics.statistic import mean_of
from syngen.evaluation.sample import Comparison, EvalSample, Index
from syngen.text.embeddings.threads import one_thread
from syngen.types import generator

Floats = npt.NDArray[np.float64]


MOST = 2_000  # rows a side
_FEW_SHARE = 0.01  # of synthetic rows have a phrase that is worth telling of

_SOURCE = "classifier two-sample test (Lopez-Paz & Oquab 2017): AUC, 5 folds, logistic regression"


@metric(
    "similarity",
    "lower",
    (0.0, 1.0),
    title="Detector by meaning (C2ST)",
    source=_SOURCE,
    matters=0.25,
    most=MOST,
    fewest=10,
)
def c2st_embedding(pool: EvalSample, sides: Comparison, _column: str) -> Statistic | NotComputable:
    """How well a classifier tells synthetic from real texts by their meaning.

    The area under its ROC curve: 0.5 is guessing, 1 always right.
    """

    def measured(kept: Comparison) -> Statistic | NotComputable:
        return _auc(pool, kept, pool.embedding, "newton-cholesky")

    return over_vectors(pool, sides, measured)


@metric(
    "similarity",
    "lower",
    (0.0, 1.0),
    title="Detector by wording (C2ST)",
    source=_SOURCE,
    matters=0.25,
    most=MOST,
    fewest=10,
)
def c2st_tfidf(pool: EvalSample, sides: Comparison, _column: str) -> Statistic | NotComputable:
    """How well a classifier tells synthetic from real texts by the words used.

    The area under its ROC curve: 0.5 is guessing, 1 always right.
    """

    def measured(kept: Comparison) -> Statistic | NotComputable:
        found = tfidf(pool)
        return found if isinstance(found, NotComputable) else _auc(pool, kept, found.matrix, "liblinear")

    return over_texts(pool, sides, measured)


def telltales(
    pool: EvalSample, sides: Comparison, k: int = 10
) -> list[tuple[str, float, float, float]] | NotComputable:
    """The words and pairs of words that give synthetic rows away.

    Args:
        pool: All rows.
        sides: Real and synthetic rows.
        k: How many at most.

    Returns:
        Phrase, its weight in the detector (log odds at full TF-IDF), its share of synthetic texts, its
        share of real texts; those that contribute most first.
    """
    found = tfidf(pool)
    if isinstance(found, NotComputable):
        return found
    sides = sides.most(MOST)
    if why := _too_few(pool, sides):
        return why
    rows, is_synthetic = _rows(sides)
    matrix = found.matrix[rows]
    model = _detector("liblinear").fit(matrix, is_synthetic)
    weights = model.coef_[0]
    real, synthetic = matrix[~is_synthetic], matrix[is_synthetic]
    gap = np.asarray(synthetic.mean(axis=0) - real.mean(axis=0)).ravel()
    shares = [side.getnnz(axis=0) / side.shape[0] for side in (synthetic, real)]
    order = np.argsort(-(weights * gap), kind="stable")
    chosen = [i for i in order if gap[i] > 0 and weights[i] > 0 and shares[0][i] >= _FEW_SHARE][:k]
    return [(found.names[i], float(weights[i]), float(shares[0][i]), float(shares[1][i])) for i in chosen]


def given_away(pool: EvalSample, sides: Comparison, k: int = 10) -> list[tuple[int, float]] | NotComputable:
    """The synthetic rows that a detector is surest of.

    Returns:
        Row number in the pool and the detector's probability that it is synthetic, given as many real
        as synthetic rows, each judged by a detector that did not see it; the surest first.
    """
    from scipy.special import expit

    found: Features | NotComputable = tfidf(pool)
    if isinstance(found, NotComputable):
        return found
    sides = sides.most(MOST)
    if why := _too_few(pool, sides):
        return why
    rows, is_synthetic = _rows(sides)
    decided = _out_of_fold(found.matrix[rows], is_synthetic, _folds(pool, rows, is_synthetic), "liblinear")
    order = np.argsort(-np.where(is_synthetic, decided, -np.inf), kind="stable")[:k]
    return [(int(rows[i]), float(expit(decided[i]))) for i in order if is_synthetic[i]]


def _auc(pool: EvalSample, sides: Comparison, features: Any, solver: str) -> Statistic | NotComputable:
    """The mean over synthetic rows of the share of real rows in their fold that look less synthetic."""
    if why := _too_few(pool, sides):
        return why
    rows, is_synthetic = _rows(sides)
    fold = _folds(pool, rows, is_synthetic)
    decided = _out_of_fold(features[rows], is_synthetic, fold, solver)
    wins = np.empty(len(rows))
    for number in range(FOLDS):
        real = np.sort(decided[(fold == number) & ~is_synthetic])
        here = np.flatnonzero((fold == number) & is_synthetic)
        below = np.searchsorted(real, decided[here], side="left")
        upto = np.searchsorted(real, decided[here], side="right")
        wins[here] = (below + upto) / 2 / len(real)
    return mean_of(wins[is_synthetic], "a text")


def _too_few(pool: EvalSample, sides: Comparison) -> NotComputable | None:
    """Why no detector can be trained: every fold needs texts of both sides."""
    said = same_text(pool)
    for name, side in (("real", sides.real), ("synthetic", sides.synthetic)):
        different = len(np.unique(said[side]))
        if different < FOLDS:
            return NotComputable(
                f"the {name} rows have only {different} different texts, a detector needs {FOLDS}"
            )
    return None


def _rows(sides: Comparison) -> tuple[Index, npt.NDArray[np.bool_]]:
    """Real, then synthetic rows, and which of them are synthetic."""
    rows = np.concatenate([sides.real, sides.synthetic])
    return rows, np.arange(len(rows)) >= len(sides.real)


def _folds(pool: EvalSample, rows: Index, is_synthetic: npt.NDArray[np.bool_]) -> Index:
    """Which fold judges each row: equal texts together, real and synthetic texts in every fold."""
    _, group = np.unique(same_text(pool)[rows], return_inverse=True)
    groups = int(group.max()) + 1
    has_real = np.bincount(group, weights=~is_synthetic, minlength=groups) > 0
    has_synthetic = np.bincount(group, weights=is_synthetic, minlength=groups) > 0
    both = has_real & has_synthetic
    rng = generator(0, "folds", len(rows))
    dealt = np.empty(groups, dtype=np.intp)
    start = int(both.sum())
    for kind, begin in ((both, 0), (has_synthetic & ~both, start), (has_real & ~both, start)):
        of_kind = rng.permutation(np.flatnonzero(kind))
        dealt[of_kind] = (begin + np.arange(len(of_kind))) % FOLDS
    return dealt[group]


def _out_of_fold(features: Any, is_synthetic: npt.NDArray[np.bool_], fold: Index, solver: str) -> Floats:
    """What a detector that did not see a row thinks of it: log odds of being synthetic, shape (rows,)."""
    decided = np.empty(len(fold))
    for number in range(FOLDS):
        out = fold == number
        with one_thread():
            model = _detector(solver).fit(features[~out], is_synthetic[~out])
        decided[out] = model.decision_function(features[out])
    return decided


def _detector(solver: str) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(solver=solver, class_weight="balanced", random_state=0)
