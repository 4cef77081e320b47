"""Cluster texts by their vectors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from syngen.text.embeddings.threads import one_thread
from syngen.types import derive

_MOST_TOPICS, _TEXTS_A_TOPIC = 24, 8


def centres_of(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Cluster vectors; return the centres, shape (clusters, dimensions)."""
    from sklearn.cluster import MiniBatchKMeans

    distinct = len(np.unique(vectors, axis=0))
    clusters = min(distinct, _MOST_TOPICS, max(2, int((len(vectors) / _TEXTS_A_TOPIC) ** 0.5)))
    if clusters < 2:
        return vectors[:clusters]
    seed = derive(0, "topics") % 2**32
    with one_thread():
        fitted = MiniBatchKMeans(clusters, random_state=seed, n_init=3).fit(vectors)
    found: npt.NDArray[np.float32] = fitted.cluster_centers_.astype(np.float32)
    return found


def nearest(
    vectors: npt.NDArray[np.float32], centres: npt.NDArray[np.float32], texts: Sequence[str]
) -> npt.NDArray[np.int64]:
    """Return the nearest centre of each text's vector, shape (texts,); -1 for an empty text."""
    topic = np.full(len(texts), -1, np.int64)
    written = np.array([bool(text.strip()) for text in texts], bool)
    if len(centres) and written.any():
        # Squared distance, without the part that is the same for all centres
        topic[written] = ((centres**2).sum(axis=1) - 2 * vectors[written] @ centres.T).argmin(axis=1)
    return topic
