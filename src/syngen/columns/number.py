"""Numbers and counts: parsed also with a unit, validated by range, sampled between real neighbours.

A number that only one real row has moves within the gap to its real neighbours, which keeps the
distribution and discloses no exact value.
"""

from __future__ import annotations

import math
import re
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen.columns.codec import CellReading, Codec, Draw, Fault
from syngen.types import Role, Value

WIDER = 0.25  # of the real range, on both sides
MORE = 2  # times the highest count, plus ten, is still a count
ABSURD_COUNT = 10  # times the highest count plus ten is absurd
ABSURD = 2  # ranges away from the range is absurd

_INTEGER = re.compile(r"[+-]?\d{1,19}")
_NUMBER = re.compile(r"[+-]?(?:\d{1,19}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,3})?")
_UNIT = re.compile(rf"({_NUMBER.pattern})\s*(?:/\s*\d+|[^\W\d_]{{1,12}})")


def is_numeric(dtype: str) -> bool:
    """Whether a type, in words, is one of numbers."""
    return dtype.startswith(("Int", "UInt", "Float", "Decimal"))


def parse_number(text: str, dtype: str) -> CellReading:
    """Parse a number of a type; `4/5` and `4 stars` are read as 4 and noted."""
    note = ""
    number = text
    if not _NUMBER.fullmatch(text):
        unit = _UNIT.fullmatch(text)
        if unit is None:
            return CellReading(text, fits=False)
        number, note = unit[1], "format.unit"
    if dtype == "String":
        return CellReading(number, fits=True, note=note)
    if dtype.startswith("Float"):
        return CellReading(float(number), fits=True, note=note)
    if _INTEGER.fullmatch(number):
        return CellReading(int(number), fits=True, note=note)
    value = float(number)
    if value.is_integer():
        return CellReading(int(value), fits=True, note=note or "format.number")
    return CellReading(value, fits=True, note=note)


def as_number(value: Value) -> float | None:
    """A value as a finite number, also one in a string; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def span_of(cells: pl.Series) -> tuple[float, float] | None:
    """The smallest and the largest number; None without any."""
    numbers = cells.cast(pl.Float64, strict=False).drop_nulls().drop_nans().to_numpy()
    return (float(numbers.min()), float(numbers.max())) if len(numbers) else None


class NumberCodec(Codec):
    """A column of numbers, whole ones where its type or role says so."""

    def parse_text(self, text: str) -> CellReading:
        return parse_number(text, self.column.dtype)

    def check(self, value: Value) -> Fault | None:
        """Reject what is no number, not whole where it must be, or far from the real values."""
        number = as_number(value)
        whole = self.column.role is Role.COUNT or self.column.dtype.startswith(("Int", "UInt"))
        if number is None or (whole and not number.is_integer()):
            return self.wrong_type(value, "a whole number" if whole else "a number")
        low, high = self.bounds
        if not low <= number <= high:
            return Fault("out_of_range", f"{self.name!r} is {value}, far from the real values.")
        return None

    def absurd(self, value: Value) -> bool:
        if self.span is None or isinstance(value, bool) or not isinstance(value, int | float):
            return False
        low, high = self.span
        if self.column.role is Role.COUNT:
            return value < 0 or value > ABSURD_COUNT * (high + 10)
        away = ABSURD * (high - low)
        return not low - away <= value <= high + away

    def sample(self, draw: Draw) -> pl.Series:
        donated = self.real.gather(draw.donors)
        known = self.real.gather(draw.train).drop_nulls()
        if not known.dtype.is_numeric() or known.is_empty():
            return donated
        filled = donated.fill_null(known[0])  # any number; removed again below
        if known.dtype.is_integer():
            values, others = (series.cast(pl.Int64).to_numpy() for series in (filled, known))
            moved = pl.Series(integers_between_neighbours(values, others, draw.rng))
        else:
            moved = self._moved(filled.cast(pl.Float64).to_numpy(), known.cast(pl.Float64).to_numpy(), draw)
        return moved.cast(self.dtype).alias(self.name).set(donated.is_null(), None)

    @cached_property
    def bounds(self) -> tuple[float, float]:
        """The smallest and the largest number accepted, from 0 where all real ones are positive."""
        if self.span is None:
            return -math.inf, math.inf
        low, high = self.span
        if self.column.role is Role.COUNT:
            return 0.0, MORE * high + 10
        more = WIDER * (high - low)
        return max(low - more, min(low, 0.0)), high + more

    def _moved(
        self, values: npt.NDArray[np.float64], known: npt.NDArray[np.float64], draw: Draw
    ) -> pl.Series:
        """With the decimals of the real numbers, where a number that large has any, and in their range."""
        moved = between_neighbours(values, known, draw.rng)
        with np.errstate(over="ignore", invalid="ignore"):
            rounded = np.round(moved, self.column.decimals)
        finite = np.where(np.isfinite(rounded), rounded, moved)
        return pl.Series(np.clip(finite, np.nanmin(known), np.nanmax(known))).fill_nan(None)


def between_neighbours(
    values: npt.NDArray[np.float64], real: npt.NDArray[np.float64], rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Move each value that occurs once in `real` uniformly within the half-gaps to its neighbours there.

    This samples the piecewise linear empirical distribution function, so quantiles stay where they were.
    Values that several rows share are private to no row and stay: zeros, prices, round numbers.
    `values` must occur in `real`; NaN stays NaN.
    """
    distinct, counts = np.unique(real[~np.isnan(real)], return_counts=True)
    if len(distinct) < 2:
        return values
    middles = distinct[1:] / 2 + distinct[:-1] / 2  # their sum could be infinite
    edges = np.concatenate([distinct[:1], middles, distinct[-1:]])
    at = np.minimum(np.searchsorted(distinct, values), len(distinct) - 1)
    share = rng.random(len(values))
    moved = np.clip(edges[at] * (1 - share) + edges[at + 1] * share, edges[at], edges[at + 1])
    return np.where(np.isnan(values) | (counts[at] > 1), values, moved)


def integers_between_neighbours(
    values: npt.NDArray[np.int64], real: npt.NDArray[np.int64], rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """`between_neighbours` for whole numbers, exact over all 64 bits; `values` must occur in `real`."""
    distinct, counts = np.unique(real, return_counts=True)
    halves = (np.diff(distinct.view(np.uint64)) // 2).astype(np.int64)  # a gap can be wider than int64
    lows = distinct - np.concatenate([[0], halves])
    highs = distinct + np.concatenate([halves, [0]])
    at = np.searchsorted(distinct, values)
    moved = rng.integers(lows[at], highs[at], endpoint=True)
    return np.where(counts[at] > 1, values, moved)
