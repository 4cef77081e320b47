"""Give raw columns one of the few types SynGen works with.

Those are Int64, Float64, Boolean, String, Date and Datetime. Absent is always null: an empty or
blank string, NaN and infinity too. Strings hold no NUL and no lone surrogate.
"""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from syngen import errors
from syngen.columns.names import means_key, means_person
from syngen.columns.numberformats import learn_number_format
from syngen.columns.timeformats import detect_time
from syngen.text.format import counted, listed
from syngen.types import Value

_INTEGER = r"^(?:0|-?[1-9][0-9]{0,18})$"  # no leading zeros, no plus: these mean something in a key
_NUMBER = (
    r"^-?(?:[0-9]{1,15}|[0-9]{0,15}\.[0-9]{1,20}|[0-9]{16}\.[0-9]"
    r"|[0-9]{1,3}(?:\.[0-9]{1,17})?[eE][+-][0-9]{1,3}|[0-9]{1,3}\.[0-9]{1,17}[eE][0-9]{1,3})$"
)
_ZERO_FIRST = r"^-?0[0-9]"
_WORDS = ("None", "none", "missing", "Missing", "not available", "Not available", "Not Available")
_SIGNS = ("-", "--", "–", "—", ".", "..", "...", "…", ":", "?")
_ABSENT = (*"NA N/A n/a na n.a. N.A. #N/A <NA> NaN nan NULL null \\N".split(), *_WORDS, *_SIGNS)
_NO_LABEL = frozenset(_ABSENT) - {*_WORDS, *_SIGNS}  # those that are hardly ever a label or a text
_EXACT = 2**53  # whole numbers below this are themselves as floats
_SURROGATE = re.compile("[\ud800-\udfff]")


def from_strings(cells: pl.Series, notes: list[str]) -> pl.Series:
    """A column of a text file, turned into numbers or booleans only where that loses nothing.

    Signs of absence such as "NA" count as missing when the other cells are numbers, booleans or dates.
    """
    strings = _clean(cells, notes)
    bare = strings.str.strip_chars()
    values = bare.set(bare.is_in(_ABSENT), None)
    absent = bare.filter(values.is_null() & bare.is_not_null())
    typed = _typed(values)
    if typed is None:
        if not len(absent) or not (detect_time(values) or learn_number_format(values.drop_nulls())):
            return strings
        typed = strings.set(values.is_null(), None)
    if len(absent):
        notes.append(f"'{cells.name}': {counted(len(absent), 'cell')} such as '{absent[0]}' read as missing.")
    return typed


def without_markers(
    cells: Sequence[pl.Series], columns: Sequence[pl.Series], notes: list[str]
) -> list[pl.Series]:
    """The columns of a text file, strings missing where they are a word that is missing in the other columns.

    The mark of databases for no value, a backslash and N, is no text in any table.

    Args:
        cells: As they stand in the file.
        columns: The same as `from_strings` read them.
        notes: Receives a remark with the number of such strings.
    """
    marks = {r"\N"}
    for raw, typed in zip(cells, columns, strict=True):
        if typed.null_count():
            marks.update(raw.filter(typed.is_null()).drop_nulls().str.strip_chars().unique())
    marks &= _NO_LABEL
    read, said, words = [], [], set[str]()
    for typed in columns:
        if typed.dtype != pl.String:
            read.append(typed)
            continue
        bare = typed.str.strip_chars()
        found = bare.is_in(marks).fill_null(value=False)
        if found.any():
            said.append(f"'{typed.name}' ({counted(int(found.sum()), 'cell')})")
            words.update(bare.filter(found).unique())
        read.append(typed.set(found, None) if found.any() else typed)
    if said:
        shown = listed([f"'{word}'" for word in sorted(words)])
        notes.append(f"{shown} read as missing in columns of text and labels, too: {listed(said, most=8)}.")
    return read


def _typed(values: pl.Series) -> pl.Series | None:
    if values.null_count() == len(values):
        return None
    if values.str.contains(_INTEGER).all():
        integers = values.cast(pl.Int64, strict=False)
        return integers if integers.null_count() == values.null_count() else None
    if values.str.contains(_NUMBER).all() and not values.str.contains(_ZERO_FIRST).any():
        return values.cast(pl.Float64, strict=False)
    spellings = set(values.drop_nulls().unique())
    if spellings <= {"True", "False"} or spellings <= {"true", "false"}:
        return values.str.to_lowercase() == "true"
    return None


def _clean(strings: pl.Series, notes: list[str]) -> pl.Series:
    """Strings without NUL, blank ones absent."""
    with_nul = int(strings.str.contains("\0", literal=True).sum())
    if with_nul:
        notes.append(f"'{strings.name}': NUL characters were removed from {counted(with_nul, 'cell')}.")
        strings = strings.str.replace_all("\0", "", literal=True)
    return strings.set(strings.str.strip_chars() == "", None)


def from_objects(name: str, values: Iterable[Any], notes: list[str]) -> pl.Series:
    """A column of Python objects, such as JSON values or the cells of a pandas object column."""
    cells = [_unpacked(value) for value in values]
    kinds = {type(cell) for cell in cells if cell is not None}
    if not kinds:
        return pl.Series(name, cells, dtype=pl.String)
    if kinds <= {bytes, bytearray, memoryview}:
        raise _binary(name)
    if kinds == {bool}:
        return pl.Series(name, cells, dtype=pl.Boolean)
    if kinds == {int} and all(cell is None or abs(cell) < 2**63 for cell in cells):
        return pl.Series(name, cells, dtype=pl.Int64)
    if kinds <= {int, float, Decimal} and kinds != {int}:
        return _finite(pl.Series(name, cells, dtype=pl.Float64, strict=False), notes)
    if kinds == {timedelta}:
        return _narrowed(pl.Series(name, cells, dtype=pl.Duration("us")), notes)
    if kinds == {time}:
        return _narrowed(pl.Series(name, cells, dtype=pl.Time), notes)
    if kinds in ({date}, {datetime}):
        return pl.Series(name, cells)
    if len(kinds) > 1 and not kinds & {dict, list, tuple}:
        kept = ", ".join(sorted(kind.__name__ for kind in kinds))
        notes.append(f"'{name}' mixes {kept}; every cell was read as text.")
    texts = [as_text(cell) for cell in cells]
    valid = [text and whole(text) for text in texts]
    if valid != texts:
        notes.append(f"'{name}': characters that are no valid Unicode were replaced by \ufffd.")
    return _clean(pl.Series(name, valid, dtype=pl.String), notes)


def check_names(names: Iterable[str]) -> None:
    """Raise a ReferenceError when two columns have the same name."""
    seen: dict[str, int] = {}
    for number, name in enumerate(names, start=1):
        if seen.setdefault(name, number) != number:
            raise errors.ReferenceError(
                f"Columns {seen[name]} and {number} are both called '{name}'.",
                "Give every column a name of its own.",
            )


def to_frame(columns: Sequence[pl.Series]) -> pl.DataFrame:
    """Put columns side by side; raises a ReferenceError when two have the same name."""
    check_names(column.name for column in columns)
    return pl.DataFrame(columns)


def narrow_types(
    frame: pl.DataFrame, notes: list[str], kinds: Mapping[str, str] | None = None
) -> pl.DataFrame:
    """Give every column of a frame one of the types SynGen works with; binary data raises a ReferenceError.

    Args:
        kinds: Types that some columns had before the frame was made.
    """
    typed = to_frame([_narrowed(series, notes) for series in frame.iter_columns()])
    before = {name: _kind(dtype) for name, dtype in frame.schema.items()} | dict(kinds or {})
    changed = [
        f"'{name}' from {before[name]} to {dtype.base_type()}"
        for name, dtype in typed.schema.items()
        if before[name] not in ("", str(dtype.base_type()))
    ]
    if changed:
        notes.append(f"Types were changed: {listed(changed, most=20)}.")
    return typed


def type_of(text: str) -> pl.DataType | None:
    """The polars type that a text such as `Decimal(precision=10, scale=2)` names; None where it names none."""
    try:
        made = _type(ast.parse(text, mode="eval").body)
    except (SyntaxError, TypeError, ValueError, AttributeError):
        return None
    return made() if isinstance(made, type) and issubclass(made, pl.DataType) else made


def _type(node: ast.expr) -> Any:
    """Read the expression that polars prints for a type: names of types, called with literals and types."""
    match node:
        case ast.Name(name) if isinstance(getattr(pl, name), type):
            return getattr(pl, name)
        case ast.Call(function, arguments, keywords):
            named = {keyword.arg or "": _type(keyword.value) for keyword in keywords}
            return _type(function)(*map(_type, arguments), **named)
        case ast.Dict(keys, values):
            return {_type(key): _type(value) for key, value in zip(keys, values, strict=True) if key}
        case ast.Constant(value):
            return value
        case ast.List(items):
            return [_type(item) for item in items]
        case ast.Tuple(items):
            return tuple(map(_type, items))
    raise ValueError(ast.dump(node))


def _kind(dtype: pl.DataType) -> str:
    """The name of a type; empty where a change of it has a note of its own."""
    silent = dtype.is_nested() or dtype in (pl.Object, pl.Null, pl.Duration, pl.Time)
    return "" if silent else str(dtype.base_type())


def _narrowed(series: pl.Series, notes: list[str]) -> pl.Series:
    dtype = series.dtype
    if dtype == pl.Binary:
        raise _binary(series.name)
    if dtype.is_nested() or dtype == pl.Object:
        return from_objects(series.name, series.to_list(), notes)
    if dtype.is_integer():
        integers = series.cast(pl.Int64, strict=False)
        return integers if integers.null_count() == series.null_count() else series.cast(pl.String)
    if dtype == pl.Float32:  # by way of its shortest text: 0.1 stays 0.1
        return _finite(series.cast(pl.String).cast(pl.Float64), notes)
    if dtype.is_float() or dtype.is_decimal():
        return _whole_keys(_finite(series.cast(pl.Float64), notes))
    if dtype == pl.Duration:
        notes.append(f"'{series.name}' holds durations; they were read as seconds.")
        return (series.cast(pl.Duration("us")).to_physical() / 1e6).rename(series.name)
    if dtype == pl.Time:
        notes.append(f"'{series.name}' holds times of day; they were read as seconds.")
        return (series.to_physical() / 1e9).rename(series.name)
    if dtype in (pl.Boolean, pl.Date, pl.Datetime):
        return series
    return _clean(series.cast(pl.String), notes)


def _whole_keys(numbers: pl.Series) -> pl.Series:
    """Keys as whole numbers again: where some are missing, pandas makes floats of them."""
    if not (means_key(numbers.name) or means_person(numbers.name)) or not numbers.null_count():
        return numbers
    whole = bool(((numbers == numbers.round()) & (numbers.abs() < _EXACT)).all())
    return numbers.cast(pl.Int64) if whole and numbers.count() else numbers


def _finite(numbers: pl.Series, notes: list[str]) -> pl.Series:
    infinite = int(numbers.is_infinite().sum())
    if infinite:
        notes.append(f"'{numbers.name}': {counted(infinite, 'infinite value')} read as missing.")
    return numbers.set(~numbers.is_finite(), None)


def _unpacked(value: Any) -> Any:
    """A Python object for a cell: array scalars unpacked, every kind of not-a-value None."""
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    if hasattr(value, "tolist"):  # NumPy scalars and arrays
        value = value.tolist()
    if hasattr(value, "to_pydatetime"):  # pandas time stamps
        value = value.to_pydatetime(warn=False)
    if isinstance(value, float | Decimal) and math.isnan(value):
        return None
    return str(value) if isinstance(value, str) else value


def json_cell(value: Any) -> Value:
    """A JSON value as a cell: what is nested as JSON text, NaN and infinity as None."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return whole(as_text(value) or "") if isinstance(value, str | dict | list) else value


def as_text(cell: Any) -> str | None:
    """A cell as text, nested values as JSON; None stays None."""
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, (dict, list, tuple)):
        return json.dumps(cell, ensure_ascii=False, default=str)
    return str(cell)


def whole(text: str) -> str:
    """A text without halves of surrogate pairs, which no encoding can hold; they become U+FFFD."""
    if text.isascii() or not _SURROGATE.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _binary(name: str) -> errors.ReferenceError:
    return errors.ReferenceError(
        f"Column '{name}' holds binary data.", "Leave the column out of the reference."
    )
