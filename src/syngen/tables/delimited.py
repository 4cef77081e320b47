"""Read delimited text (CSV, TSV and the like) row by row, without holding it in memory.

`DelimitedRows` serves both modes. The strict mode refuses a text whose rows don't fit the header; the
tolerant one only counts them, since the reader of replies may make more of it.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from syngen import errors
from syngen.tables.dtypes import from_strings, to_frame
from syngen.tables.encoding import Text
from syngen.tables.sample import characters, sample_rows
from syngen.tables.sniff import LONG_ROW, csv_options, looks_like_data
from syngen.text.format import counted

LARGEST_CELL = 1 << 24  # characters; a larger one is a quote that was never closed
SAMPLES = 20  # rows looked at below a header

Cells = Sequence[str | None]


@dataclass(slots=True)
class Lines:
    """Line numbers of rows of one kind: how many there are, and the first few."""

    count: int = 0
    first: list[int] = field(default_factory=list)

    def add(self, line: int) -> None:
        self.count += 1
        if len(self.first) < 5:
            self.first.append(line)

    def __str__(self) -> str:
        more = " …" if self.count > len(self.first) else ""
        return f"line{'s' if self.count > 1 else ''} {', '.join(map(str, self.first))}{more}"


class DelimitedRows:
    """The rows of delimited text; a blank text raises a ReferenceError.

    Args:
        is_data: Given the first row and some below it, whether the first is no header but a row of data.
        strict: Whether a row that swallowed others, through a quote never closed, is an error.

    Attributes:
        names: The header's cells; empty when there is none.
        width: Cells in the first row.
        samples: Some rows, as wide as the header.
        short: Rows with fewer cells than the header, filled up with None; complete after `rows`.
        long: Rows with more, left out.
    """

    def __init__(
        self, text: Text, is_data: Callable[[Sequence[str], Sequence[Sequence[str]]], bool], *, strict: bool
    ) -> None:
        csv.field_size_limit(max(LARGEST_CELL, csv.field_size_limit()))
        head = text.head()
        self._text, self._strict, self._options = text, strict, csv_options(head)
        rows = (row for row in csv.reader(head, **self._options) if any(map(str.strip, row)))
        first = next(rows, None)
        if first is None:
            raise errors.ReferenceError(
                f"'{text.name}' is empty.", "Give a table with a header and at least two rows."
            )
        below = list(itertools.islice(rows, SAMPLES))
        self.width = len(first)
        title = tuple(cell.replace("\0", "").strip() for cell in first)
        self.names = () if is_data(title, below) else title
        self.samples = [row for row in below if len(row) == self.width]
        self.short, self.long = Lines(), Lines()

    def rows(self) -> Iterator[tuple[int, Cells]]:
        """Every row as wide as the header, with its number among all rows, from 1.

        Raises:
            ReferenceError: A quotation mark is never closed.
        """
        reader = csv.reader(self._text.lines(), **self._options)
        number = 0 if self.names else 1
        while True:
            start = reader.line_num + 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise self._unclosed(start) from error
            if not any(map(str.strip, row)):
                continue
            number += 1
            if number == 1:  # the header
                continue
            if len(row) < self.width:
                if self._strict and reader.line_num - start > LONG_ROW:
                    raise self._unclosed(start)
                self.short.add(start)
            elif any(map(str.strip, row[self.width :])):
                self.long.add(start)
                continue
            yield number - 1, row[: self.width] + [None] * (self.width - len(row))

    def remarks(self) -> Iterator[str]:
        """Describe the rows that don't fit, one sentence each."""
        if self.short.count:
            rows = counted(self.short.count, "row")
            yield f"{rows} with fewer cells than the header ({self.short}): the rest was read as missing."
        if self.long.count:
            rows = counted(self.long.count, "row")
            yield f"{rows} with more cells than the header ({self.long}): left out."

    def _unclosed(self, line: int) -> errors.ReferenceError:
        return errors.ReferenceError(
            f"A quotation mark in line {line} of '{self._text.name}' is never closed.",
            "Close it, or double the quotation marks inside texts.",
        )


def read_delimited(text: Text, max_rows: int, notes: list[str]) -> pl.DataFrame:
    """Read delimited text into typed columns; raise a ReferenceError when no table can be made of it."""
    table = DelimitedRows(text, looks_like_data, strict=True)
    if not table.names:
        notes.append(
            "The first row looks like data, so it was read as such and the columns are called column_1, "
            "column_2 and so on; add a header line to name them."
        )
    kept, seen = sample_rows((row for _, row in table.rows()), max_rows, characters, notes)
    if table.long.count > seen:
        raise errors.ReferenceError(
            f"{table.long.count:,} of {seen + table.long.count:,} rows of '{text.name}' have more cells than"
            f" the header ({table.long}).",
            "Put quotation marks around texts that hold the delimiter.",
        )
    notes += table.remarks()
    names = table.names or [f"column_{i}" for i in range(1, table.width + 1)]
    columns = []
    by_column: list[Cells] = list(zip(*kept, strict=True)) or [()] * table.width
    for i, (name, cells) in enumerate(zip(names, by_column, strict=True), start=1):
        if name:
            columns.append(from_strings(name, cells, notes))
        elif any(cells):  # an empty one comes from a delimiter at the end of each row
            notes.append(f"Column {i} has no name; it is called column_{i}.")
            columns.append(from_strings(f"column_{i}", cells, notes))
    return to_frame(columns)
