"""Numbers and counts: parsed also with a unit, validated by range, sampled between real neighbours.

A number that only one real row has moves within the gap to its real neighbours, which keeps the
distribution and discloses no exact value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen.columns.codec import CellReading, Codec, Draw, Fault
from syngen.columns.grid import ALL_DECIMALS, EXACT, Grid, decimals_of_floats, grid_of
from syngen.columns.names import means_position
from syngen.columns.numberformats import affixes_of, decimals_of
from syngen.columns.stars import stars
from syngen.types import Role, Value

WIDER = 0.25  # of the real range, on both sides
MORE = 2  # times the highest count, plus ten, is still a count
ABSURD_COUNT = 10  # times the highest count plus ten is absurd
APART = 2  # times the distance of neighbours on a map, for how far a position moves
ABSURD = 2  # ranges away from the range is absurd

_INTEGER = re.compile(r"[+-]?\d{1,19}")
_NUMBER = re.compile(r"[+-]?(?:\d{1,19}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,3})?")
_UNIT = re.compile(rf"({_NUMBER.pattern})\s*(?:/\s*\d+|[^\W\d_]{{1,12}})")


def is_numeric(dtype: str) -> bool:
    """Whether a type, in words, is one of numbers."""
    return dtype.startswith(("Int", "UInt", "Float", "Decimal"))


def parse_number(text: str, dtype: str) -> CellReading:
    """Parse a number of a type; `4/5`, `4 stars` and `★★★★☆` are read as 4 and noted."""
    note = ""
    number = text
    if not _NUMBER.fullmatch(text):
        if unit := _UNIT.fullmatch(text):
            number, note = unit[1], "format.unit"
        elif rating := stars(text):
            number, note = rating, "format.stars"
        else:
            return CellReading(text, fits=False)
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
        if self.column.number is None:
            return parse_number(text, self.column.dtype)
        return CellReading(text, fits=self._number(text) is not None)

    def check(self, value: Value) -> Fault | None:
        """Reject what is no number, not whole where it must be, or far from the real values."""
        if value in self.words:
            return None
        number = self._number(value)
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

    def validate_all(self, values: Sequence[Value]) -> list[Fault | None]:
        """Numbers in a form of their own all at once: one by one takes long."""
        if self.column.number is None or not all(isinstance(value, str) for value in values):
            return super().validate_all(values)
        numbers = self.numbers(pl.Series(values, dtype=pl.String))
        low, high = self.bounds
        inside = (numbers >= low) & (numbers <= high)
        others = iter(super().validate_all([v for v, sure in zip(values, inside, strict=True) if not sure]))
        return [None if sure else next(others) for sure in inside]

    def sample(self, draw: Draw) -> pl.Series:
        """Between the real neighbours of the same unit, on the grid and with the decimals of the donor."""
        donors = self.lenders(draw)
        values, real = self.real_numbers[donors], self.real_numbers[draw.train]
        if np.isnan(real).all():
            return self.real.gather(donors)
        if self.dtype.is_integer() and float(np.nanmax(np.abs(real))) > EXACT:
            return self._large(donors, draw)
        moved = values.copy()
        units, real_units = self._units[donors], self._units[draw.train]
        for unit in np.unique(units[~np.isnan(values)]):
            own, others = (units == unit) & ~np.isnan(values), real[(real_units == unit) & ~np.isnan(real)]
            if self.dtype.is_integer():
                whole = integers_between_neighbours(
                    values[own].astype(np.int64), others.astype(np.int64), draw.rng
                )
                moved[own] = whole.astype(np.float64)
            else:
                moved[own] = between_neighbours(values[own], others, draw.rng)
                if means_position(self.name):
                    moved[own] = _apart(moved[own], others, draw.rng)
        moved = self._on_grid(moved, values, donors, draw)
        moved = np.clip(moved, np.nanmin(real), np.nanmax(real))
        return self.with_words(self.write(moved, donors), donors)

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

    def _grid(self, train: npt.NDArray[np.int64]) -> Grid:
        form, known = self.column.number, np.full(len(self.real), np.nan)
        known[train] = self.real_numbers[train]
        return grid_of(known, decimals_of(self.real, form) if form else decimals_of_floats(self.real_numbers))

    @cached_property
    def _units(self) -> npt.NDArray[np.int64]:
        """The unit of each real number as a number of its own, shape (rows,)."""
        if self.column.number is None:
            return np.zeros(len(self.real), np.int64)
        return affixes_of(self.real).rank("dense").fill_null(0).cast(pl.Int64).to_numpy()

    def _on_grid(
        self,
        moved: npt.NDArray[np.float64],
        values: npt.NDArray[np.float64],
        donors: npt.NDArray[np.int64],
        draw: Draw,
    ) -> npt.NDArray[np.float64]:
        """Round to the decimals of the donors, or to where a whole number of grid steps leads."""
        steps, decimals = (of_rows[donors] for of_rows in self._grid(draw.train))
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            if steps.any() and not means_position(self.name):  # back on a grid it may be a real place
                by = np.rint((moved - values) / steps)
                by = np.where((by == 0) & (moved != values), draw.rng.integers(-1, 2, len(by)), by)
                there = values + by * steps
                real = self.real_numbers[draw.train]
                stays = (there < np.nanmin(real)) | (there > np.nanmax(real)) | (there * values < 0)
                moved = np.where(steps > 0, np.where(stays, values, there), moved)
            for places in np.unique(decimals[decimals < ALL_DECIMALS]):
                rounded = np.round(moved, places)
                moved = np.where((decimals == places) & np.isfinite(rounded), rounded, moved)
        return moved

    def _large(self, donors: npt.NDArray[np.int64], draw: Draw) -> pl.Series:
        """Whole numbers too large for floats."""
        donated, known = self.real.gather(donors), self.real.gather(draw.train).drop_nulls().cast(pl.Int64)
        values = donated.fill_null(known[0]).cast(pl.Int64).to_numpy()  # any number; removed again below
        moved = pl.Series(integers_between_neighbours(values, known.to_numpy(), draw.rng))
        return moved.cast(self.dtype).alias(self.name).set(donated.is_null(), None)

    def _number(self, value: Value) -> float | None:
        """A value as a number, also one in the form of the column; None for anything else."""
        if self.column.number is None or not isinstance(value, str):
            return as_number(value)
        number = float(self.numbers(pl.Series([value], dtype=pl.String))[0])
        return None if math.isnan(number) else number


def _apart(
    moved: npt.NDArray[np.float64], real: npt.NDArray[np.float64], rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Move parts of positions as far as neighbours on a map are apart, back from the ends of their range."""
    low, high = real.min(), real.max()
    apart = moved + rng.normal(0.0, APART * real.std() / math.sqrt(len(real)), len(moved))
    return np.where(apart < low, 2 * low - apart, np.where(apart > high, 2 * high - apart, apart))


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
