"""Find words that texts share: the engine behind every question of copies and near duplicates.

Texts are split into lower-case words in one way (`plain`). Words, n-grams and rows get hashes of 64 bits
that are the same in every process and on every machine, so that workers can exchange them. Among a million
different n-grams two have the same hash once in 37 million tables.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cached_property, lru_cache
from hashlib import blake2b
from itertools import chain

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen.text.words import normalised

Hashes = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]
Index = npt.NDArray[np.intp]
Ids = npt.NDArray[np.int32]

NGRAM = 5  # words of the n-grams by which texts are compared
COPY = 0.5  # share of a text's n-grams known from elsewhere that makes it a copy
FEWEST_NGRAMS = 3  # two stock phrases make no copy of a text that has more n-grams
SPAN = 12  # words in a row from a real text that make a copy
SHOWN_SPAN = 8  # the same for a row shown in the prompt: chance alone rarely makes as many
COMMON = 3  # texts that share an n-gram, which then is a stock phrase and belongs to nobody

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # odd, so that multiplying loses nothing (Knuth's golden ratio)
_MOST_KEPT = 1_000_000  # words whose hashes are kept
_BETWEEN = "\x1f"  # separates the cells of a row
# What separates words in ASCII: anything but letters, digits, and an apostrophe or a hyphen inside a word
_SEPARATOR = r"[^0-9A-Za-z_]*[^0-9A-Za-z_'-][^0-9A-Za-z_]*|['-]{2,}|^['-]|['-]$"


# ------------------------------------------------------------------------------------------ one text
@lru_cache(maxsize=1_024)
def plain(text: str) -> str:
    """Return the lower-case words of a text, joined by spaces; cached because every check of a row needs them."""
    return normalised(text)


@lru_cache(maxsize=64)
def word_hashes(text: str) -> Hashes:
    """Hash each word of a text, shape (words,); cached because an accepted row is hashed twice."""
    words = plain(text).split()
    return np.fromiter(map(_word_hash, words), np.uint64, len(words))


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "little")


class _WordHashes(dict[str, int]):
    """Hashes of words, kept because words come again; faster than a `lru_cache`."""

    def __missing__(self, word: str) -> int:
        if len(self) >= _MOST_KEPT:
            self.clear()
        self[word] = number = _hash(word)
        return number


_word_hash = _WordHashes().__getitem__


def ngrams(words: Hashes, size: int) -> Hashes:
    """Hash each run of `size` words: a polynomial over the hashes of its words modulo 2^64.

    Args:
        words: Hashes of words in order, shape (words,).

    Returns:
        Shape (words - size + 1,), empty where there are fewer words.
    """
    count = max(0, len(words) - size + 1)
    total = words[:count].copy()
    for i in range(1, size if count else 0):
        total = extended(total, words[i : i + count])
    return total


def extended(ngrams: Hashes, words: Hashes) -> Hashes:
    """Hash n-grams with one more word each, same shape."""
    return ngrams * _MULTIPLIER + words


def longest_run(mask: Mask) -> tuple[int, int]:
    """Find the longest run of True, the first of several: its start and its length."""
    ends = np.flatnonzero(np.concatenate([[True], ~mask, [True]]))
    lengths = np.diff(ends) - 1
    at = int(lengths.argmax())
    return int(ends[at]), int(lengths[at])


# ------------------------------------------------------------------------------------- whole rows
def row_key(texts: Iterable[str]) -> int:
    """Hash a row of texts by their words; a text without words, such as an emoji, counts as it is."""
    return _hash(_BETWEEN.join(plain(text) or text.strip() for text in texts))


def row_keys(frame: pl.DataFrame, texts: Collection[str]) -> list[int]:
    """Hash each row of a frame as `row_key` does; columns other than `texts` count by their value."""
    if not frame.width:
        return []
    cells = [
        _by_words(column) if column.name in texts else column.cast(pl.String).fill_null("\0")
        for column in frame
    ]
    return [_hash(row) for row in pl.select(pl.concat_str(cells, separator=_BETWEEN)).to_series()]


def text_keys(texts: pl.Series) -> pl.Series:
    """Hash each text by its words, as UInt64; null for a text without words."""
    plain = _plain_texts(texts)
    return pl.Series(texts.name, [_hash(text) if text else None for text in plain], pl.UInt64)


def _by_words(texts: pl.Series) -> pl.Series:
    """The words of each text; a text without words as it is."""
    plain = _plain_texts(texts)
    wordless = (plain == "").arg_true()
    return plain.scatter(wordless, [(text or "").strip() for text in texts.gather(wordless)])


def _plain_texts(texts: pl.Series) -> pl.Series:
    """What `plain` returns for each text, empty for null; fast for ASCII."""
    texts = texts.fill_null("")
    plain = texts.str.replace_all(_SEPARATOR, " ").str.strip_chars(" ").str.to_lowercase()
    other = texts.str.contains(r"[^\x00-\x7F]").arg_true()
    if len(other):
        plain = plain.scatter(other, [normalised(text) for text in texts.gather(other)])
    return plain


# ----------------------------------------------------------------------------------- many texts
class Texts:
    """Tokenised texts.

    Args:
        plain: The texts as `plain` returns them.
        most_words: Words held at most; of more, only the first words of each text are held.

    Attributes:
        plain: The texts in full.
        words: Hashes of their words, one text after the other, shape (words,).
        starts: Where each text begins; one more at the end, shape (texts + 1,).
    """

    def __init__(self, plain: Sequence[str], most_words: int | None = None) -> None:
        self.plain = plain
        most = None
        if most_words is not None and sum(text.count(" ") + 1 for text in plain) > most_words:
            most = most_words // max(1, len(plain))
        split = [text.split()[:most] for text in plain]
        self.starts: Index = np.concatenate([[0], np.cumsum([len(words) for words in split])]).astype(np.intp)
        hashed = map(_word_hash, chain.from_iterable(split))
        self.words: Hashes = np.fromiter(hashed, np.uint64, int(self.starts[-1]))

    def __len__(self) -> int:
        return len(self.plain)

    @property
    def counts(self) -> Index:
        """Words of each text, shape (texts,)."""
        return self.starts[1:] - self.starts[:-1]

    def __getitem__(self, text: int) -> Hashes:
        return self.words[self.starts[text] : self.starts[text + 1]]

    def distinct(self) -> Texts:
        """Each text once."""
        return Texts(list(dict.fromkeys(self.plain)))

    def ngrams(self, size: int) -> tuple[Hashes, Index]:
        """The n-grams of all texts in order, and the text each of them is of, both of shape (n-grams,)."""
        owners = np.repeat(np.arange(len(self)), self.counts)
        found = ngrams(self.words, size)
        owners, last = owners[: len(found)], owners[size - 1 :][: len(found)]
        whole = owners == last  # does not cross into the next text
        return found[whole], owners[whole]

    def ngram_set(self, texts: Iterable[int], size: int) -> frozenset[int]:
        """The n-grams of some of the texts."""
        return frozenset(chain.from_iterable(ngrams(self[text], size).tolist() for text in texts))

    @cached_property
    def numbers(self) -> dict[int, Ids]:
        """By size (1, 2, 4) the number of the n-gram that begins at each word, from 1, shape (words,).

        Numbers ascend in the order of the numbers of their words, and those in the order in which the words
        first come. An n-gram that would cross the end of its text is numbered by what it holds.
        """
        ends = np.repeat(self.starts[1:], self.counts)
        _, first, inverse = np.unique(self.words, return_index=True, return_inverse=True)
        numbers = {1: (np.argsort(np.argsort(first)) + 1).astype(np.int32)[inverse]}
        for size in (1, 2):
            half = numbers[size].astype(np.int64)
            follows = np.zeros_like(half)
            follows[:-size] = half[size:]
            follows[np.arange(len(half)) + size >= ends] = 0  # nothing follows within the text
            pairs = half * (int(half.max(initial=0)) + 1) + follows
            numbers[2 * size] = (np.unique(pairs, return_inverse=True)[1] + 1).astype(np.int32)
        return numbers


def tokenised(texts: Sequence[str], most_words: int | None = None) -> Texts:
    """Tokenise texts, see `Texts`."""
    return Texts(_plain_texts(pl.Series(texts, dtype=pl.String)).to_list(), most_words)


class NgramCounts:
    """The number of texts that hold an n-gram; nine bytes an n-gram, 27 MB for 50,000 texts of 60 words."""

    def __init__(self, texts: Texts, size: int) -> None:
        hashes, owners = texts.ngrams(size)
        order = np.argsort(hashes, kind="stable")
        hashes, owners = hashes[order], owners[order]
        first = np.concatenate([[True], hashes[1:] != hashes[:-1]])[: len(hashes)]
        own = np.concatenate([[True], owners[1:] != owners[:-1]])[: len(hashes)]  # once for each text
        counts = np.bincount(np.cumsum(first) - 1, first | own)
        self._sorted = hashes[first]
        self._counts = np.minimum(counts, np.iinfo(np.uint8).max).astype(np.uint8)

    def of(self, hashes: Hashes) -> npt.NDArray[np.uint8]:
        """How many texts hold each of these n-grams, at most 255, same shape."""
        if not len(self._sorted):
            return np.zeros(len(hashes), np.uint8)
        at, found = _find(hashes, self._sorted)
        return self._counts[at] * found


class HashSet:
    """A growing set of hashes, of eight bytes each: `fresh` of them wait in a Python set to be merged in."""

    def __init__(self, fresh: int = 65_536) -> None:
        self._most_fresh = fresh
        self._sorted: Hashes = np.empty(0, np.uint64)
        self._fresh: set[int] = set()

    def add(self, hashes: Hashes) -> None:
        """Add hashes."""
        self._fresh.update(hashes.tolist())
        if len(self._fresh) >= self._most_fresh:
            fresh = np.sort(np.fromiter(self._fresh, np.uint64, len(self._fresh)))
            self._sorted = np.concatenate([self._sorted, fresh])
            self._sorted.sort(kind="stable")  # merges; `union1d` takes a thousand times as long for millions
            self._fresh = set()

    def holds(self, hashes: Hashes) -> Mask:
        """Which of these were added, same shape."""
        found = _find(hashes, self._sorted)[1] if len(self._sorted) else np.zeros(len(hashes), np.bool_)
        return found | among(hashes, self._fresh) if self._fresh else found


def _find(hashes: Hashes, in_order: Hashes) -> tuple[Index, Mask]:
    """Where hashes are in a sorted array that is not empty, and whether they are."""
    at = np.minimum(in_order.searchsorted(hashes), len(in_order) - 1)
    return at, in_order[at] == hashes


def among(hashes: Hashes, held: Collection[int]) -> Mask:
    """Which of these hashes are in a Python set, same shape."""
    return np.fromiter(map(held.__contains__, hashes.tolist()), np.bool_, len(hashes))
