"""Rows whose main texts are nearly the same: sets of shingles come in, similar pairs of sets go out.

Shingles are runs of three words. Two texts whose Jaccard similarity is .7 or more share a shingle among
the rarest of each (prefix filtering, Chaudhuri et al. 2006), so only texts that do are compared. Pairs
are found once in a pool, among its real rows and among its synthetic rows; a comparison then only
counts those with both rows on its side.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from syngen.evaluation.metrics.spans import Words, ranks, words_of
from syngen.evaluation.sample import EvalSample, Index

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


SIMILAR = 7  # tenths: the Jaccard similarity of near duplicates; whole numbers, so that .7 itself counts
SHINGLE = 3  # words
NEIGHBOURS = 8  # of those that share a rare shingle, each text is compared with so many
_AT_ONCE = 50_000  # pairs compared in one go


@dataclass(frozen=True, slots=True, eq=False)
class Alike:
    """Which rows of a pool are alike.

    Attributes:
        group: Rows of one group have the same shingles, shape (rows,).
        pairs: Pairs of groups that are near duplicates, shape (pairs, 2).
        groups: How many groups there are.
    """

    group: Index
    pairs: Index
    groups: int


def duplicated(pool: EvalSample, rows: Index) -> npt.NDArray[np.bool_]:
    """Which of these rows have a near duplicate among these rows, shape (rows,).

    Of a text without three words the only shingle is the text itself; an absent text is like no other.
    """
    alike = pool.once("near duplicates", lambda: _alike(words_of(pool), pool.real))
    counts = np.bincount(alike.group[rows], minlength=alike.groups)
    found = counts > 1
    left, right = alike.pairs.T
    found[left[counts[right] > 0]] = True
    found[right[counts[left] > 0]] = True
    return found[alike.group[rows]] & (words_of(pool).counts[rows] > 0)


def _alike(words: Words, real: int) -> Alike:
    sets = _shingles(words)
    group, first = _groups(sets)
    is_real = np.arange(sets.shape[0]) < real
    pairs = [_similar(sets, np.unique(first[group[side]])) for side in (is_real, ~is_real)]
    return Alike(group, group[np.concatenate(pairs)], len(first))


def _shingles(words: Words) -> csr_matrix:
    """The distinct shingles of each row, the rarest numbered first, as a matrix of zeros and ones."""
    from scipy.sparse import csr_matrix

    starts = words.whole(SHINGLE)
    owner = np.searchsorted(words.starts, starts, side="right") - 1
    of_two = words.runs[2].astype(np.int64)
    keys = of_two[starts] * (int(of_two.max(initial=0)) + 1) + of_two[starts + 1]
    short = np.flatnonzero((words.counts > 0) & (words.counts < SHINGLE))
    keys = np.concatenate([keys, -words.runs[2][words.starts[short]].astype(np.int64)])
    owner = np.concatenate([owner, short])
    numbers = ranks(keys)
    rows = len(words.counts)
    both = np.sort(owner * (len(keys) + 1) + numbers)
    once = np.concatenate([[True], both[1:] != both[:-1]])[: len(both)]
    owner, numbers = np.divmod(both[once], len(keys) + 1)
    often = np.bincount(numbers)
    rank = np.empty(len(often), np.int64)
    rank[np.argsort(often, kind="stable")] = np.arange(len(often))
    matrix = csr_matrix(
        (np.ones(len(owner), np.int32), (owner, rank[numbers])), shape=(rows, max(1, len(often)))
    )
    matrix.sort_indices()
    return matrix


def _groups(sets: csr_matrix) -> tuple[Index, Index]:
    """A number for each row, equal for equal sets, and the first row of each number."""
    bounds = sets.indptr
    of_set = [sets.indices[a:b].tobytes() for a, b in pairwise(bounds.tolist())]
    number: dict[bytes, int] = {}
    group = np.array([number.setdefault(held, len(number)) for held in of_set], dtype=np.intp)
    return group, np.unique(group, return_index=True)[1]


def _similar(sets: csr_matrix, rows: Index) -> Index:
    """Pairs of rows whose sets are similar, shape (pairs, 2)."""
    size = np.diff(sets.indptr)
    candidates = _candidates(sets, rows, size)
    kept = []
    for at in range(0, len(candidates), _AT_ONCE):
        left, right = candidates[at : at + _AT_ONCE].T
        shared = np.asarray(sets[left].multiply(sets[right]).sum(axis=1)).ravel()
        kept.append(
            candidates[at : at + _AT_ONCE][10 * shared >= SIMILAR * (size[left] + size[right] - shared)]
        )
    return np.concatenate([np.empty((0, 2), np.intp), *kept])


def _candidates(sets: csr_matrix, rows: Index, size: Index) -> Index:
    """Pairs of rows that share one of their rarest shingles and are of about the same size.

    Each row is paired with the next few of those that share the shingle, in order of size: where very many
    texts are made from one template, a few others of them tell as much as all.
    """
    rows = rows[size[rows] > 0]
    rows = rows[np.argsort(size[rows], kind="stable")]
    rarest = size[rows] * (10 - SIMILAR) // 10 + 1  # so many cannot all be missing in a similar set
    begin = np.repeat(sets.indptr[rows] - np.cumsum(rarest) + rarest, rarest)
    shingle = sets.indices[begin + np.arange(len(begin))]
    order = np.argsort(shingle, kind="stable")
    shingle, owner = shingle[order], np.repeat(rows, rarest)[order]
    found = [np.empty((0, 2), np.intp)]
    for step in range(1, NEIGHBOURS + 1):
        at = np.flatnonzero(shingle[step:] == shingle[:-step])
        left, right = owner[at], owner[at + step]
        near = 10 * size[left] >= SIMILAR * size[right]
        found.append(np.stack([left[near], right[near]], axis=1))
    pairs = np.concatenate(found)
    keys = np.unique(pairs[:, 0] * sets.shape[0] + pairs[:, 1])
    return np.stack(np.divmod(keys, sets.shape[0]), axis=1)
