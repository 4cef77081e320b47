"""Find the rows of a table in one JSON value that is no array of objects: within an object, by column, by key, as arrays.

GeoJSON and answers of services have their rows within an object; pandas writes columns, or rows by key; sheets are
arrays of cells under one of names.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from syngen import errors
from syngen.tables.dialect import looks_like_data
from syngen.tables.encoding import Text
from syngen.text.format import listed

_USUAL = (
    "features",
    "data",
    "results",
    "records",
    "rows",
    "items",
)  # keys of rows, where several arrays are held
_NAMES = ("columns", "header", "headers", "fields", "names")  # keys of the names of columns
_DEEPEST = 3  # {"response": {"data": {"children": [{…}]}}}
_DECODER = json.JSONDecoder()
_ENTRIES = 10  # of an object of plain values, from which it is a table of two columns
_HINT = 'Write it as [{"text": "…"}, …], one object per row.'
_SHOWN = 20  # rows looked at below a header

Rows = Sequence[Mapping[str, Any]]


class Wrapped(NamedTuple):
    """The rows that stand in one value."""

    rows: Rows
    what: str  # what they were, as a sentence
    others: Sequence[str] = ()  # keys beside them

    @property
    def remark(self) -> str:
        """What was read, and what becomes of the rest."""
        beside = listed([f"'{key}'" for key in self.others], most=5)
        left = f"; {beside} beside it left out" if self.others else ""
        return f"{self.what}{left}; new rows are written as a plain array."


def unwrap(text: Text) -> Wrapped | None:
    """The rows that one JSON value holds; None where the text is JSON Lines, a plain array of objects, or no JSON.

    Raises:
        ReferenceError: It is one object, but its rows can't be found.
    """
    value = _only_value(text)
    if isinstance(value, list):
        rows = _of_arrays(value)
        return (
            Wrapped(rows, "The rows are arrays of cells, the first has the names of the columns")
            if rows
            else None
        )
    if value is None:
        return None
    found = _within(value, text.name)
    if found is None:
        _check_one(value, text.name)
    return found


def _within(value: dict[str, Any], name: str) -> Wrapped | None:
    """The rows of one object."""
    for find, what, deep in _WAYS:
        for level in itertools.islice(_levels(value), _DEEPEST + 1 if deep else 1 + (len(value) == 1)):
            tables = {key: rows for key, cell in level.items() if (rows := find(cell))}
            tables = {key: rows for key, rows in tables.items() if key.rpartition(".")[2] not in _NAMES}
            usual = [key for key in tables if key.rpartition(".")[2] in _USUAL]
            if chosen := list(tables) if len(tables) == 1 else usual if len(usual) == 1 else []:
                key = chosen[0]
                where = f"'{key}' of one JSON object" if key else "one JSON object"
                return Wrapped(tables[key], what.format(where), [other for other in level if other != key])
            if tables and find is _of_objects:
                names = listed([f"'{key}'" for key in tables], most=5)
                raise errors.ReferenceError(
                    f"'{name}' is one JSON object that holds several arrays of objects: {names}.",
                    "Save the one that is meant in a file of its own.",
                )
    return None


def _levels(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The object itself, under an empty key; what it holds by key; what that holds; and so on."""
    level: dict[str, Any] = {"": value}
    while True:
        yield level
        level = {
            f"{key}.{name}" if key else str(name): cell
            for key, held in level.items()
            if isinstance(held, dict)
            for name, cell in held.items()
        }


def _of_objects(value: Any) -> Rows:
    good = isinstance(value, list) and all(isinstance(row, dict) for row in value)
    return value if good else []


def _of_split(value: Any) -> Rows:
    """The rows of an object that has the names of its columns and their cells apart."""
    if not isinstance(value, dict):
        return []
    named = [
        [str(name.get("name")) if isinstance(name, dict) else name for name in value[key]]
        for key in _NAMES
        if isinstance(value.get(key), list)
    ]
    cells = [held for held in value.values() if _are_arrays(held)]
    if not named or len(cells) != 1 or {len(named[0])} != set(map(len, cells[0])):
        return []
    return [dict(zip(map(str, named[0]), row, strict=True)) for row in cells[0]]


def _of_arrays(value: Any) -> Rows:
    """The rows of an array of arrays, of which the first has the names of the columns."""
    if not _are_arrays(value) or len(value) < 2:
        return []
    first, *rows = value
    texts = [["" if cell is None else str(cell) for cell in row] for row in value[: _SHOWN + 1]]
    names = all(isinstance(name, str) and name for name in first) and len(set(first)) == len(first)
    if not names or any(len(row) > len(first) for row in rows) or looks_like_data(texts[0], texts[1:]):
        return []
    return [dict(zip(first, row, strict=False)) for row in rows]


def _are_arrays(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, list) and row for row in value)


def by_column(value: Mapping[Any, Any]) -> dict[str, list[Any]]:
    """The cells of an object that has an array of them, or an object of them by row, for each column; else none."""
    columns: dict[str, list[Any]] = {}
    for name, held in value.items():
        cells = list(held.values()) if isinstance(held, Mapping) else held
        if not isinstance(cells, list) or any(isinstance(cell, list | Mapping) for cell in cells):
            return {}
        columns[str(name)] = cells
    return columns


def _of_columns(value: Any) -> Rows:
    """The rows of an object of columns, all as long as each other; objects of cells are numbered, as pandas does."""
    if not isinstance(value, dict) or len(value) < 2:
        return []
    columns = by_column(value)
    if len(set(map(len, columns.values()))) != 1 or len(next(iter(columns.values()))) < 2:
        return []
    if not all(isinstance(held, list) or all(map(str.isdecimal, held)) for held in value.values()):
        return []
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _by_key(value: Any) -> Rows:
    """The rows of an object of objects that share most of their keys, with the key of each but for a number."""
    if (
        not isinstance(value, dict)
        or len(value) < 3
        or not all(isinstance(row, dict) for row in value.values())
    ):
        return []
    shared = Counter(name for row in value.values() for name in row)
    often = {name for name, count in shared.items() if 2 * count > len(value)}
    if not often or any(not often & row.keys() for row in value.values()):
        return []
    if list(value) == [str(i) for i in range(len(value))]:
        return list(value.values())
    title = "key" if "key" not in shared else "key of the object"
    return [{title: key, **row} for key, row in value.items()]


def _of_entries(value: Any) -> Rows:
    """The entries of an object of many plain values of one type, such as names by code."""
    if not isinstance(value, dict) or len(value) < _ENTRIES:
        return []
    kinds = {type(cell) for cell in value.values()}
    if not (kinds == {str} or kinds <= {int, float}):
        return []
    return [{"key": key, "value": cell} for key, cell in value.items()]


_WAYS: tuple[
    tuple[Callable[[Any], Rows], str, bool], ...
] = (  # the surest first; and whether they may stand deep
    (_of_split, "The rows are the arrays of cells in {}, under the names beside them", True),
    (_of_columns, "The columns are the arrays of cells in {}", False),
    (_by_key, "The rows are the objects by key in {}", False),
    (_of_objects, "The rows are the array {}", True),
    (_of_columns, "The columns are the arrays of cells in {}", True),
    (_of_arrays, "The rows are the arrays of cells in {}, the first has the names of the columns", True),
    (_of_entries, "The rows are the entries of {}, in two columns: key and value", False),
)


def _check_one(value: dict[str, Any], name: str) -> None:
    """Raise a ReferenceError for an object that is plainly no row."""
    kinds = {type(cell) for cell in value.values()}
    if len(value) > 1 and kinds in ({dict}, {list}):
        names = listed([f"'{key}'" for key in value], most=3)
        what = "objects" if kinds == {dict} else "arrays"
        raise errors.ReferenceError(
            f"'{name}' is one JSON object whose values are {what} ({names}), not an array of rows.",
            _HINT,
        )
    if kinds & {dict, list}:
        raise errors.ReferenceError(f"'{name}' is one JSON object in which no rows are found.", _HINT)


def _only_value(text: Text) -> dict[str, Any] | list[Any] | None:
    """The value that is all of a text; None for JSON Lines and arrays of objects, of which only the start is read."""
    start = text.start()
    if start.startswith("["):
        if not start[1:].lstrip().startswith("["):
            return None
    elif not start.startswith("{"):
        return None
    try:
        _, end = _DECODER.raw_decode(start)
    except (ValueError, RecursionError):  # it goes on, or is broken
        if any(map(_is_object, start.splitlines()[:20])):
            return None
    else:
        if start[end:].strip():
            return None
    try:
        value = json.loads("".join(text.chunks()))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) else None


def _is_object(line: str) -> bool:
    """Whether a line is an object with keys, as those of JSON Lines are."""
    try:
        value = _DECODER.decode(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and bool(value)
