"""Whether the result's table can hold a value, for each type that a reference's columns have."""

from __future__ import annotations

import sys
from datetime import date, datetime

import polars as pl

from syngen.types import Value


def holds(dtype: pl.DataType, value: Value) -> bool:
    """Whether a column of this type can hold a value; every column can hold None.

    However a row was made, nothing that fails here may be kept: the table could not be built from it again.
    Dates may be written in ISO 8601, with a time zone exactly where the column has one.
    """
    if value is None:
        return True
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match str(dtype.base_type()):
        case "Boolean":
            return isinstance(value, bool)
        case "Int64":
            return number and isinstance(value, int) and -(2**63) <= value < 2**63
        case "Float64":
            return number and abs(value) <= sys.float_info.max  # NaN compares as false
        case "String":
            return isinstance(value, str)
        case "Date":
            if isinstance(value, str):
                return _from_iso(date, value) is not None
            return isinstance(value, date) and not isinstance(value, datetime)
        case "Datetime":
            moment = _from_iso(datetime, value) if isinstance(value, str) else value
            zone = getattr(dtype, "time_zone", None)
            return isinstance(moment, datetime) and (moment.tzinfo is None) == (zone is None)
        case _:
            return True


def _from_iso(kind: type[date], text: str) -> date | None:
    try:
        return kind.fromisoformat(text)
    except ValueError:
        return None
