"""Relations between columns: compute what follows from other columns, and find rows that disagree.

The profile finds relations, the plan keeps them and the evaluation tests other tables; all of them decide here
what holds. Missing values break no relation, except that of presence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen.columns.codec import Codec
from syngen.types import Relation

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]

FORMULAS = ("sum", "product", "logarithm")
ARITHMETIC = (*FORMULAS, "whole")
RELATIVE = 1e-9  # what arithmetic with 64-bit floats may lose


class Cells:
    """The cells of a table, read as numbers once for each column."""

    def __init__(self, frame: pl.DataFrame, codecs: Mapping[str, Codec]) -> None:
        self.frame = frame
        self._codecs = codecs
        self._numbers: dict[str, Floats] = {}

    def numbers(self, name: str) -> Floats:
        """A column's cells as numbers, NaN where there is none, shape (rows,)."""
        if name not in self._numbers:
            self._numbers[name] = self._codecs[name].numbers(self.frame[name])
        return self._numbers[name]

    def replace(self, series: pl.Series, numbers: Floats | None = None) -> None:
        """Replace a column; its numbers are read again unless they are given."""
        self.frame = self.frame.with_columns(series)
        self._numbers.pop(series.name, None)
        if numbers is not None:
            self._numbers[series.name] = numbers

    def gather(self, rows: Rows) -> Cells:
        """Some of the rows, in this order."""
        some = Cells(self.frame[rows], self._codecs)
        some._numbers = {name: numbers[rows] for name, numbers in self._numbers.items()}
        return some

    def numeric(self, rows: Rows, names: Iterable[str]) -> Cells:
        """Some of the rows of some columns, in this order, as numbers only: quicker to make."""
        some = Cells(pl.DataFrame(), self._codecs)
        some._numbers = {name: self.numbers(name)[rows] for name in names}
        return some

    def exchanged(self, name: str, numbers: Floats) -> Cells:
        """The same cells with other numbers in one column."""
        others = Cells(self.frame, self._codecs)
        others._numbers = {**self._numbers, name: numbers}
        return others


def compute(relation: Relation, cells: Cells) -> Floats:
    """Compute the first column of a formula, or the total of a whole; NaN where a value is missing."""
    terms = relation.terms
    if relation.kind in ("product", "logarithm"):
        result = np.full_like(cells.numbers(terms[0].column), relation.factor)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            for term in terms:
                factor = term.offset + term.weight * cells.numbers(term.column)
                if relation.kind == "logarithm":
                    result *= np.log(factor)
                elif term.power == -1:
                    result /= factor
                else:
                    result *= factor**term.power
            result += relation.constant
        return np.where(np.isfinite(result), result, np.nan)
    start = 0.0 if relation.kind == "whole" else relation.constant
    total = np.full_like(cells.numbers(terms[0].column), start)
    for term in terms:
        total += term.weight * cells.numbers(term.column)
    return total


def agreement(relation: Relation, cells: Cells, real: Cells | None = None) -> tuple[Flags, Flags]:
    """Decide in which rows a relation holds.

    Args:
        real: The real rows, which say what a label goes with; without them the rows themselves do.

    Returns:
        Which rows have all values the relation needs, and which of these agree; shape (rows,) each.
    """
    first, second = relation.columns[:2]
    if relation.kind in ARITHMETIC:
        computed = compute(relation, cells)
        due = np.full_like(computed, relation.constant) if relation.kind == "whole" else cells.numbers(first)
        known = ~np.isnan(computed) & ~np.isnan(due)
        scale = np.maximum(np.abs(computed), np.abs(due))
        return known, known & (np.abs(due - computed) <= relation.tolerance + RELATIVE * scale)
    if relation.kind == "order":
        low, high = cells.numbers(first), cells.numbers(second)
        known = ~np.isnan(low) & ~np.isnan(high)
        return known, known & (low <= high + RELATIVE * np.abs(high))
    if relation.kind == "equal":
        one, other = (cells.frame[name].cast(pl.String) for name in (first, second))
        known = (one.is_not_null() & other.is_not_null()).to_numpy()
        return known, known & (one == other).fill_null(value=False).to_numpy()
    if relation.kind == "presence":
        present = cells.frame[first].is_not_null().to_numpy()
        fitting = allowed(relation, cells.frame[second])
        known = present | fitting if relation.mutual else present
        return known, present & fitting
    return _same(relation, cells.frame, None if real is None else real.frame)


def allowed(relation: Relation, condition: pl.Series) -> Flags:
    """Where the first column of a relation of presence may have a value, by the cells of the second."""
    if not relation.values:
        return condition.is_not_null().to_numpy()
    known = pl.Series(relation.values, dtype=condition.dtype, strict=False)
    return condition.is_in(known.implode()).fill_null(value=True).to_numpy()


def pairs(relation: Relation, frame: pl.DataFrame, *, turned: bool = False) -> pl.DataFrame:
    """The columns `key` and `value` of a relation that determines, the key cut to its prefix; or the other way."""
    value, key = relation.columns[::-1] if turned else relation.columns
    begin = frame[key].cast(pl.String).str.head(relation.prefix) if relation.prefix else frame[key]
    return pl.DataFrame([begin.alias("key"), frame[value].alias("value")])


def usual(pairs: pl.DataFrame) -> pl.DataFrame:
    """The most common value of each key.

    Returns:
        Columns `key`, `value` and `rows`, the number of rows with this key; one row for each key.
    """
    counts = pairs.drop_nulls().group_by("key", "value").len()
    counts = counts.with_columns(pl.col("len").sum().over("key").alias("rows"))
    return counts.sort("len", "value", descending=[True, False]).unique("key", keep="first").drop("len")


def _same(relation: Relation, frame: pl.DataFrame, real: pl.DataFrame | None) -> tuple[Flags, Flags]:
    """Where a value is the one that most rows with the same key have, real rows first; a single row can't differ."""
    own = pairs(relation, frame)
    due = usual(own).filter(pl.col("rows") > 1)
    if real is not None:
        known_keys = usual(pairs(relation, real))
        due = pl.concat([known_keys, due.join(known_keys, on="key", how="anti")])
    found = own.join(due.rename({"value": "due"}), on="key", how="left", maintain_order="left")
    known = found["due"].is_not_null() & found["value"].is_not_null()
    return known.to_numpy(), (known & (found["value"] == found["due"]).fill_null(value=False)).to_numpy()
