"""The most suspicious rows beside the real rows nearest to them, with the words they share.

Rows that copy most words, and rows whose text lies farthest from all real texts: a reader judges them
in a glance, which no score replaces.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher

import numpy as np
import numpy.typing as npt

from syngen.evaluation.metrics.spans import longest_spans, nearest_by_span
from syngen.evaluation.sample import EvalSample
from syngen.evaluation.synthetic import Synthetic
from syngen.types import Neighbour

EACH = 4  # rows of each kind
_SHORTEST_SPAN = 3  # words worth marking
_MOST_SPANS = 5
_LONGEST_TEXT = 1_200  # characters shown
_WORD = re.compile(r"\w+(?:['’-]\w+)*")


def neighbours(rows: Synthetic, sample: EvalSample) -> tuple[Neighbour, ...]:
    """Rows that copy most, then rows farthest from any real row, the worst first."""
    copied = _copied(sample)
    far = [row for row in _farthest(sample) if row not in {r for r, _, _ in copied}]
    found = [(row, real, f"{span} words in a row are the same") for row, real, span in copied]
    found += [(row, _nearest(sample, row), "least like any real row") for row in far]
    return tuple(_beside(rows, sample, row, real, why) for row, real, why in found)


def _copied(sample: EvalSample) -> list[tuple[int, int, int]]:
    """The rows with the longest spans shared with a real row: row, real row, words."""
    spans = longest_spans(sample)[sample.real :]
    nearest = nearest_by_span(sample)[sample.real :]
    order = np.argsort(-spans, kind="stable")[:EACH]
    return [
        (sample.real + int(i), int(nearest[i]), int(spans[i]))
        for i in order
        if spans[i] >= _SHORTEST_SPAN and nearest[i] >= 0
    ]


def _farthest(sample: EvalSample) -> list[int]:
    """The rows whose nearest real row is least like them."""
    if sample.encoder is None:
        return []
    written = np.array([bool(text) for text in sample.texts()[sample.real :]])
    likeness = np.where(written, _likeness(sample), np.inf)
    order = np.argsort(likeness, kind="stable")[:EACH]
    return [sample.real + int(i) for i in order if np.isfinite(likeness[i])]


def _likeness(sample: EvalSample) -> npt.NDArray[np.float32]:
    """Cosine of each synthetic row to the real row nearest to it, shape (synthetic rows,)."""
    vectors = sample.embedding
    real, synthetic = vectors[: sample.real], vectors[sample.real :]
    best = np.empty(len(synthetic), dtype=np.float32)
    for start in range(0, len(synthetic), 1024):
        best[start : start + 1024] = (synthetic[start : start + 1024] @ real.T).max(axis=1)
    return best


def _nearest(sample: EvalSample, row: int) -> int:
    vectors = sample.embedding
    return int((vectors[: sample.real] @ vectors[row]).argmax())


def _beside(rows: Synthetic, sample: EvalSample, row: int, real: int, why: str) -> Neighbour:
    texts = sample.texts()
    text, real_text = texts[row][:_LONGEST_TEXT], texts[real][:_LONGEST_TEXT]
    return Neighbour(
        row=rows.numbers[int(sample.synthetic_rows[row - sample.real])],
        text=text,
        real_row=int(sample.real_rows[real]) + 1,
        real_text=real_text,
        similarity=_similarity(sample, row, real),
        shared=_shared(text, real_text),
        why=why,
    )


def _similarity(sample: EvalSample, row: int, real: int) -> float:
    """Cosine of the embeddings; without an encoder the share of words in common (Jaccard)."""
    if sample.encoder is not None:
        return float(sample.embedding[row] @ sample.embedding[real])
    words, real_words = ({w.lower() for w in _WORD.findall(sample.texts()[i])} for i in (row, real))
    return len(words & real_words) / max(1, len(words | real_words))


def _shared(text: str, real_text: str) -> tuple[str, ...]:
    """Runs of words both have, longest first, as they stand in `text`."""
    places = list(_WORD.finditer(text))
    words = [place[0].lower() for place in places]
    real_words = [word.lower() for word in _WORD.findall(real_text)]
    blocks = SequenceMatcher(None, words, real_words, autojunk=False).get_matching_blocks()
    runs = sorted((b for b in blocks if b.size >= _SHORTEST_SPAN), key=lambda b: -b.size)[:_MOST_SPANS]
    return tuple(dict.fromkeys(text[places[b.a].start() : places[b.a + b.size - 1].end()] for b in runs))
