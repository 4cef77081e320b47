"""Compute the digest of a table, and split its rows into those to show and those held out."""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen.text.ngrams import COMMON
from syngen.text.words import normalised
from syngen.types import Value

HELD_OUT = 0.2
FEWEST = 20  # rows; of fewer none is held out


def digest(frame: pl.DataFrame) -> str:
    """SHA-256 over column names and cells, the same whatever file format the table came from.

    Types count only as far as the text of a value shows them: 5 and 5.0 are the same.
    """
    sha = hashlib.sha256()
    for series in frame.iter_columns():
        sha.update(_marked(series.name))
        for cell in series:
            sha.update(b"\0" if cell is None else _marked(_canonical(cell)))
    return sha.hexdigest()


def _marked(text: str) -> bytes:
    """A text with its length: different sequences of texts never give the same bytes."""
    data = text.encode("utf-8", "surrogatepass")
    return b"%d:" % len(data) + data


def _canonical(cell: Value) -> str:
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def split(frame: pl.DataFrame, text: str | None) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Split rows into those that may be shown and those held out for evaluation.

    By a hash of the content, not by order: equal texts are on the same side, whatever their case
    and punctuation. The contents with the smallest hashes are held out, up to 20 % of the rows with a text and of
    those without. A row without a text that stands in the table three times or more belongs to nobody: its copies
    are on both sides.

    Args:
        text: The column that carries the text; without one, or where it is absent, the whole row counts.

    Returns:
        Row numbers to show and to hold out, both ascending; of fewer than 20 rows none is held out.
    """
    mask = np.zeros(len(frame), dtype=bool)
    present = np.zeros(len(frame), bool) if text is None else frame[text].is_not_null().to_numpy()
    contents = list(_contents(frame, text))
    for rows in (np.flatnonzero(present), np.flatnonzero(~present)) if len(frame) >= FEWEST else ():
        mask[_smallest_hashes(contents, rows.tolist())] = True
    return np.flatnonzero(~mask), np.flatnonzero(mask)


def _smallest_hashes(contents: Sequence[str], rows: Sequence[int]) -> list[int]:
    """Choose of some rows those whose contents have the smallest hashes, all rows of a content or none."""
    groups: defaultdict[bytes, list[int]] = defaultdict(list)
    for row in rows:
        data = contents[row].encode("utf-8", "surrogatepass")
        groups[hashlib.blake2b(data, digest_size=16).digest()].append(row)
    chosen: list[int] = []
    most = math.floor(HELD_OUT * len(rows))
    for key in sorted(groups):
        if len(chosen) + len(groups[key]) <= most:
            chosen += groups[key]
    return chosen


def _contents(frame: pl.DataFrame, text: str | None) -> Iterable[str]:
    texts: Sequence[Any] = frame[text].to_list() if text is not None else [None] * len(frame)
    whole = {row: "\0".join(map(str, frame.row(row))) for row, value in enumerate(texts) if value is None}
    often, seen = Counter(whole.values()), Counter[str]()
    for row, value in enumerate(texts):
        if value is None:
            seen[whole[row]] += 1
            yield whole[row] + (f"\0{seen[whole[row]]}" if often[whole[row]] >= COMMON else "")
        else:
            yield normalised(value) or value.strip()
