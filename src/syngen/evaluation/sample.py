"""All rows under one roof: real rows, then synthetic ones, with whatever is measured of each row.

Every measure of rows (words, embedding, TF-IDF, …) is made once, over real and synthetic rows together; a
comparison is then nothing but index arrays (`Comparison`), so that real rows can take the place of synthetic
ones when a floor is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen.columns import Codec, codecs
from syngen.text.embeddings import Encoder
from syngen.types import Profile

Index = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
P = ParamSpec("P")
T = TypeVar("T")
Owner = TypeVar("Owner")


def kept(measure: Callable[Concatenate[Owner, P], T]) -> Callable[Concatenate[Owner, P], T]:
    """Measure something only the first time, for each sample and all further arguments."""

    @wraps(measure)
    def once(owner: Owner, /, *args: P.args, **kwargs: P.kwargs) -> T:
        made: dict[Any, T] = vars(owner).setdefault("_kept", {})
        key = (measure, *args, *kwargs.items())
        if key not in made:
            made[key] = measure(owner, *args, **kwargs)
        return made[key]

    return once


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """What is compared with what: row numbers in a sample, disjoint, each in random order."""

    real: Index  # real rows compared with; no prompt showed them where that is known
    synthetic: Index  # rows under test: synthetic ones, or real ones in their place
    aside: Index  # real rows of neither, which may have been shown; as many as `real` at most

    def most(self, rows: int) -> Comparison:
        """The same with at most `rows` rows a side."""
        return Comparison(self.real[:rows], self.synthetic[:rows], self.aside[:rows])


@dataclass(eq=False)
class EvalSample:
    """Real rows, then synthetic ones, in the reference's columns and types."""

    frame: pl.DataFrame  # all rows; what a synthetic row lacks, or has in no readable form, is null
    profile: Profile  # the reference's
    real: int  # how many of the rows are real: numbers 0..real-1
    encoder: Encoder | None = None  # turns texts into vectors
    # Of a run, for each synthetic row: `call` (a number that rows of one call share, in order), `position` in
    # the call from 0, `shown` (row numbers of the real rows shown in the call), their `shown_texts`, and the
    # row's targets of `words` and `grade`, null where there is none.
    origins: pl.DataFrame | None = None
    absent: frozenset[str] = frozenset()  # columns the synthetic table lacks altogether
    # For people, from 1: of real rows in the reference, of synthetic ones in their table.
    row_numbers: Sequence[int] = ()

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def main(self) -> str:
        """Name of the column that carries the text; empty when there is none."""
        return self.profile.main

    @kept
    def texts(self, column: str = "") -> list[str]:
        """The texts of a column (default: the main one), absent ones empty, length len(self)."""
        name = column or self.main
        return self.frame[name].fill_null("").to_list() if name else [""] * len(self)

    @cached_property
    def written(self) -> npt.NDArray[np.bool_]:
        """Whether each row's main text is there, shape (rows,)."""
        return np.array([bool(text.strip()) for text in self.texts()], dtype=bool)

    @cached_property
    def codecs(self) -> dict[str, Codec]:
        """The codecs of the columns, by name."""
        return codecs(self.profile)

    @kept
    def numbers(self, column: str) -> Floats:
        """A column as numbers, NaN where there is none, shape (rows,); times in seconds since 1970 UTC."""
        return self.codecs[column].numbers(self.frame[column])

    @kept
    def codes(self, column: str) -> tuple[Codes, list[str]]:
        """A column as label numbers, shape (rows,), and the labels; a missing value is the label ""."""
        texts = self.frame[column].cast(pl.String, strict=False).fill_null("").to_numpy()
        labels, codes = np.unique(texts, return_inverse=True)
        return codes, labels.tolist()

    @cached_property
    def embedding(self) -> npt.NDArray[np.float32]:
        """Unit vectors of the main texts, shape (rows, dimensions).

        Raises:
            RuntimeError: There is no encoder; look at `encoder` first.
        """
        if self.encoder is None:
            raise RuntimeError("no encoder")
        return self.encoder.encode(self.texts())
