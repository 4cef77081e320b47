"""Detect columns of points in time and their format.

String formats are built from the values themselves: a clock time, month and weekday names and the
lengths of the digit runs leave a few formats, and the one that reads and rewrites the values best is taken.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen.columns.markers import without_words
from syngen.columns.number import span_of
from syngen.columns.times import PER_SECOND, from_seconds, to_seconds
from syngen.columns.timetext import named
from syngen.types import TimeFormat

ENOUGH = 0.95  # share of the values that must follow a format
ENOUGH_TO_OBEY = 0.5  # the same where the user says that they are points in time
_SHARE_OF_A_FORMAT = 0.05  # of the values that no format before it reads
_MOST_FORMATS = 4
_ON_STEP = 0.995  # share of the points that a step must divide
_STEPS = (86400.0, 3600.0, 1800.0, 900.0, 300.0, 60.0, 1.0, 0.001)
_ENOUGH_STEPS = 20  # from one point to the next, to see whether they are in order
_IN_ORDER = 0.9  # share of the steps in one direction
_EARLIEST, _LATEST = 631_152_000, 2_208_988_800  # 1990 and 2040, for epoch numbers
_RECENT = 946_684_800  # 2000: without a telling name, smaller numbers are no epochs
_FIRST, _LAST = -5_364_662_400, 7_258_118_400  # 1800 and 2200, for dates
_SAMPLE = 300

_NAME = re.compile(
    r"time|date|stamp|epoch|created|updated|modified|posted|published|datum|zeit|fecha|heure|hora|jour|\wtag$|valuta|^data\b|(^|_)(ts|at|on)$",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"\d{1,2}:\d{2}(?P<seconds>:\d{2})?(?P<fraction>\.\d{3,9})?(?P<half> ?[AaPp][Mm])?"
    r"(?P<zone> ?(?:Z|UTC|[A-Z]{2,4}T|[+-]\d{2}:?\d{2}))?(?![\w:])"
)
_WORDS = re.compile(  # words in dates that are no names
    r"\b(?:del?|of|den|le|the|at|um|à|uhr|h)\b|T\0|(?<=\d)T(?=\d)|[年月日号號]|(?<=\d)(?:st|nd|rd|th)\b",
    re.IGNORECASE,
)
_ORDERS = {  # what the digit runs of a date may be, one letter for each, by their lengths
    "": ("",),
    "8": ("D", "E", "U"),
    "86": ("DC",),
    "4[12][12]": ("Ymd", "Ydm"),
    "4[12][12]2": ("YmdH",),
    "[12][12]4": ("dmY", "mdY"),
    "[12][12]2": ("dmy", "mdy", "ymd"),
    "42": ("Ym",),
    "[12]4": ("mY",),
}
_ZONE = r" ?(?:Z|[+-]\d{2}:?\d{2})$"
_NAMED_ORDERS = {  # the same where the month is a word
    "": ("",),
    "[12]4": ("dY",),
    "4[12]": ("Yd",),
    "[12]2": ("dy",),
    "4": ("Y",),
}
_DIRECTIVES = {
    "D": "%Y%m%d",
    "E": "%d%m%Y",
    "U": "%m%d%Y",
    "C": "%H%M%S",
    "Y": "%Y",
    "y": "%y",
    "m": "%{}m",
    "d": "%{}d",
    "H": "%H",
}
_WEEK = re.compile(r"(?P<year>\d{4})(?P<between>-?W)\d{2}(?:(?P<dash>-)(?P<day>[1-7]))?")


def detect_time(series: pl.Series, *, sure: bool = False) -> TimeFormat | None:
    """Detect how a column writes points in time; None when it contains none.

    Args:
        series: A column with at least one value. Its name helps to distinguish epoch seconds from
            other large numbers.
        sure: Whether the user says that it contains some: then no name is needed, and half of the cells
            are enough.
    """
    if series.dtype in (pl.Date, pl.Datetime):
        return TimeFormat("native", step=_step(to_seconds(series, TimeFormat("native"))))
    if series.dtype == pl.String:
        return _of_strings(series, sure=sure)
    if series.dtype.is_numeric():
        return _of_numbers(series, sure=sure)
    return None


def clock_formats(values: list[str]) -> list[str]:
    """The possible formats of times of day without a date."""
    found = itertools.chain.from_iterable(_formats(value) for value in values)
    return [fmt for fmt in dict.fromkeys(found) if not re.search(r"%-?[Yymdb]", fmt)]


def other_reading(series: pl.Series, fmt: TimeFormat) -> bool:
    """Whether all dates can also be read with day and month exchanged."""
    swapped = exchanged(fmt).format
    if (
        not re.search(r"%-?d.*%-?m|%-?m.*%-?d", fmt.format)
        or fmt.format.startswith("%Y")
        or "." in fmt.format
    ):
        return False
    other = to_seconds(series, TimeFormat("string", format=swapped, step=fmt.step))
    return not np.isnan(other[series.is_not_null().to_numpy()]).any()


def exchanged(fmt: TimeFormat) -> TimeFormat:
    """The format with day and month exchanged."""
    return replace(fmt, format=fmt.format.translate(str.maketrans("dm", "md")))


def _of_numbers(series: pl.Series, *, sure: bool) -> TimeFormat | None:
    values = series.drop_nulls()
    low, high = span_of(values) or (0.0, 0.0)
    telling = sure or _NAME.search(series.name) is not None
    for unit, factor in PER_SECOND.items():
        if _EARLIEST * factor <= low and high <= _LATEST * factor:
            close = low >= _RECENT * factor and high < 1.7 * low
            if telling or (close and values.n_unique() > 2):
                step = _step(to_seconds(series, TimeFormat("epoch", unit=unit)))
                return TimeFormat("epoch", unit=unit, step=step)
    if not values.dtype.is_integer():
        return None
    if low >= 19_000_101 and high <= 21_001_231 and (telling or len(values) >= 5):
        return _checked(series, ["%Y%m%d"])
    if telling and low >= 1_011_900 and high <= 31_122_100:  # 1.1.1900 to 31.12.2100
        fitting = [form for fmt in ("%d%m%Y", "%m%d%Y") if (form := _checked(series, [fmt]))]
        return fitting[0] if fitting else None
    return None


def _of_strings(series: pl.Series, *, sure: bool) -> TimeFormat | None:
    cells = series.drop_nulls()
    values = without_words(cells, _dated(cells)).unique(maintain_order=True)
    sample = values.gather_every(max(1, len(values) // _SAMPLE)).head(_SAMPLE)
    dated = _dated(sample)
    enough = ENOUGH_TO_OBEY if sure else ENOUGH
    if dated.sum() < enough * len(sample):
        return None
    telling = sure or _NAME.search(series.name) is not None
    left, formats = sample.filter(dated), list[str]()
    while len(left) > (1 - ENOUGH) * len(sample) and len(formats) < _MOST_FORMATS:
        found = itertools.chain.from_iterable(_formats(value) for value in left.head(40))
        options = [fmt for fmt in dict.fromkeys(found) if _is_date(fmt, left, telling=telling)]
        best = max(options, key=lambda fmt: _fit(left, fmt), default=None)
        if best is None or _fit(left, best)[0] < _SHARE_OF_A_FORMAT:
            break
        formats.append(best)
        left = left.filter(pl.Series(np.isnan(to_seconds(left, TimeFormat("string", format=best)))))
    return _checked(series, formats, enough) if formats else None


def _dated(cells: pl.Series) -> pl.Series:
    """Which cells may be points in time, by their length and a digit."""
    return cells.str.len_chars().is_between(4, 40) & cells.str.contains(r"\d")


def _is_date(fmt: str, sample: pl.Series, *, telling: bool) -> bool:
    """Whether a format has a year and can't be that of a version such as 10.4.12, unless the name says so."""
    if not re.search(r"%-?[YyG]", fmt):
        return (
            re.fullmatch(r"(?:%-?[HI]:%M)(?::%S)?(?:%\.\d?f)?(?: ?%[Pp])?", fmt) is not None
        )  # a time of day
    padded = fmt == "%d.%m.%y" and sample.str.contains(r"^\d\d\.\d\d\.\d\d$").all()
    if "y" in fmt and not (telling or padded or "/" in fmt or "%b" in fmt or "%B" in fmt):
        return False
    return telling or not re.fullmatch(r"%m[.]%Y|%[dm]%[dm]%Y", fmt)


def _fit(sample: pl.Series, fmt: str) -> tuple[float, float, bool, float, bool]:
    """How well a format fits; of two, the one with the larger tuple is the better.

    Returns:
        Share of values it reads, share it writes back unchanged, whether it is the order that goes with its
        mark (after dots the day is first), how well the points are in order, and whether all have one day,
        since these are months.
    """
    sample = sample.str.replace(_ZONE, "") if "z" in fmt else sample  # each cell has its own
    form = TimeFormat("string", format=re.sub(r" ?%:*z", "", fmt), step=1e-6)
    seconds = to_seconds(sample, form)
    read = ~np.isnan(seconds)
    if not read.any():
        return (0.0, 0.0, False, 0.0, False)
    again = from_seconds(seconds, form, sample.dtype)
    days = from_seconds(seconds[read], TimeFormat("string", format="%d"), sample.dtype)
    usual = not re.match(r"%-?m\.|%y", fmt)
    steps = np.diff(seconds[read])
    ordered = float(max((steps >= 0).mean(), (steps <= 0).mean())) if len(steps) >= _ENOUGH_STEPS else 0.0
    ordered = ordered if ordered >= _IN_ORDER else 0.0
    rewritten = int((again == sample).sum()) / len(sample)
    return (float(read.mean()), rewritten, usual, ordered, days.n_unique() == 1)


def _checked(series: pl.Series, formats: Sequence[str], enough: float = ENOUGH) -> TimeFormat | None:
    form = TimeFormat("string", format=formats[0], others=tuple(formats[1:]))
    seconds = to_seconds(series, form)
    read = (seconds > _FIRST) & (seconds < _LAST)
    cells = series.drop_nulls()
    if series.dtype == pl.String:
        cells = without_words(cells, pl.Series(read).filter(series.is_not_null()))
    if read.sum() < enough * len(cells):
        return None
    return replace(form, step=_step(seconds))


def _step(seconds: npt.NDArray[np.float64]) -> float:
    """The longest step, from a day down to a microsecond, that divides nearly all points."""
    micros = np.rint(seconds[~np.isnan(seconds)] * 1e6).astype(np.int64)
    return next(
        (s for s in _STEPS if np.mean(micros % round(s * 1e6) == 0) >= _ON_STEP),
        1e-6,
    )


def _formats(value: str) -> Iterator[str]:
    """The possible formats of a value, padded ones first."""
    week = _WEEK.fullmatch(value)
    if week:
        yield f"%G{week['between']}%V{'-%u' if week['day'] else ''}"
        return
    clock = _CLOCK.search(value)
    dated = f"{value[: clock.start()]}\0{value[clock.end() :]}" if clock else value
    clocks = list(_clock_formats(clock)) if clock else [""]
    for rest in named(dated):
        if re.search(r"[^\W\d]", _WORDS.sub("", re.sub(r"%[AaBb](?:\{\w+\})?", "", rest))):
            continue  # other words: no date
        rest = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "{th}", rest)
        lengths = "".join(str(min(9, len(run))) for run in re.findall(r"\d+", rest))
        orders = _NAMED_ORDERS if re.search("%[Bb]", rest) else _ORDERS
        fields = next((fields for shape, fields in orders.items() if re.fullmatch(shape, lengths)), ())
        pieces = re.split(r"\d+", rest)
        for option, pad, written in itertools.product(fields, ("", "-"), clocks):
            directives = [_DIRECTIVES[field].format(pad) for field in option]
            form = "".join(itertools.chain(*itertools.zip_longest(pieces, directives, fillvalue="")))
            yield form.replace("\0", written.replace("{}", pad))


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
