"""Learn an encoder from the reference's own texts by latent semantic analysis; nothing is downloaded.

Planning, closed-loop control and selection use its vectors, so that they do not use what evaluates.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from importlib import import_module
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from syngen.text.words import words

_MOST_TERMS = 30_000
_ROUNDS = 4  # power iterations: two more change no cosine by .01
_NOTHING = 1e-6  # shorter vectors are rounding errors
_SCARCE = (50, 2_000)  # from 50 texts a term has to be in two, and in one more for each 2,000


class LatentEncoder:
    """Terms weighted by TF-IDF, projected on the main directions of the texts it was fitted on."""

    name = "latent"

    def __init__(self, terms: Any, directions: npt.NDArray[np.float32]) -> None:
        self._terms = terms  # a fitted TfidfVectorizer; None when the texts had no word
        self._directions = directions  # right singular vectors, shape (terms, dimensions)

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit vectors of texts, shape (texts, dimensions); a text without a known term gives zeros."""
        if self._terms is None or not texts:
            return np.zeros((len(texts), self._directions.shape[1]), np.float32)
        vectors = self._terms.transform(texts) @ self._directions
        vectors[np.linalg.norm(vectors, axis=1) < _NOTHING] = 0
        return unit(vectors)


def fit_latent(texts: Sequence[str], dimensions: int = 64, seed: int = 0) -> LatentEncoder:
    """Learn an encoder from texts (Deerwester et al. 1990): truncated SVD of their TF-IDF matrix.

    Terms are words and pairs of words next to each other, with sublinear frequencies; the SVD is randomised
    (Halko et al. 2011) and seeded.

    Args:
        texts: At least as many as dimensions, or else there are fewer dimensions.
        dimensions: Most dimensions.
        seed: Of the random projection.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.utils.extmath import randomized_svd

    if not any(words(text) for text in texts):
        return LatentEncoder(None, np.zeros((0, 1), np.float32))
    least = 1 if len(texts) < _SCARCE[0] else 2 + len(texts) // _SCARCE[1]
    shape = {"analyzer": _terms_of, "sublinear_tf": True, "max_features": _MOST_TERMS, "dtype": np.float32}
    try:
        terms = TfidfVectorizer(min_df=least, **shape)
        matrix = terms.fit_transform(texts)
    except ValueError:  # no term is in as many texts
        terms = TfidfVectorizer(**shape)
        matrix = terms.fit_transform(texts)
    with one_thread():
        _, strengths, directions = randomized_svd(
            matrix, min(dimensions, *matrix.shape), n_iter=_ROUNDS, random_state=seed
        )
    telling = strengths > strengths[0] * _NOTHING  # of equal texts all directions but one are noise
    return LatentEncoder(terms, np.ascontiguousarray(directions[telling].T, np.float32))


def _terms_of(text: str) -> list[str]:
    single = words(text.lower())
    return single + [f"{first} {second}" for first, second in pairwise(single)]


def unit(vectors: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """Scale rows to length 1, in single precision; rows of zeros stay as they are."""
    single = np.asarray(vectors, dtype=np.float32)
    length = np.linalg.norm(single, axis=1, keepdims=True)
    return (single / np.where(length > 0, length, 1)).astype(np.float32, copy=False)


def one_thread() -> AbstractContextManager[Any]:
    """Use one thread for linear algebra while the context lasts: several mostly wait for each other.

    On a busy machine a fit of 5 ms was seen to take 380 ms.
    """
    import_module("sklearn.linear_model")  # loads the libraries whose threads are limited
    limited: AbstractContextManager[Any] = import_module("threadpoolctl").threadpool_limits(limits=1)
    return limited
