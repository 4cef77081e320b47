"""The columns that code owns: donors in, one new column out; one small maker for each role.

What is discrete is taken from the donor as it is, which keeps every joint distribution. A number that
only one real row has moves within the gap to its real neighbours, which keeps the distribution and
gives away no exact value. Times move by whole weeks and within the hour, which keeps weekday, hour
and season.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen.columns.new_identifiers import mint
from syngen.columns.times import from_seconds, to_seconds
from syngen.types import ColumnProfile, Reference, Role, TimeFormat

WEEK = 7 * 86400.0
HOUR = 3600.0
REDRAWS = 8  # of a point in time that hit a real one, before a crowded hour is accepted as it is


@dataclass(frozen=True, slots=True)
class Draw:
    """What a maker needs.

    Attributes:
        profile: Of the column to make.
        donors: Row numbers in the reference, shape (n,).
        turns: How often the donor had been drawn before in this plan, shape (n,).
        rng: Chance; time columns get generators of one seed, so that they move together.
    """

    reference: Reference
    profile: ColumnProfile
    donors: npt.NDArray[np.int64]
    turns: npt.NDArray[np.int64]
    rng: np.random.Generator

    @property
    def real(self) -> pl.Series:
        """The real column."""
        return self.reference.frame[self.profile.name]

    @property
    def taken(self) -> pl.Series:
        """The donors' own values."""
        return self.real.gather(self.donors)


def make_column(draw: Draw) -> pl.Series:
    """The new values of one column, in the real column's type; missing where the donor's is missing."""
    return MAKERS.get(draw.profile.role, _keep)(draw)


def derive_column(
    profile: ColumnProfile, real: pl.Series, source: pl.Series, source_time: TimeFormat | None
) -> pl.Series:
    """A column that follows from another made one (kinds "equal" and "time").

    Args:
        profile: Of the derived column, with its derivation.
        real: The real derived column, for its type.
        source: The made source column.
        source_time: How the source writes a point in time; None unless the kind is "time".
    """
    derived = profile.derived
    if derived is None:
        raise ValueError(f"{profile.name} is not derived")
    if derived.kind == "equal":
        return source.cast(real.dtype).alias(profile.name)
    if source_time is None or derived.time is None:
        raise ValueError(f"{profile.name} follows from {derived.source}, which is no point in time")
    return from_seconds(to_seconds(source, source_time), derived.time, real.dtype).alias(profile.name)


def between_neighbours(
    values: npt.NDArray[np.float64], real: npt.NDArray[np.float64], rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Move each value that occurs once in `real` uniformly within the half-gaps to its neighbours there.

    This samples the piecewise linear empirical distribution function, so quantiles stay where they were.
    Values that several rows share are no row's secret and stay: zeros, prices, round numbers.
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


def _keep(draw: Draw) -> pl.Series:
    return draw.taken


def _empty(draw: Draw) -> pl.Series:
    """No value, also where the real column has some: a role given by hand leaves it out."""
    return draw.real.clear(len(draw.donors))


def _number(draw: Draw) -> pl.Series:
    taken = draw.taken
    real = draw.real.gather(draw.reference.train).drop_nulls()
    if not real.dtype.is_numeric() or real.is_empty():
        return taken
    filled = taken.fill_null(real[0])  # any number that is there; it is taken out again
    moved = (_moved_integers if real.dtype.is_integer() else _moved_floats)(filled, real, draw)
    return moved.cast(taken.dtype).alias(taken.name).set(taken.is_null(), None)


def _moved_integers(values: pl.Series, real: pl.Series, draw: Draw) -> pl.Series:
    made, known = (series.cast(pl.Int64).to_numpy() for series in (values, real))
    return pl.Series(integers_between_neighbours(made, known, draw.rng))


def _moved_floats(values: pl.Series, real: pl.Series, draw: Draw) -> pl.Series:
    """With the decimals of the real ones, where a number that large has any, and in their range."""
    known = real.cast(pl.Float64).to_numpy()
    moved = between_neighbours(values.cast(pl.Float64).to_numpy(), known, draw.rng)
    with np.errstate(over="ignore", invalid="ignore"):
        rounded = np.round(moved, draw.profile.decimals)
    finite = np.where(np.isfinite(rounded), rounded, moved)
    return pl.Series(np.clip(finite, np.nanmin(known), np.nanmax(known))).fill_nan(None)


def _time(draw: Draw) -> pl.Series:
    """Some weeks earlier or later, and another time within the same hour."""
    fmt = draw.profile.time
    if fmt is None:
        return draw.taken
    real, low, high = _seconds(draw.reference, draw.profile, fmt)
    weeks = _weeks(draw)
    moved = real[draw.donors] + (weeks if high - low >= WEEK else 0.0)
    if fmt.step < HOUR:
        moved = _within_hour(moved, real, (low, high), fmt.step, draw.rng)
    return from_seconds(moved, fmt, draw.real.dtype).alias(draw.real.name)


def _weeks(draw: Draw) -> npt.NDArray[np.float64]:
    """Seconds to move each slot by: up to two weeks, as long as no time column leaves its range.

    All time columns of a slot move alike: what was delivered after it was ordered still is.
    """
    shift = draw.rng.integers(-2, 3, len(draw.donors)).astype(np.float64) * WEEK
    for column in draw.reference.profile.with_role(Role.DATETIME):
        if column.time is None:
            continue
        real, low, high = _seconds(draw.reference, column, column.time)
        if high - low >= WEEK:  # clock times and short spans stay in their week anyway
            moved = real[draw.donors] + shift
            shift[(moved < low) | (moved > high)] = 0.0
    return shift


def _seconds(
    reference: Reference, column: ColumnProfile, fmt: TimeFormat
) -> tuple[npt.NDArray[np.float64], float, float]:
    """A real time column in seconds, NaN where missing, and its range in the train split."""
    real = to_seconds(reference.frame[column.name], fmt)
    known = real[reference.train]
    known = known[~np.isnan(known)]
    return real, float(known.min(initial=np.inf)), float(known.max(initial=-np.inf))


def _within_hour(
    moved: npt.NDArray[np.float64],
    real: npt.NDArray[np.float64],
    span: tuple[float, float],
    step: float,
    rng: np.random.Generator,
) -> npt.NDArray[np.float64]:
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


def _identifier(draw: Draw) -> pl.Series:
    pattern = draw.profile.identifier
    if pattern is None:
        return draw.taken
    keys = [
        None if value is None else (value, turn)
        for value, turn in zip(draw.taken.to_list(), draw.turns.tolist(), strict=True)
    ]
    real = {str(value) for value in draw.real.unique().drop_nulls().to_list()}
    minted = mint(keys, pattern, real, draw.rng)
    return pl.Series(draw.real.name, minted, strict=True).cast(draw.real.dtype)


MAKERS: Mapping[Role, Callable[[Draw], pl.Series]] = {
    Role.COUNT: _number,
    Role.NUMBER: _number,
    Role.DATETIME: _time,
    Role.IDENTIFIER: _identifier,
    Role.EMPTY: _empty,
}
