"""The codec of a column: parse, validate and sample its values.

A codec is made once from a `ColumnProfile`, with the learnt format inside, and serves the reader of
replies, the validator, the plan, the evaluation and the prompts. `Codec` itself is the codec of free
text, where any string is a value; each role with a form of its own overrides what differs.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from syngen.columns.grid import decimals_of_floats
from syngen.columns.markers import shared_words
from syngen.columns.numberformats import decimals_of, read_numbers, write_numbers
from syngen.columns.taken import NONE
from syngen.types import ColumnProfile, Role, Value

NULL_WORDS = frozenset({"null", "none", "nan", "n/a", "na", "nil"})
SPACES = "format.spaces"

_NO_CELLS = pl.Series([], dtype=pl.String)


class Fault(NamedTuple):
    """Why a value or a row is rejected: a code such as `too_long`, and one sentence."""

    reason: str
    detail: str


class CellReading(NamedTuple):
    """A parsed cell."""

    value: Value  # typed; the string itself where it is no value of the type
    fits: bool | None = None  # True: looks like this column; False: can't be of it; None: can't say
    note: str = ""  # what was tolerated, as a code


@dataclass(frozen=True, slots=True)
class Draw:
    """Input of a plan's columns."""

    codecs: Mapping[str, Codec]  # all columns of the reference; date-times move together
    train: npt.NDArray[np.int64]  # row numbers that may be planned from
    donors: npt.NDArray[np.int64]  # row numbers in the reference, shape (n,)
    turns: npt.NDArray[np.int64]  # how often the donor was drawn before in this plan, shape (n,)
    rng: np.random.Generator  # all date-time columns get generators of one seed


class Codec:
    """Parse, validate and sample the values of one column.

    Args:
        column: The profile; of a derived column with the role and format of what it contains.
        real: The real cells, from which ranges and used keys are learnt. Without them only the form of
            a value is validated.
        main: Whether the column carries the text.
    """

    def __init__(self, column: ColumnProfile, real: pl.Series | None = None, *, main: bool = False) -> None:
        self.column = column
        self.name = column.name
        self.real = _NO_CELLS if real is None else real
        self.dtype = self.real.dtype
        self.main = main
        self.unread = NONE
        """Hashes of the cells of rows that are not among the real ones, of a column that may hold keys."""
        derived = column.derived is not None
        self.written = column.role.written and not derived
        """Whether a model writes the column: such a cell may contain anything, also delimiters."""
        self.typed = derived or column.role not in (Role.TEXT, Role.TITLE, Role.EMPTY)
        """Whether cells of the column can be distinguished from prose."""

    # ------------------------------------------------------------------ what a role overrides
    def parse_text(self, text: str) -> CellReading:
        """Parse a cell that is not blank and has no spaces around it."""
        return CellReading(text)

    def check(self, _value: Value) -> Fault | None:
        """Validate a value that is present."""
        return None

    def sample(self, draw: Draw) -> pl.Series:
        """Make the new values of the column, in its type; missing where the donor's value is missing.

        Discrete values are taken from the donor, which keeps every joint distribution.
        """
        return self.real.gather(self.lenders(draw))

    def write(self, numbers: npt.NDArray[np.float64], donors: npt.NDArray[np.int64]) -> pl.Series:
        """Write numbers (or points in time) in the type of the column, each in the form of its donor's cell.

        Args:
            numbers: Rounded already, shape (n,); NaN becomes null.
            donors: Row numbers of the reference, shape (n,).
        """
        form = self.column.number
        if form is None:
            return pl.Series(self.name, numbers).fill_nan(None).cast(self.dtype)
        like = self.real.gather(donors)
        decimals = np.maximum(decimals_of_floats(numbers), decimals_of(like, form))
        return pl.Series(self.name, write_numbers(numbers, decimals, like, form), dtype=pl.String)

    def odd(self, train: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Which real cells are in none of the forms of the column and nobody else's, shape (rows,).

        Args:
            train: Row numbers that may be planned from.
        """
        if self.column.number is None:
            return np.zeros(len(self.real), np.bool_)
        return self.unread_once(self.real_numbers, train)

    def copied(self, _value: Value) -> Fault | None:
        """Reject a value that is private to a real row."""
        return None

    def absurd(self, _value: Value) -> bool:
        """Whether a value lies so far outside the real range that more real rows would not reach it."""
        return False

    def numbers(self, cells: pl.Series) -> npt.NDArray[np.float64]:
        """Cells as numbers, NaN where there is none, shape (rows,); times in seconds since 1970 UTC."""
        if self.column.number is not None and cells.dtype == pl.String:
            cells = read_numbers(cells, self.column.number)
        return cells.cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy().copy()

    # ------------------------------------------------------------------ the same for all roles
    @cached_property
    def real_numbers(self) -> npt.NDArray[np.float64]:
        """The real cells as numbers, shape (rows,)."""
        return self.numbers(self.real)

    @cached_property
    def span(self) -> tuple[float, float] | None:
        """The smallest and the largest real number, or point in time; None without any."""
        if self.real.null_count() == len(self.real) or np.isnan(self.real_numbers).all():
            return None
        return float(np.nanmin(self.real_numbers)), float(np.nanmax(self.real_numbers))

    def lenders(self, draw: Draw) -> npt.NDArray[np.int64]:
        """The donors of this column, shape (n,): where the cell of a slot's donor is odd, another row.

        One odd cell among hundreds is no form to learn from, and may be somebody's.
        """
        every = self.odd(draw.train)
        odd = every[draw.donors]
        others = draw.train[~every[draw.train] & self.real.gather(draw.train).is_not_null().to_numpy()]
        if not odd.any() or not len(others):
            return draw.donors
        lenders = draw.donors.copy()
        lenders[odd] = draw.rng.choice(others, int(odd.sum()))
        return lenders

    def with_words(self, sampled: pl.Series, donors: npt.NDArray[np.int64]) -> pl.Series:
        """The cells where the donor has a word that several rows have, such as "unknown", as that word."""
        if not self.words:
            return sampled
        donated = self.real.gather(donors)
        words = sampled.is_null() & donated.is_in(list(self.words)).fill_null(value=False)
        return sampled.zip_with(~words, donated)

    def unread_once(
        self, numbers: npt.NDArray[np.float64], train: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.bool_]:
        """Which cells are no numbers, but not a word that several rows have either, shape (rows,)."""
        unread = self.real.is_not_null() & pl.Series(np.isnan(numbers))
        if self.dtype == pl.String and unread.any():
            words = shared_words(self.real.gather(train), ~unread.gather(train))
            unread &= ~self.real.is_in(words.implode()).fill_null(value=False)
        return unread.to_numpy()

    @cached_property
    def words(self) -> frozenset[str]:
        """The words among the real numbers, or points in time, that several rows have."""
        if self.dtype != pl.String:
            return frozenset()
        return frozenset(shared_words(self.real, pl.Series(~np.isnan(self.real_numbers))))

    def parse(self, cell: str) -> CellReading:
        """Parse a cell. Blank cells and words such as `null` are missing, unless the word is a real label."""
        text = cell.strip()
        if not text:
            return CellReading(None, None if self.column.missing or self.written else False)
        reading = self.parse_text(text)
        if reading.fits is not True and not self.written and text.casefold() in NULL_WORDS:
            return CellReading(None, None, "format.null_word")
        return reading

    def convert(self, cell: Value) -> CellReading:
        """Turn any cell into a value of the column where that loses nothing; a real string stays as it is."""
        value = self.coerce(cell)
        if not isinstance(value, str):
            return CellReading(value)
        if not value.strip():
            return CellReading(None)
        if self.written or value in self._real_strings:
            return CellReading(value)
        reading = self.parse(value)
        spaces = isinstance(reading.value, str) and value != value.strip() and not self._spaced
        return reading._replace(note=reading.note or (SPACES if spaces else ""))

    def coerce(self, cell: Value) -> Value:
        """Convert a typed cell to the column's type where that loses nothing, else to text or not at all."""
        kind = str(self.dtype.base_type())
        if isinstance(cell, datetime) and kind == "Date" and cell.time() == time():
            return cell.date()
        if isinstance(cell, date) and not isinstance(cell, datetime) and kind == "Datetime":
            return datetime.combine(cell, time())
        if isinstance(cell, date) and kind not in ("Date", "Datetime"):
            return cell.isoformat()
        if isinstance(cell, float) and kind in ("String", "Int64") and cell.is_integer():
            cell = int(cell)
        if isinstance(cell, bool) and kind in ("Int64", "Float64"):
            return int(cell)
        if kind == "Boolean" and not isinstance(cell, str) and cell in (0, 1):
            return bool(cell)
        return str(cell) if kind == "String" and cell is not None else cell

    def validate(self, value: Value) -> Fault | None:
        """Why the column can't contain a value, or None.

        Values are validated as they are: letter case and units were tolerated, and noted, when parsed.
        Reasons: `missing_value`, `wrong_type`, `out_of_range`, `unknown_value`, `bad_pattern`.
        """
        if value is not None:
            return self.check(value)
        if self.column.missing or self.column.role is Role.EMPTY:
            return None
        return Fault("missing_value", f"{self.name!r} has no value; in the real rows it always has.")

    def validate_all(self, values: Sequence[Value]) -> list[Fault | None]:
        """Validate many values, equal ones once; missing ones are not at fault here."""
        distinct = dict.fromkeys((type(value), value) for value in values)
        known = {key: None if key[1] is None else self.check(key[1]) for key in distinct}
        return [known[type(value), value] for value in values]

    def wrong_type(self, value: Value, expected: str) -> Fault:
        """The fault of a value of another type."""
        return Fault("wrong_type", f"{self.name!r} is {value!r}, not {expected}.")

    @cached_property
    def _real_strings(self) -> frozenset[str]:
        return frozenset(self.real.drop_nulls().unique()) if self.dtype == pl.String else frozenset()

    @cached_property
    def _spaced(self) -> bool:
        return any(text != text.strip() for text in self._real_strings)


class EmptyCodec(Codec):
    """A column without values."""

    def parse_text(self, text: str) -> CellReading:
        return CellReading(text, fits=False)

    def check(self, value: Value) -> Fault | None:
        return Fault("unknown_value", f"{self.name!r} is {value!r}; in the real rows it is empty.")

    def sample(self, draw: Draw) -> pl.Series:
        """No value, even where the real column has some: a role set by the user leaves it out."""
        return self.real.clear(len(draw.donors))


def holds(dtype: pl.DataType, value: Value) -> bool:
    """Whether a column of this type can hold a value; every column can hold None.

    However a row was made, nothing that fails here may be kept: the table could not be built from it again.
    Dates may be written in ISO 8601, with a time zone exactly where the column has one.
    """
    if value is None:
        return True
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match str(dtype.base_type()):
        case "Boolean":
            return isinstance(value, bool)
        case "Int64":
            return number and isinstance(value, int) and -(2**63) <= value < 2**63
        case "Float64":
            return number and abs(value) <= sys.float_info.max  # NaN compares as false
        case "String":
            return isinstance(value, str)
        case "Date":
            if isinstance(value, str):
                return _from_iso(date, value) is not None
            return isinstance(value, date) and not isinstance(value, datetime)
        case "Datetime":
            moment = _from_iso(datetime, value) if isinstance(value, str) else value
            zone = getattr(dtype, "time_zone", None)
            return isinstance(moment, datetime) and (moment.tzinfo is None) == (zone is None)
        case _:
            return True


def _from_iso(kind: type[date], text: str) -> date | None:
    try:
        return kind.fromisoformat(text)
    except ValueError:
        return None
