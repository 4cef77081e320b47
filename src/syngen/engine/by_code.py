"""Complete the planned rows that have no text: code fills every column of theirs, so no model is asked.

They are recorded like the rows of calls, in batches, before the first call is made.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from syngen.columns import derive_from_text
from syngen.store import Journal
from syngen.types import Plan, Reference, Row

BATCH = 10_000  # rows committed together


def rows_by_code(plan: Plan, reference: Reference, journal: Journal) -> Iterator[list[Row]]:
    """Yield the rows without a text that the journal lacks, in batches, and record each batch.

    Raises:
        JournalError: The journal can't be written.
    """
    there = journal.filled()
    slots = [int(slot) for slot in np.flatnonzero(~plan.to_write) if slot not in there]
    rows = iter(_completed(plan, reference)[slots].iter_rows(named=True)) if slots else iter(())
    for start in range(0, len(slots), BATCH):
        made = [Row(index, next(rows), call="") for index in slots[start : start + BATCH]]
        journal.record_rows(made)
        yield made


def _completed(plan: Plan, reference: Reference) -> pl.DataFrame:
    """The planned values in the columns and types of the reference; texts are absent."""
    values = plan.values()
    columns = []
    for column in reference.profile.columns:
        dtype = reference.frame.schema[column.name]
        if column.name in values.columns:
            columns.append(values[column.name].cast(dtype))
        else:  # a text, or what follows from one
            absent = None if column.derived is None else derive_from_text(column, None)
            columns.append(pl.repeat(absent, len(plan), dtype=dtype, eager=True).alias(column.name))
    return pl.DataFrame(columns)
