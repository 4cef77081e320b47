"""Find what the real texts of a column are about, how they begin, who is in them, what for, and their topics.

All is mined from the train rows and then found in all rows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from syngen.text import aspects, phrases
from syngen.text.embeddings.latent import LatentEncoder, fit_latent, one_thread
from syngen.text.language import language_of
from syngen.types import Reference, TextTarget, derive, generator, per_reference

_MOST_TOPICS, _TEXTS_A_TOPIC = 24, 8
_FITTED_ON = 5_000  # texts at most; more change the directions little


@dataclass(frozen=True, slots=True, eq=False)
class Attributes:
    """What was found in the texts of one column; entries "by row" are one per reference row."""

    # The nouns that texts are about, with the number of train texts that name each, most common first
    mined: Mapping[str, int]
    aspects: tuple[tuple[str, ...], ...]  # by row those its text names, at most three, the rarest first
    # By row its first three, two or one words in lower case where these are common; else empty
    opening: tuple[str, ...]
    # By row the writer or a person of the writer's, such as "my husband"; else empty
    persona: tuple[str, ...]
    situation: tuple[str, ...]  # by row what for, such as "for work"; else empty
    topic: npt.NDArray[np.int64]  # by row the cluster of its text, shape (rows,); -1 where there is no text
    vectors: npt.NDArray[np.float32]  # by row its latent vector, shape (rows, dimensions)
    encoder: LatentEncoder = field(repr=False)  # encodes texts as such vectors
    # Centres of the clusters, shape (topics, dimensions)
    centres: npt.NDArray[np.float32] = field(repr=False)

    @property
    def topics(self) -> int:
        """Number of clusters."""
        return len(self.centres)

    def topics_of(self, texts: Sequence[str]) -> npt.NDArray[np.int64]:
        """The cluster of each text, shape (texts,); -1 for an empty one."""
        return _nearest(self.encoder.encode(texts), self.centres, texts)


@per_reference
def attributes(reference: Reference, column: str) -> Attributes:
    """Mine the train rows of a text column and find in every row what was mined."""
    texts: list[str] = reference.frame[column].fill_null("").to_list()
    train = np.zeros(len(texts), bool)
    train[reference.train] = True
    train &= np.array([bool(text.strip()) for text in texts], bool)
    rows = np.flatnonzero(train)
    sampled = np.sort(generator(0, "attributes").permutation(rows)[:_FITTED_ON])
    encoder = fit_latent([texts[row] for row in sampled], seed=derive(0, "latent") % 2**32)
    vectors = encoder.encode(texts)
    centres = _centres_of(vectors[sampled])
    english = _in_english([texts[row] for row in rows])
    tokens = aspects.tokens_of(texts, english=english)
    forms = aspects.nouns(tokens, train) if english else aspects.key_words(tokens, train)
    mined, by_row = aspects.named(tokens, train, forms)
    lowered = [text.lower().replace("’", "'") for text in texts] if english else [""] * len(texts)
    return Attributes(
        mined=mined,
        aspects=by_row,
        opening=phrases.openings(texts, train),
        persona=phrases.personas(lowered, train),
        situation=phrases.situations(lowered, train, {*mined, *forms}, tokens),
        topic=_nearest(vectors, centres, texts),
        vectors=vectors,
        encoder=encoder,
        centres=centres,
    )


def _in_english(texts: Sequence[str]) -> bool:
    """Whether texts are in English; titles are too short one by one, and not ten together."""
    together = (" ".join(texts[start : start + 10]) for start in range(0, len(texts), 10))
    return (language_of(texts) or language_of(list(together))) == "en"


def measured_target(reference: Reference, column: str, row: int, *, attributed: bool) -> TextTarget:
    """Turn the measures of one real text into the target that it would meet.

    Args:
        attributed: Include what the text is about.
    """
    measured = reference.measures[column]
    level = float(measured.grade[row])
    target = TextTarget(int(measured.words[row]), None if math.isnan(level) else level, measured.style[row])
    if not attributed:
        return target
    mined = attributes(reference, column)
    return replace(
        target,
        aspects=mined.aspects[row],
        opening=mined.opening[row],
        persona=mined.persona[row],
        situation=mined.situation[row],
        topic=int(mined.topic[row]),
    )


def _centres_of(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Cluster vectors; return the centres, shape (clusters, dimensions)."""
    from sklearn.cluster import MiniBatchKMeans

    distinct = len(np.unique(vectors, axis=0))
    clusters = min(distinct, _MOST_TOPICS, max(2, int((len(vectors) / _TEXTS_A_TOPIC) ** 0.5)))
    if clusters < 2:
        return vectors[:clusters]
    seed = derive(0, "topics") % 2**32
    with one_thread():
        fitted = MiniBatchKMeans(clusters, random_state=seed, n_init=3).fit(vectors)
    return np.asarray(fitted.cluster_centers_, np.float32)


def _nearest(
    vectors: npt.NDArray[np.float32], centres: npt.NDArray[np.float32], texts: Sequence[str]
) -> npt.NDArray[np.int64]:
    """Return the nearest centre of each text's vector, shape (texts,); -1 for an empty text."""
    topic = np.full(len(texts), -1, np.int64)
    written = np.array([bool(text.strip()) for text in texts], bool)
    if len(centres) and written.any():
        # Squared distance, without the part that is the same for all centres
        topic[written] = ((centres**2).sum(axis=1) - 2 * vectors[written] @ centres.T).argmin(axis=1)
    return topic
