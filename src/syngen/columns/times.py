"""Points in time: what a column writes becomes seconds since 1970-01-01 UTC, and seconds become what it wrote.

The profile learns ranges from the seconds, the plan draws new ones, and both directions go through
here, so that a column read with a `TimeFormat` is written in the very same form. String formats are
those of polars (chrono's strftime), which adds `%-d` (no padding) and `%.3f` (milliseconds) to the
usual directives.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen.types import TimeFormat

PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000}
DAY = 86_400.0

_DATE_DIRECTIVE = re.compile(r"%[-_0]?[YyCmdejbBhDFGsc]")


def to_seconds(series: pl.Series, fmt: TimeFormat) -> npt.NDArray[np.float64]:
    """Read a column of times.

    Args:
        series: The column, of the type `fmt` was learnt from.
        fmt: How it is written; `fmt.offset` is taken off again.

    Returns:
        Epoch seconds UTC, shape (rows,); NaN where a cell is missing or does not follow `fmt`.
        Formats without a date give seconds since midnight.
    """
    if fmt.kind == "epoch":
        seconds = series.cast(pl.Float64) / PER_SECOND[fmt.unit]
    elif fmt.kind == "native":
        seconds = _epoch(series)
    else:
        seconds = _epoch(_parse(series.cast(pl.String), fmt.format))
        if not _DATE_DIRECTIVE.search(fmt.format):
            seconds = seconds % DAY
    return seconds.fill_null(float("nan")).to_numpy() - fmt.offset


def from_seconds(seconds: npt.NDArray[np.float64], fmt: TimeFormat, dtype: pl.DataType) -> pl.Series:
    """Write points in time as a column does: the inverse of `to_seconds`.

    Args:
        seconds: Epoch seconds UTC, shape (rows,); NaN becomes null.
        fmt: How to write them; `fmt.offset` is added, then they are cut down to `fmt.step`.
        dtype: The type of the column.

    Returns:
        The column, shape (rows,), of type `dtype`.
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
        return _of_type(points, dtype)
    if re.search(r"%:*z", fmt.format):
        points = points.dt.replace_time_zone("UTC")
    return points.dt.to_string(fmt.format).cast(dtype)


def _parse(series: pl.Series, fmt: str) -> pl.Series:
    """Strings as date-times, null where they don't follow the format."""
    if re.fullmatch(r"%[YG]", fmt):  # a year alone is no point in time yet
        series, fmt = series + "-01-01", f"{fmt}-%m-%d"
    return series.str.strptime(pl.Datetime("us"), fmt, strict=False)


def _epoch(series: pl.Series) -> pl.Series:
    """Seconds since the epoch, UTC, of a date or datetime column."""
    if series.dtype == pl.Date:
        return series.to_physical().cast(pl.Float64) * DAY
    zone = getattr(series.dtype, "time_zone", None)
    return series.cast(pl.Datetime("us", zone)).to_physical().cast(pl.Float64) / 1e6


def _of_type(points: pl.Series, dtype: pl.DataType) -> pl.Series:
    """UTC date-times in a native type, in its own time zone where it has one."""
    zone = getattr(dtype, "time_zone", None)
    if zone is not None:
        points = points.dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    return points.cast(dtype)
