"""The rows under test as they were found: a table, a reply or a run, read but not judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from syngen.columns import CellReading
from syngen.evaluation.sample import Origins
from syngen.types import Ledger, Rejected, Value


@dataclass(frozen=True, slots=True)
class ExactCounts:
    """How many of all rows have a main text that is not new, letter case and punctuation left out.

    Attributes:
        repeated: Rows whose text an earlier row has.
        copied: Rows whose text a real row has.
    """

    repeated: int
    copied: int


@dataclass(frozen=True, slots=True, eq=False)
class Synthetic:
    """Synthetic rows, in the reference's columns.

    Attributes:
        source: Where they came from, for people: a path, "run PATH", "data frame" or "reply".
        kind: "table", "reply" (a model's raw reply) or "run".
        frame: The rows in the reference's columns and types; a cell that its column can't hold is null.
        raw: The cells as they stood, by reference column, as many as rows; None where there was none.
        readings: What each of these was read as, by reference column; empty for a run, whose rows are typed.
        rows: Rows there are in all; more than `frame` has when only a random part of them was read.
        numbers: For each row of `frame` its row number as people count, from 1.
        complete: Rows with a cell for every column, before any repair (of all `rows`).
        unreadable: Rows seen in a reply that could not be read at all.
        rejects: These, as far as they were kept.
        absent: Reference columns that are nowhere in it.
        extra: Names of columns the reference does not have.
        renamed: Reference column by the other name it came under.
        format_notes: Codes of what was remarkable about a reply as a whole, such as "format.preamble".
        row_notes: For each row of `frame` codes of what had to be repaired to read it.
        notes: What had to be done to read it, one sentence each.
        asked: Rows that were asked for, where it is known.
        origins: Where each row came from; None unless it is a run.
        ledger: The run's ledger; None unless it is a run.
        made_by: Model and settings by label, when it is a run.
        exact_counts: Counts over all rows, not only those in `frame`; None where the main text is absent.
    """

    source: str
    kind: str
    frame: pl.DataFrame
    raw: Mapping[str, Sequence[Value]]
    rows: int
    numbers: Sequence[int]
    complete: int
    unreadable: int = 0
    readings: Mapping[str, Sequence[CellReading]] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    renamed: Mapping[str, str] | None = None
    format_notes: tuple[str, ...] = ()
    row_notes: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()
    asked: int | None = None
    origins: Origins | None = None
    ledger: Ledger | None = None
    made_by: Mapping[str, str] = field(default_factory=dict)
    rejects: tuple[Rejected, ...] = ()
    exact_counts: ExactCounts | None = None
