"""Cells under test as values: what a column can hold goes to the frame, everything stays in `raw`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl

from syngen.columns import CellReading, Codec, codecs
from syngen.types import Reference, Value


class Typed(NamedTuple):
    """Rows in the reference's columns and types, each cell's reading, and by row codes of what was tolerated."""

    frame: pl.DataFrame
    readings: dict[str, list[CellReading]]
    notes: list[tuple[str, ...]]


def typed(cells: Mapping[str, Sequence[Value]], rows: int, reference: Reference) -> Typed:
    """Convert cells to the reference's columns and types.

    Args:
        cells: By reference column, each of `rows` cells; a column without cells is all null.
        rows: How many rows there are.
        reference: The real rows.
    """
    notes: list[dict[str, None]] = [{} for _ in range(rows)]
    columns = []
    readings: dict[str, list[CellReading]] = {}
    for name, codec in codecs(reference.profile, reference.frame).items():
        if name not in cells:
            columns.append(pl.Series(name, [None] * rows, codec.dtype))
            continue
        readings[name] = readings_of(cells[name], codec)
        values = [reading.value if codec.holds(reading.value) else None for reading in readings[name]]
        columns.append(pl.Series(name, values, codec.dtype))
        for row, reading in zip(notes, readings[name], strict=True):
            if reading.note:
                row[reading.note] = None
    return Typed(pl.DataFrame(columns), readings, [tuple(row) for row in notes])


def readings_of(cells: Sequence[Value], codec: Codec) -> list[CellReading]:
    """Convert the cells of a column, equal ones once."""
    known = {(type(cell), cell): cell for cell in cells}
    readings = {key: codec.convert(cell) for key, cell in known.items()}
    return [readings[type(cell), cell] for cell in cells]
