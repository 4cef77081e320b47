"""Scores of diversity: do the texts repeat themselves and each other more than real ones do?

All of these measures grow or shrink with the amount
of text, so each is taken of a fixed amount, the same for synthetic rows, for the real rows in their place
and for half of them: a budget of words, or a number of texts cut to one length. Only less diversity than
real is worse; more of it is another matter, which the scores of meaning see.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt

from syngen.evaluation.metrics.privacy import words_of
from syngen.evaluation.metrics.registry import main_text, metric
from syngen.evaluation.metrics.statistic import NotComputable, Statistic, mean_of
from syngen.evaluation.sample import Comparison, EvalSample, Index, kept
from syngen.text.ngrams import Mask
from syngen.text.overlap import near_duplicates

Counts = npt.NDArray[np.intp]

MOST_WORDS = 50_000  # of a budget
MOST_TEXTS = 1_000  # of a self-BLEU
MOST_CUT = 40  # words a text is cut to for it
BLEU = 4
_SPARE = 0.8  # share of a half that the budget takes: halves differ, and calls are not cut in two
_TOO_LITTLE = "there are too few words to tell"

_diverse = partial(metric, "diversity", columns=main_text, one_sample=True)


@_diverse(
    "lower",
    (0.0, math.inf),
    title="Compression ratio",
    source="size / size compressed with DEFLATE (Shaib et al. 2024), at a fixed number of words",
    matters=0.3,
)
def compression_ratio(sample: EvalSample, sides: Comparison, _column: str) -> Statistic:
    """How far the texts shrink when compressed together, at the same number of words.

    High means repetition.
    """
    words = words_of(sample)
    budget = _budget(sample, sides, words.counts)
    texts = _as_bytes(sample)

    def ratio(rows: Index, last: float) -> float:
        """Of whole texts but the last, of which a share counts."""
        pieces = [texts[row] for row in rows]
        pieces[-1] = pieces[-1][: math.ceil(last * len(pieces[-1]))]
        joined = b"\n".join(pieces)
        return len(joined) / len(zlib.compress(joined))

    return _in_blocks(sides.synthetic, words.counts, budget, ratio)


@_diverse(
    "higher",
    title="Distinct pairs of words",
    source="distinct-2 (Li et al. 2016), at a fixed number of words",
    matters=0.1,
)
def distinct_2(sample: EvalSample, sides: Comparison, _column: str) -> Statistic:
    """Different pairs of neighbouring words as a share of all pairs, at the same number of words.

    Low means repetition.
    """
    words = words_of(sample)
    pairs = np.maximum(words.counts - 1, 0)
    budget = _budget(sample, sides, pairs)

    def share(rows: Index, _: float) -> float:
        count = pairs[rows]
        first = np.repeat(words.starts[rows] - np.cumsum(count) + count, count)
        found = np.sort(words.numbers[2][(first + np.arange(len(first)))[:budget]])
        return float(1 + np.count_nonzero(np.diff(found))) / len(found)

    return _in_blocks(sides.synthetic, pairs, budget, share)


@_diverse(
    "lower",
    title="Self-BLEU",
    source="Self-BLEU-4 (Zhu et al. 2018) of up to 1,000 texts cut to one length",
    matters=0.1,
)
def self_bleu(sample: EvalSample, sides: Comparison, _column: str) -> Statistic:
    """How well the other texts predict each text, in runs of up to four words.

    High means repetition.
    """
    # Texts are cut to the same number of words, which three quarters of them have, and shorter ones are
    # left out: of longer texts a larger part is found in others.
    words = words_of(sample)
    if not words.counts.any():
        raise NotComputable(_TOO_LITTLE)
    halves = _halves(sample, words.counts)
    cut = min(MOST_CUT, *(int(np.quantile(counts[counts > 0], 0.25)) for counts in halves if counts.any()))
    if cut < BLEU:
        raise NotComputable(f"a quarter of the texts have fewer than {BLEU} words, which BLEU-{BLEU} needs")
    enough = min(float((counts >= cut).mean()) for counts in halves)
    size = max(2, min(MOST_TEXTS, int(_SPARE / 2 * enough * len(sides.synthetic))))
    long = words.counts[sides.synthetic] >= cut
    if long.sum() < 2:
        raise NotComputable(f"fewer than two synthetic texts have {cut} words")
    grams = _grams(sample, cut)

    def over(positions: Index) -> float:
        chosen = positions[long[positions]]
        chosen = chosen if len(chosen) > 1 else np.flatnonzero(long)
        blocks = [chosen[:size], chosen[size : 2 * size]] if len(chosen) >= 2 * size else [chosen[:size]]
        rows = [sides.synthetic[block] for block in blocks]
        return float(np.mean([bleu_of_each([of_size[r] for of_size in grams]).mean() for r in rows]))

    return over


@_diverse(
    "lower",
    title="Most common opening",
    source="share of the most common opening of four words",
    matters=0.05,
    share=True,
)
def top_opening_share(sample: EvalSample, sides: Comparison, _column: str) -> Statistic:
    """Share of texts that begin with the most common four words."""
    # The most common opening is found among all rows; a half of them only measures how common it is.
    words = words_of(sample)
    counts = words.counts[sides.synthetic]
    if not (counts >= 4).any():
        raise NotComputable("no synthetic row has a text of four words or more")
    starts = words.starts[sides.synthetic]
    opening = np.zeros(len(counts), np.int32)
    opening[counts >= 4] = words.numbers[4][starts[counts >= 4]]
    top = np.bincount(opening[opening > 0]).argmax()
    return mean_of(np.where(counts > 0, (opening == top).astype(float), np.nan), "a text")


@_diverse(
    "lower",
    title="Near-duplicates",
    source="share of rows with a Jaccard similarity >= .7 of 3-word shingles to another (Broder 1997)",
    matters=0.05,
    share=True,
)
def near_duplicate_share(sample: EvalSample, sides: Comparison, _column: str) -> Statistic:
    """Share of texts that say nearly word for word what another one says."""
    present = words_of(sample).counts[sides.synthetic] > 0
    found = duplicated(sample, sides.synthetic).astype(float)
    return mean_of(np.where(present, found, np.nan), "a text")


def duplicated(sample: EvalSample, rows: Index) -> Mask:
    """Which of these rows have a near duplicate among these rows, shape (rows,).

    Pairs are found once, among the real rows and among the synthetic rows; then only those with both rows
    among the given ones count. An absent text is like no other.
    """
    group, pairs = _duplicates(sample)
    counts = np.bincount(group[rows], minlength=int(group.max(initial=0)) + 1)
    found = counts > 1
    left, right = pairs.T
    found[left[counts[right] > 0]] = True
    found[right[counts[left] > 0]] = True
    return found[group[rows]] & (words_of(sample).counts[rows] > 0)


@kept
def _duplicates(sample: EvalSample) -> tuple[Index, Index]:
    is_real = np.arange(len(sample)) < sample.real
    return near_duplicates(words_of(sample), [is_real, ~is_real])


# ----------------------------------------------------------------------------------------- fixed amounts
def _halves(sample: EvalSample, counts: Counts) -> list[Counts]:
    """Counts of the real rows and of the synthetic rows of a sample; of one kind, where it has no others."""
    return [half for half in (counts[: sample.real], counts[sample.real :]) if len(half)]


def _budget(sample: EvalSample, sides: Comparison, counts: Counts) -> int:
    """The number of words that half of the rows hold, be they synthetic rows or real ones in their place."""
    least = min(float(half.mean()) for half in _halves(sample, counts))
    budget = min(MOST_WORDS, int(_SPARE / 2 * least * len(sides.synthetic)))
    if not budget:
        raise NotComputable(_TOO_LITTLE)
    return budget


def _in_blocks(
    rows: Index, counts: Counts, budget: int, measure: Callable[[Index, float], float]
) -> Statistic:
    """The mean of a measure over two blocks of rows that hold the budget; over one where two don't fill.

    Args:
        rows: Rows under test.
        counts: Words of each row of the sample.
        budget: Words in a block.
        measure: Of rows, of the last of which only a share counts.
    """
    held = counts[rows]
    if not held.any():
        raise NotComputable("no synthetic row has a text")

    def over(positions: Index) -> float:
        filled = positions[held[positions] > 0]
        filled = filled if len(filled) else np.flatnonzero(held)
        reached = np.cumsum(held[filled])
        values: list[float] = []
        first = 0
        for _ in range(2):
            before = int(reached[first - 1]) if first else 0
            last = int(np.searchsorted(reached, before + budget))  # the row in which the budget is full
            if last >= len(filled):
                if values:
                    break
                last, share = len(filled) - 1, 1.0
            else:
                share = 1 - (int(reached[last]) - before - budget) / int(held[filled[last]])
            values.append(measure(rows[filled[first : last + 1]], share))
            first = last + 1
        return sum(values) / len(values)

    return over


@kept
def _as_bytes(sample: EvalSample) -> list[bytes]:
    return [text.encode(errors="replace") for text in sample.texts()]


# -------------------------------------------------------------------------------------------- self-BLEU
@kept
def _grams(sample: EvalSample, cut: int) -> list[npt.NDArray[np.int32]]:
    """For runs of 1 to 4 words their numbers in each row's first words, shape (rows, cut - size + 1).

    Rows that are shorter hold anything.
    """
    words = words_of(sample)
    at = np.minimum(words.starts[:-1, None] + np.arange(cut), len(words.numbers[1]) - 1)
    single = words.numbers[1][at]
    grams = [single]
    for size in range(2, BLEU + 1):
        longer = grams[-1][:, :-1].astype(np.int64) * (int(single.max()) + 1) + single[:, size - 1 :]
        numbers = np.unique(longer, return_inverse=True)[1]
        grams.append(numbers.reshape(longer.shape).astype(np.int32))
    return grams


def bleu_of_each(grams: list[npt.NDArray[np.int32]]) -> npt.NDArray[np.float64]:
    """BLEU (Papineni et al. 2002) of each text, all the others being its references, shape (texts,).

    Uniform weights; a precision of nothing counts as .1 matches (Chen & Cherry 2014, method 1), as in the
    reference implementation of Zhu et al. All texts have the same length, so there is no brevity penalty.

    Args:
        grams: For each size of runs their numbers by text, shape (texts, runs), at least two texts.
    """
    matches = np.stack([_clipped(of_size) for of_size in grams])
    runs = np.array([[of_size.shape[1]] for of_size in grams])
    precisions = np.where(matches > 0, matches, 0.1) / runs
    some = matches[0] > 0  # without a word in common no smoothing makes a match
    return np.where(some, np.exp(np.log(precisions).mean(axis=0)), 0.0)


def _clipped(grams: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """Runs of each text that any other text has, each no more often than the one that has most of it."""
    texts = len(grams)
    keys = grams.astype(np.int64) * texts + np.arange(texts)[:, None]
    keys, counts = np.unique(keys, return_counts=True)
    runs, owners = np.divmod(keys, texts)
    starts = np.flatnonzero(np.concatenate([[True], runs[1:] != runs[:-1]]))
    sizes = np.diff(np.append(starts, len(runs)))
    most = np.repeat(np.maximum.reduceat(counts, starts), sizes)
    top = counts == most
    alone = np.repeat(np.add.reduceat(top.astype(np.int64), starts), sizes) == 1
    second = np.repeat(np.maximum.reduceat(np.where(top, 0, counts), starts), sizes)
    by_others = np.where(top & alone, second, most)
    return np.bincount(owners, np.minimum(counts, by_others), texts).astype(np.int64)
