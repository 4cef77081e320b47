"""Read JSON tables, one object a line or one array of objects, without holding them in memory.

`JsonRows` serves both modes. The strict mode refuses a file that holds something other than objects; the
tolerant one leaves it out and counts it.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import polars as pl

from syngen import errors
from syngen.tables.delimited import SAMPLES, Lines
from syngen.tables.dtypes import as_text, from_objects, json_cell, to_frame, whole
from syngen.tables.encoding import CHUNK, LONGEST_LINE, Text
from syngen.tables.sample import characters, sample_rows
from syngen.tables.unsampled import Unsampled
from syngen.tables.wrapped import unwrap
from syngen.text.format import counted
from syngen.types import Layout, Spelling

_FIRST = 200  # objects whose keys are taken for the columns
_MOST_LOST = 100
_SHOWN = 20  # objects that show how a text is written
_START = 1 << 12  # characters that show how a text is written
_SEPARATORS = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()
_NO_KEY = object()

Object = Mapping[str, Any]


class _CutOff(NamedTuple):
    """The rest of an array, or of objects one after the other, that can't be read."""

    why: str


class JsonRows:
    """The objects of a JSON text: JSON Lines, one array of objects, or objects one after the other.

    Args:
        strict: Whether a ReferenceError is raised when an array holds something else, or most lines do.

    Attributes:
        array: Whether it is one array.
        wrapped: Where the rows stand in one value, when strict.
        joined: Whether objects follow each other without a line for each.
        first: The first objects, with their numbers.
        names: The keys of the first objects, in the order in which they are seen.
        lost: Values that are no objects, left out; complete after `rows`.
    """

    def __init__(self, text: Text, *, strict: bool) -> None:
        self._text, self._strict = text, strict
        self.wrapped = unwrap(text) if strict else None
        self.array = self.wrapped is not None or text.start().startswith("[")
        self.joined = not self.array and _are_joined(text.start())
        self.lost = Lines()
        self._objects = self._read()
        self.first = list(itertools.islice(self._objects, _FIRST))
        self.names = tuple(dict.fromkeys(name for _, row in self.first for name in row))

    def rows(self) -> Iterator[tuple[int, Object]]:
        """Every object, with its number among all values, from 1. To be read once."""
        return itertools.chain(self.first, self._objects)

    @property
    def samples(self) -> list[list[str | None]]:
        """The cells of some objects as texts, by name."""
        return [[as_text(json_cell(row.get(name))) for name in self.names] for _, row in self.first[:SAMPLES]]

    def remarks(self) -> Iterator[str]:
        """Describe what is no row, one sentence each."""
        if self.wrapped:
            yield self.wrapped.remark
        if self.joined:
            yield "Objects follow each other without a line for each; new rows are written one per line."
        if self.lost.count:
            what = counted(self.lost.count, "value" if self.array or self.joined else "line")
            yield f"{what} without a JSON object ({self.lost}): left out."

    def _read(self) -> Iterator[tuple[int, Object]]:
        values: Iterator[tuple[int, Any]]
        if self.wrapped:
            values = enumerate(self.wrapped.rows, start=1)
        elif self.array or self.joined:
            values = _of_array(self._text.chunks(), closed=self.array)
        else:
            values = _of_lines(self._text.lines())
        good = 0
        for number, (line, value) in enumerate(values, start=1):
            if isinstance(value, dict):
                good += 1
                plain = all(map(str.isascii, value))
                yield number, value if plain else {whole(name): cell for name, cell in value.items()}
                continue
            if self._strict and isinstance(value, _CutOff):
                raise errors.ReferenceError(
                    f"'{self._text.name}' is damaged or cut off: after {counted(good, 'object')} it can't be read"
                    f" ({value.why}).",
                    "Write the file anew, best as JSON Lines with one object per line.",
                )
            if self._strict and self.array:
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


def read_json(
    text: Text, max_rows: int, notes: list[str], unsampled: Unsampled
) -> tuple[pl.DataFrame, Layout]:
    """Read a JSON text into typed columns.

    Args:
        unsampled: Receives the keys of rows that are not in the sample.

    Returns:
        The table, and how the text is written.

    Raises:
        ReferenceError: No table can be made of it.
    """
    table = JsonRows(text, strict=True)
    kept, _ = _sampled((row for _, row in table.rows()), max_rows, notes, unsampled)
    frame = _to_table(kept, notes)
    notes += table.remarks()
    spellings = {
        name: _spelling([row.get(name, _NO_KEY) for row in kept], frame[name]) for name in frame.columns
    }
    layout = Layout(
        form="json array" if table.array else "json lines",
        columns=spellings,
        encoding=text.encoding,
        bom=text.bom,
    )
    layout = learn_json(layout, next(text.chunks()), [row for _, row in table.first[:_SHOWN]])
    return frame, replace(layout, lines=True) if table.wrapped else layout


def from_mappings(
    objects: Iterable[Object], max_rows: int, notes: list[str], unsampled: Unsampled
) -> pl.DataFrame:
    """A table of objects: one column per key, in the order the keys are first seen."""
    return _to_table(_sampled(objects, max_rows, notes, unsampled)[0], notes)


def _sampled(
    objects: Iterable[Object], max_rows: int, notes: list[str], unsampled: Unsampled
) -> tuple[list[Object], int]:
    def left_out(rows: list[Object]) -> None:
        names = dict.fromkeys(itertools.chain.from_iterable(rows))
        unsampled.add_rows(rows, names, lambda row, name: row.get(name))

    kept = sample_rows(objects, max_rows, lambda row: characters(row.values()), notes, left_out)
    unsampled.finish(notes)
    return kept


def _to_table(rows: Sequence[Object], notes: list[str]) -> pl.DataFrame:
    names = dict.fromkeys(itertools.chain.from_iterable(rows))
    return to_frame([from_objects(str(name), [row.get(name) for row in rows], notes) for name in names])


def _spelling(values: Sequence[Any], column: pl.Series) -> Spelling:
    """How the values of a key are written, as most of them are."""
    absent = Counter(
        value if isinstance(value, str) else value is _NO_KEY
        for value, missing in zip(values, column.is_null(), strict=True)
        if missing
    )
    most = absent.most_common(1)[0][0] if absent else False
    whole = [type(value) is int for value in values if isinstance(value, int | float) and value % 1 == 0]
    nested = [
        isinstance(value, dict | list) for value in values if value is not None and value is not _NO_KEY
    ]
    return Spelling(
        missing=most if isinstance(most, str) else None,
        omitted=most is True,
        bare=column.dtype == pl.Float64 and 2 * sum(whole) > len(whole),
        dtype="json" if column.dtype == pl.String and 2 * sum(nested) > len(nested) else "",
    )


def learn_json(layout: Layout, start: str, objects: Sequence[Object]) -> Layout:
    """Complete the layout of a JSON text: the one of the usual ways to write it that gives most of its start."""
    layout = replace(
        layout,
        line_end="\r\n" if "\r\n" in start else "\n",
        final_line_end=start.endswith("\n") or len(start) >= CHUNK,
    )
    shapes: list[dict[str, Any]] = [{}]
    if layout.form == "json array":
        shapes += [{"lines": True}, *({"indent": indent} for indent in (1, 2, 3, 4, "\t"))]
    candidates = [
        replace(layout, ascii=ascii_only, compact=compact, **shape)
        for ascii_only, compact, shape in itertools.product((False, True), (True, False), shapes)
    ]

    def alike(candidate: Layout) -> int:
        pairs = zip(start[:_START], json_text(objects, candidate), strict=False)
        return next((i for i, (char, made) in enumerate(pairs) if char != made), _START)

    return max(candidates, key=alike)


def json_text(objects: Sequence[Object], layout: Layout) -> str:
    """Write objects as a layout says."""
    comma, colon = (",", ":") if layout.compact else (", ", ": ")
    if layout.form == "json array" and layout.indent is not None:
        write = json.JSONEncoder(
            ensure_ascii=layout.ascii, indent=layout.indent, separators=(",", colon)
        ).encode
        text = write(list(objects))
    else:
        write = json.JSONEncoder(ensure_ascii=layout.ascii, separators=(comma, colon)).encode
        lines = list(map(write, objects))
        if layout.form == "json lines":
            text = "\n".join(lines)
        else:
            text = "[\n" + ",\n".join(lines) + "\n]" if layout.lines else f"[{comma.join(lines)}]"
    if layout.final_line_end and text:
        text += "\n"
    return text if layout.line_end == "\n" else text.replace("\n", layout.line_end)


def _of_lines(lines: Iterable[str]) -> Iterator[tuple[int, Any]]:
    """The value on each line that is not blank, with its line; None for what can't be read."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield number, _DECODER.decode(line)
            except (ValueError, RecursionError):
                yield number, None


def _are_joined(start: str) -> bool:
    """Whether a text is of objects one after the other: on several lines each, on one line, or with commas."""
    if not start.startswith("{"):
        return False
    try:
        value, end = _DECODER.raw_decode(start)
    except (ValueError, RecursionError):
        return False
    between = _SEPARATORS.match(start, end)
    gap = between[0] if between else ""
    alone = "\n" in gap and "," not in gap and "\n" not in start[:end]
    return bool(value) and start.startswith("{", end + len(gap)) and not alone


def _of_array(chunks: Iterator[str], *, closed: bool) -> Iterator[tuple[int, Any]]:
    """The values of one array, or of no array where it is not closed, with their numbers, read piece by piece.

    A `_CutOff` stands where it breaks off.
    """
    text, at = "", 0
    while not text:
        text = next(chunks).lstrip()
    at, number = int(closed), 0
    while True:
        between = _SEPARATORS.match(text, at)
        at = between.end() if between else at
        if closed and text.startswith("]", at):
            return
        try:
            value, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            more = next(chunks, "")
            if not more and not closed and at == len(text):
                return
            if not more or len(text) - at > LONGEST_LINE:
                yield (
                    number + 1,
                    _CutOff(error.msg if isinstance(error, json.JSONDecodeError) else "nested too deep"),
                )
                return
            text, at = text[at:] + more, 0
            continue
        number += 1
        yield number, value
