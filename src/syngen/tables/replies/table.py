"""Tables found in a reply, and the assignment of the cells of a ragged row to columns.

Like aligning two sequences (Needleman & Wunsch 1970): cells of a typed column anchor the row, from
the left and from the right, and what is left over between the anchors joins into the text columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from syngen.columns import CellReading, Codec

MOST_CELLS = 600  # beyond this a row is a torn-up text, and the table of scores too large

_FITS, _MISFIT = 3.0, -2.0
_ABSENT = -2.5  # a column without a cell
_SPARE = -2.5  # a cell before the first or after the last column
_JOIN_MAIN, _JOIN_TITLE = -0.25, -1.0
_JOIN_QUOTED = -2.0  # a quoted cell is a cell of its own
_SPACED = 0.5  # a comma of the sentence has a space after it, a delimiter has none
_NEVER = float("-inf")

Span = tuple[int, int] | None  # the cells of a column, from..to; None when it has none


class Cell(NamedTuple):
    """A cell: its content, and as it stood in the row (with quotes and spaces)."""

    text: str
    raw: str

    @property
    def quoted(self) -> bool:
        return self.raw.lstrip()[:1] == '"' and self.text != self.raw


@dataclass(frozen=True, slots=True)
class Record:
    """One row, or what may be one, as it stands in a reply."""

    cells: tuple[Cell | None, ...]  # in order; None where a keyed row lacks one of the table's names
    raw: str
    unfinished: bool = False  # something opened in it was never closed: a quote, a brace
    apart: bool = False  # a blank line stands before it

    @property
    def present(self) -> list[Cell]:
        """The cells that are there."""
        return [cell for cell in self.cells if cell is not None]


@dataclass(frozen=True, slots=True)
class Table:
    """Records that belong together."""

    names: tuple[str, ...] | None  # the header; None when there is none and columns go by position
    records: tuple[Record, ...]
    delimiter: str = ""  # empty when each cell came with its name, so that nothing needs to be aligned
    notes: tuple[str, ...] = ()  # codes of what concerns all its rows
    ended: bool = False  # something other than rows follows, so that its last row was not cut off


def align(cells: Sequence[Cell], columns: Sequence[Codec | None]) -> tuple[list[Span], int, int]:
    """Find the best assignment of cells to columns.

    Args:
        cells: At most `MOST_CELLS`.
        columns: The columns in the order of the row; None for one the reference does not have.

    Returns:
        For each column its cells, and how many cells are left over before the first and after the last.
    """
    count = len(cells)
    spaced = _spaced(cells)
    best = [_SPARE * i for i in range(count + 1)]  # score of the columns so far, by where the last one ends
    taken: list[list[int | None]] = []  # for each column and end, the first of its cells
    for column in columns:
        ends, starts = [_NEVER], [0]
        for i, cell in enumerate(cells):
            start = best[i] + _fit(cell, column) - spaced[i]
            more = ends[i] + _join(cell, column) + spaced[i]
            ends.append(max(start, more))
            starts.append(i if start >= more else starts[i])
        absent = [score + _ABSENT for score in best]
        taken.append([s if end > skip else None for s, end, skip in zip(starts, ends, absent, strict=True)])
        best = [max(end, skip) for end, skip in zip(ends, absent, strict=True)]
    at = last = max(range(count + 1), key=lambda i: best[i] + _SPARE * (count - i))
    spans: list[Span] = []
    for firsts in reversed(taken):
        first = firsts[at]
        spans.append(None if first is None else (first, at))
        at = at if first is None else first
    return spans[::-1], at, count - last


def straight(cells: Sequence[Cell], columns: Sequence[Codec | None]) -> list[CellReading]:
    """Each cell read by the column at its place."""
    return [
        column.parse(cell.text) if column else CellReading(cell.text)
        for cell, column in zip(cells, columns, strict=True)
    ]


def count_fits(readings: Sequence[CellReading]) -> tuple[int, int]:
    """Count the cells that look like their column, and those that can't be of it."""
    return sum(r.fits is True for r in readings), sum(r.fits is False for r in readings)


def _spaced(cells: Sequence[Cell]) -> list[float]:
    """For each cell how much a space before it speaks for a comma of the sentence.

    Nothing when the row puts a space after most of its delimiters anyway.
    """
    spaces = [i > 0 and cell.raw[:1] == " " and not cell.quoted for i, cell in enumerate(cells)]
    if sum(spaces) * 4 > len(cells) * 3:
        return [0.0] * len(cells)
    return [0.0 if i == 0 else _SPACED if space else -_SPACED for i, space in enumerate(spaces)]


def _fit(cell: Cell, column: Codec | None) -> float:
    if column is None:
        return 0.0
    fits = column.parse(cell.text).fits
    return 0.0 if fits is None else _FITS if fits else _MISFIT


def _join(cell: Cell, column: Codec | None) -> float:
    if column is None or not column.written:
        return _NEVER
    if cell.quoted:
        return _JOIN_QUOTED
    return _JOIN_MAIN if column.main else _JOIN_TITLE
