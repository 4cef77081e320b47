"""Find the rows in the values that a reply holds: objects, lists of cells, lists by column, rows by key.

The values come from `literals`: JSON, Python, JavaScript or SQL. What is no row of the reference is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from syngen.columns import Codec
from syngen.tables.header import by_name, is_header, plain
from syngen.tables.replies.literals import Found, Name, literals
from syngen.tables.replies.markup import as_json
from syngen.tables.replies.table import MOST_CELLS, Cell, Record, Table
from syngen.tables.wrapped import by_column

_WORD = re.compile(r"\w")
_CODE = re.compile(
    r"^[ \t]*(?:import \w|from \w{1,60} import |const |let |var |def \w{1,60}\(|(?:return|print) ?\("
    r"|CREATE TABLE\b|INSERT INTO\b|[\w.\[\]\"']{1,60} = |\w{1,60}\.\w{1,60}\()",
    re.MULTILINE | re.IGNORECASE,
)
_ASSIGNED = re.compile(
    r"(?:^|\n|\[[ \t]*[\"'])[ \t]*(\w{1,60})(?:[\"'][ \t]*\])?[ \t]*=[ \t]*(?:[\w.]*\()?\Z"
)
_NESTED_JSON = re.compile(r'\s*(?:\{\s*"|\[\s*[\[{])')
_DEEPEST = 4  # {"data": {"rows": [{...}]}}
_MOST_NAMES = 100  # different ones
_AROUND, _LINE = 5_000, 80  # characters around and at the start of the values in which code is looked for


@dataclass(slots=True)
class _Shape:
    """What the values of a text hold."""

    rows: list[tuple[dict[str, str] | None, str]] = field(default_factory=list)  # None for a broken one
    arrays: list[tuple[list[Any], str]] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)
    cut: bool = False  # the last row is not whole


def values(text: str, fields: Sequence[Codec]) -> list[Table]:
    """The values in a text that are rows of the reference, as one table for each form they have."""
    shape = _Shape()
    start, end = len(text), 0
    columns: dict[str, list[Any]] = {}  # lists assigned to a name one after the other
    own = re.compile("|".join(rf"\b{re.escape(f.name)}\b" for f in fields)) if fields else _WORD
    for found in literals(text):
        raw = text[found.start : found.stop]
        count, cut = len(shape.rows) + len(shape.arrays), shape.cut
        shape.cut = found.cut or found.value is None
        if name := _assigned_name(text, found, fields):
            columns[name] = found.value
        elif found.value is not None:
            _sort(found.value, raw, fields, shape, named=raw[0] == "(")
        if not name and len(shape.rows) + len(shape.arrays) == count:
            if not shape.cut or not own.search(raw):
                shape.cut = cut
                continue  # nothing of the reference
            shape.rows.append((None, raw))
        start, end = min(start, found.start), found.stop
        shape.notes |= dict.fromkeys(sorted(found.notes))
    if len(columns) >= min(2, len(fields)) and not shape.rows:
        shape.rows += [(row, as_json(row)) for row in _by_column(columns)]
        shape.notes["format.by_column"] = None
    return _tables(shape, fields, text, start, end)


def _tables(shape: _Shape, fields: Sequence[Codec], text: str, start: int, end: int) -> list[Table]:
    """The rows found between two places of a text, by name or else by place."""
    before, after, cut = text[:start], text[end:], shape.cut
    followed = _WORD.search(after) is not None
    code = any(map(_CODE.search, (text[max(0, start - _AROUND) : start + _LINE], after[:_AROUND])))
    around = {"format.code": code, "format.preamble": not code and _WORD.search(before) is not None}
    around["format.trailing_text"] = not code and followed
    notes = (*shape.notes, *(note for note, applies in around.items() if applies))
    names = list(dict.fromkeys(name for row, _ in shape.rows for name in row or ()))[:_MOST_NAMES]
    known = {name for name, own in zip(names, by_name(names, fields), strict=True) if own is not None}
    if shape.rows and (known or not names):
        rows = [(row, raw) for row, raw in shape.rows if row is None or known & row.keys()]
        names = list(dict.fromkeys(name for row, _ in rows for name in row or ()))[:_MOST_NAMES]
        records = [_record(row, raw, names) for row, raw in rows]
        if cut and rows[-1][0] is not None:
            last = records[-1]
            records[-1] = Record(last.cells, last.raw, unfinished=True)
        if names or not shape.arrays:
            return [Table(tuple(names), tuple(records), notes=notes, ended=not cut)]
    return list(_array_tables(shape.arrays, fields, notes, cut=cut))


def _array_tables(
    arrays: Sequence[tuple[list[Any], str]], fields: Sequence[Codec], notes: tuple[str, ...], *, cut: bool
) -> Iterator[Table]:
    """Rows whose cells go by place; a list of names, wherever it stands, is their header."""
    header: tuple[str, ...] | None = None
    records: list[Record] = []
    for cells, raw in arrays:
        texts = tuple(_as_text(cell) for cell in cells)
        if _is_header_of(cells, fields):
            header = header or texts
        else:
            quoted = [
                Cell(t, json.dumps(t) if isinstance(c, str) else t) for c, t in zip(cells, texts, strict=True)
            ]
            records.append(Record(tuple(quoted), raw))
    width = len(header or fields)
    last = records[-1:]  # may be cut off
    if header:
        records = [
            record for record in records if len(record.cells) > 1 or width < 3 or (cut and record in last)
        ]
    else:  # a list in a sentence is no row
        records = [
            record for record in records if abs(len(record.cells) - width) < 2 or (cut and record in last)
        ]
    if records and any(len(record.cells) == width for record in records):
        if cut:
            records[-1] = Record(records[-1].cells, records[-1].raw, unfinished=True)
        yield Table(header, tuple(records), ",", (*notes, "format.arrays"), ended=not cut)


def _sort(
    value: Any, raw: str, fields: Sequence[Codec], shape: _Shape, depth: int = 0, *, named: bool = False
) -> None:
    """Find the rows in a value, which are itself or within it, and put them to their kind.

    `named` where it must have names of columns to be a row, as what a function is called with.
    """
    if depth > _DEEPEST:
        return
    if isinstance(value, Mapping):
        if any(isinstance(v, list | Mapping) for v in value.values()) and (rows := _by_column(value, fields)):
            shape.rows += [(row, as_json(row)) for row in rows]
            shape.notes["format.by_column"] = None
            return
        own = {plain(f.name) for f in fields}
        known = sum(plain(str(name)) in own and not _nested_rows(v) for name, v in value.items())
        before = len(shape.rows) + len(shape.arrays)
        if known < min(2, len(fields)):
            _sort_all(value.values(), fields, shape, depth, within=True)
        unknown = named and known < min(2, len(fields))
        unknown = unknown or _are_names(value.values())
        if len(shape.rows) + len(shape.arrays) == before and value and not unknown:
            cells = {str(name): _as_text(cell) for name, cell in value.items()}
            shape.rows.append((cells, raw if depth == 0 else as_json(cells)))
    elif isinstance(value, list) and value:
        if any(isinstance(v, list | Mapping) for v in value) or all(map(_is_json, value)):
            _sort_all(value, fields, shape, depth)
        elif len(value) <= MOST_CELLS and (_is_header_of(value, fields) or not _are_names(value)):
            shape.arrays.append(
                (value, raw if depth == 0 else json.dumps(value, ensure_ascii=False, default=str))
            )


def _sort_all(
    inner: Iterable[Any], fields: Sequence[Codec], shape: _Shape, depth: int, *, within: bool = False
) -> None:
    """The same for what stands in a list, or within an object, where a list of plain values is one cell."""
    for value in inner:
        if _is_json(value):
            found = next(literals(value), None)
            if found is None or found.value is None:
                continue
            value, shape.cut = found.value, shape.cut or found.cut
            shape.notes["format.double_encoded"] = None
        rows = isinstance(value, list) and (
            not within or _is_header_of(value, fields) or any(map(_nested, value))
        )
        if rows or isinstance(value, Mapping):
            _sort(value, "", fields, shape, depth + 1)


def _is_header_of(value: Sequence[Any], fields: Sequence[Codec]) -> bool:
    return all(isinstance(v, str) for v in value) and is_header([str(v) for v in value], fields)


def _are_names(cells: Iterable[Any]) -> bool:
    return all(isinstance(cell, Name) for cell in cells)


def _nested(value: Any) -> bool:
    return isinstance(value, list | Mapping) or _is_json(value)


def _nested_rows(value: Any) -> bool:
    return isinstance(value, Mapping) or (
        isinstance(value, list) and any(isinstance(v, list | Mapping) for v in value)
    )


def _is_json(value: Any) -> bool:
    return isinstance(value, str) and _NESTED_JSON.match(value) is not None


def _by_column(value: Mapping[str, Any], fields: Sequence[Codec] = ()) -> list[dict[str, str]]:
    """The rows of an object that has a list of cells, or an object of them by row, for each column."""
    lists = by_column(value)
    known = [f for f in by_name(list(lists)[:_MOST_NAMES], fields) if f] if fields else list(lists)
    if len(known) < min(2, len(fields)) or not any(lists.values()):
        return []
    if fields and all(isinstance(v, Mapping) for v in value.values()):
        inner = {str(name) for v in value.values() for name in v}
        if any(plain(f.name) in set(map(plain, inner)) for f in fields):  # rows by key
            return []
    absent = object()
    rows = zip_longest(*lists.values(), fillvalue=absent)
    return [{n: _as_text(c) for n, c in zip(lists, row, strict=True) if c is not absent} for row in rows]


def _assigned_name(text: str, found: Found, fields: Sequence[Codec]) -> str:
    """The name of the column that a list of cells is assigned to by the program around it."""
    if not isinstance(found.value, list) or not by_column({"": found.value}):
        return ""
    match = _ASSIGNED.search(text[max(0, found.start - 100) : found.start])
    return match[1] if match and by_name([match[1]], fields)[0] else ""


def _record(row: Mapping[str, str] | None, raw: str, names: Sequence[str]) -> Record:
    if row is None:
        return Record((), raw, unfinished=True)
    return Record(tuple(Cell(row[name], row[name]) if name in row else None for name in names), raw)


def _as_text(value: Any) -> str:
    """A value as a cell: null is empty, a list of plain values is joined, deeper ones are empty."""
    if isinstance(value, list):
        return ", ".join(_as_text(v) for v in value if not isinstance(v, list | Mapping))
    if value is None or isinstance(value, Mapping):
        return ""
    return str(value)
