"""The layout of a table: which column of the reference each of its cells is of.

A table in; its columns out, after the header has been mapped or, where it is not known as one, found,
and after numbers that only count the rows have been taken off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from syngen.columns.parse import Field
from syngen.tables.replies.align import fitting, straight
from syngen.tables.replies.header import map_names
from syngen.tables.replies.table import Record, Table

_SAMPLES = 5


def columns_of(table: Table, fields: Sequence[Field]) -> tuple[tuple[Field | None, ...], tuple[str, ...]]:
    """The columns of a table in its order, and what is to be noted of it."""
    if table.names is None:
        return tuple(fields), (*table.notes, "format.no_header")
    samples = [
        [cell.text if cell else None for cell in record.cells]
        for record in table.records[: 4 * _SAMPLES]
        if len(record.cells) == len(table.names)
    ][:_SAMPLES]
    mapping = map_names(table.names, fields, samples)
    return mapping.columns, table.notes + mapping.notes


def with_unknown_header(table: Table, fields: Sequence[Field]) -> Table:
    """A headless table whose first line must be a header, all of it renamed, with that header.

    Such a line has short cells of which none fits a typed column, above a row of as many cells that do.
    """
    if table.names is not None or not table.delimiter:
        return table
    for i, (first, second) in enumerate(pairwise(table.records[:_SAMPLES])):
        cells = [cell.text for cell in first.cells if cell is not None]
        if len(cells) != len(second.cells) or len(cells) != len(fields) or not all(map(_name_like, cells)):
            continue
        head, row = (straight(record.present, fields) for record in (first, second))
        if fitting(head) == 0 and any(r.fits is False for r in head) and fitting(row) > 0:
            notes = table.notes + (("format.preamble",) if i else ())
            return replace(table, names=tuple(cells), records=table.records[i + 1 :], notes=notes)
    return table


def without_index(table: Table, fields: Sequence[Field]) -> Table:
    """A table whose rows are numbered in a cell of their own, one after the other, without that cell."""
    columns, _ = columns_of(table, fields)
    found = {
        i: int(record.cells[0].text.strip("#. "))
        for i, record in enumerate(table.records)
        if table.delimiter and record.cells[0] and _numbered(record, columns)
    }
    if len(found) < max(2, len(table.records) / 2) or any(b != a + 1 for a, b in pairwise(found.values())):
        return table
    records = tuple(
        replace(record, cells=record.cells[1:]) if i in found else record
        for i, record in enumerate(table.records)
    )
    return replace(table, records=records, notes=(*table.notes, "format.numbered"))


def _numbered(record: Record, columns: Sequence[Field | None]) -> bool:
    """Whether a row has one cell too many, the first, which is a number, and all others are in place."""
    first, *others = record.present
    number = first.text.strip("#. ")
    if len(others) != len(columns) or not number.isdecimal() or len(number) > 9:
        return False
    return all(reading.fits is not False for reading in straight(others, columns))


def _name_like(cell: str) -> bool:
    return 0 < len(cell) <= 40 and len(cell.split()) <= 4 and not any(char.isdigit() for char in cell)
