"""Compare texts with each other: equal words, longest shared runs of words, near duplicates."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from syngen.text.ngrams import (
    COPY,
    FEWEST_NGRAMS,
    NGRAM,
    Hashes,
    Ids,
    Index,
    Mask,
    NgramCounts,
    Texts,
    extended,
)

LONGEST = 64  # words; a longer shared run counts as this
SIMILAR = 7  # tenths: the Jaccard similarity of near duplicates; whole numbers, so that .7 itself counts
SHINGLE = 3  # words of the n-grams of which it is the similarity
NEIGHBOURS = 8  # of the texts that share a rare shingle, each is compared with this many
FEWEST_WORDS = 12  # of a text that can be nearly another
_AT_ONCE = 50_000
_ROWS_AT_ONCE = 64


def identical(plain: Sequence[str], real: int) -> Index:
    """Find for each text the first other real text with the same words, -1 where there is none, shape (texts,).

    Args:
        plain: The texts as `syngen.text.ngrams.plain` returns them, the real ones first.
        real: How many of them are real.
    """
    rows: dict[str, list[int]] = {"": []}
    for row, text in enumerate(plain[:real]):
        if text:
            rows.setdefault(text, []).append(row)
    others = (next((o for o in rows.get(text, ()) if o != row), -1) for row, text in enumerate(plain))
    return np.fromiter(others, np.intp, len(plain))


def longest_shared(texts: Texts, real: int) -> tuple[Ids, Index]:
    """Find the longest run of words that each text shares with another real text.

    Args:
        texts: The real texts first.
        real: How many of them are real.

    Returns:
        Words of the run, at most 64, and the first such real text, -1 where no word is shared; both of shape
        (texts,).
    """
    spans = np.zeros(len(texts), np.int32)
    nearest = np.full(len(texts), -1, np.intp)
    owner = np.repeat(np.arange(len(texts)), texts.counts)
    end = np.repeat(texts.starts[1:], texts.counts)
    place = np.arange(len(texts.words))  # where n-grams begin that may be shared
    hashes = texts.words
    for size in range(1, LONGEST + 1):
        _, first, group = np.unique(hashes, return_index=True, return_inverse=True)
        rows = owner[place]
        other = _other_real(rows, first, group, real)
        shared = other >= 0
        spans[rows[shared]] = size
        nearest[rows[shared][::-1]] = other[shared][::-1]  # of several places the first counts
        kept = (np.bincount(group, shared) > 0)[group] & (place + size < end[place])
        place = place[kept]
        if not len(place):
            break
        hashes = extended(hashes[kept], texts.words[place + size])
    return spans, nearest


def _other_real(rows: Index, first: Index, group: Index, real: int) -> Index:
    """For each place the first other real text with the same n-gram, -1 where there is none, shape (places,).

    Args:
        rows: The text of each place, ascending, shape (places,).
        first: The first place of each n-gram, shape (n-grams,).
        group: The n-gram of each place, shape (places,).
    """
    last = np.full(len(first), -1)
    last[group[rows < real]] = rows[rows < real]  # the last one assigned stays
    lowest = rows[first][group]
    other = np.where(lowest != rows, lowest, last[group])
    return np.where((other != rows) & (other < real), other, -1)


# --------------------------------------------------------------------------------- near duplicates
def nearest_earlier(texts: Texts, stock: NgramCounts, common: int) -> dict[int, int]:
    """Find the texts of which half the n-grams are in one earlier text.

    Args:
        texts: Those compared with each other.
        stock: Counts of n-grams among real texts.
        common: Real texts that make an n-gram a stock phrase, which is left out.

    Returns:
        By position of such a text, the position of the earlier text most like it. The very same text and
        texts of fewer than twelve words are left out.
    """
    hashes, owners = texts.ngrams(NGRAM)
    own = stock.of(hashes) < common
    sets = _sets(hashes[own], owners[own], len(texts))
    size = np.diff(sets.indptr)
    owner = np.repeat(np.arange(len(texts)), size)
    first = np.full(sets.shape[1], len(texts))
    np.minimum.at(first, sets.indices, owner)
    again = np.bincount(owner[first[sets.indices] < owner], minlength=len(texts))
    likely = np.flatnonzero(
        (again >= COPY * size) & (again >= FEWEST_NGRAMS) & (texts.counts >= FEWEST_WORDS)
    )
    nearest: dict[int, int] = {}
    for start in range(0, len(likely), _ROWS_AT_ONCE):
        rows = likely[start : start + _ROWS_AT_ONCE]
        shared = (sets[rows] @ sets.T).toarray()
        shared[np.arange(len(texts)) >= rows[:, None]] = 0
        partners = shared.argmax(axis=1)
        enough = shared.max(axis=1) >= COPY * size[rows]
        nearest |= dict(zip(rows[enough].tolist(), partners[enough].tolist(), strict=True))
    return {row: other for row, other in nearest.items() if texts.plain[row] != texts.plain[other]}


def near_duplicates(texts: Texts, sides: Sequence[Mask]) -> tuple[Index, Index]:
    """Find near duplicates: texts of which the sets of 3-word shingles have a Jaccard similarity of .7.

    Two such texts share a shingle among the rarest of each (prefix filtering, Chaudhuri et al. 2006), so
    only texts that do are compared. Of a text without three words the only shingle is the text itself.

    Args:
        sides: Texts compared with each other, each of shape (texts,).

    Returns:
        The number of a group for each text, equal for equal sets, shape (texts,); and the pairs of groups
        that are near duplicates, shape (pairs, 2).
    """
    hashes, owners = texts.ngrams(SHINGLE)
    short = np.flatnonzero((texts.counts > 0) & (texts.counts < SHINGLE))
    whole = texts.numbers[2][texts.starts[short]].astype(np.uint64)
    sets = _sets(np.concatenate([hashes, whole]), np.concatenate([owners, short]), len(texts))
    number: dict[bytes, int] = {}
    of_set = (sets.indices[a:b].tobytes() for a, b in pairwise(sets.indptr.tolist()))
    group = np.array([number.setdefault(held, len(number)) for held in of_set], dtype=np.intp)
    first = np.unique(group, return_index=True)[1]
    pairs = [_similar(sets, np.unique(first[group[side]])) for side in sides]
    return group, group[np.concatenate(pairs)]


def _sets(hashes: Hashes, owners: Index, texts: int) -> Any:
    """The distinct n-grams of each text as a sparse matrix of ones, the rarest n-gram first."""
    from scipy.sparse import csr_matrix

    distinct, columns = np.unique(hashes, return_inverse=True)
    shape = (texts, max(1, len(distinct)))
    sets = csr_matrix((np.ones(len(owners), np.int32), (owners, columns)), shape=shape)
    sets.data[:] = 1
    often = np.bincount(sets.indices, minlength=shape[1])
    sets = sets[:, np.argsort(often, kind="stable")]
    sets.sort_indices()
    return sets


def _similar(sets: Any, rows: Index) -> Index:
    """Pairs of rows whose sets are similar, shape (pairs, 2)."""
    size = np.diff(sets.indptr)
    candidates = _candidates(sets, rows, size)
    kept = [np.empty((0, 2), np.intp)]
    for at in range(0, len(candidates), _AT_ONCE):
        pairs = candidates[at : at + _AT_ONCE]
        left, right = pairs.T
        shared = np.asarray(sets[left].multiply(sets[right]).sum(axis=1)).ravel()
        kept.append(pairs[10 * shared >= SIMILAR * (size[left] + size[right] - shared)])
    return np.concatenate(kept)


def _candidates(sets: Any, rows: Index, size: Index) -> Index:
    """Pairs of rows that share one of their rarest shingles and are of about the same size.

    Each row is paired with the next few of those that share the shingle, in order of size: where very many
    texts are made from one template, a few others show as much as all.
    """
    rows = rows[size[rows] > 0]
    rows = rows[np.argsort(size[rows], kind="stable")]
    rarest = size[rows] * (10 - SIMILAR) // 10 + 1  # these can't all be missing in a similar set
    begin = np.repeat(sets.indptr[rows] - np.cumsum(rarest) + rarest, rarest)
    shingle = sets.indices[begin + np.arange(len(begin))]
    order = np.argsort(shingle, kind="stable")
    shingle, owner = shingle[order], np.repeat(rows, rarest)[order]
    near = [np.empty((0, 2), np.intp)]
    for step in range(1, NEIGHBOURS + 1):
        at = np.flatnonzero(shingle[step:] == shingle[:-step])
        left, right = owner[at], owner[at + step]
        close = 10 * size[left] >= SIMILAR * size[right]
        near.append(np.stack([left[close], right[close]], axis=1))
    pairs = np.concatenate(near)
    keys = np.unique(pairs[:, 0] * sets.shape[0] + pairs[:, 1])
    return np.stack(np.divmod(keys, sets.shape[0]), axis=1)
