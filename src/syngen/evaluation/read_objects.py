"""JSON under test, one object a line or one array of objects: a text in, the cells as they stood out."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from syngen.columns.parse import Field
from syngen.evaluation.read_exact import Tally
from syngen.evaluation.read_tables import SAMPLES, Found, Opened, mapped, place_of_text, sound
from syngen.tables.encoding import LONGEST_LINE
from syngen.tables.sample import sample_rows
from syngen.text.format import counted
from syngen.types import Value

_FIRST = 200  # objects whose keys are taken for the columns
_BETWEEN = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder(parse_constant=lambda _: None)  # NaN and Infinity are no values


def read_objects(opened: Opened, fields: Sequence[Field], tally: Tally, max_rows: int) -> Found | None:
    """Read JSON objects; None when there are none.

    Args:
        opened: The text.
        fields: The reference's columns.
        tally: Counts the texts.
        max_rows: Most rows to keep.
    """
    array = next(opened.chunks(), "").lstrip("\ufeff \t\r\n").startswith("[")
    values = _of_array(opened.chunks()) if array else _of_lines(opened.lines())
    lost: list[int] = []
    stream = _objects(values, lost)
    first = list(itertools.islice(stream, _FIRST))
    names = tuple(dict.fromkeys(name for _, row in first for name in row))
    columns = mapped(names, fields, [[_text(row.get(name)) for name in names] for _, row in first[:SAMPLES]])
    needed = [name for name, column in zip(names, columns, strict=True) if column is not None]
    if not needed:
        return None
    texts = place_of_text(columns, tally)
    whole = 0

    def counting(rows: Iterator[tuple[int, dict[str, Any]]]) -> Iterator[tuple[int, dict[str, Any]]]:
        nonlocal whole
        for number, row in rows:
            whole += all(name in row for name in needed)
            if texts is not None:
                tally.add(_text(row.get(names[texts])))
            yield number, row

    kept, seen = sample_rows(counting(itertools.chain(first, stream)), max_rows, size=_size)
    later = tuple(dict.fromkeys(name for _, row in kept for name in row if name not in set(names)))
    return Found(
        names + later,
        columns + (None,) * len(later),
        tuple([_plain(row.get(name)) for _, row in kept] for name in names + later),
        [number for number, _ in kept],
        rows=seen,
        whole=whole,
        lost=len(lost),
        remarks=(
            f"{counted(len(lost), 'row')} that {'is' if len(lost) == 1 else 'are'} no JSON object: left out.",
        )
        if lost
        else (),
        exact=tally.counts() if texts is not None else None,
    )


def _objects(values: Iterator[Any], lost: list[int]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects with their row numbers; the numbers of all else go to `lost`."""
    for number, value in enumerate(values, start=1):
        if isinstance(value, dict):
            yield number, {sound(str(name)): value[name] for name in value}
        else:
            lost.append(number)


def _of_lines(lines: Iterator[str]) -> Iterator[Any]:
    """The value on each line that is not blank; None for what can't be read."""
    for line in lines:
        if line.strip("\ufeff \t\r\n"):
            try:
                yield _DECODER.decode(line.strip("\ufeff \t\r\n"))
            except (ValueError, RecursionError):
                yield None


def _of_array(chunks: Iterator[str]) -> Iterator[Any]:
    """The values of one array, read piece by piece; None, as the last, where it breaks off."""
    text = next(chunks).lstrip("\ufeff \t\r\n")
    at = 1
    while True:
        between = _BETWEEN.match(text, at)
        at = between.end() if between else at
        if text.startswith("]", at):
            return
        try:
            value, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            more = next(chunks, "")
            if not more or len(text) - at > LONGEST_LINE:
                yield None
                return
            text, at = text[at:] + more, 0
            continue
        yield value


def _size(row: tuple[int, Mapping[str, Any]]) -> int:
    return sum(len(value) if isinstance(value, str) else 16 for value in row[1].values())


def _text(value: Any) -> str | None:
    value = _plain(value)
    return None if value is None else str(value)


def _plain(value: Any) -> Value:
    """A JSON value as a cell; what is nested becomes JSON text."""
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    return sound(value) if isinstance(value, str) else value
