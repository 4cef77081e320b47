"""Which runs of words have been seen, in eight bytes each: sorted arrays of 64-bit hashes.

Texts in, hashes out; hashes in, a mask of those seen before out. The hashes are those of one process
(string hashes are salted) and are never stored. A reference of 50,000 rows of 60 words takes 24 MB.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from syngen.text import normalised

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Hashes = npt.NDArray[np.uint64]
    Mask = npt.NDArray[np.bool_]

_MULTIPLIER = 0x9E3779B97F4A7C15  # odd, so that multiplying loses nothing (Knuth's golden ratio)
_FRESH = 65_536  # hashes kept in a set before they are merged into the array


def word_hashes(text: str) -> Hashes:
    """One hash for each word of a text, letter case and punctuation left out, shape (words,)."""
    import numpy as np

    tokens = normalised(text).split()
    return np.fromiter(map(hash, tokens), np.int64, len(tokens)).view(np.uint64)


def runs(words: Hashes, size: int) -> Hashes:
    """One hash for each run of `size` words, shape (words - size + 1,), empty for shorter texts.

    A polynomial over the words' hashes modulo 2^64: the same runs as `syngen.text.shingles`, faster.
    """
    import numpy as np

    count = max(0, len(words) - size + 1)
    total = words[:count].copy()
    for i in range(1, size if count else 0):
        total = total * np.uint64(_MULTIPLIER) + words[i : i + count]
    return total


class Seen:
    """A growing set of hashes: eight bytes each, looked up by binary search."""

    def __init__(self, hashes: Hashes | None = None) -> None:
        import numpy as np

        self._sorted = np.unique(hashes) if hashes is not None else np.empty(0, np.uint64)
        self._fresh: set[int] = set()

    def add(self, hashes: Hashes) -> None:
        """Remember hashes."""
        import numpy as np

        self._fresh.update(hashes.tolist())
        if len(self._fresh) >= _FRESH:
            fresh = np.fromiter(self._fresh, np.uint64, len(self._fresh))
            self._sorted = np.union1d(self._sorted, fresh)
            self._fresh = set()

    def holds(self, hashes: Hashes) -> Mask:
        """Which of these have been added, same shape."""
        import numpy as np

        found = np.zeros(len(hashes), np.bool_)
        if len(self._sorted):
            at = np.searchsorted(self._sorted, hashes)
            found = self._sorted[np.minimum(at, len(self._sorted) - 1)] == hashes
        if self._fresh:
            found |= np.fromiter((h in self._fresh for h in hashes.tolist()), np.bool_, len(hashes))
        return found


def rare_and_common(texts: Iterable[Hashes], size: int, common: int) -> tuple[Seen, Seen]:
    """The runs of a corpus, those in fewer than `common` texts apart from the stock phrases in more.

    Args:
        texts: The word hashes of each text.
        size: Words in a run.
        common: In how many texts a run must stand to belong to nobody.
    """
    import numpy as np

    every = [np.unique(runs(words, size)) for words in texts]
    hashes, counts = np.unique(np.concatenate([np.empty(0, np.uint64), *every]), return_counts=True)
    return Seen(hashes[counts < common]), Seen(hashes[counts >= common])


def longest_run(mask: Mask) -> int:
    """The longest stretch of True."""
    import numpy as np

    ends = np.flatnonzero(np.concatenate([[True], ~mask, [True]]))
    return int(np.diff(ends).max()) - 1
