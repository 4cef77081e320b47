"""Tables under test: what every kind of table is reduced to, and the reader of data frames.

Unlike the reader of references these readers type nothing, keep row numbers and count all rows, however
few of them are kept: of a large table only a random part stays in memory, and a hash of each text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from syngen.columns.parse import Field
from syngen.errors import InputError
from syngen.evaluation.read_exact import Tally
from syngen.evaluation.synthetic import ExactCounts
from syngen.tables.dtypes import to_house_types
from syngen.tables.replies.header import map_names, plain
from syngen.tables.sample import sample_indices
from syngen.types import Value

SAMPLES = 20  # rows that a header is checked against
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Opened:
    """A text that can be read from its beginning again and again.

    Attributes:
        lines: Its lines, with their ends.
        chunks: The same in pieces of any size.
    """

    lines: Callable[[], Iterator[str]]
    chunks: Callable[[], Iterator[str]]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A table as it was found.

    Attributes:
        names: The names of its columns; empty where there was no header.
        fields: For each column the reference's column it stands for, or None.
        cells: For each column its cells, of the rows kept.
        numbers: Row numbers of these, from 1.
        rows: Rows there are in all that could be read.
        whole: Of these, rows with a cell for each of its columns.
        lost: Rows that could not be read: with more cells than columns, or no objects.
        remarks: What had to be done, one sentence each.
        exact: Counts of texts over all rows.
        delimiter: Of delimited text; empty for all else.
    """

    names: tuple[str, ...]
    fields: tuple[Field | None, ...]
    cells: tuple[Sequence[Value], ...]
    numbers: Sequence[int]
    rows: int
    whole: int
    lost: int = 0
    remarks: tuple[str, ...] = ()
    exact: ExactCounts | None = None
    delimiter: str = ""

    @property
    def ragged(self) -> int:
        """Rows without exactly one cell for each column."""
        return self.rows - self.whole + self.lost

    @property
    def known(self) -> tuple[Field, ...]:
        """The columns of the reference that it has."""
        return tuple(field for field in self.fields if field is not None)

    def columns(self) -> dict[str, Sequence[Value]]:
        """The cells by reference column."""
        return {f.name: cells for f, cells in zip(self.fields, self.cells, strict=True) if f is not None}


def mapped(
    names: Sequence[str], fields: Sequence[Field], samples: Sequence[Sequence[str | None]]
) -> tuple[Field | None, ...]:
    """The reference's column that each name stands for.

    Its own name first; then by likeness and place, as in a model's reply, unless hardly a name is known.
    """
    if set(names) >= {field.name for field in fields}:
        own = {field.name: field for field in fields}
        return tuple(own.pop(name, None) for name in names)
    columns = map_names(names, fields, samples).columns
    same = any(f is not None and plain(n) == plain(f.name) for n, f in zip(names, columns, strict=True))
    enough = sum(column is not None for column in columns) >= min(2, len(fields))
    return columns if same or enough else (None,) * len(names)


def place_of_text(columns: Sequence[Field | None], tally: Tally) -> int | None:
    """Where the column that carries the text stands."""
    return next((i for i, c in enumerate(columns) if c is not None and c.name == tally.column), None)


def sound(text: str) -> str:
    """A text without halves of surrogate pairs, which no table can hold."""
    if text.isascii() or not _SURROGATE.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def read_lazy(lazy: pl.LazyFrame, source: str, fields: Sequence[Field], tally: Tally, max_rows: int) -> Found:
    """Read a frame, of which only the rows kept and the hashes of its texts come into memory.

    Args:
        lazy: The frame.
        source: What it is called, for people.
        fields: The reference's columns.
        tally: Counts the texts.
        max_rows: Most rows to keep.

    Raises:
        InputError: The query fails, such as on a damaged file.
    """
    remarks: list[str] = []
    number = "row number, from 1"
    try:
        names = tuple(lazy.collect_schema().names())
        rows = int(lazy.select(pl.len()).collect(engine="streaming").item())
        kept = sample_indices(rows, max_rows) + 1
        part = lazy.with_row_index(number, offset=1)
        if rows > max_rows:
            part = part.filter(pl.col(number).is_in(pl.Series(kept).implode()))
        frame = to_house_types(part.drop(number).collect(engine="streaming"), remarks)
        samples = [[None if c is None else str(c) for c in row] for row in frame.head(SAMPLES).iter_rows()]
        columns = mapped(names, fields, samples)
        texts = place_of_text(columns, tally)
        if texts is not None:
            tally.add_column(lazy, names[texts])
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        first = str(error).partition("\n")[0]
        raise InputError(f"{source} can't be read: {first}.", "Check the file.") from error
    return Found(
        names,
        columns,
        tuple(frame[name].to_list() for name in names),
        kept.tolist(),
        rows=rows,
        whole=rows,
        remarks=tuple(remarks),
        exact=tally.counts() if texts is not None else None,
    )
