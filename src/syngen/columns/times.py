"""Points in time: read as seconds since 1970-01-01 UTC, written in the same form, sampled by whole weeks.

The profile learns ranges from the seconds, the plan draws new ones, and both directions go through
here, so that a column read with a `TimeFormat` is written in the very same form. String formats are
those of polars (chrono's strftime), which adds `%-d` (no padding) and `%.3f` (milliseconds) to the
usual directives. New times move by whole weeks and within the hour, which keeps weekday, hour and season.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen.columns.codec import CellReading, Codec, Draw, Fault
from syngen.columns.number import as_number, parse_number
from syngen.types import TimeFormat, Value

PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000}
HOUR = 3600.0
DAY = 86_400.0
WEEK = 7 * DAY
WIDER = 0.1  # of the real span, on both sides, and a day at least
REDRAWS = 8  # of a point in time that equals a real one, before a crowded hour is accepted as it is

_DATE_DIRECTIVE = re.compile(r"%[-_0]?[YyCmdejbBhDFGsc]")
_DIRECTIVE = re.compile(r"%[-_0]?(?P<code>:{0,3}[a-zA-Z]|\.?\d?f|%)|(?P<literal>[^%]+|%)")
_SHAPES = {  # what a directive may write, by its last letter
    **dict.fromkeys("aAbBpP", r"[^\W\d]+\.?"),
    **dict.fromkeys("mdHIMSyuw", r"\s?\d{1,3}"),
    "Y": r"\d{4}",
    "f": r"\.?\d+",
    "z": r"(?:[+-]\d{2}:?\d{2}|Z)",
}

Seconds = npt.NDArray[np.float64]


class TimeCodec(Codec):
    """A column of points in time: a date type, an epoch number, or a string (or whole number) of a format."""

    @cached_property
    def time(self) -> TimeFormat:
        """How the column writes times."""
        return self.column.time or TimeFormat("native")

    def parse_text(self, text: str) -> CellReading:
        if self.time.kind == "epoch":
            return parse_number(text, self.column.dtype)
        if self.time.kind == "string":
            fits = self._shape.fullmatch(text) is not None
            return CellReading(int(text) if fits and self.column.dtype == "Int64" else text, fits=fits)
        try:
            kind = date if self.column.dtype == "Date" else datetime
            return CellReading(kind.fromisoformat(text), fits=True)
        except ValueError:
            return CellReading(text, fits=False)

    def coerce(self, cell: Value) -> Value:
        """Write a date or date-time as the column does; all else as other columns do."""
        if not isinstance(cell, date) or self.time.kind == "native":
            return super().coerce(cell)
        return from_seconds(np.array([_timestamp(cell)]), self.time, self.dtype)[0]

    def check(self, value: Value) -> Fault | None:
        """Reject what is not written as the column writes times, or lies outside the real time span."""
        seconds = float(self.seconds([value])[0])
        if math.isnan(seconds):
            form = self.time.format or self.time.unit or "of its type"
            return self.wrong_type(value, f"a time of the form {form}")
        if not self.bounds[0] <= seconds <= self.bounds[1]:
            return Fault("out_of_range", f"{self.name!r} is {value}, outside the real time span.")
        return None

    def validate_all(self, values: Sequence[Value]) -> list[Fault | None]:
        """All at once: one by one takes long."""
        seconds = self.seconds(values)
        inside = (seconds >= self.bounds[0]) & (seconds <= self.bounds[1])
        others = iter(super().validate_all([v for v, sure in zip(values, inside, strict=True) if not sure]))
        return [None if sure else next(others) for sure in inside]

    def absurd(self, value: Value) -> bool:
        seconds = float(self.seconds([value])[0])
        if self.span is None or math.isnan(seconds):
            return False
        low, high = self.span
        away = max(high - low, DAY)
        return not low - away <= seconds <= high + away

    def seconds(self, values: Sequence[Value]) -> Seconds:
        """Seconds since 1970 UTC of some values, shape (values,); NaN for what is not written in this form."""
        if self.time.kind == "epoch":
            numbers = [as_number(value) for value in values]
            return to_seconds(pl.Series(numbers, dtype=pl.Float64), self.time)
        if self.time.kind == "native":
            return np.array([_timestamp(value) for value in values], dtype=np.float64) - self.time.offset
        own = (int, str) if self.column.dtype == "Int64" else str
        texts = [str(v) if isinstance(v, own) and not isinstance(v, bool) else None for v in values]
        return to_seconds(pl.Series(texts, dtype=pl.String), self.time)

    def sample(self, draw: Draw) -> pl.Series:
        """Some weeks earlier or later, and another time within the same hour."""
        real = self.real_numbers
        low, high = _range(real[draw.train])
        weeks = _weeks(draw)
        moved = real[draw.donors] + (weeks if high - low >= WEEK else 0.0)
        if self.time.step < HOUR:
            moved = _within_hour(moved, real, (low, high), self.time.step, draw.rng)
        return from_seconds(moved, self.time, self.dtype).alias(self.name)

    def numbers(self, cells: pl.Series) -> Seconds:
        return to_seconds(cells, self.time)

    @cached_property
    def bounds(self) -> tuple[float, float]:
        """The first and the last point in time accepted."""
        if self.span is None:
            return -math.inf, math.inf
        low, high = self.span
        more = max(DAY, WIDER * (high - low))
        return low - more, high + more

    @cached_property
    def _shape(self) -> re.Pattern[str]:
        """The format as a regular expression of what it may write; close, not exact."""
        parts = _DIRECTIVE.finditer(self.time.format)
        shapes = (
            re.escape(p["literal"]) if p["literal"] else _SHAPES.get(p["code"][-1], r"\S+") for p in parts
        )
        return re.compile("".join(shapes))


def to_seconds(series: pl.Series, fmt: TimeFormat) -> Seconds:
    """Read a column of times, of the type `fmt` was learnt from; `fmt.offset` is taken off again.

    Returns:
        Epoch seconds UTC, shape (rows,); NaN where a cell is missing or does not follow `fmt`.
        Formats without a date give seconds since midnight.
    """
    if fmt.kind == "epoch":
        seconds = series.cast(pl.Float64) / PER_SECOND[fmt.unit]
    elif fmt.kind == "native":
        seconds = _epoch(series)
    else:
        texts, form = series.cast(pl.String), fmt.format
        if form == "%Y":  # a year alone is no point in time yet
            texts, form = texts + "-01-01", "%Y-%m-%d"
        seconds = _epoch(texts.str.strptime(pl.Datetime("us"), form, strict=False))
        if not _DATE_DIRECTIVE.search(fmt.format):
            seconds = seconds % DAY
    return seconds.to_numpy() - fmt.offset  # null becomes NaN


def from_seconds(seconds: Seconds, fmt: TimeFormat, dtype: pl.DataType) -> pl.Series:
    """Write points in time as a column does: the inverse of `to_seconds`.

    Args:
        seconds: Epoch seconds UTC, shape (rows,); NaN becomes null.
        fmt: How to write them; `fmt.offset` is added, then they are cut down to `fmt.step`.
        dtype: The type of the column.
    """
    absent = np.isnan(seconds)
    micros = np.rint(np.where(absent, 0.0, seconds + fmt.offset) * 1e6).astype(np.int64)
    micros -= micros % max(1, round(fmt.step * 1e6))
    series = pl.Series(values=micros).set(pl.Series(values=absent), None)
    if fmt.kind == "epoch":
        factor = 1_000_000 // PER_SECOND[fmt.unit]
        return (series / factor if dtype.is_float() else series // factor).cast(dtype)
    points = series.cast(pl.Datetime("us"))
    if fmt.kind == "native":
        zone = getattr(dtype, "time_zone", None)
        if zone is not None:
            points = points.dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
        return points.cast(dtype)
    if re.search(r"%:*z", fmt.format):
        points = points.dt.replace_time_zone("UTC")
    return points.dt.to_string(fmt.format).cast(dtype)


def _epoch(series: pl.Series) -> pl.Series:
    if series.dtype == pl.Date:
        return series.cast(pl.Int32).cast(pl.Float64) * DAY
    zone = getattr(series.dtype, "time_zone", None)
    return series.cast(pl.Datetime("us", zone)).cast(pl.Int64).cast(pl.Float64) / 1e6


def _weeks(draw: Draw) -> Seconds:
    """Seconds to move each slot by: up to two weeks, as long as no time column leaves its range.

    All time columns of a slot move alike: what was delivered after it was ordered still is.
    """
    shift = draw.rng.integers(-2, 3, len(draw.donors)).astype(np.float64) * WEEK
    for codec in draw.codecs.values():
        if not isinstance(codec, TimeCodec) or codec.column.derived is not None:
            continue
        real = codec.real_numbers
        low, high = _range(real[draw.train])
        if high - low >= WEEK:  # clock times and short spans stay in their week anyway
            moved = real[draw.donors] + shift
            shift[(moved < low) | (moved > high)] = 0.0
    return shift


def _range(seconds: Seconds) -> tuple[float, float]:
    """The first and the last point in time; infinity and minus infinity without any."""
    known = seconds[~np.isnan(seconds)]
    return float(known.min(initial=np.inf)), float(known.max(initial=-np.inf))


def _timestamp(value: Value) -> float:
    """A date or date-time in seconds since 1970 UTC; NaN for anything else."""
    if not isinstance(value, date):
        return math.nan
    moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _within_hour(
    moved: Seconds, real: Seconds, span: tuple[float, float], step: float, rng: np.random.Generator
) -> Seconds:
    """Turn the minute hand of each point in time, within `span`, away from the real ones.

    All time columns of a slot turn alike, so that short durations stay. Counts in whole steps: the
    same millisecond reached by two ways can differ in the last bit of its seconds.
    """
    missing = np.isnan(moved)
    if missing.all():
        return moved
    low, high = round(span[0] / step), round(span[1] / step)
    hour = round(HOUR / step)
    ticks = np.rint(np.where(missing, span[0], moved) / step).astype(np.int64)
    starts = ticks - ticks % hour
    first, last = np.maximum(starts, low), np.minimum(starts + hour - 1, high)
    width = last - first + 1
    turn = (rng.random(len(ticks)) * hour).astype(np.int64)
    ticks = first + (ticks - first + turn) % width
    taken = np.rint(real[~np.isnan(real)] / step).astype(np.int64)
    for _ in range(REDRAWS if step <= 1 else 0):  # whole minutes are nobody's own
        clash = np.flatnonzero(np.isin(ticks, taken))
        ticks[clash] = first[clash] + (rng.random(len(clash)) * width[clash]).astype(np.int64)
    return np.where(missing, np.nan, ticks * step)
