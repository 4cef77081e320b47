"""Delimited text under test (CSV and its kin): lines in, the cells as they stood out."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from syngen.columns.parse import Field
from syngen.errors import InputError
from syngen.evaluation.read_exact import Tally
from syngen.evaluation.read_tables import SAMPLES, Found, Opened, mapped, place_of_text
from syngen.tables.delimited import LARGEST_CELL, form_of
from syngen.tables.encoding import HEAD
from syngen.tables.replies.align import Cell, fitting, straight
from syngen.tables.replies.header import is_header
from syngen.tables.sample import sample_rows
from syngen.text.format import counted

_LONGEST_NAME = 60
_BLANK = "\ufeff \t\r\n"


@dataclass(slots=True)
class _Torn:
    """Rows with fewer or more cells than there are columns."""

    short: int = 0
    long: int = 0

    def remarks(self) -> Iterator[str]:
        if self.short:
            yield f"{counted(self.short, 'row')} with fewer cells than columns: the rest was read as missing."
        if self.long:
            yield f"{counted(self.long, 'row')} with more cells than columns: left out."


def read_delimited(opened: Opened, fields: Sequence[Field], tally: Tally, max_rows: int) -> Found | None:
    """Read delimited text; None when it holds nothing.

    Args:
        opened: The text.
        fields: The reference's columns.
        tally: Counts the texts.
        max_rows: Most rows to keep.

    Raises:
        InputError: A quotation mark is never closed.
    """
    csv.field_size_limit(max(LARGEST_CELL, csv.field_size_limit()))
    head = _head(opened.lines())
    form = form_of(head)
    torn = _Torn()
    try:
        first = list(itertools.islice(_records(form.reader(head)), SAMPLES + 1))
        if not first:
            return None
        names, columns = _header(first, fields)
        texts = place_of_text(columns, tally)
        rows = itertools.islice(_records(form.reader(opened.lines())), int(bool(names)), None)
        whole = _whole(rows, len(columns), texts, tally, torn)
        kept, seen = sample_rows(whole, max_rows, size=_size)
    except csv.Error as error:
        raise InputError(
            "A quotation mark is never closed.", "Close it, or double the quotation marks inside texts."
        ) from error
    return Found(
        names,
        columns,
        tuple([row[i] for _, row in kept] for i in range(len(columns))),
        [number for number, _ in kept],
        rows=seen,
        whole=seen - torn.short,
        lost=torn.long,
        remarks=tuple(torn.remarks()),
        exact=tally.counts() if texts is not None else None,
        delimiter=form.delimiter,
    )


def _size(row: tuple[int, Sequence[str | None]]) -> int:
    return sum(len(cell) for cell in row[1] if cell is not None)


def _head(lines: Iterator[str]) -> list[str]:
    """The first lines, blank ones at the top left out."""
    head, size = [], 0
    for line in itertools.dropwhile(lambda line: not line.strip(_BLANK), lines):
        head.append(line)
        size += len(line)
        if size > HEAD:
            break
    return head


def _records(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    return (row for row in rows if any(cell.strip(_BLANK) for cell in row))


def _header(
    first: Sequence[Sequence[str]], fields: Sequence[Field]
) -> tuple[tuple[str, ...], tuple[Field | None, ...]]:
    """The names in the first row, none when it holds a row of data, and what each column stands for."""
    names = tuple(cell.strip(_BLANK) for cell in first[0])
    if not is_header(names, fields) and len(names) == len(fields):
        readings = straight([Cell(cell, cell) for cell in names], fields)
        if fitting(readings) and sum(reading.fits is False for reading in readings) <= 1:
            return (), tuple(fields)
    if any(len(name) > _LONGEST_NAME for name in names):
        return names, (None,) * len(names)
    return names, mapped(names, fields, [row for row in first[1:] if len(row) == len(names)])


def _whole(
    rows: Iterator[list[str]], width: int, texts: int | None, tally: Tally, torn: _Torn
) -> Iterator[tuple[int, list[str | None]]]:
    """The rows with their numbers, made as wide as the header; those with too many cells are left out."""
    for number, row in enumerate(rows, start=1):
        if len(row) > width and any(cell.strip() for cell in row[width:]):
            torn.long += 1
            continue
        if len(row) < width:
            torn.short += 1
        cells = [*row, *[None] * (width - len(row))]
        if texts is not None:
            tally.add(cells[texts])
        yield number, cells
