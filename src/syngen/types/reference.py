"""What was learnt of a real table: what each column is for, how its values look, the table itself.

Plain frozen data that every stage reads.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import wraps
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen.types.layout import Layout
from syngen.types.notebook import titled

P = ParamSpec("P")
T = TypeVar("T")
Value = Any  # one cell: str, int, float, bool, datetime.date, datetime.datetime or None


class Role(StrEnum):
    """What a column is for. Only TEXT and TITLE are written by a model; code makes all others."""

    TEXT = "text"  # free text, a sentence or more
    TITLE = "title"  # short text: a headline, a name
    CATEGORY = "category"  # one of a set of labels
    ORDINAL = "ordinal"  # a few ordered numbers, such as a rating from 1 to 5
    COUNT = "count"  # whole numbers from 0 up, usually skewed
    NUMBER = "number"  # any other number
    DATETIME = "datetime"  # a point in time, as a date, a string or an epoch number
    BOOLEAN = "boolean"  # two values
    IDENTIFIER = "identifier"  # a key: made new, never copied
    CONSTANT = "constant"  # one value in all rows
    DERIVED = "derived"  # computable from another column
    EMPTY = "empty"  # no value at all

    @property
    def written(self) -> bool:
        """Whether a model writes this column."""
        return self in (Role.TEXT, Role.TITLE)


@dataclass(frozen=True, slots=True)
class TextStats:
    """Statistics of one text column."""

    words: tuple[float, ...]  # words a text at the quantiles 5, 25, 50, 75 and 95 %
    # Flesch-Kincaid reading grade at the same quantiles, of texts of 5 words or more; empty when there are
    # none
    grade: tuple[float, ...]
    # The most common openings (first two words, lower case), each with its share of rows
    openings: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class IdentifierPattern:
    """How the identifiers of a column look, and how often they repeat."""

    # "integer" (drawn from low..high), "template", or what people have: "name", "first name", "last name",
    # "email", "address"
    kind: str
    # The templates of strings, most common first. A template has for each position the characters allowed
    # there; a position of one character is literal. Empty for integers.
    templates: tuple[tuple[str, ...], ...]
    low: int  # smallest integer (kind "integer")
    high: int  # largest integer (kind "integer")
    shown: str  # the pattern for people, such as `B0[0-9A-Z]{8}` or `integer 0..1205`
    # Share of distinct identifiers that occur once, twice, three times, four or more
    repeats: tuple[float, float, float, float]
    kept: int = 0  # leading characters that a new identifier shares with its donor, such as a postal region
    locale: str = ""  # whose names are used, for the kinds that people have

    def template_of(self, value: str) -> int | None:
        """The first template that a text follows at each position; None without one."""
        for number, template in enumerate(self.templates):
            if len(value) == len(template) and all(map(operator.contains, template, value)):
                return number
        return None

    def fits(self, value: str) -> bool:
        """Whether a text follows one of the templates."""
        return self.template_of(value) is not None


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How the numbers of a string column are written; signs, units and decimals differ from cell to cell."""

    decimal: str = "."  # decimal mark
    thousands: str = ""  # mark between groups of digits; empty: none
    lakh: bool = False  # Indian groups: 12,34,567
    negative: str = "-"  # "-" before the number, or "(" for parentheses around it
    shown: str = ""  # an example, such as `$1,234.50`


@dataclass(frozen=True, slots=True)
class TimeFormat:
    """How a point in time is written: an epoch number of a unit, or a string format."""

    # "native" (the column already has a date or datetime type), "epoch" or "string"
    kind: Literal["native", "epoch", "string"]
    unit: str = ""  # for epochs "s", "ms" or "us"
    format: str = ""  # for strings the strftime format, see `syngen.columns.timetext` for what it adds
    # The resolution seen, in seconds: 86400 when all values lie on midnight, down to .000001
    step: float = 1.0
    offset: float = 0.0  # seconds added before writing; a derived local time of a UTC time stamp has one
    others: tuple[str, ...] = ()  # formats of cells that do not follow `format`, the most common first

    @property
    def formats(self) -> tuple[str, ...]:
        """All string formats, the most common first."""
        return (self.format, *self.others)


@dataclass(frozen=True, slots=True)
class Derivation:
    """How a column follows from another."""

    source: str  # the column it follows from
    # "equal"; "time" (the source's point in time written in another form); "words" or "characters" (the
    # length of a text column)
    kind: Literal["equal", "time", "words", "characters"]
    time: TimeFormat | None = None  # the form of the value when kind is "time"


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """What was learnt of one column. Fields that don't apply to its role are None or empty."""

    name: str
    role: Role
    dtype: str  # the polars type in words, such as "Int64" or "String"
    rows: int
    missing: int  # cells without a value (null or empty string)
    distinct: int  # distinct values, missing not counted
    why: str  # why it has this role, in a few words
    low: Value = None  # smallest value (numbers and times; ISO 8601 text for times)
    high: Value = None  # largest value
    decimals: int = 0  # most digits after the point seen (numbers)
    number: NumberFormat | None = None  # how the numbers of a string column are written
    # The most common values with their counts, at most 50 (discrete roles)
    values: tuple[tuple[Value, int], ...] = ()
    text: TextStats | None = None
    identifier: IdentifierPattern | None = None
    time: TimeFormat | None = None
    derived: Derivation | None = None

    @property
    def missing_share(self) -> float:
        """Share of rows without a value, 0 to 1."""
        return self.missing / self.rows if self.rows else 0.0


RULE = 0.99  # share of the rows in which a relation must hold to be kept in all


@dataclass(frozen=True, slots=True)
class Term:
    """One column's part in a formula; in a product (offset + weight · value) ** power."""

    column: str
    weight: float = 1.0  # what its value is multiplied by
    offset: float = 0.0  # what is added then (products): 1 with weight -1 in price × (1 - discount)
    power: float = 1  # -1 for a divisor, 2 for a square, .5 for a square root


@dataclass(frozen=True, slots=True)
class Relation:
    """What real rows say of several columns at once; missing values are left out of account."""

    # "sum", "product", "logarithm": the first column is computed from the others; "whole": all columns add up to
    # `constant`; "order": the first is never larger than the second; "equal": both are the same; "determines": rows with the same value in
    # the second column have the same in the first; "presence": the first has a value only where the second
    # has one of `values`, or any value when there are none
    kind: Literal["sum", "product", "logarithm", "whole", "order", "equal", "determines", "presence"]
    columns: tuple[str, ...]
    sentence: str  # for people, such as "total = net + tax"
    share: float  # of the real rows that have all values, how many agree; at least .8
    terms: tuple[Term, ...] = ()  # what a formula consists of
    factor: float = 1.0  # of a product or a logarithm; of a natural logarithm 1
    constant: float = 0.0  # what is added to a sum or a product; the total of a whole
    decimals: int | None = None  # digits after the point that the computed column is rounded to, if any
    tolerance: float = 0.0  # how far a real value is from the computed one at most
    values: tuple[Value, ...] = ()
    prefix: int = 0  # the first characters of the second column that determine the first; 0: all of it
    mutual: bool = False  # the columns determine each other, or are present together

    @property
    def partly(self) -> bool:
        """Whether so many real rows break it that these are no errors."""
        return self.share < RULE


@dataclass(frozen=True, slots=True)
class Profile:
    """What SynGen sees in a reference."""

    rows: int
    columns: tuple[ColumnProfile, ...]  # one profile per column, in the table's order
    domain: str  # what the data is about, in a few words
    notes: tuple[str, ...] = ()  # what a careful reader would remark on, one sentence each
    relations: tuple[Relation, ...] = ()  # what holds between columns; computed columns after their inputs

    def __getitem__(self, name: str) -> ColumnProfile:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def with_role(self, *roles: Role) -> tuple[ColumnProfile, ...]:
        """The columns of these roles, in the table's order."""
        return tuple(c for c in self.columns if c.role in roles)

    @property
    def written(self) -> tuple[ColumnProfile, ...]:
        """The columns a model writes, in the table's order."""
        return tuple(c for c in self.columns if c.role.written)

    @property
    def main_text(self) -> ColumnProfile | None:
        """The column that carries the text: the longest of the written ones; None in a table without text."""
        return max(self.written, key=lambda c: c.text.words[2] if c.text else 0.0, default=None)

    @property
    def main(self) -> str:
        """Name of the column that carries the text; empty in a table without text."""
        return self.main_text.name if self.main_text else ""


@dataclass(frozen=True, slots=True)
class TextMeasures:
    """What was measured of every text of one column, by row number; an absent text has 0 words."""

    words: npt.NDArray[np.int32]  # words, int32 of shape (rows,)
    grade: npt.NDArray[np.float32]  # Flesch-Kincaid grade, float32 of shape (rows,); NaN where there is none
    style: tuple[tuple[str, ...], ...]  # style attributes of each row, see `syngen.text.words.style`


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Reference:
    """The real table and what was learnt of it. Row numbers count from 0 in `frame`."""

    source: str  # where it came from, for people: a path or "data frame"
    frame: pl.DataFrame  # the table. Text columns hold strings, absent texts are null.
    digest: str  # SHA-256 of its content (column names and cells), independent of the file format
    profile: Profile  # what was learnt
    measures: Mapping[str, TextMeasures]  # by written column, what was measured of its texts
    train: npt.NDArray[np.int64]  # row numbers that may be shown and planned from
    # Row numbers that nothing but measuring may see; disjoint from `train` also in content
    held_out: npt.NDArray[np.int64]
    notes: tuple[str, ...] = ()  # what had to be done to read it, one sentence each
    layout: Layout | None = None  # how its file is written; None for what is no file
    # By column that may hold keys, of a table of which a sample is taken: hashes of the cells of other rows,
    # see `syngen.columns.taken`
    unsampled: Mapping[str, npt.NDArray[np.int64]] = field(default_factory=dict)
    # Results that `per_reference` keeps
    derived: dict[Hashable, Any] = field(default_factory=dict, init=False)

    def __repr__(self) -> str:
        rows, columns = self.frame.shape
        main = f", text {self.profile.main!r}" if self.profile.main else ""
        return f"Reference({self.source!r}, {rows:,} rows, {columns} columns{main})"

    def _repr_html_(self) -> str:
        """Show each column's role in a notebook."""
        columns = self.profile.columns
        roles = {"column": [c.name for c in columns], "role": [c.role.value for c in columns]}
        missing = [f"{c.missing_share:.0%}" if c.missing else "" for c in columns]
        return titled(repr(self), pl.DataFrame({**roles, "missing": missing}))


def per_reference(function: Callable[Concatenate[Reference, P], T]) -> Callable[Concatenate[Reference, P], T]:
    """Call a function of a reference once for each reference and arguments; the reference keeps the results."""

    @wraps(function)
    def kept(reference: Reference, /, *args: P.args, **kwargs: P.kwargs) -> T:
        key = (function, args, tuple(kwargs.items()))
        if key not in reference.derived:
            reference.derived[key] = function(reference, *args, **kwargs)
        result: T = reference.derived[key]
        return result

    return kept
