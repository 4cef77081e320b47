"""Read delimited text (CSV, TSV and the like) row by row, without holding it in memory.

`DelimitedRows` serves both modes. The strict mode refuses a text whose rows don't fit the header; the
tolerant one only counts them, since the reader of replies may make more of it.
"""

from __future__ import annotations

import csv
import itertools
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from textwrap import shorten

import polars as pl

from syngen import errors
from syngen.tables.dialect import BLANK, LONG_ROW, aligned, describing, looks_like_data, sniff
from syngen.tables.dtypes import from_strings, to_frame, without_markers
from syngen.tables.encoding import Text
from syngen.tables.quoting import learn_quoting
from syngen.tables.sample import sample_rows
from syngen.tables.spelling import learn_spelling
from syngen.tables.unsampled import Unsampled
from syngen.text.format import counted, listed
from syngen.types import Layout, Spelling

LARGEST_CELL = 1 << 24  # characters; a larger one is a quote that was never closed
SAMPLES = 20  # rows looked at below a header
MOST_BELOW = 20  # rows below a table
_TOTAL = re.compile(
    r"(?:(?:grand|sub)[ -]?)?totals?|sum|summe|gesamt(?:summe)?|zwischensumme|total général|somme|suma|"
    r"totale|totaal|razem|итого|всего|合計|合计|总计|소계|합계",
    re.IGNORECASE,
)

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
        strict: Whether lines above and below the table are told from it, and whether a row that swallowed
            others, through a quote never closed, is an error.

    Attributes:
        text: Where they come from.
        head: Its first lines.
        dialect: How it is written.
        header: The cells of the first row as they stand.
        names: The header's cells; empty when there is none.
        width: Cells in the first row.
        samples: Some rows, as wide as the header.
        short: Rows with fewer cells than the header, filled up with None; complete after `rows`.
        long: Rows with more, left out.
        below: Lines that stand below the table, such as totals and remarks, left out.
        repeated: Lines that hold the header once more, left out.
        describing: Rows below the header that describe the columns, such as units, left out.
    """

    def __init__(
        self, text: Text, is_data: Callable[[Sequence[str], Sequence[Sequence[str]]], bool], *, strict: bool
    ) -> None:
        csv.field_size_limit(max(LARGEST_CELL, csv.field_size_limit()))
        head = text.head()
        self.text, self.head, self.dialect = text, head, sniff(head, above=strict, known=text.delimiter)
        self._strict = strict
        self.above = [line.strip() for line in head[: self.dialect.skip] if line.strip()][self.dialect.sep :]
        lines = head[self.dialect.skip :]
        rows = (row for row in csv.reader(lines, **self.dialect.options) if any(map(str.strip, row)))
        first = next(rows, None)
        if first is None:
            raise errors.ReferenceError(
                f"'{text.name}' is empty.", "Give a table with a header and at least two rows."
            )
        first = ["", *first] if self.dialect.short else first
        below = list(itertools.islice(rows, SAMPLES))
        self._describing = describing(first, below) if strict else 0
        below = below[self._describing :]
        self.width = len(first)
        self.header = first
        title = tuple(cell.replace("\0", "").strip() for cell in first)
        self.names = () if is_data(title, below) and not self._describing else title
        self.samples = [row for row in below if len(row) == self.width]
        self.short, self.long, self.below, self.repeated = Lines(), Lines(), Lines(), Lines()
        self.describing = Lines()

    def rows(self) -> Iterator[tuple[int, Cells]]:
        """Every row as wide as the header, with its number among all rows, from 1.

        Raises:
            ReferenceError: A quotation mark is never closed.
        """
        held: list[tuple[int, list[str]]] = []  # rows that may stand below the table
        number, width, strict = 0, self.width, self._strict
        for line, row, after_blank in self._table():
            if len(row) == width and all(row) and not held:  # nothing is missing: most rows, and fast
                number += 1
                yield number, row
                continue
            if strict and len(held) < MOST_BELOW and self._is_below(row, after_blank or bool(held)):
                held.append((line, row))
                continue
            for at, cells in (*held, (line, row)):
                number += 1
                if len(cells) < width:
                    self.short.add(at)
                elif any(map(str.strip, cells[width:])):
                    self.long.add(at)
                    continue
                yield number, cells[:width] + [None] * (width - len(cells))
            held.clear()
        for at, _ in held:
            self.below.add(at)

    def _table(self) -> Iterator[tuple[int, list[str], bool]]:
        """The rows that are not blank, each with its first line and whether a blank one stands before it."""
        skip, first, strict, width = self.dialect.skip, self.header, self._strict, self.width
        reader = csv.reader(itertools.islice(self.text.lines(), skip, None), **self.dialect.options)
        header, blank = bool(self.names), False
        start = skip + 1
        try:
            for row in reader:
                line, start = start, reader.line_num + skip + 1
                if not any(map(str.strip, row)):
                    blank = True
                    continue
                if header:
                    header = False
                elif self.describing.count < self._describing:
                    self.describing.add(line)
                elif strict and row == first and self.names:
                    self.repeated.add(line)
                else:
                    if strict and len(row) < width and start - line > LONG_ROW:
                        raise self._unclosed(line)
                    yield line, row, blank
                blank = False
        except csv.Error as error:
            raise self._unclosed(start) from error

    def _is_below(self, row: Sequence[str], apart: bool) -> bool:
        """Whether a row looks like a total or a remark below a table: short and set apart, or named a total."""
        filled = [cell for cell in row if cell.strip()]
        if self.width < 2 or len(filled) == self.width:
            return False
        alone = len(row) == 1 and self.width > 2
        return (
            alone
            or (apart and 2 * len(filled) <= self.width)
            or bool(_TOTAL.fullmatch(filled[0].strip(" :")))
        )

    def remarks(self) -> Iterator[str]:
        """Describe the lines that are no rows, and the rows that don't fit, one sentence each."""
        if self.dialect.options["delimiter"] == BLANK:
            yield "Blanks separate the columns; a new file has one between two cells."
        elif self.width == 1 and aligned(self.head):
            yield (
                "Read as one column. If blanks separate columns here, give each line as many cells as the header "
                "and each missing one a mark such as NA, or save the table with commas or tabs."
            )
        if self.above:
            what = counted(len(self.above), "line")
            shown = listed([f"'{shorten(line, 40, placeholder=' …')}'" for line in self.above], most=3)
            yield f"{what} above the header (in line {self.dialect.skip + 1}) left out: {shown}."
        if self.dialect.short:
            yield "The header has one cell less than the rows, as R writes it; the names of the rows are a column."
        if self.describing.count:
            what = counted(self.describing.count, "row")
            yield f"{what} below the header ({self.describing}) with units or questions: left out."
        if self.below.count:
            yield f"{counted(self.below.count, 'row')} below the table ({self.below}): left out."
        if self.repeated.count:
            what = counted(self.repeated.count, "row")
            yield f"{what} with the header once more ({self.repeated}): left out."
        if self.short.count:
            rows = counted(self.short.count, "row")
            yield f"{rows} with fewer cells than the header ({self.short}): the rest was read as missing."
        if self.long.count:
            rows = counted(self.long.count, "row")
            yield f"{rows} with more cells than the header ({self.long}): left out."

    def _unclosed(self, line: int) -> errors.ReferenceError:
        return errors.ReferenceError(
            f"A quotation mark in line {line} of '{self.text.name}' is never closed.",
            "Close it, or double the quotation marks inside texts.",
        )


def read_delimited(
    text: Text, max_rows: int, notes: list[str], unsampled: Unsampled
) -> tuple[pl.DataFrame, Layout]:
    """Read delimited text into typed columns.

    Args:
        unsampled: Receives the keys of rows that are not in the sample.

    Returns:
        The table, and how the text is written.

    Raises:
        ReferenceError: No table can be made of it.
    """
    table = DelimitedRows(text, looks_like_data, strict=True)
    if not table.names:
        notes.append(
            "The first row looks like data, so it was read as such and the columns are called column_1, "
            "column_2 and so on; add a header line to name them."
        )
    shown = table.names or [""] * table.width

    def left_out(rows: list[tuple[int, Cells]]) -> None:
        unsampled.add_rows([cells for _, cells in rows], range(table.width), operator.getitem, shown)

    kept, seen = sample_rows(table.rows(), max_rows, _characters, notes, left_out)
    if table.long.count > seen:
        raise errors.ReferenceError(
            f"{table.long.count:,} of {seen + table.long.count:,} rows of '{text.name}' have more cells than"
            f" the header ({table.long}).",
            "Put quotation marks around texts that hold the delimiter.",
        )
    notes += table.remarks()
    by_column: list[Cells] = list(zip(*(row for _, row in kept), strict=True)) or [()] * table.width
    names = _names_of(table, by_column, notes)
    unsampled.finish(notes, names)
    titles = dict(zip(names, table.header, strict=True)) if table.names else {}
    cells = [pl.Series(n, c, dtype=pl.String) for n, c in zip(names, by_column, strict=True) if n]
    columns = without_markers(cells, [from_strings(column, notes) for column in cells], notes)
    spellings = {}
    for column, values in zip(cells, columns, strict=True):
        title = titles.get(column.name, column.name)
        spelling = learn_spelling(column, values, notes)
        spellings[column.name] = replace(spelling, name=title) if title != column.name else spelling
    return to_frame(columns), _layout_of(table, names, spellings)


def _characters(row: tuple[int, Cells]) -> int:
    return sum(map(len, filter(None, row[1])))


def _layout_of(table: DelimitedRows, names: list[str], spellings: Mapping[str, Spelling]) -> Layout:
    options, text = table.dialect.options, table.text
    delimiter = options["delimiter"]
    layout = Layout(
        columns=spellings,
        encoding=text.encoding,
        bom=text.bom,
        final_line_end=text.ends_line,
        delimiter=delimiter,
        spaced=options.get("skipinitialspace", False) and table.width > 1 and delimiter != BLANK,
        trailing=names[-1] == "",
        quote="" if "quoting" in options else options.get("quotechar", '"'),
        escape=options.get("escapechar", ""),
        sep=table.dialect.sep,
        header=bool(table.names),
    )
    return learn_quoting(layout, table.dialect, table.head, names)


def _names_of(table: DelimitedRows, columns: Sequence[Cells], notes: list[str]) -> list[str]:
    """A name of its own for each column; empty for one without a name or a cell."""
    names = [*table.names] or [f"column_{i}" for i in range(1, table.width + 1)]
    for i, cells in enumerate(columns):
        name = names[i]
        if not name and any(cells):  # an empty column comes from a delimiter at the end of each row
            names[i] = next(f"column_{n}" for n in itertools.count(i + 1) if f"column_{n}" not in names)
            notes.append(f"Column {i + 1} has no name; it is called {names[i]}.")
        elif name and name in names[:i]:
            names[i] = next(f"{name}_{n}" for n in itertools.count(2) if f"{name}_{n}" not in names)
            first = names.index(name) + 1
            notes.append(
                f"Columns {first} and {i + 1} are both called '{name}'; the latter is {names[i]} here."
            )
        elif name.startswith("^") and name.endswith("$"):  # polars would take it for a regular expression
            names[i] = next(n for n in (f"{name[1:]}{'_' * k}" for k in itertools.count()) if n not in names)
            notes.append(f"Column {i + 1}, '{name}', is called '{names[i]}' here.")
    return names
