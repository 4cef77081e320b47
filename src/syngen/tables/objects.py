"""JSON tables: a file of objects or Python mappings come in, a table of typed columns goes out.

A file is JSON Lines or one array of objects. It streams through; only the sample kept is in memory.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from syngen import errors
from syngen.tables.dtypes import from_objects, to_frame
from syngen.tables.encoding import LONGEST_LINE, chunks_of, encoding_of, lines_of
from syngen.tables.sample import sample_note, sample_rows
from syngen.text.format import counted, listed

_SEPARATORS = re.compile(r"[\s,]*")


def read_json(path: Path, max_rows: int, notes: list[str]) -> pl.DataFrame:
    """Read a JSON Lines file, or a JSON array of objects.

    Args:
        path: The file, plain or gzip-compressed.
        max_rows: Most rows to keep; of more a seeded random sample is taken.
        notes: Receives what had to be done, one sentence each.

    Raises:
        ReferenceError: When no table can be made of it.
    """
    encoding = encoding_of(path, notes)
    if next(chunks_of(path, encoding), "").lstrip().startswith("["):
        objects = _of_array(path.name, chunks_of(path, encoding))
    else:
        objects = _of_lines(path.name, lines_of(path, encoding), notes)
    return from_mappings(objects, max_rows, notes)


def from_mappings(objects: Iterable[Mapping[str, Any]], max_rows: int, notes: list[str]) -> pl.DataFrame:
    """A table of objects: one column per key, in the order the keys are first seen."""
    kept, seen = sample_rows(objects, max_rows, size=_size)
    if seen > len(kept):
        notes.append(sample_note(len(kept), seen))
    names = dict.fromkeys(itertools.chain.from_iterable(kept))
    return to_frame([from_objects(str(name), [row.get(name) for row in kept], notes) for name in names])


def _size(row: Mapping[str, Any]) -> int:
    return sum(len(value) if isinstance(value, str) else 16 for value in row.values())


def _of_lines(file: str, lines: Iterable[str], notes: list[str]) -> Iterator[dict[str, Any]]:
    """One object per line; what is none is left out and noted."""
    bad: list[int] = []
    good = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError:
            value = None
        if isinstance(value, dict):
            good += 1
            yield value
        else:
            bad.append(number)
        if len(bad) > 100 and len(bad) > good:
            break
    if len(bad) > good:
        raise errors.ReferenceError(
            f"'{file}' is not JSON Lines: line {bad[0]} holds no JSON object.",
            'Write one object per line, such as {"text": "…", "stars": 4}, or one array of objects.',
        )
    if bad:
        notes.append(f"{counted(len(bad), 'line')} without a JSON object (number {listed(bad)}): left out.")


def _of_array(file: str, chunks: Iterator[str]) -> Iterator[dict[str, Any]]:
    """The objects of one JSON array, read piece by piece."""
    decoder = json.JSONDecoder()
    text, at = next(chunks).lstrip(), 1
    while True:
        at = _SEPARATORS.match(text, at).end()  # type: ignore[union-attr]  # it matches the empty string
        if text.startswith("]", at):
            return
        try:
            value, at = decoder.raw_decode(text, at)
        except ValueError as error:
            more = next(chunks, "")
            if not more or len(text) - at > LONGEST_LINE:
                raise errors.ReferenceError(
                    f"'{file}' is damaged or cut off: its array of objects can't be read to the end.",
                    "Write the file anew, best as JSON Lines with one object per line.",
                ) from error
            text, at = text[at:] + more, 0
            continue
        if not isinstance(value, dict):
            raise errors.ReferenceError(
                f"'{file}' is an array of {type(value).__name__}, not of objects.",
                'Write it as [{"text": "…"}, …], one object per row.',
            )
        yield value
