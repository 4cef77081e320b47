"""Scores of use: can a model be trained on synthetic rows as well as on real ones?

A classifier that predicts a column from the text is trained on synthetic rows, another one on as many
other real rows; both are tested on the same real rows, which neither has seen (train on synthetic, test
on real; Esteban et al. 2017). The measure is macro-F1, so that rare classes count as much as common ones.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from syngen.evaluation.metrics.columns import DISCRETE
from syngen.evaluation.metrics.predict import classes_of, reliably_predicted, same_text, tfidf
from syngen.evaluation.metrics.registry import metric, of_role
from syngen.evaluation.metrics.ridge import ridge
from syngen.evaluation.metrics.statistic import NotComputable, Statistic
from syngen.evaluation.sample import Comparison, EvalSample, Index

MOST = 2_000  # rows trained and tested on
FEW_REAL = 100  # rows that synthetic ones are added to
_SAMPLES = 10  # of so few rows
_TESTED = 20  # test rows of a class that F1 is computed for
_HIGHEST = 2.0  # a ratio beyond this says no more than this

_SOURCE = "macro-F1 of training on synthetic / on real rows, tested on real rows (Esteban et al. 2017); "


# Macro-F1 after training on rows; real rows to train on; which positions of the synthetic side may be trained on.
Task = tuple[Callable[[Index], float], Index, npt.NDArray[np.bool_]]

_learnt = partial(
    metric,
    "utility",
    "higher",
    columns=of_role(*DISCRETE),
    most=MOST,
    fewest=20,
    draws=20,
    resamples=10,
)


@_learnt(
    (0.0, _HIGHEST),
    title="Train on synthetic, test on real",
    source=_SOURCE + "linear classifier on TF-IDF",
    matters=0.5,
)
def tstr_ratio(sample: EvalSample, sides: Comparison, column: str) -> Statistic:
    """Macro F1 of a word classifier trained on synthetic rows, over that of one trained on real rows.

    Both are tested on real rows; 1 is as good.
    """
    return _ratio(sample, sides, column, tfidf(sample))


@_learnt(
    (0.0, _HIGHEST),
    title="Train on synthetic, test on real, by meaning",
    source=_SOURCE + "linear classifier on embeddings",
    matters=0.5,
)
def tstr_ratio_embedding(sample: EvalSample, sides: Comparison, column: str) -> Statistic:
    """Macro F1 of an embedding classifier trained on synthetic rows, over one trained on real rows.

    Both are tested on real rows; 1 is as good.
    """
    if sample.encoder is None:
        raise NotComputable("there is no encoder")
    return _ratio(sample, sides, column, sample.embedding)


@_learnt(
    (-1.0, 1.0),
    title="Gain from adding",
    source="macro-F1 of training on 100 real rows and synthetic ones - on the 100 real rows alone",
    matters=0.3,
)
def augmentation_gain(sample: EvalSample, sides: Comparison, column: str) -> Statistic:
    """Change in macro F1 when the synthetic rows are added to 100 real ones, tested on real rows."""
    # The classifier sees embeddings; where there is no encoder, words and pairs of words.
    words = tfidf(sample)
    features = words if sample.encoder is None else sample.embedding
    score, real, usable = _task(sample, sides, column, features)
    few = np.array_split(real, max(1, len(real) // FEW_REAL))[:_SAMPLES]
    alone = float(np.mean([score(rows) for rows in few]))  # one sample of 100 rows says little

    def over(positions: Index) -> float:
        return score(np.concatenate([few[0], sides.synthetic[positions[usable[positions]]]])) - alone

    return over


def _ratio(sample: EvalSample, sides: Comparison, column: str, features: Any) -> Statistic:
    score, rows, usable = _task(sample, sides, column, features)
    real = score(rows)
    if real == 0:
        raise NotComputable(f"real rows don't teach '{column}' either")

    def over(positions: Index) -> float:
        chosen = positions[usable[positions]]
        train = chosen if len(chosen) else np.flatnonzero(usable)
        return min(_HIGHEST, score(sides.synthetic[train]) / real)

    return over


def _task(sample: EvalSample, sides: Comparison, column: str, features: Any) -> Task:
    """What is trained on and tested on; equally many synthetic and real rows at most."""
    reliably_predicted(sample, column)
    _, stated = classes_of(sample, column)
    usable = (stated >= 0) & sample.written
    test = sides.real[usable[sides.real]]
    said = same_text(sample)
    usable &= ~np.isin(said, said[test])  # who copies a test row learns nothing from it
    real, synthetic = (side[usable[side]] for side in (sides.aside, sides.synthetic))
    if not len(real):
        raise NotComputable("there are no other real rows to train on")
    if not len(synthetic):
        raise NotComputable(f"no synthetic row has a text and a known '{column}'")
    size = min(len(real), len(synthetic))
    tested = np.flatnonzero(np.bincount(stated[test]) >= _TESTED)
    if len(tested) < 2 or len(np.unique(stated[real[:size]])) < 2:
        raise NotComputable(f"too few real rows to learn '{column}' from and to test on")
    chosen = usable[sides.synthetic] & (np.cumsum(usable[sides.synthetic]) <= size)

    def score(train: Index) -> float:
        known = np.unique(stated[train])
        if len(known) < 2:  # nothing to tell apart: everything is taken for the one class there is
            guess = np.full(len(test), known[0] if len(known) else -1)
        else:
            known, decide = ridge(features[train], stated[train])
            guess = known[decide(features[test]).argmax(axis=1)]
        return macro_f1(stated[test], guess, tested)

    return score, real[:size], chosen


def macro_f1(stated: Index, guess: Index, classes: Index) -> float:
    """The mean over classes of the harmonic mean of precision and recall.

    Args:
        stated: True class of each row.
        guess: Class it was taken for.
        classes: Those averaged over.
    """
    size = int(max(stated.max(), guess.max(), classes.max())) + 1
    right = np.bincount(stated[stated == guess], minlength=size)[classes]
    either = np.bincount(stated, minlength=size) + np.bincount(guess[guess >= 0], minlength=size)
    return float((2 * right / np.maximum(1, either[classes])).mean())
