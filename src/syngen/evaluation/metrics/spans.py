"""Compare the main texts of a pool by their words, once for all scores."""

from __future__ import annotations

import numpy as np

from syngen.evaluation.sample import EvalSample, Index, kept
from syngen.text.ngrams import Ids, Mask, Texts, tokenised
from syngen.text.overlap import LONGEST, identical, longest_shared, near_duplicates

__all__ = ["LONGEST", "copies", "duplicated", "longest_spans", "nearest_by_span", "words_of"]

MOST_WORDS = 10_000_000  # of all rows, 1 GB while they are numbered; of more, each text's first words count


@kept
def words_of(pool: EvalSample) -> Texts:
    """The words of a pool's main texts."""
    return tokenised(pool.texts(), MOST_WORDS)


@kept
def _longest(pool: EvalSample) -> tuple[Ids, Index]:
    return longest_shared(words_of(pool), pool.real)


def longest_spans(pool: EvalSample) -> Ids:
    """Words in the longest run each row shares with another real row, at most 64, shape (rows,)."""
    return _longest(pool)[0]


def nearest_by_span(pool: EvalSample) -> Index:
    """The other real row each row shares its longest run with, -1 where it shares no word, shape (rows,)."""
    copied = copies(pool)
    return np.where(copied >= 0, copied, _longest(pool)[1])


@kept
def copies(pool: EvalSample) -> Index:
    """The first other real row with the very same words, -1 where there is none, shape (rows,)."""
    return identical(words_of(pool).plain, pool.real)


def duplicated(pool: EvalSample, rows: Index) -> Mask:
    """Which of these rows have a near duplicate among these rows, shape (rows,).

    Pairs are found once, among the real rows and among the synthetic rows; then only those with both rows
    among the given ones count. An absent text is like no other.
    """
    is_real = np.arange(len(pool)) < pool.real
    group, pairs = pool.once("near duplicates", lambda: near_duplicates(words_of(pool), [is_real, ~is_real]))
    counts = np.bincount(group[rows], minlength=int(group.max(initial=0)) + 1)
    found = counts > 1
    left, right = pairs.T
    found[left[counts[right] > 0]] = True
    found[right[counts[left] > 0]] = True
    return found[group[rows]] & (words_of(pool).counts[rows] > 0)
