"""Find columns that can be computed from another.

A derivation must be true in 99 % of the rows that have a value, and the column must vary enough that
this can't be chance.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen.columns.timeformats import clock_formats
from syngen.columns.times import from_seconds, to_seconds
from syngen.reference.roles import Reading, evenly
from syngen.types import Derivation, Role, TimeFormat

_AGREEMENT = 0.99
_SURPRISE = 24.0  # bits; unrelated columns agree like this once in 16 million cases
_SAMPLE = 200  # rows on which offsets are tried
_LOOK = 400  # rows that distinguish most columns at once
_LOOKS_ALIKE = 0.9  # share of these in which two columns agree that may be equal
_OFFSETS = sorted((900.0 * quarter for quarter in range(-56, 57)), key=abs)  # up to 14 hours either way
_FIELDS = {  # parts of a date that are columns of numbers, with the range of each
    "%Y": (1900, 2100),
    "%m": (1, 12),
    "%d": (1, 31),
    "%H": (0, 23),
    "%u": (1, 7),
    "%w": (0, 6),
}
_NAMES = ("%A", "%a", "%B", "%b")  # weekdays and months


def find_derivations(
    frame: pl.DataFrame, readings: Mapping[str, Reading], words: Mapping[str, npt.NDArray[np.int32]]
) -> dict[str, Derivation]:
    """Find the columns that can be computed from another, none of which is itself derived.

    Args:
        readings: The detected role of every column.
        words: Words of every text, by written column.
    """
    varied = [
        series
        for series in frame.iter_columns()
        if readings[series.name].role not in (Role.EMPTY, Role.CONSTANT) and _surprise(series) >= _SURPRISE
    ]
    found = _equal(varied)
    rest = [series for series in varied if series.name not in found]
    found |= _times(rest, readings)
    rest = [series for series in rest if series.name not in found]
    found |= _lengths(rest, [frame[name] for name in words if name not in found], words)
    return {name: found.get(d.source, d) for name, d in found.items()}  # equal to a derived one: the same


def explain(derivation: Derivation) -> str:
    """Describe a derivation in a few words."""
    source = f"'{derivation.source}'"
    if derivation.time is None:
        return {"equal": f"the same as {source}"}.get(derivation.kind, f"{derivation.kind} in {source}")
    written = derivation.time.format or derivation.time.unit or "a date type"
    hours = derivation.time.offset / 3600
    return f"{source} written as {written}" + (f", {hours:+g} hours" if hours else "")


def _surprise(series: pl.Series) -> float:
    """Entropy times rows, in bits."""
    counts = series.drop_nulls().unique_counts()
    return float(counts.entropy(base=2) or 0.0) * int(counts.sum())


def _equal(columns: Sequence[pl.Series]) -> dict[str, Derivation]:
    found: dict[str, Derivation] = {}
    looks = np.stack([evenly(series, _LOOK).hash().to_numpy() for series in columns] or [np.zeros(0)])
    for i, series in enumerate(columns):
        alike = np.flatnonzero((looks[:i] == looks[i]).mean(axis=1) > _LOOKS_ALIKE).tolist()
        for source in [columns[j] for j in alike]:
            if source.dtype == series.dtype and source.name not in found and _agree(source, series):
                found[series.name] = Derivation(source.name, "equal")
                break
    return found


def _agree(values: pl.Series, series: pl.Series) -> bool:
    """Whether two columns agree in nearly all rows in which either has a value, other than the usual one."""
    usual = series.drop_nulls().mode().sort()
    either = values.is_not_null() | series.is_not_null()
    if len(usual):
        telling = either & ~((values == usual[0]) & (series == usual[0])).fill_null(value=False)
        either = telling if telling.any() else either
    return int(((values == series) & either).sum()) >= _AGREEMENT * int(either.sum())


def _times(columns: Sequence[pl.Series], readings: Mapping[str, Reading]) -> dict[str, Derivation]:
    """Columns that write the point in time of another, more precise one."""
    found: dict[str, Derivation] = {}
    dated = [(series, time) for series in columns if (time := readings[series.name].time) is not None]
    candidates = [(series, form) for series in columns for form in _forms(series, readings[series.name])]
    candidates.sort(key=lambda pair: pair[1].step)  # clocks first: they settle the offset of the dates
    dated.sort(
        key=lambda pair: (pair[1].step, bool(pair[1].format) and not re.search(r"%-?d", pair[1].format))
    )
    for source, fmt in dated:
        if source.name in found:
            continue
        seconds = to_seconds(source, fmt)
        offsets: list[float] = []
        for series, form in candidates:
            settled = {source.name, *found, *(derivation.source for derivation in found.values())}
            if series.name in settled or form.step < fmt.step:
                continue
            fitted = _fitted(seconds, series, form, [*offsets, *_OFFSETS])
            if fitted is not None:
                found[series.name] = Derivation(source.name, "time", fitted)
                offsets.append(fitted.offset)
    return found


def _forms(series: pl.Series, reading: Reading) -> Iterator[TimeFormat]:
    if reading.time is not None:
        yield reading.time
    elif series.dtype == pl.Int64:
        for fmt, (least, most) in _FIELDS.items():
            if series.is_between(least, most).all():
                yield TimeFormat("string", format=fmt, step=60.0 if fmt == "%H" else 86400.0)
    elif series.dtype == pl.String and not reading.role.written:
        values = series.drop_nulls().unique(maintain_order=True).head(20).to_list()
        names = _NAMES if all(map(str.isalpha, values)) else ()
        yield from (TimeFormat("string", format=fmt, step=86400.0) for fmt in names)
        yield from (TimeFormat("string", format=fmt, step=_clock_step(fmt)) for fmt in clock_formats(values))


def _clock_step(fmt: str) -> float:
    steps = {"%.f": 1e-6, "%.6f": 1e-6, "f": 1e-3, "%S": 1.0}
    return next((step for directive, step in steps.items() if directive in fmt), 60.0)


def _fitted(
    seconds: npt.NDArray[np.float64], series: pl.Series, form: TimeFormat, offsets: Sequence[float]
) -> TimeFormat | None:
    """The format with the offset at which these points in time agree with the column; None without one."""
    both = np.flatnonzero(~np.isnan(seconds) & series.is_not_null().to_numpy())
    rows = both[:: max(1, len(both) // _SAMPLE)]
    sample, expected = seconds[rows], series.gather(rows)

    def agreement(offset: float) -> float:
        written = from_seconds(sample, replace(form, offset=offset), series.dtype)
        return int((written == expected).sum()) / max(1, len(rows))

    # At a wrong offset hours and minutes can be anything, while the date is mostly right.
    clocked = form.kind == "epoch" or re.search(r"%-?[HI]", form.format) or form.step < 86400
    if not clocked and agreement(0.0) < 0.3:
        return None
    best = max(offsets, key=agreement)  # the smallest of equals
    fitted = replace(form, offset=best)
    return fitted if _agree(from_seconds(seconds, fitted, series.dtype), series) else None


def _lengths(
    columns: Sequence[pl.Series], texts: Sequence[pl.Series], words: Mapping[str, npt.NDArray[np.int32]]
) -> dict[str, Derivation]:
    found: dict[str, Derivation] = {}
    numbers = [series for series in columns if series.dtype == pl.Int64]
    for text in texts if numbers else ():
        in_words = pl.Series(words[text.name]).cast(pl.Int64)
        in_characters = text.str.len_chars().cast(pl.Int64).fill_null(0)
        for series in numbers:
            if series.name not in found and _agree(in_words, series):
                found[series.name] = Derivation(text.name, "words")
            elif series.name not in found and _agree(in_characters, series):
                found[series.name] = Derivation(text.name, "characters")
    return found
