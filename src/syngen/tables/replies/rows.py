"""Read the tables of a reply: match the header, assign cells to columns, give values their types.

Each record becomes a candidate, a reject, or talk between the rows, which is noted. A record that ends
the reply with less than the rows before it was cut off.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from syngen.columns import CellReading, Codec
from syngen.tables.header import map_names
from syngen.tables.replies.table import MOST_CELLS, Cell, Record, Table, align, count_fits, straight
from syngen.types import Candidate, Rejected

_SAMPLES = 5
_IN_SENTENCES = (",", ";")
_SENTENCE = 6  # words of a sentence with commas in it
_RARE = "|\t"  # delimiters that hardly stand in texts: as many cells as the header are in their columns
_AROUND = frozenset(  # of the reply, not of its rows
    {"format.preamble", "format.talk_between", "format.trailing_text", "format.repeated_header"}
)
_TALK = re.compile(
    r"^\W*(?:sure|certainly|absolutely|of course|here(?:'s|’s| is| are| you go)|below (?:is|are)|let me know"
    r"|feel free|i hope (?:this|these|that)|(?:these|this|the above) (?:rows?|records?|data)\b)|:\s*$",
    re.IGNORECASE,
)


_REJECTED = {
    "cut_off": "The reply ends within this row.",
    "unreadable": "Its cells do not fit the columns.",
}

# A row of a reply, read or rejected, and its cells as they stood, by reference column
Item = tuple[Candidate | Rejected, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a free reply, or a part of one, holds.

    Its notes are codes of what is remarkable about it as a whole: `format.no_rows`, `format.preamble`,
    `format.talk_between`, `format.trailing_text`, `format.fence`, `format.thinking`, `format.markdown_table`,
    `format.pairs`, `format.numbered`, `format.no_header`, `format.repeated_header`, `format.renamed_column`,
    `format.extra_columns`, `format.missing_columns`, `format.reordered_columns`.
    """

    items: tuple[Item, ...] = ()  # its rows in order, read or rejected
    notes: tuple[str, ...] = ()
    complete_rows: int = 0  # rows with a cell for every reference column, before any check or refill
    headed: bool = False  # a header says which column is which
    header: tuple[tuple[str, str | None], ...] = ()  # its names, each with its reference column or None

    @classmethod
    def joined(cls, replies: Iterable[Reply], notes: Iterable[str] = ()) -> Reply:
        """Several parts as one, with notes on the whole before theirs."""
        every = list(replies)
        return cls(
            tuple(item for reply in every for item in reply.items),
            tuple(dict.fromkeys((*notes, *(note for reply in every for note in reply.notes)))),
            sum(reply.complete_rows for reply in every),
            headed=any(reply.headed and reply.candidates for reply in every),
            header=tuple(dict.fromkeys(pair for r in every if r.candidates for pair in r.header)),
        )

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """The rows that could be read, in order; values by reference column, typed where possible."""
        return tuple(row for row, _ in self.items if isinstance(row, Candidate))

    @property
    def rejected(self) -> tuple[Rejected, ...]:
        """The rows that could not (stage "parse")."""
        return tuple(row for row, _ in self.items if isinstance(row, Rejected))

    @property
    def cells(self) -> tuple[Mapping[str, str], ...]:
        """For each candidate its cells as they stood, before they were typed, by reference column."""
        return tuple(cells for row, cells in self.items if isinstance(row, Candidate))

    @property
    def numbers(self) -> tuple[int, ...]:
        """For each candidate the number of its row in the reply, from 1; rejected rows count."""
        return tuple(i for i, (row, _) in enumerate(self.items, start=1) if isinstance(row, Candidate))


Readings = Mapping[Codec, tuple[str, CellReading]]  # each cell as text, and what its column makes of it


def read_table(table: Table, fields: Sequence[Codec], *, final: bool) -> Reply:
    """Read the rows of a table; where it is the `final` one of a reply, its last row may have been cut off."""
    table = _without_index(_with_unknown_header(table, fields), fields)
    columns, shared = _columns_of(table, fields)
    own_notes = [note for note in shared if note not in _AROUND]
    mapped = sum(column is not None for column in columns)
    usual = len(fields) - mapped
    items: list[Item | None] = []  # None stands for talk
    complete = 0
    for i, record in enumerate(table.records):
        last = i == len(table.records) - 1
        row, notes = _row(record, columns, table)
        absent = len(fields) - len(row)
        kind = _kind(record, row, table, mapped - len(row), edge=last or not any(items))
        # A row stands right after another, talk seldom does.
        amid = not table.delimiter or (any(items[-1:]) and not record.apart)
        if kind == "talk" or (kind == "stray" and not amid):
            items.append(None)
            continue
        cut_off = last and final and not table.ended and (not row or record.unfinished or absent > usual)
        if cut_off or kind == "stray":
            reason = "cut_off" if cut_off else "unreadable"
            items.append((Rejected("parse", reason, record.raw, _REJECTED[reason]), {}))
            continue
        complete += absent == 0
        usual = absent
        cells = {field.name: row[field] for field in fields if field in row}
        every = [*own_notes, "format.unclosed_quote" if record.unfinished else "", *notes]
        every += [reading.note for _, reading in cells.values()]
        values = {name: reading.value for name, (_, reading) in cells.items()}
        candidate = Candidate(None, values, record.raw, tuple(filter(None, dict.fromkeys(every))))
        items.append((candidate, {name: text for name, (text, _) in cells.items()}))
    if not any(items):
        return Reply(notes=("format.preamble",) if items else ())
    named = zip(table.names or (), columns, strict=False)
    return Reply(
        tuple(item for item in items if item is not None),
        shared + _talk_notes(items),
        complete,
        headed=table.names is not None,
        header=tuple((name, column.name if column else None) for name, column in named),
    )


def _row(record: Record, columns: Sequence[Codec | None], table: Table) -> tuple[Readings, tuple[str, ...]]:
    """The cells of a record by column, none when it can't be a row, and notes on what had to be repaired."""
    if not table.delimiter:
        return _keyed(record, columns)
    cells = record.present
    if len(cells) > MOST_CELLS:
        return {}, ()
    if len(cells) == len(columns):
        readings = straight(cells, columns)
        if count_fits(readings)[1] <= 1 or (table.names and table.delimiter in _RARE):
            pairs = zip(columns, cells, readings, strict=True)
            return {column: (cell.text, reading) for column, cell, reading in pairs if column}, ()
    return _aligned(cells, columns, table.delimiter)


def _keyed(record: Record, columns: Sequence[Codec | None]) -> tuple[Readings, tuple[str, ...]]:
    """A record whose cells came with their names, most of them."""
    row = {
        column: (cell.text, column.parse(cell.text))
        for column, cell in zip(columns, record.cells, strict=False)
        if column is not None and cell is not None
    }
    mapped = sum(column is not None for column in columns)
    if 2 * len(row) < mapped:
        return {}, ()
    return row, ("format.missing_cells",) if len(row) < mapped else ()


def _aligned(
    cells: Sequence[Cell], columns: Sequence[Codec | None], delimiter: str
) -> tuple[Readings, tuple[str, ...]]:
    """A ragged record: cells assigned by what they look like."""
    spans, before, after = align(cells, columns)
    row: dict[Codec, tuple[str, CellReading]] = {}
    joined = False
    for column, span in zip(columns, spans, strict=True):
        if span is None or column is None:
            continue
        start, end = span
        joined = joined or end - start > 1
        text = _join(cells[start:end], delimiter)
        row[column] = (text, column.parse(text))
    first, last = cells[:before], cells[len(cells) - after :]
    numbered = len(first) == 1 and first[0].text.strip("#.) ").isdigit()
    notes = {
        "format.unescaped_delimiter": joined,
        "format.numbered": numbered,
        "format.extra_cells": (bool(first) and not numbered) or any(cell.text for cell in last),
        "format.missing_cells": None in spans,
    }
    return row, tuple(note for note, applies in notes.items() if applies)


def _join(cells: Sequence[Cell], delimiter: str) -> str:
    """Cells that are one text, as it stood before it was split."""
    if len(cells) == 1:
        return cells[0].text
    text = delimiter.join(cell.raw for cell in cells).strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def _kind(
    record: Record, row: Readings, table: Table, absent: int, *, edge: bool
) -> Literal["row", "talk", "stray"]:
    """Whether a record is a row, talk around the rows, or neither.

    Cells that look like their column make a row. Where no column has a look of its own, as many cells
    as there are columns do, unless the line talks to the reader; `edge` is where such talk stands.
    """
    readings = [reading for _, reading in row.values()]
    if all(reading.value is None for reading in readings):
        return "stray"
    fits, misfits = count_fits(readings)
    lacking = 2 * absent >= len(row) + absent > 2
    if (edge or record.apart) and (lacking or misfits > fits) and _is_sentence(record, table.delimiter):
        return "talk"
    if not table.delimiter or (fits and fits >= misfits):
        return "row"
    if (edge or record.apart) and _TALK.search(record.raw):
        return "talk"
    if absent == 0 and (not misfits or (table.names and (fits or misfits == 1))):
        return "row"
    return "stray" if len(record.cells) > 1 else "talk"


def _is_sentence(record: Record, delimiter: str) -> bool:
    """Whether a record reads like a sentence: unquoted, a space after each comma, an end."""
    if delimiter not in _IN_SENTENCES or any(cell.quoted for cell in record.present):
        return False
    raw = record.raw.strip()
    apart = all(cell.raw[:1] in ("", " ") for cell in record.present[1:])
    return apart and raw[-1:] in ".!?:*)…" and len(raw.split()) >= _SENTENCE


def _talk_notes(items: Sequence[Item | None]) -> tuple[str, ...]:
    rows = [i for i, item in enumerate(items) if item is not None]
    talk = [i for i, item in enumerate(items) if item is None]
    notes = {
        "format.preamble": any(i < rows[0] for i in talk),
        "format.talk_between": any(rows[0] < i < rows[-1] for i in talk),
        "format.trailing_text": any(i > rows[-1] for i in talk),
    }
    return tuple(note for note, applies in notes.items() if applies)


def _columns_of(table: Table, fields: Sequence[Codec]) -> tuple[tuple[Codec | None, ...], tuple[str, ...]]:
    if table.names is None:
        return tuple(fields), (*table.notes, "format.no_header")
    samples = [
        [cell.text if cell else None for cell in record.cells]
        for record in table.records[: 4 * _SAMPLES]
        if len(record.cells) == len(table.names)
    ][:_SAMPLES]
    columns, notes = map_names(table.names, fields, samples)
    return columns, table.notes + notes


def _with_unknown_header(table: Table, fields: Sequence[Codec]) -> Table:
    """A headless table whose first line must be a header, all of it renamed, with that header.

    Such a line has short cells of which none fits a typed column, above a row of as many cells that do.
    """
    if table.names is not None or not table.delimiter:
        return table
    for i, (first, second) in enumerate(pairwise(table.records[:_SAMPLES])):
        cells = [cell.text for cell in first.cells if cell is not None]
        if len(cells) != len(second.cells) or len(cells) != len(fields) or not all(map(_name_like, cells)):
            continue
        (head, unlike), (row, _) = (count_fits(straight(r.present, fields)) for r in (first, second))
        if head == 0 and unlike > 0 and row > 0:
            notes = table.notes + (("format.preamble",) if i else ())
            return replace(table, names=tuple(cells), records=table.records[i + 1 :], notes=notes)
    return table


def _without_index(table: Table, fields: Sequence[Codec]) -> Table:
    """A table whose rows are numbered in a cell of their own, one after the other, without that cell."""
    columns, _ = _columns_of(table, fields)
    numbers = {
        i: int(record.cells[0].text.strip("#. "))
        for i, record in enumerate(table.records)
        if table.delimiter and record.cells[0] and _numbered(record, columns)
    }
    in_order = all(b == a + 1 for a, b in pairwise(numbers.values()))
    if not in_order or len(numbers) < max(2, len(table.records) / 2):
        return table
    records = tuple(
        replace(record, cells=record.cells[1:]) if i in numbers else record
        for i, record in enumerate(table.records)
    )
    return replace(table, records=records, notes=(*table.notes, "format.numbered"))


def _numbered(record: Record, columns: Sequence[Codec | None]) -> bool:
    """Whether a row has one cell too many, the first, which is a number, and all others are in place."""
    first, *others = record.present
    number = first.text.strip("#. ")
    if len(others) != len(columns) or not number.isdecimal() or len(number) > 9:
        return False
    return count_fits(straight(others, columns))[1] == 0


def _name_like(cell: str) -> bool:
    return 0 < len(cell) <= 40 and len(cell.split()) <= 4 and not any(char.isdigit() for char in cell)
