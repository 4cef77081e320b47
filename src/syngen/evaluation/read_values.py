"""Cells become values: what a column can hold goes to the frame, everything stays in `raw`.

Cells by reference column in, a frame in the reference's columns and types out, with a note for each row
where something was read over: a unit after a number, another letter case, spaces around a label.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import NamedTuple

import polars as pl

from syngen.columns.dtypes import holds
from syngen.columns.parse import Field, fields
from syngen.columns.times import from_seconds, to_seconds
from syngen.types import ColumnProfile, Reference, TimeFormat, Value

SPACES = "format.spaces"


class Typed(NamedTuple):
    """Rows in the reference's columns and types, what each cell was read as, and what was read over by row."""

    frame: pl.DataFrame
    readings: dict[str, list[Reading]]
    notes: list[tuple[str, ...]]


class Reading(NamedTuple):
    """What a column makes of a cell: the value, whether the column can hold it or not, and a note."""

    value: Value
    note: str = ""


def typed(cells: Mapping[str, Sequence[Value]], rows: int, reference: Reference) -> Typed:
    """The frame of some rows.

    Args:
        cells: By reference column, each of `rows` cells; a column without cells is all null.
        rows: How many rows there are.
        reference: The real rows.
    """
    notes: list[dict[str, None]] = [{} for _ in range(rows)]
    columns = []
    readings: dict[str, list[Reading]] = {}
    for name, dtype in reference.frame.schema.items():
        if name not in cells:
            columns.append(pl.Series(name, [None] * rows, dtype))
            continue
        readings[name] = readings_of(cells[name], name, reference)
        values = [reading.value if holds(dtype, reading.value) else None for reading in readings[name]]
        columns.append(pl.Series(name, values, dtype))
        for row, reading in zip(notes, readings[name], strict=True):
            if reading.note:
                row[reading.note] = None
    return Typed(pl.DataFrame(columns), readings, [tuple(row) for row in notes])


def readings_of(cells: Sequence[Value], name: str, reference: Reference) -> list[Reading]:
    """What a column makes of each of its cells."""
    column, dtype = reference.profile[name], reference.frame.schema[name]
    field = next(field for field in fields(reference.profile) if field.name == name)
    known = frozenset() if column.role.written else _strings(reference.frame[name])
    spaced = any(text != text.strip() for text in known)
    made: dict[tuple[type, Value], Reading] = {}
    for cell in cells:
        key = (type(cell), cell)
        if key not in made:
            value = _as_written(cell, column, dtype)
            made[key] = _reading(value, field, known)
            if spaced and made[key].note == SPACES:
                made[key] = Reading(made[key].value)
    return [made[type(cell), cell] for cell in cells]


def _strings(series: pl.Series) -> frozenset[str]:
    return frozenset(series.drop_nulls().unique()) if series.dtype == pl.String else frozenset()


def _reading(cell: Value, field: Field, known: frozenset[str]) -> Reading:
    """A cell as a value; what is no string any more has its type, or never will."""
    if not isinstance(cell, str):
        return Reading(cell)
    if not cell.strip():
        return Reading(None)
    if field.written or cell in known:
        return Reading(cell)
    reading = field.read(cell)
    spaces = isinstance(reading.value, str) and cell != cell.strip()
    return Reading(reading.value, reading.note or (SPACES if spaces else ""))


def _as_written(cell: Value, column: ColumnProfile, dtype: pl.DataType) -> Value:
    """A typed cell in the type of the column where that loses nothing, else as text or as it is."""
    kind = str(dtype.base_type())
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, date) and kind not in ("Date", "Datetime"):
        return _moment(cell, column, dtype)
    if isinstance(cell, datetime) and kind == "Date" and cell.time() == time():
        return cell.date()
    if isinstance(cell, date) and not isinstance(cell, datetime) and kind == "Datetime":
        return datetime.combine(cell, time())
    if kind == "String":
        return str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell)
    if isinstance(cell, bool) and kind in ("Int64", "Float64"):
        return int(cell)
    if kind == "Boolean" and cell in (0, 1):
        return bool(cell)
    if kind == "Int64" and isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return cell


def _moment(cell: date, column: ColumnProfile, dtype: pl.DataType) -> Value:
    """A date or date-time as the column writes points in time, where it does."""
    form = column.time or (column.derived.time if column.derived else None)
    if form is None:
        return cell.isoformat()
    seconds = to_seconds(pl.Series([cell]), TimeFormat("native"))
    return from_seconds(seconds, form, dtype)[0]
