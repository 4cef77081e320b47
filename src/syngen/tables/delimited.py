"""Delimited text (CSV, TSV and their kin): lines come in, a raw table of typed columns goes out.

The form (delimiter, quoting, escapes) is told from the head of the file by trying each and keeping
the one whose rows agree best with the header. Rows that don't fit are mended or left out, and the
notes name their lines.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from syngen import errors
from syngen.tables.dtypes import from_strings, to_frame
from syngen.tables.encoding import HEAD, encoding_of, lines_of
from syngen.tables.sample import sample_note, sample_rows
from syngen.text.format import counted

if TYPE_CHECKING:
    from _csv import Reader


DELIMITERS = (",", "\t", ";", "|")
LARGEST_CELL = 1 << 24  # characters; a larger one is a quote that was never closed
_LONG_ROW = 50  # lines; a row of more that is also too short has swallowed others
_ONE_COLUMN = "\x1f"  # the unit separator stands in no text: every line is one cell

_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Form:
    """How rows are written."""

    delimiter: str
    quoted: bool = True
    escape: str | None = None
    spaced: bool = False  # a space follows each delimiter

    def reader(self, lines: Iterable[str]) -> Reader:
        """The cells of each row."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quoting=csv.QUOTE_MINIMAL if self.quoted else csv.QUOTE_NONE,
            escapechar=self.escape,
            skipinitialspace=self.spaced,
        )


@dataclass(slots=True)
class _Lines:
    """Lines of one kind: how many, and the first few."""

    count: int = 0
    first: list[int] = field(default_factory=list)

    def add(self, line: int) -> None:
        self.count += 1
        if len(self.first) < 5:
            self.first.append(line)

    def __str__(self) -> str:
        more = " …" if self.count > len(self.first) else ""
        return f"line{'s' if self.count > 1 else ''} {', '.join(map(str, self.first))}{more}"


@dataclass(slots=True)
class _Misfits:
    """Rows with fewer or more cells than the header."""

    short: _Lines = field(default_factory=_Lines)
    long: _Lines = field(default_factory=_Lines)


def read_delimited(path: Path, max_rows: int, notes: list[str]) -> pl.DataFrame:
    """Read a delimited text file.

    Args:
        path: The file, plain or gzip-compressed.
        max_rows: Most rows to keep; of more a seeded random sample is taken.
        notes: Receives what had to be done, one sentence each.

    Raises:
        ReferenceError: When it is not text, or no table can be made of it.
    """
    csv.field_size_limit(max(LARGEST_CELL, csv.field_size_limit()))
    encoding = encoding_of(path, notes)
    head = _head(path, encoding)
    form = form_of(head)
    names, named = _names(path.name, form, head, notes)
    misfits = _Misfits()
    rows = _rows(path.name, form.reader(lines_of(path, encoding)), len(names), misfits)
    kept, seen = sample_rows(
        itertools.islice(rows, int(named), None), max_rows, size=lambda row: sum(map(len, row))
    )
    _note_misfits(path.name, misfits, seen, notes)
    if seen > len(kept):
        notes.append(sample_note(len(kept), seen))
    columns = list(zip(*kept, strict=True)) or [()] * len(names)
    return to_frame([from_strings(name, cells, notes) for name, cells in _with_names(names, columns, notes)])


def form_of(head: Sequence[str]) -> Form:
    """The form that fits the first lines of a file best: most rows as wide as the header."""
    title = head[0] if head else ""
    forms = [
        Form(delimiter, quoted, escape, title.count(delimiter) == title.count(delimiter + " "))
        for delimiter in DELIMITERS
        if delimiter in title
        for quoted, escape in ((True, None), (True, "\\"), (False, None))
    ]
    return max(forms, key=lambda form: _fit(form, head), default=Form(_ONE_COLUMN))


def _fit(form: Form, head: Sequence[str]) -> tuple[float, int, int]:
    """Share of rows as wide as the header, that width, and how many rows."""
    rows = [row for row in form.reader(head) if row]
    cut_off = sum(map(len, head)) > HEAD
    if len(rows) > 2 and (cut_off or "".join(rows[-1]).count("\n") > _LONG_ROW):
        rows.pop()  # the head ends in it, or a quote that is never closed begins there
    width = len(rows[0]) if rows else 0
    fitting = sum(len(row) == width for row in rows)
    return (fitting / len(rows), width, fitting) if width > 1 else (0.0, 0, 0)


def _head(path: Path, encoding: str) -> list[str]:
    """The first lines of a file, blank ones at its top left out."""
    head, size = [], 0
    for line in itertools.dropwhile(lambda line: not line.strip(), lines_of(path, encoding)):
        head.append(line)
        size += len(line)
        if size > HEAD:
            break
    return head


def _names(file: str, form: Form, head: Sequence[str], notes: list[str]) -> tuple[list[str], bool]:
    """Column names as written, and whether the first row holds them."""
    rows = list(itertools.islice((row for row in form.reader(head) if any(map(str.strip, row))), 6))
    if not rows:
        raise errors.ReferenceError(
            f"'{file}' is empty.", "Give a table with a header and at least two rows."
        )
    first = [cell.replace("\0", "").strip() for cell in rows[0]]
    if not _looks_like_data(first, rows[1:]):
        return first, True
    notes.append(
        "The first row looks like data, so it was read as such and the columns are called column_1, "
        "column_2 and so on; add a header line to name them."
    )
    return [f"column_{i}" for i in range(1, len(first) + 1)], False


def _looks_like_data(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a first row holds what only cells hold: a number over numbers, or a long text."""
    for i, cell in enumerate(first):
        under = [row[i].strip() for row in below if len(row) > i and row[i]]
        if len(cell) > 100 or len(cell.split()) > 12:
            return True
        if _NUMBER.fullmatch(cell) and not _YEAR.fullmatch(cell) and under:
            return all(_NUMBER.fullmatch(value) for value in under)
    return False


def _with_names(
    names: Sequence[str], columns: Sequence[Sequence[str]], notes: list[str]
) -> Iterator[tuple[str, Sequence[str]]]:
    """Columns by name; one without a name gets one, or goes when it is empty (a delimiter too many)."""
    for i, (name, cells) in enumerate(zip(names, columns, strict=True), start=1):
        if name:
            yield name, cells
        elif any(cells):
            notes.append(f"Column {i} has no name; it is called column_{i}.")
            yield f"column_{i}", cells


def _rows(file: str, reader: Reader, width: int, misfits: _Misfits) -> Iterator[list[str]]:
    """The rows, made as wide as the header; those with too many cells are left out."""
    while True:
        start = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _unclosed(file, start) from error
        if not any(map(str.strip, row)):
            continue
        if len(row) < width:
            if reader.line_num - start > _LONG_ROW:
                raise _unclosed(file, start)
            misfits.short.add(start)
            row += [""] * (width - len(row))
        elif any(row[width:]):
            misfits.long.add(start)
            continue
        yield row[:width]


def _unclosed(file: str, line: int) -> errors.ReferenceError:
    return errors.ReferenceError(
        f"A quotation mark in line {line} of '{file}' is never closed.",
        "Close it, or double the quotation marks inside texts.",
    )


def _note_misfits(file: str, misfits: _Misfits, seen: int, notes: list[str]) -> None:
    short, long = misfits.short, misfits.long
    if long.count > seen:
        raise errors.ReferenceError(
            f"{long.count:,} of {seen + long.count:,} rows of '{file}' have more cells than the header ({long}).",
            "Put quotation marks around texts that hold the delimiter.",
        )
    if short.count:
        notes.append(
            f"{counted(short.count, 'row')} with fewer cells than the header ({short}): "
            "the rest was read as missing."
        )
    if long.count:
        notes.append(f"{counted(long.count, 'row')} with more cells than the header ({long}): left out.")
