"""Take a random sample of a table that is too large, in the table's order.

The same input and limit always give the same rows; nothing but the rows kept is held in memory.
"""

from __future__ import annotations

import heapq
import random
import sys
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

T = TypeVar("T")

ALL_ROWS = sys.maxsize  # as a limit: no sampling, whatever the size
_BATCH = 500  # rows handed over at once; of more, the garbage collector would look through all rows kept
MOST_CHARACTERS = 1 << 27  # kept in memory at once; few files have 50,000 rows of 2,700 characters


def sample_rows(
    rows: Iterable[T],
    max_rows: int,
    size: Callable[[T], int],
    notes: list[str],
    left_out: Callable[[list[T]], None] | None = None,
) -> tuple[list[T], int]:
    """Keep the rows with the smallest of seeded random keys (bottom-k sampling) of a stream.

    Args:
        rows: The stream, read once.
        max_rows: Most rows to keep; with `ALL_ROWS` all are kept, else at least one and no more than
            `MOST_CHARACTERS`.
        size: Characters in a row.
        left_out: Receives the rows that are not kept, some thousands at once.

    Returns:
        The rows kept, in the order they came, and how many there were.
    """
    if max_rows >= ALL_ROWS:
        everything = list(rows)
        return everything, len(everything)
    draw = random.Random(0).random
    kept: list[tuple[float, int, int, T]] = []  # a heap, largest key on top as keys are negated
    dropped: list[T] = []
    total, seen, full = 0, 0, False
    for seen, row in enumerate(rows, start=1):
        key = -draw()
        if len(dropped) >= _BATCH and left_out:
            left_out(dropped)
            dropped = []
        if full and key < kept[0][0]:
            if left_out:
                dropped.append(row)
            continue
        length = size(row)
        heapq.heappush(kept, (key, seen, length, row))
        total += length
        while len(kept) > max_rows or (total > MOST_CHARACTERS and len(kept) > 1):
            _, _, length, row = heapq.heappop(kept)
            total -= length
            if left_out:
                dropped.append(row)
            max_rows = min(max_rows, len(kept))
        full = len(kept) >= max_rows
    if dropped and left_out:
        left_out(dropped)
    _note(len(kept), seen, notes)
    return [entry[3] for entry in sorted(kept, key=lambda entry: entry[1])], seen


def characters(cells: Iterable[Any]) -> int:
    """About how many characters the cells of a row hold."""
    return sum(len(cell) if isinstance(cell, str) else 16 for cell in cells)


def sample_indices(rows: int, max_rows: int, notes: list[str]) -> npt.NDArray[np.int64]:
    """Row numbers to keep of a table whose length is known, ascending."""
    if rows <= max_rows:
        return np.arange(rows)
    _note(max_rows, rows, notes)
    return np.sort(np.random.default_rng(0).choice(rows, max_rows, replace=False))


def _note(kept: int, rows: int, notes: list[str]) -> None:
    if kept < rows:
        notes.append(f"Of {rows:,} rows, a random sample of {kept:,} is used.")
