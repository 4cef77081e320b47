"""Words as numbers, runs of words as numbers, and the longest run that a row shares with a real row.

The main texts of a pool come in. Every word becomes a number, and so does every run of 2, 4, 8, … words:
equal runs, equal numbers, in alphabetical order of the words' numbers (prefix doubling, Manber & Myers
1993). Sorting by the longest runs puts the texts that share most side by side, so that the longest
shared run is found by looking at the two neighbours, without comparing all rows with all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from syngen.evaluation.sample import EvalSample, Index
from syngen.text.words import normalised

Ids = npt.NDArray[np.int32]
Spans = npt.NDArray[np.int32]


LONGEST = 64  # words; a longer shared run counts as this
MOST_WORDS = 10_000_000  # of all rows; of more, each text is compared by its first words alone
_AT_ONCE = 500_000  # places compared in one go
_SIZES = (1, 2, 4, 8, 16, 32, 64)  # words in the runs that are numbered


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The words of all main texts, in lower case, one text after the other.

    Of more than ten million words (1 GB while they are numbered) only the first of each text are held.

    Attributes:
        plain: The texts as `syngen.text.words.normalised` gives them, in full.
        starts: Where each row begins; one more at the end, shape (rows + 1,).
        runs: By size, the number of the run of so many words that begins at each word, from 1; a run
            that would leave its row is numbered with what it holds, shape (words,).
        vocabulary: Number of each word, from 1.
    """

    plain: list[str]
    starts: Index
    runs: dict[int, Ids]
    vocabulary: dict[str, int]

    @property
    def counts(self) -> Index:
        """Words of each row, shape (rows,)."""
        return self.starts[1:] - self.starts[:-1]

    def whole(self, size: int) -> Index:
        """Where whole runs of so many words begin, in the order of the rows."""
        left = np.repeat(self.starts[1:], self.counts) - np.arange(self.starts[-1])
        return np.flatnonzero(left >= size)


def words_of(pool: EvalSample) -> Words:
    """The words of a pool's main texts, made once."""
    return pool.once("words of the main texts", lambda: _words(pool.texts()))


def longest_spans(pool: EvalSample) -> Spans:
    """Words in the longest run each row shares with another real row, at most 64, shape (rows,)."""
    return pool.once("longest spans", lambda: _longest(words_of(pool), pool.real))[0]


def nearest_by_span(pool: EvalSample) -> Index:
    """The other real row each row shares its longest run with, -1 where it shares no word, shape (rows,)."""
    near = pool.once("longest spans", lambda: _longest(words_of(pool), pool.real))[1]
    copied = copies(pool)
    return np.where(copied >= 0, copied, near)


def copies(pool: EvalSample) -> Index:
    """The first other real row with the very same words, -1 where there is none, shape (rows,)."""
    return pool.once("copies", lambda: _copies(words_of(pool).plain, pool.real))


def _words(texts: list[str]) -> Words:
    plain = [normalised(text) for text in texts]
    vocabulary: dict[str, int] = {}
    number = vocabulary.setdefault
    most = (
        MOST_WORDS // max(1, len(plain)) if sum(text.count(" ") + 1 for text in plain) > MOST_WORDS else None
    )
    rows = [[number(word, len(vocabulary) + 1) for word in text.split()[:most]] for text in plain]
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.intp)
    single = np.fromiter((n for row in rows for n in row), np.int32, int(starts[-1]))
    return Words(plain, starts, _numbered(single, starts), vocabulary)


def _numbered(single: Ids, starts: Index) -> dict[int, Ids]:
    """Numbers of runs by size: a run of 2n words is the pair of its halves."""
    ends = np.repeat(starts[1:], np.diff(starts))
    runs = {1: single}
    for size in _SIZES[:-1]:
        half = runs[size].astype(np.int64)
        follows = np.zeros_like(half)
        follows[:-size] = half[size:]
        follows[np.arange(len(half)) + size >= ends] = 0  # nothing follows within the row
        runs[2 * size] = ranks(half * (int(half.max(initial=0)) + 1) + follows) + 1
    return runs


def ranks(keys: npt.NDArray[np.int64]) -> Ids:
    """Numbers from 0, equal for equal keys and in their order, same shape."""
    order = np.argsort(keys)
    keys = keys[order]
    numbers = np.empty(len(keys), np.int32)
    numbers[order] = np.cumsum(np.concatenate([[False], keys[1:] != keys[:-1]])[: len(keys)], dtype=np.int32)
    return numbers


def _longest(words: Words, real: int) -> tuple[Spans, Index]:
    """For each row the longest run shared with another real row, and which row that is."""
    order = np.argsort(words.runs[LONGEST], kind="stable")
    owner = np.repeat(np.arange(len(words.counts), dtype=np.int32), words.counts)
    rows = owner[order]
    length = np.zeros(len(order), np.int32)
    partner = np.full(len(order), -1, np.int32)
    before = _nearest_before(rows, real)
    after = len(rows) - 1 - _nearest_before(rows[::-1], real)[::-1]
    after[after == len(rows)] = -1
    for found in (before, after):
        known = np.flatnonzero(found >= 0)
        for start in range(0, len(known), _AT_ONCE):
            place, other = known[start : start + _AT_ONCE], found[known[start : start + _AT_ONCE]]
            shared = _common(words, order[place], order[other])
            better = shared > length[order[place]]
            at = order[place[better]]
            length[at] = shared[better]
            partner[at] = rows[other[better]]
    spans = np.zeros(len(words.counts), np.int32)
    nearest = np.full(len(words.counts), -1, np.intp)
    filled = np.flatnonzero(words.counts)
    if len(filled):
        starts = words.starts[filled]
        spans[filled] = np.maximum.reduceat(length, starts)
        best = np.flatnonzero(length == np.repeat(spans, words.counts))
        first = best[np.searchsorted(best, starts)]  # the earliest place in the row with its longest run
        nearest[filled] = partner[first]
    return spans, nearest


def _nearest_before(rows: Ids, real: int) -> Index:
    """For each place in a sorted order the last earlier one of another, real row; -1 where there is none."""
    places = np.flatnonzero(rows < real)
    owners = rows[places]
    first = np.arange(len(places))  # of a stretch of places of the same row: its beginning
    first[1:][owners[1:] == owners[:-1]] = 0
    first = np.maximum.accumulate(first)
    is_real = (rows < real).astype(np.intp)
    last = np.cumsum(is_real) - is_real - 1  # in `places`
    same = (last >= 0) & (owners[last] == rows) if len(places) else np.zeros(len(rows), np.bool_)
    last[same] = first[last[same]] - 1
    return np.where(last >= 0, places[last] if len(places) else -1, -1)


def _common(words: Words, left: Index, right: Index) -> Spans:
    """Words in common at the beginning of two places, at most 64, no further than their rows go."""
    runs, final = words.runs, len(words.runs[1]) - 1
    ends = words.starts[1:]
    room = np.minimum(
        ends[np.searchsorted(ends, left, side="right")] - left,
        ends[np.searchsorted(ends, right, side="right")] - right,
    )
    shared = np.where(runs[LONGEST][left] == runs[LONGEST][right], LONGEST, 0).astype(np.int32)
    for size in _SIZES[-2::-1]:
        open_ = (shared < LONGEST) & (shared < room)
        at, other = np.minimum(left + shared, final), np.minimum(right + shared, final)
        shared = np.where(open_ & (runs[size][at] == runs[size][other]), shared + size, shared)
    common: Spans = np.minimum(shared, room).astype(np.int32)
    return common


def _copies(plain: list[str], real: int) -> Index:
    first: dict[str, int] = {}
    second: dict[str, int] = {}
    for row, text in enumerate(plain[:real]):
        if first.setdefault(text, row) != row:
            second.setdefault(text, row)
    found = np.full(len(plain), -1, np.intp)
    for row, text in enumerate(plain):
        if text:
            other = first.get(text, -1)
            found[row] = second.get(text, -1) if other == row else other
    return found
