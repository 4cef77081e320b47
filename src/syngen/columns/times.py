"""Points in time: read as seconds since 1970-01-01 UTC, written in the same form, sampled by whole weeks.

The profile learns ranges from the seconds, the plan draws new ones, and both directions go through
here, so that a column read with a `TimeFormat` is written in the very same form. String formats are
those of `timetext`: `%-d` (no padding) and `%.3f` (milliseconds) add to the usual directives of strftime.
New times move by whole weeks and within the hour, which keeps weekday, hour and season; first days of
months move by whole months.
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
from syngen.columns.timetext import read_times, write_times
from syngen.types import TimeFormat, Value

_DIGITS_OF_A_DATE = 8  # 1022020 is 01 02 2020
PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000}
HOUR = 3600.0
DAY = 86_400.0
WEEK = 7 * DAY
WIDER = 0.1  # of the real span, on both sides, and a day at least
FEW, SHARED = 50, 10  # different points, with so many rows each: nobody's own
REDRAWS = 8  # of a point in time that equals a real one, before a crowded hour is accepted as it is

DATE_DIRECTIVE = re.compile(r"%[-_0]?[YyCmdejbBhDFGsc]")
_DIRECTIVE = re.compile(
    r"%[-_0]?(?P<code>:{0,3}[a-zA-Z]|\.?\d?f|%)(?P<th>\{th\})?(?:\{\w+\})?|(?P<literal>[^%]+|%)"
)
_OFFSET = re.compile(r"%:*z")
_OFFSET_OF = r"(Z|[+-]\d{2}:?\d{2})$"
_MONTHLY = 0.5  # share of the different days that are the first, or the last, of a month
_SHAPES = {  # what a directive may write, by its last letter
    **dict.fromkeys("aAbBpP", r"[^\W\d]+\.?"),
    **dict.fromkeys("mdHIMSyuw", r"\s?\d{1,3}"),
    **dict.fromkeys("YG", r"\d{4}"),
    "V": r"\d{2}",
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
            fits = any(shape.fullmatch(text) for shape in self._shapes)
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
        if value in self.words:
            return None
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
        """Some weeks earlier or later, and another time within the same hour; or some months."""
        real, donors = self.real_numbers, self.lenders(draw)
        low, high = _range(real[draw.train])
        known = real[draw.train][~np.isnan(real[draw.train])]
        if len(known) >= SHARED * len(np.unique(known)) and len(np.unique(known)) <= FEW:  # days of events
            return self.real.gather(donors)
        weeks = _weeks(draw)
        moved = real[donors] + (weeks if high - low >= WEEK else 0.0)
        moved = np.where((moved < low) | (moved > high), real[donors], moved)
        if self.time.step < HOUR:
            turned = _within_hour(moved, real, (low, high), self.time.step, draw.rng)
            moved = np.where(real[donors] % DAY == 0, moved, turned)  # a day without a time stays one
        monthly = self._monthly(draw.train)[donors]
        if monthly.any():
            moved[monthly] = _by_months(real[donors][monthly], np.sign(weeks[monthly]), (low, high))
        return self.with_words(self.write(moved, donors), donors)

    def _monthly(self, train: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Which real points are the first, or the last, day of a month, where most are; shape (rows,)."""
        real = self.real_numbers
        days = np.floor(np.where(np.isnan(real), 0.0, real) / DAY).astype("datetime64[D]")
        of_month = {
            "first": days == days.astype("datetime64[M]"),
            "last": days + 1 == (days + 1).astype("datetime64[M]"),
        }
        known = ~np.isnan(real)
        distinct, at = np.unique(days[train[known[train]]], return_index=True)
        for ends in of_month.values():
            if len(distinct) > 2 and ends[train[known[train]]][at].mean() >= _MONTHLY:
                monthly: npt.NDArray[np.bool_] = ends & known
                return monthly
        return np.zeros(len(real), np.bool_)

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

    def odd(self, train: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        return self.unread_once(self.real_numbers, train)

    def write(self, numbers: Seconds, donors: npt.NDArray[np.int64]) -> pl.Series:
        """Write points in time in the type of the column, each in the format and time zone of its donor."""
        if self.time.kind != "string" or not (self.time.others or _OFFSET.search(self.time.format)):
            return from_seconds(numbers, self.time, self.dtype).alias(self.name)
        texts = np.full(len(donors), None, dtype=object)
        own_form, zones = self._forms[donors], self._zones.gather(donors)
        for number, zone in {*zip(own_form.tolist(), zones.to_list(), strict=True)}:
            same = (own_form == number) & (zones == zone).to_numpy()
            fmt = self.time.formats[number]
            hours = _hours(zone) if _OFFSET.search(fmt) else 0.0
            form = TimeFormat("string", format=_OFFSET.sub(zone, fmt), step=self.time.step, offset=hours)
            texts[same] = from_seconds(numbers[same], form, pl.String()).to_numpy()
        return pl.Series(self.name, texts.tolist(), dtype=pl.String).cast(self.dtype)

    @cached_property
    def _forms(self) -> npt.NDArray[np.int64]:
        """Which of the formats each real cell follows, shape (rows,); the first where it follows none."""
        forms = np.zeros(len(self.real), np.int64)
        for number in reversed(range(len(self.time.formats))):
            read = to_seconds(self.real, TimeFormat("string", format=self.time.formats[number]))
            forms[~np.isnan(read)] = number
        return forms

    @cached_property
    def _zones(self) -> pl.Series:
        """How each real cell writes its offset from UTC: `Z`, `+05:30`; empty where it has none."""
        return self.real.cast(pl.String).str.extract(_OFFSET_OF).fill_null("")

    @cached_property
    def _shapes(self) -> list[re.Pattern[str]]:
        """Each format as a regular expression of what it may write; close, not exact."""
        return [re.compile("".join(map(_shape, _DIRECTIVE.finditer(fmt)))) for fmt in self.time.formats]


def _shape(part: re.Match[str]) -> str:
    if part["literal"]:
        return re.escape(part["literal"])
    return _SHAPES.get(part["code"][-1], r"\S+") + (r"(?:st|nd|rd|th)" if part["th"] else "")


def _hours(zone: str) -> float:
    """The seconds that a time zone such as `+05:30` is ahead of UTC."""
    if zone in ("", "Z"):
        return 0.0
    digits = zone.replace(":", "")
    seconds = int(digits[1:3]) * HOUR + int(digits[3:5]) * 60
    return -seconds if digits[0] == "-" else seconds


def to_seconds(series: pl.Series, fmt: TimeFormat) -> Seconds:
    """Read a column of times, of the type `fmt` was learnt from; `fmt.offset` is taken off again.

    Returns:
        Epoch seconds UTC, shape (rows,); NaN where a cell is missing or does not follow `fmt`.
        Formats without a date give seconds since midnight.
    """
    if fmt.kind == "epoch":
        seconds = series.cast(pl.Float64, strict=False) / PER_SECOND[fmt.unit]
    elif fmt.kind == "native":
        seconds = _epoch(series)
    else:
        texts = series.cast(pl.String)
        if series.dtype.is_integer() and len(fmt.format) == len("%d%m%Y"):
            texts = texts.str.zfill(_DIGITS_OF_A_DATE)
        seconds = _epoch(read_times(texts, fmt.format))
        for other in fmt.others:
            seconds = seconds.zip_with(seconds.is_not_null(), _epoch(read_times(texts, other)))
        if not DATE_DIRECTIVE.search(fmt.format):
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
    if _OFFSET.search(fmt.format):
        points = points.dt.replace_time_zone("UTC")
    return write_times(points, fmt.format).cast(dtype)


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


def _by_months(seconds: Seconds, months: Seconds, span: tuple[float, float]) -> Seconds:
    """Move first or last days of months by whole months, as long as they stay within `span`."""
    days = np.floor(seconds / DAY).astype("datetime64[D]")
    last = (days + 1 == (days + 1).astype("datetime64[M]")).astype(np.int64)  # its next day is moved
    first = (days + last).astype("datetime64[M]") + months.astype(np.int64)
    moved = (first.astype("datetime64[D]") - last).astype(np.float64) * DAY + seconds % DAY
    return np.where((moved < span[0]) | (moved > span[1]), seconds, moved)


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
