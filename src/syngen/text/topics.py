"""Clusters of texts: vectors in, centres and the nearest of them out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from syngen.text.embeddings.threads import one_thread
from syngen.types import derive

MOST_TOPICS, TEXTS_A_TOPIC = 24, 8


def centres_of(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Centres of clusters of the vectors, shape (clusters, dimensions)."""
    from sklearn.cluster import MiniBatchKMeans

    distinct = len(np.unique(vectors, axis=0))
    wanted = min(distinct, MOST_TOPICS, max(2, int((len(vectors) / TEXTS_A_TOPIC) ** 0.5)))
    if wanted < 2:
        return vectors[:wanted]
    seed = derive(0, "topics") % 2**32
    with one_thread():
        fitted = MiniBatchKMeans(wanted, random_state=seed, n_init=3).fit(vectors)
    found: npt.NDArray[np.float32] = fitted.cluster_centers_.astype(np.float32)
    return found


def nearest(
    vectors: npt.NDArray[np.float32], centres: npt.NDArray[np.float32], texts: Sequence[str]
) -> npt.NDArray[np.int64]:
    topic = np.full(len(texts), -1, np.int64)
    written = np.array([bool(text.strip()) for text in texts], bool)
    if len(centres) and written.any():
        # Squared distance, without the part that is the same for all centres
        topic[written] = ((centres**2).sum(axis=1) - 2 * vectors[written] @ centres.T).argmin(axis=1)
    return topic
