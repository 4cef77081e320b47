"""Scores of privacy: how much of the real texts is in the rows under test.

Every row is compared with all other real rows of the sample. Real people also use each other's phrases: a real
row in the place of a synthetic one, compared with all real rows but itself, shows how much sharing is natural.
"""

from __future__ import annotations

from functools import lru_cache, partial

import numpy as np
import numpy.typing as npt

from syngen.evaluation.metrics.registry import main_text, metric
from syngen.evaluation.metrics.statistic import NotComputable, Statistic, mean_of
from syngen.evaluation.sample import Comparison, EvalSample, Index, kept
from syngen.text.ngrams import SHOWN_SPAN, SPAN, Ids, Mask, Texts, ngrams, tokenised
from syngen.text.overlap import LONGEST, identical, longest_shared
from syngen.types import generator

MOST_WORDS = 10_000_000  # of all rows, 1 GB while they are numbered; of more, each text's first words count

_privacy = partial(metric, "privacy", "lower", columns=main_text, rowwise=True, one_sample=True)
_shared = partial(
    _privacy, source="share of rows, longest common run of words with another real row (Lee et al. 2022)"
)


# ------------------------------------------------------------------------- words that rows share
@kept
def words_of(sample: EvalSample) -> Texts:
    """The words of the main texts."""
    return tokenised(sample.texts(), MOST_WORDS)


@kept
def _longest(sample: EvalSample) -> tuple[Ids, Index]:
    return longest_shared(words_of(sample), sample.real)


def longest_spans(sample: EvalSample) -> Ids:
    """Words in the longest run each row shares with another real row, at most 64, shape (rows,)."""
    return _longest(sample)[0]


def nearest_by_span(sample: EvalSample) -> Index:
    """The other real row each row shares its longest run with, -1 where it shares no word, shape (rows,)."""
    copied = copies(sample)
    return np.where(copied >= 0, copied, _longest(sample)[1])


@kept
def copies(sample: EvalSample) -> Index:
    """The first other real row with the very same words, -1 where there is none, shape (rows,)."""
    return identical(words_of(sample).plain, sample.real)


@kept
def copies_of_shown(sample: EvalSample) -> Mask:
    """Which rows have eight words in a row from a real row shown in their call, shape (rows,).

    For real rows from as many others, drawn at random, as were shown with some synthetic row.
    """
    if sample.origins is None:
        raise NotComputable("which real rows were shown is known of runs only")
    shown = [tuple(texts) for texts in sample.origins["shown_texts"].to_list()]
    if not any(shown):
        raise NotComputable("no call showed a real row")
    words = words_of(sample)
    rng = generator(0, "shown with real rows")
    found = np.zeros(len(sample), np.bool_)
    possible = longest_spans(sample) >= SHOWN_SPAN  # of real rows; a text shown need not be in the sample
    for row in range(sample.real):
        size = len(shown[row % len(shown)]) if sample.real > 1 else 0
        others = rng.integers(0, max(1, sample.real - 1), size)
        if possible[row]:
            spans = words.ngram_set(others + (others >= row), SHOWN_SPAN)
            found[row] = not spans.isdisjoint(ngrams(words[row], SHOWN_SPAN).tolist())
    of_shown = lru_cache(maxsize=64)(lambda texts: tokenised(texts).ngram_set(range(len(texts)), SHOWN_SPAN))
    for row, texts in enumerate(shown, start=sample.real):
        found[row] = not of_shown(texts).isdisjoint(ngrams(words[row], SHOWN_SPAN).tolist())
    return found


# ------------------------------------------------------------------------------------------ scores
def _mean(sample: EvalSample, sides: Comparison, measured: npt.NDArray[np.generic]) -> Statistic:
    """The mean over rows with a text."""
    values = np.where(words_of(sample).counts > 0, measured, np.nan)
    return mean_of(values[sides.synthetic], "a text")


@_privacy(
    title="Copied rows",
    source="share of texts with the words of another real row",
    matters=0.05,
    share=True,
)
def copied_rows(sample: EvalSample, sides: Comparison, _column: str) -> Statistic:
    """Share of texts that are those of a real row, whatever their case and punctuation."""
    return _mean(sample, sides, copies(sample) >= 0)


@_privacy(
    (0.0, float(LONGEST)),
    title="Longest shared span",
    source="longest common run of words with another real row (Lee et al. 2022)",
    matters=2.0,
)
def longest_shared_span(sample: EvalSample, sides: Comparison, _column: str) -> Statistic:
    """Words in the longest run that a text has in common with a real text, the mean over rows."""
    return _mean(sample, sides, longest_spans(sample))


@_shared(title="Runs of 8 words shared", matters=0.1, share=True)
def span8_share(sample: EvalSample, sides: Comparison, _column: str) -> Statistic:
    """Share of texts with 8 or more words in a row from a real text."""
    return _mean(sample, sides, longest_spans(sample) >= SHOWN_SPAN)


@_shared(title="Runs of 12 words shared", matters=0.05, share=True)
def span12_share(sample: EvalSample, sides: Comparison, _column: str) -> Statistic:
    """Share of texts with 12 or more words in a row from a real text."""
    return _mean(sample, sides, longest_spans(sample) >= SPAN)


@_privacy(
    title="Copies of shown rows",
    source="share of rows with eight words in a row from a real row shown in the same call",
    matters=0.05,
    share=True,
)
def copied_shown(sample: EvalSample, sides: Comparison, _column: str) -> Statistic:
    """Share of texts with eight or more words in a row from an example shown in the same call."""
    # A real row in the place of a synthetic one is compared with as many other real rows, drawn at random.
    return _mean(sample, sides, copies_of_shown(sample))
