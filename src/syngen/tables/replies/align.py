"""Assign the cells of a ragged row, which has too many or too few of them, to columns.

Like aligning two sequences (Needleman & Wunsch 1970): cells of a typed column anchor the row, from
the left and from the right, and what is left over between the anchors joins into the text columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from syngen.columns import CellReading, Codec
from syngen.tables.replies.table import Cell

MOST_CELLS = 600  # beyond this a row is a torn-up text, and the table of scores too large

_FITS, _MISFIT = 3.0, -2.0
_ABSENT = -2.5  # a column without a cell
_SPARE = -2.5  # a cell before the first or after the last column
_JOIN_MAIN, _JOIN_TITLE = -0.25, -1.0
_JOIN_QUOTED = -2.0  # a quoted cell is a cell of its own
_SPACED = 0.5  # a comma of the sentence has a space after it, a delimiter has none
_NEVER = float("-inf")


Span = tuple[int, int] | None  # the cells of a column, from..to; None when it has none


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
    best = [_SPARE * i for i in range(count + 1)]
    steps: list[list[str]] = []  # how each column came to end before each cell
    takes: list[list[str]] = []  # how its last cell was taken
    for column in columns:
        ends, best_steps, take_steps = [_NEVER], ["absent"], [""]
        for i, cell in enumerate(cells):
            start = best[i] + _fit(cell, column) - spaced[i]
            more = ends[i] + _join(cell, column) + spaced[i]
            ends.append(max(start, more))
            take_steps.append("start" if start >= more else "join")
            best_steps.append("take" if ends[-1] > best[i + 1] + _ABSENT else "absent")
        best = [max(end, before + _ABSENT) for end, before in zip(ends, best, strict=True)]
        steps.append(best_steps)
        takes.append(take_steps)
    last = max(range(count + 1), key=lambda i: best[i] + _SPARE * (count - i))
    spans, before = _trace(steps, takes, last)
    return spans, before, count - last


def straight(cells: Sequence[Cell], columns: Sequence[Codec | None]) -> list[CellReading]:
    """Each cell read by the column at its place."""
    return [
        column.parse(cell.text) if column else CellReading(cell.text)
        for cell, column in zip(cells, columns, strict=True)
    ]


def fitting(readings: Iterable[CellReading]) -> int:
    """How many cells look like their column."""
    return sum(reading.fits is True for reading in readings)


def _trace(steps: list[list[str]], takes: list[list[str]], at: int) -> tuple[list[Span], int]:
    """Walk back from the end of the last column to the beginning of the first."""
    spans: list[Span] = []
    for column_steps, column_takes in zip(reversed(steps), reversed(takes), strict=True):
        if column_steps[at] == "absent":
            spans.append(None)
            continue
        end = at
        while column_takes[at] == "join":
            at -= 1
        at -= 1
        spans.append((at, end))
    return spans[::-1], at


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
