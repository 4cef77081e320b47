"""What a text looks like from afar, in eight numbers: how long, which words, which signs.

Texts in, a matrix of traits out, and for each text how far it lies from the real ones. All is learnt from
the real texts, so it says as much of any language as they do.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from syngen.text.words import style, words

Matrix = npt.NDArray[np.float64]


_COMMON = 60  # most frequent words of the real texts
_FOLDS = 5
_RIDGE = 0.2  # added to the correlations, so that few texts can't make two traits one
_LEAST_SPREAD = 0.02  # of a trait that all real texts share

TRAITS: Mapping[str, tuple[str, str]] = {  # what is said of texts that have more of it, and less
    "length": ("more words", "fewer words"),
    "letters": ("longer words", "shorter words"),
    "capitals": ("more capital letters", "fewer capital letters"),
    "numbers": ("more numbers", "fewer numbers"),
    "common": ("more common words", "fewer common words"),
    "known": ("fewer words that no real text has", "more words that no real text has"),
    "person": ("more often the first person", "less often the first person"),
    "signs": ("more punctuation", "less punctuation"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Distances:
    """How far texts lie from the real ones.

    Attributes:
        real: Of the real texts themselves, each by what was learnt of others, shape (real texts,).
        texts: Of the texts, shape (texts,).
        deviations: Their traits in standard deviations from the real mean, shape (texts, traits).
    """

    real: Matrix
    texts: Matrix
    deviations: Matrix


def distances(texts: Sequence[str], real: Sequence[str]) -> Distances:
    """Squared Mahalanobis distances of texts from the real ones (Mahalanobis 1936), by cross-fitting.

    A real text is measured by the mean and the covariance of the other folds; a text under test by those
    of one fold or another, so that it has no advantage and no handicap.
    """
    found = Counter(word for text in real for word in {w.lower() for w in words(text)})
    common = frozenset(word for word, _ in found.most_common(_COMMON))
    theirs = np.array([_traits(text, found, common, own=True) for text in real])
    ours = np.array([_traits(text, found, common, own=False) for text in texts]).reshape(-1, len(TRAITS))
    spread = np.maximum(theirs.std(axis=0), _LEAST_SPREAD)
    center = theirs.mean(axis=0)
    theirs, ours = (theirs - center) / spread, (ours - center) / spread
    folds = np.arange(len(real)) % _FOLDS
    of_real, of_texts = np.empty(len(real)), np.empty(len(texts))
    for fold in range(_FOLDS):
        learnt = theirs[folds != fold]
        mean = learnt.mean(axis=0)
        inverse = np.linalg.inv(np.cov(learnt.T) + _RIDGE * np.eye(len(TRAITS)))
        turn = np.arange(len(texts)) % _FOLDS == fold
        for traits, into, rows in ((theirs, of_real, folds == fold), (ours, of_texts, turn)):
            off = traits[rows] - mean
            into[rows] = np.einsum("ij,jk,ik->i", off, inverse, off)
    return Distances(of_real, of_texts, ours)


def _traits(text: str, found: Counter[str], common: frozenset[str], *, own: bool) -> tuple[float, ...]:
    """The traits of a text; `own` when it is one of those whose words were counted."""
    tokens = words(text)
    count = max(1, len(tokens))
    lower = [token.lower() for token in tokens]
    later = [token for token in tokens[1:] if token[0] != "I" or (len(token) > 1 and token[1].isalpha())]
    return (
        math.log1p(len(tokens)),
        sum(map(len, tokens)) / count,
        sum(token[0].isupper() for token in later) / max(1, len(later)),
        sum(any(char.isdigit() for char in token) for token in tokens) / count,
        sum(token in common for token in lower) / count,
        sum(found[token] > own for token in lower) / count,
        float("first person" in style(text)),
        sum(not char.isalnum() and not char.isspace() for char in text) / count,
    )
