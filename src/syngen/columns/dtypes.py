"""Can the result's table hold a value? One check for each type that a reference's columns have.

A value and a polars type in, yes or no out. Whatever way a row came about, nothing that fails here may
be kept: it could be written down, and the table could never be made of it again.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime

import polars as pl

from syngen.types import Value


def holds(dtype: pl.DataType, value: Value) -> bool:
    """Whether a column of this type can hold a value; every column can hold none."""
    check = CHECKS.get(str(dtype.base_type()))
    return value is None or check is None or check(value, dtype)


def _boolean(value: Value, _dtype: pl.DataType) -> bool:
    return isinstance(value, bool)


def _integer(value: Value, _dtype: pl.DataType) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63


def _float(value: Value, _dtype: pl.DataType) -> bool:
    """A finite number, whole or not; NaN compares as false."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and abs(value) <= sys.float_info.max


def _string(value: Value, _dtype: pl.DataType) -> bool:
    return isinstance(value, str)


def _date(value: Value, _dtype: pl.DataType) -> bool:
    """A date without a time of day, or one written so."""
    if not isinstance(value, str):
        return isinstance(value, date) and not isinstance(value, datetime)
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _datetime(value: Value, dtype: pl.DataType) -> bool:
    """A point in time, or one written in ISO 8601, with a zone exactly where the column has one."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return False
    zone = getattr(dtype, "time_zone", None)
    return isinstance(moment, datetime) and (moment.tzinfo is None) == (zone is None)


CHECKS: Mapping[str, Callable[[Value, pl.DataType], bool]] = {
    "Boolean": _boolean,
    "Int64": _integer,
    "Float64": _float,
    "String": _string,
    "Date": _date,
    "Datetime": _datetime,
}
