"""What the real texts of a column speak of, how they begin, who is in them, what for, and how they cluster.

A reference and a column come in, `Attributes` go out: what was mined of the train rows, applied to all rows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from syngen.text import aspects, phrases, topics
from syngen.text.aspects import Aspect
from syngen.text.embeddings.latent import LatentEncoder, fit_latent
from syngen.text.language import language_of
from syngen.types import Reference, TextTarget, derive, generator

__all__ = ["Aspect", "Attributes", "attributes", "measured_target"]

MOST_EXTREME = 8
CLEARLY = 2.5  # standard errors off: of 100 aspects about one is so by chance
FITTED_ON = 5_000  # texts at most; more change the directions little


@dataclass(frozen=True, slots=True, eq=False)
class Attributes:
    """What was found in the texts of one column; tuples and arrays by row have one entry per reference row.

    Attributes:
        mined: What train texts speak of, the most common first.
        aspects: By row those its text names, at most three, the rarest first.
        opening: By row its first words, lower case, as many of three as are common; else empty.
        persona: By row who writes or of whom, such as "my husband"; else empty.
        situation: By row what for, such as "for work"; else empty.
        topic: By row the cluster of its text, shape (rows,); -1 where there is no text.
        vectors: By row its latent vector, shape (rows, dimensions).
        encoder: What made the vectors.
        centres: Of the clusters, shape (topics, dimensions).
    """

    mined: tuple[Aspect, ...]
    aspects: tuple[tuple[str, ...], ...]
    opening: tuple[str, ...]
    persona: tuple[str, ...]
    situation: tuple[str, ...]
    topic: npt.NDArray[np.int64]
    vectors: npt.NDArray[np.float32]
    encoder: LatentEncoder = field(repr=False)
    centres: npt.NDArray[np.float32] = field(repr=False)

    @property
    def topics(self) -> int:
        """Number of clusters."""
        return len(self.centres)

    @property
    def praised(self) -> tuple[Aspect, ...]:
        """Aspects named where the ordinal column is clearly higher, the clearest first."""
        return self._extreme(1)

    @property
    def complained(self) -> tuple[Aspect, ...]:
        """Aspects named where the ordinal column is clearly lower, the clearest first."""
        return self._extreme(-1)

    def topics_of(self, texts: Sequence[str]) -> npt.NDArray[np.int64]:
        """The cluster of each text, shape (texts,); -1 for an empty one."""
        return topics.nearest(self.encoder.encode(texts), self.centres, texts)

    def _extreme(self, sign: int) -> tuple[Aspect, ...]:
        off = [(a, sign * a.lift) for a in self.mined if a.lift is not None and sign * a.lift >= CLEARLY]
        return tuple(a for a, _ in sorted(off, key=lambda pair: -pair[1])[:MOST_EXTREME])


@lru_cache(maxsize=4)
def attributes(reference: Reference, column: str) -> Attributes:
    """Mine the train rows of a text column, and find in every row what was mined."""
    texts: list[str] = reference.frame[column].fill_null("").to_list()
    train = np.zeros(len(texts), bool)
    train[reference.train] = True
    train &= np.array([bool(text.strip()) for text in texts], bool)
    rows = np.flatnonzero(train)
    sampled = np.sort(generator(0, "attributes").permutation(rows)[:FITTED_ON])
    encoder = fit_latent([texts[row] for row in sampled], seed=derive(0, "latent") % 2**32)
    vectors = encoder.encode(texts)
    centres = topics.centres_of(vectors[sampled])
    english = _in_english([texts[row] for row in rows])
    tokens = aspects.tokenised(texts, english=english)
    forms = aspects.nouns(tokens, train) if english else aspects.key_words(tokens, train)
    mined, by_row = aspects.named(tokens, train, forms, aspects.ordinal(reference))
    lowered = [text.lower().replace("’", "'") for text in texts] if english else [""] * len(texts)
    return Attributes(
        mined=mined,
        aspects=by_row,
        opening=phrases.openings(texts, train),
        persona=phrases.personas(lowered, train),
        situation=phrases.situations(lowered, train, {a.word for a in mined} | set(forms), tokens),
        topic=topics.nearest(vectors, centres, texts),
        vectors=vectors,
        encoder=encoder,
        centres=centres,
    )


def _in_english(texts: Sequence[str]) -> bool:
    """Titles are too short to tell one by one, and not ten together."""
    together = (" ".join(texts[start : start + 10]) for start in range(0, len(texts), 10))
    return (language_of(texts) or language_of(list(together))) == "en"


def measured_target(reference: Reference, column: str, row: int, *, attributed: bool) -> TextTarget:
    """What was measured of one real text, as a target that it would meet.

    Args:
        attributed: With what it speaks of, too.
    """
    measured = reference.measures[column]
    level = float(measured.grade[row])
    target = TextTarget(int(measured.words[row]), None if math.isnan(level) else level, measured.style[row])
    if not attributed:
        return target
    found = attributes(reference, column)
    return replace(
        target,
        aspects=found.aspects[row],
        opening=found.opening[row],
        persona=found.persona[row],
        situation=found.situation[row],
        topic=int(found.topic[row]),
    )
