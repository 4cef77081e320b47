"""What was learnt of a real table: what each column is for, how its values look, the table itself.

Plain frozen data, and the words in which every stage speaks of columns. `syngen.types.run` has the words for
what is wanted, asked and answered.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import wraps
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

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
    """Statistics of one text column.

    Attributes:
        words: Words a text at the quantiles 5, 25, 50, 75 and 95 %.
        grade: Flesch-Kincaid reading grade at the same quantiles, of texts of 5 words or more; empty
            when there are none.
        openings: The most common openings (first two words, lower case), each with its share of rows.
    """

    words: tuple[float, ...]
    grade: tuple[float, ...]
    openings: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class IdentifierPattern:
    """How an identifier looks, and how often it comes again.

    Attributes:
        kind: "integer" (drawn from low..high) or "template".
        template: For each position the characters allowed there, for the most common length;
            a position of one character is literal. Empty for integers.
        low: Smallest integer (kind "integer").
        high: Largest integer (kind "integer").
        shown: The pattern for people, such as `B0[0-9A-Z]{8}` or `integer 0..1205`.
        repeats: Share of distinct identifiers that occur once, twice, three times, four or more.
    """

    kind: Literal["integer", "template"]
    template: tuple[str, ...]
    low: int
    high: int
    shown: str
    repeats: tuple[float, float, float, float]

    def fits(self, value: str) -> bool:
        """Whether a text has, at each position of the template, a character allowed there."""
        return len(value) == len(self.template) and all(
            char in allowed for char, allowed in zip(value, self.template, strict=True)
        )


@dataclass(frozen=True, slots=True)
class TimeFormat:
    """How a point in time is written: an epoch number of a unit, or a string format.

    Attributes:
        kind: "native" (the column already has a date or datetime type), "epoch" or "string".
        unit: For epochs "s", "ms" or "us".
        format: For strings the strftime format.
        step: The resolution seen, in seconds: 86400 when all values lie on midnight, else 60, 1,
            .001 or .000001.
        offset: Seconds added before writing; a derived local time of a UTC time stamp has one.
    """

    kind: Literal["native", "epoch", "string"]
    unit: str = ""
    format: str = ""
    step: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class Derivation:
    """How a column follows from another.

    Attributes:
        source: The column it follows from.
        kind: "equal"; "time" (the source's point in time written in another form);
            "words" or "characters" (the length of a text column).
        time: The form of the value when kind is "time".
    """

    source: str
    kind: Literal["equal", "time", "words", "characters"]
    time: TimeFormat | None = None


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """What was learnt of one column. Fields that don't apply to its role are None or empty.

    Attributes:
        dtype: The polars type in words, such as "Int64" or "String".
        missing: Cells without a value (null or empty string).
        distinct: Distinct values, missing not counted.
        low: Smallest value (numbers and times; ISO 8601 text for times).
        high: Largest value.
        decimals: Most digits after the point seen (numbers).
        values: The most common values with their counts, at most 50 (discrete roles).
        why: Why it has this role, in a few words.
    """

    name: str
    role: Role
    dtype: str
    rows: int
    missing: int
    distinct: int
    why: str
    low: Value = None
    high: Value = None
    decimals: int = 0
    values: tuple[tuple[Value, int], ...] = ()
    text: TextStats | None = None
    identifier: IdentifierPattern | None = None
    time: TimeFormat | None = None
    derived: Derivation | None = None

    @property
    def missing_share(self) -> float:
        """Share of rows without a value, 0 to 1."""
        return self.missing / self.rows if self.rows else 0.0


@dataclass(frozen=True, slots=True)
class Profile:
    """What SynGen sees in a reference.

    Attributes:
        columns: One profile per column, in the table's order.
        domain: What the data is about, in a few words.
        notes: What a careful reader would remark on, one sentence each.
    """

    rows: int
    columns: tuple[ColumnProfile, ...]
    domain: str
    notes: tuple[str, ...] = ()

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
    def main_text(self) -> ColumnProfile:
        """The column that carries the text: the longest of the written ones."""
        return max(self.written, key=lambda c: c.text.words[2] if c.text else 0.0)


@dataclass(frozen=True, slots=True)
class TextMeasures:
    """What was measured of every text of one column, by row number; an absent text has 0 words.

    Attributes:
        words: Words, int32 of shape (rows,).
        grade: Flesch-Kincaid grade, float32 of shape (rows,); NaN where there is none.
        style: Style attributes of each row, see `syngen.text.words.style`.
    """

    words: npt.NDArray[np.int32]
    grade: npt.NDArray[np.float32]
    style: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """The real table and what was learnt of it. Row numbers count from 0 in `frame`.

    Attributes:
        source: Where it came from, for people: a path or "data frame".
        frame: The table. Text columns hold strings, absent texts are null.
        digest: SHA-256 of its content (column names and cells), independent of the file format.
        profile: What was learnt.
        measures: By written column, what was measured of its texts.
        train: Row numbers that may be shown and planned from.
        held_out: Row numbers that nothing but measuring may see; disjoint from `train` also in content.
        notes: What had to be done to read it, one sentence each.
        derived: Results that `per_reference` keeps.
    """

    source: str
    frame: pl.DataFrame
    digest: str
    profile: Profile
    measures: Mapping[str, TextMeasures]
    train: npt.NDArray[np.int64]
    held_out: npt.NDArray[np.int64]
    notes: tuple[str, ...] = ()
    derived: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False)


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
