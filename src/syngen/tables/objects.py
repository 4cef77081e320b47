"""Read JSON tables, one object a line or one array of objects, without holding them in memory.

`JsonRows` serves both modes. The strict mode refuses a file that holds something other than objects; the
tolerant one leaves it out and counts it.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import polars as pl

from syngen import errors
from syngen.tables.delimited import SAMPLES, Lines
from syngen.tables.dtypes import as_text, from_objects, json_cell, to_frame, whole
from syngen.tables.encoding import LONGEST_LINE, Text
from syngen.tables.sample import characters, sample_rows
from syngen.text.format import counted

_FIRST = 200  # objects whose keys are taken for the columns
_MOST_LOST = 100
_SEPARATORS = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()
_CUT_OFF = object()  # stands for the rest of an array that can't be read

Object = Mapping[str, Any]


class JsonRows:
    """The objects of a JSON text: JSON Lines, or one array of objects.

    Args:
        strict: Whether a ReferenceError is raised when an array holds something else, or most lines do.

    Attributes:
        names: The keys of the first objects, in the order in which they are seen.
        lost: Values that are no objects, left out; complete after `rows`.
    """

    def __init__(self, text: Text, *, strict: bool) -> None:
        self._text, self._strict = text, strict
        self._array = text.start().startswith("[")
        self.lost = Lines()
        self._objects = self._read()
        self._first = list(itertools.islice(self._objects, _FIRST))
        self.names = tuple(dict.fromkeys(name for _, row in self._first for name in row))

    def rows(self) -> Iterator[tuple[int, Object]]:
        """Every object, with its number among all values, from 1. To be read once."""
        return itertools.chain(self._first, self._objects)

    @property
    def samples(self) -> list[list[str | None]]:
        """The cells of some objects as texts, by name."""
        return [
            [as_text(json_cell(row.get(name))) for name in self.names] for _, row in self._first[:SAMPLES]
        ]

    def remarks(self) -> Iterator[str]:
        """Describe what is no object, in one sentence."""
        if self.lost.count:
            what = counted(self.lost.count, "value" if self._array else "line")
            yield f"{what} without a JSON object ({self.lost}): left out."

    def _read(self) -> Iterator[tuple[int, Object]]:
        values = _of_array(self._text.chunks()) if self._array else _of_lines(self._text.lines())
        good = 0
        for number, (line, value) in enumerate(values, start=1):
            if isinstance(value, dict):
                good += 1
                plain = all(map(str.isascii, value))
                yield number, value if plain else {whole(name): cell for name, cell in value.items()}
                continue
            if self._strict and self._array and value is _CUT_OFF:
                raise errors.ReferenceError(
                    f"'{self._text.name}' is damaged or cut off: its array of objects can't be read to the end.",
                    "Write the file anew, best as JSON Lines with one object per line.",
                )
            if self._strict and self._array:
                raise errors.ReferenceError(
                    f"'{self._text.name}' is an array of {type(value).__name__}, not of objects.",
                    'Write it as [{"text": "…"}, …], one object per row.',
                )
            self.lost.add(line)
            if self._strict and self.lost.count > max(good, _MOST_LOST):
                break
        if self._strict and self.lost.count > good:
            raise errors.ReferenceError(
                f"'{self._text.name}' is not JSON Lines: line {self.lost.first[0]} holds no JSON object.",
                'Write one object per line, such as {"text": "…", "stars": 4}, or one array of objects.',
            )


def from_mappings(objects: Iterable[Object], max_rows: int, notes: list[str]) -> pl.DataFrame:
    """A table of objects: one column per key, in the order the keys are first seen."""
    kept, _ = sample_rows(objects, max_rows, lambda row: characters(row.values()), notes)
    names = dict.fromkeys(itertools.chain.from_iterable(kept))
    return to_frame([from_objects(str(name), [row.get(name) for row in kept], notes) for name in names])


def _of_lines(lines: Iterable[str]) -> Iterator[tuple[int, Any]]:
    """The value on each line that is not blank, with its line; None for what can't be read."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield number, _DECODER.decode(line)
            except (ValueError, RecursionError):
                yield number, None


def _of_array(chunks: Iterator[str]) -> Iterator[tuple[int, Any]]:
    """The values of one array with their numbers, read piece by piece; `_CUT_OFF` where it breaks off."""
    text, at = "", 0
    while not text:
        text = next(chunks).lstrip()
    at, number = 1, 0
    while True:
        between = _SEPARATORS.match(text, at)
        at = between.end() if between else at
        if text.startswith("]", at):
            return
        try:
            value, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            more = next(chunks, "")
            if not more or len(text) - at > LONGEST_LINE:
                yield number + 1, _CUT_OFF
                return
            text, at = text[at:] + more, 0
            continue
        number += 1
        yield number, value
