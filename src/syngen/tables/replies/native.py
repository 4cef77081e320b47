"""A model's free reply becomes rows: any text and the reference's profile in, a `Reply` out.

In stages: the parts between code fences; in each part the ways of writing rows (JSON, delimited
lines, `Name: value` blocks), of which the one that yields most rows is taken; the header; cells to
columns; typed values. What stood around the rows and what was mended is noted, nothing is dropped
without a trace.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from syngen.columns.parse import Field, fields
from syngen.tables.replies.delimited import DELIMITERS, ONE_CELL, delimited
from syngen.tables.replies.keyed import json_rows, pairs
from syngen.tables.replies.markup import Part, parts, without_thinking
from syngen.tables.replies.rows import Reading, read_table
from syngen.tables.replies.table import Table
from syngen.types import Candidate, Profile, Rejected


@dataclass(frozen=True, slots=True)
class Reply:
    """What a free reply holds.

    Attributes:
        candidates: The rows read, in order; values by reference column, typed where possible.
        rejected: Rows seen that could not be read (stage "parse").
        notes: What was remarkable about the reply as a whole, as codes: `format.no_rows`,
            `format.preamble`, `format.talk_between`, `format.trailing_text`, `format.fence`, `format.thinking`, `format.markdown_table`,
            `format.pairs`, `format.numbered`, `format.no_header`, `format.repeated_header`,
            `format.renamed_column`, `format.extra_columns`, `format.missing_columns`,
            `format.reordered_columns`.
        complete_rows: Rows with a cell for every column of the reference, whatever is in it: what
            the model delivered of what it was asked for, before any check or refill.
        cells: For each candidate its cells as they stood, before they were typed, by reference column.
        numbers: For each candidate the number of its row in the reply, from 1; rejected rows count.
        header: The names in the reply, each with the reference's column it stands for, or None.
    """

    candidates: tuple[Candidate, ...]
    rejected: tuple[Rejected, ...]
    notes: tuple[str, ...]
    complete_rows: int
    cells: tuple[Mapping[str, str], ...] = ()
    numbers: tuple[int, ...] = ()
    header: tuple[tuple[str, str | None], ...] = ()


def native(text: str, profile: Profile) -> Reply:
    """Read whatever a model writes when a person asks for more rows.

    Args:
        text: The reply. Any text is fine; none raises.
        profile: Of the reference: its columns, and what their cells look like.
    """
    columns = fields(profile)
    answer, thought = without_thinking(text.replace("\r\n", "\n").replace("\r", "\n"))
    pieces = parts(answer)
    readings = [
        _read_part(piece, columns, final=i == len(pieces) - 1 and not piece.closed)
        for i, piece in enumerate(pieces)
    ]
    readings = _without_talk(pieces, readings)
    notes = {"format.thinking": None} if thought else {}
    notes |= {"format.fence": None} if any(piece.fenced for piece in pieces) else {}
    if not any(reading.items for reading in readings):
        return Reply((), (), (*notes, "format.no_rows"), 0)
    notes |= dict.fromkeys(note for reading in readings for note in reading.notes)
    items = [item for reading in readings for item in reading.items]
    read = [(i, item.cells) for i, item in enumerate(items, start=1) if isinstance(item.row, Candidate)]
    return Reply(
        tuple(c for reading in readings for c in reading.candidates),
        tuple(r for reading in readings for r in reading.rejected),
        tuple(notes),
        sum(reading.complete for reading in readings),
        cells=tuple(cells for _, cells in read),
        numbers=tuple(number for number, _ in read),
        header=tuple(dict.fromkeys(pair for reading in readings for pair in reading.header)),
    )


def _read_part(part: Part, columns: Sequence[Field], *, final: bool) -> Reading:
    """The best reading of a part: with a header before without, then by complete and by readable rows."""
    best = Reading()
    for tables in _ways(part.text, columns):
        reading = Reading.joined(
            read_table(table, columns, final=final and table is tables[-1]) for table in tables
        )
        best = max(best, reading, key=lambda r: (r.complete > 0 and r.headed, r.complete, len(r.candidates)))
        if best.flawless:
            break
    return best


def _ways(text: str, columns: Sequence[Field]) -> Iterator[list[Table]]:
    """The tables of a text by each way of writing rows that it may use, the surest first."""
    if "{" in text and (tables := json_rows(text, columns)):
        yield tables
        return
    if len(columns) == 1:
        yield delimited(text, ONE_CELL, columns)
    else:
        for delimiter in DELIMITERS:
            if delimiter in text:
                yield delimited(text, delimiter, columns)
    if tables := pairs(text, columns):
        yield tables


def _without_talk(pieces: Sequence[Part], readings: Sequence[Reading]) -> list[Reading]:
    """Where a fence holds rows, what stands outside is talk, unless it brings a header of its own."""
    fenced = [i for i, piece in enumerate(pieces) if piece.fenced and readings[i].candidates]
    if not fenced:
        return list(readings)
    kept = []
    for i, (piece, reading) in enumerate(zip(pieces, readings, strict=True)):
        if piece.fenced or (reading.headed and reading.complete):
            kept.append(reading)
        else:
            kept.append(Reading(notes=("format.preamble" if i < fenced[0] else "format.trailing_text",)))
    return kept
