"""Tables become candidate rows: the header is mapped, cells go to columns, values get their types.

One `Table` in, one `Reading` out: each record a candidate, a reject, or talk between the rows, which
is noted. A record that ends the reply with less than the rows before it was cut off.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from syngen.columns.parse import CellReading, Field
from syngen.tables.replies.align import MOST_CELLS, Cell, align, fitting, straight
from syngen.tables.replies.layout import columns_of, with_unknown_header, without_index
from syngen.tables.replies.table import Record, Table
from syngen.types import Candidate, Rejected, Value

_AROUND = frozenset(  # of the reply, not of its rows
    {"format.preamble", "format.talk_between", "format.trailing_text", "format.repeated_header"}
)
_TALK = re.compile(
    r"^\W*(?:sure|certainly|absolutely|of course|here(?:'s|’s| is| are| you go)|below (?:is|are)|let me know"
    r"|feel free|i hope (?:this|these|that)|(?:these|this|the above) (?:rows?|records?|data)\b)|:\s*$",
    re.IGNORECASE,
)


class Item(NamedTuple):
    """A row of a reply, read or rejected, and its cells as they stood, by reference column."""

    row: Candidate | Rejected
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one way of reading made of a part of a reply.

    Attributes:
        items: Its rows in order, read or rejected.
        complete: Rows with a cell for every column of the reference.
        headed: A header told which column is which.
        header: Names as they stood, each with its reference column or None.
    """

    items: tuple[Item, ...] = ()
    notes: tuple[str, ...] = ()
    complete: int = 0
    headed: bool = False
    header: tuple[tuple[str, str | None], ...] = ()

    @classmethod
    def joined(cls, readings: Iterable[Reading]) -> Reading:
        """Several tables of one part as one reading."""
        every = list(readings)
        last = max((i for i, r in enumerate(every) if r.candidates), default=0)
        around = [
            "format.talk_between" if note == "format.trailing_text" and i < last else note
            for i, r in enumerate(every)
            for note in r.notes
        ]
        return cls(
            tuple(item for r in every for item in r.items),
            tuple(dict.fromkeys(around)),
            sum(r.complete for r in every),
            headed=any(r.headed and r.candidates for r in every),
            header=tuple(dict.fromkeys(pair for r in every if r.candidates for pair in r.header)),
        )

    @property
    def candidates(self) -> list[Candidate]:
        """The rows that could be read."""
        return [item.row for item in self.items if isinstance(item.row, Candidate)]

    @property
    def rejected(self) -> list[Rejected]:
        """The rows that could not."""
        return [item.row for item in self.items if isinstance(item.row, Rejected)]

    @property
    def flawless(self) -> bool:
        """Whether no other way of reading can do better."""
        return self.headed and self.complete == len(self.items) > 0


class _Row(NamedTuple):
    """A record as a row.

    Attributes:
        cells: Its cells as they stood, by reference column.
        absent: Columns of the reference without a cell.
        fitting: Cells that look like their column.
        misfits: Cells that can't be of their column.
    """

    values: dict[str, Value]
    cells: dict[str, str]
    notes: tuple[str, ...]
    absent: int
    fitting: int
    misfits: int


def read_table(table: Table, fields: Sequence[Field], *, final: bool) -> Reading:
    """Read the rows of a table.

    Args:
        table: The table as found.
        fields: The columns of the reference.
        final: Whether the reply ends with this table, so that its last row may have been cut off.
    """
    table = without_index(with_unknown_header(table, fields), fields)
    columns, shared = columns_of(table, fields)
    own_notes = tuple(note for note in shared if note not in _AROUND)
    usual = len(fields) - sum(column is not None for column in columns)
    items: list[Item | None] = []  # None stands for talk
    complete = 0
    for i, record in enumerate(table.records):
        last = i == len(table.records) - 1
        row = _row(record, columns, fields, table.delimiter)
        kind = _kind(record, row, table, edge=last or not any(items))
        if kind == "talk" or (kind == "stray" and not _amid_rows(record, items, table)):
            items.append(None)
        elif last and final and not table.ended and _cut(record, row, usual):
            items.append(_rejected("cut_off", record, "The reply ends within this row."))
        elif kind == "stray" or row is None:
            items.append(_rejected("unreadable", record, "Its cells do not fit the columns."))
        else:
            complete += row.absent == 0
            usual = row.absent
            notes = tuple(dict.fromkeys((*own_notes, *record.notes, *row.notes)))
            items.append(Item(Candidate(None, row.values, record.raw, notes), row.cells))
    if not any(items):
        return Reading(notes=("format.preamble",) if items else ())
    named = zip(table.names or (), columns, strict=False)
    return Reading(
        tuple(item for item in items if item is not None),
        shared + _talk_notes(items),
        complete,
        headed=table.names is not None,
        header=tuple((name, column.name if column else None) for name, column in named),
    )


def _rejected(reason: str, record: Record, detail: str) -> Item:
    return Item(Rejected("parse", reason, record.raw, detail), {})


def _row(
    record: Record, columns: Sequence[Field | None], fields: Sequence[Field], delimiter: str
) -> _Row | None:
    """A record as a row; None when it can't be one."""
    if not delimiter:
        return _keyed(record, columns, fields)
    cells = record.present
    if len(cells) > MOST_CELLS:
        return None
    if len(cells) == len(columns):
        readings = straight(cells, columns)
        if sum(reading.fits is False for reading in readings) <= 1:
            texts = (cell.text for cell in cells)
            return _assemble(dict(zip(columns, zip(texts, readings, strict=True), strict=True)), fields, ())
    return _aligned(cells, columns, fields, delimiter)


def _aligned(
    cells: Sequence[Cell], columns: Sequence[Field | None], fields: Sequence[Field], delimiter: str
) -> _Row:
    """A ragged record as a row: cells shared out by what they look like."""
    alignment = align(cells, columns)
    readings: dict[Field | None, tuple[str, CellReading]] = {}
    joined = False
    for column, span in zip(columns, alignment.spans, strict=True):
        if span is None or column is None:
            continue
        start, end = span
        joined = joined or end - start > 1
        text = _join(cells[start:end], delimiter)
        readings[column] = (text, column.read(text))
    spare = cells[: alignment.before], cells[len(cells) - alignment.after :]
    numbered = len(spare[0]) == 1 and spare[0][0].text.strip("#.) ").isdigit()
    notes = {
        "format.unescaped_delimiter": joined,
        "format.numbered": numbered,
        "format.extra_cells": (bool(spare[0]) and not numbered) or any(cell.text for cell in spare[1]),
        "format.missing_cells": None in alignment.spans,
    }
    return _assemble(readings, fields, tuple(note for note, applies in notes.items() if applies))


def _join(cells: Sequence[Cell], delimiter: str) -> str:
    """Cells that are one text, as it stood before it was split."""
    if len(cells) == 1:
        return cells[0].text
    text = delimiter.join(cell.raw for cell in cells).strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def _keyed(record: Record, columns: Sequence[Field | None], fields: Sequence[Field]) -> _Row | None:
    """A record whose cells came with their names."""
    readings: dict[Field | None, tuple[str, CellReading]] = {
        column: (cell.text, column.read(cell.text))
        for column, cell in zip(columns, record.cells, strict=False)
        if column is not None and cell is not None
    }
    mapped = sum(column is not None for column in columns)
    if 2 * len(readings) < mapped or not readings:
        return None
    missing = ("format.missing_cells",) if len(readings) < mapped else ()
    return _assemble(readings, fields, missing)


def _assemble(
    readings: Mapping[Field | None, tuple[str, CellReading]], fields: Sequence[Field], notes: tuple[str, ...]
) -> _Row:
    """The values of a row in the reference's order, from each cell and what its column makes of it."""
    cells = {field.name: readings[field][0] for field in fields if field in readings}
    own = {field: readings[field][1] for field in fields if field in readings}
    return _Row(
        {field.name: reading.value for field, reading in own.items()},
        cells,
        notes + tuple(reading.note for reading in own.values() if reading.note),
        absent=len(fields) - len(own),
        fitting=fitting(own.values()),
        misfits=sum(reading.fits is False for reading in own.values()),
    )


def _kind(record: Record, row: _Row | None, table: Table, *, edge: bool) -> Literal["row", "talk", "stray"]:
    """Whether a record is a row, talk around the rows, or neither.

    Cells that look like their column make a row. Where no column has a look of its own, as many cells
    as there are columns do, unless the line talks to the reader; `edge` is where such talk stands.
    """
    if row is None or all(value is None for value in row.values.values()):
        return "stray"
    if not table.delimiter:
        return "row"
    if row.fitting and row.fitting >= row.misfits:
        return "row"
    if (edge or record.apart) and _TALK.search(record.raw):
        return "talk"
    if row.absent == 0 and (not row.misfits or (table.names and (row.fitting or row.misfits == 1))):
        return "row"
    return "stray" if len(record.cells) > 1 else "talk"


def _amid_rows(record: Record, items: Sequence[Item | None], table: Table) -> bool:
    """Whether a record stands right after a row, as rows do and talk seldom does."""
    return not table.delimiter or (bool(items) and items[-1] is not None and not record.apart)


def _cut(record: Record, row: _Row | None, usual: int) -> bool:
    """Whether the last record of a reply is only the beginning of a row."""
    return row is None or record.unfinished or row.absent > usual


def _talk_notes(items: Sequence[Item | None]) -> tuple[str, ...]:
    """Where talk stood: before the rows, between them, after them."""
    rows = [i for i, item in enumerate(items) if item is not None]
    talk = [i for i, item in enumerate(items) if item is None]
    notes = {
        "format.preamble": any(i < rows[0] for i in talk),
        "format.talk_between": any(rows[0] < i < rows[-1] for i in talk),
        "format.trailing_text": any(i > rows[-1] for i in talk),
    }
    return tuple(note for note, applies in notes.items() if applies)
