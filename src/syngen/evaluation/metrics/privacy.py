"""Scores of privacy: how much of the real texts is in the rows under test.

Every row is compared with all other real rows of the pool. Real people also use each other's phrases: a real row
in the place of a synthetic one, compared with all real rows but itself, shows how much sharing is natural.
"""

from __future__ import annotations

from functools import lru_cache, partial

import numpy as np
import numpy.typing as npt

from syngen.evaluation.metrics.form import main_text
from syngen.evaluation.metrics.registry import NotComputableError, Statistic, metric
from syngen.evaluation.metrics.spans import LONGEST, copies, longest_spans, words_of
from syngen.evaluation.metrics.statistic import mean_of
from syngen.evaluation.sample import Comparison, EvalSample, Origins, kept
from syngen.text.ngrams import SHOWN_SPAN, SPAN, Hashes, Mask, ngrams, tokenised
from syngen.types import generator

_privacy = partial(metric, "privacy", "lower", columns=main_text, rowwise=True, one_sample=True)
_SPANS = "longest common run of words with another real row (Lee et al. 2022)"


@_privacy(
    (0.0, 1.0),
    title="Copied rows",
    source="share of texts with the words of another real row",
    matters=0.05,
    share=True,
)
def copied_rows(pool: EvalSample, sides: Comparison, _column: str) -> Statistic:
    """Share of texts that are those of a real row, whatever their case and punctuation."""
    return _mean(pool, sides, copies(pool) >= 0)


@_privacy(
    (0.0, float(LONGEST)),
    title="Longest shared span",
    source=_SPANS,
    matters=2.0,
)
def longest_shared_span(pool: EvalSample, sides: Comparison, _column: str) -> Statistic:
    """Words in the longest run that a text has in common with a real text, the mean over rows."""
    return _mean(pool, sides, longest_spans(pool))


@_privacy(
    (0.0, 1.0),
    title="Runs of 8 words shared",
    source="share of rows, " + _SPANS,
    matters=0.1,
    share=True,
)
def span8_share(pool: EvalSample, sides: Comparison, _column: str) -> Statistic:
    """Share of texts with 8 or more words in a row from a real text."""
    return _mean(pool, sides, longest_spans(pool) >= SHOWN_SPAN)


@_privacy(
    (0.0, 1.0),
    title="Runs of 12 words shared",
    source="share of rows, " + _SPANS,
    matters=0.05,
    share=True,
)
def span12_share(pool: EvalSample, sides: Comparison, _column: str) -> Statistic:
    """Share of texts with 12 or more words in a row from a real text."""
    return _mean(pool, sides, longest_spans(pool) >= SPAN)


@_privacy(
    (0.0, 1.0),
    title="Copies of shown rows",
    source="share of rows with eight words in a row from a real row shown in the same call",
    matters=0.05,
    share=True,
)
def copied_shown(pool: EvalSample, sides: Comparison, _column: str) -> Statistic:
    """Share of texts with eight or more words in a row from an example shown in the same call."""
    # A real row in the place of a synthetic one is compared with as many other real rows, drawn at random.
    if pool.origins is None:
        raise NotComputableError("which real rows were shown is known of runs only")
    if not any(pool.origins.shown_texts):
        raise NotComputableError("no call showed a real row")
    return _mean(pool, sides, copies_of_shown(pool, pool.origins))


@kept
def copies_of_shown(pool: EvalSample, origins: Origins) -> Mask:
    """Which rows have eight words in a row from a real row shown in their call, shape (rows,).

    For real rows from as many others, drawn at random, as were shown with some synthetic row.
    """
    words = words_of(pool)
    rng = generator(0, "shown with real rows")
    found = np.zeros(len(pool), np.bool_)
    possible = longest_spans(pool) >= SHOWN_SPAN  # of real rows; a text shown need not be in the pool
    for row in range(pool.real):
        size = len(origins.shown_texts[row % len(origins.shown_texts)]) if pool.real > 1 else 0
        others = rng.integers(0, max(1, pool.real - 1), size)
        if possible[row]:
            found[row] = _shares_any(words[row], words.ngram_set(others + (others >= row), SHOWN_SPAN))
    of_shown = lru_cache(maxsize=64)(lambda texts: tokenised(texts).ngram_set(range(len(texts)), SHOWN_SPAN))
    for row, texts in enumerate(origins.shown_texts, start=pool.real):
        found[row] = _shares_any(words[row], of_shown(texts))
    return found


def _mean(pool: EvalSample, sides: Comparison, measured: npt.NDArray[np.generic]) -> Statistic:
    """The mean over rows with a text."""
    values = np.where(words_of(pool).counts > 0, measured, np.nan)
    return mean_of(values[sides.synthetic], "a text")


def _shares_any(words: Hashes, others: frozenset[int]) -> bool:
    return not others.isdisjoint(ngrams(words, SHOWN_SPAN).tolist())
