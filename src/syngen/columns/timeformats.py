"""Detect columns of points in time and their format.

String formats are built from the values themselves: a clock time, month and weekday names and the
lengths of the digit runs leave a few formats, and the one that reads and rewrites the values best is taken.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen.columns.number import span_of
from syngen.columns.times import PER_SECOND, from_seconds, to_seconds
from syngen.types import TimeFormat

ENOUGH = 0.99  # share of the values that must follow the format
_EARLIEST, _LATEST = 631_152_000, 2_208_988_800  # 1990 and 2040, for epoch numbers
_RECENT = 946_684_800  # 2000: without a telling name, smaller numbers are no epochs
_FIRST, _LAST = -5_364_662_400, 7_258_118_400  # 1800 and 2200, for dates
_SAMPLE = 300

_NAME = re.compile(
    r"time|date|stamp|epoch|created|updated|modified|posted|published|datum|zeit|fecha|heure|hora|jour|(^|_)(ts|at|on)$",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"\d{1,2}:\d{2}(?P<seconds>:\d{2})?(?P<fraction>\.\d{3,9})?(?P<half> ?[AaPp][Mm])?"
    r"(?P<zone> ?(?:Z|UTC|[A-Z]{2,4}T|[+-]\d{2}:?\d{2}))?(?![\w:])"
)
_NAMES = {  # what stands for a directive, longest first
    "%B": "January February March April May June July August September October November December",
    "%A": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "%b": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "%a": "Mon Tue Wed Thu Fri Sat Sun",
}
_ORDERS = {  # what the digit runs of a date may be, one letter for each, by their lengths
    "": ("",),
    "8": ("D",),
    "4[12][12]": ("Ymd",),
    "[12][12]4": ("dmY", "mdY"),
    "[12][12]2": ("dmy", "mdy"),
    "42": ("Ym",),
}
_NAMED_ORDERS = {  # the same where the month is a word
    "": ("",),
    "[12]4": ("dY",),
    "4[12]": ("Yd",),
    "[12]2": ("dy",),
    "4": ("Y",),
}
_DIRECTIVES = {"D": "%Y%m%d", "Y": "%Y", "y": "%y", "m": "%{}m", "d": "%{}d"}


def detect_time(series: pl.Series) -> TimeFormat | None:
    """Detect how a column writes points in time; None when it contains none.

    Args:
        series: A column with at least one value. Its name helps to distinguish epoch seconds from
            other large numbers.
    """
    if series.dtype in (pl.Date, pl.Datetime):
        return TimeFormat("native", step=_step(to_seconds(series, TimeFormat("native"))))
    if series.dtype == pl.String:
        return _of_strings(series)
    if series.dtype.is_numeric():
        return _of_numbers(series)
    return None


def clock_formats(values: list[str]) -> list[str]:
    """The possible formats of times of day without a date."""
    found = itertools.chain.from_iterable(_formats(value) for value in values)
    return [fmt for fmt in dict.fromkeys(found) if not re.search(r"%-?[Yymdb]", fmt)]


def other_reading(series: pl.Series, fmt: TimeFormat) -> bool:
    """Whether all dates can also be read with day and month exchanged."""
    swapped = fmt.format.translate(str.maketrans("dm", "md"))
    if not re.search(r"%-?d.*%-?m|%-?m.*%-?d", fmt.format) or fmt.format.startswith("%Y"):
        return False
    other = to_seconds(series, TimeFormat("string", format=swapped, step=fmt.step))
    return not np.isnan(other[series.is_not_null().to_numpy()]).any()


def _of_numbers(series: pl.Series) -> TimeFormat | None:
    values = series.drop_nulls()
    low, high = span_of(values) or (0.0, 0.0)
    telling = _NAME.search(series.name) is not None
    for unit, factor in PER_SECOND.items():
        if _EARLIEST * factor <= low and high <= _LATEST * factor:
            close = low >= _RECENT * factor and high < 1.7 * low
            if telling or (close and values.n_unique() > 2):
                step = _step(to_seconds(series, TimeFormat("epoch", unit=unit)))
                return TimeFormat("epoch", unit=unit, step=step)
    dates = values.dtype.is_integer() and low >= 19_000_101 and high <= 21_001_231
    return _checked(series, "%Y%m%d") if dates and (telling or len(values) >= 5) else None


def _of_strings(series: pl.Series) -> TimeFormat | None:
    values = series.drop_nulls().unique(maintain_order=True)
    sample = values.gather_every(max(1, len(values) // _SAMPLE)).head(_SAMPLE)
    if not sample.str.len_chars().is_between(6, 40).all() or not sample.str.contains(r"\d").all():
        return None
    found = itertools.chain.from_iterable(_formats(value) for value in sample.head(20))
    dated = [fmt for fmt in dict.fromkeys(found) if re.search(r"%-?[Yy]", fmt)]
    if not _NAME.search(series.name):  # 10.4.12 may be a version as well
        dated = [fmt for fmt in dated if "y" not in fmt or "/" in fmt or "%b" in fmt or "%B" in fmt]
    ranked = sorted(dated, key=lambda fmt: _fit(sample, fmt), reverse=True)
    return _checked(series, ranked[0]) if ranked else None


def _fit(sample: pl.Series, fmt: str) -> tuple[float, float, bool]:
    """Share of values a format reads, share it writes back unchanged, and whether all have one day.

    Of two formats, the one with the same day in all values is better: these are months.
    """
    form = TimeFormat("string", format=fmt, step=1e-6)
    seconds = to_seconds(sample, form)
    read = ~np.isnan(seconds)
    if not read.any():
        return (0.0, 0.0, False)
    again = from_seconds(seconds, form, sample.dtype)
    days = from_seconds(seconds[read], TimeFormat("string", format="%d"), sample.dtype)
    return (float(read.mean()), int((again == sample).sum()) / len(sample), days.n_unique() == 1)


def _checked(series: pl.Series, fmt: str) -> TimeFormat | None:
    seconds = to_seconds(series, TimeFormat("string", format=fmt))
    read = (seconds > _FIRST) & (seconds < _LAST)
    if read.sum() < ENOUGH * (len(series) - series.null_count()):
        return None
    return TimeFormat("string", format=fmt, step=_step(seconds))


def _step(seconds: npt.NDArray[np.float64]) -> float:
    """The longest of day, minute, second and millisecond that divides all points."""
    micros = np.rint(seconds[~np.isnan(seconds)] * 1e6).astype(np.int64)
    return next(
        (step for step in (86400.0, 60.0, 1.0, 0.001) if not (micros % round(step * 1e6)).any()), 1e-6
    )


def _formats(value: str) -> Iterator[str]:
    """The possible formats of a value, padded ones first."""
    clock = _CLOCK.search(value)
    rest = f"{value[: clock.start()]}\0{value[clock.end() :]}" if clock else value
    for directive, names in _NAMES.items():
        rest = re.sub(rf"(?<!%)\b(?:{names.replace(' ', '|')})\b", directive, rest)
    if re.search(r"[^\W\d]", re.sub(r"%[AaBb]|T\0", "", rest)):
        return  # other words: no date
    clocks = list(_clock_formats(clock)) if clock else [""]
    lengths = "".join(str(min(9, len(run))) for run in re.findall(r"\d+", rest))
    orders = _NAMED_ORDERS if re.search("%[Bb]", rest) else _ORDERS
    fields = next((fields for shape, fields in orders.items() if re.fullmatch(shape, lengths)), ())
    pieces = re.split(r"\d+", rest)
    for option, pad, written in itertools.product(fields, ("", "-"), clocks):
        directives = [_DIRECTIVES[field].format(pad) for field in option]
        dated = "".join(itertools.chain(*itertools.zip_longest(pieces, directives, fillvalue="")))
        yield dated.replace("\0", written.format(pad))


def _clock_formats(clock: re.Match[str]) -> Iterator[str]:
    """The possible formats of a time of day, with `{}` for the padding of the hour."""
    half, zone, fraction = clock["half"] or "", clock["zone"] or "", clock["fraction"] or ""
    hour = "%{}I" if half else "%{}H"
    halves = re.sub("[AaPp][Mm]", "%P" if half.islower() else "%p", half)
    fractions = {3: ("%.3f", "%.f"), 6: ("%.6f", "%.f"), 9: ("%.9f", "%.f")}.get(len(fraction) - 1, ("%.f",))
    zones = [zone] if not re.search(r"\d", zone) or not int(re.sub(r"\D", "", zone)) else []
    if re.search(r"\d", zone):
        zones.append(re.sub(r"[+-].*", "%:z" if ":" in zone else "%z", zone))
    for part, offset in itertools.product(fractions if fraction else ("",), zones):
        yield f"{hour}:%M{':%S' if clock['seconds'] else ''}{part}{halves}{offset}"
