"""How much texts say about the labels of their rows: pointwise V-information, in nats.

A linear discriminant analysis (Fisher 1936, with the shrinkage of Ledoit and Wolf 2004) learns from real texts which
labels they have. The information of a text on a label is log p(label | text) − log p(label) (Ethayarajh, Choi and
Swayamdipta 2022): above 0 for a text that speaks for its label, below for one that speaks against it. Real texts are
judged by classifiers that did not learn from them, so that theirs is what synthetic texts should have, no more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from syngen.types import Value

FOLDS = 5
FEWEST = 10  # real texts of a label; rarer labels are left out
MOST_LABELS = 50  # of one column; columns with more are left out
LEAST = -3.0  # nats: a text that can't be of its label counts no less than one that is hardly so


def label_information(
    real: npt.NDArray[np.float32],
    real_labels: Sequence[Value],
    synthetic: npt.NDArray[np.float32],
    synthetic_labels: Sequence[Value],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Measure the information of real and synthetic texts on their labels, arrays (n,) and (m,) in nats.

    0 where a label is absent or rare, and everywhere when fewer than two labels or more than `MOST_LABELS` are left.

    Args:
        real: Vectors of real texts (n, d).
        real_labels: Theirs, n of them.
        synthetic: Vectors of synthetic texts (m, d).
        synthetic_labels: The labels of their rows, m of them.
    """
    of_real, of_synthetic = np.zeros(len(real)), np.zeros(len(synthetic))
    common = [label for label, n in Counter(real_labels).items() if label is not None and n >= FEWEST]
    if not 2 <= len(common) <= MOST_LABELS:
        return of_real, of_synthetic
    number = {label: i for i, label in enumerate(sorted(common, key=str))}
    known = np.array([number.get(label, -1) for label in real_labels])
    rows = np.argsort(known, kind="stable")[(known < 0).sum() :]  # by label, so that each is in every fold
    for fold in range(FOLDS):
        out, others = rows[fold::FOLDS], np.delete(rows, np.s_[fold::FOLDS])
        of_real[out] = _information(real[others], known[others], real[out], known[out])
    asked = np.array([number.get(label, -1) for label in synthetic_labels], int)
    there = np.flatnonzero(asked >= 0)
    of_synthetic[there] = _information(real[rows], known[rows], synthetic[there], asked[there])
    return of_real, of_synthetic


def _information(
    vectors: npt.NDArray[np.float32],
    labels: npt.NDArray[np.int64],
    asked: npt.NDArray[np.float32],
    asked_labels: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    """Information of some texts on their labels, to a classifier that learns from others."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    if not len(asked):
        return np.zeros(0)
    classifier = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    classifier.fit(vectors.astype(np.float64), labels)
    scores = classifier.predict_log_proba(asked.astype(np.float64)) - np.log(classifier.priors_)
    own = np.searchsorted(classifier.classes_, asked_labels)
    information: npt.NDArray[np.float64] = np.maximum(scores[np.arange(len(own)), own], LEAST)
    return information
