"""Read a table under test: its columns matched to the reference's, its cells as they stand.

Unlike the reader of references this one types nothing, keeps row numbers and counts all rows, however
few of them are kept: of a large table only a random part stays in memory, and a hash of each text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

import polars as pl

from syngen.columns import Codec, codecs
from syngen.evaluation.synthetic import Synthetic
from syngen.tables.delimited import SAMPLES, DelimitedRows
from syngen.tables.dtypes import as_text, json_cell
from syngen.tables.encoding import Text
from syngen.tables.frames import collect
from syngen.tables.header import LONGEST_NAME, is_header, map_table
from syngen.tables.nested import spreading
from syngen.tables.objects import JsonRows
from syngen.tables.replies.table import Cell, count_fits, straight
from syngen.tables.sample import characters, sample_rows
from syngen.text.ngrams import text_keys
from syngen.types import Reference, Value

_BATCH = 2_000  # texts hashed at once


def read_delimited(name: str, text: Text, reference: Reference, max_rows: int) -> Synthetic:
    """Read delimited text.

    Args:
        name: What it is called, for people.
        text: The text.
        reference: The real rows.
        max_rows: Most rows to keep.

    Raises:
        InputError: It is blank, or a quotation mark is never closed.
    """
    own = list(codecs(reference.profile).values())

    def is_row(first: Sequence[str], _below: Sequence[Sequence[str]]) -> bool:
        """Whether the first row holds no names but cells that look like the reference's columns."""
        if is_header(first, own) or len(first) != len(own):
            return False
        fits, misfits = count_fits(straight([Cell(cell, cell) for cell in map(str.strip, first)], own))
        return fits > 0 and misfits <= 1

    table = DelimitedRows(text, is_row, strict=False)
    names, spread = spreading(table.names, reference.layout)
    columns: Sequence[Codec | None] = own
    rows: Iterator[tuple[int, Sequence[Value]]] = table.rows()
    if any(len(title) > LONGEST_NAME for title in table.names):  # prose
        columns = [None] * table.width
    elif table.names:
        columns = map_table(names, own, list(map(spread, table.samples)))
        rows = ((number, spread(cells)) for number, cells in rows)
    found = _sampled(name, names, columns, rows, reference, max_rows)
    short, long = table.short.count, table.long.count
    return replace(
        found,
        complete=found.rows - short if len(found.raw) == len(own) else 0,
        ragged=short + long,
        unreadable=long,
        notes=(*table.remarks(), *found.notes),
        format_notes=found.format_notes if table.names else ("format.no_header",),
    )


def read_objects(name: str, text: Text, reference: Reference, max_rows: int) -> Synthetic:
    """Read JSON objects, one a line or in one array; arguments as above."""
    own = list(codecs(reference.profile).values())
    table = JsonRows(text, strict=False)
    names, spread = spreading(table.names, reference.layout)
    columns = map_table(names, own, [list(map(as_text, spread(row))) for row in table.samples])
    nested = reference.layout.nested if reference.layout else {}
    of_columns = {key for key, column in zip(names, columns, strict=True) if column is not None}
    needed = {key for key in table.names if key in of_columns or key in nested}
    keys = dict.fromkeys(table.names)
    whole = 0

    def as_cells() -> Iterator[tuple[int, list[Value]]]:
        nonlocal whole
        for number, row in table.rows():
            whole += needed <= row.keys()
            keys.update(dict.fromkeys(row))
            yield number, spread([row.get(key) for key in table.names])

    found = _sampled(name, names, columns, as_cells(), reference, max_rows)
    return replace(
        found,
        header=found.header + tuple((key, None) for key in list(keys)[len(table.names) :]),
        complete=whole if len(of_columns) == len(own) else 0,
        ragged=found.rows - whole + table.lost.count,
        unreadable=table.lost.count,
        notes=(*table.remarks(), *found.notes),
    )


def read_lazy(name: str, lazy: pl.LazyFrame, reference: Reference, max_rows: int) -> Synthetic:
    """Read a frame, of which only the rows kept and the hashes of its texts come into memory.

    Args:
        name: What it is called, for people.
        lazy: The frame.
        reference: The real rows.
        max_rows: Most rows to keep.

    Raises:
        InputError: The query fails, such as on a damaged file.
    """
    notes: list[str] = []
    own = list(codecs(reference.profile).values())
    frame, kept, rows = collect(lazy, f"'{name}'", max_rows, notes)
    plain = frame.columns
    names, spread = spreading(plain, reference.layout)
    if list(names) != plain:
        frame = pl.DataFrame(
            list(map(spread, frame.iter_rows())),
            list(names),
            orient="row",
            infer_schema_length=None,
            strict=False,
        )
    columns = map_table(frame.columns, own, [list(map(as_text, row)) for row in frame.head(SAMPLES).rows()])
    raw = {c.name: frame[n].to_list() for n, c in zip(frame.columns, columns, strict=True) if c is not None}
    at = _place_of_text(columns)
    exact = None
    if at is not None and rows > len(kept):
        exact = (
            exact_counts([_hashes(lazy, frame.columns[at])], reference)
            if frame.columns[at] in plain
            else None
        )
    return Synthetic(
        name,
        "table",
        _header(frame.columns, columns),
        raw,
        (kept + 1).tolist(),
        rows,
        complete=rows if len(raw) == len(own) else 0,
        exact_counts=exact,
        notes=tuple(notes),
        format_notes=_order(columns, own),
    )


def _sampled(
    name: str,
    names: Sequence[str],
    columns: Sequence[Codec | None],
    rows: Iterator[tuple[int, Sequence[Value]]],
    reference: Reference,
    max_rows: int,
) -> Synthetic:
    """Keep a sample of a stream of rows with their numbers, and count the texts of all."""
    at = _place_of_text(columns)
    notes: list[str] = []
    hashes: list[pl.Series] = []

    def hashed() -> Iterator[tuple[int, Sequence[Value]]]:
        while batch := list(islice(rows, _BATCH)):
            if at is not None:
                hashes.append(text_hashes([as_text(json_cell(cells[at])) for _, cells in batch]))
            yield from batch

    kept, seen = sample_rows(hashed(), max_rows, lambda row: characters(row[1]), notes)
    return Synthetic(
        name,
        "table",
        _header(names, columns),
        {c.name: [json_cell(row[i]) for _, row in kept] for i, c in enumerate(columns) if c is not None},
        [number for number, _ in kept],
        seen,
        complete=0,
        exact_counts=exact_counts(hashes, reference) if hashes and seen > len(kept) else None,
        notes=tuple(notes),
        format_notes=_order(columns, list(codecs(reference.profile).values())),
    )


def _place_of_text(columns: Sequence[Codec | None]) -> int | None:
    """Where the column that carries the text stands."""
    return next((i for i, column in enumerate(columns) if column is not None and column.main), None)


def _header(names: Sequence[str], columns: Sequence[Codec | None]) -> tuple[tuple[str, str | None], ...]:
    return tuple((n, c.name if c else None) for n, c in zip(names, columns, strict=False))


def _order(columns: Sequence[Codec | None], own: Sequence[Codec]) -> tuple[str, ...]:
    known = [column.name for column in columns if column is not None]
    reordered = known != [field.name for field in own if field.name in known]
    return ("format.reordered_columns",) if reordered else ()


# ------------------------------------------------------------------------------- copies in all rows
def exact_counts(hashes: Sequence[pl.Series], reference: Reference) -> tuple[int, int]:
    """Count how many main texts an earlier row has, and how many a real row has.

    Two texts are the same when they are but for letter case, punctuation and spaces. Among a million texts two
    different ones get the same hash once in 37 million tables.

    Args:
        hashes: Of the texts, in parts, as `text_hashes` returns them.
        reference: The real rows.
    """
    every = pl.concat(hashes)
    real = _hashes(reference.frame.lazy(), reference.profile.main)
    return len(every) - every.n_unique(), int(every.is_in(real.unique().implode()).sum())


def text_hashes(texts: Sequence[str | None]) -> pl.Series:
    """Hash each text that has words."""
    return text_keys(pl.Series(texts, dtype=pl.String)).drop_nulls()


def _hashes(frame: pl.LazyFrame, name: str) -> pl.Series:
    """The same for a column of a frame, of which only the hashes come into memory."""
    texts = pl.col(name).cast(pl.String)
    keys = texts.map_batches(text_keys, return_dtype=pl.UInt64, is_elementwise=True)
    return frame.select(keys).drop_nulls().collect(engine="streaming").to_series()
