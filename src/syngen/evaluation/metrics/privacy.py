"""Scores of privacy: how much of real rows' texts stands in the rows under test?

A pool and two sides come in, a statistic goes out. Every row is compared with all other real rows of the
pool. Real people also use each other's phrases, so that a real row in the place of a synthetic one,
compared with all real rows but itself, shows how much sharing is natural.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from syngen.evaluation.metrics.form import main_text
from syngen.evaluation.metrics.registry import NotComputable, Statistic, metric
from syngen.evaluation.metrics.spans import LONGEST, Words, copies, longest_spans, words_of
from syngen.evaluation.metrics.statistic import lacking, mean_of
from syngen.evaluation.sample import Comparison, EvalSample, Index, Origins
from syngen.text.words import normalised
from syngen.types import generator

Hashes = npt.NDArray[np.uint64]


COPIED = 8  # words in a row
_MULTIPLIER = 0x9E3779B97F4A7C15  # odd, so that multiplying loses nothing (Knuth's golden ratio)
_AT_ONCE = 2_000  # rows looked at in one go
_SPANS = "longest common run of words with another real row (Lee et al. 2022)"


@metric(
    "privacy",
    "lower",
    (0.0, 1.0),
    title="Copied rows",
    source="share of texts with the words of another real row",
    matters=0.05,
    columns=main_text,
    rowwise=True,
    one_sample=True,
    share=True,
)
def copied_rows(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """Share of texts that are those of a real row, whatever their case and punctuation."""
    return _mean(pool, sides, column, lambda: copies(pool) >= 0)


@metric(
    "privacy",
    "lower",
    (0.0, float(LONGEST)),
    title="Longest shared span",
    source=_SPANS,
    matters=2.0,
    columns=main_text,
    rowwise=True,
    one_sample=True,
)
def longest_shared_span(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """Words in the longest run that a text has in common with a real text, the mean over rows."""
    return _mean(pool, sides, column, lambda: longest_spans(pool))


@metric(
    "privacy",
    "lower",
    (0.0, 1.0),
    title="Runs of 8 words shared",
    source="share of rows, " + _SPANS,
    matters=0.1,
    columns=main_text,
    rowwise=True,
    one_sample=True,
    share=True,
)
def span8_share(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """Share of texts with 8 or more words in a row from a real text."""
    return _mean(pool, sides, column, lambda: longest_spans(pool) >= 8)


@metric(
    "privacy",
    "lower",
    (0.0, 1.0),
    title="Runs of 12 words shared",
    source="share of rows, " + _SPANS,
    matters=0.05,
    columns=main_text,
    rowwise=True,
    one_sample=True,
    share=True,
)
def span12_share(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """Share of texts with 12 or more words in a row from a real text."""
    return _mean(pool, sides, column, lambda: longest_spans(pool) >= 12)


@metric(
    "privacy",
    "lower",
    (0.0, 1.0),
    title="Copies of shown rows",
    source="share of rows with eight words in a row from a real row shown in the same call",
    matters=0.05,
    columns=main_text,
    rowwise=True,
    one_sample=True,
    share=True,
)
def copied_shown(pool: EvalSample, sides: Comparison, column: str) -> Statistic | NotComputable:
    """Share of texts with eight or more words in a row from an example shown in the same call."""
    # A real row in the place of a synthetic one is compared with as many other real rows, drawn at random.
    if pool.origins is None:
        return NotComputable("which real rows were shown is known of runs only")
    if not any(pool.origins.shown_texts):
        return NotComputable("no call showed a real row")
    origins = pool.origins
    return _mean(pool, sides, column, lambda: copies_of_shown(pool, origins))


def copies_of_shown(pool: EvalSample, origins: Origins) -> npt.NDArray[np.bool_]:
    """Which rows have eight words in a row from a real row shown in their call, shape (rows,).

    For real rows from as many others, drawn at random, as were shown with some synthetic row.
    """
    return pool.once("copies of shown rows", lambda: _copies_of_shown(pool, origins))


def _mean(
    pool: EvalSample, sides: Comparison, column: str, measure: Callable[[], npt.NDArray[np.generic]]
) -> Statistic | NotComputable:
    """The mean over rows with a text."""
    if why := lacking(pool, column):
        return why
    present = words_of(pool).counts > 0
    return mean_of(np.where(present, measure(), np.nan)[sides.synthetic], "a text")


def _copies_of_shown(pool: EvalSample, origins: Origins) -> npt.NDArray[np.bool_]:
    words = words_of(pool)
    texts = sorted({text for shown in origins.shown_texts for text in shown})
    place = {text: len(words.counts) + i for i, text in enumerate(texts)}
    hashes, starts = _runs(words, texts)
    rng = generator(0, "shown with real rows")
    shown: list[list[int]] = []
    for row in range(pool.real):
        size = len(origins.shown_texts[row % len(origins.shown_texts)]) if pool.real > 1 else 0
        others = rng.integers(0, max(1, pool.real - 1), size)
        shown.append((others + (others >= row)).tolist())
    shown += [[place[text] for text in given] for given in origins.shown_texts]
    possible = longest_spans(pool) >= COPIED  # of real rows; a text shown need not be in the pool
    possible[pool.real :] = True
    rows = np.flatnonzero(possible)
    found = np.zeros(len(pool), np.bool_)
    for at in range(0, len(rows), _AT_ONCE):
        some = rows[at : at + _AT_ONCE]
        found[some] = _any_shared(hashes, starts, some, [shown[row] for row in some])
    return found


def _runs(words: Words, texts: Sequence[str]) -> tuple[Hashes, Index]:
    """Hashes of the runs of eight words of all rows and then of some more texts, and where each begins.

    A polynomial modulo 2^64 over the numbers of the words; those no row has are all numbered alike,
    because no run with such a word can be found in a row.
    """
    unknown = len(words.vocabulary) + 1
    more = [[words.vocabulary.get(word, unknown) for word in normalised(text).split()] for text in texts]
    single = np.concatenate([words.runs[1], *(np.array(m, np.int32) for m in more)]).astype(np.uint64)
    counts = np.concatenate([words.counts, np.array([len(m) for m in more], np.intp)])
    ends = np.cumsum(counts)
    size = max(0, len(single) - COPIED + 1)
    total = np.zeros(size, np.uint64)
    for i in range(COPIED):
        total = total * np.uint64(_MULTIPLIER) + single[i : size + i]
    left = np.repeat(ends, counts)[:size] - np.arange(size)
    hashes = total[left >= COPIED]
    runs = np.maximum(counts - COPIED + 1, 0)
    return hashes, np.concatenate([[0], np.cumsum(runs)])


def _any_shared(
    hashes: Hashes, starts: Index, rows: Index, others: Sequence[Sequence[int]]
) -> npt.NDArray[np.bool_]:
    """Which rows have a hash in common with any of the others given for each, shape (rows,)."""
    pairs = np.repeat(np.arange(len(rows)), [len(o) for o in others])
    theirs = np.array([other for o in others for other in o], dtype=np.intp)
    own, label = _gathered(hashes, starts, rows)
    held, owner = _gathered(hashes, starts, theirs)
    salt = np.uint64(_MULTIPLIER)  # tells the same run for one row from that for another
    wanted = own ^ (label.astype(np.uint64) * salt)
    there = np.sort(held ^ (pairs[owner].astype(np.uint64) * salt))
    if not len(there):
        return np.zeros(len(rows), np.bool_)
    common = there[np.minimum(np.searchsorted(there, wanted), len(there) - 1)] == wanted
    return np.bincount(label, common, len(rows)) > 0


def _gathered(hashes: Hashes, starts: Index, rows: Index) -> tuple[Hashes, Index]:
    """The hashes of some rows one after the other, and of which of them each is."""
    counts = starts[rows + 1] - starts[rows]
    label = np.repeat(np.arange(len(rows)), counts)
    offset = np.repeat(starts[rows] - np.cumsum(counts) + counts, counts)
    return hashes[offset + np.arange(len(label))], label
