"""How well do texts go with the labels of their rows? What a text tells about its row's label, in nats.

A linear discriminant analysis (Fisher 1936, with the shrinkage of Ledoit and Wolf 2004) learns from real texts which
labels they have. For a text and a label, the pointwise mutual information log p(label | text) − log p(label) comes out:
above 0 for a text that speaks for its label, below for one that speaks against it. The real texts are judged by
classifiers that did not learn from them, so that theirs is what made texts should have, no more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from syngen.profiles import Value

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

FOLDS = 5
FEWEST = 10  # real texts of a label; of a rarer one nothing is told
MOST_AGAINST = -3.0  # nats: a text that can't be of its label counts no less than one that is hardly so


def agreement(
    real: npt.NDArray[np.float32],
    labels: Sequence[Value],
    made: npt.NDArray[np.float32],
    given: Sequence[Value],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """What real and made texts tell about their labels, arrays (n,) and (m,) in nats.

    0 where a label is absent or rare, and everywhere when fewer than two labels are left.

    Args:
        real: Vectors of real texts (n, d).
        labels: Theirs, n of them.
        made: Vectors of the texts in question (m, d).
        given: The labels of their rows, m of them.
    """
    import numpy as np

    often = {label for label, n in Counter(labels).items() if label is not None and n >= FEWEST}
    told, of_made = np.zeros(len(real)), np.zeros(len(made))
    number = {label: i for i, label in enumerate(sorted(often, key=str))}
    if len(number) < 2:
        return told, of_made
    known = np.array([number.get(label, -1) for label in labels])
    rows = np.argsort(known, kind="stable")[(known < 0).sum() :]  # by label, so that each is in every fold
    for fold in range(FOLDS):
        out = rows[fold::FOLDS]
        others = np.delete(rows, np.s_[fold::FOLDS])
        told[out] = _told(real, known, others, real[out], known[out])
    asked = np.array([number.get(label, -1) for label in given])
    there = np.flatnonzero(asked >= 0)
    of_made[there] = _told(real, known, rows, made[there], asked[there])
    return told, of_made


def _told(
    vectors: npt.NDArray[np.float32],
    known: npt.NDArray[np.int64],
    rows: npt.NDArray[np.int64],
    asked: npt.NDArray[np.float32],
    labels: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    """What each of some texts tells about its label, by a classifier that learnt from these rows."""
    import numpy as np
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    if not len(labels):
        return np.zeros(0)
    classifier = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    classifier.fit(vectors[rows].astype(np.float64), known[rows])
    scores = classifier.predict_log_proba(asked.astype(np.float64)) - np.log(classifier.priors_)
    places = np.searchsorted(classifier.classes_, labels)
    told: npt.NDArray[np.float64] = np.maximum(scores[np.arange(len(labels)), places], MOST_AGAINST)
    return told
