"""Is a cell of native mode one that its column could hold? One check per role, in a registry.

A value and what is known of its column in, a `Fault` or None out. Values are judged as they are:
letter case and units were read over, and noted, by the reader. A column derived from another is
checked for its form only; whether it agrees is a finding about the data, not a reason to lose a row.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from syngen.columns.fault import Fault
from syngen.columns.times import DAY, to_seconds
from syngen.types import ColumnProfile, Profile, Role, TimeFormat, Value

WIDER = 0.25  # of the real range, on both sides, for numbers and integer keys
WIDER_TIME = 0.1  # the same for times, and a day at least
MORE = 2  # times the highest count, and ten, are still a count


@dataclass(frozen=True, slots=True)
class Limits:
    """What is known of a column beyond its profile.

    Attributes:
        low: The smallest value taken; for times seconds since 1970 UTC.
        high: The largest.
        shapes: The shapes of those identifiers that do not follow the common pattern.
        taken: The real identifiers, as text.
    """

    column: ColumnProfile
    low: float = -math.inf
    high: float = math.inf
    shapes: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()


def limits_of(profile: Profile, frame: pl.DataFrame) -> dict[str, Limits]:
    """The limits of every column that a model does not write as text."""
    return {
        column.name: _limits(_as_source(column, profile), frame[column.name])
        for column in profile.columns
        if not column.role.written
    }


def column_fault(value: Value, limits: Limits) -> Fault | None:
    """Why a column can't hold a value, or None.

    Reasons: `missing_value`, `wrong_type`, `out_of_range`, `unknown_value`, `bad_pattern`.
    """
    column = limits.column
    if value is None:
        if column.missing or column.role is Role.EMPTY:
            return None
        return Fault("missing_value", f"{column.name!r} has no value; in the real rows it always has.")
    return CHECKS[column.role](value, limits)


def identifier_fault(value: Value, limits: Limits) -> Fault | None:
    """`copied_identifier` where a value is an identifier of a real row: what follows the pattern may still be one."""
    if value is None or str(value) not in limits.taken:
        return None
    return Fault("copied_identifier", f"{limits.column.name!r} is {value!r}, which belongs to a real row.")


def _as_source(column: ColumnProfile, profile: Profile) -> ColumnProfile:
    """A derived column as the kind of column it looks like, under its own name."""
    derived = column.derived
    if derived is None:
        return column
    if derived.kind == "time":
        return replace(column, role=Role.DATETIME, time=derived.time)
    if derived.kind == "equal":
        source = _as_source(profile[derived.source], profile)
        return replace(source, name=column.name, dtype=column.dtype, missing=column.missing)
    return replace(column, role=Role.COUNT)


def _limits(column: ColumnProfile, cells: pl.Series) -> Limits:

    if column.role is Role.DATETIME and column.time is not None:
        seconds = to_seconds(cells, column.time)
        if np.isnan(seconds).all():
            return Limits(column)
        low, high = float(np.nanmin(seconds)), float(np.nanmax(seconds))
        more = max(DAY, WIDER_TIME * (high - low))
        return Limits(column, low - more, high + more)
    taken = (
        frozenset(map(str, cells.drop_nulls().unique())) if column.role is Role.IDENTIFIER else frozenset()
    )
    if column.identifier is not None and column.identifier.kind == "template":
        others = (key for key in taken if not column.identifier.fits(key))
        return Limits(column, shapes=frozenset(map(_shape, others)), taken=taken)
    if column.role not in (Role.NUMBER, Role.COUNT, Role.IDENTIFIER):
        return Limits(column)
    numbers = cells.cast(pl.Float64, strict=False).drop_nulls().drop_nans()
    if numbers.is_empty():
        return Limits(column, taken=taken)
    low, high = float(numbers.min()), float(numbers.max())  # type: ignore[arg-type]  # of floats
    if column.role is Role.COUNT:
        return Limits(column, 0, MORE * high + 10)
    more = WIDER * (high - low)
    return Limits(column, max(low - more, min(low, 0.0)), high + more, taken=taken)


def _label(value: Value, limits: Limits) -> Fault | None:
    """One of the known labels; where the labels are not all known, any string."""
    column = limits.column
    if any(value == known and type(value) is type(known) for known, _ in column.values):
        return None
    if column.distinct > len(column.values) and isinstance(value, str):
        return None
    return Fault("unknown_value", f"{column.name!r} has no value {value!r} in the real rows.")


def _ordinal(value: Value, limits: Limits) -> Fault | None:
    """One of the numbers seen."""
    if _label(value, limits) is None:
        return None
    if _number_of(value) is None:
        return _wrong_type(value, limits, "a number")
    return Fault("out_of_range", f"{limits.column.name!r} is never {value} in the real rows.")


def _boolean(value: Value, limits: Limits) -> Fault | None:
    if limits.column.dtype == "Boolean":
        return None if isinstance(value, bool) else _wrong_type(value, limits, "true or false")
    return _label(value, limits)


def _number(value: Value, limits: Limits) -> Fault | None:
    """A number, whole where the column holds integers, within the limits."""
    number = _number_of(value)
    whole = limits.column.dtype.startswith(("Int", "UInt")) or limits.column.role is Role.COUNT
    if number is None or (whole and not number.is_integer()):
        return _wrong_type(value, limits, "a whole number" if whole else "a number")
    if not limits.low <= number <= limits.high:
        return Fault("out_of_range", f"{limits.column.name!r} is {value}, far from the real values.")
    return None


def _identifier(value: Value, limits: Limits) -> Fault | None:
    """Made to the pattern, or of the shape of one of the real identifiers that are not."""
    column = limits.column
    pattern = column.identifier
    if pattern is None:
        return None
    if pattern.kind == "integer":
        return _number(value, limits)
    if not isinstance(value, str):
        return _wrong_type(value, limits, "a string")
    if pattern.fits(value) or _shape(value) in limits.shapes:
        return None
    return Fault("bad_pattern", f"{column.name!r} is {value!r}, which does not follow {pattern.shown}.")


def _shape(key: str) -> str:
    """What an identifier looks like from afar: `AB-12` gives `AA-99`."""
    return re.sub(r"[^\W\d_]", "A", re.sub(r"\d", "9", key))


def _time(value: Value, limits: Limits) -> Fault | None:
    """A point in time written as the column writes it, about the real time span."""
    time = limits.column.time
    if time is None:
        return None
    seconds = _seconds(value, time)
    if seconds is None:
        return _wrong_type(value, limits, f"a time of the form {time.format or time.unit or 'of its type'}")
    if not limits.low <= seconds <= limits.high:
        return Fault("out_of_range", f"{limits.column.name!r} is {value}, outside the real time span.")
    return None


def _seconds(value: Value, time: TimeFormat) -> float | None:
    """A point in time in seconds since 1970 UTC; None when it is not written in this form."""
    wanted = {"epoch": _number_of(value), "native": value if isinstance(value, date) else None}
    cell = wanted.get(time.kind, value if isinstance(value, str) else None)
    if cell is None:
        return None
    seconds = float(to_seconds(pl.Series([cell]), time)[0])
    return None if math.isnan(seconds) else seconds


def _number_of(value: Value) -> float | None:
    """A finite number, also one in a string column; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _empty(value: Value, limits: Limits) -> Fault | None:
    return Fault("unknown_value", f"{limits.column.name!r} is {value!r}; in the real rows it is empty.")


def _wrong_type(value: Value, limits: Limits, wanted: str) -> Fault:
    return Fault("wrong_type", f"{limits.column.name!r} is {value!r}, not {wanted}.")


def _any(_value: Value, _limits: Limits) -> Fault | None:
    return None


CHECKS: Mapping[Role, Callable[[Value, Limits], Fault | None]] = {
    Role.TEXT: _any,  # a column equal to a text
    Role.TITLE: _any,
    Role.CATEGORY: _label,
    Role.CONSTANT: _label,
    Role.ORDINAL: _ordinal,
    Role.BOOLEAN: _boolean,
    Role.COUNT: _number,
    Role.NUMBER: _number,
    Role.IDENTIFIER: _identifier,
    Role.DATETIME: _time,
    Role.DERIVED: _any,
    Role.EMPTY: _empty,
}
