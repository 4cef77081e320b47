"""Know the keys of real rows, also of those that a sample of a large table leaves out, by hashes of 64 bits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.int64]  # valid in one process

NONE: Hashes = np.empty(0, np.int64)
_SPELLINGS = ("", ".0")  # ends of a key: one that is a whole number may be written as a float


def hashes(keys: Iterable[str]) -> Hashes:
    """The hash of each key, without blanks around it."""
    return np.fromiter(map(hash, map(str.strip, keys)), np.int64)


def distinct(parts: Sequence[Hashes]) -> Hashes:
    """All hashes of some arrays, sorted, each once; faster than `numpy.unique`."""
    every = np.sort(np.concatenate(parts))
    return every[np.append(True, every[1:] != every[:-1])] if len(every) else every


class Taken(Collection[str]):
    """The real keys of a column: those of the rows that were read, and the hashes of those that were not.

    Args:
        read: The keys of the rows that were read.
        unread: Hashes of the keys of other rows, sorted.
    """

    def __init__(self, read: Iterable[str], unread: Hashes = NONE) -> None:
        self._read = frozenset(read)
        self._unread = unread
        self._size = len(distinct((unread, hashes(self._read)))) if len(unread) else len(self._read)

    def __contains__(self, key: object) -> bool:
        if key in self._read or not len(self._unread):
            return key in self._read
        found = hashes(f"{key}{end}" for end in _SPELLINGS)
        at = np.minimum(np.searchsorted(self._unread, found), len(self._unread) - 1)
        return bool((self._unread[at] == found).any())

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def __len__(self) -> int:
        return self._size
