"""How much do texts tell of the labels of their rows? Pointwise V-information, in nats.

A linear discriminant analysis (Fisher 1936, with the shrinkage of Ledoit and Wolf 2004) learns from real texts which
labels they have. For a text and a label, log p(label | text) − log p(label) comes out (Ethayarajh, Choi and
Swayamdipta 2022): above 0 for a text that speaks for its label, below for one that speaks against it. Real texts are
judged by classifiers that did not learn from them, so that theirs is what made texts should have, no more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from syngen.types import Value

FOLDS = 5
FEWEST = 10  # real texts of a label; of a rarer one nothing is told
MOST_LABELS = 50  # of one column; of a column with more nothing is told
LEAST = -3.0  # nats: a text that can't be of its label counts no less than one that is hardly so


def label_information(
    real: npt.NDArray[np.float32],
    real_labels: Sequence[Value],
    made: npt.NDArray[np.float32],
    made_labels: Sequence[Value],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """What real and made texts tell of their labels, arrays (n,) and (m,) in nats.

    0 where a label is absent or rare, and everywhere when fewer than two labels or more than `MOST_LABELS` are left.

    Args:
        real: Vectors of real texts (n, d).
        real_labels: Theirs, n of them.
        made: Vectors of the texts in question (m, d).
        made_labels: The labels of their rows, m of them.
    """
    of_real, of_made = np.zeros(len(real)), np.zeros(len(made))
    common = [label for label, n in Counter(real_labels).items() if label is not None and n >= FEWEST]
    if not 2 <= len(common) <= MOST_LABELS:
        return of_real, of_made
    number = {label: i for i, label in enumerate(sorted(common, key=str))}
    known = np.array([number.get(label, -1) for label in real_labels])
    rows = np.argsort(known, kind="stable")[(known < 0).sum() :]  # by label, so that each is in every fold
    for fold in range(FOLDS):
        out, others = rows[fold::FOLDS], np.delete(rows, np.s_[fold::FOLDS])
        of_real[out] = _information(real[others], known[others], real[out], known[out])
    asked = np.array([number.get(label, -1) for label in made_labels], int)
    there = np.flatnonzero(asked >= 0)
    of_made[there] = _information(real[rows], known[rows], made[there], asked[there])
    return of_real, of_made


def _information(
    vectors: npt.NDArray[np.float32],
    labels: npt.NDArray[np.int64],
    asked: npt.NDArray[np.float32],
    asked_labels: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    """What each of some texts tells of its label, to a classifier that learns from others."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    if not len(asked):
        return np.zeros(0)
    classifier = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    classifier.fit(vectors.astype(np.float64), labels)
    scores = classifier.predict_log_proba(asked.astype(np.float64)) - np.log(classifier.priors_)
    own = np.searchsorted(classifier.classes_, asked_labels)
    information: npt.NDArray[np.float64] = np.maximum(scores[np.arange(len(own)), own], LEAST)
    return information
