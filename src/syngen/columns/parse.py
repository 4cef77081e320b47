"""Cells to values: what each kind of column makes of a string, and how well the string fits it.

A `Field` is a reference column as a reader sees it. Its `read` gives the typed value (the string
itself where it has no value of the type), whether the string looks like that column (`fits`, which
anchors the alignment of ragged rows) and a note when something had to be read over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from syngen.types import ColumnProfile, Profile, Role, TimeFormat, Value


class CellReading(NamedTuple):
    """What a column makes of a cell.

    Attributes:
        fits: True when it looks like this column, False when it can't be, None without an opinion.
        note: What was read over, as a code.
    """

    value: Value
    fits: bool | None = None
    note: str = ""


Read = Callable[[str], CellReading]

_INTEGER = re.compile(r"[+-]?\d{1,18}")
_NUMBER = re.compile(r"[+-]?(?:\d{1,18}(?:\.\d{0,18})?|\.\d{1,18})(?:[eE][+-]?\d{1,2})?")
_UNIT = re.compile(rf"({_NUMBER.pattern})\s*(?:/\s*\d+|[^\W\d_]{{1,12}})")
_NULL_WORDS = frozenset({"null", "none", "nan", "n/a", "na", "nil"})
_TRUE_FALSE = {"true": True, "false": False, "True": True, "False": False, "yes": True, "no": False}


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A reference column as a reader sees it.

    Attributes:
        written: Whether a model writes it: such a cell may hold anything, also delimiters.
        main: Whether it carries the text.
        typed: Whether its cells can be told from prose.
    """

    name: str
    read: Read
    written: bool
    main: bool
    typed: bool


def fields(profile: Profile) -> list[Field]:
    """The columns of a reference, in the table's order."""
    main = profile.main_text.name if profile.written else ""
    return [
        Field(
            column.name,
            _or_missing(column, _reader(column, profile)),
            written=column.role.written,
            main=column.name == main,
            typed=column.role not in (Role.TEXT, Role.TITLE, Role.EMPTY),
        )
        for column in profile.columns
    ]


def _reader(column: ColumnProfile, profile: Profile) -> Read:
    return READERS[column.role](column, profile)


def _or_missing(column: ColumnProfile, read: Read) -> Read:
    """Empty cells and words such as `null` have no value, unless the column knows them as labels."""

    def with_missing(cell: str) -> CellReading:
        text = cell.strip()
        if not text:
            return CellReading(None, None if column.missing or column.role.written else False)
        reading = read(text)
        if reading.fits is not True and not column.role.written and text.casefold() in _NULL_WORDS:
            return CellReading(None, None, "format.null_word")
        return reading

    return with_missing


def _text(_column: ColumnProfile, _profile: Profile) -> Read:
    return CellReading


def _empty(_column: ColumnProfile, _profile: Profile) -> Read:
    return lambda cell: CellReading(cell, fits=False)


def _label(column: ColumnProfile, _profile: Profile) -> Read:
    """Known labels; letter case is read over and noted. Numbers and unknown labels stay what they are."""
    known = {str(value): value for value, _ in column.values}
    if column.dtype == "Boolean":
        known |= _TRUE_FALSE
    folded = _unambiguous((text.casefold(), value) for text, value in known.items())
    closed = column.distinct <= len(column.values)
    numeric = _numeric(column)

    def read(cell: str) -> CellReading:
        if cell in known:
            return CellReading(known[cell], fits=True)
        if cell.casefold() in folded:
            return CellReading(folded[cell.casefold()], fits=True, note="format.label_case")
        if numeric:
            return _number(cell, column)
        return CellReading(cell, fits=False if closed else None)

    return read


def _unambiguous(pairs: Iterable[tuple[str, Value]]) -> dict[str, Value]:
    """The pairs whose key has one value only."""
    values: dict[str, Value] = {}
    clashes = set()
    for key, value in pairs:
        if values.setdefault(key, value) != value:
            clashes.add(key)
    return {key: value for key, value in values.items() if key not in clashes}


def _numeric(column: ColumnProfile) -> bool:
    return column.dtype.startswith(("Int", "UInt", "Float", "Decimal"))


def _numbers(column: ColumnProfile, _profile: Profile) -> Read:
    return lambda cell: _number(cell, column)


def _number(cell: str, column: ColumnProfile) -> CellReading:
    """A number in the column's type; `4/5` and `4 stars` are read as 4 and noted."""
    note = ""
    number = cell
    if not _NUMBER.fullmatch(cell):
        unit = _UNIT.fullmatch(cell)
        if unit is None:
            return CellReading(cell, fits=False)
        number, note = unit[1], "format.unit"
    if column.dtype == "String":
        return CellReading(number, fits=True, note=note)
    if column.dtype.startswith("Float"):
        return CellReading(float(number), fits=True, note=note)
    if _INTEGER.fullmatch(number):
        return CellReading(int(number), fits=True, note=note)
    value = float(number)
    if value.is_integer():
        return CellReading(int(value), fits=True, note=note or "format.number")
    return CellReading(value, fits=True, note=note)


def _identifier(column: ColumnProfile, _profile: Profile) -> Read:
    pattern = column.identifier
    if pattern is None:
        return CellReading
    if pattern.kind == "integer":
        return lambda cell: _number(cell, column)
    return lambda cell: CellReading(cell, fits=True if pattern.fits(cell) else False if " " in cell else None)


def _derived(column: ColumnProfile, profile: Profile) -> Read:
    derived = column.derived
    if derived is None:
        return CellReading
    if derived.kind == "equal":
        return _reader(profile[derived.source], profile)
    if derived.kind == "time" and derived.time is not None:
        return _points_in(derived.time, column)
    return lambda cell: _number(cell, column)


def _times(column: ColumnProfile, _profile: Profile) -> Read:
    return _points_in(column.time, column) if column.time else CellReading


def _points_in(time: TimeFormat, column: ColumnProfile) -> Read:
    if time.kind == "epoch":
        return lambda cell: _number(cell, column)
    if time.kind == "native":
        return _iso_date if column.dtype == "Date" else _iso_datetime
    shape = re.compile(_time_shape(time.format))
    return lambda cell: CellReading(cell, fits=shape.fullmatch(cell) is not None)


def _iso_date(cell: str) -> CellReading:
    try:
        return CellReading(date.fromisoformat(cell), fits=True)
    except ValueError:
        return CellReading(cell, fits=False)


def _iso_datetime(cell: str) -> CellReading:
    try:
        return CellReading(datetime.fromisoformat(cell), fits=True)
    except ValueError:
        return CellReading(cell, fits=False)


_DIRECTIVE = re.compile(r"%[-_0]?(?P<code>:{0,3}[a-zA-Z]|\.?\d?f|%)|(?P<literal>[^%]+|%)")
_SHAPES = {
    **dict.fromkeys("aAbBhp", r"[^\W\d]+\.?"),
    **dict.fromkeys("mdHIMSyejklCuwGVUW", r"\s?\d{1,3}"),
    "P": r"[^\W\d]+",
    "Y": r"\d{4}",
    "F": r"\d{4}-\d{1,2}-\d{1,2}",
    "D": r"\d{1,2}/\d{1,2}/\d{2}",
    "T": r"\d{1,2}:\d{2}:\d{2}",
    "R": r"\d{1,2}:\d{2}",
    "s": r"-?\d+",
    "%": "%",
}


def _time_shape(time_format: str) -> str:
    """A strftime format as a regular expression of what it may write; close, not exact."""
    shape = ""
    for match in _DIRECTIVE.finditer(time_format):
        if match["literal"]:
            shape += re.escape(match["literal"])
        elif match["code"].endswith("f"):
            shape += r"\.?\d+"
        elif match["code"].endswith("z"):
            shape += r"(?:[+-]\d{2}:?\d{2}|Z)"
        else:
            shape += _SHAPES.get(match["code"], r"\S+")
    return shape


READERS: dict[Role, Callable[[ColumnProfile, Profile], Read]] = {
    Role.TEXT: _text,
    Role.TITLE: _text,
    Role.CATEGORY: _label,
    Role.ORDINAL: _label,
    Role.BOOLEAN: _label,
    Role.CONSTANT: _label,
    Role.COUNT: _numbers,
    Role.NUMBER: _numbers,
    Role.DATETIME: _times,
    Role.IDENTIFIER: _identifier,
    Role.DERIVED: _derived,
    Role.EMPTY: _empty,
}
