"""Spread columns of lists and objects over plain columns, one for each value inside, and put them together again.

`messages` with objects of a role and a content becomes `messages[0].role`, `messages[0].content`, `messages[1].role`
and so on, so that each value has a role of its own: a text is written anew, a position moved, a label drawn with the
others. Cells of JSON, of Python literals and of positions such as `(34.1, -118.3)` are spread alike.
"""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import polars as pl

from syngen.tables.dtypes import from_objects, json_cell
from syngen.text.format import counted, listed
from syngen.types import Layout, Nesting, Path, Value

_ENOUGH = 0.95  # share of the cells that must be nested
_LOOK = 200  # cells looked at first
_LONGEST_LIST = 16  # values; longer lists of numbers are embeddings
_DEEPEST = 6
_MOST_LEAVES = 64  # columns that one becomes
_MANY_KEYS = 10  # of objects at one place, from which they may be data
_FILLED = 0.15  # share of the objects that have a key, on average, to which they are data: codes, names, days
_OFTEN = 0.01  # share of the cells that must have a key, or what it leads to is no column

_POSITION = re.compile(
    r"(?P<before>[^\d+.-]*)[+-]?\d{1,3}(?:\.\d+)?(?P<between>[,;]\s*|\s+)[+-]?\d{1,3}(?:\.\d+)?(?P<after>[^\d.]*)"
)
_EXACT_POSITION = re.compile(r"\d\.\d{2,}\D+\d+\.\d{2,}")
_EXACT = 0.5  # share of the positions with decimals; else they may be numbers with a comma
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")


def spread(
    frame: pl.DataFrame, notes: list[str], as_one: Collection[str] = ()
) -> tuple[pl.DataFrame, dict[str, Nesting]]:
    """Replace every column of nested values by one for each value inside.

    Args:
        frame: The table, nested values as text.
        notes: Receives what was done, one sentence for each column.
        as_one: Columns that stay as they are, since a role was given to them as a whole.

    Returns:
        The frame, and by column how it was spread. A column of long lists of numbers (an embedding) is left out,
        one of too many different values inside stays as it is, as do objects whose keys are data; all are noted.
    """
    columns: list[pl.Series] = []
    nestings: dict[str, Nesting] = {}
    for series in frame.iter_columns():
        form = None if series.name in as_one else _form_of(series)
        if form is None:
            columns.append(series)
            continue
        values = [None if cell is None else _READ[form](cell) for cell in series]
        if _is_embedding(values):
            longest = max(len(value) for value in values if isinstance(value, Sequence))
            notes.append(f"'{series.name}' holds lists of up to {longest:,} numbers; it was left out.")
            continue
        nesting = _nesting(series, form, values)
        leaves = [nesting.column(series.name, path) for path in nesting.paths]
        if kept := [nesting.column(series.name, path) for path in nesting.whole]:
            shown = listed([f"'{name}'" for name in kept], most=6)
            notes.append(
                f"{shown}: objects whose keys are data, each in few of the rows; read as one column of text."
            )
        if () in nesting.whole:
            columns.append(series)
            continue
        if not leaves or len(leaves) > _MOST_LEAVES or set(leaves) & set(frame.columns):
            notes.append(f"'{series.name}' holds nested values of many forms; they were read as text.")
            columns.append(series)
            continue
        columns += [
            from_objects(name, [json_cell(_at(value, path, nesting)) for value in values], notes)
            for name, path in zip(leaves, nesting.paths, strict=True)
        ]
        nestings[series.name] = nesting
        cut = sum(isinstance(value, list) and len(value) > _LONGEST_LIST for value in values)
        notes.append(
            f"'{series.name}' holds nested values; they were read as {counted(len(leaves), 'column')}:"
            f" {listed(leaves, most=6)}."
            + (f" Of {counted(cut, 'list')} only the first {_LONGEST_LIST} values." if cut else "")
        )
    return pl.DataFrame(columns), nestings


def gather(frame: pl.DataFrame, layout: Layout | None) -> pl.DataFrame:
    """Put spread columns together again, as the text of their cells; the inverse of `spread`."""
    nestings = layout.nested if layout else {}
    of_leaf = {
        nesting.column(name, path): name for name, nesting in nestings.items() for path in nesting.paths
    }
    columns: dict[str, pl.Series] = {}
    for series in frame.iter_columns():
        name = of_leaf.get(series.name, series.name)
        if name in columns:
            continue
        columns[name] = series if name == series.name else _gathered(name, nestings[name], frame)
    return pl.DataFrame(list(columns.values()))


def spreading(
    names: Sequence[str], layout: Layout | None
) -> tuple[tuple[str, ...], Callable[[Sequence[Value]], list[Value]]]:
    """How to spread the rows of another table with the nested columns of the reference.

    Returns:
        The names of its columns when they are spread, and what spreads a row; values may be nested or text.
    """
    nested = layout.nested if layout else {}
    ways = [(name, nested.get(name)) for name in names]
    spread_names = [
        leaf
        for name, nesting in ways
        for leaf in ([name] if nesting is None else [nesting.column(name, path) for path in nesting.paths])
    ]

    def row(cells: Sequence[Value]) -> list[Value]:
        spread_cells: list[Value] = []
        for cell, (_, nesting) in zip(cells, ways, strict=True):
            if nesting is None:
                spread_cells.append(cell)
                continue
            value = _READ[nesting.form](cell) if isinstance(cell, str) else cell
            spread_cells += [json_cell(_at(value, path, nesting)) for path in nesting.paths]
        return spread_cells

    return tuple(spread_names), row


def _form_of(series: pl.Series) -> str | None:
    """How the nested values of a column are written; None when it holds none."""
    if series.dtype != pl.String:
        return None
    present = series.drop_nulls()
    look = present.gather_every(max(1, len(present) // _LOOK)).to_list()
    for form, read in _READ.items():
        fitting = sum(read(cell) is not None for cell in look)
        if form == "position" and sum(map(bool, map(_EXACT_POSITION.search, look))) < _EXACT * len(look):
            continue
        if look and fitting >= _ENOUGH * len(look) and fitting:
            return form
    return None


def _read_json(cell: str) -> Any:
    """The list or object of a cell; None for anything else."""
    if cell.lstrip().startswith(("[", "{")):
        with suppress(ValueError, RecursionError):
            return json.loads(cell)
    return None


def _read_python(cell: str) -> Any:
    """The list, tuple or dict of a cell as a Python literal; None for anything else."""
    if cell.lstrip().startswith(("[", "{", "(")):
        with suppress(ValueError, SyntaxError, MemoryError, RecursionError):
            value = ast.literal_eval(cell.strip())
            return value if isinstance(value, list | tuple | dict) else None
    return None


def _read_position(cell: str) -> Any:
    """The two numbers of a position such as `(34.1, -118.3)`, `34.1;-118.3` or `POINT (-118.3 34.1)`."""
    return _NUMBER.findall(cell) if _POSITION.fullmatch(cell.strip()) else None


_READ: Mapping[str, Callable[[str], Any]] = {
    "position": _read_position,
    "json": _read_json,
    "python": _read_python,
}


def _is_embedding(values: Sequence[Any]) -> bool:
    present = [value for value in values if value is not None]
    numbers = [
        isinstance(value, list | tuple)
        and len(value) > _LONGEST_LIST
        and all(isinstance(number, int | float) for number in value)
        for value in present
    ]
    return bool(present) and sum(numbers) >= _ENOUGH * len(present)


def _nesting(series: pl.Series, form: str, values: Sequence[Any]) -> Nesting:
    found: Counter[Path] = Counter()
    data = _keys_are_data(values)
    for value in values:
        found.update(path for path, _ in _leaves(value, data))
    least = _OFTEN * max(1, len(values) - series.null_count())
    paths = tuple(
        path for path, count in sorted(found.items(), key=lambda pair: _order(pair[0])) if count >= least
    )
    empties = [cell for cell, value in zip(series, values, strict=True) if value in ([], {}, ())]
    first = next(cell for cell in series if cell is not None)
    match = _POSITION.fullmatch(first.strip()) if form == "position" else None
    pieces = (match["before"], match["between"], match["after"]) if match else ()
    return Nesting(
        form,
        paths,
        whole=tuple(path for path in paths if _anywhere(path) in data),
        missing=series.null_count() >= len(empties),
        empty=empties[0] if empties else "",
        compact=not re.search(r'[:,] ["\d\[{]', first),
        ascii=form == "json" and "\\u" in first,
        tuples=first.lstrip().startswith("("),
        pieces=pieces,
    )


def _order(path: Path) -> tuple[tuple[bool, int, str], ...]:
    """Sort indices as numbers; keys stay in the order in which they are seen."""
    return tuple((isinstance(step, str), step if isinstance(step, int) else 0, "") for step in path)


def _keys_are_data(values: Sequence[Any]) -> frozenset[Path]:
    """Where objects have many different keys, each of them in few of the objects."""
    keys: dict[Path, Counter[str]] = {}
    objects: Counter[Path] = Counter()
    for value in values:
        for path, inner in _objects(value):
            objects[path] += 1
            keys.setdefault(path, Counter()).update(map(str, inner))
    return frozenset(
        path
        for path, found in keys.items()
        if len(found) >= _MANY_KEYS and found.total() <= _FILLED * objects[path] * len(found)
    )


def _objects(value: Any, path: Path = ()) -> Iterator[tuple[Path, dict[Any, Any]]]:
    """Every object inside a value that is not empty, with its path whatever the positions in it."""
    if isinstance(value, dict) and len(path) < _DEEPEST and value:
        yield path, value
        for key, inner in value.items():
            yield from _objects(inner, (*path, str(key)))
    elif isinstance(value, list | tuple) and len(path) < _DEEPEST:
        for inner in value[:_LONGEST_LIST]:
            yield from _objects(inner, (*path, 0))


def _anywhere(path: Path) -> Path:
    """A path without its positions."""
    return tuple(0 if isinstance(step, int) else step for step in path)


def _leaves(value: Any, data: Collection[Path], path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every plain value inside a value, with its path; what lies too deep stays nested, as do keys that are data."""
    if isinstance(value, dict) and _anywhere(path) in data:
        yield path, value
    elif isinstance(value, dict) and len(path) < _DEEPEST:
        for key, inner in value.items():
            yield from _leaves(inner, data, (*path, str(key)))
    elif isinstance(value, list | tuple) and len(path) < _DEEPEST:
        for i, inner in enumerate(value[:_LONGEST_LIST]):
            yield from _leaves(inner, data, (*path, i))
    elif value is not None:
        yield path, value


def _at(value: Any, path: Path, nesting: Nesting) -> Any:
    """What a path leads to; None where it leads nowhere."""
    for step in path:
        if isinstance(step, str):
            value = value.get(step) if isinstance(value, dict) else None
        else:
            value = value[step] if isinstance(value, list | tuple) and step < len(value) else None
    return None if isinstance(value, dict) and path and path not in nesting.whole else value


def _gathered(name: str, nesting: Nesting, frame: pl.DataFrame) -> pl.Series:
    leaves = [nesting.column(name, path) for path in nesting.paths]
    cells = [
        _written(dict(zip(nesting.paths, row, strict=True)), nesting)
        for row in frame.select(leaves).iter_rows()
    ]
    return pl.Series(name, cells, dtype=pl.String)


def _written(leaves: Mapping[Path, Value], nesting: Nesting) -> str | None:
    present = {
        path: (_read_json(value) or value) if path in nesting.whole else value
        for path, value in leaves.items()
        if value is not None
    }
    if not present:
        return None if nesting.missing else nesting.empty
    value = _built(present)
    if nesting.form == "position":
        before, between, after = nesting.pieces
        return f"{before}{value[0]}{between}{value[1] if len(value) > 1 else ''}{after}"
    if nesting.form == "python":
        return repr(tuple(value) if nesting.tuples else value)
    separators = (",", ":") if nesting.compact else (", ", ": ")
    return json.dumps(value, ensure_ascii=nesting.ascii, separators=separators, default=str)


def _built(leaves: Mapping[Path, Value]) -> Any:
    """The value with these leaves: a list where the first steps are numbers, else an object."""
    if () in leaves:
        return leaves[()]
    within: dict[str | int, dict[Path, Value]] = {}
    for path, value in leaves.items():
        within.setdefault(path[0], {})[path[1:]] = value
    if all(isinstance(step, int) for step in within):
        return [_built(within[i]) if i in within else None for i in range(max(map(int, within)) + 1)]
    return {str(step): _built(inner) for step, inner in within.items()}
