"""What the rules look at: the real rows, the rows under test, and what is made of both only once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import polars as pl

from syngen.evaluation.synthetic import Synthetic
from syngen.text.embeddings import Encoder
from syngen.text.ngrams import plain
from syngen.types import ColumnProfile, Reference, Value, generator

T = TypeVar("T")


class Case:
    """Real and synthetic rows with what several rules need of them.

    Positions count the rows of `synthetic.frame` from 0; `rows` makes row numbers of them.

    Args:
        reference: The real rows.
        synthetic: The rows under test.
        encoder: Turns texts into vectors; None when there is none.
    """

    def __init__(self, reference: Reference, synthetic: Synthetic, encoder: Encoder | None = None) -> None:
        self.reference = reference
        self.synthetic = synthetic
        self.encoder = encoder
        self.profile = reference.profile
        self.size = len(synthetic.frame)
        self.real_size = len(reference.frame)
        self._made: dict[Any, Any] = {}

    def once(self, key: Any, make: Callable[[], T]) -> T:
        """What `make` makes, made the first time only."""
        if key not in self._made:
            self._made[key] = make()
        made: T = self._made[key]
        return made

    def rows(self, positions: Iterable[int]) -> tuple[int, ...]:
        """Row numbers as people count."""
        return tuple(sorted(self.synthetic.numbers[i] for i in positions))

    @cached_property
    def columns(self) -> tuple[ColumnProfile, ...]:
        """The reference's columns that the rows under test have."""
        return tuple(c for c in self.profile.columns if c.name not in self.synthetic.absent)

    @cached_property
    def written(self) -> tuple[ColumnProfile, ...]:
        """Of these, the texts."""
        return tuple(c for c in self.columns if c.role.written)

    @cached_property
    def main(self) -> str:
        """The column that carries the text; empty where there is none or the rows lack it."""
        name = self.profile.main_text.name if self.profile.written else ""
        return "" if name in self.synthetic.absent else name

    def values(self, column: str) -> list[Value]:
        """The cells of a column as they were read, also those that it can't hold; None where blank."""
        readings = self.synthetic.readings
        return self.once(
            ("values", column),
            lambda: (
                [reading.value for reading in readings[column]]
                if column in readings
                else self.synthetic.frame[column].to_list()
            ),
        )

    def present(self, column: str) -> list[int]:
        """Positions of the rows that have something in a column."""
        return [i for i, value in enumerate(self.values(column)) if value is not None]

    def texts(self, column: str) -> list[str]:
        """The texts of a column, absent ones empty."""
        return self.once(("texts", column), lambda: self.synthetic.frame[column].fill_null("").to_list())

    def real_texts(self, column: str) -> list[str]:
        """The real texts of a column, absent ones empty."""
        return self.once(("real texts", column), lambda: self.reference.frame[column].fill_null("").to_list())

    def plain(self, column: str) -> list[str]:
        """The texts of a column in lower-case words."""
        return self.once(("plain", column), lambda: [plain(text) for text in self.texts(column)])

    def real_plain(self, column: str) -> list[str]:
        """The real texts of a column in lower-case words."""
        return self.once(("real plain", column), lambda: [plain(text) for text in self.real_texts(column)])

    def sample(self, rows: int, most: int, *path: str) -> np.ndarray[Any, np.dtype[np.intp]]:
        """At most so many of some rows, drawn by chance, the same ones each time."""
        return generator(0, "findings", *path).permutation(rows)[:most]

    def keys(self, frame: pl.DataFrame, names: Sequence[str]) -> list[int]:
        """One hash for each row of a frame over some columns, texts in lower-case words."""
        texts = {column.name for column in self.profile.written}
        words = [
            pl.col(name).fill_null("").str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]+", " ").alias(name)
            if name in texts
            else pl.col(name)
            for name in names
        ]
        return frame.select(words).hash_rows().to_list()
