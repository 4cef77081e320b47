"""Count exact copies among any number of rows, with eight bytes of memory for each."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from syngen.text.ngrams import text_keys
from syngen.types import Reference

_BATCH = 20_000  # texts hashed at once


@dataclass(frozen=True, slots=True)
class ExactCounts:
    """How many of all rows have a main text that is not new, letter case and punctuation left out."""

    repeated: int  # rows whose text an earlier row has
    copied: int  # rows whose text a real row has


class Tally:
    """Counts the main texts that an earlier row or a real row has.

    Two texts are the same when they are but for letter case, punctuation and spaces; one without letters
    or digits counts as none. A text is kept as a hash of 64 bits: among a million texts two different
    ones get the same hash once in 37 million tables.

    Args:
        reference: The real rows.
    """

    def __init__(self, reference: Reference) -> None:
        profile = reference.profile
        self.column = profile.main_text.name if profile.written else ""
        self._real = reference.frame
        self._waiting: list[str | None] = []
        self._hashes: list[pl.Series] = []

    def add(self, text: str | None) -> None:
        """Take one text into account."""
        self._waiting.append(text)
        if len(self._waiting) >= _BATCH:
            self._take_in()

    def add_column(self, frame: pl.LazyFrame, name: str) -> None:
        """Take a column of texts into account."""
        self._hashes.append(_hashes(frame, name))

    def counts(self) -> ExactCounts:
        """What was counted."""
        self._take_in()
        hashes = pl.concat([*self._hashes, pl.Series("hash", [], pl.UInt64)])
        real = _hashes(self._real.lazy(), self.column)
        return ExactCounts(
            repeated=len(hashes) - hashes.n_unique(),
            copied=int(hashes.is_in(real.unique().implode()).sum()),
        )

    def _take_in(self) -> None:
        texts = pl.DataFrame({"text": pl.Series(self._waiting, dtype=pl.String)})
        self._hashes.append(_hashes(texts.lazy(), "text"))
        self._waiting = []


def _hashes(frame: pl.LazyFrame, name: str) -> pl.Series:
    """A hash for each text that has words."""
    texts = pl.col(name).cast(pl.String)
    keys = texts.map_batches(text_keys, return_dtype=pl.UInt64, is_elementwise=True)
    return frame.select(keys.alias("hash")).drop_nulls().collect(engine="streaming")["hash"]
