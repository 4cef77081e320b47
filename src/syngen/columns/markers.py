"""Words among numbers, dates or keys: `..`, `< LOD`, `Ancient`, `0000-00-00`.

A few words that many rows share say nothing about the form of the other cells and are nobody's own. They are
left out where the form is learnt, and kept in their share, written as they were read.
"""

from __future__ import annotations

import polars as pl

_MOST_WORDS = 5
_FEWEST_OTHERS = 0.25  # share of the cells that must not be words
_SHARED, _SHARED_WITH_DIGITS = 2, 3  # rows that have a word
_DIGIT = "[1-9]"  # 0000-00-00 is a word
_COMMON = 0.005  # share of the cells that makes a word of one with digits
_ONE_IN = range(6, 20)  # cells, among which a single word is too large a share to be a rare odd one


def shared_words(cells: pl.Series, readable: pl.Series) -> pl.Series:
    """The words that several rows have.

    Args:
        cells: Strings.
        readable: Which of them are no words, shape (cells,).
    """
    counts = cells.filter(~readable.fill_null(value=True)).drop_nulls().alias("word").value_counts()
    least = max(_SHARED_WITH_DIGITS, _COMMON * len(cells))
    bare = ~pl.col("word").str.contains(_DIGIT)
    return counts.filter((pl.col("count") >= least) | (bare & (pl.col("count") >= _SHARED)))["word"]


def without_words(cells: pl.Series, readable: pl.Series) -> pl.Series:
    """The cells without the words among them; all of them where the others are too few, or the words too many.

    Args:
        cells: Strings without missing ones.
        readable: Which of them are no words, shape (cells,).
    """
    if readable.all():
        return cells
    words = shared_words(cells, readable)
    other = ~cells.is_in(words.implode())
    if int(other.sum()) in _ONE_IN:
        odd = cells.filter(other & ~readable)
        if len(odd) == 1 and not odd.str.contains(_DIGIT).any():
            other &= readable
    others = cells.filter(other)
    few = len(words) <= _MOST_WORDS and others.n_unique() > max(2, len(words))
    return others if few and len(others) >= _FEWEST_OTHERS * len(cells) else cells
