"""All rows under one roof: real rows, then synthetic ones, with whatever is measured of each row.

Tables in, a `EvalSample` out. Every measure of rows (words, embedding, TF-IDF, …) is made once, over real and
synthetic rows together; a comparison is then nothing but index arrays (`Comparison`), so that real rows can
take the place of synthetic ones when a floor is drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen.columns import codecs
from syngen.text.embeddings import Encoder
from syngen.types import Profile

Index = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
P = ParamSpec("P")
T = TypeVar("T")


class Memo:
    """Keeps what was measured of it."""

    def __init__(self) -> None:
        self._kept: dict[Any, Any] = {}

    def once(self, key: Any, make: Callable[[], T]) -> T:
        """Return what `make` returns, calling it the first time only."""
        if key not in self._kept:
            self._kept[key] = make()
        made: T = self._kept[key]
        return made


M = TypeVar("M", bound=Memo)


def kept(measure: Callable[Concatenate[M, P], T]) -> Callable[Concatenate[M, P], T]:
    """Measure something only the first time, for each sample and all further arguments."""

    @wraps(measure)
    def once(memo: M, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return memo.once((measure, *args, *kwargs.items()), lambda: measure(memo, *args, **kwargs))

    return once


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """What is compared with what: row numbers in a sample, disjoint, each in random order."""

    real: Index  # real rows compared with; no prompt showed them where that is known
    synthetic: Index  # rows under test: synthetic ones, or real ones in their place
    aside: Index  # real rows of neither, which may have been shown; as many as `real` at most

    def most(self, rows: int) -> Comparison:
        """The same with at most so many rows a side."""
        return Comparison(self.real[:rows], self.synthetic[:rows], self.aside[:rows])


@dataclass(frozen=True, slots=True, eq=False)
class Origins:
    """Where synthetic rows came from, one entry a row; known of runs only."""

    # A number that rows of one model call share, in the order of the calls, shape (rows,).
    call: npt.NDArray[np.int64]
    position: npt.NDArray[np.int64]  # position of the row in its call, from 0, shape (rows,)
    # The real rows that were shown in the call, as row numbers of the reference's frame.
    shown: tuple[tuple[int, ...], ...]
    shown_texts: tuple[tuple[str, ...], ...]  # the main texts of these
    words: npt.NDArray[np.float64]  # words wanted of the main text, NaN where nothing was, shape (rows,)
    grade: npt.NDArray[np.float64]  # reading grade wanted, NaN where none was, shape (rows,)

    def taken(self, rows: Index) -> Origins:
        """Those of some rows."""
        return Origins(
            self.call[rows],
            self.position[rows],
            tuple(self.shown[i] for i in rows),
            tuple(self.shown_texts[i] for i in rows),
            self.words[rows],
            self.grade[rows],
        )


class EvalSample(Memo):
    """Real rows, then synthetic ones, in the reference's columns and types.

    Args:
        frame: All rows; what a synthetic row lacks, or has in no readable form, is null.
        profile: The reference's.
        real: How many of the rows are real: numbers 0..real-1.
        encoder: Turns texts into vectors; None when there is none.
        origins: Where the synthetic rows came from; None when unknown.
        absent: Columns the synthetic table lacks altogether.
        real_rows: Row numbers of the real rows in the reference's frame; all of it by default.
        synthetic_rows: Row numbers of the synthetic rows in their table's frame; all by default.
    """

    def __init__(
        self,
        frame: pl.DataFrame,
        profile: Profile,
        real: int,
        *,
        encoder: Encoder | None = None,
        origins: Origins | None = None,
        absent: frozenset[str] = frozenset(),
        real_rows: Index | None = None,
        synthetic_rows: Index | None = None,
    ) -> None:
        super().__init__()
        self.frame = frame
        self.profile = profile
        self.real = real
        self.encoder = encoder
        self.origins = origins
        self.absent = absent
        self.real_rows = np.arange(real) if real_rows is None else real_rows
        self.synthetic_rows = np.arange(len(frame) - real) if synthetic_rows is None else synthetic_rows

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def main(self) -> str:
        """Name of the column that carries the text; empty when there is none."""
        return self.profile.main_text.name if self.profile.written else ""

    def texts(self, column: str = "") -> list[str]:
        """The texts of a column (default: the main one), absent ones empty, length len(self)."""
        name = column or self.main
        if not name:
            return [""] * len(self)
        return self.once(("texts", name), lambda: self.frame[name].fill_null("").to_list())

    @kept
    def numbers(self, column: str) -> Floats:
        """A column as numbers, NaN where there is none, shape (rows,); times in seconds since 1970 UTC."""
        known = self.once("codecs", lambda: codecs(self.profile))
        return known[column].numbers(self.frame[column])

    @kept
    def codes(self, column: str) -> tuple[Codes, list[str]]:
        """A column as label numbers, shape (rows,), and the labels; a missing value is the label ""."""
        texts = self.frame[column].cast(pl.String, strict=False).fill_null("")
        labels = sorted(texts.unique().to_list())
        numbers = {label: i for i, label in enumerate(labels)}
        return np.array([numbers[text] for text in texts], dtype=np.int64), labels

    @cached_property
    def embedding(self) -> npt.NDArray[np.float32]:
        """Unit vectors of the main texts, shape (rows, dimensions).

        Raises:
            RuntimeError: There is no encoder; look at `encoder` first.
        """
        if self.encoder is None:
            raise RuntimeError("no encoder")
        return self.encoder.encode(self.texts())
