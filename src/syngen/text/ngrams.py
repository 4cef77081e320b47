"""Which runs of words have been seen, in eight bytes each: sorted arrays of 64-bit hashes.

Texts in, hashes out; hashes in, a mask of those seen before out. The hashes are those of one process
(string hashes are salted) and are never stored. A reference of 50,000 rows of 60 words takes 24 MB.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from syngen.text.words import normalised

Hashes = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]


_MULTIPLIER = 0x9E3779B97F4A7C15  # odd, so that multiplying loses nothing (Knuth's golden ratio)


@lru_cache(maxsize=1_024)
def plain(text: str) -> str:
    """The lower-case words of a text; kept for a while, because every check of a row asks for them."""
    return normalised(text)


@lru_cache(maxsize=64)
def word_hashes(text: str) -> Hashes:
    """One hash for each word of a text, letter case and punctuation left out, shape (words,).

    Kept for a while, because a row that is found new is asked for again to be remembered.
    """
    tokens = plain(text).split()
    return np.fromiter(map(hash, tokens), np.int64, len(tokens)).view(np.uint64)


def runs(words: Hashes, size: int) -> Hashes:
    """One hash for each run of `size` words, shape (words - size + 1,), empty for shorter texts.

    A polynomial over the words' hashes modulo 2^64.
    """
    count = max(0, len(words) - size + 1)
    total = words[:count].copy()
    for i in range(1, size if count else 0):
        total = total * np.uint64(_MULTIPLIER) + words[i : i + count]
    return total


class Seen:
    """A growing set of hashes: eight bytes each, looked up by binary search.

    Args:
        fresh: How many hashes wait in a set before they are merged into the array.
    """

    def __init__(self, fresh: int = 65_536) -> None:
        self._most_fresh = fresh
        self._sorted = np.empty(0, np.uint64)
        self._fresh: set[int] = set()

    def add(self, hashes: Hashes) -> None:
        """Remember hashes."""
        self._fresh.update(hashes.tolist())
        if len(self._fresh) >= self._most_fresh:
            fresh = np.fromiter(self._fresh, np.uint64, len(self._fresh))
            fresh.sort()
            self._sorted = np.concatenate([self._sorted, fresh])
            self._sorted.sort(kind="stable")  # merges; `union1d` takes a thousand times as long for millions
            self._fresh = set()

    def holds(self, hashes: Hashes) -> Mask:
        """Which of these have been added, same shape."""
        found = _find(hashes, self._sorted)[1]
        return found | among(hashes, self._fresh) if self._fresh else found


class Corpus:
    """The runs of words of many texts, those of a few apart from the stock phrases of many.

    Args:
        texts: The word hashes of each text.
        size: Words in a run.
        common: In how many texts a run must stand to be a stock phrase, which belongs to nobody.
    """

    def __init__(self, texts: Sequence[Hashes], size: int, common: int) -> None:
        words = np.concatenate([np.empty(0, np.uint64), *texts])
        owners = np.repeat(np.arange(len(texts), dtype=np.int32), [len(text) for text in texts])
        found = runs(words, size)
        inside = owners[: len(found)] == owners[size - 1 :]  # the run does not cross into the next text
        found, owners = found[inside], owners[: len(found)][inside]
        order = np.argsort(found, kind="stable")
        found, owners = found[order], owners[order]
        first = np.concatenate([[True], found[1:] != found[:-1]])[: len(found)]
        own = np.concatenate([[True], owners[1:] != owners[:-1]])[: len(found)]  # once for each text
        self._sorted = found[first]
        self._common = np.bincount(np.cumsum(first) - 1, first | own) >= common

    def look_up(self, hashes: Hashes) -> tuple[Mask, Mask]:
        """Which of these stand in a few of the texts, and which in many, both of the same shape."""
        at, found = _find(hashes, self._sorted)
        common = self._common[at] & found if len(self._common) else found
        return found & ~common, common


def _find(hashes: Hashes, in_order: Hashes) -> tuple[npt.NDArray[np.intp], Mask]:
    """Where hashes stand in a sorted array, and whether they do."""
    if not len(in_order):
        return np.zeros(len(hashes), np.intp), np.zeros(len(hashes), np.bool_)
    at = np.minimum(np.searchsorted(in_order, hashes), len(in_order) - 1)
    return at, in_order[at] == hashes


def among(hashes: Hashes, held: Container[int]) -> Mask:
    """Which of these are held, same shape."""
    return np.fromiter(map(held.__contains__, hashes.tolist()), np.bool_, len(hashes))


def longest_run(mask: Mask) -> int:
    """The longest stretch of True."""
    ends = np.flatnonzero(np.concatenate([[True], ~mask, [True]]))
    return int(np.diff(ends).max()) - 1
