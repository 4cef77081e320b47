"""The most suspicious rows, each with the real row nearest to it and the words they share.

Rows that copy most words, and rows whose text lies farthest from all real texts: a reader judges them
in a glance, which no score replaces.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher

import numpy as np

from syngen.evaluation.metrics.meaning import nearest
from syngen.evaluation.metrics.privacy import longest_spans, nearest_by_span
from syngen.evaluation.sample import EvalSample
from syngen.types import Neighbour

EACH = 4  # rows of each kind
_SHORTEST_SPAN = 3  # words worth marking
_MOST_SPANS = 5
_LONGEST_TEXT = 1_200  # characters shown
_WORD = re.compile(r"\w+(?:['’-]\w+)*")


def neighbours(sample: EvalSample) -> tuple[Neighbour, ...]:
    """Rows that copy most, then rows farthest from any real row, the worst first."""
    found = {row: _neighbour(sample, row, real, why) for row, real, why in _copied(sample)}
    for row in _farthest(sample):
        if row not in found:
            real = int((sample.embedding[: sample.real] @ sample.embedding[row]).argmax())
            found[row] = _neighbour(sample, row, real, "least like any real row")
    return tuple(found.values())


def _copied(sample: EvalSample) -> list[tuple[int, int, str]]:
    """The rows with the longest spans shared with a real row: row, real row and why they are shown."""
    spans, owners = longest_spans(sample), nearest_by_span(sample)
    order = sample.real + np.argsort(-spans[sample.real :], kind="stable")[:EACH]
    return [
        (row, int(owners[row]), f"{spans[row]} words in a row are the same")
        for row in order.tolist()
        if spans[row] >= _SHORTEST_SPAN and owners[row] >= 0
    ]


def _farthest(sample: EvalSample) -> list[int]:
    """The rows whose nearest real row is least like them."""
    if sample.encoder is None:
        return []
    written = np.array([bool(text) for text in sample.texts()[sample.real :]])
    cosines = nearest(sample.embedding[sample.real :], sample.embedding[: sample.real])
    likeness = np.where(written, cosines, np.inf)
    order = np.argsort(likeness, kind="stable")[:EACH]
    return [sample.real + int(i) for i in order if np.isfinite(likeness[i])]


def _neighbour(sample: EvalSample, row: int, real: int, why: str) -> Neighbour:
    text, real_text = sample.texts()[row], sample.texts()[real]
    if sample.encoder is not None:
        similarity = float(sample.embedding[row] @ sample.embedding[real])
    else:
        words, real_words = ({w.lower() for w in _WORD.findall(said)} for said in (text, real_text))
        similarity = len(words & real_words) / max(1, len(words | real_words))
    text, real_text = text[:_LONGEST_TEXT], real_text[:_LONGEST_TEXT]
    return Neighbour(
        row=sample.row_numbers[row],
        text=text,
        real_row=sample.row_numbers[real],
        real_text=real_text,
        similarity=similarity,
        shared=_shared(text, real_text),
        why=why,
    )


def _shared(text: str, real_text: str) -> tuple[str, ...]:
    """Runs of words both have, longest first, as they stand in `text`."""
    places = list(_WORD.finditer(text))
    words = [place[0].lower() for place in places]
    real_words = [word.lower() for word in _WORD.findall(real_text)]
    blocks = SequenceMatcher(None, words, real_words, autojunk=False).get_matching_blocks()
    runs = sorted((b for b in blocks if b.size >= _SHORTEST_SPAN), key=lambda b: -b.size)[:_MOST_SPANS]
    return tuple(dict.fromkeys(text[places[b.a].start() : places[b.a + b.size - 1].end()] for b in runs))
