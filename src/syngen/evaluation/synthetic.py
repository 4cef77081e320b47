"""The rows under test, from a table, a reply or a run: read but not judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from syngen.columns import CellReading, codecs
from syngen.evaluation.read_exact import ExactCounts
from syngen.evaluation.sample import Origins
from syngen.types import Ledger, Reference, Rejected, Value


@dataclass(frozen=True, slots=True, eq=False)
class Synthetic:
    """Synthetic rows, in the reference's columns.

    Of a large table, `raw`, `numbers`, `frame` and what else is given for each row hold a random part.

    Attributes:
        source: Where they came from, for people: a path, "run PATH", "data frame" or "reply".
        kind: "table", "reply" (a model's raw reply) or "run".
        header: The names of its columns, each with the reference's column it stands for, or None; empty
            where there was no header.
        raw: The cells as they stood, by reference column; a column that is nowhere in it is not here.
        numbers: For each row its row number as people count, from 1.
        rows: Rows there are in all that could be read.
        complete: Of these, rows with a cell for every column of the reference, before any repair.
        ragged: Rows without exactly one cell for each column of the table.
        unreadable: Rows that could not be read at all.
        rejects: Those of a reply.
        exact_counts: Counts over all rows; None where the main text is absent.
        notes: What had to be done to read it, one sentence each.
        format_notes: Codes of what was remarkable about it as a whole, such as "format.preamble".
        row_notes: For each row codes of what had to be repaired to read it.
        frame: The rows in the reference's columns and types; a cell that its column can't hold is null.
        readings: What each cell was read as, by reference column; empty for a run, whose rows are typed.
        asked: Rows that were asked for, where it is known.
        origins: Where each row came from; None unless it is a run.
        ledger: The run's ledger; None unless it is a run.
        made_by: Model and settings by label, when it is a run.
    """

    source: str
    kind: str
    header: tuple[tuple[str, str | None], ...]
    raw: Mapping[str, Sequence[Value]]
    numbers: Sequence[int]
    rows: int
    complete: int
    ragged: int = 0
    unreadable: int = 0
    rejects: tuple[Rejected, ...] = ()
    exact_counts: ExactCounts | None = None
    notes: tuple[str, ...] = ()
    format_notes: tuple[str, ...] = ()
    row_notes: tuple[tuple[str, ...], ...] = ()
    frame: pl.DataFrame = field(default_factory=pl.DataFrame)
    readings: Mapping[str, Sequence[CellReading]] = field(default_factory=dict)
    asked: int | None = None
    origins: Origins | None = None
    ledger: Ledger | None = None
    made_by: Mapping[str, str] = field(default_factory=dict)

    @property
    def absent(self) -> tuple[str, ...]:
        """Reference columns that are nowhere in it."""
        return tuple(name for name in self.frame.columns if name not in self.raw)

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
        rows = len(self.numbers)
        notes = [dict.fromkeys(codes) for codes in self.row_notes or [()] * rows]
        columns = []
        readings: dict[str, list[CellReading]] = {}
        for name, codec in codecs(reference.profile, reference.frame).items():
            values: list[Value] = [None] * rows
            if name in self.raw:
                cells = [(type(cell), cell) for cell in self.raw[name]]
                known = {key: codec.convert(key[1]) for key in dict.fromkeys(cells)}
                readings[name] = [known[key] for key in cells]
                values = [reading.value if codec.holds(reading.value) else None for reading in readings[name]]
                for row, reading in zip(notes, readings[name], strict=True):
                    if reading.note:
                        row[reading.note] = None
            columns.append(pl.Series(name, values, codec.dtype))
        row_notes = tuple(tuple(codes) for codes in notes)
        return replace(self, frame=pl.DataFrame(columns), readings=readings, row_notes=row_notes)
