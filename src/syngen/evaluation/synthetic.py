"""The rows under test, from a table, a reply or a run: read but not judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from syngen.columns import CellReading, codecs, holds
from syngen.types import Layout, Ledger, Reference, Rejected, Value


@dataclass(frozen=True, slots=True, eq=False)
class Synthetic:
    """Synthetic rows, in the reference's columns; of a large table a random part of them."""

    source: str  # where they came from, for people: a path, "run PATH", "data frame" or "reply"
    kind: str  # "table", "reply" (a model's raw reply) or "run"
    header: tuple[tuple[str, str | None], ...]  # names, each with its reference column or None; may be empty
    raw: Mapping[str, Sequence[Value]]  # the cells as they stood, by reference column
    numbers: Sequence[int]  # for each row its row number, from 1
    rows: int  # rows there are in all that could be read, also those left out
    complete: int  # of these, rows with a cell for every reference column, before any repair
    ragged: int = 0  # rows without exactly one cell for each column of the table
    unreadable: int = 0  # rows that could not be read at all
    rejects: tuple[Rejected, ...] = ()  # those of a reply
    # Rows whose main text an earlier row has, and those whose text a real row has, over all rows, where some
    # were left out; None else and where the text is absent
    exact_counts: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()  # what had to be done to read it, one sentence each
    format_notes: tuple[str, ...] = ()  # codes of the form as a whole, such as "format.preamble"
    row_notes: tuple[tuple[str, ...], ...] = ()  # for each row codes of what had to be repaired
    frame: pl.DataFrame = field(default_factory=pl.DataFrame)  # typed; null where a column can't hold a cell
    readings: Mapping[str, Sequence[CellReading]] = field(default_factory=dict)  # of `raw`; empty for a run
    asked: int | None = None  # rows that were asked for, where it is known
    origins: pl.DataFrame | None = None  # of a run, a row for each row, see `EvalSample.origins`
    ledger: Ledger | None = None  # of a run
    made_by: Mapping[str, str] = field(default_factory=dict)  # of a run: model and settings by label

    @property
    def absent(self) -> tuple[str, ...]:
        """Reference columns that are nowhere in it; none is missing where there is no row."""
        return tuple(name for name in self.frame.columns if self.rows and name not in self.raw)

    @property
    def cut_off(self) -> int:
        """Rows that the end of a reply cut off; they were returned but can't be read."""
        return sum(reject.reason == "cut_off" for reject in self.rejects)

    @property
    def extra(self) -> tuple[str, ...]:
        """Names of columns the reference does not have."""
        return tuple(dict.fromkeys(name for name, column in self.header if column is None))

    @property
    def renamed(self) -> dict[str, str]:
        """Reference column by the other name it came under."""
        return {column: name for name, column in self.header if column is not None and name != column}

    def typed(self, reference: Reference) -> Synthetic:
        """The same with each cell read as a value of its column."""
        rows, layout = len(self.numbers), reference.layout or Layout()
        notes = [dict.fromkeys(codes) for codes in self.row_notes or [()] * rows]
        columns = []
        readings: dict[str, list[CellReading]] = {}
        for name, codec in codecs(reference.profile, reference.frame).items():
            values: list[Value] = [None] * rows
            if name in self.raw:
                cells = [(type(cell), cell) for cell in self.raw[name]]
                marker = layout.spelling(name).missing  # what the reference itself writes for no value
                known = {
                    key: CellReading(None) if marker and key[1] == marker else codec.convert(key[1])
                    for key in dict.fromkeys(cells)
                }
                readings[name] = [known[key] for key in cells]
                read = (reading.value for reading in readings[name])
                values = [value if holds(codec.dtype, value) else None for value in read]
                for row, reading in zip(notes, readings[name], strict=True):
                    if reading.note:
                        row[reading.note] = None
            columns.append(pl.Series(name, values, codec.dtype))
        row_notes = tuple(tuple(codes) for codes in notes)
        return replace(self, frame=pl.DataFrame(columns), readings=readings, row_notes=row_notes)
